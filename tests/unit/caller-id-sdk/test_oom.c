/* SPDX-License-Identifier: Apache-2.0 */
/* The public API with the n-th allocation failing, n = 0, 1, 2 ...: ours, OpenSSL's and jansson's.
 */
#include "tests/kit/forward.h"

#include <jansson.h>
#include <openssl/crypto.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS_MAX 20000

/* The linker sends the library's calls here (--wrap); OpenSSL and jansson are told to come. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static long left = -1; /* allocations until one fails; negative: none does */
static bool failed;

static bool fails_now(void)
{
	if (left < 0)
		return false;
	if (left-- > 0)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(p, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_malloc(size);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_realloc(p, size);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

struct bed {
	struct kit_world world;
	char *crl;
	char *key;
	char *good, *forged, *forwarded, *forged_forward;
	struct callerid_signer *signer;
	struct callerid_policy policy;
	char *crl_issuers;		/* PEM; NULL: none */
	struct callerid_certlint *lint; /* of world.chain */
};

/* Runs one part with the n-th allocation failing, until it runs through without reaching it; n goes
 * from first on by step. */
static void with_some_failures(void (*part)(const struct bed *b), const struct bed *b, long first,
			       long step)
{
	long n;

	left = -1;
	part(b); /* what OpenSSL makes once, it makes now */
	for (n = first; n < STEPS_MAX; n += step) {
		failed = false;
		left = n;
		part(b);
		left = -1;
		if (!failed)
			break;
	}
	assert_in_range(n, 1, STEPS_MAX - 1);
}

static void with_failures(void (*part)(const struct bed *b), const struct bed *b)
{
	with_some_failures(part, b, 0, 1);
}

static struct callerid_context *context_of(const struct bed *b)
{
	struct callerid_context *ctx = NULL;
	struct callerid_limits limits = {.replay_entries = 16};
	struct callerid_error err;

	if (callerid_context_new(&limits, &ctx, &err) != CALLERID_OK)
		return NULL;
	if (callerid_context_set_anchors(ctx, "test", "1", b->world.anchors,
					 strlen(b->world.anchors), &err) == CALLERID_OK &&
	    (b->crl_issuers == NULL ||
	     callerid_context_add_crl_issuers(ctx, b->crl_issuers, strlen(b->crl_issuers), &err) ==
		     CALLERID_OK) &&
	    callerid_context_add_crl(ctx, b->crl, strlen(b->crl), &err) == CALLERID_OK)
		return ctx;
	callerid_context_free(ctx);
	return NULL;
}

static struct callerid_call call_of(const struct callerid_span *identity)
{
	struct callerid_call call = {
		.identity = identity, .n_identity = 1, .n_orig = 1, .now = KIT_NOW};

	call.orig[0].kind = CALLERID_PARTY_TN;
	memcpy(call.orig[0].text, KIT_FROM, sizeof(KIT_FROM));
	call.dest.kind = CALLERID_PARTY_TN;
	memcpy(call.dest.text, KIT_TO, sizeof(KIT_TO));
	return call;
}

/* The verdict on one identity, rendered; may_pass says whether "passed" would be right. */
static void verify(struct callerid_context *ctx, const struct bed *b, const char *identity,
		   bool may_pass)
{
	struct callerid_span span = {identity, strlen(identity)};
	struct callerid_call call = call_of(&span);
	struct callerid_verification *v = NULL;
	const struct callerid_verdict *verdict;
	const char *url;

	call.policy = &b->policy;
	if (callerid_verification_new(ctx, &call, &v, NULL) != CALLERID_OK)
		return;
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, b->world.chain, strlen(b->world.chain));
	verdict = callerid_verification_verdict(v);
	if (!may_pass && verdict->reason == CALLERID_REASON_OK)
		fail_msg("a forged call passed");
	if (!failed && may_pass && verdict->reason != CALLERID_REASON_OK)
		fail_msg("a good call did not pass: %s",
			 callerid_reason_info(verdict->reason)->name);
	free(callerid_verdict_json(verdict));
	free(callerid_verdict_explain(verdict));
	callerid_verification_free(v);
}

static void verify_good(const struct bed *b)
{
	struct callerid_context *ctx = context_of(b);

	if (ctx != NULL)
		verify(ctx, b, b->good, true);
	callerid_context_free(ctx);
}

static void verify_forged(const struct bed *b)
{
	struct callerid_context *ctx = context_of(b);

	if (ctx != NULL)
		verify(ctx, b, b->forged, false);
	callerid_context_free(ctx);
}

static void sign(const struct bed *b)
{
	struct callerid_signer_params params = {
		.key_pem = b->key,
		.key_len = strlen(b->key),
		.cert_pem = b->world.chain,
		.cert_len = strlen(b->world.chain),
		.x5u = KIT_URL,
	};
	struct callerid_signer *signer = NULL;
	struct callerid_claims claims = {.ppt = "shaken",
					 .iat = KIT_NOW,
					 .n_dest = 1,
					 .attest = CALLERID_ATTEST_A,
					 .origid = "123e4567-e89b-42d3-a456-426614174000"};
	struct callerid_error err;
	char *identity = NULL;

	claims.orig = call_of(NULL).orig[0];
	claims.dest[0] = call_of(NULL).dest;
	if (callerid_signer_new(&params, &signer, &err) != CALLERID_OK)
		return;
	if (callerid_signer_sign(signer, &claims, &identity, &err) == CALLERID_OK)
		free(identity);
	callerid_signer_free(signer);
}

/* OpenSSL does not always say that it was memory that it lacked to read a key or to verify. */
static bool asks_openssl(const char *rule)
{
	return strcmp(rule, "key_point") == 0 || strcmp(rule, "chain_signature") == 0;
}

/* No rule of ours fails for want of memory: its answer is the one with memory. */
static void lint(const struct bed *b)
{
	struct callerid_certlint *found = NULL;
	enum callerid_status status = callerid_certlint_run(b->world.chain, strlen(b->world.chain),
							    CALLERID_CERTLINT_AUTO, &found, NULL);

	if (status != CALLERID_OK) {
		/* OpenSSL's reader of PEM fails without a word for some allocations. */
		assert_true(status == CALLERID_ENOMEM || status == CALLERID_ESYNTAX);
		return;
	}
	for (size_t i = 0; i < callerid_certlint_count(found); i++)
		for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
			const struct callerid_certlint_answer *a =
				callerid_certlint_answer(found, i, r);

			if (a->result == CALLERID_CERTLINT_FAIL && !asks_openssl(a->rule->id) &&
			    callerid_certlint_answer(b->lint, i, r)->result != a->result)
				fail_msg("%s: %s", a->rule->id, a->why);
		}
	callerid_certlint_free(found);
}

