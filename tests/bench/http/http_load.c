/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends one HTTP request over and over and tells how long the answers took, as one line of JSON.
 * Connections are kept. With a rate a request's time counts from when it was due, so that a server
 * that stands still is not spared the requests that would have come meanwhile. Without one it never
 * sleeps: to wake it would cost the server an interrupt of the other core, which no client on a
 * network does, and a slow server more often than a quick one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define REQUEST_MAX	8192
#define ANSWER_MAX	65536
#define TIMES_MAX	4000000
#define DRAIN_NS	5000000000 /* for the answers that are still to come */

struct connection {
	int fd;
	int64_t asked_ns; /* 0: idle */
	size_t len;
	char answer[ANSWER_MAX];
};

struct load {
	long port, connections, requests, rate, range;
	double seconds;
	char request[REQUEST_MAX];
	size_t request_len;
	char *digits; /* in request: where the number goes; NULL: nowhere */
	int width;
	uint64_t random, next;
	int epoll;
	struct connection *connection;
	long n_idle, idle[CONNECTIONS_MAX];
	size_t sent, done, failed, body;
	uint32_t *us;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "http_load: %s: %s\n", what, strerrordesc_np(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A run of '#' is the place of a number: chance below the range, or one after the other. */
static void read_request(struct load *load, const char *path)
{
	FILE *file = fopen(path, "re");

	must(file != NULL, path);
	load->request_len = fread(load->request, 1, sizeof load->request - 1, file);
	must(load->request_len > 0 && feof(file) != 0, "the request is empty or too long");
	fclose(file);
	load->digits = strchr(load->request, '#');
	if (load->digits != NULL)
		load->width = (int)strspn(load->digits, "#");
}

static void number_request(struct load *load)
{
	char text[24];

	if (load->digits == NULL)
		return;
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	uint64_t number = load->range > 0 ? load->random % (uint64_t)load->range : load->next++;
	int n = snprintf(text, sizeof text, "%0*llu", load->width, (unsigned long long)number);
	must(n == load->width, "the number is wider than its place");
	memcpy(load->digits, text, (size_t)n);
}

static void open_connection(struct load *load, long i)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port)};
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)i};
	struct connection *connection = &load->connection[i];
	int on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(connection->fd >= 0 && connect(connection->fd, (struct sockaddr *)&to, sizeof to) == 0,
	     "connect");
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	must(epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) == 0, "epoll_ctl");
	load->idle[load->n_idle++] = i;
}

static void send_one(struct load *load, int64_t due_ns)
{
	struct connection *connection = &load->connection[load->idle[--load->n_idle]];

	number_request(load);
	ssize_t n = send(connection->fd, load->request, load->request_len, MSG_NOSIGNAL);
	must(n == (ssize_t)load->request_len, "send");
	connection->asked_ns = due_ns;
	connection->len = 0;
	load->sent++;
}

/* Bytes of the whole answer; 0: its headers are not all there. */
static size_t answer_len(struct load *load, struct connection *connection)
{
	connection->answer[connection->len] = '\0';
	const char *end = strstr(connection->answer, "\r\n\r\n");
	const char *length = strcasestr(connection->answer, "\r\nContent-Length:");

	if (end == NULL)
		return 0;
	must(length != NULL && length < end, "an answer without Content-Length");
	load->body = strtoul(length + 17, NULL, 10);
	return (size_t)(end - connection->answer) + 4 + load->body;
}

static void receive(struct load *load, long i)
{
	struct connection *connection = &load->connection[i];
	ssize_t n = recv(connection->fd, connection->answer + connection->len,
			 sizeof connection->answer - 1 - connection->len, 0);

	must(n > 0 && connection->asked_ns != 0, "the server closed a connection");
	connection->len += (size_t)n;
	size_t whole = answer_len(load, connection);
	if (whole == 0 || connection->len < whole)
		return;
	if (strncmp(connection->answer, "HTTP/1.1 2", 10) != 0 && load->failed++ == 0)
		fprintf(stderr, "http_load: %.*s\n", (int)whole, connection->answer);
	must(load->done < TIMES_MAX, "too many answers");
	load->us[load->done++] = (uint32_t)((now_ns() - connection->asked_ns) / 1000);
	connection->asked_ns = 0;
	load->idle[load->n_idle++] = i;
}

