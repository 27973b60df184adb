/* SPDX-License-Identifier: Apache-2.0 */
/* Headers, body, transaction, handler. */
#include "svc/registry/http/exchange.h"

#include "svc/registry/http/auth.h"
#include "svc/registry/http/cors.h"
#include "svc/registry/http/jsontext.h"
#include "svc/registry/http/peer.h"
#include "svc/registry/http/refusal.h"
#include "svc/registry/http/stream.h"
#include "svc/registry/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#define DISCARD_MAX	  1048576 /* bytes of an unwanted body that are read to answer it */
#define BODY_STEP	  1000	  /* what malloc() keeps at hand */
#define EXCHANGE_PATH_MAX 255	  /* no route's path is longer */

static const char json_media_type[] = "application/json";

struct exchange {
	const struct http_service *service;
	struct MHD_Connection *connection;
	const char *method; /* libmicrohttpd's, as long as the request */
	struct route_match match;
	struct http_call call;
	struct rate_state rate;
	enum http_rate rate_class; /* that it was counted in */
	bool counted;		   /* as one of somebody unknown, before its key was looked for */
	struct idempotent idempotent;
	enum problem refused; /* by the headers or the body's size; then the body is discarded */
	bool hopeless;
	uint8_t *body;
	size_t len, size;
	size_t discarded;
	int64_t started_us;
	char path[EXCHANGE_PATH_MAX + 1];
};

static int64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static const char *header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static enum problem check_route(struct exchange *exchange, const char *path)
{
	router_find(exchange->service->table, exchange->service->door, exchange->method, path,
		    &exchange->match);
	if (exchange->match.route != NULL)
		return PROBLEM_NONE;
	return exchange->match.allow[0] != 0 ? PROBLEM_METHOD_NOT_ALLOWED : PROBLEM_NOT_FOUND;
}

static bool count_stranger(struct exchange *exchange)
{
	char network[PEER_ADDRESS_SIZE];
	const char *subject = peer_network(exchange->connection, network);

	exchange->rate_class = RATE_PUBLIC;
	return subject == NULL || rate_take(exchange->service->rate, RATE_PUBLIC, subject,
					    http_now_ms(&exchange->call), &exchange->rate);
}

static bool may_search(void *magic)
{
	struct exchange *exchange = magic;

	exchange->counted = true;
	return count_stranger(exchange);
}

static enum problem check_caller(struct exchange *exchange)
{
	const struct route *route = exchange->match.route;
	const struct auth *auth = exchange->service->auth;
	uint8_t certificate[KEY_HASH];

	if (route->permissions == ROUTE_OPEN)
		return PROBLEM_NONE;
	const char *authorization = header(exchange, "Authorization");
	/* a browser shows its certificate whoever's page asks: with Origin it counts for nothing */
	bool shows = authorization == NULL && header(exchange, "Origin") == NULL &&
		     peer_certificate(exchange->connection, certificate);
	const struct auth_proof proof = {
		.authorization = authorization,
		.certificate = shows ? certificate : NULL,
		.now_ms = http_now_ms(&exchange->call),
		.may_search = may_search,
		.magic = exchange,
	};
	return auth_check(auth, &proof, route->permissions, &exchange->call.caller);
}

/* Who is counted: the key, or the network of whom nobody knows. */
static enum problem check_rate(struct exchange *exchange, enum problem problem)
{
	const struct http_call *call = &exchange->call;
	bool known = problem == PROBLEM_NONE && call->caller.key[0] != 0;

	if (!known && exchange->counted)
		return problem;
	if (!known)
		return count_stranger(exchange) ? problem : PROBLEM_RATE_LIMITED;
	exchange->rate_class = exchange->match.route->rate;
	if (!rate_take(exchange->service->rate, exchange->rate_class, call->caller.key,
		       http_now_ms(call), &exchange->rate))
		return PROBLEM_RATE_LIMITED;
	return problem;
}

struct query_check {
	const char *const *names;
	bool fine;
};

