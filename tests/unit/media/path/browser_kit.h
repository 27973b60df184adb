/* SPDX-License-Identifier: Apache-2.0 */
/* A browser on loopback: full and controlling ICE, active DTLS, SRTP; of the rooms' own code, with
 * a socket. */
#ifndef TESTS_UNIT_MEDIA_PATH_BROWSER_KIT_H
#define TESTS_UNIT_MEDIA_PATH_BROWSER_KIT_H

#include "media/dtls/dtls.h"
#include "media/ice/ice.h"
#include "media/rtp/packet.h"
#include "media/srtp/srtp.h"

#include <time.h>

#include "path_kit.h"

struct browser {
	int fd;
	struct address at, relay;
	struct ice *ice;
	struct dtls_certificate *certificate;
	struct dtls *dtls;
	unsigned serial;
	struct srtp_context *in, *out;
	uint8_t media[PACKET_MAX + PACKET_SPARE]; /* the last packet received, in the clear */
	size_t media_len;
	unsigned received;
};

static inline struct fingerprint browser_fingerprint(const struct dtls_certificate *certificate)
{
	const char *text = dtls_certificate_fingerprint(certificate);
	struct fingerprint fingerprint;

	assert_true(fingerprint_parse(text, strlen(text), &fingerprint));
	return fingerprint;
}

static inline void browser_open(struct browser *browser, const char *ip)
{
	const struct ice_params params = {.controlling = true, .components = 1, .seed = 42};

	*browser = (struct browser){.fd = -1};
	browser->fd = kit_peer(ip, &browser->at);
	browser->ice = ice_new(&params);
	browser->certificate = dtls_certificate_new();
	assert_non_null(browser->ice);
	assert_non_null(browser->certificate);
	browser->dtls = dtls_new(browser->certificate, DTLS_ACTIVE);
	assert_non_null(browser->dtls);
}

static inline void browser_close(struct browser *browser)
{
	close(browser->fd);
	ice_free(browser->ice);
	dtls_free(browser->dtls);
	dtls_certificate_unref(browser->certificate);
	srtp_context_free(browser->in);
	srtp_context_free(browser->out);
}

/* What the relay's SDP says. */
static inline void browser_signal(struct browser *browser, const struct address *relay,
				  struct ice *relay_ice, const struct dtls_certificate *certificate)
{
	struct fingerprint fingerprint = browser_fingerprint(certificate);
	bool restarted;

	browser->relay = *relay;
	assert_true(
		ice_set_remote(browser->ice, ice_ufrag(relay_ice), ice_pwd(relay_ice), &restarted));
	assert_true(ice_add_candidate(browser->ice, 1, 2130706431, relay));
	dtls_set_peer(browser->dtls, &fingerprint, 1);
}

static inline uint64_t browser_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline void browser_take_keys(struct browser *browser)
{
	struct dtls_keys keys;

	if (!dtls_keys(browser->dtls, &keys) || keys.serial == browser->serial)
		return;
	srtp_context_free(browser->in);
	srtp_context_free(browser->out);
	browser->serial = keys.serial;
	browser->in = srtp_context_new(keys.suite, &keys.remote, true);
	browser->out = srtp_context_new(keys.suite, &keys.local, false);
}

static inline void browser_say(struct browser *browser)
{
	uint8_t data[DTLS_DATAGRAM_MAX];
	struct ice_out out;
	unsigned events;
	uint64_t next;
	size_t len;

	while (ice_poll(browser->ice, browser_now(), &out, &events, &next))
		kit_send(browser->fd, &out.to, out.data, out.len);
	if (!ice_selected(browser->ice, 1))
		return;
	dtls_poll(browser->dtls, browser_now(), &next);
	while ((len = dtls_take(browser->dtls, data, sizeof(data))) > 0)
		kit_send(browser->fd, ice_selected(browser->ice, 1), data, len);
	browser_take_keys(browser);
}

static inline void browser_take_media(struct browser *browser, const uint8_t *data, size_t len)
{
	struct packet packet = {
		.data = browser->media, .len = len, .rtcp = packet_is_rtcp(data, len)};

	memcpy(browser->media, data, len);
	assert_non_null(browser->in);
	assert_int_equal(srtp_unprotect_packet(browser->in, &packet), SRTP_OK);
	browser->media_len = packet.len;
	browser->received++;
}

/* One datagram, if one comes within 5 ms. */
static inline void browser_hear(struct browser *browser)
{
	uint8_t data[PACKET_MAX];
	ssize_t n = kit_receive(browser->fd, data, sizeof(data), 5);
	struct ice_out out;
	unsigned events;

	if (n <= 0)
		return;
	switch (packet_demux(data, (size_t)n)) {
	case DEMUX_STUN:
		if (ice_receive(browser->ice, 1, &browser->relay, data, (size_t)n, browser_now(),
				&out, &events) == ICE_ANSWER)
			kit_send(browser->fd, &out.to, out.data, out.len);
		break;
	case DEMUX_DTLS:
		dtls_receive(browser->dtls, data, (size_t)n, NULL, 0);
		break;
	case DEMUX_MEDIA:
		browser_take_media(browser, data, (size_t)n);
		break;
	case DEMUX_ZRTP:
	case DEMUX_TURN:
	case DEMUX_UNKNOWN:
		fail_msg("the relay sent what is nothing");
	}
}

/* Until it has keys; false: not within KIT_WAIT_MS. */
static inline bool browser_connect(struct browser *browser)
{
	uint64_t end = browser_now() + KIT_WAIT_MS * 1000000ull;

	while (!browser->out && browser_now() < end) {
		browser_say(browser);
		browser_hear(browser);
	}
	/* The last flight of the handshake. */
	browser_say(browser);
	return browser->out;
}

static inline void browser_send(struct browser *browser, const uint8_t *data, size_t len)
{
	uint8_t copy[PACKET_MAX + PACKET_SPARE];
	struct packet packet = {.data = copy, .len = len, .rtcp = packet_is_rtcp(data, len)};

	memcpy(copy, data, len);
	assert_non_null(browser->out);
	assert_int_equal(srtp_protect_packet(browser->out, &packet), SRTP_OK);
	kit_send(browser->fd, &browser->relay, copy, packet.len);
}

/* Until another packet of media has come. */
static inline bool browser_wait_media(struct browser *browser, int ms)
{
	uint64_t end = browser_now() + (uint64_t)ms * 1000000;
	unsigned before = browser->received;

	do
		browser_hear(browser);
	while (browser->received == before && browser_now() < end);
	return browser->received > before;
}

#endif
