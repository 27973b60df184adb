/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken out of a request before anyone may believe it, and what is written into it. */
#ifndef PROXY_TREAT_H
#define PROXY_TREAT_H

#include "sip-proxy/shown.h"

/*
 * Removes what only our side may assert: the verstat parameter (in P-Asserted-Identity and From,
 * inside and outside <>, escaped or not), P-Attestation-Indicator, P-Origination-ID and Call-Info
 * values of RFC 9796, in every spelling of the names; and the whole P-Asserted-Identity unless
 * keep_pai (RFC 3325 §5). *removed_out counts them. false: something could not be taken out, the
 * request must not go on.
 */
bool treat_strip(msg_t *msg, bool keep_pai, size_t *removed_out);

/*
 * The same of a response that goes back to a caller who may not see or make our assertions: what a
 * callee copies from its request. Other fields keep their bytes.
 */
void treat_strip_response(msg_t *msg);

/*
 * Writes verstat, and for a passed call attestation, origid and, as Call-Info, what is shown (NULL:
 * nothing). verstat goes to the number that was verified and to no other: its value of
 * P-Asserted-Identity, else From. false: no memory.
 */
bool treat_write(msg_t *msg, const struct facts *facts, const struct callerid_verdict *verdict,
		 const struct shown *shown);

/* The field's text without verstat parameters, NUL-terminated: text_out has room for all of it
 * and the NUL. Returns how many were removed. */
size_t treat_cut_verstat(struct callerid_span value, char *text_out);

/* The first URI of a field. false: there is none. */
bool treat_first_uri(struct callerid_span value, struct callerid_span *uri_out);

/* The field's text with ";verstat=..." in uri, a part of it. false: there is no place for it. */
bool treat_put_verstat(struct callerid_span value, struct callerid_span uri, const char *verstat,
		       char *text_out, size_t size);

#endif
