/* SPDX-License-Identifier: Apache-2.0 */
/* DER written by hand: a short notation for the bytes of a certificate, right or wrong. */
#include "tests/kit/dertext.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/x509.h>

#define POINT_MAX 133 /* an uncompressed one on P-521 */

static void must(int good)
{
	if (good)
		return;
	fprintf(stderr, "tests/kit/dertext.c: a test writes what is no notation\n");
	abort();
}

void kit_der_put(struct kit_der *to, const void *p, size_t n)
{
	must(to->n + n <= KIT_DER_MAX);
	memcpy(to->p + to->n, p, n);
	to->n += n;
}

void kit_der_put_tlv(struct kit_der *to, uint8_t tag, const struct kit_der *content)
{
	uint8_t head[4] = {tag, 0x82, (uint8_t)(content->n >> 8), (uint8_t)content->n};
	size_t n = 4;

	if (content->n < 0x80) {
		head[1] = (uint8_t)content->n;
		n = 2;
	} else if (content->n < 0x100) {
		head[1] = 0x81;
		head[2] = (uint8_t)content->n;
		n = 3;
	}
	kit_der_put(to, head, n);
	kit_der_put(to, content->p, content->n);
}

static size_t point_of(EVP_PKEY *key, uint8_t out[POINT_MAX])
{
	size_t n = 0;

	must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, POINT_MAX, &n) ==
	     1);
	return n;
}

static void put_hash(struct kit_der *to, EVP_PKEY *key)
{
	uint8_t point[POINT_MAX], digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	must(EVP_Digest(point, point_of(key, point), digest, &n, EVP_sha1(), NULL) == 1);
	kit_der_put(to, digest, n);
}

static void put_key(struct kit_der *to, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	must(n > 0);
	kit_der_put(to, der, (size_t)n);
	OPENSSL_free(der);
}

static void put_letter(struct kit_der *to, char letter, const struct kit_der_keys *keys)
{
	uint8_t point[POINT_MAX];

	switch (letter) {
	case 'K':
		kit_der_put(to, point, point_of(keys->own, point));
		break;
	case 'S':
		put_hash(to, keys->own);
		break;
	case 'A':
		put_hash(to, keys->issuer);
		break;
	default:
		put_key(to, keys->other);
	}
}

static uint8_t hex_of(char c)
{
	must(isdigit((unsigned char)c) || (c >= 'a' && c <= 'f'));
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static const char *compile(const char *text, struct kit_der *to, const struct kit_der_keys *keys);

/* One byte in hexadecimal, and the braces when it is a tag. */
static const char *compile_byte(const char *text, struct kit_der *to,
				const struct kit_der_keys *keys)
{
	uint8_t byte = (uint8_t)(hex_of(text[0]) << 4 | hex_of(text[1]));
	struct kit_der inner = {0};

	text += 2;
	if (*text != '{') {
		kit_der_put(to, &byte, 1);
		return text;
	}
	text = compile(text + 1, &inner, keys);
	must(*text == '}');
	kit_der_put_tlv(to, byte, &inner);
	return text + 1;
}

/* Up to the end or a closing brace; where that is. */
static const char *compile(const char *text, struct kit_der *to, const struct kit_der_keys *keys)
{
	while (*text != '\0' && *text != '}') {
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			const char *end = strchr(text + 1, '\'');

			must(end != NULL);
			kit_der_put(to, text + 1, (size_t)(end - text - 1));
			text = end + 1;
		} else if (strchr("KSAP", *text) != NULL) {
			put_letter(to, *text++, keys);
		} else {
			text = compile_byte(text, to, keys);
		}
	}
	return text;
}

void kit_der_compile(const char *text, const struct kit_der_keys *keys, struct kit_der *to)
{
	must(*compile(text, to, keys) == '\0');
}
