/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS-SRTP between two of ours: roles, cookies, fingerprints, identity, loss, nonsense. */
#include "media/dtls/association.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct ends {
	struct dtls_certificate *client_certificate, *server_certificate;
	struct dtls *client, *server;
	unsigned datagrams;
};

static struct fingerprint of(const struct dtls_certificate *certificate)
{
	struct fingerprint fingerprint;
	const char *text = dtls_certificate_fingerprint(certificate);

	assert_true(fingerprint_parse(text, strlen(text), &fingerprint));
	return fingerprint;
}

static struct ends ends_new(void)
{
	struct ends ends = {
		.client_certificate = dtls_certificate_new(),
		.server_certificate = dtls_certificate_new(),
	};

	assert_non_null(ends.client_certificate);
	assert_non_null(ends.server_certificate);
	ends.client = dtls_new(ends.client_certificate, DTLS_ACTIVE);
	ends.server = dtls_new(ends.server_certificate, DTLS_PASSIVE);
	assert_non_null(ends.client);
	assert_non_null(ends.server);
	return ends;
}

static void introduce(struct ends *ends)
{
	struct fingerprint client = of(ends->client_certificate);
	struct fingerprint server = of(ends->server_certificate);

	dtls_set_peer(ends->client, &server, 1);
	dtls_set_peer(ends->server, &client, 1);
}

static void ends_free(struct ends *ends)
{
	dtls_free(ends->client);
	dtls_free(ends->server);
	dtls_certificate_unref(ends->client_certificate);
	dtls_certificate_unref(ends->server_certificate);
}

static const char address[] = "192.0.2.1:4000";

/* Carries datagrams until none is left; lose: drop every lose-th (0: none). peer NULL: validated.
 */
static void carry(struct ends *ends, unsigned lose, const char *peer)
{
	uint8_t data[DTLS_DATAGRAM_MAX];
	const size_t peer_len = peer ? strlen(peer) : 0;

	for (unsigned idle = 0; idle < 2;) {
		size_t n = dtls_take(ends->client, data, sizeof(data));
		bool moved = n > 0;
		if (n > 0 && !(lose && ++ends->datagrams % lose == 0))
			dtls_receive(ends->server, data, n, peer, peer_len);
		n = dtls_take(ends->server, data, sizeof(data));
		moved = moved || n > 0;
		if (n > 0 && !(lose && ++ends->datagrams % lose == 0))
			dtls_receive(ends->client, data, n, NULL, 0);
		idle = moved ? 0 : idle + 1;
	}
}

static void handshake(struct ends *ends, const char *peer)
{
	uint64_t next;

	dtls_poll(ends->client, 1, &next);
	carry(ends, 0, peer);
}

static void assert_same_keys(struct ends *ends)
{
	struct dtls_keys client, server;

	assert_true(dtls_keys(ends->client, &client));
	assert_true(dtls_keys(ends->server, &server));
	assert_int_equal(client.suite, SUITE_AEAD_AES_128_GCM);
	assert_int_equal(server.suite, client.suite);
	assert_int_equal(client.local.len, 28);
	assert_memory_equal(client.local.bytes, server.remote.bytes, 28);
	assert_memory_equal(client.remote.bytes, server.local.bytes, 28);
	assert_memory_not_equal(client.local.bytes, client.remote.bytes, 28);
}

static void both_ends_have_the_same_keys(void **state)
{
	(void)state;
	for (int cookie = 0; cookie < 2; cookie++) {
		struct ends ends = ends_new();
		introduce(&ends);
		handshake(&ends, cookie ? address : NULL);
		assert_int_equal(dtls_state(ends.client), DTLS_CONNECTED);
		assert_int_equal(dtls_state(ends.server), DTLS_CONNECTED);
		assert_same_keys(&ends);
		ends_free(&ends);
	}
}

