/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a request means one thing only, whoever reads it. */
#ifndef REGISTRY_FRAMING_H
#define REGISTRY_FRAMING_H

#include "svc/registry/http/problem.h"

#include <microhttpd.h>

/* The first line, as libmicrohttpd gives it: where it stands in memory matters. */
struct framing_line {
	const char *method, *path, *version;
};

/* It and the headers: PROBLEM_NONE or PROBLEM_BAD_REQUEST. */
enum problem framing_check(struct MHD_Connection *connection, const struct framing_line *line);

#endif
