/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the rooms together, and waits for signals while they work. */
#include "media/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "media/handover.h"
#include "media/metrics.h"
#include "svc/runtime/admin.h"
#include "svc/runtime/sd.h"
#include "svc/runtime/signal.h"

#define TICK_MS	      1000
#define DRAIN_TICK_MS 100

struct daemon {
	daemon_load *load;
	void *magic;
	struct settings *settings;     /* what the file says now */
	struct settings *started_with; /* the rooms hold texts of it */
	struct log *log;
	struct metrics *metrics;
	struct port_pool *pool;
	struct sessions *sessions;
	struct control *control;
	struct state_file state; /* path NULL: none */
	struct admin *admin;
	int signal_fd;
	int events_fd;		/* -1: nobody is told */
	int64_t drain_until_ms; /* 0: not draining */
	atomic_bool ready;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct log_settings log_settings_of(const struct settings *settings)
{
	return (struct log_settings){
		.level = (enum log_level)settings->log->level,
		.format = (enum log_format)settings->log->format,
		.full_numbers = settings->log->full_numbers,
		.per_second_max = (unsigned)settings->log->per_second,
		.fd = 2,
	};
}

static bool fail(struct daemon *daemon, const char *what, const char *why)
{
	log_event(daemon->log, LOG_ERROR, "media.start", F_STR("what", what), F_STR("why", why));
	return false;
}

static bool is_ready(void *magic, char *why, size_t size)
{
	struct daemon *daemon = magic;

	if (atomic_load(&daemon->ready))
		return true;
	snprintf(why, size, "draining or starting");
	return false;
}

static bool start_admin(struct daemon *daemon)
{
	struct admin_params params = {.listen = daemon->settings->admin->listen,
				      .metrics = daemon->metrics,
				      .ready = is_ready,
				      .magic = daemon};
	char err[200] = "";

	daemon->admin = admin_start(&params, err, sizeof(err));
	if (daemon->admin == NULL && err[0] != '\0')
		return fail(daemon, "admin", err);
	if (daemon->admin != NULL)
		log_event(daemon->log, LOG_INFO, "admin.listen",
			  F_INT("port", admin_port(daemon->admin)));
	return true;
}

static bool start_control(struct daemon *daemon)
{
	const struct settings *settings = daemon->settings;
	struct control_params params = {.listen = settings->listen,
					.n_listen = settings->n_listen,
					.handler = sessions_request,
					.magic = daemon->sessions,
					.log = daemon->log,
					.metrics = daemon->metrics};
	char err[400] = "", text[ADDRESS_TEXT_MAX];

	if (settings->key[0] != '\0') {
		params.key = (const uint8_t *)settings->key;
		params.key_len = strlen(settings->key);
	}
	daemon->control = control_start(&params, err, sizeof(err));
	if (daemon->control == NULL)
		return fail(daemon, "control", err);
	for (size_t i = 0; i < settings->n_listen; i++) {
		static const char *const names[] = {"udp", "tcp", "unix"};
		const struct control_listen *listen = &settings->listen[i];
		struct address address = control_address(daemon->control, i);

		log_event(daemon->log, LOG_INFO, "ng.listen",
			  F_STR("transport", names[listen->kind]),
			  F_STR("at", listen->kind == CONTROL_UNIX ? listen->path
								   : address_text(&address, text)),
			  F_BOOL("keyed", params.key != NULL && listen->kind != CONTROL_UNIX));
	}
	return true;
}

static void gauge(struct daemon *daemon)
{
	metrics_set(daemon->metrics, MEDIA_CALLS, NULL, (double)sessions_calls(daemon->sessions));
	metrics_set(daemon->metrics, MEDIA_PORTS_USED, NULL, (double)port_pool_used(daemon->pool));
	metrics_set(daemon->metrics, MEDIA_PORTS, NULL, (double)port_pool_size(daemon->pool));
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
		return fail(daemon, "events", strerror(errno));
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
			return fail(daemon, "interface", why);
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

	/* Before any thread: they are not to take the signals. */
	daemon->signal_fd = signal_open();
	if (daemon->signal_fd < 0)
		return fail(daemon, "signals", strerror(errno));
	daemon->pool = port_pool_new(settings->interfaces, settings->n_interfaces,
				     settings->first_port, settings->last_port);
	if (daemon->pool == NULL)
		return fail(daemon, "ports", "no memory");
	if (!check_interfaces(daemon))
		return false;
	if (!handover_open(settings->state, &daemon->state, err, sizeof(err)))
		return fail(daemon, "state", err);
	if (!start_events(daemon, &session))
		return false;
	daemon->sessions = sessions_start(&session, daemon->pool, daemon->log, daemon->metrics, err,
					  sizeof(err));
	if (daemon->sessions == NULL)
		return fail(daemon, "workers", err);
	handover_take(daemon->sessions, &daemon->state, daemon->log, daemon->metrics);
	gauge(daemon);
	return start_admin(daemon) && start_control(daemon);
}

static void note_change(void *magic, const char *section, const char *title, const char *option,
			bool reloadable)
{
	struct daemon *daemon = magic;

	log_event(daemon->log, reloadable ? LOG_INFO : LOG_WARNING,
		  reloadable ? "config.changed" : "config.needs_restart", F_STR("section", section),
		  F_STR("title", title), F_STR("option", option));
}

static void tell_warning(void *magic, const char *text)
{
	struct daemon *daemon = magic;

	log_event(daemon->log, LOG_WARNING, "config.warning", F_STR("what", text));
}

/* A bad configuration changes nothing. */
static void reload(struct daemon *daemon)
{
	struct conf_error err = {0};
	struct settings *settings;
	struct log_settings log;

	sd_reloading();
	settings = daemon->load(daemon->magic, &err);
	if (settings == NULL) {
		log_event(daemon->log, LOG_ERROR, "config.refused", F_STR("why", err.text));
	} else {
		(void)conf_diff(daemon->settings->conf, settings->conf, note_change, daemon);
		if (daemon->settings != daemon->started_with)
			settings_free(daemon->settings);
		daemon->settings = settings;
		log = log_settings_of(settings);
		log_change(daemon->log, &log);
		settings_warn(settings, tell_warning, daemon);
		log_event(daemon->log, LOG_INFO, "config.loaded");
	}
	sd_ready("serving");
}

/* Commands end first: what came after the calls were written down would be lost with this process.
 * A file that cannot be written leaves the calls where they are. */
static bool hand_over(struct daemon *daemon)
{
	if (daemon->state.path == NULL || sessions_calls(daemon->sessions) == 0)
		return false;
	atomic_store(&daemon->ready, false);
	sd_stopping();
	control_stop(daemon->control);
	daemon->control = NULL;
	if (handover_give(daemon->sessions, &daemon->state, daemon->log))
		return true;
	(void)start_control(daemon);
	return false;
}

static void drain(struct daemon *daemon)
{
	int64_t ms = daemon->settings->media->drain_ms;

	if (daemon->drain_until_ms != 0)
		return;
	atomic_store(&daemon->ready, false);
	sd_stopping();
	sessions_drain(daemon->sessions);
	daemon->drain_until_ms = now_ms() + ms;
	log_event(daemon->log, LOG_INFO, "media.drain",
		  F_INT("calls", (int64_t)sessions_calls(daemon->sessions)),
		  F_INT("at_most_ms", ms));
}

/* false: end now. */
static bool heed_signals(struct daemon *daemon)
{
	enum signal_event event;

	while ((event = signal_next(daemon->signal_fd)) != SIGNAL_NONE) {
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
	return daemon->drain_until_ms != 0 &&
	       (sessions_calls(daemon->sessions) == 0 || now_ms() >= daemon->drain_until_ms);
}

static void loop(struct daemon *daemon)
{
	struct pollfd poll_fd = {.fd = daemon->signal_fd, .events = POLLIN};

	while (heed_signals(daemon) && !is_drained(daemon)) {
		gauge(daemon);
		sd_watchdog();
		(void)poll(&poll_fd, 1, daemon->drain_until_ms != 0 ? DRAIN_TICK_MS : TICK_MS);
	}
}

/* Commands that run are answered before the workers that run them end. */
static void stop(struct daemon *daemon)
{
	control_stop(daemon->control);
	sessions_stop(daemon->sessions);
	port_pool_free(daemon->pool);
	handover_close(&daemon->state);
	admin_stop(daemon->admin);
	if (daemon->signal_fd >= 0)
		close(daemon->signal_fd);
	if (daemon->events_fd >= 0)
		close(daemon->events_fd);
	metrics_free(daemon->metrics);
	log_free(daemon->log);
	if (daemon->settings != daemon->started_with)
		settings_free(daemon->settings);
	settings_free(daemon->started_with);
}

int daemon_run(daemon_load *load, void *magic)
{
	struct daemon daemon = {.load = load, .magic = magic, .signal_fd = -1, .events_fd = -1};
	struct conf_error err = {0};
	struct log_settings log;
	bool ok;

	daemon.settings = load(magic, &err);
	if (daemon.settings == NULL) {
		fprintf(stderr, "attestel-media: %s\n", err.text);
		return 2;
	}
	daemon.started_with = daemon.settings;
	log = log_settings_of(daemon.settings);
	daemon.log = log_new("attestel-media", &log);
	daemon.metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	if (daemon.log == NULL || daemon.metrics == NULL)
		abort();
	settings_warn(daemon.settings, tell_warning, &daemon);
	ok = start(&daemon);
	if (ok) {
		atomic_store(&daemon.ready, true);
		sd_ready("serving");
		log_event(daemon.log, LOG_INFO, "media.ready", F_STR("version", ATTESTEL_VERSION));
		loop(&daemon);
		log_event(daemon.log, LOG_INFO, "media.end",
			  F_INT("calls", (int64_t)sessions_calls(daemon.sessions)));
	}
	stop(&daemon);
	return ok ? 0 : 1;
}
