/* SPDX-License-Identifier: Apache-2.0 */
/* TNAuthorizationList of RFC 8226 §9, which uses explicit tags; strict DER, read and written. */
#include <callerid/tnauthlist.h>

#include <stdlib.h>
#include <string.h>

#include "asn1.h"
#include "fail.h"

#define TN_DIGITS_MAX  15 /* TelephoneNumber ::= IA5String (SIZE (1..15)) */
#define ENTRY_DER_MAX  40 /* a range: 2 + 2 + (2 + 15) + (2 + 8), and room */
#define HEADER_DER_MAX 4

struct item {
	struct callerid_tnauth_entry entry;
	uint64_t first; /* of a range, as a number */
	size_t len;	/* of entry.text */
};

/* The numbers of one length from first to last, as numbers. */
struct interval {
	size_t len;
	uint64_t first, last;
};

struct callerid_tnauthlist {
	size_t n;
	size_t n_intervals;
	struct interval *interval; /* behind item; in order, those that touch are one */
	struct item item[];
};

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "tnauthlist", "%s", what);
}

/* count INTEGER (2..MAX): positive, shortest form. Over 64 bits no range is. */
static bool count_of(struct cid_asn1 content, uint64_t *count_out)
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
static enum callerid_status take_text(struct cid_asn1 *in, struct callerid_tnauth_entry *entry,
				      struct callerid_error *err)
{
	struct cid_asn1 text;

	if (!cid_asn1_take_tagged(in, CID_ASN1_IA5STRING, &text))
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

/*
 * RFC 8226 §9 ends TelephoneNumberRange with "...". By X.680 §7, the model of type extension, a
 * later version may put more elements there, and who knows this version only takes what they do not
 * know for no error: start and count mean what they mean without it. It still has to be DER, with
 * tags below 31, or nobody knows where it ends.
 */
static bool skip_additions(struct cid_asn1 *range)
{
	struct cid_asn1 content;
	uint8_t tag;

	while (range->n > 0) {
		if (!cid_asn1_take(range, &tag, &content))
			return false;
	}
	return true;
}

static enum callerid_status take_range(struct cid_asn1 *in, struct callerid_tnauth_entry *entry,
				       struct callerid_error *err)
{
	struct cid_asn1 range, count;
	enum callerid_status status;

	if (!cid_asn1_take_tagged(in, CID_ASN1_SEQUENCE, &range))
		return bad(err, "a range is not a SEQUENCE");
	status = take_text(&range, entry, err);
	if (status != CALLERID_OK)
		return status;
	if (!cid_asn1_take_tagged(&range, CID_ASN1_INTEGER, &count) ||
	    !count_of(count, &entry->count))
		return bad(err, "the count of a range is not an INTEGER in DER");
	return skip_additions(&range) ? CALLERID_OK
				      : bad(err, "what follows the count of a range is not DER");
}

static enum callerid_status take_item(struct cid_asn1 *in, struct item *item,
				      struct callerid_error *err)
{
	struct cid_asn1 content;
	uint8_t tag = 0;
	enum callerid_status status;

	if (!cid_asn1_take(in, &tag, &content))
		return bad(err, "an entry's length is not DER or runs past the end");
	/* TNEntry, a CHOICE, has no "...", and the module no EXTENSIBILITY IMPLIED: another
	 * alternative is no value of this type in any version, and the list is not one either. */
	if (tag < CID_ASN1_CONTEXT || tag > CID_ASN1_CONTEXT + CALLERID_TNAUTH_ONE)
		return bad(err, "an entry is not [0], [1] or [2]");
	item->entry.kind = (enum callerid_tnauth_kind)(tag - CID_ASN1_CONTEXT);
	if (item->entry.kind == CALLERID_TNAUTH_RANGE)
		status = take_range(&content, &item->entry, err);
	else
		status = take_text(&content, &item->entry, err);
	if (status == CALLERID_OK && content.n > 0)
		return bad(err, "something behind an entry's value");
	return status == CALLERID_OK ? check_item(item, err) : status;
}

/* How many elements there are, CALLERID_TNAUTH_ENTRIES_MAX + 1 for too many; 0: not DER. */
static size_t count_elements(struct cid_asn1 in)
{
	struct cid_asn1 content;
	uint8_t tag;
	size_t n = 0;

	while (in.n > 0 && n <= CALLERID_TNAUTH_ENTRIES_MAX) {
		if (!cid_asn1_take(&in, &tag, &content))
			return 0;
		n++;
	}
	return n;
}

static int compare_intervals(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return 0;
}

/* Whether item stands for numbers of digits, which intervals can hold. */
static bool interval_of(const struct item *item, struct interval *interval_out)
{
	const struct callerid_tnauth_entry *entry = &item->entry;

	if (entry->kind == CALLERID_TNAUTH_SPC || !is_number(entry->text, item->len, true))
		return false;
	interval_out->len = item->len;
	interval_out->first = value_of(entry->text);
	interval_out->last = interval_out->first;
	if (entry->kind == CALLERID_TNAUTH_RANGE)
		interval_out->last += entry->count - 1;
	return true;
}

/* All numbers of digits, so that looking one up costs the same whatever a stranger lists. */
static void make_intervals(struct callerid_tnauthlist *list)
{
	struct interval *all = list->interval;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < list->n; i++)
		n += interval_of(&list->item[i], &all[n]) ? 1 : 0;
	qsort(all, n, sizeof(all[0]), compare_intervals);
	for (size_t i = 0; i < n; i++) {
		struct interval *last = kept == 0 ? NULL : &all[kept - 1];

		if (last == NULL || last->len != all[i].len || all[i].first > last->last + 1)
			all[kept++] = all[i];
		else if (all[i].last > last->last)
			last->last = all[i].last;
	}
	list->n_intervals = kept;
}

