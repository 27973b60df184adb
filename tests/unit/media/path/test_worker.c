/* SPDX-License-Identifier: Apache-2.0 */
/* The media thread: mail in order, timers never early, watches that end when they are told to. */
#include "media/path/worker.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "path_kit.h"

#define MS 1000000ull

static struct worker *start(void)
{
	struct worker_params params = {.cpu = -1};
	struct worker *worker = worker_start(&params);

	assert_non_null(worker);
	return worker;
}

struct order {
	unsigned next[4];
	bool wrong;
};

struct letter {
	struct order *order;
	unsigned sender, number;
};

static void read_letter(struct worker *worker, void *magic)
{
	struct letter *letter = magic;

	(void)worker;
	letter->order->wrong |= letter->order->next[letter->sender]++ != letter->number;
	free(letter);
}

struct sender {
	struct worker *worker;
	struct order *order;
	unsigned number;
};

static void *post_letters(void *magic)
{
	struct sender *sender = magic;

	for (unsigned i = 0; i < 2000; i++) {
		struct letter *letter = malloc(sizeof(*letter));

		*letter = (struct letter){sender->order, sender->number, i};
		if (!worker_post(sender->worker, read_letter, letter))
			abort();
	}
	return NULL;
}

static void test_mail_of_each_sender_is_read_in_order_and_none_is_lost_at_the_end(void **state)
{
	struct order order = {.wrong = false};
	struct worker *worker = start();
	struct sender senders[4];
	pthread_t threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		senders[i] = (struct sender){worker, &order, i};
		assert_int_equal(pthread_create(&threads[i], NULL, post_letters, &senders[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	worker_stop(worker);
	assert_false(order.wrong);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(order.next[i], 2000);
}

struct chain {
	unsigned left;
	unsigned run;
};

static void post_next(struct worker *worker, void *magic)
{
	struct chain *chain = magic;

	chain->run++;
	if (chain->left-- > 0)
		assert_true(worker_post(worker, post_next, chain));
}

static void test_mail_that_mail_posts_is_read_before_the_end(void **state)
{
	struct chain chain = {.left = 10};
	struct worker *worker = start();

	(void)state;
	assert_true(worker_post(worker, post_next, &chain));
	worker_stop(worker);
	assert_int_equal(chain.run, 11);
}

struct life {
	atomic_int begun, ended;
	int ended_at_job;
};

static void begin(struct worker *worker, void *magic)
{
	(void)worker;
	((struct life *)magic)->begun++;
}

static void end(struct worker *worker, void *magic)
{
	(void)worker;
	((struct life *)magic)->ended++;
}

static void look(struct worker *worker, void *magic)
{
	struct life *life = magic;

	assert_ptr_equal(worker_magic(worker), life);
	assert_int_equal(worker_index(worker), 3);
	assert_int_equal(life->begun, 1);
	life->ended_at_job = life->ended;
}

static void test_begin_comes_before_all_mail_and_end_after_it(void **state)
{
	struct life life = {.ended_at_job = -1};
	struct worker_params params = {
		.index = 3, .cpu = 0, .begin = begin, .end = end, .magic = &life};
	struct worker *worker = worker_start(&params);

	(void)state;
	assert_non_null(worker);
	assert_true(worker_post(worker, look, &life));
	worker_stop(worker);
	assert_int_equal(life.ended_at_job, 0);
	assert_int_equal(life.ended, 1);
}

#define TIMERS 200

struct alarms {
	struct worker_timer timers[TIMERS];
	uint64_t at[TIMERS], due[TIMERS], last;
	unsigned run;
	bool wrong_order;
	sem_t done;
};

static void ring(struct worker_timer *timer, struct worker *worker)
{
	struct alarms *alarms = worker_magic(worker);
	size_t i = (size_t)(timer - alarms->timers);

	assert_int_equal(timer->at, 0);
	alarms->due[i] = worker_now(worker);
	alarms->wrong_order |= alarms->at[i] < alarms->last;
	alarms->last = alarms->at[i];
	if (++alarms->run == TIMERS - TIMERS / 4)
		sem_post(&alarms->done);
}

/* In an order that is none; some are moved, a quarter is taken out. */
static void set_alarms(struct worker *worker, void *magic)
{
	struct alarms *alarms = magic;

	for (size_t k = 0; k < TIMERS; k++) {
		size_t i = k * 73 % TIMERS;

		alarms->timers[i].due = ring;
		alarms->at[i] = worker_now(worker) + (1 + i * 31 % 40) * MS + i;
		assert_true(worker_timer_set(worker, &alarms->timers[i], alarms->at[i]));
	}
	for (size_t i = 0; i < TIMERS; i += 3) {
		alarms->at[i] = worker_now(worker) + (1 + i * 17 % 40) * MS + i;
		assert_true(worker_timer_set(worker, &alarms->timers[i], alarms->at[i]));
	}
	for (size_t i = 0; i < TIMERS; i += 4) {
		worker_timer_cancel(worker, &alarms->timers[i]);
		worker_timer_cancel(worker, &alarms->timers[i]);
	}
}

static void test_timers_run_in_order_and_never_early(void **state)
{
	struct alarms *alarms = calloc(1, sizeof(*alarms));
	struct worker_params params = {.cpu = -1, .magic = alarms};
	struct worker *worker = worker_start(&params);

	(void)state;
	assert_non_null(worker);
	sem_init(&alarms->done, 0, 0);
	kit_run(worker, set_alarms, alarms);
	while (sem_wait(&alarms->done) != 0)
		continue;
	worker_stop(worker);
	assert_int_equal(alarms->run, TIMERS - TIMERS / 4);
	assert_false(alarms->wrong_order);
	for (size_t i = 0; i < TIMERS; i++) {
		if (i % 4 == 0)
			assert_int_equal(alarms->due[i], 0);
		else
			assert_true(alarms->due[i] >= alarms->at[i]);
	}
	sem_destroy(&alarms->done);
	free(alarms);
}

struct eager {
	struct worker_timer timer;
	atomic_uint run;
};

static void again(struct worker_timer *timer, struct worker *worker)
{
	((struct eager *)timer)->run++;
	assert_true(worker_timer_set(worker, timer, 1));
}

static void start_eager(struct worker *worker, void *magic)
{
	struct eager *eager = magic;

	eager->timer.due = again;
	assert_true(worker_timer_set(worker, &eager->timer, 1));
}

static void test_a_timer_that_is_always_due_does_not_hold_the_worker(void **state)
{
	struct eager eager = {.run = 0};
	struct worker *worker = start();

	(void)state;
	kit_run(worker, start_eager, &eager);
	for (int i = 0; i < 10; i++) {
		unsigned before = eager.run;

		while (eager.run == before)
			continue;
		kit_run(worker, start_eager, &eager);
	}
	worker_stop(worker);
	assert_true(eager.run >= 10);
}

/* Two watches that are readable in the same round; the first that is called removes the other. */
struct pair {
	struct worker_watch watches[2];
	atomic_uint called;
	sem_t done;
};

static void remove_other(struct worker_watch *watch, struct worker *worker)
{
	struct pair *pair = worker_magic(worker);
	struct worker_watch *other = &pair->watches[watch == pair->watches];
	uint64_t count;

	assert_int_equal(read(watch->fd, &count, sizeof(count)), sizeof(count));
	pair->called++;
	worker_watch_remove(worker, other);
	other->readable = NULL;
	sem_post(&pair->done);
}

static void watch_pair(struct worker *worker, void *magic)
{
	struct pair *pair = magic;

	for (int i = 0; i < 2; i++)
		assert_true(worker_watch_add(worker, &pair->watches[i]));
}

static void test_a_removed_watch_is_not_called_in_the_same_round(void **state)
{
	struct pair pair = {.called = 0};
	struct worker_params params = {.cpu = -1, .magic = &pair};
	struct worker *worker = worker_start(&params);

	(void)state;
	assert_non_null(worker);
	sem_init(&pair.done, 0, 0);
	for (int i = 0; i < 2; i++)
		pair.watches[i] = (struct worker_watch){.fd = eventfd(1, EFD_NONBLOCK),
							.readable = remove_other};
	kit_run(worker, watch_pair, &pair);
	while (sem_wait(&pair.done) != 0)
		continue;
	worker_stop(worker);
	assert_int_equal(pair.called, 1);
	for (int i = 0; i < 2; i++)
		close(pair.watches[i].fd);
	sem_destroy(&pair.done);
}

static void count_flush(struct worker *worker, void *magic)
{
	(void)worker;
	++*(atomic_uint *)magic;
}

static void want_flush(struct worker *worker, void *magic)
{
	worker_after_round(worker, count_flush, magic);
}

static void test_what_a_round_gathers_is_flushed_after_its_mail(void **state)
{
	atomic_uint flushed = 0;
	struct worker *worker = start();

	(void)state;
	assert_true(worker_post(worker, want_flush, &flushed));
	worker_stop(worker);
	assert_true(flushed >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_mail_of_each_sender_is_read_in_order_and_none_is_lost_at_the_end),
		cmocka_unit_test(test_mail_that_mail_posts_is_read_before_the_end),
		cmocka_unit_test(test_begin_comes_before_all_mail_and_end_after_it),
		cmocka_unit_test(test_timers_run_in_order_and_never_early),
		cmocka_unit_test(test_a_timer_that_is_always_due_does_not_hold_the_worker),
		cmocka_unit_test(test_a_removed_watch_is_not_called_in_the_same_round),
		cmocka_unit_test(test_what_a_round_gathers_is_flushed_after_its_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
