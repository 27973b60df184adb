/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of a PASSporT that is to be signed: options, and which type takes which claims. */
#include "claims.h"
#include "verify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <callerid/signer.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a type takes beside iat, orig and dest. */
enum {
	TAKES_SHAKEN = 1,
	TAKES_DIV = 2,
	TAKES_OPT = 4,
	TAKES_MKY = 8,
	TAKES_RCD = 16,
	TAKES_ISS = 32,
	TAKES_RPH = 64,
};

static const struct {
	const char *name; /* on the command line */
	const char *ppt;
	unsigned takes;
} types[] = {
	{"base", "", TAKES_MKY},
	{"shaken", "shaken", TAKES_SHAKEN | TAKES_MKY | TAKES_RCD},
	{"div", "div", TAKES_DIV},
	{"div-o", "div-o", TAKES_DIV | TAKES_OPT},
	{"rcd", "rcd", TAKES_MKY | TAKES_RCD | TAKES_ISS},
	{"rph", "rph", TAKES_MKY | TAKES_RPH},
	{"msec", "msec", TAKES_MKY},
	{"rsp", "rsp", TAKES_MKY},
};

void claims_clear(struct claims *claims)
{
	for (size_t i = 0; i < CLAIMS_TEXTS; i++)
		free(claims->text[i]);
	*claims = (struct claims){0};
}

bool claims_take(struct claims *claims, enum claims_text which, char *text)
{
	free(claims->text[which]);
	claims->text[which] = text;
	claims->claims.opt = claims->text[CLAIMS_OPT];
	claims->claims.mky = claims->text[CLAIMS_MKY];
	claims->claims.rcd = claims->text[CLAIMS_RCD];
	claims->claims.rcdi = claims->text[CLAIMS_RCDI];
	claims->claims.crn = claims->text[CLAIMS_CRN];
	claims->claims.iss = claims->text[CLAIMS_ISS];
	if (text == NULL)
		cli_say(CLI_FAILED, "no memory");
	return text != NULL;
}

bool claims_party(struct callerid_party *party, const char *what, const char *text)
{
	struct callerid_error err = {0};

	if (callerid_party_parse(text, strlen(text), NULL, party, &err) == CALLERID_OK)
		return true;
	cli_say(CLI_USAGE, "%s %.60s: %s", what, text, err.text);
	return false;
}

bool claims_set_type(struct claims *claims, const char *name)
{
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].name, name) == 0) {
			snprintf(claims->claims.ppt, sizeof(claims->claims.ppt), "%s",
				 types[i].ppt);
			claims->type_given = true;
			return true;
		}
	cli_say(CLI_USAGE,
		"ppt %.40s: allowed are base, shaken, div, div-o, rcd, rph, msec and rsp", name);
	return false;
}

bool claims_set_attest(struct claims *claims, const char *attest)
{
	if (strlen(attest) != 1 || strchr("ABC", *attest) == NULL) {
		cli_say(CLI_USAGE, "attest %.20s: allowed are A, B and C", attest);
		return false;
	}
	claims->claims.attest = (enum callerid_attest) * attest;
	return true;
}

/* A text into a field of a fixed size. */
static bool copy(char *to, size_t size, const char *name, const char *text)
{
	if (strlen(text) == 0 || strlen(text) >= size) {
		cli_say(CLI_USAGE, "%s: 1 to %zu characters", name, size - 1);
		return false;
	}
	snprintf(to, size, "%s", text);
	return true;
}

bool claims_set_origid(struct claims *claims, const char *origid)
{
	return copy(claims->claims.origid, sizeof(claims->claims.origid), "origid", origid);
}

bool claims_set_hi(struct claims *claims, const char *hi)
{
	return copy(claims->claims.hi, sizeof(claims->claims.hi), "hi", hi);
}

bool claims_set_sph(struct claims *claims, const char *sph)
{
	claims->claims.psap_callback = strcmp(sph, "psap-callback") == 0;
	if (!claims->claims.psap_callback)
		cli_say(CLI_USAGE, "sph %.40s: allowed is psap-callback", sph);
	return claims->claims.psap_callback;
}

