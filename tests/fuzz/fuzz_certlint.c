/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate lint: every rule answers for every certificate, in printable ASCII, each time the
 * same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/certlint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good)
{
	if (!good)
		abort();
}

static void check(const struct callerid_certlint_answer *a,
		  const struct callerid_certlint_answer *b)
{
	size_t n = strlen(a->why);

	must(n > 0 && n <= CALLERID_CERTLINT_WHY_MAX);
	for (size_t i = 0; i < n; i++)
		must(a->why[i] >= 0x20 && a->why[i] <= 0x7e);
	must(a->result == b->result && strcmp(a->why, b->why) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum callerid_certlint_kind kinds[] = {
		CALLERID_CERTLINT_AUTO,
		CALLERID_CERTLINT_ROOT,
		CALLERID_CERTLINT_CA,
		CALLERID_CERTLINT_END_ENTITY,
	};
	enum callerid_certlint_kind kind = size > 0 ? kinds[data[size - 1] % 4] : kinds[0];
	struct callerid_certlint *one = NULL, *two = NULL;
	enum callerid_status status;

	status = callerid_certlint_run(data, size, kind, &one, NULL);
	must(status != CALLERID_ENOMEM);
	if (status != CALLERID_OK)
		return 0;
	must(callerid_certlint_run(data, size, kind, &two, NULL) == CALLERID_OK);
	for (size_t i = 0; i < callerid_certlint_count(one); i++)
		for (size_t r = 0; r < callerid_certlint_rule_count(); r++)
			check(callerid_certlint_answer(one, i, r),
			      callerid_certlint_answer(two, i, r));
	callerid_certlint_free(one);
	callerid_certlint_free(two);
	return 0;
}
