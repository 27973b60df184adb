/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of secret files: what is read, and from whose files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/conf.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A file of these bytes; the name is the test's to unlink. */
static void file_make(char name[32], const void *bytes, size_t len)
{
	snprintf(name, 32, "/tmp/conf-XXXXXX");
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void secret_is(const char *bytes, size_t len, size_t size, const char *expected)
{
	char name[32], secret[64] = "before";
	struct conf_error err = {.text = ""};
	file_make(name, bytes, len);
	bool fine = conf_read_secret(name, secret, size, &err);
	unlink(name);
	assert_int_equal(fine, expected != NULL);
	assert_string_equal(secret, expected ? expected : "");
	assert_int_equal(err.text[0] == '\0', fine);
}

static void a_secret_loses_one_line_end_and_fits_or_is_refused(void **state)
{
	(void)state;
	secret_is("key\n", 4, 64, "key");
	secret_is("key\r\n", 5, 64, "key");
	secret_is("key\n\n", 5, 64, "key\n");
	secret_is("key", 3, 4, "key");
	secret_is("key\r\n", 5, 4, "key");
	secret_is("keys", 4, 4, NULL);
	secret_is("keys and more", 13, 4, NULL);
	secret_is("", 0, 64, NULL);
	secret_is("\n", 1, 64, NULL);
	secret_is("a\0b", 3, 64, NULL);
}

static void a_secret_that_others_may_read_is_refused(void **state)
{
	(void)state;
	static const mode_t modes[] = {0640, 0604, 0660, 0610, 0644};
	char name[32], secret[64];
	struct conf_error err;
	file_make(name, "key", 3);
	for (size_t i = 0; i < COUNT(modes); i++) {
		chmod(name, modes[i]);
		assert_false(conf_read_secret(name, secret, sizeof(secret), &err));
		assert_non_null(strstr(err.text, "others may use it; allowed: 0600 or 0400"));
		assert_null(strstr(err.text, "key;"));
	}
	unlink(name);
	assert_false(conf_read_secret("/dev/null", secret, sizeof(secret), &err));
	assert_non_null(strstr(err.text, "is not a regular file"));
	assert_false(conf_read_secret("/nonexistent", secret, sizeof(secret), &err));
}

static void a_secret_of_another_user_is_refused(void **state)
{
	(void)state;
	char name[32], secret[64];
	struct conf_error err;
	file_make(name, "key", 3);
	if (chown(name, 65534, 65534) != 0) {
		unlink(name);
		print_message("skipped: only root may give a file away\n");
		skip();
	}
	assert_false(conf_read_secret(name, secret, sizeof(secret), &err));
	assert_non_null(strstr(err.text, "belongs to user 65534"));
	unlink(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_loses_one_line_end_and_fits_or_is_refused),
		cmocka_unit_test(a_secret_that_others_may_read_is_refused),
		cmocka_unit_test(a_secret_of_another_user_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
