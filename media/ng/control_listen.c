/* SPDX-License-Identifier: Apache-2.0 */
/* The listeners: their names, their sockets, and who may connect. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "media/ng/control_private.h"

static bool parse_port(const char *text, uint16_t *out)
{
	size_t n = strspn(text, "0123456789");
	long port = n > 0 && n <= 5 && text[n] == '\0' ? strtol(text, NULL, 10) : -1;

	if (port < 0 || port > 65535)
		return false;
	*out = (uint16_t)port;
	return true;
}

static bool parse_address(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;
	bool brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
	uint16_t port;

	if (colon == NULL || !parse_port(colon + 1, &port) ||
	    !address_parse(text + brackets, len - 2 * (size_t)brackets, port, out))
		return false;
	return brackets == (out->family == 6);
}

bool control_listen_parse(const char *text, struct control_listen *out, const char **why_out)
{
	static const struct {
		const char *prefix;
		int kind;
	} kinds[] = {{"udp:", CONTROL_UDP}, {"tcp:", CONTROL_TCP}, {"unix:", CONTROL_UNIX}};
	struct control_listen listen = {0};

	*why_out =
		"udp:ADDRESS:PORT, tcp:ADDRESS:PORT with a literal address, IPv6 in brackets, or "
		"unix:PATH of at most 107 bytes";
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t n = strlen(kinds[i].prefix);
		bool ok;

		if (strncmp(text, kinds[i].prefix, n) != 0)
			continue;
		listen.kind = kinds[i].kind;
		if (listen.kind == CONTROL_UNIX) {
			listen.path = text + n;
			ok = text[n] == '/' &&
			     strlen(text + n) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
		} else {
			ok = parse_address(text + n, &listen.address);
		}
		if (ok)
			*out = listen;
		return ok;
	}
	return false;
}

bool control_watch(struct control *control, int fd, struct watch *watch)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	return epoll_ctl(control->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool set(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

static bool open_udp(struct listener *listener, const struct sockaddr_storage *sa, socklen_t len)
{
	bool v6 = sa->ss_family == AF_INET6;

	return set(listener->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_RECVPKTINFO : IP_PKTINFO) &&
	       bind(listener->fd, (const struct sockaddr *)sa, len) == 0;
}

static bool open_inet(struct listener *listener)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = address_to_sockaddr(&listener->listen.address, &sa);
	bool udp = listener->listen.kind == CONTROL_UDP;

	listener->fd = socket(sa.ss_family,
			      (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 ||
	    (sa.ss_family == AF_INET6 && !set(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY)))
		return false;
	if (udp ? !open_udp(listener, &sa, len)
		: !set(listener->fd, SOL_SOCKET, SO_REUSEADDR) ||
			    bind(listener->fd, (const struct sockaddr *)&sa, len) != 0 ||
			    listen(listener->fd, 64) != 0)
		return false;
	len = sizeof(sa);
	if (getsockname(listener->fd, (struct sockaddr *)&sa, &len) != 0)
		return false;
	address_from_sockaddr(&sa, &listener->listen.address);
	return true;
}

/* A socket file that nobody listens at is what a process left that was killed. */
static bool is_left_over(const struct sockaddr_un *sa)
{
	struct stat st;
	int fd;
	bool refused;

	if (lstat(sa->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused =
		connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) != 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static bool open_unix(struct listener *listener)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", listener->listen.path);
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The file has the mode that the socket had before: there is no moment with another. */
	if (listener->fd < 0 || fchmod(listener->fd, 0600) != 0)
		return false;
	if (bind(listener->fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0) {
		if (errno != EADDRINUSE)
			return false;
		if (!is_left_over(&sa)) {
			errno = EADDRINUSE;
			return false;
		}
		if (unlink(sa.sun_path) != 0 ||
		    bind(listener->fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0)
			return false;
	}
	return listen(listener->fd, 64) == 0;
}

static const char *advice(const struct control_listen *listen, int why)
{
	if (why == EADDRINUSE)
		return "another program listens there; end it, or choose another";
	if (why == EADDRNOTAVAIL)
		return "this machine has no such address";
	if (why == EACCES || why == EPERM)
		return "we may not; choose a port above 1023, or a folder that is ours";
	if (why == ENOENT && listen->kind == CONTROL_UNIX)
		return "make its folder first";
	return "";
}

static void say(const struct control_listen *listen, int why, char *err, size_t size)
{
	static const char *const names[] = {"udp", "tcp", "unix"};
	const char *more = advice(listen, why);
	char text[ADDRESS_TEXT_MAX];

	snprintf(err, size, "%s:%s: %s%s%s", names[listen->kind],
		 listen->kind == CONTROL_UNIX ? listen->path : address_text(&listen->address, text),
		 strerror(why), *more != '\0' ? ": " : "", more);
}

bool listeners_open(struct control *control, const struct control_params *params, char *err,
		    size_t size)
{
	for (size_t i = 0; i < params->n_listen && i < CONTROL_LISTEN_MAX; i++) {
		struct listener *listener = &control->listeners[i];
		bool ok;

		*listener = (struct listener){
			.watch = {WATCH_LISTENER}, .listen = params->listen[i], .fd = -1};
		control->n_listeners++;
		if (listener->listen.kind == CONTROL_UNIX) {
			snprintf(listener->path, sizeof(listener->path), "%s",
				 listener->listen.path);
			listener->listen.path = listener->path;
		}
		ok = listener->listen.kind == CONTROL_UNIX ? open_unix(listener)
							   : open_inet(listener);
		if (!ok || !control_watch(control, listener->fd, &listener->watch)) {
			say(&listener->listen, errno, err, size);
			if (!ok && listener->fd >= 0)
				close(listener->fd);
			listener->fd = ok ? listener->fd : -1;
			return false;
		}
	}
	return true;
}

void listeners_close(struct control *control)
{
	for (size_t i = 0; i < control->n_listeners; i++) {
		struct listener *listener = &control->listeners[i];

		if (listener->fd < 0)
			continue;
		if (listener->listen.kind == CONTROL_UNIX)
			unlink(listener->listen.path);
		close(listener->fd);
		listener->fd = -1;
	}
}

/* What the control message says of the address that was asked. */
static void read_local(struct msghdr *msg, struct origin *origin)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&origin->local.v4, CMSG_DATA(c), sizeof(origin->local.v4));
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			memcpy(&origin->local.v6, CMSG_DATA(c), sizeof(origin->local.v6));
	}
}

