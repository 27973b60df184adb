/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request's body as a table: it fills a typed struct, or says field by field why not. What the
 * table does not name is refused.
 */
#ifndef REGISTRY_JSONSPEC_H
#define REGISTRY_JSONSPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum spec_type {
	SPEC_STRING, /* const char *, borrowed from the JSON; max is in bytes, 0: 256 */
	SPEC_INT,    /* int64_t between min and max */
	SPEC_BOOL,   /* bool */
	SPEC_CHOICE, /* int: index into choices */
	SPEC_SET,    /* uint64_t: an array of choices without doubles, bit i for choice i */
	SPEC_NUMBER, /* struct tn: a telephone number */
	SPEC_OBJECT, /* its own fields, in the same struct */
	SPEC_LIST,   /* struct spec_list: 1 to max objects, each a struct of its own */
	SPEC_TEXTS,  /* struct spec_texts: at most SPEC_TEXTS_MAX strings, each as SPEC_STRING */
};

#define SPEC_STRING_MAX 256 /* bytes, where a field says nothing else */

struct spec;

struct spec_field {
	const char *name;
	enum spec_type type;
	size_t offset; /* offsetof(struct ..., member); unused by SPEC_OBJECT */
	bool required; /* an optional field may be absent or null; its member stays as it was */
	int64_t min, max;
	const char *const *choices;			    /* NULL-terminated */
	const char *(*check)(const char *text, size_t len); /* a code, or NULL when fine */
	const char *hint; /* what the check allows, in words; NULL: the code says enough */
	const struct spec *object;
};

struct spec {
	const struct spec_field *fields;
	size_t n;
	size_t size;	   /* of the struct that it fills; for SPEC_LIST only */
	const void *blank; /* what such a struct holds before it is filled; NULL: zeros */
};

struct spec_list {
	size_t n;
	void *items; /* n structs of spec->size bytes; free() it whatever spec_fill() said */
};

#define SPEC_TEXTS_MAX 16
struct spec_texts {
	size_t n;
	const char *items[SPEC_TEXTS_MAX]; /* borrowed from the JSON */
};

#define SPEC(table)                                                                                \
	{                                                                                          \
		(table), sizeof(table) / sizeof(table)[0], 0, NULL                                 \
	}

#define SPEC_ERRORS_MAX	 16
#define SPEC_POINTER_MAX 80 /* bytes */

struct spec_error {
	char pointer[SPEC_POINTER_MAX + 1]; /* RFC 6901 */
	const char *code;		    /* static */
	const struct spec_field *field;	    /* that it is about; NULL: none is known */
	const char *hint;		    /* static: what is allowed, in words; NULL: nothing */
};

struct spec_errors {
	size_t n;
	struct spec_error item[SPEC_ERRORS_MAX];
};

/* true: target is filled. false: errors says why, and target is of no use. */
bool spec_fill(const struct spec *spec, const json_t *json, void *target,
	       struct spec_errors *errors);

/* Adds one; the seventeenth is dropped. pointer is "/field". */
void spec_error_add(struct spec_errors *errors, const char *pointer, const char *code,
		    const char *hint);

#endif
