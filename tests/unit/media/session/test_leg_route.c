/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 9143 §9.2: which m-line of a BUNDLE a packet belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/call.h"

/* A browser with audio (mid "0", types 111 and 0), video ("1", 96 and 0) and more video ("2", 96)
 * on one transport, and one m-line that stands alone. */
struct room {
	struct party party;
	struct stream streams[4];
	struct leg leg, alone;
	struct said_format audio[2], video[2], more[1];
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	struct packet packet;
};

static void set_formats(struct stream *stream, struct said_format *formats, size_t n,
			const char *mid)
{
	stream->said.known = true;
	stream->said.formats = formats;
	stream->said.n_formats = n;
	stream->said.mid_extension = 4;
	memcpy(stream->said.mid, mid, strlen(mid) + 1);
}

static int set_up(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	if (!room)
		return -1;
	room->audio[0].payload_type = 111;
	room->audio[1].payload_type = 0;
	room->video[0].payload_type = 96;
	room->video[1].payload_type = 0;
	room->more[0].payload_type = 96;
	for (unsigned i = 0; i < 4; i++) {
		room->streams[i].index = i;
		room->streams[i].party = &room->party;
		room->streams[i].leg = i < 3 ? &room->leg : &room->alone;
		room->party.streams[i] = &room->streams[i];
	}
	room->party.n_streams = 4;
	room->leg.party = room->alone.party = &room->party;
	room->leg.streams = 3;
	room->alone.streams = 1;
	set_formats(&room->streams[0], room->audio, 2, "0");
	set_formats(&room->streams[1], room->video, 2, "1");
	set_formats(&room->streams[2], room->more, 1, "2");
	room->packet.data = room->data;
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* mid NULL: no header extension. two_bytes: that form of RFC 8285. */
static const struct stream *rtp(struct room *room, uint8_t type, uint32_t ssrc, const char *mid,
				bool two_bytes)
{
	uint8_t *p = room->data;
	size_t at = 12;

	memset(p, 0, 64);
	p[0] = 0x80 | (mid ? 0x10 : 0);
	p[1] = type;
	put32(p + 8, ssrc);
	if (mid) {
		size_t n = strlen(mid);

		p[12] = two_bytes ? 0x10 : 0xbe;
		p[13] = two_bytes ? 0x00 : 0xde;
		p[15] = 2;
		p[16] = 0; /* padding before it */
		if (two_bytes) {
			p[17] = 4;
			p[18] = (uint8_t)n;
			memcpy(p + 19, mid, n);
		} else {
			p[17] = (uint8_t)(4 << 4 | (n - 1));
			memcpy(p + 18, mid, n);
		}
		at = 24;
	}
	room->packet.rtcp = false;
	room->packet.len = at + 20;
	return leg_route(&room->leg, &room->packet);
}

static void test_rfc9143_9_2_the_mid_decides_before_all_else(void **state)
{
	struct room *room = *state;

	assert_ptr_equal(rtp(room, 96, 7, "2", false), &room->streams[2]);
	assert_ptr_equal(rtp(room, 111, 8, "1", false), &room->streams[1]);
	assert_ptr_equal(rtp(room, 111, 9, "2", true), &room->streams[2]);
}

static void test_rfc9143_9_2_a_source_that_was_seen_is_known_without_its_mid(void **state)
{
	struct room *room = *state;

	assert_ptr_equal(rtp(room, 96, 7, "2", false), &room->streams[2]);
	assert_ptr_equal(rtp(room, 96, 7, NULL, false), &room->streams[2]);
	/* and moves with a new one */
	assert_ptr_equal(rtp(room, 96, 7, "1", false), &room->streams[1]);
	assert_ptr_equal(rtp(room, 96, 7, NULL, false), &room->streams[1]);
}

static void test_rfc9143_9_2_a_payload_type_decides_only_when_one_m_line_has_it(void **state)
{
	struct room *room = *state;

	assert_ptr_equal(rtp(room, 111, 20, NULL, false), &room->streams[0]);
	assert_null(rtp(room, 96, 21, NULL, false));
	assert_null(rtp(room, 0, 22, NULL, false));
	assert_null(rtp(room, 33, 23, NULL, false));
}

static void test_an_unknown_mid_falls_back_and_a_broken_extension_is_harmless(void **state)
{
	struct room *room = *state;

	assert_ptr_equal(rtp(room, 111, 30, "9", false), &room->streams[0]);
	rtp(room, 111, 31, "0", false);
	room->data[17] = 4 << 4 | 14; /* longer than what is there */
	assert_ptr_equal(leg_route(&room->leg, &room->packet), &room->streams[0]);
	room->data[15] = 200; /* the whole of it longer than the packet */
	assert_null(leg_route(&room->leg, &room->packet));
}

static const struct stream *rtcp(struct room *room, uint8_t type, uint32_t sender, uint32_t about)
{
	uint8_t *p = room->data;

	memset(p, 0, 64);
	p[0] = 0x81;
	p[1] = type;
	p[3] = 7;
	put32(p + 4, sender);
	put32(p + 8, about);
	room->packet.rtcp = true;
	room->packet.len = 32;
	return leg_route(&room->leg, &room->packet);
}

static void test_reports_go_where_the_source_is_that_they_speak_of(void **state)
{
	struct room *room = *state;

	rtp(room, 96, 0x1111, "2", false);
	assert_ptr_equal(rtcp(room, 200, 0x1111, 0), &room->streams[2]);
	/* We sent 0x2222 on the second m-line: a PLI, or a receiver report about it, is the
	 * second's, though its sender is known from the third. */
	rtp(room, 96, 0x2222, NULL, false);
	leg_note_out(&room->leg, &room->streams[1], &room->packet);
	assert_ptr_equal(rtcp(room, 206, 0x1111, 0x2222), &room->streams[1]);
	assert_ptr_equal(rtcp(room, 201, 0x1111, 0x2222), &room->streams[1]);
	/* Of nobody: the first m-line's, so that the party counts as alive. */
	assert_ptr_equal(rtcp(room, 201, 0x9999, 0x8888), &room->streams[0]);
}

static void test_a_leg_with_one_m_line_asks_nothing(void **state)
{
	struct room *room = *state;

	rtp(room, 33, 1, NULL, false);
	assert_ptr_equal(leg_route(&room->alone, &room->packet), &room->streams[3]);
}

static void test_a_million_sources_do_not_grow_the_table(void **state)
{
	struct room *room = *state;

	for (uint32_t i = 0; i < 1000000; i++)
		assert_non_null(rtp(room, 111, i, NULL, false));
	assert_int_equal(room->leg.n_ssrcs, LEG_SSRC_MAX);
	assert_ptr_equal(rtp(room, 33, 999999, NULL, false), &room->streams[0]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_rfc9143_9_2_the_mid_decides_before_all_else),
		TEST(test_rfc9143_9_2_a_source_that_was_seen_is_known_without_its_mid),
		TEST(test_rfc9143_9_2_a_payload_type_decides_only_when_one_m_line_has_it),
		TEST(test_an_unknown_mid_falls_back_and_a_broken_extension_is_harmless),
		TEST(test_reports_go_where_the_source_is_that_they_speak_of),
		TEST(test_a_leg_with_one_m_line_asks_nothing),
		TEST(test_a_million_sources_do_not_grow_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
