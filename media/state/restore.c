/* SPDX-License-Identifier: Apache-2.0 */
/* Restoring: each worker takes the lines that are its calls'. */
#include "media/state/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/state/call_state.h"
#include "media/state/head.h"
#include "svc/runtime/wipe.h"

struct reading {
	const char *text; /* the lines behind the first */
	size_t n;
	struct call_certificates certificates;
	int done; /* an eventfd that counts */
};

struct part {
	const struct reading *reading;
	struct desk *desk;
	size_t calls, lost;
};

static void tell_lost(struct desk *desk, const json_t *json, const char *why)
{
	size_t n = 0;
	char *id = json ? call_saved_id(json, &n) : NULL;

	log_event(desk->sessions->log, LOG_WARNING, "call.lost",
		  F_SPAN("call_id", id ? id : "", id ? n : 0), F_STR("why", why));
	free(id);
}

static bool restore_line(struct part *part, const char *line, size_t n)
{
	json_t *json = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	const char *why = "what was saved of it cannot be read";

	if (json)
		why = call_restore(part->desk, json, &part->reading->certificates);
	if (why)
		tell_lost(part->desk, json, why);
	json_decref(json);
	return !why;
}

/* A line without a hash is the first desk's, which says that it is nobody's. */
static unsigned desk_of(const struct sessions *sessions, const char *line, size_t n)
{
	uint64_t hash = 0;
	size_t i = 0;

	for (; i < n && i < HEAD_HASH_LEN; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = line[i] ? strchr(digits, line[i]) : NULL;

		if (!digit)
			return 0;
		hash = hash << 4 | (uint64_t)(digit - digits);
	}
	return i < HEAD_HASH_LEN ? 0 : (unsigned)(hash % sessions->n_desks);
}

static void restore_part(struct worker *worker, void *magic)
{
	struct part *part = magic;
	const struct reading *reading = part->reading;
	struct desk *desk = part->desk;
	const char *end = reading->text + reading->n, *next;
	uint64_t one = 1;
	ssize_t written;

	(void)worker;
	for (const char *line = reading->text; line < end; line = next) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((stop ? stop : end) - line);
		size_t hash = n > HEAD_HASH_LEN ? HEAD_HASH_LEN + 1 : n;
		bool ok;

		next = stop ? stop + 1 : end;
		if (desk_of(desk->sessions, line, n) != desk->index)
			continue;
		ok = restore_line(part, line + hash, n - hash);
		part->calls += ok;
		part->lost += !ok;
	}
	/* What they had counted before was told by the process before. */
	desk_traffic_now(desk, desk->told);
	written = write(reading->done, &one, sizeof(one));
	(void)written; /* an eventfd takes it */
}

static unsigned post_all(struct sessions *sessions, const struct reading *reading,
			 struct part *parts)
{
	unsigned n = 0;

	for (; n < sessions->n_desks; n++) {
		parts[n] = (struct part){.reading = reading, .desk = sessions->desks[n]};
		if (!worker_post(parts[n].desk->worker, restore_part, &parts[n]))
			break;
	}
	return n;
}

static bool restore_calls(struct sessions *sessions, struct reading *reading,
			  struct state_outcome *out)
{
	struct part *parts = calloc(sessions->n_desks, sizeof(*parts));
	unsigned posted;
	uint64_t one;

	reading->done = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	if (!parts || reading->done < 0) {
		free(parts);
		return false;
	}
	posted = post_all(sessions, reading, parts);
	for (unsigned i = 0; i < posted; i++)
		while (read(reading->done, &one, sizeof(one)) != sizeof(one))
			continue;
	for (unsigned i = 0; i < posted; i++) {
		out->calls += parts[i].calls;
		out->lost += parts[i].lost;
	}
	close(reading->done);
	free(parts);
	return posted == sessions->n_desks;
}

/* NULL: done. */
static const char *restore_text(struct sessions *sessions, const char *text, size_t n,
				struct state_outcome *out)
{
	const char *stop = memchr(text, '\n', n);
	json_t *head = stop ? json_loadb(text, (size_t)(stop - text), 0, NULL) : NULL;
	struct reading reading;
	const char *why;

	if (!head)
		return HEAD_MALFORMED;
	why = head_restore(head, sessions, &reading.certificates);
	json_decref(head);
	if (why)
		return why;
	reading.text = stop + 1;
	reading.n = n - (size_t)(stop + 1 - text);
	if (!restore_calls(sessions, &reading, out))
		why = HEAD_NO_MEMORY;
	head_free(&reading.certificates);
	return why;
}

bool state_restore(struct sessions *sessions, const struct state_file *file,
		   struct state_outcome *out, char *err, size_t size)
{
	uint64_t began = head_ms();
	size_t n = 0;
	uint8_t *text = seal_take(file->path, &file->key, &n, err, size);
	const char *why;

	*out = (struct state_outcome){.bytes = n};
	if (!text)
		return err[0] == 0;
	json_object_seed(0); /* before several threads make objects */
	why = restore_text(sessions, (const char *)text, n, out);
	if (why)
		snprintf(err, size, "%s: %s", file->path, why);
	wipe_free(text);
	out->ms = (unsigned)(head_ms() - began);
	return !why;
}
