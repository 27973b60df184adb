/* SPDX-License-Identifier: Apache-2.0 */
/* Serves three fixed pages with libmicrohttpd, in one thread that also ends slow connections. */
#include "svc/runtime/admin.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#define CONNECTIONS_MAX 16
#define IDLE_S		5     /* libmicrohttpd's own time-out: since the last byte */
#define LIFE_MS		10000 /* of a connection, however busy: one byte a second is no request */
#define TICK_MS		500
#define MEMORY_MAX	16384 /* bytes of a connection: request line, headers */
#define BACKLOG		16
#define WHY_MAX		256

struct slot {
	int fd; /* -1: free */
	int64_t since_ms;
};

struct admin {
	struct metrics *metrics;
	admin_ready *ready;
	void *magic;
	struct MHD_Daemon *daemon;
	int epoll_fd; /* the daemon's */
	int stop_fd;
	uint16_t port;
	pthread_t thread;
	struct slot slots[CONNECTIONS_MAX]; /* of the thread alone */
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes response, which may be NULL. */
static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *type,
			      struct MHD_Response *response)
{
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	enum MHD_Result result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
				   const char *text)
{
	return answer(connection, status, "text/plain; charset=utf-8",
		      MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text,
						      MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result serve_metrics(struct admin *admin, struct MHD_Connection *connection)
{
	size_t len = 0;
	char *text = admin->metrics ? metrics_text(admin->metrics, &len) : strdup("");
	if (!text)
		return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "no memory\n");
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
		      response);
}

static enum MHD_Result serve_health(struct admin *admin, struct MHD_Connection *connection)
{
	(void)admin;
	return answer_text(connection, MHD_HTTP_OK, "ok\n");
}

static enum MHD_Result serve_ready(struct admin *admin, struct MHD_Connection *connection)
{
	char why[WHY_MAX] = "", body[WHY_MAX + 1];
	if (!admin->ready || admin->ready(admin->magic, why, sizeof(why)))
		return answer_text(connection, MHD_HTTP_OK, "ready\n");
	snprintf(body, sizeof(body), "%s\n", why[0] ? why : "not ready");
	return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, body);
}

static const struct {
	const char *path;
	enum MHD_Result (*serve)(struct admin *admin, struct MHD_Connection *connection);
} pages[] = {
	{"/metrics", serve_metrics},
	{"/healthz", serve_health},
	{"/readyz", serve_ready},
};

static enum MHD_Result route(struct admin *admin, struct MHD_Connection *connection,
			     const char *path, const char *method)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcmp(path, pages[i].path) != 0)
			continue;
		if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
			return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
					   "method not allowed\n");
		return pages[i].serve(admin, connection);
	}
	return answer_text(connection, MHD_HTTP_NOT_FOUND, "not found\n");
}

/* Called when the headers are there, then for each part of a body, then at the end of it. */
static enum MHD_Result on_request(void *magic, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	static const char seen;
	(void)version;
	(void)upload;
	if (!*state) {
		*state = (void *)(uintptr_t)&seen;
		return MHD_YES;
	}
	if (*upload_len > 0) { /* a body that nobody asked for: dropped, for as long as we wait */
		*upload_len = 0;
		return MHD_YES;
	}
	return route(magic, connection, path, method);
}

/* Our three paths need no percent-decoding, and an encoded NUL must not end one early. */
static size_t leave_escaped(void *magic, struct MHD_Connection *connection, char *text)
{
	(void)magic;
	(void)connection;
	return strlen(text);
}

static struct slot *slot_of(struct admin *admin, int fd)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		if (admin->slots[i].fd == fd)
			return &admin->slots[i];
	}
	return NULL;
}

static void on_connection(void *magic, struct MHD_Connection *connection, void **state,
			  enum MHD_ConnectionNotificationCode code)
{
	struct admin *admin = magic;
	(void)state;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	bool started = code == MHD_CONNECTION_NOTIFY_STARTED;
	struct slot *slot = info ? slot_of(admin, started ? -1 : info->connect_fd) : NULL;
	if (slot)
		*slot = (struct slot){started ? info->connect_fd : -1, now_ms()};
}

