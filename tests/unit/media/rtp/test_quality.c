/* SPDX-License-Identifier: Apache-2.0 */
/* Loss, jitter, round trip and MOS from packets that pass. */
#include "media/rtp/quality.h"
#include "media/rtp/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MS 1000000ULL

static void talk(struct quality *quality, uint32_t ssrc, uint16_t sequence, uint64_t now)
{
	struct rtp_header header = {
		.ssrc = ssrc, .sequence = sequence, .timestamp = (uint32_t)sequence * 160};

	quality_rtp(quality, &header, 172, 8000, now);
}

static void write32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static size_t sender_report(uint8_t *p, uint32_t ssrc, uint32_t ntp)
{
	memset(p, 0, 28);
	p[0] = 0x80;
	p[1] = RTCP_SR;
	p[3] = 6;
	write32(p + 4, ssrc);
	p[10] = (uint8_t)(ntp >> 24);
	p[11] = (uint8_t)(ntp >> 16);
	p[12] = (uint8_t)(ntp >> 8);
	p[13] = (uint8_t)ntp;
	return 28;
}

static size_t receiver_report(uint8_t *p, const struct rtcp_block *block)
{
	memset(p, 0, 32);
	p[0] = 0x81;
	p[1] = RTCP_RR;
	p[3] = 7;
	write32(p + 4, 99);
	write32(p + 8, block->ssrc);
	write32(p + 12, (uint32_t)block->lost & 0xffffff);
	p[12] = block->fraction_lost;
	write32(p + 20, block->jitter);
	write32(p + 24, block->last_sr);
	write32(p + 28, block->delay);
	return 32;
}

static void loss_is_what_the_numbers_lack_over_a_rollover(void **state)
{
	(void)state;
	struct quality quality = {0};

	for (uint32_t i = 65000; i < 66000; i++)
		if (i % 10 != 5)
			talk(&quality, 1, (uint16_t)i, i * 20 * MS);
	assert_int_equal(quality.n, 1);
	assert_int_equal(quality.sources[0].packets, 900);
	assert_int_equal(quality_lost(&quality.sources[0]), 100);
	assert_int_equal(quality_jitter_ms(&quality.sources[0]), 0);
}

static void reordered_packets_are_no_loss(void **state)
{
	(void)state;
	struct quality quality = {0};

	for (uint16_t i = 0; i < 100; i += 2) {
		talk(&quality, 1, (uint16_t)(i + 1), (uint64_t)i * 20 * MS + MS);
		talk(&quality, 1, i, (uint64_t)i * 20 * MS + 2 * MS);
	}
	/* the first to come was number 1: number 0 came before the beginning */
	assert_in_range((uint64_t)(quality_lost(&quality.sources[0]) + 1), 0, 1);
}

static void a_source_that_begins_anew_has_lost_nothing(void **state)
{
	(void)state;
	struct quality quality = {0};

	for (uint16_t i = 0; i < 100; i++)
		talk(&quality, 1, i, i * 20 * MS);
	for (uint16_t i = 30000; i < 30100; i++)
		talk(&quality, 1, i, i * 20 * MS);
	assert_int_equal(quality_lost(&quality.sources[0]), 0);
}

/* Other timestamps, or a clock that stood still while nothing was said: the packets of before and
 * after have no common clock, so there is nothing between them that could be uneven. */
static void a_jump_of_the_timestamps_is_no_jitter(void **state)
{
	static const uint32_t jumps[] = {0x80000000, 0x7fffffff, 0x80000001, 8000 * 10};

	(void)state;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		struct quality quality = {0};
		struct rtp_header header = {.ssrc = 1};

		for (uint16_t n = 0; n < 100; n++) {
			header.sequence = n;
			header.timestamp = 77 + n * 160U + (n < 50 ? 0 : jumps[i]);
			quality_rtp(&quality, &header, 172, 8000, (uint64_t)n * 20 * MS + 1);
			assert_int_equal(quality_jitter_ms(&quality.sources[0]), 0);
		}
	}
}

static void jitter_grows_with_uneven_arrival(void **state)
{
	(void)state;
	struct quality quality = {0};

	for (uint16_t i = 0; i < 500; i++)
		talk(&quality, 1, i, (uint64_t)i * 20 * MS + (i & 1 ? 10 * MS : 0) + 1);
	assert_in_range(quality_jitter_ms(&quality.sources[0]), 8, 10);
}

