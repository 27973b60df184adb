/* SPDX-License-Identifier: Apache-2.0 */
/* What is done once, from the command line: the database, the tag key, the first API keys. */
#ifndef REGISTRY_SETUP_H
#define REGISTRY_SETUP_H

#include "svc/registry/config.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/domain/signature.h"

/* The database as the role that makes the schema and moves rows. */
const char *setup_owner(const struct registry_section *section);

/* Each returns false and one line in err when it failed. */

/* Creates the database and the key file where they are missing; updates the schema. *from_out is
 * the schema's version before. */
bool setup_migrate(const struct registry_section *section, int *from_out, char *err, size_t size);

struct setup_key {
	enum role role;
	const char *tenant; /* its name; made if there is none, vouched for */
	const char *path;   /* of the new file; "-": standard output */
};
bool setup_add_key(const struct registry_section *section, const struct setup_key *key, char *err,
		   size_t size);

bool setup_read_pair_key(const char *path, struct pairtag_key *key_out, char *err, size_t size);
/* NULL: err says why. */
struct signature *setup_read_signature(const char *path, char *err, size_t size);

#endif
