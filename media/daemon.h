/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's life: start, reload, drain, end. */
#ifndef MEDIA_DAEMON_H
#define MEDIA_DAEMON_H

#include "media/settings.h"

/* Reads the configuration: at the start, and again at each SIGHUP. NULL fills err. */
typedef struct settings *daemon_load(void *magic, struct conf_error *err);

/* Runs until it is told to end; the process's exit status. */
int daemon_run(daemon_load *load, void *magic);

#endif
