/* SPDX-License-Identifier: Apache-2.0 */
/* Loads an INI file against the table that describes it. */
#include "svc/runtime/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "svc/runtime/conf_private.h"
#include "svc/runtime/utf8.h"

/* One load: the file's text, the place in it, and the first thing that was wrong. */
struct load {
	struct conf *conf;
	const char *path;
	struct conf_error *err;
	const char *text;
	size_t len, pos;
	unsigned line;
	size_t current; /* index of the open section's entry */
	bool open, failed;
};

/* The first failure counts: it is the one nearest to its cause. */
#define FAIL(load, at, ...)                                                                        \
	do {                                                                                       \
		if (!(load)->failed)                                                               \
			conf_fail((load)->err, (load)->path, (at), __VA_ARGS__);                   \
		(load)->failed = true;                                                             \
	} while (0)

static const char *section_label(const struct conf_entry *entry, char *label_out, size_t size)
{
	if (entry->title)
		snprintf(label_out, size, "[%s \"%s\"]", entry->def->name, entry->title);
	else
		snprintf(label_out, size, "[%s]", entry->def->name);
	return label_out;
}

static bool entry_fill(struct conf *conf, struct conf_entry *entry, const char *title, size_t len)
{
	const struct conf_section *def = entry->def;
	entry->data = conf_alloc(conf, def->size);
	entry->lines = conf_alloc(conf, (def->n_options + 1) * sizeof(*entry->lines));
	if (!entry->data || !entry->lines)
		return false;
	if (!def->titled)
		return true;
	entry->title = conf_copy(conf, title, len);
	memcpy(entry->data, &entry->title, sizeof(entry->title)); /* "begins with a title" */
	return entry->title != NULL;
}

static struct conf_entry *entry_new(struct load *load, const struct conf_section *def,
				    const char *title, size_t len)
{
	struct conf *conf = load->conf;
	if (conf->n == conf->room) {
		size_t room = conf->room ? 2 * conf->room : 8;
		struct conf_entry *grown = reallocarray(conf->entries, room, sizeof(*grown));
		if (!grown)
			return NULL;
		conf->entries = grown;
		conf->room = room;
	}
	struct conf_entry *entry = &conf->entries[conf->n];
	*entry = (struct conf_entry){.def = def};
	if (!entry_fill(conf, entry, title, len))
		return NULL;
	conf->n++;
	return entry;
}

static void section_names(const struct conf_schema *schema, char *names_out, size_t size)
{
	size_t used = 0;
	names_out[0] = '\0';
	for (size_t i = 0; i < schema->n_sections && used < size; i++)
		used += (size_t)snprintf(names_out + used, size - used, "%s[%s%s]", i ? ", " : "",
					 schema->sections[i].name,
					 schema->sections[i].titled ? " \"title\"" : "");
}

static void section_open(struct load *load, const struct conf_section *def, const char *title,
			 size_t len)
{
	if (def->titled && conf_count(load->conf, def->name) >= CONF_TITLED_MAX) {
		FAIL(load, load->line, "[%s]: too many sections; allowed: %d", def->name,
		     CONF_TITLED_MAX);
		return;
	}
	char text[CONF_TITLE_MAX + 1];
	snprintf(text, sizeof(text), "%.*s", (int)len, title);
	const struct conf_entry *twin = conf_find(load->conf, def, def->titled ? text : NULL);
	char label[CONF_LINE_MAX + 1];
	if (twin) {
		FAIL(load, load->line, "%s: section given twice, first on line %u; allowed: once",
		     section_label(twin, label, sizeof(label)), twin->line);
		return;
	}
	struct conf_entry *entry = entry_new(load, def, title, len);
	if (!entry) {
		FAIL(load, load->line, "no memory");
		return;
	}
	entry->line = load->line;
	load->current = load->conf->n - 1;
	load->open = true;
}

/* Splits [name] or [name "title"]; what inih takes for a header it would cut at 49 bytes. */
static bool header_split(const char *line, size_t *name_len_out, const char **title_out,
			 size_t *title_len_out)
{
	const char *p = line + 1;
	*name_len_out = strcspn(p, " \t\"]");
	p += *name_len_out;
	p += strspn(p, " \t");
	*title_out = NULL;
	*title_len_out = 0;
	if (*p == '"') {
		*title_out = ++p;
		*title_len_out = strcspn(p, "\"]");
		p += *title_len_out;
		if (*p++ != '"')
			return false;
		p += strspn(p, " \t");
	}
	if (*p++ != ']')
		return false;
	p += strspn(p, " \t");
	return *p == '\0' || *p == ';' || *p == '#';
}

