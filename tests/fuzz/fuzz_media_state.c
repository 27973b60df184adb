/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the state file as if their seal were good: a call is restored or refused with a reason,
 * and either way no port and no call is left when it has ended. The first byte of the input says
 * whether the rest is the file itself, whose seal it then has to be refused by.
 */
#include <fcntl.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/session/call.h"
#include "media/state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST_PORT 15400
#define LAST_PORT  15499
#define SHARED_MAX 64 /* ports for browsers, of which one is free */
#define FOLDER_MAX 64

static struct {
	struct sessions *sessions;
	struct port_pool *pool;
	struct log *log;
	struct metrics *metrics;
	char folder[FOLDER_MAX];
	char path[FOLDER_MAX + 8];
	sem_t done;
} relay = {.folder = "/dev/shm/fuzz_media_state.XXXXXX"};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_state: %s\n", what);
	abort();
}

static void remove_folder(void)
{
	rmdir(relay.folder);
}

static void begin(void)
{
	struct session_settings settings = {
		.workers = 1, .webrtc_port = LAST_PORT + 1, .timeouts = {60, 3600, 3600, 0, 30}};
	struct log_settings log = {.level = LOG_ERROR, .fd = open("/dev/null", O_WRONLY)};
	struct interface interface;
	const char *why;
	char err[200] = "";

	must(mkdtemp(relay.folder) != NULL, "no folder");
	atexit(remove_folder);
	snprintf(relay.path, sizeof(relay.path), "%s/state", relay.folder);
	sem_init(&relay.done, 0, 0);
	must(interface_parse("127.0.0.1", &interface, &why), why);
	relay.pool = port_pool_new(&interface, 1, FIRST_PORT, LAST_PORT);
	relay.log = log_new("fuzz", &log);
	relay.metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	for (int i = 0; relay.sessions == NULL && i < SHARED_MAX; i++, settings.webrtc_port++)
		relay.sessions = sessions_start(&settings, relay.pool, relay.log, relay.metrics,
						err, sizeof(err));
	must(relay.sessions != NULL, err);
}

static void end_all(struct worker *worker, void *magic)
{
	struct desk *desk = magic;

	(void)worker;
	while (desk->calls != NULL)
		call_free(desk->calls, END_DELETE);
	sem_post(&relay.done);
}

static void put_file(const uint8_t *data, size_t size)
{
	int fd = open(relay.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file");
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state_file file = {.path = relay.path, .key = {{1}}};
	struct state_outcome out = {.calls = 0};
	char err[200] = "";
	bool ok, raw;

	if (size == 0)
		return 0;
	if (relay.sessions == NULL)
		begin();
	raw = data[0] == '#';
	if (raw)
		put_file(data + 1, size - 1);
	else
		must(seal_write(relay.path, &file.key, data, size, err, sizeof(err)), err);
	ok = state_restore(relay.sessions, &file, &out, err, sizeof(err));
	must(ok == (err[0] == '\0'), "refused without a word, or both");
	must(!ok || !raw, "a seal that nobody made is good");
	must(access(relay.path, F_OK) != 0, "the file could be read twice");
	must(out.calls == sessions_calls(relay.sessions), "a call was counted wrongly");
	must(worker_post(relay.sessions->desks[0]->worker, end_all, relay.sessions->desks[0]),
	     "no memory");
	while (sem_wait(&relay.done) != 0)
		continue;
	must(sessions_calls(relay.sessions) == 0, "a call is left");
	must(port_pool_used(relay.pool) == 0, "a port has not come back");
	return 0;
}
