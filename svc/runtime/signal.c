/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the daemon's signals from a signalfd, so that they arrive in the loop and nowhere else. */
#include "svc/runtime/signal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signal_open(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/*
 * Whether this is the second request to end. The first is remembered in the open file itself, by
 * its O_APPEND flag, which means nothing to a signalfd: no variable outlives the descriptor.
 */
static bool asked_before(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || flags & O_APPEND)
		return true;
	fcntl(fd, F_SETFL, flags | O_APPEND);
	return false;
}

enum signal_event signal_next(int fd)
{
	struct signalfd_siginfo info;
	ssize_t got;
	do {
		got = read(fd, &info, sizeof(info));
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(info))
		return SIGNAL_NONE;
	if (info.ssi_signo == SIGHUP)
		return SIGNAL_RELOAD;
	return asked_before(fd) ? SIGNAL_STOP : SIGNAL_DRAIN;
}