static void header_read(struct load *load, const char *line)
{
	size_t name_len, title_len;
	const char *title;
	char names[220];
	section_names(load->conf->schema, names, sizeof(names));
	load->open = false;
	if (!header_split(line, &name_len, &title, &title_len)) {
		FAIL(load, load->line, "%.80s: broken section header; allowed: %s", line, names);
		return;
	}
	const struct conf_section *def = conf_section_named(load->conf->schema, line + 1, name_len);
	if (!def)
		FAIL(load, load->line, "[%.*s]: unknown section; allowed: %s", (int)name_len,
		     line + 1, names);
	else if (!def->titled && title)
		FAIL(load, load->line, "[%s]: has no title; allowed: [%s]", def->name, def->name);
	else if (def->titled && (title_len == 0 || title_len > CONF_TITLE_MAX))
		FAIL(load, load->line, "[%s]: needs a title; allowed: [%s \"title\"], 1..%d bytes",
		     def->name, def->name, CONF_TITLE_MAX);
	else
		section_open(load, def, title ? title : "", title_len);
}

/* Only printable UTF-8 and tabs: inih ends a line at NUL, and a log must show what was read. */
static bool line_is_text(const char *p, size_t n)
{
	while (n > 0) {
		uint32_t cp = 0;
		size_t step = utf8_next(p, n, &cp);
		if (step == 0 || (cp < 0x20 && cp != '\t') || (cp >= 0x7F && cp < 0xA0))
			return false;
		p += step;
		n -= step;
	}
	return true;
}

/* The next line as it stands, without its end. */
static const char *line_take(struct load *load, size_t *len_out)
{
	const char *line = load->text + load->pos;
	size_t left = load->len - load->pos;
	const char *end = memchr(line, '\n', left);
	size_t len = end ? (size_t)(end - line) : left;
	load->pos += len + (end ? 1 : 0);
	load->line++;
	if (len > 0 && line[len - 1] == '\r')
		len--;
	*len_out = len;
	return line;
}

/*
 * inih's reader. It hands over stripped lines, because inih takes an indented line for more of the
 * value before it, and keeps headers to itself, because inih cuts them.
 */
static char *line_next(char *out, int size, void *stream)
{
	struct load *load = stream;
	if (load->failed || load->pos >= load->len)
		return NULL;
	size_t len;
	const char *line = line_take(load, &len);
	if (len > CONF_LINE_MAX || len >= (size_t)size) {
		FAIL(load, load->line, "line of %zu bytes is too long; allowed: %d bytes", len,
		     CONF_LINE_MAX);
		return NULL;
	}
	if (!line_is_text(line, len)) {
		FAIL(load, load->line, "control byte or broken UTF-8; allowed: UTF-8 text");
		return NULL;
	}
	memcpy(out, line, len);
	out[len] = '\0';
	size_t indent = strspn(out, " \t");
	memmove(out, out + indent, len - indent + 1);
	if (*out == '[')
		header_read(load, out);
	if (*out == '[' || *out == '#' || *out == ';')
		*out = '\0';
	return out;
}

/* Edits that turn a into b; SIZE_MAX when either is too long to be a slip. */
static size_t distance(const char *a, const char *b)
{
	size_t row[41], n = strlen(b);
	if (n > 40 || strlen(a) > 40)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t swap = diagonal + (a[i] != b[j]);
			diagonal = row[j + 1];
			size_t least = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
			row[j + 1] = swap < least ? swap : least;
		}
	}
	return row[n];
}

/* The nearest name first, then all of them as far as there is room. */
static void option_names(const struct conf_section *def, const char *name, char *out, size_t size)
{
	size_t best = 3, used = 0;
	const char *near = NULL;
	for (size_t i = 0; i < def->n_options; i++) {
		size_t d = distance(name, def->options[i].name);
		if (d < best) {
			best = d;
			near = def->options[i].name;
		}
	}
	out[0] = '\0';
	if (near)
		used += (size_t)snprintf(out, size, "%s (nearest); or ", near);
	for (size_t i = 0; i < def->n_options && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
					 def->options[i].name);
}

static void option_unknown(struct load *load, const struct conf_entry *entry, const char *name)
{
	char names[240], label[CONF_LINE_MAX + 1];
	option_names(entry->def, name, names, sizeof(names));
	FAIL(load, load->line, "%s %.60s: unknown option; allowed: %s",
	     section_label(entry, label, sizeof(label)), name, names);
}

static void option_set(struct load *load, struct conf_entry *entry, size_t i, const char *value)
{
	const struct conf_option *option = &entry->def->options[i];
	struct conf_reason why;
	char label[CONF_LINE_MAX + 1];
	section_label(entry, label, sizeof(label));
	if (entry->lines[i] && option->type != CONF_LIST) {
		FAIL(load, load->line, "%s %s: given twice, first on line %u; allowed: once", label,
		     option->name, entry->lines[i]);
		return;
	}
	if (*value == '#' || *value == ';' || strstr(value, " #") || strstr(value, "\t#")) {
		FAIL(load, load->line,
		     "%s %s: comment in the value; allowed: \" ;\" before a comment, or a line of "
		     "its own",
		     label, option->name);
		return;
	}
	if (!conf_value_parse(load->conf, option, value, entry->data + option->offset, &why))
		FAIL(load, load->line, "%s %s: %s%s%s", label, option->name, why.wrong,
		     why.allowed[0] ? "; allowed: " : "", why.allowed);
	entry->lines[i] = load->line;
}

