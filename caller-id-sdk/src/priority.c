/* SPDX-License-Identifier: Apache-2.0 */
/* Values of Resource-Priority (RFC 4412 §3.1): namespace "." priority. */
#include "priority.h"

#include <callerid/passport.h>

#include <string.h>
#include <strings.h>

#include "sipparam.h"

bool cid_priority_is_value(struct callerid_span text)
{
	struct callerid_span rest = text, token;
	const char *dot;

	if (text.n > CALLERID_RPH_LEN || !cid_sip_token(&rest, &token) || rest.n != 0)
		return false;
	dot = memchr(text.p, '.', text.n);
	return dot != NULL && dot != text.p && dot != text.p + text.n - 1 &&
	       memchr(dot + 1, '.', text.n - (size_t)(dot + 1 - text.p)) == NULL;
}

bool cid_priority_is_of(const char *value, const char *namespace)
{
	size_t n = strlen(namespace);

	return strncasecmp(value, namespace, n) == 0 && value[n] == '.';
}

bool cid_priority_lists(struct callerid_span field, const char *value)
{
	struct callerid_span one;

	while (cid_sip_next(&field, &one)) {
		if (cid_span_is(one, value))
			return true;
	}
	return false;
}
