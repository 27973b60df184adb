/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of media/path share: a worker that is asked to do something and waited for, and
 * sockets of peers on loopback. */
#ifndef TESTS_UNIT_MEDIA_PATH_PATH_KIT_H
#define TESTS_UNIT_MEDIA_PATH_PATH_KIT_H

#include "media/path/port.h"
#include "media/path/worker.h"

#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define KIT_WAIT_MS 5000

struct kit_job {
	worker_job *job;
	void *magic;
	sem_t done;
};

static void kit_run_job(struct worker *worker, void *magic)
{
	struct kit_job *job = magic;

	job->job(worker, job->magic);
	sem_post(&job->done);
}

/* Runs job in the worker's thread and waits for its end. */
__attribute__((unused)) static void kit_run(struct worker *worker, worker_job *job, void *magic)
{
	struct kit_job run = {.job = job, .magic = magic};

	sem_init(&run.done, 0, 0);
	assert_true(worker_post(worker, kit_run_job, &run));
	while (sem_wait(&run.done) != 0)
		continue;
	sem_destroy(&run.done);
}

/* A peer's socket on a port that the system chose. */
__attribute__((unused)) static int kit_peer(const char *ip, struct address *local_out)
{
	struct address any;
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd;

	assert_true(address_parse(ip, strlen(ip), 0, &any));
	fd = port_bind(&any);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	address_from_sockaddr(&sa, local_out);
	return fd;
}

__attribute__((unused)) static void kit_send(int fd, const struct address *to, const void *data,
					     size_t len)
{
	struct sockaddr_storage sa;
	socklen_t sa_len = address_to_sockaddr(to, &sa);

	assert_int_equal(sendto(fd, data, len, 0, (struct sockaddr *)&sa, sa_len), len);
}

/* The length of the next datagram; -1: none within the time. */
__attribute__((unused)) static ssize_t kit_receive(int fd, void *data, size_t size, int ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	if (poll(&wait, 1, ms) != 1)
		return -1;
	return recv(fd, data, size, 0);
}

#endif
