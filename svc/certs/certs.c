/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate source: caches in front, one fetch a URL, a helper process behind. */
#include "svc/certs/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svc/certs/body.h"
#include "svc/certs/cache.h"
#include "svc/certs/disk.h"
#include "svc/certs/flight.h"
#include "svc/certs/link.h"
#include "svc/certs/quota.h"

#define DEFAULT_MEMORY	   4096
#define DEFAULT_FRESH_MS   (24 * 3600 * (int64_t)1000)
#define DEFAULT_FAILURE_MS 30000
#define DEFAULT_TIMEOUT_MS 5000
#define DEFAULT_IN_FLIGHT  64
#define IN_FLIGHT_LIMIT	   1024
#define DEFAULT_PER_SECOND 50
#define DEFAULT_PER_HOST   5
#define FAILURE_MS_MAX	   600000 /* a failure is never remembered for longer */
#define HELPER_LATE_MS	   2000	  /* after its own timeout the helper is not waited for longer */

struct certs {
	struct certs_settings settings; /* with defaults; its strings are not kept */
	struct log *log;
	struct certs_link *link;
	struct certs_disk *disk; /* NULL: memory only */
	/* Apart, so that a flood of failing URLs never drives out a good certificate. */
	struct certs_cache *good, *bad;
	struct certs_quota *quota;
	struct certs_flights flights;
	struct certs_message_result result;
};

