/* SPDX-License-Identifier: Apache-2.0 */
/* How every function of the library says why it failed, in one line fit for a log. */
#ifndef CID_FAIL_H
#define CID_FAIL_H

#include <callerid/error.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Fills err (NULL is fine) and returns status, so that callers write "return cid_fail(...)". where
 * is static. What is not printable ASCII becomes '?': a stranger's bytes never break a log line.
 */
enum callerid_status cid_fail(struct callerid_error *err, enum callerid_status status,
			      const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Takes OpenSSL's error queue and says whether it tells of a failed allocation. The queue belongs
 * to the program's thread: to be empty before what may fail (ERR_clear_error()), and after.
 */
bool cid_openssl_lacked_memory(void);

/* The same cleaning for a verdict's "why": snprintf() into out, cut to size. */
void cid_say(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
