/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON: one text for each value, so that both ends of a digest hash the same bytes. */
#include "canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX   17 /* decimal digits that tell any two doubles apart */
#define PLAIN_MAX    21 /* digits before the point beyond which an exponent is shorter */
#define PLAIN_MIN    (-6)
#define INTEGER_MAX  9007199254740992.0 /* 2^53: every integer up to here is exact */
#define SCIENTIFIC_N 40			/* sign, 17 digits, a point of any locale, exponent */

static enum callerid_status write_value(struct cid_writer *w, const json_t *value, unsigned depth);

/* A number in its parts: 0.d1d2...dn times ten to the power of point. */
struct decimal {
	char digits[DIGITS_MAX + 1];
	size_t n;
	int point;
};

/* The parts of "%.*e", whatever the locale puts between the digits. */
static void take_parts(const char *text, struct decimal *d)
{
	const char *e = strchr(text, 'e');

	d->n = 0;
	for (; text < e && d->n < DIGITS_MAX; text++) {
		if (*text >= '0' && *text <= '9')
			d->digits[d->n++] = *text;
	}
	while (d->n > 1 && d->digits[d->n - 1] == '0')
		d->n--;
	d->point = (int)strtol(e + 1, NULL, 10) + 1;
}

/* The fewest digits that read back as value, which is positive. */
static void shortest(double value, struct decimal *d)
{
	char text[SCIENTIFIC_N];

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	take_parts(text, d);
}

static void write_zeros(struct cid_writer *w, int n)
{
	while (n-- > 0)
		cid_write(w, "0", 1);
}

static void write_exponent(struct cid_writer *w, const struct decimal *d)
{
	cid_write(w, d->digits, 1);
	if (d->n > 1) {
		cid_write(w, ".", 1);
		cid_write(w, d->digits + 1, d->n - 1);
	}
	cid_write(w, d->point > 0 ? "e+" : "e", d->point > 0 ? 2 : 1);
	cid_write_int(w, d->point - 1);
}

/* RFC 8225 §9: integers unless there is a fraction. */
static void write_real(struct cid_writer *w, double value)
{
	struct decimal d;

	if (value >= -INTEGER_MAX && value <= INTEGER_MAX && value == (double)(int64_t)value) {
		cid_write_int(w, (int64_t)value);
		return;
	}
	if (value < 0)
		cid_write(w, "-", 1);
	shortest(value < 0 ? -value : value, &d);
	if (d.point > PLAIN_MAX || d.point <= PLAIN_MIN) {
		write_exponent(w, &d);
	} else if (d.point <= 0) {
		cid_write(w, "0.", 2);
		write_zeros(w, -d.point);
		cid_write(w, d.digits, d.n);
	} else if ((size_t)d.point >= d.n) {
		cid_write(w, d.digits, d.n);
		write_zeros(w, d.point - (int)d.n);
	} else {
		cid_write(w, d.digits, (size_t)d.point);
		cid_write(w, ".", 1);
		cid_write(w, d.digits + d.point, d.n - (size_t)d.point);
	}
}

static enum callerid_status write_array(struct cid_writer *w, const json_t *array, unsigned depth)
{
	enum callerid_status status = CALLERID_OK;

	cid_write(w, "[", 1);
	for (size_t i = 0; i < json_array_size(array) && status == CALLERID_OK; i++) {
		if (i > 0)
			cid_write(w, ",", 1);
		status = write_value(w, json_array_get(array, i), depth + 1);
	}
	cid_write(w, "]", 1);
	return status;
}

/* In UTF-8 the order of bytes is that of code points. */
static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum callerid_status write_members(struct cid_writer *w, const json_t *object,
					  const char *const *names, unsigned depth)
{
	enum callerid_status status = CALLERID_OK;

	for (size_t i = 0; i < json_object_size(object) && status == CALLERID_OK; i++) {
		if (i > 0)
			cid_write(w, ",", 1);
		cid_write_string(w, names[i], strlen(names[i]));
		cid_write(w, ":", 1);
		status = write_value(w, json_object_get(object, names[i]), depth + 1);
	}
	return status;
}

static enum callerid_status write_object(struct cid_writer *w, const json_t *object, unsigned depth)
{
	size_t n = json_object_size(object), at = 0;
	const char **names = calloc(n + 1, sizeof(*names));
	enum callerid_status status;
	json_t *walked = (json_t *)(uintptr_t)object; /* jansson's iterators want it so */

	if (names == NULL)
		return CALLERID_ENOMEM;
	for (void *i = json_object_iter(walked); i != NULL; i = json_object_iter_next(walked, i))
		names[at++] = json_object_iter_key(i);
	qsort(names, n, sizeof(*names), compare_names);
	cid_write(w, "{", 1);
	status = write_members(w, object, names, depth);
	cid_write(w, "}", 1);
	free(names);
	return status;
}

static enum callerid_status write_value(struct cid_writer *w, const json_t *value, unsigned depth)
{
	if (w->full || depth > CID_JSON_DEPTH_MAX)
		return CALLERID_ELIMIT;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(w, value, depth);
	case JSON_ARRAY:
		return write_array(w, value, depth);
	case JSON_STRING:
		cid_write_string(w, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		cid_write_int(w, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(w, json_real_value(value));
		break;
	case JSON_TRUE:
		cid_write_text(w, "true");
		break;
	case JSON_FALSE:
		cid_write_text(w, "false");
		break;
	case JSON_NULL:
		cid_write_text(w, "null");
		break;
	}
	return CALLERID_OK;
}

enum callerid_status cid_canon_write(struct cid_writer *w, const json_t *value)
{
	enum callerid_status status = write_value(w, value, 0);

	return status == CALLERID_OK && w->full ? CALLERID_ELIMIT : status;
}

enum callerid_status cid_canon_text(const json_t *value, size_t max, char **text_out,
				    size_t *len_out)
{
	char *text = malloc(max + 1), *fit;
	enum callerid_status status;
	struct cid_writer w;

	if (text == NULL)
		return CALLERID_ENOMEM;
	cid_writer_init(&w, text, max);
	status = cid_canon_write(&w, value);
	if (status != CALLERID_OK) {
		free(text);
		return status;
	}
	text[w.len] = '\0';
	fit = realloc(text, w.len + 1);
	*text_out = fit != NULL ? fit : text;
	*len_out = w.len;
	return CALLERID_OK;
}
