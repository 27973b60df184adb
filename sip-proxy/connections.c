/* SPDX-License-Identifier: Apache-2.0 */
/* Supervision of accepted connections, by their sockets: they are this process's descriptors whose
 * local address is a listener's. Only the loop's thread closes them, and it is the one that looks;
 * they are shut down, and the stack then sees the end and closes them itself. */
#include "sip-proxy/connections.h"

#include "sip-proxy/call.h"
#include "sip-proxy/connections_private.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool end_of(const struct sockaddr *address, struct end *end_out)
{
	static const uint8_t v4[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	memset(end_out, 0, sizeof(*end_out)); /* it is hashed whole */
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		memcpy(end_out->address, v4, sizeof(v4));
		memcpy(end_out->address + sizeof(v4), &in->sin_addr, 4);
		end_out->port = ntohs(in->sin_port);
		return true;
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

		memcpy(end_out->address, &in6->sin6_addr, 16);
		end_out->port = ntohs(in6->sin6_port);
		return true;
	}
	return false;
}

static unsigned hash_of(const struct connections *connections, const void *key, size_t len)
{
	return (unsigned)siphash(&connections->secret, key, len);
}

static struct connection *find(const struct connections *connections, const struct end *peer)
{
	struct connection *connection = NULL;

	HASH_FIND_BYHASHVALUE(hh, connections->all, peer, sizeof(*peer),
			      hash_of(connections, peer, sizeof(*peer)), connection);
	return connection;
}

static struct share *share_of(struct connections *connections, const struct end *peer)
{
	unsigned hash = hash_of(connections, peer->address, sizeof(peer->address));
	struct share *share;

	HASH_FIND_BYHASHVALUE(hh, connections->shares, peer->address, sizeof(peer->address), hash,
			      share);
	if (share != NULL)
		return share;
	share = calloc(1, sizeof(*share));
	if (share == NULL)
		abort();
	memcpy(share->address, peer->address, sizeof(share->address));
	HASH_ADD_BYHASHVALUE(hh, connections->shares, address, sizeof(share->address), hash, share);
	return share;
}

static struct connection *add(struct connections *connections, const struct end *peer)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		abort();
	connection->peer = *peer;
	connection->since_ms = proxy_now_ms();
	HASH_ADD_BYHASHVALUE(hh, connections->all, peer, sizeof(connection->peer),
			     hash_of(connections, peer, sizeof(*peer)), connection);
	return connection;
}

static void drop(struct connections *connections, struct connection *connection)
{
	struct share *share = share_of(connections, &connection->peer);

	if (connection->round != 0)
		share->n--;
	if (share->n == 0) {
		HASH_DEL(connections->shares, share);
		free(share);
	}
	HASH_DEL(connections->all, connection);
	free(connection);
}

static void begin(struct proxy *proxy)
{
	if (proxy->connections != NULL)
		return;
	proxy->connections = calloc(1, sizeof(*proxy->connections));
	if (proxy->connections == NULL || !siphash_key_make(&proxy->connections->secret))
		abort();
}

void connections_heard(struct proxy *proxy, msg_t *msg)
{
	struct connection *connection;
	struct end peer;

	if (msg_addrinfo(msg)->ai_socktype != SOCK_STREAM || !end_of(&msg_addr(msg)->su_sa, &peer))
		return;
	begin(proxy);
	connection = find(proxy->connections, &peer);
	/* Before the tick has seen it: an entry that no socket bears out goes with the tick. */
	if (connection == NULL)
		connection = add(proxy->connections, &peer);
	connection->heard = true;
}

static bool is_listener(const struct proxy *proxy, const struct end *local)
{
	for (size_t i = 0; i < proxy->n_listeners; i++) {
		const struct listener *listener = &proxy->listeners[i];
		char text[INET6_ADDRSTRLEN];
		bool v6 = listener->host[0] == '[';

		if (listener->transport == TRANSPORT_UDP ||
		    strtoul(listener->port, NULL, 10) != local->port)
			continue;
		if (inet_ntop(v6 ? AF_INET6 : AF_INET, local->address + (v6 ? 0 : 12), text,
			      sizeof(text)) != NULL &&
		    strlen(listener->host) == strlen(text) + (v6 ? 2 : 0) &&
		    strncasecmp(listener->host + (v6 ? 1 : 0), text, strlen(text)) == 0)
			return true;
	}
	return false;
}

/* The peer of an accepted connection; false: the descriptor is something else. */
static bool peer_of(const struct proxy *proxy, int fd, struct end *peer_out)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof(address);
	struct end local;

	if (getsockname(fd, (struct sockaddr *)&address, &n) != 0 ||
	    !end_of((struct sockaddr *)&address, &local) || !is_listener(proxy, &local))
		return false;
	n = sizeof(address);
	return getpeername(fd, (struct sockaddr *)&address, &n) == 0 &&
	       end_of((struct sockaddr *)&address, peer_out);
}

static void see(struct connections *connections, int fd, const struct end *peer)
{
	struct connection *connection = find(connections, peer);

	if (connection == NULL)
		connection = add(connections, peer);
	if (connection->round == 0)
		share_of(connections, peer)->n++;
	connection->round = connections->round;
	connection->fd = fd;
}

static const char *why_not(const struct proxy *proxy, const struct connection *connection,
			   const struct share *share)
{
	const struct proxy_options *options = proxy->settings->proxy;

	/* What was let in before is not ended for one that comes later. */
	if (!connection->settled && share->n > (size_t)options->max_connections)
		return "connections";
	if (!connection->heard &&
	    proxy_now_ms() - connection->since_ms >= options->first_message_ms)
		return "silent_connection";
	return NULL;
}

static void judge(struct proxy *proxy, struct connection *connection)
{
	const char *why =
		why_not(proxy, connection, share_of(proxy->connections, &connection->peer));

	connection->settled = true;
	if (why == NULL)
		return;
	METRIC_COUNT(proxy->metrics, METRIC_REFUSED, why);
	(void)shutdown(connection->fd, SHUT_RDWR);
	drop(proxy->connections, connection);
}

/* Every descriptor there is, by the system's list: no guess at how many there may be. */
static void see_all(struct proxy *proxy)
{
	DIR *folder = opendir("/proc/self/fd");
	struct dirent *entry;
	struct end peer;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		int fd = entry->d_name[0] == '.' ? -1 : (int)strtol(entry->d_name, NULL, 10);

		if (fd >= 0 && peer_of(proxy, fd, &peer))
			see(proxy->connections, fd, &peer);
	}
	closedir(folder);
}

void connections_tick(struct proxy *proxy)
{
	struct connection *connection, *next;
	bool streams = false;

	for (size_t i = 0; i < proxy->n_listeners; i++)
		streams = streams || proxy->listeners[i].transport != TRANSPORT_UDP;
	if (!streams)
		return;
	begin(proxy);
	proxy->connections->round++;
	see_all(proxy);
	/* First those that are gone: they take no share from those that are there. */
	HASH_ITER (hh, proxy->connections->all, connection, next)
		if (connection->round != proxy->connections->round)
			drop(proxy->connections, connection);
	HASH_ITER (hh, proxy->connections->all, connection, next)
		judge(proxy, connection);
}

void connections_free(struct proxy *proxy)
{
	struct connection *connection, *next;

	if (proxy->connections == NULL)
		return;
	HASH_ITER (hh, proxy->connections->all, connection, next)
		drop(proxy->connections, connection);
	free(proxy->connections);
	proxy->connections = NULL;
}
