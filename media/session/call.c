/* SPDX-License-Identifier: Apache-2.0 */
/* Calls begin, wait and end. */
#include "media/session/call.h"

#include <stdlib.h>
#include <string.h>

#include "media/session/ear.h"
#include "media/session/passthrough.h"
#include "media/session/tape.h"

#define NS 1000000000ULL

/* Strangers choose call-ids: hashed by uthash they would be made to fall together. The half of the
 * hash that says nothing of the desk. */
static unsigned place_of(const struct desk *desk, const char *id, size_t len)
{
	return (unsigned)(desk_hash(desk->sessions, id, len) >> 32);
}

struct call *call_find(struct desk *desk, const struct ng_text *id)
{
	struct call *call = NULL;

	if (id->n > 0)
		HASH_FIND_BYHASHVALUE(hh, desk->calls, id->p, id->n, place_of(desk, id->p, id->n),
				      call);
	return call;
}

uint64_t call_last_media(const struct call *call)
{
	uint64_t last = 0;

	for (const struct party *party = call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++) {
			const struct leg *leg = party->streams[i] ? party->streams[i]->leg : NULL;

			if (leg && leg->last_media > last)
				last = leg->last_media;
		}
	return last;
}

/* Nothing is expected: every m-line is on hold or gone, or the call is blocked. */
static bool is_silent(const struct call *call)
{
	if (call->block_media)
		return true;
	for (const struct party *party = call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++) {
			const struct stream *stream = party->streams[i];

			if (stream && stream->leg && !party->block_media && stream_sends(stream) &&
			    !stream->said.zero_address)
				return false;
		}
	return true;
}

/* 0 seconds: never. */
static uint64_t behind(uint64_t from, unsigned seconds)
{
	return seconds > 0 ? from + seconds * NS : UINT64_MAX;
}

/* When it ends if nothing happens until then, and why. */
static uint64_t call_due(const struct call *call, enum call_end *end_out)
{
	const struct session_timeouts *timeouts = &call->desk->sessions->settings.timeouts;
	uint64_t media = call_last_media(call), due, lifetime;

	if (media < call->signalled)
		media = call->signalled;
	if (!call->answered) {
		*end_out = END_OFFER_TIMEOUT;
		due = behind(call->signalled, timeouts->offer);
	} else if (is_silent(call)) {
		*end_out = END_SILENT_TIMEOUT;
		due = behind(media, timeouts->silent);
	} else {
		*end_out = END_MEDIA_TIMEOUT;
		due = behind(media, timeouts->media);
	}
	lifetime = behind(call->born, timeouts->lifetime);
	if (lifetime < due) {
		*end_out = END_LIFETIME;
		due = lifetime;
	}
	return due;
}

static uint64_t parties_due(const struct call *call)
{
	uint64_t due = UINT64_MAX;

	for (const struct party *party = call->parties; party; party = party->next)
		if (party->deleted != 0 && party->deleted < due)
			due = party->deleted;
	return due;
}

/* Those whose delay is over go. true: nobody is left. */
static bool parties_expire(struct call *call, uint64_t now)
{
	bool any = false;

	struct party *next;

	for (struct party *party = call->parties; party; party = next) {
		next = party->next;
		if (party->deleted == 0 || party->deleted > now)
			continue;
		party_free(party);
		any = true;
	}
	if (any)
		call_wire(call);
	return call->n_parties == 0;
}

void call_set_timer(struct call *call)
{
	enum call_end end;
	uint64_t due = call_due(call, &end), parties = parties_due(call);

	if (parties < due)
		due = parties;
	if (due == UINT64_MAX)
		worker_timer_cancel(call->desk->worker, &call->timer);
	else
		worker_timer_set(call->desk->worker, &call->timer, due);
}

void call_expire(struct call *call)
{
	if (parties_expire(call, worker_now(call->desk->worker)))
		call_free(call, END_DELETE);
	else
		call_set_timer(call);
}

static void call_timer_due(struct worker_timer *timer, struct worker *worker)
{
	struct call *call = (struct call *)((char *)timer - offsetof(struct call, timer));
	enum call_end end;

	if (call_due(call, &end) <= worker_now(worker) && parties_due(call) > worker_now(worker))
		call_free(call, end);
	else
		call_expire(call);
}

