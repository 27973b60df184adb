/* SPDX-License-Identifier: Apache-2.0 */
/* One DTLS association: its handshake, its peer's certificate, its keys. */
#include "media/dtls/association.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define NANOS_PER_SECOND 1000000000ULL
#define RETRY		 NANOS_PER_SECOND /* between two attempts of the active side */

struct dtls *dtls_new(struct dtls_certificate *certificate, enum dtls_role role)
{
	struct dtls *dtls = calloc(1, sizeof(*dtls));

	if (!dtls || RAND_priv_bytes(dtls->cookie_key, sizeof(dtls->cookie_key)) != 1) {
		free(dtls);
		return NULL;
	}
	dtls->certificate = dtls_certificate_ref(certificate);
	dtls->role = role;
	dtls->why = "no handshake yet";
	return dtls;
}

/* The handshake is. */
static bool is_done(const struct dtls *dtls)
{
	return dtls->state == DTLS_UNVERIFIED || dtls->state == DTLS_CONNECTED;
}

static void forget_keys(struct dtls *dtls)
{
	OPENSSL_cleanse(&dtls->keys, sizeof(dtls->keys));
}

static void forget_handshake(struct dtls *dtls)
{
	SSL_free(dtls->ssl);
	OPENSSL_free(dtls->shown);
	dtls->ssl = NULL;
	dtls->shown = NULL;
	dtls->shown_len = 0;
	dtls->listening = false;
	dtls->datagrams.in = NULL;
}

void dtls_free(struct dtls *dtls)
{
	if (!dtls)
		return;
	forget_handshake(dtls);
	datagrams_clear(&dtls->datagrams);
	dtls_certificate_unref(dtls->certificate);
	OPENSSL_cleanse(dtls, sizeof(*dtls));
	free(dtls);
}

/* The alert or the error that ended it, for people. */
static void note_error(struct dtls *dtls)
{
	const unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	snprintf(dtls->alert, sizeof(dtls->alert), "%s", reason ? reason : "");
	ERR_clear_error();
}

/* A handshake that failed is forgotten; the association waits for the next. */
static void fail(struct dtls *dtls, const char *why)
{
	note_error(dtls);
	forget_handshake(dtls);
	forget_keys(dtls);
	dtls->failures++;
	dtls->why = why;
	dtls->state = DTLS_NEW;
}

static bool begin(struct dtls *dtls, bool cookie)
{
	SSL *ssl = SSL_new(dtls->certificate->context);
	BIO *bio = ssl ? datagrams_bio(dtls->certificate->datagrams, &dtls->datagrams) : NULL;

	if (!bio) {
		SSL_free(ssl);
		return false;
	}
	SSL_set_bio(ssl, bio, bio);
	SSL_set_app_data(ssl, dtls);
	SSL_set_mtu(ssl, DATAGRAM_MTU);
	if (dtls->role == DTLS_ACTIVE)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	if (cookie)
		SSL_set_options(ssl, SSL_OP_COOKIE_EXCHANGE);
	dtls->ssl = ssl;
	dtls->listening = cookie;
	return true;
}

static enum srtp_suite chosen_suite(SSL *ssl)
{
	const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(ssl);

	for (enum srtp_suite i = SUITE_NONE + 1; profile && i < SUITE_COUNT; i++)
		if (strcmp(srtp_suite_info(i)->openssl, profile->name) == 0)
			return i;
	return SUITE_NONE;
}

/* RFC 5764 §4.2: client key, server key, client salt, server salt. */
static bool export_keys(struct dtls *dtls)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	const enum srtp_suite suite = chosen_suite(dtls->ssl);
	const struct srtp_suite_info *info = srtp_suite_info(suite);
	const size_t key = info->key_len, salt = info->salt_len;
	uint8_t material[2 * sizeof(dtls->keys.local.bytes)];
	struct srtp_key *client = &dtls->keys.local, *server = &dtls->keys.remote;

	if (dtls->role == DTLS_PASSIVE) {
		client = &dtls->keys.remote;
		server = &dtls->keys.local;
	}
	if (suite == SUITE_NONE ||
	    SSL_export_keying_material(dtls->ssl, material, 2 * (key + salt), label,
				       sizeof(label) - 1, NULL, 0, 0) != 1)
		return false;
	dtls->keys.suite = suite;
	dtls->keys.serial = ++dtls->serial;
	client->len = server->len = key + salt;
	memcpy(client->bytes, material, key);
	memcpy(server->bytes, material + key, key);
	memcpy(client->bytes + key, material + 2 * key, salt);
	memcpy(server->bytes + key, material + 2 * key + salt, salt);
	OPENSSL_cleanse(material, sizeof(material));
	return true;
}