static int64_t system_clock_ms(void *magic, clockid_t clock)
{
	struct timespec now;

	(void)magic;
	clock_gettime(clock, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(const struct certs *certs)
{
	return certs->settings.clock_ms(certs->settings.clock_magic, CLOCK_MONOTONIC);
}

static int64_t today_s(const struct certs *certs)
{
	return certs->settings.clock_ms(certs->settings.clock_magic, CLOCK_REALTIME) / 1000;
}

static int64_t or_default(int64_t value, int64_t fallback)
{
	return value > 0 ? value : fallback;
}

static struct certs_settings with_defaults(const struct certs_settings *given)
{
	struct certs_settings all = *given;

	all.tls_ca_file = NULL;
	all.cache_dir = NULL;
	all.memory_max = all.memory_max ? all.memory_max : DEFAULT_MEMORY;
	all.fresh_ms = or_default(all.fresh_ms, DEFAULT_FRESH_MS);
	all.failure_ms = or_default(all.failure_ms, DEFAULT_FAILURE_MS);
	all.timeout_ms = or_default(all.timeout_ms, DEFAULT_TIMEOUT_MS);
	all.in_flight_max = all.in_flight_max ? all.in_flight_max : DEFAULT_IN_FLIGHT;
	if (all.in_flight_max > IN_FLIGHT_LIMIT)
		all.in_flight_max = IN_FLIGHT_LIMIT;
	all.per_second_max = all.per_second_max ? all.per_second_max : DEFAULT_PER_SECOND;
	all.per_host_max = all.per_host_max ? all.per_host_max : DEFAULT_PER_HOST;
	if (!all.clock_ms)
		all.clock_ms = system_clock_ms;
	return all;
}

/* The files are the bodies in memory, so the number of files has the same bound. */
static void drop_file(void *magic, const char *url)
{
	struct certs *certs = magic;

	if (certs->disk)
		certs_disk_drop(certs->disk, url);
}

static void take_file(void *magic, const struct certs_disk_body *file)
{
	struct certs *certs = magic;
	int64_t age_ms = (today_s(certs) - file->fetched_s) * 1000;
	struct certs_cache_item item = {
		.status = CERTS_OK, .why = "", .body = file->body, .len = file->len};

	item.expires_ms = now_ms(certs) + certs->settings.fresh_ms - age_ms;
	certs_cache_put(certs->good, file->url, &item);
}

static bool open_disk(struct certs *certs, const char *dir)
{
	struct certs_disk_range range = {.max = certs->settings.memory_max};
	char why[256];
	size_t n;

	certs->disk = certs_disk_open(dir, why, sizeof(why));
	if (!certs->disk) {
		log_event(certs->log, LOG_ERROR, "certs.start", F_STR("why", why));
		return false;
	}
	range.now_s = today_s(certs);
	range.max_age_s = certs->settings.fresh_ms / 1000;
	n = certs_disk_load(certs->disk, &range, take_file, certs);
	log_event(certs->log, LOG_INFO, "certs.loaded", F_INT("files", (int64_t)n));
	return true;
}

static bool start(struct certs *certs, const struct certs_settings *given)
{
	struct certs_message_setup setup = {.type = CERTS_MESSAGE_SETUP, .rules = given->url};

	setup.timeout_ms = (uint32_t)certs->settings.timeout_ms;
	setup.in_flight_max = (uint32_t)certs->settings.in_flight_max;
	certs->good = certs_cache_new(certs->settings.memory_max, drop_file, certs);
	certs->bad = certs_cache_new(certs->settings.memory_max, NULL, NULL);
	certs->quota =
		certs_quota_new(certs->settings.per_second_max, certs->settings.per_host_max);
	if (!certs->good || !certs->bad || !certs->quota ||
	    !certs_flights_init(&certs->flights, certs->settings.in_flight_max)) {
		log_event(certs->log, LOG_ERROR, "certs.start", F_STR("why", "no memory"));
		return false;
	}
	if (given->cache_dir && !open_disk(certs, given->cache_dir))
		return false;
	certs->link = certs_link_new(&setup, given->tls_ca_file, certs->log);
	return certs->link != NULL;
}

struct certs *certs_new(const struct certs_settings *settings, struct log *log)
{
	struct certs *certs = calloc(1, sizeof(*certs));

	if (!certs)
		return NULL;
	certs->settings = with_defaults(settings);
	certs->log = log;
	if (start(certs, settings))
		return certs;
	certs_free(certs);
	return NULL;
}

void certs_free(struct certs *certs)
{
	if (!certs)
		return;
	certs_flights_clear(&certs->flights);
	certs_link_free(certs->link);
	certs_cache_free(certs->good);
	certs_cache_free(certs->bad);
	certs_quota_free(certs->quota);
	certs_disk_close(certs->disk);
	free(certs);
}

int certs_fd(const struct certs *certs)
{
	return certs_link_fd(certs->link);
}

static void keep_good(struct certs *certs, const char *url, const struct certs_answer *answer)
{
	struct certs_cache_item item = {
		.status = CERTS_OK, .why = "", .body = answer->body, .len = answer->len};
	struct certs_disk_body file = {.url = url, .body = answer->body, .len = answer->len};

	item.expires_ms = now_ms(certs) + certs->settings.fresh_ms;
	file.fetched_s = today_s(certs);
	certs_cache_drop(certs->bad, url);
	if (certs_cache_put(certs->good, url, &item) && certs->disk &&
	    !certs_disk_put(certs->disk, &file))
		log_event(certs->log, LOG_WARNING, "certs.disk_full", F_STR("url", url));
}

/* Remembered for failure_ms, for twice as long each time it fails again. */
static void keep_bad(struct certs *certs, const char *url, const struct certs_answer *answer)
{
	const struct certs_cache_item *before = certs_cache_find(certs->bad, url);
	struct certs_cache_item item = {.status = answer->status, .why = answer->why};
	int64_t wait_ms = certs->settings.failure_ms;

	item.failures = before ? before->failures + 1 : 1;
	for (unsigned i = 1; i < item.failures && wait_ms < FAILURE_MS_MAX; i++)
		wait_ms *= 2;
	if (item.failures > 1 && wait_ms > FAILURE_MS_MAX)
		wait_ms = FAILURE_MS_MAX;
	item.expires_ms = now_ms(certs) + wait_ms;
	certs_cache_put(certs->bad, url, &item);
	log_event(certs->log, LOG_INFO, "certs.failed", F_STR("url", url),
		  F_STR("status", certs_status_name(answer->status)), F_STR("why", answer->why));
}

static void take_result(struct certs *certs)
{
	const struct certs_message_result *result = &certs->result;
	struct certs_flight *flight = certs_flights_find_id(&certs->flights, result->id);
	struct certs_answer answer = {.status = (enum certs_status)result->status,
				      .why = result->why};

	if (!flight)
		return; /* given up as late */
	if (answer.status == CERTS_OK) {
		answer.body = result->body;
		answer.len = result->len;
		answer.why = "";
		keep_good(certs, flight->url, &answer);
	} else if (answer.status != CERTS_BUSY) {
		keep_bad(certs, flight->url, &answer);
	}
	certs_flights_land(&certs->flights, flight, &answer);
}

/* Our own trouble, so it is not remembered against the URL. */
static void give_up(struct certs *certs, int64_t started_before_ms, uint64_t last_id,
		    const struct certs_answer *answer)
{
	for (size_t i = 0; i < certs->flights.max; i++) {
		struct certs_flight *flight = certs->flights.places[i];

		/* Those who are answered may ask again at once; that is a later id. */
		if (flight && flight->id <= last_id && flight->started_ms < started_before_ms)
			certs_flights_land(&certs->flights, flight, answer);
	}
}

/* Fetches that the socket did not take when they were asked for. */
static void send_waiting(struct certs *certs)
{
	for (size_t i = 0; i < certs->flights.max; i++) {
		struct certs_flight *flight = certs->flights.places[i];

		if (flight && !flight->sent)
			flight->sent = certs_link_send(certs->link, flight->id, flight->url);
	}
}

void certs_dispatch(struct certs *certs)
{
	static const struct certs_answer died = {.status = CERTS_UNREACHED,
						 .why = "the certificate helper has died"};

	/* Bounded; what is left makes the descriptor readable again. */
	for (size_t i = 0; i < certs->flights.max; i++) {
		enum certs_link_event event = certs_link_receive(certs->link, &certs->result);

		if (event == CERTS_LINK_NOTHING)
			break;
		if (event == CERTS_LINK_RESULT) {
			take_result(certs);
			continue;
		}
		give_up(certs, INT64_MAX, certs->flights.last_id, &died);
	}
	certs_link_revive(certs->link);
	send_waiting(certs);
}

void certs_tick(struct certs *certs)
{
	static const struct certs_answer late = {.status = CERTS_TIMEOUT,
						 .why = "the certificate helper did not answer"};
	int64_t patience_ms = certs->settings.timeout_ms + HELPER_LATE_MS;

	certs_link_revive(certs->link);
	send_waiting(certs);
	give_up(certs, now_ms(certs) - patience_ms, certs->flights.last_id, &late);
}

/* What is known without asking anyone; false: nothing. */
static bool answer_from_memory(struct certs *certs, const char *url, certs_done *done, void *magic)
{
	struct certs_cache *caches[] = {certs->good, certs->bad};
	int64_t now = now_ms(certs);

	for (size_t i = 0; i < 2; i++) {
		const struct certs_cache_item *item = certs_cache_find(caches[i], url);

		if (!item || item->expires_ms <= now)
			continue;
		struct certs_answer answer = {.status = item->status,
					      .why = item->why,
					      .body = item->body,
					      .len = item->len,
					      .cached = true};
		done(magic, &answer);
		return true;
	}
	return false;
}

/* NULL and *answer_out when no fetch can begin now; nothing of it is remembered. */
static struct certs_flight *take_off(struct certs *certs, const char *url, const char *host,
				     struct certs_answer *answer_out)
{
	struct certs_flight *flight;

	*answer_out = (struct certs_answer){.status = CERTS_UNREACHED,
					    .why = "the certificate helper is not running"};
	if (!certs_link_revive(certs->link))
		return NULL;
	*answer_out =
		(struct certs_answer){.status = CERTS_BUSY, .why = "too many fetches at a time"};
	if (certs_flights_full(&certs->flights))
		return NULL;
	answer_out->why = "too many fetches a second";
	if (!certs_quota_take(certs->quota, host, now_ms(certs)))
		return NULL;
	answer_out->why = "no memory";
	flight = certs_flights_add(&certs->flights, url, now_ms(certs));
	if (flight)
		flight->sent = certs_link_send(certs->link, flight->id, url);
	return flight;
}

struct certs_request *certs_get(struct certs *certs, const char *url, certs_done *done, void *magic)
{
	struct certs_url parts;
	size_t len = strnlen(url, CERTS_URL_MAX + 1);
	struct certs_answer answer = {.status = CERTS_REFUSED};
	struct certs_flight *flight;
	struct certs_request *request;

	answer.why = certs_url_check(url, len, &certs->settings.url, &parts);
	if (answer.why) {
		/* A port or a host that the operator did not think of looks like this. */
		log_event(certs->log, LOG_INFO, "certs.refused", F_STR("url", url),
			  F_STR("why", answer.why));
		done(magic, &answer);
		return NULL;
	}
	if (answer_from_memory(certs, url, done, magic))
		return NULL;
	flight = certs_flights_find(&certs->flights, url);
	if (!flight)
		flight = take_off(certs, url, parts.host, &answer);
	request = flight ? certs_flight_join(flight, done, magic) : NULL;
	if (request)
		return request;
	if (flight)
		answer = (struct certs_answer){.status = CERTS_UNREACHED, .why = "no memory"};
	done(magic, &answer);
	return NULL;
}

const char *certs_status_name(enum certs_status status)
{
	static const char *const names[CERTS_STATUS_COUNT] = {
		[CERTS_OK] = "ok",
		[CERTS_REFUSED] = "refused",
		[CERTS_UNREACHED] = "unreached",
		[CERTS_TIMEOUT] = "timeout",
		[CERTS_HTTP] = "http",
		[CERTS_TOO_LARGE] = "too-large",
		[CERTS_NOT_PEM] = "not-pem",
		[CERTS_BUSY] = "busy",
	};

	return status < CERTS_STATUS_COUNT ? names[status] : "unknown";
}
