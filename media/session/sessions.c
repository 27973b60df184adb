/* SPDX-License-Identifier: Apache-2.0 */
/* All workers: they start, get the commands of the calls that are theirs, and stop. */
#include "media/session/session.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "media/path/cpu.h"
#include "media/record/recorder.h"
#include "media/session/command.h"
#include "media/session/passthrough.h"

static void free_desks(struct sessions *sessions)
{
	for (unsigned i = 0; i < sessions->n_desks; i++) {
		worker_stop(sessions->desks[i]->worker);
		free(sessions->desks[i]);
	}
	free(sessions->desks);
	/* Behind the calls: they record and play to their end. */
	recorder_stop(sessions->recorder);
	prompts_stop(sessions->prompts);
	free(sessions);
}

static bool add_desk(struct sessions *sessions, unsigned index)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	struct worker_params params = {
		.index = index,
		.cpu = sessions->settings.workers <= cpu_count() ? cpu_at(index) : -1,
		.rest_us = sessions->settings.rest_us,
		.begin = desk_begin,
		.end = desk_end,
		.magic = desk};

	if (!desk)
		return false;
	desk->sessions = sessions;
	desk->index = index;
	desk->worker = worker_start(&params);
	if (!desk->worker) {
		free(desk);
		return false;
	}
	sessions->desks[sessions->n_desks++] = desk;
	return true;
}

static void say_ready(struct worker *worker, void *magic)
{
	const uint64_t one = 1;
	ssize_t n = write(*(int *)magic, &one, sizeof(one));

	(void)n; /* an eventfd takes it */
	(void)worker;
}

/* The first job runs after begin, so its word says that begin is over. */
static bool wait_ready(struct desk *desk)
{
	int ready = eventfd(0, EFD_CLOEXEC);
	uint64_t count;
	bool ok = false;

	if (ready < 0)
		return false;
	if (worker_post(desk->worker, say_ready, &ready))
		ok = read(ready, &count, sizeof(count)) == sizeof(count);
	close(ready);
	return ok && desk->path && desk->certificate;
}

static struct sessions *fail(struct sessions *sessions, char *err, size_t size, const char *why)
{
	snprintf(err, size, "%s", why);
	free_desks(sessions);
	return NULL;
}

static bool make_random(struct sessions *sessions)
{
	uint8_t random[LOOP_ID_LEN / 2];

	if (RAND_bytes((uint8_t *)&sessions->seed, sizeof(sessions->seed)) != 1 ||
	    RAND_bytes(random, sizeof(random)) != 1)
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(sessions->loop + 2 * i, 3, "%02x", random[i]);
	return true;
}

/* Each port is a descriptor: what the system allows, not what shells are given by default. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* What works beside the calls. */
static bool start_helpers(struct sessions *sessions, char *err, size_t size)
{
	const struct session_settings *settings = &sessions->settings;

	if (settings->record_dir) {
		sessions->recorder = recorder_start(settings->record_dir, err, size);
		if (!sessions->recorder)
			return false;
	}
	sessions->prompts = prompts_start(settings->media_dir, err, size);
	return sessions->prompts;
}

struct sessions *sessions_start(const struct session_settings *settings, struct port_pool *pool,
				struct log *log, struct metrics *metrics, char *err, size_t size)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	int64_t us;

	if (!sessions) {
		snprintf(err, size, "out of memory");
		return NULL;
	}
	raise_descriptors();
	sessions->settings = *settings;
	if (settings->workers == 0)
		sessions->settings.workers = cpu_count();
	sessions->pool = pool;
	sessions->log = log;
	sessions->metrics = metrics;
	sessions->started = desk_wall(&us);
	sessions->desks = calloc(sessions->settings.workers, sizeof(*sessions->desks));
	if (!sessions->desks || !make_random(sessions) || !srtp_start())
		return fail(sessions, err, size, "out of memory or randomness");
	if (!start_helpers(sessions, err, size)) {
		free_desks(sessions);
		return NULL;
	}
	for (unsigned i = 0; i < sessions->settings.workers; i++) {
		if (!add_desk(sessions, i))
			return fail(sessions, err, size, "a media thread did not start");
		if (!wait_ready(sessions->desks[i]))
			return fail(sessions, err, size,
				    "a shared port for WebRTC cannot be bound: another program has "
				    "it; give another first port");
	}
	return sessions;
}

void sessions_stop(struct sessions *sessions)
{
	if (sessions)
		free_desks(sessions);
}

void sessions_drain(struct sessions *sessions)
{
	atomic_store(&sessions->draining, true);
}

size_t sessions_calls(const struct sessions *sessions)
{
	return atomic_load(&sessions->calls);
}

/* One command on its way to its worker. */
struct errand {
	struct desk *desk;
	const struct command *command;
	struct control_request *control;
	struct prompt_order order;
};

static const char *lacks(const struct command *command, const struct ng_request *request)
{
	const struct {
		enum command_need need;
		const struct ng_text *text;
		const char *reason;
	} needs[] = {
		{NEED_SDP, &request->sdp, "No SDP body in message"},
		{NEED_ID, &request->call_id, "No call-id in message"},
		{NEED_FROM, &request->from_tag, "No from-tag in message"},
		{NEED_TO, &request->to_tag, "No to-tag in message"},
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(*needs); i++)
		if ((command->needs & needs[i].need) != 0 && needs[i].text->n == 0)
			return needs[i].reason;
	if (request->call_id.n > CALL_ID_MAX)
		return "The call-id is too long";
	if (request->from_tag.n > CALL_TAG_MAX || request->to_tag.n > CALL_TAG_MAX ||
	    request->via_branch.n > CALL_TAG_MAX)
		return "A tag is too long";
	return NULL;
}

