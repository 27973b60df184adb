/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the configuration: what loads, what is refused and how, what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/conf.h"

struct main_section {
	const char *realm, *key_file;
	struct conf_address listen, admin;
	int64_t workers, timeout;
	int transport;
	bool verify;
	struct conf_list hosts;
};

struct trunk_section {
	const char *title;
	const char *peer;
	int64_t wait;
};

static const char *const transports[] = {"udp", "tcp", "tls", NULL};

static const char *check_realm(const char *text)
{
	return strchr(text, ' ') ? "a name without spaces" : NULL;
}

static const char *check_host(const char *text)
{
	return *text == '\0' ? "a host" : NULL;
}

#define AT(member) .offset = offsetof(struct main_section, member)

static const struct conf_option main_options[] = {
	{.name = "realm", .type = CONF_STRING, AT(realm), .check = check_realm, .doc = "Realm."},
	{.name = "key_file", .type = CONF_PATH, AT(key_file), .doc = "Key."},
	{.name = "listen",
	 .type = CONF_ADDRESS,
	 AT(listen),
	 .fallback = "127.0.0.1:5060",
	 .doc = "SIP."},
	{.name = "admin", .type = CONF_ADDRESS, AT(admin), .doc = "Admin."},
	{.name = "workers",
	 .type = CONF_INT,
	 AT(workers),
	 .min = 1,
	 .max = 64,
	 .fallback = "4",
	 .unit = "threads",
	 .doc = "Threads."},
	{.name = "timeout",
	 .type = CONF_DURATION,
	 AT(timeout),
	 .min = 10,
	 .max = 86400000,
	 .fallback = "500ms",
	 .reloadable = true,
	 .doc = "Wait."},
	{.name = "transport",
	 .type = CONF_CHOICE,
	 AT(transport),
	 .choices = transports,
	 .fallback = "udp",
	 .doc = "Transport."},
	{.name = "verify",
	 .type = CONF_BOOL,
	 AT(verify),
	 .fallback = "yes",
	 .reloadable = true,
	 .doc = "Verify."},
	{.name = "hosts",
	 .type = CONF_LIST,
	 AT(hosts),
	 .fallback = "a.example, b.example",
	 .check = check_host,
	 .reloadable = true,
	 .doc = "Hosts."},
};

