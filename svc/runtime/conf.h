/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: one INI file, described by one const table per daemon. The table parses, checks,
 * prints and documents. A loaded conf is immutable; reload builds a new one and compares.
 */
#ifndef RUNTIME_CONF_H
#define RUNTIME_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONF_LINE_MAX	199 /* bytes; inih's limit */
#define CONF_TITLED_MAX 256 /* titled sections of one kind */

/*
 * Names and values are separated by "=". Comments stand on a line of their own after ";" or "#", or
 * after a value and " ;". White space around anything means nothing: a value ends with its line.
 */
enum conf_type {
	CONF_STRING,   /* const char *; NULL when absent and without default */
	CONF_PATH,     /* const char *; "" refused */
	CONF_BOOL,     /* bool; yes|no|true|false|on|off|1|0 */
	CONF_INT,      /* int64_t between min and max */
	CONF_DURATION, /* int64_t milliseconds; written 500ms, 60s, 5m, 24h; min and max in ms */
	CONF_CHOICE,   /* int: index into choices[] */
	CONF_ADDRESS,  /* struct conf_address; "127.0.0.1:5060", "[::1]:5060", port 0 = any free;
			  empty text takes a default back: host NULL */
	CONF_LIST, /* struct conf_list; values separated by commas; may be given on several lines */
};

struct conf_list {
	const char *const *items;
	size_t n;
};

struct conf_address {
	const char *host; /* a literal address, without brackets; NULL when the option is absent */
	uint16_t port;
};

/* One option: where it is stored in the section's struct and everything that is known about it. */
struct conf_option {
	const char *name;
	enum conf_type type;
	size_t offset;		    /* offsetof(struct ..., member) */
	int64_t min, max;	    /* CONF_INT, CONF_DURATION; both 0: any but negative */
	const char *fallback;	    /* default as text; NULL: none */
	const char *unit;	    /* for the manual: "ms", "bytes"; may be NULL */
	const char *const *choices; /* CONF_CHOICE: NULL-terminated names */
	bool required;		    /* absent or empty is an error */
	bool reloadable;	    /* false: a change needs a restart, and reload says so */
	const char *doc;	    /* one sentence */
	/* NULL, or an own check of the text (of a list: of each value): returns NULL when fine,
	 * else what is allowed (static); the manual asks it of an empty text. */
	const char *(*check)(const char *text);
};

/* One kind of section. Its struct begins with "const char *title" when titled. */
struct conf_section {
	const char *name;
	bool titled; /* [trunk "peer-a"], any number; otherwise [proxy], once */
	size_t size; /* sizeof its struct */
	const struct conf_option *options;
	size_t n_options;
	const char *doc;
};

struct conf_schema {
	const struct conf_section *sections;
	size_t n_sections;
};

struct conf;

struct conf_error {
	unsigned line;	/* 0 when the file as a whole is at fault */
	char text[400]; /* "FILE:LINE: [section] option: what is wrong; allowed: ..." */
};

/*
 * Loads path. Unknown sections and options, doubled options, values out of range and lines over
 * CONF_LINE_MAX are errors, so are bytes that are not UTF-8 text. Returns NULL and fills err. Free
 * with conf_free().
 */
struct conf *conf_load(const char *path, const struct conf_schema *schema, struct conf_error *err);
void conf_free(struct conf *conf);

/* The struct of an untitled section; never NULL: defaults apply when the file has none. */
const void *conf_get(const struct conf *conf, const char *section);

/* Titled sections in the order of the file. */
size_t conf_count(const struct conf *conf, const char *section);
const void *conf_at(const struct conf *conf, const char *section, size_t i);

/* Writes the whole configuration in force, defaults included, as a file that loads again. */
void conf_print(const struct conf *conf, FILE *out);

/* Writes the manual of the table: every option with type, range, default, unit, reloadable. */
void conf_print_manual(const struct conf_schema *schema, FILE *out);

/*
 * Calls changed() for each option that differs. Returns the number of differing options that are
 * not reloadable (sections added or removed count as one each, with option NULL, unless all their
 * options reload).
 */
typedef void conf_changed(void *magic, const char *section, const char *title, const char *option,
			  bool reloadable);
size_t conf_diff(const struct conf *old, const struct conf *new, conf_changed *changed,
		 void *magic);

/*
 * Reads a whole secret file (api key, password): at most size - 1 bytes, trailing line end cut.
 * Refuses a file that others may read (mode & 077) or that another user than root owns; also an
 * empty one. false fills err. Secrets have at most 4096 bytes.
 */
bool conf_read_secret(const char *path, char *secret_out, size_t size, struct conf_error *err);

#endif
