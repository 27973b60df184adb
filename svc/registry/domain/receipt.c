/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and reading receipts: fields between dots, and an HMAC over them. */
#include "svc/registry/domain/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#define TAG_HEX	  64
#define NONCE_HEX (2 * RECEIPT_NONCE)
#define FIELDS	  6

const char *const provenance_names[PROVENANCES + 1] = {
	[PROVENANCE_VERIFIED] = "verified",
	[PROVENANCE_CLAIMED] = "claimed",
	[PROVENANCE_SPOOFED] = "spoofed",
};

static bool tag(const struct pairtag_key *key, const char *text, char hex_out[TAG_HEX + 1])
{
	uint8_t bytes[PAIRTAG_SIZE];

	if (!pairtag_make(key, "receipt", text, "", bytes))
		return false;
	id_hex(bytes, sizeof bytes, hex_out);
	return true;
}

bool receipt_write(const struct pairtag_key *key, const struct receipt *receipt,
		   char text_out[RECEIPT_MAX + 1])
{
	char nonce[NONCE_HEX + 1], hex[TAG_HEX + 1];

	id_hex(receipt->nonce, RECEIPT_NONCE, nonce);
	int n = snprintf(text_out, RECEIPT_MAX + 1, "%s.%s.%s.%d.%" PRId64 ".%s", receipt->number,
			 receipt->key, receipt->intent, receipt->provenance, receipt->issued_s,
			 nonce);
	if (n < 0 || n + 1 + TAG_HEX > RECEIPT_MAX || !tag(key, text_out, hex))
		return false;
	text_out[n] = '.';
	memcpy(text_out + n + 1, hex, TAG_HEX + 1);
	return true;
}

static bool hex_bytes(const char *hex, uint8_t *bytes_out, size_t n)
{
	unsigned byte;

	for (size_t i = 0; i < n; i++) {
		if (strspn(hex + 2 * i, "0123456789abcdef") < 2 ||
		    sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		bytes_out[i] = (uint8_t)byte;
	}
	return hex[2 * n] == 0;
}

/* Cuts the text at its dots. */
static bool split(char *text, char *fields[FIELDS])
{
	size_t n = 0;

	for (char *at = text; at != NULL && n < FIELDS; n++) {
		fields[n] = at;
		at = strchr(at, '.');
		if (at != NULL)
			*at++ = 0;
		else if (n + 1 < FIELDS)
			return false;
		else
			return true;
	}
	return false;
}

/* What we wrote ourselves: the HMAC has been checked. */
static bool read_fields(char *fields[FIELDS], struct receipt *receipt)
{
	long long provenance, issued;

	if (strlen(fields[0]) > CALLERID_TN_MAX || strlen(fields[1]) > ID_MAX ||
	    strlen(fields[2]) > ID_MAX || sscanf(fields[3], "%lld", &provenance) != 1 ||
	    sscanf(fields[4], "%lld", &issued) != 1 || provenance < 0 || provenance >= PROVENANCES)
		return false;
	snprintf(receipt->number, sizeof receipt->number, "%s", fields[0]);
	snprintf(receipt->key, sizeof receipt->key, "%s", fields[1]);
	snprintf(receipt->intent, sizeof receipt->intent, "%s", fields[2]);
	receipt->provenance = (enum provenance)provenance;
	receipt->issued_s = issued;
	return hex_bytes(fields[5], receipt->nonce, RECEIPT_NONCE);
}

bool receipt_read(const struct pairtag_key *key, const char *text, int64_t now_s,
		  struct receipt *receipt_out)
{
	char copy[RECEIPT_MAX + 1], hex[TAG_HEX + 1], *fields[FIELDS];
	size_t len = strnlen(text, RECEIPT_MAX + 1);

	if (len > RECEIPT_MAX || len < TAG_HEX + 1 || text[len - TAG_HEX - 1] != '.')
		return false;
	memcpy(copy, text, len + 1);
	copy[len - TAG_HEX - 1] = 0;
	if (!tag(key, copy, hex) || CRYPTO_memcmp(hex, text + len - TAG_HEX, TAG_HEX) != 0)
		return false;
	return split(copy, fields) && read_fields(fields, receipt_out) &&
	       receipt_out->issued_s <= now_s && now_s - receipt_out->issued_s <= RECEIPT_S;
}

bool receipt_id(const struct pairtag_key *key, const struct receipt *receipt,
		uint8_t id_out[RECEIPT_ID])
{
	char nonce[NONCE_HEX + 1];

	id_hex(receipt->nonce, RECEIPT_NONCE, nonce);
	return pairtag_make(key, "receipt-id", nonce, receipt->key, id_out);
}
