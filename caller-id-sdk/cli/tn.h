/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers as people type them. */
#ifndef CLI_TN_H
#define CLI_TN_H

#include <stdbool.h>

#include <callerid/number.h>

/* What every message says of them. */
#define TN_LOOKS "a number is + with the country code and 7 to 15 digits in all, as in +12155551212"

/* An E.164 number, with its + or without; visual separators (RFC 3966 §5.1.1) may stand in it. */
bool tn_is_number(const char *text);

/* The same, and its digits alone: the form of the registry's answers. */
bool tn_digits(const char *text, char digits_out[CALLERID_E164_MAX + 1]);

#endif
