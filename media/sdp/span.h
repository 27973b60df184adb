/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a line: words and numbers of a text that is not ours and has no end of its own. */
#ifndef MEDIA_SDP_SPAN_H
#define MEDIA_SDP_SPAN_H

#include "media/sdp/sdp.h"

/* Without regard to case: RFC 8866 has names in lower case, peers have not. */
bool span_is(struct span s, const char *text);
bool span_starts(struct span s, const char *text);
struct span span_trim(struct span s);
/* The next word, taken off the front of rest; n 0: there is none. */
struct span span_word(struct span *rest);
/* The last word, taken off the end of rest. */
struct span span_last_word(struct span *rest);
/* What stands before the first c, taken off with it; all of rest where there is no c. */
struct span span_until(struct span *rest, char c);
/* Decimal digits only, at most max. */
bool span_number(struct span s, uint32_t max, uint32_t *out);

#endif
