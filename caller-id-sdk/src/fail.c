/* SPDX-License-Identifier: Apache-2.0 */
/* Filling struct callerid_error. */
#include "fail.h"

#include <openssl/err.h>

#include <stdarg.h>
#include <stdio.h>

/* Only printable ASCII stays: a stranger's bytes end up in logs, on terminals and in JSON, which
 * takes no invalid UTF-8. A text cut in the middle of a character would be just that. */
static void clean(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

enum callerid_status cid_fail(struct callerid_error *err, enum callerid_status status,
			      const char *where, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return status;
	err->status = status;
	err->where = where;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	clean(err->text);
	return status;
}

void cid_say(char *out, size_t size, const char *fmt, ...)
{
	va_list args;

	if (out == NULL || size == 0)
		return;
	va_start(args, fmt);
	vsnprintf(out, size, fmt, args);
	va_end(args);
	clean(out);
}

bool cid_openssl_lacked_memory(void)
{
	bool lacked = false;
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		lacked |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return lacked;
}
