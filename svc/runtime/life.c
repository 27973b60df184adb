/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemons do alike between their start and their end. */
#include "svc/runtime/life.h"

#include "svc/runtime/sd.h"
#include "svc/runtime/sections.h"
#include "svc/runtime/signal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool life_fail(const struct life *life, const char *what, const char *why)
{
	log_event(life->log, LOG_ERROR, life->start, F_STR("what", what), F_STR("why", why));
	return false;
}

bool life_open(struct life *life, const struct life_params *params)
{
	struct log_settings log = sections_log_settings(params->conf);

	life->start = params->start;
	life->log = NULL;
	life->metrics = NULL;
	life->admin = NULL;
	life->drain_until_ms = 0;
	atomic_init(&life->serving, false);
	life->signal_fd = signal_open();
	int why = errno;
	life->log = log_new(params->program, &log);
	if (life->log == NULL) {
		fprintf(stderr, "%s: no memory\n", params->program);
		return false;
	}
	if (life->signal_fd < 0)
		return life_fail(life, "signals", strerrordesc_np(why));
	life->metrics = metrics_new(params->metrics, params->n_metrics);
	return life->metrics != NULL || life_fail(life, "metrics", "no memory");
}

void life_close(struct life *life)
{
	life_admin_stop(life);
	if (life->signal_fd >= 0)
		close(life->signal_fd);
	life->signal_fd = -1;
	metrics_free(life->metrics);
	life->metrics = NULL;
	log_free(life->log);
	life->log = NULL;
}

static bool is_serving(void *magic, char *why, size_t size)
{
	const struct life *life = magic;

	if (atomic_load(&life->serving))
		return true;
	snprintf(why, size, "draining or starting");
	return false;
}

bool life_admin(struct life *life, const struct conf *conf, admin_ready *ready, void *magic)
{
	const struct admin_options *options = conf_get(conf, "admin");
	const struct admin_params params = {.listen = options->listen,
					    .metrics = life->metrics,
					    .ready = ready != NULL ? ready : is_serving,
					    .magic = ready != NULL ? magic : life};
	char err[400] = "";

	life->admin = admin_start(&params, err, sizeof(err));
	if (life->admin != NULL)
		log_event(life->log, LOG_INFO, "admin.listen",
			  F_INT("port", admin_port(life->admin)));
	return err[0] == '\0' || life_fail(life, "admin", err);
}

void life_admin_stop(struct life *life)
{
	admin_stop(life->admin);
	life->admin = NULL;
}

void life_serve(struct life *life)
{
	atomic_store(&life->serving, true);
	sd_ready("serving");
}

void life_leave(struct life *life)
{
	atomic_store(&life->serving, false);
	sd_stopping();
}

bool life_drain(struct life *life, int64_t now_ms, int64_t at_most_ms)
{
	if (life->drain_until_ms != 0)
		return false;
	life_leave(life);
	life->drain_until_ms = now_ms + at_most_ms;
	return true;
}

bool life_is_drained(const struct life *life, size_t left, int64_t now_ms)
{
	return life->drain_until_ms != 0 && (left == 0 || now_ms >= life->drain_until_ms);
}

static void note_change(void *magic, const char *section, const char *title, const char *option,
			bool reloadable)
{
	const struct life *life = magic;

	log_event(life->log, reloadable ? LOG_INFO : LOG_WARNING,
		  reloadable ? "config.changed" : "config.needs_restart", F_STR("section", section),
		  F_STR("title", title), F_STR("option", option));
}

bool life_reload(struct life *life, const struct conf *old, const struct conf *next,
		 const struct conf_error *err)
{
	struct log_settings log;

	if (next == NULL) {
		log_event(life->log, LOG_ERROR, "config.refused", F_STR("why", err->text));
		return false;
	}
	(void)conf_diff(old, next, note_change, life);
	log = sections_log_settings(next);
	log_change(life->log, &log);
	return true;
}

void life_reloaded(struct life *life)
{
	if (atomic_load(&life->serving))
		sd_ready("serving");
	else
		sd_stopping();
}

void life_warn(void *life, const char *text)
{
	const struct life *own = life;

	log_event(own->log, LOG_WARNING, "config.warning", F_STR("what", text));
}
