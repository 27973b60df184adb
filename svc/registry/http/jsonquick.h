/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a struct from a body without making a tree of it, when the body is as plain as programs
 * write it: known names, no escapes, ASCII, whole numbers, nothing wrong. Whatever else it may be,
 * jsontext.h and jsonspec.h find out, and name the error.
 */
#ifndef REGISTRY_JSONQUICK_H
#define REGISTRY_JSONQUICK_H

#include "svc/registry/http/jsonspec.h"

/*
 * false: ask those two; text is as it was, and target may be filled in part. true: target is what
 * they would have made of it; its strings are borrowed from text, each ended by a NUL in place of
 * its quote.
 */
bool jsonquick_fill(const struct spec *spec, char *text, size_t len, void *target);

#endif
