/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of what an SDP said. */
#include "media/session/said.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "svc/runtime/wipe.h"

static void copy_short(char *out, size_t size, struct span span)
{
	size_t n = span.n < size ? span.n : 0;

	if (n > 0)
		memcpy(out, span.p, n);
	out[n] = 0;
}

static bool copy_long(char **out, struct span span)
{
	if (span.n == 0)
		return true;
	*out = strndup(span.p, span.n);
	return *out != NULL;
}

static bool take_formats(struct said *said, const struct sdp_media *media)
{
	size_t n = media->n_formats < SAID_FORMATS_MAX ? media->n_formats : SAID_FORMATS_MAX;

	if (n == 0)
		return true;
	said->formats = calloc(n, sizeof(*said->formats));
	if (!said->formats)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct sdp_format *from = &media->formats[i];
		struct said_format *to = &said->formats[said->n_formats];

		if (from->payload_type < 0 || from->payload_type > 127)
			continue;
		to->payload_type = (uint8_t)from->payload_type;
		to->channels = (uint8_t)(from->channels < 255 ? from->channels : 255);
		to->clock = from->clock;
		copy_short(to->name, sizeof(to->name), from->name);
		said->n_formats++;
	}
	return true;
}

static bool take_candidates(struct said *said, const struct sdp_media *media)
{
	free(said->candidates);
	said->candidates = NULL;
	said->n_candidates = 0;
	if (media->n_candidates == 0)
		return true;
	said->candidates = calloc(media->n_candidates, sizeof(*said->candidates));
	if (!said->candidates)
		return false;
	memcpy(said->candidates, media->candidates,
	       media->n_candidates * sizeof(*said->candidates));
	said->n_candidates = media->n_candidates;
	return true;
}

/* RFC 8839 §5.4: one without the other proves nothing. §5.3: where it says ice-mismatch it does no
 * ICE. */
static bool take_credentials(struct said *said, const struct sdp_media *media)
{
	return media->ice_ufrag.n == 0 || media->ice_pwd.n == 0 || media->ice_mismatch ||
	       (copy_long(&said->ufrag, media->ice_ufrag) && copy_long(&said->pwd, media->ice_pwd));
}

static void take_fingerprints(struct said *said, const struct sdp_media *media)
{
	for (size_t i = 0; i < media->n_fingerprints; i++) {
		struct span text = media->fingerprints[i];

		if (said->n_fingerprints < DTLS_FINGERPRINTS_MAX &&
		    fingerprint_parse(text.p, text.n, &said->fingerprints[said->n_fingerprints]))
			said->n_fingerprints++;
	}
}

static void take_cryptos(struct said *said, const struct sdp_media *media)
{
	for (size_t i = 0; i < media->n_cryptos; i++) {
		struct span text = media->cryptos[i];

		if (said->n_cryptos < SAID_CRYPTOS_MAX &&
		    sdes_parse(text.p, text.n, &said->cryptos[said->n_cryptos]))
			said->n_cryptos++;
	}
}

static bool span_equal(struct span a, struct span b)
{
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool said_in_bundle(const struct sdp *sdp, const struct sdp_media *media)
{
	for (size_t i = 0; media->mid.n > 0 && i < sdp->n_bundle; i++)
		if (span_equal(sdp->bundle[i], media->mid))
			return true;
	return false;
}

bool said_take(struct said *said, const struct sdp *sdp, size_t index)
{
	const struct sdp_media *media = &sdp->medias[index];

	said_free(said);
	*said = (struct said){
		.known = true,
		/* RFC 9143 §6: with bundle-only, port 0 does not reject. */
		.rejected = media->port == 0 && !media->bundle_only,
		.proto = media->proto,
		.datagrams = media->datagrams,
		.rtp = media->rtp,
		.rtcp = media->rtcp,
		.mux = media->rtcp_mux || media->rtcp_mux_only,
		.mux_only = media->rtcp_mux_only,
		.bundled = said_in_bundle(sdp, media),
		.ice_lite = media->ice_lite,
		.zero_address = media->zero_address,
		.direction = media->direction,
		.setup = media->setup,
		.mid_extension = media->mid_extension,
		.ptime = media->ptime,
	};
	copy_short(said->type, sizeof(said->type), media->type);
	copy_short(said->mid, sizeof(said->mid), media->mid);
	copy_short(said->proto_text, sizeof(said->proto_text), media->proto_text);
	take_fingerprints(said, media);
	take_cryptos(said, media);
	if (take_formats(said, media) && take_candidates(said, media) &&
	    copy_long(&said->tls_id, media->tls_id) && take_credentials(said, media))
		return true;
	said_free(said);
	return false;
}

/* RFC 9143 §7.2: the tagged m-line is the first of the group that was not rejected. */
static const struct sdp_media *tagged_of(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->n_bundle; i++)
		for (size_t j = 0; j < sdp->n_medias; j++)
			if (sdp->medias[j].port != 0 &&
			    span_equal(sdp->bundle[i], sdp->medias[j].mid))
				return &sdp->medias[j];
	return NULL;
}

static void share_address(struct said *said, const struct sdp_media *tagged)
{
	said->rtp = tagged->rtp;
	said->rtcp = tagged->rtcp;
	said->zero_address = tagged->zero_address;
	said->mux_only = said->mux_only || tagged->rtcp_mux_only;
	said->mux = said->mux || tagged->rtcp_mux || said->mux_only;
}

/* RFC 8859 has these of the categories TRANSPORT and IDENTICAL, which RFC 9143 §7.1.3 has stand in
 * the tagged m-line alone. */
bool said_share(struct said *said, const struct sdp *sdp, size_t index)
{
	const struct sdp_media *media = &sdp->medias[index], *tagged = tagged_of(sdp);

	if (!said->bundled || said->rejected || !tagged || tagged == media)
		return true;
	/* One with an address of its own says all that belongs to it (§7.2.1). */
	if (media->port != 0 && !address_equal(&media->rtp, &tagged->rtp))
		return true;
	share_address(said, tagged);
	if (said->setup == SDP_SETUP_NONE)
		said->setup = tagged->setup;
	if (said->n_fingerprints == 0)
		take_fingerprints(said, tagged);
	if ((said->tls_id || copy_long(&said->tls_id, tagged->tls_id)) &&
	    (said->ufrag || media->ice_mismatch ||
	     (take_candidates(said, tagged) && take_credentials(said, tagged))))
		return true;
	said_free(said);
	return false;
}

void said_free(struct said *said)
{
	free(said->formats);
	wipe_free(said->ufrag);
	wipe_free(said->pwd);
	free(said->candidates);
	free(said->tls_id);
	OPENSSL_cleanse(said->cryptos, sizeof(said->cryptos));
	*said = (struct said){0};
}

bool said_is_named(const struct said *said, uint8_t payload_type, const char *name)
{
	for (size_t i = 0; i < said->n_formats; i++)
		if (said->formats[i].payload_type == payload_type)
			return strcasecmp(said->formats[i].name, name) == 0;
	return false;
}
