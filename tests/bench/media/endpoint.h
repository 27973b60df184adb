/* SPDX-License-Identifier: Apache-2.0 */
/* One end of a call: a socket that sends and receives RTP, by DTLS-SRTP behind ICE where asked. */
#ifndef TESTS_BENCH_MEDIA_ENDPOINT_H
#define TESTS_BENCH_MEDIA_ENDPOINT_H

#include "media/dtls/dtls.h"
#include "media/ice/ice.h"
#include "media/path/address.h"
#include "media/sdp/sdp.h"
#include "media/srtp/srtp.h"

#include <stdbool.h>
#include <stdint.h>

struct endpoint {
	int fd;
	struct address local, remote;
	bool webrtc;
	struct ice *ice;
	struct dtls *dtls;
	struct dtls_certificate *certificate;
	struct srtp_context *in, *out;
	uint16_t sequence;
	uint32_t timestamp, ssrc;
};

bool endpoint_start(void); /* once */
bool endpoint_open(struct endpoint *end, bool webrtc);
void endpoint_close(struct endpoint *end);
/* Its SDP, as an offer or an answer; returns its length. */
size_t endpoint_sdp(const struct endpoint *end, char *text, size_t size);
/* Where the relay wants its packets, from the SDP that the relay wrote. false: not what is needed.
 */
bool endpoint_meet(struct endpoint *end, const struct sdp *sdp);
/* Runs what is due. true: media can be sent. */
bool endpoint_poll(struct endpoint *end, uint64_t now);
/* Why it has no keys yet; until the next call. */
const char *endpoint_why(const struct endpoint *end);
bool endpoint_send(struct endpoint *end, uint64_t now);
/* One packet of media, if there is one; what else arrives is dealt with. */
bool endpoint_receive(struct endpoint *end, uint64_t now, uint64_t *sent_at_out);

#endif
