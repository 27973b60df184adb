/* SPDX-License-Identifier: Apache-2.0 */
/* A verification as ATIS-1000082 asks and answers it, on libcallerid's object; no I/O. */
#ifndef REGISTRY_STIR_QUESTION_H
#define REGISTRY_STIR_QUESTION_H

#include <callerid/passport.h>
#include <callerid/verification.h>

#include <jansson.h>

#define STIR_TO_MAX CALLERID_DEST_MAX

struct stir_question {
	struct callerid_party from;
	struct callerid_party to[STIR_TO_MAX]; /* any of them may be the called one */
	size_t n_to;
	int64_t time_s; /* when the call says that it was made: its Date */
	int64_t now_s;
	char *identity; /* the header's value, malloc'ed */
};

/* The verification with to[i] as the called party. */
enum callerid_status stir_question_begin(struct callerid_context *ctx,
					 const struct stir_question *question, size_t i,
					 const struct callerid_policy *policy,
					 struct callerid_verification **v_out);

/* The verdict says nothing but that to[i] was not called, and there is another one. */
bool stir_question_goes_on(const struct stir_question *question, size_t i,
			   const struct callerid_verdict *verdict);

/* {"verificationResponse": ...}; NULL: no memory. */
json_t *stir_question_answer(const struct callerid_verdict *verdict);

#endif
