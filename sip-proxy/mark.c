/* SPDX-License-Identifier: Apache-2.0 */
/* The mark of a relayed dialog in our Record-Route. */
#include "sip-proxy/mark.h"

#include "sip-proxy/hop.h"
#include "sip-proxy/relay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "orsw"; /* by enum trunk_media */

/* FNV-1a, no key of a table: after a restart it must be what stands in the Record-Route. */
uint32_t mark_hash(const char *tag)
{
	uint32_t hash = 2166136261u;

	for (const char *p = tag != NULL ? tag : ""; *p != 0; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return hash;
}

void mark_write(const struct mark *mark, char text_out[MARK_TEXT_MAX])
{
	snprintf(text_out, MARK_TEXT_MAX, "%u%c%c%08" PRIx32, mark->relay % 10,
		 letters[mark->caller], letters[mark->callee], mark->tag);
}

static bool read_media(char letter, enum trunk_media *media_out)
{
	const char *at = letter != 0 ? strchr(letters, letter) : NULL;

	if (at == NULL)
		return false;
	*media_out = (enum trunk_media)(at - letters);
	return true;
}

struct mark mark_parse(const char *text, size_t n_relays)
{
	struct mark mark = {.set = false};
	unsigned long tag;
	char *end;

	if (strlen(text) != 11 || text[0] < '0' || (size_t)(text[0] - '0') >= n_relays ||
	    !read_media(text[1], &mark.caller) || !read_media(text[2], &mark.callee) ||
	    strspn(text + 3, "0123456789abcdef") != 8)
		return mark;
	tag = strtoul(text + 3, &end, 16);
	mark.relay = (unsigned)(text[0] - '0');
	mark.tag = (uint32_t)tag;
	mark.set = true;
	return mark;
}

struct mark mark_read(const struct proxy *proxy, const sip_t *sip)
{
	const url_t *url = sip->sip_request->rq_url;
	char text[MARK_TEXT_MAX] = "";

	if (!hop_is_ours(proxy, url) && sip->sip_route != NULL)
		url = sip->sip_route->r_url;
	if (relay_count(proxy) > 0 && hop_is_ours(proxy, url) && url->url_params != NULL)
		url_param(url->url_params, "media", text, sizeof(text));
	return mark_parse(text, relay_count(proxy));
}
