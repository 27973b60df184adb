/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that follows the registry. */
#include "sip-proxy/follow.h"

#include "sip-proxy/download.h"
#include "sip-proxy/proxy.h"
#include "sip-proxy/record.h"
#include "sip-proxy/snapshot_file.h"
#include "sip-proxy/snapshot_line.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS	 2000
#define SILENCE_MS	 40000 /* the registry says something each 15 s */
#define PAUSE_MIN_MS	 100   /* between two tries, doubled up to the next */
#define PAUSE_MAX_MS	 2000
#define PAUSE_REFUSED_MS 30000 /* what a person has to change first */
#define SAVE_FRESH_MS	 60000 /* nothing changed but the time */
#define SAVE_MIN_MS	 1000
#define CHANGES_MAX	 1000000 /* lines besides a table's entries */
#define SAVE_SHARE	 50	 /* a save may take one part of that many of the time */

struct follow {
	struct follow_params params;
	struct snapshot_limits limits;
	struct download *download;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock;	/* over all that others read; the thread alone writes */
	struct snapshot *table; /* NULL: nothing was read yet */
	struct snapshot_state state;
	int64_t lost_ms; /* monotonic: since when nothing is followed; 0: it is */

	/* the thread's alone */
	bool changed;
	int64_t saved_ms, saved_fresh_ms, save_cost_ms;
	int64_t pause_ms;
	bool told; /* that it does not go on was logged */
	/* the answer that is being read */
	struct snapshot *fresh; /* the whole directory, anew; NULL: changes of table */
	int64_t serial, entries, begun_ms;
	bool begun, ended;
	bool directory; /* the event that is being read is directory.changed */
	int64_t event_serial;
	const char *trouble;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void count_load(struct follow *follow, const char *kind, const char *result)
{
	METRIC_COUNT(follow->params.metrics, METRIC_SNAPSHOT_LOADS, kind, result);
}

/* Once for each time that it stops going on. */
static void tell(struct follow *follow, const char *what, const char *why, int http_status)
{
	if (!follow->told)
		log_event(follow->params.log, LOG_WARNING, "snapshot.away", F_STR("what", what),
			  F_STR("why", why), F_INT("http_status", http_status));
	follow->told = true;
}

/* The state file */

static void save(struct follow *follow)
{
	const char *path = follow->params.options->snapshot_file;
	int64_t began = proxy_now_ms();
	char why[128] = "";
	bool ok;

	if (path == NULL || follow->table == NULL)
		return;
	ok = snapshot_file_save(path, follow->table, &follow->state, why);
	count_load(follow, "save", ok ? "ok" : "failed");
	if (!ok)
		log_event(follow->params.log, LOG_ERROR, "snapshot.save", F_STR("file", path),
			  F_STR("why", why));
	follow->saved_ms = proxy_now_ms();
	follow->save_cost_ms = follow->saved_ms - began;
	follow->saved_fresh_ms = follow->state.fresh_ms;
	follow->changed = follow->changed && !ok;
}

static void tick(void *magic)
{
	struct follow *follow = magic;
	int64_t since = proxy_now_ms() - follow->saved_ms;
	int64_t pause = follow->save_cost_ms * SAVE_SHARE;

	if (follow->saved_ms != 0 && since < (pause > SAVE_MIN_MS ? pause : SAVE_MIN_MS))
		return;
	if (follow->changed ||
	    (since >= SAVE_FRESH_MS && follow->state.fresh_ms != follow->saved_fresh_ms))
		save(follow);
}

static void load_file(struct follow *follow)
{
	const char *path = follow->params.options->snapshot_file;
	char why[128] = "";

	if (path == NULL)
		return;
	follow->table = snapshot_file_load(path, &follow->limits, &follow->state, why);
	if (follow->table != NULL) {
		count_load(follow, "file", "ok");
		log_event(follow->params.log, LOG_INFO, "snapshot.file",
			  F_INT("entries", (int64_t)snapshot_count(follow->table)),
			  F_INT("serial", follow->state.serial));
	} else if (why[0] != 0) {
		count_load(follow, "file", "failed");
		log_event(follow->params.log, LOG_WARNING, "snapshot.file_refused",
			  F_STR("file", path), F_STR("why", why));
	}
}

/* What comes */

static enum snapshot_status apply(struct follow *follow, const struct snapshot_line *line)
{
	enum snapshot_status status;

