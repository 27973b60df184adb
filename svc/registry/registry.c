/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the store and the doors, and closing them. */
#include "svc/registry/registry.h"

#include "svc/registry/api/api.h"
#include "svc/registry/api/reputation.h"
#include "svc/registry/domain/signature.h"
#include "svc/registry/push/feed.h"
#include "svc/registry/push/lists.h"
#include "svc/registry/push/mirror.h"
#include "svc/registry/stir/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#define OTHER_CONNECTIONS 2 /* readyz and the feed never wait behind requests */

struct registry {
	struct http_env env;
	struct pairtag_key cursor_key;
	struct token_key token_key;
	struct store *store;
	struct auth auth;
	struct rate *rate;
	struct idempotency *idempotency;
	struct feed *feed;
	struct mirror *mirror;
	struct lists *lists;
	struct http_server *api, *public;
};

static int64_t system_now_ms(void *magic)
{
	struct timespec now;

	(void)magic;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void committed(const struct http_service *service, unsigned after)
{
	if ((after & AFTER_KEYS) != 0)
		keycache_clear(service->auth->cache);
	if ((after & AFTER_DIRECTORY) != 0)
		mirror_changed(service->env->mirror);
	if ((after & AFTER_EVENTS) != 0)
		feed_changed(service->env->feed);
}

static void heard(void *mirror)
{
	mirror_told(mirror);
}

static struct http_server *open_door(struct registry *registry,
				     const struct registry_params *params, enum http_door door,
				     char *err, size_t size)
{
	const struct registry_door *from = door == DOOR_API ? &params->api : &params->public;
	const struct http_server_params server = {
		.service = {.door = door,
			    .table = &api_routes,
			    .store = registry->store,
			    .env = &registry->env,
			    .auth = &registry->auth,
			    .rate = registry->rate,
			    .idempotency = registry->idempotency,
			    .wait_ms = params->database_wait_ms,
			    .committed = committed},
		.limits = params->limits,
		.listen = from->listen,
		.certificate = from->certificate,
		.key = from->key,
		.client_ca = from->client_ca,
	};

	return http_server_start(&server, err, size);
}

static bool open_doors(struct registry *registry, const struct registry_params *params, char *err,
		       size_t size)
{
	registry->api = open_door(registry, params, DOOR_API, err, size);
	if (registry->api == NULL)
		return false;
	if (params->public.listen.host == NULL)
		return true;
	registry->public = open_door(registry, params, DOOR_PUBLIC, err, size);
	return registry->public != NULL;
}

/* What both doors share. */
static bool make_parts(struct registry *registry, const struct registry_params *params, char *err,
		       size_t size)
{
	/* both doors have their own threads: nobody waits for a connection */
	const struct store_params store = {params->database,
					   2 * (size_t)params->limits.threads + OTHER_CONNECTIONS};

	registry->store = store_open(&store, err, size);
	if (registry->store == NULL)
		return false;
	const struct mirror_params mirror = {.store = registry->store,
					     .log = params->log,
					     .now_ms = registry->env.now_ms,
					     .magic = registry->env.magic};
	registry->mirror = mirror_start(&mirror, err, size);
	if (registry->mirror == NULL)
		return false;
	const struct feed_params feed = {.store = registry->store,
					 .public_url = params->public_url,
					 .log = params->log,
					 .metrics = params->metrics,
					 .now_ms = registry->env.now_ms,
					 .magic = registry->env.magic,
					 .age = reputation_age,
					 .heard = heard,
					 .listener = registry->mirror};
	registry->feed = feed_start(&feed, err, size);
	if (registry->feed == NULL)
		return false;
	registry->lists = lists_new(mirror_table(registry->mirror), params->signature);
	registry->env.feed = registry->feed;
	registry->env.table = mirror_table(registry->mirror);
	registry->env.recall = mirror_recall(registry->mirror);
	registry->env.mirror = registry->mirror;
	registry->env.lists = registry->lists;
	registry->env.store = registry->store;
	registry->rate = rate_new(&params->rates);
	registry->idempotency = idempotency_new();
	registry->auth = (struct auth){.store = registry->store,
				       .cache = keycache_new(),
				       .token_key = &registry->token_key,
				       .wait_ms = params->database_wait_ms};
	if (registry->lists != NULL && registry->rate != NULL && registry->idempotency != NULL &&
	    registry->auth.cache != NULL)
		return true;
	snprintf(err, size, "no memory");
	return false;
}

/* One secret makes both keys: a tag of one kind is never one of the other. */
static bool fill_env(struct registry *registry, const struct registry_params *params)
{
	uint8_t derived[PAIRTAG_SIZE];

	if (!pairtag_make(params->pair_key, "key", "cursor", "", derived))
		return false;
	memcpy(registry->cursor_key.bytes, derived, sizeof registry->cursor_key.bytes);
	registry->token_key =
		(struct token_key){.private_pem = signature_private_pem(params->signature),
				   .public_pem = signature_public_pem(params->signature),
				   .issuer = params->public_url};
	registry->env = (struct http_env){
		.public_url = params->public_url,
		.pair_key = params->pair_key,
		.cursor_key = &registry->cursor_key,
		.token_key = &registry->token_key,
		.signature = params->signature,
		.stir = params->stir,
		.now_ms = params->now_ms != NULL ? params->now_ms : system_now_ms,
		.magic = params->magic,
		.log = params->log,
		.metrics = params->metrics,
	};
	return true;
}

struct registry *registry_start(const struct registry_params *params, char *err, size_t size)
{
	struct registry *registry = calloc(1, sizeof *registry);

	if (registry == NULL || !fill_env(registry, params)) {
		snprintf(err, size, "no memory");
		free(registry);
		return NULL;
	}
	if (make_parts(registry, params, err, size) && open_doors(registry, params, err, size))
		return registry;
	registry_stop(registry, 0);
	return NULL;
}

void registry_stop(struct registry *registry, int64_t drain_ms)
{
	if (registry == NULL)
		return;
	if (registry->feed != NULL)
		feed_close(registry->feed); /* streams would keep their connections for ever */
	if (drain_ms > 0 && registry->api != NULL)
		http_server_drain(registry->api, drain_ms);
	if (drain_ms > 0 && registry->public != NULL)
		http_server_drain(registry->public, drain_ms);
	stir_door_close(registry->env.stir);
	http_server_stop(registry->api);
	http_server_stop(registry->public);
	feed_stop(registry->feed);
	lists_free(registry->lists);
	mirror_stop(registry->mirror);
	keycache_free(registry->auth.cache);
	idempotency_free(registry->idempotency);
	rate_free(registry->rate);
	store_close(registry->store);
	OPENSSL_cleanse(&registry->cursor_key, sizeof registry->cursor_key);
	free(registry);
}

uint16_t registry_api_port(const struct registry *registry)
{
	return http_server_port(registry->api);
}

uint16_t registry_public_port(const struct registry *registry)
{
	return registry->public != NULL ? http_server_port(registry->public) : 0;
}

bool registry_ready(void *magic, char *why, size_t size)
{
	struct registry *registry = magic;

	return store_ready(registry->store, why, size);
}
