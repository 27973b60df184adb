/* SPDX-License-Identifier: Apache-2.0 */
/* jCards (RFC 7095) as Rich Call Data uses them: their shape, and where they point to. */
#ifndef CID_JCARD_H
#define CID_JCARD_H

#include <callerid/error.h>

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>

#define CID_JCARD_MAX		 65536 /* bytes of a jCard behind a URL */
#define CID_JCARD_PROPERTIES_MAX 100
#define CID_JCARD_VALUES_MAX	 32 /* values of one property */
#define CID_JCARD_URIS_MAX	 16 /* URIs of all properties together */
#define CID_JCARD_POINTER_MAX	 12 /* "/1/99/34" */

struct cid_jcard_uri {
	char pointer[CID_JCARD_POINTER_MAX + 1]; /* RFC 6901, relative to the card */
	const char *text;			 /* borrowed from the card */
	bool fetched; /* https: what it holds has to be had from elsewhere */
};

struct cid_jcard {
	struct cid_jcard_uri uri[CID_JCARD_URIS_MAX];
	size_t n_uris;
};

/* NULL when card is a jCard within the bounds, else what is wrong, static. card_out may be NULL. */
const char *cid_jcard_read(const json_t *card, struct cid_jcard *card_out);

/* The same from a text; *root_out is the caller's, json_decref(), and card_out borrows from it. */
enum callerid_status cid_jcard_load(const char *text, size_t len, json_t **root_out,
				    struct cid_jcard *card_out, struct callerid_error *err);

#endif
