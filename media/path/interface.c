/* SPDX-License-Identifier: Apache-2.0 */
/* "NAME/ADDRESS!ADVERTISED" of the configuration. */
#include "media/path/port.h"

#include <string.h>

bool interface_parse(const char *text, struct interface *out, const char **why_out)
{
	struct interface interface = {.name = "default"};
	const char *slash = strchr(text, '/'), *bang, *start = slash ? slash + 1 : text;
	size_t name_len = slash ? (size_t)(slash - text) : 0;

	*why_out = NULL;
	if (slash && (name_len == 0 || name_len >= sizeof(interface.name))) {
		*why_out = "the name before '/' has to be 1 to 31 bytes long";
		return false;
	}
	if (slash)
		memcpy(interface.name, text, name_len);
	if (slash)
		interface.name[name_len] = '\0';
	bang = strchr(start, '!');
	if (!address_parse(start, bang ? (size_t)(bang - start) : strlen(start), 0,
			   &interface.address))
		*why_out = "it names no IPv4 or IPv6 address: write NAME/ADDRESS";
	else if (address_is_unspecified(&interface.address) && !bang)
		*why_out = "an SDP cannot name the address of every interface: write "
			   "ADDRESS!ADVERTISED";
	else if (bang && !address_parse(bang + 1, strlen(bang + 1), 0, &interface.advertised))
		*why_out = "what stands behind '!' is no IPv4 or IPv6 address";
	else if (bang && address_is_unspecified(&interface.advertised))
		*why_out = "what stands behind '!' is what SDP names: it cannot be unspecified";
	else if (bang && interface.advertised.family != interface.address.family)
		*why_out = "both addresses have to be of one family";
	if (*why_out)
		return false;
	if (!bang)
		interface.advertised = interface.address;
	*out = interface;
	return true;
}
