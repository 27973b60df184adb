/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity digests as RFC 9795 §6 and RFC 9796 write them: "sha256-" and base64. */
#ifndef CID_DIGEST_H
#define CID_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_DIGEST_TEXT_MAX    95  /* "sha512-" and 88 characters, padded */
#define CID_DIGEST_UNKNOWN_MAX 255 /* of an algorithm that is not one of ours */

struct cid_digest {
	unsigned alg; /* a row of the table in digest.c */
	size_t len;
	uint8_t value[64];
};

/*
 * RFC 9795 §6 has the name of an algorithm, "-" and base64, and three names that everybody has to
 * know. UNKNOWN: another name. What it covers cannot be verified here, which is no fault of who
 * wrote it. BAD: nothing of that form, or one of the three with something else behind it.
 */
enum cid_digest_kind { CID_DIGEST_BAD, CID_DIGEST_KNOWN, CID_DIGEST_UNKNOWN };
enum cid_digest_kind cid_digest_kind(const char *text, size_t len);

/* sha256, sha384 or sha512 in lower case, "-", base64 of as many bytes as that digest has. */
bool cid_digest_parse(const char *text, size_t len, struct cid_digest *digest_out);

enum cid_digest_result { CID_DIGEST_SAME, CID_DIGEST_OTHER, CID_DIGEST_NO_MEMORY };
enum cid_digest_result cid_digest_compare(const struct cid_digest *digest, const void *data,
					  size_t len);

/* Writes the digest, unpadded as RFC 9795 prints it, and a NUL. false: no such algorithm (NULL is
 * sha256), or no memory. */
bool cid_digest_text(const char *alg, const void *data, size_t len,
		     char text_out[CID_DIGEST_TEXT_MAX + 1]);

#endif
