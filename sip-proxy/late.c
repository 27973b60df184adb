/* SPDX-License-Identifier: Apache-2.0 */
/* A table of calls; callers choose their Call-IDs, and none of them where it stands. */
#include "sip-proxy/late.h"

#include <string.h>

static unsigned hash_of(const struct proxy *proxy, const char *call_id, size_t len)
{
	return (unsigned)siphash(&proxy->late_secret, call_id, len);
}

bool late_is(const struct proxy *proxy, const char *call_id)
{
	size_t len = strnlen(call_id, RECORD_CALL_ID_MAX);
	struct call *call = NULL;

	HASH_FIND_BYHASHVALUE(late_hh, proxy->late, call_id, len, hash_of(proxy, call_id, len),
			      call);
	return call != NULL;
}

void late_begin(struct call *call)
{
	struct proxy *proxy = call->proxy;
	const char *call_id = call->record.call_id;
	size_t len = strlen(call_id);

	call->media.late = true;
	if (call->journey)
		HASH_ADD_KEYPTR_BYHASHVALUE(late_hh, proxy->late, call_id, len,
					    hash_of(proxy, call_id, len), call);
}

void late_end(struct call *call)
{
	if (call->media.late && call->journey)
		HASH_DELETE(late_hh, call->proxy->late, call);
}
