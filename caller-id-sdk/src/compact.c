/* SPDX-License-Identifier: Apache-2.0 */
/* Compact PASSporTs, rebuilt from what the signalling says (RFC 8225 §7, RFC 8224 §6.2 step 5). */
#include "compact.h"

#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "fail.h"
#include "mky.h"
#include "rcd.h"

#define NAM_MAX 2048 /* bytes of {"nam":"..."} */

/* RFC 9795 §9: of rcd nam only, since the request says nothing of the rest; §12.1: and no other
 * name than the one that From shows, or nobody could make the full form again. */
static const char *rcd_trouble(const json_t *rcd, const char *display_name)
{
	const char *nam = json_string_value(json_object_get(rcd, "nam"));

	if (json_object_size(rcd) != 1 || nam == NULL)
		return "rcd in compact form holds nam and nothing else";
	if (nam[0] == '\0')
		return "in compact form a request without a display name has no rcd";
	if (display_name == NULL || strcmp(nam, display_name) != 0)
		return "nam is not the display name of the request: the full form is required";
	return NULL;
}

static enum callerid_status check_rcd(const char *text, const char *display_name,
				      struct callerid_error *err)
{
	struct callerid_error why;
	json_t *rcd = cid_json_load(text, strnlen(text, CID_JSON_MAX + 1), &why);
	const char *trouble;

	if (rcd == NULL)
		return cid_fail(err,
				why.status == CALLERID_ENOMEM ? CALLERID_ENOMEM : CALLERID_EINVAL,
				"claims", "rcd: %s", why.text);
	trouble = rcd_trouble(rcd, display_name);
	json_decref(rcd);
	return trouble == NULL ? CALLERID_OK
			       : cid_fail(err, CALLERID_EINVAL, "claims", "%s", trouble);
}

enum callerid_status cid_compact_check(const struct callerid_claims *claims,
				       struct callerid_error *err)
{
	size_t ppt_len = strnlen(claims->ppt, sizeof(claims->ppt));
	const struct cid_ppt *type = cid_ppt_find(claims->ppt, ppt_len);

	if (type == NULL || !type->compact_allowed)
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"this PASSporT type has no compact form");
	/* A request has one To. */
	if (claims->n_dest != 1)
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"dest in compact form is one identity");
	if (claims->rcdi != NULL || claims->iss != NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims",
				"compact form carries neither rcdi nor iss");
	return claims->rcd == NULL ? CALLERID_OK
				   : check_rcd(claims->rcd, claims->display_name, err);
}

static enum cid_step refuse(struct callerid_check_result *r, const char *why)
{
	return cid_step_fail(r, CID_DEAD, CALLERID_REASON_COMPACT_FORM, why);
}

/* Claims under way, with what they borrow. */
struct rebuilt {
	struct callerid_claims claims;
	char nam[NAM_MAX + 1];
	char crn[CID_CRN_MAX + 1];
	char *mky; /* owned */
};

/* RFC 9795 §9: nam is the display name, crn the call-reason of Call-Info. */
static enum cid_step take_rcd(struct rebuilt *b, const struct callerid_call *call,
			      struct callerid_check_result *r)
{
	struct callerid_span reason = call->call_reason;
	struct cid_writer w;

	if (call->display_name.n > 0) {
		cid_writer_init(&w, b->nam, NAM_MAX);
		cid_write_text(&w, "{\"nam\":");
		cid_write_string(&w, call->display_name.p, call->display_name.n);
		cid_write(&w, "}", 1);
		if (w.full)
			return refuse(r, "the display name is too long, or not UTF-8");
		b->claims.rcd = b->nam; /* zero behind w.len */
	}
	if (reason.n == 0)
		return CID_PASSED;
	if (reason.n > CID_CRN_MAX || memchr(reason.p, '\0', reason.n) != NULL)
		return refuse(r, "the call-reason is too long, or no text");
	memcpy(b->crn, reason.p, reason.n);
	b->claims.crn = b->crn;
	return CID_PASSED;
}

/* RFC 8224 §4.1: a request whose SDP has fingerprints is signed with them. */
static enum cid_step take_mky(struct rebuilt *b, struct callerid_span sdp,
			      struct callerid_check_result *r)
{
	struct callerid_error err;
	struct cid_mky mky;

	if (sdp.p == NULL || sdp.n == 0)
		return CID_PASSED;
	if (cid_mky_of_sdp(sdp, &mky, &err) != CALLERID_OK)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_MEDIA_MISMATCH, err.text);
	if (mky.n == 0)
		return CID_PASSED;
	b->mky = cid_mky_text(&mky);
	if (b->mky == NULL)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_MEMORY, "no memory");
	b->claims.mky = b->mky;
	return CID_PASSED;
}

