/* SPDX-License-Identifier: Apache-2.0 */
/* Files and standard input, every read with a bound, every new file with its mode. */
#ifndef CLI_IO_H
#define CLI_IO_H

#include "cli.h"

#include <stdio.h>
#include <sys/types.h>

#include <callerid/rcd.h>

#define IO_LINE_MAX  262144  /* bytes of a line of standard input */
#define IO_STDIN_MAX 262144  /* bytes of standard input read whole */
#define IO_FILE_MAX  4194304 /* bytes of a file of anchors or CRLs */
#define IO_KEY_MAX   16384   /* bytes of a key file */

/* Bytes with a NUL behind them, malloc'ed. */
struct io_bytes {
	char *p;
	size_t n;
};
void io_bytes_clear(struct io_bytes *bytes); /* wipes, then frees */

/*
 * All of a file, at most max bytes. Failures have been said on stderr. "-" is standard input where
 * the function says so.
 */
bool io_read_file(const char *path, size_t max, struct io_bytes *bytes_out);
bool io_read_stdin(size_t max, struct io_bytes *bytes_out);

/* Says so when standard input is a terminal: nobody shall wait for an answer to nothing. */
void io_say_waiting(void);

/* The same for a file with a secret: refused when it is not ours or others may read it. */
bool io_read_secret(const char *path, size_t max, struct io_bytes *bytes_out);

/* A new file, never an old one: fails when path exists. */
bool io_create(const char *path, mode_t mode, const void *data, size_t n);

/* Replaces path in one step. */
bool io_replace(const char *path, mode_t mode, const void *data, size_t n);

/* What URLs hold, as options URL=FILE say. */
struct io_contents {
	struct callerid_content at[CALLERID_CONTENTS_MAX];
	char *url[CALLERID_CONTENTS_MAX];
	struct io_bytes body[CALLERID_CONTENTS_MAX];
	size_t n;
};
void io_contents_clear(struct io_contents *contents);

/* text is URL=FILE of --option. false after a message. */
bool io_contents_add(struct io_contents *contents, const char *option, const char *text);

/* Lines of a stream, one after the other. */
struct io_lines {
	FILE *from;
	char *line; /* IO_LINE_MAX + 1 bytes */
	size_t n;   /* without the line end */
	bool too_long;
};
bool io_lines_open(FILE *from, struct io_lines *lines_out);
void io_lines_close(struct io_lines *lines);

/* The next line; false at the end. too_long: the line was over IO_LINE_MAX and has been skipped. */
bool io_lines_next(struct io_lines *lines);

#endif