bool claims_add_rph(struct claims *claims, const char *value, size_t n)
{
	struct callerid_claims *c = &claims->claims;

	if (c->n_rph == CALLERID_RPH_MAX) {
		cli_say(CLI_USAGE, "rph: at most %d values", CALLERID_RPH_MAX);
		return false;
	}
	if (n == 0 || n > CALLERID_RPH_LEN) {
		cli_say(CLI_USAGE, "rph: a value like ets.0 has 1 to %d characters",
			CALLERID_RPH_LEN);
		return false;
	}
	memcpy(c->rph[c->n_rph], value, n);
	c->rph[c->n_rph++][n] = '\0';
	return true;
}

/* Values joined by commas, and the option repeated. */
static bool set_rph(struct claims *claims, const struct opt_given *given)
{
	if (given->n > 0)
		claims->claims.n_rph = 0;
	for (size_t i = 0; i < given->n; i++) {
		const char *at = given->text[i];

		for (;;) {
			size_t n = strcspn(at, ",");

			if (!claims_add_rph(claims, at, n))
				return false;
			if (at[n] == '\0')
				break;
			at += n + 1;
		}
	}
	return true;
}

static bool set_to(struct claims *claims, const struct opt_given *to)
{
	struct callerid_claims *c = &claims->claims;

	if (to->n > CALLERID_DEST_MAX) {
		cli_say(CLI_USAGE, "--to can be given %d times at most", CALLERID_DEST_MAX);
		return false;
	}
	if (to->n > 0)
		c->n_dest = 0;
	for (size_t i = 0; i < to->n; i++)
		if (!claims_party(&c->dest[c->n_dest++], "--to", to->text[i]))
			return false;
	return true;
}

static bool set_from(struct claims *claims, const char *text)
{
	return claims_party(&claims->claims.orig, "--from", text);
}

static bool set_div(struct claims *claims, const char *text)
{
	return claims_party(&claims->claims.div, "--div", text);
}

/* A file with a token or a whole Identity value: its token. */
static bool set_opt(struct claims *claims, const char *path)
{
	struct callerid_span token, rest;
	struct io_bytes file = {0};
	bool ok;

	if (!io_read_file(path, CALLERID_IDENTITY_MAX, &file))
		return false;
	rest = (struct callerid_span){file.p, file.n};
	rest.p += verify_field_name(file.p, file.n);
	rest.n -= (size_t)(rest.p - file.p);
	while (rest.n > 0 && isspace((unsigned char)*rest.p)) {
		rest.p++;
		rest.n--;
	}
	token = (struct callerid_span){rest.p, strcspn(rest.p, "; \t\r\n")};
	/* RFC 8946 §5: the compact form cannot stand in opt. */
	ok = token.n > 0 && token.n <= rest.n && *token.p != '.';
	if (ok)
		ok = claims_take(claims, CLAIMS_OPT, strndup(token.p, token.n));
	else
		cli_say(CLI_USAGE, "--opt %.80s: no PASSporT in full form in it", path);
	io_bytes_clear(&file);
	return ok;
}

static bool set_sdp(struct claims *claims, const char *path)
{
	struct callerid_error err = {0};
	struct io_bytes sdp = {0};
	char *mky = NULL;
	bool ok;

	if (!io_read_file(path, CALLERID_SDP_MAX, &sdp))
		return false;
	ok = callerid_mky_from_sdp(sdp.p, sdp.n, &mky, &err) == CALLERID_OK;
	io_bytes_clear(&sdp);
	if (!ok) {
		cli_say_error(CLI_USAGE, path, &err);
		return false;
	}
	if (mky != NULL)
		return claims_take(claims, CLAIMS_MKY, mky);
	cli_say(CLI_USAGE, "--sdp %.80s: it has no a=fingerprint, so there is nothing to sign",
		path);
	return false;
}

static bool set_crn(struct claims *claims, const char *text)
{
	return claims_take(claims, CLAIMS_CRN, strdup(text));
}

static bool set_iss(struct claims *claims, const char *text)
{
	return claims_take(claims, CLAIMS_ISS, strdup(text));
}

static bool set_options(struct claims *claims, const struct args *args)
{
	static const struct {
		size_t row;
		bool (*set)(struct claims *claims, const char *text);
	} rows[] = {
		{SIGN_CLAIMS, claims_read_file},
		{SIGN_PPT, claims_set_type},
		{SIGN_FROM, set_from},
		{SIGN_ATTEST, claims_set_attest},
		{SIGN_ORIGID, claims_set_origid},
		{SIGN_DIV, set_div},
		{SIGN_HI, claims_set_hi},
		{SIGN_OPT, set_opt},
		{SIGN_SDP, set_sdp},
		{SIGN_CRN, set_crn},
		{SIGN_ISS, set_iss},
		{SIGN_SPH, claims_set_sph},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *text = opt_text(args, rows[i].row);

		if (text != NULL && !rows[i].set(claims, text))
			return false;
	}
	return set_to(claims, &args->given[SIGN_TO]) && set_rph(claims, &args->given[SIGN_RPH]) &&
	       claims_read_rcd(claims, args);
}

