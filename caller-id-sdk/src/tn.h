/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers apart from the URI they stand in: RFC 8224 §8.3. */
#ifndef CID_TN_H
#define CID_TN_H

#include <callerid/identity.h>
#include <callerid/number.h>

enum cid_tn {
	CID_TN_OK,
	CID_TN_NOT,  /* not a telephone number */
	CID_TN_LONG, /* over CALLERID_TN_MAX */
};

/*
 * The canonical number of text, percent-decoded and without parameters. context is the value of
 * RFC 3966's phone-context, empty when there is none; plan is valid or NULL. A number with a letter
 * in it is CID_TN_NOT: dropping the letters would make it another number.
 */
enum cid_tn cid_tn_canonical(struct callerid_span text, struct callerid_span context,
			     const struct callerid_dialplan *plan,
			     char tn_out[CALLERID_TN_MAX + 1]);

/* Each string of plan is NULL or at most 8 digits. NULL is a valid plan. */
bool cid_dialplan_is_valid(const struct callerid_dialplan *plan);

/* How many digits 1*(DIGIT / "-" / "." / "(" / ")" / " ") has: RFC 3966's visual separators, and
 * the space that people write. 0: it is something else, or has none. */
size_t cid_tn_dialable_digits(struct callerid_span text);

#endif
