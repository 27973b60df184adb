/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A helper process: this program executed anew with a clean memory, an empty environment and one
 * socket, to do what a daemon with keys must not do itself. Messages keep their bounds
 * (SOCK_SEQPACKET). When it dies it is started again, at most once a second.
 */
#ifndef RUNTIME_HELPER_H
#define RUNTIME_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HELPER_MESSAGE_MAX 65536 /* bytes */

struct helper;

/*
 * Executes /proc/self/exe with argument name ("--helper=certs"). NULL: errno says why. Call it, and
 * helper_restart(), from a thread that lives as long as the daemon: the kernel kills the helper
 * when that thread ends.
 */
struct helper *helper_start(const char *name);
void helper_stop(struct helper *helper); /* closes its socket, waits, kills after a second */

/* Stays open, and the same, until helper_restart() makes a new one. */
int helper_fd(const struct helper *helper);
bool helper_send(struct helper *helper, const void *message, size_t len); /* false: full or dead */
/* Bytes of one message; 0 when none is there; -1 when the helper has died, or was ended for a
 * message longer than size. */
ssize_t helper_receive(struct helper *helper, void *message_out, size_t size);
/* Starts it anew after -1, if a second has passed since its last start. false: not yet, or it
 * failed. true also when it lives. */
bool helper_restart(struct helper *helper);

/* In the child's main(): the socket, after closing all other files and dropping what it can
 * (no_new_privs, no core, not dumpable, the user "nobody" when started by root). -1: refuse. */
int helper_child_enter(void);

#endif
