/* SPDX-License-Identifier: Apache-2.0 */
/* Text under way, of at most SDP_MAX bytes. */
#include "media/sdp/out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svc/runtime/wipe.h"

bool sdp_out_open(struct sdp_out *out, const char *eol)
{
	*out = (struct sdp_out){.p = malloc(SDP_MAX + 1), .eol = eol};
	out->failed = out->p == NULL;
	return !out->failed;
}

static void append(struct sdp_out *out, struct span s)
{
	if (out->failed || s.n > SDP_MAX - out->n) {
		out->failed = true;
		return;
	}
	if (s.n > 0)
		memcpy(out->p + out->n, s.p, s.n);
	out->n += s.n;
}

void sdp_out_span(struct sdp_out *out, struct span s)
{
	if (out->eol_due)
		append(out, (struct span){out->eol, strlen(out->eol)});
	out->eol_due = false;
	append(out, s);
}

void sdp_out_texts(struct sdp_out *out, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		sdp_out_span(out, (struct span){*texts, strlen(*texts)});
}

void sdp_out_number(struct sdp_out *out, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	sdp_out_text(out, text);
}

void sdp_out_eol(struct sdp_out *out)
{
	sdp_out_text(out, out->eol);
}

void sdp_out_line(struct sdp_out *out, const struct sdp_line *line)
{
	sdp_out_span(out, line->text);
	sdp_out_span(out, (struct span){line->text.p + line->text.n, line->n_end});
	out->eol_due = line->n_end == 0;
}

void sdp_out_address(struct sdp_out *out, const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	sdp_out_text(out, address->family == 6 ? "IN IP6 " : "IN IP4 ",
		     address_ip_text(address, text));
}

char *sdp_out_close(struct sdp_out *out, struct span tail, size_t *len_out)
{
	char *text = out->p, *fitting;

	append(out, tail);
	out->p = NULL;
	if (out->failed) {
		wipe_free(text);
		return NULL;
	}
	text[out->n] = '\0';
	*len_out = out->n;
	fitting = realloc(text, out->n + 1);
	return fitting != NULL ? fitting : text;
}
