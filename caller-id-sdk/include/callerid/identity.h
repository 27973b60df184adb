/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP Identity header field (RFC 8224 §4), in any legal spelling. */
#ifndef CALLERID_IDENTITY_H
#define CALLERID_IDENTITY_H

#include <callerid/error.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_IDENTITY_MAX 20480 /* bytes of one Identity value; longer is CALLERID_ELIMIT */

/* A part of the text that was parsed; not NUL-terminated, valid as long as that text. */
struct callerid_span {
	const char *p;
	size_t n;
};

/* One Identity value, split. Spans are empty ({NULL, 0}) where a parameter is absent. */
struct callerid_identity {
	struct callerid_span token; /* header.payload.signature, or "..signature" */
	struct callerid_span info;  /* the URI, without < and > */
	struct callerid_span alg;   /* without quotes */
	struct callerid_span ppt;   /* without quotes */
	bool compact;		    /* RFC 8225 §7: token is "..signature" */
	unsigned n_unknown;	    /* other generic-params, legal and ignored */
};

/*
 * Splits one value of an Identity header field: token, then ";info=<uri>" and other parameters in
 * any order, white space and folding around ";" and "=", values as tokens or quoted strings.
 * CALLERID_ESYNTAX names what is wrong (err->where "info" when only info is missing or broken);
 * CALLERID_ELIMIT: over CALLERID_IDENTITY_MAX or more than 16 parameters. Allocates nothing; the
 * spans point into text. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_identity_parse(const char *text, size_t len, struct callerid_identity *identity_out,
			struct callerid_error *err);

/*
 * The next value of a field that may hold several, comma-joined (RFC 3261 §7.3.1). *rest is the
 * unread part and moves on; returns false at the end. Commas inside quotes and <> do not split.
 * Empty elements are left out. value_out points into the same text. Any thread.
 */
CALLERID_API bool callerid_identity_next(struct callerid_span *rest,
					 struct callerid_span *value_out);

#ifdef __cplusplus
}
#endif

#endif
