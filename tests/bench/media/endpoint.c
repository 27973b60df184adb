/* SPDX-License-Identifier: Apache-2.0 */
/* RTP of G.711 with the time of sending in its payload. */
#include "tests/bench/media/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAYLOAD 160

bool endpoint_start(void)
{
	return srtp_start();
}

bool endpoint_open(struct endpoint *end, bool webrtc)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	*end = (struct endpoint){.webrtc = webrtc, .ssrc = (uint32_t)random(), .sequence = 1000};
	end->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	address_parse("127.0.0.1", 9, 0, &end->local);
	socklen_t local_len = address_to_sockaddr(&end->local, &sa);
	if (end->fd < 0 || bind(end->fd, (struct sockaddr *)&sa, local_len) < 0 ||
	    getsockname(end->fd, (struct sockaddr *)&sa, &len) < 0)
		return false;
	address_from_sockaddr(&sa, &end->local);
	if (!webrtc)
		return true;
	end->certificate = dtls_certificate_new();
	end->ice = ice_new(&(struct ice_params){
		.controlling = true, .components = 1, .seed = end->local.port});
	return end->certificate && end->ice;
}

void endpoint_close(struct endpoint *end)
{
	srtp_context_free(end->in);
	srtp_context_free(end->out);
	dtls_free(end->dtls);
	dtls_certificate_unref(end->certificate);
	ice_free(end->ice);
	close(end->fd);
}

size_t endpoint_sdp(const struct endpoint *end, char *text, size_t size)
{
	int n = snprintf(text, size,
			 "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
			 "m=audio %u %s 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n",
			 end->local.port, end->webrtc ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP");

	if (end->webrtc)
		n += snprintf(
			text + n, size - (size_t)n,
			"a=rtcp-mux\r\na=setup:actpass\r\na=fingerprint:%s\r\na=ice-ufrag:%s\r\n"
			"a=ice-pwd:%s\r\na=candidate:1 1 udp 2130706431 127.0.0.1 %u typ host\r\n",
			dtls_certificate_fingerprint(end->certificate), ice_ufrag(end->ice),
			ice_pwd(end->ice), end->local.port);
	return (size_t)n;
}

static bool span_text(struct span span, char *out, size_t size)
{
	if (span.n == 0 || span.n >= size)
		return false;
	memcpy(out, span.p, span.n);
	out[span.n] = 0;
	return true;
}

bool endpoint_meet(struct endpoint *end, const struct sdp *sdp)
{
	const struct sdp_media *media = sdp->n_medias == 1 ? &sdp->medias[0] : NULL;
	char ufrag[ICE_CREDENTIAL_MAX + 1], pwd[ICE_CREDENTIAL_MAX + 1];
	struct fingerprint fingerprint;
	bool restarted;

	if (!media || media->port == 0)
		return false;
	end->remote = media->rtp;
	if (!end->webrtc)
		return true;
	if (!span_text(media->ice_ufrag, ufrag, sizeof(ufrag)) ||
	    !span_text(media->ice_pwd, pwd, sizeof(pwd)) || media->n_fingerprints == 0 ||
	    !fingerprint_parse(media->fingerprints[0].p, media->fingerprints[0].n, &fingerprint) ||
	    !ice_set_remote(end->ice, ufrag, pwd, &restarted))
		return false;
	for (size_t i = 0; i < media->n_candidates; i++)
		if (media->candidates[i].component == 1)
			ice_add_candidate(end->ice, 1, media->candidates[i].priority,
					  &media->candidates[i].address);
	end->dtls = dtls_new(end->certificate,
			     media->setup == SDP_PASSIVE ? DTLS_ACTIVE : DTLS_PASSIVE);
	dtls_set_peer(end->dtls, &fingerprint, 1);
	return true;
}

static bool send_to(struct endpoint *end, const struct address *to, const uint8_t *data, size_t len)
{
	struct sockaddr_storage sa;
	const socklen_t sa_len = address_to_sockaddr(to, &sa);

	return sendto(end->fd, data, len, 0, (struct sockaddr *)&sa, sa_len) == (ssize_t)len;
}

static void send_handshake(struct endpoint *end)
{
	const struct address *to = ice_selected(end->ice, 1);
	uint8_t data[DTLS_DATAGRAM_MAX];
	struct dtls_keys keys;
	size_t n;

	while (to && (n = dtls_take(end->dtls, data, sizeof(data))) > 0)
		send_to(end, to, data, n);
	if (end->out || !dtls_keys(end->dtls, &keys))
		return;
	end->out = srtp_context_new(keys.suite, &keys.local, false);
	end->in = srtp_context_new(keys.suite, &keys.remote, true);
	end->remote = *to;
}

bool endpoint_poll(struct endpoint *end, uint64_t now)
{
	struct ice_out out;
	unsigned events;
	uint64_t next;

	if (!end->webrtc)
		return true;
	while (ice_poll(end->ice, now, &out, &events, &next))
		send_to(end, &out.to, out.data, out.len);
	if (ice_selected(end->ice, 1)) {
		dtls_poll(end->dtls, now, &next);
		send_handshake(end);
	}
	return end->out != NULL;
}

const char *endpoint_why(const struct endpoint *end)
{
	static char text[256];
	char ice[100], dtls[120];

	snprintf(text, sizeof(text), "no keys; ICE: %s; DTLS: %s",
		 ice_why(end->ice, ice, sizeof(ice)), dtls_why(end->dtls, dtls, sizeof(dtls)));
	return text;
}

bool endpoint_send(struct endpoint *end, uint64_t now)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE] = {0x80, 0};
	struct packet packet = {.data = data, .len = 12 + PAYLOAD};

	data[2] = (uint8_t)(end->sequence >> 8);
	data[3] = (uint8_t)end->sequence++;
	end->timestamp += PAYLOAD;
	for (int i = 0; i < 4; i++) {
		data[4 + i] = (uint8_t)(end->timestamp >> (24 - 8 * i));
		data[8 + i] = (uint8_t)(end->ssrc >> (24 - 8 * i));
	}
	memcpy(data + 12, &now, sizeof(now));
	if (end->out && srtp_protect_packet(end->out, &packet) != SRTP_OK)
		return false;
	return send_to(end, &end->remote, data, packet.len);
}

