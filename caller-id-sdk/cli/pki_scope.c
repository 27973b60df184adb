/* SPDX-License-Identifier: Apache-2.0 */
/* The TNAuthList that a certificate is asked with, and whether its issuer's encompasses it. */
#include "pki.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/number.h>

#define TNAUTHLIST_OID "1.3.6.1.5.5.7.1.26"

static const char spc_characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

static struct callerid_tnauth_entry *new_entry(struct pki_request *request,
					       enum callerid_tnauth_kind kind)
{
	struct callerid_tnauth_entry *entry = &request->scope[request->n_scope++];

	*entry = (struct callerid_tnauth_entry){.kind = kind};
	return entry;
}

static bool add_spc(struct pki_request *request, const char *code)
{
	size_t n = strlen(code);

	if (n == 0 || n > CALLERID_SPC_MAX || strspn(code, spc_characters) != n) {
		cli_say(CLI_USAGE, "--spc %.40s: allowed are 1 to %d digits and capital letters",
			code, CALLERID_SPC_MAX);
		return false;
	}
	memcpy(new_entry(request, CALLERID_TNAUTH_SPC)->text, code, n + 1);
	return true;
}

/* text is a number in any spelling; its canonical form goes into the entry. */
static bool set_number(struct callerid_tnauth_entry *entry, const char *option, const char *text,
		       size_t n)
{
	struct callerid_party party;
	struct callerid_error err = {0};

	if (callerid_party_parse(text, n, NULL, &party, &err) != CALLERID_OK ||
	    party.kind != CALLERID_PARTY_TN || strlen(party.text) > CALLERID_TN_MAX) {
		cli_say(CLI_USAGE, "--%s %.60s: not a telephone number", option, text);
		return false;
	}
	memcpy(entry->text, party.text, strlen(party.text) + 1);
	return true;
}

static bool add_range(struct pki_request *request, const char *text)
{
	const char *colon = strrchr(text, ':');
	struct callerid_tnauth_entry *entry;
	int64_t count = 0;

	if (colon == NULL || !opt_integer(colon + 1, 2, INT64_MAX, &count)) {
		cli_say(CLI_USAGE, "--range %.60s: allowed is START:COUNT, COUNT 2 or more", text);
		return false;
	}
	entry = new_entry(request, CALLERID_TNAUTH_RANGE);
	entry->count = (uint64_t)count;
	return set_number(entry, "range", text, (size_t)(colon - text));
}

/* RFC 8226 §9 has rules for a list as a whole: what breaks them is said before a key is made. */
static bool can_be_encoded(const struct pki_request *request)
{
	struct callerid_error err = {0};
	uint8_t *der = NULL;
	size_t n = 0;
	bool ok;

	if (request->n_scope == 0)
		return true;
	ok = callerid_tnauthlist_encode(request->scope, request->n_scope, &der, &n, &err) ==
	     CALLERID_OK;
	if (!ok)
		cli_say_error(CLI_USAGE, "TNAuthList", &err);
	free(der);
	return ok;
}

bool pki_scope_parse(const struct pki_scope_words *words, struct pki_request *request)
{
	request->n_scope = 0;
	if (words->spc->n > 0 && !add_spc(request, words->spc->text[0]))
		return false;
	for (size_t i = 0; i < words->range->n; i++)
		if (!add_range(request, words->range->text[i]))
			return false;
	for (size_t i = 0; i < words->tn->n; i++) {
		const char *text = words->tn->text[i];
		struct callerid_tnauth_entry *entry = new_entry(request, CALLERID_TNAUTH_ONE);

		if (!set_number(entry, "tn", text, strlen(text)))
			return false;
	}
	return can_be_encoded(request);
}

/* First and last number of an entry; false when it is not made of digits or too long to count. */
static bool bounds(const struct callerid_tnauth_entry *entry, uint64_t *first_out,
		   uint64_t *last_out)
{
	size_t n = strlen(entry->text);
	uint64_t first = 0;
	uint64_t last;

	if (n == 0 || n > 18 || strspn(entry->text, digits) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		first = first * 10 + (uint64_t)(entry->text[i] - '0');
	if (__builtin_add_overflow(first, entry->count > 0 ? entry->count - 1 : 0, &last))
		return false;
	*first_out = first;
	*last_out = last;
	return true;
}

static bool encompasses(const struct callerid_tnauth_entry *outer,
			const struct callerid_tnauth_entry *inner)
{
	uint64_t first, last, inner_first, inner_last;

	if (outer->kind == CALLERID_TNAUTH_SPC)
		return inner->kind != CALLERID_TNAUTH_SPC || strcmp(outer->text, inner->text) == 0;
	if (inner->kind == CALLERID_TNAUTH_SPC)
		return false;
	if (inner->kind == CALLERID_TNAUTH_ONE && strcmp(outer->text, inner->text) == 0)
		return true;
	/* RFC 8226 §9: a range holds numbers of the length of its start. */
	return strlen(outer->text) == strlen(inner->text) && bounds(outer, &first, &last) &&
	       bounds(inner, &inner_first, &inner_last) && inner_first >= first &&
	       inner_last <= last;
}

/* NULL with *broken_out false: the certificate has no TNAuthList. */
static struct callerid_tnauthlist *list_of(X509 *cert, bool *broken_out)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(TNAUTHLIST_OID, 1);
	int at = oid != NULL ? X509_get_ext_by_OBJ(cert, oid, -1) : -1;
	struct callerid_tnauthlist *list = NULL;
	struct callerid_error err = {0};
	ASN1_OCTET_STRING *data;

	ASN1_OBJECT_free(oid);
	*broken_out = oid == NULL;
	if (at < 0)
		return NULL;
	data = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	*broken_out = callerid_tnauthlist_parse(ASN1_STRING_get0_data(data),
						(size_t)ASN1_STRING_length(data), &list,
						&err) != CALLERID_OK;
	return list;
}

static bool fits(const struct callerid_tnauthlist *list, const struct callerid_tnauth_entry *inner)
{
	size_t n = callerid_tnauthlist_count(list);

	for (size_t i = 0; i < n; i++)
		if (encompasses(callerid_tnauthlist_at(list, i), inner))
			return true;
	return false;
}

bool pki_scope_fits(const struct pki_request *request, X509 *issuer)
{
	bool broken = false;
	struct callerid_tnauthlist *list = list_of(issuer, &broken);
	bool ok = !broken;

	if (broken)
		cli_say(CLI_FAILED, "the issuer's TNAuthList cannot be read");
	for (size_t i = 0; list != NULL && ok && i < request->n_scope; i++) {
		ok = fits(list, &request->scope[i]);
		if (!ok)
			cli_say(CLI_USAGE, "%s is outside the issuer's TNAuthList (RFC 9060 §5)",
				request->scope[i].text);
	}
	callerid_tnauthlist_free(list);
	return ok;
}
