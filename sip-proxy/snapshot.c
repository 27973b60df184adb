/* SPDX-License-Identifier: Apache-2.0 */
/* The table of numbers and the brands that they point to. */
#include "sip-proxy/snapshot.h"

#include "sip-proxy/intern.h"
#include "svc/runtime/siphash.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_DIGITS_MAX 3
#define FIELDS		 4 /* of a brand's text: id, name, URL and digest of the logo */
#define STRICT		 (UINT32_C(1) << 31)
#define CUSTOMER_MAX	 64
#define NOBODY		 "-" /* the customer of what is hidden */

/* 12 bytes: a key is never 0, since a number has digits. */
struct slot {
	uint32_t high, low; /* the key */
	uint32_t value;	    /* the brand's index, and STRICT */
};

struct snapshot {
	struct snapshot_limits limits;
	struct slot *slots;
	uint32_t mask;
	size_t count;
	struct siphash_key secret; /* nobody outside chooses which numbers collide */
	struct intern *brands, *customers;
};

/* A brand's link is its customer. Customers are as many as brands at the most. */
struct snapshot *snapshot_new(const struct snapshot_limits *limits)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	size_t n = 16;

	if (snapshot == NULL || limits->entries == 0 || limits->entries > SNAPSHOT_ENTRIES_MAX) {
		free(snapshot);
		return NULL;
	}
	while (n - n / 4 < limits->entries)
		n *= 2;
	snapshot->limits = *limits;
	snapshot->mask = (uint32_t)(n - 1);
	snapshot->slots = calloc(n, sizeof(snapshot->slots[0]));
	snapshot->brands = intern_new((uint32_t)limits->entries + 1);
	snapshot->customers = intern_new((uint32_t)limits->entries + 1);
	if (snapshot->slots == NULL || snapshot->brands == NULL || snapshot->customers == NULL ||
	    !siphash_key_make(&snapshot->secret) || snapshot_bytes(snapshot) > limits->bytes) {
		snapshot_free(snapshot);
		return NULL;
	}
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	intern_free(snapshot->brands);
	intern_free(snapshot->customers);
	free(snapshot->slots);
	free(snapshot);
}

/* The digits as a number, how many they are, and how many differ; 0: it is neither a number nor a
 * block. */
static uint64_t key_of(const char *text)
{
	size_t len = strnlen(text, SNAPSHOT_NUMBER_MAX + 1), digits;
	uint64_t value = 0;

	if (len == 0 || len > SNAPSHOT_NUMBER_MAX)
		return 0;
	for (digits = 0; digits < len && text[digits] >= '0' && text[digits] <= '9'; digits++)
		value = value * 10 + (uint64_t)(text[digits] - '0');
	if (digits == 0 || len - digits > BLOCK_DIGITS_MAX ||
	    strspn(text + digits, "x") != len - digits)
		return 0;
	return value << 8 | digits << 4 | (len - digits);
}

static void text_of(uint64_t key, char text_out[SNAPSHOT_NUMBER_MAX + 1])
{
	size_t digits = key >> 4 & 15, differing = key & 15;
	uint64_t value = key >> 8;

	for (size_t i = digits; i > 0; i--, value /= 10)
		text_out[i - 1] = (char)('0' + value % 10);
	memset(text_out + digits, 'x', differing);
	text_out[digits + differing] = 0;
}

static uint64_t key_at(const struct slot *slot)
{
	return (uint64_t)slot->high << 32 | slot->low;
}

static uint32_t home_of(const struct snapshot *snapshot, uint64_t key)
{
	return (uint32_t)siphash(&snapshot->secret, &key, sizeof(key)) & snapshot->mask;
}

/* The slot of the key, or the free one where it would stand. */
static struct slot *seek(const struct snapshot *snapshot, uint64_t key)
{
	uint32_t at = home_of(snapshot, key);

	while (key_at(&snapshot->slots[at]) != 0 && key_at(&snapshot->slots[at]) != key)
		at = (at + 1) & snapshot->mask;
	return &snapshot->slots[at];
}

static bool is_clean(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len <= max;
}

