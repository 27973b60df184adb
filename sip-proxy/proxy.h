/* SPDX-License-Identifier: Apache-2.0 */
/* The running proxy: everything the loop's thread owns. */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "sip-proxy/limit.h"
#include "sip-proxy/settings.h"
#include "sip-proxy/sip.h"

#include "svc/certs/certs.h"
#include "svc/runtime/life.h"
#include "svc/runtime/siphash.h"
#include "svc/runtime/task.h"

#include <callerid/client.h>
#include <callerid/context.h>

struct listener {
	enum transport transport;
	char host[64]; /* as in a URI */
	char port[8];
};

/* Too many silences in a row: the registry is not asked for a second (requirement 18). */
struct breaker {
	unsigned silences;
	int64_t closed_until_ms;
};

/* Where the search for a quiet moment stands, see idle.h. */
struct idle {
	su_timer_t *timer;
	uint64_t messages; /* n_messages at the last look */
	unsigned looks, builds;
	size_t kept; /* tables, as last logged */
};

struct connections;
struct follow;
struct outcomes;
struct relays;

struct proxy {
	const char *config_path;
	struct settings *settings;
	struct settings *started_with; /* what needs a restart to change points into it */
	su_root_t *root;
	nta_agent_t *agent;
	struct listener listeners[TRANSPORT_COUNT];
	size_t n_listeners;
	struct life life;
	struct log *log;	 /* of life */
	struct metrics *metrics; /* of life */
	struct callerid_context *ctx;
	struct certs *certs;	   /* NULL: no anchors are configured */
	struct task_pool *pool;	   /* NULL: no registry is configured */
	struct task_pool *signing; /* NULL: no key has been in a token */
	struct callerid_client_params registry_params;
	struct breaker breaker;
	size_t n_telling;		 /* questions that no call waits for */
	struct outcomes *outcomes;	 /* still to be told; NULL: no registry is configured */
	struct follow *follow;		 /* the snapshot; NULL: none is kept */
	struct relays *relays;		 /* of media; NULL: none is configured */
	struct connections *connections; /* accepted ones; NULL before the first */
	struct limiter *limiter;	 /* of requests that begin something */
	struct limiter *reserve;	 /* of dialogs and emergencies */
	struct call *calls;		 /* every call there is, by the branch we gave it */
	struct call *late;		 /* of them new ones without an offer, by Call-ID */
	struct siphash_key late_secret;	 /* of their hash */
	size_t n_setup;			 /* of them without a final response */
	size_t n_fds;			 /* registered with the loop */
	su_timer_t *tick;		 /* once a second */
	uint64_t n_messages;		 /* received ones */
	struct idle idle;
};

/* The whole life of the daemon. Returns the exit code. */
int proxy_run(const char *config_path);

/* Milliseconds of the monotonic clock; seconds of the wall clock. */
int64_t proxy_now_ms(void);
int64_t proxy_now_us(void);
int64_t proxy_epoch(void);

#endif
