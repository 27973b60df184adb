/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signers whose keys come back: bare ES256 from tables beside OpenSSL's, what a verification costs
 * with 500 known signers beside 10, and the memory of one. Short rounds in turn, medians of them.
 */
#include "tests/kit/pki.h"

#include <openssl/sha.h>

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jws.h"
#include "p256.h"

#define FEW    10
#define MANY   500
#define BATCH  500 /* verifications a round: one of each signer of the many */
#define ROUNDS 31

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "bench_keys: %s\n", what);
	exit(1);
}

/* CPU time: the machine may be doing something else as well. */
static double cpu_us(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0, "no clock");
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* Bytes of ours that are in memory. */
static size_t memory(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long size = 0, resident = 0;

	must(file != NULL && fscanf(file, "%lu %lu", &size, &resident) == 2, "no statm");
	fclose(file);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

struct member {
	struct kit_cert cert;
	struct callerid_signer *signer;
	char *chain;
};

/* A context and the signers that it knows. */
struct fleet {
	size_t n;
	struct member member[MANY];
	struct callerid_context *ctx;
	size_t bytes; /* that knowing them took */
	uint32_t calls;
};

static struct member member_new(const struct kit_world *world, size_t i)
{
	struct member m = {.cert = kit_cert(&(struct kit_spec){.cn = "SHAKEN",
							       .issuer = &world->inter,
							       .tnauth = kit_numbers,
							       .n_tnauth = 2})};
	char *key = kit_key_pem(m.cert.key), x5u[64];

	m.chain = kit_pem(&m.cert, &world->inter, NULL);
	snprintf(x5u, sizeof(x5u), "https://cert.example.org/%zu.pem", i);
	must(callerid_signer_new(&(struct callerid_signer_params){.key_pem = key,
								  .key_len = strlen(key),
								  .cert_pem = m.chain,
								  .cert_len = strlen(m.chain),
								  .x5u = x5u},
				 &m.signer, NULL) == CALLERID_OK,
	     "no signer");
	free(key);
	return m;
}

static void verify_one(struct fleet *f, const struct member *m, const char *identity)
{
	struct callerid_span span = {identity, strlen(identity)};
	struct callerid_call call = {.identity = &span,
				     .n_identity = 1,
				     .n_orig = 1,
				     .orig = {kit_party("+" KIT_FROM)},
				     .dest = kit_party("+" KIT_TO),
				     .now = KIT_NOW};
	struct callerid_verification *v = NULL;
	const char *url;

	must(callerid_verification_new(f->ctx, &call, &v, NULL) == CALLERID_OK, "no verification");
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, m->chain, strlen(m->chain));
	must(callerid_verification_verdict(v)->verstat == CALLERID_VERSTAT_PASSED,
	     "a good call did not pass");
	callerid_verification_free(v);
}

/* us for one verification, the signers taking turns; the signing before it is not counted. */
static double verify_batch(struct fleet *f)
{
	static char *identity[BATCH];
	struct callerid_claims claims = kit_claims();
	double start, spent;

	for (size_t i = 0; i < BATCH; i++) {
		snprintf(claims.origid, sizeof(claims.origid),
			 "00000000-0000-4000-8000-%012" PRIu32, f->calls++);
		must(callerid_signer_sign(f->member[i % f->n].signer, &claims, &identity[i],
					  NULL) == CALLERID_OK,
		     "no token");
	}
	start = cpu_us();
	for (size_t i = 0; i < BATCH; i++)
		verify_one(f, &f->member[i % f->n], identity[i]);
	spent = cpu_us() - start;
	for (size_t i = 0; i < BATCH; i++)
		free(identity[i]);
	return spent / BATCH;
}

static struct fleet *fleet_new(const struct kit_world *world, size_t n)
{
	struct callerid_limits limits = {.replay_entries = 65536, .key_tables = MANY};
	struct fleet *f = calloc(1, sizeof(*f));

	must(f != NULL, "no memory");
	f->n = n;
	must(callerid_context_new(&limits, &f->ctx, NULL) == CALLERID_OK, "no context");
	must(callerid_context_add_anchors(f->ctx, "test", world->anchors, strlen(world->anchors),
					  NULL) == CALLERID_OK,
	     "no anchors");
	for (size_t i = 0; i < n; i++)
		f->member[i] = member_new(world, i);
	f->bytes = memory();
	(void)verify_batch(f);
	(void)verify_batch(f);
	while (callerid_context_maintain(f->ctx))
		;
	f->bytes = memory() - f->bytes;
	return f;
}

