/* SPDX-License-Identifier: Apache-2.0 */
/* What each packet tells of its stream: payload types by the SDP of who hears it, and quality. */
#include "media/session/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof(*(array)))
#define MS	 1000000ULL

static struct said_format pcmu[] = {{.payload_type = 0, .clock = 8000, .name = "PCMU"}};
static struct said_format opus[] = {{.payload_type = 96, .clock = 48000, .name = "opus"},
				    {.payload_type = 0, .clock = 8000, .name = "PCMU"}};

struct pair {
	struct stream from, to;
	uint16_t sequence;
	uint64_t now;
};

static struct pair *pair_new(void)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->from.said.formats = opus;
	pair->from.said.n_formats = N(opus);
	pair->to.said.formats = pcmu;
	pair->to.said.n_formats = N(pcmu);
	pair->from.sinks[pair->from.n_sinks++] = &pair->to;
	pair->to.sinks[pair->to.n_sinks++] = &pair->from;
	return pair;
}

static void send_rtp(struct pair *pair, uint8_t type)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE] = {0x80, type};
	struct packet packet = {.data = data, .len = 172, .now = pair->now};

	data[2] = (uint8_t)(pair->sequence >> 8);
	data[3] = (uint8_t)pair->sequence++;
	data[11] = 7;
	pair->now += 20 * MS;
	stream_measure(&pair->from, &packet);
}

static void a_type_that_the_hearer_has_not_is_foreign(void **state)
{
	struct pair *pair = pair_new();

	(void)state;
	send_rtp(pair, 0);
	assert_int_equal(pair->from.type.clock, 8000);
	assert_int_equal(pair->from.type.foreigners, 0);
	/* its own SDP has it, which says what it wants to hear, not what the other side can */
	send_rtp(pair, 96);
	send_rtp(pair, 96);
	assert_int_equal(pair->from.type.clock, 48000);
	send_rtp(pair, 0);
	assert_int_equal(pair->from.type.foreigners, 2);
	assert_int_equal(pair->from.type.last_foreign, 96);
	free(pair);
}

static void comfort_noise_needs_no_agreement(void **state)
{
	struct pair *pair = pair_new();

	(void)state;
	send_rtp(pair, 13);
	assert_int_equal(pair->from.type.foreigners, 0);
	free(pair);
}

static void before_the_hearer_has_said_anything_nothing_is_foreign(void **state)
{
	struct pair *pair = pair_new();

	(void)state;
	pair->to.said.n_formats = 0;
	send_rtp(pair, 111);
	pair->from.n_sinks = 0;
	pair->from.type.known = false;
	send_rtp(pair, 111);
	assert_int_equal(pair->from.type.foreigners, 0);
	free(pair);
}

static void a_new_sdp_is_asked_anew(void **state)
{
	struct pair *pair = pair_new();

	(void)state;
	send_rtp(pair, 96);
	pair->to.said.formats = opus;
	pair->to.said.n_formats = N(opus);
	pair->from.type.known = false; /* as call_wire() does */
	send_rtp(pair, 96);
	assert_int_equal(pair->from.type.foreigners, 1);
	free(pair);
}

static void what_was_lost_is_told_of_all_sources(void **state)
{
	struct pair *pair = pair_new();
	struct stream_heard heard;

	(void)state;
	for (int i = 0; i < 30; i++) {
		send_rtp(pair, 0);
		pair->sequence += i % 3 == 2; /* one of four */
	}
	stream_heard(&pair->from, &heard);
	assert_int_equal(heard.packets, 30);
	assert_int_equal(heard.lost, 9);
	assert_int_equal(heard.loss, 23);
	assert_int_equal(heard.average.mos, 0);
	free(pair);
}

static void a_report_of_the_hearer_is_of_the_sender(void **state)
{
	struct pair *pair = pair_new();
	struct stream_heard heard;
	uint8_t data[PACKET_MAX + PACKET_SPARE] = {0x81, 201, 0, 7, [11] = 7, [12] = 64};
	struct packet report = {.data = data, .len = 32, .rtcp = true, .now = 5000 * MS};

	(void)state;
	send_rtp(pair, 0);
	stream_measure(&pair->to, &report);
	stream_heard(&pair->from, &heard);
	assert_int_equal(heard.average.loss, 25);
	assert_in_range(heard.average.mos, 10, 30);
	stream_heard(&pair->to, &heard);
	assert_int_equal(heard.average.mos, 0);
	free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_that_the_hearer_has_not_is_foreign),
		cmocka_unit_test(comfort_noise_needs_no_agreement),
		cmocka_unit_test(before_the_hearer_has_said_anything_nothing_is_foreign),
		cmocka_unit_test(a_new_sdp_is_asked_anew),
		cmocka_unit_test(what_was_lost_is_told_of_all_sources),
		cmocka_unit_test(a_report_of_the_hearer_is_of_the_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