/* A context that knows the signer's key already: what fails is the set's own memory. */
static struct callerid_context *warm_context_of(const struct bed *b)
{
	struct callerid_context *ctx;
	long kept = left;

	left = -1;
	ctx = context_of(b);
	verify(ctx, b, b->good, true);
	left = kept;
	return ctx;
}

static void verify_forwarded(const struct bed *b)
{
	struct callerid_context *ctx = warm_context_of(b);

	verify(ctx, b, b->forwarded, true);
	callerid_context_free(ctx);
}

static void verify_forged_forward(const struct bed *b)
{
	struct callerid_context *ctx = warm_context_of(b);

	verify(ctx, b, b->forged_forward, false);
	callerid_context_free(ctx);
}

static void sign_forward(const struct bed *b)
{
	struct callerid_claims claims = {.ppt = "div-o", .iat = KIT_NOW, .n_dest = 1};
	struct callerid_error err;
	char *identity = NULL;

	claims.orig = call_of(NULL).orig[0];
	claims.dest[0] = call_of(NULL).dest;
	claims.div = claims.orig;
	claims.opt = "e30.e30.AAAA";
	if (callerid_signer_sign(b->signer, &claims, &identity, &err) == CALLERID_OK)
		free(identity);
}

/* A div-o to hop 1 with the original inside, and a div from there to KIT_TO by last's key. */
static char *forward_twice(struct callerid_signer *signer, const struct kit_cert *last)
{
	struct kit_step step = {.div = kit_hop[0], .dest = kit_hop[1]};
	char *first = kit_step(signer, &(struct kit_step){.dest = kit_hop[0]});
	char *token = kit_token(last->key,
				"{\"alg\":\"ES256\",\"ppt\":\"div\",\"typ\":\"passport\","
				"\"x5u\":\"" KIT_URL "\"}",
				"{\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"div\":{\"tn\":"
				"\"12155559001\"},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
				"\"}}");
	char *second, *all = NULL;

	step.inner = first;
	second = kit_step(signer, &step);
	if (asprintf(&all, "%s,%s;info=<" KIT_URL ">;ppt=div", second, token) < 0)
		abort();
	free(first);
	free(second);
	free(token);
	return all;
}

