/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered in the registry's place while it does not: from the snapshot (follow.h). */
#ifndef PROXY_FALLBACK_H
#define PROXY_FALLBACK_H

#include "sip-proxy/registry.h"

/*
 * answer says why the registry did not answer. If that was silence, and the snapshot knows, it
 * becomes an answer, its failure staying. Never an intent: those are the registry's. A snapshot
 * that is too old gives neither attestation A nor a brand.
 */
void fallback_answer(struct call *call, enum registry_question question,
		     struct registry_answer *answer);

#endif
