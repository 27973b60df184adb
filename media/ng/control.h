/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ng listeners: UDP, TCP and a Unix socket, in a thread of their own. A message is read, its
 * cookie looked up, its command handed on; the reply comes back from any thread.
 *  - Unix: SOCK_STREAM, mode 0600, and only our own uid or root may connect (SO_PEERCRED).
 *  - UDP answers from the address that was asked (IP_PKTINFO).
 *  - A cookie that came before: the reply of then, or, while it runs, the same reply when it is
 * there.
 *  - keyed: where a key is configured a message over UDP or TCP is "<cookie> <time>:<mac> <dict>",
 *    time in seconds since 1970 and mac the hex HMAC-SHA256 of "<cookie> <time> <dict>"; the reply
 *    is "<cookie> <mac> <dict>", its mac that of "<cookie> <dict>". What is signed otherwise, older
 *    or newer than CONTROL_SKEW_SECONDS, or older than the process is dropped and counted; within
 *    that time the cookie cache knows what was replayed.
 */
#ifndef MEDIA_NG_CONTROL_H
#define MEDIA_NG_CONTROL_H

#include "media/ng/value.h"
#include "media/path/address.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#define CONTROL_SKEW_SECONDS	14 /* both ways: less than the cookie cache keeps a reply */
#define CONTROL_LISTEN_MAX	16
#define CONTROL_KEY_MIN		16  /* bytes */
#define CONTROL_CONNECTIONS_MAX 256 /* of TCP, and as many of Unix sockets */
#define CONTROL_IDLE_MS		600000
#define CONTROL_PARTIAL_MS	10000 /* a message that has begun is there by then */

struct control;
struct control_request; /* one message on its way; ends with control_reply() */

/* In the control thread: answer now, or hand the request to a worker and answer there. */
typedef void control_handler(void *magic, struct control_request *request);

struct control_listen {
	enum { CONTROL_UDP, CONTROL_TCP, CONTROL_UNIX } kind;
	struct address address;
	const char *path; /* CONTROL_UNIX */
};
/* "udp:127.0.0.1:2223", "tcp:[::1]:2223", "unix:/run/attestel/media.sock". */
bool control_listen_parse(const char *text, struct control_listen *out, const char **why_out);

struct control_params {
	const struct control_listen *listen;
	size_t n_listen;    /* at most CONTROL_LISTEN_MAX */
	const uint8_t *key; /* NULL: not keyed */
	size_t key_len;
	control_handler *handler;
	void *magic;
	int64_t (*clock_ms)(void); /* NULL: the system's monotonic clock */
	struct log *log;
	struct metrics *metrics;
};
/* NULL: err says which listener, why, and what to do. */
struct control *control_start(const struct control_params *params, char *err, size_t size);
/* Requests that run still answer; then it ends. NULL is fine. */
void control_stop(struct control *control);
/* Where the i-th listener is, also when port 0 was configured. */
struct address control_address(const struct control *control, size_t i);

const struct ng_value *control_dict(const struct control_request *request);
/* Takes reply (its tree too, NULL: none of it is lost) and ends the request. Any thread, once. */
void control_reply(struct control_request *request, struct ng_tree *tree,
		   const struct ng_value *reply);
void control_error(struct control_request *request, const char *reason);

#endif
