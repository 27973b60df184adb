/* SPDX-License-Identifier: Apache-2.0 */
/* From a call to JSON: what tables.c says of each struct, and how they hang together. */
#include "media/state/call_state.h"

#include <stdlib.h>
#include <string.h>

#include "media/state/tables.h"
#include "svc/runtime/wipe.h"

/* What is put is the object's, or freed; NULL, for want of memory, is refused. */
static bool put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new_nocheck(object, key, value) == 0;
}

/* false: *object is gone. */
static bool keep(json_t **object, bool ok)
{
	if (ok)
		return true;
	json_decref(*object);
	*object = NULL;
	return false;
}

static bool put_interface(json_t *object, const struct interface *interface)
{
	return !interface || put(object, "interface",
				 json_pack("{s:o, s:i}", "name",
					   bytes_save(interface->name, strlen(interface->name)),
					   "family", interface->address.family));
}

/* By name: the reasons of another version may be others. */
static json_t *save_drops(const struct transport_stats *stats)
{
	json_t *object = json_object();

	for (int i = 0; object && i < DROP_COUNT; i++)
		if (stats->dropped[i] > 0)
			keep(&object, put(object, drop_label((enum drop_reason)i),
					  json_integer((json_int_t)stats->dropped[i])));
	return object;
}

static json_t *save_transport(const struct transport *transport, uint64_t now)
{
	struct transport_saved *saved = malloc(sizeof(*saved));
	json_t *object;

	if (!saved)
		return NULL;
	transport_save(transport, saved);
	object = record_save(&transport_record, saved, now);
	if (object)
		keep(&object, put(object, "dropped", save_drops(&saved->stats)));
	wipe_free(saved);
	return object;
}

static json_t *save_leg(const struct leg *leg, uint64_t now)
{
	json_t *object = record_save(&leg_record, leg, now);
	const char *certificate =
		leg->certificate ? dtls_certificate_fingerprint(leg->certificate) : NULL;

	if (object)
		keep(&object,
		     put_interface(object, leg->interface) &&
			     (!certificate ||
			      put(object, "certificate", json_string(certificate))) &&
			     put(object, "transport", save_transport(leg->transport, now)));
	return object;
}

/* The leg's number among those of the party, in the order of their first m-lines. */
static size_t leg_number(const struct leg *leg, const struct leg **legs, size_t *n)
{
	size_t i = 0;

	while (i < *n && legs[i] != leg)
		i++;
	if (i == *n)
		legs[(*n)++] = leg;
	return i;
}

static json_t *save_stream(const struct stream *stream, const struct leg **legs, size_t *n_legs,
			   uint64_t now)
{
	json_t *object = record_save(&stream_record, stream, now);

	if (object && stream->leg) {
		size_t number = leg_number(stream->leg, legs, n_legs);

		keep(&object, put(object, "leg", json_integer((json_int_t)number)));
	}
	return object;
}

static json_t *save_aliases(const struct party *party)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < party->n_aliases; i++)
		keep(&array,
		     json_array_append_new(
			     array, bytes_save(party->aliases[i], strlen(party->aliases[i]))) == 0);
	return array;
}

static json_t *save_party(const struct party *party, uint64_t now)
{
	const struct leg *legs[SDP_MEDIAS_MAX];
	size_t n_legs = 0;
	json_t *object = record_save(&party_record, party, now), *streams = json_array(),
	       *array = json_array();

	for (size_t i = 0; streams && i < party->n_streams; i++)
		keep(&streams, json_array_append_new(streams, save_stream(party->streams[i], legs,
									  &n_legs, now)) == 0);
	for (size_t i = 0; array && i < n_legs; i++)
		keep(&array, json_array_append_new(array, save_leg(legs[i], now)) == 0);
	if (!object) {
		json_decref(streams);
		json_decref(array);
		return NULL;
	}
	/* Both, whatever becomes of the first: put() takes what it is given. */
	bool ok = put(object, "streams", streams);
	ok = put(object, "legs", array) && ok;
	keep(&object,
	     ok && put_interface(object, party->interface) &&
		     (party->n_aliases == 0 || put(object, "aliases", save_aliases(party))));
	return object;
}

static size_t party_number(const struct call *call, const struct party *party)
{
	size_t i = 0;

	for (const struct party *at = call->parties; at != party; at = at->next)
		i++;
	return i;
}

static json_t *save_bond(const struct call *call, const struct bond *bond, uint64_t now)
{
	json_t *object = record_save(&bond_record, bond, now);

	if (object)
		keep(&object,
		     put(object, "offerer",
			 json_integer((json_int_t)party_number(call, bond->offerer))) &&
			     put(object, "answerer",
				 json_integer((json_int_t)party_number(call, bond->answerer))));
	return object;
}

static json_t *save_parties(const struct call *call, uint64_t now)
{
	json_t *array = json_array();

	for (const struct party *party = call->parties; array && party; party = party->next)
		keep(&array, json_array_append_new(array, save_party(party, now)) == 0);
	return array;
}

static json_t *save_bonds(const struct call *call, uint64_t now)
{
	json_t *array = json_array();

	for (const struct bond *bond = call->bonds; array && bond; bond = bond->next)
		keep(&array, json_array_append_new(array, save_bond(call, bond, now)) == 0);
	return array;
}

json_t *call_save(const struct call *call)
{
	uint64_t now = worker_now(call->desk->worker);
	json_t *object = record_save(&call_record, call, now);

	if (object)
		keep(&object, put(object, "id", bytes_save(call->id, call->id_len)) &&
				      put(object, "parties", save_parties(call, now)) &&
				      put(object, "bonds", save_bonds(call, now)));
	return object;
}
