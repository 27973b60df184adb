/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a secret to a file of its own. */
#ifndef REGISTRY_SECRETFILE_H
#define REGISTRY_SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>

/* Creates path with mode 0600 and writes text and a line end. Never overwrites. false fills err
 * with one line. */
bool secretfile_create(const char *path, const char *text, char *err, size_t size);

#endif
