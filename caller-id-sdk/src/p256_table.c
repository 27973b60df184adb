/* SPDX-License-Identifier: Apache-2.0 */
/* Building the table of a point's multiples, once a key: nothing secret, so time may vary. */
#include "p256_table.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include <stdlib.h>

#include "jws.h"

#define LINE	  64 /* bytes of a cache line, and of an affine point */
#define KEY_BITS  7  /* 37 additions from 148 KB */
#define BASE_BITS 9  /* 29 additions from 464 KB, shared by all keys */

/* One bit more than a scalar has, for the last carry: the last window has 256 % bits bits, which
 * with a carry are at most 2^(bits-1). It gives none away. */
#define WINDOWS(bits) (CID_P256_BITS / (bits) + 1)
#define BYTES(bits)   (LINE + ((size_t)WINDOWS(bits) << ((bits)-1)) * LINE)

static const uint8_t generator[CID_P256_POINT_LEN] = {
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63,
	0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1,
	0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
	0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
	0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

/* What building needs for a while: the projective multiples of one window. */
struct work {
	struct cid_point *point;
	struct cid_fe *product;
	struct cid_affine *start; /* 2^(bits*i) * P, for each window */
};

static bool read_coordinate(const EVP_PKEY *key, const char *name, uint8_t out[32])
{
	BIGNUM *number = NULL;
	bool good = EVP_PKEY_get_bn_param(key, name, &number) == 1 &&
		    BN_bn2binpad(number, out, 32) == 32;

	BN_free(number);
	return good;
}

bool cid_p256_point(const EVP_PKEY *key, uint8_t point_out[CID_P256_POINT_LEN])
{
	return cid_es256_key(key) && read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, point_out) &&
	       read_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, point_out + 32);
}

/* The first point of every window. */
static void fill_starts(const struct cid_p256_table *table, const struct cid_affine *p,
			struct work *work)
{
	struct cid_point q = {0};

	cid_point_add(&q, p);
	for (unsigned i = 0; i < table->windows; i++) {
		work->point[i] = q;
		for (unsigned j = 0; j < table->bits; j++)
			cid_point_double(&q);
	}
	cid_points_affine(work->point, table->windows, work->product, work->start);
}

/* None of them is infinity: the group's order is a prime, which divides neither k nor 2. */
static void fill_window(struct cid_p256_table *table, unsigned i, struct work *work)
{
	size_t half = (size_t)1 << (table->bits - 1);
	struct cid_point q = {0};

	for (size_t k = 0; k < half; k++) {
		cid_point_add(&q, &work->start[i]);
		work->point[k] = q;
	}
	cid_points_affine(work->point, half, work->product, table->point + half * i);
}

static bool work_new(struct work *work, size_t windows, size_t half)
{
	size_t n = windows > half ? windows : half;

	work->point = calloc(n, sizeof(*work->point));
	work->product = calloc(n, sizeof(*work->product));
	work->start = calloc(windows, sizeof(*work->start));
	return work->point != NULL && work->product != NULL && work->start != NULL;
}

static void work_free(struct work *work)
{
	free(work->point);
	free(work->product);
	free(work->start);
}

_Static_assert(sizeof(struct cid_p256_table) <= LINE, "the head has one line");
_Static_assert(sizeof(struct cid_affine) == LINE, "a point has one line");
_Static_assert(CID_P256_TABLE_BYTES == BYTES(KEY_BITS), "the header says what a key's table takes");
_Static_assert(CID_P256_BASE_BYTES == BYTES(BASE_BITS), "and the generator's");

static struct cid_p256_table *build(void *room, const uint8_t xy[CID_P256_POINT_LEN], unsigned bits)
{
	struct cid_p256_table *table = room;
	struct cid_affine p;
	struct work work;
	bool good;

	if (room == NULL || !cid_affine_read(xy, &p))
		return NULL;
	table->bits = bits;
	table->windows = WINDOWS(bits);
	table->bytes = BYTES(bits);
	table->point = (struct cid_affine *)(void *)((uint8_t *)room + LINE);
	good = work_new(&work, table->windows, (size_t)1 << (bits - 1));
	if (good) {
		fill_starts(table, &p, &work);
		for (unsigned i = 0; i < table->windows; i++)
			fill_window(table, i, &work);
	}
	work_free(&work);
	return good ? table : NULL;
}

struct cid_p256_table *cid_p256_table_in(void *room, const uint8_t point[CID_P256_POINT_LEN])
{
	return build(room, point, KEY_BITS);
}

struct cid_p256_table *cid_p256_base_in(void *room)
{
	return build(room, generator, BASE_BITS);
}

struct cid_p256_table *cid_p256_table_new(const uint8_t point[CID_P256_POINT_LEN])
{
	void *room = aligned_alloc(LINE, CID_P256_TABLE_BYTES);
	struct cid_p256_table *table = cid_p256_table_in(room, point);

	if (table == NULL)
		free(room);
	return table;
}

struct cid_p256_table *cid_p256_table_base(void)
{
	void *room = aligned_alloc(LINE, CID_P256_BASE_BYTES);
	struct cid_p256_table *table = cid_p256_base_in(room);

	if (table == NULL)
		free(room);
	return table;
}

void cid_p256_table_free(struct cid_p256_table *table)
{
	free(table);
}

size_t cid_p256_table_bytes(const struct cid_p256_table *table)
{
	return table->bytes;
}
