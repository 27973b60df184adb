/* SPDX-License-Identifier: Apache-2.0 */
/* Owns a loaded configuration and hands out its sections. */
#include "svc/runtime/conf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "svc/runtime/conf_private.h"

struct conf_chunk {
	struct conf_chunk *next;
	max_align_t data[];
};

void *conf_alloc(struct conf *conf, size_t size)
{
	struct conf_chunk *chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return NULL;
	chunk->next = conf->chunks;
	conf->chunks = chunk;
	return chunk->data;
}

char *conf_copy(struct conf *conf, const char *text, size_t len)
{
	char *copy = conf_alloc(conf, len + 1);
	if (copy)
		memcpy(copy, text, len);
	return copy;
}

struct conf_entry *conf_find(const struct conf *conf, const struct conf_section *def,
			     const char *title)
{
	for (size_t i = 0; i < conf->n; i++) {
		struct conf_entry *entry = &conf->entries[i];
		if (entry->def == def && (!title || strcmp(entry->title, title) == 0))
			return entry;
	}
	return NULL;
}

void conf_fail(struct conf_error *err, const char *path, unsigned line, const char *format, ...)
{
	if (!err)
		return;
	err->line = line;
	int used = line ? snprintf(err->text, sizeof(err->text), "%.200s:%u: ", path, line)
			: snprintf(err->text, sizeof(err->text), "%.200s: ", path);
	va_list args;
	va_start(args, format);
	vsnprintf(err->text + used, sizeof(err->text) - (size_t)used, format, args);
	va_end(args);
}

const struct conf_section *conf_section_named(const struct conf_schema *schema, const char *name,
					      size_t len)
{
	for (size_t i = 0; i < schema->n_sections; i++) {
		const char *candidate = schema->sections[i].name;
		if (strlen(candidate) == len && memcmp(candidate, name, len) == 0)
			return &schema->sections[i];
	}
	return NULL;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	while (conf->chunks) {
		struct conf_chunk *next = conf->chunks->next;
		free(conf->chunks);
		conf->chunks = next;
	}
	free(conf->entries);
	free(conf);
}

const void *conf_get(const struct conf *conf, const char *section)
{
	const struct conf_section *def = conf_section_named(conf->schema, section, strlen(section));
	assert(def && !def->titled); /* the program's own table */
	return conf_find(conf, def, NULL)->data;
}

size_t conf_count(const struct conf *conf, const char *section)
{
	size_t n = 0;
	for (size_t i = 0; i < conf->n; i++)
		n += strcmp(conf->entries[i].def->name, section) == 0;
	return n;
}

const void *conf_at(const struct conf *conf, const char *section, size_t i)
{
	for (size_t k = 0; k < conf->n; k++) {
		if (strcmp(conf->entries[k].def->name, section) == 0 && i-- == 0)
			return conf->entries[k].data;
	}
	return NULL;
}
