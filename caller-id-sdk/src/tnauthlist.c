/* SPDX-License-Identifier: Apache-2.0 */
/* TNAuthorizationList of RFC 8226 §9, which uses explicit tags; strict DER, read and written. */
#include <callerid/tnauthlist.h>

#include <stdlib.h>
#include <string.h>

#include "fail.h"

#define TAG_INTEGER    0x02
#define TAG_IA5STRING  0x16
#define TAG_SEQUENCE   0x30
#define TAG_ENTRY      0xa0 /* [0], [1], [2] are this plus the kind */
#define TN_DIGITS_MAX  15   /* TelephoneNumber ::= IA5String (SIZE (1..15)) */
#define ENTRY_DER_MAX  40   /* a range: 2 + 2 + (2 + 15) + (2 + 8), and room */
#define HEADER_DER_MAX 4

struct item {
	struct callerid_tnauth_entry entry;
	uint64_t first; /* of a range, as a number */
	size_t len;	/* of entry.text */
};

struct callerid_tnauthlist {
	size_t n;
	struct item item[];
};

/* Bytes under the reader. */
struct der {
	const uint8_t *p;
	size_t n;
};

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "tnauthlist", "%s", what);
}

/* X.690 §8.1.3, §10.1: definite, the shortest form; our input has at most two length bytes. */
static bool take_length(struct der *in, size_t *len_out)
{
	size_t n_bytes, len = 0;

	if (in->n == 0)
		return false;
	len = in->p[0];
	n_bytes = len < 0x80 ? 0 : len & 0x7f;
	in->p++;
	in->n--;
	if (n_bytes > 3 || n_bytes > in->n || len == 0x80)
		return false;
	if (n_bytes > 0)
		len = 0;
	for (size_t i = 0; i < n_bytes; i++)
		len = len << 8 | in->p[i];
	if (n_bytes > 0 && (len < 0x80 || len >> (8 * (n_bytes - 1)) == 0))
		return false;
	in->p += n_bytes;
	in->n -= n_bytes;
	*len_out = len;
	return len <= in->n;
}

/* The next element and its tag; its content is inside in, which moves on. */
static bool take_element(struct der *in, uint8_t *tag_out, struct der *content_out)
{
	size_t len = 0;

	if (in->n < 2)
		return false;
	*tag_out = in->p[0];
	in->p++;
	in->n--;
	if (!take_length(in, &len))
		return false;
	*content_out = (struct der){in->p, len};
	in->p += len;
	in->n -= len;
	return true;
}

static bool take_tagged(struct der *in, uint8_t tag, struct der *content_out)
{
	uint8_t found = 0;

	return take_element(in, &found, content_out) && found == tag;
}

/* count INTEGER (2..MAX): positive, shortest form. Over 64 bits no range is. */
static bool count_of(struct der content, uint64_t *count_out)
{
	uint64_t value = 0;

	if (content.n == 0 || content.p[0] >= 0x80)
		return false;
	if (content.n > 1 && content.p[0] == 0 && content.p[1] < 0x80)
		return false;
	if (content.n > 9 || (content.n == 9 && content.p[0] != 0))
		return false;
	for (size_t i = 0; i < content.n; i++)
		value = value << 8 | content.p[i];
	*count_out = value;
	return true;
}

static bool is_number(const char *text, size_t len, bool digits_only)
{
	if (len == 0 || len > TN_DIGITS_MAX || !callerid_tn_is_canonical(text, len))
		return false;
	return !digits_only || strcspn(text, "#*") == len;
}

/* "provider codes" are OCNs, SPIDs and the like: nothing that would break a log line. */
static bool is_code(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	}
	return len > 0;
}

/* At most 15 digits: always below 2^64. */
static uint64_t value_of(const char *digits)
{
	uint64_t value = 0;

	for (; *digits != '\0'; digits++)
		value = value * 10 + (uint64_t)(*digits - '0');
	return value;
}

/* RFC 8226 §9: a range keeps the length of its start: start + count stays below 10^length. */
static bool range_fits(const struct item *item)
{
	uint64_t limit = 1;

	for (size_t i = 0; i < item->len; i++)
		limit *= 10;
	return item->entry.count < limit && item->first + item->entry.count < limit;
}

/* The rules of one entry, the same for reading and writing; fills what match needs. */
static enum callerid_status check_item(struct item *item, struct callerid_error *err)
{
	const struct callerid_tnauth_entry *entry = &item->entry;

