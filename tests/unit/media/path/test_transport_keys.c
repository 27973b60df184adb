/* SPDX-License-Identifier: Apache-2.0 */
/* Where SRTP keys of a transport come from and how long they are kept. */
#include "media/path/inside.h"

#include "path_kit.h"

#define FIRST 34200
#define LAST  34299
#define SIZE  100

/* A packet from one end to the other; the sequence number says which. */
static enum srtp_result carry(struct crypto *out, struct crypto *in, uint16_t sequence)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE] = {0x80, 0, (uint8_t)(sequence >> 8),
						   (uint8_t)sequence, [11] = 9};
	struct packet packet = {.data = data, .len = SIZE};
	enum srtp_result result = srtp_protect_packet(out->context, &packet);

	return result == SRTP_OK ? srtp_unprotect_packet(in->context, &packet) : result;
}

static struct sdes fresh(enum srtp_suite suite)
{
	struct sdes sdes;

	assert_true(sdes_make(1, suite, &sdes));
	return sdes;
}

static void set(struct crypto *crypto, const struct sdes *sdes, bool inbound)
{
	assert_true(crypto_set(crypto, sdes->suite, &sdes->key, inbound));
}

/* Beginning anew would lose the rollover counter, and GCM would use an index twice (RFC 7714 §8).
 */
static void test_the_same_key_again_goes_on_where_it_is(void **state)
{
	(void)state;
	for (enum srtp_suite suite = SUITE_NONE + 1; suite < SUITE_COUNT; suite++) {
		const struct sdes sdes = fresh(suite);
		struct crypto out = {.context = NULL}, in = {.context = NULL};

		set(&out, &sdes, false);
		set(&in, &sdes, true);
		for (uint16_t n = 65530; n != 6; n++) {
			/* Each end is told its keys again, the other one not. */
			set(n & 1 ? &out : &in, &sdes, !(n & 1));
			assert_int_equal(carry(&out, &in, n), SRTP_OK);
		}
		set(&in, &sdes, true);
		assert_int_not_equal(carry(&out, &in, 5), SRTP_OK); /* seen before */
		crypto_clear(&out);
		crypto_clear(&in);
	}
}

static void test_another_key_begins_anew_and_the_one_before_opens_nothing(void **state)
{
	const struct sdes first = fresh(SUITE_AEAD_AES_128_GCM), then = fresh(first.suite);
	struct crypto out = {.context = NULL}, in = {.context = NULL};

	(void)state;
	set(&out, &first, false);
	set(&in, &first, true);
	assert_int_equal(carry(&out, &in, 7), SRTP_OK);
	set(&in, &then, true);
	assert_int_equal(carry(&out, &in, 8), SRTP_BAD);
	set(&out, &then, false);
	assert_int_equal(carry(&out, &in, 7), SRTP_OK);
	crypto_clear(&out);
	crypto_clear(&in);
}

/* Two suites have keys of the same length: equal bytes are not the same key in both. */
static void test_the_same_bytes_in_another_suite_are_another_key(void **state)
{
	struct sdes sdes = fresh(SUITE_AES_CM_128_HMAC_SHA1_80);
	struct crypto out = {.context = NULL}, in = {.context = NULL};

	(void)state;
	set(&out, &sdes, false);
	set(&in, &sdes, true);
	sdes.suite = SUITE_AES_CM_128_HMAC_SHA1_32;
	set(&in, &sdes, true);
	assert_int_equal(in.suite, sdes.suite);
	assert_int_equal(srtp_context_suite(in.context), sdes.suite);
	assert_int_equal(carry(&out, &in, 1), SRTP_BAD);
	set(&out, &sdes, false);
	assert_int_equal(carry(&out, &in, 2), SRTP_OK);
	crypto_clear(&out);
	crypto_clear(&in);
}

static void test_a_key_that_cannot_be_leaves_the_one_before(void **state)
{
	const struct sdes sdes = fresh(SUITE_AEAD_AES_256_GCM);
	struct crypto out = {.context = NULL}, in = {.context = NULL};
	struct srtp_key cut = sdes.key;

	(void)state;
	set(&out, &sdes, false);
	set(&in, &sdes, true);
	cut.len--;
	assert_false(crypto_set(&in, sdes.suite, &cut, true));
	assert_false(crypto_set(&in, SUITE_AES_CM_128_HMAC_SHA1_80, &sdes.key, true));
	assert_false(crypto_set(&in, SUITE_NONE, &sdes.key, true));
	assert_int_equal(in.suite, sdes.suite);
	assert_int_equal(in.key.len, sdes.key.len);
	assert_int_equal(carry(&out, &in, 1), SRTP_OK);
	crypto_clear(&out);
	crypto_clear(&in);
}

static void test_what_is_cleared_is_wiped(void **state)
{
	static const struct srtp_key none;
	const struct sdes sdes = fresh(SUITE_AEAD_AES_128_GCM);
	struct crypto crypto = {.context = NULL};

	(void)state;
	set(&crypto, &sdes, false);
	for (int again = 0; again < 2; again++) {
		crypto_clear(&crypto);
		assert_null(crypto.context);
		assert_int_equal(crypto.suite, SUITE_NONE);
		assert_memory_equal(&crypto.key, &none, sizeof(none));
	}
}

