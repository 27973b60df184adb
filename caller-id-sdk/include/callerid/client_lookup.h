/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls and why: look-ups in the registry, by name or private. */
#ifndef CALLERID_CLIENT_LOOKUP_H
#define CALLERID_CLIENT_LOOKUP_H

#include <callerid/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A call as it rings. Texts are borrowed for the call; NULL where the member may be absent. */
struct callerid_lookup {
	const char *from; /* "+12155551212" or canonical digits; short codes and dial strings too */
	const char *to;	  /* finds an announced call; NULL: none is looked for */
	const char
		*call_id; /* SIP's Call-ID: a second look-up of the call sees the same; or NULL */
	const char *
		verstat; /* "TN-Validation-Passed", "-Failed", "No-TN-Validation"; NULL: the last */
	const char *attest; /* "A", "B", "C", or NULL */
	bool oob;	    /* verified out of band */
	bool delegate;	    /* signed by a delegate certificate */
	bool peek;	    /* leave an announced call where it is */
	int budget_ms;	    /* the best answer by then; 0: the registry's default */
};

/* What is known. Texts live until callerid_found_clear(); NULL: not known, or not shown. */
struct callerid_found {
	bool verified; /* the call proved its number */
	bool partial;  /* the budget ended before all was known */
	const char *number;
	const char *brand_id, *brand_name; /* only of a verified call */
	const char *logo_url, *logo_sha256;
	const char *reason_code, *reason_text, *reason_lang,
		*intent;	    /* only of an announced call */
	const char *claimed_name;   /* registered for the number, but the call did not prove it */
	const char *label;	    /* of the reputation: "none", "fraud" ... */
	double score, low, high;    /* 0 to 1, with bounds; only with label */
	const char *const *reasons; /* why the answer is so, one sentence each */
	size_t n_reasons;
	const char *receipt; /* for one report and for outcomes */
	int cache_s;	     /* how long the answer may be kept */
	void *memory;	     /* of all the texts */
};

/* Frees the texts and empties it; an empty one is fine. */
CALLERID_API void callerid_found_clear(struct callerid_found *found);

/*
 * POST /v1/lookups. *found_out is the caller's: callerid_found_clear(). The key needs the
 * permission lookup. CALLERID_EINVAL: from is NULL or a text is not UTF-8. CALLERID_EREFUSED: see
 * callerid_client_problem(). CALLERID_EIO: no answer in time: let the call ring as unknown.
 * CALLERID_ESYNTAX: the answer is not what the registry says.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_lookup(struct callerid_client *client, const struct callerid_lookup *lookup,
		       struct callerid_found *found_out, struct callerid_error *err);

#define CALLERID_PRIVATE_NAME_MAX  144 /* bytes */
#define CALLERID_PRIVATE_LABEL_MAX 31

/* What is public of a number. */
struct callerid_private {
	bool found;  /* it has a name or a label, of its own or of a block it is in */
	bool strict; /* the name is shown only for calls that were announced */
	char name[CALLERID_PRIVATE_NAME_MAX + 1];   /* "" when there is no brand */
	char label[CALLERID_PRIVATE_LABEL_MAX + 1]; /* "none", "fraud" ..., "spoofed" */
	char logo_sha256[65]; /* hex; the logo is at /logos/<it>.png; "" for none */
};

/*
 * Asks for the one bucket that the number shares with a thousand others and more, and finds the
 * number in it here: the registry learns the bucket only, and gets no key even if the client has
 * one. It is k-anonymity, not private information retrieval (docs/registry.md). number is canonical
 * E.164 of 7 digits or more, with or without its "+". The bucket last asked for is kept with its
 * ETag and asked for again only when it changed. CALLERID_EINVAL: no such number.
 * CALLERID_EREFUSED, CALLERID_EIO, CALLERID_ESYNTAX as above.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_lookup_private(struct callerid_client *client, const char *number,
			       struct callerid_private *private_out, struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
