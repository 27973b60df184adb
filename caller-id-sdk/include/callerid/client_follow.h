/* SPDX-License-Identifier: Apache-2.0 */
/* Following what happens: the registry's stream of events, for as long as it is wanted. */
#ifndef CALLERID_CLIENT_FOLLOW_H
#define CALLERID_CLIENT_FOLLOW_H

#include <callerid/client.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_EVENT_ID_MAX	63    /* characters of an event's id */
#define CALLERID_EVENT_DATA_MAX 65536 /* bytes; a longer event is a broken stream */

/* One event; everything is borrowed until the callback returns. */
struct callerid_event {
	const char *id;	  /* where to go on from; "" with "reset" */
	const char *kind; /* "intent.matched", "directory.changed" ...; see below for "reset" */
	const char *data; /* its JSON, NUL-terminated */
	size_t data_len;
};

struct callerid_follow {
	const char *since; /* the id of the last event that was seen; NULL: from now on */
	long heartbeat_ms; /* the connection is dead after so long a silence; 0: 45000, three beats
			    */
	/* One event, in order, in the thread that follows. false: enough. */
	bool (*event)(void *magic, const struct callerid_event *event);
	/* May be NULL. connected: true when the stream is there, false when it was lost, with why.
	 */
	void (*state)(void *magic, bool connected, const char *why);
	void *magic;
};

/*
 * GET /v1/stream until event() returns false or callerid_client_stop() is called, both CALLERID_OK.
 * When the connection is lost or silent it is made anew after 1 to 30 seconds, with the id of the
 * last event, so that none is missed and none comes twice. An event "reset" says that too much has
 * happened meanwhile: read anew what you keep; what follows begins at that moment. The client's
 * timeout_ms is that of each connection's beginning, and its other functions must not be called
 * meanwhile. CALLERID_EREFUSED: the key was refused (callerid_client_problem()). CALLERID_EINVAL:
 * no event(), or since is no id. Blocks: give it a thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_follow(struct callerid_client *client, const struct callerid_follow *follow,
		       struct callerid_error *err);

/* Ends callerid_client_follow() from another thread or a signal handler's thread, at once; one that
 * has not begun yet ends when it begins. The client may be freed when that has returned. */
CALLERID_API void callerid_client_stop(struct callerid_client *client);

#ifdef __cplusplus
}
#endif

#endif
