/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key: a POST that is sent again gives the first answer again. The answer is kept in
 * the transaction of the request, so whatever crashes, it is there exactly when the change is.
 */
#ifndef REGISTRY_IDEMPOTENCY_H
#define REGISTRY_IDEMPOTENCY_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/idempotency.h"

/* The keys that this process is at work on. */
struct idempotency;

struct idempotency *idempotency_new(void); /* NULL: no memory */
void idempotency_free(struct idempotency *idempotency);

/* Of one request. */
struct idempotent {
	bool active; /* the request has a key */
	uint8_t key[IDEMPOTENCY_HASH], request[IDEMPOTENCY_HASH];
};

/* Reads the header (NULL: none). PROBLEM_IN_PROGRESS: another request with it is at work here. When
 * state_out->active, idempotency_end() must follow. */
enum problem idempotency_begin(struct idempotency *idempotency, const struct http_call *call,
			       const char *header, const char *method, const char *path,
			       struct idempotent *state_out);
void idempotency_end(struct idempotency *idempotency, const struct idempotent *state);

/* Inside the transaction, before the handler. STORE_OK: the call is answered, by the first answer
 * or by PROBLEM_IDEMPOTENCY_MISMATCH; STORE_NONE: the key is new. */
enum store_status idempotency_replay(struct http_call *call, const struct idempotent *state);
/* Inside the transaction, after the handler's 2xx. */
enum store_status idempotency_keep(struct http_call *call, const struct idempotent *state);

#endif
