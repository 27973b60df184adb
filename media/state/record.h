/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structs and JSON, by tables: a row is a member. What is zero is left out, and what is left out is
 * zero, so that a member that is new is read from a file that has none yet. Numbers of enums are
 * part of the format.
 */
#ifndef MEDIA_STATE_RECORD_H
#define MEDIA_STATE_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
	FIELD_BOOL,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32, /* unsigned and enums too */
	FIELD_U64, /* size_t too */
	FIELD_I64,
	FIELD_TIME,    /* monotonic ns, 0 never: written as how long ago */
	FIELD_CHARS,   /* char[max], ended by NUL */
	FIELD_BYTES,   /* uint8_t[max]; zeros at the end are left out */
	FIELD_ADDRESS, /* struct address */
	FIELD_TEXT,    /* char *, ended by NUL, at most max bytes; NULL: none */
	FIELD_BLOB,    /* char *, and its length in a size_t at count_at */
	FIELD_STRUCT,  /* of */
	FIELD_ARRAY,   /* max of them, of which so many are used as a size_t at count_at says */
	FIELD_HEAP,    /* a pointer to as many */
};

struct record;

struct field {
	const char *name;
	enum field_kind kind;
	size_t at;
	uint64_t max; /* the greatest number (0: the type's), or a size */
	size_t count_at;
	const struct record *of;
};

struct record {
	const struct field *fields;
	size_t n;
	size_t size; /* of the struct */
};

/* NULL: no memory. now: for FIELD_TIME. */
json_t *record_save(const struct record *record, const void *from, uint64_t now);
/* Into a struct that is zero, or has what a missing member is to be. false: a value of the wrong
 * type or size, or no memory; what was allocated until then is in to. */
bool record_load(const struct record *record, const json_t *json, void *to, uint64_t now);

/* Bytes that need not be UTF-8. */
json_t *bytes_save(const void *bytes, size_t n);
/* malloc'ed, with a NUL behind it. NULL: no bytes, over max, or no memory. */
char *bytes_load(const json_t *json, size_t max, size_t *n_out);

#endif
