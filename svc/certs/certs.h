/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate source: the body behind an x5u URL, fetched by a helper process, kept in memory
 * and on disk. ATIS-1000074 §5.3.1 as far as it is known: https only, ports 443 and 8443, no
 * redirect, userinfo, query or fragment. Special-purpose addresses are refused when connecting.
 */
#ifndef CERTS_CERTS_H
#define CERTS_CERTS_H

#include "svc/certs/url.h"
#include "svc/runtime/log.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CERTS_BODY_MAX 16384 /* bytes; callerid/verification.h has the same limit */

struct certs_settings {
	struct certs_url_rules url; /* which URLs and addresses are allowed */
	const char *tls_ca_file;    /* PEM of TLS anchors; NULL: the system's */
	const char *cache_dir;	    /* bodies kept over restarts; NULL: memory only */
	size_t memory_max;	    /* bodies in memory; 0: 4096 */
	int64_t fresh_ms;	    /* a body is fetched anew after this; 0: 24 h */
	int64_t failure_ms;	    /* a failure is remembered, longer if it lasts; 0: 30 s */
	int64_t timeout_ms;	    /* of one whole fetch; 0: 5 s */
	size_t in_flight_max;	    /* fetches at a time; more are answered CERTS_BUSY; 0: 64 */
	/* Fetches that begin a second; more are answered CERTS_BUSY; 0: 50 in all, 5 to one host */
	unsigned per_second_max, per_host_max;
	/* For tests: milliseconds of CLOCK_MONOTONIC or CLOCK_REALTIME; NULL: the system's. */
	int64_t (*clock_ms)(void *magic, clockid_t clock);
	void *clock_magic;
};

enum certs_status {
	CERTS_OK,
	CERTS_REFUSED,	 /* the URL or the address it leads to is not allowed */
	CERTS_UNREACHED, /* no connection, no name, TLS failed */
	CERTS_TIMEOUT,
	CERTS_HTTP, /* any status but 200 */
	CERTS_TOO_LARGE,
	CERTS_NOT_PEM,
	CERTS_BUSY, /* too many fetches at a time, or in a second */
	CERTS_STATUS_COUNT
};

struct certs_answer {
	enum certs_status status;
	const char *why;  /* one line, for the verdict; "" when CERTS_OK */
	const char *body; /* borrowed during the callback; NULL unless CERTS_OK */
	size_t len;
	bool cached; /* no fetch was needed */
};

/* One loop owns it: all calls from one thread. Starts its helper before the loop has threads. */
struct certs;
struct certs_request;

struct certs *certs_new(const struct certs_settings *settings, struct log *log); /* NULL: logged */
void certs_free(struct certs *certs); /* requests under way are cancelled without an answer */

int certs_fd(const struct certs *certs); /* readable: call certs_dispatch() */
void certs_dispatch(struct certs *certs);
void certs_tick(struct certs *certs); /* about once a second: restarts a dead helper */

/*
 * Asks for url. done() is called exactly once: before this returns (then NULL is returned) when
 * the answer is known, else from certs_dispatch(), unless cancelled. One fetch per URL at a time,
 * whoever asks.
 */
typedef void certs_done(void *magic, const struct certs_answer *answer);
struct certs_request *certs_get(struct certs *certs, const char *url, certs_done *done,
				void *magic);
void certs_cancel(struct certs_request *request);

const char *certs_status_name(enum certs_status status); /* stable; the metric's label */

/* main() calls this first: in the helper process it does the fetching and never returns. */
void certs_helper_main(int argc, char **argv);

#endif
