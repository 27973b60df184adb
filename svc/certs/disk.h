/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies kept over restarts: one file a URL, named by the SHA-256 of the URL. The file begins with
 * the URL itself, so that nothing but its own URL is ever answered from it.
 */
#ifndef CERTS_DISK_H
#define CERTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certs_disk;

/*
 * Makes dir (0700) when it is missing. NULL and a reason in why when it cannot be used: not a
 * directory, another user's, or writable by others.
 */
struct certs_disk *certs_disk_open(const char *dir, char *why, size_t size);
void certs_disk_close(struct certs_disk *disk); /* NULL is fine */

struct certs_disk_body {
	const char *url;
	const char *body;
	size_t len;
	int64_t fetched_s; /* seconds since 1970 */
};

/*
 * Gives at most max whole bodies fetched in (now_s - max_age_s, now_s]. Files of ours that are
 * damaged, too old or beyond max are removed. Other files are not touched.
 */
typedef void certs_disk_each(void *magic, const struct certs_disk_body *body);
struct certs_disk_range {
	size_t max;
	int64_t now_s, max_age_s;
};
size_t certs_disk_load(struct certs_disk *disk, const struct certs_disk_range *range,
		       certs_disk_each *each, void *magic);

/* false: errno says why; what stood there still does. */
bool certs_disk_put(struct certs_disk *disk, const struct certs_disk_body *body);
void certs_disk_drop(struct certs_disk *disk, const char *url);

#endif
