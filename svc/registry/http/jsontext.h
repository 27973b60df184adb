/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from strangers: bounded before it is parsed. */
#ifndef REGISTRY_JSONTEXT_H
#define REGISTRY_JSONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define JSONTEXT_DEPTH_MAX 16
#define JSONTEXT_KEYS_MAX  1000 /* where a route says nothing else */

enum jsontext_fault { JSONTEXT_OK, JSONTEXT_INVALID, JSONTEXT_TOO_DEEP, JSONTEXT_TOO_MANY_KEYS };

/* Depth and names are counted before anything is built. Doubled names, NUL, invalid UTF-8, and
 * anything behind the text are JSONTEXT_INVALID. *json_out is the caller's on JSONTEXT_OK. */
enum jsontext_fault jsontext_load(const uint8_t *text, size_t len, json_t **json_out);
/* With another limit than JSONTEXT_KEYS_MAX. */
enum jsontext_fault jsontext_load_keys(const uint8_t *text, size_t len, size_t keys_max,
				       json_t **json_out);

#endif
