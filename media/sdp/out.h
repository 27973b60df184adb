/* SPDX-License-Identifier: Apache-2.0 */
/* Text under way, of at most SDP_MAX bytes. What fails once fails at the end only. */
#ifndef MEDIA_SDP_OUT_H
#define MEDIA_SDP_OUT_H

#include "media/sdp/sdp.h"

struct sdp_out {
	char *p;
	size_t n;
	bool failed; /* no memory, or longer than SDP_MAX */
	const char *eol;
	bool eol_due; /* the last line came without an end, and gets one if another follows */
};

bool sdp_out_open(struct sdp_out *out, const char *eol);

void sdp_out_span(struct sdp_out *out, struct span s);
/* Pieces one after another up to the first NULL. */
void sdp_out_texts(struct sdp_out *out, const char *const *texts);
#define sdp_out_text(out, ...) sdp_out_texts((out), (const char *const[]){__VA_ARGS__, NULL})
void sdp_out_number(struct sdp_out *out, uint64_t n);
void sdp_out_eol(struct sdp_out *out);
/* As it came; one that had no end gets ours where another follows. */
void sdp_out_line(struct sdp_out *out, const struct sdp_line *line);
/* "IN IP4 192.0.2.1" */
void sdp_out_address(struct sdp_out *out, const struct address *address);

/* The text and tail with a NUL, the caller's; NULL: it failed. */
char *sdp_out_close(struct sdp_out *out, struct span tail, size_t *len_out);

#endif
