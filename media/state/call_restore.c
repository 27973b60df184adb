/* SPDX-License-Identifier: Apache-2.0 */
/* From JSON to a call. Whatever is wrong in it, the call is let go as a whole: half of one would
 * hold ports that nobody talks through. */
#include "media/state/call_state.h"

#include <stdlib.h>
#include <string.h>

#include "media/session/ear.h"
#include "media/state/tables.h"
#include "svc/runtime/wipe.h"

#define MALFORMED    "what was saved of it cannot be read"
#define NO_MEMORY    "out of memory"
#define NO_INTERFACE "its interface is not there any more"

struct restoring {
	struct call *call;
	struct party *party;
	const struct call_certificates *certificates;
	uint64_t now;
	const struct interface *interface; /* of the leg */
	struct leg *legs[SDP_MEDIAS_MAX];  /* of the party; NULL: none, or freed with its last */
	size_t n_legs;
};

char *call_saved_id(const json_t *json, size_t *n_out)
{
	return bytes_load(json_object_get(json, "id"), CALL_ID_MAX, n_out);
}

static const struct interface *interface_of(const struct restoring *run, const json_t *object)
{
	const json_t *json = json_object_get(object, "interface");
	size_t n = 0;
	char *name = bytes_load(json_object_get(json, "name"), CALL_TAG_MAX, &n);
	json_int_t family = json_integer_value(json_object_get(json, "family"));
	const struct interface *interface = NULL;

	if (name)
		interface = port_pool_interface(run->call->desk->sessions->pool, name, n,
						(unsigned)family);
	free(name);
	return interface;
}

static struct dtls_certificate *certificate_of(const struct restoring *run, const json_t *object)
{
	const char *name = json_string_value(json_object_get(object, "certificate"));

	for (size_t i = 0; name && i < run->certificates->n; i++)
		if (strcmp(dtls_certificate_fingerprint(run->certificates->items[i]), name) == 0)
			return run->certificates->items[i];
	return NULL;
}

static void load_drops(const json_t *json, struct transport_stats *stats)
{
	for (int i = 0; i < DROP_COUNT; i++)
		stats->dropped[i] = (uint64_t)json_integer_value(
			json_object_get(json, drop_label((enum drop_reason)i)));
}

/* The association hears again what SDP and identity said, and its keys are in use from then on. */
static void tell_dtls(struct leg *leg)
{
	const struct party *party = leg->party;
	struct dtls *dtls = transport_dtls(leg->transport);

	if (!dtls)
		return;
	dtls_set_identity(dtls, party->identity, party->n_identity);
	dtls_set_peer(dtls, leg->fingerprints, leg->n_fingerprints);
	transport_dtls_changed(leg->transport);
	leg->told.state = dtls_state(dtls);
	leg->told.identity = dtls_identity(dtls);
	leg->told.failures = dtls_failures(dtls);
}

static const char *restore_transport(const struct restoring *run, const json_t *json,
				     const struct transport_saved *saved, struct leg **leg_out)
{
	const char *why;
	struct leg *leg = leg_new(&(struct leg_params){.party = run->party,
						       .interface = run->interface,
						       .shared = saved->shared,
						       .rtcp_mux = saved->rtcp_mux,
						       .tos = -1,
						       .at = saved->local[0].port},
				  &why);
	struct dtls_certificate *certificate = certificate_of(run, json);
	struct address local;

	if (!leg)
		return saved->shared ? why : "its port is taken, or not among ours any more";
	*leg_out = leg;
	local = transport_local(leg->transport, 0);
	if (!address_equal(&local, &saved->local[0]))
		return "its port is another worker's now";
	if (saved->has_dtls && !certificate)
		return "its certificate is not there";
	if (certificate)
		leg->certificate = dtls_certificate_ref(certificate);
	if (!record_load(&leg_record, json, leg, run->now))
		return MALFORMED;
	if (!transport_restore(leg->transport, saved, certificate))
		return "its keys or its ICE cannot be taken up";
	tell_dtls(leg);
	return NULL;
}

static const char *restore_leg(struct restoring *run, const json_t *json)
{
	struct transport_saved *saved = calloc(1, sizeof(*saved));
	const json_t *transport = json_object_get(json, "transport");
	const char *why = MALFORMED;

	if (!saved)
		return NO_MEMORY;
	run->interface = interface_of(run, json);
	if (!run->interface)
		why = NO_INTERFACE;
	else if (record_load(&transport_record, transport, saved, run->now)) {
		load_drops(json_object_get(transport, "dropped"), &saved->stats);
		why = restore_transport(run, json, saved, &run->legs[run->n_legs]);
		run->n_legs += run->legs[run->n_legs] != NULL;
	}
	wipe_free(saved);
	return why;
}

static bool is_whole(const struct stream *stream)
{
	const struct quality *quality = &stream->quality;

	for (size_t i = 0; i < quality->n; i++)
		if (quality->sources[i].interval == 0)
			return false;
	return !stream->said.ufrag == !stream->said.pwd;
}

