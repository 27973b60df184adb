/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot's state file: lines with tabs, and the SHA-256 of all before as the last one. */
#ifndef PROXY_SNAPSHOT_FILE_H
#define PROXY_SNAPSHOT_FILE_H

#include "sip-proxy/snapshot.h"

struct snapshot_state {
	const char *source; /* the registry's URL: another one's numbers are of no use */
	int64_t serial;
	int64_t fresh_ms; /* since 1970: when it was known to be current */
};

/* Writes beside path and renames, with mode 0600. false: why has one line, and path is as it was.
 */
bool snapshot_file_save(const char *path, const struct snapshot *snapshot,
			const struct snapshot_state *state, char why[128]);

/* What was saved of state->source. NULL: why has one line, "" when there is no file. state's other
 * members are filled. */
struct snapshot *snapshot_file_load(const char *path, const struct snapshot_limits *limits,
				    struct snapshot_state *state, char why[128]);

#endif
