/* SPDX-License-Identifier: Apache-2.0 */
/* --verify-audit: whether the audit rows of all tenants are as they were written. */
#ifndef REGISTRY_AUDITCHECK_H
#define REGISTRY_AUDITCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * One line a tenant: its identifier, and "ok", or "broken from row N". false: err says how many are
 * broken, or why they could not be read. Who can write the database can also write a whole new
 * chain; to find that out, keep the last hash of GET /v1/audit elsewhere.
 */
bool auditcheck_run(const char *database, FILE *file, char *err, size_t size);

#endif
