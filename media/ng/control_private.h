/* SPDX-License-Identifier: Apache-2.0 */
/* What the control_*.c files share; nobody else includes it. */
#ifndef NG_CONTROL_PRIVATE_H
#define NG_CONTROL_PRIVATE_H

#include "media/ng/control.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "media/metrics.h"
#include "media/ng/cookie.h"
#include "media/ng/frame.h"

#define STREAMS_MAX	   (2 * CONTROL_CONNECTIONS_MAX)
#define STREAM_RUNNING_MAX 32	   /* commands of one connection at a time */
#define STREAM_OUT_MAX	   4194304 /* bytes that a peer has not read */
#define RUNNING_MAX	   4096	   /* commands at a time */
#define WAITERS_MAX	   16	   /* copies of one message that wait for its reply */
#define DATAGRAM_MAX	   65507
#define ROUND_MAX	   64 /* messages or connections of one socket in a round */

/* What an epoll event is for: the first member of what it belongs to. */
enum watch_kind { WATCH_WAKE, WATCH_LISTENER, WATCH_STREAM };
struct watch {
	enum watch_kind kind;
};

struct listener {
	struct watch watch;
	struct control_listen listen;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)]; /* listen.path */
	int fd;
};

/* A connection; the control thread's. */
struct stream {
	struct watch watch;
	uint64_t id; /* never used again: a reply finds its connection or none */
	int fd;
	bool is_unix;
	bool ended; /* closed at the end of the round */
	bool eof;   /* the peer sends no more, and still reads */
	char *in;
	size_t in_len, in_room;
	struct frame_scan scan;
	char *out;
	size_t out_len, out_sent, out_room;
	unsigned running;
	int64_t last_ms;
	int64_t partial_ms; /* when the message that is not whole yet began; 0: none */
	uint32_t events;    /* what epoll watches for */
};

/* Whom a reply goes to. */
struct origin {
	int fd; /* UDP */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	union {
		struct in_pktinfo v4;
		struct in6_pktinfo v6;
	} local; /* where it was asked */
	uint64_t stream_id;
	bool is_stream, is_signed;
};

struct waiter {
	struct waiter *next;
	struct origin origin;
};

struct control_request {
	struct control_request *next; /* among those finished */
	struct control *control;
	struct cookie *cookie; /* the control thread's, as are the waiters */
	struct waiter first;
	size_t n_waiters;
	struct ng_tree *tree;
	const struct ng_value *dict;
	enum ng_format format;
	const char *label;
	int64_t started_us;
	char *reply; /* NULL: there was no memory for one */
	size_t reply_len;
	const char *result;
	char message[];
};

struct control {
	struct listener listeners[CONTROL_LISTEN_MAX];
	size_t n_listeners;
	struct frame_key key; /* bytes NULL: not keyed */
	uint8_t *key_bytes;
	control_handler *handler;
	void *magic;
	struct log *log;
	struct metrics *metrics;
	int64_t (*clock_ms)(void);
	int epoll, wake;
	struct watch wake_watch;
	pthread_t thread;
	atomic_bool stopping;
	/* the control thread's */
	struct cookies *cookies;
	struct stream *streams[STREAMS_MAX];
	size_t n_tcp, n_unix;
	uint64_t stream_ids;
	size_t running;
	char *datagram;
	/* any thread's */
	pthread_mutex_t lock;
	struct control_request *finished, **finished_end;
};

/* control_listen.c */
bool listeners_open(struct control *control, const struct control_params *params, char *err,
		    size_t size);
void listeners_close(struct control *control);
bool control_watch(struct control *control, int fd, struct watch *watch);
void listener_ready(struct control *control, struct listener *listener);

/* control_stream.c */
void stream_open(struct control *control, int fd, bool is_unix);
void stream_ready(struct control *control, struct stream *stream, uint32_t events);
void stream_send(struct control *control, struct stream *stream, const struct frame *reply,
		 const char *mac);
/* After a command of it ended: what waited for that is read now. */
void stream_go_on(struct control *control, struct stream *stream);
struct stream *stream_of(const struct control *control, const struct origin *origin);
void streams_tick(struct control *control, int64_t now_ms);
bool streams_flushed(const struct control *control);
void streams_close(struct control *control);

/* control.c */
/* A whole message. false: what it came by cannot go on. */
bool control_message(struct control *control, const struct origin *origin, const char *text,
		     size_t len);
void control_refuse(struct control *control, const char *reason, const struct origin *origin);

#endif
