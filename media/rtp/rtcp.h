/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP read as it passes (RFC 3550 §6): what senders and receivers report of each other. */
#ifndef MEDIA_RTP_RTCP_H
#define MEDIA_RTP_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtcp_type { RTCP_SR = 200, RTCP_RR = 201, RTCP_SDES = 202, RTCP_BYE = 203 };

/* One packet of a compound one. */
struct rtcp_part {
	uint8_t type, count;
	const uint8_t *body; /* behind the common header of four bytes */
	size_t len;
};

/* The part at *at of a compound packet, and *at behind it. false: no more, or malformed. */
bool rtcp_next(const uint8_t *data, size_t len, size_t *at, struct rtcp_part *out);
/* RFC 3550 A.2: versions and lengths of all parts, the first a report (RFC 5506 allows others). */
bool rtcp_valid(const uint8_t *data, size_t len);

struct rtcp_sender { /* of a sender report */
	uint32_t ssrc;
	uint32_t ntp; /* the middle 32 bits: what comes back as "last SR" */
};
bool rtcp_sender(const struct rtcp_part *part, struct rtcp_sender *out); /* false: no SR */

struct rtcp_block {		 /* of a sender or receiver report */
	uint32_t ssrc;		 /* whose packets it tells of */
	uint8_t fraction_lost;	 /* in 256ths, since the last report */
	int32_t lost;		 /* all in all */
	uint32_t jitter;	 /* in units of the timestamp */
	uint32_t last_sr, delay; /* delay since then, in 65536ths of a second */
};
bool rtcp_block(const struct rtcp_part *part, size_t i,
		struct rtcp_block *out); /* false: no more */

#endif