/* libmicrohttpd then sees the end of the stream and closes the connection itself. */
static void end_old(struct admin *admin)
{
	int64_t now = now_ms();
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		const struct slot *slot = &admin->slots[i];
		if (slot->fd >= 0 && now - slot->since_ms > LIFE_MS)
			shutdown(slot->fd, SHUT_RDWR);
	}
}

static void *thread_main(void *magic)
{
	struct admin *admin = magic;
	struct pollfd fds[] = {{.fd = admin->epoll_fd, .events = POLLIN},
			       {.fd = admin->stop_fd, .events = POLLIN}};
	while (!fds[1].revents) {
		MHD_UNSIGNED_LONG_LONG wait;
		int wait_ms = TICK_MS;
		if (MHD_get_timeout(admin->daemon, &wait) == MHD_YES && wait < TICK_MS)
			wait_ms = (int)wait;
		if (poll(fds, 2, wait_ms) < 0 && errno != EINTR)
			break;
		end_old(admin);
		MHD_run(admin->daemon);
	}
	return NULL;
}

/* A listening socket of our own, so that an error has its errno and port 0 its number. */
static int listen_on(const struct conf_address *address, uint16_t *port_out)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} name = {.any.sa_family = AF_INET};
	socklen_t len = sizeof(name.v4);
	if (inet_pton(AF_INET, address->host, &name.v4.sin_addr) == 1) {
		name.v4.sin_port = htons(address->port);
	} else {
		name.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
						.sin6_port = htons(address->port)};
		len = sizeof(name.v6);
		if (inet_pton(AF_INET6, address->host, &name.v6.sin6_addr) != 1) {
			errno = EINVAL;
			return -1;
		}
	}
	int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(fd, &name.any, len) == 0 && listen(fd, BACKLOG) == 0 &&
	    getsockname(fd, &name.any, &len) == 0) {
		*port_out =
			ntohs(name.any.sa_family == AF_INET ? name.v4.sin_port : name.v6.sin6_port);
		return fd;
	}
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool daemon_start(struct admin *admin, int fd)
{
	admin->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, on_request, admin, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MEMORY_MAX, MHD_OPTION_NOTIFY_CONNECTION, on_connection, admin,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_END);
	if (!admin->daemon) {
		close(fd);
		return false;
	}
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	admin->epoll_fd = info ? info->epoll_fd : -1;
	return admin->epoll_fd >= 0;
}

static bool thread_start(struct admin *admin)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&admin->thread, NULL, thread_main, admin);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}

static void admin_free(struct admin *admin)
{
	if (admin->daemon)
		MHD_stop_daemon(admin->daemon);
	if (admin->stop_fd >= 0)
		close(admin->stop_fd);
	free(admin);
}

struct admin *admin_start(const struct admin_params *params, char *err, size_t size)
{
	err[0] = '\0';
	if (!params->listen.host)
		return NULL;
	struct admin *admin = calloc(1, sizeof(*admin));
	if (!admin) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	admin->metrics = params->metrics;
	admin->ready = params->ready;
	admin->magic = params->magic;
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		admin->slots[i].fd = -1;
	admin->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int fd = listen_on(&params->listen, &admin->port);
	if (fd < 0)
		snprintf(err, size, "cannot listen on %s port %u: %s", params->listen.host,
			 params->listen.port, strerror(errno));
	else if (!daemon_start(admin, fd) || admin->stop_fd < 0 || !thread_start(admin))
		snprintf(err, size, "cannot start the admin listener: %s", strerror(errno));
	else
		return admin;
	admin_free(admin);
	return NULL;
}

void admin_stop(struct admin *admin)
{
	if (!admin)
		return;
	ssize_t wrote = write(admin->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
	(void)wrote; /* an eventfd at 0 takes a 1 */
	pthread_join(admin->thread, NULL);
	admin_free(admin);
}

uint16_t admin_port(const struct admin *admin)
{
	return admin->port;
}
