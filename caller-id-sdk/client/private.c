/* SPDX-License-Identifier: Apache-2.0 */
/* Private look-ups: one bucket asked for, the number found in it here (docs/api/registry.md). */
#include <callerid/client_lookup.h>

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/number.h>
#include <openssl/evp.h>

#define DIGITS_MAX    CALLERID_E164_MAX
#define DIGITS_MIN    CALLERID_MIN_DIGITS /* shorter ones belong to nobody */
#define SHARED_DIGITS 3			  /* the last ones, which the bucket does not depend on */
#define KEYS	      4 /* the number, and the blocks of 10, 100 and 1,000 it is in */
#define HASH	      32
#define BITS	      16 /* of the hash that name the bucket */

/* An entry's bytes. */
enum { TAG = 0, TAG_SIZE = 8, FLAGS = 8, LABEL = 9, NAME_SIZE = 10, LOGO = 16, LOGO_SIZE = 32 };
enum { NAME = LOGO + LOGO_SIZE, ENTRY = NAME + CALLERID_PRIVATE_NAME_MAX };
enum { USED = 1, BRAND = 2, HAS_LOGO = 4, STRICT = 8, HIDDEN = 16 };

/* The bucket last asked for, and what buckets are like there. */
struct client_bucket {
	bool described;
	char prefix[5];
	struct callerid_answer answer; /* body NULL: none yet */
};

void client_bucket_free(struct client_bucket *bucket)
{
	if (!bucket)
		return;
	callerid_answer_clear(&bucket->answer);
	free(bucket);
}

/* SHA-256 of a word, a zero byte and the text. */
static bool hash(const char *word, const char *text, size_t len, unsigned char hash_out[HASH])
{
	unsigned char bytes[64];
	size_t at = strlen(word) + 1;

	memcpy(bytes, word, at);
	memcpy(bytes + at, text, len);
	return EVP_Digest(bytes, at + len, hash_out, NULL, EVP_sha256(), NULL) == 1;
}

static bool take_digits(const char *number, char digits_out[DIGITS_MAX + 1])
{
	size_t n;

	number += number[0] == '+';
	n = strspn(number, "0123456789");
	if (number[n] != 0 || n < DIGITS_MIN || n > DIGITS_MAX || number[0] == '0')
		return false;
	memcpy(digits_out, number, n + 1);
	return true;
}

/* What another format would be misread as. */
static enum callerid_status check_description(const struct callerid_client *client,
					      const struct callerid_answer *answer,
					      struct callerid_error *err)
{
	json_t *json = json_loadb(answer->body, answer->body_len, 0, NULL);
	bool known = json_integer_value(json_object_get(json, "bits")) == BITS &&
		     json_integer_value(json_object_get(json, "entry_bytes")) == ENTRY;

	json_decref(json);
	return known ? CALLERID_OK
		     : client_fail(err, CALLERID_ESYNTAX,
				   "the buckets of %.100s are not known here", client->authority);
}

static enum callerid_status describe(struct callerid_client *client, struct client_bucket *bucket,
				     struct callerid_error *err)
{
	const struct callerid_request request = {.method = "GET", .path = "/v1/buckets"};
	struct callerid_answer answer = {.http_status = 0};
	enum callerid_status status = client_send_bare(client, &request, &answer, err);

	if (status == CALLERID_OK && answer.http_status != 200)
		status = client_refused(client, &answer, err);
	if (status == CALLERID_OK)
		status = check_description(client, &answer, err);
	bucket->described = status == CALLERID_OK;
	callerid_answer_clear(&answer);
	return status;
}

/* The bucket as it is now: the one that is kept when it has not changed. */
static enum callerid_status fetch(struct callerid_client *client, struct client_bucket *bucket,
				  const char *prefix, struct callerid_error *err)
{
	bool kept = bucket->answer.body && strcmp(bucket->prefix, prefix) == 0;
	char path[32];
	const struct callerid_request request = {
		.method = "GET",
		.path = path,
		.if_none_match = kept && bucket->answer.etag[0] ? bucket->answer.etag : NULL};
	struct callerid_answer answer = {.http_status = 0};
	enum callerid_status status;

	snprintf(path, sizeof(path), "/v1/buckets/%s", prefix);
	status = client_send_bare(client, &request, &answer, err);
	if (status == CALLERID_OK && answer.http_status == 304 && kept) {
		callerid_answer_clear(&answer);
		return CALLERID_OK;
	}
	if (status == CALLERID_OK && answer.http_status != 200)
		status = client_refused(client, &answer, err);
	else if (status == CALLERID_OK && (answer.body_len == 0 || answer.body_len % ENTRY != 0))
		status = client_fail(err, CALLERID_ESYNTAX, "the bucket of %.100s is cut",
				     client->authority);
	if (status != CALLERID_OK) {
		callerid_answer_clear(&answer);
		return status;
	}
	callerid_answer_clear(&bucket->answer);
	bucket->answer = answer;
	snprintf(bucket->prefix, sizeof(bucket->prefix), "%s", prefix);
	return CALLERID_OK;
}

