/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate helper's process: takes URLs from its socket, gives back bodies. */
#include "svc/certs/fetch.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct certs_loop {
	int fd;
	CURLM *multi;
	size_t in_flight;
	bool ended; /* the daemon closed its side */
	struct certs_fetcher fetcher;
	struct certs_message_result answer;
	union {
		uint32_t type;
		struct certs_message_setup setup;
		struct certs_message_ca ca;
		struct certs_message_fetch fetch;
	} in;
};

/* Waits when the daemon is slow: it has at most in_flight_max answers to take. */
static void send_answer(struct certs_loop *loop)
{
	const struct certs_message_result *answer = &loop->answer;
	size_t len = offsetof(struct certs_message_result, body) + answer->len;

	while (send(loop->fd, answer, len, MSG_NOSIGNAL) < 0) {
		struct pollfd wait = {.fd = loop->fd, .events = POLLOUT};

		if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
			loop->ended = true;
			return;
		}
		poll(&wait, 1, 100);
	}
}

/* The length of one message; 0 when none is there or the daemon has gone. */
static size_t receive(struct certs_loop *loop, int flags)
{
	ssize_t len;

	memset(&loop->in, 0, sizeof(loop->in));
	do
		len = recv(loop->fd, &loop->in, sizeof(loop->in), flags);
	while (len < 0 && errno == EINTR);
	if (len == 0 || (len < 0 && errno != EAGAIN))
		loop->ended = true;
	return len > 0 ? (size_t)len : 0;
}

static size_t receive_wait(struct certs_loop *loop)
{
	struct pollfd wait = {.fd = loop->fd, .events = POLLIN};

	while (poll(&wait, 1, -1) < 0 && errno == EINTR)
		continue;
	return receive(loop, 0);
}

/* The first messages: the rules, then the TLS anchors. false: not as agreed. */
static bool take_setup(struct certs_loop *loop)
{
	struct certs_fetcher *fetcher = &loop->fetcher;
	size_t have = 0;

	if (receive_wait(loop) != sizeof(loop->in.setup) || loop->in.type != CERTS_MESSAGE_SETUP)
		return false;
	fetcher->setup = loop->in.setup;
	if (fetcher->setup.ca_len == 0)
		return true;
	if (fetcher->setup.ca_len > CERTS_CA_MAX)
		return false;
	fetcher->ca = malloc(fetcher->setup.ca_len);
	while (fetcher->ca && have < fetcher->setup.ca_len) {
		size_t len = receive_wait(loop);
		const struct certs_message_ca *part = &loop->in.ca;

		if (part->type != CERTS_MESSAGE_CA || part->len > fetcher->setup.ca_len - have ||
		    len != offsetof(struct certs_message_ca, data) + part->len)
			return false;
		memcpy(fetcher->ca + have, part->data, part->len);
		have += part->len;
	}
	return fetcher->ca != NULL;
}

static void take_fetch(struct certs_loop *loop)
{
	const struct certs_message_fetch *wanted = &loop->in.fetch;

	if (loop->in_flight >= loop->fetcher.setup.in_flight_max) {
		loop->answer = (struct certs_message_result){
			.type = CERTS_MESSAGE_RESULT, .id = wanted->id, .status = CERTS_BUSY};
		snprintf(loop->answer.why, sizeof(loop->answer.why), "too many fetches at a time");
		send_answer(loop);
		return;
	}
	if (certs_transfer_start(&loop->fetcher, loop->multi, wanted, &loop->answer))
		loop->in_flight++;
	else
		send_answer(loop);
}

static void take_fetches(struct certs_loop *loop)
{
	/* Bounded, so that transfers go on while many URLs come. */
	for (int i = 0; i < 64 && !loop->ended; i++) {
		size_t len = receive(loop, MSG_DONTWAIT);

		if (len == 0)
			return;
		if (len == sizeof(loop->in.fetch) && loop->in.type == CERTS_MESSAGE_FETCH)
			take_fetch(loop);
	}
}

static void answer_finished(struct certs_loop *loop)
{
	CURLMsg *done;
	int left;

	while ((done = curl_multi_info_read(loop->multi, &left)) != NULL) {
		struct certs_transfer *transfer = NULL;

		if (done->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		certs_transfer_finish(transfer, loop->multi, done->data.result, &loop->answer);
		loop->in_flight--;
		send_answer(loop);
	}
}

static void run(struct certs_loop *loop)
{
	while (!loop->ended) {
		struct curl_waitfd extra = {.fd = loop->fd, .events = CURL_WAIT_POLLIN};
		int running, ready;

		curl_multi_perform(loop->multi, &running);
		answer_finished(loop);
		curl_multi_poll(loop->multi, &extra, 1, 1000, &ready);
		if (extra.revents)
			take_fetches(loop);
	}
}

/*
 * resolv.conf(5): a resolver thread that outlives its fetch shall not do so for long. The helper
 * has one thread here, so the environment may be changed.
 */
static void bound_resolver(uint32_t timeout_ms)
{
	char options[64];
	unsigned seconds = timeout_ms / 2000;

	snprintf(options, sizeof(options), "timeout:%u attempts:2", seconds ? seconds : 1);
	setenv("RES_OPTIONS", options, 1);
}

void certs_helper_main(int argc, char **argv)
{
	struct certs_loop *loop;

	if (argc < 2 || strcmp(argv[1], CERTS_HELPER_NAME) != 0)
		return;
	loop = calloc(1, sizeof(*loop));
	if (!loop)
		_exit(1);
	loop->fd = helper_child_enter();
	if (loop->fd < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !take_setup(loop))
		_exit(1);
	bound_resolver(loop->fetcher.setup.timeout_ms);
	loop->multi = curl_multi_init();
	if (!loop->multi)
		_exit(1);
	run(loop);
	/* Not exit(): resolver threads may still run, and nothing here is worth flushing. */
	_exit(0);
}
