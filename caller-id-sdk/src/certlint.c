/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate lint: reads a file, asks every rule about every certificate in it. */
#include "certlint.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "fail.h"

struct judged {
	struct cid_lint_cert cert;
	uint8_t *der; /* OpenSSL's memory */
	enum callerid_certlint_kind kind;
	char subject[CALLERID_CERTLINT_WHY_MAX + 1];
	struct callerid_certlint_answer *answer; /* cid_lint_n_rules of them */
};

struct callerid_certlint {
	size_t n;
	struct judged at[CALLERID_CERTLINT_CERTS_MAX];
};

size_t callerid_certlint_rule_count(void)
{
	return cid_lint_n_rules;
}

const struct callerid_certlint_rule *callerid_certlint_rule_at(size_t i)
{
	return i < cid_lint_n_rules ? &cid_lint_rules[i].rule : NULL;
}

const char *callerid_certlint_kind_name(enum callerid_certlint_kind kind)
{
	switch (kind) {
	case CALLERID_CERTLINT_AUTO:
		return "auto";
	case CALLERID_CERTLINT_ROOT:
		return "root";
	case CALLERID_CERTLINT_CA:
		return "ca";
	case CALLERID_CERTLINT_END_ENTITY:
		return "end-entity";
	}
	return "?";
}

const char *callerid_certlint_severity_name(enum callerid_certlint_severity severity)
{
	switch (severity) {
	case CALLERID_CERTLINT_NOTICE:
		return "notice";
	case CALLERID_CERTLINT_WARNING:
		return "warning";
	case CALLERID_CERTLINT_ERROR:
		return "error";
	}
	return "?";
}

const char *callerid_certlint_result_name(enum callerid_certlint_result result)
{
	switch (result) {
	case CALLERID_CERTLINT_PASS:
		return "pass";
	case CALLERID_CERTLINT_FAIL:
		return "fail";
	case CALLERID_CERTLINT_NOT_APPLICABLE:
		return "not_applicable";
	}
	return "?";
}

/* An authority that names itself as its issuer is a root; empty names say nothing. */
static enum callerid_certlint_kind kind_of(const struct cid_lint_cert *cert)
{
	struct cid_lint_basic basic;

	(void)cid_lint_basic(cert, &basic);
	if (!basic.ca)
		return CALLERID_CERTLINT_END_ENTITY;
	return cert->subject.n > 0 && cid_der_same(cert->subject.der, cert->issuer.der)
		       ? CALLERID_CERTLINT_ROOT
		       : CALLERID_CERTLINT_CA;
}

/* The TNAuthList of a certificate; one that is wrong is a finding, no memory is not. */
static enum callerid_status read_tnauth(struct cid_lint_cert *cert, struct callerid_error *err)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_TNAUTH);

	if (ext == NULL || callerid_tnauthlist_parse(ext->value.p, ext->value.n, &cert->tnauth,
						     &cert->tnauth_error) != CALLERID_ENOMEM)
		return CALLERID_OK;
	return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
}

/* Takes der, also when it fails. */
static enum callerid_status add_cert(struct callerid_certlint *lint, uint8_t *der, size_t len,
				     struct callerid_error *err)
{
	struct judged *to;
	enum callerid_status status;

	if (lint->n == CALLERID_CERTLINT_CERTS_MAX) {
		OPENSSL_free(der);
		return cid_fail(err, CALLERID_ELIMIT, "certificate", "more than %d certificates",
				CALLERID_CERTLINT_CERTS_MAX);
	}
	to = &lint->at[lint->n++];
	to->der = der;
	to->answer = calloc(cid_lint_n_rules, sizeof(*to->answer));
	if (to->answer == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	status = cid_lint_parse((struct cid_der){der, len}, &to->cert, err);
	return status == CALLERID_OK ? read_tnauth(&to->cert, err) : status;
}

/* One block of a PEM text; *more_out false: there was none any more. */
static enum callerid_status next_block(BIO *bio, struct callerid_certlint *lint, bool *more_out,
				       struct callerid_error *err)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	enum callerid_status status = CALLERID_OK;

	ERR_clear_error();
	if (PEM_read_bio(bio, &name, &header, &der, &len) != 1) {
		unsigned long code = ERR_peek_last_error();

		*more_out = false;
		if (cid_lint_no_memory())
			return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
		if (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
			return CALLERID_OK;
		return cid_fail(err, CALLERID_ESYNTAX, "certificate", "block %zu cannot be read",
				lint->n + 1);
	}
	if (strcmp(name, PEM_STRING_X509) == 0) {
		status = add_cert(lint, der, (size_t)len, err);
		der = NULL;
	}
	/* A key that stands in the same file leaves no trace in memory. */
	OPENSSL_clear_free(der, (size_t)len);
	OPENSSL_free(name);
	OPENSSL_free(header);
	return status;
}

static enum callerid_status read_pem(struct callerid_certlint *lint, const void *body, size_t len,
				     struct callerid_error *err)
{
	BIO *bio = BIO_new_mem_buf(body, (int)len);
	enum callerid_status status = CALLERID_OK;
	bool more = true;

	if (bio == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	while (status == CALLERID_OK && more)
		status = next_block(bio, lint, &more, err);
	BIO_free(bio);
	if (status == CALLERID_OK && lint->n == 0)
		return cid_fail(err, CALLERID_ESYNTAX, "certificate", "no certificate in it");
	return status;
}

static enum callerid_status read_body(struct callerid_certlint *lint, const void *body, size_t len,
				      struct callerid_error *err)
{
	uint8_t *copy;

