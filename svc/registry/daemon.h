/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon in the foreground: from its configuration to the signal that ends it. */
#ifndef REGISTRY_DAEMON_H
#define REGISTRY_DAEMON_H

#include "svc/runtime/conf.h"

/* What happens when the doors are open; call NULL: nothing. */
struct daemon_ready {
	void (*call)(const void *magic);
	const void *magic;
};

/* Takes conf. path is read again on SIGHUP. Returns the exit status. */
int daemon_run(const char *path, struct conf *conf, struct daemon_ready ready);

#endif
