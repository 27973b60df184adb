/* SPDX-License-Identifier: Apache-2.0 */
/* One call verified with the n-th allocation failing. For tests linked with OOM_LIBS. */
#ifndef TESTS_KIT_OOM_SCENE_H
#define TESTS_KIT_OOM_SCENE_H

#include "tests/kit/oom.h"
#include "tests/kit/scene.h"

/* What the right answer is when no allocation fails. */
struct oom_call {
	struct scene *scene;
	const char *identity; /* one Identity field */
	const char *crl;      /* NULL: none */
	const char *crl_issuers;
	bool passes;
	bool is_known;		      /* the context has seen the signer's certificate before */
	struct callerid_context *ctx; /* of oom_open() */
	char *expected;		      /* what is said of it with memory */
	/* Allocations that failed and changed nothing: OpenSSL's, when it looks up names
	 * (EVP_Q_digest()), tries decoders beside the right one, compares keys or verifies what is
	 * verified again; ours, when a text is given back what it does not need. */
	long optional;
};

/* Makes the context that all verifications of the call share, and forgets it. The replay check
 * runs in each of them, and only warns. */
void oom_open(struct oom_call *c);
void oom_close(struct oom_call *c);

/* For kit_oom_each(), with a struct oom_call: a verification, its certificate looked at anew unless
 * it is known; and the making of such a context. */
void oom_verify(void *data);
void oom_make_context(void *data);

#endif
