/* SPDX-License-Identifier: Apache-2.0 */
/* The admin listener: GET /metrics, /healthz and /readyz over HTTP, in a thread of its own. */
#ifndef RUNTIME_ADMIN_H
#define RUNTIME_ADMIN_H

#include "svc/runtime/conf.h"
#include "svc/runtime/metrics.h"

#include <stdbool.h>

/* ready() is called from the admin's thread; why is one line for the body when not ready. */
typedef bool admin_ready(void *magic, char *why, size_t size);

struct admin_params {
	/* host NULL: no listener, admin_start() returns NULL with no error */
	struct conf_address listen;
	struct metrics *metrics;
	admin_ready *ready; /* NULL: always ready */
	void *magic;
};

struct admin;

/* NULL and a one-line reason in err when it cannot listen. err[0] is 0 when none was wanted. */
struct admin *admin_start(const struct admin_params *params, char *err, size_t size);
void admin_stop(struct admin *admin);		/* NULL is fine */
uint16_t admin_port(const struct admin *admin); /* the port in use, also when 0 was configured */

#endif
