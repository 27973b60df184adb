/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's life: start, loop, reload, drain, end. */
#include "sip-proxy/proxy.h"

#include "sip-proxy/agent.h"
#include "sip-proxy/call.h"
#include "sip-proxy/connections.h"
#include "sip-proxy/follow.h"
#include "sip-proxy/idle.h"
#include "sip-proxy/registry.h"
#include "sip-proxy/hsm.h"
#include "sip-proxy/relay.h"
#include "sip-proxy/warn.h"

#include "svc/runtime/sd.h"
#include "svc/runtime/signal.h"

#include <sofia-sip/su_log.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_MS 1000

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t proxy_now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t proxy_now_ms(void)
{
	return proxy_now_us() / 1000;
}

int64_t proxy_epoch(void)
{
	return clock_us(CLOCK_REALTIME) / 1000000;
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

static bool fail(struct proxy *proxy, const char *what, const char *why)
{
	log_event(proxy->log, LOG_ERROR, "proxy.start", F_STR("what", what), F_STR("why", why));
	return false;
}

static void fill_url_rules(struct proxy *proxy, struct certs_url_rules *rules)
{
	const struct certs_options *options = proxy->settings->certs;

	for (size_t i = 0; i < options->ports.n; i++)
		rules->ports[rules->n_ports++] =
			(uint16_t)strtoul(options->ports.items[i], NULL, 10);
	for (size_t i = 0; i < options->test_addresses.n; i++)
		snprintf(rules->test_addresses[rules->n_test_addresses++],
			 sizeof(rules->test_addresses[0]), "%s", options->test_addresses.items[i]);
}

static bool start_certs(struct proxy *proxy)
{
	const struct certs_options *options = proxy->settings->certs;
	struct certs_settings settings = {.tls_ca_file = options->tls_ca_file,
					  .cache_dir = options->cache_dir,
					  .timeout_ms = options->fetch_timeout_ms};
	struct callerid_error why = {0};

	if (callerid_context_new(NULL, &proxy->ctx, NULL) != CALLERID_OK)
		return fail(proxy, "verification", "no memory");
	if (!anchors_apply(&proxy->settings->anchors, proxy->ctx, &why))
		return fail(proxy, "certs", why.text);
	anchors_clear(&proxy->settings->anchors);
	if (options->anchors.n == 0)
		return true;
	fill_url_rules(proxy, &settings.url);
	proxy->certs = certs_new(&settings, proxy->log);
	return proxy->certs != NULL || fail(proxy, "certs", "its helper does not start");
}

static bool is_ready(void *magic, char *why, size_t size)
{
	const struct proxy *proxy = magic;

	if (atomic_load(&proxy->ready))
		return true;
	snprintf(why, size, "draining or starting");
	return false;
}

static bool start_admin(struct proxy *proxy)
{
	struct admin_params params = {.listen = proxy->settings->admin->listen,
				      .metrics = proxy->metrics,
				      .ready = is_ready,
				      .magic = proxy};
	char err[200] = "";

	proxy->admin = admin_start(&params, err, sizeof(err));
	if (proxy->admin == NULL && err[0] != 0)
		return fail(proxy, "admin", err);
	if (proxy->admin != NULL)
		log_event(proxy->log, LOG_INFO, "admin.listen",
			  F_INT("port", admin_port(proxy->admin)));
	return true;
}

static int on_certs(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	(void)wait;
	(void)arg;
	certs_dispatch(proxy->certs);
	return 0;
}

static int on_tasks(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	(void)wait;
	(void)arg;
	task_dispatch(proxy->pool);
	return 0;
}

static void reload(struct proxy *proxy);

static void drain(struct proxy *proxy)
{
	int64_t ms = proxy->settings->proxy->drain_ms;

	if (proxy->drain_until_ms != 0)
		return;
	atomic_store(&proxy->ready, false);
	sd_stopping();
	proxy->drain_until_ms = proxy_now_ms() + ms;
	log_event(proxy->log, LOG_INFO, "proxy.drain", F_INT("requests", (int64_t)proxy->n_setup),
		  F_INT("at_most_ms", ms));
	if (proxy->n_setup == 0)
		su_root_break(proxy->root);
}

static int on_signal(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	enum signal_event event;

	(void)wait;
	(void)arg;
	while ((event = signal_next(proxy->signal_fd)) != SIGNAL_NONE) {
		if (event == SIGNAL_RELOAD)
			reload(proxy);
		else if (event == SIGNAL_DRAIN)
			drain(proxy);
		else
			su_root_break(proxy->root);
	}
	return 0;
}

static void on_tick(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *arg)
{
	(void)timer;
	(void)arg;
	if (proxy->certs != NULL)
		certs_tick(proxy->certs);
	connections_tick(proxy);
	idle_tick(proxy);
	if (proxy->follow != NULL)
		follow_tick(proxy->follow);
	metrics_set(proxy->metrics, METRIC_SETUP, NULL, (double)proxy->n_setup);
	sd_watchdog();
	if (proxy->drain_until_ms != 0 &&
	    (proxy->n_setup == 0 || proxy_now_ms() >= proxy->drain_until_ms))
		su_root_break(proxy->root);
}

static void note_change(void *magic, const char *section, const char *title, const char *option,
			bool reloadable)
{
	struct proxy *proxy = magic;

	log_event(proxy->log, reloadable ? LOG_INFO : LOG_WARNING,
		  reloadable ? "config.changed" : "config.needs_restart", F_STR("section", section),
		  F_STR("title", title), F_STR("option", option));
}

/* The same context goes on: it knows which signatures were seen within the last minute. */
static void reload_anchors(struct proxy *proxy)
{
	struct settings *settings = proxy->settings;
	struct callerid_error why = {0};

	if (!anchors_apply(&settings->anchors, proxy->ctx, &why))
		log_event(proxy->log, LOG_ERROR, "config.anchors_refused", F_STR("why", why.text));
	/* What fetches certificates is started before any thread. */
	if (proxy->certs == NULL && settings->certs->anchors.n > 0)
		log_event(proxy->log, LOG_WARNING, "config.needs_restart",
			  F_STR("section", "certs"), F_STR("option", "anchors"));
	anchors_clear(&settings->anchors);
}

static void tell_warning(void *magic, const char *text)
{
	struct proxy *proxy = magic;

	log_event(proxy->log, LOG_WARNING, "config.warning", F_STR("what", text));
}

/* All of the new configuration is checked before any of it is used; a bad one changes nothing. */
static void reload(struct proxy *proxy)
{
	struct conf_error err = {0};
	struct settings *settings;
	struct log_settings log;

	sd_reloading();
	settings = settings_load(proxy->config_path, &err);
	if (settings == NULL) {
		log_event(proxy->log, LOG_ERROR, "config.refused", F_STR("why", err.text));
	} else {
		(void)conf_diff(proxy->settings->conf, settings->conf, note_change, proxy);
		settings_unref(proxy->settings);
		proxy->settings = settings;
		log = log_settings_of(settings);
		log_change(proxy->log, &log);
		reload_anchors(proxy);
		if (!hsm_start(proxy))
			(void)fail(proxy, "signing", "the token's thread does not start");
		warn_about(settings, tell_warning, proxy);
		log_event(proxy->log, LOG_INFO, "config.loaded",
			  F_INT("trunks", (int64_t)settings->n_trunks),
			  F_INT("routes", (int64_t)settings->n_routes));
	}
	sd_ready("serving");
}

static bool watch(struct proxy *proxy, int fd, su_wakeup_f wake)
{
	su_wait_t wait[1] = {SU_WAIT_INIT};

	return fd >= 0 && su_wait_create(wait, fd, SU_WAIT_IN) == 0 &&
	       su_root_register(proxy->root, wait, wake, proxy, 0) >= 0;
}

static bool watch_all(struct proxy *proxy)
{
	proxy->tick = su_timer_create(su_root_task(proxy->root), TICK_MS);
	if (proxy->tick == NULL || su_timer_set_for_ever(proxy->tick, on_tick, NULL) < 0 ||
	    !watch(proxy, proxy->signal_fd, on_signal) ||
	    (proxy->certs != NULL && !watch(proxy, certs_fd(proxy->certs), on_certs)) ||
	    (proxy->pool != NULL && !watch(proxy, task_fd(proxy->pool), on_tasks)))
		return fail(proxy, "loop", "cannot watch its files");
	return true;
}

/* The stack's own lines are for debugging it: dropped, its errors come back as responses. */
static void drop_stack_log(void *stream, char const *format, va_list args)
{
	(void)stream;
	(void)format;
	(void)args;
}

static bool start(struct proxy *proxy)
{
	struct callerid_error why = {0};
	char err[200] = "";

	/* Before any thread: signals, and the helper that must not inherit what comes later. */
	proxy->signal_fd = signal_open();
	if (!start_certs(proxy))
		return false;
	if (!registry_start(proxy, &why))
		return fail(proxy, "registry", why.text);
	proxy->limiter = limiter_new();
	proxy->reserve = limiter_new();
	su_log_redirect(NULL, drop_stack_log, NULL);
	proxy->root = su_root_create(proxy);
	if (proxy->limiter == NULL || proxy->reserve == NULL || proxy->root == NULL)
		return fail(proxy, "loop", "no memory");
	su_root_threading(proxy->root, 0);
	if (!watch_all(proxy) || !start_admin(proxy))
		return false;
	if (!hsm_start(proxy))
		return fail(proxy, "signing", "the token's thread does not start");
	if (!relay_start(proxy, err, sizeof(err)))
		return fail(proxy, "media", err);
	return agent_open(proxy, err, sizeof(err)) || fail(proxy, "agent", err);
}

static void stop(struct proxy *proxy)
{
	if (proxy->agent != NULL)
		call_free_all(proxy);
	relay_stop(proxy);
	agent_close(proxy);
	connections_free(proxy);
	admin_stop(proxy->admin);
	if (proxy->pool != NULL)
		task_pool_free(proxy->pool);
	follow_stop(proxy->follow);
	hsm_stop(proxy);
	if (proxy->certs != NULL)
		certs_free(proxy->certs);
	callerid_context_free(proxy->ctx);
	su_timer_destroy(proxy->tick);
	idle_end(proxy);
	if (proxy->root != NULL)
		su_root_destroy(proxy->root);
	limiter_free(proxy->limiter);
	limiter_free(proxy->reserve);
	metrics_free(proxy->metrics);
	log_free(proxy->log);
	settings_unref(proxy->settings);
	settings_unref(proxy->started_with);
}

int proxy_run(const char *config_path)
{
	struct proxy proxy = {.config_path = config_path, .signal_fd = -1};
	struct conf_error err = {0};
	struct log_settings log;
	bool ok;

	proxy.settings = settings_load(config_path, &err);
	if (proxy.settings == NULL) {
		fprintf(stderr, "attestel-proxy: %s\n", err.text);
		return 2;
	}
	proxy.started_with = settings_ref(proxy.settings);
	log = log_settings_of(proxy.settings);
	proxy.log = log_new("attestel-proxy", &log);
	proxy.metrics = metrics_new(record_metrics, METRIC_COUNT_OF);
	if (proxy.log == NULL || proxy.metrics == NULL || su_init() < 0)
		abort();
	warn_about(proxy.settings, tell_warning, &proxy);
	ok = start(&proxy);
	if (ok) {
		atomic_store(&proxy.ready, true);
		sd_ready("serving");
		log_event(proxy.log, LOG_INFO, "proxy.ready", F_STR("version", ATTESTEL_VERSION));
		su_root_run(proxy.root);
		log_event(proxy.log, LOG_INFO, "proxy.end");
	}
	stop(&proxy);
	su_deinit();
	return ok ? 0 : 1;
}