/* Which claims are there, as TAKES_ bits. */
static unsigned found(const struct callerid_claims *c)
{
	unsigned bits = 0;

	if (c->attest != CALLERID_ATTEST_NONE || *c->origid != '\0')
		bits |= TAKES_SHAKEN;
	if (c->div.kind != CALLERID_PARTY_NONE || *c->hi != '\0')
		bits |= TAKES_DIV;
	if (c->rcd != NULL || c->rcdi != NULL || c->crn != NULL)
		bits |= TAKES_RCD;
	if (c->n_rph > 0 || c->psap_callback)
		bits |= TAKES_RPH;
	bits |= c->opt != NULL ? TAKES_OPT : 0;
	bits |= c->mky != NULL ? TAKES_MKY : 0;
	bits |= c->iss != NULL ? TAKES_ISS : 0;
	return bits;
}

/* The type that the claims ask for, where none was named. */
static void guess_type(struct callerid_claims *c, unsigned bits)
{
	static const struct {
		unsigned bits;
		const char *ppt;
	} rows[] = {
		{TAKES_SHAKEN, "shaken"}, {TAKES_OPT, "div-o"},		  {TAKES_DIV, "div"},
		{TAKES_RPH, "rph"},	  {TAKES_RCD | TAKES_ISS, "rcd"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if ((bits & rows[i].bits) != 0) {
			snprintf(c->ppt, sizeof(c->ppt), "%s", rows[i].ppt);
			return;
		}
}

/* A claim that the type has no place for would be left out in silence: it is refused. */
static bool fits_type(const struct callerid_claims *c, unsigned bits)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{TAKES_SHAKEN, "attest or origid"},
		{TAKES_DIV, "div or hi"},
		{TAKES_OPT, "opt"},
		{TAKES_MKY, "mky (--sdp)"},
		{TAKES_RCD, "rcd, rcdi or crn"},
		{TAKES_ISS, "iss"},
		{TAKES_RPH, "rph or sph"},
	};
	size_t type = 0;

	while (type + 1 < COUNT(types) && strcmp(types[type].ppt, c->ppt) != 0)
		type++;
	for (size_t i = 0; i < COUNT(names); i++)
		if ((bits & names[i].bit & ~types[type].takes) != 0) {
			cli_say(CLI_USAGE, "a PASSporT of type %s has no %s", types[type].name,
				names[i].name);
			return false;
		}
	return true;
}

/* What every type needs; the rest is the library's to demand. */
static bool is_complete(const struct callerid_claims *c)
{
	if (c->orig.kind == CALLERID_PARTY_NONE)
		cli_say(CLI_USAGE, "--from TN|URI is missing");
	else if (c->n_dest == 0)
		cli_say(CLI_USAGE, "--to TN|URI is missing");
	else
		return true;
	return false;
}

enum cli_exit claims_read(struct claims *claims, const struct args *args)
{
	struct callerid_claims *c = &claims->claims;
	unsigned bits;

	*claims = (struct claims){0};
	if (!set_options(claims, args) || !is_complete(c))
		return CLI_USAGE;
	if (args->given[SIGN_IAT].n > 0 || !claims->iat_given)
		c->iat = opt_number(args, SIGN_IAT, time(NULL));
	c->compact = opt_flag(args, SIGN_COMPACT);
	c->display_name = opt_text(args, SIGN_DISPLAY_NAME);
	bits = found(c);
	if (!claims->type_given)
		guess_type(c, bits);
	if (!fits_type(c, bits))
		return CLI_USAGE;
	if (strcmp(c->ppt, "shaken") != 0)
		return CLI_OK;
	if (c->attest == CALLERID_ATTEST_NONE)
		return cli_say(CLI_USAGE, "--attest A|B|C is missing: shaken needs it");
	if (*c->origid == '\0' && callerid_origid_random(c->origid) != CALLERID_OK)
		return cli_say(CLI_FAILED, "no random numbers");
	return CLI_OK;
}
