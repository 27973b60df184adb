/* SPDX-License-Identifier: Apache-2.0 */
/* "NAME/ADDRESS!ADVERTISED" of the configuration. */
#include "media/path/port.h"

#include <string.h>

static bool parse_name(const char *text, size_t len, struct interface *interface)
{
	if (len == 0 || len >= sizeof(interface->name))
		return false;
	memcpy(interface->name, text, len);
	interface->name[len] = '\0';
	return true;
}

/* "ADDRESS" or "ADDRESS!ADVERTISED". NULL, or what is wrong with it. */
static const char *parse_addresses(const char *text, struct interface *interface)
{
	const char *bang = strchr(text, '!');
	size_t len = bang ? (size_t)(bang - text) : strlen(text);

	if (!address_parse(text, len, 0, &interface->address))
		return "it names no IPv4 or IPv6 address: write NAME/ADDRESS";
	interface->advertised = interface->address;
	if (bang && !address_parse(bang + 1, strlen(bang + 1), 0, &interface->advertised))
		return "what stands behind '!' is no IPv4 or IPv6 address";
	if (interface->advertised.family != interface->address.family)
		return "both addresses have to be of one family";
	if (address_is_unspecified(&interface->advertised))
		return "an SDP cannot name the address of every interface: write "
		       "ADDRESS!ADVERTISED";
	return NULL;
}

bool interface_parse(const char *text, struct interface *out, const char **why_out)
{
	struct interface interface = {.name = "default"};
	const char *slash = strchr(text, '/');

	if (slash && !parse_name(text, (size_t)(slash - text), &interface)) {
		*why_out = "the name before '/' has to be 1 to 31 bytes long";
		return false;
	}
	*why_out = parse_addresses(slash ? slash + 1 : text, &interface);
	if (*why_out)
		return false;
	*out = interface;
	return true;
}
