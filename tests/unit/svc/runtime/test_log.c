/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the log: what strangers' bytes become, what a line is, what is masked, how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/log.h"

static int64_t fixed_s; /* 0: the real time */

/* The log's clock while a test sets it: the program's definition goes before the library's. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	if (fixed_s && id == CLOCK_REALTIME) {
		*now = (struct timespec){fixed_s, 7000000};
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, id, now);
}

/* One log that writes into a pipe, which the test reads. */
struct sink {
	struct log *log;
	int fds[2];
	char text[65536];
};

static void sink_open(struct sink *sink, struct log_settings settings)
{
	assert_int_equal(pipe2(sink->fds, O_CLOEXEC), 0);
	fcntl(sink->fds[0], F_SETFL, O_NONBLOCK);
	settings.fd = sink->fds[1];
	sink->log = log_new("prog", &settings);
	assert_non_null(sink->log);
	fixed_s = 1773532799; /* 2026-03-14T23:59:59Z */
}

/* All that was written since the last time. */
static const char *sink_read(struct sink *sink)
{
	ssize_t got = read(sink->fds[0], sink->text, sizeof(sink->text) - 1);
	sink->text[got > 0 ? got : 0] = '\0';
	return sink->text;
}

static void sink_close(struct sink *sink)
{
	fixed_s = 0;
	log_free(sink->log);
	close(sink->fds[0]);
	close(sink->fds[1]);
}

#define HEAD "time=2026-03-14T23:59:59.007Z level=info event=e program=prog"
#define JSON_HEAD                                                                                  \
	"{\"time\":\"2026-03-14T23:59:59.007Z\",\"level\":\"info\",\"event\":\"e\",\"program\":"   \
	"\"prog\""

static void a_logfmt_line_has_time_level_event_program_and_fields(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_INFO});
	log_event(sink.log, LOG_INFO, "e", F_STR("id", "x1"), F_INT("ms", -12), F_BOOL("ok", true),
		  F_STR("gone", NULL), F_SPAN("span", "abcdef", 3), F_STR("empty", ""));
	assert_string_equal(sink_read(&sink), HEAD " id=x1 ms=-12 ok=true span=abc empty=\"\"\n");
	log_event(sink.log, LOG_INFO, "e");
	assert_string_equal(sink_read(&sink), HEAD "\n");
	sink_close(&sink);
}

static void a_json_line_has_the_same_with_types(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_INFO, .format = LOG_JSON});
	log_event(sink.log, LOG_INFO, "e", F_STR("id", "x1"), F_INT("ms", INT64_MIN),
		  F_BOOL("ok", false), F_STR("gone", NULL), F_SPAN("span", "abcdef", 3));
	assert_string_equal(sink_read(&sink),
			    JSON_HEAD ",\"id\":\"x1\",\"ms\":-9223372036854775808,"
				      "\"ok\":false,\"span\":\"abc\"}\n");
	sink_close(&sink);
}

static void lines_below_the_level_are_not_written(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_WARNING});
	log_event(sink.log, LOG_DEBUG, "e");
	log_event(sink.log, LOG_INFO, "e");
	assert_string_equal(sink_read(&sink), "");
	log_event(sink.log, LOG_ERROR, "e");
	assert_non_null(strstr(sink_read(&sink), " level=error "));
	log_change(sink.log, &(struct log_settings){.level = LOG_DEBUG, .fd = sink.fds[1]});
	log_event(sink.log, LOG_DEBUG, "e");
	assert_non_null(strstr(sink_read(&sink), " level=debug "));
	sink_close(&sink);
}