static bool certificate_has(const struct dtls *dtls, const struct fingerprint *wanted)
{
	struct fingerprint seen = *wanted;
	unsigned n = 0;
	const EVP_MD *hash = wanted->len == 32	 ? EVP_sha256()
			     : wanted->len == 48 ? EVP_sha384()
						 : EVP_sha512();

	return EVP_Digest(dtls->shown, dtls->shown_len, seen.digest, &n, hash, NULL) == 1 &&
	       n == wanted->len && fingerprint_equal(&seen, wanted);
}

static bool certificate_among(const struct dtls *dtls, const struct fingerprint *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (certificate_has(dtls, &wanted[i]))
			return true;
	return false;
}

/* RFC 5763 §6.7.1: media may flow before the answer has come; keys may not be used before it. */
void dtls_judge(struct dtls *dtls)
{
	if (!dtls->shown || !is_done(dtls))
		return;
	dtls->matches_sdp = certificate_among(dtls, dtls->sdp, dtls->n_sdp);
	dtls->matches_identity =
		dtls->n_identity == 0 || certificate_among(dtls, dtls->identity, dtls->n_identity);
	if (dtls->n_sdp > 0 && !dtls->matches_sdp) {
		fail(dtls, "the peer's certificate is none of its a=fingerprint");
		return;
	}
	dtls->state =
		dtls->matches_sdp && dtls->matches_identity ? DTLS_CONNECTED : DTLS_UNVERIFIED;
}

static bool note_certificate(struct dtls *dtls)
{
	X509 *x509 = SSL_get0_peer_certificate(dtls->ssl);
	unsigned char *der = NULL;
	const int len = x509 ? i2d_X509(x509, &der) : 0;

	if (len <= 0)
		return false;
	OPENSSL_free(dtls->shown);
	dtls->shown = der;
	dtls->shown_len = (size_t)len;
	return true;
}

static void finish(struct dtls *dtls)
{
	if (!export_keys(dtls)) {
		fail(dtls, "the peer offered no SRTP profile that we have");
		return;
	}
	if (!note_certificate(dtls)) {
		fail(dtls, "the peer's certificate cannot be kept");
		return;
	}
	dtls->state = DTLS_UNVERIFIED;
	dtls->alert[0] = 0;
	dtls_judge(dtls);
}

/* Takes the handshake as far as what has arrived goes. */
static void advance(struct dtls *dtls)
{
	ERR_clear_error();
	const int done = SSL_do_handshake(dtls->ssl);

	if (done == 1) {
		finish(dtls);
		return;
	}
	dtls->state = DTLS_HANDSHAKE;
	switch (SSL_get_error(dtls->ssl, done)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		break;
	default:
		fail(dtls, "the handshake failed");
	}
}

/* false: no ClientHello with our cookie; what there was to answer is in the queue. */
static bool has_cookie(struct dtls *dtls)
{
	BIO_ADDR *unused = BIO_ADDR_new();
	ERR_clear_error();
	const int heard = unused ? DTLSv1_listen(dtls->ssl, unused) : 0;

	BIO_ADDR_free(unused);
	if (heard < 0) {
		/* a stranger's nonsense: nothing has begun, nothing is counted as failed */
		ERR_clear_error();
		forget_handshake(dtls);
	}
	dtls->listening = heard <= 0;
	return heard > 0;
}

/* Alerts and retransmissions of the peer, once keys are there. A datagram may hold several records
 * (RFC 6347 §4.1.1), and what is left of one would be in the way of the next: it is read to its
 * end. Data means nothing to us, but that it is the peer's; each read takes a byte of the datagram
 * at least. true: there was some. */
static bool after_handshake(struct dtls *dtls, size_t len)
{
	uint8_t data[DTLS_DATAGRAM_MAX];
	size_t n = 0;

	ERR_clear_error();
	while (n < len && SSL_read(dtls->ssl, data, sizeof(data)) > 0)
		n++;
	ERR_clear_error();
	if (SSL_get_shutdown(dtls->ssl) & SSL_RECEIVED_SHUTDOWN) {
		forget_keys(dtls);
		dtls->state = DTLS_CLOSED;
		dtls->why = "the peer closed the association";
	}
	return n > 0;
}

static enum dtls_heard take(struct dtls *dtls, size_t len)
{
	const bool listened = dtls->listening, was_done = is_done(dtls);
	bool proved;

	if (listened && !has_cookie(dtls))
		return DTLS_ASKED;
	if (!was_done)
		advance(dtls);
	proved = listened || is_done(dtls) != was_done;
	if (is_done(dtls))
		proved = after_handshake(dtls, len) || proved;
	return proved ? DTLS_PROVED : DTLS_HEARD;
}