	item->len = strnlen(entry->text, sizeof(entry->text));
	switch (entry->kind) {
	case CALLERID_TNAUTH_SPC:
		if (item->len > CALLERID_SPC_MAX)
			return cid_fail(err, CALLERID_ELIMIT, "tnauthlist",
					"a provider code over %d characters", CALLERID_SPC_MAX);
		return is_code(entry->text, item->len) ? CALLERID_OK
						       : bad(err, "a provider code is malformed");
	case CALLERID_TNAUTH_ONE:
		return is_number(entry->text, item->len, false) ? CALLERID_OK
								: bad(err, "a number is malformed");
	case CALLERID_TNAUTH_RANGE:
		if (!is_number(entry->text, item->len, true))
			return bad(err, "the start of a range is not 1 to 15 digits");
		if (entry->count < 2)
			return bad(err, "the count of a range is below 2");
		item->first = value_of(entry->text);
		return range_fits(item)
			       ? CALLERID_OK
			       : bad(err, "a range goes past the last number of its length");
	}
	return bad(err, "an entry of unknown kind");
}

/* An IA5String into the entry's text. */
static enum callerid_status take_text(struct der *in, struct callerid_tnauth_entry *entry,
				      struct callerid_error *err)
{
	struct der text;

	if (!take_tagged(in, TAG_IA5STRING, &text))
		return bad(err, "no IA5String where one has to be");
	if (text.n >= sizeof(entry->text))
		return cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "a text over %d characters",
				CALLERID_TN_MAX);
	/* A NUL would make a C string of another text. */
	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
		return bad(err, "a text is empty or has a NUL");
	memcpy(entry->text, text.p, text.n);
	return CALLERID_OK;
}

static enum callerid_status take_range(struct der *in, struct callerid_tnauth_entry *entry,
				       struct callerid_error *err)
{
	struct der range, count;
	enum callerid_status status;

	if (!take_tagged(in, TAG_SEQUENCE, &range))
		return bad(err, "a range is not a SEQUENCE");
	status = take_text(&range, entry, err);
	if (status != CALLERID_OK)
		return status;
	if (!take_tagged(&range, TAG_INTEGER, &count) || !count_of(count, &entry->count))
		return bad(err, "the count of a range is not an INTEGER in DER");
	return range.n == 0 ? CALLERID_OK : bad(err, "something behind the count of a range");
}

static enum callerid_status take_item(struct der *in, struct item *item, struct callerid_error *err)
{
	struct der content;
	uint8_t tag = 0;
	enum callerid_status status;

	if (!take_element(in, &tag, &content))
		return bad(err, "an entry's length is not DER or runs past the end");
	if (tag < TAG_ENTRY || tag > TAG_ENTRY + CALLERID_TNAUTH_ONE)
		return bad(err, "an entry is not [0], [1] or [2]");
	item->entry.kind = (enum callerid_tnauth_kind)(tag - TAG_ENTRY);
	if (item->entry.kind == CALLERID_TNAUTH_RANGE)
		status = take_range(&content, &item->entry, err);
	else
		status = take_text(&content, &item->entry, err);
	if (status == CALLERID_OK && content.n > 0)
		return bad(err, "something behind an entry's value");
	return status == CALLERID_OK ? check_item(item, err) : status;
}

/* How many elements there are, CALLERID_TNAUTH_ENTRIES_MAX + 1 for too many; 0: not DER. */
static size_t count_elements(struct der in)
{
	struct der content;
	uint8_t tag;
	size_t n = 0;

	while (in.n > 0 && n <= CALLERID_TNAUTH_ENTRIES_MAX) {
		if (!take_element(&in, &tag, &content))
			return 0;
		n++;
	}
	return n;
}

/* Room for n entries, from what the SEQUENCE holds. */
static enum callerid_status make_list(struct der entries, struct callerid_tnauthlist **list_out,
				      struct callerid_error *err)
{
	struct callerid_tnauthlist *list;
	size_t n = count_elements(entries);

	if (n == 0)
		return bad(err, "no entries, or an entry that is not DER");
	if (n > CALLERID_TNAUTH_ENTRIES_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "over %d entries",
				CALLERID_TNAUTH_ENTRIES_MAX);
	list = calloc(1, sizeof(*list) + n * sizeof(list->item[0]));
	if (list == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "tnauthlist", "no memory");
	list->n = n;
	for (size_t i = 0; i < n; i++) {
		enum callerid_status status = take_item(&entries, &list->item[i], err);

		if (status != CALLERID_OK) {
			free(list);
			return status;
		}
	}
	*list_out = list;
	return CALLERID_OK;
}

enum callerid_status callerid_tnauthlist_parse(const uint8_t *der, size_t len,
					       struct callerid_tnauthlist **list_out,
					       struct callerid_error *err)
{
	struct der in = {der, len}, entries;

	if (len > CALLERID_TNAUTH_DER_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "over %d bytes",
				CALLERID_TNAUTH_DER_MAX);
	if (!take_tagged(&in, TAG_SEQUENCE, &entries))
		return bad(err, "not a SEQUENCE in DER");
	if (in.n > 0)
		return bad(err, "bytes behind the list");
	return make_list(entries, list_out, err);
}

