/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's life: start, loop, reload, drain, end. */
#include "sip-proxy/proxy.h"

#include "sip-proxy/agent.h"
#include "sip-proxy/call.h"
#include "sip-proxy/connections.h"
#include "sip-proxy/follow.h"
#include "sip-proxy/idle.h"
#include "sip-proxy/outcome.h"
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
		return life_fail(&proxy->life, "verification", "no memory");
	if (!anchors_apply(&proxy->settings->anchors, proxy->ctx, &why))
		return life_fail(&proxy->life, "certs", why.text);
	anchors_clear(&proxy->settings->anchors);
	if (options->anchors.n == 0)
		return true;
	fill_url_rules(proxy, &settings.url);
	proxy->certs = certs_new(&settings, proxy->log);
	return proxy->certs != NULL ||
	       life_fail(&proxy->life, "certs", "its helper does not start");
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

	if (!life_drain(&proxy->life, proxy_now_ms(), ms))
		return;
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
	while ((event = signal_next(proxy->life.signal_fd)) != SIGNAL_NONE) {
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
	outcome_tick(proxy);
	if (proxy->follow != NULL)
		follow_tick(proxy->follow);
	metrics_set(proxy->metrics, METRIC_SETUP, NULL, (double)proxy->n_setup);
	sd_watchdog();
	if (life_is_drained(&proxy->life, proxy->n_setup, proxy_now_ms()))
		su_root_break(proxy->root);
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

/* All of the new configuration is checked before any of it is used; a bad one changes nothing. */
static void reload(struct proxy *proxy)
{
	struct conf_error err = {0};
	struct settings *settings;

	sd_reloading();
	settings = settings_load(proxy->config_path, &err);
	if (life_reload(&proxy->life, proxy->settings->conf,
			settings != NULL ? settings->conf : NULL, &err)) {
		settings_unref(proxy->settings);
		proxy->settings = settings;
		reload_anchors(proxy);
		if (!hsm_start(proxy))
			(void)life_fail(&proxy->life, "signing",
					"the token's thread does not start");
		warn_about(settings, life_warn, &proxy->life);
		log_event(proxy->log, LOG_INFO, "config.loaded",
			  F_INT("trunks", (int64_t)settings->n_trunks),
			  F_INT("routes", (int64_t)settings->n_routes));
	}
	life_reloaded(&proxy->life);
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
	    !watch(proxy, proxy->life.signal_fd, on_signal) ||
	    (proxy->certs != NULL && !watch(proxy, certs_fd(proxy->certs), on_certs)) ||
	    (proxy->pool != NULL && !watch(proxy, task_fd(proxy->pool), on_tasks)) ||
	    !outcome_start(proxy))
		return life_fail(&proxy->life, "loop", "cannot watch its files");
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

	/* Before any thread: the helper, which must not inherit what comes later. */
	if (!start_certs(proxy))
		return false;
	if (!registry_start(proxy, &why))
		return life_fail(&proxy->life, "registry", why.text);
	proxy->limiter = limiter_new();
	proxy->reserve = limiter_new();
	su_log_redirect(NULL, drop_stack_log, NULL);
	proxy->root = su_root_create(proxy);
	if (proxy->limiter == NULL || proxy->reserve == NULL || proxy->root == NULL ||
	    !siphash_key_make(&proxy->late_secret))
		return life_fail(&proxy->life, "loop", "no memory");
	su_root_threading(proxy->root, 0);
	if (!watch_all(proxy) || !life_admin(&proxy->life, proxy->settings->conf, NULL, NULL))
		return false;
	if (!hsm_start(proxy))
		return life_fail(&proxy->life, "signing", "the token's thread does not start");
	if (!relay_start(proxy, err, sizeof(err)))
		return life_fail(&proxy->life, "media", err);
	return agent_open(proxy, err, sizeof(err)) || life_fail(&proxy->life, "agent", err);
}

static bool run(struct proxy *proxy)
{
	if (!start(proxy))
		return false;
	life_serve(&proxy->life);
	log_event(proxy->log, LOG_INFO, "proxy.ready", F_STR("version", ATTESTEL_VERSION));
	su_root_run(proxy->root);
	return true;
}

/* The calls that end here are told of before the last line. */
static void stop(struct proxy *proxy, bool ran)
{
	if (proxy->agent != NULL)
		call_free_all(proxy);
	relay_stop(proxy);
	agent_close(proxy);
	connections_free(proxy);
	outcome_stop(proxy);
	life_admin_stop(&proxy->life);
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
	if (ran)
		log_event(proxy->log, LOG_INFO, "proxy.end");
	life_close(&proxy->life);
	settings_unref(proxy->settings);
	settings_unref(proxy->started_with);
}

int proxy_run(const char *config_path)
{
	struct proxy proxy = {.config_path = config_path};
	struct life_params params = {.program = "attestel-proxy",
				     .start = "proxy.start",
				     .metrics = record_metrics,
				     .n_metrics = METRIC_COUNT_OF};
	struct conf_error err = {0};
	bool ok;

	proxy.settings = settings_load(config_path, &err);
	if (proxy.settings == NULL) {
		fprintf(stderr, "attestel-proxy: %s\n", err.text);
		return 2;
	}
	proxy.started_with = settings_ref(proxy.settings);
	params.conf = proxy.settings->conf;
	ok = life_open(&proxy.life, &params);
	proxy.log = proxy.life.log;
	proxy.metrics = proxy.life.metrics;
	if (su_init() < 0)
		abort();
	if (ok) {
		warn_about(proxy.settings, life_warn, &proxy.life);
		ok = run(&proxy);
	}
	stop(&proxy, ok);
	su_deinit();
	return ok ? 0 : 1;
}