static void there_are_no_keys_before_the_fingerprint_is_known(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint client = of(ends.client_certificate);
	struct fingerprint server = of(ends.server_certificate);
	struct dtls_keys keys;

	dtls_set_peer(ends.client, &server, 1);
	handshake(&ends, NULL);
	assert_int_equal(dtls_state(ends.client), DTLS_CONNECTED);
	assert_int_equal(dtls_state(ends.server), DTLS_UNVERIFIED);
	assert_false(dtls_keys(ends.server, &keys));
	dtls_set_peer(ends.server, &client, 1);
	assert_int_equal(dtls_state(ends.server), DTLS_CONNECTED);
	assert_same_keys(&ends);
	ends_free(&ends);
}

static void a_certificate_that_sdp_does_not_name_gets_no_keys(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint wrong = of(ends.server_certificate);
	struct dtls_keys keys;

	dtls_set_peer(ends.client, &wrong, 1);
	dtls_set_peer(ends.server, &wrong, 1);
	handshake(&ends, NULL);
	assert_false(dtls_keys(ends.server, &keys));
	assert_int_equal(dtls_failures(ends.server), 1);
	ends_free(&ends);
}

static void the_right_peer_gets_through_after_a_wrong_one(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct dtls_certificate *other = dtls_certificate_new();
	struct dtls *stranger = dtls_new(other, DTLS_ACTIVE), *right = ends.client;

	introduce(&ends);
	ends.client = stranger;
	handshake(&ends, NULL);
	assert_int_equal(dtls_failures(ends.server), 1);
	ends.client = right;
	handshake(&ends, NULL);
	assert_int_equal(dtls_state(ends.server), DTLS_CONNECTED);
	assert_same_keys(&ends);
	dtls_free(stranger);
	dtls_certificate_unref(other);
	ends_free(&ends);
}

static void one_of_several_fingerprints_suffices(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint both[2] = {of(ends.server_certificate), of(ends.client_certificate)};

	introduce(&ends);
	dtls_set_peer(ends.server, both, 2);
	handshake(&ends, NULL);
	assert_same_keys(&ends);
	ends_free(&ends);
}

static void a_certificate_that_the_identity_did_not_sign_gets_no_keys(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint wrong = of(ends.server_certificate);
	struct dtls_keys keys;

	introduce(&ends);
	dtls_set_identity(ends.server, &wrong, 1);
	assert_int_equal(dtls_identity(ends.server), DTLS_UNBOUND);
	handshake(&ends, NULL);
	assert_int_equal(dtls_identity(ends.server), DTLS_MISMATCH);
	assert_false(dtls_keys(ends.server, &keys));
	ends_free(&ends);
}

static void a_certificate_that_the_identity_signed_is_bound(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint right = of(ends.client_certificate);

	introduce(&ends);
	dtls_set_identity(ends.server, &right, 1);
	handshake(&ends, NULL);
	assert_int_equal(dtls_identity(ends.server), DTLS_BOUND);
	assert_same_keys(&ends);
	ends_free(&ends);
}

static void an_identity_that_comes_later_takes_the_keys_away(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint wrong = of(ends.server_certificate);
	struct dtls_keys keys;

	introduce(&ends);
	handshake(&ends, NULL);
	assert_true(dtls_keys(ends.server, &keys));
	dtls_set_identity(ends.server, &wrong, 1);
	assert_false(dtls_keys(ends.server, &keys));
	assert_int_equal(dtls_identity(ends.server), DTLS_MISMATCH);
	ends_free(&ends);
}

static void lost_datagrams_are_sent_again(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	uint64_t next;

	introduce(&ends);
	/* OpenSSL's timer of a second is the only clock there is */
	for (int i = 0; i < 60 && dtls_state(ends.server) != DTLS_CONNECTED; i++) {
		dtls_poll(ends.client, (uint64_t)i + 1, &next);
		dtls_poll(ends.server, (uint64_t)i + 1, &next);
		carry(&ends, i == 0 ? 2 : 0, NULL);
		struct timespec wait = {.tv_nsec = 100000000};
		nanosleep(&wait, NULL);
	}
	assert_int_equal(dtls_state(ends.server), DTLS_CONNECTED);
	assert_same_keys(&ends);
	ends_free(&ends);
}

/* All that the client has to say, in one datagram (RFC 6347 §4.1.1: it may hold several records).
 */
