/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the ng protocol in any order, on a worker as the relay has it, and datagrams between
 * them. Each command is answered once, SDP that we write can be read, and when all calls are
 * deleted nothing is left: no call, no port, no byte.
 *
 * Input: steps of STEP bytes: the command, who, the SDP, two options, a change of the SDP. The
 * table of commands is the relay's, so that a new one is tried without a word here.
 */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/sdp/sdp.h"
#include "media/session/command.h"
#include "tests/fuzz/media_call_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STEP	     6
#define STEPS_MAX    48
#define TEXT_MAX     4096
#define CALLS	     3
#define NOBODY	     3	  /* the last of four names */
#define PARALLEL     0x80 /* of the command: the next one does not wait for its answer */
/* Below those that the system gives away. */
#define FIRST_PORT 15000
#define LAST_PORT  15399
#define SHARED_MAX 64 /* ports behind them, of which one is free */

/* The legs of media/path/inside.h have the name of those of a session. */
void transport_receive(struct transport *transport, unsigned component, const struct address *from,
		       struct packet *packet);

/* Instead of control.c: what a command is answered is looked at, and gone. */
struct control_request {
	struct ng_tree *tree;
	struct ng_value *dict;
	bool deletes;
};

static struct {
	struct sessions *sessions;
	struct port_pool *pool;
	struct log *log;
	struct metrics *metrics;
	const char *folder;
	pthread_mutex_t lock;
	pthread_cond_t less;
	size_t waiting; /* requests that are not answered */
} relay = {.lock = PTHREAD_MUTEX_INITIALIZER, .less = PTHREAD_COND_INITIALIZER};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_call: %s\n", what);
	abort();
}

/* The bytes are held against nothing but their being there: whoever is told reads them all. */
static void told(void *magic, const char *text, size_t len)
{
	must(len > 2 && text[0] == '{' && text[len - 1] == '}', "an event is no object");
	(void)magic;
}

const struct ng_value *control_dict(const struct control_request *request)
{
	return request->dict;
}

static void check_reply(const struct control_request *request, const struct ng_value *reply)
{
	const char *why = NULL, *sdp, *result;
	size_t n, len;
	struct sdp *read;
	char *text;

	result = ng_string(ng_get(reply, "result"), &n);
	must(n > 0, "a reply without a result");
	ng_string(ng_get(reply, "error-reason"), &len);
	must((len > 0) == (n == 5 && memcmp(result, "error", 5) == 0), "an error without a reason");
	sdp = ng_string(ng_get(reply, "sdp"), &n);
	if (n > 0 && !ng_get(request->dict, "fragment")) {
		read = sdp_parse(sdp, n, &why);
		must(read, "what was written cannot be read");
		sdp_free(read);
	}
	for (int format = NG_BENCODE; format <= NG_JSON; format++) {
		text = ng_write(reply, (enum ng_format)format, &n);
		must(text, "a reply cannot be written");
		free(text);
	}
}

void control_reply(struct control_request *request, struct ng_tree *tree,
		   const struct ng_value *reply)
{
	check_reply(request, reply);
	ng_tree_free(tree);
	ng_tree_free(request->tree);
	free(request);
	pthread_mutex_lock(&relay.lock);
	relay.waiting--;
	pthread_cond_signal(&relay.less);
	pthread_mutex_unlock(&relay.lock);
}

void control_error(struct control_request *request, const char *reason)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *reply = tree ? ng_dict(tree) : NULL;

	must(reply, "no memory");
	ng_put_string(reply, "result", "error");
	ng_put_string(reply, "error-reason", reason);
	control_reply(request, tree, reply);
}

static void wait_for_all(void)
{
	pthread_mutex_lock(&relay.lock);
	while (relay.waiting > 0)
		pthread_cond_wait(&relay.less, &relay.lock);
	pthread_mutex_unlock(&relay.lock);
}

static struct control_request *ask(const char *command, unsigned call)
{
	struct control_request *request = calloc(1, sizeof(*request));
	char id[16];

