/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as a whole: defaults, what does not fit together, and how a mistake is named. */
#include "media/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];
static struct conf_error err;

static struct settings *load_named(const char *text, const char *name)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	err = (struct conf_error){0};
	return settings_load(path, name, &err);
}

static struct settings *load(const char *text)
{
	return load_named(text, path);
}

static void assert_refused(const char *text, const char *part)
{
	struct settings *settings = load(text);

	assert_null(settings);
	if (strstr(err.text, part) == NULL || strncmp(err.text, path, strlen(path)) != 0)
		fail_msg("\"%s\" should name the file and hold \"%s\"", err.text, part);
}

static void an_interface_is_enough_and_the_unix_socket_is_the_listener(void **state)
{
	struct settings *settings = load("[media]\ninterface = 127.0.0.1\n");

	(void)state;
	assert_non_null(settings);
	assert_int_equal(settings->n_interfaces, 1);
	assert_string_equal(settings->interfaces[0].name, "default");
	assert_int_equal(settings->n_listen, 1);
	assert_int_equal(settings->listen[0].kind, CONTROL_UNIX);
	assert_string_equal(settings->listen[0].path, CONTROL_SOCKET);
	assert_int_equal(settings->first_port, 20000);
	assert_int_equal(settings->last_port, 39999);
	assert_int_equal(settings->session.timeouts.media, 60);
	assert_int_equal(settings->session.timeouts.delete_delay, 30);
	assert_true(settings->session.workers >= 1);
	assert_string_equal(settings->key, "");
	settings_free(settings);
	settings_free(NULL);
}

static void what_does_not_fit_together_is_refused_with_the_file_and_what_to_do(void **state)
{
	static const char *const rows[][2] = {
		{"", "interface"},
		{"[media]\ninterface = 127.0.0.1,127.0.0.2\n", "a name of its own"},
		{"[media]\ninterface = 127.0.0.1\nports = 80-90\n", "1024-65535"},
		{"[media]\ninterface = 127.0.0.1\nports = 2000-1000\n", "FIRST-LAST"},
		{"[media]\ninterface = 127.0.0.1\nports = 2000-3000x\n", "FIRST-LAST"},
		{"[media]\ninterface = 127.0.0.1\nports = 2000\n", "FIRST-LAST"},
		{"[media]\ninterface = 127.0.0.1\nports = 99999999999999999999-1\n", "FIRST-LAST"},
		{"[media]\ninterface = 127.0.0.1\nworkers = 4\nwebrtc_port = 19997\n",
		 "within ports"},
		{"[media]\ninterface = 127.0.0.1\nworkers = 4\nwebrtc_port = 65533\n", "65536"},
		{"[media]\ninterface = 127.0.0.1\nwebrtc_port = 80\n", "1024"},
		{"[media]\ninterface = 127.0.0.1\nlisten_ng = 2223\n", "udp:ADDRESS:PORT"},
		{"[media]\ninterface = 127.0.0.1\nkey_file = /nowhere/key\n",
		 "[media] key_file (--key-file): /nowhere/key: cannot be opened"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i][0], rows[i][1]);
	settings_free(load("[media]\ninterface = 127.0.0.1\nworkers = 4\nwebrtc_port = 19996\n"));
	assert_string_equal(err.text, "");
}

static void what_is_no_file_is_called_by_its_name(void **state)
{
	(void)state;
	assert_null(load_named("[media]\ninterface = x\n", "command line"));
	assert_int_equal(strncmp(err.text, "command line: [media] interface: ", 33), 0);
	assert_null(load_named("[media]\ninterface = 127.0.0.1\nports = 1\n", "command line"));
	assert_int_equal(strncmp(err.text, "command line: [media] ports: ", 29), 0);
}

static void a_key_is_sixteen_bytes_or_more_without_its_line_end(void **state)
{
	char key[] = "/tmp/attestel-key-XXXXXX", text[200];
	struct settings *settings;
	int fd = mkstemp(key);

	(void)state;
	snprintf(text, sizeof(text), "[media]\ninterface = 127.0.0.1\nkey_file = %s\n", key);
	assert_int_equal(write(fd, "fifteen bytes..\n", 16), 16);
	assert_refused(text, "less than 16 bytes");
	assert_int_equal(pwrite(fd, "sixteen bytes...\n", 17, 0), 17);
	settings = load(text);
	assert_non_null(settings);
	assert_string_equal(settings->key, "sixteen bytes...");
	settings_free(settings);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_refused(text, "[media] key_file (--key-file): /tmp/attestel-key-");
	assert_refused(text, "allowed: 0600 or 0400 (chmod 0400)");
	close(fd);
	unlink(key);
}

static void count(void *magic, const char *text)
{
	assert_non_null(strstr(text, "key_file"));
	++*(int *)magic;
}

static int warnings_of(const char *text)
{
	struct settings *settings = load(text);
	int n = 0;

	assert_non_null(settings);
	settings_warn(settings, count, &n);
	settings_free(settings);
	return n;
}

static void listening_to_other_machines_without_a_key_is_warned_of(void **state)
{
	(void)state;
	assert_int_equal(warnings_of("[media]\ninterface = 127.0.0.1\nlisten_ng = "
				     "udp:127.0.0.1:1,tcp:[::1]:1,unix:/tmp/x\n"),
			 0);
	assert_int_equal(warnings_of("[media]\ninterface = 127.0.0.1\nlisten_ng = udp:0.0.0.0:1,"
				     "udp:192.0.2.1:1\n"),
			 1);
	assert_int_equal(warnings_of("[media]\ninterface = 127.0.0.1\nlisten_ng = tcp:[::]:1\n"),
			 1);
}

static int make_path(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/attestel-media-%d.conf", (int)getpid());
	return 0;
}

static int drop_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_is_enough_and_the_unix_socket_is_the_listener),
		cmocka_unit_test(
			what_does_not_fit_together_is_refused_with_the_file_and_what_to_do),
		cmocka_unit_test(what_is_no_file_is_called_by_its_name),
		cmocka_unit_test(a_key_is_sixteen_bytes_or_more_without_its_line_end),
		cmocka_unit_test(listening_to_other_machines_without_a_key_is_warned_of),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
