/* SPDX-License-Identifier: Apache-2.0 */
/* One fetch in the helper process: a curl transfer that can only do what is allowed. */
#ifndef CERTS_FETCH_H
#define CERTS_FETCH_H

#include "svc/certs/message.h"

#include <curl/curl.h>

/* What all fetches share; it outlives them. */
struct certs_fetcher {
	struct certs_message_setup setup;
	char *ca; /* setup.ca_len bytes of PEM; NULL: the system's anchors */
};

struct certs_transfer;

/* Starts it in multi. NULL: answer is filled with why not. */
struct certs_transfer *certs_transfer_start(const struct certs_fetcher *fetcher, CURLM *multi,
					    const struct certs_message_fetch *wanted,
					    struct certs_message_result *answer);

/* Fills answer from a finished transfer and frees it. */
void certs_transfer_finish(struct certs_transfer *transfer, CURLM *multi, CURLcode code,
			   struct certs_message_result *answer);

#endif
