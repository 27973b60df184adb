/* SPDX-License-Identifier: Apache-2.0 */
/* The "mky" claim (RFC 8225 §5.2.2): the fingerprints of the media keys that an SDP offers. */
#include "mky.h"

#include <callerid/passport.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fail.h"
#include "json.h"

/* [ and ] and, for each, {"alg":"...","dig":"..."} with its comma. */
#define TEXT_MAX (2 + CID_MKY_MAX * (CID_MKY_ALG_MAX + 2 * CID_MKY_DIG_BYTES + 20))

/* RFC 8122 §5. MD2 and MD5 "MUST NOT" be used; what is not listed here is taken at any length. */
static const struct hash {
	const char *name;
	size_t bytes; /* 0: refused */
} hashes[] = {
	{"md2", 0},	 {"md5", 0},	  {"sha-1", 20},   {"sha-224", 28},
	{"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64},
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
}

/* The length is that of its hash function. */
static bool fits_hash(const struct cid_fingerprint *f)
{
	size_t n = strlen(f->dig);

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (strcmp(hashes[i].name, f->alg) == 0)
			return hashes[i].bytes > 0 && n == 2 * hashes[i].bytes;
	}
	return n > 0 && n % 2 == 0;
}

static bool read_alg(struct callerid_span text, struct cid_fingerprint *f)
{
	if (text.n == 0 || text.n > CID_MKY_ALG_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = lower(text.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
		f->alg[i] = c;
	}
	f->alg[text.n] = '\0';
	return true;
}

/* Pairs of hex digits, with step 3 a colon between them (SDP), with step 2 nothing (the claim). */
static bool read_dig(struct callerid_span text, size_t step, struct cid_fingerprint *f)
{
	size_t n = 0;

	if (text.n + (step - 2) > CID_MKY_DIG_BYTES * step || (text.n + (step - 2)) % step != 0)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (i % step == 2) {
			if (text.p[i] != ':')
				return false;
			continue;
		}
		if (!is_hex(text.p[i]))
			return false;
		f->dig[n++] = upper(text.p[i]);
	}
	f->dig[n] = '\0';
	return n > 0;
}

/* RFC 8225 §5.2.2: sorted by alg and dig joined together; each fingerprint once. */
static int order(const struct cid_fingerprint *a, const struct cid_fingerprint *b)
{
	char x[sizeof(*a)], y[sizeof(*b)];
	size_t m = strlen(a->alg), n = strlen(b->alg);

	memcpy(x, a->alg, m);
	memcpy(x + m, a->dig, strlen(a->dig) + 1);
	memcpy(y, b->alg, n);
	memcpy(y + n, b->dig, strlen(b->dig) + 1);
	return strcmp(x, y);
}

/* false: the list is full. */
static bool insert(struct cid_mky *mky, const struct cid_fingerprint *f)
{
	size_t i = mky->n;

	while (i > 0 && order(&mky->at[i - 1], f) > 0)
		i--;
	if (i > 0 && order(&mky->at[i - 1], f) == 0)
		return true;
	if (mky->n == CID_MKY_MAX)
		return false;
	memmove(&mky->at[i + 1], &mky->at[i], (mky->n - i) * sizeof(*f));
	mky->at[i] = *f;
	mky->n++;
	return true;
}

