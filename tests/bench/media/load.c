/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls through a relay that speaks ng: sets up two-way calls, plain RTP on both sides or WebRTC
 * (ICE, DTLS-SRTP) on the calling one, sends both ways at a steady pace and tells what arrived, how
 * late.
 *
 *   load NG-PORT rtp|webrtc CALLS PACKETS-PER-SECOND SECONDS
 *
 * Prints "ready" when all calls stand, waits for a line, sends, prints one JSON object, ends the
 * calls. The relay is on 127.0.0.1; who wants its processor time reads it meanwhile.
 */
#include "tests/bench/media/endpoint.h"
#include "tests/bench/media/ngcall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NANOS	   1000000000ULL
#define SETUP_S	   60
#define BUCKET_NS  10000 /* of the delay's histogram: 10 us */
#define BUCKETS	   20000 /* up to 200 ms */
#define EVENTS_MAX 512

struct load {
	struct endpoint *ends; /* the calling one, the called one, the next call's ... */
	size_t n;
	struct ngcall_peer ng;
	int epoll;
	uint64_t sent, received, late;
	uint32_t *delays;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NANOS + (uint64_t)ts.tv_nsec;
}

static void die(const char *what, size_t call)
{
	fprintf(stderr, "load: call %zu: %s\n", call, what);
	exit(1);
}

static void take(struct load *load, struct endpoint *end, uint64_t now)
{
	uint64_t sent_at;

	while (endpoint_receive(end, now, &sent_at)) {
		const uint64_t delay = now > sent_at ? now - sent_at : 0;
		const size_t bucket = delay / BUCKET_NS;
		load->received++;
		load->delays[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	}
}

/* Whatever has arrived, waiting at most timeout. */
static void receive(struct load *load, int timeout_ms)
{
	struct epoll_event events[EVENTS_MAX];
	const int n = epoll_wait(load->epoll, events, EVENTS_MAX, timeout_ms);
	const uint64_t now = now_ns();

	for (int i = 0; i < n; i++)
		take(load, events[i].data.ptr, now);
}

static void set_up(struct load *load, bool webrtc)
{
	const size_t ends = load->n;

	for (size_t i = 0; i < ends; i++) {
		struct endpoint *end = &load->ends[i];
		if (!endpoint_open(end, webrtc && i % 2 == 0))
			die(strerror(errno), i / 2);
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
		epoll_ctl(load->epoll, EPOLL_CTL_ADD, end->fd, &event);
	}
	for (size_t i = 0; i < ends; i += 2) {
		const char *why =
			ngcall_start(&load->ng, i / 2, &load->ends[i], &load->ends[i + 1]);
		if (why)
			die(why, i / 2);
		receive(load, 0);
	}
}

/* ICE and DTLS of all, until each has its keys. */
static void connect_all(struct load *load)
{
	const uint64_t end = now_ns() + SETUP_S * NANOS;

	for (;;) {
		size_t open = 0, last = 0;
		for (size_t i = 0; i < load->n; i++)
			if (!endpoint_poll(&load->ends[i], now_ns())) {
				open++;
				last = i;
			}
		if (open == 0)
			return;
		if (now_ns() > end)
			die(endpoint_why(&load->ends[last]), last / 2);
		receive(load, 1);
	}
}

/* Each end sends at the same pace, spread evenly over the interval. */
static void talk(struct load *load, unsigned pace, unsigned seconds)
{
	const uint64_t interval = NANOS / pace, begin = now_ns();
	const uint64_t total = (uint64_t)pace * seconds * load->n;

	for (uint64_t k = 0; k < total;) {
		const uint64_t now = now_ns();
		uint64_t due =
			begin + interval / load->n * (k % load->n) + interval * (k / load->n);
		for (unsigned burst = 0; due <= now && k < total && burst < 64; burst++) {
			if (now - due > 20000000)
				load->late++;
			load->sent += endpoint_send(&load->ends[k % load->n], now_ns());
			k++;
			due = begin + interval / load->n * (k % load->n) + interval * (k / load->n);
		}
		receive(load, due > now + 1500000 ? 1 : 0);
	}
	for (int i = 0; i < 200; i++)
		receive(load, 1);
}

static double percentile(const struct load *load, double share)
{
	uint64_t seen = 0, wanted = (uint64_t)((double)load->received * share);

	for (size_t i = 0; i < BUCKETS; i++) {
		seen += load->delays[i];
		if (seen > wanted)
			return (double)(i + 1) * BUCKET_NS / 1000.0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 6) {
		fprintf(stderr,
			"usage: load NG-PORT rtp|webrtc CALLS PACKETS-PER-SECOND SECONDS\n");
		return 2;
	}
	const bool webrtc = strcmp(argv[2], "webrtc") == 0;
	const unsigned pace = (unsigned)strtoul(argv[4], NULL, 10);
	const unsigned seconds = (unsigned)strtoul(argv[5], NULL, 10);
	struct load load = {.n = 2 * strtoul(argv[3], NULL, 10), .epoll = epoll_create1(0)};
	struct rlimit files = {.rlim_cur = 65536, .rlim_max = 65536};
	setrlimit(RLIMIT_NOFILE, &files);
	load.ends = calloc(load.n, sizeof(*load.ends));
	load.delays = calloc(BUCKETS, sizeof(*load.delays));
	if (!load.ends || !load.delays || pace == 0 || !endpoint_start() ||
	    !ngcall_open(&load.ng, (uint16_t)strtoul(argv[1], NULL, 10)))
		die("cannot begin", 0);
	const uint64_t begin = now_ns();
	set_up(&load, webrtc);
	connect_all(&load);
	const uint64_t ready = now_ns();
	printf("ready\n");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 1;
	memset(load.delays, 0, BUCKETS * sizeof(*load.delays));
	load.received = 0;
	talk(&load, pace, seconds);
	printf("{\"setup_s\": %.2f, \"sent\": %llu, \"received\": %llu, \"late\": %llu, "
	       "\"p50_us\": %.0f, \"p99_us\": %.0f}\n",
	       (double)(ready - begin) / 1e9, (unsigned long long)load.sent,
	       (unsigned long long)load.received, (unsigned long long)load.late,
	       percentile(&load, 0.50), percentile(&load, 0.99));
	fflush(stdout);
	for (size_t i = 0; i < load.n; i += 2) {
		ngcall_end(&load.ng, i / 2);
		endpoint_close(&load.ends[i]);
		endpoint_close(&load.ends[i + 1]);
	}
	free(load.delays);
	free(load.ends);
	return 0;
}
