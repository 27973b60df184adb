/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers as the API takes them. */
#include "svc/registry/domain/e164.h"

#include <stdio.h>
#include <string.h>

bool tn_read(const char *text, size_t len, struct tn *tn_out)
{
	struct callerid_party party;

	if (len > 64 || memchr(text, ':', len) != NULL || memchr(text, '@', len) != NULL)
		return false;
	/* a second "+", or what RFC 3966 §3 calls a parameter: an extension is another line */
	if (memchr(text, ';', len) != NULL || (len > 1 && memchr(text + 1, '+', len - 1) != NULL))
		return false;
	if (callerid_party_parse(text, len, NULL, &party, NULL) != CALLERID_OK)
		return false;
	if (party.kind != CALLERID_PARTY_TN || strlen(party.text) > CALLERID_TN_MAX)
		return false;
	memcpy(tn_out->text, party.text, strlen(party.text) + 1);
	return true;
}

bool tn_is_e164(const struct tn *tn)
{
	size_t len = strlen(tn->text);

	return len >= 7 && len <= 15 && tn->text[0] != '0' && strspn(tn->text, "0123456789") == len;
}
