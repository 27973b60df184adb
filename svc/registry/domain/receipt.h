/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A receipt: the registry's word that a key asked about a number, and what the call had proven.
 * It is not stored until it is used up, so that a look-up writes nothing.
 */
#ifndef REGISTRY_RECEIPT_H
#define REGISTRY_RECEIPT_H

#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"

#define RECEIPT_S     3600 /* it may be used for so long */
#define RECEIPT_MAX   255  /* characters */
#define RECEIPT_NONCE 16
#define RECEIPT_ID    32

/* What the call had proven when it was looked up. */
enum provenance {
	PROVENANCE_VERIFIED, /* the number is the caller's */
	PROVENANCE_CLAIMED,  /* signed, but not for this number: B, C */
	PROVENANCE_SPOOFED,  /* unsigned or failed: whoever has the number may be a victim */
	PROVENANCES
};

extern const char *const provenance_names[PROVENANCES + 1]; /* NULL-terminated */

struct receipt {
	char number[CALLERID_TN_MAX + 1];
	char key[ID_MAX + 1];	 /* who asked */
	char intent[ID_MAX + 1]; /* that the answer showed; "": none */
	enum provenance provenance;
	int64_t issued_s;
	uint8_t nonce[RECEIPT_NONCE];
};

/* false: OpenSSL refused. */
bool receipt_write(const struct pairtag_key *key, const struct receipt *receipt,
		   char text_out[RECEIPT_MAX + 1]);

/* false whatever is wrong: not ours, changed, or older than RECEIPT_S at now_s. */
bool receipt_read(const struct pairtag_key *key, const char *text, int64_t now_s,
		  struct receipt *receipt_out);

/* Under which its use is stored. */
bool receipt_id(const struct pairtag_key *key, const struct receipt *receipt,
		uint8_t id_out[RECEIPT_ID]);

#endif
