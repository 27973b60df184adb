/* SPDX-License-Identifier: Apache-2.0 */
/* A client of ng that asks one thing at a time. */
#include "tests/bench/media/ngcall.h"

#include "media/ng/value.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS	   1000
#define TRIES	   5
#define REPLY_MAX  65536
#define SDP_LENGTH 2048

bool ngcall_open(struct ngcall_peer *peer, uint16_t port)
{
	struct sockaddr_storage sa;
	struct address address;

	peer->cookie = 0;
	peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	address_parse("127.0.0.1", 9, port, &address);
	const socklen_t len = address_to_sockaddr(&address, &sa);
	return peer->fd >= 0 && connect(peer->fd, (struct sockaddr *)&sa, len) == 0;
}

/* The reply behind its cookie; 0: none came. */
static size_t ask(struct ngcall_peer *peer, const struct ng_value *request, char *reply,
		  size_t size)
{
	char message[REPLY_MAX];
	size_t n;
	char *text = ng_write(request, NG_BENCODE, &n);
	const int at = snprintf(message, sizeof(message), "%d_%u ", (int)getpid(), ++peer->cookie);

	if (!text || n + (size_t)at > sizeof(message))
		return 0;
	memcpy(message + at, text, n);
	free(text);
	for (int i = 0; i < TRIES; i++) {
		struct pollfd ready = {.fd = peer->fd, .events = POLLIN};
		send(peer->fd, message, (size_t)at + n, 0);
		while (poll(&ready, 1, WAIT_MS) > 0) {
			const ssize_t got = recv(peer->fd, reply, size, 0);
			if (got <= at || memcmp(reply, message, (size_t)at) != 0)
				continue;
			memmove(reply, reply + at, (size_t)(got - at));
			return (size_t)(got - at);
		}
	}
	return 0;
}

static struct ng_value *request(struct ng_tree *tree, const char *command, size_t number)
{
	struct ng_value *dict = ng_dict(tree);
	char id[64];

	snprintf(id, sizeof(id), "load-%d-%zu", (int)getpid(), number);
	ng_put_string(dict, "command", command);
	ng_put_string(dict, "call-id", id);
	ng_put_string(dict, "from-tag", "calling");
	return dict;
}

/* What the relay answered, and its SDP given to the end that it is for. */
static const char *meet(const char *reply, size_t n, struct endpoint *end)
{
	static char reason[256];
	struct ng_tree *tree = ng_tree_new();
	const char *why = NULL, *wrong = NULL;
	size_t len;
	const struct ng_value *dict = ng_read_bencode(tree, reply, n, &wrong);
	const char *text = ng_string(ng_get(dict, "sdp"), &len);
	struct sdp *sdp = dict && len ? sdp_parse(text, len, &wrong) : NULL;

	if (!dict || !len) {
		text = ng_string(ng_get(dict, "error-reason"), &len);
		snprintf(reason, sizeof(reason), "%.*s", (int)len, len ? text : "no reply");
		why = reason;
	} else if (!sdp || !endpoint_meet(end, sdp)) {
		snprintf(reason, sizeof(reason), "not the SDP that was asked for:\n%.*s", (int)len,
			 text);
		why = reason;
	}
	sdp_free(sdp);
	ng_tree_free(tree);
	return why;
}

/* Towards the called end plain RTP; towards the calling one what it offered. */
static void ask_for(struct ng_value *dict, bool offer, bool webrtc)
{
	if (!webrtc)
		return;
	ng_put_string(dict, "ICE", offer ? "remove" : "force");
	ng_add_string(ng_put_list(dict, "rtcp-mux"), offer ? "demux" : "accept");
	if (offer)
		ng_put_string(dict, "transport-protocol", "RTP/AVP");
}

const char *ngcall_start(struct ngcall_peer *peer, size_t number, struct endpoint *calling,
			 struct endpoint *called)
{
	static char reply[REPLY_MAX];
	char sdp[SDP_LENGTH];
	const char *why = NULL;

	for (int answer = 0; answer < 2 && !why; answer++) {
		struct ng_tree *tree = ng_tree_new();
		struct ng_value *dict = request(tree, answer ? "answer" : "offer", number);
		if (answer)
			ng_put_string(dict, "to-tag", "called");
		ng_put_span(dict, "sdp", sdp,
			    endpoint_sdp(answer ? called : calling, sdp, sizeof(sdp)));
		ask_for(dict, !answer, calling->webrtc);
		const size_t n = ask(peer, dict, reply, sizeof(reply));
		why = n ? meet(reply, n, answer ? calling : called) : "no reply";
		ng_tree_free(tree);
	}
	return why;
}

void ngcall_end(struct ngcall_peer *peer, size_t number)
{
	char reply[REPLY_MAX];
	struct ng_tree *tree = ng_tree_new();

	ask(peer, request(tree, "delete", number), reply, sizeof(reply));
	ng_tree_free(tree);
}