static void take_other(struct endpoint *end, const struct address *from, const uint8_t *data,
		       size_t len, uint64_t now)
{
	struct ice_out out;
	unsigned events;

	switch (packet_demux(data, len)) {
	case DEMUX_STUN:
		if (ice_receive(end->ice, 1, from, data, len, now, &out, &events) == ICE_ANSWER)
			send_to(end, &out.to, out.data, out.len);
		break;
	case DEMUX_DTLS:
		if (end->dtls) {
			dtls_receive(end->dtls, data, len, NULL, 0);
			send_handshake(end);
		}
		break;
	default:
		break;
	}
}

bool endpoint_receive(struct endpoint *end, uint64_t now, uint64_t *sent_at_out)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	struct sockaddr_storage sa;
	struct address from;

	for (;;) {
		socklen_t sa_len = sizeof(sa);
		const ssize_t n = recvfrom(end->fd, data, PACKET_MAX, 0,
					   end->webrtc ? (struct sockaddr *)&sa : NULL,
					   end->webrtc ? &sa_len : NULL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		struct packet packet = {.data = data, .len = (size_t)n, .now = now};
		if (end->webrtc && packet_demux(data, (size_t)n) != DEMUX_MEDIA) {
			address_from_sockaddr(&sa, &from);
			take_other(end, &from, data, (size_t)n, now);
			continue;
		}
		if (packet_is_rtcp(data, (size_t)n) ||
		    (end->webrtc &&
		     (!end->in || srtp_unprotect_packet(end->in, &packet) != SRTP_OK)))
			continue;
		if (packet.len != 12 + PAYLOAD)
			continue;
		memcpy(sent_at_out, data + 12, sizeof(*sent_at_out));
		return true;
	}
}
