/* SPDX-License-Identifier: Apache-2.0 */
/* Each type of PASSporT signed and verified with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */
#define SDP                                                                                        \
	"v=0\r\na=fingerprint:sha-1 "                                                              \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD\r\n"
#define RCD    "{\"apn\":\"12155551212\",\"nam\":\"Q \xc3\xa9 Branch, Spies and Gadgets\"}"
#define REASON "Your order of yesterday"
#define NAME   "A name that is longer than any buffer begins with"

struct row {
	const char *ppt;
	bool mky, rcd, reason, priority, callback, compact;
	bool proves; /* alone it says who calls */
};

struct bed {
	struct scene *s;
	struct callerid_signer *signer;
	char *mky, *identity;
	struct callerid_claims claims;
};

static void fill(struct bed *b, const struct row *row)
{
	struct callerid_claims *c = &b->claims;

	*c = kit_claims();
	memset(c->ppt, 0, sizeof(c->ppt));
	memcpy(c->ppt, row->ppt, strlen(row->ppt));
	if (strcmp(row->ppt, "shaken") != 0) {
		c->attest = CALLERID_ATTEST_NONE;
		c->origid[0] = '\0';
	}
	if (strncmp(row->ppt, "div", 3) == 0) {
		c->div = c->orig;
		c->opt = row->ppt[3] == '\0' ? NULL : "e30.e30.AAAA";
	}
	c->mky = row->mky ? b->mky : NULL;
	c->rcd = row->compact && row->rcd ? "{\"nam\":\"" NAME "\"}" : row->rcd ? RCD : NULL;
	c->crn = row->reason ? REASON : NULL;
	c->compact = row->compact;
	c->display_name = NAME;
	c->psap_callback = row->callback;
	c->n_rph = row->priority;
	if (row->priority)
		snprintf(c->rph[0], sizeof(c->rph[0]), row->callback ? "esnet.1" : "ets.0");
}

/* The signature is deterministic (RFC 6979): with memory or not, it is the same text. */
static void sign(void *data)
{
	struct bed *b = data;
	char *identity = NULL;
	struct callerid_error err = {.text = ""};
	enum callerid_status status = callerid_signer_sign(b->signer, &b->claims, &identity, &err);

	if (status != CALLERID_OK && status != CALLERID_ENOMEM)
		kit_oom_wrong(err.text);
	kit_oom_status(status);
	if ((status == CALLERID_OK) != (identity != NULL))
		kit_oom_wrong("an Identity with an error, or none without");
	if (b->identity == NULL)
		b->identity = identity;
	else if (identity != NULL && strcmp(identity, b->identity) != 0)
		kit_oom_wrong(identity);
	if (identity != b->identity)
		free(identity);
}

static void ask(struct scene *s, const struct row *row)
{
	static const struct callerid_span asked[] = {{"ets.0", 5}, {"esnet.1", 7}};
	static const struct callerid_namespace granted[] = {{"test", "ets"}, {"test", "esnet"}};

	s->policy.namespaces = granted;
	s->policy.n_namespaces = 2;
	s->call.resource_priority = asked;
	s->call.n_resource_priority = 2;
	s->call.priority = row->callback ? (struct callerid_span){"psap-callback", 13}
					 : (struct callerid_span){NULL, 0};
	s->call.display_name = (struct callerid_span){NAME, strlen(NAME)};
	s->call.call_reason = (struct callerid_span){REASON, strlen(REASON)};
	/* A compact one is taken to have been signed with the SDP's fingerprints. */
	if (!row->compact || row->mky)
		s->call.sdp = (struct callerid_span){SDP, strlen(SDP)};
}

