/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone events: what is written is heard, once a key, with loss and repetition. */
#include "media/play/dtmf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CLOCK 8000

struct heard {
	char keys[64];
	size_t n;
	unsigned ms[64];
};

/* Presses keys and hears them; lose(i) says which packets are lost. */
static struct heard press(const char *keys, bool (*lose)(unsigned packet, bool end))
{
	struct dtmf_writer writer = {.keys = keys,
				     .n = strlen(keys),
				     .duration_ms = DTMF_DURATION_MS,
				     .pause_ms = DTMF_PAUSE_MS,
				     .volume = 10,
				     .clock = CLOCK};
	struct dtmf_reader reader = {0};
	struct dtmf_packet packet;
	struct heard heard = {{0}, 0, {0}};
	uint32_t now = 1000, timestamp = 0;
	unsigned sent = 0;

	for (; dtmf_write(&writer, &packet); now += 160) {
		struct dtmf_heard key;
		if (packet.begins)
			timestamp = now;
		if (!packet.send || lose(sent++, packet.payload[1] & 0x80))
			continue;
		struct rtp_header header = {.ssrc = 5,
					    .timestamp = timestamp,
					    .payload = packet.payload,
					    .payload_len = DTMF_PAYLOAD};
		if (dtmf_read(&reader, &header, CLOCK, &key) && heard.n < sizeof(heard.keys)) {
			heard.ms[heard.n] = key.ms;
			heard.keys[heard.n++] = key.key;
		}
	}
	return heard;
}

static bool none(unsigned packet, bool end)
{
	(void)packet;
	(void)end;
	return false;
}

static bool every_second(unsigned packet, bool end)
{
	(void)end;
	return packet % 2 == 0;
}

static bool all_ends(unsigned packet, bool end)
{
	(void)packet;
	return end;
}

static void every_key_is_heard_once(void **state)
{
	(void)state;
	struct heard heard = press("0123456789*#ABCD", none);

	assert_string_equal(heard.keys, "0123456789*#ABCD");
	for (size_t i = 0; i < heard.n; i++)
		assert_int_equal(heard.ms[i], DTMF_DURATION_MS);
}

static void a_key_pressed_twice_is_heard_twice(void **state)
{
	(void)state;
	assert_string_equal(press("1155", none).keys, "1155");
}

static void keys_are_heard_though_half_of_the_packets_are_lost(void **state)
{
	(void)state;
	assert_string_equal(press("2580#", every_second).keys, "2580#");
}

static void a_key_whose_end_is_lost_ends_with_the_next(void **state)
{
	(void)state;
	assert_string_equal(press("123", all_ends).keys, "12");
}

static void events_that_are_no_keys_and_short_payloads_are_nothing(void **state)
{
	(void)state;
	struct dtmf_reader reader = {0};
	struct dtmf_heard key;
	uint8_t payload[] = {16, 0x80, 0, 100};
	struct rtp_header header = {.payload = payload, .payload_len = 4};

	assert_false(dtmf_read(&reader, &header, CLOCK, &key));
	payload[0] = 1;
	header.payload_len = 3;
	assert_false(dtmf_read(&reader, &header, CLOCK, &key));
	assert_int_equal(dtmf_event('e'), -1);
	assert_int_equal(dtmf_event(0), -1);
	assert_int_equal(dtmf_event('d'), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_heard_once),
		cmocka_unit_test(a_key_pressed_twice_is_heard_twice),
		cmocka_unit_test(keys_are_heard_though_half_of_the_packets_are_lost),
		cmocka_unit_test(a_key_whose_end_is_lost_ends_with_the_next),
		cmocka_unit_test(events_that_are_no_keys_and_short_payloads_are_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
