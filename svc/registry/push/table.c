/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets of packed entries, and the brands that they point to. */
#include "svc/registry/push/table.h"

#include "svc/registry/domain/region.h"
#include "svc/registry/push/bound.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Without memory a brand is not kept (uthash would exit() otherwise). */
#define HASH_NONFATAL_OOM 1
/* identifiers are random and ours; uthash's own function is not clean under clang */
#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#define NO_BRAND UINT32_MAX

struct cell {
	uint64_t tag; /* the hash's first bytes as a number: cells are in its order */
	uint64_t number;
	uint32_t brand; /* index; NO_BRAND */
	uint8_t label;
	bool strict;
	bool hidden; /* it is bound and shows nothing, nor does a block around it */
};

struct bucket {
	struct cell *cells;
	uint32_t n, size;
};

struct brand {
	char id[ID_MAX + 1];
	uint32_t index, uses;
	bool has_logo;
	uint8_t logo[BUCKET_LOGO];
	char name[BUCKET_NAME + 1];
	UT_hash_handle hh;
};

struct table {
	pthread_rwlock_t lock;
	int64_t version;
	size_t entries, numbers, fullest;
	bool recount; /* the fullest bucket may be another now */
	struct bound bound;
	struct brand *by_id;
	struct brand **brands;			   /* by index; NULL: free */
	uint32_t n_brands, size_brands, free_from; /* below it every index is in use */
	struct bucket buckets[BUCKETS];
};

struct table *table_new(void)
{
	struct table *table = calloc(1, sizeof *table);

	struct siphash_key secret;

	if (table == NULL || !siphash_key_make(&secret)) {
		free(table);
		return NULL;
	}
	pthread_rwlock_init(&table->lock, NULL);
	bound_init(&table->bound, &secret);
	table->version = -1;
	table->entries = BUCKET_ENTRIES_MIN;
	return table;
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < BUCKETS; i++)
		free(table->buckets[i].cells);
	memset(table->buckets, 0, sizeof table->buckets);
	table->numbers = table->fullest = 0;
	bound_clear(&table->bound);
	HASH_CLEAR(hh, table->by_id);
	for (size_t i = 0; i < table->n_brands; i++)
		free(table->brands[i]);
	table->n_brands = table->free_from = 0;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	table_clear(table);
	free(table->brands);
	pthread_rwlock_destroy(&table->lock);
	free(table);
}

void table_begin(struct table *table)
{
	pthread_rwlock_wrlock(&table->lock);
}

void table_end(struct table *table, int64_t version)
{
	if (table->recount)
		table->fullest = 0;
	for (size_t i = 0; table->recount && i < BUCKETS; i++) {
		if (table->buckets[i].n > table->fullest)
			table->fullest = table->buckets[i].n;
	}
	table->recount = false;
	table->entries = bucket_padded(table->fullest);
	table->version = version;
	pthread_rwlock_unlock(&table->lock);
}

