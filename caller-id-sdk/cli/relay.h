/* SPDX-License-Identifier: Apache-2.0 */
/* A question to the media relay in the ng protocol, as JSON. */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include "cli.h"

#include <jansson.h>

#define RELAY_SOCKET "unix:/run/attestel/media.sock"

struct relay {
	const char *where;    /* "unix:PATH", "udp:ADDRESS:PORT", "tcp:ADDRESS:PORT" */
	const char *key_file; /* NULL: not keyed; the Unix socket needs none */
};

/* Asks, and writes the answer's object, which the caller gives back. A failure has been said. */
enum cli_exit relay_ask(const struct relay *relay, json_t *question, json_t **answer_out);

#endif
