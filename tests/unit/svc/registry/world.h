/* SPDX-License-Identifier: Apache-2.0 */
/* Two tenants; what the first of them owns, made through the API. */
#ifndef TEST_REGISTRY_WORLD_H
#define TEST_REGISTRY_WORLD_H

#include "fixture.h"

#include "svc/registry/domain/scope.h"

#define CALLER	 "+12155551212"
#define PASSED_A "{\"verstat\":\"TN-Validation-Passed\",\"attest\":\"A\"}"

/* What tenant "a" owns; the matrix asks for it with other tenants' keys. */
struct world {
	struct fixture fixture;
	char a[ID_MAX + 1], b[ID_MAX + 1]; /* keys with every scope */
	char revoked[ID_MAX + 1];
	char tenant[128], spare_key[128], business[128], logo[128], brand[128], number[128],
		reason[128], intent[128], spare_number[128], spare_intent[128], certificate[128];
	char *pem;
};

static void bind_number(struct world *world, const char *number, char id_out[128])
{
	char body[256];

	snprintf(body, sizeof body, "{\"number\":\"%s\",\"brand\":\"%s\"}", number, world->brand);
	fixture_get(&world->fixture, world->a, "POST /v1/numbers", body, "id", id_out);
}

static void announce(struct world *world, const char *to, char id_out[128])
{
	char body[256];

	snprintf(body, sizeof body,
		 "{\"from\":\"%s\",\"to\":\"%s\",\"code\":\"appointment\",\"text\":\"On Tuesday\"}",
		 CALLER, to);
	fixture_get(&world->fixture, world->a, "POST /v1/intents", body, "id", id_out);
}

static void upload(struct world *world, const char *path, const char *type, const void *bytes,
		   size_t len, const char *name, char value_out[128])
{
	const struct request request = {.key = world->a,
					.method = "POST",
					.path = path,
					.type = type,
					.body = bytes,
					.len = len};
	struct reply reply;

	fixture_send(&world->fixture, &request, &reply);
	assert_int_equal(reply.status, 201);
	snprintf(value_out, 128, "%s", reply_text(&reply, name));
	reply_clear(&reply);
}

static void make_revoked(struct world *world)
{
	char body[256], id[128], path[200];
	struct reply reply;

	snprintf(body, sizeof body,
		 "{\"tenant\":\"%s\",\"scopes\":[\"operator\",\"manage\","
		 "\"intents\",\"lookup\",\"attest\",\"publish\"]}",
		 world->tenant);
	fixture_json(&world->fixture, world->a, "POST /v1/keys", body, &reply);
	assert_int_equal(reply.status, 201);
	snprintf(world->revoked, sizeof world->revoked, "%s", reply_text(&reply, "key"));
	snprintf(id, sizeof id, "%s", reply_text(&reply, "id"));
	reply_clear(&reply);
	fixture_json(&world->fixture, world->revoked, "GET /v1/reason-codes", NULL, &reply);
	assert_int_equal(reply.status, 200);
	reply_clear(&reply);
	snprintf(path, sizeof path, "DELETE /v1/keys/%s", id);
	fixture_json(&world->fixture, world->a, path, NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_clear(&reply);
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof *world);
	struct fixture *fixture = &world->fixture;
	char body[512];
	uint8_t png[64];

	fixture_prepare(fixture);
	fixture_key(fixture, "A", SCOPE_ALL, world->a);
	fixture_key(fixture, "B", SCOPE_ALL, world->b);
	fixture_start(fixture);
	world->pem = fixture->certificate;
	upload(world, "/v1/logos", "image/png", png, make_png(png, 256, 256), "logo", world->logo);
	upload(world, "/v1/certificates", "application/x-pem-file", world->pem, strlen(world->pem),
	       "url", world->certificate);
	fixture_get(fixture, world->a, "POST /v1/tenants", "{\"name\":\"T\"}", "id", world->tenant);
	snprintf(body, sizeof body, "{\"tenant\":\"%s\",\"scopes\":[\"lookup\"]}", world->tenant);
	fixture_get(fixture, world->a, "POST /v1/keys", body, "id", world->spare_key);
	fixture_get(fixture, world->a, "POST /v1/businesses",
		    "{\"name\":\"Example Dental\",\"country\":\"US\"}", "id", world->business);
	snprintf(body, sizeof body,
		 "{\"business\":\"%s\",\"name\":\"Example Dental\",\"logo\":\"%s\"}",
		 world->business, world->logo);
	fixture_get(fixture, world->a, "POST /v1/brands", body, "id", world->brand);
	bind_number(world, CALLER, world->number);
	bind_number(world, "+12155551299", world->spare_number);
	announce(world, "+12155551213", world->spare_intent);
	make_revoked(world);
	*state = world;
	return 0;
}

static int free_world(void **state)
{
	struct world *world = *state;

	fixture_clear(&world->fixture);
	free(world);
	return 0;
}

static void lookup(struct world *world, const char *to, const char *call, const char *verification,
		   struct reply *reply)
{
	char body[512];

	snprintf(body, sizeof body,
		 "{\"from\":\"%s\",\"to\":\"%s\",\"call_id\":\"%s\",\"verification\":%s}", CALLER,
		 to, call, verification);
	fixture_json(&world->fixture, world->b, "POST /v1/lookups", body, reply);
	assert_int_equal(reply->status, 200);
}

static const char *shown_intent(const struct reply *reply)
{
	return json_string_value(json_object_get(json_object_get(reply->json, "reason"), "intent"));
}

static void expect_state(struct world *world, const char *intent, const char *expected)
{
	char route[200], found[128];

	snprintf(route, sizeof route, "GET /v1/intents/%s", intent);
	fixture_get(&world->fixture, world->a, route, NULL, "state", found);
	assert_string_equal(found, expected);
}

#endif