	if (body == NULL || len == 0)
		return cid_fail(err, CALLERID_ESYNTAX, "certificate", "it is empty");
	if (len > CALLERID_CERTLINT_BYTES_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "certificate", "more than %d bytes",
				CALLERID_CERTLINT_BYTES_MAX);
	if (*(const uint8_t *)body != CID_TAG_SEQUENCE) /* no PEM text begins so */
		return read_pem(lint, body, len, err);
	copy = OPENSSL_memdup(body, len);
	if (copy == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	return add_cert(lint, copy, len, err);
}

/* One certificate, all rules. */
static void judge(struct judged *judged, const struct cid_lint_case *c)
{
	for (size_t r = 0; r < cid_lint_n_rules; r++) {
		const struct cid_lint_rule *rule = &cid_lint_rules[r];
		struct callerid_certlint_answer *answer = &judged->answer[r];

		answer->rule = &rule->rule;
		if ((rule->rule.applies & (unsigned)c->kind) != 0)
			answer->result = rule->check(c, answer->why);
		else
			answer->result = cid_lint_say(CALLERID_CERTLINT_NOT_APPLICABLE, answer->why,
						      "not for %s certificates",
						      callerid_certlint_kind_name(c->kind));
	}
}

static bool is_self_issued(const struct cid_lint_cert *cert)
{
	return cid_der_same(cert->subject.der, cert->issuer.der);
}

static void judge_all(struct callerid_certlint *lint, enum callerid_certlint_kind kind)
{
	size_t below = 0;

	for (size_t i = 0; i < lint->n; i++) {
		struct judged *judged = &lint->at[i];
		struct cid_lint_case c = {.cert = &judged->cert, .below = below};

		c.next = i + 1 < lint->n ? &lint->at[i + 1].cert : NULL;
		c.kind = i == 0 && kind != CALLERID_CERTLINT_AUTO ? kind : kind_of(&judged->cert);
		judged->kind = c.kind;
		cid_lint_name_text(&judged->cert.subject, judged->subject, sizeof(judged->subject));
		judge(judged, &c);
		/* RFC 5280 §4.2.1.9: self-issued ones do not count. */
		if (c.kind != CALLERID_CERTLINT_END_ENTITY && !is_self_issued(&judged->cert))
			below++;
	}
}

void callerid_certlint_free(struct callerid_certlint *lint)
{
	if (lint == NULL)
		return;
	for (size_t i = 0; i < lint->n; i++) {
		callerid_tnauthlist_free(lint->at[i].cert.tnauth);
		OPENSSL_free(lint->at[i].der);
		free(lint->at[i].answer);
	}
	free(lint);
}

static enum callerid_status run_once(const void *body, size_t len, enum callerid_certlint_kind kind,
				     struct callerid_certlint **lint_out,
				     struct callerid_error *err)
{
	struct callerid_certlint *lint = calloc(1, sizeof(*lint));
	enum callerid_status status;

	if (lint == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	status = read_body(lint, body, len, err);
	if (status != CALLERID_OK) {
		callerid_certlint_free(lint);
		return status;
	}
	judge_all(lint, kind);
	*lint_out = lint;
	return CALLERID_OK;
}

static bool is_same(const struct callerid_certlint *a, const struct callerid_certlint *b)
{
	if (a == NULL || b == NULL || a->n != b->n)
		return a == b;
	for (size_t i = 0; i < a->n; i++) {
		for (size_t r = 0; r < cid_lint_n_rules; r++) {
			if (a->at[i].answer[r].result != b->at[i].answer[r].result)
				return false;
		}
	}
	return true;
}

/*
 * Twice, and believed when the answers are the same: OpenSSL does not always say that it was memory
 * that it lacked to read a key, a block of PEM or to verify.
 */
enum callerid_status callerid_certlint_run(const void *body, size_t len,
					   enum callerid_certlint_kind kind,
					   struct callerid_certlint **lint_out,
					   struct callerid_error *err)
{
	struct callerid_certlint *lint = NULL, *again = NULL;
	enum callerid_status status, second;
	bool same;

	if (callerid_certlint_kind_name(kind)[0] == '?')
		return cid_fail(err, CALLERID_EINVAL, "certificate", "no such kind");
	status = run_once(body, len, kind, &lint, err);
	if (status == CALLERID_ENOMEM)
		return status;
	second = run_once(body, len, kind, &again, err);
	same = status == second && is_same(lint, again);
	callerid_certlint_free(again);
	if (!same) {
		callerid_certlint_free(lint);
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	}
	if (lint != NULL)
		*lint_out = lint;
	return status;
}

size_t callerid_certlint_count(const struct callerid_certlint *lint)
{
	return lint->n;
}

enum callerid_certlint_kind callerid_certlint_kind_of(const struct callerid_certlint *lint,
						      size_t i)
{
	return i < lint->n ? lint->at[i].kind : CALLERID_CERTLINT_AUTO;
}

const char *callerid_certlint_subject(const struct callerid_certlint *lint, size_t i)
{
	return i < lint->n ? lint->at[i].subject : "";
}

const struct callerid_certlint_answer *
callerid_certlint_answer(const struct callerid_certlint *lint, size_t i, size_t r)
{
	return i < lint->n && r < cid_lint_n_rules ? &lint->at[i].answer[r] : NULL;
}

size_t callerid_certlint_failures(const struct callerid_certlint *lint, size_t i,
				  enum callerid_certlint_severity severity)
{
	size_t n = 0;

	if (i >= lint->n)
		return 0;
	for (size_t r = 0; r < cid_lint_n_rules; r++)
		n += lint->at[i].answer[r].result == CALLERID_CERTLINT_FAIL &&
		     lint->at[i].answer[r].rule->severity == severity;
	return n;
}
