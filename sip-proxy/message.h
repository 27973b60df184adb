/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and changing a SIP message by its received bytes, whatever sofia-sip knows of a header.
 */
#ifndef PROXY_MESSAGE_H
#define PROXY_MESSAGE_H

#include "sip-proxy/sip.h"

#include <callerid/identity.h>

#include <stdbool.h>

#define MESSAGE_HEADERS_MAX 4096 /* header fields we ever walk over */

/* One header field as it was received: name and value are parts of the message. */
struct message_header {
	msg_header_t *h;
	struct callerid_span name;
	struct callerid_span value;
};

/* Walks over the header fields in order. *at is NULL at the start; false at the end. */
bool message_next(msg_t *msg, msg_header_t **at, struct message_header *header_out);

/* The header's name is name, or its one-letter form compact (0: none), in any case. */
bool message_is(const struct message_header *header, const char *name, char compact);

size_t message_count_headers(msg_t *msg);

/* Bytes of all that has not been changed: nearly the size on the wire. */
size_t message_size(msg_t *msg);

/* Adds a header after the others. false: no memory, or a line end in value. */
bool message_add(msg_t *msg, const char *name, const char *value);

/* Puts new text in the place of a header, keeping its class and its position. */
bool message_replace(msg_t *msg, const struct message_header *header, const char *value);

void message_remove(msg_t *msg, const struct message_header *header);

/* Puts a copy of text in the body's place, and its length into Content-Length. false: no memory, or
 * there is no body. */
bool message_set_body(msg_t *msg, const char *text, size_t n);

/* The URI of a parsed header as text; 0 when it does not fit. */
size_t message_url_text(const url_t *url, char *text_out, size_t size);

#endif
