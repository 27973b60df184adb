/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of what is to be written, and the thread that writes it. */
#include "media/record/recorder.h"

#include "media/record/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "svc/runtime/whole.h"

#define NANOS 1000000000ULL

struct recorder {
	int folder;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t wake;
	struct item *first, **last;
	size_t queued; /* bytes */
	size_t running;
	uint64_t lost;
	bool stopping;
};

struct recording {
	struct recorder *recorder;
	int fd; /* the writer's; -1 once the disk has refused */
	char name[RECORDING_NAME_MAX];
};

enum what { OPEN, WRITE, CLOSE };

struct item {
	struct item *next;
	struct recording *recording;
	enum what what;
	size_t len;
	uint8_t data[];
};

static void count_lost(struct recorder *recorder)
{
	pthread_mutex_lock(&recorder->lock);
	recorder->lost++;
	pthread_mutex_unlock(&recorder->lock);
}

static void open_file(struct recorder *recorder, struct recording *recording)
{
	uint8_t header[PCAP_FILE_HEADER];

	recording->fd = openat(recorder->folder, recording->name,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	pcap_file_header(header);
	if (recording->fd < 0 || !whole_write(recording->fd, header, sizeof(header)))
		count_lost(recorder);
}

static void close_file(struct recorder *recorder, struct recording *recording)
{
	if (recording->fd >= 0)
		close(recording->fd);
	free(recording);
	pthread_mutex_lock(&recorder->lock);
	recorder->running--;
	pthread_mutex_unlock(&recorder->lock);
}

static void do_item(struct recorder *recorder, struct item *item)
{
	switch (item->what) {
	case OPEN:
		open_file(recorder, item->recording);
		break;
	case WRITE:
		if (item->recording->fd < 0 ||
		    !whole_write(item->recording->fd, item->data, item->len))
			count_lost(recorder);
		break;
	case CLOSE:
		close_file(recorder, item->recording);
		break;
	}
	free(item);
}

/* Takes the whole queue at once, so that the lock is held for a moment only. */
static void *write_items(void *magic)
{
	struct recorder *recorder = magic;

	for (;;) {
		pthread_mutex_lock(&recorder->lock);
		while (!recorder->first && !recorder->stopping)
			pthread_cond_wait(&recorder->wake, &recorder->lock);
		struct item *item = recorder->first;
		recorder->first = NULL;
		recorder->last = &recorder->first;
		recorder->queued = 0;
		pthread_mutex_unlock(&recorder->lock);
		if (!item)
			return NULL;
		while (item) {
			struct item *next = item->next;
			do_item(recorder, item);
			item = next;
		}
	}
}

/* Opening and closing always find room; packets only below the queue's limit. */
static bool post(struct recorder *recorder, struct item *item)
{
	pthread_mutex_lock(&recorder->lock);
	const bool room = item->what != WRITE || recorder->queued + item->len <= RECORDER_QUEUE_MAX;
	if (room) {
		item->next = NULL;
		*recorder->last = item;
		recorder->last = &item->next;
		recorder->queued += item->len;
		pthread_cond_signal(&recorder->wake);
	}
	pthread_mutex_unlock(&recorder->lock);
	return room;
}

static struct item *item_new(struct recording *recording, enum what what, size_t len)
{
	struct item *item = malloc(sizeof(*item) + len);

	if (item)
		*item = (struct item){.recording = recording, .what = what, .len = len};
	return item;
}

struct recorder *recorder_start(const char *folder, char *err, size_t size)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	recorder->last = &recorder->first;
	recorder->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (recorder->folder < 0 || faccessat(recorder->folder, ".", W_OK | X_OK, 0) < 0) {
		snprintf(err, size, "%s: %s; make the folder, writable by the relay's user", folder,
			 strerror(errno));
		if (recorder->folder >= 0)
			close(recorder->folder);
		free(recorder);
		return NULL;
	}
	pthread_mutex_init(&recorder->lock, NULL);
	pthread_cond_init(&recorder->wake, NULL);
	if (pthread_create(&recorder->thread, NULL, write_items, recorder) == 0)
		return recorder;
	snprintf(err, size, "no thread for recordings");
	close(recorder->folder);
	free(recorder);
	return NULL;
}

void recorder_stop(struct recorder *recorder)
{
	if (!recorder)
		return;
	pthread_mutex_lock(&recorder->lock);
	recorder->stopping = true;
	pthread_cond_signal(&recorder->wake);
	pthread_mutex_unlock(&recorder->lock);
	pthread_join(recorder->thread, NULL);
	close(recorder->folder);
	pthread_cond_destroy(&recorder->wake);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder);
}

uint64_t recorder_lost(const struct recorder *recorder)
{
	struct recorder *shared = (struct recorder *)recorder;

	pthread_mutex_lock(&shared->lock);
	const uint64_t lost = shared->lost;
	pthread_mutex_unlock(&shared->lock);
	return lost;
}

static bool take_place(struct recorder *recorder)
{
	pthread_mutex_lock(&recorder->lock);
	const bool room = recorder->running < RECORDINGS_MAX && !recorder->stopping;
	recorder->running += room;
	pthread_mutex_unlock(&recorder->lock);
	return room;
}

static bool make_name(uint64_t at, char name_out[RECORDING_NAME_MAX])
{
	const time_t seconds = (time_t)(at / NANOS);
	struct tm tm;
	uint64_t random;

	if (!gmtime_r(&seconds, &tm) || getrandom(&random, sizeof(random), 0) != sizeof(random))
		return false;
	const size_t n = strftime(name_out, RECORDING_NAME_MAX, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name_out + n, RECORDING_NAME_MAX - n, "-%016llx.pcap", (unsigned long long)random);
	return n > 0;
}

struct recording *recording_start(struct recorder *recorder, uint64_t at,
				  char name_out[RECORDING_NAME_MAX])
{
	struct recording *recording = calloc(1, sizeof(*recording));
	struct item *item = item_new(recording, OPEN, 0);

	if (!recording || !item || !make_name(at, name_out) || !take_place(recorder)) {
		free(recording);
		free(item);
		return NULL;
	}
	recording->recorder = recorder;
	recording->fd = -1;
	snprintf(recording->name, sizeof(recording->name), "%s", name_out);
	post(recorder, item);
	return recording;
}

void recording_packet(struct recording *recording, const struct address *from,
		      const struct address *to, const uint8_t *data, size_t len, uint64_t at)
{
	uint8_t headers[PCAP_HEADERS_MAX];

	if (len > RECORDING_PACKET_MAX || from->family != to->family)
		return;
	const size_t n = pcap_headers(from, to, data, len, at, headers);
	struct item *item = item_new(recording, WRITE, n + len);
	if (item) {
		memcpy(item->data, headers, n);
		memcpy(item->data + n, data, len);
		if (post(recording->recorder, item))
			return;
		free(item);
	}
	count_lost(recording->recorder);
}

void recording_stop(struct recording *recording)
{
	if (!recording)
		return;
	struct item *item = item_new(recording, CLOSE, 0);
	/* without memory the file stays open until the process ends; nothing of it is lost */
	if (item)
		post(recording->recorder, item);
}
