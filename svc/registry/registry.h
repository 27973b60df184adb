/* SPDX-License-Identifier: Apache-2.0 */
/* The registry as a whole: one database and its two doors. */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "svc/registry/domain/pairtag.h"
#include "svc/registry/http/server.h"

struct registry_door {
	struct conf_address listen; /* host NULL: this door stays shut */
	const char *certificate;    /* PEM text; NULL: no TLS */
	const char *key;
	const char *client_ca; /* PEM text; NULL: no client certificates are asked for */
};

/* Everything is borrowed until registry_stop(), strings too. */
struct registry_params {
	const char *database;
	int database_wait_ms;
	const char *public_url;
	const struct pairtag_key *pair_key;
	const struct signature *signature;
	struct http_limits limits;
	struct rate_settings rates;
	struct registry_door api, public;
	struct stir_door *stir;		/* NULL: the REST doors answer not_configured */
	struct log *log;		/* NULL: none */
	struct metrics *metrics;	/* NULL: none */
	int64_t (*now_ms)(void *magic); /* NULL: the system's clock */
	void *magic;
};

struct registry;

/* NULL and one line in err. */
struct registry *registry_start(const struct registry_params *params, char *err, size_t size);
void registry_stop(struct registry *registry, int64_t drain_ms); /* NULL is fine */

uint16_t registry_api_port(const struct registry *registry);
uint16_t registry_public_port(const struct registry *registry); /* 0: shut */

/* The admin listener's question: does the database answer? magic is the registry. */
bool registry_ready(void *magic, char *why, size_t size);

#endif
