/* SPDX-License-Identifier: Apache-2.0 */
/* A message as it stands on the wire: cookie, signature where one is asked for, dictionary. */
#ifndef MEDIA_NG_FRAME_H
#define MEDIA_NG_FRAME_H

#include "media/ng/value.h"

#define FRAME_COOKIE_MAX 255
#define FRAME_MAC_LEN	 64 /* hex digits */
#define FRAME_AUTH_MAX	 96 /* "<time>:<mac>" */

struct frame {
	const char *cookie, *auth, *body; /* auth NULL: not signed */
	size_t cookie_len, auth_len, body_len;
};

/* false: no cookie of at most FRAME_COOKIE_MAX bytes. A signature begins with a digit, which no
 * dictionary does. */
bool frame_split(const char *text, size_t len, struct frame *out);

/* Where the first message of a stream ends, as ng_bencode_frame(); -1: this is no such message. */
struct frame_scan {
	size_t body; /* where the dictionary begins; 0: not known yet */
	struct ng_scan scan;
};
long frame_size(struct frame_scan *scan, const char *text, size_t len);

struct frame_key {
	const uint8_t *bytes;
	size_t len;
	int64_t started; /* seconds since 1970 */
};
/* NULL: signed by who has the key, and now; else why not, a metric's label. */
const char *frame_check(const struct frame *frame, const struct frame_key *key, int64_t now);
/* The signature of a reply. false: no memory. */
bool frame_sign(const struct frame *reply, const struct frame_key *key,
		char mac_out[FRAME_MAC_LEN + 1]);

#endif
