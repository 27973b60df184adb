/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the registry that are read while they come: line by line, in a thread of their own. */
#ifndef PROXY_DOWNLOAD_H
#define PROXY_DOWNLOAD_H

#include <callerid/client.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOWNLOAD_LINE_MAX 8192 /* bytes; a longer one ends the download */

struct download;

/* The params are borrowed; timeout_ms is that of connecting. NULL: no memory. */
struct download *download_new(const struct callerid_client_params *params);
void download_free(struct download *download); /* NULL is fine */

/* Ends what is under way, and all that is asked later. Any thread. */
void download_stop(struct download *download);

struct download_request {
	const char *path;
	int64_t silence_ms; /* without a byte: then it is over */
	/* One line of an answer 200, without its end, NUL-terminated. false: it has heard enough.
	 */
	bool (*line)(void *magic, const char *line, size_t len);
	void (*tick)(void *magic); /* once a second at least */
	void *magic;
};

enum download_status {
	DOWNLOAD_DONE,	 /* the answer came to its end, or had another status than 200 */
	DOWNLOAD_ENOUGH, /* line said so */
	DOWNLOAD_FAILED, /* no connection, silence, a line that is too long */
	DOWNLOAD_STOPPED,
};

/* Blocks. *http_status_out is 0 when there was no answer; why has one line for FAILED. */
enum download_status download_run(struct download *download, const struct download_request *request,
				  int *http_status_out, char why[128]);

/* Waits. false: it was stopped. */
bool download_wait(struct download *download, int64_t ms);

#endif