static int setup(void **state)
{
	static struct bed b;
	char *dot, *other;

	b.world = kit_world();
	b.crl = kit_crl(&b.world.inter, 77, KIT_NOW + KIT_DAY);
	b.key = kit_key_pem(b.world.leaf.key);
	b.good = kit_identity(&b.world.leaf);
	b.forged = kit_identity(&b.world.leaf);
	b.signer = kit_signer(&b.world.leaf, false);
	b.forwarded = forward_twice(b.signer, &b.world.leaf);
	b.forged_forward = forward_twice(b.signer, &b.world.inter);
	/* The same words under a signature of the CA's key. */
	other = kit_token(b.world.inter.key, "{}", "{}");
	dot = strchr(strchr(b.forged, '.') + 1, '.');
	memcpy(dot, strrchr(other, '.'), strlen(strrchr(other, '.')));
	free(other);
	if (callerid_certlint_run(b.world.chain, strlen(b.world.chain), CALLERID_CERTLINT_AUTO,
				  &b.lint, NULL) != CALLERID_OK)
		return -1;
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;

	kit_world_free(&b->world);
	free(b->crl);
	free(b->key);
	free(b->good);
	free(b->forged);
	free(b->forwarded);
	free(b->forged_forward);
	callerid_signer_free(b->signer);
	callerid_certlint_free(b->lint);
	return 0;
}

static void a_verification_without_memory_ends_in_a_verdict_or_an_error(void **state)
{
	with_failures(verify_good, *state);
}

static void no_failed_allocation_lets_a_forgery_pass(void **state)
{
	with_failures(verify_forged, *state);
}

static void a_signing_without_memory_is_an_error(void **state)
{
	with_failures(sign, *state);
}

static void a_lint_without_memory_ends_in_answers_or_an_error(void **state)
{
	with_failures(lint, *state);
}

/* DER of mustInclude attest, permittedValues attest: A. */
static const uint8_t only_a[] = {0x30, 0x22, 0xa0, 0x0a, 0x30, 0x08, 0x16, 0x06, 'a',
				 't',  't',  'e',  's',	 't',  0xa1, 0x14, 0x30, 0x12,
				 0x30, 0x10, 0x16, 0x06, 'a',  't',  't',  'e',	 's',
				 't',  0x30, 0x06, 0x0c, 0x01, 'A',  0x0c, 0x01, 'Z'};

static char *token_of(const struct kit_cert *leaf, const char *attest)
{
	static const char header[] =
		"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL
		"\"}";
	char *payload = NULL, *token, *identity = NULL;

	assert_true(asprintf(&payload,
			     "{\"attest\":\"%s\",\"dest\":{\"tn\":[\"" KIT_TO
			     "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			     "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}",
			     attest) > 0);
	token = kit_token(leaf->key, header, payload);
	assert_true(asprintf(&identity, "%s;info=<" KIT_URL ">;alg=ES256;ppt=shaken", token) > 0);
	free(token);
	free(payload);
	return identity;
}

/* A delegate whose certificate constrains its claims, and an indirect CRL about others. */
static void make_delegate(struct bed *b)
{
	struct kit_cert crl_issuer =
		kit_cert(&(struct kit_spec){.cn = "CRLs", .usage = "critical,cRLSign"});
	struct kit_revoked list = {&crl_issuer, true};

	b->world = kit_world();
	kit_cert_free(&b->world.inter);
	kit_cert_free(&b->world.leaf);
	free(b->world.chain);
	b->world.inter = kit_cert(&(struct kit_spec){.cn = "Delegate CA",
						     .issuer = &b->world.root,
						     .basic = "critical,CA:TRUE",
						     .usage = "critical,keyCertSign,cRLSign",
						     .tnauth = kit_numbers,
						     .n_tnauth = 2});
	b->world.leaf = kit_cert(&(struct kit_spec){.cn = "Enterprise",
						    .issuer = &b->world.inter,
						    .tnauth = kit_numbers,
						    .n_tnauth = 1,
						    .extra_oid = "1.3.6.1.5.5.7.1.27",
						    .extra_der = only_a,
						    .extra_len = sizeof(only_a),
						    .crl_url = "https://crl.example.org/"});
	b->world.chain = kit_pem(&b->world.leaf, &b->world.inter, NULL);
	b->crl = kit_crl_of(&(struct kit_crl_spec){.issuer = &crl_issuer,
						   .revoked = &list,
						   .n_revoked = 1,
						   .idp = "critical,indirectCRL:TRUE"});
	b->crl_issuers = kit_pem(&crl_issuer, NULL, NULL);
	b->key = kit_key_pem(b->world.leaf.key);
	b->good = token_of(&b->world.leaf, "A");
	b->forged = token_of(&b->world.leaf, "B"); /* not forged: not permitted */
	kit_cert_free(&crl_issuer);
}