/* A transport, and what is done to it in its worker. */
struct bed {
	struct transport_owner owner;
	struct port_pool *pool;
	struct worker *worker;
	struct path *path;
	struct transport *transport;
	struct dtls_certificate *certificate;
};

static void ignore(struct transport_owner *owner, struct transport *from, struct packet *packet)
{
	(void)owner, (void)from, (void)packet;
}

static void make(struct worker *worker, void *magic)
{
	struct bed *bed = magic;
	struct transport_params params = {.interface = port_pool_interface_at(bed->pool, 0),
					  .owner = &bed->owner,
					  .rtcp_mux = true};
	const char *why;

	params.path = bed->path = path_new(worker, bed->pool, 0);
	bed->transport = transport_new(&params, &why);
	assert_non_null(bed->transport);
}

static void unmake(struct worker *worker, void *magic)
{
	struct bed *bed = magic;

	(void)worker;
	transport_free(bed->transport);
	path_free(bed->path);
}

static void with_a_transport(worker_job *job)
{
	struct worker_params params = {.cpu = -1};
	struct bed bed = {.owner = {.media = ignore}, .certificate = dtls_certificate_new()};
	struct interface interface;
	const char *why;

	assert_true(interface_parse("127.0.0.1", &interface, &why));
	bed.pool = port_pool_new(&interface, 1, FIRST, LAST);
	bed.worker = worker_start(&params);
	assert_non_null(bed.worker);
	kit_run(bed.worker, make, &bed);
	kit_run(bed.worker, job, &bed);
	kit_run(bed.worker, unmake, &bed);
	worker_stop(bed.worker);
	port_pool_free(bed.pool);
	dtls_certificate_unref(bed.certificate);
}

static void learn_the_peers_key_late(struct worker *worker, void *magic)
{
	const struct sdes ours = fresh(SUITE_AEAD_AES_128_GCM), theirs = fresh(ours.suite);
	struct transport *transport = ((struct bed *)magic)->transport;
	const struct srtp_context *out, *in;

	(void)worker;
	assert_true(transport_use_sdes(transport, &ours, NULL));
	assert_int_equal(transport->security, SECURITY_SDES);
	out = transport->out.context;
	assert_non_null(out);
	assert_null(transport->in.context);
	assert_true(transport_use_sdes(transport, &ours, &theirs));
	in = transport->in.context;
	assert_non_null(in);
	/* Not said again, it is the one that was said. */
	assert_true(transport_use_sdes(transport, &ours, NULL));
	assert_ptr_equal(transport->out.context, out);
	assert_ptr_equal(transport->in.context, in);
}

static void test_what_is_sent_is_protected_before_the_peers_key_is_known(void **state)
{
	(void)state;
	with_a_transport(learn_the_peers_key_late);
}

static void change_from_dtls(struct worker *worker, void *magic)
{
	const struct sdes ours = fresh(SUITE_AEAD_AES_128_GCM), theirs = fresh(ours.suite);
	struct bed *bed = magic;
	struct transport *transport = bed->transport;

	(void)worker;
	assert_non_null(transport_use_dtls(transport, bed->certificate, DTLS_PASSIVE));
	/* As if its handshake were done. */
	set(&transport->in, &theirs, true);
	set(&transport->out, &ours, false);
	assert_true(transport_use_sdes(transport, &ours, NULL));
	assert_null(transport_dtls(transport));
	/* What DTLS agreed on is not the key of a peer that now has to name one in its SDP. */
	assert_null(transport->in.context);
	assert_non_null(transport->out.context);
}

static void test_keys_of_dtls_end_with_it(void **state)
{
	(void)state;
	with_a_transport(change_from_dtls);
}

static void change_to_plain_and_back(struct worker *worker, void *magic)
{
	const struct sdes ours = fresh(SUITE_AEAD_AES_128_GCM), theirs = fresh(ours.suite);
	struct transport *transport = ((struct bed *)magic)->transport;

	(void)worker;
	assert_true(transport_use_sdes(transport, &ours, &theirs));
	transport_use_plain(transport);
	assert_int_equal(transport->security, SECURITY_NONE);
	assert_null(transport->in.context);
	assert_null(transport->out.context);
	assert_int_equal(transport->out.key.len, 0);
	assert_true(transport_use_sdes(transport, &ours, NULL));
	assert_int_equal(transport->security, SECURITY_SDES);
	assert_null(transport->in.context);
}

static void test_plain_rtp_keeps_no_key(void **state)
{
	(void)state;
	with_a_transport(change_to_plain_and_back);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_key_again_goes_on_where_it_is),
		cmocka_unit_test(test_another_key_begins_anew_and_the_one_before_opens_nothing),
		cmocka_unit_test(test_the_same_bytes_in_another_suite_are_another_key),
		cmocka_unit_test(test_a_key_that_cannot_be_leaves_the_one_before),
		cmocka_unit_test(test_what_is_cleared_is_wiped),
		cmocka_unit_test(test_what_is_sent_is_protected_before_the_peers_key_is_known),
		cmocka_unit_test(test_keys_of_dtls_end_with_it),
		cmocka_unit_test(test_plain_rtp_keeps_no_key),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