static enum MHD_Result check_argument(void *magic, enum MHD_ValueKind kind, const char *name,
				      const char *value)
{
	struct query_check *check = magic;
	bool known = false;

	(void)kind;
	for (size_t i = 0; check->names != NULL && check->names[i] != NULL; i++)
		known = known || strcmp(check->names[i], name) == 0;
	check->fine = check->fine && known && value != NULL;
	return MHD_YES;
}

static enum problem check_query(const struct exchange *exchange)
{
	struct query_check check = {exchange->match.route->query, true};

	MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, check_argument,
				  &check);
	return check.fine ? PROBLEM_NONE : PROBLEM_QUERY_NOT_ALLOWED;
}

/* Type and announced length of the body. */
static enum problem check_body(struct exchange *exchange)
{
	const struct route *route = exchange->match.route;
	const char *length = header(exchange, "Content-Length");
	const char *type = header(exchange, "Content-Type");

	/* libmicrohttpd has checked that it is a number */
	if (length != NULL && strtoull(length, NULL, 10) > route->body_max)
		return PROBLEM_BODY_TOO_LARGE;
	if (route->content_type == NULL)
		return PROBLEM_NONE;
	size_t len = strlen(route->content_type);
	if (type == NULL || strncasecmp(type, route->content_type, len) != 0 ||
	    strchr("; \t", type[len]) == NULL)
		return PROBLEM_UNSUPPORTED_MEDIA_TYPE;
	return PROBLEM_NONE;
}

static enum problem check_headers(struct exchange *exchange, const struct framing_line *line)
{
	enum problem problem = framing_check(exchange->connection, line);

	if (problem == PROBLEM_NONE)
		problem = check_route(exchange, line->path);
	if (problem == PROBLEM_NONE)
		problem = check_caller(exchange);
	problem = check_rate(exchange, problem);
	if (problem == PROBLEM_NONE)
		problem = check_query(exchange);
	if (problem == PROBLEM_NONE)
		problem = check_body(exchange);
	return problem;
}

static const char *query_value(const struct http_call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_GET_ARGUMENT_KIND, name);
}

static const char *header_value(const struct http_call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

static const struct http_style *style_of(const struct http_service *service, const char *path)
{
	const struct http_style *style = service->table->style;

	if (style == NULL || strncmp(path, style->prefix, strlen(style->prefix)) != 0)
		return NULL;
	return style;
}

static bool take_connection(struct http_call *call)
{
	const struct exchange *exchange =
		(const struct exchange *)((char *)call - offsetof(struct exchange, call));

	call->db = store_take(exchange->service->store, exchange->service->wait_ms);
	return call->db != NULL;
}

/* One question to the kernel for the request's identifier and for what its handler needs. */
static bool make_chance(struct http_call *call)
{
	uint8_t random[ID_RANDOM + HTTP_CHANCE];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return false;
	id_encode(ID_REQUEST, random, call->id);
	memcpy(call->chance, random + ID_RANDOM, HTTP_CHANCE);
	return true;
}

struct exchange *exchange_new(const struct http_service *service, struct MHD_Connection *connection,
			      const struct framing_line *line)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (exchange == NULL)
		return NULL;
	exchange->service = service;
	exchange->connection = connection;
	exchange->method = line->method;
	exchange->started_us = monotonic_us();
	exchange->call.env = service->env;
	exchange->call.query = query_value;
	exchange->call.header = header_value;
	exchange->call.connection = connection;
	exchange->call.connect = take_connection;
	if (!make_chance(&exchange->call)) {
		free(exchange);
		return NULL;
	}
	snprintf(exchange->path, sizeof exchange->path, "%s", line->path);
	exchange->call.style = style_of(service, line->path);
	exchange->refused = check_headers(exchange, line);
	if (exchange->match.route != NULL)
		exchange->call.operation = exchange->match.route->operation;
	exchange->call.param = exchange->match.param;
	const char *length = header(exchange, "Content-Length");
	exchange->hopeless = exchange->refused != PROBLEM_NONE && length != NULL &&
			     strtoull(length, NULL, 10) > DISCARD_MAX;
	return exchange;
}

void exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	json_decref(exchange->call.json);
	http_answer_clear(&exchange->call.answer);
	free(exchange->body);
	free(exchange);
}

bool exchange_is_hopeless(const struct exchange *exchange)
{
	return exchange->hopeless;
}

static bool grow(struct exchange *exchange, size_t wanted)
{
	size_t size = exchange->size > 0 ? exchange->size : BODY_STEP;

	while (size < wanted)
		size *= 2;
	if (size == exchange->size)
		return true;
	uint8_t *body = realloc(exchange->body, size);
	if (body == NULL)
		return false;
	exchange->body = body;
	exchange->size = size;
	return true;
}

bool exchange_data(struct exchange *exchange, const void *data, size_t len)
{
	if (exchange->refused == PROBLEM_NONE &&
	    len > exchange->match.route->body_max - exchange->len)
		exchange->refused = PROBLEM_BODY_TOO_LARGE;
	if (exchange->refused != PROBLEM_NONE) {
		exchange->discarded += len;
		return exchange->discarded <= DISCARD_MAX;
	}
	if (!grow(exchange, exchange->len + len))
		return false;
	memcpy(exchange->body + exchange->len, data, len);
	exchange->len += len;
	return true;
}

/* Without a transaction the handler's http_read() parses, which needs no tree of most bodies. */
static enum problem load_json(struct exchange *exchange)
{
	const struct route *route = exchange->match.route;

	if (route->tx == TX_LATE || route->tx == TX_NONE || route->content_type == NULL ||
	    strcmp(route->content_type, json_media_type) != 0)
		return PROBLEM_NONE;
	return http_load_json(&exchange->call);
}

/* Where the first answer is: of one that writes it is a row, found and added in its transaction. */
static bool is_in_database(const struct exchange *exchange)
{
	return exchange->idempotent.active && exchange->match.route->tx == TX_WRITE;
}

static bool is_in_memory(const struct exchange *exchange)
{
	return exchange->idempotent.active && exchange->match.route->tx != TX_WRITE;
}

/* One try: the answer of the one before is forgotten. */
static enum store_status attempt(struct db *db, void *magic)
{
	struct exchange *exchange = magic;
	struct http_call *call = &exchange->call;
	enum store_status status = STORE_NONE;

	(void)db;
	http_answer_clear(&call->answer);
	call->after = 0;
	if (is_in_database(exchange))
		status = idempotency_replay(call, &exchange->idempotent);
	if (status != STORE_NONE)
		return status;
	exchange->match.route->handler(call);
	if (call->answer.status >= 200 && call->answer.status < 300)
		return is_in_database(exchange) ? idempotency_keep(call, &exchange->idempotent)
						: STORE_OK;
	/* rolled back, and answered with what the handler says, unless trying again helps */
	return call->answer.store == STORE_BUSY ? STORE_BUSY : STORE_CONFLICT;
}

static void run_transaction(struct exchange *exchange)
{
	struct http_call *call = &exchange->call;
	const struct route *route = exchange->match.route;
	const struct db_scope scope = {
		.mode = route->tx == TX_WRITE ? DB_WRITE : DB_READ,
		.view = route->view,
		.tenant = route->view == DB_ACROSS ? "" : call->caller.tenant,
	};
	enum store_status status = db_transact(call->db, &scope, attempt, exchange);

	if (status != STORE_OK)
		call->after = 0;
	bool answered = call->answer.status >= 400 && status == STORE_CONFLICT;
	if (status != STORE_OK && !answered)
		http_reply_store(call, status);
}

static enum problem begin_idempotent(struct exchange *exchange)
{
	if (strcmp(exchange->method, "POST") != 0)
		return PROBLEM_NONE;
	return idempotency_begin(exchange->service->idempotency, &exchange->call,
				 header(exchange, "Idempotency-Key"), exchange->method,
				 exchange->path, &exchange->idempotent);
}

