/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers as people type them. */
#include "tn.h"

#include <string.h>

bool tn_digits(const char *text, char digits_out[CALLERID_E164_MAX + 1])
{
	struct callerid_party party;
	size_t len = strlen(text);

	/* No URI, extension or dial string: a registry keeps numbers. */
	if (strspn(text, "+0123456789-.() ") != len || (len > 0 && strchr(text + 1, '+') != NULL))
		return false;
	if (callerid_party_parse(text, len, NULL, &party, NULL) != CALLERID_OK ||
	    party.kind != CALLERID_PARTY_TN || party.text[0] == '0')
		return false;
	len = strlen(party.text);
	if (len < CALLERID_MIN_DIGITS || len > CALLERID_E164_MAX)
		return false;
	memcpy(digits_out, party.text, len + 1);
	return true;
}

bool tn_is_number(const char *text)
{
	char digits[CALLERID_E164_MAX + 1];

	return tn_digits(text, digits);
}
