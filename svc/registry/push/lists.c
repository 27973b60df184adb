/* SPDX-License-Identifier: Apache-2.0 */
/* Making lists and keeping them. */
#include "svc/registry/push/lists.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Its first member is given out; the last who gives it back frees it. */
struct kept {
	struct list_text text;
	size_t uses;
};

struct slot {
	char region[REGION_MAX + 1];
	bool making;
	int64_t made_ms, asked_ms;
	struct kept *kept; /* NULL: none yet */
};

struct lists {
	struct table *table;
	const struct signature *signature;
	pthread_mutex_t mutex; /* guards the rest */
	struct regions regions;
	int64_t counted_ms;
	bool counting;
	struct slot slots[LISTS_KEPT];
};

struct lists *lists_new(struct table *table, const struct signature *signature)
{
	struct lists *lists = calloc(1, sizeof *lists);

	if (lists == NULL)
		return NULL;
	lists->table = table;
	lists->signature = signature;
	lists->regions.version = -1;
	pthread_mutex_init(&lists->mutex, NULL);
	return lists;
}

/* Under the mutex. */
static void drop(struct kept *kept)
{
	if (kept == NULL || --kept->uses > 0)
		return;
	free(kept->text.text);
	free(kept);
}

void lists_free(struct lists *lists)
{
	if (lists == NULL)
		return;
	for (size_t i = 0; i < LISTS_KEPT; i++)
		drop(lists->slots[i].kept);
	pthread_mutex_destroy(&lists->mutex);
	free(lists);
}

void lists_give(struct lists *lists, struct list_text *text)
{
	pthread_mutex_lock(&lists->mutex);
	drop((struct kept *)text);
	pthread_mutex_unlock(&lists->mutex);
}

void lists_add(const struct table_view *view, json_t *add, json_t *remove)
{
	char number[CALLERID_TN_MAX + 1];
	json_int_t size = block_size(view->number);

	block_first(view->number, number);
	if (!table_view_shows(view))
		json_array_append_new(remove,
				      json_pack("{s:s, s:I}", "number", number, "block", size));
	else
		json_array_append_new(add, json_pack("{s:s, s:I, s:s?, s:s, s:b}", "number", number,
						     "block", size, "name", view->name, "label",
						     view->label != NULL ? view->label : "none",
						     "hidden", view->hides));
}

char *lists_render(const char *region, int64_t version, int64_t since, json_t *take_add,
		   json_t *take_remove)
{
	json_t *json = json_pack("{s:s, s:I, s:o, s:o, s:o}", "region", region, "version",
				 (json_int_t)version, "since",
				 since < 0 ? json_null() : json_integer(since), "add", take_add,
				 "remove", take_remove);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}

struct collection {
	json_t *add, *remove;
};

static bool collect(void *magic, const struct table_view *view)
{
	const struct collection *collection = magic;

	lists_add(view, collection->add, collection->remove);
	return true;
}

/* Without the mutex: it may take a second. */
static struct kept *make(struct lists *lists, const char *region)
{
	struct kept *kept = calloc(1, sizeof *kept);
	struct collection all = {json_array(), json_array()};

	if (kept == NULL || all.add == NULL || all.remove == NULL) {
		json_decref(all.add);
		json_decref(all.remove);
		free(kept);
		return NULL;
	}
	kept->text.version = table_each(lists->table, region, collect, &all);
	kept->text.text = lists_render(region, kept->text.version, -1, all.add, all.remove);
	kept->text.len = kept->text.text != NULL ? strlen(kept->text.text) : 0;
	kept->uses = 1;
	if (kept->text.text != NULL && kept->text.version >= 0 &&
	    signature_detached(lists->signature, kept->text.text, kept->text.len, kept->text.jws))
		return kept;
	drop(kept);
	return NULL;
}

static struct slot *find_slot(struct lists *lists, const char *region)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < LISTS_KEPT; i++) {
		struct slot *slot = &lists->slots[i];
		if (slot->asked_ms != 0 && strcmp(slot->region, region) == 0)
			return slot;
		if (!slot->making && (oldest == NULL || slot->asked_ms < oldest->asked_ms))
			oldest = slot;
	}
	if (oldest == NULL)
		return NULL;
	drop(oldest->kept);
	*oldest = (struct slot){.made_ms = 0};
	memcpy(oldest->region, region, strlen(region) + 1);
	return oldest;
}

static bool is_stale(struct lists *lists, const struct slot *slot, int64_t clock_ms)
{
	struct table_state state;

	if (slot->kept == NULL)
		return true;
	table_state(lists->table, &state);
	return state.version > slot->kept->text.version && clock_ms - slot->made_ms >= LISTS_MS;
}

/* While somebody counts, others are given what was counted before. */
enum lists_status lists_regions(struct lists *lists, int64_t clock_ms, struct regions *regions_out)
{
	struct table_state state;

	table_state(lists->table, &state);
	pthread_mutex_lock(&lists->mutex);
	bool old = lists->regions.version != state.version &&
		   (lists->regions.version < 0 || clock_ms - lists->counted_ms >= LISTS_MS);
	bool mine = old && !lists->counting && state.version >= 0;
	if (mine) {
		lists->counting = true;
		pthread_mutex_unlock(&lists->mutex);
		bool counted = regions_count(lists->table, regions_out);
		pthread_mutex_lock(&lists->mutex);
		lists->counting = false;
		lists->counted_ms = clock_ms;
		if (counted)
			lists->regions = *regions_out;
	}
	*regions_out = lists->regions;
	pthread_mutex_unlock(&lists->mutex);
	if (regions_out->version >= 0)
		return LISTS_OK;
	return mine ? LISTS_FAILED : LISTS_BUSY;
}

/* Under the mutex, which it leaves while it makes the list. Others are given the one before. */
static void renew(struct lists *lists, struct slot *slot, int64_t clock_ms)
{
	char region[REGION_MAX + 1];

	slot->making = true;
	memcpy(region, slot->region, sizeof region);
	pthread_mutex_unlock(&lists->mutex);
	struct kept *kept = make(lists, region);
	pthread_mutex_lock(&lists->mutex);
	slot->making = false;
	if (kept == NULL)
		return;
	drop(slot->kept);
	slot->kept = kept;
	slot->made_ms = clock_ms;
}

enum lists_status lists_full(struct lists *lists, const char *region, int64_t clock_ms,
			     struct list_text **text_out)
{
	struct regions *regions = malloc(sizeof *regions);
	enum lists_status status =
		regions != NULL ? lists_regions(lists, clock_ms, regions) : LISTS_FAILED;
	bool known = status == LISTS_OK && regions_has(regions, region);

	free(regions);
	if (!known)
		return status == LISTS_OK ? LISTS_NONE : status;
	pthread_mutex_lock(&lists->mutex);
	struct slot *slot = find_slot(lists, region);
	if (slot != NULL) {
		slot->asked_ms = clock_ms;
		bool making = slot->making;
		if (!making && is_stale(lists, slot, clock_ms))
			renew(lists, slot, clock_ms);
		status = slot->kept != NULL ? LISTS_OK : making ? LISTS_BUSY : LISTS_FAILED;
	} else {
		status = LISTS_BUSY;
	}
	if (status == LISTS_OK) {
		slot->kept->uses++;
		*text_out = &slot->kept->text;
	}
	pthread_mutex_unlock(&lists->mutex);
	return status;
}
