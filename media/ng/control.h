/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ng listeners: UDP, TCP and a Unix socket, in a thread of their own. A message is read, its
 * cookie looked up, its command handed on; the reply comes back from any thread.
 *  - Unix: SOCK_STREAM, mode 0600, and only our own uid or root may connect (SO_PEERCRED).
 *  - UDP answers from the address that was asked (IP_PKTINFO).
 *  - A cookie that came before: the reply of then, or, while it runs, the same reply when it is
 * there.
 *  - keyed: where a key is configured a message over UDP or TCP is "<cookie> <hex HMAC-SHA256 of
 *    what follows the second space> <dict>"; others are dropped and counted.
 */
#ifndef MEDIA_NG_CONTROL_H
#define MEDIA_NG_CONTROL_H

#include "media/ng/value.h"
#include "media/path/address.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

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
	size_t n_listen;
	const uint8_t *key; /* NULL: not keyed */
	size_t key_len;
	control_handler *handler;
	void *magic;
	struct log *log;
	struct metrics *metrics;
};
/* NULL: err says which listener, why, and what to do. */
struct control *control_start(const struct control_params *params, char *err, size_t size);
void control_stop(struct control *control); /* requests that run still answer; then it ends */

const struct ng_value *control_dict(const struct control_request *request);
/* Takes reply (its tree too, NULL: none of it is lost) and ends the request. Any thread, once. */
void control_reply(struct control_request *request, struct ng_tree *tree,
		   const struct ng_value *reply);
void control_error(struct control_request *request, const char *reason);

#endif
