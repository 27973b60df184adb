/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry's routes with JSON bodies: "METHOD PATH?query", a line end, the body. The row is
 * found, the body read, and the handler run on a small SQLite registry, whose state stays as it
 * was. "@biz", "@brd", ... stand for identifiers of things that are there. Whatever comes, the
 * answer is one that the catalogue knows, JSON if it says so, and no failure of ours.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "svc/registry/api/api.h"
#include "svc/registry/domain/signature.h"
#include "svc/registry/http/call.h"
#include "svc/registry/http/jsontext.h"
#include "svc/registry/http/token.h"
#include "svc/registry/push/recall.h"
#include "svc/registry/store/driver.h"
#include "svc/registry/store/store.h"
#include "svc/registry/store/tenants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX  65536
#define QUERY_MAX  512
#define NOW_MS	   INT64_C(1790000000000)
#define FUZZ_NAMES 8

struct name {
	const char *name;
	char text[256];
};

struct world {
	struct store *store;
	struct db *db;
	struct pairtag_key pair_key, cursor_key;
	struct signature *signature;
	struct token_key token_key;
	struct table *table; /* empty, and never current: look-ups ask the database */
	struct recall *recall;
	struct http_env env;
	char file[64], tenant[ID_MAX + 1];
	struct name names[FUZZ_NAMES];
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_registry_api: %s\n", what);
	abort();
}

static int64_t now_ms(void *magic)
{
	(void)magic;
	return NOW_MS;
}

static const char *header_value(const struct http_call *call, const char *name)
{
	(void)call;
	return strcmp(name, "If-Match") == 0 ? "\"1\"" : NULL;
}

/* connection is the query, "a=b&c=d"; the value is copied to the place behind it. */
static const char *query_value(const struct http_call *call, const char *name)
{
	char *query = call->connection, *value = query + QUERY_MAX;
	size_t len = strlen(name);

	for (const char *at = query; *at != '\0'; at += *at == '&') {
		size_t n = strcspn(at, "&");
		if (n > len && strncmp(at, name, len) == 0 && at[len] == '=') {
			memcpy(value, at + len + 1, n - len - 1);
			value[n - len - 1] = '\0';
			return value;
		}
		at += n;
	}
	return NULL;
}

struct request {
	const struct world *world;
	struct route_match match;
	struct http_call call;
	bool kept; /* the transaction stays */
	char query[2 * QUERY_MAX];
};

static enum store_status attempt(struct db *db, void *magic)
{
	struct request *request = magic;
	struct http_call *call = &request->call;

	(void)db;
	http_answer_clear(&call->answer);
	request->match.route->handler(call);
	if (call->answer.store == STORE_BUSY)
		return STORE_BUSY;
	return request->kept && call->answer.status < 300 ? STORE_OK : STORE_CONFLICT;
}

static void run_handler(struct request *request)
{
	const struct route *route = request->match.route;
	struct http_call *call = &request->call;
	const struct db_scope scope = {
		.mode = route->tx == TX_WRITE ? DB_WRITE : DB_READ,
		.view = route->view,
		.tenant = route->view == DB_ACROSS ? "" : call->caller.tenant,
	};

	if (route->tx == TX_NONE || route->tx == TX_LATE)
		route->handler(call);
	else
		(void)db_transact(call->db, &scope, attempt, request);
}

static void check_answer(const struct http_call *call)
{
	const struct http_answer *answer = &call->answer;
	json_t *json = NULL;

	must(answer->status >= 200 && answer->status < 600, "no answer");
	must(answer->status < 500 || answer->status == 501, "a failure of ours");
	must(answer->store != STORE_FAILED, db_error(call->db));
	if (answer->type == NULL || strstr(answer->type, "json") == NULL || answer->body == NULL)
		return;
	must(jsontext_load((const uint8_t *)answer->body, answer->len, &json) == JSONTEXT_OK,
	     "an answer that is not JSON");
	json_decref(json);
}

