/* SPDX-License-Identifier: Apache-2.0 */
/* One verification as the command line asks it; "verify" and "verify --batch" share it. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "io.h"

#include <callerid/callinfo.h>
#include <callerid/verification.h>

#define VERIFY_VALUES_MAX 128 /* Identity values taken from one input; the library looks at 16 */
#define VERIFY_CERTS_MAX  OPT_VALUES_MAX
#define VERIFY_PARTS_MAX  16 /* values of Resource-Priority, and namespaces */
#define VERIFY_CODES_MAX  OPT_VALUES_MAX
#define VERIFY_COST_MAX	  1000 /* of --max-cost */
#define VERIFY_AGE_MAX	  1000000000

/* Rows of cli_verify_options. */
enum {
	VERIFY_FROM,
	VERIFY_TO,
	VERIFY_NOW,
	VERIFY_MAX_AGE,
	VERIFY_DATE,
	VERIFY_CERT,
	VERIFY_ANCHOR,
	VERIFY_CRL,
	VERIFY_CHECK,
	VERIFY_ACCEPT_SPC,
	VERIFY_JSON,
	VERIFY_BATCH,
	VERIFY_ALSO_FROM,
	VERIFY_REQUEST_URI,
	VERIFY_SDP,
	VERIFY_RESOURCE_PRIORITY,
	VERIFY_PRIORITY,
	VERIFY_DISPLAY_NAME,
	VERIFY_JCL,
	VERIFY_ICON,
	VERIFY_CONTENT,
	VERIFY_REQUIRE_CRL,
	VERIFY_ACCEPT_X5C,
	VERIFY_ACCEPT_TN_LIST,
	VERIFY_SPC,
	VERIFY_ANCHOR_LIST,
	VERIFY_CRL_ISSUER,
	VERIFY_NAMESPACE,
	VERIFY_MAX_SIGNATURES,
	VERIFY_MAX_COST,
	VERIFY_MAX_DIVERTED_AGE,
	VERIFY_CALL_INFO
};

/* A certificate at hand: what --cert URL=FILE named. */
struct verify_cert {
	const char *url;
	size_t url_len;
	struct io_bytes body;
};

/* What all questions of one run share. */
struct verify_setup {
	struct callerid_context *ctx;
	struct verify_cert cert[VERIFY_CERTS_MAX];
	size_t n_certs;
	struct io_contents contents; /* what URLs in Rich Call Data hold */
	struct io_bytes sdp;	     /* p NULL: not given */
};

/* Whose number it is: --spc TN=CODE. */
struct verify_code {
	struct callerid_party tn;
	char code[CALLERID_SPC_MAX + 1];
};

/* Who may authorise a namespace: --namespace LIST=NAME. */
struct verify_namespace {
	char list[CALLERID_LIST_NAME_MAX + 1];
	char name[CALLERID_RPH_LEN + 1];
};

/* One question. Texts are borrowed; NULL from or to: not known. */
struct verify_question {
	struct callerid_span identity[VERIFY_VALUES_MAX];
	size_t n_identity;
	struct callerid_span from, to, date, sdp, priority, display_name;
	struct callerid_party also_from, request_uri;
	struct callerid_span resource_priority[VERIFY_PARTS_MAX];
	size_t n_resource_priority;
	struct verify_code code[VERIFY_CODES_MAX];
	size_t n_codes;
	struct verify_namespace namespace[VERIFY_PARTS_MAX];
	struct callerid_namespace namespaces[VERIFY_PARTS_MAX]; /* verify_ask() makes them */
	size_t n_namespaces;
	char call_reason[CALLERID_CALLINFO_REASON_MAX + 1]; /* of Call-Info; "": none */
	int64_t now;
	struct callerid_policy policy;
};

/* Reads the files that the options name. Failures have been said; close it in any case. */
enum cli_exit verify_setup_open(struct verify_setup *setup, const struct args *args);
void verify_setup_close(struct verify_setup *setup);

/* The options of the command line as a question without identity. */
enum cli_exit verify_question_init(struct verify_question *question, const struct args *args);

/* Adds the values of one field, comma-joined or not. Those over VERIFY_VALUES_MAX are left out. */
void verify_question_add(struct verify_question *question, const char *text, size_t n);

/* Adds those of a text of fields: one a line, with or without a name, folded or not. */
void verify_question_fields(struct verify_question *question, const char *p, size_t n);

/* The length of a field name with its colon ("Identity:", "y :") at p, 0 when there is none. */
size_t verify_field_name(const char *p, size_t n);

/* Sets the mode of a check; false after filling problem with what is allowed. */
bool verify_set_check(struct callerid_policy *policy, const char *name, const char *mode,
		      char problem[OPT_ERROR_MAX]);

/*
 * One more value of what the option or the field name says, spelled as the option is: also-from,
 * request-uri, resource-priority, spc, namespace, call-info. text is borrowed. false after filling
 * problem.
 */
bool verify_set_text(struct verify_question *question, const char *name,
		     const struct callerid_span *text, char problem[OPT_ERROR_MAX]);

/* Asks and supplies. *v_out is the caller's, to be freed before question; its verdict is ready. */
enum callerid_status verify_ask(struct verify_setup *setup, struct verify_question *question,
				struct callerid_verification **v_out, struct callerid_error *err);

/* Answers every line of stdin with a line. */
enum cli_exit verify_batch(struct verify_setup *setup, const struct verify_question *defaults);

#endif