static size_t joined(struct ends *ends, uint8_t *out, size_t size)
{
	size_t len = 0, n;

	while ((n = dtls_take(ends->client, out + len, size - len)) > 0)
		len += n;
	return len;
}

static void an_alert_behind_data_in_one_datagram_is_heard(void **state)
{
	static const uint8_t data[1000];
	uint8_t out[4 * DTLS_DATAGRAM_MAX];

	(void)state;
	for (int records = 1; records <= 3; records++) {
		struct ends ends = ends_new();
		struct dtls_keys keys;

		introduce(&ends);
		handshake(&ends, NULL);
		for (int i = 0; i < records; i++)
			assert_int_equal(SSL_write(ends.client->ssl, data, 300), 300);
		SSL_shutdown(ends.client->ssl);
		dtls_receive(ends.server, out, joined(&ends, out, sizeof(out)), NULL, 0);
		assert_int_equal(dtls_state(ends.server), DTLS_CLOSED);
		assert_false(dtls_keys(ends.server, &keys));
		ends_free(&ends);
	}
}

/* What is longer than a look at it takes is not in the way of what comes afterwards. */
static void an_alert_in_the_datagram_after_much_data_is_heard(void **state)
{
	static const uint8_t data[1000];
	uint8_t out[DTLS_DATAGRAM_MAX];

	(void)state;
	struct ends ends = ends_new();

	introduce(&ends);
	handshake(&ends, NULL);
	assert_int_equal(SSL_write(ends.client->ssl, data, sizeof(data)), sizeof(data));
	dtls_receive(ends.server, out, joined(&ends, out, sizeof(out)), NULL, 0);
	assert_int_equal(dtls_state(ends.server), DTLS_CONNECTED);
	SSL_shutdown(ends.client->ssl);
	dtls_receive(ends.server, out, joined(&ends, out, sizeof(out)), NULL, 0);
	assert_int_equal(dtls_state(ends.server), DTLS_CLOSED);
	ends_free(&ends);
}

static void an_alert_behind_the_end_of_the_handshake_is_heard(void **state)
{
	uint8_t data[DTLS_DATAGRAM_MAX], last[2 * DTLS_DATAGRAM_MAX];
	size_t n, len = 0;
	uint64_t next;

	(void)state;
	struct ends ends = ends_new();

	introduce(&ends);
	/* The server is the one that waits for the other's Finished, and answers with its own. */
	dtls_poll(ends.client, 1, &next);
	while (dtls_state(ends.client) != DTLS_CONNECTED) {
		while ((n = dtls_take(ends.client, data, sizeof(data))) > 0)
			dtls_receive(ends.server, data, n, NULL, 0);
		if (dtls_state(ends.server) == DTLS_CONNECTED) {
			SSL_shutdown(ends.server->ssl);
			for (len = 0; (n = dtls_take(ends.server, last + len, 1000)) > 0; len += n)
				continue;
			dtls_receive(ends.client, last, len, NULL, 0);
			break;
		}
		while ((n = dtls_take(ends.server, data, sizeof(data))) > 0)
			dtls_receive(ends.client, data, n, NULL, 0);
	}
	assert_true(len > 0);
	assert_int_equal(dtls_state(ends.client), DTLS_CLOSED);
	ends_free(&ends);
}

static void a_hello_without_cookie_makes_no_state(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	uint8_t hello[DTLS_DATAGRAM_MAX], answer[DTLS_DATAGRAM_MAX];
	uint64_t next;

	introduce(&ends);
	dtls_poll(ends.client, 1, &next);
	size_t n = dtls_take(ends.client, hello, sizeof(hello));
	assert_true(n > 0);
	for (int i = 0; i < 1000; i++) {
		char stranger[32];
		snprintf(stranger, sizeof(stranger), "198.51.100.%d:%d", i % 250, i);
		assert_true(dtls_receive(ends.server, hello, n, stranger, strlen(stranger)));
		size_t m = dtls_take(ends.server, answer, sizeof(answer));
		assert_true(m > 0 && m < n); /* a HelloVerifyRequest amplifies nothing */
		assert_int_equal(dtls_take(ends.server, answer, sizeof(answer)), 0);
	}
	assert_int_equal(dtls_state(ends.server), DTLS_NEW);
	assert_int_equal(dtls_failures(ends.server), 0);
	dtls_receive(ends.server, hello, n, address, strlen(address));
	carry(&ends, 0, address);
	assert_same_keys(&ends);
	ends_free(&ends);
}

