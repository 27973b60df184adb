/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a configuration, or the manual of the table behind it, and compares two configurations. */
#include "svc/runtime/conf_private.h"

#include <string.h>

/* Spaces around "=" only where the line still loads with them. */
static void line_print(const char *name, const char *value, FILE *out)
{
	bool wide = strlen(name) + 3 + strlen(value) <= CONF_LINE_MAX;
	if (!*value)
		fprintf(out, "%s =\n", name);
	else
		fprintf(out, wide ? "%s = %s\n" : "%s=%s\n", name, value);
}

static void option_print(const struct conf_entry *entry, size_t option_index, FILE *out)
{
	const struct conf_option *option = &entry->def->options[option_index];
	const void *slot = entry->data + option->offset;
	char text[CONF_LINE_MAX + 1];
	bool given = entry->lines[option_index] || option->fallback;
	if (!given || !conf_value_format(option, slot, 0, text, sizeof(text))) {
		fprintf(out, "# %s is not set\n", option->name);
		return;
	}
	line_print(option->name, text, out);
	size_t n = option->type == CONF_LIST ? ((const struct conf_list *)slot)->n : 1;
	for (size_t i = 1; i < n && conf_value_format(option, slot, i, text, sizeof(text)); i++)
		line_print(option->name, text, out);
}

void conf_print(const struct conf *conf, FILE *out)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct conf_entry *entry = &conf->entries[i];
		if (entry->title)
			fprintf(out, "%s[%s \"%s\"]\n", i ? "\n" : "", entry->def->name,
				entry->title);
		else
			fprintf(out, "%s[%s]\n", i ? "\n" : "", entry->def->name);
		for (size_t k = 0; k < entry->def->n_options; k++)
			option_print(entry, k, out);
	}
}

static void option_manual(const struct conf_option *option, FILE *out)
{
	const char *own = option->check ? option->check("") : NULL;
	char allowed[220];
	conf_value_allowed(option, allowed, sizeof(allowed));
	fprintf(out, "\n%s = %s\n    %s\n", option->name, conf_value_type(option), option->doc);
	if (own && option->type == CONF_LIST)
		fprintf(out, "    Allowed: %s; several, separated by commas.", own);
	else if (own || allowed[0])
		fprintf(out, "    Allowed: %s.", own ? own : allowed);
	else
		fprintf(out, "    Allowed: any text.");
	if (option->required)
		fprintf(out, " Required.");
	else if (option->fallback)
		fprintf(out, " Default: %s.", option->fallback[0] ? option->fallback : "empty");
	else
		fprintf(out, " Default: none.");
	fprintf(out, " A change needs a %s.\n", option->reloadable ? "reload" : "restart");
}

void conf_print_manual(const struct conf_schema *schema, FILE *out)
{
	for (size_t i = 0; i < schema->n_sections; i++) {
		const struct conf_section *def = &schema->sections[i];
		fprintf(out, def->titled ? "%s[%s \"title\"], any number\n" : "%s[%s]\n",
			i ? "\n" : "", def->name);
		if (def->doc)
			fprintf(out, "%s\n", def->doc);
		for (size_t k = 0; k < def->n_options; k++)
			option_manual(&def->options[k], out);
	}
}

struct diff {
	conf_changed *changed;
	void *magic;
	size_t restarts;
};

static void diff_report(struct diff *diff, const struct conf_entry *entry, const char *option,
			bool reloadable)
{
	if (diff->changed)
		diff->changed(diff->magic, entry->def->name, entry->title, option, reloadable);
	if (!reloadable)
		diff->restarts++;
}

static void diff_options(struct diff *diff, const struct conf_entry *old,
			 const struct conf_entry *new)
{
	for (size_t i = 0; i < new->def->n_options; i++) {
		const struct conf_option *option = &new->def->options[i];
		if (!conf_value_equal(option, old->data + option->offset,
				      new->data + option->offset))
			diff_report(diff, new, option->name, option->reloadable);
	}
}

static void diff_whole(struct diff *diff, const struct conf_entry *entry)
{
	bool reloadable = true;
	for (size_t i = 0; i < entry->def->n_options; i++)
		reloadable = reloadable && entry->def->options[i].reloadable;
	diff_report(diff, entry, NULL, reloadable);
}

size_t conf_diff(const struct conf *old, const struct conf *new, conf_changed *changed, void *magic)
{
	struct diff diff = {changed, magic, 0};
	for (size_t i = 0; i < new->n; i++) {
		const struct conf_entry *entry = &new->entries[i];
		const struct conf_entry *before = conf_find(old, entry->def, entry->title);
		if (before)
			diff_options(&diff, before, entry);
		else
			diff_whole(&diff, entry);
	}
	for (size_t i = 0; i < old->n; i++) {
		const struct conf_entry *entry = &old->entries[i];
		if (!conf_find(new, entry->def, entry->title))
			diff_whole(&diff, entry);
	}
	return diff.restarts;
}
