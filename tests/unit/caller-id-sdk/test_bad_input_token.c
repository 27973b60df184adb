/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: tokens whose base64, algorithm, signature or key is wrong. */
#include "tests/kit/bounds.h"

#include "b64url.h"
#include "jws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITH_ALG(alg)                                                                              \
	"{\"alg\":" alg ",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}"
#define WITH(more)                                                                                 \
	"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"," more \
	"}"

#define BAD_ALG	    CALLERID_REASON_BAD_ALG, CALLERID_CHECK_PASSPORT, "alg is not ES256"
#define IN_HEADER   CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_PASSPORT
#define IN_PAYLOAD  CALLERID_REASON_BAD_PASSPORT, CALLERID_CHECK_CLAIMS
#define IN_IDENTITY CALLERID_REASON_BAD_HEADER, CALLERID_CHECK_HEADER
#define PASSES	    CALLERID_REASON_OK, CALLERID_CHECK_PRESENT, NULL

/* RFC 8225 §6: ES256; RFC 8725 §3.1: no other algorithm is ever tried. RFC 7515 §4.1.11: crit. */
static const struct bad_row headers[] = {
	{"alg_none", WITH_ALG("\"none\""), NULL, BAD_ALG},
	{"alg_none_spelt_otherwise", WITH_ALG("\"nOnE\""), NULL, BAD_ALG},
	{"alg_hs256", WITH_ALG("\"HS256\""), NULL, BAD_ALG},
	{"alg_es384", WITH_ALG("\"ES384\""), NULL, BAD_ALG},
	{"alg_es256k", WITH_ALG("\"ES256K\""), NULL, BAD_ALG},
	{"alg_rs256", WITH_ALG("\"RS256\""), NULL, BAD_ALG},
	{"alg_ps256", WITH_ALG("\"PS256\""), NULL, BAD_ALG},
	{"alg_eddsa", WITH_ALG("\"EdDSA\""), NULL, BAD_ALG},
	{"alg_in_lower_case", WITH_ALG("\"es256\""), NULL, BAD_ALG},
	{"alg_empty", WITH_ALG("\"\""), NULL, IN_HEADER, "alg is missing or not a name"},
	{"alg_null", WITH_ALG("null"), NULL, IN_HEADER, "alg is missing or not a name"},
	{"crit_of_a_name_that_nobody_knows", WITH("\"crit\":[\"exp\"],\"exp\":1"), NULL, IN_HEADER,
	 "the JOSE header has crit"},
	{"crit_that_is_empty", WITH("\"crit\":[]"), NULL, IN_HEADER, "the JOSE header has crit"},
	{"crit_of_b64", WITH("\"crit\":[\"b64\"],\"b64\":false"), NULL, IN_HEADER,
	 "the JOSE header has crit"},
	{"embedded_jwk",
	 WITH("\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}"), NULL,
	 IN_HEADER, "the JOSE header carries its own key"},
	{"embedded_jwk_that_is_null", WITH("\"jwk\":null"), NULL, IN_HEADER,
	 "the JOSE header carries its own key"},
	/* Others say where a key is: they are not looked at, and the certificate of x5u decides. */
	{"jku_and_kid_are_not_looked_at",
	 WITH("\"jku\":\"https://evil.example.org/\",\"kid\":\"../../etc/passwd\""), NULL, PASSES},
	{"x5c_that_is_not_enabled_is_not_looked_at", WITH("\"x5c\":[\"AAAA\"]"), NULL, PASSES},
	{"x5c_of_another_kind_that_is_not_enabled", WITH("\"x5c\":{\"a\":[[]]}"), NULL, PASSES},
};

/* header.payload.signature of two parts as they are, well signed; the caller's. */
static char *sign_parts(EVP_PKEY *key, const char *header, const char *payload)
{
	uint8_t raw[CID_ES256_LEN];
	char signature[CID_ES256_B64_LEN + 1] = "", *input = NULL, *text = NULL;

	assert_true(asprintf(&input, "%s.%s", header, payload) > 0);
	assert_int_equal(cid_es256_sign(key, input, strlen(input), raw, NULL), CALLERID_OK);
	(void)cid_b64url_encode(raw, sizeof(raw), signature);
	assert_true(asprintf(&text, "%s.%s", input, signature) > 0);
	free(input);
	return text;
}

#define ROOM 8 /* for what is put behind a part */

static char *encode(const char *text)
{
	char *out = calloc(1, CID_B64URL_LEN(strlen(text)) + ROOM);

	(void)cid_b64url_encode(text, strlen(text), out);
	return out;
}

