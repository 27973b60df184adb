/* SPDX-License-Identifier: Apache-2.0 */
/* Start, reload, drain. */
#include "svc/registry/daemon.h"

#include "svc/registry/config.h"
#include "svc/registry/metrics.h"
#include "svc/registry/registry.h"
#include "svc/registry/setup.h"
#include "svc/registry/stir/door.h"
#include "svc/runtime/life.h"
#include "svc/runtime/sd.h"
#include "svc/runtime/signal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define PEM_FILE_MAX	  65536
#define STREAM_SILENCE_MS 60000 /* a follower that does not read for so long is dropped */

/* What the running daemon holds; only the main thread touches it. */
struct daemon {
	const char *path;
	struct conf *conf;
	struct life life;
	struct pairtag_key pair_key;
	struct signature *signature;
	char *pem[5]; /* certificate and key of the api door, of the public door; the clients' CA */
	struct stir_door *stir; /* NULL: neither signing nor verification is configured */
	struct registry *registry;
};

/* The text of a PEM file; a key's must be readable by its owner only. NULL is logged. */
static char *read_pem(struct daemon *daemon, const char *path, bool secret)
{
	struct conf_error err = {.line = 0};
	char *text = calloc(1, PEM_FILE_MAX);
	bool read = false;

	if (text != NULL && secret) {
		read = conf_read_secret(path, text, PEM_FILE_MAX, &err);
	} else if (text != NULL) {
		FILE *file = fopen(path, "re");
		size_t n = file != NULL ? fread(text, 1, PEM_FILE_MAX - 1, file) : 0;
		read = file != NULL && ferror(file) == 0 && n > 0;
		if (!read)
			snprintf(err.text, sizeof err.text, "%s cannot be read: %m", path);
		if (file != NULL)
			fclose(file);
	}
	if (read)
		return text;
	(void)life_fail(&daemon->life, "tls", err.text);
	free(text);
	return NULL;
}

static bool read_door(struct daemon *daemon, const char *section, size_t at,
		      struct registry_door *door)
{
	const struct door_section *from = conf_get(daemon->conf, section);

	door->listen = from->listen;
	if (from->listen.host == NULL || from->certificate_file == NULL)
		return true;
	daemon->pem[at] = read_pem(daemon, from->certificate_file, false);
	daemon->pem[at + 1] = read_pem(daemon, from->key_file, true);
	door->certificate = daemon->pem[at];
	door->key = daemon->pem[at + 1];
	if (from->client_ca_file != NULL) {
		daemon->pem[4] = read_pem(daemon, from->client_ca_file, false);
		door->client_ca = daemon->pem[4];
		if (door->client_ca == NULL)
			return false;
	}
	return door->certificate != NULL && door->key != NULL;
}

static struct rate_settings read_rates(const struct rates_section *from)
{
	return (struct rate_settings){{
		[RATE_RING] = {from->ring, from->ring_burst},
		[RATE_WRITE] = {from->write, from->write_burst},
		[RATE_READ] = {from->read, from->read_burst},
		[RATE_BULK] = {from->bulk, from->bulk_burst},
		[RATE_PUBLIC] = {from->public, from->public_burst},
	}};
}

static bool start_registry(struct daemon *daemon)
{
	const struct registry_section *section = conf_get(daemon->conf, "registry");
	struct registry_params params = {
		.database = section->database,
		.database_wait_ms = (int)section->database_wait_ms,
		.rates = read_rates(conf_get(daemon->conf, "rates")),
		.public_url = section->public_url_base,
		.pair_key = &daemon->pair_key,
		.limits = {.threads = (unsigned)section->threads,
			   .connections_max = (unsigned)section->connections,
			   .per_address_max = (unsigned)section->connections_per_address,
			   .headers_ms = section->headers_timeout_ms,
			   .body_ms = section->body_timeout_ms,
			   .answer_ms = section->body_timeout_ms,
			   .stream_ms = STREAM_SILENCE_MS},
		.log = daemon->life.log,
		.metrics = daemon->life.metrics,
	};
	char err[400];

	if (!setup_read_pair_key(section->pair_key_file, &daemon->pair_key, err, sizeof err))
		return life_fail(&daemon->life, "pair_key_file", err);
	daemon->signature = setup_read_signature(section->signing_key_file, err, sizeof err);
	if (daemon->signature == NULL)
		return life_fail(&daemon->life, "signing_key_file", err);
	params.signature = daemon->signature;
	const struct stir_ends ends = {daemon->life.log, daemon->life.metrics};
	if (!stir_door_start(conf_get(daemon->conf, "stir"), &ends, &daemon->stir, err, sizeof err))
		return life_fail(&daemon->life, "stir", err);
	params.stir = daemon->stir;
	if (!read_door(daemon, "api", 0, &params.api) ||
	    !read_door(daemon, "public", 2, &params.public))
		return false;
	daemon->registry = registry_start(&params, err, sizeof err);
	return daemon->registry != NULL || life_fail(&daemon->life, "registry", err);
}

