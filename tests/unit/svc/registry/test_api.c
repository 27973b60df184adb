/* SPDX-License-Identifier: Apache-2.0 */
/* The API as its users meet it: every route, every kind of caller, a real server and database. */
#include "world.h"

#include "svc/registry/api/api.h"

/* Names in a recipe and where their values are. */
static const struct {
	const char *name;
	size_t offset;
	const char *missing; /* of the same form, but nobody's */
} tokens[] = {
	{"@tenant", offsetof(struct world, tenant), "ten_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@key", offsetof(struct world, spare_key), "key_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@business", offsetof(struct world, business), "biz_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@brand", offsetof(struct world, brand), "brd_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@number", offsetof(struct world, spare_number), "num_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@intent", offsetof(struct world, spare_intent), "int_aaaaaaaaaaaaaaaaaaaaaaaaaa"},
	{"@caller", SIZE_MAX, "+12155550000"},
};

/* How to use each route, and what the owner and another tenant must get. */
static const struct recipe {
	const char *route; /* as in the table */
	const char *path, *body;
	long own, other;
} recipes[] = {
	{"POST /v1/tenants", "/v1/tenants", "{\"name\":\"@n\"}", 201, 201},
	{"POST /v1/keys", "/v1/keys", "{\"tenant\":\"@tenant\",\"scopes\":[\"lookup\"]}", 201, 201},
	{"DELETE /v1/keys/{id}", "/v1/keys/@key", NULL, 204, 204},
	{"POST /v1/businesses", "/v1/businesses", "{\"name\":\"New\",\"country\":\"DE\"}", 201,
	 201},
	{"GET /v1/businesses", "/v1/businesses", NULL, 200, 200},
	{"GET /v1/businesses/{id}", "/v1/businesses/@business", NULL, 200, 404},
	{"POST /v1/brands", "/v1/brands", "{\"business\":\"@business\",\"name\":\"New\"}", 201,
	 404},
	{"GET /v1/brands/{id}", "/v1/brands/@brand", NULL, 200, 404},
	{"POST /v1/logos", "/v1/logos", "PNG", 201, 201},
	{"POST /v1/numbers", "/v1/numbers", "{\"number\":\"+12155557777\",\"brand\":\"@brand\"}",
	 201, 404},
	{"DELETE /v1/numbers/{id}", "/v1/numbers/@number", NULL, 204, 404},
	{"GET /v1/reason-codes", "/v1/reason-codes", NULL, 200, 200},
	{"POST /v1/reasons", "/v1/reasons",
	 "{\"brand\":\"@brand\",\"code\":\"other\",\"text\":\"Hello\"}", 201, 404},
	{"POST /v1/intents", "/v1/intents",
	 "{\"from\":\"@caller\",\"to\":\"+12155551213\",\"code\":\"other\",\"text\":\"Hello\"}",
	 201, 404},
	{"GET /v1/intents/{id}", "/v1/intents/@intent", NULL, 200, 404},
	{"DELETE /v1/intents/{id}", "/v1/intents/@intent", NULL, 204, 404},
	/* these two read across tenants */
	{"POST /v1/lookups", "/v1/lookups",
	 "{\"from\":\"@caller\",\"verification\":{\"verstat\":\"TN-Validation-Passed\"}}", 200,
	 200},
	{"POST /v1/attestations", "/v1/attestations",
	 "{\"from\":\"@caller\",\"customer\":\"@business\"}", 200, 200},
	{"POST /v1/certificates", "/v1/certificates", "PEM", 201, 201},
	{"GET /certificates/{sha256}.pem", "/certificates/@pem", NULL, 200, 200},
	{"GET /logos/{sha256}.png", "/logos/@png.png", NULL, 200, 200},
};

static const struct recipe *recipe_of(const struct route *route)
{
	char name[96];

	snprintf(name, sizeof name, "%s %s", route->method, route->path);
	for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
		if (strcmp(recipes[i].route, name) == 0)
			return &recipes[i];
	}
	fail_msg("no recipe for %s: every route must be tried with every kind of caller", name);
	return NULL;
}