/* One element of fewer than 128 bytes at out; returns its length. */
static size_t put(uint8_t *out, uint8_t tag, const void *content, size_t len)
{
	out[0] = tag;
	out[1] = (uint8_t)len;
	memmove(out + 2, content, len);
	return len + 2;
}

static size_t put_count(uint8_t *out, uint64_t count)
{
	uint8_t bytes[9] = {0};
	size_t skip = 0;

	for (size_t i = 0; i < 8; i++)
		bytes[8 - i] = (uint8_t)(count >> (8 * i));
	while (skip < 8 && bytes[skip] == 0 && bytes[skip + 1] < 0x80)
		skip++;
	return put(out, TAG_INTEGER, bytes + skip, sizeof(bytes) - skip);
}

/* Appends one checked entry; returns its length, at most ENTRY_DER_MAX. */
static size_t put_item(uint8_t *out, const struct item *item)
{
	uint8_t inner[ENTRY_DER_MAX], range[ENTRY_DER_MAX];
	size_t n = put(inner, TAG_IA5STRING, item->entry.text, item->len);

	if (item->entry.kind == CALLERID_TNAUTH_RANGE) {
		n += put_count(inner + n, item->entry.count);
		n = put(range, TAG_SEQUENCE, inner, n);
		memcpy(inner, range, n);
	}
	return put(out, (uint8_t)(TAG_ENTRY + item->entry.kind), inner, n);
}

/* Tag and length of the whole list, in HEADER_DER_MAX bytes at most. */
static size_t put_header(uint8_t *out, size_t len)
{
	size_t n = 0;

	out[n++] = TAG_SEQUENCE;
	if (len >= 0x100)
		out[n++] = 0x82;
	else if (len >= 0x80)
		out[n++] = 0x81;
	if (len >= 0x100)
		out[n++] = (uint8_t)(len >> 8);
	out[n++] = (uint8_t)len;
	return n;
}

enum callerid_status callerid_tnauthlist_encode(const struct callerid_tnauth_entry *entries,
						size_t n, uint8_t **der_out, size_t *len_out,
						struct callerid_error *err)
{
	size_t len = 0, header;
	uint8_t *der;

	if (n == 0 || n > CALLERID_TNAUTH_ENTRIES_MAX)
		return n == 0 ? bad(err, "no entries")
			      : cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "over %d entries",
					 CALLERID_TNAUTH_ENTRIES_MAX);
	der = malloc(HEADER_DER_MAX + n * ENTRY_DER_MAX);
	if (der == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "tnauthlist", "no memory");
	for (size_t i = 0; i < n; i++) {
		struct item item = {.entry = entries[i]};
		enum callerid_status status = check_item(&item, err);

		if (status != CALLERID_OK) {
			free(der);
			return status;
		}
		len += put_item(der + HEADER_DER_MAX + len, &item);
	}
	header = put_header(der, len);
	memmove(der + header, der + HEADER_DER_MAX, len);
	*der_out = der;
	*len_out = header + len;
	return CALLERID_OK;
}

void callerid_tnauthlist_free(struct callerid_tnauthlist *list)
{
	free(list);
}

size_t callerid_tnauthlist_count(const struct callerid_tnauthlist *list)
{
	return list->n;
}

const struct callerid_tnauth_entry *callerid_tnauthlist_at(const struct callerid_tnauthlist *list,
							   size_t i)
{
	return i < list->n ? &list->item[i].entry : NULL;
}

/* RFC 8226 §9: a range holds numbers as long as its start. */
static bool covers(const struct item *item, const char *tn, size_t len, uint64_t value)
{
	if (item->len != len)
		return false;
	if (item->entry.kind == CALLERID_TNAUTH_ONE)
		return memcmp(item->entry.text, tn, len) == 0;
	return item->entry.kind == CALLERID_TNAUTH_RANGE && value >= item->first &&
	       value - item->first < item->entry.count;
}

enum callerid_tnauth_match callerid_tnauthlist_match(const struct callerid_tnauthlist *list,
						     const char *tn)
{
	enum callerid_tnauth_match match = CALLERID_TNAUTH_NOT_COVERED;
	size_t len = strnlen(tn, TN_DIGITS_MAX + 1);
	/* UINT64_MAX is in no range: "*67" and the like are covered by one number only. */
	uint64_t value = is_number(tn, len, true) ? value_of(tn) : UINT64_MAX;

	for (size_t i = 0; i < list->n; i++) {
		if (list->item[i].entry.kind == CALLERID_TNAUTH_SPC)
			match = CALLERID_TNAUTH_SPC_ONLY;
		else if (covers(&list->item[i], tn, len, value))
			return CALLERID_TNAUTH_COVERED;
	}
	return match;
}