static const char *restore_stream(struct restoring *run, const json_t *json, size_t index)
{
	struct stream *stream = party_stream(run->party, index);
	const json_t *leg = json_object_get(json, "leg");
	json_int_t number = json_integer_value(leg);

	if (!stream)
		return NO_MEMORY;
	if (!record_load(&stream_record, json, stream, run->now) || !is_whole(stream))
		return MALFORMED;
	if (!leg)
		return NULL;
	if (number < 0 || (size_t)number >= run->n_legs)
		return MALFORMED;
	stream->leg = run->legs[number];
	stream->leg->streams++;
	return NULL;
}

static const char *restore_aliases(struct party *party, const json_t *array)
{
	size_t n = json_array_size(array);

	if (n > PARTY_ALIASES_MAX)
		return MALFORMED;
	for (size_t i = 0; i < n; i++) {
		size_t len;
		char *alias = bytes_load(json_array_get(array, i), CALL_TAG_MAX, &len);

		if (!alias)
			return MALFORMED;
		party->aliases[party->n_aliases++] = alias;
	}
	return NULL;
}

static const char *restore_streams(struct restoring *run, const json_t *json)
{
	const json_t *legs = json_object_get(json, "legs");
	const json_t *streams = json_object_get(json, "streams");
	const char *why = NULL;

	if (json_array_size(legs) > SDP_MEDIAS_MAX || json_array_size(streams) > SDP_MEDIAS_MAX)
		return MALFORMED;
	for (size_t i = 0; !why && i < json_array_size(legs); i++)
		why = restore_leg(run, json_array_get(legs, i));
	for (size_t i = 0; !why && i < json_array_size(streams); i++)
		why = restore_stream(run, json_array_get(streams, i), i);
	/* Those that no m-line stands on are nobody's to free. */
	for (size_t i = 0; i < run->n_legs; i++) {
		if (run->legs[i]->streams > 0)
			continue;
		leg_free(run->legs[i]);
		why = why ? why : MALFORMED;
	}
	return why;
}

static const char *restore_party(struct restoring *run, const json_t *json)
{
	const char *why;

	run->party = party_new(run->call);
	memset(run->legs, 0, sizeof(run->legs));
	run->n_legs = 0;
	if (!run->party)
		return "it has too many parties";
	if (!record_load(&party_record, json, run->party, run->now))
		return MALFORMED;
	run->party->interface = interface_of(run, json);
	if (!run->party->interface && json_object_get(json, "interface"))
		return NO_INTERFACE;
	why = restore_aliases(run->party, json_object_get(json, "aliases"));
	return why ? why : restore_streams(run, json);
}

static struct party *party_at(const struct call *call, const json_t *json)
{
	struct party *party = call->parties;

	if (!json_is_integer(json) || json_integer_value(json) < 0)
		return NULL;
	for (json_int_t i = json_integer_value(json); party && i > 0; i--)
		party = party->next;
	return party;
}

static const char *restore_bond(struct call *call, const json_t *json)
{
	struct party *offerer = party_at(call, json_object_get(json, "offerer"));
	struct party *answerer = party_at(call, json_object_get(json, "answerer"));
	struct bond *bond;

	if (!offerer || !answerer || offerer == answerer || bond_of(call, offerer, answerer))
		return MALFORMED;
	bond = bond_new(call, offerer, answerer);
	if (!bond)
		return NO_MEMORY;
	return record_load(&bond_record, json, bond, 0) ? NULL : MALFORMED;
}

static const char *restore(struct restoring *run, const json_t *json)
{
	const json_t *parties = json_object_get(json, "parties");
	const json_t *bonds = json_object_get(json, "bonds");
	const char *why = NULL;

	if (!record_load(&call_record, json, run->call, run->now) || json_array_size(parties) == 0)
		return MALFORMED;
	for (size_t i = 0; !why && i < json_array_size(parties); i++)
		why = restore_party(run, json_array_get(parties, i));
	for (size_t i = 0; !why && i < json_array_size(bonds); i++)
		why = restore_bond(run->call, json_array_get(bonds, i));
	return why;
}

const char *call_restore(struct desk *desk, const json_t *json,
			 const struct call_certificates *certificates)
{
	struct restoring run = {.certificates = certificates, .now = worker_now(desk->worker)};
	struct ng_text id;
	const char *why;
	char *text = call_saved_id(json, &id.n);

	id.p = text;
	if (!text || id.n == 0) {
		free(text);
		return MALFORMED;
	}
	why = call_find(desk, &id) ? "it was saved twice" : NO_MEMORY;
	if (!call_find(desk, &id))
		run.call = call_new(desk, &id);
	free(text);
	if (!run.call)
		return why;
	why = restore(&run, json);
	if (why) {
		call_free(run.call, END_LOST);
		return why;
	}
	call_wire(run.call);
	ear_wire(run.call);
	call_set_timer(run.call);
	return NULL;
}
