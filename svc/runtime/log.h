/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines on stderr: logfmt or JSON, one event a line, fixed event names, typed fields. Control
 * bytes are escaped, invalid UTF-8 replaced, telephone numbers masked, lines at most 8 KB
 * and values at most 2 KB; a line that was cut says log_cut=true.
 */
#ifndef RUNTIME_LOG_H
#define RUNTIME_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };
enum log_format { LOG_LOGFMT, LOG_JSON };

enum log_field_type {
	LOG_FIELD_END,
	LOG_FIELD_STRING,
	LOG_FIELD_INT,
	LOG_FIELD_TN,
	LOG_FIELD_BOOL
};

struct log_field {
	enum log_field_type type;
	const char *key;
	const char *text; /* STRING and TN; NULL: the field is left out */
	size_t len;	  /* SIZE_MAX: text ends in NUL */
	int64_t number;	  /* INT and BOOL */
};

#define F_STR(k, v)                                                                                \
	{                                                                                          \
		.type = LOG_FIELD_STRING, .key = (k), .text = (v), .len = SIZE_MAX                 \
	}
#define F_SPAN(k, p, n)                                                                            \
	{                                                                                          \
		.type = LOG_FIELD_STRING, .key = (k), .text = (p), .len = (n)                      \
	}
#define F_INT(k, v)                                                                                \
	{                                                                                          \
		.type = LOG_FIELD_INT, .key = (k), .number = (v)                                   \
	}
#define F_BOOL(k, v)                                                                               \
	{                                                                                          \
		.type = LOG_FIELD_BOOL, .key = (k), .number = (v)                                  \
	}
/* A telephone number or a URI with one: all but its last two digits are masked by default. */
#define F_TN(k, v)                                                                                 \
	{                                                                                          \
		.type = LOG_FIELD_TN, .key = (k), .text = (v), .len = SIZE_MAX                     \
	}

struct log_settings {
	enum log_level level;
	enum log_format format;
	bool full_numbers;	 /* write telephone numbers unmasked */
	unsigned per_second_max; /* lines a second, then one "log.suppressed"; 0: 1000 */
	int fd;			 /* where lines go; 0 means 2, standard error */
};

/* Any number of threads may write to one log. */
struct log;

struct log *log_new(const char *program, const struct log_settings *settings); /* NULL: no memory */
void log_free(struct log *log);
void log_change(struct log *log, const struct log_settings *settings);

/* Whether lines of that level are written at all: for those who would make their fields in vain. */
bool log_wants(const struct log *log, enum log_level level);

/* Use log_event(log, LOG_INFO, "call.end", F_STR("call_id", id), F_INT("ms", 12)); */
void log_write(struct log *log, enum log_level level, const char *event,
	       const struct log_field *fields);
#define log_event(log, level, event, ...)                                                          \
	log_write((log), (level), (event),                                                         \
		  (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){.type = LOG_FIELD_END}})

/* Masks every run of four or more digits in text, keeping its last two: "*********12". */
void log_mask_number(const char *text, size_t len, char *masked_out, size_t size);

#endif
