/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a field, in words that say what to send instead. */
#ifndef REGISTRY_FIELDTEXT_H
#define REGISTRY_FIELDTEXT_H

#include "svc/registry/http/jsonspec.h"

#define FIELDTEXT_MAX 512 /* bytes; a longer list of choices is cut at a whole one */

/* text: the words of the code, which come first. */
void fieldtext_write(const struct spec_error *error, const char *text, char out[FIELDTEXT_MAX]);

#endif