static size_t join(const struct snapshot_entry *entry, char *text_out)
{
	const char *const fields[FIELDS] = {entry->brand, entry->name, entry->logo_url,
					    entry->logo_sha256};
	size_t len = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		size_t n = strlen(fields[i]) + 1;

		memcpy(text_out + len, fields[i], n);
		len += n;
	}
	return len;
}

static void give_brand(struct snapshot *snapshot, uint32_t brand)
{
	struct intern_key key;

	intern_get(snapshot->brands, brand, &key);
	intern_give(snapshot->customers, key.link);
	intern_give(snapshot->brands, brand);
}

/* Each number counts its brand and its customer once. */
static uint32_t take_brand(struct snapshot *snapshot, const struct snapshot_entry *entry)
{
	size_t room = snapshot->limits.bytes - snapshot_bytes(snapshot);
	char text[FIELDS * (SNAPSHOT_FIELD_MAX + 1)];
	struct intern_key customer = {entry->customer, strlen(entry->customer), 0};
	struct intern_key key = {text, join(entry, text), 0};
	uint32_t brand;

	key.link = intern_take(snapshot->customers, &customer,
			       intern_bytes(snapshot->customers) + room);
	if (key.link == INTERN_NONE)
		return INTERN_NONE;
	room = snapshot->limits.bytes - snapshot_bytes(snapshot);
	brand = intern_take(snapshot->brands, &key, intern_bytes(snapshot->brands) + room);
	if (brand == INTERN_NONE)
		intern_give(snapshot->customers, key.link);
	return brand;
}

static bool is_good(const struct snapshot_entry *entry)
{
	return is_clean(entry->customer, CUSTOMER_MAX) && entry->customer[0] != 0 &&
	       is_clean(entry->brand, SNAPSHOT_FIELD_MAX) &&
	       is_clean(entry->name, SNAPSHOT_FIELD_MAX) &&
	       is_clean(entry->logo_url, SNAPSHOT_FIELD_MAX) &&
	       is_clean(entry->logo_sha256, SNAPSHOT_FIELD_MAX);
}

enum snapshot_status snapshot_put(struct snapshot *snapshot, const struct snapshot_entry *entry)
{
	uint64_t key = key_of(entry->number);
	struct slot *slot;
	uint32_t brand;
	bool new;

	if (key == 0 || !is_good(entry))
		return SNAPSHOT_BAD;
	slot = seek(snapshot, key);
	new = key_at(slot) == 0;
	if (new && snapshot->count == snapshot->limits.entries)
		return SNAPSHOT_FULL;
	brand = take_brand(snapshot, entry);
	if (brand == INTERN_NONE)
		return SNAPSHOT_FULL;
	if (!new)
		give_brand(snapshot, slot->value & ~STRICT);
	*slot = (struct slot){(uint32_t)(key >> 32), (uint32_t)key,
			      brand | (entry->strict ? STRICT : 0)};
	snapshot->count += new;
	return SNAPSHOT_OK;
}

/* An entry without a brand; of nobody, since its business counts as known by other numbers only. */
enum snapshot_status snapshot_hide(struct snapshot *snapshot, const char *number)
{
	struct snapshot_entry entry = {
		.customer = NOBODY, .brand = "", .name = "", .logo_url = "", .logo_sha256 = ""};

	if (strnlen(number, SNAPSHOT_NUMBER_MAX + 1) > SNAPSHOT_NUMBER_MAX)
		return SNAPSHOT_BAD;
	memcpy(entry.number, number, strlen(number) + 1);
	return snapshot_put(snapshot, &entry);
}

/* Closes the gap: what follows moves up unless it stands between its own place and the gap. */
static void empty_slot(struct snapshot *snapshot, uint32_t gap)
{
	struct slot *slots = snapshot->slots;
	uint32_t at = gap, mask = snapshot->mask;

	slots[gap] = (struct slot){0, 0, 0};
	for (;;) {
		at = (at + 1) & mask;
		uint64_t key = key_at(&slots[at]);

		if (key == 0)
			return;
		if (((at - home_of(snapshot, key)) & mask) < ((at - gap) & mask))
			continue;
		slots[gap] = slots[at];
		slots[at] = (struct slot){0, 0, 0};
		gap = at;
	}
}

