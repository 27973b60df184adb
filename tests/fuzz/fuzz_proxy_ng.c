/* SPDX-License-Identifier: Apache-2.0 */
/* What a media relay answers: a stream is cut where its first message ends, and its parts lie
 * inside of it. */
#include "sip-proxy/ng.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct callerid_span part, struct callerid_span whole)
{
	if (part.p != NULL &&
	    (part.p < whole.p || part.n > whole.n || (size_t)(part.p - whole.p) > whole.n - part.n))
		abort();
}

/* What is whole is so at no byte before its last one. */
static void cut(struct callerid_span text, long size)
{
	for (size_t n = 0; n < text.n; n++) {
		long less = ng_size(text.p, n);

		if (less > (long)n || (less > 0 && less != size) || (less < 0 && size >= 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ng_key key = {"0123456789abcdef", 16};
	const struct ng_key *keys[] = {NULL, &key};
	char *copy = malloc(size + 1);
	struct callerid_span text = {copy, size}, cookie, dict;
	struct ng_reply reply;
	long whole;

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	whole = ng_size(text.p, text.n);
	if (whole > (long)size)
		abort();
	if (size <= 512)
		cut(text, whole);
	for (size_t i = 0; i < 2; i++) {
		if (!ng_split(text, keys[i], &cookie, &dict))
			continue;
		inside(cookie, text);
		inside(dict, text);
		ng_read(dict, &reply);
		inside(reply.sdp, dict);
		inside(reply.reason, dict);
		inside(reply.identity, dict);
	}
	free(copy);
	return 0;
}