static void give_connection(struct exchange *exchange)
{
	struct http_call *call = &exchange->call;

	if (call->db == NULL)
		return;
	/* whether COMMIT succeeded: it may have without our knowing */
	if (db_noted_directory(call->db))
		call->after |= AFTER_DIRECTORY;
	store_give(exchange->service->store, call->db);
	call->db = NULL;
}

static void run_route(struct exchange *exchange)
{
	struct http_call *call = &exchange->call;
	enum http_tx tx = exchange->match.route->tx;

	if (tx != TX_LATE && !take_connection(call)) {
		exchange->refused = PROBLEM_BUSY;
		return;
	}
	if (tx == TX_LATE || tx == TX_NONE)
		exchange->match.route->handler(call);
	else
		run_transaction(exchange);
	give_connection(exchange);
	if (call->after != 0)
		exchange->service->committed(exchange->service, call->after);
	if (call->answer.status == 0)
		exchange->refused = PROBLEM_INTERNAL;
}

static void run_handler(struct exchange *exchange)
{
	struct http_call *call = &exchange->call;
	struct idempotency *idempotency = exchange->service->idempotency;

	call->body = exchange->body;
	call->body_len = exchange->len;
	call->keys_max = exchange->match.route->keys_max;
	exchange->refused = load_json(exchange);
	if (exchange->refused == PROBLEM_NONE)
		exchange->refused = begin_idempotent(exchange);
	if (exchange->refused != PROBLEM_NONE)
		return;
	if (is_in_memory(exchange) && idempotency_recall(idempotency, call, &exchange->idempotent))
		return;
	run_route(exchange);
	if (is_in_memory(exchange) && exchange->refused == PROBLEM_NONE)
		idempotency_remember(idempotency, call, &exchange->idempotent);
}

/* Before the answer is sent: who has it may ask again at once. */
static void end_idempotent(struct exchange *exchange)
{
	if (!exchange->idempotent.active)
		return;
	exchange->idempotent.active = false;
	idempotency_end(exchange->service->idempotency, &exchange->idempotent);
}

static void add_rate(const struct exchange *exchange, struct MHD_Response *response)
{
	const struct rate_state *rate = &exchange->rate;
	const char *class = rate_names[exchange->rate_class];
	char text[96];

	if (rate->limit == 0)
		return;
	snprintf(text, sizeof text, "\"%s\";r=%" PRId64 ";t=%" PRId64, class, rate->remaining,
		 (rate->wait_ms + 999) / 1000);
	MHD_add_response_header(response, "RateLimit", text);
	snprintf(text, sizeof text, "\"%s\";q=%" PRId64, class, rate->limit);
	MHD_add_response_header(response, "RateLimit-Policy", text);
}

static void add_retry(const struct exchange *exchange, struct MHD_Response *response)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64,
		 exchange->rate.wait_ms > 1000 ? (exchange->rate.wait_ms + 999) / 1000 : 1);
	MHD_add_response_header(response, "Retry-After", text);
}

static void add_header(void *magic, const char *name, const char *value)
{
	MHD_add_response_header(magic, name, value);
}

static void add_headers(const struct exchange *exchange, struct MHD_Response *response)
{
	const struct http_answer *answer = &exchange->call.answer;
	const struct {
		const char *name, *value;
	} headers[] = {
		{"X-Request-Id", exchange->call.id},
		{"X-Content-Type-Options", "nosniff"},
		{"Cache-Control", answer->cache != NULL ? answer->cache : "no-store"},
		{"Content-Type", answer->type},
		{"ETag", answer->etag[0] != 0 ? answer->etag : NULL},
		{"Attestel-Signature", answer->signature[0] != 0 ? answer->signature : NULL},
		{"Idempotent-Replayed", answer->replayed ? "true" : NULL},
		{"WWW-Authenticate", answer->status == 401 ? "Bearer" : NULL},
		{"Allow", answer->status == 405 ? exchange->match.allow : NULL},
	};

	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
		if (headers[i].value != NULL)
			MHD_add_response_header(response, headers[i].name, headers[i].value);
	}
	if (exchange->call.style != NULL)
		exchange->call.style->headers(&exchange->call, add_header, response);
	add_rate(exchange, response);
	if (answer->status == 429 || answer->status == 503)
		add_retry(exchange, response);
}

