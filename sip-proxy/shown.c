/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses what a callee is shown: the rule stands in shown.h. */
#include "sip-proxy/shown.h"

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <stdio.h>
#include <string.h>

static bool has_rcd(const struct callerid_passport_verdict *passport)
{
	return passport->claims.rcd != NULL || passport->claims.crn != NULL;
}

/* Why the Rich Call Data of a call whose label is good is not shown; NULL: there is none. */
static const char *why_not(const struct callerid_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		const struct callerid_passport_verdict *passport = &verdict->passport[i];

		if (passport->claims.rcd_fault != NULL)
			return "malformed"; /* RFC 9795 §13: beside an attestation that stands */
		if (!has_rcd(passport))
			continue;
		if (passport->reason != CALLERID_REASON_OK)
			return callerid_reason_info(passport->reason)->name;
		/* RFC 9795 §10: a third party's, without a first party's. */
		return "not_first_party";
	}
	return NULL;
}

/* What keeps everything from being shown; NULL: nothing does. */
static const char *barred(const struct facts *facts, const struct callerid_verdict *verdict)
{
	if (facts->unlabelled)
		return "unlabelled";
	if (verdict->verstat != CALLERID_VERSTAT_PASSED)
		return "not_passed";
	/* A base PASSporT has no attestation: its certificate covers the number. */
	if (verdict->attest != CALLERID_ATTEST_A && verdict->attest != CALLERID_ATTEST_NONE)
		return "attestation";
	return NULL;
}

/* RFC 9795 §6: the digest that rcdi has for a pointer. */
static void copy_digest(const char *rcdi, const char *pointer, struct shown_link *link)
{
	json_t *root = rcdi != NULL ? json_loads(rcdi, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const char *digest = json_string_value(json_object_get(root, pointer));

	if (digest != NULL && strlen(digest) <= SHOWN_INTEGRITY_MAX)
		snprintf(link->integrity, sizeof(link->integrity), "%s", digest);
	json_decref(root);
}

/* A URL that no header can hold is left out. */
static void set_url(struct shown_link *link, const char *url)
{
	if (strpbrk(url, "<>\" ,;\t") == NULL)
		snprintf(link->url, sizeof(link->url), "%s", url);
}

static void take_rcd(const struct callerid_passport_verdict *passport, struct shown *shown)
{
	struct callerid_rcd rcd;

	if (callerid_rcd_show(passport, &rcd) != CALLERID_OK)
		return; /* only without memory: then without */
	shown->rcd = (rcd.found & CALLERID_TEXT_MIXED) != 0 ? "look_alike" : "shown";
	if ((rcd.found & CALLERID_TEXT_MIXED) != 0)
		return;
	snprintf(shown->name, sizeof(shown->name), "%s", rcd.name);
	snprintf(shown->reason, sizeof(shown->reason), "%s", rcd.reason);
	set_url(&shown->logo, rcd.icon);
	if (shown->logo.url[0] != 0)
		copy_digest(passport->claims.rcdi, "/icn", &shown->logo);
	if (shown->name[0] == 0)
		set_url(&shown->card, rcd.jcard);
	if (shown->card.url[0] != 0)
		copy_digest(passport->claims.rcdi, "/jcl", &shown->card);
	if (shown->name[0] != 0 || shown->card.url[0] != 0 || shown->logo.url[0] != 0)
		shown->name_by = "rcd";
	if (shown->reason[0] != 0)
		shown->reason_by = "rcd";
}

/* The digest that the registry writes in hex, as RFC 9795 §6.1 has it: "sha256-" and base64. */
static void set_sha256(struct shown_link *link, const char *hex)
{
	unsigned char digest[SHA256_DIGEST_LENGTH + 1];
	size_t n = 0;

	if (strlen(hex) != 2 * SHA256_DIGEST_LENGTH ||
	    OPENSSL_hexstr2buf_ex(digest, sizeof(digest), &n, hex, '\0') != 1 ||
	    n != SHA256_DIGEST_LENGTH) {
		ERR_clear_error();
		return;
	}
	memcpy(link->integrity, "sha256-", 8);
	EVP_EncodeBlock((unsigned char *)link->integrity + 7, digest, (int)n);
}

/* What of a brand can be shown. */
struct words {
	char name[sizeof(((struct shown *)0)->name)];
	char reason[sizeof(((struct shown *)0)->reason)];
};

/* false: nothing in it. */
static bool read_brand(const struct brand *brand, struct words *words_out)
{
	unsigned found;

	if (brand == NULL || !brand->verified)
		return false;
	found = callerid_text_clean(brand->name, strlen(brand->name), CALLERID_NAME_CHARS_MAX,
				    words_out->name, sizeof(words_out->name));
	found |=
		callerid_text_clean(brand->reason, strlen(brand->reason), CALLERID_REASON_CHARS_MAX,
				    words_out->reason, sizeof(words_out->reason));
	return words_out->name[0] != 0 && (found & CALLERID_TEXT_MIXED) == 0;
}

static void take_brand(const struct brand *brand, const struct words *words, struct shown *shown)
{
	if (shown->name[0] == 0 && shown->card.url[0] == 0) {
		shown->logo = (struct shown_link){{0}, {0}};
		snprintf(shown->name, sizeof(shown->name), "%s", words->name);
		shown->name_by = "registry";
	}
	if (shown->logo.url[0] == 0 && strcmp(shown->name, words->name) == 0) {
		set_url(&shown->logo, brand->logo_url);
		if (shown->logo.url[0] != 0)
			set_sha256(&shown->logo, brand->logo_sha256);
	}
	if (shown->reason[0] == 0 && words->reason[0] != 0) {
		snprintf(shown->reason, sizeof(shown->reason), "%s", words->reason);
		shown->reason_by = "registry";
	}
}

void shown_choose(const struct facts *facts, const struct callerid_verdict *verdict,
		  const struct brand *brand, struct shown *shown_out)
{
	const struct callerid_passport_verdict *passport = callerid_verdict_rcd(verdict);
	const char *bar = barred(facts, verdict);
	struct words words;
	bool known = bar == NULL && read_brand(brand, &words);

	*shown_out = (struct shown){.rcd = NULL};
	if (passport == NULL)
		shown_out->rcd = why_not(verdict);
	else if (bar != NULL)
		shown_out->rcd = bar;
	/* Of two asserted identities one is labelled: what was signed for the other is not its. */
	else if (!callerid_party_equal(&passport->claims.orig,
				       &verdict->passport[verdict->decided_by].claims.orig))
		shown_out->rcd = "other_caller";
	/* RFC 9795 §10: its signer answers for its words and not for the number, whose brand they
	 * would dress up as something else. */
	else if (known && passport->rcd.third_party)
		shown_out->rcd = "third_party";
	else
		take_rcd(passport, shown_out);
	if (known)
		take_brand(brand, &words, shown_out);
}
