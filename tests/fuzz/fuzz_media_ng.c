/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of the ng protocol: parts lie inside the message, a message ends at the same byte
 * however it comes, and what is written reads back as the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "media/ng/frame.h"
#include "media/ng/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const char *p, size_t n, const char *text, size_t len)
{
	if (n > 0 && (p < text || n > len || (size_t)(p - text) > len - n))
		abort();
}

/* As much as is there at once, and byte by byte. */
static void ends_alike(const char *text, size_t len)
{
	struct frame_scan whole = {0}, pieces = {0};
	long size = frame_size(&whole, text, len), found = 0;

	for (size_t n = 1; n <= len && found == 0; n++)
		found = frame_size(&pieces, text, n);
	if (found > 0 && found != size)
		abort();
	/* What is known to be wrong only once more of it is there may be known earlier. */
	if (found == 0 && size != 0)
		abort();
	if (found < 0 && size > 0)
		abort();
}

static void writes_back(const struct ng_value *value, enum ng_format format)
{
	struct ng_tree *tree = ng_tree_new();
	const struct ng_value *again = NULL;
	const char *why = NULL;
	size_t len, len2;
	char *text = ng_write(value, format, &len), *text2;

	if (text == NULL || tree == NULL)
		abort();
	if (len <= NG_MESSAGE_MAX) {
		again = (format == NG_JSON ? ng_read_json : ng_read_bencode)(tree, text, len, &why);
		text2 = ng_write(again, format, &len2);
		if (text2 == NULL || len2 != len || memcmp(text, text2, len) != 0)
			abort();
		free(text2);
	}
	ng_tree_free(tree);
	free(text);
}

static void asks(const struct ng_value *value)
{
	struct ng_request request;

	ng_request_read(value, &request);
	if (request.n_strip > NG_STRIPPED_MAX || request.n_identity > NG_IDENTITIES_MAX ||
	    request.n_warnings > NG_WARNINGS_MAX)
		abort();
	for (size_t i = 0; i < request.n_warnings; i++)
		if (memchr(request.warnings[i], '\0', sizeof(request.warnings[i])) == NULL)
			abort();
	if (ng_command_label(value) == NULL)
		abort();
}

static void reads(const char *text, size_t len, enum ng_format format)
{
	struct ng_tree *tree = ng_tree_new();
	const char *why = NULL;
	const struct ng_value *value =
		(format == NG_JSON ? ng_read_json : ng_read_bencode)(tree, text, len, &why);
	struct ng_scan scan = {0};
	long size;

	if ((value == NULL) != (why != NULL))
		abort();
	if (value != NULL) {
		asks(value);
		writes_back(value, NG_BENCODE);
		writes_back(value, NG_JSON);
		size = format == NG_BENCODE ? ng_bencode_frame(&scan, text, len)
		       : *text == '{'	    ? ng_json_frame(&scan, text, len)
					    : 1;
		if (size <= 0 || (size_t)size > len)
			abort();
	}
	ng_tree_free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct frame frame;

	if (size > 16384) /* byte by byte is for short ones */
		return 0;
	ends_alike(text, size);
	reads(text, size, NG_BENCODE);
	reads(text, size, NG_JSON);
	if (!frame_split(text, size, &frame))
		return 0;
	inside(frame.cookie, frame.cookie_len, text, size);
	inside(frame.auth, frame.auth_len, text, size);
	inside(frame.body, frame.body_len, text, size);
	reads(frame.body, frame.body_len, NG_BENCODE);
	reads(frame.body, frame.body_len, NG_JSON);
	return 0;
}
