/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the certificates of a file as a tree, the highest on top: whose, how long, for what. */
#include "inspect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <callerid/tnauthlist.h>
#include <callerid/verification.h>

#define TNAUTHLIST_OID	 "1.3.6.1.5.5.7.1.26"
#define CONSTRAINTS_OID	 "1.3.6.1.5.5.7.1.27"
#define ENHANCED_OID	 "1.3.6.1.5.5.7.1.33"
#define CERTS_MAX	 20
#define ENTRIES_SHOWN	 12
#define CONSTRAINTS_TEXT 300
#define DEPTH_MAX	 8

/* Where lines go: to the terminal, or into a JSON object. */
struct sink {
	const char *prefix;
	json_t *object;
};

/* What there is but once. */
static void put_one(const struct sink *to, const char *label, const char *text)
{
	if (to->object != NULL)
		json_object_set_new(to->object, label, json_string(text));
	else
		inspect_line(to->prefix, label, text);
}

/* One of several: an array in JSON. */
static void put(const struct sink *to, const char *label, const char *text)
{
	json_t *list;

	if (to->object == NULL) {
		inspect_line(to->prefix, label, text);
		return;
	}
	list = json_object_get(to->object, label);
	if (list == NULL) {
		json_object_set_new(to->object, label, json_array());
		list = json_object_get(to->object, label);
	}
	json_array_append_new(list, json_string(text));
}

static void put_name(const struct sink *to, const char *label, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char text[301] = "";
	int n;

	/* XN_FLAG_ONELINE escapes what is not printable ASCII. */
	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE) >= 0) {
		n = BIO_read(bio, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
	}
	BIO_free(bio);
	put_one(to, label, text);
}

static bool seconds_of(const ASN1_TIME *time, int64_t *at_out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*at_out = timegm(&tm);
	return true;
}

static void put_time(const struct sink *to, const char *label, const ASN1_TIME *time, int64_t now)
{
	int64_t at = 0;

	if (!seconds_of(time, &at))
		put_one(to, label, "?");
	else if (to->object != NULL)
		json_object_set_new(to->object, label, json_integer(at));
	else
		inspect_time(to->prefix, label, at, now);
}

/* The value of an extension; NULL when it is not there. */
static const ASN1_OCTET_STRING *extension(const X509 *cert, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = object != NULL ? X509_get_ext_by_OBJ(cert, object, -1) : -1;

	ASN1_OBJECT_free(object);
	return at >= 0 ? X509_EXTENSION_get_data(X509_get_ext(cert, at)) : NULL;
}

static void put_entry(const struct sink *to, const struct callerid_tnauth_entry *entry)
{
	char text[120];

	snprintf(text, sizeof(text), "%s", entry->text);
	if (entry->kind == CALLERID_TNAUTH_RANGE)
		snprintf(text, sizeof(text), "%s and the next %" PRIu64, entry->text,
			 entry->count - 1);
	put(to, entry->kind == CALLERID_TNAUTH_SPC ? "spc" : "numbers", text);
}

static void put_scope(const struct sink *to, const X509 *cert)
{
	const ASN1_OCTET_STRING *data = extension(cert, TNAUTHLIST_OID);
	struct callerid_tnauthlist *list = NULL;
	char text[60];
	size_t n;

	if (data == NULL)
		return;
	if (callerid_tnauthlist_parse(ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data),
				      &list, NULL) != CALLERID_OK) {
		put(to, "numbers", "a TNAuthList that cannot be read");
		return;
	}
	n = callerid_tnauthlist_count(list);
	for (size_t i = 0; i < n && i < ENTRIES_SHOWN; i++)
		put_entry(to, callerid_tnauthlist_at(list, i));
	if (n > ENTRIES_SHOWN) {
		snprintf(text, sizeof(text), "... and %zu more entries", n - ENTRIES_SHOWN);
		put(to, "numbers", text);
	}
	callerid_tnauthlist_free(list);
}

/* One line of constraints while it is made: names, or a name and its values. */
struct phrase {
	char text[CONSTRAINTS_TEXT];
	size_t n;
};

static void append(struct phrase *phrase, const char *before, const unsigned char *text, long len)
{
	int n = snprintf(phrase->text + phrase->n, sizeof(phrase->text) - phrase->n, "%s%.*s",
			 phrase->n > 0 ? before : "", (int)len, (const char *)text);

	if (n > 0)
		phrase->n += (size_t)n;
	if (phrase->n >= sizeof(phrase->text))
		phrase->n = sizeof(phrase->text) - 1;
}

/* Gathers every text below; a claim's name (IA5String) is set apart from values (UTF8String). */
static bool gather(struct phrase *phrase, const unsigned char *p, long n, int depth)
{
	const unsigned char *end = p + n;

	while (p < end && depth < DEPTH_MAX) {
		long len = 0;
		int tag = 0, kind = 0;
		int flags = ASN1_get_object(&p, &len, &tag, &kind, (long)(end - p));

		if ((flags & 0x80) != 0 || len > end - p)
			return false;
		if ((flags & V_ASN1_CONSTRUCTED) != 0) {
			if (!gather(phrase, p, len, depth + 1))
				return false;
		} else if (tag == V_ASN1_IA5STRING) {
			append(phrase, ", ", p, len);
		} else if (tag == V_ASN1_UTF8STRING) {
			append(phrase, " ", p, len);
		}
		p += len;
	}
	return p == end;
}