/* What a stranger sent, and what stands between the quotes of both formats. */
static const struct {
	const char *text;
	size_t len;
	const char *written;
} strange[] = {
	{"a\nevent=forged", SIZE_MAX, "a\\nevent=forged"},
	{"a\r\tb", SIZE_MAX, "a\\r\\tb"},
	{"say \"hi\" \\", SIZE_MAX, "say \\\"hi\\\" \\\\"},
	{"\x1b[2J", SIZE_MAX, "\\u001b[2J"},
	{"nul\0 byte", 9, "nul\\u0000 byte"},
	{"\x7f\xc2\x9b", SIZE_MAX, "\\u007f\\u009b"},
	{"\xe2\x80\xae"
	 "abc\xe2\x80\xa8",
	 SIZE_MAX, "\\u202eabc\\u2028"},
	{"Z\xc3\xbcrich \xf0\x9f\x98\x80", SIZE_MAX, "Z\xc3\xbcrich \xf0\x9f\x98\x80"},
	{"\xff"
	 "a \xc3",
	 SIZE_MAX,
	 "\xef\xbf\xbd"
	 "a \xef\xbf\xbd"},
	{"\xc0\xaf \xed\xa0\x80", SIZE_MAX,
	 "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

static void strange_bytes_are_escaped_or_replaced_in_both_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof(strange) / sizeof(strange[0]); i++) {
		struct sink sink;
		char expected[400];
		size_t k = i / 2;
		sink_open(&sink, (struct log_settings){.format = i % 2 ? LOG_JSON : LOG_LOGFMT});
		log_event(sink.log, LOG_INFO, "e", F_SPAN("v", strange[k].text, strange[k].len));
		snprintf(expected, sizeof(expected), i % 2 ? "%s,\"v\":\"%s\"}\n" : "%s v=\"%s\"\n",
			 i % 2 ? JSON_HEAD : HEAD, strange[k].written);
		assert_string_equal(sink_read(&sink), expected);
		sink_close(&sink);
	}
}

static void logfmt_quotes_what_would_look_like_a_field(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_INFO});
	log_event(sink.log, LOG_INFO, "e", F_STR("a", "x=y"), F_STR("b", "x y"),
		  F_STR("bad key", "z"));
	assert_string_equal(sink_read(&sink), HEAD " a=\"x=y\" b=\"x y\" bad_key=z\n");
	sink_close(&sink);
}

static void a_line_has_at_most_8_kb_and_says_that_it_was_cut(void **state)
{
	(void)state;
	for (int format = LOG_LOGFMT; format <= LOG_JSON; format++) {
		struct sink sink;
		char big[10000];
		memset(big, '\n', sizeof(big));
		for (size_t len = 1990; len < 2100; len += 7) {
			sink_open(&sink, (struct log_settings){.format = (enum log_format)format});
			log_event(sink.log, LOG_INFO, "e", F_SPAN("a", big, len / 2),
				  F_SPAN("b", big, len / 2), F_SPAN("c", big, len / 2),
				  F_SPAN("d", big, len / 2), F_STR("e", "tail"),
				  F_SPAN("f", big, sizeof(big)));
			const char *text = sink_read(&sink);
			size_t n = strlen(text);
			assert_true(n > 8000 && n <= 8192);
			assert_ptr_equal(strchr(text, '\n'), text + n - 1);
			assert_non_null(strstr(text, format == LOG_JSON ? ",\"log_cut\":true}\n"
									: " log_cut=true\n"));
			sink_close(&sink);
		}
	}
}

static void one_long_value_does_not_push_out_the_next_field(void **state)
{
	(void)state;
	struct sink sink;
	char big[9000];
	memset(big, 'a', sizeof(big));
	sink_open(&sink, (struct log_settings){.format = LOG_JSON});
	log_event(sink.log, LOG_INFO, "e", F_SPAN("a", big, sizeof(big)),
		  F_STR("verdict", "passed"));
	assert_non_null(strstr(sink_read(&sink),
			       "a\xe2\x80\xa6\",\"verdict\":\"passed\",\"log_cut\":true}\n"));
	sink_close(&sink);
}

