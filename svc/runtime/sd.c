/* SPDX-License-Identifier: Apache-2.0 */
/* Sends sd_notify(3)'s datagrams to the socket that NOTIFY_SOCKET names. */
#include "svc/runtime/sd.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define STATUS_MAX 256

/* A path, or a name in the abstract namespace written with "@" for its leading NUL byte. */
static socklen_t address_of(const char *name, struct sockaddr_un *address_out)
{
	size_t len = name ? strlen(name) : 0;
	if (len < 2 || len >= sizeof(address_out->sun_path) || (*name != '/' && *name != '@'))
		return 0;
	*address_out = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address_out->sun_path, name, len);
	if (*name == '@')
		address_out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (*name == '/'));
}

static void notify(const char *message)
{
	struct sockaddr_un address;
	socklen_t len = address_of(getenv("NOTIFY_SOCKET"), &address);
	if (len == 0)
		return;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	/* A manager that does not listen is no reason to stop: the result is not looked at. */
	ssize_t sent = sendto(fd, message, strlen(message), MSG_NOSIGNAL,
			      (const struct sockaddr *)&address, len);
	(void)sent;
	close(fd);
}

/* A line feed in the status would begin another assignment. */
static void notify_status(const char *prefix, const char *status)
{
	char message[STATUS_MAX];
	int start = snprintf(message, sizeof(message), "%s", prefix);
	snprintf(message + start, sizeof(message) - (size_t)start, "%s", status);
	for (char *p = message + start; *p; p++) {
		if ((unsigned char)*p < ' ')
			*p = ' ';
	}
	notify(message);
}

void sd_ready(const char *status)
{
	if (status)
		notify_status("READY=1\nSTATUS=", status);
	else
		notify("READY=1");
}

void sd_reloading(void)
{
	char message[64];
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify(message);
}

void sd_stopping(void)
{
	notify("STOPPING=1");
}

void sd_status(const char *status)
{
	notify_status("STATUS=", status ? status : "");
}

void sd_watchdog(void)
{
	notify("WATCHDOG=1");
}