static void sign_and_verify(struct scene *s, const struct row *row)
{
	struct bed b = {.s = s};
	char *key = kit_key_pem(s->world.leaf.key);
	struct callerid_signer_params params = {
		.key_pem = key,
		.key_len = strlen(key),
		.cert_pem = s->world.chain,
		.cert_len = strlen(s->world.chain),
		.x5u = KIT_URL,
		.namespaces = "ets esnet",
	};
	struct oom_call call = {.scene = s, .passes = row->proves, .is_known = true};

	assert_int_equal(callerid_signer_new(&params, &b.signer, NULL), CALLERID_OK);
	assert_int_equal(callerid_mky_from_sdp(SDP, strlen(SDP), &b.mky, NULL), CALLERID_OK);
	fill(&b, row);
	assert_in_range(kit_oom_each(sign, &b), 1, STEPS_MAX);
	assert_non_null(b.identity);
	call.identity = b.identity;
	ask(s, row);
	oom_open(&call);
	assert_in_range(kit_oom_each(oom_verify, &call), 1, STEPS_MAX);
	/* The memory of the known certificate's use: nobody has to be told of that. */
	assert_in_range(call.optional, 0, 2);
	oom_close(&call);
	callerid_signer_free(b.signer);
	free(b.identity);
	free(b.mky);
	free(key);
}

#define TYPE_TEST(name, ...)                                                                       \
	static void name(void **state)                                                             \
	{                                                                                          \
		sign_and_verify(*state, &(const struct row){__VA_ARGS__});                         \
	}

TYPE_TEST(PP5_base_without_memory_is_an_error, .ppt = "", .proves = true)
TYPE_TEST(PP13_base_with_mky_without_memory_is_an_error, .ppt = "", .mky = true, .proves = true)
TYPE_TEST(PP6_shaken_without_memory_is_an_error, .ppt = "shaken", .proves = true)
TYPE_TEST(RC8_shaken_with_rcd_without_memory_is_an_error, .ppt = "shaken", .rcd = true,
	  .reason = true, .proves = true)
TYPE_TEST(RC1_rcd_without_memory_is_an_error, .ppt = "rcd", .rcd = true, .reason = true)
TYPE_TEST(DV1_div_without_memory_is_an_error, .ppt = "div")
TYPE_TEST(DV7_div_o_without_memory_is_an_error, .ppt = "div-o")
TYPE_TEST(AS16_rph_without_memory_is_an_error, .ppt = "rph", .priority = true)
TYPE_TEST(AS17_sph_without_memory_is_an_error, .ppt = "rph", .priority = true, .callback = true)
TYPE_TEST(VS16_msec_without_memory_is_an_error, .ppt = "msec", .mky = true, .proves = true)
TYPE_TEST(rsp_without_memory_is_an_error, .ppt = "rsp")
TYPE_TEST(PP11_compact_base_without_memory_is_an_error, .ppt = "", .compact = true, .proves = true)
TYPE_TEST(PP11_compact_mky_without_memory_is_an_error, .ppt = "", .compact = true, .mky = true,
	  .proves = true)
TYPE_TEST(RC10_compact_rcd_without_memory_is_an_error, .ppt = "rcd", .compact = true, .rcd = true,
	  .reason = true)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(PP5_base_without_memory_is_an_error),
		SCENE_TEST(PP13_base_with_mky_without_memory_is_an_error),
		SCENE_TEST(PP6_shaken_without_memory_is_an_error),
		SCENE_TEST(RC8_shaken_with_rcd_without_memory_is_an_error),
		SCENE_TEST(RC1_rcd_without_memory_is_an_error),
		SCENE_TEST(DV1_div_without_memory_is_an_error),
		SCENE_TEST(DV7_div_o_without_memory_is_an_error),
		SCENE_TEST(AS16_rph_without_memory_is_an_error),
		SCENE_TEST(AS17_sph_without_memory_is_an_error),
		SCENE_TEST(VS16_msec_without_memory_is_an_error),
		SCENE_TEST(rsp_without_memory_is_an_error),
		SCENE_TEST(PP11_compact_base_without_memory_is_an_error),
		SCENE_TEST(PP11_compact_mky_without_memory_is_an_error),
		SCENE_TEST(RC10_compact_rcd_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
