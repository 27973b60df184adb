/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDP read, written by a plan that the input chooses, and read again: an empty plan changes no
 * byte; what any other says is found in what was written, and saying it again changes nothing.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/sdp/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_SAFE 3000 /* ours behind them are fewer than SDP_LINES_MAX */

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_sdp: %s\n", what);
	abort();
}

/* FNV-1a of the input; each draw is a number of bits of what follows from it. */
struct dice {
	uint64_t state;
};

static struct dice dice_of(const uint8_t *data, size_t size)
{
	struct dice dice = {UINT64_C(14695981039346656037)};

	for (size_t i = 0; i < size; i++)
		dice.state = (dice.state ^ data[i]) * UINT64_C(1099511628211);
	return dice;
}

static unsigned draw(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(dice->state >> 33) % sides;
}

static struct address address_drawn(struct dice *dice)
{
	struct address address = {0};

	if (draw(dice, 2) == 0)
		address_parse("203.0.113.1", 11, 0, &address);
	else
		address_parse("2001:db8::1", 11, 0, &address);
	address.port = (uint16_t)(1024 + draw(dice, 60000));
	return address;
}

static void plan_ice(struct dice *dice, struct plan_media *plan)
{
	plan->ice = draw(dice, 2);
	plan->keep_ice = draw(dice, 2);
	plan->ice_ufrag = "ourufrag";
	plan->ice_pwd = "ourpasswordourpassword";
	plan->trickle = draw(dice, 2);
	plan->end_of_candidates = draw(dice, 2);
	plan->n_candidates = draw(dice, PLAN_CANDIDATES_MAX + 1);
	for (size_t i = 0; i < plan->n_candidates; i++) {
		plan->candidates[i].address = address_drawn(dice);
		plan->candidates[i].component = 1 + draw(dice, 2);
		plan->candidates[i].priority = draw(dice, 1000000);
	}
}

static void plan_one(struct dice *dice, const struct sdp_media *media, struct plan_media *plan)
{
	static const int STRIPPED[] = {0, 8, 96, 101};

	plan->untouched = draw(dice, 6) == 0;
	plan->rejected = draw(dice, 6) == 0;
	plan->bundled = draw(dice, 4) == 0;
	if (media->proto != SDP_OTHER)
		plan->proto = (enum sdp_proto)draw(dice, SDP_PROTO_COUNT);
	plan->rtp = address_drawn(dice);
	plan->rtcp = address_drawn(dice);
	plan->write_rtcp = draw(dice, 2);
	plan->full_rtcp = draw(dice, 2);
	plan->rtcp_mux = draw(dice, 2);
	plan->rtcp_mux_only = draw(dice, 4) == 0;
	plan->keep_direction = draw(dice, 2);
	plan->direction = (enum sdp_direction)draw(dice, 4);
	plan->zero_address = draw(dice, 4) == 0;
	if (draw(dice, 2))
		plan->mid = (struct span){"mid", 3};
	plan->drop_extension_mid = draw(dice, 2);
	plan_ice(dice, plan);
	plan->keep_dtls = draw(dice, 2);
	plan->setup = draw(dice, 2) ? "active" : NULL;
	plan->fingerprint = draw(dice, 2) ? "sha-256 00:11" : NULL;
	plan->tls_id = draw(dice, 2) ? "0011" : NULL;
	plan->n_cryptos = draw(dice, PLAN_CRYPTOS_MAX + 1);
	for (size_t i = 0; i < plan->n_cryptos; i++)
		plan->cryptos[i] = "1 AEAD_AES_128_GCM inline:AAAA";
	plan->stripped = STRIPPED;
	plan->n_stripped = draw(dice, 5);
}

static void plan_session(struct dice *dice, const struct address *ours, struct sdp_plan *plan)
{
	plan->replace_origin = draw(dice, 2);
	plan->replace_origin_full = draw(dice, 2);
	plan->replace_session_name = draw(dice, 2);
	plan->address = draw(dice, 2) ? ours : NULL;
	if (draw(dice, 2))
		plan->username = (struct span){"user", 4};
	plan->session_id = draw(dice, 2) ? "1234" : NULL;
	plan->version = draw(dice, 2) ? "5678" : NULL;
	plan->ice_lite = draw(dice, 2);
	plan->keep_bundle = draw(dice, 3) == 0;
	plan->loop = draw(dice, 2) ? "mark" : NULL;
}

static bool span_says(struct span span, const char *text)
{
	return span.n == strlen(text) && (span.n == 0 || memcmp(span.p, text, span.n) == 0);
}