static enum cid_step take_call(struct rebuilt *b, const struct cid_passport *p,
			       const struct cid_facts *f, struct callerid_check_result *r)
{
	const struct callerid_call *call = f->call;
	enum cid_step step = CID_PASSED;

	/* RFC 8224 §6.2 step 5 has iat from Date; §4.1 lets full form do without. */
	if (f->date_state != CID_DATE_READ)
		return refuse(r, "in compact form, and there is no Date to take iat from");
	if (call->dest.kind == CALLERID_PARTY_NONE)
		return refuse(r, "in compact form, and the signalling names no called party");
	memcpy(b->claims.ppt, p->type->name, strlen(p->type->name));
	b->claims.iat = f->date;
	b->claims.dest[0] = call->dest;
	b->claims.n_dest = 1;
	if (p->type->carries_rcd)
		step = take_rcd(b, call, r);
	return step == CID_PASSED ? take_mky(b, call->sdp, r) : step;
}

/* The whole token of b, malloc'ed. */
static enum cid_step write_token(const struct rebuilt *b, const struct cid_passport *p,
				 char **token_out, struct callerid_check_result *r)
{
	char text[CALLERID_TOKEN_MAX];
	struct callerid_error err;
	struct cid_writer w;
	enum callerid_status status;

	cid_writer_init(&w, text, sizeof(text));
	status = cid_claims_signing_input(&w, &b->claims, p->out->x5u, &err);
	if (status == CALLERID_ENOMEM)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_MEMORY, "no memory");
	if (status != CALLERID_OK)
		return refuse(r, err.text);
	cid_write(&w, ".", 1);
	cid_write(&w, p->jws.signature.p, p->jws.signature.n);
	if (w.full)
		return refuse(r, "what was rebuilt is too long for a token");
	*token_out = cid_text_copy(w.p, w.len);
	return *token_out != NULL
		       ? CID_PASSED
		       : cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_MEMORY, "no memory");
}

/* token, ours from now on, is the one that p is about. */
static bool adopt(struct cid_passport *p, char *token)
{
	char *before = p->token;

	p->token = token;
	p->identity.token = (struct callerid_span){token, strlen(token)};
	free(before);
	return cid_jws_split(p->identity.token, &p->jws, NULL) == CALLERID_OK;
}

/* RFC 8224 §6.2 step 2: any identity of the call may be the one that was signed. */
static enum cid_step write_tokens(struct cid_passport *p, const struct callerid_call *call,
				  struct rebuilt *b, struct callerid_check_result *r)
{
	char *token[2] = {NULL, NULL};
	size_t n = 0;

	for (size_t i = 0; i < call->n_orig && i < 2; i++) {
		const struct callerid_party *orig = &call->orig[i];
		enum cid_step step;

		if (orig->kind == CALLERID_PARTY_NONE ||
		    (n > 0 && callerid_party_equal(orig, &b->claims.orig)))
			continue;
		b->claims.orig = *orig;
		step = write_token(b, p, &token[n], r);
		if (step != CID_PASSED) {
			free(token[0]);
			return step;
		}
		n++;
	}
	if (n == 0)
		return cid_step_fail(r, CID_DEAD, CALLERID_REASON_NO_CALLER,
				     "the signalling names no usable caller");
	p->second = token[1];
	p->second_orig = b->claims.orig;
	p->either = n == 2;
	return adopt(p, token[0]) ? CID_PASSED : refuse(r, "what was rebuilt is no token");
}

enum cid_step cid_compact_rebuild(struct cid_passport *p, const struct cid_facts *f,
				  struct callerid_check_result *r)
{
	struct rebuilt b = {.mky = NULL};
	enum cid_step step;

	if (!p->type->compact_allowed)
		return refuse(r, "the token is in compact form; the full form is required");
	step = take_call(&b, p, f, r);
	if (step == CID_PASSED)
		step = write_tokens(p, f->call, &b, r);
	free(b.mky);
	return step;
}

/* A chain of forwards was linked to the first caller (RFC 8946 §4.2): there it stays. */
void cid_compact_choose(struct cid_passport *p, const struct cid_facts *f)
{
	struct cid_signer_key key = {.point = NULL};
	enum cid_verified result;
	struct cid_jws jws;

	if (p->second == NULL || p->link.state == CID_LINK_WHOLE || p->over || !p->has_raw ||
	    p->cert == NULL || p->cert->key == NULL ||
	    f->policy.mode[CALLERID_CHECK_SIGNATURE] == CALLERID_MODE_OFF ||
	    cid_jws_split((struct callerid_span){p->second, strlen(p->second)}, &jws, NULL) !=
		    CALLERID_OK)
		return;
	key.verifier = p->cert->key;
	if (p->cert->path.reason == CALLERID_REASON_OK)
		key.point = p->cert->point;
	result = cid_keytables_verify(p->keys, &key, jws.signing_input, p->raw);
	p->no_memory |= result == CID_VERIFY_NO_MEMORY;
	if (result != CID_VERIFIED)
		return;
	p->out->claims.orig = p->second_orig;
	(void)adopt(p, p->second); /* it was split a moment ago */
	p->second = NULL;
}