/* inih's handler: a name and a value. */
static int option_read(void *user, const char *section, const char *name, const char *value)
{
	(void)section;
	struct load *load = user;
	if (load->failed)
		return 0;
	char names[220];
	section_names(load->conf->schema, names, sizeof(names));
	if (!load->open) {
		FAIL(load, load->line, "%.60s: option outside a section; allowed after: %s", name,
		     names);
		return 0;
	}
	struct conf_entry *entry = &load->conf->entries[load->current];
	size_t i = 0;
	while (i < entry->def->n_options && strcmp(entry->def->options[i].name, name) != 0)
		i++;
	if (i == entry->def->n_options)
		option_unknown(load, entry, name);
	else
		option_set(load, entry, i, value);
	return !load->failed;
}

static bool fallbacks(struct load *load, struct conf_entry *entry)
{
	char label[CONF_LINE_MAX + 1];
	section_label(entry, label, sizeof(label));
	for (size_t i = 0; i < entry->def->n_options; i++) {
		const struct conf_option *option = &entry->def->options[i];
		struct conf_reason why;
		if (entry->lines[i])
			continue;
		if (option->required) {
			conf_value_allowed(option, why.allowed, sizeof(why.allowed));
			FAIL(load, entry->line, "%s %s: is required%s%s", label, option->name,
			     why.allowed[0] ? "; allowed: " : "", why.allowed);
		} else if (option->fallback &&
			   !conf_value_parse(load->conf, option, option->fallback,
					     entry->data + option->offset, &why)) {
			FAIL(load, 0, "%s %s: broken default: %s; allowed: %s", label, option->name,
			     why.wrong, why.allowed);
		}
	}
	return !load->failed;
}

/* Sections that the file lacks, then the defaults of all. */
static bool complete(struct load *load)
{
	const struct conf_schema *schema = load->conf->schema;
	for (size_t i = 0; i < schema->n_sections; i++) {
		const struct conf_section *def = &schema->sections[i];
		if (def->titled || conf_find(load->conf, def, NULL))
			continue;
		if (!entry_new(load, def, NULL, 0)) {
			FAIL(load, 0, "no memory");
			return false;
		}
	}
	for (size_t i = 0; i < load->conf->n; i++) {
		if (!fallbacks(load, &load->conf->entries[i]))
			return false;
	}
	return true;
}

static bool parse(struct load *load)
{
	static const char bom[] = "\xEF\xBB\xBF";
	if (load->len >= 3 && memcmp(load->text, bom, 3) == 0)
		load->pos = 3;
	int line = ini_parse_stream(line_next, load, option_read, load);
	if (line < 0)
		FAIL(load, 0, "no memory");
	else if (line > 0 && (!load->failed || !load->err || (unsigned)line < load->err->line)) {
		load->failed = false; /* inih saw it before what we saw */
		FAIL(load, (unsigned)line,
		     "neither a section nor an option; allowed: name = value");
	}
	return !load->failed && complete(load);
}

/* The whole file, or NULL with err filled. */
static char *file_read(const char *path, size_t *len_out, struct conf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : malloc(CONF_FILE_MAX + 1);
	size_t len = 0;
	ssize_t got = -1;
	while (text && len <= CONF_FILE_MAX) {
		got = read(fd, text + len, CONF_FILE_MAX + 1 - len);
		if (got > 0)
			len += (size_t)got;
		else if (got == 0 || errno != EINTR)
			break;
	}
	if (got < 0)
		conf_fail(err, path, 0, "cannot be read: %s", strerror(errno));
	else if (len > CONF_FILE_MAX)
		conf_fail(err, path, 0, "file too long; allowed: %d bytes", CONF_FILE_MAX);
	if (fd >= 0)
		close(fd);
	if (got >= 0 && len <= CONF_FILE_MAX) {
		*len_out = len;
		return text;
	}
	free(text);
	return NULL;
}

struct conf *conf_load(const char *path, const struct conf_schema *schema, struct conf_error *err)
{
	struct load load = {.path = path, .err = err};
	char *text = file_read(path, &load.len, err);
	if (!text)
		return NULL;
	load.text = text;
	load.conf = calloc(1, sizeof(*load.conf));
	if (!load.conf) {
		conf_fail(err, path, 0, "no memory");
		free(text);
		return NULL;
	}
	load.conf->schema = schema;
	bool fine = parse(&load);
	free(text);
	if (fine)
		return load.conf;
	conf_free(load.conf);
	return NULL;
}
