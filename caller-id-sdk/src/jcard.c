/* SPDX-License-Identifier: Apache-2.0 */
/* Reading jCards within bounds. */
#include "jcard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "claims.h"
#include "fail.h"
#include "x5u.h"

#define FIRST_VALUE 3 /* name, parameters, type stand before it (RFC 7095 §3.3) */

/* What a jCard has to have: vCard 4.0 knows no other that is obligatory (RFC 6350 §6.2.1, §6.7.9).
 */
struct found {
	unsigned version, fn;
};

/* RFC 7095 §3.3: "The name of the property, as a lowercase string". */
static bool is_name(const json_t *value)
{
	const char *text = json_string_value(value);
	size_t n = json_string_length(value);

	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return n > 0;
}

static bool is_string_array(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (!json_is_string(json_array_get(value, i)))
			return false;
	}
	return json_is_array(value) && json_array_size(value) > 0;
}

/* RFC 7095 §3.4: an object whose members are strings or arrays of them. */
static bool is_parameters(const json_t *value)
{
	json_t *walked = (json_t *)(uintptr_t)value;

	if (!json_is_object(value))
		return false;
	for (void *i = json_object_iter(walked); i != NULL; i = json_object_iter_next(walked, i)) {
		const json_t *member = json_object_iter_value(i);

		if (!json_is_string(member) && !is_string_array(member))
			return false;
	}
	return true;
}

/* RFC 7095 §3.3.1.3: a structured value is an array of texts or of arrays of texts. */
static bool is_structured(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *part = json_array_get(value, i);

		if (!json_is_string(part) && !is_string_array(part))
			return false;
	}
	return json_is_array(value) && json_array_size(value) > 0;
}

static bool is_value(const json_t *value)
{
	return json_is_string(value) || json_is_number(value) || json_is_boolean(value) ||
	       is_structured(value);
}

/* A value of type "uri" at card[1][property][index]. */
static const char *take_uri(const json_t *value, size_t property, size_t index,
			    struct cid_jcard *card)
{
	struct callerid_span text = {json_string_value(value), json_string_length(value)};
	struct cid_jcard_uri *uri = &card->uri[card->n_uris];
	bool data = text.n > 5 && strncasecmp(text.p, "data:", 5) == 0;

	if (text.p == NULL || !cid_is_uri(text, data ? CID_JCARD_MAX : CALLERID_X5U_MAX))
		return "a uri of the jCard is not a URI of bounded length";
	if (card->n_uris == CID_JCARD_URIS_MAX)
		return "the jCard has over 16 URIs";
	uri->text = text.p;
	uri->fetched = cid_x5u_is_https(text);
	/* RFC 9796 §5: the transport has to "validate the integrity of the source", which http does
	 * not. An http URL would be fetched by who shows the jCard, so the jCard is refused. */
	if (text.n > 5 && strncasecmp(text.p, "http:", 5) == 0)
		return "a uri of the jCard is http, which is never fetched: it has to be https";
	(void)snprintf(uri->pointer, sizeof(uri->pointer), "/1/%u/%u", (unsigned)property,
		       (unsigned)index);
	card->n_uris++;
	return NULL;
}

static const char *read_values(const json_t *property, size_t at, struct cid_jcard *card)
{
	size_t n = json_array_size(property);
	bool uri = strcmp(json_string_value(json_array_get(property, 2)), "uri") == 0;
	const char *trouble = NULL;

	if (n > FIRST_VALUE + CID_JCARD_VALUES_MAX)
		return "a property of the jCard has over 32 values";
	for (size_t i = FIRST_VALUE; i < n && trouble == NULL; i++) {
		const json_t *value = json_array_get(property, i);

		if (!is_value(value))
			return "a property of the jCard has a malformed value";
		if (uri)
			trouble = take_uri(value, at, i, card);
	}
	return trouble;
}

/* RFC 7095 §3.3: name, parameters, type, one value or more. */
static const char *read_property(const json_t *property, size_t at, struct cid_jcard *card,
				 struct found *found)
{
	const json_t *name = json_array_get(property, 0), *value;
	const char *trouble;

	if (json_array_size(property) <= FIRST_VALUE)
		return "a property of the jCard is not an array of 4 or more";
	if (!is_name(name) || !is_name(json_array_get(property, 2)))
		return "a property of the jCard has a malformed name or type";
	if (!is_parameters(json_array_get(property, 1)))
		return "a property of the jCard has malformed parameters";
	trouble = read_values(property, at, card);
	if (trouble != NULL)
		return trouble;
	value = json_array_get(property, FIRST_VALUE);
	found->fn += strcmp(json_string_value(name), "fn") == 0;
	if (strcmp(json_string_value(name), "version") != 0)
		return NULL;
	found->version++;
	return json_is_string(value) && strcmp(json_string_value(value), "4.0") == 0
		       ? NULL
		       : "the jCard is not of version 4.0";
}

const char *cid_jcard_read(const json_t *card, struct cid_jcard *card_out)
{
	const json_t *kind = json_array_get(card, 0), *properties = json_array_get(card, 1);
	struct cid_jcard unused, *out = card_out != NULL ? card_out : &unused;
	struct found found = {0, 0};
	const char *trouble = NULL;

	out->n_uris = 0;
	/* RFC 9796 §5: "a single jCard object represented by an array with two elements". */
	if (!json_is_array(card) || json_array_size(card) != 2 || !json_is_string(kind) ||
	    strcmp(json_string_value(kind), "vcard") != 0 || !json_is_array(properties))
		return "not a jCard: [\"vcard\", [properties]]";
	if (json_array_size(properties) > CID_JCARD_PROPERTIES_MAX)
		return "the jCard has over 100 properties";
	for (size_t i = 0; i < json_array_size(properties) && trouble == NULL; i++)
		trouble = read_property(json_array_get(properties, i), i, out, &found);
	if (trouble == NULL && found.version != 1)
		trouble = "the jCard has not exactly one version";
	if (trouble == NULL && found.fn == 0)
		trouble = "the jCard has no fn";
	return trouble;
}

enum callerid_status cid_jcard_load(const char *text, size_t len, json_t **root_out,
				    struct cid_jcard *card_out, struct callerid_error *err)
{
	struct callerid_error why;
	json_t *root = cid_json_load_value(text, len, CID_JCARD_MAX, &why);
	const char *trouble;

	if (root == NULL)
		return cid_fail(err, why.status, "jcard", "%s", why.text);
	trouble = cid_jcard_read(root, card_out);
	if (trouble != NULL) {
		json_decref(root);
		return cid_fail(err, CALLERID_ESYNTAX, "jcard", "%s", trouble);
	}
	*root_out = root;
	return CALLERID_OK;
}
