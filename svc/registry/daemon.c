/* SPDX-License-Identifier: Apache-2.0 */
/* Start, reload, drain. */
#include "svc/registry/daemon.h"

#include "svc/registry/config.h"
#include "svc/registry/metrics.h"
#include "svc/registry/registry.h"
#include "svc/registry/setup.h"
#include "svc/registry/stir/door.h"
#include "svc/runtime/admin.h"
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
	struct log *log;
	struct metrics *metrics;
	struct pairtag_key pair_key;
	struct signature *signature;
	char *pem[5]; /* certificate and key of the api door, of the public door; the clients' CA */
	struct stir_door *stir; /* NULL: neither signing nor verification is configured */
	struct registry *registry;
	struct admin *admin;
	int signals;
};

static void fail(struct daemon *daemon, const char *why)
{
	log_event(daemon->log, LOG_ERROR, "registry.failed", F_STR("why", why));
}

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
	fail(daemon, err.text);
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
		.log = daemon->log,
		.metrics = daemon->metrics,
	};
	char err[400];

	if (!setup_read_pair_key(section->pair_key_file, &daemon->pair_key, err, sizeof err)) {
		fail(daemon, err);
		return false;
	}
	daemon->signature = setup_read_signature(section->signing_key_file, err, sizeof err);
	if (daemon->signature == NULL) {
		fail(daemon, err);
		return false;
	}
	params.signature = daemon->signature;
	const struct stir_ends ends = {daemon->log, daemon->metrics};
	if (!stir_door_start(conf_get(daemon->conf, "stir"), &ends, &daemon->stir, err,
			     sizeof err)) {
		fail(daemon, err);
		return false;
	}
	params.stir = daemon->stir;
	if (!read_door(daemon, "api", 0, &params.api) ||
	    !read_door(daemon, "public", 2, &params.public))
		return false;
	daemon->registry = registry_start(&params, err, sizeof err);
	if (daemon->registry == NULL)
		fail(daemon, err);
	return daemon->registry != NULL;
}

static bool start_admin(struct daemon *daemon)
{
	const struct admin_section *section = conf_get(daemon->conf, "admin");
	const struct admin_params params = {section->listen, daemon->metrics, registry_ready,
					    daemon->registry};
	char err[400] = "";

	daemon->admin = admin_start(&params, err, sizeof err);
	if (daemon->admin == NULL && err[0] != 0) {
		fail(daemon, err);
		return false;
	}
	return true;
}

static bool start(struct daemon *daemon)
{
	daemon->signals = signal_open();
	daemon->metrics = metrics_new(registry_metrics, REGISTRY_METRICS);
	if (daemon->signals < 0 || daemon->metrics == NULL) {
		fail(daemon, "no memory");
		return false;
	}
	return start_registry(daemon) && start_admin(daemon);
}

static void report_change(void *magic, const char *section, const char *title, const char *option,
			  bool reloadable)
{
	const struct daemon *daemon = magic;

	(void)title;
	log_event(daemon->log, reloadable ? LOG_INFO : LOG_WARNING,
		  reloadable ? "config.changed" : "config.needs_restart", F_STR("section", section),
		  F_STR("option", option));
}

/* A bad file changes nothing. The old configuration stays: the registry borrows from it. */
static void reload(struct daemon *daemon)
{
	struct conf_error err;
	struct conf *conf = config_load(daemon->path, &err);

	sd_reloading();
	if (conf == NULL) {
		log_event(daemon->log, LOG_ERROR, "config.refused", F_STR("why", err.text));
	} else {
		struct log_settings settings = config_log(conf);
		conf_diff(daemon->conf, conf, report_change, daemon);
		log_change(daemon->log, &settings);
		log_event(daemon->log, LOG_INFO, "config.reloaded", F_STR("file", daemon->path));
	}
	conf_free(conf);
	sd_ready("running");
}

/* Returns when it is time to end: SIGNAL_DRAIN or SIGNAL_STOP. */
static enum signal_event wait_for_end(struct daemon *daemon)
{
	for (;;) {
		struct pollfd wait = {.fd = daemon->signals, .events = POLLIN};
		poll(&wait, 1, -1);
		enum signal_event event = signal_next(daemon->signals);
		if (event == SIGNAL_RELOAD)
			reload(daemon);
		if (event == SIGNAL_DRAIN || event == SIGNAL_STOP)
			return event;
	}
}

static void announce(struct daemon *daemon)
{
	log_event(daemon->log, LOG_INFO, "registry.ready", F_STR("version", ATTESTEL_VERSION),
		  F_INT("api_port", registry_api_port(daemon->registry)),
		  F_INT("public_port", registry_public_port(daemon->registry)),
		  F_INT("admin_port", daemon->admin != NULL ? admin_port(daemon->admin) : 0));
	sd_ready("running");
}

static void clear(struct daemon *daemon)
{
	admin_stop(daemon->admin);
	stir_door_stop(daemon->stir);
	metrics_free(daemon->metrics);
	for (size_t i = 0; i < sizeof daemon->pem / sizeof daemon->pem[0]; i++) {
		if (daemon->pem[i] != NULL)
			OPENSSL_cleanse(daemon->pem[i], strlen(daemon->pem[i]));
		free(daemon->pem[i]);
	}
	signature_free(daemon->signature);
	OPENSSL_cleanse(&daemon->pair_key, sizeof daemon->pair_key);
	log_free(daemon->log);
	conf_free(daemon->conf);
}

int daemon_run(const char *path, struct conf *conf, struct daemon_ready ready)
{
	const struct registry_section *section = conf_get(conf, "registry");
	struct log_settings settings = config_log(conf);
	struct daemon daemon = {
		.path = path, .conf = conf, .log = log_new("attestel-registry", &settings)};
	int status = EXIT_FAILURE;
	int64_t drain_ms = 0;

	if (daemon.log != NULL && start(&daemon)) {
		announce(&daemon);
		if (ready.call != NULL)
			ready.call(ready.magic);
		if (wait_for_end(&daemon) == SIGNAL_DRAIN)
			drain_ms = section->drain_timeout_ms;
		sd_stopping();
		log_event(daemon.log, LOG_INFO, "registry.stopping", F_INT("drain_ms", drain_ms));
		status = EXIT_SUCCESS;
	}
	admin_stop(daemon.admin);
	daemon.admin = NULL; /* it asks the registry */
	registry_stop(daemon.registry, drain_ms);
	clear(&daemon);
	return status;
}