static void replace(char text[TEXT_MAX], const char *from, const char *to)
{
	char out[TEXT_MAX];
	char *at;

	while ((at = strstr(text, from)) != NULL) {
		snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to,
			 at + strlen(from));
		memcpy(text, out, sizeof out);
	}
}

static void fill_in(const struct world *world, char text[TEXT_MAX], bool missing)
{
	static unsigned names;
	char name[32];

	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		const char *value = tokens[i].offset == SIZE_MAX
					    ? CALLER
					    : (const char *)world + tokens[i].offset;
		replace(text, tokens[i].name, missing ? tokens[i].missing : value);
	}
	snprintf(name, sizeof name, "Tenant %u", names++);
	replace(text, "@n", name);
	replace(text, "@pem", strrchr(world->certificate, '/') + 1);
	replace(text, "@png", world->logo + strlen("sha256-"));
}

/* Sends a route's recipe with a key. */
static void try_route(struct world *world, const struct route *route, const char *key, bool missing,
		      struct reply *reply)
{
	const struct recipe *recipe = recipe_of(route);
	char path[TEXT_MAX], body[TEXT_MAX];
	uint8_t png[64];

	snprintf(path, sizeof path, "%s", recipe->path);
	snprintf(body, sizeof body, "%s", recipe->body != NULL ? recipe->body : "");
	fill_in(world, path, missing);
	fill_in(world, body, missing);
	struct request request = {.key = key,
				  .method = route->method,
				  .path = path,
				  .type = route->content_type,
				  .public = route->door == DOOR_PUBLIC};
	if (recipe->body != NULL) {
		request.body = body;
		request.len = strlen(body);
	}
	if (recipe->body != NULL && strcmp(recipe->body, "PNG") == 0) {
		request.body = png;
		request.len = make_png(png, 16, 16);
	}
	if (recipe->body != NULL && strcmp(recipe->body, "PEM") == 0) {
		request.body = world->pem;
		request.len = strlen(world->pem);
	}
	fixture_send(&world->fixture, &request, reply);
}

static void expect(struct world *world, const struct route *route, const char *who, const char *key,
		   long status)
{
	struct reply reply;

	try_route(world, route, key, false, &reply);
	if (reply.status != status)
		fail_msg("%s %s by %s: %ld, not %ld: %s", route->method, route->path, who,
			 reply.status, status, reply.body);
	if (status >= 400) {
		assert_string_equal(reply.type, "application/problem+json");
		assert_true(id_is(ID_REQUEST, reply_text(&reply, "request_id"), 30));
		assert_int_equal(json_integer_value(json_object_get(reply.json, "status")), status);
	}
	reply_clear(&reply);
}

static void every_route_refuses_a_request_without_a_valid_key(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		if (route->door == DOOR_PUBLIC)
			continue;
		expect(world, route, "nobody", NULL, 401);
		expect(world, route, "a revoked key", world->revoked, 401);
		expect(world, route, "an unknown key", "ak_aaaaaaaaaaaaaaaaaaaaaaaaaa", 401);
		expect(world, route, "a cut key", "ak_aaaaaaaaaaaaaaaaaaaaaaaaa", 401);
		expect(world, route, "a key's name", world->spare_key, 401);
	}
}

static void every_route_refuses_a_key_without_its_scope(void **state)
{
	struct world *world = *state;
	char keys[6][ID_MAX + 1];

	for (size_t scope = 0; scope < 6; scope++)
		fixture_key(&world->fixture, "A", SCOPE_ALL & ~(1U << scope), keys[scope]);
	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		for (size_t scope = 0; scope < 6; scope++) {
			if (route->scopes == 1U << scope)
				expect(world, route, "a key without the scope", keys[scope], 403);
		}
	}
}

/* Everything but the request's own id. */
static char *comparable(struct reply *reply)
{
	json_object_del(reply->json, "request_id");
	return json_dumps(reply->json, JSON_SORT_KEYS);
}

