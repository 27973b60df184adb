/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data in a scene: signed with its digests, and what became of it. */
#ifndef TESTS_KIT_RICH_H
#define TESTS_KIT_RICH_H

#include "tests/kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ICON "https://example.com/q.png"
#define JCL  "https://example.com/q.json"
#define PNG  "\x89PNG not really"
#define CARD                                                                                       \
	"[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q Branch\"],"         \
	"[\"logo\",{},\"uri\",\"" ICON "\"]]]"
#define PLAIN	 "[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Q Branch\"]]]"
#define RCD_ICON "{\"nam\":\"Q Branch\",\"icn\":\"" ICON "\"}"
#define RCD_CARD "{\"nam\":\"Q Branch\",\"jcd\":" CARD "}"
#define RCD_LINK "{\"nam\":\"Q Branch\",\"jcl\":\"" JCL "\"}"

/* Contents that the call at hand has. */
static struct callerid_content files[3];

static inline void give(struct scene *s, size_t i, const char *url, const char *body)
{
	files[i] = (struct callerid_content){.url = url, .body = body, .len = strlen(body)};
	s->call.contents = files;
	s->call.n_contents = i + 1;
}

/* What the signer hashes: the right files, whatever the verifier is given. */
static const struct callerid_content right[] = {
	{ICON, PNG, sizeof(PNG) - 1},
	{JCL, CARD, sizeof(CARD) - 1},
};

static inline char *digests(const char *rcd)
{
	struct callerid_digest_params params = {
		.rcd = rcd, .contents = right, .n_contents = 2, .inline_also = true};
	struct callerid_error err = {.text = ""};
	char *rcdi = NULL;

	if (callerid_rcd_digests(&params, &rcdi, &err) != CALLERID_OK)
		fail_msg("%s", err.text);
	return rcdi;
}

static inline void add_signed(struct scene *s, struct callerid_claims claims,
			      const struct kit_cert *cert)
{
	struct callerid_signer *signer = kit_signer(cert, true);
	struct callerid_error err = {.text = ""};
	char *identity = NULL;

	if (callerid_signer_sign(signer, &claims, &identity, &err) != CALLERID_OK)
		fail_msg("%s", err.text);
	callerid_signer_free(signer);
	scene_add(s, identity);
}

/* One Identity of type ppt with rcd and the digests that go with it. */
static inline void add(struct scene *s, const char *ppt, const char *rcd, const char *crn)
{
	struct callerid_claims claims = kit_claims();
	char *rcdi = rcd == NULL ? NULL : digests(rcd);

	memcpy(claims.ppt, ppt, strlen(ppt) + 1);
	claims.rcd = rcd;
	claims.rcdi = rcdi;
	claims.crn = crn;
	add_signed(s, claims, &s->world.leaf);
	free(rcdi);
}

/* Where the PASSporT of type rcd stands: not where its header did. */
static inline size_t rcd_at(const struct callerid_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (strstr(verdict->passport[i].claims.ppt, "rcd") != NULL)
			return i;
	}
	fail_msg("no PASSporT of type rcd");
	return 0;
}

static inline const char *state_of(const struct callerid_verdict *verdict, size_t i, unsigned part)
{
	return callerid_rcd_state_name(verdict->passport[i].rcd.part[part]);
}

static inline const struct callerid_check_result *content(const struct callerid_verdict *verdict,
							  size_t i)
{
	return &verdict->passport[i].check[CALLERID_CHECK_CONTENT];
}

/* A shaken PASSporT of these very claims, well made or not. */
static inline void add_raw(struct scene *s, const char *more)
{
	char payload[2048];

	snprintf(payload, sizeof(payload),
		 "{\"attest\":\"A\",\"dest\":{\"tn\":[\"" KIT_TO "\"]},\"iat\":1800000000,"
		 "\"orig\":{\"tn\":\"" KIT_FROM "\"},"
		 "\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"%s}",
		 more);
	scene_add_token(s, SCENE_HEADER, payload);
}

#endif
