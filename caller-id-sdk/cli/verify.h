/* SPDX-License-Identifier: Apache-2.0 */
/* One verification as the command line asks it; "verify" and "verify --batch" share it. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include "io.h"

#include <callerid/verification.h>

#define VERIFY_VALUES_MAX 128 /* Identity values taken from one input; the library looks at 8 */
#define VERIFY_CERTS_MAX  OPT_VALUES_MAX

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
	VERIFY_BATCH
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
};

/* One question. Texts are borrowed; NULL from or to: not known. */
struct verify_question {
	struct callerid_span identity[VERIFY_VALUES_MAX];
	size_t n_identity;
	struct callerid_span from, to, date;
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

/* The length of a field name with its colon ("Identity:", "y :") at p, 0 when there is none. */
size_t verify_field_name(const char *p, size_t n);

/* Sets the mode of a check; false after filling problem with what is allowed. */
bool verify_set_check(struct callerid_policy *policy, const char *name, const char *mode,
		      char problem[OPT_ERROR_MAX]);

/* Asks and supplies. *v_out is the caller's; its verdict is ready. */
enum callerid_status verify_ask(struct verify_setup *setup, const struct verify_question *question,
				struct callerid_verification **v_out, struct callerid_error *err);

/* Answers every line of stdin with a line. */
enum cli_exit verify_batch(struct verify_setup *setup, const struct verify_question *defaults);

#endif
