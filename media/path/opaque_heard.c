/* SPDX-License-Identifier: Apache-2.0 */
/* Passthrough: which checks have passed. A check goes in the clear, and its password stays the same
 * for the session: who has heard one on the way can send it again, hours later and from elsewhere.
 */
#include "media/path/inside.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

/* A transaction is 96 random bits (RFC 8489 §5). One that is new and has the bytes of another is
 * refused once in a million, and the next attempt is another. */
static uint32_t mark_of(const uint8_t *transaction)
{
	uint32_t mark;

	memcpy(&mark, transaction, sizeof(mark));
	return mark;
}

bool opaque_is_new(const struct opaque_heard *heard, const uint8_t *transaction)
{
	const uint32_t mark = mark_of(transaction);

	for (size_t i = 0; i < heard->n; i++)
		if (heard->marks[i] == mark)
			return false;
	return !heard->closed;
}

static bool widen(struct opaque_heard *heard)
{
	const size_t room = heard->room > 0 ? 2 * heard->room : FIRST_ROOM;
	uint32_t *marks;

	if (heard->n < heard->room)
		return true;
	if (room > OPAQUE_HEARD_MAX)
		return false;
	marks = reallocarray(heard->marks, room, sizeof(*marks));
	if (!marks)
		return false;
	heard->marks = marks;
	heard->room = room;
	return true;
}

void opaque_note(struct opaque_heard *heard, const uint8_t *transaction)
{
	if (heard->closed || !widen(heard))
		opaque_close(heard);
	else
		heard->marks[heard->n++] = mark_of(transaction);
}

/* None is asked for any more. */
void opaque_close(struct opaque_heard *heard)
{
	opaque_forget(heard);
	heard->closed = true;
}

void opaque_forget(struct opaque_heard *heard)
{
	free(heard->marks);
	*heard = (struct opaque_heard){.closed = false};
}
