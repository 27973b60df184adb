/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of keys and sets of signers with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <callerid/signer_set.h>

#include <stdlib.h>
#include <string.h>

#include "context.h"

#define STEPS_MAX 19999 /* of kit_oom_each() */

struct bed {
	struct scene *scene;
	char *good, *forged;
	long built;
};

/* Its signer has come back, so that its key waits for a table. */
static struct oom_call begin(const struct bed *b, const char *identity)
{
	struct oom_call call = {
		.scene = b->scene, .identity = identity, .passes = true, .is_known = true};

	oom_open(&call);
	oom_verify(&call);
	return call;
}

/* The table is built, or it is not, and the answers are the same. */
static void maintain(void *data)
{
	struct bed *b = data;
	long left = kit_oom_pause();
	struct oom_call good = begin(b, b->good), forged;

	kit_oom_resume(left);
	(void)callerid_context_maintain(good.ctx);
	left = kit_oom_pause();
	if (!kit_oom_failed())
		assert_int_equal(cid_keytables_count(good.ctx->keys), 1);
	b->built += kit_oom_failed() && cid_keytables_count(good.ctx->keys) > 0;
	oom_verify(&good);
	forged = (struct oom_call){
		.scene = b->scene, .identity = b->forged, .is_known = true, .ctx = good.ctx};
	oom_verify(&forged);
	free(forged.expected);
	oom_close(&good);
	kit_oom_resume(left);
}

static void a_table_without_memory_is_done_without(void **state)
{
	struct bed b = {.scene = *state, .good = kit_identity(&b.scene->world.leaf)};
	char *last;

	b.forged = strdup(b.good);
	last = strchr(b.forged, ';') - 10;
	*last = *last == 'A' ? 'B' : 'A';
	assert_in_range(kit_oom_each(maintain, &b), 1, STEPS_MAX);
	assert_int_equal(b.built, 0);
	free(b.good);
	free(b.forged);
}

struct set_bed {
	char *key, *chain;
};

static void make_set(void *data)
{
	const struct set_bed *b = data;
	struct callerid_signer_params params = {.key_pem = b->key,
						.key_len = strlen(b->key),
						.cert_pem = b->chain,
						.cert_len = strlen(b->chain),
						.x5u = KIT_URL};
	struct callerid_signer_set *set = NULL;
	struct callerid_signer *signer = NULL;
	enum callerid_status status = callerid_signer_set_new(&set, NULL);

	if (status == CALLERID_OK)
		status = callerid_signer_new(&params, &signer, NULL);
	if (status == CALLERID_OK)
		status = callerid_signer_set_give(set, signer, NULL);
	kit_oom_status(status);
	if (status == CALLERID_OK)
		assert_ptr_equal(callerid_signer_set_at(set, KIT_NOW), signer);
	else
		callerid_signer_free(signer); /* it was not taken */
	callerid_signer_set_free(set);
}

static void AS8_a_set_of_signers_without_memory_is_an_error(void **state)
{
	const struct scene *s = *state;
	struct set_bed b = {kit_key_pem(s->world.leaf.key), kit_pem(&s->world.leaf, NULL, NULL)};

	assert_in_range(kit_oom_each(make_set, &b), 1, STEPS_MAX);
	free(b.key);
	free(b.chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_table_without_memory_is_done_without),
		SCENE_TEST(AS8_a_set_of_signers_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