bool snapshot_remove(struct snapshot *snapshot, const char *number)
{
	uint64_t key = key_of(number);
	struct slot *slot = seek(snapshot, key);

	if (key == 0 || key_at(slot) == 0)
		return false;
	give_brand(snapshot, slot->value & ~STRICT);
	empty_slot(snapshot, (uint32_t)(slot - snapshot->slots));
	snapshot->count--;
	return true;
}

static void read_slot(const struct snapshot *snapshot, const struct slot *slot,
		      struct snapshot_entry *entry_out)
{
	struct intern_key brand, customer;
	const char *text;

	entry_out->group = slot->value & ~STRICT;
	intern_get(snapshot->brands, entry_out->group, &brand);
	intern_get(snapshot->customers, brand.link, &customer);
	text_of(key_at(slot), entry_out->number);
	entry_out->customer = customer.text;
	text = brand.text;
	entry_out->brand = text;
	entry_out->name = text += strlen(text) + 1;
	entry_out->logo_url = text += strlen(text) + 1;
	entry_out->logo_sha256 = text + strlen(text) + 1;
	entry_out->strict = (slot->value & STRICT) != 0;
}

bool snapshot_find(const struct snapshot *snapshot, const char *number,
		   struct snapshot_entry *entry_out)
{
	size_t len = strnlen(number, SNAPSHOT_NUMBER_MAX + 1);
	char text[SNAPSHOT_NUMBER_MAX + 1];

	if (len > SNAPSHOT_NUMBER_MAX || strspn(number, "0123456789") != len)
		return false;
	memcpy(text, number, len + 1);
	for (size_t differing = 0; differing <= BLOCK_DIGITS_MAX && differing < len; differing++) {
		const struct slot *slot;

		memset(text + len - differing, 'x', differing);
		slot = seek(snapshot, key_of(text));
		if (key_at(slot) != 0) {
			read_slot(snapshot, slot, entry_out);
			return entry_out->brand[0] != 0;
		}
	}
	return false;
}

bool snapshot_knows(const struct snapshot *snapshot, const char *customer)
{
	struct intern_key key = {customer, strnlen(customer, CUSTOMER_MAX + 1), 0};

	return strcmp(customer, NOBODY) != 0 &&
	       intern_find(snapshot->customers, &key) != INTERN_NONE;
}

size_t snapshot_count(const struct snapshot *snapshot)
{
	return snapshot->count;
}

size_t snapshot_bytes(const struct snapshot *snapshot)
{
	return sizeof(*snapshot) + ((size_t)snapshot->mask + 1) * sizeof(struct slot) +
	       intern_bytes(snapshot->brands) + intern_bytes(snapshot->customers);
}

bool snapshot_next(const struct snapshot *snapshot, size_t *at, struct snapshot_entry *entry_out)
{
	for (; *at <= snapshot->mask; (*at)++)
		if (key_at(&snapshot->slots[*at]) != 0) {
			read_slot(snapshot, &snapshot->slots[(*at)++], entry_out);
			return true;
		}
	return false;
}

uint32_t snapshot_groups(const struct snapshot *snapshot)
{
	return intern_end(snapshot->brands);
}

uint32_t snapshot_groups_max(const struct snapshot *snapshot)
{
	return (uint32_t)snapshot->limits.entries + 1;
}

bool snapshot_text(const char *number, int64_t size, char text_out[SNAPSHOT_NUMBER_MAX + 1])
{
	size_t len = strnlen(number, SNAPSHOT_NUMBER_MAX + 1), differing = 0;

	for (; size > 1 && size % 10 == 0; size /= 10)
		differing++;
	if (size != 1 || differing > BLOCK_DIGITS_MAX || len > SNAPSHOT_NUMBER_MAX ||
	    len <= differing || strspn(number, "0123456789") != len ||
	    strspn(number + len - differing, "0") != differing)
		return false;
	memcpy(text_out, number, len + 1);
	memset(text_out + len - differing, 'x', differing);
	return true;
}
