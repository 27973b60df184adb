/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attacker of the relay: sends datagrams of the kinds that it is given to every port of a range,
 * one behind the other, and counts what comes back.
 *
 *   spray SOURCE TARGET FIRST-LAST RATE COUNT < kinds
 *
 * SOURCE is ADDRESS/SOCKETS, or fd:NUMBER, a socket that was handed down: that of a peer, whose
 * answers are not counted. RATE is datagrams a second, COUNT their number; 0: until its input ends.
 * kinds is a line of hex for each kind and an empty line. RTP gets a new sequence number, STUN a
 * new transaction id each time. Prints "ready", and one JSON object at the end.
 */
#include "media/path/address.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NANOS	    1000000000ULL
#define KINDS_MAX   64
#define KIND_MAX    2048
#define SOCKETS_MAX 1024
#define BURST_MAX   64	      /* datagrams that are late are made up for so many at a time */
#define LINGER	    200000000 /* ns to wait for what comes back */

struct kind {
	uint8_t data[KIND_MAX];
	size_t len;
};

struct spray {
	struct kind kinds[KINDS_MAX];
	size_t n_kinds;
	int fds[SOCKETS_MAX];
	size_t n_fds;
	bool borrowed;
	struct address target;
	unsigned first, ports;
	unsigned long long rate, count, sent, sent_bytes, back, back_bytes;
};

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "spray: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NANOS + (uint64_t)ts.tv_nsec;
}

static void read_kind(struct kind *kind, const char *hex, size_t digits)
{
	check(digits % 2 == 0 && digits / 2 <= KIND_MAX, "a kind's length");
	for (kind->len = 0; kind->len < digits / 2; kind->len++) {
		const char pair[3] = {hex[2 * kind->len], hex[2 * kind->len + 1], 0};

		kind->data[kind->len] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static void read_kinds(struct spray *spray)
{
	static char line[2 * KIND_MAX + 2];

	while (fgets(line, sizeof(line), stdin) && line[0] != '\n') {
		check(spray->n_kinds < KINDS_MAX, "too many kinds");
		read_kind(&spray->kinds[spray->n_kinds++], line, strcspn(line, "\n"));
	}
	check(spray->n_kinds > 0, "no kind");
}

static void open_source(struct spray *spray, const char *text)
{
	const char *slash = strchr(text, '/');
	struct sockaddr_storage sa;
	struct address address;

	spray->borrowed = strncmp(text, "fd:", 3) == 0;
	if (spray->borrowed) {
		spray->fds[spray->n_fds++] = (int)strtol(text + 3, NULL, 10);
		return;
	}
	check(slash && address_parse(text, (size_t)(slash - text), 0, &address), "the source");
	const size_t wanted = strtoul(slash + 1, NULL, 10);
	const socklen_t len = address_to_sockaddr(&address, &sa);
	check(wanted > 0 && wanted <= SOCKETS_MAX, "the number of sockets");
	for (; spray->n_fds < wanted; spray->n_fds++) {
		const int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		check(fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0, "a socket");
		spray->fds[spray->n_fds] = fd;
	}
}

/* What makes a datagram another one than the last of its kind. */
static void freshen(struct kind *kind)
{
	if (kind->len >= 4 && kind->data[0] >= 128 && kind->data[0] < 192) {
		kind->data[3]++;
		kind->data[2] = (uint8_t)(kind->data[2] + (kind->data[3] == 0));
	}
	for (size_t i = 8; kind->len >= 20 && kind->data[0] < 4 && i < 20; i++)
		kind->data[i] = (uint8_t)random();
}

static void send_one(struct spray *spray)
{
	struct kind *kind = &spray->kinds[spray->sent % spray->n_kinds];
	const int fd = spray->fds[spray->sent % spray->n_fds];
	struct sockaddr_storage sa;

	/* Each kind meets each port, whatever their numbers have in common. */
	spray->target.port =
		(uint16_t)(spray->first + (spray->sent / spray->n_kinds) % spray->ports);
	freshen(kind);
	const socklen_t len = address_to_sockaddr(&spray->target, &sa);
	if (sendto(fd, kind->data, kind->len, 0, (struct sockaddr *)&sa, len) > 0)
		spray->sent_bytes += kind->len;
	spray->sent++;
}

static void take_back(struct spray *spray)
{
	uint8_t data[65536];
	ssize_t n;

	for (size_t i = 0; !spray->borrowed && i < spray->n_fds; i++) {
		while ((n = recv(spray->fds[i], data, sizeof(data), MSG_DONTWAIT)) >= 0) {
			spray->back++;
			spray->back_bytes += (unsigned long long)n;
		}
	}
}

/* true: who started us wants no more. */
static bool is_told_to_end(int timeout_ms)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&input, 1, timeout_ms) > 0;
}

static void run(struct spray *spray)
{
	const uint64_t begin = now_ns();
	bool done = false;

	while (!done) {
		const uint64_t due =
			(uint64_t)((double)(now_ns() - begin) * (double)spray->rate / NANOS);

		for (unsigned i = 0; i < BURST_MAX && spray->sent < due && !done; i++) {
			send_one(spray);
			done = spray->count > 0 && spray->sent == spray->count;
		}
		if (!done)
			done = is_told_to_end(spray->sent < due ? 0 : 1);
		if (spray->sent % 256 < BURST_MAX)
			take_back(spray);
	}
}

int main(int argc, char **argv)
{
	static struct spray spray;
	const struct timespec linger = {.tv_nsec = LINGER};
	char *dash;

	if (argc != 6) {
		fprintf(stderr, "usage: spray SOURCE TARGET FIRST-LAST RATE COUNT < kinds\n");
		return 2;
	}
	setvbuf(stdin, NULL, _IONBF, 0); /* poll() has to see what is left */
	open_source(&spray, argv[1]);
	check(address_parse(argv[2], strlen(argv[2]), 0, &spray.target), "the target");
	spray.first = (unsigned)strtoul(argv[3], &dash, 10);
	spray.ports = *dash == '-' ? (unsigned)strtoul(dash + 1, NULL, 10) - spray.first + 1 : 1;
	spray.rate = strtoull(argv[4], NULL, 10);
	spray.count = strtoull(argv[5], NULL, 10);
	read_kinds(&spray);
	printf("ready\n");
	fflush(stdout);
	run(&spray);
	nanosleep(&linger, NULL);
	take_back(&spray);
	printf("{\"sent\": %llu, \"sent_bytes\": %llu, \"back\": %llu, \"back_bytes\": %llu}\n",
	       spray.sent, spray.sent_bytes, spray.back, spray.back_bytes);
	return 0;
}
