/* SPDX-License-Identifier: Apache-2.0 */
/* What is written has a version, and who changes the one changes the other. */
#include "media/state/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "media/state/head.h"

#define DEPTH_MAX 8

static uint64_t add(uint64_t hash, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
	return hash;
}

/* Names, kinds and greatest values of a record, and of those in it: not where they stand. */
static uint64_t shape(const struct record *record, uint64_t hash, int depth)
{
	assert_true(depth < DEPTH_MAX);
	for (size_t i = 0; i < record->n; i++) {
		const struct field *field = &record->fields[i];
		const uint64_t numbers[] = {field->kind, field->max};

		hash = add(hash, field->name, strlen(field->name) + 1);
		hash = add(hash, numbers, sizeof(numbers));
		if (field->of)
			hash = shape(field->of, hash, depth + 1);
	}
	return hash;
}

/* When it fails: raise HEAD_VERSION, and put both numbers here. */
static void test_tables_that_have_changed_have_another_version(void **state)
{
	static const struct {
		int version;
		uint64_t shape;
	} known = {4, 0xcf080f9a653214e5};
	const struct record *const all[] = {
		&fingerprint_record, &transport_record, &certificate_record, &leg_record,
		&stream_record,	     &party_record,	&bond_record,	     &call_record,
	};
	uint64_t hash = 0xcbf29ce484222325;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		hash = shape(all[i], hash, 0);
	if (hash != known.shape)
		print_error("the shape of the tables is 0x%016llx\n", (unsigned long long)hash);
	assert_int_equal(HEAD_VERSION, known.version);
	assert_true(hash == known.shape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_that_have_changed_have_another_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
