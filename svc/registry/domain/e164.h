/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the API: what libcallerid makes of them, and which of them can be bound. */
#ifndef REGISTRY_E164_H
#define REGISTRY_E164_H

#include <callerid/number.h>

#include <stdbool.h>
#include <stddef.h>

struct tn {
	char text[CALLERID_TN_MAX + 1]; /* canonical: no "+" */
};

/* false: not a telephone number (a URI is none, even when it holds one). */
bool tn_read(const char *text, size_t len, struct tn *tn_out);

/* E.164: 7 to 15 digits, the first not 0. Only such a number can belong to somebody. */
bool tn_is_e164(const struct tn *tn);

#endif
