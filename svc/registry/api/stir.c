/* SPDX-License-Identifier: Apache-2.0 */
/* POST /stir/v1/signing and /stir/v1/verification (ATIS-1000082), on libcallerid. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/attestations.h"
#include "svc/registry/api/stir_error.h"
#include "svc/registry/domain/e164.h"
#include "svc/registry/metrics.h"
#include "svc/registry/stir/door.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_MAX INT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define TN_BYTES  64
#define UUID_LEN  36

static const char *const attest_names[] = {"A", "B", "C", NULL};

static const char *check_tn(const char *text, size_t len)
{
	struct tn tn;

	return tn_read(text, len, &tn) ? NULL : "number_invalid";
}

/* RFC 8588 §5: origid is a UUID. */
static const char *check_origid(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text[i] != '-' : strchr("0123456789abcdefABCDEF", text[i]) == NULL)
			return "not_allowed";
	}
	return len == UUID_LEN ? NULL : "not_allowed";
}

static const char *check_identity(const char *text, size_t len)
{
	(void)text;
	return len > 0 ? NULL : "empty";
}

/* Both requests: who calls, who is called. */
struct parties {
	const char *caller;
	struct spec_texts called;
};

static const struct spec_field caller_fields[] = {
	{.name = "tn",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct parties, caller),
	 .required = true,
	 .max = TN_BYTES,
	 .check = check_tn},
};
static const struct spec caller_spec = SPEC(caller_fields);

static const struct spec_field called_fields[] = {
	{.name = "tn",
	 .type = SPEC_TEXTS,
	 .offset = offsetof(struct parties, called),
	 .required = true,
	 .max = TN_BYTES,
	 .check = check_tn},
};
static const struct spec called_spec = SPEC(called_fields);

struct signing {
	struct parties parties; /* first: the specs of caller and called fill it */
	int attest;
	int64_t iat;
	const char *origid;
};

static const struct spec_field signing_fields[] = {
	{.name = "attest",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct signing, attest),
	 .required = true,
	 .choices = attest_names},
	{.name = "orig", .type = SPEC_OBJECT, .required = true, .object = &caller_spec},
	{.name = "dest", .type = SPEC_OBJECT, .required = true, .object = &called_spec},
	{.name = "iat",
	 .type = SPEC_INT,
	 .offset = offsetof(struct signing, iat),
	 .required = true,
	 .min = 1,
	 .max = EPOCH_MAX},
	{.name = "origid",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct signing, origid),
	 .required = true,
	 .check = check_origid},
};
static const struct spec signing_inner = SPEC(signing_fields);
static const struct spec_field signing_outer[] = {
	{.name = "signingRequest", .type = SPEC_OBJECT, .required = true, .object = &signing_inner},
};
static const struct spec signing_spec = SPEC(signing_outer);

struct verification {
	struct parties parties; /* first, as above */
	int64_t time;
	const char *identity;
};

static const struct spec_field verification_fields[] = {
	{.name = "from", .type = SPEC_OBJECT, .required = true, .object = &caller_spec},
	{.name = "to", .type = SPEC_OBJECT, .required = true, .object = &called_spec},
	{.name = "time",
	 .type = SPEC_INT,
	 .offset = offsetof(struct verification, time),
	 .required = true,
	 .min = 1,
	 .max = EPOCH_MAX},
	{.name = "identity",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct verification, identity),
	 .required = true,
	 .max = CALLERID_IDENTITY_MAX,
	 .check = check_identity},
};
static const struct spec verification_inner = SPEC(verification_fields);
static const struct spec_field verification_outer[] = {
	{.name = "verificationRequest",
	 .type = SPEC_OBJECT,
	 .required = true,
	 .object = &verification_inner},
};
static const struct spec verification_spec = SPEC(verification_outer);

/* The number as libcallerid writes it everywhere; it was checked before. */
static struct callerid_party party_of(const char *text)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};
	struct tn tn = {.text = ""};

	(void)tn_read(text, strlen(text), &tn);
	memcpy(party.text, tn.text, sizeof tn.text);
	return party;
}

/* false: the call is answered. field is that of the numbers called. */
static bool fill_called(struct http_call *call, const struct parties *parties, const char *field,
			struct callerid_party called_out[CALLERID_DEST_MAX], size_t *n_out)
{
	size_t n = parties->called.n;

	if (n == 0 || n > CALLERID_DEST_MAX) {
		http_reply_field(call, PROBLEM_INVALID_FIELDS, field,
				 n == 0 ? "empty" : "too_long");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		called_out[i] = party_of(parties->called.items[i]);
	*n_out = n;
	return true;
}

/* false: the call is answered. */
static bool begin(struct http_call *call, bool configured, const struct spec *spec, void *target)
{
	const char *accept = call->header(call, "Accept");

	if (!stir_accepts_json(accept)) {
		stir_refuse_accept(call, accept);
		return false;
	}
	if (configured)
		return http_read(call, spec, target);
	http_reply_problem(call, PROBLEM_NOT_CONFIGURED, NULL);
	return false;
}

/* What the attestation rule is asked by a signing request. */
struct asking {
	const struct http_call *call;
	const char *from;
	const char *customer; /* of the header Attestel-Customer; NULL: the asking tenant itself */
	struct attestation_facts facts;
	struct directory_row entry;
};

/* Without a customer's name a carrier speaks for itself: its own numbers, and those of tenants
 * below it. */
static enum store_status find_own(struct db *db, struct asking *asking)
{
	const char *tenant = asking->call->caller.tenant;
	enum store_status status = store_directory_find(db, asking->from, &asking->entry);

