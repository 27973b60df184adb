/* SPDX-License-Identifier: Apache-2.0 */
/* What media.c and media_answer.c share. */
#ifndef PROXY_MEDIA_PRIVATE_H
#define PROXY_MEDIA_PRIVATE_H

#include "sip-proxy/media.h"
#include "sip-proxy/relay.h"

/* NULL is a text that is not said. */
struct callerid_span media_span(const char *text);

/* The message's dialog: RFC 3261 §12, the tag of who sent the request is that of From. */
void media_name_dialog(const sip_t *sip, struct ng_command *command);

/* What waits and what is remembered of responses goes. */
void media_drop_responses(struct call_media *media);

#endif