/* The last character gets a bit that belongs to no byte. */
static void put_stray_bit(char *part)
{
	static const char all[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t n = strlen(part);

	assert_int_not_equal(n % 4, 0);
	part[n - 1] = all[(strchr(all, part[n - 1]) - all) | 1];
}

#define STRAY_BIT  ""
#define IMPOSSIBLE "?" /* a length that no number of bytes has */

static void spoil(char *part, const char *end)
{
	size_t n = strlen(part);

	if (strcmp(end, STRAY_BIT) == 0) {
		put_stray_bit(part);
	} else if (strcmp(end, IMPOSSIBLE) == 0) {
		while (n % 4 != 1)
			part[n++] = 'A';
	} else {
		memcpy(part + n, end, strlen(end));
	}
}

/* One part is spoiled before it is signed: nothing else is wrong. The row says with what. */
static void put_spoiled(struct scene *s, const struct bad_row *row)
{
	char *header = encode(WITH("\"q\":\"\"")), *payload = encode(SCENE_PAYLOAD);

	if (row->header != NULL)
		spoil(header, row->header);
	if (row->payload != NULL)
		spoil(payload, row->payload);
	scene_add(s, scene_join(sign_parts(s->world.leaf.key, header, payload), SCENE_PARAMETERS));
	free(header);
	free(payload);
}

#define NO_B64_CHAR IN_IDENTITY, "a character that is not base64url"
#define NO_HEADER   IN_HEADER, "the JOSE header is not base64url"
#define NO_PAYLOAD  IN_PAYLOAD, "the payload is not base64url"
#define THREE_PARTS IN_IDENTITY, "fewer than three parts"

/* RFC 7515 §2: base64url "with all trailing '=' characters omitted [...] and without the inclusion
 * of any line breaks, whitespace, or other additional characters". */
static const struct bad_row spoiled[] = {
	{"stray_bit_at_the_end_of_the_header", STRAY_BIT, NULL, NO_HEADER},
	{"stray_bit_at_the_end_of_the_payload", NULL, STRAY_BIT, NO_PAYLOAD},
	{"header_of_an_impossible_length", IMPOSSIBLE, NULL, NO_HEADER},
	{"payload_of_an_impossible_length", NULL, IMPOSSIBLE, NO_PAYLOAD},
	{"padded_header", "=", NULL, NO_B64_CHAR},
	{"padded_payload", NULL, "==", NO_B64_CHAR},
	{"plus_in_the_header", "+AA", NULL, NO_B64_CHAR},
	{"plus_in_the_payload", NULL, "+AA", NO_B64_CHAR},
	{"slash_in_the_header", "/AA", NULL, NO_B64_CHAR},
	{"slash_in_the_payload", NULL, "/AA", NO_B64_CHAR},
	{"space_behind_the_header", " ", NULL, THREE_PARTS},
	{"space_behind_the_payload", NULL, " ", THREE_PARTS},
	{"folding_behind_the_payload", NULL, "\r\n A", THREE_PARTS},
	{"high_bit_in_the_header", "\xc1", NULL, NO_B64_CHAR},
	{"high_bit_in_the_payload", NULL, "\xc1", NO_B64_CHAR},
};

/* The good token with another text for its signature. */
static void put_signature(struct scene *s, const char *signature)
{
	char *token = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
	char *text = NULL;

	*strrchr(token, '.') = '\0';
	assert_true(asprintf(&text, "%s.%s" SCENE_PARAMETERS, token, signature) > 0);
	free(token);
	scene_add(s, text);
}

/* row->payload is the signature in hexadecimal. */
static void put_hex(struct scene *s, const struct bad_row *row)
{
	size_t n = strlen(row->payload) / 2;
	uint8_t *bytes = calloc(1, n + 1);
	char *text = calloc(1, CID_B64URL_LEN(n) + 1);

	for (size_t i = 0; i < n; i++) {
		char byte[3] = {row->payload[2 * i], row->payload[2 * i + 1], '\0'};

		bytes[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	(void)cid_b64url_encode(bytes, n, text);
	put_signature(s, text);
	free(bytes);
	free(text);
}

/* The right signature as DER, which JOSE does not use (RFC 7518 §3.4). */
static void put_der(struct scene *s, const struct bad_row *row)
{
	char *token = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);
	char text[160] = "";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[80];
	size_t n = sizeof(der);

	(void)row;
	*strrchr(token, '.') = '\0';
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->world.leaf.key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, (const unsigned char *)token, strlen(token)),
			 1);
	EVP_MD_CTX_free(ctx);
	(void)cid_b64url_encode(der, n, text);
	scene_add(s, scene_join(scene_join(scene_join(token, "."), text), SCENE_PARAMETERS));
}

/* The right signature, whose last character says something else in bits that no byte has. */
static void put_stray(struct scene *s, const struct bad_row *row)
{
	char *token = kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD);

	(void)row;
	put_stray_bit(token);
	scene_add(s, scene_join(token, SCENE_PARAMETERS));
}

