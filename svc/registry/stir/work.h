/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that verifies. It owns the context (anchors, validated keys, replay window) and the
 * certificate source: one window for all requests, so that a replay is seen whichever thread took
 * the request, and no lock around either. Requests wait for it asleep: a certificate that comes
 * slowly holds no thread of the server.
 */
#ifndef REGISTRY_STIR_WORK_H
#define REGISTRY_STIR_WORK_H

#include "svc/certs/certs.h"
#include "svc/registry/http/call.h"
#include "svc/registry/stir/question.h"
#include "svc/registry/stir/trust.h"

#define WORK_JOBS_MAX 1024 /* verifications under way */

struct work_params {
	struct trust_files trust;
	struct certs_settings certs;
	struct callerid_policy policy;
	int64_t wait_ms; /* for all certificates of a call */
	struct log *log;
	struct metrics *metrics; /* NULL: none */
};

struct work;

/* NULL and one line in err. Strings of params are borrowed until it returns. */
struct work *work_start(const struct work_params *params, char *err, size_t size);
/* Ends every verification without an answer, and takes no more; one thread. */
void work_close(struct work *work);
void work_stop(struct work *work); /* after work_close() and the last source; NULL is fine */

/* Takes question->identity on success. false: too many are under way, or it is closed. */
bool work_begin(struct work *work, const struct stir_question *question,
		struct http_source *source_out);

#endif
