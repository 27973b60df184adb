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

	kit_oom_status(callerid_rcd_digests(&params, &rcdi, &err));
	return rcdi;
}

static void make_and_compare(void *data)
{
	char *rcdi = digests();
	bool same = false;
	enum callerid_status status;

	if (rcdi == NULL)
		return;
	assert_string_equal(rcdi, data);
	status = callerid_rcd_compare(rcdi, "/icn", right, &same, NULL);
	kit_oom_status(status);
	assert_int_equal(same, status == CALLERID_OK);
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
	kit_oom_status(callerid_signer_sign(signer, &claims, &identity, &err));
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
	enum callerid_status status;
	const char *url;

	status = callerid_verification_new(s->ctx, &s->call, &v, NULL);
	kit_oom_status(status);
	if (status != CALLERID_OK)
		return;
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, s->chain, strlen(s->chain));
	verdict = callerid_verification_verdict(v);
	kit_oom_status(verdict->status);
	if (verdict->status == CALLERID_OK) {
		assert_int_equal(verdict->verstat, CALLERID_VERSTAT_PASSED);
		status = callerid_rcd_show(&verdict->passport[0], &rcd);
		kit_oom_status(status);
		if (status == CALLERID_OK) {
			assert_string_equal(rcd.icon, s->call.contents == wrong ? "" : ICON);
			assert_string_equal(rcd.name, "Q");
		}
	}
	callerid_verification_free(v);
}

static void RC4_digests_without_memory_are_an_error(void **state)
{
	char *with_memory = digests();

	(void)state;
	assert_in_range(kit_oom_each(make_and_compare, with_memory), 1, 19999);
	free(with_memory);
}

static void RC7_signing_without_memory_is_an_error(void **state)
{
	struct scene *s = *state;
	struct signing with = {kit_signer(&s->world.leaf, true), digests()};

	assert_in_range(kit_oom_each(sign, &with), 1, 19999);
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
	assert_in_range(kit_oom_each(verify, s), 1, 19999);
	s->call.contents = wrong;
	assert_in_range(kit_oom_each(verify, s), 1, 19999);
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