/* Those that go on after their handler, or need what a daemon has, are tried with a daemon. */
static bool is_tried(const struct route *route)
{
	return (route->doors & DOOR_API) != 0 &&
	       (route->tx != TX_NONE || strcmp(route->method, "POST") == 0);
}

static bool is_connected(struct http_call *call)
{
	return call->db != NULL;
}

static void fill_call(struct request *request)
{
	const struct world *world = request->world;
	struct http_call *call = &request->call;

	*call = (struct http_call){.env = &world->env,
				   .db = world->db,
				   .operation = request->match.route->operation,
				   .param = request->match.param,
				   .query = query_value,
				   .header = header_value,
				   .connect = is_connected,
				   .connection = request->query};
	memcpy(call->caller.tenant, world->tenant, sizeof world->tenant);
	snprintf(call->caller.key, sizeof call->caller.key, "key_aaaaaaaaaaaaaaaaaaaaaaaaaa");
	snprintf(call->id, sizeof call->id, "req_aaaaaaaaaaaaaaaaaaaaaaaaaa");
	call->caller.role = ROLE_OPERATOR;
	call->caller.permissions = ~UINT64_C(0);
	call->caller.vouched = true;
}

/* text is "METHOD PATH?query\nbody" and is changed. The JSON that was answered, or NULL. */
static json_t *ask(const struct world *world, char *text, bool kept)
{
	struct request request = {.world = world, .kept = kept};
	char *body = strchr(text, '\n'), *path = strchr(text, ' '), *query;
	json_t *json = NULL, *answer = NULL;

	if (body == NULL || path == NULL || path > body)
		return NULL;
	*body++ = '\0';
	*path++ = '\0';
	query = strchr(path, '?');
	if (query != NULL) {
		*query++ = '\0';
		snprintf(request.query, QUERY_MAX, "%s", query);
	}
	router_find(&api_routes, DOOR_API, text, path, &request.match);
	if (request.match.route == NULL || !is_tried(request.match.route))
		return NULL;
	const char *type = request.match.route->content_type;
	if (type != NULL && strcmp(type, "application/json") == 0 &&
	    jsontext_load((const uint8_t *)body, strlen(body), &json) != JSONTEXT_OK)
		return NULL;
	fill_call(&request);
	request.call.json = json;
	request.call.body = (uint8_t *)body;
	request.call.body_len = strlen(body);
	request.call.keys_max = request.match.route->keys_max;
	run_handler(&request);
	check_answer(&request.call);
	if (request.call.answer.status < 300 && request.call.answer.body != NULL)
		answer = json_loadb(request.call.answer.body, request.call.answer.len, 0, NULL);
	http_answer_clear(&request.call.answer);
	json_decref(json);
	return answer;
}

/* Puts the names' texts in; what does not fit ends it. */
static void expand(const struct world *world, const uint8_t *data, size_t size, char out[INPUT_MAX])
{
	size_t n = 0;

	for (size_t at = 0; at < size && data[at] != '\0' && n < INPUT_MAX - 1;) {
		const struct name *found = NULL;
		for (size_t i = 0; i < FUZZ_NAMES && data[at] == '@' && size - at >= 4; i++) {
			if (world->names[i].name != NULL &&
			    memcmp(&data[at], world->names[i].name, 4) == 0)
				found = &world->names[i];
		}
		if (found == NULL) {
			out[n++] = (char)data[at++];
			continue;
		}
		int len = snprintf(out + n, INPUT_MAX - n, "%s", found->text);
		n += (size_t)len < INPUT_MAX - n ? (size_t)len : INPUT_MAX - 1 - n;
		at += 4;
	}
	out[n] = '\0';
}