/* RFC 8226 §8, RFC 9118 §3: [0] mustInclude, [1] permittedValues, [2] mustExclude. */
static bool put_rules(const struct sink *to, const ASN1_OCTET_STRING *data)
{
	static const char *const labels[] = {"requires", "permits", "excludes"};
	const unsigned char *p = ASN1_STRING_get0_data(data);
	const unsigned char *end = p + ASN1_STRING_length(data);
	int tag = 0, kind = 0;
	long len = 0;

	if ((ASN1_get_object(&p, &len, &tag, &kind, (long)(end - p)) & 0x80) != 0 ||
	    tag != V_ASN1_SEQUENCE || len != end - p)
		return false;
	while (p < end) {
		struct phrase phrase = {.n = 0};

		if ((ASN1_get_object(&p, &len, &tag, &kind, (long)(end - p)) & 0x80) != 0 ||
		    kind != V_ASN1_CONTEXT_SPECIFIC || tag > 2 || len > end - p ||
		    !gather(&phrase, p, len, 0))
			return false;
		put(to, labels[tag], phrase.text);
		p += len;
	}
	return true;
}

static void put_constraints(const struct sink *to, const X509 *cert)
{
	static const char *const oids[] = {CONSTRAINTS_OID, ENHANCED_OID};

	for (size_t i = 0; i < 2; i++) {
		const ASN1_OCTET_STRING *data = extension(cert, oids[i]);

		if (data != NULL && !put_rules(to, data))
			put(to, "requires", "claim constraints that cannot be read");
	}
}

static void put_certificate(const struct sink *to, X509 *cert, X509 *above, int64_t now)
{
	if (above == NULL)
		put_name(to, "issuer", X509_get_issuer_name(cert));
	else if (X509_check_issued(above, cert) != X509_V_OK)
		put_one(to, "issuer", "not the one above");
	if (X509_check_ca(cert) > 0)
		put_one(to, "may", "issue certificates");
	put_time(to, "from", X509_get0_notBefore(cert), now);
	put_time(to, "until", X509_get0_notAfter(cert), now);
	put_scope(to, cert);
	put_constraints(to, cert);
}

/* From the last of the file, which is the highest, down to the signer's. */
static void draw(STACK_OF(X509) * certs, int64_t now)
{
	char prefix[INSPECT_PREFIX_MAX] = "", below[INSPECT_PREFIX_MAX];
	char head[INSPECT_PREFIX_MAX + 4];
	X509 *above = NULL;

	for (int i = sk_X509_num(certs) - 1; i >= 0; i--) {
		X509 *cert = sk_X509_value(certs, i);
		struct sink to = {.prefix = head};

		snprintf(head, sizeof(head), "%s`- ", prefix);
		put_name(&to, "subject", X509_get_subject_name(cert));
		inspect_indent(below, prefix, true);
		to.prefix = below;
		put_certificate(&to, cert, above, now);
		above = cert;
		memcpy(prefix, below, sizeof(prefix));
	}
}

/* Signer first, as in the file. */
static void add_json(STACK_OF(X509) * certs, int64_t now, json_t *json)
{
	json_t *list = json_array();

	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);
		struct sink to = {.object = json_object()};

		put_name(&to, "subject", X509_get_subject_name(cert));
		put_certificate(&to, cert, NULL, now);
		json_array_append_new(list, to.object);
	}
	json_array_append_new(json, list);
}

static STACK_OF(X509) * read_certificates(const char *path)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	struct io_bytes file = {0};
	X509 *cert;
	BIO *bio;

	if (certs == NULL || !io_read_file(path, IO_FILE_MAX, &file)) {
		sk_X509_free(certs);
		return NULL;
	}
	bio = BIO_new_mem_buf(file.p, (int)file.n);
	while (bio != NULL && sk_X509_num(certs) < CERTS_MAX &&
	       (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(certs, cert) == 0)
			X509_free(cert);
	BIO_free(bio);
	io_bytes_clear(&file);
	return certs;
}

bool inspect_certificates(const char *path, int64_t now, json_t *json)
{
	STACK_OF(X509) *certs = read_certificates(path);
	bool any = certs != NULL && sk_X509_num(certs) > 0;

	if (certs != NULL && !any)
		cli_say(CLI_USAGE, "%s: no certificate in it", path);
	if (any && json != NULL)
		add_json(certs, now, json);
	if (any && json == NULL) {
		printf("certificates of %.200s, unproven:\n", path);
		draw(certs, now);
	}
	sk_X509_pop_free(certs, X509_free);
	return any;
}