static void numbers_are_masked_but_for_their_last_two_digits(void **state)
{
	(void)state;
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{"12155551212", "*********12"},
		{"+12155551212", "+*********12"},
		{"+1 (215) 555-1212", "+* (***) ***-**12"},
		{"tel:+1-215-555-1212;ext=12", "tel:+*-***-***-**12;ext=12"},
		{"sip:+12155551212@10.20.30.40;user=phone",
		 "sip:+*********12@10.20.30.40;user=phone"},
		{"sip:%31%32%31%35%35@h", "sip:%**%**%**%**%35@h"},
		{"\"A 911\" <sip:5551212@h>;tag=99", "\"A 911\" <sip:*****12@h>;tag=99"},
		{"112", "112"},
		{"1234", "**34"},
		{"bob", "bob"},
		{"", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char masked[80];
		log_mask_number(cases[i].text, strlen(cases[i].text), masked, sizeof(masked));
		assert_string_equal(masked, cases[i].masked);
	}
}

static void a_mask_that_does_not_fit_is_cut_and_shows_no_more(void **state)
{
	(void)state;
	char masked[8] = "xxxxxxx";
	log_mask_number("12155551212", 11, masked, 6);
	assert_memory_equal(masked, "*****\0x", 8);
	log_mask_number("12155551212", 11, masked, 1);
	assert_string_equal(masked, "");
	log_mask_number("1", 1, masked, 0);
}

static void a_number_field_is_masked_unless_full_numbers_are_wanted(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_INFO});
	log_event(sink.log, LOG_INFO, "e", F_TN("from", "+12155551212"), F_TN("to", NULL));
	assert_string_equal(sink_read(&sink), HEAD " from=+*********12\n");
	log_change(sink.log, &(struct log_settings){.full_numbers = true, .fd = sink.fds[1]});
	log_event(sink.log, LOG_INFO, "e", F_TN("from", "+12155551212"));
	assert_string_equal(sink_read(&sink), HEAD " from=+12155551212\n");
	sink_close(&sink);
}

static size_t lines_in(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void lines_over_the_rate_are_counted_in_one_line_a_second_later(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.per_second_max = 3});
	for (int i = 0; i < 10; i++)
		log_event(sink.log, LOG_INFO, "e");
	assert_int_equal(lines_in(sink_read(&sink)), 3);
	fixed_s++;
	log_event(sink.log, LOG_INFO, "e");
	assert_non_null(strstr(sink_read(&sink), "event=log.suppressed program=prog lines=7\n"));
	assert_int_equal(lines_in(sink.text), 2);
	for (int i = 0; i < 4; i++)
		log_event(sink.log, LOG_INFO, "e");
	sink_read(&sink);
	log_free(sink.log);
	assert_non_null(strstr(sink_read(&sink), "event=log.suppressed program=prog lines=2\n"));
	sink.log = NULL;
	sink_close(&sink);
}

static void a_rate_of_zero_means_a_thousand(void **state)
{
	(void)state;
	struct sink sink;
	sink_open(&sink, (struct log_settings){.level = LOG_INFO});
	size_t lines = 0;
	for (int i = 0; i < 1100; i++) {
		log_event(sink.log, LOG_INFO, "e");
		lines += lines_in(sink_read(&sink));
	}
	assert_int_equal(lines, 1000);
	sink_close(&sink);
}

static void a_full_pipe_does_not_stop_the_caller_and_is_counted(void **state)
{
	(void)state;
	struct sink sink;
	char big[2000];
	memset(big, 'a', sizeof(big));
	sink_open(&sink, (struct log_settings){.per_second_max = 1000000});
	fcntl(sink.fds[1], F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 100; i++)
		log_event(sink.log, LOG_INFO, "e", F_SPAN("v", big, sizeof(big)));
	size_t lines = lines_in(sink_read(&sink));
	assert_true(lines > 10 && lines < 100);
	lines += lines_in(sink_read(&sink));
	log_event(sink.log, LOG_INFO, "e");
	unsigned long lost = strtoul(strstr(sink_read(&sink), "lines=") + 6, NULL, 10);
	assert_int_equal(lost + lines, 100);
	sink_close(&sink);
}

