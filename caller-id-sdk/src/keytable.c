/* SPDX-License-Identifier: Apache-2.0 */
/* Which signers' keys came back, and the tables kept for them: bounded, built when there is time.
 */
#include "keytable.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

/* Without memory a row is not kept; the program goes on (uthash would exit() otherwise). */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "pool.h"

#define HASHED 4 /* words of 32 bits of a point that are hashed: the end of its x */

/*
 * A row is in the list of its state; SEEN and WAITING are in order of time. BUILT is in none: to
 * keep it so at each use would touch two neighbours, far apart in memory, for 0.3 us of 14.
 */
enum state { SEEN, WAITING, BUILT, STATES };

struct row {
	UT_hash_handle hh;
	TAILQ_ENTRY(row) link;
	enum state state;
	uint64_t since; /* SEEN and WAITING: the first use that counts; BUILT: the last one */
	struct cid_p256_table *table; /* BUILT only */
	uint8_t point[CID_P256_POINT_LEN];
};

TAILQ_HEAD(list, row);

struct cid_keytables {
	struct row *rows;
	struct list list[STATES];
	struct cid_pool pool;
	struct cid_p256_table *base; /* NULL until the first key waits */
	void *base_room;
	size_t max, max_keys, built;
	uint64_t now; /* counts uses */
	uint64_t secret[HASHED + 1];
};

struct cid_keytables *cid_keytables_new(size_t max, size_t max_keys)
{
	struct cid_keytables *tables = calloc(1, sizeof(*tables));

	if (tables == NULL)
		return NULL;
	for (int i = 0; i < STATES; i++)
		TAILQ_INIT(&tables->list[i]);
	tables->max = max;
	tables->max_keys = max_keys;
	if (RAND_bytes((unsigned char *)tables->secret, sizeof(tables->secret)) == 1)
		return tables;
	free(tables);
	return NULL;
}

/* To the end of a state's list. The table goes with the state BUILT. */
static void move(struct cid_keytables *tables, struct row *row, enum state state)
{
	if (row->state == BUILT && state != BUILT) {
		cid_pool_give(&tables->pool, row->table);
		row->table = NULL;
		tables->built--;
	}
	TAILQ_REMOVE(&tables->list[row->state], row, link);
	TAILQ_INSERT_TAIL(&tables->list[state], row, link);
	row->state = state;
}

static void forget(struct cid_keytables *tables, struct row *row)
{
	move(tables, row, SEEN);
	TAILQ_REMOVE(&tables->list[SEEN], row, link);
	HASH_DEL(tables->rows, row);
	free(row);
}

void cid_keytables_free(struct cid_keytables *tables)
{
	struct row *row, *next;

	if (tables == NULL)
		return;
	HASH_ITER (hh, tables->rows, row, next) {
		forget(tables, row);
	}
	cid_pool_clear(&tables->pool);
	free(tables);
}

/* The table longest unused. A search of max places at most: to build another, or when all the keys
 * remembered have one. */
static struct row *oldest_of(const struct cid_keytables *tables)
{
	struct row *oldest = TAILQ_FIRST(&tables->list[BUILT]), *row;

	TAILQ_FOREACH(row, &tables->list[BUILT], link)
	{
		if (row->since < oldest->since)
			oldest = row;
	}
	return oldest;
}

/*
 * A sum of products with secret numbers, of which the upper half is kept (multilinear hashing: two
 * points meet once in 2^32). Who holds a certificate that may sign others can make as many trusted
 * keys as he likes, with x alike in a few bits: 4000 in one bucket were a second's work.
 */
static unsigned hash_of(const struct cid_keytables *tables, const uint8_t point[CID_P256_POINT_LEN])
{
	const uint8_t *x = point + CID_P256_POINT_LEN / 2 - HASHED * sizeof(uint32_t);
	uint64_t sum = tables->secret[HASHED];

	for (size_t i = 0; i < HASHED; i++) {
		uint32_t word;

		memcpy(&word, x + i * sizeof(word), sizeof(word));
		sum += tables->secret[i] * word;
	}
	return (unsigned)(sum >> 32);
}

static struct row *find(const struct cid_keytables *tables, const uint8_t *point)
{
	struct row *row = NULL;

	HASH_FIND_BYHASHVALUE(hh, tables->rows, point, CID_P256_POINT_LEN, hash_of(tables, point),
			      row);
	return row;
}

/* Makes room for one key more: what has no table goes first. */
static void make_room(struct cid_keytables *tables)
{
	while (HASH_COUNT(tables->rows) >= tables->max_keys) {
		struct row *row = TAILQ_FIRST(&tables->list[SEEN]);

		if (row == NULL)
			row = TAILQ_FIRST(&tables->list[WAITING]);
		if (row == NULL)
			row = oldest_of(tables);
		forget(tables, row);
	}
}

