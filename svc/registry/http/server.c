/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd's callbacks, and its start and end. */
#include "svc/registry/http/server.h"

#include "svc/registry/http/deadline.h"
#include "svc/registry/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_PER_CONNECTION 32768 /* bytes; headers must fit in it */
#define INACTIVITY_FACTOR     2	    /* libmicrohttpd's own timeout is only the second net */
#define DRAIN_STEP_MS	      10

struct http_server {
	struct http_service service;
	struct MHD_Daemon *daemon;
	struct deadlines *deadlines;
	uint16_t port;
};

static void count_closed(void *magic, enum deadline_phase phase)
{
	const struct http_server *server = magic;
	const struct http_env *env = server->service.env;

	if (env->metrics != NULL)
		METRIC_COUNT(env->metrics, METRIC_DEADLINES, deadline_phase_names[phase]);
	if (env->log != NULL)
		/* one that rests between requests has done nothing wrong */
		log_event(env->log, phase == DEADLINE_IDLE ? LOG_DEBUG : LOG_WARNING,
			  "http.too_slow", F_STR("phase", deadline_phase_names[phase]));
}

/* A percent sign stays what it is: no path or query of ours needs one, and nothing has two
 * spellings. */
static size_t no_unescape(void *magic, struct MHD_Connection *connection, char *text)
{
	(void)magic;
	(void)connection;
	return strlen(text);
}

static void on_connection(void *magic, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = magic;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_context = deadline_add(server->deadlines, info->connect_fd);
	} else if (*socket_context != NULL) {
		/* libmicrohttpd closes the socket after this */
		deadline_remove(server->deadlines, *socket_context);
		*socket_context = NULL;
	}
}

static void enter(const struct http_server *server, struct MHD_Connection *connection,
		  enum deadline_phase phase)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (info != NULL && info->socket_context != NULL)
		deadline_enter(server->deadlines, info->socket_context, phase);
}

static void on_progress(void *magic, struct MHD_Connection *connection)
{
	enter(magic, connection, DEADLINE_STREAM);
}

static enum MHD_Result answer(const struct http_server *server, struct MHD_Connection *connection,
			      struct exchange *exchange)
{
	enter(server, connection, DEADLINE_WORK);
	enum MHD_Result result = exchange_answer(exchange);
	enter(server, connection, DEADLINE_ANSWER);
	return result;
}

/* Called first with the headers, then for each part of the body, then once more at its end. */
static enum MHD_Result on_request(void *magic, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_size, void **exchange_slot)
{
	struct http_server *server = magic;
	struct exchange *exchange = *exchange_slot;

	if (exchange == NULL) {
		const struct framing_line line = {method, url, version};
		exchange = exchange_new(&server->service, connection, &line);
		*exchange_slot = exchange;
		if (exchange == NULL)
			return MHD_NO;
		enter(server, connection, DEADLINE_BODY);
		return exchange_is_hopeless(exchange) ? answer(server, connection, exchange)
						      : MHD_YES;
	}
	if (*data_size > 0) {
		bool taken = exchange_data(exchange, data, *data_size);
		*data_size = 0;
		return taken ? MHD_YES : MHD_NO;
	}
	return answer(server, connection, exchange);
}

static void on_completed(void *magic, struct MHD_Connection *connection, void **exchange_slot,
			 enum MHD_RequestTerminationCode code)
{
	(void)code;
	exchange_free(*exchange_slot);
	*exchange_slot = NULL;
	enter(magic, connection, DEADLINE_IDLE);
}

static bool parse_address(const struct conf_address *listen, struct sockaddr_storage *address_out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address_out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_out;

	memset(address_out, 0, sizeof *address_out);
	if (inet_pton(AF_INET, listen->host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(listen->port);
		return true;
	}
	if (inet_pton(AF_INET6, listen->host, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(listen->port);
	return true;
}

static struct MHD_Daemon *start_daemon(struct http_server *server,
				       const struct http_server_params *params,
				       struct sockaddr_storage *address)
{
	const struct http_limits *limits = &params->limits;
	bool tls = params->certificate != NULL;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
			 (tls ? MHD_USE_TLS : 0) |
			 (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0);
	unsigned timeout_s = (unsigned)(limits->body_ms / 1000 * INACTIVITY_FACTOR) + 1;
	struct MHD_OptionItem tls_options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)params->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)params->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
		 (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		/* asking is optional here: what a certificate is worth, http/auth.c decides */
		{params->client_ca != NULL ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
		 (void *)params->client_ca},
		{MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem no_options[] = {{MHD_OPTION_END, 0, NULL}};

	return MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)address, MHD_OPTION_THREAD_POOL_SIZE, limits->threads,
		MHD_OPTION_CONNECTION_LIMIT, limits->connections_max,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->per_address_max,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
		MHD_OPTION_CONNECTION_TIMEOUT, timeout_s, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL,
		MHD_OPTION_ARRAY, tls ? tls_options : no_options, MHD_OPTION_END);
}

struct http_server *http_server_start(const struct http_server_params *params, char *err,
				      size_t size)
{
	const struct deadline_settings settings = {
		.ms = {[DEADLINE_HEADERS] = params->limits.headers_ms,
		       [DEADLINE_IDLE] = params->limits.headers_ms,
		       [DEADLINE_BODY] = params->limits.body_ms,
		       [DEADLINE_ANSWER] = params->limits.answer_ms,
		       [DEADLINE_STREAM] = params->limits.stream_ms},
		.closed = count_closed,
		.magic = calloc(1, sizeof(struct http_server)),
	};
	struct http_server *server = settings.magic;
	struct sockaddr_storage address;

	if (server == NULL || !parse_address(&params->listen, &address)) {
		snprintf(err, size, "%s is not an address",
			 params->listen.host != NULL ? params->listen.host : "(none)");
		free(server);
		return NULL;
	}
	server->service = params->service;
	server->service.progress = on_progress;
	server->service.magic = server;
	server->deadlines = deadlines_start(&settings);
	errno = 0;
	if (server->deadlines != NULL)
		server->daemon = start_daemon(server, params, &address);
	if (server->daemon == NULL) {
		snprintf(err, size, "cannot listen on %s port %u%s%s", params->listen.host,
			 (unsigned)params->listen.port, errno != 0 ? ": " : "",
			 errno != 0 ? strerrordesc_np(errno) : "");
		deadlines_stop(server->deadlines);
		free(server);
		return NULL;
	}
	server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return server;
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

void http_server_drain(struct http_server *server, int64_t ms)
{
	const struct timespec step = {.tv_nsec = DRAIN_STEP_MS * 1000000L};
	int fd = MHD_quiesce_daemon(server->daemon);

	for (int64_t waited = 0; waited < ms && deadlines_working(server->deadlines) > 0;
	     waited += DRAIN_STEP_MS)
		nanosleep(&step, NULL);
	if (fd >= 0)
		close(fd);
}

void http_server_stop(struct http_server *server)
{
	if (server == NULL)
		return;
	MHD_stop_daemon(server->daemon);
	deadlines_stop(server->deadlines);
	free(server);
}