struct call *call_new(struct desk *desk, const struct ng_text *id)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->desk = desk;
	call->id = calloc(1, id->n + 1); /* it may have a NUL in it */
	if (call->id)
		memcpy(call->id, id->p, id->n);
	call->id_len = id->n;
	call->timer.due = call_timer_due;
	call->created = desk_wall(&call->created_us);
	call->last_signal = call->created;
	call->born = call->signalled = worker_now(desk->worker);
	if (!call->id || !worker_timer_set(desk->worker, &call->timer, call->born + NS)) {
		free(call->id);
		free(call);
		return NULL;
	}
	HASH_ADD_KEYPTR_BYHASHVALUE(hh, desk->calls, call->id, call->id_len,
				    place_of(desk, call->id, call->id_len), call);
	if (!call->hh.tbl) {
		worker_timer_cancel(desk->worker, &call->timer);
		free(call->id);
		free(call);
		return NULL;
	}
	atomic_fetch_add(&desk->sessions->calls, 1);
	desk->counts.begun++;
	METRIC_COUNT(desk->sessions->metrics, MEDIA_CALLS_BEGUN, NULL);
	return call;
}

void call_free(struct call *call, enum call_end end)
{
	struct desk *desk = call->desk;
	struct sessions *sessions = desk->sessions;
	uint64_t seconds = (worker_now(desk->worker) - call->born) / NS;

	while (call->parties)
		party_free(call->parties);
	tape_stop(call);
	worker_timer_cancel(desk->worker, &call->timer);
	/* One that was saved goes on elsewhere; its line is written there. */
	if (end != END_SAVED)
		log_event(sessions->log, LOG_INFO, "call.end", F_STR("call_id", call->id),
			  F_STR("reason", call_end_label(end)), F_INT("seconds", (int64_t)seconds),
			  F_INT("packets", (int64_t)call->packets),
			  F_BOOL("answered", call->answered));
	METRIC_COUNT(sessions->metrics, MEDIA_CALLS_ENDED, call_end_label(end));
	desk->counts.ended[end]++;
	desk->counts.seconds += seconds;
	/* Audio one way only is what people ring about. */
	if (call->legs > 0 && call->legs_heard == 0)
		desk->counts.zero_way++;
	else if (call->legs_heard < call->legs)
		desk->counts.one_way++;
	HASH_DEL(desk->calls, call);
	atomic_fetch_sub(&sessions->calls, 1);
	free(call->metadata);
	free(call->id);
	free(call);
}

void call_touch(struct call *call)
{
	int64_t us;

	call->signalled = worker_now(call->desk->worker);
	call->last_signal = desk_wall(&us);
	call_set_timer(call);
}

static void add_sink(struct stream *from, struct stream *to)
{
	if (from && to && from->n_sinks < STREAM_SINKS_MAX)
		from->sinks[from->n_sinks++] = to;
}

static struct stream *stream_at(const struct party *party, size_t i)
{
	return i < party->n_streams ? party->streams[i] : NULL;
}

static void wire_subscription(const struct bond *bond)
{
	for (size_t i = 0; i < bond->answerer->n_streams; i++)
		if (bond->source[i] > 0)
			add_sink(stream_at(bond->offerer, bond->source[i] - 1U),
				 stream_at(bond->answerer, i));
}

static void wire_dialogue(const struct bond *bond)
{
	for (size_t i = 0; i < SDP_MEDIAS_MAX; i++) {
		struct stream *offerer = stream_at(bond->offerer, i),
			      *answerer = stream_at(bond->answerer, i);

		if (bond->heard)
			add_sink(offerer, answerer);
		add_sink(answerer, offerer);
	}
}

/* Datagrams have nothing that an identity could be bound to: they pass, and make it unbound. */
static bool is_bindable(const struct stream *stream)
{
	if (stream->agreed.datagrams)
		return true;
	if (stream->agreed.passthrough)
		return passthrough_is_signed(stream);
	return stream->agreed.security == SECURITY_DTLS;
}

/* An m-line that is not DTLS cannot be what the identity signed: whoever stripped DTLS out of the
 * SDP on the way must not gain by it. */
static void shut(struct party *party)
{
	for (size_t i = 0; i < party->n_streams; i++) {
		struct stream *stream = party->streams[i];

		stream->n_sinks = 0;
		stream->type.known = false;
		stream->shut = party->n_identity > 0 && stream->leg && !is_bindable(stream);
	}
}

void call_wire(struct call *call)
{
	for (struct party *party = call->parties; party; party = party->next)
		shut(party);
	for (const struct bond *bond = call->bonds; bond; bond = bond->next)
		if (bond->subscription)
			wire_subscription(bond);
		else
			wire_dialogue(bond);
	ear_wire(call);
	tape_wire(call);
}