static void add(struct cid_keytables *tables, const uint8_t point[CID_P256_POINT_LEN])
{
	struct row *row;

	make_room(tables);
	row = calloc(1, sizeof(*row));
	if (row == NULL)
		return;
	memcpy(row->point, point, sizeof(row->point));
	row->since = tables->now;
	HASH_ADD_BYHASHVALUE(hh, tables->rows, point, sizeof(row->point), hash_of(tables, point),
			     row);
	if (row->hh.tbl == NULL) {
		free(row);
		return;
	}
	TAILQ_INSERT_TAIL(&tables->list[SEEN], row, link);
}

/* One use of a key; row is its row, NULL when it is new. */
static void use(struct cid_keytables *tables, struct row *row, const uint8_t *point)
{
	tables->now++;
	if (row == NULL) {
		add(tables, point);
		return;
	}
	if (row->state == SEEN)
		move(tables, row, WAITING);
	if (row->state == BUILT)
		row->since = tables->now;
}

enum cid_verified cid_keytables_verify(struct cid_keytables *tables,
				       const struct cid_signer_key *key, struct callerid_span data,
				       const uint8_t raw[CID_ES256_LEN])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	enum cid_verified result;
	struct row *row;

	if (tables == NULL || tables->max == 0 || tables->max_keys == 0 || key->point == NULL)
		return cid_es256_verify_with(key->verifier, data.p, data.n, raw);
	row = find(tables, key->point);
	if (row != NULL)
		__builtin_prefetch(row->table); /* NULL is fine: it only asks */
	if (row == NULL || row->state != BUILT)
		result = cid_es256_verify_with(key->verifier, data.p, data.n, raw);
	else if (SHA256((const uint8_t *)data.p, data.n, digest) == NULL)
		result = CID_VERIFY_NO_MEMORY;
	else
		result = cid_p256_verify(tables->base, row->table, digest, raw) ? CID_VERIFIED
										: CID_NOT_VERIFIED;
	if (result == CID_VERIFIED)
		use(tables, row, key->point);
	return result;
}

/*
 * A table gives way only to a key that was used twice since the table's last use. Otherwise, with
 * one key more than places, each in its turn, every table would go just before it is wanted.
 */
static bool has_place(struct cid_keytables *tables, const struct row *row)
{
	struct row *oldest;

	if (tables->built < tables->max)
		return true;
	oldest = oldest_of(tables);
	if (oldest->since > row->since)
		return false;
	oldest->since = tables->now;
	move(tables, oldest, SEEN);
	return true;
}

static struct cid_p256_table *table_of(struct cid_keytables *tables, const struct row *row)
{
	void *room;
	struct cid_p256_table *table;

	if (tables->base == NULL) {
		if (tables->base_room == NULL)
			tables->base_room = cid_pool_take(&tables->pool, CID_P256_BASE_BYTES);
		tables->base = cid_p256_base_in(tables->base_room);
	}
	if (tables->base == NULL)
		return NULL;
	room = cid_pool_take_again(&tables->pool, CID_P256_TABLE_BYTES);
	table = cid_p256_table_in(room, row->point);
	if (table == NULL && room != NULL)
		cid_pool_give(&tables->pool, room);
	return table;
}

static void build(struct cid_keytables *tables, struct row *row)
{
	row->table = table_of(tables, row);
	if (row->table == NULL) {
		/* No memory: its next use asks again. */
		row->since = tables->now;
		move(tables, row, SEEN);
		return;
	}
	move(tables, row, BUILT);
	row->since = tables->now;
	tables->built++;
}

bool cid_keytables_maintain(struct cid_keytables *tables)
{
	struct row *row = TAILQ_FIRST(&tables->list[WAITING]);

	if (row == NULL)
		return false;
	if (has_place(tables, row)) {
		build(tables, row);
	} else {
		row->since = tables->now;
		move(tables, row, SEEN);
	}
	return TAILQ_FIRST(&tables->list[WAITING]) != NULL;
}

bool cid_keytables_has(const struct cid_keytables *tables, const uint8_t point[CID_P256_POINT_LEN])
{
	const struct row *row = find(tables, point);

	return row != NULL && row->state == BUILT;
}

size_t cid_keytables_count(const struct cid_keytables *tables)
{
	return tables->built;
}

size_t cid_keytables_bytes(const struct cid_keytables *tables)
{
	return tables->pool.bytes;
}
