/* SPDX-License-Identifier: Apache-2.0 */
/* Builds one line on the stack, in logfmt or JSON, and gives it to the kernel in one write(2). */
#include "svc/runtime/log.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "svc/runtime/utf8.h"

#define LINE_MAX_BYTES 8192
#define TAIL_BYTES     64 /* kept free for the mark of a cut line and its end */
#define VALUE_MAX_BYTES                                                                            \
	2048 /* one value, escaped: a stranger's text must not push out the rest                   \
	      */
#define NUMBER_MAX   512
#define PROGRAM_MAX  64
#define DEFAULT_RATE 1000
#define CUT_MARK     "\xE2\x80\xA6" /* the ellipsis */

struct log {
	_Atomic enum log_level level; /* settings.level, for a look without the lock */
	pthread_mutex_t lock; /* all below; held over write(2), as pipes tear lines over 4 KB */
	struct log_settings settings;
	char program[PROGRAM_MAX];
	int64_t second; /* the one being counted */
	unsigned lines;
	uint64_t suppressed;
};

struct line {
	char text[LINE_MAX_BYTES];
	size_t len, limit;
	bool json, cut;
};

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

/* All of text or nothing. */
static bool put(struct line *line, const char *text, size_t len)
{
	if (line->len > line->limit || len > line->limit - line->len)
		return false;
	memcpy(line->text + line->len, text, len);
	line->len += len;
	return true;
}

