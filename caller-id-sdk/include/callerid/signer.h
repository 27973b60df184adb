/* SPDX-License-Identifier: Apache-2.0 */
/* Signing PASSporTs (RFC 8224 §6.1): claims in, the value of an Identity header out. */
#ifndef CALLERID_SIGNER_H
#define CALLERID_SIGNER_H

#include <callerid/passport.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A private key, its certificate and where that is published. Immutable; any number of threads. */
struct callerid_signer;

/*
 * For a private key that is kept elsewhere: in a PKCS#11 token (pkcs11.h), behind a network. digest
 * is the SHA-256 of what is signed; raw_out receives R and S (RFC 7518 §3.4), 32 bytes each, high
 * byte first, and is looked at only after CALLERID_OK. Every other status goes, with what the
 * function wrote to err (its text too), to who called callerid_signer_sign().
 *
 * It is called from callerid_signer_new(), once, and from callerid_signer_sign(), once, in the
 * thread that calls those; at the same time in several threads if the program signs in several.
 * The library holds no lock meanwhile and knows no deadline: the time it takes is the function's to
 * bound. Its signatures are verified before they are used.
 */
typedef enum callerid_status callerid_sign_digest(void *magic, const uint8_t digest[32],
						  uint8_t raw_out[64], struct callerid_error *err);

/* Of key_pem and sign exactly one is given, the other is NULL. */
struct callerid_signer_params {
	const char *key_pem; /* unencrypted PKCS#8 or SEC 1 P-256 private key */
	size_t key_len;
	const char *cert_pem; /* the certificate (and path) that x5u serves; must match the key */
	size_t cert_len;
	const char *x5u;	/* https URL, at most CALLERID_X5U_MAX bytes */
	const char *namespaces; /* of Resource-Priority, that rph may be signed for: "ets wps" */
	bool any_number;	/* sign numbers outside the TNAuthList too (the list has an SPC) */
	callerid_sign_digest *sign;
	void *magic; /* for sign; borrowed, and in use until callerid_signer_free() */
};

/*
 * The parameters are copied, magic's target is not; the caller wipes its own copy of the key. A key
 * given as PEM signs deterministically (RFC 6979): the same claims give the same token, and nothing
 * of a signature depends on the quality of random numbers. *signer_out is the caller's.
 *
 * CALLERID_EINVAL: a parameter is missing or too much, x5u is no https URL. CALLERID_ESYNTAX: the
 * key or the certificate cannot be read. CALLERID_ELIMIT: the certificate's file is over the limits
 * of verification.h. CALLERID_EPERM: a certificate that no verifier would take, or one that lists
 * more than its issuer's (RFC 9060 §5). CALLERID_ECRYPTO: not a P-256 key, or another one than the
 * certificate's. Whether the certificate is in date is asked when it signs.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_signer_new(const struct callerid_signer_params *params,
		    struct callerid_signer **signer_out, struct callerid_error *err);
CALLERID_API void callerid_signer_free(struct callerid_signer *signer); /* NULL is fine */

/* Seconds since 1970 between which the certificate is valid. */
CALLERID_API void callerid_signer_validity(const struct callerid_signer *signer,
					   int64_t *not_before_out, int64_t *not_after_out);

/*
 * Signs claims as the PASSporT type claims->ppt names ("" is the base PASSporT). Refuses with
 * CALLERID_EINVAL when a claim that the type needs is missing, and with CALLERID_EPERM when the
 * certificate is not valid at iat, does not cover orig (RFC 8224 §6.1 steps 1 and 3) or does not
 * permit a claim (RFC 8226 §8, RFC 9118 §3).
 * CALLERID_ELIMIT: a token over CALLERID_TOKEN_MAX. CALLERID_ECRYPTO: OpenSSL could not sign, or
 * params.sign brought back what the certificate's key did not sign. claims are borrowed for the
 * call; iat is theirs, no clock is read. Any number of threads with one signer.
 * *identity_out: token;info=<x5u>;alg=ES256;ppt=shaken, in malloc'ed memory, freed with free().
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_signer_sign(const struct callerid_signer *signer, const struct callerid_claims *claims,
		     char **identity_out, struct callerid_error *err);

/* A random UUID (RFC 4122 version 4) for origid. CALLERID_ECRYPTO without randomness.
 * Any thread. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_origid_random(char origid_out[CALLERID_ORIGID_MAX + 1]);

#ifdef __cplusplus
}
#endif

#endif
