/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Full verifications and full signings per second on one core, each beside OpenSSL's own P-256 rate
 * measured in the same run: short rounds of the two in turn, and the median of the rounds' ratios.
 */
#include "tests/kit/forward.h"

#include <openssl/rand.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS	     41
#define VERIFY_BATCH 200
#define SIGN_BATCH   500
#define DER_MAX	     80
#define CHAIN	     5
#define FORWARDS     6 /* PASSporTs of a call that was forwarded five times */
#define CHAIN_BATCH  40

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_callerid: %s\n", what);
	exit(1);
}

/* CPU time: the machine may be doing something else as well. */
static double cpu_seconds(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "no clock");
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct bench {
	struct kit_world world;
	struct callerid_signer *signer;
	struct callerid_context *ctx;
	struct callerid_call call;
	char *identity[VERIFY_BATCH]; /* distinct PASSporTs of one round */
	uint8_t digest[32];
	uint8_t der[DER_MAX];
	size_t der_len;
	EVP_PKEY_CTX *to_sign, *to_verify;
};

/* One verification as a proxy does it. */
static void verify_one(struct bench *b, const char *identity)
{
	struct callerid_span span = {identity, strlen(identity)};
	struct callerid_call call = b->call;
	struct callerid_verification *v = NULL;
	const char *url;

	call.identity = &span;
	call.n_identity = 1;
	must(callerid_verification_new(b->ctx, &call, &v, NULL) == CALLERID_OK, "no verification");
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, b->world.chain, strlen(b->world.chain));
	must(callerid_verification_verdict(v)->verstat == CALLERID_VERSTAT_PASSED,
	     "a good call did not pass");
	callerid_verification_free(v);
}

static char *sign_one(struct bench *b, uint32_t n)
{
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	snprintf(claims.origid, sizeof(claims.origid), "00000000-0000-4000-8000-%012" PRIu32, n);
	must(callerid_signer_sign(b->signer, &claims, &identity, NULL) == CALLERID_OK, "no token");
	return identity;
}

static double our_verify(struct bench *b, uint32_t round)
{
	double start, seconds;

	for (uint32_t i = 0; i < VERIFY_BATCH; i++)
		b->identity[i] = sign_one(b, round * VERIFY_BATCH + i);
	start = cpu_seconds();
	for (uint32_t i = 0; i < VERIFY_BATCH; i++)
		verify_one(b, b->identity[i]);
	seconds = cpu_seconds() - start;
	for (uint32_t i = 0; i < VERIFY_BATCH; i++)
		free(b->identity[i]);
	return VERIFY_BATCH / seconds;
}

/* A forwarded call: size PASSporTs, joined by commas as in one field. */
static char *sign_chain(struct bench *b, uint32_t n, size_t size)
{
	struct callerid_claims claims = kit_claims();
	char *all = NULL, *identity = NULL;
	size_t len = 0;

	snprintf(claims.origid, sizeof(claims.origid), "00000000-0000-4000-8000-%012" PRIu32, n);
	for (size_t i = 0; i < size; i++) {
		/* A second destination makes the last forward of each call another one. */
		claims.n_dest = i + 1 < size ? 1 : 2;
		claims.dest[0] = kit_party(kit_hop[i]);
		claims.dest[1] = claims.dest[0];
		snprintf(claims.dest[1].text, sizeof(claims.dest[1].text), "9%09" PRIu32, n);
		must(callerid_signer_sign(b->signer, &claims, &identity, NULL) == CALLERID_OK,
		     "no token");
		all = realloc(all, len + strlen(identity) + 2);
		must(all != NULL, "no memory");
		if (i > 0)
			all[len++] = ',';
		memcpy(all + len, identity, strlen(identity) + 1);
		len += strlen(identity);
		free(identity);
		memcpy(claims.ppt, "div", 4);
		claims.div = kit_party(kit_hop[i]);
	}
	return all;
}

static double verify_chains(struct bench *b, uint32_t round, size_t size)
{
	const struct callerid_policy policy = {.max_signatures = (unsigned)size};
	struct callerid_call call = b->call;
	double start, seconds;

	b->call.request_uri = kit_party(kit_hop[size - 1]);
	b->call.dest = b->call.request_uri;
	b->call.policy = &policy;
	for (uint32_t i = 0; i < CHAIN_BATCH; i++)
		b->identity[i] = sign_chain(b, round * CHAIN_BATCH + i, size);
	start = cpu_seconds();
	for (uint32_t i = 0; i < CHAIN_BATCH; i++)
		verify_one(b, b->identity[i]);
	seconds = cpu_seconds() - start;
	for (uint32_t i = 0; i < CHAIN_BATCH; i++)
		free(b->identity[i]);
	b->call = call;
	return CHAIN_BATCH / seconds;
}

