/* SPDX-License-Identifier: Apache-2.0 */
/* The link to the helper process, over svc/runtime/helper.h. */
#include "svc/certs/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define START_WAIT_MS 2000 /* for the socket to take the anchors when the daemon starts */

struct certs_link {
	struct helper *helper;
	struct log *log;
	int epoll;	 /* keeps our descriptor the same while helpers come and go */
	int watched;	 /* the helper's socket in it; -1: none */
	bool setup_sent; /* its first message */
	bool setup_done; /* the anchors too */
	size_t ca_sent;
	char *ca;
	struct certs_message_setup setup;
};

/* Writing is watched only while the setup is under way: it may take several turns of the loop. */
static void watch(struct certs_link *link)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};

	link->watched = helper_fd(link->helper);
	epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->watched, &event);
	link->setup_sent = false;
	link->setup_done = false;
	link->ca_sent = 0;
}

static void unwatch(struct certs_link *link)
{
	if (link->watched >= 0)
		epoll_ctl(link->epoll, EPOLL_CTL_DEL, link->watched, NULL);
	link->watched = -1;
}

static void watch_reading(struct certs_link *link)
{
	struct epoll_event event = {.events = EPOLLIN};

	epoll_ctl(link->epoll, EPOLL_CTL_MOD, link->watched, &event);
	link->setup_done = true;
}

/* The rules and the anchors, as far as the socket takes them. true: all has been sent. */
static bool push_setup(struct certs_link *link)
{
	if (link->setup_done)
		return true;
	if (!link->setup_sent)
		link->setup_sent = helper_send(link->helper, &link->setup, sizeof(link->setup));
	while (link->setup_sent && link->ca_sent < link->setup.ca_len) {
		struct certs_message_ca part = {.type = CERTS_MESSAGE_CA};
		size_t left = link->setup.ca_len - link->ca_sent;

		part.len = (uint32_t)(left < sizeof(part.data) ? left : sizeof(part.data));
		memcpy(part.data, link->ca + link->ca_sent, part.len);
		if (!helper_send(link->helper, &part,
				 offsetof(struct certs_message_ca, data) + part.len))
			return false;
		link->ca_sent += part.len;
	}
	if (link->setup_sent)
		watch_reading(link);
	return link->setup_done;
}

/* Only at the daemon's start; later the rest of the setup goes with the next call. */
static void push_setup_wait(struct certs_link *link)
{
	for (int waited = 0; !push_setup(link) && waited < START_WAIT_MS; waited += 20) {
		struct pollfd wait = {.fd = link->watched, .events = POLLOUT};

		poll(&wait, 1, 20);
	}
}

/* NULL or why not. */
static const char *read_ca(struct certs_link *link, const char *path)
{
	const char *why = NULL;
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (!file)
		return strerror(errno);
	link->ca = malloc(CERTS_CA_MAX + 1);
	if (link->ca)
		len = fread(link->ca, 1, CERTS_CA_MAX + 1, file);
	if (!link->ca)
		why = "no memory";
	else if (ferror(file))
		why = "it cannot be read";
	else if (len > CERTS_CA_MAX)
		why = "it is over 1 MB";
	else if (!memmem(link->ca, len, "-----BEGIN ", 11))
		why = "it holds no PEM";
	fclose(file);
	link->setup.ca_len = (uint32_t)len;
	return why;
}

struct certs_link *certs_link_new(const struct certs_message_setup *setup, const char *ca_file,
				  struct log *log)
{
	struct certs_link *link = calloc(1, sizeof(*link));
	const char *why;

	if (!link)
		return NULL;
	link->log = log;
	link->watched = -1;
	link->setup = *setup;
	link->epoll = epoll_create1(EPOLL_CLOEXEC);
	why = link->epoll < 0 ? strerror(errno) : NULL;
	if (!why && ca_file)
		why = read_ca(link, ca_file);
	if (why) {
		log_event(log, LOG_ERROR, "certs.start", F_STR("why", why),
			  F_STR("tls_ca_file", ca_file));
		certs_link_free(link);
		return NULL;
	}
	link->helper = helper_start(CERTS_HELPER_NAME);
	if (!link->helper) {
		log_event(log, LOG_ERROR, "certs.start", F_STR("why", strerror(errno)));
		certs_link_free(link);
		return NULL;
	}
	watch(link);
	push_setup_wait(link);
	return link;
}

void certs_link_free(struct certs_link *link)
{
	if (!link)
		return;
	unwatch(link);
	if (link->helper)
		helper_stop(link->helper);
	if (link->epoll >= 0)
		close(link->epoll);
	free(link->ca);
	free(link);
}

int certs_link_fd(const struct certs_link *link)
{
	return link->epoll;
}

bool certs_link_revive(struct certs_link *link)
{
	if (link->watched < 0 && helper_restart(link->helper)) {
		watch(link);
		log_event(link->log, LOG_INFO, "certs.helper_started");
	}
	if (link->watched >= 0)
		push_setup(link);
	return link->watched >= 0;
}

bool certs_link_send(struct certs_link *link, uint64_t id, const char *url)
{
	struct certs_message_fetch message = {.type = CERTS_MESSAGE_FETCH, .id = id};

	if (link->watched < 0 || !push_setup(link))
		return false;
	snprintf(message.url, sizeof(message.url), "%s", url);
	return helper_send(link->helper, &message, sizeof(message));
}

/* The helper reads strangers' bytes: what it says is checked like theirs. */
static bool is_sane(const struct certs_message_result *result, size_t len)
{
	const size_t head = offsetof(struct certs_message_result, body);

	return len >= head && result->type == CERTS_MESSAGE_RESULT &&
	       result->status < CERTS_STATUS_COUNT && result->len <= CERTS_BODY_MAX &&
	       len == head + result->len && memchr(result->why, 0, sizeof(result->why));
}

enum certs_link_event certs_link_receive(struct certs_link *link,
					 struct certs_message_result *result_out)
{
	ssize_t len;

	if (link->watched < 0)
		return CERTS_LINK_NOTHING;
	len = helper_receive(link->helper, result_out, sizeof(*result_out));
	if (len < 0) {
		unwatch(link);
		log_event(link->log, LOG_WARNING, "certs.helper_died");
		return CERTS_LINK_DEAD;
	}
	if (len > 0 && is_sane(result_out, (size_t)len))
		return CERTS_LINK_RESULT;
	if (len > 0)
		log_event(link->log, LOG_ERROR, "certs.helper_nonsense", F_INT("bytes", len));
	return CERTS_LINK_NOTHING;
}
