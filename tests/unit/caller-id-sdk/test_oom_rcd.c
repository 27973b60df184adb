/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data with the n-th allocation failing: made, signed, verified and shown. */
#include "tests/kit/oom.h"
#include "tests/kit/scene.h"

#include <stdlib.h>
#include <string.h>

#define ICON "https://example.com/q.png"
#define LINK "https://example.com/q.json"
#define CARD                                                                                       \
	"[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q\"],"                \
	"[\"logo\",{},\"uri\",\"" ICON "\"]]]"
#define RCD "{\"icn\":\"" ICON "\",\"jcl\":\"" LINK "\",\"nam\":\"Q\"}"

static const struct callerid_content right[] = {{ICON, "picture", 7},
						{LINK, CARD, sizeof(CARD) - 1}};
static const struct callerid_content wrong[] = {{ICON, "forgery", 7},
						{LINK, CARD, sizeof(CARD) - 1}};

static char *digests(void)
{
	struct callerid_digest_params params = {
		.rcd = RCD, .contents = right, .n_contents = 2, .inline_also = true};
	struct callerid_error err = {.text = ""};
	char *rcdi = NULL;

	if (callerid_rcd_digests(&params, &rcdi, &err) == CALLERID_OK)
		return rcdi;
	/* jansson's reader may take its own lack of memory for a flaw of the text. */
	if (!kit_oom_failed())
		fail_msg("%d: %s", err.status, err.text);
	return NULL;
}

static void make_and_compare(void *data)
{
	char *rcdi = digests();
	bool same = false;

	(void)data;
	if (rcdi != NULL && callerid_rcd_compare(rcdi, "/icn", right, &same, NULL) == CALLERID_OK)
		assert_true(same);
	free(rcdi);
}

static char *identity_of(const struct callerid_signer *signer, const char *ppt, const char *rcdi)
{
	struct callerid_claims claims = kit_claims();
	struct callerid_error err = {.text = ""};
	char *identity = NULL;

	memcpy(claims.ppt, ppt, strlen(ppt) + 1);
	claims.rcd = RCD;
	claims.rcdi = rcdi;
	claims.crn = "your order";
	if (callerid_signer_sign(signer, &claims, &identity, &err) != CALLERID_OK &&
	    !kit_oom_failed())
		fail_msg("%s", err.text);
	return identity;
}

struct signing {
	struct callerid_signer *signer;
	char *rcdi;
};

static void sign(void *data)
{
	const struct signing *with = data;

	free(identity_of(with->signer, "rcd", with->rcdi));
	free(identity_of(with->signer, "shaken", with->rcdi));
}

/* What is shown with memory is right; what was changed is never shown and never verified. */
static void verify(void *data)
{
	struct scene *s = data;
	struct callerid_verification *v = NULL;
	const struct callerid_verdict *verdict;
	struct callerid_rcd rcd = {.icon = ""};
	const char *url;

	if (callerid_verification_new(s->ctx, &s->call, &v, NULL) != CALLERID_OK)
		return;
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, s->chain, strlen(s->chain));
	verdict = callerid_verification_verdict(v);
	if (callerid_rcd_show(&verdict->passport[0], &rcd) == CALLERID_OK &&
	    s->call.contents == wrong) {
		assert_string_equal(rcd.icon, "");
		assert_int_not_equal(verdict->passport[0].rcd.part[CALLERID_RCD_ICON],
				     CALLERID_RCD_VERIFIED);
	}
	if (!kit_oom_failed()) {
		assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
		assert_string_equal(rcd.icon, s->call.contents == wrong ? "" : ICON);
		assert_string_equal(rcd.name, "Q");
	}
	free(callerid_verdict_json(verdict));
	free(callerid_verdict_explain(verdict));
	callerid_verification_free(v);
}

static void RC4_digests_without_memory_are_an_error(void **state)
{
	(void)state;
	assert_in_range(kit_oom_each(make_and_compare, NULL), 1, 20000);
}

static void RC7_signing_without_memory_is_an_error(void **state)
{
	struct scene *s = *state;
	struct signing with = {kit_signer(&s->world.leaf, true), digests()};

	assert_in_range(kit_oom_each(sign, &with), 1, 20000);
	callerid_signer_free(with.signer);
	free(with.rcdi);
}

static void RC9_no_failed_allocation_shows_what_was_changed(void **state)
{
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, true);
	char *rcdi = digests();

	scene_add(s, identity_of(signer, "shaken", rcdi));
	callerid_signer_free(signer);
	free(rcdi);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	s->call.n_contents = 2;
	s->call.contents = right;
	assert_in_range(kit_oom_each(verify, s), 1, 20000);
	s->call.contents = wrong;
	assert_in_range(kit_oom_each(verify, s), 1, 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(RC4_digests_without_memory_are_an_error),
		SCENE_TEST(RC7_signing_without_memory_is_an_error),
		SCENE_TEST(RC9_no_failed_allocation_shows_what_was_changed),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
