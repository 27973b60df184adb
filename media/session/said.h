/* SPDX-License-Identifier: Apache-2.0 */
/* What a party's last SDP said of one m-line: our own copy, since the message goes. */
#ifndef MEDIA_SESSION_SAID_H
#define MEDIA_SESSION_SAID_H

#include "media/dtls/dtls.h"
#include "media/sdp/sdp.h"
#include "media/srtp/sdes.h"

#define SAID_NAME_MAX	 24
#define SAID_FORMATS_MAX 32
#define SAID_CRYPTOS_MAX 8

struct said_format {
	uint8_t payload_type;
	uint8_t channels;
	uint32_t clock;
	char name[SAID_NAME_MAX];
};

struct said {
	bool known; /* there was an SDP */
	bool rejected;
	char type[16];
	char mid[33]; /* "": none, or longer than any that is in use */
	enum sdp_proto proto;
	char proto_text[32];
	bool datagrams; /* UDP that is no RTP */
	struct address rtp, rtcp;
	bool mux, mux_only, bundled, ice_lite, zero_address;
	enum sdp_direction direction;
	enum sdp_setup setup;
	unsigned mid_extension;
	struct said_format *formats;
	size_t n_formats;
	char *ufrag, *pwd; /* NULL: no ICE */
	struct sdp_candidate *candidates;
	size_t n_candidates;
	struct fingerprint fingerprints[DTLS_FINGERPRINTS_MAX];
	size_t n_fingerprints;
	char *tls_id;
	struct sdes cryptos[SAID_CRYPTOS_MAX]; /* those that we can do, in the order of the SDP */
	size_t n_cryptos;
	uint32_t ptime;
};

/* Replaces what was said before. false: no memory, and nothing is known then. */
bool said_take(struct said *said, const struct sdp *sdp, size_t index);
/* What belongs to a BUNDLE's one transport stands in one of its m-lines alone, and holds for all of
 * them: what said does not say itself is taken from there. false: as said_take(). */
bool said_share(struct said *said, const struct sdp *sdp, size_t index);
void said_free(struct said *said);
/* Is it one of the first group:BUNDLE of sdp? */
bool said_in_bundle(const struct sdp *sdp, const struct sdp_media *media);
/* "telephone-event" by payload type. */
bool said_is_named(const struct said *said, uint8_t payload_type, const char *name);

#endif
