/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls and who is called, canonical: RFC 8224 §8.3 (telephone numbers) and §8.5 (URIs). */
#ifndef CALLERID_NUMBER_H
#define CALLERID_NUMBER_H

#include <callerid/error.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_TN_MAX	 32  /* characters; E.164 has 15 digits, dial strings more */
#define CALLERID_URI_MAX 255 /* bytes of a canonical URI; longer input is CALLERID_ELIMIT */

#define CALLERID_E164_MAX   15 /* digits of an E.164 number, country code included */
#define CALLERID_MIN_DIGITS 7  /* of the shortest E.164 numbers in use */

enum callerid_party_kind {
	CALLERID_PARTY_NONE, /* not known: no usable identity in the signalling */
	CALLERID_PARTY_TN,   /* text is 1*("#" / "*" / DIGIT), no "+" */
	CALLERID_PARTY_URI,  /* text is a canonical sip:, sips: or other absolute URI */
};

/* One calling or called identity in its canonical form. A plain value: copy it freely. */
struct callerid_party {
	enum callerid_party_kind kind;
	char text[CALLERID_URI_MAX + 1];
};

/*
 * How a trunk's dial strings become E.164 (RFC 8224 §8.3: "adding a country code if necessary"),
 * and which of its SIP users are telephone numbers though nothing says so (§8.1: "local policies").
 * All strings are digits and borrowed; NULL where not used. {"1", "1", "011", 0} is North America,
 * {"44", "0", "00", 0} the United Kingdom. Service codes (911, 112, N11: all of three digits or
 * fewer) and dial strings with "*" or "#" stay as they are.
 */
struct callerid_dialplan {
	const char *country_code;
	const char *national_prefix;
	const char *international_prefix;
	/* Digits that a sip user without user=phone and "+" needs, as dialled, to be a number; 0
	 * means CALLERID_MIN_DIGITS, above CALLERID_E164_MAX that digits alone never are one. */
	unsigned min_digits;
};

/*
 * The canonical party of a tel:, sip: or sips: URI, a name-addr ("Bob" <sip:...>), or a bare
 * telephone number ("+1 (215) 555-1212"). uri need not end in NUL. plan may be NULL: numbers
 * without "+" are then taken as they stand.
 *
 * A sip URI is a number (RFC 8224 §8.1) when it says user=phone or a global phone-context. Where it
 * says neither, it is one by local policy only: its user starts with "+", or is digits and visual
 * separators, of min_digits at least or of three (911, 112); and what becomes of it has
 * CALLERID_E164_MAX digits at most. Everything else, a PBX's 1234 too, is a URI (§8.5).
 * CALLERID_ESYNTAX: not a URI or number at all. CALLERID_ELIMIT: too long. CALLERID_EINVAL: plan
 * has other characters than digits. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_party_parse(const char *uri, size_t len, const struct callerid_dialplan *plan,
		     struct callerid_party *party_out, struct callerid_error *err);

/* Same kind and same text. Two CALLERID_PARTY_NONE are not equal: unknown is nobody. Any
 * thread. */
CALLERID_API bool callerid_party_equal(const struct callerid_party *a,
				       const struct callerid_party *b);

/* Whether text is a canonical telephone number: 1*("#" / "*" / DIGIT), at most CALLERID_TN_MAX (RFC
 * 8224 §8.3). Any thread. */
CALLERID_API bool callerid_tn_is_canonical(const char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
