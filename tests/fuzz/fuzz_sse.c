/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events: the same whether they come at once, in pieces or byte by byte. */
#include "caller-id-sdk/client/sse.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HASH_START 14695981039346656037U
#define HASH_PRIME 1099511628211U

/* What was read: FNV-1a over all events. */
struct seen {
	uint64_t hash;
	size_t events;
};

static void add(struct seen *seen, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		seen->hash = (seen->hash ^ (unsigned char)text[i]) * HASH_PRIME;
	seen->hash = (seen->hash ^ 256) * HASH_PRIME;
}

static bool take_event(void *magic, const struct callerid_event *event)
{
	struct seen *seen = magic;

	if (event->data[event->data_len] != '\0' || event->data_len > CALLERID_EVENT_DATA_MAX ||
	    strlen(event->id) > CALLERID_EVENT_ID_MAX || event->kind[0] == '\0')
		abort();
	add(seen, event->id, strlen(event->id));
	add(seen, event->kind, strlen(event->kind));
	add(seen, event->data, event->data_len);
	seen->events++;
	return true;
}

/* piece: bytes at a time. */
static enum sse_status read_all(const uint8_t *data, size_t size, size_t piece, struct sse *sse,
				struct seen *seen)
{
	enum sse_status status = SSE_MORE;

	memset(sse, 0, sizeof(*sse));
	*seen = (struct seen){.hash = HASH_START};
	sse_begin(sse);
	for (size_t at = 0; at < size && status == SSE_MORE; at += piece)
		status = sse_take(sse, (const char *)data + at,
				  size - at < piece ? size - at : piece, take_event, seen);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = {1, 2, 3, 7};
	struct sse *whole = malloc(sizeof(*whole)), *cut = malloc(sizeof(*cut));
	struct seen first, again;
	enum sse_status status;

	if (whole == NULL || cut == NULL)
		abort();
	status = read_all(data, size, size > 0 ? size : 1, whole, &first);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		if (read_all(data, size, pieces[i], cut, &again) != status ||
		    again.hash != first.hash || again.events != first.events ||
		    strcmp(cut->id, whole->id) != 0 || cut->retry_ms != whole->retry_ms)
			abort();
	free(whole);
	free(cut);
	return 0;
}
