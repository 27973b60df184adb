/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as a certificate body. */
#include "svc/certs/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MARK "-----BEGIN CERTIFICATE-----\n"

static void expect(const char *body, size_t len, enum certs_status status)
{
	const char *why = NULL;

	assert_int_equal(certs_body_check(body, len, &why), status);
	assert_int_equal(why[0] == 0, status == CERTS_OK);
}

static void pem_is_found_behind_text(void **state)
{
	(void)state;
	expect(MARK, sizeof(MARK) - 1, CERTS_OK);
	expect("subject=x\n" MARK, sizeof(MARK) + 9, CERTS_OK);
	expect("-----BEGIN PRIVATE KEY-----", 27, CERTS_NOT_PEM);
	expect("<html></html>", 13, CERTS_NOT_PEM);
	expect("", 0, CERTS_NOT_PEM);
	expect(MARK, 10, CERTS_NOT_PEM);
}

static void four_certificates_pass_and_five_do_not(void **state)
{
	(void)state;
	expect(MARK MARK MARK MARK, 4 * (sizeof(MARK) - 1), CERTS_OK);
	expect(MARK MARK MARK MARK MARK, 5 * (sizeof(MARK) - 1), CERTS_TOO_LARGE);
}

static void der_must_cover_the_whole_body(void **state)
{
	char der[304] = {0x30, (char)0x82, 0x01, 0x2c};

	(void)state;
	expect(der, 304, CERTS_OK);
	expect(der, 303, CERTS_NOT_PEM);
	expect(der, 4, CERTS_NOT_PEM);
	expect("\x30\x80", 2, CERTS_NOT_PEM);
}

static void body_over_16_kb_is_refused(void **state)
{
	static char body[CERTS_BODY_MAX + 1];

	(void)state;
	memset(body, ' ', sizeof(body));
	memcpy(body, MARK, sizeof(MARK) - 1);
	expect(body, CERTS_BODY_MAX, CERTS_OK);
	expect(body, CERTS_BODY_MAX + 1, CERTS_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pem_is_found_behind_text),
		cmocka_unit_test(four_certificates_pass_and_five_do_not),
		cmocka_unit_test(der_must_cover_the_whole_body),
		cmocka_unit_test(body_over_16_kb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
