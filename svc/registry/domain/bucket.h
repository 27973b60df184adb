/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private look-up's buckets, byte by byte (docs/api/registry.md): whose numbers share one, and
 * what an entry looks like. All numbers of a thousand-block share a bucket.
 */
#ifndef REGISTRY_BUCKET_H
#define REGISTRY_BUCKET_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_BITS	   16
#define BUCKETS		   65536
#define BUCKET_PREFIX	   4   /* hexadecimal digits */
#define BUCKET_ENTRY	   192 /* bytes */
#define BUCKET_TAG	   8   /* of the hash of a number or block */
#define BUCKET_LOGO	   32
#define BUCKET_NAME	   144 /* a name has at most 35 characters of 4 bytes */
#define BUCKET_ENTRIES_MIN 16

enum bucket_flag {
	BUCKET_USED = 1, /* 0: padding */
	BUCKET_BRAND = 2,
	BUCKET_HAS_LOGO = 4,
	BUCKET_STRICT = 8,  /* the brand is shown only for calls that were announced */
	BUCKET_HIDDEN = 16, /* no name, and that of a block around it is not the number's */
};

struct bucket_entry {
	uint8_t tag[BUCKET_TAG];
	uint8_t flags;
	uint8_t label;		   /* bucket_label(); 0: none */
	const char *name;	   /* at most BUCKET_NAME bytes; with BUCKET_BRAND */
	uint8_t logo[BUCKET_LOGO]; /* SHA-256; with BUCKET_HAS_LOGO */
};

/* The bucket of a number or block (domain/block.h). false: OpenSSL refused. */
bool bucket_of(const char *text, uint16_t *bucket_out);
bool bucket_tag(const char *text, uint8_t tag_out[BUCKET_TAG]);
/* Four lower-case hexadecimal digits. */
bool bucket_parse(const char *prefix, uint16_t *bucket_out);

/* 1 for the taxonomy's first label, and so on; 255 for "spoofed"; 0 for all others. */
uint8_t bucket_label(const char *label);
const char *bucket_label_name(uint8_t label); /* "none" for 0 */

void bucket_write(const struct bucket_entry *entry, uint8_t bytes_out[BUCKET_ENTRY]);
/* How many entries each bucket is padded to when the fullest has so many. */
size_t bucket_padded(size_t fullest);

#endif
