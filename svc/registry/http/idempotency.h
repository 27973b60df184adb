/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key: a POST that is sent again gives the first answer again. The answer of one that
 * changes something is kept in its transaction, so whatever crashes, it is there exactly when the
 * change is. That of one that changes nothing is kept in memory (replay.h): there a second run
 * would do no harm, and a row would cost more than the answer.
 */
#ifndef REGISTRY_IDEMPOTENCY_H
#define REGISTRY_IDEMPOTENCY_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/idempotency.h"

/* The keys that this process is at work on, and the answers that it keeps in memory. */
struct idempotency;

struct idempotency *idempotency_new(void); /* NULL: no memory */
void idempotency_free(struct idempotency *idempotency);

/* Of one request. */
struct idempotent {
	bool active; /* the request has a key, and is under way */
	/* SHA-256 over the API key's identifier, what the caller may do, and the header: a token
	 * that may less is another caller. And over method, path, customer (of signing) and body.
	 */
	uint8_t key[IDEMPOTENCY_HASH], request[IDEMPOTENCY_HASH];
};

/* Reads the header (NULL: none). PROBLEM_IN_PROGRESS: another request with it is at work here. When
 * state_out->active, idempotency_end() must follow. */
enum problem idempotency_begin(struct idempotency *idempotency, const struct http_call *call,
			       const char *header, const char *method, const char *path,
			       struct idempotent *state_out);
void idempotency_end(struct idempotency *idempotency, const struct idempotent *state);

/* Of a POST that changes nothing, before the handler. true: the call is answered, by the first
 * answer, by PROBLEM_IDEMPOTENCY_MISMATCH, or, without memory, by PROBLEM_INTERNAL. */
bool idempotency_recall(struct idempotency *idempotency, struct http_call *call,
			const struct idempotent *state);
/* After its handler, if that answered 2xx. An answer that goes on is kept when it has ended, or as
 * soon as nobody reads it any more if it is whole by then; *state is taken over in that case, and
 * idempotency_end() is not the caller's any more. */
void idempotency_remember(struct idempotency *idempotency, struct http_call *call,
			  struct idempotent *state);

/* Inside the transaction, before the handler. STORE_OK: the call is answered, by the first answer
 * or by PROBLEM_IDEMPOTENCY_MISMATCH; STORE_NONE: the key is new. */
enum store_status idempotency_replay(struct http_call *call, const struct idempotent *state);
/* Inside the transaction, after the handler's 2xx. */
enum store_status idempotency_keep(struct http_call *call, const struct idempotent *state);

#endif
