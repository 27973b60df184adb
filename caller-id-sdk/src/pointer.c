/* SPDX-License-Identifier: Apache-2.0 */
/* JSON pointers, followed token by token. */
#include "pointer.h"

#include <stdint.h>
#include <string.h>

bool cid_pointer_is_valid(const char *pointer)
{
	if (pointer[0] != '\0' && pointer[0] != '/')
		return false;
	if (strnlen(pointer, CID_POINTER_MAX + 1) > CID_POINTER_MAX)
		return false;
	for (; *pointer != '\0'; pointer++) {
		if (*pointer == '~' && pointer[1] != '0' && pointer[1] != '1')
			return false;
	}
	return true;
}

/* The token behind the "/" at pointer, without its escapes; returns where it ends. */
static const char *take_token(const char *pointer, char token[CID_POINTER_MAX + 1])
{
	size_t n = 0;

	for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
		char c = *pointer;

		/* RFC 6901 §4: "~1" is "/", "~0" is "~". */
		if (c == '~')
			c = *++pointer == '1' ? '/' : '~';
		token[n++] = c;
	}
	token[n] = '\0';
	return pointer;
}

/* RFC 6901 §4: digits without a leading zero. SIZE_MAX: not an index. */
static size_t index_of(const char *token)
{
	size_t index = 0, n = strlen(token);

	if (n == 0 || n > 6 || (n > 1 && token[0] == '0'))
		return SIZE_MAX;
	for (; *token != '\0'; token++) {
		if (*token < '0' || *token > '9')
			return SIZE_MAX;
		index = index * 10 + (size_t)(*token - '0');
	}
	return index;
}

const json_t *cid_pointer_get(const json_t *root, const char *pointer)
{
	char token[CID_POINTER_MAX + 1];

	if (!cid_pointer_is_valid(pointer))
		return NULL;
	while (*pointer != '\0' && root != NULL) {
		pointer = take_token(pointer, token);
		if (json_is_array(root))
			root = json_array_get(root, index_of(token));
		else
			root = json_object_get(root, token);
	}
	return root;
}

bool cid_pointer_under(const char *pointer, const char *name, const char **rest_out)
{
	size_t n = strlen(name);

	if (pointer[0] != '/' || strncmp(pointer + 1, name, n) != 0 ||
	    (pointer[1 + n] != '\0' && pointer[1 + n] != '/'))
		return false;
	*rest_out = pointer + 1 + n;
	return true;
}
