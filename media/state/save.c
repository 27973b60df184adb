/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Saving. All workers stop with their calls written down, and wait until the file is: then they let
 * their calls go, or, where it could not be written, go on with them.
 */
#include "media/state/state.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "media/state/call_state.h"
#include "media/state/head.h"
#include "media/state/text.h"

struct shot;

/* One desk's part. */
struct part {
	struct shot *shot;
	struct desk *desk;
	struct text text;
	struct call_certificates certificates;
	size_t calls, lost;
};

struct shot {
	struct part *parts;
	unsigned n;   /* posted */
	int done, go; /* eventfds that count; -1: none */
	atomic_bool written;
};

static void count_up(int fd, uint64_t n)
{
	ssize_t written = write(fd, &n, sizeof(n));

	(void)written; /* an eventfd takes it */
}

static void count_down(int fd)
{
	uint64_t one;

	while (read(fd, &one, sizeof(one)) != sizeof(one))
		continue;
}

static bool note_certificate(struct call_certificates *certificates,
			     struct dtls_certificate *certificate)
{
	struct dtls_certificate **items;

	for (size_t i = 0; i < certificates->n; i++)
		if (certificates->items[i] == certificate)
			return true;
	items = reallocarray(certificates->items, certificates->n + 1, sizeof(*items));
	if (!items)
		return false;
	certificates->items = items;
	items[certificates->n++] = certificate;
	return true;
}

static bool note_certificates(struct call_certificates *certificates, const struct call *call)
{
	for (const struct party *party = call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++) {
			const struct leg *leg = party->streams[i]->leg;

			if (leg && leg->certificate &&
			    !note_certificate(certificates, leg->certificate))
				return false;
		}
	return true;
}

/* "HASH {...}": whose it is shows without reading it. */
static bool write_call(struct part *part, const struct call *call)
{
	size_t begin = part->text.n;
	char hash[HEAD_HASH_LEN + 2];

	snprintf(hash, sizeof(hash), "%016" PRIx64 " ",
		 desk_hash(call->desk->sessions, call->id, call->id_len));
	if (note_certificates(&part->certificates, call) &&
	    text_add(&part->text, hash, HEAD_HASH_LEN + 1) &&
	    text_add_line(&part->text, call_save(call)))
		return true;
	part->text.n = begin;
	return false;
}

/* In the worker, which does nothing else until it is told how it went. */
static void save_part(struct worker *worker, void *magic)
{
	struct part *part = magic;
	struct shot *shot = part->shot;
	struct desk *desk = part->desk;

	(void)worker;
	for (const struct call *call = desk->calls; call; call = call->hh.next) {
		bool ok = write_call(part, call);

		part->calls += ok;
		part->lost += !ok;
		if (!ok)
			log_event(desk->sessions->log, LOG_WARNING, "call.lost",
				  F_SPAN("call_id", call->id, call->id_len),
				  F_STR("why", "no memory to save it"));
	}
	count_up(shot->done, 1);
	count_down(shot->go);
	while (atomic_load(&shot->written) && desk->calls)
		call_free(desk->calls, END_SAVED);
	count_up(shot->done, 1);
}

static void wait_all(const struct shot *shot)
{
	for (unsigned i = 0; i < shot->n; i++)
		count_down(shot->done);
}

static bool write_file(struct sessions *sessions, const struct shot *shot,
		       const struct state_file *file, struct state_outcome *out, char *err,
		       size_t size)
{
	struct text all = {.p = NULL};
	struct call_certificates certificates = {.n = 0};
	bool ok = true;

	for (unsigned i = 0; i < shot->n; i++)
		for (size_t j = 0; ok && j < shot->parts[i].certificates.n; j++)
			ok = note_certificate(&certificates, shot->parts[i].certificates.items[j]);
	ok = ok && text_add_line(&all, head_save(sessions, &certificates));
	for (unsigned i = 0; i < shot->n; i++)
		ok = ok && text_add(&all, shot->parts[i].text.p, shot->parts[i].text.n);
	if (!ok)
		snprintf(err, size, "no memory");
	out->bytes = all.n;
	ok = ok && seal_write(file->path, &file->key, (const uint8_t *)all.p, all.n, err, size);
	free(certificates.items);
	text_free(&all);
	return ok;
}

static bool begin(struct sessions *sessions, struct shot *shot)
{
	shot->parts = calloc(sessions->n_desks, sizeof(*shot->parts));
	if (!shot->parts || shot->done < 0 || shot->go < 0)
		return false;
	for (; shot->n < sessions->n_desks; shot->n++) {
		struct part *part = &shot->parts[shot->n];

		*part = (struct part){.shot = shot, .desk = sessions->desks[shot->n]};
		if (!worker_post(part->desk->worker, save_part, part))
			return false;
	}
	return true;
}

static void end(struct shot *shot, struct state_outcome *out)
{
	for (unsigned i = 0; i < shot->n; i++) {
		out->calls += shot->parts[i].calls;
		out->lost += shot->parts[i].lost;
		text_free(&shot->parts[i].text);
		free(shot->parts[i].certificates.items);
	}
	free(shot->parts);
	if (shot->done >= 0)
		close(shot->done);
	if (shot->go >= 0)
		close(shot->go);
}

bool state_save(struct sessions *sessions, const struct state_file *file, struct state_outcome *out,
		char *err, size_t size)
{
	struct shot shot = {.done = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE),
			    .go = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)};
	uint64_t began = head_ms();
	bool ok = begin(sessions, &shot);

	*out = (struct state_outcome){.calls = 0};
	if (!ok)
		snprintf(err, size, "no memory or descriptors");
	wait_all(&shot);
	ok = ok && write_file(sessions, &shot, file, out, err, size);
	out->ms = (unsigned)(head_ms() - began);
	atomic_store(&shot.written, ok);
	if (shot.n > 0)
		count_up(shot.go, shot.n);
	wait_all(&shot);
	end(&shot, out);
	return ok;
}
