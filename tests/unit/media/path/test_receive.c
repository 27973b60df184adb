/* SPDX-License-Identifier: Apache-2.0 */
/* How much a socket gives in a round: of what passes, and of what is refused. */
#include "media/path/transport.h"

#include "bed_kit.h"

/* A worker that waits while its sockets fill, and then reads them for a round. */
struct pause {
	sem_t reached, over;
};

static void wait_for_test(struct worker *worker, void *magic)
{
	struct pause *pause = magic;

	(void)worker;
	sem_post(&pause->reached);
	while (sem_wait(&pause->over) != 0)
		continue;
}

/* What bad packets and good ones behind them come to in one round. */
static void read_for_a_round(struct bed *bed, struct phone *phone, int bad, uint16_t good)
{
	struct kit_job after = {.job = run_job, .magic = bed};
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	struct pause pause;

	bed->job = read_all;
	sem_init(&pause.reached, 0, 0);
	sem_init(&pause.over, 0, 0);
	sem_init(&after.done, 0, 0);
	assert_true(worker_post(bed->worker, wait_for_test, &pause));
	while (sem_wait(&pause.reached) != 0)
		continue;
	for (int i = 0; i < bad; i++)
		kit_send(phone->fd, &bed->port, data, rtp(data, 1));
	for (uint16_t i = 0; i < good; i++)
		kit_send(phone->fd, &bed->port, data, protected(phone, data, i));
	/* Jobs are done at the end of a round. */
	assert_true(worker_post(bed->worker, kit_run_job, &after));
	sem_post(&pause.over);
	while (sem_wait(&after.done) != 0)
		continue;
	sem_destroy(&pause.reached);
	sem_destroy(&pause.over);
	sem_destroy(&after.done);
}

static void open_sdes_bed(struct bed *bed, struct phone *phone)
{
	open_bed(bed);
	open_phone(phone);
	run(bed, signal_remote, &phone->at);
	run(bed, use_sdes, phone);
}

static void close_sdes_bed(struct bed *bed, struct phone *phone)
{
	close_phone(phone);
	close_bed(bed);
}

static void test_a_packet_behind_bad_ones_is_read_with_them(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 20, 1);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], 20);
	assert_int_equal(bed.stats.packets_in[0], 1);
	close_sdes_bed(&bed, &phone);
}

static void test_a_flood_has_no_more_than_its_share_of_a_round(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 60, 0);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], REFUSED_MAX);
	expect_dropped(&bed, DROP_AUTHENTICATION, 60);
	close_sdes_bed(&bed, &phone);
}

static void test_what_passes_leaves_the_turn_to_others(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 0, 3);
	assert_int_equal(bed.stats.packets_in[0], 1);
	close_sdes_bed(&bed, &phone);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packet_behind_bad_ones_is_read_with_them),
		cmocka_unit_test(test_a_flood_has_no_more_than_its_share_of_a_round),
		cmocka_unit_test(test_what_passes_leaves_the_turn_to_others),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
