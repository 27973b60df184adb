/* SPDX-License-Identifier: Apache-2.0 */
/* The TNAuthList certificate extension: which numbers a signer may use (RFC 8226 §9). */
#ifndef CALLERID_TNAUTHLIST_H
#define CALLERID_TNAUTHLIST_H

#include <callerid/error.h>
#include <callerid/number.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_TNAUTH_ENTRIES_MAX 1000
#define CALLERID_TNAUTH_DER_MAX	    65536
#define CALLERID_SPC_MAX	    15 /* characters of a service provider code we keep */

enum callerid_tnauth_kind {
	CALLERID_TNAUTH_SPC = 0,   /* [0] service provider code */
	CALLERID_TNAUTH_RANGE = 1, /* [1] start and count */
	CALLERID_TNAUTH_ONE = 2,   /* [2] one number */
};

struct callerid_tnauth_entry {
	enum callerid_tnauth_kind kind;
	char text[CALLERID_TN_MAX + 1]; /* the code, the first number, or the number */
	uint64_t count;			/* of a range, 2 or more; otherwise 0 */
};

/* Opaque; immutable once made; any number of threads may read it. */
struct callerid_tnauthlist;

/* How a list covers a number. */
enum callerid_tnauth_match {
	CALLERID_TNAUTH_NOT_COVERED,
	CALLERID_TNAUTH_COVERED,  /* by one number or a range */
	CALLERID_TNAUTH_SPC_ONLY, /* no number or range covers it, but the list has an SPC */
};

/*
 * Strict DER of SEQUENCE SIZE (1..MAX) OF TNEntry. Trailing bytes, indefinite or non-minimal
 * lengths, empty strings, numbers over 15 digits, a count below 2, start + count not below
 * 10^(digits of start), a count with "*" or "#" in start: CALLERID_ESYNTAX. Over the limits above:
 * CALLERID_ELIMIT. *list_out is the caller's; free it with callerid_tnauthlist_free().
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_tnauthlist_parse(const uint8_t *der, size_t len, struct callerid_tnauthlist **list_out,
			  struct callerid_error *err);

/*
 * DER of n entries, in malloc'ed memory that the caller frees with free(). The rules of
 * callerid_tnauthlist_parse() hold for each entry: CALLERID_ESYNTAX when one is broken or n is 0,
 * CALLERID_ELIMIT when there are over CALLERID_TNAUTH_ENTRIES_MAX. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_tnauthlist_encode(const struct callerid_tnauth_entry *entries, size_t n, uint8_t **der_out,
			   size_t *len_out, struct callerid_error *err);

CALLERID_API void callerid_tnauthlist_free(struct callerid_tnauthlist *list); /* NULL is fine */

/* How many entries the list has: 1 to CALLERID_TNAUTH_ENTRIES_MAX. */
CALLERID_API size_t callerid_tnauthlist_count(const struct callerid_tnauthlist *list);

/* Entry number i, from 0, in the order of the certificate. Borrowed; NULL when i is out of range.
 */
CALLERID_API const struct callerid_tnauth_entry *
callerid_tnauthlist_at(const struct callerid_tnauthlist *list, size_t i);

/* tn is canonical (number.h). A range covers numbers of the length of its start only. */
CALLERID_API enum callerid_tnauth_match
callerid_tnauthlist_match(const struct callerid_tnauthlist *list, const char *tn);

/* Whether the list has exactly this service provider code. */
CALLERID_API bool callerid_tnauthlist_has_spc(const struct callerid_tnauthlist *list,
					      const char *spc);

/*
 * RFC 9060 §4: whether all that child lists lies inside what parent lists. COVERED: yes, each
 * number, range (over several entries of parent too) and code. SPC_ONLY: some numbers do not, but
 * parent has a service provider code, whose numbers no certificate tells. NOT_COVERED: no.
 */
CALLERID_API enum callerid_tnauth_match
callerid_tnauthlist_encompasses(const struct callerid_tnauthlist *parent,
				const struct callerid_tnauthlist *child);

#ifdef __cplusplus
}
#endif

#endif
