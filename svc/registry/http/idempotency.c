/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising a request that was sent before. */
#include "svc/registry/http/idempotency.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define HEADER_MAX 64
#define UNDER_WAY  1024 /* as many as there are threads, and more */

struct idempotency {
	pthread_mutex_t mutex;
	size_t n;
	uint8_t keys[UNDER_WAY][IDEMPOTENCY_HASH];
};

struct idempotency *idempotency_new(void)
{
	struct idempotency *idempotency = calloc(1, sizeof *idempotency);

	if (idempotency != NULL)
		pthread_mutex_init(&idempotency->mutex, NULL);
	return idempotency;
}

void idempotency_free(struct idempotency *idempotency)
{
	if (idempotency == NULL)
		return;
	pthread_mutex_destroy(&idempotency->mutex);
	free(idempotency);
}

struct part {
	const void *bytes;
	size_t len;
};

/* Each part with its length before it. */
static bool hash_parts(const struct part *parts, size_t n, uint8_t hash_out[IDEMPOTENCY_HASH])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; done && i < n; i++)
		done = EVP_DigestUpdate(md, &parts[i].len, sizeof parts[i].len) == 1 &&
		       EVP_DigestUpdate(md, parts[i].bytes, parts[i].len) == 1;
	done = done && EVP_DigestFinal_ex(md, hash_out, NULL) == 1;
	EVP_MD_CTX_free(md);
	return done;
}

static bool is_key(const char *header)
{
	size_t len = strnlen(header, HEADER_MAX + 1);

	for (size_t i = 0; i < len; i++) {
		if (header[i] <= ' ' || header[i] > '~')
			return false;
	}
	return len > 0 && len <= HEADER_MAX;
}

/* false: it is under way already, or there are too many. */
static bool enter(struct idempotency *idempotency, const uint8_t key[IDEMPOTENCY_HASH])
{
	bool known = false;

	pthread_mutex_lock(&idempotency->mutex);
	for (size_t i = 0; i < idempotency->n && !known; i++)
		known = memcmp(idempotency->keys[i], key, IDEMPOTENCY_HASH) == 0;
	bool entered = !known && idempotency->n < UNDER_WAY;
	if (entered)
		memcpy(idempotency->keys[idempotency->n++], key, IDEMPOTENCY_HASH);
	pthread_mutex_unlock(&idempotency->mutex);
	return entered;
}

void idempotency_end(struct idempotency *idempotency, const struct idempotent *state)
{
	pthread_mutex_lock(&idempotency->mutex);
	for (size_t i = 0; i < idempotency->n; i++) {
		if (memcmp(idempotency->keys[i], state->key, IDEMPOTENCY_HASH) == 0) {
			idempotency->n--;
			memmove(idempotency->keys[i], idempotency->keys[idempotency->n],
				IDEMPOTENCY_HASH);
			break;
		}
	}
	pthread_mutex_unlock(&idempotency->mutex);
}

enum problem idempotency_begin(struct idempotency *idempotency, const struct http_call *call,
			       const char *header, const char *method, const char *path,
			       struct idempotent *state_out)
{
	state_out->active = false;
	if (header == NULL)
		return PROBLEM_NONE;
	if (!is_key(header))
		return PROBLEM_IDEMPOTENCY_KEY_INVALID;
	const struct part key[] = {{call->caller.key, strlen(call->caller.key)},
				   {header, strlen(header)}};
	const struct part request[] = {
		{method, strlen(method)},
		{path, strlen(path)},
		{call->body_len > 0 ? call->body : (const uint8_t *)"", call->body_len}};
	if (!hash_parts(key, 2, state_out->key) || !hash_parts(request, 3, state_out->request))
		return PROBLEM_INTERNAL;
	state_out->active = enter(idempotency, state_out->key);
	return state_out->active ? PROBLEM_NONE : PROBLEM_IN_PROGRESS;
}

static void answer_again(struct http_call *call, struct idempotency_row *row)
{
	char *body = (char *)row->body; /* malloc'ed by the store */

	if (row->status == 204) {
		http_reply_none(call);
		free(body);
	} else {
		http_reply_bytes(call, "application/json", NULL, body, strlen(body));
	}
	call->answer.status = (unsigned)row->status;
	call->answer.replayed = true;
	snprintf(call->answer.etag, sizeof call->answer.etag, "%s", row->etag);
}

enum store_status idempotency_replay(struct http_call *call, const struct idempotent *state)
{
	struct idempotency_row row;
	enum store_status status =
		store_idempotency_get(call->db, call->caller.tenant, state->key, &row);

	if (status != STORE_OK)
		return status;
	if (row.created_ms < http_now_ms(call) - IDEMPOTENCY_KEEP_MS) {
		free((char *)row.body);
		return STORE_NONE;
	}
	if (memcmp(row.request, state->request, IDEMPOTENCY_HASH) == 0) {
		answer_again(call, &row);
	} else {
		free((char *)row.body);
		http_reply_problem(call, PROBLEM_IDEMPOTENCY_MISMATCH, NULL);
	}
	return STORE_OK;
}

enum store_status idempotency_keep(struct http_call *call, const struct idempotent *state)
{
	const struct http_answer *answer = &call->answer;
	const char *body = answer->kept != NULL ? answer->kept : answer->body;
	struct idempotency_row row = {
		.status = answer->status,
		.body = body != NULL ? body : "",
		.created_ms = http_now_ms(call),
	};

	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	memcpy(row.key, state->key, sizeof row.key);
	memcpy(row.request, state->request, sizeof row.request);
	snprintf(row.etag, sizeof row.etag, "%s", answer->etag);
	enum store_status status = store_idempotency_add(call->db, &row);
	/* another process was faster: running again finds its answer */
	return status == STORE_CONFLICT ? STORE_BUSY : status;
}
