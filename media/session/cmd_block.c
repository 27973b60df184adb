/* SPDX-License-Identifier: Apache-2.0 */
/* block, unblock and silence: of one party's media, or of the whole call's. */
#include <stddef.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/select.h"

static const struct {
	const char *command;
	size_t of_call, of_party;
	bool on;
} rows[] = {
	{"block media", offsetof(struct call, block_media), offsetof(struct party, block_media),
	 true},
	{"unblock media", offsetof(struct call, block_media), offsetof(struct party, block_media),
	 false},
	{"block DTMF", offsetof(struct call, block_dtmf), offsetof(struct party, block_dtmf), true},
	{"unblock DTMF", offsetof(struct call, block_dtmf), offsetof(struct party, block_dtmf),
	 false},
	{"silence media", offsetof(struct call, silence), offsetof(struct party, silence), true},
	{"unsilence media", offsetof(struct call, silence), offsetof(struct party, silence), false},
};

const char *command_block(struct command_run *run)
{
	const struct ng_request *request = run->request;
	bool found = select_all(request);
	size_t row = 0;

	while (!text_is(&request->command, rows[row].command))
		row++; /* the table of commands has these rows only */
	if (found) {
		*(bool *)((char *)run->call + rows[row].of_call) = rows[row].on;
		/* Of all: what single parties were is over too. */
		for (struct party *party = run->call->parties; party && !rows[row].on;
		     party = party->next)
			*(bool *)((char *)party + rows[row].of_party) = false;
		call_touch(run->call);
		return NULL;
	}
	for (struct party *party = run->call->parties; party; party = party->next)
		if (select_party(party, request)) {
			*(bool *)((char *)party + rows[row].of_party) = rows[row].on;
			found = true;
		}
	call_touch(run->call);
	return found ? NULL : select_none(request);
}
