/* SPDX-License-Identifier: Apache-2.0 */
/* statistics: what all workers have done, under the names that rtpengine gives it. */
#include <inttypes.h>
#include <stdio.h>

#include "media/session/command.h"

static void add_counts(struct desk_counts *to, const struct desk_counts *from)
{
	to->begun += from->begun;
	to->refused += from->refused;
	to->seconds += from->seconds;
	to->zero_way += from->zero_way;
	to->one_way += from->one_way;
	for (int i = 0; i < END_COUNT; i++)
		to->ended[i] += from->ended[i];
}

static void add_traffic(struct desk_traffic *to, const struct desk_traffic *from)
{
	to->packets_in += from->packets_in;
	to->packets_out += from->packets_out;
	to->bytes_in += from->bytes_in;
	to->bytes_out += from->bytes_out;
	for (int i = 0; i < DROP_COUNT; i++)
		to->dropped[i] += from->dropped[i];
}

void tour_statistics(struct tour *tour, struct desk *desk)
{
	struct desk_traffic traffic[DESK_KINDS];

	desk_traffic_now(desk, traffic);
	for (int i = 0; i < DESK_KINDS; i++)
		add_traffic(&tour->traffic[i], &traffic[i]);
	add_counts(&tour->counts, &desk->counts);
}

static void put_current(struct ng_value *dict, const struct sessions *sessions)
{
	int64_t calls = (int64_t)atomic_load(&sessions->calls);

	ng_put_int(dict, "sessionsown", calls);
	ng_put_int(dict, "sessionsforeign", 0);
	ng_put_int(dict, "sessionstotal", calls);
}

static void put_total(struct ng_value *dict, const struct tour *tour)
{
	const struct desk_counts *counts = &tour->counts;
	struct desk_traffic sum = {.packets_in = 0};
	uint64_t errors = 0, ended = 0;
	int64_t us, now = desk_wall(&us);
	char text[32];

	for (int i = 0; i < DESK_KINDS; i++)
		add_traffic(&sum, &tour->traffic[i]);
	for (int i = 0; i < DROP_COUNT; i++)
		errors += sum.dropped[i];
	for (int i = 0; i < END_COUNT; i++)
		ended += counts->ended[i];
	snprintf(text, sizeof(text), "%" PRId64, now - tour->sessions->started);
	ng_put_string(dict, "uptime", text);
	ng_put_int(dict, "managedsessions", (int64_t)ended);
	ng_put_int(dict, "rejectedsessions", (int64_t)counts->refused);
	ng_put_int(dict, "timeoutsessions", (int64_t)counts->ended[END_MEDIA_TIMEOUT]);
	ng_put_int(dict, "silenttimeoutsessions", (int64_t)counts->ended[END_SILENT_TIMEOUT]);
	ng_put_int(dict, "finaltimeoutsessions", (int64_t)counts->ended[END_LIFETIME]);
	ng_put_int(dict, "offertimeoutsessions", (int64_t)counts->ended[END_OFFER_TIMEOUT]);
	ng_put_int(dict, "regularterminatedsessions", (int64_t)counts->ended[END_DELETE]);
	ng_put_int(dict, "forcedterminatedsessions", (int64_t)counts->ended[END_STOP]);
	ng_put_int(dict, "relayedpackets", (int64_t)sum.packets_out);
	ng_put_int(dict, "relayedpacketerrors", (int64_t)errors);
	ng_put_int(dict, "relayedbytes", (int64_t)sum.bytes_out);
	ng_put_int(dict, "relayedpackets_user", (int64_t)sum.packets_out);
	ng_put_int(dict, "relayedpacketerrors_user", (int64_t)errors);
	ng_put_int(dict, "relayedbytes_user", (int64_t)sum.bytes_out);
	ng_put_int(dict, "zerowaystreams", (int64_t)counts->zero_way);
	ng_put_int(dict, "onewaystreams", (int64_t)counts->one_way);
	snprintf(text, sizeof(text), "%.6f", ended ? (double)counts->seconds / (double)ended : 0);
	ng_put_string(dict, "avgcallduration", text);
	snprintf(text, sizeof(text), "%" PRIu64 ".000000", counts->seconds);
	ng_put_string(dict, "totalcallsduration", text);
}

static void put_drops(struct ng_value *dict, const struct tour *tour)
{
	for (int i = 0; i < DROP_COUNT; i++) {
		uint64_t sum = 0;

		for (int kind = 0; kind < DESK_KINDS; kind++)
			sum += tour->traffic[kind].dropped[i];
		ng_put_int(dict, drop_label((enum drop_reason)i), (int64_t)sum);
	}
}

static void put_ports(struct ng_value *list, const struct sessions *sessions)
{
	struct ng_value *ports = ng_put_dict(ng_add_dict(list), "ports");
	int64_t used = (int64_t)port_pool_used(sessions->pool);
	int64_t size = (int64_t)port_pool_size(sessions->pool);

	ng_put_int(ports, "used", used);
	ng_put_int(ports, "free", size - used);
	ng_put_int(ports, "totals", size);
}

void tour_statistics_end(struct tour *tour)
{
	struct ng_value *dict = ng_put_dict(tour->reply, "statistics");

	put_current(ng_put_dict(dict, "currentstatistics"), tour->sessions);
	put_total(ng_put_dict(dict, "totalstatistics"), tour);
	put_ports(ng_put_list(dict, "interfaces"), tour->sessions);
	put_drops(ng_put_dict(dict, "drops"), tour);
}