	if (follow->fresh != NULL) /* nobody else has it */
		return snapshot_line_apply(line, follow->fresh);
	pthread_mutex_lock(&follow->lock);
	status = snapshot_line_apply(line, follow->table);
	pthread_mutex_unlock(&follow->lock);
	follow->changed = true;
	return status;
}

static bool stop_for(struct follow *follow, const char *trouble)
{
	follow->trouble = trouble;
	return false;
}

static bool take_line(struct follow *follow, const struct snapshot_line *line)
{
	enum snapshot_status status;

	if ((line->kind == SNAPSHOT_LINE_SERIAL) == follow->begun || follow->ended)
		return stop_for(follow, "its lines are out of order");
	if (line->kind == SNAPSHOT_LINE_SERIAL) {
		follow->begun = true;
		follow->serial = line->number;
		return true;
	}
	if (line->kind == SNAPSHOT_LINE_END) {
		follow->ended = line->number == follow->entries;
		return follow->ended || stop_for(follow, "entries are missing");
	}
	/* Of what is told anew each time, no table ever gets too full. */
	if (++follow->entries > (int64_t)follow->limits.entries + CHANGES_MAX)
		return stop_for(follow, "it does not end");
	status = apply(follow, line);
	if (status == SNAPSHOT_FULL)
		return stop_for(follow, "snapshot_entries or snapshot_memory is too small");
	return status == SNAPSHOT_OK || stop_for(follow, "an entry is malformed");
}

static bool on_snapshot(void *magic, const char *text, size_t len)
{
	struct follow *follow = magic;
	struct snapshot_line line;
	bool more;

	if (!snapshot_line_read(text, len, &line))
		return stop_for(follow, "a line is malformed");
	more = take_line(follow, &line);
	snapshot_line_clear(&line);
	return more;
}

static void be_fresh(struct follow *follow, int64_t ms)
{
	pthread_mutex_lock(&follow->lock);
	follow->state.fresh_ms = ms;
	pthread_mutex_unlock(&follow->lock);
}

/* "17", or "17-203" while the numbers of one brand are told: then 17 is not done yet. */
static int64_t serial_of(const char *id)
{
	char *end;
	int64_t serial = strtoll(id, &end, 10);

	return *end == '-' ? serial - 1 : serial;
}

static bool on_event(struct follow *follow, const char *text, size_t len)
{
	struct snapshot_line line;
	enum snapshot_status status;

	if (!snapshot_line_read(text, len, &line))
		return stop_for(follow, "an event is malformed");
	status = apply(follow, &line);
	snapshot_line_clear(&line);
	if (status == SNAPSHOT_FULL)
		return stop_for(follow, "snapshot_entries or snapshot_memory is too small");
	pthread_mutex_lock(&follow->lock);
	if (follow->event_serial > follow->state.serial)
		follow->state.serial = follow->event_serial;
	pthread_mutex_unlock(&follow->lock);
	return status == SNAPSHOT_OK || stop_for(follow, "an event is malformed");
}

/* The value of a field of an event (WHATWG, "Server-sent events"); NULL: it is another field. */
static const char *value_of(const char *text, const char *field)
{
	size_t n = strlen(field);

	if (strncmp(text, field, n) != 0 || text[n] != ':')
		return NULL;
	return text[n + 1] == ' ' ? text + n + 2 : text + n + 1;
}

static bool on_stream(void *magic, const char *text, size_t len)
{
	struct follow *follow = magic;
	const char *value;

	be_fresh(follow, now_ms());
	if ((value = value_of(text, "id")) != NULL)
		follow->event_serial = serial_of(value);
	else if ((value = value_of(text, "event")) != NULL)
		follow->directory = strcmp(value, "directory.changed") == 0;
	else if (len == 0)
		follow->directory = false;
	if (value != NULL && strcmp(value, "reset") == 0)
		return false; /* what changed is read, then it is followed again */
	value = value_of(text, "data");
	if (value == NULL || !follow->directory)
		return true;
	return on_event(follow, value, len - (size_t)(value - text));
}

/* Reading and following */

static enum download_status run(struct follow *follow, const char *path,
				bool (*line)(void *, const char *, size_t), int *http_status)
{
	const struct download_request request = {.path = path,
						 .silence_ms = SILENCE_MS,
						 .line = line,
						 .tick = tick,
						 .magic = follow};
	enum download_status status;
	char why[128] = "";

	follow->trouble = NULL;
	status = download_run(follow->download, &request, http_status, why);
	if (status == DOWNLOAD_FAILED)
		tell(follow, path, why, *http_status);
	else if (follow->trouble != NULL)
		tell(follow, path, follow->trouble, *http_status);
	else if (status == DOWNLOAD_DONE && *http_status != 200 && *http_status != 410)
		tell(follow, path, "it was refused", *http_status);
	/* A missing role or a table that is too small is not mended by asking again at once. */
	if (follow->trouble != NULL || (*http_status >= 400 && *http_status < 500 &&
					*http_status != 410 && *http_status != 429))
		follow->pause_ms = PAUSE_REFUSED_MS;
	return status;
}

/* The new table takes the old one's place: nobody waits longer than for the pointer. */
static void adopt(struct follow *follow)
{
	struct snapshot *old = NULL;

	pthread_mutex_lock(&follow->lock);
	if (follow->fresh != NULL) {
		old = follow->table;
		follow->table = follow->fresh;
		follow->fresh = NULL;
		follow->changed = true;
	}
	follow->changed = follow->changed || follow->state.serial != follow->serial;
	follow->state.serial = follow->serial;
	follow->state.fresh_ms = follow->begun_ms;
	pthread_mutex_unlock(&follow->lock);
	snapshot_free(old);
}

/* All, or what changed. *gone_out: what changed is not known any more. */
static bool read_snapshot(struct follow *follow, bool all, bool *gone_out)
{
	char path[64] = "/v1/snapshot";
	int http_status = 0;
	enum download_status status;
	bool ok;

	if (all)
		follow->fresh = snapshot_new(&follow->limits);
	else
		snprintf(path, sizeof(path), "/v1/snapshot?since=%" PRId64, follow->state.serial);
	follow->begun = follow->ended = false;
	follow->entries = 0;
	follow->begun_ms = now_ms();
	if (all && follow->fresh == NULL)
		return false;
	status = run(follow, path, on_snapshot, &http_status);
	*gone_out = http_status == 410;
	ok = status == DOWNLOAD_DONE && http_status == 200 && follow->ended;
	if (status != DOWNLOAD_STOPPED && !*gone_out)
		count_load(follow, all ? "full" : "delta", ok ? "ok" : "failed");
	if (ok)
		adopt(follow);
	snapshot_free(follow->fresh);
	follow->fresh = NULL;
	return ok;
}

static void set_lost(struct follow *follow, bool lost)
{
	pthread_mutex_lock(&follow->lock);
	if (!lost)
		follow->lost_ms = 0;
	else if (follow->lost_ms == 0)
		follow->lost_ms = proxy_now_ms();
	pthread_mutex_unlock(&follow->lock);
}

/* One connection's life. */
static void session(struct follow *follow)
{
	char path[64];
	int http_status;
	bool gone = false;

	if (follow->table == NULL || !read_snapshot(follow, false, &gone)) {
		if (follow->table != NULL && !gone)
			return;
		if (!read_snapshot(follow, true, &gone))
			return;
	}
	log_event(follow->params.log, LOG_INFO, "snapshot.following",
		  F_INT("entries", (int64_t)snapshot_count(follow->table)),
		  F_INT("serial", follow->state.serial));
	follow->told = false;
	follow->pause_ms = PAUSE_MIN_MS;
	set_lost(follow, false);
	METRIC_COUNT(follow->params.metrics, METRIC_SNAPSHOT_CONNECTS, NULL);
	snprintf(path, sizeof(path), "/v1/stream?since=%" PRId64, follow->state.serial);
	(void)run(follow, path, on_stream, &http_status);
	set_lost(follow, true);
}

static void *thread_main(void *magic)
{
	struct follow *follow = magic;

	do {
		session(follow);
		tick(follow);
		/* Not all proxies at once. */
		if (!download_wait(follow->download,
				   follow->pause_ms + proxy_now_us() % (follow->pause_ms / 2)))
			break;
		follow->pause_ms *= 2;
		if (follow->pause_ms > PAUSE_MAX_MS)
			follow->pause_ms = PAUSE_MAX_MS;
	} while (true);
	save(follow);
	return NULL;
}

/* Signals belong to the loop. */
static bool start_thread(struct follow *follow)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	follow->started = pthread_create(&follow->thread, NULL, thread_main, follow) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return follow->started;
}