static void another_tenant_gets_the_same_404_as_for_what_is_missing(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		const struct recipe *recipe = recipe_of(route);
		struct reply foreign, missing;
		if (recipe->other != 404)
			continue;
		try_route(world, route, world->b, false, &foreign);
		try_route(world, route, world->b, true, &missing);
		assert_int_equal(foreign.status, 404);
		assert_int_equal(missing.status, 404);
		char *a = comparable(&foreign), *b = comparable(&missing);
		assert_string_equal(a, b);
		free(a);
		free(b);
		reply_clear(&foreign);
		reply_clear(&missing);
	}
}

static void another_tenant_sees_no_row_of_the_first_in_a_list(void **state)
{
	struct world *world = *state;
	struct reply reply;

	fixture_json(&world->fixture, world->b, "GET /v1/businesses", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_null(strstr(reply.body, world->business));
	reply_clear(&reply);
	fixture_json(&world->fixture, world->a, "GET /v1/businesses", NULL, &reply);
	assert_non_null(strstr(reply.body, world->business));
	reply_clear(&reply);
}

static void every_route_serves_its_owner_and_no_more_than_that_to_others(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < api_routes.n; i++) {
		const struct route *route = &api_routes.routes[i];
		const struct recipe *recipe = recipe_of(route);
		if (strcmp(route->method, "DELETE") != 0 || recipe->other == 404)
			expect(world, route, "another tenant", world->b, recipe->other);
		expect(world, route, "its owner", world->a, recipe->own);
	}
}

static void a_number_bound_elsewhere_is_taken_without_naming_the_owner(void **state)
{
	struct world *world = *state;
	char business[128], brand[128], body[512];
	struct reply reply;

	fixture_get(&world->fixture, world->b, "POST /v1/businesses",
		    "{\"name\":\"Other\",\"country\":\"US\"}", "id", business);
	snprintf(body, sizeof body, "{\"business\":\"%s\",\"name\":\"Other\"}", business);
	fixture_get(&world->fixture, world->b, "POST /v1/brands", body, "id", brand);
	snprintf(body, sizeof body, "{\"number\":\"1 (215) 555-1212\",\"brand\":\"%s\"}", brand);
	fixture_json(&world->fixture, world->b, "POST /v1/numbers", body, &reply);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply_text(&reply, "code"), "number_taken");
	assert_null(strstr(reply.body, world->business));
	assert_null(strstr(reply.body, world->brand));
	assert_null(strstr(reply.body, "Dental"));
	reply_clear(&reply);
	/* and its caller may not announce calls from it */
	fixture_json(&world->fixture, world->b, "POST /v1/intents",
		     "{\"from\":\"" CALLER
		     "\",\"to\":\"+12155550015\",\"code\":\"other\",\"text\":\"x\"}",
		     &reply);
	assert_int_equal(reply.status, 404);
	reply_clear(&reply);
	/* and another tenant's logo cannot be shown by knowing its hash */
	snprintf(body, sizeof body, "{\"business\":\"%s\",\"name\":\"Other\",\"logo\":\"%s\"}",
		 business, world->logo);
	fixture_json(&world->fixture, world->b, "POST /v1/brands", body, &reply);
	assert_int_equal(reply.status, 404);
	reply_clear(&reply);
}

static void attestation_follows_the_binding(void **state)
{
	struct world *world = *state;
	char body[256], attest[128];

	snprintf(body, sizeof body, "{\"from\":\"12155551212\",\"customer\":\"%s\"}",
		 world->business);
	fixture_get(&world->fixture, world->b, "POST /v1/attestations", body, "attest", attest);
	assert_string_equal(attest, "A");
	snprintf(body, sizeof body, "{\"from\":\"12155550999\",\"customer\":\"%s\"}",
		 world->business);
	fixture_get(&world->fixture, world->b, "POST /v1/attestations", body, "attest", attest);
	assert_string_equal(attest, "B");
	fixture_get(&world->fixture, world->b, "POST /v1/attestations",
		    "{\"from\":\"12155551212\",\"customer\":\"biz_aaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		    "attest", attest);
	assert_string_equal(attest, "C");
}

static void certificates_are_served_by_content_over_https_and_never_with_a_key(void **state)
{
	struct world *world = *state;
	const char *path = strstr(world->certificate, "/certificates/");
	const struct request get = {.method = "GET", .path = path, .public = true};
	struct reply reply;
	char url[128], both[8192];

	upload(world, "/v1/certificates", "application/x-pem-file", world->pem, strlen(world->pem),
	       "url", url);
	assert_string_equal(url, world->certificate);
	fixture_send(&world->fixture, &get, &reply);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.type, "application/pem-certificate-chain");
	assert_string_equal(reply.cache, "max-age=86400");
	assert_string_equal(reply.body, world->pem);
	reply_clear(&reply);
	snprintf(both, sizeof both, "%s%s", world->pem, world->fixture.key);
	const struct request post = {.key = world->a,
				     .method = "POST",
				     .path = "/v1/certificates",
				     .type = "application/x-pem-file",
				     .body = both,
				     .len = strlen(both)};
	fixture_send(&world->fixture, &post, &reply);
	assert_int_equal(reply.status, 422);
	assert_string_equal(reply_text(&reply, "code"), "private_key_refused");
	reply_clear(&reply);
}

