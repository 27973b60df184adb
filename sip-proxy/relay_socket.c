/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from and writing to a media relay without ever waiting for it. */
#include "sip-proxy/relay_socket.h"

#include "sip-proxy/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define READS_MAX 64 /* messages at a time: the loop has others to serve */
#define OUT_MAX	  1048576
#define IN_MAX	  (2 * NG_MESSAGE_MAX)

struct relay_socket {
	struct proxy *proxy;
	size_t relay;
	struct relay_address at;
	struct ng_key key; /* n 0: none */
	int fd;		   /* -1: not open */
	int index;	   /* the loop's, of fd */
	size_t n_in, n_out;
	char *out;	 /* of a stream: what is still to be sent */
	char in[IN_MAX]; /* of a stream: a message that is not whole */
};

static bool parse_unix(const char *path, struct relay_address *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&address->address;

	if (path[0] != '/' || strlen(path) >= sizeof(un->sun_path))
		return false;
	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", path);
	address->is_unix = true;
	address->len = sizeof(*un);
	return true;
}

static bool parse_v4(const char *host, uint16_t port, struct relay_address *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&address->address;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	address->len = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1;
}

static bool parse_v6(const char *host, uint16_t port, struct relay_address *address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address->address;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	address->len = sizeof(*in6);
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1;
}

static bool parse_udp(const char *text, struct relay_address *address)
{
	bool v6 = text[0] == '[';
	const char *colon = strrchr(text, ':');
	size_t n = colon != NULL ? (size_t)(colon - text) : 0;
	char host[64], *end;
	unsigned long port;

	if (n < 3 || n >= sizeof(host) || (v6 && text[n - 1] != ']') || colon[1] < '0' ||
	    colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end != 0 || port == 0 || port > 65535)
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(v6 ? n - 2 : n), v6 ? text + 1 : text);
	return v6 ? parse_v6(host, (uint16_t)port, address)
		  : parse_v4(host, (uint16_t)port, address);
}

bool relay_address_parse(const char *text, struct relay_address *address_out)
{
	struct relay_address address = {.is_unix = false};
	bool ok = strncmp(text, "unix:", 5) == 0  ? parse_unix(text + 5, &address)
		  : strncmp(text, "udp:", 4) == 0 ? parse_udp(text + 4, &address)
						  : false;

	if (ok)
		*address_out = address;
	return ok;
}

const struct ng_key *relay_socket_key(const struct relay_socket *peer)
{
	return peer->key.n > 0 ? &peer->key : NULL;
}

static void shut(struct relay_socket *peer)
{
	if (peer->fd < 0)
		return;
	if (peer->index >= 0)
		su_root_deregister(peer->proxy->root, peer->index);
	close(peer->fd);
	peer->fd = peer->index = -1;
	peer->n_in = peer->n_out = 0;
}

static int on_event(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg);

/* false: nobody is there, or this process has no descriptor left. A Unix socket connects at once or
 * not at all. */
static bool open_it(struct relay_socket *peer)
{
	su_wait_t wait[1] = {SU_WAIT_INIT};
	int type = peer->at.is_unix ? SOCK_STREAM : SOCK_DGRAM;

	if (peer->fd >= 0)
		return true;
	peer->fd = socket(peer->at.address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (peer->fd < 0)
		return false;
	if (connect(peer->fd, (struct sockaddr *)&peer->at.address, peer->at.len) == 0 &&
	    su_wait_create(wait, peer->fd, SU_WAIT_IN) == 0)
		peer->index = su_root_register(peer->proxy->root, wait, on_event, (void *)peer, 0);
	if (peer->index >= 0)
		return true;
	close(peer->fd);
	peer->fd = -1;
	return false;
}

static void gone(struct relay_socket *peer)
{
	shut(peer);
	relay_lost(peer->proxy, peer->relay);
}

/* Nobody listens at the port: who waits there waits in vain. */
static void read_datagrams(struct relay_socket *peer)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(peer->fd, peer->in, sizeof(peer->in), 0);

		if (n < 0 && errno == ECONNREFUSED)
			relay_lost(peer->proxy, peer->relay);
		if (n < 0)
			return;
		relay_heard(peer->proxy, peer->relay, (struct callerid_span){peer->in, (size_t)n});
	}
}

