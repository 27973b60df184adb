/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's end of the helper: starts it, tells it the rules, sends URLs, notices its death. */
#ifndef CERTS_LINK_H
#define CERTS_LINK_H

#include "svc/certs/message.h"

#include <stdbool.h>

struct certs_link;

/* Reads the TLS anchors and starts the helper. NULL: logged. setup.ca_len is filled here. */
struct certs_link *certs_link_new(const struct certs_message_setup *setup, const char *ca_file,
				  struct log *log);
void certs_link_free(struct certs_link *link); /* NULL is fine */

/* Readable when there is something to receive; the same for the link's whole life. */
int certs_link_fd(const struct certs_link *link);

/* Starts a dead helper anew when it is time. false: there is none for now. */
bool certs_link_revive(struct certs_link *link);

/* false: not now (the socket is full, or the helper is dead). */
bool certs_link_send(struct certs_link *link, uint64_t id, const char *url);

enum certs_link_event { CERTS_LINK_NOTHING, CERTS_LINK_RESULT, CERTS_LINK_DEAD };

/* CERTS_LINK_DEAD is told once for each death. A result's status, text and length are sane. */
enum certs_link_event certs_link_receive(struct certs_link *link,
					 struct certs_message_result *result_out);

#endif