static void *write_many(void *magic)
{
	char big[1900];
	memset(big, 'a', sizeof(big));
	for (int i = 0; i < 200; i++)
		log_event(magic, LOG_INFO, "e", F_SPAN("v", big, sizeof(big)),
			  F_SPAN("w", big, sizeof(big)), F_SPAN("x", big, sizeof(big)));
	return NULL;
}

static void lines_of_several_threads_never_mix(void **state)
{
	(void)state;
	char name[] = "/tmp/log-XXXXXX", line[9000];
	int fd = mkstemp(name);
	pthread_t threads[4];
	struct log *log =
		log_new("prog", &(struct log_settings){.per_second_max = 100000, .fd = fd});
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_many, log), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_free(log);
	lseek(fd, 0, SEEK_SET);
	FILE *in = fdopen(fd, "r");
	size_t n = 0, first = 0;
	for (; fgets(line, sizeof(line), in); n++) {
		assert_memory_equal(line, "time=", 5);
		size_t len = strlen(line);
		first = first ? first : len;
		assert_int_equal(len, first);
		assert_ptr_equal(strrchr(line, '='), line + len - 1902);
	}
	assert_int_equal(n, 800);
	fclose(in);
	unlink(name);
}

/* A second opinion: Python's parser reads every JSON line that the strange bytes make. */
static void another_parser_accepts_every_json_line(void **state)
{
	(void)state;
	char name[] = "/tmp/log-XXXXXX";
	int fd = mkstemp(name);
	struct log *log = log_new("pr\"og\n", &(struct log_settings){.format = LOG_JSON, .fd = fd});
	char bytes[256], big[9000];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 256);
	for (size_t i = 0; i < 200; i++)
		log_event(log, LOG_INFO, "e\"v", F_SPAN("a\"b", bytes, sizeof(bytes)),
			  F_SPAN("c", big + i, 2000), F_SPAN("d", big, 300 + i),
			  F_SPAN("e", big, 1000), F_SPAN("f", big + i, 4000), F_INT("g", 1),
			  F_TN("h", "+12155551212"));
	log_free(log);
	lseek(fd, 0, SEEK_SET);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fd, 0);
		execl("/usr/bin/python3", "python3", "-c",
		      "import sys,json\n"
		      "lines=sys.stdin.buffer.read().decode('utf-8').split('\\n')\n"
		      "assert len(lines)==201 and lines[-1]==''\n"
		      "rows=[json.loads(l) for l in lines[:-1]]\n"
		      "assert all(r['level']=='info' and len(r)>5 for r in rows)\n",
		      (char *)NULL);
		_exit(126);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	close(fd);
	unlink(name);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_logfmt_line_has_time_level_event_program_and_fields),
		cmocka_unit_test(a_json_line_has_the_same_with_types),
		cmocka_unit_test(lines_below_the_level_are_not_written),
		cmocka_unit_test(strange_bytes_are_escaped_or_replaced_in_both_formats),
		cmocka_unit_test(logfmt_quotes_what_would_look_like_a_field),
		cmocka_unit_test(a_line_has_at_most_8_kb_and_says_that_it_was_cut),
		cmocka_unit_test(one_long_value_does_not_push_out_the_next_field),
		cmocka_unit_test(numbers_are_masked_but_for_their_last_two_digits),
		cmocka_unit_test(a_mask_that_does_not_fit_is_cut_and_shows_no_more),
		cmocka_unit_test(a_number_field_is_masked_unless_full_numbers_are_wanted),
		cmocka_unit_test(lines_over_the_rate_are_counted_in_one_line_a_second_later),
		cmocka_unit_test(a_rate_of_zero_means_a_thousand),
		cmocka_unit_test(a_full_pipe_does_not_stop_the_caller_and_is_counted),
		cmocka_unit_test(lines_of_several_threads_never_mix),
		cmocka_unit_test(another_parser_accepts_every_json_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