static bool start(struct daemon *daemon)
{
	return start_registry(daemon) &&
	       life_admin(&daemon->life, daemon->conf, registry_ready, daemon->registry);
}

/* A bad file changes nothing. The old configuration stays: the registry borrows from it. */
static void reload(struct daemon *daemon)
{
	struct conf_error err;
	struct conf *conf;

	sd_reloading();
	conf = config_load(daemon->path, &err);
	if (life_reload(&daemon->life, daemon->conf, conf, &err))
		log_event(daemon->life.log, LOG_INFO, "config.loaded", F_STR("file", daemon->path));
	conf_free(conf);
	life_reloaded(&daemon->life);
}

/* Returns when it is time to end: SIGNAL_DRAIN or SIGNAL_STOP. */
static enum signal_event wait_for_end(struct daemon *daemon)
{
	for (;;) {
		struct pollfd wait = {.fd = daemon->life.signal_fd, .events = POLLIN};
		poll(&wait, 1, -1);
		enum signal_event event = signal_next(daemon->life.signal_fd);
		if (event == SIGNAL_RELOAD)
			reload(daemon);
		if (event == SIGNAL_DRAIN || event == SIGNAL_STOP)
			return event;
	}
}

static void announce(struct daemon *daemon)
{
	log_event(daemon->life.log, LOG_INFO, "registry.ready", F_STR("version", ATTESTEL_VERSION),
		  F_INT("api_port", registry_api_port(daemon->registry)),
		  F_INT("public_port", registry_public_port(daemon->registry)),
		  F_INT("admin_port",
			daemon->life.admin != NULL ? admin_port(daemon->life.admin) : 0));
	life_serve(&daemon->life);
}

static void clear(struct daemon *daemon)
{
	stir_door_stop(daemon->stir);
	for (size_t i = 0; i < sizeof daemon->pem / sizeof daemon->pem[0]; i++) {
		if (daemon->pem[i] != NULL)
			OPENSSL_cleanse(daemon->pem[i], strlen(daemon->pem[i]));
		free(daemon->pem[i]);
	}
	signature_free(daemon->signature);
	OPENSSL_cleanse(&daemon->pair_key, sizeof daemon->pair_key);
	life_close(&daemon->life);
	conf_free(daemon->conf);
}

int daemon_run(const char *path, struct conf *conf, struct daemon_ready ready)
{
	const struct registry_section *section = conf_get(conf, "registry");
	const struct life_params params = {.program = "attestel-registry",
					   .start = "registry.start",
					   .conf = conf,
					   .metrics = registry_metrics,
					   .n_metrics = REGISTRY_METRICS};
	struct daemon daemon = {.path = path, .conf = conf};
	int status = EXIT_FAILURE;
	int64_t drain_ms = 0;

	if (life_open(&daemon.life, &params) && start(&daemon)) {
		announce(&daemon);
		if (ready.call != NULL)
			ready.call(ready.magic);
		if (wait_for_end(&daemon) == SIGNAL_DRAIN)
			drain_ms = section->drain_timeout_ms;
		life_leave(&daemon.life);
		log_event(daemon.life.log, LOG_INFO, "registry.stopping",
			  F_INT("drain_ms", drain_ms));
		status = EXIT_SUCCESS;
	}
	life_admin_stop(&daemon.life); /* it asks the registry */
	registry_stop(daemon.registry, drain_ms);
	clear(&daemon);
	return status;
}