static void put_padded(struct scene *s, const struct bad_row *row)
{
	(void)row;
	scene_add(s, scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, SCENE_PAYLOAD),
				"==" SCENE_PARAMETERS));
}

static void put_unsigned(struct scene *s, const struct bad_row *row)
{
	(void)row;
	put_signature(s, "");
}

#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE  "0000000000000000000000000000000000000000000000000000000000000001"
#define N    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define N_1  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"
#define LAST "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define FULL "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

#define B16  "01010101010101010101010101010101"
#define B32  B16 B16
#define B256 B32 B32 B32 B32 B32 B32 B32 B32

#define BY_SIGNATURE CALLERID_REASON_BAD_SIGNATURE, CALLERID_CHECK_SIGNATURE
#define REFUSED	     BY_SIGNATURE, "it is not the certificate's over these bytes"
#define NO_RANGE     BY_SIGNATURE, "R and S of the signature are not from 1 to n - 1"
#define NOT_64	     BY_SIGNATURE, "the signature is not 64 bytes in base64url"

/* RFC 7518 §3.4, and SEC 1 §4.1.4: r and s lie in 1 to n - 1. */
static const struct bad_row signatures[] = {
	{"r_and_s_are_0", NULL, ZERO ZERO, NO_RANGE},
	{"r_is_0", NULL, ZERO ONE, NO_RANGE},
	{"s_is_0", NULL, ONE ZERO, NO_RANGE},
	{"r_is_n", NULL, N ONE, NO_RANGE},
	{"s_is_n", NULL, ONE N, NO_RANGE},
	{"r_and_s_are_n", NULL, N N, NO_RANGE},
	{"r_is_n_plus_1", NULL, N_1 ONE, NO_RANGE},
	{"s_is_n_plus_1", NULL, ONE N_1, NO_RANGE},
	{"r_and_s_are_1", NULL, ONE ONE, REFUSED},
	{"r_and_s_are_n_minus_1", NULL, LAST LAST, REFUSED},
	{"r_and_s_are_all_ones", NULL, FULL FULL, NO_RANGE},
	{"signature_of_one_byte", NULL, "01", NOT_64},
	{"signature_of_63_bytes", NULL, B32 B16 "010101010101010101010101010101", NOT_64},
	{"signature_of_65_bytes", NULL, B32 B32 "01", NOT_64},
	{"signature_of_96_bytes", NULL, B32 B32 B32, NOT_64},
	{"signature_of_2048_bytes", NULL, B256 B256 B256 B256 B256 B256 B256 B256, NOT_64},
};

static const struct bad_row der[] = {{"der_signature_that_is_right", NULL, NULL, NOT_64}};
static const struct bad_row stray[] = {{"stray_bits_behind_the_signature", NULL, NULL, NOT_64}};
static const struct bad_row padded[] = {{"padded_signature", NULL, NULL, NO_B64_CHAR}};
static const struct bad_row empty[] = {{"no_signature", NULL, NULL, IN_IDENTITY, "an empty part"}};

/* x5c, taken by policy, of what is no certificate: what stands at x5u decides. */
static void put_x5c(struct scene *s, const struct bad_row *row)
{
	s->policy.accept_x5c = true;
	scene_add_token(s, row->header, SCENE_PAYLOAD);
}

#define A4  "\"AAAA\",\"AAAA\",\"AAAA\",\"AAAA\","
#define A16 A4 A4 A4 A4

static const struct bad_row x5c[] = {
	{"x5c_enabled_of_junk", WITH("\"x5c\":[\"AAAA\"]"), NULL, PASSES},
	{"x5c_enabled_that_is_a_string", WITH("\"x5c\":\"AAAA\""), NULL, PASSES},
	{"x5c_enabled_that_is_empty", WITH("\"x5c\":[]"), NULL, PASSES},
	{"x5c_enabled_of_64", WITH("\"x5c\":[" A16 A16 A16 A16 "\"AAAA\"]"), NULL, PASSES},
	{"x5c_enabled_of_objects", WITH("\"x5c\":[{},[],null]"), NULL, PASSES},
};

int main(void)
{
	const struct bad_table tables[] = {
		BAD_TABLE(headers, bad_put_token), BAD_TABLE(spoiled, put_spoiled),
		BAD_TABLE(signatures, put_hex),	   BAD_TABLE(der, put_der),
		BAD_TABLE(stray, put_stray),	   BAD_TABLE(padded, put_padded),
		BAD_TABLE(empty, put_unsigned),	   BAD_TABLE(x5c, put_x5c),
	};

	return bad_run(tables, BAD_N_OF(tables), NULL, 0);
}