static void fleet_free(struct fleet *f)
{
	for (size_t i = 0; i < f->n; i++) {
		kit_cert_free(&f->member[i].cert);
		callerid_signer_free(f->member[i].signer);
		free(f->member[i].chain);
	}
	callerid_context_free(f->ctx);
	free(f);
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

static void compare_fleets(struct fleet *few, struct fleet *many)
{
	double a[ROUNDS], b[ROUNDS], ratio[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		a[i] = verify_batch(few);
		b[i] = verify_batch(many);
		ratio[i] = b[i] / a[i];
	}
	printf("{\"name\": \"callerid_verify_of_500_signers\", \"value\": %.2f, \"unit\": \"us\", "
	       "\"reference\": %.2f, \"ratio\": %.3f}\n",
	       median(b), median(a), median(ratio));
	printf("{\"name\": \"callerid_memory_per_signer\", \"value\": %.0f, \"unit\": \"bytes\", "
	       "\"reference\": null, \"ratio\": null}\n",
	       (double)(many->bytes - few->bytes) / (MANY - FEW));
}

/* The bare signature, ours and OpenSSL's, of ten keys in turn. */
struct bare {
	struct cid_p256_table *base, *table[FEW];
	EVP_PKEY_CTX *verifier[FEW];
	uint8_t raw[FEW][CID_ES256_LEN];
	uint8_t digest[32];
};

static double bare_ours(const struct bare *bare)
{
	double start = cpu_us();

	for (size_t i = 0; i < BATCH; i++)
		must(cid_p256_verify(bare->base, bare->table[i % FEW], bare->digest,
				     bare->raw[i % FEW]),
		     "a good signature did not pass");
	return BATCH / (cpu_us() - start) * 1e6;
}

static double bare_theirs(const struct bare *bare)
{
	double start = cpu_us();

	for (size_t i = 0; i < BATCH; i++)
		must(cid_es256_verify_with(bare->verifier[i % FEW], "", 0, bare->raw[i % FEW]),
		     "OpenSSL does not verify");
	return BATCH / (cpu_us() - start) * 1e6;
}

static void compare_bare(const struct fleet *few)
{
	static struct bare bare;
	double a[ROUNDS], b[ROUNDS], ratio[ROUNDS];

	bare.base = cid_p256_table_base();
	must(bare.base != NULL && SHA256((const uint8_t *)"", 0, bare.digest) != NULL, "no table");
	for (size_t i = 0; i < FEW; i++) {
		EVP_PKEY *key = few->member[i].cert.key;
		uint8_t point[CID_P256_POINT_LEN];

		must(cid_p256_point(key, point), "no point");
		bare.table[i] = cid_p256_table_new(point);
		bare.verifier[i] = cid_es256_verifier(key);
		must(bare.table[i] != NULL && bare.verifier[i] != NULL, "no table");
		must(cid_es256_sign(key, "", 0, bare.raw[i], NULL) == CALLERID_OK, "no signature");
	}
	for (size_t i = 0; i < ROUNDS; i++) {
		a[i] = bare_ours(&bare);
		b[i] = bare_theirs(&bare);
		ratio[i] = a[i] / b[i];
	}
	printf("{\"name\": \"es256_verify_known_key\", \"value\": %.0f, \"unit\": \"1/s\", "
	       "\"reference\": %.0f, \"ratio\": %.3f}\n",
	       median(a), median(b), median(ratio));
	cid_p256_table_free(bare.base);
	for (size_t i = 0; i < FEW; i++) {
		cid_p256_table_free(bare.table[i]);
		EVP_PKEY_CTX_free(bare.verifier[i]);
	}
}

int main(void)
{
	struct kit_world world = kit_world();
	struct fleet *few = fleet_new(&world, FEW), *many = fleet_new(&world, MANY);

	compare_bare(few);
	compare_fleets(few, many);
	fleet_free(few);
	fleet_free(many);
	kit_world_free(&world);
	return 0;
}
