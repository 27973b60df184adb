/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as events of the loop: SIGHUP reloads, SIGTERM and SIGINT drain, a second one ends. */
#ifndef RUNTIME_SIGNAL_H
#define RUNTIME_SIGNAL_H

#include <stdbool.h>

enum signal_event { SIGNAL_NONE, SIGNAL_RELOAD, SIGNAL_DRAIN, SIGNAL_STOP };

/* Blocks the signals for this thread and those it makes (call it before any); SIGPIPE is ignored.
 * Returns a file descriptor that is readable when one came, or -1. */
int signal_open(void);

/* The next event; SIGNAL_NONE when there is none. */
enum signal_event signal_next(int fd);

#endif