static bool read_datagram(struct control *control, struct listener *listener)
{
	_Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct origin origin = {.fd = listener->fd, .is_signed = control->key.bytes != NULL};
	struct iovec iov = {control->datagram, DATAGRAM_MAX + 1};
	struct msghdr msg = {.msg_name = &origin.peer,
			     .msg_namelen = sizeof(origin.peer),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = space,
			     .msg_controllen = sizeof(space)};
	ssize_t len = recvmsg(listener->fd, &msg, 0);

	if (len < 0)
		return errno == EINTR || errno == ECONNREFUSED;
	origin.peer_len = msg.msg_namelen;
	read_local(&msg, &origin);
	(void)control_message(control, &origin, control->datagram, (size_t)len);
	explicit_bzero(control->datagram, (size_t)len);
	return true;
}

/* Only our own user and root may command us: whoever commands hears every call. */
static bool may_connect(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static bool accept_one(struct control *control, struct listener *listener)
{
	bool is_unix = listener->listen.kind == CONTROL_UNIX;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED;
	if (is_unix ? !may_connect(fd) : !set(fd, IPPROTO_TCP, TCP_NODELAY)) {
		control_refuse(control, is_unix ? "peer" : "system", NULL);
		close(fd);
	} else if ((is_unix ? control->n_unix : control->n_tcp) >= CONTROL_CONNECTIONS_MAX) {
		control_refuse(control, "connections", NULL);
		close(fd);
	} else {
		stream_open(control, fd, is_unix);
	}
	return true;
}

void listener_ready(struct control *control, struct listener *listener)
{
	for (int i = 0; i < ROUND_MAX; i++)
		if (listener->listen.kind == CONTROL_UDP ? !read_datagram(control, listener)
							 : !accept_one(control, listener))
			return;
}
