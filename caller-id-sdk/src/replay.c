/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window: a hash table of fixed size, two places of eight entries for each key. */
#include "replay.h"

#include "fail.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

#define WAYS	    8
#define TAG_LEN	    16
#define SECRET_LEN  32
#define CACHE_LINE  64
#define BUCKETS_MAX ((size_t)1 << 26) /* keeps the sizes from wrapping whoever asks */

struct entry {
	uint8_t tag[TAG_LEN];
	int64_t expires; /* 0: free */
	int64_t seen;
};

struct bucket {
	struct entry way[WAYS];
};

struct cid_replay {
	struct bucket *buckets;
	size_t mask; /* number of buckets less one; that number is a power of two */
	EVP_MD *sha256;
	EVP_MD_CTX *hash;
	uint8_t secret[SECRET_LEN];
};

/* The next power of two at or above what is needed for entries. */
static size_t bucket_count(size_t entries)
{
	size_t n = 1;

	while (n < BUCKETS_MAX / 2 && n * WAYS < entries)
		n *= 2;
	return n;
}

enum callerid_status cid_replay_new(size_t entries, struct cid_replay **replay_out,
				    struct callerid_error *err)
{
	size_t n = bucket_count(entries);
	struct cid_replay *replay = calloc(1, sizeof(*replay));

	if (replay == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "replay", "no memory");
	replay->mask = n - 1;
	replay->buckets = aligned_alloc(CACHE_LINE, n * sizeof(*replay->buckets));
	replay->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	replay->hash = EVP_MD_CTX_new();
	if (replay->buckets == NULL || replay->sha256 == NULL || replay->hash == NULL) {
		cid_replay_free(replay);
		return cid_fail(err, CALLERID_ENOMEM, "replay", "no memory for %zu entries",
				entries);
	}
	/* Written, not only asked for: the memory is there before the first call, not during it. */
	memset(replay->buckets, 0, n * sizeof(*replay->buckets));
	if (RAND_bytes(replay->secret, SECRET_LEN) != 1) {
		cid_replay_free(replay);
		return cid_fail(err, CALLERID_ECRYPTO, "replay", "no randomness");
	}
	*replay_out = replay;
	return CALLERID_OK;
}

void cid_replay_free(struct cid_replay *replay)
{
	if (replay == NULL)
		return;
	EVP_MD_CTX_free(replay->hash);
	EVP_MD_free(replay->sha256);
	free(replay->buckets);
	OPENSSL_cleanse(replay->secret, SECRET_LEN);
	free(replay);
}

bool cid_replay_key(struct cid_replay *replay, struct callerid_span signing_input,
		    const uint8_t raw[CID_ES256_LEN], struct cid_replay_key *key_out)
{
	uint8_t digest[EVP_MAX_MD_SIZE];

	if (EVP_DigestInit_ex2(replay->hash, replay->sha256, NULL) != 1 ||
	    EVP_DigestUpdate(replay->hash, replay->secret, SECRET_LEN) != 1 ||
	    EVP_DigestUpdate(replay->hash, raw, CID_ES256_LEN / 2) != 1 ||
	    EVP_DigestUpdate(replay->hash, signing_input.p, signing_input.n) != 1 ||
	    EVP_DigestFinal_ex(replay->hash, digest, NULL) != 1)
		return false;
	memcpy(key_out->bytes, digest, sizeof(key_out->bytes));
	return true;
}

/* The two buckets of a key: choice is 0 or 1. */
static struct bucket *bucket_of(const struct cid_replay *replay, const struct cid_replay_key *key,
				unsigned choice)
{
	uint32_t word;

	memcpy(&word, key->bytes + TAG_LEN + choice * sizeof(word), sizeof(word));
	return &replay->buckets[word & replay->mask];
}

static bool is_live(const struct entry *entry, int64_t now)
{
	return entry->expires != 0 && entry->expires >= now;
}

static struct entry *find(const struct cid_replay *replay, const struct cid_replay_key *key,
			  int64_t now)
{
	for (unsigned i = 0; i < 2 * WAYS; i++) {
		struct entry *entry = &bucket_of(replay, key, i / WAYS)->way[i % WAYS];

		if (is_live(entry, now) && CRYPTO_memcmp(entry->tag, key->bytes, TAG_LEN) == 0)
			return entry;
	}
	return NULL;
}

bool cid_replay_seen(const struct cid_replay *replay, const struct cid_replay_key *key, int64_t now,
		     int64_t *age_s_out)
{
	const struct entry *entry = find(replay, key, now);

	if (entry == NULL)
		return false;
	*age_s_out = now > entry->seen ? now - entry->seen : 0;
	return true;
}

/* The entry that is missed least: a free or outlived one, else the one that expires first. */
static struct entry *victim(struct bucket *bucket, int64_t now, unsigned *live_out)
{
	struct entry *best = &bucket->way[0];

	*live_out = 0;
	for (unsigned i = 0; i < WAYS; i++) {
		struct entry *entry = &bucket->way[i];

		*live_out += is_live(entry, now);
		if (entry->expires < best->expires)
			best = entry;
	}
	return best;
}

void cid_replay_remember(struct cid_replay *replay, const struct cid_replay_key *key, int64_t now,
			 int64_t expires)
{
	unsigned live[2];
	struct entry *place[2];
	struct entry *entry = find(replay, key, now);

	if (entry != NULL) { /* known already: keep when it was first seen */
		entry->expires = expires > entry->expires ? expires : entry->expires;
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		place[i] = victim(bucket_of(replay, key, i), now, &live[i]);
	if (live[0] == WAYS && live[1] == WAYS)
		entry = place[0]->expires <= place[1]->expires ? place[0] : place[1];
	else
		entry = live[0] <= live[1] ? place[0] : place[1];
	memcpy(entry->tag, key->bytes, TAG_LEN);
	entry->expires = expires > 0 ? expires : 1;
	entry->seen = now;
}
