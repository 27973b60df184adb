/* SPDX-License-Identifier: Apache-2.0 */
/* The deterministic serialization of any JSON value (RFC 8225 §9). */
#ifndef CID_CANON_H
#define CID_CANON_H

#include "json.h"

/*
 * Appends value: names in the order of their code points at every level, no white space, integers
 * wherever a number has no fraction, other numbers in their shortest form that reads back the same.
 * CALLERID_ELIMIT: over CID_JSON_DEPTH_MAX levels, or it does not fit w; CALLERID_ENOMEM.
 */
enum callerid_status cid_canon_write(struct cid_writer *w, const json_t *value);

/* The same as a text of at most max bytes with a NUL behind it; the caller's, free(). */
enum callerid_status cid_canon_text(const json_t *value, size_t max, char **text_out,
				    size_t *len_out);

#endif
