/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP Date header: RFC 1123 dates in GMT (RFC 3261 §20.17), exact for every day 1970-9999. */
#ifndef CALLERID_DATE_H
#define CALLERID_DATE_H

#include <callerid/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_DATE_LEN 29 /* "Sat, 13 Nov 2010 23:29:00 GMT" */

/*
 * Seconds since 1970-01-01 UTC of text. The weekday must be right, the zone must be GMT; leap
 * seconds (":60") and two-digit years are refused. CALLERID_ESYNTAX says what is wrong. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_date_parse(const char *text, size_t len, int64_t *epoch_out, struct callerid_error *err);

/* Writes text of CALLERID_DATE_LEN characters and a NUL. CALLERID_EINVAL outside 1970-9999.
 * Any thread. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_date_format(int64_t epoch, char text_out[CALLERID_DATE_LEN + 1]);

#ifdef __cplusplus
}
#endif

#endif