/* Controls, quotes, and the invisible characters that reorder or break a line on a screen. */
static bool is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == '"' || cp == '\\' ||
	       (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

/* Both formats take JSON's escapes (RFC 8259 §7). */
static size_t escape(uint32_t cp, char out[8])
{
	static const struct {
		char byte, letter;
	} short_forms[] = {{'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};
	for (size_t i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i++) {
		if (cp == (unsigned char)short_forms[i].byte)
			return (size_t)snprintf(out, 8, "\\%c", short_forms[i].letter);
	}
	return (size_t)snprintf(out, 8, "\\u%04x", (unsigned)cp & 0xFFFF);
}

static void put_text(struct line *line, const char *text, size_t len)
{
	size_t start = line->len, limit = line->limit;
	if (limit - start > VALUE_MAX_BYTES)
		line->limit = start + VALUE_MAX_BYTES;
	while (len > 0) {
		uint32_t cp = 0;
		char escaped[8];
		size_t step = utf8_next(text, len, &cp);
		bool fits;
		if (step == 0)
			fits = put(line, "\xEF\xBF\xBD", 3);
		else if (is_unsafe(cp))
			fits = put(line, escaped, escape(cp, escaped));
		else
			fits = put(line, text, step);
		if (!fits) {
			line->limit = limit + sizeof(CUT_MARK); /* TAIL_BYTES has room for it */
			put(line, CUT_MARK, sizeof(CUT_MARK) - 1);
			line->cut = true;
			break;
		}
		step = step ? step : 1;
		text += step;
		len -= step;
	}
	line->limit = limit;
}

/* logfmt needs no quotes around a value of these. */
static bool is_bare(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return len > 0;
}

/* Keys are our own literals; whatever they hold, the line stays well-formed. */
static bool put_key(struct line *line, const char *key)
{
	size_t start = line->len;
	bool fits = line->json ? put(line, start ? ",\"" : "{\"", 2) : !start || put(line, " ", 1);
	for (; *key && fits; key++) {
		char c = isalnum((unsigned char)*key) || *key == '.' || *key == '-' ? *key : '_';
		fits = put(line, &c, 1);
	}
	fits = fits && put(line, line->json ? "\":" : "=", line->json ? 2 : 1);
	if (!fits) {
		line->len = start;
		line->cut = true;
	}
	return fits;
}

/* A key and something of its value, or nothing of either. */
static void put_pair(struct line *line, const char *key, const char *text, size_t len, bool literal)
{
	size_t start = line->len;
	if (!put_key(line, key))
		return;
	bool quoted = !literal && (line->json || !is_bare(text, len) || len > VALUE_MAX_BYTES);
	bool fits = literal ? put(line, text, len) : !quoted || put(line, "\"", 1);
	if (!fits) {
		line->len = start;
		line->cut = true;
		return;
	}
	if (literal)
		return;
	put_text(line, text, len);
	size_t limit = line->limit;
	line->limit = limit + 2 * sizeof(CUT_MARK);
	if (quoted)
		put(line, "\"", 1);
	line->limit = limit;
}

static void put_string(struct line *line, const char *key, const char *text)
{
	put_pair(line, key, text, strlen(text), false);
}

static void put_number(struct line *line, const char *key, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);
	put_pair(line, key, digits, (size_t)len, true);
}

static void put_field(struct line *line, const struct log_field *field, bool full_numbers)
{
	char masked[NUMBER_MAX];
	const char *text = field->text;
	bool is_text = field->type == LOG_FIELD_STRING || field->type == LOG_FIELD_TN;
	if (is_text && !text)
		return;
	size_t len = !is_text ? 0 : field->len == SIZE_MAX ? strlen(text) : field->len;
	switch (field->type) {
	case LOG_FIELD_INT:
		put_number(line, field->key, field->number);
		break;
	case LOG_FIELD_BOOL:
		text = field->number ? "true" : "false";
		put_pair(line, field->key, text, strlen(text), true);
		break;
	case LOG_FIELD_TN:
		if (!full_numbers) {
			log_mask_number(text, len, masked, sizeof(masked));
			len = len < sizeof(masked) ? len : sizeof(masked) - 1;
			text = masked;
		}
		put_pair(line, field->key, text, len, false);
		break;
	case LOG_FIELD_STRING:
		put_pair(line, field->key, text, len, false);
		break;
	case LOG_FIELD_END:
		break;
	}
}

static void put_head(struct line *line, const struct log *log, const struct timespec *now,
		     enum log_level level, const char *event)
{
	struct tm utc;
	char stamp[32], full[48];
	line->json = log->settings.format == LOG_JSON;
	line->limit = LINE_MAX_BYTES - TAIL_BYTES;
	gmtime_r(&now->tv_sec, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(full, sizeof(full), "%s.%03ldZ", stamp, now->tv_nsec / 1000000);
	put_string(line, "time", full);
	put_string(line, "level", level_names[level]);
	put_string(line, "event", event);
	put_string(line, "program", log->program);
}

/* false: the kernel would not take it, so it is one more line that nobody sees. */
static bool line_send(struct line *line, int fd)
{
	bool cut = line->cut;
	size_t sent = 0;
	line->limit = LINE_MAX_BYTES;
	if (cut)
		put_pair(line, "log_cut", "true", 4, true);
	if (line->json)
		put(line, "}", 1);
	put(line, "\n", 1);
	for (int tries = 0; tries < 16 && sent < line->len; tries++) {
		ssize_t done = write(fd, line->text + sent, line->len - sent);
		if (done > 0)
			sent += (size_t)done;
		else if (done < 0 && errno != EINTR)
			break;
	}
	return sent > 0;
}

/* Counts this second's lines; the first of a later second tells what was left out before it. */
static bool admit(struct log *log, const struct timespec *now)
{
	unsigned most = log->settings.per_second_max ? log->settings.per_second_max : DEFAULT_RATE;
	if (log->second != now->tv_sec) {
		log->second = now->tv_sec;
		log->lines = 0;
	}
	if (log->lines >= most) {
		log->suppressed++;
		return false;
	}
	log->lines++;
	return true;
}

static void tell_suppressed(struct log *log, const struct timespec *now)
{
	struct line line = {.len = 0};
	if (log->suppressed == 0)
		return;
	put_head(&line, log, now, LOG_WARNING, "log.suppressed");
	put_number(&line, "lines", (int64_t)log->suppressed);
	if (line_send(&line, log->settings.fd))
		log->suppressed = 0;
}

static struct log_settings completed(const struct log_settings *settings)
{
	struct log_settings own = *settings;
	if (own.fd <= 0) /* a zeroed struct means stderr, never stdin */
		own.fd = STDERR_FILENO;
	return own;
}

struct log *log_new(const char *program, const struct log_settings *settings)
{
	struct log *log = calloc(1, sizeof(*log));
	if (!log)
		return NULL;
	if (pthread_mutex_init(&log->lock, NULL) != 0) {
		free(log);
		return NULL;
	}
	log->settings = completed(settings);
	log->level = settings->level;
	snprintf(log->program, sizeof(log->program), "%s", program);
	return log;
}

void log_free(struct log *log)
{
	struct timespec now;
	if (!log)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	tell_suppressed(log, &now);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

void log_change(struct log *log, const struct log_settings *settings)
{
	pthread_mutex_lock(&log->lock);
	log->settings = completed(settings);
	log->level = settings->level;
	pthread_mutex_unlock(&log->lock);
}

bool log_wants(const struct log *log, enum log_level level)
{
	return level >= log->level;
}

void log_write(struct log *log, enum log_level level, const char *event,
	       const struct log_field *fields)
{
	struct timespec now;
	if (!log_wants(log, level))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	pthread_mutex_lock(&log->lock);
	if (admit(log, &now)) {
		struct line line;
		line.len = 0;
		line.cut = false;
		tell_suppressed(log, &now);
		put_head(&line, log, &now, level, event);
		for (; fields->type != LOG_FIELD_END; fields++)
			put_field(&line, fields, log->settings.full_numbers);
		if (!line_send(&line, log->settings.fd))
			log->suppressed++;
	}
	pthread_mutex_unlock(&log->lock);
}

/* What people and percent-encoding put between the digits of one number. */
static bool is_separator(char c)
{
	return c != '\0' && strchr("-.() %", c) != NULL;
}

/* Bytes of the run of digits at text; they may be separated up to the "@" of a URI, not after. */
static size_t run_length(const char *text, size_t len, bool separated, size_t *digits_out)
{
	size_t end = 0;
	*digits_out = 0;
	for (size_t i = 0; i < len; i++) {
		if (isdigit((unsigned char)text[i])) {
			++*digits_out;
			end = i + 1;
		} else if (!separated || !is_separator(text[i])) {
			break;
		}
	}
	return end;
}

void log_mask_number(const char *text, size_t len, char *masked_out, size_t size)
{
	size_t out = 0;
	bool separated = true;
	for (size_t i = 0; i < len && out + 1 < size;) {
		size_t digits, run = run_length(text + i, len - i, separated, &digits);
		size_t masked = digits >= 4 ? digits - 2 : 0;
		separated = separated && text[i] != '@';
		for (size_t end = i + (run ? run : 1); i < end && out + 1 < size; i++) {
			bool digit = isdigit((unsigned char)text[i]);
			masked_out[out++] = digit && masked ? '*' : text[i];
			masked -= digit && masked;
		}
	}
	if (size > 0)
		masked_out[out] = '\0';
}
