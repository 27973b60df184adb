/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Announcements are read and decoded by a thread of their own: neither a slow disk nor a long file
 * may hold media up. What was read stays for a while, so that a busy announcement is read once.
 */
#ifndef MEDIA_PLAY_PROMPTS_H
#define MEDIA_PLAY_PROMPTS_H

#include "media/play/prompt.h"

#include <stdbool.h>

#define PROMPTS_KEPT	 32	    /* files */
#define PROMPTS_KEPT_MAX (64 << 20) /* bytes of samples of those */
#define PROMPT_NAME_MAX	 128

struct prompts;

/* What is to be read: a file by its name, or bytes. It is the reader's until done() is called. */
struct prompt_order {
	const char *name; /* in the folder; NULL: data */
	size_t name_len;
	const uint8_t *data;
	size_t len;
	void (*done)(struct prompt_order *order); /* in the reader's thread */
	/* The outcome: a reference of the caller's, or NULL and an error-reason. */
	struct prompt *prompt;
	const char *why;
	bool ended;
	struct prompt_order *next; /* the reader's own */
};

/* folder NULL: no files, data only. NULL: err says what is wrong with the folder. */
struct prompts *prompts_start(const char *folder, char *err, size_t size);
/* Every order has ended before. NULL is fine. */
void prompts_stop(struct prompts *prompts);
/* Any thread. */
void prompts_read(struct prompts *prompts, struct prompt_order *order);
/* A name of the folder: letters, digits, "._-", no dot in front. */
bool prompts_name_ok(const char *name, size_t len);

#endif