/* Made once, in this order; each answer's identifier gets the name. */
static const struct {
	const char *name, *field, *request;
} steps[FUZZ_NAMES + 2] = {
	{"@biz", "id", "POST /v1/businesses\n{\"name\":\"Example Dental\",\"country\":\"US\"}"},
	{NULL, "id", "POST /v1/businesses/@biz/submit\n"},
	{"@brd", "id", "POST /v1/brands\n{\"business\":\"@biz\",\"name\":\"Example Dental\"}"},
	{"@bnd", "id", "POST /v1/numbers\n{\"number\":\"+12155551212\",\"brand\":\"@brd\"}"},
	{"@clm", "id", "POST /v1/claims\n{\"number\":\"+12155552000\",\"block\":100}"},
	{"@rsn", "id",
	 "POST /v1/reasons\n{\"brand\":\"@brd\",\"code\":\"delivery\",\"text\":\"Soon\"}"},
	{"@int", "id",
	 "POST /v1/intents\n{\"from\":\"+12155551212\",\"to\":\"+12155551213\",\"code\":"
	 "\"delivery\",\"text\":\"Soon\",\"ttl_s\":600}"},
	{"@rcp", "receipt",
	 "POST /v1/lookups\n{\"from\":\"+12155551212\",\"verification\":{\"verstat\":"
	 "\"No-TN-Validation\"}}"},
	{"@usr", "id", "POST /v1/users\n{\"name\":\"Somebody\",\"role\":\"caller\"}"},
	{NULL, NULL, NULL},
};

static void run_steps(struct world *world)
{
	static char text[INPUT_MAX];
	size_t n = 0;

	for (size_t i = 0; steps[i].request != NULL; i++) {
		expand(world, (const uint8_t *)steps[i].request, strlen(steps[i].request), text);
		json_t *answer = ask(world, text, true);
		must(answer != NULL, steps[i].request);
		if (steps[i].name != NULL) {
			struct name *name = &world->names[n++];
			name->name = steps[i].name;
			snprintf(name->text, sizeof name->text, "%s",
				 json_string_value(json_object_get(answer, steps[i].field)));
		}
		json_decref(answer);
	}
}

static enum store_status add_tenant(struct db *db, void *magic)
{
	struct world *world = magic;
	struct tenant_row row = {.name = "fuzz", .level = 1, .vouched = true, .version = 1};

	memcpy(row.id, world->tenant, sizeof row.id);
	return store_tenants_add(db, &row);
}

static void world_open(struct world *world)
{
	const struct store_owner owner = {world->file, NULL};
	const struct store_params params = {world->file, 1};
	const struct db_scope scope = {DB_WRITE, DB_ACROSS, ""};
	char err[256] = "", pem[SIGNATURE_PEM_MAX + 1];
	int from;

	snprintf(world->file, sizeof world->file, "/tmp/fuzz_registry_api.%d", (int)getpid());
	(void)unlink(world->file);
	must(store_migrate(&owner, &from, err, sizeof err), err);
	world->store = store_open(&params, err, sizeof err);
	must(world->store != NULL, err);
	(void)unlink(world->file); /* it goes with this process */
	world->db = store_take(world->store, 0);
	snprintf(world->tenant, sizeof world->tenant, "ten_aaaaaaaaaaaaaaaaaaaaaaaaaa");
	must(db_transact(world->db, &scope, add_tenant, world) == STORE_OK, "no tenant");
	must(signature_make_key(pem), "no key");
	world->signature = signature_new(pem, err, sizeof err);
	must(world->signature != NULL, err);
	world->token_key =
		(struct token_key){.private_pem = signature_private_pem(world->signature),
				   .public_pem = signature_public_pem(world->signature),
				   .issuer = "https://registry.example"};
	world->table = table_new();
	world->recall = recall_new(world->table);
	must(world->recall != NULL, "no memory");
	world->env = (struct http_env){.store = world->store,
				       .table = world->table,
				       .recall = world->recall,
				       .public_url = "https://registry.example",
				       .pair_key = &world->pair_key,
				       .cursor_key = &world->cursor_key,
				       .token_key = &world->token_key,
				       .signature = world->signature,
				       .now_ms = now_ms};
	run_steps(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	static char text[INPUT_MAX];

	if (world.store == NULL)
		world_open(&world);
	expand(&world, data, size, text);
	json_decref(ask(&world, text, false));
	return 0;
}
