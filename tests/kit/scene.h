/* SPDX-License-Identifier: Apache-2.0 */
/* One call and what it takes to verify it: a test changes what it is about, then verifies. */
#ifndef TESTS_KIT_SCENE_H
#define TESTS_KIT_SCENE_H

#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define SCENE_HEADER                                                                               \
	"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define SCENE_CLAIMS(iat, from, to)                                                                \
	"{\"attest\":\"A\",\"dest\":{\"tn\":[\"" to "\"]},\"iat\":" iat                            \
	",\"orig\":{\"tn\":\"" from "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}"
#define SCENE_PAYLOAD	 SCENE_CLAIMS("1800000000", KIT_FROM, KIT_TO)
#define SCENE_PARAMETERS ";info=<" KIT_URL ">;alg=ES256;ppt=shaken"
#define SCENE_DATE	 "Fri, 15 Jan 2027 08:00:00 GMT" /* KIT_NOW */

/* Everything one test needs. */
struct scene {
	struct kit_world world;
	struct callerid_context *ctx;
	struct callerid_policy policy;
	struct callerid_call call;
	struct callerid_span identity[32];
	char *texts[32];
	size_t n_texts;
	const char *chain;	   /* what stands at every URL; NULL: nothing can be had */
	const char *list_url;	   /* another URL, where list stands; NULL: there is none */
	struct callerid_span list; /* p NULL: it cannot be had */
	unsigned asked;		   /* how many URLs were asked for */
	char *own_chain;	   /* of scene_signed_by() */
	struct callerid_verification *v;
};

/* cmocka's: *state becomes a struct scene with a call that passes, but for its Identity. */
int scene_setup(void **state);
int scene_teardown(void **state);

void scene_add(struct scene *s, char *text); /* one more Identity field; takes text */
/* A token of the world's signer over any two texts, with SCENE_PARAMETERS. */
void scene_add_token(struct scene *s, const char *header, const char *payload);
void scene_add_good(struct scene *s);

/* The one Identity is signed by leaf over payload; leaf, issuer, above (NULL ends) stand at its
 * URL. What was known of the URL is forgotten, and replays are not looked at. */
void scene_signed_by(struct scene *s, const struct kit_cert *leaf, const struct kit_cert *issuer,
		     const struct kit_cert *above, const char *payload);

/* token and parameters in one text, the caller's; frees token. */
char *scene_join(char *token, const char *parameters);

/* What stands at url: the list, else the chain. Borrowed. */
struct callerid_span scene_body_at(const struct scene *s, const char *url);

const struct callerid_verdict *scene_verify(struct scene *s);

/* The verdict's reason is this one, found by this check; nothing before it failed. */
void scene_expect(struct scene *s, enum callerid_reason reason, enum callerid_check by);
void scene_expect_passed(struct scene *s);

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

#endif
