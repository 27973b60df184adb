/* SPDX-License-Identifier: Apache-2.0 */
/* A table of answers in the order in which they were kept. */
#include "svc/registry/http/replay.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* a key is SHA-256: four bytes of it are as good a hash as any; uthash's own function is not clean
 * under clang */
#define HASH_FUNCTION(keyptr, keylen, hashv) memcpy(&(hashv), (keyptr), sizeof(hashv))
/* Without memory an answer is not kept (uthash would exit() otherwise). */
#define HASH_NONFATAL_OOM 1

#include <openssl/crypto.h>
#include <uthash.h>

struct entry {
	uint8_t key[IDEMPOTENCY_HASH], request[IDEMPOTENCY_HASH];
	int64_t kept_ms;
	unsigned status;
	size_t len;
	UT_hash_handle hh; /* uthash keeps the order: the oldest is the first */
	char body[];
};

struct replays {
	pthread_mutex_t mutex;
	struct entry *entries;
	size_t bytes;
};

struct replays *replays_new(void)
{
	struct replays *replays = calloc(1, sizeof *replays);

	if (replays != NULL)
		pthread_mutex_init(&replays->mutex, NULL);
	return replays;
}

static void wipe(struct entry *entry)
{
	OPENSSL_cleanse(entry, sizeof *entry + entry->len);
	free(entry);
}

static void forget(struct replays *replays, struct entry *entry)
{
	HASH_DEL(replays->entries, entry);
	replays->bytes -= entry->len;
	wipe(entry);
}

void replays_free(struct replays *replays)
{
	if (replays == NULL)
		return;
	while (replays->entries != NULL)
		forget(replays, replays->entries);
	pthread_mutex_destroy(&replays->mutex);
	free(replays);
}

/* A clock that was set back makes no answer live longer. */
static bool is_over(const struct entry *entry, int64_t now_ms)
{
	return entry->kept_ms > now_ms || entry->kept_ms <= now_ms - REPLAY_KEEP_MS;
}

static void forget_old(struct replays *replays, int64_t now_ms)
{
	while (replays->entries != NULL && is_over(replays->entries, now_ms))
		forget(replays, replays->entries);
}

static enum replay_found give(const struct entry *entry, struct replay *replay)
{
	if (CRYPTO_memcmp(entry->request, replay->request, IDEMPOTENCY_HASH) != 0)
		return REPLAY_OTHER;
	char *body = malloc(entry->len + 1);
	if (body == NULL)
		return REPLAY_NO_MEMORY;
	memcpy(body, entry->body, entry->len);
	body[entry->len] = 0;
	replay->status = entry->status;
	replay->body = body;
	replay->len = entry->len;
	return REPLAY_SAME;
}

enum replay_found replays_find(struct replays *replays, int64_t now_ms, struct replay *replay)
{
	struct entry *entry;

	pthread_mutex_lock(&replays->mutex);
	forget_old(replays, now_ms);
	HASH_FIND(hh, replays->entries, replay->key, IDEMPOTENCY_HASH, entry);
	enum replay_found found = entry != NULL ? give(entry, replay) : REPLAY_NEW;
	pthread_mutex_unlock(&replays->mutex);
	return found;
}

static void add(struct replays *replays, struct entry *entry)
{
	struct entry *old;

	forget_old(replays, entry->kept_ms);
	HASH_FIND(hh, replays->entries, entry->key, IDEMPOTENCY_HASH, old);
	if (old != NULL)
		forget(replays, old);
	while (replays->entries != NULL && (HASH_COUNT(replays->entries) >= REPLAY_ANSWERS ||
					    replays->bytes + entry->len > REPLAY_BYTES))
		forget(replays, replays->entries);
	HASH_ADD(hh, replays->entries, key, IDEMPOTENCY_HASH, entry);
	if (entry->hh.tbl != NULL)
		replays->bytes += entry->len;
	else
		wipe(entry);
}

void replays_keep(struct replays *replays, int64_t now_ms, const struct replay *replay)
{
	if (replay->len > REPLAY_BODY_MAX)
		return;
	struct entry *entry = calloc(1, sizeof *entry + replay->len);
	if (entry == NULL)
		return;
	memcpy(entry->key, replay->key, IDEMPOTENCY_HASH);
	memcpy(entry->request, replay->request, IDEMPOTENCY_HASH);
	entry->kept_ms = now_ms;
	entry->status = replay->status;
	entry->len = replay->len;
	memcpy(entry->body, replay->body, replay->len);
	pthread_mutex_lock(&replays->mutex);
	add(replays, entry);
	pthread_mutex_unlock(&replays->mutex);
}
