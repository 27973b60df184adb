/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of strangers, read within bounds; and canonical JSON (RFC 8225 §9), written into a buffer.
 */
#ifndef CID_JSON_H
#define CID_JSON_H

#include <callerid/error.h>

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_JSON_MAX	   16384 /* bytes of a text */
#define CID_JSON_DEPTH_MAX 16	 /* arrays and objects inside each other */

/*
 * One JSON object; the caller's, json_decref(). NULL with err filled: CALLERID_ESYNTAX (also
 * duplicate names, NUL bytes, \u0000, invalid UTF-8, something behind the object, not an object),
 * CALLERID_ELIMIT (too long, too deep, a number of over 127 characters), CALLERID_ENOMEM. A value
 * is all of what stands in the text, or there is none, whichever allocation fails.
 */
json_t *cid_json_load(const char *text, size_t len, struct callerid_error *err);

/* The same for any value in a text of at most max bytes. */
json_t *cid_json_load_value(const char *text, size_t len, size_t max, struct callerid_error *err);

/*
 * A bounded text. Writing past the end sets full and drops the rest, so that callers check once, at
 * the end. It is not NUL-terminated.
 */
struct cid_writer {
	char *p;
	size_t size;
	size_t len;
	bool full;
};

void cid_writer_init(struct cid_writer *w, char *buffer, size_t size);
void cid_write(struct cid_writer *w, const char *text, size_t len); /* as it is */
void cid_write_text(struct cid_writer *w, const char *text);	    /* as it is, to its NUL */
void cid_write_int(struct cid_writer *w, int64_t value);
void cid_write_b64url(struct cid_writer *w, const void *data, size_t len);

/*
 * A JSON string with its quotes: '"', '\' and controls escaped in their shortest form, all other
 * UTF-8 as it is (RFC 8225 §9, RFC 7638 §3.3). Invalid UTF-8 sets full: it cannot be written.
 */
void cid_write_string(struct cid_writer *w, const char *text, size_t len);

#endif
