/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole registry as lines of JSON, and back: how it moves from one engine to the other. The
 * first line names the format; then come the rows, table by table, each table after those that it
 * refers to; the last line counts them, so that half an export is never taken for a whole one. The
 * tag key is no part of it: its file goes along as it is.
 */
#ifndef REGISTRY_STORE_TRANSFER_H
#define REGISTRY_STORE_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * database is the owner's, as for store_migrate(), and has our version of the schema. One state is
 * written, whatever others write meanwhile. err is one line.
 */
bool store_export(const char *database, FILE *out, char *err, size_t size);

/* All lines or none: one transaction. Refuses a registry that holds anything. */
bool store_import(const char *database, FILE *in, char *err, size_t size);

/* The tables' names in their order, NULL after the last. */
const char *transfer_table(size_t i);

#endif
