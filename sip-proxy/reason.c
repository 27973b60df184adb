/* SPDX-License-Identifier: Apache-2.0 */
/* Reason: STIR in responses. */
#include "sip-proxy/reason.h"

#include <callerid/reason.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 32

void reason_remember(struct call *call, const char *identity)
{
	size_t end = strcspn(identity, ";");
	size_t start = end;

	while (start > 0 && identity[start - 1] != '.')
		start--;
	if (start > 0 && end - start + 2 < sizeof(call->signature))
		snprintf(call->signature, sizeof(call->signature), "..%.*s", (int)(end - start),
			 identity + start);
}

void reason_tell(struct call *call, msg_t *response)
{
	for (size_t i = 0; i < call->n_reasons; i++)
		(void)message_add(response, "Reason", call->reasons[i]);
	call->n_reasons = 0;
}

static bool is_about_ours(const struct call *call, struct callerid_span value)
{
	struct callerid_span token = {call->signature, strlen(call->signature)};
	struct callerid_reason_value parsed;

	return callerid_reason_parse(value.p, value.n, &parsed, NULL) == CALLERID_OK &&
	       callerid_reason_is_about(&parsed, token);
}

static void note(struct call *call, struct callerid_span value)
{
	METRIC_COUNT(call->proxy->metrics, METRIC_COMPLAINTS, call->trunk->options->title);
	log_event(call->proxy->log, LOG_WARNING, "call.complaint",
		  F_STR("call_id", call->record.call_id), F_SPAN("reason", value.p, value.n));
}

/* Takes our values out of one field; the others stay. */
static void take_from(struct call *call, msg_t *response, const struct message_header *header)
{
	struct callerid_span rest = header->value;
	struct callerid_span one;
	bool taken = false;
	size_t to = 0;
	char *text = malloc(2 * header->value.n + 3);

	if (text == NULL)
		abort();
	for (size_t i = 0; i < VALUES_MAX && facts_next_value(&rest, &one); i++) {
		if (is_about_ours(call, one)) {
			note(call, one);
			taken = true;
			continue;
		}
		if (to > 0) {
			memcpy(text + to, ", ", 2);
			to += 2;
		}
		memcpy(text + to, one.p, one.n);
		to += one.n;
	}
	text[to] = 0;
	if (taken && (to == 0 || !message_replace(response, header, text)))
		message_remove(response, header);
	free(text);
}

void reason_take(struct call *call, msg_t *response)
{
	struct message_header header;
	msg_header_t *at = NULL;
	bool more;

	if (call->signature[0] == 0)
		return;
	more = message_next(response, &at, &header);
	for (size_t i = 0; more && i < MESSAGE_HEADERS_MAX; i++) {
		struct message_header now = header;

		more = message_next(response, &at, &header);
		if (message_is(&now, "Reason", 0))
			take_from(call, response, &now);
	}
}
