/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the store and the doors, and closing them. */
#include "svc/registry/registry.h"

#include "svc/registry/api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ADMIN_CONNECTIONS 1 /* for readyz, so that it never waits behind requests */

struct registry {
	struct http_env env;
	struct store *store;
	struct http_server *api, *public;
};

static int64_t system_now_ms(void *magic)
{
	struct timespec now;

	(void)magic;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct http_server *open_door(struct registry *registry,
				     const struct registry_params *params, enum http_door door,
				     char *err, size_t size)
{
	const struct registry_door *from = door == DOOR_API ? &params->api : &params->public;
	const struct http_server_params server = {
		.service = {door, &api_routes, registry->store, &registry->env},
		.limits = params->limits,
		.listen = from->listen,
		.certificate = from->certificate,
		.key = from->key,
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

struct registry *registry_start(const struct registry_params *params, char *err, size_t size)
{
	struct registry *registry = calloc(1, sizeof *registry);
	/* both doors have their own threads: nobody waits for a connection */
	const struct store_params store = {params->database,
					   2 * (size_t)params->limits.threads + ADMIN_CONNECTIONS};

	if (registry == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	registry->env = (struct http_env){
		.public_url = params->public_url,
		.pair_key = params->pair_key,
		.now_ms = params->now_ms != NULL ? params->now_ms : system_now_ms,
		.magic = params->magic,
		.log = params->log,
		.metrics = params->metrics,
	};
	registry->store = store_open(&store, err, size);
	if (registry->store != NULL && open_doors(registry, params, err, size))
		return registry;
	registry_stop(registry, 0);
	return NULL;
}

void registry_stop(struct registry *registry, int64_t drain_ms)
{
	if (registry == NULL)
		return;
	if (drain_ms > 0 && registry->api != NULL)
		http_server_drain(registry->api, drain_ms);
	if (drain_ms > 0 && registry->public != NULL)
		http_server_drain(registry->public, drain_ms);
	http_server_stop(registry->api);
	http_server_stop(registry->public);
	store_close(registry->store);
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
