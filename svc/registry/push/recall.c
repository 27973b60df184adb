/* SPDX-License-Identifier: Apache-2.0 */
/* Two sets and three numbers. */
#include "svc/registry/push/recall.h"

#include "svc/registry/push/feed.h"
#include "svc/registry/push/map.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct recall {
	struct table *table;
	atomic_uint_fast64_t changes; /* of the directory, made here */
	atomic_uint_fast64_t seen;    /* as many of them are in the table */
	atomic_int_fast64_t at_ms;    /* when all of it was current; 0: never yet */
	pthread_rwlock_t lock;	      /* guards the rest */
	struct map intents;	      /* tag of the pair: when it was announced last */
	struct map scores;	      /* number: nothing */
};

struct recall *recall_new(struct table *table)
{
	struct recall *recall = calloc(1, sizeof *recall);
	struct siphash_key secret;

	if (recall == NULL || !siphash_key_make(&secret)) {
		free(recall);
		return NULL;
	}
	recall->table = table;
	pthread_rwlock_init(&recall->lock, NULL);
	map_init(&recall->intents, &secret);
	map_init(&recall->scores, &secret);
	return recall;
}

void recall_free(struct recall *recall)
{
	if (recall == NULL)
		return;
	map_clear(&recall->intents);
	map_clear(&recall->scores);
	pthread_rwlock_destroy(&recall->lock);
	free(recall);
}

/* The tag's first bytes: two pairs that share them cost a question. */
static uint64_t key_of(const uint8_t tag[PAIRTAG_SIZE])
{
	uint64_t key;

	memcpy(&key, tag, sizeof key);
	return key != 0 ? key : 1;
}

/* E.164 numbers have at most 15 digits; a leading 1 keeps "0" and "00" apart. 0: it is none. */
static uint64_t number_key(const char *number)
{
	uint64_t key = 1;
	size_t n = 0;

	for (; number[n] >= '0' && number[n] <= '9' && n < 18; n++)
		key = 10 * key + (uint64_t)(number[n] - '0');
	return number[n] == '\0' && n > 0 ? key : 0;
}

bool recall_add_intent(struct recall *recall, const uint8_t callee[PAIRTAG_SIZE],
		       int64_t created_ms)
{
	uint64_t key = key_of(callee), before = 0;

	pthread_rwlock_wrlock(&recall->lock);
	bool known = map_get(&recall->intents, key, &before) && (int64_t)before >= created_ms;
	bool added = known || map_put(&recall->intents, key, (uint64_t)created_ms);
	pthread_rwlock_unlock(&recall->lock);
	return added;
}

bool recall_add_score(struct recall *recall, const char *number)
{
	uint64_t key = number_key(number);

	/* what is no number is never looked up by its own text */
	if (key == 0)
		return true;
	pthread_rwlock_wrlock(&recall->lock);
	bool added = map_put(&recall->scores, key, 0);
	pthread_rwlock_unlock(&recall->lock);
	return added;
}

void recall_behind(struct recall *recall)
{
	atomic_fetch_add(&recall->changes, 1);
}

uint64_t recall_changes(struct recall *recall)
{
	return atomic_load(&recall->changes);
}

void recall_current(struct recall *recall, uint64_t changes, int64_t at_ms)
{
	atomic_store(&recall->seen, changes);
	atomic_store(&recall->at_ms, at_ms);
}

void recall_forget(struct recall *recall, int64_t before_ms)
{
	pthread_rwlock_wrlock(&recall->lock);
	map_keep(&recall->intents, before_ms > 0 ? (uint64_t)before_ms : 0);
	pthread_rwlock_unlock(&recall->lock);
}

static bool is_current(struct recall *recall)
{
	int64_t at_ms = atomic_load(&recall->at_ms);

	return at_ms != 0 && feed_clock_ms() - at_ms < RECALL_MS &&
	       atomic_load(&recall->seen) == atomic_load(&recall->changes);
}

bool recall_number(struct recall *recall, const char *number, struct directory_row *row_out)
{
	uint64_t key = number_key(number), nothing;

	if (key == 0 || !is_current(recall))
		return false;
	pthread_rwlock_rdlock(&recall->lock);
	bool scored = map_get(&recall->scores, key, &nothing);
	pthread_rwlock_unlock(&recall->lock);
	return !scored && table_cover(recall->table, number, row_out) >= 0;
}

bool recall_has_no_intent(struct recall *recall, const uint8_t callee[PAIRTAG_SIZE])
{
	uint64_t created;

	pthread_rwlock_rdlock(&recall->lock);
	bool found = map_get(&recall->intents, key_of(callee), &created);
	pthread_rwlock_unlock(&recall->lock);
	return !found;
}
