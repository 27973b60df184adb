/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cookies that came and what was replied, for clients that send again: two generations, swapped
 * every COOKIE_GENERATION_MS, so that a reply is kept for one to two of them. A generation that is
 * full is swapped early: the oldest go first. Commands that run are never forgotten. One thread;
 * the time is an argument.
 */
#ifndef MEDIA_NG_COOKIE_H
#define MEDIA_NG_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COOKIE_GENERATION_MS 30000

struct cookies;

struct cookie_limits {
	size_t count_max; /* of one generation */
	size_t bytes_max; /* of one generation: keys, replies and what they are kept in */
};

/* NULL: no memory, no randomness. */
struct cookies *cookies_new(const struct cookie_limits *limits, int64_t now_ms);
void cookies_free(struct cookies *cookies);

/* One cookie. While its command runs reply is NULL, and magic is the caller's: who waits. */
struct cookie {
	struct cookie *next;
	uint64_t hash;
	const char *reply;
	size_t reply_len;
	void *magic;
	size_t key_len;
	char key[];
};

/* The cookie, or a new one that runs from now on (*new_out). NULL: no memory. */
struct cookie *cookies_look(struct cookies *cookies, const char *key, size_t len, int64_t now_ms,
			    bool *new_out);
/* The reply is taken (malloc'ed). cookie may go with the next cookies_look(). */
void cookies_done(struct cookies *cookies, struct cookie *cookie, char *reply, size_t len);
/* For when nothing is looked up for long: replies go in time all the same, since they hold keys. */
void cookies_tick(struct cookies *cookies, int64_t now_ms);
/* Forgets a command that runs: nothing came of it. */
void cookies_drop(struct cookies *cookies, struct cookie *cookie);

size_t cookies_count(const struct cookies *cookies);
size_t cookies_early(const struct cookies *cookies); /* swaps before their time */

#endif