static const char *label_name(unsigned char label)
{
	/* In the order of the reports' labels, GET /v1/reason-codes. */
	static const char *const names[] = {
		"none",	  "fraud", "impersonation", "robocall", "telemarketing", "political",
		"survey", "debt",  "silent",	    "nuisance", "wanted"};

	if (label == 255)
		return "spoofed";
	return label < sizeof(names) / sizeof(names[0]) ? names[label] : "none";
}

static void take_brand(const unsigned char *entry, struct callerid_private *private)
{
	unsigned char flags = entry[FLAGS];
	size_t n = entry[NAME_SIZE];

	if (!(flags & BRAND) || n > CALLERID_PRIVATE_NAME_MAX)
		return;
	memcpy(private->name, entry + NAME, n);
	private->strict = flags & STRICT;
	for (size_t i = 0; flags & HAS_LOGO && i < LOGO_SIZE; i++)
		snprintf(private->logo_sha256 + 2 * i, 3, "%02x", entry[LOGO + i]);
}

/* A narrower entry goes before a wider one, for the brand and for the label apart. The narrowest
 * that has a brand or hides those of wider ones decides. */
static void merge(const unsigned char *entry, bool *decided, struct callerid_private *private)
{
	if (strcmp(private->label, "none") == 0)
		snprintf(private->label, sizeof(private->label), "%s", label_name(entry[LABEL]));
	if (!*decided)
		take_brand(entry, private);
	*decided = *decided || (entry[FLAGS] & (BRAND | HIDDEN));
}

static bool search(const struct callerid_answer *bucket, const char *digits,
		   struct callerid_private *private)
{
	char key[DIGITS_MAX + 1];
	unsigned char tag[HASH];
	size_t len = strlen(digits);
	bool decided = false;

	memcpy(key, digits, len + 1);
	for (size_t i = 0; i < KEYS; i++) {
		if (i > 0)
			key[len - i] = 'x'; /* a block: the digits its numbers have in common */
		if (!hash("attestel-entry-1", key, len, tag))
			return false;
		for (size_t at = 0; at + ENTRY <= bucket->body_len; at += ENTRY) {
			const unsigned char *entry = (const unsigned char *)bucket->body + at;
			if ((entry[FLAGS] & USED) && memcmp(entry + TAG, tag, TAG_SIZE) == 0)
				merge(entry, &decided, private);
		}
	}
	/* Of a number that shows nothing nobody learns more than of one that is not there. */
	private->found = private->name[0] || strcmp(private->label, "none") != 0;
	return true;
}

enum callerid_status callerid_client_lookup_private(struct callerid_client *client,
						    const char *number,
						    struct callerid_private *private_out,
						    struct callerid_error *err)
{
	char digits[DIGITS_MAX + 1], prefix[5];
	unsigned char digest[HASH];
	enum callerid_status status = CALLERID_OK;

	*private_out = (struct callerid_private){.label = "none"};
	client->problem = (struct callerid_problem){.http_status = 0};
	if (!number || !take_digits(number, digits))
		return client_fail(err, CALLERID_EINVAL,
				   "a number is + with the country code, as in +12155551212");
	if (!client->bucket)
		client->bucket = calloc(1, sizeof(*client->bucket));
	if (!client->bucket)
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	if (!hash("attestel-bucket-1", digits, strlen(digits) - SHARED_DIGITS, digest))
		return client_fail(err, CALLERID_ECRYPTO, "OpenSSL refused a hash");
	snprintf(prefix, sizeof(prefix), "%02x%02x", digest[0], digest[1]);
	if (!client->bucket->described)
		status = describe(client, client->bucket, err);
	if (status == CALLERID_OK)
		status = fetch(client, client->bucket, prefix, err);
	if (status == CALLERID_OK && !search(&client->bucket->answer, digits, private_out))
		status = client_fail(err, CALLERID_ECRYPTO, "OpenSSL refused a hash");
	return status;
}