	asking->facts = (struct attestation_facts){.customer_known = false};
	if (status == STORE_OK && strcmp(asking->entry.tenant, tenant) != 0)
		status = store_tenants_is_below(db, asking->entry.tenant, tenant);
	if (status == STORE_OK)
		asking->facts = (struct attestation_facts){true, true};
	return status == STORE_NONE ? STORE_OK : status;
}

static enum store_status find(struct db *db, void *magic)
{
	struct asking *asking = magic;

	if (asking->customer == NULL)
		return find_own(db, asking);
	return attestations_find(db, asking->from, asking->customer, &asking->facts,
				 &asking->entry);
}

/* The registry signs no more than its own rule gives. false: the call is answered. */
static bool may_attest(struct http_call *call, const struct callerid_claims *claims)
{
	static const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	struct asking asking = {.call = call,
				.from = claims->orig.text,
				.customer = call->header(call, "Attestel-Customer")};
	enum store_status status = db_transact(call->db, &scope, find, &asking);
	char detail[160];

	if (status != STORE_OK) {
		http_reply_store(call, status);
		return false;
	}
	struct attestation given = attestation_for(&asking.facts);
	if (attestation_allows(&given, (char)claims->attest))
		return true;
	snprintf(detail, sizeof detail, "Attestation %c is not given, at most %s: %s",
		 claims->attest, given.attest, given.reason);
	http_reply_problem(call, PROBLEM_PERMISSION_MISSING, detail);
	return false;
}

static bool fill_claims(struct http_call *call, const struct signing *request,
			struct callerid_claims *claims)
{
	int64_t off_s = http_now_ms(call) / 1000 - request->iat;

	memset(claims, 0, sizeof *claims);
	snprintf(claims->ppt, sizeof claims->ppt, "shaken");
	snprintf(claims->origid, sizeof claims->origid, "%s", request->origid);
	claims->attest = (enum callerid_attest)attest_names[request->attest][0];
	claims->iat = request->iat;
	claims->orig = party_of(request->parties.caller);
	/* RFC 8224 §6.1 step 3: a verifier would find it stale, or keep it for later */
	if (off_s > STIR_FRESH_S || off_s < -STIR_FRESH_S) {
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/signingRequest/iat",
				 "out_of_range");
		return false;
	}
	return fill_called(call, &request->parties, "/signingRequest/dest/tn", claims->dest,
			   &claims->n_dest);
}

static void reply_signed(struct http_call *call, const struct callerid_claims *claims)
{
	const char letter[] = {(char)claims->attest, 0};
	struct callerid_error err = {.status = CALLERID_OK};
	char *identity = NULL;
	enum callerid_status status = stir_door_sign(call->env->stir, claims, &identity, &err);

	if (status == CALLERID_EPERM) {
		http_reply_problem(call, PROBLEM_PERMISSION_MISSING, err.text);
	} else if (status != CALLERID_OK) {
		if (call->env->log != NULL)
			log_event(call->env->log, LOG_ERROR, "stir.sign_failed",
				  F_STR("request", call->id), F_STR("why", err.text));
		http_reply_problem(call, status == CALLERID_EIO ? PROBLEM_BUSY : PROBLEM_INTERNAL,
				   NULL);
	} else {
		if (call->env->metrics != NULL)
			METRIC_COUNT(call->env->metrics, METRIC_SIGNATURES, letter);
		http_reply_json(call, 200,
				json_pack("{s:{s:s}}", "signingResponse", "identity", identity));
	}
	free(identity);
}

void api_stir_signing(struct http_call *call)
{
	struct signing request = {.attest = 0};
	struct callerid_claims claims;

	if (begin(call, stir_door_signs(call->env->stir), &signing_spec, &request) &&
	    fill_claims(call, &request, &claims) && may_attest(call, &claims))
		reply_signed(call, &claims);
}

void api_stir_verification(struct http_call *call)
{
	struct verification request = {.time = 0};
	struct stir_question question = {.now_s = http_now_ms(call) / 1000};
	struct http_source source;

	if (!begin(call, stir_door_verifies(call->env->stir), &verification_spec, &request) ||
	    !fill_called(call, &request.parties, "/verificationRequest/to/tn", question.to,
			 &question.n_to))
		return;
	question.from = party_of(request.parties.caller);
	question.time_s = request.time;
	question.identity = strdup(request.identity);
	if (question.identity != NULL && stir_door_verify(call->env->stir, &question, &source)) {
		http_reply_source(call, "application/json", &source);
		return;
	}
	free(question.identity);
	http_reply_problem(call, PROBLEM_BUSY, NULL);
}