	must(request && (request->tree = ng_tree_new()) != NULL, "no memory");
	request->dict = ng_dict(request->tree);
	snprintf(id, sizeof(id), "call-%u", call % CALLS);
	ng_put_string(request->dict, "command", command);
	ng_put_string(request->dict, "call-id", id);
	return request;
}

static void give(struct control_request *request)
{
	pthread_mutex_lock(&relay.lock);
	relay.waiting++;
	pthread_mutex_unlock(&relay.lock);
	sessions_request(relay.sessions, request);
}

static void put_option(struct ng_value *dict, uint8_t number)
{
	const struct option *option = &options[number % COUNT(options)];

	/* A list each: that of a key comes twice. */
	if (strcmp(option->key, "flags") == 0 || strcmp(option->key, "replace") == 0 ||
	    strcmp(option->key, "media identity") == 0 || strcmp(option->key, "rtcp-mux") == 0)
		ng_add_string(ng_put_list(dict, option->key), option->word);
	else
		ng_put_string(dict, option->key, option->word);
}

/* The line at which the number'th of text begins, and its length. */
static const char *line_at(const char *text, unsigned number, size_t *len_out)
{
	const char *end;

	for (; number > 0 && (end = strchr(text, '\n')) != NULL && end[1] != '\0'; number--)
		text = end + 1;
	end = strchr(text, '\n');
	*len_out = end ? (size_t)(end + 1 - text) : strlen(text);
	return text;
}

/* change: 0 none; otherwise a line goes, comes twice, or gives way to one of another SDP. */
static void put_sdp(struct ng_value *dict, uint8_t number, uint8_t change)
{
	const char *text = sdps[number % COUNT(sdps)], *line, *other;
	char out[TEXT_MAX];
	size_t n, m = 0, len;

	if (change == 0) {
		ng_put_string(dict, "sdp", text);
		return;
	}
	line = line_at(text, change % 32, &n);
	other = change / 32 == 0   ? line
		: change / 32 == 1 ? line_at(text, change % 32 + 1, &m)
				   : line_at(sdps[(number + change / 32) % COUNT(sdps)],
					     change % 32 + number / COUNT(sdps), &m);
	len = (size_t)snprintf(out, sizeof(out), "%.*s%.*s%s", (int)(line - text), text, (int)m,
			       other, line + n);
	must(len < sizeof(out), "an SDP is too long");
	ng_put_span(dict, "sdp", out, len);
}

struct arrival {
	const uint8_t *step;
	sem_t done;
};

static struct leg *leg_at(struct desk *desk, const uint8_t *step)
{
	char id[16];
	struct ng_text text = {id,
			       (size_t)snprintf(id, sizeof(id), "call-%u", step[1] % 4 % CALLS)};
	const struct call *call = call_find(desk, &text);
	const struct party *party = call ? call->parties : NULL;

	for (unsigned i = step[1] >> 2 & 3; party && party->next && i > 0; i--)
		party = party->next;
	if (!party || party->n_streams == 0)
		return NULL;
	return party->streams[(step[1] >> 4) % party->n_streams]->leg;
}

/* In the worker, as if a socket had been readable. */
static void arrive(struct worker *worker, void *magic)
{
	struct arrival *arrival = magic;
	const uint8_t *step = arrival->step;
	struct desk *desk = relay.sessions->desks[0];
	struct leg *leg = leg_at(desk, step);
	size_t n = packets[step[2] % COUNT(packets)].n;
	uint8_t buffer[PACKET_MAX + PACKET_SPARE] = {0};
	struct address from = {
		.family = 4, .port = (uint16_t)(4000 + step[3] % 32), .ip = {127, 0, 0, 1}};
	struct packet packet = {.data = buffer, .len = n, .now = worker_now(worker)};

	memcpy(buffer, packets[step[2] % COUNT(packets)].bytes, n);
	if (step[4] != 0)
		buffer[step[4] % n] ^= step[5];
	packet.rtcp = packet_is_rtcp(buffer, n);
	if (leg)
		transport_receive(leg->transport, step[3] >> 7, &from, &packet);
	sem_post(&arrival->done);
}