/* Where a cell with this tag and number stands, or would stand. */
static uint32_t place_of(const struct bucket *bucket, uint64_t tag, uint64_t number)
{
	uint32_t low = 0, high = bucket->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct cell *cell = &bucket->cells[middle];
		if (cell->tag < tag || (cell->tag == tag && cell->number < number))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct cell *add_cell(struct table *table, struct bucket *bucket, uint32_t at,
			     const struct cell *cell)
{
	if (bucket->n == bucket->size) {
		uint32_t size = bucket->size + bucket->size / 2 + 4;
		struct cell *cells = reallocarray(bucket->cells, size, sizeof *cells);
		if (cells == NULL)
			return NULL;
		bucket->cells = cells;
		bucket->size = size;
	}
	memmove(&bucket->cells[at + 1], &bucket->cells[at],
		(bucket->n - at) * sizeof bucket->cells[0]);
	bucket->cells[at] = *cell;
	bucket->n++;
	table->numbers++;
	if (bucket->n > table->fullest)
		table->fullest = bucket->n;
	return &bucket->cells[at];
}

static void drop_brand(struct table *table, struct cell *cell)
{
	struct brand *brand = cell->brand != NO_BRAND ? table->brands[cell->brand] : NULL;

	cell->brand = NO_BRAND;
	cell->strict = false;
	if (brand == NULL || --brand->uses > 0)
		return;
	table->brands[brand->index] = NULL;
	if (brand->index < table->free_from)
		table->free_from = brand->index;
	HASH_DEL(table->by_id, brand);
	free(brand);
}

/* A number that is not bound and has no label is nothing to anybody. */
static void tidy(struct table *table, struct bucket *bucket, struct cell *cell)
{
	size_t at = (size_t)(cell - bucket->cells);

	if (cell->brand != NO_BRAND || cell->label != 0 || cell->hidden)
		return;
	table->recount = table->recount || bucket->n == table->fullest;
	table->numbers--;
	bucket->n--;
	memmove(cell, cell + 1, (bucket->n - at) * sizeof *cell);
}

/* The lowest index that is free. */
static bool find_index(struct table *table, uint32_t *index_out)
{
	uint32_t i = table->free_from;

	while (i < table->n_brands && table->brands[i] != NULL)
		i++;
	if (i == table->size_brands) {
		uint32_t size = 2 * table->size_brands + 64;
		struct brand **brands = reallocarray(table->brands, size, sizeof(struct brand *));
		if (brands == NULL)
			return false;
		table->brands = brands;
		table->size_brands = size;
	}
	if (i == table->n_brands)
		table->brands[table->n_brands++] = NULL;
	table->free_from = i;
	*index_out = i;
	return true;
}

static bool read_logo(const char *hex, uint8_t logo_out[BUCKET_LOGO])
{
	static const char digits[] = "0123456789abcdef";

	if (!id_is_sha256(hex, strnlen(hex, SHA256_HEX + 1)))
		return false;
	for (size_t i = 0; i < BUCKET_LOGO; i++) {
		size_t high = (size_t)(strchr(digits, hex[2 * i]) - digits);
		size_t low = (size_t)(strchr(digits, hex[2 * i + 1]) - digits);
		logo_out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* The brand of a row, as the row has it: so it is of the newest version for all of its numbers. */
static struct brand *set_brand(struct table *table, const struct directory_row *row)
{
	struct brand *brand;

	HASH_FIND_STR(table->by_id, row->brand, brand);
	if (brand == NULL) {
		brand = calloc(1, sizeof *brand);
		if (brand == NULL || !find_index(table, &brand->index)) {
			free(brand);
			return NULL;
		}
		memcpy(brand->id, row->brand, sizeof brand->id);
		HASH_ADD_STR(table->by_id, id, brand);
		if (brand->hh.tbl == NULL) {
			free(brand);
			return NULL;
		}
		table->brands[brand->index] = brand;
	}
	size_t len = strnlen(row->name, BUCKET_NAME);
	memcpy(brand->name, row->name, len);
	brand->name[len] = '\0';
	brand->has_logo = read_logo(row->logo, brand->logo);
	return brand;
}

static struct cell *cell_of(struct table *table, const char *number, bool add,
			    struct bucket **bucket_out)
{
	struct cell wanted = {.brand = NO_BRAND};
	uint8_t tag[BUCKET_TAG];
	uint16_t at;

	*bucket_out = NULL;
	if (!bound_pack(number, &wanted.number) || !bucket_of(number, &at) ||
	    !bucket_tag(number, tag))
		return NULL;
	for (size_t i = 0; i < BUCKET_TAG; i++)
		wanted.tag = wanted.tag << 8 | tag[i];
	struct bucket *bucket = *bucket_out = &table->buckets[at];
	uint32_t place = place_of(bucket, wanted.tag, wanted.number);
	if (place < bucket->n && bucket->cells[place].number == wanted.number)
		return &bucket->cells[place];
	return add ? add_cell(table, bucket, place, &wanted) : NULL;
}

/* Where look-ups find the binding of a number or block. false: no memory. */
static bool keep_bound(struct table *table, const char *number, uint64_t binding)
{
	uint64_t packed = 0;

	(void)bound_pack(number, &packed);
	return bound_put(&table->bound, packed, binding);
}

bool table_put_brand(struct table *table, const struct directory_row *row)
{
	bool is_bound = !row->gone || row->serial != 0;
	struct bucket *bucket;
	struct cell *cell = cell_of(table, row->number, is_bound, &bucket);
	struct brand *brand = cell != NULL && !row->gone ? set_brand(table, row) : NULL;
	uint64_t binding = row->serial != 0 ? BOUND_HIDDEN : BOUND_NONE;

	if (brand != NULL) {
		brand->uses++;
		binding = (uint64_t)brand->index << 1 | row->strict;
	}
	if (cell != NULL) {
		drop_brand(table, cell);
		cell->hidden = binding == BOUND_HIDDEN;
	}
	if (brand != NULL) {
		cell->brand = brand->index;
		cell->strict = row->strict;
	}
	if (cell != NULL)
		tidy(table, bucket, cell);
	return keep_bound(table, row->number, binding) && (brand != NULL || row->gone) &&
	       (cell != NULL || !is_bound);
}

bool table_put_label(struct table *table, const char *number, const char *label)
{
	uint8_t code = bucket_label(label);
	struct bucket *bucket;
	struct cell *cell = cell_of(table, number, code != 0, &bucket);

	if (cell == NULL)
		return code == 0;
	cell->label = code;
	tidy(table, bucket, cell);
	return true;
}

static void set_state(const struct table *table, struct table_state *state_out)
{
	*state_out = (struct table_state){table->version, table->entries, table->numbers};
}

void table_state(struct table *table, struct table_state *state_out)
{
	pthread_rwlock_rdlock(&table->lock);
	set_state(table, state_out);
	pthread_rwlock_unlock(&table->lock);
}

/* Whether its entry must keep the name of a block around it away: only then a number that shows
 * nothing has an entry, since nobody needs to know more of it. offline: strict brands show nothing
 * either. */
static bool hides(const struct table *table, const struct cell *cell, bool offline)
{
	if (!cell->hidden && !(offline && cell->strict))
		return false;
	uint64_t around = bound_around(&table->bound, cell->number);
	return around != BOUND_NONE && around != BOUND_HIDDEN && !(offline && (around & 1) != 0);
}

/* false: it has no entry. */
static bool write_cell(const struct table *table, const struct cell *cell, uint8_t *bytes_out)
{
	struct bucket_entry entry = {.flags = BUCKET_USED, .label = cell->label};

	for (size_t i = 0; i < BUCKET_TAG; i++)
		entry.tag[i] = (uint8_t)(cell->tag >> (56 - 8 * i));
	if (cell->brand != NO_BRAND) {
		const struct brand *brand = table->brands[cell->brand];
		entry.flags |= BUCKET_BRAND;
		entry.flags |= brand->has_logo ? BUCKET_HAS_LOGO : 0;
		entry.flags |= cell->strict ? BUCKET_STRICT : 0;
		entry.name = brand->name;
		memcpy(entry.logo, brand->logo, sizeof entry.logo);
	}
	entry.flags |= hides(table, cell, false) ? BUCKET_HIDDEN : 0;
	if (entry.flags == BUCKET_USED && entry.label == 0)
		return false;
	bucket_write(&entry, bytes_out);
	return true;
}

uint8_t *table_bucket(struct table *table, uint16_t at, struct table_state *state_out)
{
	pthread_rwlock_rdlock(&table->lock);
	set_state(table, state_out);
	const struct bucket *bucket = &table->buckets[at];
	uint8_t *bytes = calloc(table->entries, BUCKET_ENTRY);
	bool done = bytes != NULL && table->version >= 0;
	for (size_t i = 0, n = 0; done && i < bucket->n; i++)
		n += write_cell(table, &bucket->cells[i], bytes + n * BUCKET_ENTRY);
	pthread_rwlock_unlock(&table->lock);
	if (done)
		return bytes;
	free(bytes);
	return NULL;
}

/* text: where its number is written. */
static struct table_view view_of(const struct table *table, const struct cell *cell,
				 char text[BOUND_CHARS])
{
	bool named = cell->brand != NO_BRAND && !cell->strict;

	bound_unpack(cell->number, text);
	return (struct table_view){
		.number = text,
		.name = named ? table->brands[cell->brand]->name : NULL,
		.label = cell->label != 0 ? bucket_label_name(cell->label) : NULL,
		.hides = hides(table, cell, true),
	};
}

/* What shows nothing is passed over. */
static bool show(const struct table *table, const struct cell *cell, table_visit *visit,
		 void *magic)
{
	char text[BOUND_CHARS];
	const struct table_view view = view_of(table, cell, text);

	return !table_view_shows(&view) || visit(magic, &view);
}

bool table_view_shows(const struct table_view *view)
{
	return view->name != NULL || view->label != NULL || view->hides;
}

int64_t table_find(struct table *table, const char *text, table_visit *visit, void *magic)
{
	struct cell none = {.brand = NO_BRAND};
	char number[BOUND_CHARS];
	struct bucket *bucket;

	if (!bound_pack(text, &none.number))
		return -1;
	pthread_rwlock_rdlock(&table->lock);
	int64_t version = table->version;
	const struct cell *cell = cell_of(table, text, false, &bucket);
	if (version >= 0) {
		const struct table_view view = view_of(table, cell != NULL ? cell : &none, number);
		(void)visit(magic, &view);
	}
	pthread_rwlock_unlock(&table->lock);
	return version;
}

int64_t table_each_hidden(struct table *table, const char *block, table_visit *visit, void *magic)
{
	char number[BOUND_CHARS];
	uint64_t packed;
	uint16_t at;
	bool on = true;

	if (!bound_pack(block, &packed) || !bucket_of(block, &at))
		return -1;
	pthread_rwlock_rdlock(&table->lock);
	int64_t version = table->version;
	const struct bucket *bucket = &table->buckets[at];
	for (uint32_t i = 0; version >= 0 && on && i < bucket->n; i++) {
		const struct cell *cell = &bucket->cells[i];
		if ((!cell->hidden && !cell->strict) || !bound_is_part(cell->number, packed))
			continue;
		const struct table_view view = view_of(table, cell, number);
		on = visit(magic, &view);
	}
	pthread_rwlock_unlock(&table->lock);
	return version;
}

int64_t table_cover(struct table *table, const char *number, struct directory_row *row_out)
{
	uint64_t packed = 0;

	row_out->gone = true;
	if (!bound_pack(number, &packed) || packed == 0)
		return -1;
	pthread_rwlock_rdlock(&table->lock);
	int64_t version = table->version;
	uint64_t found = version >= 0 ? bound_over(&table->bound, packed) : BOUND_NONE;
	if (found != BOUND_NONE && found != BOUND_HIDDEN) {
		const struct brand *brand = table->brands[found >> 1];
		row_out->gone = false;
		row_out->strict = (found & 1) != 0;
		memcpy(row_out->brand, brand->id, sizeof brand->id);
		memcpy(row_out->name, brand->name, sizeof brand->name);
		row_out->logo[0] = '\0';
		if (brand->has_logo)
			id_hex(brand->logo, sizeof brand->logo, row_out->logo);
	}
	pthread_rwlock_unlock(&table->lock);
	return version;
}

static int compare_cells(const void *a, const void *b)
{
	uint64_t x = ((const struct cell *)a)->number, y = ((const struct cell *)b)->number;

	return (x > y) - (x < y);
}

/* The cells of a region; sorted. NULL: no memory. */
static struct cell *select_cells(const struct table *table, const char *region, size_t *n_out)
{
	struct cell *cells = reallocarray(NULL, table->numbers + 1, sizeof *cells);
	char text[BOUND_CHARS];
	size_t n = 0;

	if (cells == NULL)
		return NULL;
	for (size_t i = 0; i < BUCKETS; i++) {
		const struct bucket *bucket = &table->buckets[i];
		for (uint32_t j = 0; j < bucket->n; j++) {
			bound_unpack(bucket->cells[j].number, text);
			if (region_has(region, text))
				cells[n++] = bucket->cells[j];
		}
	}
	qsort(cells, n, sizeof *cells, compare_cells);
	*n_out = n;
	return cells;
}

int64_t table_walk(struct table *table, table_visit *visit, void *magic)
{
	bool on = true;

	pthread_rwlock_rdlock(&table->lock);
	int64_t version = table->version;
	for (size_t i = 0; i < BUCKETS && version >= 0; i++) {
		const struct bucket *bucket = &table->buckets[i];
		for (uint32_t j = 0; on && j < bucket->n; j++)
			on = show(table, &bucket->cells[j], visit, magic);
	}
	pthread_rwlock_unlock(&table->lock);
	return version;
}

int64_t table_each(struct table *table, const char *region, table_visit *visit, void *magic)
{
	size_t n = 0;

	pthread_rwlock_rdlock(&table->lock);
	int64_t version = table->version;
	struct cell *cells = version >= 0 ? select_cells(table, region, &n) : NULL;
	for (size_t i = 0; cells != NULL && i < n && show(table, &cells[i], visit, magic); i++)
		;
	pthread_rwlock_unlock(&table->lock);
	if (cells == NULL)
		return -1;
	free(cells);
	return version;
}