/* Room for n entries, from what the SEQUENCE holds. */
static enum callerid_status make_list(struct cid_asn1 entries,
				      struct callerid_tnauthlist **list_out,
				      struct callerid_error *err)
{
	struct callerid_tnauthlist *list;
	size_t n = count_elements(entries);

	if (n == 0)
		return bad(err, "no entries, or an entry that is not DER");
	if (n > CALLERID_TNAUTH_ENTRIES_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "over %d entries",
				CALLERID_TNAUTH_ENTRIES_MAX);
	list = calloc(1, sizeof(*list) + n * (sizeof(list->item[0]) + sizeof(struct interval)));
	if (list == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "tnauthlist", "no memory");
	list->n = n;
	list->interval = (struct interval *)(list->item + n);
	for (size_t i = 0; i < n; i++) {
		enum callerid_status status = take_item(&entries, &list->item[i], err);

		if (status != CALLERID_OK) {
			free(list);
			return status;
		}
	}
	make_intervals(list);
	*list_out = list;
	return CALLERID_OK;
}

enum callerid_status callerid_tnauthlist_parse(const uint8_t *der, size_t len,
					       struct callerid_tnauthlist **list_out,
					       struct callerid_error *err)
{
	struct cid_asn1 in = {der, len}, entries;

	if (len > CALLERID_TNAUTH_DER_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "tnauthlist", "over %d bytes",
				CALLERID_TNAUTH_DER_MAX);
	if (!cid_asn1_take_tagged(&in, CID_ASN1_SEQUENCE, &entries))
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
	return put(out, CID_ASN1_INTEGER, bytes + skip, sizeof(bytes) - skip);
}

/* Appends one checked entry; returns its length, at most ENTRY_DER_MAX. */
static size_t put_item(uint8_t *out, const struct item *item)
{
	uint8_t inner[ENTRY_DER_MAX], range[ENTRY_DER_MAX];
	size_t n = put(inner, CID_ASN1_IA5STRING, item->entry.text, item->len);

	if (item->entry.kind == CALLERID_TNAUTH_RANGE) {
		n += put_count(inner + n, item->entry.count);
		n = put(range, CID_ASN1_SEQUENCE, inner, n);
		memcpy(inner, range, n);
	}
	return put(out, (uint8_t)(CID_ASN1_CONTEXT + item->entry.kind), inner, n);
}

/* Tag and length of the whole list, in HEADER_DER_MAX bytes at most. */
static size_t put_header(uint8_t *out, size_t len)
{
	size_t n = 0;

	out[n++] = CID_ASN1_SEQUENCE;
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
static bool holds(const struct callerid_tnauthlist *list, const struct interval *wanted)
{
	size_t low = 0, high = list->n_intervals;

	/* The last one that does not begin behind wanted. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_intervals(&list->interval[middle], wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || list->interval[low - 1].len != wanted->len)
		return false;
	return wanted->last <= list->interval[low - 1].last;
}

/* An entry of this kind and text. */
static bool lists(const struct callerid_tnauthlist *list, enum callerid_tnauth_kind kind,
		  const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->item[i].entry.kind == kind && strcmp(list->item[i].entry.text, text) == 0)
			return true;
	}
	return false;
}

static bool has_code(const struct callerid_tnauthlist *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->item[i].entry.kind == CALLERID_TNAUTH_SPC)
			return true;
	}
	return false;
}

bool callerid_tnauthlist_has_spc(const struct callerid_tnauthlist *list, const char *spc)
{
	return lists(list, CALLERID_TNAUTH_SPC, spc);
}

enum callerid_tnauth_match callerid_tnauthlist_match(const struct callerid_tnauthlist *list,
						     const char *tn)
{
	size_t len = strnlen(tn, TN_DIGITS_MAX + 1);
	struct interval wanted = {.len = len};
	bool covered;

	if (is_number(tn, len, true)) {
		wanted.first = wanted.last = value_of(tn);
		covered = holds(list, &wanted);
	} else {
		/* "*67" and the like are covered by one number only. */
		covered = lists(list, CALLERID_TNAUTH_ONE, tn);
	}
	if (covered)
		return CALLERID_TNAUTH_COVERED;
	return has_code(list) ? CALLERID_TNAUTH_SPC_ONLY : CALLERID_TNAUTH_NOT_COVERED;
}

enum callerid_tnauth_match callerid_tnauthlist_encompasses(const struct callerid_tnauthlist *parent,
							   const struct callerid_tnauthlist *child)
{
	enum callerid_tnauth_match weakest = CALLERID_TNAUTH_COVERED;
	bool by_code = has_code(parent);

	for (size_t i = 0; i < child->n; i++) {
		const struct callerid_tnauth_entry *entry = &child->item[i].entry;
		struct interval wanted;
		bool inside;

		if (interval_of(&child->item[i], &wanted))
			inside = holds(parent, &wanted);
		else
			inside = lists(parent, entry->kind, entry->text);
		if (inside)
			continue;
		/* A code stands for its provider's numbers, never for another code. */
		if (!by_code || entry->kind == CALLERID_TNAUTH_SPC)
			return CALLERID_TNAUTH_NOT_COVERED;
		weakest = CALLERID_TNAUTH_SPC_ONLY;
	}
	return weakest;
}