static void log_warnings(struct desk *desk, const struct command *command,
			 const struct ng_request *request)
{
	for (size_t i = 0; i < request->n_warnings; i++)
		log_event(desk->sessions->log, LOG_DEBUG, "ng.ignored",
			  F_STR("command", command->name), F_STR("what", request->warnings[i]));
}

/* In the worker: from the command's first line to its reply. */
static void run_errand(struct worker *worker, void *magic)
{
	struct errand *errand = magic;
	struct control_request *control = errand->control;
	struct ng_request request;
	struct command_run run = {.desk = errand->desk,
				  .dict = control_dict(control),
				  .request = &request,
				  .tree = ng_tree_new(),
				  .order = &errand->order};
	const char *reason;

	(void)worker;
	ng_request_read(run.dict, &request);
	log_warnings(errand->desk, errand->command, &request);
	run.reply = run.tree ? ng_dict(run.tree) : NULL;
	run.call = call_find(errand->desk, &request.call_id);
	reason = run.reply ? lacks(errand->command, &request) : "Out of memory";
	if (!reason && !run.call && (errand->command->needs & NEED_CALL) != 0)
		reason = errand->command->unknown ? errand->command->unknown : "Unknown call-id";
	if (!reason && run.call && run.call->passthrough &&
	    (errand->command->needs & NEED_KEYS) != 0)
		reason = PASSTHROUGH_NO_KEYS;
	if (!reason)
		reason = errand->command->run(&run);
	if (run.later) {
		ng_tree_free(run.tree);
		return;
	}
	prompt_unref(errand->order.prompt);
	free(errand);
	if (reason) {
		ng_tree_free(run.tree);
		control_error(control, reason);
		return;
	}
	if (!ng_get(run.reply, "result"))
		ng_put_string(run.reply, "result", "ok");
	control_reply(control, run.tree, run.reply);
}

static void tour_go_on(struct worker *worker, void *magic)
{
	struct tour *tour = magic;
	struct control_request *control = tour->control;
	struct sessions *sessions = tour->sessions;

	(void)worker;
	tour->command->step(tour, sessions->desks[tour->next++]);
	if (tour->next < sessions->n_desks) {
		if (worker_post(sessions->desks[tour->next]->worker, tour_go_on, tour))
			return;
		ng_tree_free(tour->tree);
		free(tour);
		control_error(control, "Out of memory");
		return;
	}
	if (tour->command->end)
		tour->command->end(tour);
	ng_put_string(tour->reply, "result", "ok");
	control_reply(control, tour->tree, tour->reply);
	free(tour);
}

static bool begin_tour(struct sessions *sessions, const struct command *command,
		       struct control_request *control)
{
	struct tour *tour = calloc(1, sizeof(*tour));

	if (!tour)
		return false;
	tour->sessions = sessions;
	tour->command = command;
	tour->control = control;
	tour->tree = ng_tree_new();
	tour->reply = tour->tree ? ng_dict(tour->tree) : NULL;
	if (!ng_int(ng_get(control_dict(control), "limit"), &tour->limit))
		tour->limit = -1;
	if (tour->reply && worker_post(sessions->desks[0]->worker, tour_go_on, tour))
		return true;
	ng_tree_free(tour->tree);
	free(tour);
	return false;
}

uint64_t desk_hash(const struct sessions *sessions, const char *id, size_t len)
{
	return siphash(&sessions->seed, id, len);
}

/* By the call-id as the command will read it, which may stand in other forms than a plain string:
 * else a call would be made at a desk where nobody looks for it. */
static struct desk *desk_of(const struct sessions *sessions, const struct ng_value *dict)
{
	struct ng_request request;

	ng_request_read(dict, &request);
	return sessions->desks[desk_hash(sessions, request.call_id.p, request.call_id.n) %
			       sessions->n_desks];
}

/* In the reader's thread: the command runs once more. */
static void order_done(struct prompt_order *order)
{
	struct errand *errand = (struct errand *)((char *)order - offsetof(struct errand, order));
	struct control_request *control = errand->control;

	if (worker_post(errand->desk->worker, run_errand, errand))
		return;
	prompt_unref(order->prompt);
	free(errand);
	control_error(control, "Out of memory");
}

static bool send_errand(struct sessions *sessions, const struct command *command,
			struct control_request *control)
{
	struct errand *errand = malloc(sizeof(*errand));

	if (!errand)
		return false;
	*errand = (struct errand){.desk = desk_of(sessions, control_dict(control)),
				  .command = command,
				  .control = control,
				  .order = {.done = order_done}};
	if (worker_post(errand->desk->worker, run_errand, errand))
		return true;
	free(errand);
	return false;
}

static void pong(struct control_request *control)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *reply = tree ? ng_dict(tree) : NULL;

	if (!reply) {
		ng_tree_free(tree);
		control_error(control, "Out of memory");
		return;
	}
	ng_put_string(reply, "result", "pong");
	control_reply(control, tree, reply);
}

void sessions_request(void *magic, struct control_request *control)
{
	struct sessions *sessions = magic;
	const struct ng_value *word = ng_get(control_dict(control), "command");
	const struct command *command;
	const char *name;
	size_t len;

	name = ng_string(word, &len);
	if (!word || len == 0) {
		control_error(control, "Dictionary contains no key \"command\"");
		return;
	}
	command = command_named(name, len);
	if (!command)
		control_error(control, "Unrecognized command");
	else if (!command->run && !command->step)
		pong(control);
	else if (command->step ? !begin_tour(sessions, command, control)
			       : !send_errand(sessions, command, control))
		control_error(control, "Out of memory");
}
