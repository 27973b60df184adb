/* SPDX-License-Identifier: Apache-2.0 */
/* A control with a handler of the test's own, and clients of its listeners. */
#ifndef TEST_NG_CONTROL_KIT_H
#define TEST_NG_CONTROL_KIT_H

#include "media/ng/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/metrics.h"
#include "svc/runtime/wipe.h"

#define WAIT_MS 5000 /* for what has to come */

/* "ping" and "query" are answered at once, "offer" by another thread when the test lets it go on.
 */
struct scene {
	struct control *control;
	struct log *log;
	struct metrics *metrics;
	char path[64];
	struct address udp, tcp;
	atomic_int n_run;
	sem_t begun, go_on;
	size_t reply_size; /* of "query": bytes of filler */
};

static inline void reply_ok(struct scene *scene, struct control_request *request)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *dict = ng_dict(tree);
	char *filler = calloc(1, scene->reply_size + 1);

	memset(filler, 'x', scene->reply_size);
	ng_put_string(dict, "result", "ok");
	ng_put_int(dict, "n", atomic_load(&scene->n_run));
	if (scene->reply_size > 0)
		ng_put_string(dict, "filler", filler);
	wipe_free(filler);
	control_reply(request, tree, dict);
}

struct job {
	struct scene *scene;
	struct control_request *request;
};

static inline void *work(void *magic)
{
	struct job job = *(struct job *)magic;

	free(magic);
	sem_post(&job.scene->begun);
	sem_wait(&job.scene->go_on);
	reply_ok(job.scene, job.request);
	return NULL;
}

static inline void handler(void *magic, struct control_request *request)
{
	struct scene *scene = magic;
	size_t len;
	const char *command = ng_string(ng_get(control_dict(request), "command"), &len);
	struct job *job;
	pthread_t thread;

	if (len == 4 && memcmp(command, "ping", 4) == 0) {
		struct ng_tree *tree = ng_tree_new();
		struct ng_value *dict = ng_dict(tree);

		ng_put_string(dict, "result", "pong");
		control_reply(request, tree, dict);
		return;
	}
	atomic_fetch_add(&scene->n_run, 1);
	if (len == 5 && memcmp(command, "offer", 5) == 0) {
		job = calloc(1, sizeof(*job));
		*job = (struct job){scene, request};
		if (pthread_create(&thread, NULL, work, job) != 0)
			abort();
		pthread_detach(thread);
	} else if (len == 5 && memcmp(command, "query", 5) == 0) {
		reply_ok(scene, request);
	} else {
		control_error(request, "Unrecognized command");
	}
}

/* UDP and TCP on loopback, and a Unix socket; more: what is different. */
static inline void scene_open(struct scene *scene, const struct control_params *more)
{
	struct control_listen listen[3];
	struct control_params params = *more;
	struct log_settings quiet = {.level = LOG_ERROR};
	const char *why;
	char err[300] = "", text[80];

	snprintf(scene->path, sizeof(scene->path), "/tmp/attestel-ng-%d.sock", (int)getpid());
	snprintf(text, sizeof(text), "unix:%s", scene->path);
	assert_true(control_listen_parse("udp:0.0.0.0:0", &listen[0], &why));
	assert_true(control_listen_parse("tcp:127.0.0.1:0", &listen[1], &why));
	assert_true(control_listen_parse(text, &listen[2], &why));
	sem_init(&scene->begun, 0, 0);
	sem_init(&scene->go_on, 0, 0);
	atomic_store(&scene->n_run, 0);
	scene->log = log_new("test", &quiet);
	scene->metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	params.listen = listen;
	params.n_listen = 3;
	params.handler = handler;
	params.magic = scene;
	params.log = scene->log;
	params.metrics = scene->metrics;
	scene->control = control_start(&params, err, sizeof(err));
	if (scene->control == NULL)
		fail_msg("%s", err);
	scene->udp = control_address(scene->control, 0);
	scene->tcp = control_address(scene->control, 1);
}

static inline void scene_close(struct scene *scene)
{
	control_stop(scene->control);
	metrics_free(scene->metrics);
	log_free(scene->log);
	sem_destroy(&scene->begun);
	sem_destroy(&scene->go_on);
}

/* The value of one line of the metrics, 0 when it is not there. */
static inline double metric(struct scene *scene, const char *line)
{
	size_t len;
	char *text = metrics_text(scene->metrics, &len);
	const char *at = strstr(text, line);
	double value = at != NULL ? strtod(at + strlen(line), NULL) : 0;

	free(text);
	return value;
}

static inline int connect_to(const struct address *address, int type, const char *host)
{
	struct sockaddr_storage sa = {0};
	struct address to = *address;
	socklen_t len;
	int fd;

	if (host != NULL)
		assert_true(address_parse(host, strlen(host), address->port, &to));
	len = address_to_sockaddr(&to, &sa);
	fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, len), 0);
	return fd;
}

/* -1 and errno where that is refused. */
static inline int connect_unix(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Bytes that came, at most; 0: the end, -1: nothing within the time. */
static inline ssize_t hear(int fd, char *out, size_t size)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&poll_fd, 1, WAIT_MS) != 1)
		return -1;
	n = recv(fd, out, size - 1, 0);
	if (n < 0)
		n = 0; /* reset: an end too */
	out[n] = '\0';
	return n;
}

/* Exactly that comes, in however many pieces. */
static inline void hear_all(int fd, const char *expected)
{
	size_t len = strlen(expected), got = 0;
	char *text = calloc(1, len + 1);

	while (got < len) {
		ssize_t n = hear(fd, text + got, len - got + 1);

		if (n <= 0)
			fail_msg("ended after \"%s\" of \"%s\"", text, expected);
		got += (size_t)n;
	}
	assert_string_equal(text, expected);
	free(text);
}

static inline void hear_end(int fd)
{
	char text[4096];
	ssize_t n;

	while ((n = hear(fd, text, sizeof(text))) > 0)
		;
	assert_int_equal(n, 0);
}

#endif
