/* SPDX-License-Identifier: Apache-2.0 */
/* The names and meanings of verdicts: tables, and the RFC 9410 Reason header. */
#include <callerid/verdict.h>

#include <callerid/reason.h>

#include "reasons.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ROW(id, name_, code_, phrase_, verstat_, text_)                                            \
	[CALLERID_REASON_##id] = {.name = (name_),                                                 \
				  .code = (code_),                                                 \
				  .phrase = (phrase_),                                             \
				  .verstat = CALLERID_VERSTAT_##verstat_,                          \
				  .text = (text_)},

static const struct callerid_reason_info reasons[CALLERID_REASON_COUNT] = {CID_REASONS(ROW)};

static const char *const checks[CALLERID_CHECK_COUNT] = {
	[CALLERID_CHECK_PRESENT] = "present",
	[CALLERID_CHECK_HEADER] = "header",
	[CALLERID_CHECK_PASSPORT] = "passport",
	[CALLERID_CHECK_CLAIMS] = "claims",
	[CALLERID_CHECK_ORIG] = "orig",
	[CALLERID_CHECK_DEST] = "dest",
	[CALLERID_CHECK_MEDIA] = "media",
	[CALLERID_CHECK_PRIORITY] = "priority",
	[CALLERID_CHECK_DATE] = "date",
	[CALLERID_CHECK_IAT] = "iat",
	[CALLERID_CHECK_CERT] = "cert",
	[CALLERID_CHECK_CHAIN] = "chain",
	[CALLERID_CHECK_VALIDITY] = "validity",
	[CALLERID_CHECK_AUTHORITY] = "authority",
	[CALLERID_CHECK_CONSTRAINTS] = "constraints",
	[CALLERID_CHECK_SIGNATURE] = "signature",
	[CALLERID_CHECK_REPLAY] = "replay",
	[CALLERID_CHECK_DIVERSION] = "diversion",
	[CALLERID_CHECK_CONTENT] = "content",
};

static const char *const results[] = {
	[CALLERID_RESULT_SKIPPED] = "skipped",
	[CALLERID_RESULT_PASSED] = "passed",
	[CALLERID_RESULT_WARNED] = "warned",
	[CALLERID_RESULT_FAILED] = "failed",
};

static const char *const modes[] = {
	[CALLERID_MODE_ENFORCE] = "enforce",
	[CALLERID_MODE_WARN] = "warn",
	[CALLERID_MODE_OFF] = "off",
};

/* 3GPP TS 24.229 §7.2A.20 */
static const char *const verstats[] = {
	[CALLERID_VERSTAT_NONE] = "No-TN-Validation",
	[CALLERID_VERSTAT_PASSED] = "TN-Validation-Passed",
	[CALLERID_VERSTAT_FAILED] = "TN-Validation-Failed",
};

#define N_ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const char *name_at(const char *const *names, size_t n, unsigned i)
{
	return i < n ? names[i] : NULL;
}

static bool index_of(const char *const *names, size_t n, const char *name, unsigned *i_out)
{
	for (unsigned i = 0; name != NULL && i < n; i++) {
		if (strcasecmp(names[i], name) == 0) {
			*i_out = i;
			return true;
		}
	}
	return false;
}

const char *callerid_check_name(enum callerid_check check)
{
	return name_at(checks, N_ROWS(checks), (unsigned)check);
}

const char *callerid_result_name(enum callerid_result result)
{
	return name_at(results, N_ROWS(results), (unsigned)result);
}

const char *callerid_mode_name(enum callerid_mode mode)
{
	return name_at(modes, N_ROWS(modes), (unsigned)mode);
}

const char *callerid_verstat_name(enum callerid_verstat verstat)
{
	return name_at(verstats, N_ROWS(verstats), (unsigned)verstat);
}

const struct callerid_reason_info *callerid_reason_info(enum callerid_reason reason)
{
	return (unsigned)reason < N_ROWS(reasons) ? &reasons[reason] : NULL;
}

bool callerid_check_by_name(const char *name, enum callerid_check *check_out)
{
	unsigned i = 0;

	if (!index_of(checks, N_ROWS(checks), name, &i))
		return false;
	*check_out = (enum callerid_check)i;
	return true;
}

bool callerid_mode_by_name(const char *name, enum callerid_mode *mode_out)
{
	unsigned i = 0;

	if (!index_of(modes, N_ROWS(modes), name, &i))
		return false;
	*mode_out = (enum callerid_mode)i;
	return true;
}

size_t callerid_verdict_reason_header(const struct callerid_passport_verdict *passport,
				      char *text_out, size_t size)
{
	const struct callerid_reason_info *info = callerid_reason_info(passport->reason);
	char ppi[sizeof(passport->signature) + 2] = "";
	struct callerid_span span = {ppi, 0};

	if (size > 0)
		text_out[0] = '\0';
	/* What is only listed was never ours to judge, and so is nothing to complain of. */
	if (info == NULL ||
	    (passport->reason == CALLERID_REASON_UNSUPPORTED_PPT && passport->has_claims))
		return 0;
	/* RFC 9410 §5: ppi names the PASSporT; its compact form is recommended. */
	if (passport->signature[0] != '\0')
		span.n = (size_t)snprintf(ppi, sizeof(ppi), "..%s", passport->signature);
	return callerid_reason_stir(info->code, span, text_out, size);
}
