/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data (RFC 9795): the name, logo and reason of a call, and how far they are proven. */
#ifndef CALLERID_RCD_H
#define CALLERID_RCD_H

#include <callerid/number.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_CONTENT_MAX	  262144 /* bytes behind one URL; longer counts as not fetched */
#define CALLERID_CONTENTS_MAX	  32	 /* contents looked at per call */
#define CALLERID_NAME_CHARS_MAX	  64	 /* characters of a name that is shown */
#define CALLERID_REASON_CHARS_MAX 64  /* RFC 9796 §6: "SHOULD be no longer than 64 characters" */
#define CALLERID_RCD_URL_MAX	  512 /* bytes of an https URL in Rich Call Data */

/* What an icn or jcl URL, or a URL inside a jCard, holds. All borrowed. */
struct callerid_content {
	const char *url; /* as it stands in the claim, byte for byte */
	const void *body;
	size_t len;
};

/* The parts of Rich Call Data that stand or fall each on its own (RFC 9795 §8.2). */
enum callerid_rcd_part {
	CALLERID_RCD_NAME,   /* "name"    rcd nam */
	CALLERID_RCD_NUMBER, /* "number"  rcd apn: the number to call back */
	CALLERID_RCD_ICON,   /* "icon"    rcd icn */
	CALLERID_RCD_JCARD,  /* "jcard"   rcd jcd, or what jcl points to */
	CALLERID_RCD_MEDIA,  /* "media"   what the URIs inside that jCard point to */
	CALLERID_RCD_REASON, /* "reason"  crn */
	CALLERID_RCD_PARTS
};

/* Ordered: what is found later in a part makes it worse, never better. */
enum callerid_rcd_state {
	CALLERID_RCD_ABSENT = 0,  /* "absent"       the PASSporT does not have it */
	CALLERID_RCD_CLAIMED,	  /* "claimed"      the signer says so; no digest covers it */
	CALLERID_RCD_VERIFIED,	  /* "verified"     a digest covers it and is right */
	CALLERID_RCD_NOT_FETCHED, /* "not_fetched"  a digest covers a content that was not given */
	/* "unverifiable" its digest is by an algorithm that is not known here (RFC 9795 §6): what
	 * is signed itself (a name) may be shown as claimed, what a URL leads to may not */
	CALLERID_RCD_UNVERIFIABLE,
	CALLERID_RCD_MISMATCH, /* "mismatch"     it is not what the digest says: not to be used */
};

/* Names as they stand in JSON and logs. Static storage; NULL when out of range. Any thread. */
CALLERID_API const char *callerid_rcd_part_name(enum callerid_rcd_part part);
CALLERID_API const char *callerid_rcd_state_name(enum callerid_rcd_state state);

/* What became of the Rich Call Data of one PASSporT. */
struct callerid_rcd_verdict {
	enum callerid_rcd_state part[CALLERID_RCD_PARTS];
	bool usable; /* every check passed and, for a third party's, a first party's PASSporT too:
			otherwise none of it may be shown (RFC 9795 §8.1, §10) */
	bool third_party;  /* marked by iss (§10) */
	bool name_differs; /* nam is not the display name of the call (§12.2), if that was given */
};

struct callerid_passport_verdict;
struct callerid_verdict;

/*
 * What may be shown, cleaned with callerid_text_clean(); "" where there is nothing, or nothing that
 * may be shown. A content that was not fetched has its URL here: whoever fetches it compares its
 * digest (callerid_rcd_compare()) before showing it.
 */
struct callerid_rcd {
	char name[4 * (CALLERID_NAME_CHARS_MAX + 1) + 1];
	char reason[4 * (CALLERID_REASON_CHARS_MAX + 1) + 1];
	char number[CALLERID_TN_MAX + 1];
	char icon[CALLERID_RCD_URL_MAX + 1];  /* https URL of the image; "" for a data: URI */
	char jcard[CALLERID_RCD_URL_MAX + 1]; /* https URL of the jCard; "" when it is inline */
	unsigned found; /* by callerid_text_clean() in name and reason: CALLERID_TEXT_MIXED stays in
			   the text, and is for the program to judge */
};

/* The PASSporT whose Rich Call Data may be shown: a first party's before a third party's, rcd
 * before a crn alone, and of several such the one whose x5u is that of the PASSporT that decided.
 * NULL when there is none. Borrowed from verdict. Any thread. */
CALLERID_API const struct callerid_passport_verdict *
callerid_verdict_rcd(const struct callerid_verdict *verdict);

/* Fills rcd_out with what may be shown of passport; all "" when it is not usable (RFC 9795 §8.1).
 * CALLERID_ENOMEM only. Any thread. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_rcd_show(const struct callerid_passport_verdict *passport, struct callerid_rcd *rcd_out);

/*
 * RFC 9795 §6: whether body is what the digest of pointer ("/icn", "/jcl/1/3/3") in rcdi, the claim
 * as JSON, says. Only body and len of content are looked at. CALLERID_ESYNTAX: rcdi is no such
 * claim, has no such pointer, or a digest there by an algorithm that is not known here.
 * CALLERID_EINVAL: an argument is NULL. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_rcd_compare(const char *rcdi, const char *pointer, const struct callerid_content *content,
		     bool *same_out, struct callerid_error *err);

/* For callerid_rcd_digests(). */
struct callerid_digest_params {
	const char *rcd; /* the claim as a JSON object */
	const struct callerid_content *contents;
	size_t n_contents;
	const char *alg;  /* "sha256", "sha384" or "sha512"; NULL: sha256 */
	bool inline_also; /* digests of nam and jcd too, for a certificate's claim constraints */
};

/*
 * The rcdi claim for an rcd claim (RFC 9795 §6.1): icn, jcl, and every https URL inside the jCard,
 * each from contents. *rcdi_out: canonical JSON in malloc'ed memory, freed with free(); "{}" when
 * nothing needs a digest (then sign without rcdi). CALLERID_EINVAL names the URL whose content is
 * missing, or what is wrong with rcd; CALLERID_ESYNTAX: rcd is not JSON, jcl holds no jCard;
 * CALLERID_ELIMIT: a content is over CALLERID_CONTENT_MAX. params are borrowed. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_rcd_digests(const struct callerid_digest_params *params, char **rcdi_out,
		     struct callerid_error *err);

/* What callerid_text_clean() found; a set. */
enum {
	CALLERID_TEXT_CONTROL = 1,  /* control characters, taken out */
	CALLERID_TEXT_BIDI = 2,	    /* marks that turn the direction of writing, taken out */
	CALLERID_TEXT_HIDDEN = 4,   /* invisible characters and heaped accents, taken out */
	CALLERID_TEXT_CUT = 8,	    /* too long: cut, with "..." in one character at its end */
	CALLERID_TEXT_INVALID = 16, /* bytes that are not UTF-8, each now U+FFFD */
	CALLERID_TEXT_MIXED =
		32, /* a word mixes scripts whose letters look alike: Latin and Cyrillic ... */
};

/*
 * Makes a stranger's text fit for a display: one line, no characters that hide, reorder or pile up,
 * runs of white space as one space, none at the ends, at most max_chars characters and size - 1
 * bytes. text_out ends in NUL; size is at least 8. Returns what was found. Allocates nothing. Any
 * thread.
 */
CALLERID_API unsigned callerid_text_clean(const char *text, size_t len, size_t max_chars,
					  char *text_out, size_t size);

#ifdef __cplusplus
}
#endif

#endif
