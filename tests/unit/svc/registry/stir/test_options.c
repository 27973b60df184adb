/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the options of [stir]. */
#include "svc/registry/stir/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct conf_section section = {.name = "stir",
					    .size = sizeof(struct stir_section),
					    .options = stir_options,
					    .n_options = STIR_OPTIONS,
					    .doc = "x"};
static const struct conf_schema schema = {&section, 1};

static struct conf *load(const char *lines, struct conf_error *err)
{
	char path[] = "/tmp/attestel-stir.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	dprintf(fd, "[stir]\n%s", lines);
	close(fd);
	struct conf *conf = conf_load(path, &schema, err);
	unlink(path);
	return conf;
}

static void by_default_neither_door_is_configured(void **state)
{
	struct conf_error err;
	struct conf *conf = load("", &err);

	(void)state;
	assert_non_null(conf);
	const struct stir_section *stir = conf_get(conf, "stir");
	assert_null(stir_fault(stir));
	assert_null(stir->certificate_file);
	assert_int_equal(stir->anchors.n, 0);
	assert_int_equal(stir->wait_ms, 500);
	assert_false(stir->accept_spc);
	conf_free(conf);
}

static void options_that_do_not_fit_together_are_named(void **state)
{
	static const struct {
		const char *lines, *names; /* NULL: they fit */
	} rows[] = {
		{"key_file = /k\ncertificate_file = /c\nx5u = https://a/c.pem\n", NULL},
		{"key_uri = pkcs11:x\npin_file = /p\ncertificate_file = /c\nx5u = https://a/c\n",
		 NULL},
		{"anchors = /a\ncrls = /b\ncrl_issuers = /c\n", NULL},
		{"key_file = /k\nkey_uri = pkcs11:x\n", "key_uri"},
		{"pin_file = /p\n", "pin_file"},
		{"key_file = /k\nx5u = https://a/c.pem\n", "certificate_file"},
		{"key_file = /k\ncertificate_file = /c\n", "x5u"},
		{"certificate_file = /c\nx5u = https://a/c.pem\n", "key"},
		{"crls = /b\n", "anchors"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct conf_error err;
		struct conf *conf = load(rows[i].lines, &err);
		assert_non_null(conf);
		const char *fault = stir_fault(conf_get(conf, "stir"));
		if (rows[i].names == NULL)
			assert_null(fault);
		else if (fault == NULL || strstr(fault, rows[i].names) == NULL)
			fail_msg("%s: %s", rows[i].lines, fault);
		conf_free(conf);
	}
}

static void ports_and_addresses_are_checked(void **state)
{
	static const char *const wrong[] = {"ports = 0\n",	"ports = 65536\n",
					    "ports = 443, x\n", "test_addresses = localhost\n",
					    "wait = 6s\n",	NULL};

	(void)state;
	for (size_t i = 0; wrong[i] != NULL; i++) {
		struct conf_error err;
		assert_null(load(wrong[i], &err));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_default_neither_door_is_configured),
		cmocka_unit_test(options_that_do_not_fit_together_are_named),
		cmocka_unit_test(ports_and_addresses_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
