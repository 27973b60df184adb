/* SPDX-License-Identifier: Apache-2.0 */
/* Callers and called parties that are URIs, whichever way the signer spelled them. */
#include "tests/kit/scene.h"

#include <stdio.h>
#include <string.h>

#define TEST(name) static void name(void **state)
#define HEADER	   "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"

/* A base PASSporT of these members orig and dest. */
static void add(struct scene *s, const char *orig, const char *dest)
{
	char payload[512];

	snprintf(payload, sizeof(payload), "{\"dest\":%s,\"iat\":1800000000,\"orig\":%s}", dest,
		 orig);
	s->call.n_identity = 0;
	scene_add(s, scene_join(kit_token(s->world.leaf.key, HEADER, payload),
				";info=<" KIT_URL ">;alg=ES256"));
}

TEST(rfc8224_8_5_a_caller_is_the_same_however_its_uri_is_spelled)
{
	static const char *const same[] = {"sip:alice@example.org", "SIP:Alice@EXAMPLE.org:5060",
					   "sip:%61lice@example.org"};
	static const char *const others[] = {"sips:alice@example.org", "sip:alice@example.com",
					     "sip:bob@example.org", "sip:alice%2F@example.org"};
	struct scene *s = *state;
	char orig[128];

	s->policy.mode[CALLERID_CHECK_AUTHORITY] = CALLERID_MODE_WARN;
	s->call.orig[0] = kit_party("sip:alice@example.org");
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		snprintf(orig, sizeof(orig), "{\"uri\":\"%s\"}", same[i]);
		add(s, orig, "{\"tn\":[\"" KIT_TO "\"]}");
		scene_expect_passed(s);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(orig, sizeof(orig), "{\"uri\":\"%s\"}", others[i]);
		add(s, orig, "{\"tn\":[\"" KIT_TO "\"]}");
		scene_expect(s, CALLERID_REASON_ORIG_MISMATCH, CALLERID_CHECK_ORIG);
	}
}

TEST(rfc8224_8_5_so_is_whoever_is_called)
{
	struct scene *s = *state;

	s->call.dest = kit_party("sip:bob@example.net");
	add(s, "{\"tn\":\"" KIT_FROM "\"}",
	    "{\"uri\":[\"sip:carol@example.net\",\"sip:bob@EXAMPLE.net\"]}");
	scene_expect_passed(s);
	add(s, "{\"tn\":\"" KIT_FROM "\"}", "{\"uri\":[\"sip:bobby@example.net\"]}");
	scene_expect(s, CALLERID_REASON_DEST_MISMATCH, CALLERID_CHECK_DEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(rfc8224_8_5_a_caller_is_the_same_however_its_uri_is_spelled),
		SCENE_TEST(rfc8224_8_5_so_is_whoever_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