/* Takes the messages that are whole. false: what comes is none. */
static bool take(struct relay_socket *peer)
{
	size_t at = 0;
	long size = 0;

	while (at < peer->n_in && (size = ng_size(peer->in + at, peer->n_in - at)) > 0) {
		relay_heard(peer->proxy, peer->relay,
			    (struct callerid_span){peer->in + at, (size_t)size});
		at += (size_t)size;
	}
	peer->n_in -= at;
	memmove(peer->in, peer->in + at, peer->n_in);
	return at == 0 ? size >= 0 && peer->n_in < sizeof(peer->in) : size >= 0;
}

static void read_stream(struct relay_socket *peer)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		ssize_t n = recv(peer->fd, peer->in + peer->n_in, sizeof(peer->in) - peer->n_in, 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n > 0)
			peer->n_in += (size_t)n;
		if (n <= 0 || !take(peer)) {
			gone(peer);
			return;
		}
	}
}

static bool flush(struct relay_socket *peer)
{
	ssize_t n = send(peer->fd, peer->out, peer->n_out, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0) {
		peer->n_out -= (size_t)n;
		memmove(peer->out, peer->out + n, peer->n_out);
	}
	(void)su_root_eventmask(peer->proxy->root, peer->index, peer->fd,
				SU_WAIT_IN | (peer->n_out > 0 ? SU_WAIT_OUT : 0));
	return true;
}

static int on_event(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	struct relay_socket *peer = (void *)arg;

	(void)proxy;
	if (!peer->at.is_unix)
		read_datagrams(peer);
	else if (peer->n_out > 0 && (wait->revents & SU_WAIT_OUT) != 0 && !flush(peer))
		gone(peer);
	else
		read_stream(peer);
	return 0;
}

static bool send_stream(struct relay_socket *peer, const char *message, size_t n)
{
	if (n > OUT_MAX - peer->n_out)
		return true; /* it does not read: the command's time will be spent */
	memcpy(peer->out + peer->n_out, message, n);
	peer->n_out += n;
	return flush(peer); /* what has ended is closed by the loop, which is told so */
}

bool relay_socket_send(struct relay_socket *peer, const char *message, size_t n)
{
	if (!open_it(peer))
		return false;
	if (peer->at.is_unix)
		return send_stream(peer, message, n);
	/* An error that came back earlier is told by the next send, and cleared by it. */
	for (int i = 0; i < 2; i++)
		if (send(peer->fd, message, n, MSG_NOSIGNAL) >= 0 || errno == EAGAIN)
			return true;
	return false;
}

struct relay_socket *relay_socket_new(struct proxy *proxy, size_t relay, char *err, size_t size)
{
	const struct settings *settings = proxy->started_with;
	struct relay_socket *peer = calloc(1, sizeof(*peer));
	char *out = malloc(OUT_MAX);

	if (peer == NULL || out == NULL)
		abort();
	*peer = (struct relay_socket){
		.proxy = proxy, .relay = relay, .fd = -1, .index = -1, .out = out};
	if (!relay_address_parse(settings->media->relay.items[relay], &peer->at)) {
		snprintf(err, size, "%s", settings->media->relay.items[relay]);
		relay_socket_free(peer);
		return NULL;
	}
	/* Who may open the Unix socket is known to the kernel; over UDP a key says it. */
	if (!peer->at.is_unix)
		peer->key = (struct ng_key){settings->media_key, strlen(settings->media_key)};
	return peer;
}

void relay_socket_free(struct relay_socket *peer)
{
	if (peer == NULL)
		return;
	shut(peer);
	free(peer->out);
	free(peer);
}
