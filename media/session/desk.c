/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's desk opens and closes; each second it tells the metrics what was added. */
#include "media/session/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media/record/recorder.h"
#include "media/session/call.h"
#include "media/session/facts.h"
#include "media/session/load.h"

#define NS	       1000000000ULL
#define ROTATE_SECONDS 86400 /* a certificate is offered for a day at most */

static const char *const kinds[DESK_KINDS] = {
	[SECURITY_NONE] = "rtp", [SECURITY_SDES] = "sdes", [SECURITY_DTLS] = "dtls"};

static const char *const ends[END_COUNT] = {
#define CALL_END_LABEL(name, label) [END_##name] = label,
	CALL_ENDS(CALL_END_LABEL)
#undef CALL_END_LABEL
};

const char *call_end_label(enum call_end end)
{
	return ends[end];
}

int64_t desk_wall(int64_t *us_out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*us_out = now.tv_nsec / 1000;
	return now.tv_sec;
}

int64_t desk_wall_of(const struct desk *desk, uint64_t monotonic)
{
	int64_t us, ago = (int64_t)(worker_now(desk->worker) - monotonic);

	return desk_wall(&us) - ago / (int64_t)NS;
}

static void add_traffic(struct desk_traffic *to, const struct transport_stats *stats)
{
	for (size_t i = 0; i < 2; i++) {
		to->packets_in += stats->packets_in[i];
		to->packets_out += stats->packets_out[i];
		to->bytes_in += stats->bytes_in[i];
		to->bytes_out += stats->bytes_out[i];
	}
	for (size_t i = 0; i < DROP_COUNT; i++)
		to->dropped[i] += stats->dropped[i];
}

static void add_transport(struct desk_traffic traffic[DESK_KINDS],
			  const struct transport *transport)
{
	struct transport_view view;

	transport_view(transport, &view);
	add_traffic(&traffic[view.security], transport_stats(transport));
}

void desk_keep_traffic(struct desk *desk, const struct transport *transport)
{
	add_transport(desk->counts.traffic, transport);
}

static void add_legs(const struct party *party, struct desk_traffic traffic[DESK_KINDS])
{
	for (size_t i = 0; i < party->n_streams; i++) {
		const struct leg *leg = party->streams[i]->leg;

		if (!leg)
			continue;
		/* A leg that several m-lines share counts with the first of them. */
		for (size_t j = 0; leg && j < i; j++)
			if (party->streams[j]->leg == leg)
				leg = NULL;
		if (leg)
			add_transport(traffic, leg->transport);
	}
}

void desk_traffic_now(const struct desk *desk, struct desk_traffic out[DESK_KINDS])
{
	memcpy(out, desk->counts.traffic, sizeof(desk->counts.traffic));
	for (const struct call *call = desk->calls; call; call = call->hh.next)
		for (const struct party *party = call->parties; party; party = party->next)
			add_legs(party, out);
}

static void tell(struct metrics *metrics, enum media_metric id, const char *a, const char *b,
		 uint64_t now, uint64_t told)
{
	/* A transport that changed its kind takes what it counted along: no counter falls. */
	if (now > told)
		metrics_add(metrics, id, &(struct metric_labels){{a, b}}, (double)(now - told));
}

static void tell_traffic(struct desk *desk)
{
	struct metrics *metrics = desk->sessions->metrics;
	struct desk_traffic now[DESK_KINDS];

	desk_traffic_now(desk, now);
	for (size_t i = 0; i < DESK_KINDS; i++) {
		const struct desk_traffic *n = &now[i], *t = &desk->told[i];

		tell(metrics, MEDIA_PACKETS, "in", kinds[i], n->packets_in, t->packets_in);
		tell(metrics, MEDIA_PACKETS, "out", kinds[i], n->packets_out, t->packets_out);
		tell(metrics, MEDIA_BYTES, "in", kinds[i], n->bytes_in, t->bytes_in);
		tell(metrics, MEDIA_BYTES, "out", kinds[i], n->bytes_out, t->bytes_out);
		for (int r = 0; r < DROP_COUNT; r++)
			tell(metrics, MEDIA_DROPS, drop_label((enum drop_reason)r), kinds[i],
			     n->dropped[r], t->dropped[r]);
	}
	memcpy(desk->told, now, sizeof(now));
}

/* Each desk adds what has changed with it. */
static void tell_one_way(struct desk *desk)
{
	struct sessions *sessions = desk->sessions;
	size_t n = 0;

	for (const struct call *call = desk->calls; call; call = call->hh.next)
		n += facts_one_way(call);
	atomic_fetch_add(&sessions->one_way, n - desk->one_way_told);
	desk->one_way_told = n;
	metrics_set(sessions->metrics, MEDIA_ONE_WAY, NULL,
		    (double)atomic_load(&sessions->one_way));
}

static void tell_record_lost(struct desk *desk)
{
	const struct sessions *sessions = desk->sessions;
	uint64_t lost = sessions->recorder ? recorder_lost(sessions->recorder) : 0;

	tell(sessions->metrics, MEDIA_RECORD_LOST, NULL, NULL, lost, desk->record_lost_told);
	desk->record_lost_told = lost;
}

static void tick_due(struct worker_timer *timer, struct worker *worker)
{
	struct desk *desk = (struct desk *)((char *)timer - offsetof(struct desk, tick));

	tell_traffic(desk);
	tell_one_way(desk);
	if (desk->index == 0) {
		load_measure(desk->sessions);
		tell_record_lost(desk);
	}
	worker_timer_set(worker, timer, worker_now(worker) + NS);
}

/* Handshakes that run keep theirs: it is counted. */
static void rotate_due(struct worker_timer *timer, struct worker *worker)
{
	struct desk *desk = (struct desk *)((char *)timer - offsetof(struct desk, rotate));
	struct dtls_certificate *fresh = dtls_certificate_new();

	if (fresh) {
		dtls_certificate_unref(desk->certificate);
		desk->certificate = fresh;
	}
	worker_timer_set(worker, timer, worker_now(worker) + ROTATE_SECONDS * NS);
}

/* desk->worker is written by who started it, perhaps later than this; it is there with the first
 * job. */
void desk_begin(struct worker *worker, void *magic)
{
	struct desk *desk = magic;
	struct sessions *sessions = desk->sessions;
	uint16_t shared = sessions->settings.webrtc_port;

	desk->certificate = dtls_certificate_new();
	desk->path = path_new(worker, sessions->pool,
			      shared == 0 ? 0 : (uint16_t)(shared + desk->index));
	desk->rotate.due = rotate_due;
	desk->tick.due = tick_due;
	worker_timer_set(worker, &desk->rotate, worker_now(worker) + ROTATE_SECONDS * NS);
	worker_timer_set(worker, &desk->tick, worker_now(worker) + NS);
}

void desk_end(struct worker *worker, void *magic)
{
	struct desk *desk = magic;

	while (desk->calls)
		call_free(desk->calls, END_STOP);
	worker_timer_cancel(worker, &desk->rotate);
	worker_timer_cancel(worker, &desk->tick);
	if (desk->path)
		tell_traffic(desk);
	path_free(desk->path);
	dtls_certificate_unref(desk->certificate);
}
