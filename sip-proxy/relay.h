/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media relays: their sockets, and the commands that wait for a reply. A command has a cookie
 * and is sent again until its time is spent; nothing here ever blocks. The loop's thread only.
 */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "sip-proxy/ng.h"

#include <sys/socket.h>

struct proxy;
struct settings;

/* "unix:/run/attestel-media/ng.sock", "udp:127.0.0.1:2223", "udp:[::1]:2223". */
struct relay_address {
	bool is_unix;
	struct sockaddr_storage address;
	socklen_t len;
};
bool relay_address_parse(const char *text, struct relay_address *address_out);

/* What came back; texts are borrowed. */
struct relay_answer {
	struct ng_reply reply;
	const char *relay; /* as it is configured */
	int64_t took_us;
};

typedef void relay_done(void *magic, const struct relay_answer *answer);

/* false: a socket cannot be made; err says why. Without [media] relay nothing is started. */
bool relay_start(struct proxy *proxy, char *err, size_t size);

/* What still waits is told that nobody is there. Before the agent goes. */
void relay_stop(struct proxy *proxy);

/* How many there are. */
size_t relay_count(const struct proxy *proxy);

/* It has been silent within the last seconds: new calls do not begin with it. */
bool relay_is_away(const struct proxy *proxy, size_t relay);

/*
 * Sends command to a relay. done runs exactly once, in the loop, after this has returned and at the
 * latest after [media] timeout; NULL: it is told to nobody, and is tried for some seconds, as the
 * end of a call is. Every outcome is counted.
 */
struct relay_ask;
struct relay_ask *relay_ask(struct proxy *proxy, size_t relay, const struct ng_command *command,
			    relay_done *done, void *magic);

/* Nobody waits for it any more: done does not run. NULL is fine. */
void relay_forget(struct relay_ask *ask);

#endif
