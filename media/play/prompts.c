/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of orders, the thread that reads, and the files that it keeps. */
#include "media/play/prompts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "svc/runtime/whole.h"

struct kept {
	char name[PROMPT_NAME_MAX + 1];
	struct timespec changed;
	off_t size;
	struct prompt *prompt; /* NULL: a free place */
	uint64_t used;	       /* turn of its last use */
};

struct prompts {
	int folder; /* -1: none */
	pthread_t thread;
	pthread_mutex_t lock; /* of the queue */
	pthread_cond_t wake;
	struct prompt_order *first, **last;
	bool stopping;
	struct kept kept[PROMPTS_KEPT]; /* the thread's own */
	uint64_t turn;
};

bool prompts_name_ok(const char *name, size_t len)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (len == 0 || len > PROMPT_NAME_MAX || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '\0' || !strchr(allowed, name[i]))
			return false;
	return true;
}

static struct kept *find(struct prompts *prompts, const char *name, const struct stat *stat)
{
	for (size_t i = 0; i < PROMPTS_KEPT; i++) {
		struct kept *kept = &prompts->kept[i];

		if (kept->prompt && strcmp(kept->name, name) == 0 && kept->size == stat->st_size &&
		    kept->changed.tv_sec == stat->st_mtim.tv_sec &&
		    kept->changed.tv_nsec == stat->st_mtim.tv_nsec)
			return kept;
	}
	return NULL;
}

static size_t bytes_of(const struct prompt *prompt)
{
	size_t n;

	prompt_samples(prompt, &n);
	return n * sizeof(int16_t);
}

static void drop(struct kept *kept)
{
	prompt_unref(kept->prompt);
	kept->prompt = NULL;
}

/* A free place, or that of the one used longest ago; until all together are small enough. */
static struct kept *make_place(struct prompts *prompts, size_t bytes)
{
	for (;;) {
		struct kept *oldest = NULL, *free_place = NULL;
		size_t sum = bytes;

		for (size_t i = 0; i < PROMPTS_KEPT; i++) {
			struct kept *kept = &prompts->kept[i];

			if (!kept->prompt) {
				free_place = kept;
				continue;
			}
			sum += bytes_of(kept->prompt);
			if (!oldest || kept->used < oldest->used)
				oldest = kept;
		}
		if (free_place && (sum <= PROMPTS_KEPT_MAX || !oldest))
			return free_place;
		drop(oldest);
	}
}

static void keep(struct prompts *prompts, const char *name, const struct stat *stat,
		 struct prompt *prompt)
{
	struct kept *place;

	if (bytes_of(prompt) > PROMPTS_KEPT_MAX)
		return;
	place = make_place(prompts, bytes_of(prompt));
	*place = (struct kept){.changed = stat->st_mtim,
			       .size = stat->st_size,
			       .prompt = prompt_ref(prompt),
			       .used = ++prompts->turn};
	snprintf(place->name, sizeof(place->name), "%s", name);
}

static uint8_t *read_all(int fd, size_t len)
{
	uint8_t *data = malloc(len > 0 ? len : 1);

	if (!data || whole_read(fd, data, len) == (ssize_t)len)
		return data;
	free(data);
	return NULL;
}

static struct prompt *read_open(struct prompts *prompts, int fd, const char *name,
				const char **why_out)
{
	struct stat stat;
	struct kept *kept;
	struct prompt *prompt;
	uint8_t *data;

	*why_out = "The file cannot be read, or is none";
	if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
		return NULL;
	kept = find(prompts, name, &stat);
	if (kept) {
		kept->used = ++prompts->turn;
		return prompt_ref(kept->prompt);
	}
	*why_out = "The file is longer than 16 MiB";
	if (stat.st_size > PROMPT_BYTES_MAX)
		return NULL;
	*why_out = "The file cannot be read";
	data = read_all(fd, (size_t)stat.st_size);
	if (!data)
		return NULL;
	prompt = prompt_read(data, (size_t)stat.st_size, why_out);
	free(data);
	if (prompt)
		keep(prompts, name, &stat, prompt);
	return prompt;
}

/* O_NONBLOCK: a pipe in the folder must not hold the thread. */
static struct prompt *read_file(struct prompts *prompts, const struct prompt_order *order,
				const char **why_out)
{
	char name[PROMPT_NAME_MAX + 1];
	struct prompt *prompt;
	int fd;

	snprintf(name, sizeof(name), "%.*s", (int)order->name_len, order->name);
	*why_out = "No such file in media_dir";
	fd = openat(prompts->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	prompt = read_open(prompts, fd, name, why_out);
	close(fd);
	return prompt;
}

static void serve(struct prompts *prompts, struct prompt_order *order)
{
	order->why = NULL;
	if (!order->name)
		order->prompt = prompt_read(order->data, order->len, &order->why);
	else if (!prompts_name_ok(order->name, order->name_len))
		order->why = "A file is named as it stands in media_dir, without a path";
	else if (prompts->folder < 0)
		order->why = "No media_dir is configured";
	else
		order->prompt = read_file(prompts, order, &order->why);
	if (order->prompt)
		order->why = NULL;
	order->ended = true;
	order->done(order);
}

static void *read_orders(void *magic)
{
	struct prompts *prompts = magic;

	for (;;) {
		struct prompt_order *order;

		pthread_mutex_lock(&prompts->lock);
		while (!prompts->first && !prompts->stopping)
			pthread_cond_wait(&prompts->wake, &prompts->lock);
		order = prompts->first;
		if (order)
			prompts->first = order->next;
		if (!prompts->first)
			prompts->last = &prompts->first;
		pthread_mutex_unlock(&prompts->lock);
		if (!order)
			return NULL;
		serve(prompts, order);
	}
}

struct prompts *prompts_start(const char *folder, char *err, size_t size)
{
	struct prompts *prompts = calloc(1, sizeof(*prompts));

	if (!prompts) {
		snprintf(err, size, "out of memory");
		return NULL;
	}
	prompts->last = &prompts->first;
	prompts->folder = -1;
	if (folder)
		prompts->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder && prompts->folder < 0) {
		snprintf(err, size, "media_dir %s: %s", folder, strerror(errno));
		free(prompts);
		return NULL;
	}
	pthread_mutex_init(&prompts->lock, NULL);
	pthread_cond_init(&prompts->wake, NULL);
	if (pthread_create(&prompts->thread, NULL, read_orders, prompts) == 0)
		return prompts;
	snprintf(err, size, "no thread for announcements");
	if (prompts->folder >= 0)
		close(prompts->folder);
	free(prompts);
	return NULL;
}

void prompts_stop(struct prompts *prompts)
{
	if (!prompts)
		return;
	pthread_mutex_lock(&prompts->lock);
	prompts->stopping = true;
	pthread_cond_signal(&prompts->wake);
	pthread_mutex_unlock(&prompts->lock);
	pthread_join(prompts->thread, NULL);
	for (size_t i = 0; i < PROMPTS_KEPT; i++)
		drop(&prompts->kept[i]);
	if (prompts->folder >= 0)
		close(prompts->folder);
	pthread_cond_destroy(&prompts->wake);
	pthread_mutex_destroy(&prompts->lock);
	free(prompts);
}

void prompts_read(struct prompts *prompts, struct prompt_order *order)
{
	pthread_mutex_lock(&prompts->lock);
	order->next = NULL;
	*prompts->last = order;
	prompts->last = &order->next;
	pthread_cond_signal(&prompts->wake);
	pthread_mutex_unlock(&prompts->lock);
}