static double our_chain(struct bench *b, uint32_t round)
{
	return verify_chains(b, round, CHAIN);
}

static double our_forwards(struct bench *b, uint32_t round)
{
	return verify_chains(b, ROUNDS + 1 + round, FORWARDS);
}

/* With calls that our_verify() has not seen: what comes twice is a replay. */
static double our_verify_again(struct bench *b, uint32_t round)
{
	return our_verify(b, 2 * ROUNDS + round);
}

static double our_verify_more(struct bench *b, uint32_t round)
{
	return our_verify(b, 3 * ROUNDS + round);
}

static double their_verify(struct bench *b, uint32_t round)
{
	double start = cpu_seconds();

	(void)round;
	for (uint32_t i = 0; i < VERIFY_BATCH; i++)
		must(EVP_PKEY_verify(b->to_verify, b->der, b->der_len, b->digest, 32) == 1,
		     "OpenSSL does not verify");
	return VERIFY_BATCH / (cpu_seconds() - start);
}

static double our_sign(struct bench *b, uint32_t round)
{
	double start = cpu_seconds();

	for (uint32_t i = 0; i < SIGN_BATCH; i++)
		free(sign_one(b, round * SIGN_BATCH + i));
	return SIGN_BATCH / (cpu_seconds() - start);
}

static double their_sign(struct bench *b, uint32_t round)
{
	double start = cpu_seconds();
	uint8_t der[DER_MAX];

	(void)round;
	for (uint32_t i = 0; i < SIGN_BATCH; i++) {
		size_t len = sizeof(der);

		must(EVP_PKEY_sign(b->to_sign, der, &len, b->digest, 32) == 1,
		     "OpenSSL does not sign");
	}
	return SIGN_BATCH / (cpu_seconds() - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

static void compare(struct bench *b, const char *name, double (*ours)(struct bench *, uint32_t),
		    double (*theirs)(struct bench *, uint32_t))
{
	double our[ROUNDS], their[ROUNDS], ratio[ROUNDS];

	(void)ours(b, ROUNDS); /* caches warm, certificate known */
	while (callerid_context_maintain(b->ctx))
		; /* and its key's table made, as a proxy does when it has time */
	for (uint32_t i = 0; i < ROUNDS; i++) {
		our[i] = ours(b, i);
		their[i] = theirs(b, i);
		ratio[i] = our[i] / their[i];
	}
	printf("{\"name\": \"%s\", \"value\": %.0f, \"unit\": \"1/s\", \"reference\": %.0f, "
	       "\"ratio\": %.3f}\n",
	       name, median(our), median(their), median(ratio));
}

static void prepare_reference(struct bench *b)
{
	EVP_PKEY *key = b->world.leaf.key;

	must(RAND_bytes(b->digest, sizeof(b->digest)) == 1, "no randomness");
	b->to_sign = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	b->to_verify = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	must(EVP_PKEY_sign_init(b->to_sign) == 1 && EVP_PKEY_verify_init(b->to_verify) == 1,
	     "no reference");
	b->der_len = sizeof(b->der);
	must(EVP_PKEY_sign(b->to_sign, b->der, &b->der_len, b->digest, 32) == 1, "no reference");
}

int main(void)
{
	struct bench *b = calloc(1, sizeof(*b));

	must(b != NULL, "no memory");
	b->world = kit_world();
	b->signer = kit_signer(&b->world.leaf, false);
	b->call.orig[0] = kit_party("+" KIT_FROM);
	b->call.n_orig = 1;
	b->call.dest = kit_party("+" KIT_TO);
	b->call.date = (struct callerid_span){"Fri, 15 Jan 2027 08:00:00 GMT", CALLERID_DATE_LEN};
	b->call.now = KIT_NOW;
	must(callerid_context_new(NULL, &b->ctx, NULL) == CALLERID_OK, "no context");
	must(callerid_context_add_anchors(b->ctx, "test", b->world.anchors,
					  strlen(b->world.anchors), NULL) == CALLERID_OK,
	     "no anchors");
	prepare_reference(b);
	compare(b, "callerid_verify", our_verify, their_verify);
	compare(b, "callerid_sign", our_sign, their_sign);
	/* Five PASSporTs beside one: 1/5.5 is 0.182. */
	compare(b, "callerid_verify_chain", our_chain, our_verify_again);
	compare(b, "callerid_verify_five_forwards", our_forwards, our_verify_more);
	EVP_PKEY_CTX_free(b->to_sign);
	EVP_PKEY_CTX_free(b->to_verify);
	callerid_context_free(b->ctx);
	callerid_signer_free(b->signer);
	kit_world_free(&b->world);
	free(b);
	return 0;
}
