/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the rooms together, and waits for signals while they work. */
#include "media/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "media/handover.h"
#include "media/metrics.h"
#include "svc/runtime/life.h"
#include "svc/runtime/sd.h"
#include "svc/runtime/signal.h"

#define TICK_MS	      1000
#define DRAIN_TICK_MS 100

struct daemon {
	daemon_load *load;
	void *magic;
	struct settings *settings;     /* what the file says now */
	struct settings *started_with; /* the rooms hold texts of it */
	struct life life;
	struct port_pool *pool;
	struct sessions *sessions;
	struct control *control;
	struct state_file state; /* path NULL: none */
	int events_fd;		 /* -1: nobody is told */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool start_control(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;
	struct control_params params = {.listen = settings->listen,
					.n_listen = settings->n_listen,
					.handler = sessions_request,
					.magic = daemon->sessions,
					.log = daemon->life.log,
					.metrics = daemon->life.metrics};
	char err[400] = "", text[ADDRESS_TEXT_MAX];

	if (settings->key[0] != '\0') {
		params.key = (const uint8_t *)settings->key;
		params.key_len = strlen(settings->key);
	}
	daemon->control = control_start(&params, err, sizeof(err));
	if (daemon->control == NULL)
		return life_fail(&daemon->life, "control", err);
	for (size_t i = 0; i < settings->n_listen; i++) {
		static const char *const names[] = {"udp", "tcp", "unix"};
		const struct control_listen *listen = &settings->listen[i];
		struct address address = control_address(daemon->control, i);

		log_event(daemon->life.log, LOG_INFO, "ng.listen",
			  F_STR("transport", names[listen->kind]),
			  F_STR("at", listen->kind == CONTROL_UNIX ? listen->path
								   : address_text(&address, text)),
			  F_BOOL("keyed", params.key != NULL && listen->kind != CONTROL_UNIX));
	}
	return true;
}

static void gauge(struct daemon *daemon)
{
	metrics_set(daemon->life.metrics, MEDIA_CALLS, NULL,
		    (double)sessions_calls(daemon->sessions));
	metrics_set(daemon->life.metrics, MEDIA_PORTS_USED, NULL,
		    (double)port_pool_used(daemon->pool));
	metrics_set(daemon->life.metrics, MEDIA_PORTS, NULL, (double)port_pool_size(daemon->pool));
}

/* Without a reader, or faster than it reads, events are lost: calls do not wait. */
static void tell_event(void *magic, const char *text, size_t len)
{
	const struct daemon *daemon = magic;
	ssize_t n = send(daemon->events_fd, text, len, 0);

	(void)n;
}

static bool start_events(struct daemon *daemon, struct session_settings *session)
{
	const struct address *to = &daemon->settings->events;
	struct sockaddr_storage sa;
	socklen_t len;

	if (to->family == 0)
		return true;
	len = address_to_sockaddr(to, &sa);
	daemon->events_fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (daemon->events_fd < 0 ||
	    connect(daemon->events_fd, (const struct sockaddr *)&sa, len) < 0)
		return life_fail(&daemon->life, "events", strerror(errno));
	session->event = tell_event;
	session->event_magic = daemon;
	return true;
}

/* An interface whose address is not this machine's would be found by the first call only. */
static bool check_interfaces(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;

	for (size_t i = 0; i < settings->n_interfaces; i++) {
		struct address any = settings->interfaces[i].address;
		char text[ADDRESS_TEXT_MAX], why[200];

		any.port = 0;
		int fd = port_bind(&any);
		if (fd < 0) {
			snprintf(why, sizeof(why),
				 "%s: %s; name an address of this machine (ip address show)",
				 address_ip_text(&any, text), strerror(errno));
			return life_fail(&daemon->life, "interface", why);
		}
		close(fd);
	}
	return true;
}

static bool start(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;
	struct session_settings session = settings->session;
	char err[300] = "";

	daemon->pool = port_pool_new(settings->interfaces, settings->n_interfaces,
				     settings->first_port, settings->last_port);
	if (daemon->pool == NULL)
		return life_fail(&daemon->life, "ports", "no memory");
	if (!check_interfaces(daemon))
		return false;
	if (!handover_open(settings->state, &daemon->state, err, sizeof(err)))
		return life_fail(&daemon->life, "state", err);
	if (!start_events(daemon, &session))
		return false;
	daemon->sessions = sessions_start(&session, daemon->pool, daemon->life.log,
					  daemon->life.metrics, err, sizeof(err));
	if (daemon->sessions == NULL)
		return life_fail(&daemon->life, "workers", err);
	handover_take(daemon->sessions, &daemon->state, daemon->life.log, daemon->life.metrics);
	gauge(daemon);
	return life_admin(&daemon->life, settings->conf, NULL, NULL) && start_control(daemon);
}

/* A bad configuration changes nothing. */
static void reload(struct daemon *daemon)
{
	struct conf_error err = {0};
	struct settings *settings;

	sd_reloading();
	settings = daemon->load(daemon->magic, &err);
	if (life_reload(&daemon->life, daemon->settings->conf,
			settings != NULL ? settings->conf : NULL, &err)) {
		if (daemon->settings != daemon->started_with)
			settings_free(daemon->settings);
		daemon->settings = settings;
		settings_warn(settings, life_warn, &daemon->life);
		log_event(daemon->life.log, LOG_INFO, "config.loaded");
	}
	life_reloaded(&daemon->life);
}

/* Commands end first: what came after the calls were written down would be lost with this process.
 * A file that cannot be written leaves the calls where they are. */
static bool hand_over(struct daemon *daemon)
{
	if (daemon->state.path == NULL)
		return false;
	life_leave(&daemon->life);
	control_stop(daemon->control);
	daemon->control = NULL;
	if (sessions_calls(daemon->sessions) == 0 ||
	    handover_give(daemon->sessions, &daemon->state, daemon->life.log))
		return true;
	(void)start_control(daemon);
	return false;
}

static void drain(struct daemon *daemon)
{
	int64_t ms = daemon->settings->media->drain_ms;
	size_t calls;

	if (!life_drain(&daemon->life, now_ms(), ms))
		return;
	sessions_drain(daemon->sessions);
	calls = sessions_calls(daemon->sessions);
	if (calls > 0)
		log_event(daemon->life.log, LOG_INFO, "media.drain", F_INT("calls", (int64_t)calls),
			  F_INT("at_most_ms", ms));
}

/* false: end now. */
static bool heed_signals(struct daemon *daemon)
{
	enum signal_event event;

	while ((event = signal_next(daemon->life.signal_fd)) != SIGNAL_NONE) {
		if (event == SIGNAL_STOP)
			return false;
		if (event == SIGNAL_DRAIN && hand_over(daemon))
			return false;
		if (event == SIGNAL_RELOAD)
			reload(daemon);
		else
			drain(daemon);
	}
	return true;
}

static bool is_drained(const struct daemon *daemon)
{
	return life_is_drained(&daemon->life, sessions_calls(daemon->sessions), now_ms());
}

static void loop(struct daemon *daemon)
{
	struct pollfd poll_fd = {.fd = daemon->life.signal_fd, .events = POLLIN};

	while (heed_signals(daemon) && !is_drained(daemon)) {
		gauge(daemon);
		sd_watchdog();
		(void)poll(&poll_fd, 1, daemon->life.drain_until_ms != 0 ? DRAIN_TICK_MS : TICK_MS);
	}
}

static bool run(struct daemon *daemon)
{
	if (!start(daemon))
		return false;
	life_serve(&daemon->life);
	log_event(daemon->life.log, LOG_INFO, "media.ready", F_STR("version", ATTESTEL_VERSION));
	loop(daemon);
	return true;
}

/* Commands that run are answered before the workers that run them end, and the calls that end with
 * these are told of before the last line. */
static void stop(struct daemon *daemon, bool ran)
{
	size_t calls = ran ? sessions_calls(daemon->sessions) : 0;

	control_stop(daemon->control);
	sessions_stop(daemon->sessions);
	port_pool_free(daemon->pool);
	handover_close(&daemon->state);
	if (ran)
		log_event(daemon->life.log, LOG_INFO, "media.end", F_INT("calls", (int64_t)calls));
	life_close(&daemon->life);
	if (daemon->events_fd >= 0)
		close(daemon->events_fd);
	if (daemon->settings != daemon->started_with)
		settings_free(daemon->settings);
	settings_free(daemon->started_with);
}

int daemon_run(daemon_load *load, void *magic)
{
	struct daemon daemon = {.load = load, .magic = magic, .events_fd = -1};
	struct life_params params = {.program = "attestel-media",
				     .start = "media.start",
				     .metrics = media_metrics,
				     .n_metrics = MEDIA_METRIC_COUNT};
	struct conf_error err = {0};
	bool ok;

	daemon.settings = load(magic, &err);
	if (daemon.settings == NULL) {
		fprintf(stderr, "attestel-media: %s\n", err.text);
		return 2;
	}
	daemon.started_with = daemon.settings;
	params.conf = daemon.settings->conf;
	ok = life_open(&daemon.life, &params);
	if (ok) {
		settings_warn(daemon.settings, life_warn, &daemon.life);
		ok = run(&daemon);
	}
	stop(&daemon, ok);
	return ok ? 0 : 1;
}
