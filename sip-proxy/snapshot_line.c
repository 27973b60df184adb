/* SPDX-License-Identifier: Apache-2.0 */
/* Reading lines of a snapshot. Members that we do not know are ignored. */
#include "sip-proxy/snapshot_line.h"

static bool read_number(const json_t *json, struct snapshot_entry *entry)
{
	const char *number = json_string_value(json_object_get(json, "number"));
	const json_t *size = json_object_get(json, "block");

	return number != NULL && json_is_integer(size) &&
	       snapshot_text(number, json_integer_value(size), entry->number);
}

/* "" for null; NULL when it is neither null nor a text. */
static const char *text_or_null(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	return json_is_null(value) ? "" : json_string_value(value);
}

static bool read_entry(const json_t *json, struct snapshot_entry *entry)
{
	const json_t *strict = json_object_get(json, "strict");

	entry->customer = json_string_value(json_object_get(json, "customer"));
	entry->brand = json_string_value(json_object_get(json, "brand"));
	entry->name = json_string_value(json_object_get(json, "name"));
	entry->logo_url = text_or_null(json, "logo_url");
	entry->logo_sha256 = text_or_null(json, "logo_sha256");
	entry->strict = json_is_true(strict);
	return entry->customer != NULL && entry->brand != NULL && entry->name != NULL &&
	       entry->logo_url != NULL && entry->logo_sha256 != NULL && json_is_boolean(strict);
}

static bool read_count(const json_t *value, int64_t *number_out)
{
	*number_out = json_integer_value(value);
	return json_is_integer(value) && *number_out >= 0;
}

static bool read(struct snapshot_line *line)
{
	const json_t *serial = json_object_get(line->json, "serial");
	const json_t *end = json_object_get(line->json, "end");

	if (serial != NULL || end != NULL) {
		line->kind = serial != NULL ? SNAPSHOT_LINE_SERIAL : SNAPSHOT_LINE_END;
		return read_count(serial != NULL ? serial : end, &line->number);
	}
	if (!read_number(line->json, &line->entry))
		return false;
	bool bound = json_is_true(json_object_get(line->json, "bound"));
	line->kind = bound ? SNAPSHOT_LINE_HIDDEN : SNAPSHOT_LINE_GONE;
	if (json_is_true(json_object_get(line->json, "gone")))
		return true;
	line->kind = SNAPSHOT_LINE_ENTRY;
	return read_entry(line->json, &line->entry);
}

bool snapshot_line_read(const char *text, size_t len, struct snapshot_line *line_out)
{
	*line_out =
		(struct snapshot_line){.json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL)};
	if (json_is_object(line_out->json) && read(line_out))
		return true;
	snapshot_line_clear(line_out);
	return false;
}

void snapshot_line_clear(struct snapshot_line *line)
{
	json_decref(line->json);
	line->json = NULL;
}

enum snapshot_status snapshot_line_apply(const struct snapshot_line *line,
					 struct snapshot *snapshot)
{
	if (line->kind == SNAPSHOT_LINE_ENTRY)
		return snapshot_put(snapshot, &line->entry);
	if (line->kind == SNAPSHOT_LINE_HIDDEN)
		return snapshot_hide(snapshot, line->entry.number);
	if (line->kind == SNAPSHOT_LINE_GONE)
		(void)snapshot_remove(snapshot, line->entry.number);
	return SNAPSHOT_OK;
}