static void the_round_trip_is_measured_from_reports_that_pass(void **state)
{
	(void)state;
	struct quality alice = {0}, bob = {0};
	uint8_t report[64];

	talk(&alice, 1, 1, MS);
	size_t n = sender_report(report, 1, 0xabcd1234);
	quality_rtcp(&alice, &bob, report, n, 1000 * MS);
	/* bob hears it, waits half a second, and his report comes 580 ms later */
	struct rtcp_block block = {.ssrc = 1,
				   .fraction_lost = 26,
				   .lost = 7,
				   .jitter = 80,
				   .last_sr = 0xabcd1234,
				   .delay = 32768};
	n = receiver_report(report, &block);
	quality_rtcp(&bob, &alice, report, n, 1580 * MS);
	const struct quality_source *source = &alice.sources[0];
	assert_int_equal(source->samples, 1);
	assert_int_equal(source->last.rtt, 80000);
	assert_int_equal(source->last.jitter, 10);
	assert_int_equal(source->last.loss, 10);
	assert_int_equal(source->reported_lost, 7);
	assert_int_equal(source->last.mos, quality_mos(80000, 10, 26 * 100.0 / 256));
	assert_int_equal(quality_average(source).mos, source->last.mos);
}

static void mos_falls_with_loss_delay_and_jitter(void **state)
{
	(void)state;
	assert_in_range(quality_mos(0, 0, 0), 43, 45);
	assert_true(quality_mos(0, 0, 1) < quality_mos(0, 0, 0));
	assert_true(quality_mos(0, 0, 5) < quality_mos(0, 0, 1));
	assert_true(quality_mos(600000, 0, 0) < quality_mos(100000, 0, 0));
	assert_true(quality_mos(0, 150, 0) < quality_mos(0, 10, 0));
	assert_int_equal(quality_mos(UINT32_MAX, UINT32_MAX, 100), 10);
}

static void the_progression_is_bounded_and_spans_the_call(void **state)
{
	(void)state;
	struct quality alice = {0};
	uint8_t report[64];

	talk(&alice, 1, 1, MS);
	for (uint64_t i = 1; i <= 1000; i++) {
		struct rtcp_block block = {.ssrc = 1,
					   .fraction_lost = (uint8_t)(i == 500 ? 128 : 0)};
		size_t n = receiver_report(report, &block);
		quality_rtcp(&(struct quality){0}, &alice, report, n, i * 5000 * MS);
	}
	const struct quality_source *source = &alice.sources[0];
	assert_int_equal(source->samples, 1000);
	assert_in_range(source->n_progression, QUALITY_SAMPLES / 2, QUALITY_SAMPLES);
	assert_int_equal(source->progression[0].at, 5000 * MS);
	assert_true(source->progression[source->n_progression - 1].at > 900 * 5000 * MS);
	assert_int_equal(source->lowest.at, 500 * 5000 * MS);
}

static void sources_are_bounded_and_the_silent_one_goes(void **state)
{
	(void)state;
	struct quality quality = {0};

	for (uint32_t ssrc = 1; ssrc <= QUALITY_SOURCES + 1; ssrc++)
		talk(&quality, ssrc, 1, ssrc * MS);
	assert_int_equal(quality.n, QUALITY_SOURCES);
	for (size_t i = 0; i < quality.n; i++)
		assert_int_not_equal(quality.sources[i].ssrc, 1);
}

static void compound_rtcp_cut_anywhere_is_refused(void **state)
{
	(void)state;
	uint8_t report[128];
	struct rtcp_block block = {.ssrc = 1};
	size_t n = sender_report(report, 1, 2);

	n += receiver_report(report + n, &block);
	assert_true(rtcp_valid(report, n));
	for (size_t i = 0; i < n; i++) {
		struct rtcp_part part;
		size_t at = 0;
		if (i != 28)
			assert_false(rtcp_valid(report, i));
		while (rtcp_next(report, i, &at, &part))
			for (size_t k = 0; rtcp_block(&part, k, &block); k++)
				;
	}
	report[0] = 0x9f; /* 31 blocks that are not there */
	struct rtcp_part part;
	size_t at = 0;
	assert_true(rtcp_next(report, n, &at, &part));
	assert_false(rtcp_block(&part, 0, &block));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loss_is_what_the_numbers_lack_over_a_rollover),
		cmocka_unit_test(reordered_packets_are_no_loss),
		cmocka_unit_test(a_source_that_begins_anew_has_lost_nothing),
		cmocka_unit_test(a_jump_of_the_timestamps_is_no_jitter),
		cmocka_unit_test(jitter_grows_with_uneven_arrival),
		cmocka_unit_test(the_round_trip_is_measured_from_reports_that_pass),
		cmocka_unit_test(mos_falls_with_loss_delay_and_jitter),
		cmocka_unit_test(the_progression_is_bounded_and_spans_the_call),
		cmocka_unit_test(sources_are_bounded_and_the_silent_one_goes),
		cmocka_unit_test(compound_rtcp_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
