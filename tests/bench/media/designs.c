/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the system asks for a packet in each design of a relay's sockets: LEGS legs with a packet
 * waiting on each, read and sent on to the other leg of the call, again and again, in one thread
 * whose processor time is counted. Waiting for the first packet is in no design, so it is a floor.
 *
 *   designs      one JSON object a line
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "tests/bench/media/designs.h"

#define LEGS   400 /* two a call */
#define ROUNDS 100
#define RUNS   5 /* the best one counts */
#define DEPTH  32
#define PACKET 172
#define FULL   2048

struct bed {
	int legs[LEGS], peers[LEGS], shared, epoll;
	struct sockaddr_in leg_at[LEGS], peer_at[LEGS], shared_at;
	uint16_t leg_of[65536]; /* by the peer's port */
	uint8_t buffers[DEPTH][FULL];
	unsigned relayed;
};

/* A design: how its sockets are, how one that is ready is read. */
struct design {
	const char *name;
	uint32_t events;
	bool connected, shared;
	void (*ready)(struct bed *bed, unsigned leg);
};

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static int open_socket(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = 4 << 20;
	socklen_t len = sizeof(*at);

	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	check(fd >= 0 && bind(fd, (struct sockaddr *)at, sizeof(*at)) == 0 &&
		      getsockname(fd, (struct sockaddr *)at, &len) == 0,
	      "a socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static void watch(struct bed *bed, int fd, unsigned leg, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u32 = leg};

	check(epoll_ctl(bed->epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll");
}

static void set_up(struct bed *bed, const struct design *design)
{
	bed->epoll = epoll_create1(EPOLL_CLOEXEC);
	bed->shared = open_socket(&bed->shared_at);
	for (unsigned i = 0; i < LEGS; i++) {
		bed->legs[i] = open_socket(&bed->leg_at[i]);
		bed->peers[i] = open_socket(&bed->peer_at[i]);
		bed->leg_of[ntohs(bed->peer_at[i].sin_port)] = (uint16_t)i;
		if (design->connected)
			check(connect(bed->legs[i], (struct sockaddr *)&bed->peer_at[i],
				      sizeof(bed->peer_at[i])) == 0,
			      "connect");
		if (!design->shared)
			watch(bed, bed->legs[i], i, design->events);
	}
	if (design->shared)
		watch(bed, bed->shared, 0, design->events);
}

static void tear_down(struct bed *bed)
{
	for (unsigned i = 0; i < LEGS; i++) {
		close(bed->legs[i]);
		close(bed->peers[i]);
	}
	close(bed->shared);
	close(bed->epoll);
}

static void feed(struct bed *bed, const struct design *design)
{
	uint8_t packet[PACKET] = {0x80};

	for (unsigned i = 0; i < LEGS; i++) {
		const struct sockaddr_in *to = design->shared ? &bed->shared_at : &bed->leg_at[i];

		sendto(bed->peers[i], packet, sizeof(packet), 0, (const struct sockaddr *)to,
		       sizeof(*to));
	}
}

static void empty_peers(struct bed *bed)
{
	uint8_t packet[FULL];

	for (unsigned i = 0; i < LEGS; i++) {
		while (recv(bed->peers[i], packet, sizeof(packet), 0) > 0)
			continue;
	}
}

static void send_to(struct bed *bed, unsigned leg, const uint8_t *data, size_t len)
{
	sendto(bed->legs[leg], data, len, 0, (const struct sockaddr *)&bed->peer_at[leg],
	       sizeof(bed->peer_at[leg]));
	bed->relayed++;
}

static void ready_once(struct bed *bed, unsigned leg)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(bed->legs[leg], bed->buffers[0], FULL, MSG_TRUNC,
			     (struct sockaddr *)&from, &from_len);

	if (n > 0)
		send_to(bed, leg ^ 1, bed->buffers[0], (size_t)n);
}

static void ready_connected(struct bed *bed, unsigned leg)
{
	ssize_t n = recv(bed->legs[leg], bed->buffers[0], FULL, MSG_TRUNC);

	if (n <= 0)
		return;
	send(bed->legs[leg ^ 1], bed->buffers[0], (size_t)n, 0);
	bed->relayed++;
}

/* As rtpengine does in userspace: recvmsg until there is no more, sendmsg. */
static void ready_drain(struct bed *bed, unsigned leg)
{
	struct sockaddr_storage from;
	struct iovec part = {bed->buffers[0], FULL};
	ssize_t n;

	for (;;) {
		struct msghdr in = {.msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &part,
				    .msg_iovlen = 1};
		struct msghdr out = {.msg_name = &bed->peer_at[leg ^ 1],
				     .msg_namelen = sizeof(bed->peer_at[0]),
				     .msg_iov = &part,
				     .msg_iovlen = 1};

		part.iov_len = FULL;
		n = recvmsg(bed->legs[leg], &in, 0);
		if (n <= 0)
			return;
		part.iov_len = (size_t)n;
		sendmsg(bed->legs[leg ^ 1], &out, 0);
		bed->relayed++;
	}
}

static void ready_two(struct bed *bed, unsigned leg)
{
	struct sockaddr_storage from[2];
	struct iovec parts[2] = {{bed->buffers[0], FULL}, {bed->buffers[1], FULL}};
	struct mmsghdr in[2] = {{.msg_hdr = {&from[0], sizeof(from[0]), &parts[0], 1, NULL, 0, 0}},
				{.msg_hdr = {&from[1], sizeof(from[1]), &parts[1], 1, NULL, 0, 0}}};
	int n = recvmmsg(bed->legs[leg], in, 2, 0, NULL);

	for (int i = 0; i < n; i++)
		send_to(bed, leg ^ 1, bed->buffers[i], in[i].msg_len);
}

/* One socket for all legs; both ways in batches. */
static void ready_shared(struct bed *bed, unsigned leg)
{
	struct sockaddr_in from[DEPTH];
	struct iovec parts[DEPTH];
	struct mmsghdr messages[DEPTH];
	int n;

	(void)leg;
	for (int i = 0; i < DEPTH; i++) {
		parts[i] = (struct iovec){bed->buffers[i], FULL};
		messages[i] = (struct mmsghdr){
			.msg_hdr = {&from[i], sizeof(from[i]), &parts[i], 1, NULL, 0, 0}};
	}
	n = recvmmsg(bed->shared, messages, DEPTH, 0, NULL);
	for (int i = 0; i < n; i++) {
		unsigned other = bed->leg_of[ntohs(from[i].sin_port)] ^ 1u;

		parts[i].iov_len = messages[i].msg_len;
		messages[i].msg_hdr.msg_name = &bed->peer_at[other];
	}
	if (n > 0 && sendmmsg(bed->shared, messages, (unsigned)n, 0) > 0)
		bed->relayed += (unsigned)n;
}

static void relay_round(struct bed *bed, const struct design *design)
{
	struct epoll_event events[64];
	int n;

	while ((n = epoll_wait(bed->epoll, events, 64, 0)) > 0) {
		for (int i = 0; i < n; i++)
			design->ready(bed, events[i].data.u32);
	}
}

static double run(struct bed *bed, const struct design *design)
{
	double spent = 0;

	memset(bed, 0, sizeof(*bed));
	set_up(bed, design);
	for (int round = 0; round < ROUNDS; round++) {
		double begin;

		feed(bed, design);
		begin = cpu_ns();
		relay_round(bed, design);
		spent += cpu_ns() - begin;
		empty_peers(bed);
	}
	tear_down(bed);
	check(bed->relayed > LEGS * ROUNDS / 2, "packets were lost");
	return spent / bed->relayed;
}

static void report(const char *name, double ns)
{
	printf("{\"name\": \"%s\", \"value\": %.0f, \"unit\": \"ns\"}\n", name, ns);
	fflush(stdout);
}

int main(void)
{
	static const struct design designs[] = {
		{"a port a leg, recvfrom and sendto", EPOLLIN, false, false, ready_once},
		{"the same, connected: recv and send", EPOLLIN, true, false, ready_connected},
		{"a port a leg, edges, recvmsg until EAGAIN", EPOLLIN | EPOLLET, false, false,
		 ready_drain},
		{"a port a leg, edges, recvmmsg of 2", EPOLLIN | EPOLLET, false, false, ready_two},
		{"one port for all, recvmmsg and sendmmsg", EPOLLIN, false, true, ready_shared},
	};
	struct bed *bed = calloc(1, sizeof(*bed));

	check(bed, "memory");
	for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
		double best = run(bed, &designs[i]);

		for (int again = 1; again < RUNS; again++) {
			double ns = run(bed, &designs[i]);

			best = ns < best ? ns : best;
		}
		report(designs[i].name, best);
	}
	free(bed);
	for (unsigned agents = 2; agents <= DESIGNS_AGENTS_MAX; agents *= 10)
		designs_libnice(agents, report);
	return 0;
}
