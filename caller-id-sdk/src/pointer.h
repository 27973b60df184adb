/* SPDX-License-Identifier: Apache-2.0 */
/* JSON pointers (RFC 6901). */
#ifndef CID_POINTER_H
#define CID_POINTER_H

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>

#define CID_POINTER_MAX 128 /* bytes of a pointer */

/* What pointer names inside root, borrowed; NULL: nothing, or it is no pointer of bounded length.
 * "" is root itself. */
const json_t *cid_pointer_get(const json_t *root, const char *pointer);

/* "" or "/" tokens, where "~" is only in "~0" and "~1", at most CID_POINTER_MAX bytes. */
bool cid_pointer_is_valid(const char *pointer);

/* pointer's first token is name; *rest_out is what stands behind it, "" or "/...". */
bool cid_pointer_under(const char *pointer, const char *name, const char **rest_out);

#endif
