/* SPDX-License-Identifier: Apache-2.0 */
/* What the request_*.c files share; nobody else includes it. */
#ifndef NG_REQUEST_PRIVATE_H
#define NG_REQUEST_PRIVATE_H

#include "media/ng/request.h"

#define TEXT_KEY_MAX 48 /* bytes of "codec-strip-..." and its like */

/* a is b, a space or "_" of a being as good as the "-" of b. */
bool request_is_word(struct ng_text a, const char *b);
/* Known, and without effect here. */
bool request_is_silent(struct ng_text word);
bool request_is_number(struct ng_text key);

/* false: nothing that we know, or nothing that it may be. */
bool request_set(struct ng_request *out, struct ng_text key, struct ng_text word);
bool request_set_flag(struct ng_request *out, struct ng_text word, bool value);
bool request_set_number(struct ng_request *out, struct ng_text key, const struct ng_value *value);
bool request_add_strip(struct ng_request *out, struct ng_text name);

#endif