static void wait_for_answers(struct load *load, int64_t ns)
{
	struct epoll_event events[64];
	struct timespec wait = {ns / 1000000000, ns % 1000000000};
	int n = epoll_pwait2(load->epoll, events, 64, &wait, NULL);

	must(n >= 0 || errno == EINTR, "epoll_pwait2");
	for (int i = 0; i < n; i++)
		receive(load, (long)events[i].data.u64);
}

static bool wants_more(const struct load *load, int64_t now, int64_t end)
{
	return now < end && (load->requests == 0 || load->sent < (size_t)load->requests);
}

/* Gives the seconds that it took. */
static double run(struct load *load)
{
	int64_t start = now_ns(), now = start, due = start;
	int64_t end = start + (int64_t)(load->seconds * 1e9);
	int64_t step = load->rate > 0 ? 1000000000 / load->rate : 0;

	while (wants_more(load, now, end)) {
		while (load->n_idle > 0 && due <= now && wants_more(load, now, end)) {
			send_one(load, step > 0 ? due : now_ns());
			due = step > 0 ? due + step : now;
		}
		int64_t wait = load->n_idle > 0 && due > now ? due - now : end - now;
		if (step == 0)
			wait = 0;
		wait_for_answers(load, wait);
		now = now_ns();
		if (step == 0)
			due = now;
	}
	while (load->done < load->sent && now < end + DRAIN_NS) {
		wait_for_answers(load, DRAIN_NS / 10);
		now = now_ns();
	}
	if (load->done != load->sent)
		fprintf(stderr, "http_load: %zu answers of %zu are missing\n",
			load->sent - load->done, load->sent);
	must(load->done == load->sent, "the server stands still");
	return (double)(now - start) / 1e9;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void tell(const struct load *load, double seconds)
{
	must(load->done > 0, "no answer");
	qsort(load->us, load->done, sizeof *load->us, by_value);
	printf("{\"requests\": %zu, \"failed\": %zu, \"seconds\": %.3f, \"per_s\": %.0f, "
	       "\"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, \"body\": %zu}\n",
	       load->done, load->failed, seconds, (double)load->done / seconds,
	       load->us[load->done / 2], load->us[load->done * 99 / 100], load->us[load->done - 1],
	       load->body);
}

static void read_options(struct load *load, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "p:f:c:s:n:r:x:")) != -1) {
		switch (option) {
		case 'p':
			load->port = strtol(optarg, NULL, 10);
			break;
		case 'f':
			read_request(load, optarg);
			break;
		case 'c':
			load->connections = strtol(optarg, NULL, 10);
			break;
		case 's':
			load->seconds = strtod(optarg, NULL);
			break;
		case 'n':
			load->requests = strtol(optarg, NULL, 10);
			break;
		case 'r':
			load->rate = strtol(optarg, NULL, 10);
			break;
		case 'x':
			load->range = strtol(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	static struct load load = {.connections = 1, .seconds = 1, .random = 88172645463325252};

	read_options(&load, argc, argv);
	if (load.request_len == 0 || load.port == 0 || load.connections < 1 ||
	    load.connections > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: http_load -p port -f request [-c connections] [-s seconds]"
				" [-n requests] [-r requests a second] [-x numbers below]\n");
		return 2;
	}
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.connection = calloc((size_t)load.connections, sizeof *load.connection);
	load.us = calloc(TIMES_MAX, sizeof *load.us);
	must(load.epoll >= 0 && load.connection != NULL && load.us != NULL, "no memory");
	for (long i = 0; i < load.connections; i++)
		open_connection(&load, i);
	tell(&load, run(&load));
	return load.failed > 0;
}
