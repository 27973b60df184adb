/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and changing a SIP message by its received bytes. */
#include "sip-proxy/message.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct callerid_span trim(const char *p, size_t n)
{
	while (n > 0 && is_space(p[0]))
		p++, n--;
	while (n > 0 && is_space(p[n - 1]))
		n--;
	return (struct callerid_span){p, n};
}

/* Every received header keeps its bytes because the agent parses with MSG_DO_EXTRACT_COPY; the
 * second and later members of a comma-joined field have none of their own. */
static bool split(msg_header_t *h, struct message_header *header_out)
{
	const char *p = h->sh_data;
	size_t n = h->sh_len;
	const char *colon = p != NULL && n > 0 ? memchr(p, ':', n) : NULL;

	if (colon == NULL)
		return false;
	header_out->h = h;
	header_out->name = trim(p, (size_t)(colon - p));
	header_out->value = trim(colon + 1, n - (size_t)(colon + 1 - p));
	return true;
}

bool message_next(msg_t *msg, msg_header_t **at, struct message_header *header_out)
{
	msg_header_t *h = *at != NULL ? (*at)->sh_succ : *msg_chain_head(msg);

	for (; h != NULL; h = h->sh_succ) {
		if (h->sh_class == (msg_hclass_t *)sip_separator_class ||
		    h->sh_class == (msg_hclass_t *)sip_payload_class)
			return false;
		if (h->sh_class == (msg_hclass_t *)sip_request_class ||
		    h->sh_class == (msg_hclass_t *)sip_status_class)
			continue;
		if (split(h, header_out)) {
			*at = h;
			return true;
		}
	}
	return false;
}

bool message_is(const struct message_header *header, const char *name, char compact)
{
	size_t n = header->name.n;

	if (n == 1 && compact != 0)
		return strncasecmp(header->name.p, &compact, 1) == 0;
	return n == strlen(name) && strncasecmp(header->name.p, name, n) == 0;
}

size_t message_count_headers(msg_t *msg)
{
	struct message_header header;
	msg_header_t *at = NULL;
	size_t n = 0;

	while (n < MESSAGE_HEADERS_MAX && message_next(msg, &at, &header))
		n++;
	return n;
}

size_t message_size(msg_t *msg)
{
	size_t size = 0;

	for (msg_header_t *h = *msg_chain_head(msg); h != NULL; h = h->sh_succ)
		size += h->sh_len;
	return size;
}

/* A header of ours gets bytes as a received one has them: it is found and sent by them. */
static bool set_bytes(msg_t *msg, msg_header_t *h, struct callerid_span name, const char *value)
{
	char *line = su_sprintf(msg_home(msg), "%.*s: %s\r\n", (int)name.n, name.p, value);
	size_t n = line != NULL ? strlen(line) : 0;

	if (line == NULL)
		return false;
	for (; h != NULL; h = h->sh_next, line += n, n = 0) {
		h->sh_data = line;
		h->sh_len = (uint32_t)n;
	}
	return true;
}

bool message_add(msg_t *msg, const char *name, const char *value)
{
	struct callerid_span span = {name, strlen(name)};
	msg_header_t *h;

	if (strpbrk(value, "\r\n") != NULL)
		return false;
	h = msg_header_format(msg_home(msg), (msg_hclass_t *)sip_unknown_class, "%s: %s", name,
			      value);
	return h != NULL && set_bytes(msg, h, span, value) &&
	       msg_header_insert(msg, (msg_pub_t *)sip_object(msg), h) >= 0;
}

/* A field that lists values was parsed into a header for each; the first holds all the bytes.
 * Whoever changes it changes them all. */
static void remove_followers(msg_t *msg, msg_header_t *h)
{
	const char *end = (const char *)h->sh_data + h->sh_len;
	msg_header_t *next = h->sh_next;
	size_t n = 0;

	for (; next != NULL && next->sh_data == end && next->sh_len == 0; next = next->sh_next)
		n++;
	for (; n > 0; n--)
		msg_header_remove(msg, (msg_pub_t *)sip_object(msg), h->sh_next);
}

bool message_replace(msg_t *msg, const struct message_header *header, const char *value)
{
	msg_hclass_t *class = header->h->sh_class;
	msg_header_t *h;

	if (class == (msg_hclass_t *)sip_unknown_class)
		h = msg_header_format(msg_home(msg), class, "%.*s: %s", (int)header->name.n,
				      header->name.p, value);
	else
		h = msg_header_make(msg_home(msg), class, value);
	if (h == NULL || !set_bytes(msg, h, header->name, value))
		return false;
	remove_followers(msg, header->h);
	return msg_header_replace(msg, (msg_pub_t *)sip_object(msg), header->h, h) == 0;
}

void message_remove(msg_t *msg, const struct message_header *header)
{
	remove_followers(msg, header->h);
	msg_header_remove(msg, (msg_pub_t *)sip_object(msg), header->h);
}

static bool set_length(msg_t *msg, size_t n)
{
	struct message_header header;
	msg_header_t *at = NULL;
	char length[24];

	snprintf(length, sizeof(length), "%zu", n);
	for (size_t i = 0; i < MESSAGE_HEADERS_MAX && message_next(msg, &at, &header); i++)
		if (message_is(&header, "Content-Length", 'l'))
			return message_replace(msg, &header, length);
	return true; /* the stack adds it */
}

bool message_set_body(msg_t *msg, const char *text, size_t n)
{
	sip_t *sip = sip_object(msg);
	sip_payload_t *old = sip->sip_payload;
	sip_payload_t *body =
		old != NULL ? sip_payload_create(msg_home(msg), text, (isize_t)n) : NULL;

	if (body == NULL)
		return false;
	body->pl_common->h_data = body->pl_data;
	body->pl_common->h_len = (uint32_t)n;
	return msg_header_replace(msg, (msg_pub_t *)sip, (msg_header_t *)old,
				  (msg_header_t *)body) >= 0 &&
	       set_length(msg, n);
}

size_t message_url_text(const url_t *url, char *text_out, size_t size)
{
	issize_t n = url_e(text_out, (isize_t)size, url);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}
