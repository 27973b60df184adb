/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of lists, and the cursors that lead from one to the next. */
#include "svc/registry/http/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define LIMIT_MAX     250
#define LIMIT_DEFAULT 50
#define SERIAL_HEX    16
#define TAG_BYTES     16 /* of the HMAC: 128 bits */
#define CURSOR_LEN    (SERIAL_HEX + 2 * TAG_BYTES)

/* A cursor is the serial and an HMAC over it, the route and the tenant: one that was made up, or
 * comes from another list, is refused. */
static bool make_cursor(const struct http_call *call, int64_t serial,
			char cursor_out[CURSOR_LEN + 1])
{
	uint8_t tag[PAIRTAG_SIZE];
	char list[ROUTE_PARAM_MAX + 64];

	snprintf(cursor_out, CURSOR_LEN + 1, "%0*" PRIx64, SERIAL_HEX, (uint64_t)serial);
	snprintf(list, sizeof list, "%s %s", call->operation, call->caller.tenant);
	if (!pairtag_make(call->env->cursor_key, "cursor", list, cursor_out, tag))
		return false;
	id_hex(tag, TAG_BYTES, cursor_out + SERIAL_HEX);
	return true;
}

static bool read_cursor(const struct http_call *call, const char *text, int64_t *serial_out)
{
	char serial[SERIAL_HEX + 1], made[CURSOR_LEN + 1];

	if (strnlen(text, CURSOR_LEN + 1) != CURSOR_LEN)
		return false;
	memcpy(serial, text, SERIAL_HEX);
	serial[SERIAL_HEX] = 0;
	*serial_out = (int64_t)strtoull(serial, NULL, 16);
	return *serial_out > 0 && make_cursor(call, *serial_out, made) &&
	       CRYPTO_memcmp(made, text, CURSOR_LEN) == 0;
}

/* 0 when it is no number of 1 to LIMIT_MAX. */
static size_t read_limit(const char *text)
{
	char *end;

	if (text == NULL)
		return LIMIT_DEFAULT;
	unsigned long limit = strtoul(text, &end, 10);
	bool digits = text[0] >= '0' && text[0] <= '9' && *end == 0;
	return digits && limit <= LIMIT_MAX ? limit : 0;
}

bool http_read_page(struct http_call *call, struct http_page *page_out)
{
	const char *after = call->query(call, "after");

	*page_out = (struct http_page){.limit = read_limit(call->query(call, "limit"))};
	if (page_out->limit == 0) {
		http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED,
				   "limit is a number from 1 to 250.");
		return false;
	}
	if (after == NULL || read_cursor(call, after, &page_out->after))
		return true;
	http_reply_problem(call, PROBLEM_CURSOR_INVALID, NULL);
	return false;
}

void http_reply_page(struct http_call *call, json_t *take, int64_t next)
{
	char cursor[CURSOR_LEN + 1];

	if (next > 0 && !make_cursor(call, next, cursor)) {
		json_decref(take);
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	http_reply_json(call, 200,
			json_pack("{s:o, s:o}", "items", take, "next",
				  next > 0 ? json_string(cursor) : json_null()));
}