/* The path itself is not logged: whatever a stranger puts there stays out. */
static void record(const struct exchange *exchange)
{
	const struct http_env *env = exchange->service->env;
	const struct route *route = exchange->match.route;
	const struct http_answer *answer = &exchange->call.answer;
	const char *path = route != NULL ? route->path : "none";
	const char *method = route != NULL ? route->method : "none";
	const char *code =
		answer->problem != PROBLEM_NONE ? problem_info(answer->problem)->code : NULL;
	int64_t us = monotonic_us() - exchange->started_us;
	char status[12], address[PEER_ADDRESS_SIZE];

	snprintf(status, sizeof status, "%u", answer->status);
	if (env->metrics != NULL) {
		METRIC_COUNT(env->metrics, METRIC_REQUESTS, path, method, status);
		metrics_observe(env->metrics, METRIC_REQUEST_SECONDS,
				&(struct metric_labels){{path}}, (double)us / 1e6);
		if (code != NULL)
			METRIC_COUNT(env->metrics, METRIC_REFUSALS, code);
	}
	if (env->log == NULL || !log_wants(env->log, LOG_INFO))
		return;
	const char *key = exchange->call.caller.key;
	log_event(env->log, LOG_INFO, "http.request", F_STR("request", exchange->call.id),
		  F_STR("method", method), F_STR("route", path), F_INT("status", answer->status),
		  F_STR("code", code), F_INT("us", us), F_STR("key", key[0] != 0 ? key : NULL),
		  F_STR("peer", peer_address(exchange->connection, address)));
}

/* The body, or the source, is the response's now. */
static struct MHD_Response *make_response(struct exchange *exchange)
{
	struct http_answer *answer = &exchange->call.answer;
	const struct http_source source = answer->source;

	if (source.read == NULL) {
		struct MHD_Response *response = MHD_create_response_from_buffer(
			answer->len, answer->body, MHD_RESPMEM_MUST_FREE);
		if (response != NULL)
			answer->body = NULL;
		return response;
	}
	memset(&answer->source, 0, sizeof answer->source);
	struct stream *stream = stream_new(exchange->connection, &source,
					   exchange->service->progress, exchange->service->magic);
	if (stream == NULL)
		return NULL;
	source.attach(source.magic, stream);
	return stream_response(stream);
}

static void refuse(struct exchange *exchange)
{
	struct http_call *call = &exchange->call;
	char detail[REFUSAL_MAX];

	http_reply_problem(
		call, exchange->refused,
		refusal_detail(exchange->refused, &exchange->match, &call->caller, detail));
}

enum MHD_Result exchange_answer(struct exchange *exchange)
{
	if (exchange->refused == PROBLEM_NONE)
		run_handler(exchange);
	end_idempotent(exchange);
	const struct route *route = exchange->match.route;
	const bool preflight = exchange->refused == PROBLEM_METHOD_NOT_ALLOWED &&
			       exchange->match.pages[0] != 0 &&
			       cors_is_preflight(exchange->connection, exchange->method);
	if (preflight)
		http_reply_none(&exchange->call);
	else if (exchange->refused != PROBLEM_NONE)
		refuse(exchange);
	struct MHD_Response *response = make_response(exchange);
	if (response == NULL)
		return MHD_NO;
	add_headers(exchange, response);
	if (preflight || (route != NULL && (route->doors & ROUTE_PAGES) != 0))
		cors_add(exchange->connection, response, preflight ? exchange->match.pages : NULL,
			 exchange->call.answer.cache != NULL);
	enum MHD_Result queued =
		MHD_queue_response(exchange->connection, exchange->call.answer.status, response);
	MHD_destroy_response(response);
	record(exchange);
	return queued;
}
