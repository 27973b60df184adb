/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of a PASSporT that is to be signed, from options and from a file of JSON. */
#ifndef CLI_CLAIMS_H
#define CLI_CLAIMS_H

#include "io.h"

#include <jansson.h>

#include <callerid/passport.h>

/* Rows of cli_sign_options. */
enum {
	SIGN_KEY,
	SIGN_CERT,
	SIGN_X5U,
	SIGN_FROM,
	SIGN_TO,
	SIGN_ATTEST,
	SIGN_ORIGID,
	SIGN_IAT,
	SIGN_ANY_NUMBER,
	SIGN_KEY_URI,
	SIGN_PIN_FILE,
	SIGN_PPT,
	SIGN_DIV,
	SIGN_HI,
	SIGN_OPT,
	SIGN_SDP,
	SIGN_RCD,
	SIGN_NAM,
	SIGN_ICN,
	SIGN_JCL,
	SIGN_APN,
	SIGN_CRN,
	SIGN_ISS,
	SIGN_RCDI,
	SIGN_CONTENT,
	SIGN_RPH,
	SIGN_SPH,
	SIGN_NAMESPACE,
	SIGN_CLAIMS,
	SIGN_COMPACT,
	SIGN_DISPLAY_NAME
};

/* Texts of claims that are of no bounded size. */
enum claims_text {
	CLAIMS_OPT,
	CLAIMS_MKY,
	CLAIMS_RCD,
	CLAIMS_RCDI,
	CLAIMS_CRN,
	CLAIMS_ISS,
	CLAIMS_TEXTS
};

/* claims borrow from text. */
struct claims {
	struct callerid_claims claims;
	char *text[CLAIMS_TEXTS]; /* malloc'ed */
	bool type_given;	  /* claims.ppt was said, "" being the base PASSporT */
	bool iat_given;
};

/*
 * Reads options and files into *claims, which claims_clear() frees in any case. CLI_USAGE after a
 * message: a value or a file is wrong, or the type does not take a claim.
 */
enum cli_exit claims_read(struct claims *claims, const struct args *args);
void claims_clear(struct claims *claims);

/* The claims of a file: a JSON object, named as in the token. false after a message. */
bool claims_read_file(struct claims *claims, const char *path);

/* Takes over text, which is malloc'ed; false and a message when it is NULL. */
bool claims_take(struct claims *claims, enum claims_text which, char *text);

/* A party that is named what in a message. false after it. */
bool claims_party(struct callerid_party *party, const char *what, const char *text);

/* "base" and the name of each type; false after a message. */
bool claims_set_type(struct claims *claims, const char *name);
bool claims_set_attest(struct claims *claims, const char *attest);
bool claims_set_origid(struct claims *claims, const char *origid);
bool claims_set_hi(struct claims *claims, const char *hi);
bool claims_set_sph(struct claims *claims, const char *sph);
bool claims_add_rph(struct claims *claims, const char *value, size_t n);

/* The Rich Call Data options, which change what claims have. false after a message. */
bool claims_read_rcd(struct claims *claims, const struct args *args);

#endif
