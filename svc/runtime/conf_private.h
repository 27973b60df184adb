/* SPDX-License-Identifier: Apache-2.0 */
/* What the conf_*.c files share; nobody else includes it. */
#ifndef RUNTIME_CONF_PRIVATE_H
#define RUNTIME_CONF_PRIVATE_H

#include "svc/runtime/conf.h"

#define CONF_FILE_MAX  1048576 /* bytes of one file */
#define CONF_TITLE_MAX 64      /* bytes of a section's title */
#define CONF_LIST_MAX  1024    /* values of one list */

/* One section as it stands in memory; untitled ones exist even when the file lacks them. */
struct conf_entry {
	const struct conf_section *def;
	const char *title; /* NULL: untitled */
	unsigned line;	   /* of its header; 0 when the file lacks it */
	char *data;	   /* def->size bytes */
	unsigned *lines;   /* for each option the line that set it; 0: not set */
};

struct conf_chunk;

struct conf {
	const struct conf_schema *schema;
	struct conf_entry *entries;
	size_t n, room;
	struct conf_chunk *chunks; /* all that the entries point to */
};

/* Zeroed memory that lives as long as conf; NULL: no memory. */
void *conf_alloc(struct conf *conf, size_t size);
char *conf_copy(struct conf *conf, const char *text, size_t len);

const struct conf_section *conf_section_named(const struct conf_schema *schema, const char *name,
					      size_t len);
/* title NULL: any. */
struct conf_entry *conf_find(const struct conf *conf, const struct conf_section *def,
			     const char *title);

/* Fills err: "FILE:LINE: " and the text. Line 0 is left out. err may be NULL. */
void conf_fail(struct conf_error *err, const char *path, unsigned line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Why a text is no value of its option. */
struct conf_reason {
	char wrong[128];
	char allowed[220];
};

/* Stores text at slot; a list grows by what text holds. */
bool conf_value_parse(struct conf *conf, const struct conf_option *option, const char *text,
		      void *slot, struct conf_reason *reason);
bool conf_value_equal(const struct conf_option *option, const void *a, const void *b);
/* Writes what conf_value_parse() reads, for lists the i-th value. false: there is none to write. */
bool conf_value_format(const struct conf_option *option, const void *slot, size_t i, char *text_out,
		       size_t size);
const char *conf_value_type(const struct conf_option *option);
/* What the option takes: "1..65535 bytes", "udp, tcp"; "" when any text will do. */
void conf_value_allowed(const struct conf_option *option, char *text_out, size_t size);

#endif