static void nonsense_changes_nothing(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	uint8_t noise[600];
	uint32_t random = 12345;

	introduce(&ends);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2000; i++) {
			for (size_t k = 0; k < sizeof(noise); k++)
				noise[k] =
					(uint8_t)((random = random * 1664525 + 1013904223) >> 24);
			noise[0] = (uint8_t)(20 + i % 4);
			noise[1] = 0xfe;
			noise[2] = 0xfd;
			size_t len = (size_t)i % sizeof(noise);
			dtls_receive(ends.server, noise, len, address, strlen(address));
		}
		if (round == 0)
			handshake(&ends, address);
		assert_same_keys(&ends);
	}
	ends_free(&ends);
}

static void every_cut_and_every_changed_byte_of_a_hello_is_survived(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	uint8_t hello[DTLS_DATAGRAM_MAX], changed[DTLS_DATAGRAM_MAX];
	uint64_t next;

	introduce(&ends);
	dtls_poll(ends.client, 1, &next);
	size_t n = dtls_take(ends.client, hello, sizeof(hello));
	for (size_t i = 0; i < n; i++) {
		struct dtls *server = dtls_new(ends.server_certificate, DTLS_PASSIVE);
		dtls_receive(server, hello, i, NULL, 0);
		memcpy(changed, hello, n);
		changed[i] ^= 0xff;
		dtls_receive(server, changed, n, NULL, 0);
		assert_int_not_equal(dtls_state(server), DTLS_CONNECTED);
		dtls_free(server);
	}
	ends_free(&ends);
}

static void the_active_side_begins_only_when_polled_and_waits_after_a_failure(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct fingerprint wrong = of(ends.client_certificate);
	uint8_t data[DTLS_DATAGRAM_MAX];
	uint64_t next;

	assert_int_equal(dtls_take(ends.client, data, sizeof(data)), 0);
	dtls_set_peer(ends.client, &wrong, 1);
	handshake(&ends, NULL);
	assert_int_equal(dtls_failures(ends.client), 1);
	while (dtls_take(ends.client, data, sizeof(data)) > 0)
		;
	dtls_poll(ends.client, 1000, &next);
	assert_int_equal(next, 1000 + 1000000000ULL);
	assert_int_equal(dtls_take(ends.client, data, sizeof(data)), 0);
	dtls_poll(ends.client, next, &next);
	assert_true(dtls_take(ends.client, data, sizeof(data)) > 0);
	ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_have_the_same_keys),
		cmocka_unit_test(there_are_no_keys_before_the_fingerprint_is_known),
		cmocka_unit_test(a_certificate_that_sdp_does_not_name_gets_no_keys),
		cmocka_unit_test(the_right_peer_gets_through_after_a_wrong_one),
		cmocka_unit_test(one_of_several_fingerprints_suffices),
		cmocka_unit_test(a_certificate_that_the_identity_did_not_sign_gets_no_keys),
		cmocka_unit_test(a_certificate_that_the_identity_signed_is_bound),
		cmocka_unit_test(an_identity_that_comes_later_takes_the_keys_away),
		cmocka_unit_test(lost_datagrams_are_sent_again),
		cmocka_unit_test(an_alert_behind_data_in_one_datagram_is_heard),
		cmocka_unit_test(an_alert_in_the_datagram_after_much_data_is_heard),
		cmocka_unit_test(an_alert_behind_the_end_of_the_handshake_is_heard),
		cmocka_unit_test(a_hello_without_cookie_makes_no_state),
		cmocka_unit_test(nonsense_changes_nothing),
		cmocka_unit_test(every_cut_and_every_changed_byte_of_a_hello_is_survived),
		cmocka_unit_test(the_active_side_begins_only_when_polled_and_waits_after_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