static void each_door_serves_its_own_routes_only(void **state)
{
	struct world *world = *state;
	const struct request requests[] = {
		{.method = "GET", .path = strstr(world->certificate, "/certificates/")},
		{.key = world->a, .method = "GET", .path = "/v1/businesses", .public = true},
		{.method = "GET", .path = "/", .public = true},
		{.method = "GET", .path = "/certificates/../v1/businesses", .public = true},
		{.key = world->a, .method = "GET", .path = "/v1%2fbusinesses"},
		{.key = world->a, .method = "GET", .path = "/v1/businesses/"},
		{.key = world->a, .method = "GET", .path = "//v1/businesses"},
	};

	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		struct reply reply;
		fixture_send(&world->fixture, &requests[i], &reply);
		assert_int_equal(reply.status, 404);
		reply_clear(&reply);
	}
}

static void a_list_comes_in_pages_that_stay_stable(void **state)
{
	struct world *world = *state;
	char next[128] = "", route[256], pages[3][128];
	struct reply reply;

	for (int i = 0; i < 3; i++)
		fixture_get(&world->fixture, world->a, "POST /v1/businesses",
			    "{\"name\":\"Page\",\"country\":\"FR\"}", "id", pages[i]);
	size_t seen = 0;
	do {
		snprintf(route, sizeof route, "GET /v1/businesses?limit=2%s%s",
			 next[0] != 0 ? "&after=" : "", next);
		fixture_json(&world->fixture, world->a, route, NULL, &reply);
		assert_int_equal(reply.status, 200);
		assert_in_range(json_array_size(json_object_get(reply.json, "items")), 1, 2);
		for (int i = 0; i < 3; i++)
			seen += strstr(reply.body, pages[i]) != NULL;
		snprintf(next, sizeof next, "%s", reply_text(&reply, "next"));
		reply_clear(&reply);
	} while (next[0] != 0);
	assert_int_equal(seen, 3);
	snprintf(route, sizeof route, "GET /v1/businesses?after=%s", world->business);
	fixture_json(&world->fixture, world->b, route, NULL, &reply);
	assert_int_equal(json_array_size(json_object_get(reply.json, "items")), 0);
	reply_clear(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route_refuses_a_request_without_a_valid_key),
		cmocka_unit_test(every_route_refuses_a_key_without_its_scope),
		cmocka_unit_test(another_tenant_gets_the_same_404_as_for_what_is_missing),
		cmocka_unit_test(another_tenant_sees_no_row_of_the_first_in_a_list),
		cmocka_unit_test(every_route_serves_its_owner_and_no_more_than_that_to_others),
		cmocka_unit_test(a_number_bound_elsewhere_is_taken_without_naming_the_owner),
		cmocka_unit_test(attestation_follows_the_binding),
		cmocka_unit_test(
			certificates_are_served_by_content_over_https_and_never_with_a_key),
		cmocka_unit_test(each_door_serves_its_own_routes_only),
		cmocka_unit_test(a_list_comes_in_pages_that_stay_stable),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	int failed = cmocka_run_group_tests(tests, make_world, free_world);
	curl_global_cleanup();
	return failed;
}
