/* SPDX-License-Identifier: Apache-2.0 */
/* mky of the PASSporTs that came, and of our own. */
#include "sip-proxy/mky.h"

#include "sip-proxy/call.h"

#include <stdlib.h>
#include <string.h>

static const struct callerid_verdict *verdict_of(const struct call *call)
{
	return call->verification != NULL ? callerid_verification_verdict(call->verification)
					  : NULL;
}

const char *mky_proven(const struct call *call)
{
	const struct callerid_verdict *verdict = verdict_of(call);
	const struct callerid_passport_verdict *passport;

	if (verdict == NULL || verdict->verstat != CALLERID_VERSTAT_PASSED ||
	    call->facts.unlabelled)
		return NULL;
	passport = &verdict->passport[verdict->decided_by];
	/* In shadow mode a mky that is not the SDP's changes nothing: not the media either. */
	return passport->check[CALLERID_CHECK_MEDIA].result == CALLERID_RESULT_PASSED
		       ? passport->claims.mky
		       : NULL;
}

char *mky_to_sign(const struct call *call)
{
	struct callerid_span sdp = call->facts.sdp;
	char *mky = NULL;

	if (!call->media.wanted || sdp.p == NULL || sdp.n == 0)
		return NULL;
	return callerid_mky_from_sdp(sdp.p, sdp.n, &mky, NULL) == CALLERID_OK ? mky : NULL;
}

/* The token's signature ends it: base64url, up to the parameters. */
static bool has_signature(struct callerid_span value, const char *signature)
{
	const char *end = memchr(value.p, ';', value.n);
	size_t n = end != NULL ? (size_t)(end - value.p) : value.n;
	size_t m = strlen(signature);

	while (n > 0 && (value.p[n - 1] == ' ' || value.p[n - 1] == '\t'))
		n--;
	return m > 0 && n > m && value.p[n - m - 1] == '.' &&
	       memcmp(value.p + n - m, signature, m) == 0;
}

static bool is_broken(struct callerid_span value, const struct callerid_verdict *verdict,
		      const char *now)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		const struct callerid_passport_verdict *passport = &verdict->passport[i];

		if (passport->reason == CALLERID_REASON_OK && !passport->inner &&
		    passport->claims.mky != NULL &&
		    (now == NULL || strcmp(passport->claims.mky, now) != 0) &&
		    has_signature(value, passport->signature))
			return true;
	}
	return false;
}

/* The field without the broken values, in kept; returns how many there were. */
static size_t cut(struct callerid_span field, const struct callerid_verdict *verdict,
		  const char *now, char *kept)
{
	struct callerid_span value;
	size_t broken = 0, n = 0;

	while (callerid_identity_next(&field, &value)) {
		if (is_broken(value, verdict, now)) {
			broken++;
			continue;
		}
		if (n > 0)
			kept[n++] = ',';
		memcpy(kept + n, value.p, value.n);
		n += value.n;
	}
	kept[n] = 0;
	return broken;
}

static void cut_field(struct call *call, const struct message_header *header, const char *now)
{
	const struct callerid_verdict *verdict = verdict_of(call);
	char *kept = malloc(header->value.n + 2);

	if (kept == NULL)
		abort();
	if (cut(header->value, verdict, now, kept) > 0) {
		if (kept[0] == 0)
			message_remove(call->request, header);
		else
			(void)message_replace(call->request, header, kept);
	}
	free(kept);
}

void mky_drop_broken(struct call *call)
{
	struct message_header fields[CALLERID_IDENTITIES_MAX], header;
	char *now = mky_to_sign(call);
	msg_header_t *at = NULL;
	size_t n = 0;

	if (verdict_of(call) != NULL)
		for (size_t i = 0; i < MESSAGE_HEADERS_MAX && n < CALLERID_IDENTITIES_MAX &&
				   message_next(call->request, &at, &header);
		     i++)
			if (message_is(&header, "Identity", 'y'))
				fields[n++] = header;
	for (size_t i = 0; i < n; i++)
		cut_field(call, &fields[i], now);
	free(now);
}
