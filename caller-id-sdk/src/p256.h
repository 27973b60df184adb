/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ES256 verification for keys that come back: with the multiples of the generator and of the key in
 * tables, u1*G + u2*Q is a sum of table entries and no doubling at all. Verification only; nothing
 * secret may pass here, since time and memory access depend on every number.
 */
#ifndef CID_P256_H
#define CID_P256_H

#include <openssl/evp.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_P256_POINT_LEN 64 /* x and y, 32 bytes each, high byte first */

/* The multiples of one point. Immutable: threads may share it. */
struct cid_p256_table;

/* The coordinates of a P-256 key's point; false for any other key. */
bool cid_p256_point(const EVP_PKEY *key, uint8_t point_out[CID_P256_POINT_LEN]);

/*
 * About 0.15 MB and 1 ms. NULL: the point is not on the curve, or no memory; the caller then
 * verifies by cid_es256_verify_with(). cid_p256_table_free() frees it; NULL is fine there.
 */
struct cid_p256_table *cid_p256_table_new(const uint8_t point[CID_P256_POINT_LEN]);
/* The same for the generator, which every verification needs: larger, and one for all keys. */
struct cid_p256_table *cid_p256_table_base(void);
void cid_p256_table_free(struct cid_p256_table *table);

/*
 * The same in the caller's room, of that many bytes and on a multiple of 64, which stays the
 * caller's. NULL: the point is not on the curve, or no memory for the work.
 */
#define CID_P256_TABLE_BYTES 151616
#define CID_P256_BASE_BYTES  475200
struct cid_p256_table *cid_p256_table_in(void *room, const uint8_t point[CID_P256_POINT_LEN]);
struct cid_p256_table *cid_p256_base_in(void *room);

size_t cid_p256_table_bytes(const struct cid_p256_table *table);

/*
 * Whether raw (R||S) is a signature over digest (SHA-256) by the key of the table `key`; base is
 * cid_p256_table_base(). The answer is that of cid_es256_verify() for every input.
 */
bool cid_p256_verify(const struct cid_p256_table *base, const struct cid_p256_table *key,
		     const uint8_t digest[32], const uint8_t raw[64]);

#endif
