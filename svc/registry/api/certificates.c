/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/certificates, GET /certificates/{sha256}.pem */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/store/certificates.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

static void refuse(struct http_call *call, const char *code)
{
	static const struct {
		const char *code;
		enum problem problem;
	} problems[] = {
		{"private_key", PROBLEM_PRIVATE_KEY_REFUSED},
		{"no_memory", PROBLEM_INTERNAL},
	};

	for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
		if (strcmp(problems[i].code, code) == 0) {
			OPENSSL_cleanse((void *)call->body, call->body_len);
			http_reply_problem(call, problems[i].problem, NULL);
			return;
		}
	}
	http_reply_field(call, PROBLEM_CERTIFICATE_INVALID, "", code);
}

/* The same chain again is the same certificate. */
static enum store_status add(struct db *db, struct certificate_row *row)
{
	struct certificate_row found;
	enum store_status status =
		store_certificates_by_content(db, row->tenant, row->sha256, &found);

	if (status == STORE_OK)
		memcpy(row->id, found.id, sizeof row->id);
	return status == STORE_NONE ? store_certificates_add(db, row) : status;
}

static void publish(struct http_call *call, const struct pemchain *chain)
{
	struct certificate_row row = {.pem = chain->pem,
				      .len = chain->len,
				      .not_after_s = chain->not_after,
				      .created_ms = http_now_ms(call)};

	if (!render_new_id(call, ID_CERTIFICATE, row.id) ||
	    !render_sha256(call, chain->pem, chain->len, row.sha256))
		return;
	snprintf(row.tenant, sizeof row.tenant, "%s", call->caller.tenant);
	enum store_status status = add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "certificate.published", row.id, row.sha256);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	http_reply_json(call, 201,
			json_pack("{s:s, s:o, s:o}", "id", row.id, "url",
				  render_public_url(call, "certificates", row.sha256, "pem"),
				  "not_after", render_time(row.not_after_s * 1000)));
}

void api_certificates_create(struct http_call *call)
{
	struct pemchain chain;
	const char *code = pemchain_read((const char *)call->body, call->body_len,
					 http_now_ms(call) / 1000, &chain);

	if (code != NULL) {
		refuse(call, code);
		return;
	}
	publish(call, &chain);
	pemchain_clear(&chain);
}

void api_certificates_public(struct http_call *call)
{
	void *pem;
	size_t len;
	enum store_status status = store_certificates_public(call->db, call->param, &pem, &len);

	if (status == STORE_OK)
		http_reply_bytes(call, "application/pem-certificate-chain", "max-age=86400", pem,
				 len);
	else
		http_reply_store(call, status);
}