static bool set_peer(struct dtls *dtls, const void *peer, size_t peer_len)
{
	if (peer_len > sizeof(dtls->peer))
		return false;
	if (peer)
		memcpy(dtls->peer, peer, peer_len);
	dtls->peer_len = peer ? peer_len : 0;
	return true;
}

enum dtls_heard dtls_receive(struct dtls *dtls, const uint8_t *data, size_t len, const void *peer,
			     size_t peer_len)
{
	enum dtls_heard heard;

	/* RFC 6347 §4.1: type, version, epoch, sequence number, length */
	if (len < 13 || data[1] != 0xfe || !set_peer(dtls, peer, peer_len))
		return DTLS_UNFIT;
	if (dtls->state == DTLS_CLOSED || (!dtls->ssl && dtls->role == DTLS_ACTIVE))
		return DTLS_UNFIT;
	/* Restored: what is said in the association of before is read by nobody. */
	if (!dtls->ssl && dtls->state != DTLS_NEW)
		return DTLS_UNFIT;
	if (!dtls->ssl && !begin(dtls, peer != NULL))
		return DTLS_UNFIT;
	dtls->datagrams.in = data;
	dtls->datagrams.in_len = len;
	heard = take(dtls, len);
	dtls->datagrams.in = NULL;
	return heard;
}

void dtls_poll(struct dtls *dtls, uint64_t now, uint64_t *next_out)
{
	struct timeval left;

	*next_out = UINT64_MAX;
	if (dtls->role == DTLS_ACTIVE && dtls->state == DTLS_NEW) {
		if (dtls->failures > 0 && dtls->retry_at == 0)
			dtls->retry_at = now + RETRY;
		if (now < dtls->retry_at) {
			*next_out = dtls->retry_at;
			return;
		}
		dtls->retry_at = 0;
		if (begin(dtls, false))
			advance(dtls);
	}
	if (!dtls->ssl || dtls->listening)
		return;
	if (DTLSv1_handle_timeout(dtls->ssl) < 0 && dtls->state == DTLS_HANDSHAKE) {
		fail(dtls, "the peer does not answer");
		*next_out = dtls->role == DTLS_ACTIVE ? now + RETRY : UINT64_MAX;
		return;
	}
	if (DTLSv1_get_timeout(dtls->ssl, &left) == 1)
		*next_out = now + (uint64_t)left.tv_sec * NANOS_PER_SECOND +
			    (uint64_t)left.tv_usec * 1000;
}

size_t dtls_take(struct dtls *dtls, uint8_t *out, size_t size)
{
	return datagrams_take(&dtls->datagrams, out, size);
}

static size_t copy_fingerprints(struct fingerprint *to, const struct fingerprint *from, size_t n)
{
	if (n > DTLS_FINGERPRINTS_MAX)
		n = DTLS_FINGERPRINTS_MAX;
	if (n > 0)
		memcpy(to, from, n * sizeof(*to));
	return n;
}

void dtls_set_peer(struct dtls *dtls, const struct fingerprint *sdp, size_t n)
{
	dtls->n_sdp = copy_fingerprints(dtls->sdp, sdp, n);
	dtls_judge(dtls);
}

void dtls_set_identity(struct dtls *dtls, const struct fingerprint *signed_, size_t n)
{
	dtls->n_identity = copy_fingerprints(dtls->identity, signed_, n);
	dtls_judge(dtls);
}

enum dtls_state dtls_state(const struct dtls *dtls)
{
	return dtls->state;
}

enum dtls_role dtls_role(const struct dtls *dtls)
{
	return dtls->role;
}

enum dtls_identity dtls_identity(const struct dtls *dtls)
{
	if (dtls->n_identity == 0 || !is_done(dtls))
		return DTLS_UNBOUND;
	return dtls->matches_identity ? DTLS_BOUND : DTLS_MISMATCH;
}

bool dtls_keys(const struct dtls *dtls, struct dtls_keys *out)
{
	if (dtls->state != DTLS_CONNECTED)
		return false;
	*out = dtls->keys;
	return true;
}

unsigned dtls_failures(const struct dtls *dtls)
{
	return dtls->failures;
}

const char *dtls_why(const struct dtls *dtls, char *text_out, size_t size)
{
	const char *why = dtls->why;

	if (dtls->state == DTLS_CONNECTED)
		why = "connected";
	else if (dtls->state == DTLS_UNVERIFIED)
		why = dtls_identity(dtls) == DTLS_MISMATCH
			      ? "the caller's signed identity does not name the peer's certificate"
			      : "the handshake is done, but no a=fingerprint of the peer has come";
	else if (dtls->state == DTLS_HANDSHAKE)
		why = "the handshake is under way";
	snprintf(text_out, size, dtls->alert[0] && why == dtls->why ? "%s (%s)" : "%s", why,
		 dtls->alert);
	return text_out;
}
