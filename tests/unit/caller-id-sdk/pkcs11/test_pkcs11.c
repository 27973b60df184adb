/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a key without its token: the URI, the module, the deadline. */
#include <callerid/pkcs11.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void refused(const struct callerid_pkcs11_params *params, enum callerid_status status,
		    const char *text)
{
	struct callerid_pkcs11 *key = NULL;
	struct callerid_error err = {0};

	assert_int_equal(callerid_pkcs11_open(params, &key, &err), status);
	assert_null(key);
	assert_int_equal(err.status, status);
	assert_non_null(strstr(err.text, text));
	assert_int_equal(callerid_pkcs11_open(params, &key, NULL), status);
}

static void test_rfc7512_what_is_no_pkcs11_uri_is_refused(void **state)
{
	static const char *const uris[] = {"", "pkcs11", "file:/key.pem", "pkcs11:token=%zz"};

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		refused(&(struct callerid_pkcs11_params){.uri = uris[i]}, CALLERID_ESYNTAX,
			"not a PKCS#11 URI");
}

/* A misspelt attribute would match any token, and send the PIN there. */
static void test_rfc7512_an_attribute_that_is_not_known_is_refused(void **state)
{
	(void)state;
	refused(&(struct callerid_pkcs11_params){.uri = "pkcs11:tokem=a;object=b"},
		CALLERID_ESYNTAX, "not known");
}

static void test_rfc7512_a_pin_or_its_place_in_the_uri_is_refused_and_not_repeated(void **state)
{
	static const char *const uris[] = {"pkcs11:token=a?pin-value=97531",
					   "pkcs11:token=a?pin-source=file:/97531"};

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct callerid_pkcs11_params params = {.uri = uris[i]};
		struct callerid_pkcs11 *key = NULL;
		struct callerid_error err = {0};

		refused(&params, CALLERID_ESYNTAX, "PIN");
		assert_int_equal(callerid_pkcs11_open(&params, &key, &err), CALLERID_ESYNTAX);
		assert_null(strstr(err.text, "97531"));
	}
}

static void test_a_module_is_named_by_its_whole_path(void **state)
{
	(void)state;
	refused(&(struct callerid_pkcs11_params){.uri = "pkcs11:token=a?module-path=p11.so"},
		CALLERID_ESYNTAX, "module-path");
}

static void test_a_pin_over_the_limit_is_refused(void **state)
{
	char pin[400];

	(void)state;
	memset(pin, '1', sizeof(pin) - 1);
	pin[sizeof(pin) - 1] = '\0';
	refused(&(struct callerid_pkcs11_params){.uri = "pkcs11:token=a", .pin = pin},
		CALLERID_EINVAL, "PIN");
}

static void test_a_module_that_is_missing_is_named(void **state)
{
	(void)state;
	refused(&(struct callerid_pkcs11_params){.uri = "pkcs11:token=a?module-path=/no/such.so"},
		CALLERID_EIO, "/no/such.so");
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A module that is a FIFO nobody writes to: loading it waits for ever, as a dead network would. */
static void test_a_module_that_hangs_costs_the_deadline_and_no_more(void **state)
{
	char folder[] = "/tmp/pkcs11-XXXXXX", fifo[64], uri[128];
	struct callerid_pkcs11_params params = {.uri = uri, .open_ms = 50};
	struct callerid_pkcs11 *key = NULL;
	struct callerid_error err = {0};
	double began;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/module", folder);
	snprintf(uri, sizeof(uri), "pkcs11:token=a?module-path=%s", fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	began = seconds();
	assert_int_equal(callerid_pkcs11_open(&params, &key, &err), CALLERID_EIO);
	assert_true(seconds() - began >= 0.045);
	assert_true(seconds() - began < 5); /* a machine under load; without a deadline: never */
	assert_string_equal(err.text, "the token did not answer within 50 ms");
	assert_null(key);
	/* Its thread ends by itself once the module answers; opening waits until it reads. */
	fd = open(fifo, O_WRONLY);
	assert_true(fd >= 0);
	close(fd);
	unlink(fifo);
	rmdir(folder);
}

static void test_null_is_closed_without_harm(void **state)
{
	(void)state;
	callerid_pkcs11_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7512_what_is_no_pkcs11_uri_is_refused),
		cmocka_unit_test(test_rfc7512_an_attribute_that_is_not_known_is_refused),
		cmocka_unit_test(
			test_rfc7512_a_pin_or_its_place_in_the_uri_is_refused_and_not_repeated),
		cmocka_unit_test(test_a_module_is_named_by_its_whole_path),
		cmocka_unit_test(test_a_pin_over_the_limit_is_refused),
		cmocka_unit_test(test_a_module_that_is_missing_is_named),
		cmocka_unit_test(test_a_module_that_hangs_costs_the_deadline_and_no_more),
		cmocka_unit_test(test_null_is_closed_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
