/* SPDX-License-Identifier: Apache-2.0 */
/* One call as JSON, and out of it again. In its worker's thread. */
#ifndef MEDIA_STATE_CALL_STATE_H
#define MEDIA_STATE_CALL_STATE_H

#include <jansson.h>

#include "media/session/call.h"

/* Our certificates, which several calls have; found by what SDP says of them. */
struct call_certificates {
	struct dtls_certificate **items;
	size_t n;
};

/* NULL: no memory. Nothing may be sent for the call afterwards, if the file is kept. */
json_t *call_save(const struct call *call);
/* Onto the same ports, with the same keys and counters. NULL: it stands. Otherwise why not, and
 * nothing is left of it. */
const char *call_restore(struct desk *desk, const json_t *json,
			 const struct call_certificates *certificates);

/* The call-id, for who has to say which call it was; NULL: it has none. To be freed. */
char *call_saved_id(const json_t *json, size_t *n_out);

#endif