static const struct conf_option trunk_options[] = {
	{.name = "peer",
	 .type = CONF_STRING,
	 .offset = offsetof(struct trunk_section, peer),
	 .required = true,
	 .reloadable = true,
	 .doc = "Peer."},
	{.name = "wait",
	 .type = CONF_DURATION,
	 .offset = offsetof(struct trunk_section, wait),
	 .max = 60000,
	 .fallback = "1s",
	 .reloadable = true,
	 .doc = "Wait."},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct conf_section sections[] = {
	{"proxy", false, sizeof(struct main_section), main_options, COUNT(main_options),
	 "The proxy."},
	{"trunk", true, sizeof(struct trunk_section), trunk_options, COUNT(trunk_options),
	 "A peer."},
};
static const struct conf_schema schema = {sections, COUNT(sections)};

/* A file of these bytes; the name is the test's to unlink. */
static void file_make(char name[32], const void *bytes, size_t len)
{
	snprintf(name, 32, "/tmp/conf-XXXXXX");
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static struct conf *load_bytes(const void *bytes, size_t len, struct conf_error *err)
{
	char name[32];
	file_make(name, bytes, len);
	struct conf *conf = conf_load(name, &schema, err);
	unlink(name);
	return conf;
}

static struct conf *load(const char *text)
{
	struct conf_error err = {.text = ""};
	struct conf *conf = load_bytes(text, strlen(text), &err);
	assert_string_equal(err.text, "");
	assert_non_null(conf);
	return conf;
}

/* The message begins with the file and the line, and goes on with text. */
static void refused_bytes(const void *bytes, size_t len, unsigned line, const char *text)
{
	struct conf_error err = {.text = ""};
	assert_null(load_bytes(bytes, len, &err));
	assert_int_equal(err.line, line);
	assert_memory_equal(err.text, "/tmp/conf-", 10);
	char where[16];
	snprintf(where, sizeof(where), line ? ":%u: " : ": ", line);
	const char *rest = strstr(err.text, where);
	assert_non_null(rest);
	if (strncmp(rest + strlen(where), text, strlen(text)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", rest + strlen(where), text);
}

static void refused(const char *text, unsigned line, const char *why)
{
	refused_bytes(text, strlen(text), line, why);
}

static char *printed(const struct conf *conf)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	conf_print(conf, out);
	fclose(out);
	return text;
}

static void defaults_apply_to_an_empty_file(void **state)
{
	(void)state;
	struct conf *conf = load("");
	const struct main_section *main = conf_get(conf, "proxy");
	assert_null(main->realm);
	assert_null(main->admin.host);
	assert_string_equal(main->listen.host, "127.0.0.1");
	assert_int_equal(main->listen.port, 5060);
	assert_int_equal(main->workers, 4);
	assert_int_equal(main->timeout, 500);
	assert_true(main->verify);
	assert_int_equal(main->hosts.n, 2);
	assert_string_equal(main->hosts.items[1], "b.example");
	assert_int_equal(conf_count(conf, "trunk"), 0);
	assert_null(conf_at(conf, "trunk", 0));
	conf_free(conf);
}

static void every_type_is_read(void **state)
{
	(void)state;
	struct conf *conf = load("\xEF\xBB\xBF; BOM, comments, tabs and CRLF are fine\r\n"
				 "[proxy]\r\n"
				 "\trealm\t=\tcarrier.example ; a comment\r\n"
				 "key_file = /etc/key\r\n"
				 "listen = [::1]:0\n"
				 "admin = 0.0.0.0:65535\n"
				 "workers = 64\n"
				 "timeout = 24h\n"
				 "transport = tls\n"
				 "verify = OFF\n"
				 "hosts = a\n"
				 "  hosts = b , c");
	const struct main_section *main = conf_get(conf, "proxy");
	assert_string_equal(main->realm, "carrier.example");
	assert_string_equal(main->key_file, "/etc/key");
	assert_string_equal(main->listen.host, "::1");
	assert_int_equal(main->listen.port, 0);
	assert_int_equal(main->admin.port, 65535);
	assert_int_equal(main->workers, 64);
	assert_int_equal(main->timeout, 86400000);
	assert_int_equal(main->transport, 2);
	assert_false(main->verify);
	assert_int_equal(main->hosts.n, 3);
	assert_string_equal(main->hosts.items[0], "a");
	assert_string_equal(main->hosts.items[2], "c");
	conf_free(conf);
}

static void titled_sections_keep_their_order_and_titles(void **state)
{
	(void)state;
	char text[400], title[65];
	memset(title, 'x', 64);
	title[64] = '\0';
	snprintf(text, sizeof(text), "[trunk \"b\"]\npeer = 1\n[ trunk\"broken\"\n");
	refused(text, 3,
		"[ trunk\"broken\": broken section header; allowed: [proxy], [trunk \"title\"]");
	snprintf(text, sizeof(text), "[trunk \"%s\"]\npeer = 1\n[trunk   \"a b\" ] # x\npeer=2\n",
		 title);
	struct conf *conf = load(text);
	assert_int_equal(conf_count(conf, "trunk"), 2);
	const struct trunk_section *first = conf_at(conf, "trunk", 0);
	const struct trunk_section *second = conf_at(conf, "trunk", 1);
	assert_string_equal(first->title, title);
	assert_string_equal(second->title, "a b");
	assert_string_equal(second->peer, "2");
	assert_int_equal(second->wait, 1000);
	assert_null(conf_at(conf, "trunk", 2));
	conf_free(conf);
}

static void an_error_names_file_line_option_and_what_is_allowed(void **state)
{
	(void)state;
	refused("[proxy]\nworkers = 65\n", 2,
		"[proxy] workers: \"65\" is out of range; allowed: 1..64 threads");
	refused("[proxy]\nworkers = 4x\n", 2, "[proxy] workers: \"4x\" is not a whole number");
	refused("[proxy]\nworkers =\n", 2, "[proxy] workers: \"\" is not a whole number");
	refused("[proxy]\nworkers = 99999999999999999999\n", 2, "[proxy] workers: ");
	refused("[proxy]\ntimeout = 5\n", 2, "[proxy] timeout: \"5\" has no unit");
	refused("[proxy]\ntimeout = 9ms\n", 2,
		"[proxy] timeout: \"9ms\" is out of range; allowed: 10ms..24h");
	refused("[proxy]\ntimeout = 9000000000000000h\n", 2, "[proxy] timeout: ");
	refused("[proxy]\ntimeout = -5s\n", 2, "[proxy] timeout: \"-5s\" is out of range");
	refused("[proxy]\ntransport = sctp\n", 2,
		"[proxy] transport: \"sctp\" is not one of the choices; allowed: udp, tcp, tls");
	refused("[proxy]\nverify = maybe\n", 2, "[proxy] verify: \"maybe\" is neither yes nor no");
	refused("[proxy]\nkey_file =\n", 2, "[proxy] key_file: \"\" is empty; allowed: a path");
	refused("[proxy]\nrealm = a b\n", 2,
		"[proxy] realm: \"a b\" is not allowed; allowed: a name without spaces");
	refused("[proxy]\nhosts = a,,b\n", 2, "[proxy] hosts: ");
	refused("[trunk \"p\"]\nwait = 2m\npeer = x\n", 2,
		"[trunk \"p\"] wait: \"2m\" is out of range; allowed: 0ms..1m");
}

static void an_address_is_a_literal_with_a_port(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"localhost:80", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:-1",
		"::1:80",	"[::1]",     "[127.0.0.1]:80",	"[::1:80",    "127.0.0.1:80x",
		":80",		"[]:80"};
	for (size_t i = 0; i < COUNT(wrong); i++) {
		char text[80];
		snprintf(text, sizeof(text), "[proxy]\nlisten = %s\n", wrong[i]);
		refused(text, 2, "[proxy] listen: ");
	}
}

static void an_empty_address_takes_back_the_default(void **state)
{
	(void)state;
	struct conf *conf = load("[proxy]\nlisten =\n");
	assert_null(((const struct main_section *)conf_get(conf, "proxy"))->listen.host);
	conf_free(conf);
}

static void unknown_doubled_and_missing_things_are_errors(void **state)
{
	(void)state;
	refused("[proxy]\nworker = 4\n", 2,
		"[proxy] worker: unknown option; allowed: workers (nearest); or realm, key_file");
	refused("[proxy]\nzzzzzzzz = 4\n", 2, "[proxy] zzzzzzzz: unknown option; allowed: realm,");
	refused("[proxi]\n", 1, "[proxi]: unknown section; allowed: [proxy], [trunk \"title\"]");
	refused("[proxy]\nrealm = a\nrealm = b\n", 3,
		"[proxy] realm: given twice, first on line 2; allowed: once");
	refused("[proxy]\n[proxy]\n", 2, "[proxy]: section given twice, first on line 1");
	refused("[trunk \"a\"]\npeer=1\n[trunk \"a\"]\n", 3, "[trunk \"a\"]: section given twice");
	refused("[trunk \"a\"]\n", 1, "[trunk \"a\"] peer: is required");
	refused("[trunk \"a\"]\npeer =\n", 2, "[trunk \"a\"] peer: \"\" is empty");
	refused("[trunk]\n", 1, "[trunk]: needs a title");
	refused("[trunk \"\"]\n", 1, "[trunk]: needs a title");
	refused("[proxy \"a\"]\n", 1, "[proxy]: has no title");
	refused("[proxy] workers = 3\n", 1, "[proxy] workers = 3: broken section header");
	refused("workers = 3\n", 1, "workers: option outside a section");
	refused("[proxy]\nworkers\n", 2, "neither a section nor an option; allowed: name = value");
	refused("[proxy]\nno equals sign\nworkers = 99\n", 2, "neither a section nor an option");
	refused("[proxy]\nworkers = 99\nno equals sign\n", 2, "[proxy] workers: ");
	refused("[proxy]\nrealm = x\n  continued = y\n", 3, "[proxy] continued: unknown option");
}

static void a_comment_after_a_value_is_not_taken_for_the_value(void **state)
{
	(void)state;
	refused("[proxy]\nkey_file = /etc/key # ours\n", 2,
		"[proxy] key_file: comment in the value");
	refused("[proxy]\nkey_file =;/etc/key\n", 2, "[proxy] key_file: comment in the value");
	struct conf *conf = load("[proxy]\nkey_file = /etc/#1;x\n");
	assert_string_equal(((const struct main_section *)conf_get(conf, "proxy"))->key_file,
			    "/etc/#1;x");
	conf_free(conf);
}

static void a_line_of_199_bytes_loads_and_one_of_200_is_refused(void **state)
{
	(void)state;
	char text[300] = "[proxy]\nrealm=";
	memset(text + strlen(text), 'r', 199 - strlen("realm="));
	assert_int_equal(strlen(text), 8 + 199);
	struct conf *conf = load(text);
	assert_int_equal(strlen(((const struct main_section *)conf_get(conf, "proxy"))->realm),
			 193);
	char *first = printed(conf);
	struct conf *again = load(first);
	assert_int_equal(conf_diff(conf, again, NULL, NULL), 0);
	free(first);
	conf_free(again);
	conf_free(conf);
	text[strlen(text)] = 'r';
	refused(text, 2, "line of 200 bytes is too long; allowed: 199 bytes");
	memset(text, ';', 200);
	text[200] = '\0';
	refused(text, 1, "line of 200 bytes is too long");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	(void)state;
	refused_bytes("[proxy]\nrealm = a\0b\n", 20, 2, "control byte or broken UTF-8");
	refused("[proxy]\nrealm = a\x1b[31m\n", 2, "control byte or broken UTF-8");
	refused("[proxy]\nrealm = a\xff\n", 2, "control byte or broken UTF-8");
	refused("[proxy]\nrealm = \xc0\xaf\n", 2, "control byte or broken UTF-8");
	struct conf *conf = load("[proxy]\nrealm = Z\xc3\xbcrich\n");
	conf_free(conf);
}

static void a_file_that_cannot_be_read_or_is_too_long_is_refused(void **state)
{
	(void)state;
	struct conf_error err;
	assert_null(conf_load("/nonexistent/file", &schema, &err));
	assert_string_equal(err.text,
			    "/nonexistent/file: cannot be read: No such file or directory");
	assert_int_equal(err.line, 0);
	assert_null(conf_load("/tmp", &schema, &err));
	assert_null(conf_load("/nonexistent/file", &schema, NULL));
	size_t len = 1048577;
	char *big = malloc(len);
	memset(big, '\n', len);
	refused_bytes(big, len, 0, "file too long");
	struct conf *conf = load_bytes(big, len - 1, &err);
	assert_non_null(conf);
	conf_free(conf);
	free(big);
}

static void more_than_256_titled_sections_are_refused(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	for (int i = 0; i < 257; i++)
		fprintf(out, "[trunk \"t%d\"]\npeer = x\n", i);
	fclose(out);
	refused_bytes(text, len, 513, "[trunk]: too many sections; allowed: 256");
	free(text);
}

static const char full[] = "[proxy]\nrealm = r\nlisten = [::1]:5060\nadmin=127.0.0.1:0\n"
			   "timeout = 90s\ntransport = tcp\nverify = 0\nhosts = x, y\nhosts = z\n"
			   "[trunk \"b c\"]\npeer = 1\n[trunk \"a\"]\npeer = 2\nwait = 250ms\n";

static void what_is_printed_loads_again_and_is_the_same(void **state)
{
	(void)state;
	static const char *const texts[] = {"", full, "[proxy]\nlisten =\nhosts =\nrealm =\n"};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf *conf = load(texts[i]);
		char *first = printed(conf);
		struct conf *again = load(first);
		char *second = printed(again);
		assert_string_equal(first, second);
		assert_int_equal(conf_diff(conf, again, NULL, NULL), 0);
		free(first);
		free(second);
		conf_free(again);
		conf_free(conf);
	}
}

static void the_print_shows_defaults_and_units(void **state)
{
	(void)state;
	struct conf *conf = load(full);
	char *text = printed(conf);
	assert_non_null(strstr(text, "workers = 4\n"));
	assert_non_null(strstr(text, "timeout = 90s\n"));
	assert_non_null(strstr(text, "# key_file is not set\n"));
	assert_non_null(strstr(text, "hosts = x\nhosts = y\nhosts = z\n"));
	assert_non_null(strstr(text, "\n[trunk \"b c\"]\npeer = 1\nwait = 1s\n"));
	free(text);
	conf_free(conf);
}

static void the_manual_tells_type_range_default_unit_and_reload(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	conf_print_manual(&schema, out);
	fclose(out);
	assert_non_null(strstr(text, "workers = number\n    Threads.\n    Allowed: 1..64 threads. "
				     "Default: 4. A change needs a restart.\n"));
	assert_non_null(strstr(text, "timeout = duration\n    Wait.\n    Allowed: 10ms..24h. "
				     "Default: 500ms. A change needs a reload.\n"));
	assert_non_null(strstr(text, "    Allowed: a host; several, separated by commas. "));
	assert_non_null(strstr(text, "[trunk \"title\"], any number\nA peer.\n"));
	assert_non_null(strstr(text, "Required."));
	free(text);
}

static void record(void *magic, const char *section, const char *title, const char *option,
		   bool reloadable)
{
	FILE *out = magic;
	fprintf(out, "%s/%s/%s/%d ", section, title ? title : "", option ? option : "", reloadable);
}

static void a_diff_names_each_change_and_counts_restarts(void **state)
{
	(void)state;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct conf *old = load(full);
	struct conf *new = load("[proxy]\nrealm = r\nlisten = [::1]:5061\nadmin=127.0.0.1:0\n"
				"timeout = 91s\ntransport = tcp\nverify = 0\nhosts = x, z\n"
				"[trunk \"a\"]\npeer = 2\nwait = 250ms\n[trunk \"n\"]\npeer = 3\n");
	assert_int_equal(conf_diff(old, new, record, out), 1);
	fclose(out);
	assert_string_equal(text, "proxy//listen/0 proxy//timeout/1 proxy//hosts/1 trunk/n//1 "
				  "trunk/b c//1 ");
	free(text);
	conf_free(old);
	conf_free(new);
}

static void what_was_never_set_is_not_printed_as_a_value(void **state)
{
	(void)state;
	static const struct conf_option options[] = {
		{.name = "n", .type = CONF_INT, .offset = 0, .min = 1, .max = 9, .doc = "N."}};
	static const struct conf_section section = {"s", false, sizeof(int64_t), options, 1, "S."};
	static const struct conf_schema small = {&section, 1};
	struct conf *conf = conf_load("/dev/null", &small, NULL);
	char *text = printed(conf);
	assert_string_equal(text, "[s]\n# n is not set\n");
	free(text);
	conf_free(conf);
}

static void a_broken_default_of_the_table_is_told(void **state)
{
	(void)state;
	static const struct conf_option options[] = {
		{.name = "n", .type = CONF_INT, .max = 9, .fallback = "10", .doc = "N."}};
	static const struct conf_section section = {"s", false, sizeof(int64_t), options, 1, "S."};
	static const struct conf_schema small = {&section, 1};
	struct conf_error err;
	assert_null(conf_load("/dev/null", &small, &err));
	assert_string_equal(err.text, "/dev/null: [s] n: broken default: \"10\" is out of range; "
				      "allowed: 0..9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_apply_to_an_empty_file),
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(titled_sections_keep_their_order_and_titles),
		cmocka_unit_test(an_error_names_file_line_option_and_what_is_allowed),
		cmocka_unit_test(an_address_is_a_literal_with_a_port),
		cmocka_unit_test(an_empty_address_takes_back_the_default),
		cmocka_unit_test(unknown_doubled_and_missing_things_are_errors),
		cmocka_unit_test(a_comment_after_a_value_is_not_taken_for_the_value),
		cmocka_unit_test(a_line_of_199_bytes_loads_and_one_of_200_is_refused),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_or_is_too_long_is_refused),
		cmocka_unit_test(more_than_256_titled_sections_are_refused),
		cmocka_unit_test(what_is_printed_loads_again_and_is_the_same),
		cmocka_unit_test(the_print_shows_defaults_and_units),
		cmocka_unit_test(the_manual_tells_type_range_default_unit_and_reload),
		cmocka_unit_test(what_was_never_set_is_not_printed_as_a_value),
		cmocka_unit_test(a_broken_default_of_the_table_is_told),
		cmocka_unit_test(a_diff_names_each_change_and_counts_restarts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
