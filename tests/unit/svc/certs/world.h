/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of the certificate source: real servers, a clock of its own, and asking. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "svc/certs/certs.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/svc/certs/tls_server.h"

#define ANSWER_WAIT_MS 10000 /* a test that waits longer has failed */

struct world {
	struct pki pki;
	struct server *servers[SERVER_KINDS];
	struct log *log;
	int64_t clock_ms; /* what certs believes */
	struct certs_settings settings;
	struct certs *certs;
};

struct inbox {
	int n;
	enum certs_status status;
	bool cached;
	char why[200];
	char body[CERTS_BODY_MAX + 1];
};

static inline int64_t read_clock(void *magic, clockid_t clock)
{
	const struct world *world = magic;

	/* So far apart that mixing them up shows. */
	return world->clock_ms + (clock == CLOCK_REALTIME ? 1700000000000 : 0);
}

static inline int64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

static inline int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct log_settings log = {.level = LOG_ERROR, .fd = 2};

	if (!pki_make(&world->pki))
		return -1;
	world->log = log_new("test_certs", &log);
	/* Where a proxy would be asked for, if the environment counted. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	*state = world;
	return 0;
}

static inline int end_world(void **state)
{
	struct world *world = *state;

	log_free(world->log);
	pki_free(&world->pki);
	free(world);
	return 0;
}

static inline struct server *server_of(struct world *world, enum server_kind kind)
{
	struct certs_url_rules *rules = &world->settings.url;

	if (!world->servers[kind]) {
		world->servers[kind] = server_start(kind, &world->pki);
		rules->ports[rules->n_ports++] = world->servers[kind]->port;
	}
	return world->servers[kind];
}

/* Every test has its own good server and settings, and starts certs when these are complete. */
static inline int set_up(void **state)
{
	struct world *world = *state;

	world->clock_ms = 5000000;
	world->settings = (struct certs_settings){
		.url = {.test_addresses = {"127.0.0.1"}, .n_test_addresses = 1},
		.tls_ca_file = world->pki.ca_file,
		.timeout_ms = 5000,
		.per_second_max = 1000,
		.per_host_max = 1000,
		.clock_ms = read_clock,
		.clock_magic = world,
	};
	server_of(world, SERVER_GOOD);
	return 0;
}

static inline int tear_down(void **state)
{
	struct world *world = *state;

	certs_free(world->certs);
	world->certs = NULL;
	for (size_t i = 0; i < SERVER_KINDS; i++) {
		if (world->servers[i])
			server_stop(world->servers[i]);
		world->servers[i] = NULL;
	}
	return 0;
}

static inline void start(struct world *world)
{
	world->certs = certs_new(&world->settings, world->log);
	assert_non_null(world->certs);
}

static inline void take(void *magic, const struct certs_answer *answer)
{
	struct inbox *inbox = magic;

	inbox->n++;
	inbox->status = answer->status;
	inbox->cached = answer->cached;
	snprintf(inbox->why, sizeof(inbox->why), "%s", answer->why);
	inbox->body[0] = 0;
	if (answer->body) {
		memcpy(inbox->body, answer->body, answer->len);
		inbox->body[answer->len] = 0;
	}
}

static inline void run_until(struct world *world, const struct inbox *inbox, int n)
{
	int64_t end = real_ms() + ANSWER_WAIT_MS;

	while (inbox->n < n && real_ms() < end) {
		struct pollfd wait = {.fd = certs_fd(world->certs), .events = POLLIN};

		if (poll(&wait, 1, 100) == 1)
			certs_dispatch(world->certs);
	}
	assert_int_equal(inbox->n, n);
}

static inline const char *url_at(const struct server *server, const char *path)
{
	static char url[200];

	snprintf(url, sizeof(url), "https://localhost:%u%s", server->port, path);
	return url;
}

/* Asks and waits. */
static inline struct inbox ask(struct world *world, const char *url)
{
	struct inbox inbox = {.n = 0};

	certs_get(world->certs, url, take, &inbox);
	run_until(world, &inbox, 1);
	return inbox;
}

static inline struct inbox ask_path(struct world *world, const char *path)
{
	return ask(world, url_at(world->servers[SERVER_GOOD], path));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