static bool starts_with(struct callerid_span line, const char *prefix)
{
	size_t n = strlen(prefix);

	return line.n >= n && strncasecmp(line.p, prefix, n) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* hash-func SP fingerprint, as far as blanks at the end. */
static bool read_line(struct callerid_span text, struct cid_fingerprint *f)
{
	size_t alg = 0, dig;

	while (alg < text.n && is_blank(text.p[alg]))
		alg++;
	text.p += alg;
	text.n -= alg;
	for (alg = 0; alg < text.n && !is_blank(text.p[alg]);)
		alg++;
	for (dig = alg; dig < text.n && is_blank(text.p[dig]);)
		dig++;
	while (text.n > dig && is_blank(text.p[text.n - 1]))
		text.n--;
	return read_alg((struct callerid_span){text.p, alg}, f) &&
	       read_dig((struct callerid_span){text.p + dig, text.n - dig}, 3, f) && fits_hash(f);
}

/* The next line without its end, which is LF, CR or both. */
static bool next_line(struct callerid_span *rest, struct callerid_span *line_out)
{
	size_t n = 0;

	if (rest->n == 0)
		return false;
	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*line_out = (struct callerid_span){rest->p, n};
	n += n < rest->n;
	rest->p += n;
	rest->n -= n;
	return true;
}

enum callerid_status cid_mky_of_sdp(struct callerid_span sdp, struct cid_mky *mky_out,
				    struct callerid_error *err)
{
	struct callerid_span rest = sdp, line;
	struct cid_fingerprint f;

	mky_out->n = 0;
	mky_out->secured = false;
	if (sdp.n > CALLERID_SDP_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "mky", "the SDP is too long");
	while (next_line(&rest, &line)) {
		const size_t skip = strlen("a=fingerprint:");

		mky_out->secured = mky_out->secured || starts_with(line, "a=crypto:");
		if (!starts_with(line, "a=fingerprint:"))
			continue;
		if (!read_line((struct callerid_span){line.p + skip, line.n - skip}, &f))
			return cid_fail(err, CALLERID_ESYNTAX, "mky",
					"a fingerprint of the SDP is malformed");
		if (!insert(mky_out, &f))
			return cid_fail(err, CALLERID_ELIMIT, "mky",
					"the SDP has more than %d fingerprints", CID_MKY_MAX);
		mky_out->secured = true;
	}
	return CALLERID_OK;
}

static struct callerid_span span_of(const json_t *text)
{
	return (struct callerid_span){json_string_value(text), json_string_length(text)};
}

static bool read_json(const json_t *member, struct cid_fingerprint *f)
{
	const json_t *alg = json_object_get(member, "alg"), *dig = json_object_get(member, "dig");

	return json_object_size(member) == 2 && json_is_string(alg) && json_is_string(dig) &&
	       read_alg(span_of(alg), f) && read_dig(span_of(dig), 2, f) && fits_hash(f);
}

const char *cid_mky_of_json(const json_t *claim, struct cid_mky *mky_out)
{
	struct cid_fingerprint f;

	mky_out->n = 0;
	mky_out->secured = true;
	if (!json_is_array(claim) || json_array_size(claim) == 0)
		return "mky is not an array of fingerprints";
	for (size_t i = 0; i < json_array_size(claim); i++) {
		if (!read_json(json_array_get(claim, i), &f))
			return "mky has what is not a fingerprint with alg and dig";
		if (!insert(mky_out, &f))
			return "mky has more than 16 fingerprints";
	}
	return NULL;
}

enum callerid_status cid_mky_of_text(const char *text, struct cid_mky *mky_out,
				     struct callerid_error *err)
{
	char object[TEXT_MAX * 2];
	size_t n = strnlen(text, TEXT_MAX);
	struct callerid_error why = {.status = CALLERID_ELIMIT};
	const char *trouble = "mky is not a JSON array";
	struct cid_writer w;
	json_t *root;

	cid_writer_init(&w, object, sizeof(object));
	cid_write_text(&w, "{\"mky\":");
	cid_write(&w, text, n);
	cid_write(&w, "}", 1);
	root = w.full || n == TEXT_MAX ? NULL : cid_json_load(object, w.len, &why);
	if (root == NULL && why.status == CALLERID_ENOMEM)
		return cid_fail(err, CALLERID_ENOMEM, "mky", "no memory");
	if (json_object_size(root) == 1)
		trouble = cid_mky_of_json(json_object_get(root, "mky"), mky_out);
	json_decref(root);
	return trouble == NULL ? CALLERID_OK : cid_fail(err, CALLERID_EINVAL, "mky", "%s", trouble);
}

char *cid_mky_text(const struct cid_mky *mky)
{
	char text[TEXT_MAX];
	struct cid_writer w;

	cid_writer_init(&w, text, sizeof(text));
	for (size_t i = 0; i < mky->n; i++) {
		cid_write_text(&w, i == 0 ? "[{\"alg\":\"" : ",{\"alg\":\"");
		cid_write_text(&w, mky->at[i].alg);
		cid_write_text(&w, "\",\"dig\":\"");
		cid_write_text(&w, mky->at[i].dig);
		cid_write_text(&w, "\"}");
	}
	cid_write(&w, "]", 1);
	return strndup(text, w.len);
}

enum callerid_status callerid_mky_from_sdp(const char *sdp, size_t len, char **mky_out,
					   struct callerid_error *err)
{
	struct cid_mky mky;
	enum callerid_status status = cid_mky_of_sdp((struct callerid_span){sdp, len}, &mky, err);
	char *text;

	if (status != CALLERID_OK)
		return status;
	text = mky.n > 0 ? cid_mky_text(&mky) : NULL;
	if (mky.n > 0 && text == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "mky", "no memory");
	*mky_out = text;
	return CALLERID_OK;
}