static void run_packet(const uint8_t *step)
{
	struct arrival arrival = {.step = step};

	sem_init(&arrival.done, 0, 0);
	must(worker_post(relay.sessions->desks[0]->worker, arrive, &arrival), "no memory");
	while (sem_wait(&arrival.done) != 0)
		continue;
	sem_destroy(&arrival.done);
}

static void run_step(const uint8_t *step)
{
	unsigned number = step[0] & ~PARALLEL, from = step[1] >> 2 & 3, to = step[1] >> 4 & 3;
	struct control_request *request;

	if (number % (n_commands + 4) >= n_commands) {
		run_packet(step);
		return;
	}
	request = ask(commands[number % (n_commands + 4)].name, step[1] % 4);
	if (from != NOBODY)
		ng_put_string(request->dict, "from-tag", names[from]);
	if (to != NOBODY)
		ng_put_string(request->dict, "to-tag", names[to]);
	if (step[1] >> 6 != 3)
		put_sdp(request->dict, step[2], step[5]);
	if (step[1] >> 6 == 2)
		ng_put_span(request->dict, "blob", (const char *)announcement,
			    sizeof(announcement));
	put_option(request->dict, step[3]);
	put_option(request->dict, step[4]);
	give(request);
	if ((step[0] & PARALLEL) == 0)
		wait_for_all();
}

static void look(struct worker *worker, void *magic)
{
	struct arrival *arrival = magic;
	const struct desk *desk = relay.sessions->desks[0];

	(void)worker;
	must(!desk->calls && sessions_calls(relay.sessions) == 0, "a call is left");
	must(port_pool_used(relay.pool) == 0, "a port has not come back");
	sem_post(&arrival->done);
}

static void end_all(void)
{
	struct arrival arrival = {.step = NULL};

	for (unsigned call = 0; call < CALLS; call++) {
		struct control_request *request = ask("delete", call);

		ng_put_int(request->dict, "delete-delay", 0);
		give(request);
	}
	wait_for_all();
	sem_init(&arrival.done, 0, 0);
	must(worker_post(relay.sessions->desks[0]->worker, look, &arrival), "no memory");
	while (sem_wait(&arrival.done) != 0)
		continue;
	sem_destroy(&arrival.done);
}

/* Recordings are made, and are gone with the input. */
static const char *folder(void)
{
	static char path[] = "/tmp/fuzz_media_call.XXXXXX";

	must(mkdtemp(path), "no folder");
	return path;
}

static void forget_recordings(void)
{
	const char *path = relay.folder;
	DIR *dir = opendir(path);
	struct dirent *entry;

	must(dir, "the folder is gone");
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

static void remove_folder(void)
{
	forget_recordings();
	rmdir(relay.folder);
}

static void begin(void)
{
	struct session_settings settings = {.workers = 1,
					    .record_dir = relay.folder = folder(),
					    .event = told,
					    .webrtc_port = LAST_PORT + 1,
					    .timeouts = {60, 3600, 3600, 0, 30}};
	struct log_settings log = {.level = LOG_ERROR, .fd = 2};
	struct interface interface;
	const char *why;
	char err[200] = "";

	must(interface_parse("127.0.0.1", &interface, &why), why);
	relay.pool = port_pool_new(&interface, 1, FIRST_PORT, LAST_PORT);
	relay.log = log_new("fuzz", &log);
	relay.metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	for (int i = 0; !relay.sessions && i < SHARED_MAX; i++, settings.webrtc_port++)
		relay.sessions = sessions_start(&settings, relay.pool, relay.log, relay.metrics,
						err, sizeof(err));
	must(relay.sessions, err);
	atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned inputs;

	if (!relay.sessions)
		begin();
	for (size_t i = 0; i < STEPS_MAX && (i + 1) * STEP <= size; i++)
		run_step(data + i * STEP);
	wait_for_all();
	end_all();
	if (++inputs % 64 == 0)
		forget_recordings();
	return 0;
}
