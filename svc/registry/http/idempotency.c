/* SPDX-License-Identifier: Apache-2.0 */
/* Recognising a request that was sent before. */
#include "svc/registry/http/idempotency.h"

#include "svc/registry/http/replay.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define HEADER_MAX 64
#define UNDER_WAY  2048 /* as many as there are threads and verifications, and more */
#define TAP_MAX	   8192 /* bytes of an answer that goes on */

struct idempotency {
	pthread_mutex_t mutex;
	size_t n;
	uint8_t keys[UNDER_WAY][IDEMPOTENCY_HASH];
	struct replays *replays;
};

struct idempotency *idempotency_new(void)
{
	struct idempotency *idempotency = calloc(1, sizeof *idempotency);

	if (idempotency == NULL)
		return NULL;
	pthread_mutex_init(&idempotency->mutex, NULL);
	idempotency->replays = replays_new();
	if (idempotency->replays != NULL)
		return idempotency;
	idempotency_free(idempotency);
	return NULL;
}

void idempotency_free(struct idempotency *idempotency)
{
	if (idempotency == NULL)
		return;
	replays_free(idempotency->replays);
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
	const uint64_t permissions = call->caller.permissions;
	const char *customer = call->header(call, "Attestel-Customer");
	customer = customer != NULL ? customer : ""; /* the one header that is part of a request */
	const struct part key[] = {{call->caller.key, strlen(call->caller.key)},
				   {&permissions, sizeof permissions},
				   {header, strlen(header)}};
	const struct part request[] = {
		{method, strlen(method)},
		{path, strlen(path)},
		{customer, strlen(customer)},
		{call->body_len > 0 ? call->body : (const uint8_t *)"", call->body_len}};
	if (!hash_parts(key, 3, state_out->key) || !hash_parts(request, 4, state_out->request))
		return PROBLEM_INTERNAL;
	state_out->active = enter(idempotency, state_out->key);
	return state_out->active ? PROBLEM_NONE : PROBLEM_IN_PROGRESS;
}

bool idempotency_recall(struct idempotency *idempotency, struct http_call *call,
			const struct idempotent *state)
{
	struct replay replay = {.status = 0};

	memcpy(replay.key, state->key, sizeof replay.key);
	memcpy(replay.request, state->request, sizeof replay.request);
	switch (replays_find(idempotency->replays, http_now_ms(call), &replay)) {
	case REPLAY_NEW:
		return false;
	case REPLAY_SAME:
		http_reply_bytes(call, "application/json", NULL, (char *)replay.body, replay.len);
		call->answer.status = replay.status;
		call->answer.replayed = true;
		return true;
	case REPLAY_OTHER:
		http_reply_problem(call, PROBLEM_IDEMPOTENCY_MISMATCH, NULL);
		return true;
	case REPLAY_NO_MEMORY:
		break;
	}
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	return true;
}

static void keep(struct idempotency *idempotency, const struct idempotent *state, int64_t now_ms,
		 const struct replay *answer)
{
	struct replay replay = *answer;

	memcpy(replay.key, state->key, sizeof replay.key);
	memcpy(replay.request, state->request, sizeof replay.request);
	replays_keep(idempotency->replays, now_ms, &replay);
}

/* An answer that goes on, with what was read of it. */
struct tap {
	struct http_source source;
	struct idempotency *idempotency;
	struct idempotent state;
	const struct http_env *env;
	bool over;  /* kept, or not to be */
	size_t len; /* more than TAP_MAX: too long to be kept */
	char text[TAP_MAX];
};

static void tap_attach(void *magic, struct stream *stream)
{
	struct tap *tap = magic;

	tap->source.attach(tap->source.magic, stream);
}

/* Before the end is sent: who has the answer may ask again at once. */
static void tap_end(struct tap *tap, bool whole)
{
	const struct replay replay = {.status = 200, .body = tap->text, .len = tap->len};

	if (tap->over)
		return;
	tap->over = true;
	if (whole && tap->len > 0 && tap->len <= sizeof tap->text)
		keep(tap->idempotency, &tap->state, tap->env->now_ms(tap->env->magic), &replay);
	idempotency_end(tap->idempotency, &tap->state);
}

static ssize_t tap_read(void *magic, char *buffer_out, size_t size)
{
	struct tap *tap = magic;
	ssize_t n = tap->source.read(tap->source.magic, buffer_out, size);

	if (n > 0 && tap->len + (size_t)n <= sizeof tap->text)
		memcpy(tap->text + tap->len, buffer_out, (size_t)n);
	if (n > 0)
		tap->len += (size_t)n;
	if (n < 0)
		tap_end(tap, true);
	return n;
}

/* Who asked may have gone while the answer was made: it is read to its end, if that is there, since
 * it is what the retry must get. */
static void tap_free(void *magic)
{
	struct tap *tap = magic;
	char rest[1024];

	while (!tap->over && tap->len <= sizeof tap->text && tap_read(tap, rest, sizeof rest) > 0)
		;
	tap_end(tap, false);
	tap->source.free(tap->source.magic);
	OPENSSL_cleanse(tap->text, sizeof tap->text);
	free(tap);
}

static void tap_source(struct idempotency *idempotency, struct http_call *call,
		       struct idempotent *state)
{
	struct tap *tap = calloc(1, sizeof *tap);

	if (tap == NULL)
		return;
	tap->source = call->answer.source;
	tap->idempotency = idempotency;
	tap->state = *state;
	tap->env = call->env;
	call->answer.source = (struct http_source){
		.attach = tap_attach, .read = tap_read, .free = tap_free, .magic = tap};
	state->active = false;
}

void idempotency_remember(struct idempotency *idempotency, struct http_call *call,
			  struct idempotent *state)
{
	const struct http_answer *answer = &call->answer;
	const struct replay replay = {
		.status = answer->status, .body = answer->body, .len = answer->len};

	if (answer->status < 200 || answer->status >= 300)
		return;
	if (answer->source.read != NULL)
		tap_source(idempotency, call, state);
	else
		keep(idempotency, state, http_now_ms(call), &replay);
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
