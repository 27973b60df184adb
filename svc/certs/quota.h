/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many fetches begin a second, in all and to one host: a caller who puts a new URL in every
 * call must not make us fetch for every call, nor attack a third party through us.
 */
#ifndef CERTS_QUOTA_H
#define CERTS_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERTS_QUOTA_BURST_S 4 /* this many seconds' worth may begin at once after a quiet time */

struct certs_quota;

struct certs_quota *certs_quota_new(unsigned per_second, unsigned per_host); /* NULL: no memory */
void certs_quota_free(struct certs_quota *quota);			     /* NULL is fine */

/* Takes one fetch to host. false: over the quota, nothing was taken. */
bool certs_quota_take(struct certs_quota *quota, const char *host, int64_t now_ms);

#endif