struct follow *follow_start(const struct follow_params *params, struct callerid_error *err)
{
	struct follow *follow = calloc(1, sizeof(*follow));
	struct snapshot *probe;

	if (follow == NULL)
		abort();
	follow->params = *params;
	follow->limits =
		(struct snapshot_limits){.entries = (size_t)params->options->snapshot_entries,
					 .bytes = (size_t)params->options->snapshot_memory};
	follow->state.source = params->client->base_url;
	follow->pause_ms = PAUSE_MIN_MS;
	follow->lost_ms = proxy_now_ms();
	pthread_mutex_init(&follow->lock, NULL);
	probe = snapshot_new(&follow->limits);
	snprintf(err->text, sizeof(err->text), "%s",
		 probe == NULL ? "snapshot_memory does not hold a table of snapshot_entries"
			       : "no memory, or no thread");
	if (probe != NULL) {
		snapshot_free(probe);
		follow->download = download_new(params->client);
		load_file(follow);
	}
	if (follow->download != NULL && start_thread(follow))
		return follow;
	follow_stop(follow);
	return NULL;
}

void follow_stop(struct follow *follow)
{
	if (follow == NULL)
		return;
	if (follow->started) {
		download_stop(follow->download);
		pthread_join(follow->thread, NULL);
	}
	download_free(follow->download);
	snapshot_free(follow->table);
	pthread_mutex_destroy(&follow->lock);
	free(follow);
}

