/* SPDX-License-Identifier: Apache-2.0 */
/* Parties: what is canonical stays as it is when it is parsed again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/number.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t len, const struct callerid_dialplan *plan)
{
	struct callerid_party party, again;

	if (callerid_party_parse(text, len, plan, &party, NULL) != CALLERID_OK)
		return;
	len = strlen(party.text);
	if (party.kind == CALLERID_PARTY_NONE || len > CALLERID_URI_MAX)
		abort();
	if (party.kind == CALLERID_PARTY_TN && !callerid_tn_is_canonical(party.text, len))
		abort();
	/* The plan says which SIP users are numbers; of a number it is not asked twice. */
	if (callerid_party_parse(party.text, len, party.kind == CALLERID_PARTY_URI ? plan : NULL,
				 &again, NULL) != CALLERID_OK)
		abort();
	if (!callerid_party_equal(&party, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct callerid_dialplan nanp = {"1", "1", "011", 0},
					      uk = {"44", "0", "00", 0};
	const char *text = (const char *)data;

	check(text, size, NULL);
	check(text, size, &nanp);
	check(text, size, &uk);
	return 0;
}
