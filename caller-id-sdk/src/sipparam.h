/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that SIP header fields are made of (RFC 3261 §25.1): white space, tokens, parameters.
 */
#ifndef CID_SIPPARAM_H
#define CID_SIPPARAM_H

#include <callerid/identity.h>

#define CID_PARAMS_MAX 16 /* parameters of one value */

/* Each moves *rest on past what it took, and leaves it where it was when it returns false. */
void cid_sip_lws(struct callerid_span *rest); /* spaces, tabs, line ends before one of them */
bool cid_sip_token(struct callerid_span *rest, struct callerid_span *token_out);
bool cid_sip_quoted(struct callerid_span *rest, struct callerid_span *inside_out);
bool cid_sip_angle(struct callerid_span *rest, struct callerid_span *inside_out); /* <uri> */
bool cid_sip_char(struct callerid_span *rest, char c); /* with white space on both sides */

/* The next of several values that commas divide; a comma inside quotes or <> does not. Values come
 * without white space around them, empty ones not at all. */
bool cid_sip_next(struct callerid_span *rest, struct callerid_span *value_out);

struct cid_param {
	struct callerid_span name;
	struct callerid_span value; /* without quotes; empty when there is none */
	bool quoted;
};

enum cid_param_found { CID_PARAM_END, CID_PARAM_ONE, CID_PARAM_BROKEN };

/* The next ";name" or ";name=value"; END when nothing but white space is left. */
enum cid_param_found cid_sip_param(struct callerid_span *rest, struct cid_param *param_out);

/* The same text without regard to the case of ASCII letters. */
bool cid_span_is(struct callerid_span span, const char *text);

#endif