/* Asking */

static void copy_brand(const struct snapshot_entry *entry, struct brand *brand)
{
	brand->verified = true;
	snprintf(brand->name, sizeof(brand->name), "%s", entry->name);
	snprintf(brand->logo_url, sizeof(brand->logo_url), "%s", entry->logo_url);
	snprintf(brand->logo_sha256, sizeof(brand->logo_sha256), "%s", entry->logo_sha256);
}

static void find(const struct follow *follow, const char *number, const char *customer,
		 struct follow_answer *answer)
{
	struct snapshot_entry entry;

	answer->fresh_ms = follow->state.fresh_ms;
	answer->known = customer != NULL && snapshot_knows(follow->table, customer);
	answer->found = snapshot_find(follow->table, number, &entry);
	if (!answer->found)
		return;
	answer->theirs = customer != NULL && strcmp(entry.customer, customer) == 0;
	answer->strict = entry.strict;
	copy_brand(&entry, &answer->brand);
}

bool follow_find(struct follow *follow, const char *number, const char *customer,
		 struct follow_answer *answer_out)
{
	bool there;

	*answer_out = (struct follow_answer){.found = false};
	pthread_mutex_lock(&follow->lock);
	there = follow->table != NULL;
	if (there)
		find(follow, number, customer, answer_out);
	pthread_mutex_unlock(&follow->lock);
	return there;
}

static void set(struct follow *follow, enum proxy_metric metric, double value)
{
	metrics_set(follow->params.metrics, metric, NULL, value);
}

void follow_tick(struct follow *follow)
{
	size_t entries = 0, bytes = 0;
	int64_t lost, serial, fresh;

	pthread_mutex_lock(&follow->lock);
	if (follow->table != NULL) {
		entries = snapshot_count(follow->table);
		bytes = snapshot_bytes(follow->table);
	}
	lost = follow->lost_ms;
	serial = follow->state.serial;
	fresh = follow->state.fresh_ms;
	pthread_mutex_unlock(&follow->lock);
	set(follow, METRIC_SNAPSHOT_ENTRIES, (double)entries);
	set(follow, METRIC_SNAPSHOT_BYTES, (double)bytes);
	set(follow, METRIC_SNAPSHOT_SERIAL, (double)serial);
	set(follow, METRIC_SNAPSHOT_LAG_SECONDS,
	    lost != 0 ? (double)(proxy_now_ms() - lost) / 1000 : 0);
	if (fresh != 0)
		set(follow, METRIC_SNAPSHOT_AGE_SECONDS, (double)(now_ms() - fresh) / 1000);
}
