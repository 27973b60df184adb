/* SPDX-License-Identifier: Apache-2.0 */
/* Shared strings: an array of them, and a hash table of its indices. */
#include "sip-proxy/intern.h"

#include <stdlib.h>
#include <string.h>

#define MALLOC_BYTES 16 /* what the allocator adds to a text */
#define TEXT_MAX     65535
#define FREE	     0 /* in slots; others are an index plus 1 */

struct item {
	char *text; /* NULL: free, and link is the next free one */
	uint32_t hash;
	uint32_t refs;
	uint32_t link;
	uint32_t len;
};

struct intern {
	struct item *items;
	uint32_t *slots;
	uint32_t mask;
	uint32_t max, end, count;
	uint32_t first_free; /* INTERN_NONE: none */
	size_t text_bytes;
	struct siphash_key secret; /* nobody outside chooses which strings collide */
};

static uint32_t slots_for(uint32_t max)
{
	uint32_t n = 16;

	while (n - n / 4 < max)
		n *= 2;
	return n;
}

struct intern *intern_new(uint32_t max)
{
	struct intern *intern = calloc(1, sizeof(*intern));

	if (intern == NULL || max == 0 || max > UINT32_C(1) << 30) {
		free(intern);
		return NULL;
	}
	intern->max = max;
	intern->mask = slots_for(max) - 1;
	intern->first_free = INTERN_NONE;
	intern->items = calloc(max, sizeof(intern->items[0]));
	intern->slots = calloc((size_t)intern->mask + 1, sizeof(intern->slots[0]));
	if (intern->items == NULL || intern->slots == NULL || !siphash_key_make(&intern->secret)) {
		intern_free(intern);
		return NULL;
	}
	return intern;
}

void intern_free(struct intern *intern)
{
	if (intern == NULL)
		return;
	for (uint32_t i = 0; intern->items != NULL && i < intern->end; i++)
		free(intern->items[i].text);
	free(intern->items);
	free(intern->slots);
	free(intern);
}

uint32_t intern_hash(const struct siphash_key *secret, const struct intern_key *key)
{
	const uint64_t parts[2] = {siphash(secret, key->text, key->len), key->link};

	return (uint32_t)siphash(secret, parts, sizeof(parts));
}

/* The slot of the key, or the free one where it would stand. */
static uint32_t seek(const struct intern *intern, const struct intern_key *key, uint32_t hash)
{
	uint32_t slot = hash & intern->mask;

	while (intern->slots[slot] != FREE) {
		const struct item *item = &intern->items[intern->slots[slot] - 1];

		if (item->hash == hash && item->link == key->link && item->len == key->len &&
		    memcmp(item->text, key->text, key->len) == 0)
			break;
		slot = (slot + 1) & intern->mask;
	}
	return slot;
}

static uint32_t add(struct intern *intern, const struct intern_key *key, uint32_t hash)
{
	uint32_t index = intern->first_free != INTERN_NONE ? intern->first_free : intern->end;
	char *text = malloc(key->len + 1);

	if (text == NULL)
		return INTERN_NONE;
	memcpy(text, key->text, key->len);
	text[key->len] = 0;
	if (index == intern->end)
		intern->end++;
	else
		intern->first_free = intern->items[index].link;
	intern->items[index] = (struct item){.text = text,
					     .hash = hash,
					     .refs = 1,
					     .link = key->link,
					     .len = (uint32_t)key->len};
	intern->count++;
	intern->text_bytes += key->len + 1 + MALLOC_BYTES;
	return index;
}

uint32_t intern_take(struct intern *intern, const struct intern_key *key, size_t bytes_max)
{
	uint32_t hash = intern_hash(&intern->secret, key);
	uint32_t slot = seek(intern, key, hash);
	uint32_t index;

	if (intern->slots[slot] != FREE) {
		index = intern->slots[slot] - 1;
		intern->items[index].refs++;
		return index;
	}
	if (intern->count == intern->max || key->len > TEXT_MAX ||
	    intern_bytes(intern) + sizeof(struct item) + key->len + 1 + MALLOC_BYTES > bytes_max)
		return INTERN_NONE;
	index = add(intern, key, hash);
	if (index != INTERN_NONE)
		intern->slots[slot] = index + 1;
	return index;
}

uint32_t intern_find(const struct intern *intern, const struct intern_key *key)
{
	uint32_t slot = seek(intern, key, intern_hash(&intern->secret, key));

	return intern->slots[slot] != FREE ? intern->slots[slot] - 1 : INTERN_NONE;
}

/* Closes the gap: what follows moves up unless it stands between its own place and the gap. */
static void empty_slot(struct intern *intern, uint32_t gap)
{
	uint32_t at = gap;

	intern->slots[gap] = FREE;
	for (;;) {
		at = (at + 1) & intern->mask;
		if (intern->slots[at] == FREE)
			return;
		uint32_t home = intern->items[intern->slots[at] - 1].hash & intern->mask;

		if (((at - home) & intern->mask) < ((at - gap) & intern->mask))
			continue;
		intern->slots[gap] = intern->slots[at];
		intern->slots[at] = FREE;
		gap = at;
	}
}

void intern_give(struct intern *intern, uint32_t index)
{
	struct item *item = &intern->items[index];
	struct intern_key key = {item->text, item->len, item->link};

	if (--item->refs > 0)
		return;
	empty_slot(intern, seek(intern, &key, item->hash));
	intern->count--;
	intern->text_bytes -= item->len + 1 + MALLOC_BYTES;
	free(item->text);
	*item = (struct item){.link = intern->first_free};
	intern->first_free = index;
}

void intern_get(const struct intern *intern, uint32_t index, struct intern_key *key_out)
{
	const struct item *item = &intern->items[index];

	*key_out = (struct intern_key){item->text, item->len, item->link};
}

uint32_t intern_count(const struct intern *intern)
{
	return intern->count;
}

size_t intern_bytes(const struct intern *intern)
{
	return intern->text_bytes + intern->end * sizeof(struct item) +
	       ((size_t)intern->mask + 1) * sizeof(intern->slots[0]);
}

uint32_t intern_end(const struct intern *intern)
{
	return intern->end;
}
