/* SPDX-License-Identifier: Apache-2.0 */
/* The REST doors of ATIS-1000082: a signer, and a thread that verifies. */
#ifndef REGISTRY_STIR_DOOR_H
#define REGISTRY_STIR_DOOR_H

#include "svc/registry/http/call.h"
#include "svc/registry/stir/question.h"
#include "svc/registry/stir/options.h"

#include <callerid/signer.h>

#define STIR_FRESH_S	  60 /* how far iat of a signature may be off */
#define STIR_INSTANCE_MAX CALLERID_ORIGID_MAX

struct stir_door;

/* What the door tells of itself. */
struct stir_ends {
	struct log *log;
	struct metrics *metrics; /* NULL: none */
};

/* Signs when a key is configured, verifies when anchors are. *door_out is NULL when neither is.
 * false: err is one line. */
bool stir_door_start(const struct stir_section *section, const struct stir_ends *ends,
		     struct stir_door **door_out, char *err, size_t size);
/* Ends what is under way, so that no connection waits for it; before the server stops. */
void stir_door_close(struct stir_door *door); /* NULL is fine */
void stir_door_stop(struct stir_door *door);  /* after the server has; NULL is fine */

/* Of this process: X-InstanceID. */
const char *stir_door_instance(const struct stir_door *door);

bool stir_door_signs(const struct stir_door *door); /* NULL: it does not */
bool stir_door_verifies(const struct stir_door *door);

/* Any thread; *identity_out is freed with free(). Blocks for token_timeout with a token. */
enum callerid_status stir_door_sign(const struct stir_door *door,
				    const struct callerid_claims *claims, char **identity_out,
				    struct callerid_error *err);

/* Takes question->identity on success. The answer comes from the source. false: too many wait. */
bool stir_door_verify(struct stir_door *door, const struct stir_question *question,
		      struct http_source *source_out);

#endif