static void check_transport(const struct sdp_media *media, const struct plan_media *plan)
{
	bool ours = plan->ice || (plan->keep_ice && plan->n_candidates > 0);

	must(media->rtcp_mux == (plan->rtcp_mux || plan->rtcp_mux_only), "mux");
	must(media->rtcp_given == plan->write_rtcp, "rtcp");
	must(!plan->write_rtcp || media->rtcp.port == plan->rtcp.port, "rtcp port");
	if (plan->ice || !plan->keep_ice)
		must(span_says(media->ice_ufrag, plan->ice ? plan->ice_ufrag : ""), "ufrag");
	if (ours || !plan->keep_ice) {
		must(media->n_candidates == (ours ? plan->n_candidates : 0), "candidates");
		must(media->end_of_candidates == (ours && plan->end_of_candidates), "end");
	}
	if (!plan->keep_dtls) {
		must(media->n_cryptos == plan->n_cryptos, "crypto");
		must(media->n_fingerprints == (plan->fingerprint != NULL), "fingerprint");
		must(span_says(media->tls_id, plan->tls_id != NULL ? plan->tls_id : ""), "tls-id");
	}
}

/* What the plan says of an m-line is read back of it. */
static void check_media(const struct sdp_media *media, const struct plan_media *plan)
{
	must(plan->rejected ? media->port == 0 : media->port > 0, "port");
	must(plan->proto == SDP_OTHER || media->proto == plan->proto, "transport");
	must(media->rtp.family != 0, "address");
	must(address_is_unspecified(&media->rtp) == plan->zero_address, "hold");
	must(media->rtp.family == plan->rtp.family, "family");
	must(plan->keep_direction || media->direction == plan->direction, "direction");
	must(plan->mid.n == 0 || span_says(media->mid, "mid"), "mid");
	if (!plan->rejected)
		check_transport(media, plan);
}

static void check_again(const char *text, size_t n, const struct sdp_plan *plan)
{
	const char *why = NULL;
	struct sdp *sdp = sdp_parse(text, n, &why);
	size_t len = 0;
	char *again;

	must(sdp != NULL, "what was written cannot be read");
	for (size_t i = 0; i < sdp->n_medias; i++) {
		if (!plan->medias[i].untouched)
			check_media(&sdp->medias[i], &plan->medias[i]);
	}
	must(plan->loop == NULL || span_says(sdp->loop, plan->loop), "loop");
	again = sdp_write(sdp, plan, &len);
	must(again != NULL && len == n && memcmp(again, text, n) == 0, "not the same again");
	free(again);
	sdp_free(sdp);
}

static void check_plan(const struct sdp *sdp, struct dice *dice)
{
	struct plan_media medias[SDP_MEDIAS_MAX] = {0};
	struct sdp_plan plan = {.medias = medias};
	struct address ours = address_drawn(dice);
	size_t len = 0;
	char *text;

	plan_session(dice, &ours, &plan);
	for (size_t i = 0; i < sdp->n_medias; i++)
		plan_one(dice, &sdp->medias[i], &medias[i]);
	text = sdp_write(sdp, &plan, &len);
	must(text == NULL || text[len] == '\0', "no end");
	if (text != NULL && sdp->n_lines < LINES_SAFE)
		check_again(text, len, &plan);
	free(text);
}

static void check_verbatim(const struct sdp *sdp, const char *text, size_t n)
{
	struct plan_media medias[SDP_MEDIAS_MAX] = {0};
	struct sdp_plan plan = {.keep_bundle = true, .medias = medias};
	size_t len = 0;
	char *same;

	for (size_t i = 0; i < sdp->n_medias; i++)
		medias[i].untouched = true;
	same = sdp_write(sdp, &plan, &len);
	must(same != NULL && len == n && memcmp(same, text, n) == 0, "an empty plan changed it");
	free(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *why = NULL;
	struct dice dice = dice_of(data, size);
	struct sdp *sdp = sdp_parse(text, size, &why);

	must(sdp != NULL || why != NULL, "refused without a word");
	if (sdp != NULL) {
		check_verbatim(sdp, text, size);
		check_plan(sdp, &dice);
	}
	sdp_free(sdp);
	why = NULL;
	sdp = sdp_parse_fragment(text, size, &why);
	must(sdp != NULL || why != NULL, "a fragment refused without a word");
	if (sdp != NULL)
		check_verbatim(sdp, text, size);
	sdp_free(sdp);
	return 0;
}
