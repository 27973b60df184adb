/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon in the foreground: from its configuration to the signal that ends it. */
#ifndef REGISTRY_DAEMON_H
#define REGISTRY_DAEMON_H

#include "svc/runtime/conf.h"

/* Takes conf. path is read again on SIGHUP. Returns the exit status. */
int daemon_run(const char *path, struct conf *conf);

#endif