static void free_delegate(struct bed *b)
{
	kit_world_free(&b->world);
	free(b->crl);
	free(b->crl_issuers);
	free(b->key);
	free(b->good);
	free(b->forged);
}

static void ce5_ce6_ce9_no_failed_allocation_loosens_a_delegates_bounds(void **state)
{
	struct bed b = {.crl = NULL};

	(void)state;
	make_delegate(&b);
	/* Both go the same way to the end: between them each allocation fails. */
	with_some_failures(verify_good, &b, 0, 2);
	with_some_failures(verify_forged, &b, 1, 2);
	with_some_failures(sign, &b, 0, 2);
	free_delegate(&b);
}

/* x5c, in place of what stands at x5u. */
static void ce12_x5c_without_memory_ends_in_a_verdict(void **state)
{
	const struct bed *whole = *state;
	struct bed b = *whole;
	unsigned char *der = NULL, b64[4096];
	int n = i2d_X509(b.world.leaf.x, &der);
	char *token = NULL, *identity = NULL, *header = NULL, *inter;

	assert_in_range(n, 1, 3000);
	(void)EVP_EncodeBlock(b64, der, n);
	OPENSSL_free(der);
	der = NULL;
	n = i2d_X509(b.world.inter.x, &der);
	inter = calloc(1, 4096);
	(void)EVP_EncodeBlock((unsigned char *)inter, der, n);
	OPENSSL_free(der);
	assert_true(asprintf(&header,
			     "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5c\":["
			     "\"%s\","
			     "\"%s\"],\"x5u\":\"" KIT_URL "\"}",
			     (char *)b64, inter) > 0);
	token = kit_token(b.world.leaf.key, header,
			  "{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO
			  "\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			  "\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}");
	assert_true(asprintf(&identity, "%s;info=<" KIT_URL ">;alg=ES256;ppt=shaken", token) > 0);
	b.good = identity;
	b.policy.accept_x5c = true;
	with_some_failures(verify_good, &b, 0, 2);
	free(identity);
	free(token);
	free(header);
	free(inter);
}

static void dv6_a_chain_without_memory_ends_in_a_verdict_or_an_error(void **state)
{
	with_failures(verify_forwarded, *state);
}

static void dv6_no_failed_allocation_lets_a_forged_forward_pass(void **state)
{
	with_failures(verify_forged_forward, *state);
}

static void dv7_signing_a_div_o_without_memory_is_an_error(void **state)
{
	with_failures(sign_forward, *state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verification_without_memory_ends_in_a_verdict_or_an_error),
		cmocka_unit_test(no_failed_allocation_lets_a_forgery_pass),
		cmocka_unit_test(a_signing_without_memory_is_an_error),
		cmocka_unit_test(dv6_a_chain_without_memory_ends_in_a_verdict_or_an_error),
		cmocka_unit_test(dv6_no_failed_allocation_lets_a_forged_forward_pass),
		cmocka_unit_test(dv7_signing_a_div_o_without_memory_is_an_error),
		cmocka_unit_test(ce5_ce6_ce9_no_failed_allocation_loosens_a_delegates_bounds),
		cmocka_unit_test(ce12_x5c_without_memory_ends_in_a_verdict),
		cmocka_unit_test(a_lint_without_memory_ends_in_answers_or_an_error),
	};

	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;
	json_set_alloc_funcs(__wrap_malloc, free);
	return cmocka_run_group_tests(tests, setup, teardown);
}
