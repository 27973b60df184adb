/* SPDX-License-Identifier: Apache-2.0 */
/* block, unblock and silence: of one party's media, or of the whole call's. */
#include <stddef.h>
#include <string.h>

#include "media/session/command.h"

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

static bool party_by_label(const struct party *party, const struct ng_text *label)
{
	return label->n > 0 && text_is(label, party->label);
}

/* By address of its SDP, by label or by tag; NULL: none of them was given. */
static bool is_named(const struct ng_request *request)
{
	return request->from_tag.n > 0 || request->label.n > 0 || request->from_label.n > 0 ||
	       request->address.n > 0;
}

static bool has_address(const struct party *party, const struct ng_text *text)
{
	struct address address;

	if (text->n == 0 || !address_parse(text->p, text->n, 0, &address))
		return false;
	for (size_t i = 0; i < party->n_streams; i++)
		if (address_same_ip(&party->streams[i]->said.rtp, &address))
			return true;
	return false;
}

static bool is_meant(const struct party *party, const struct ng_request *request)
{
	if (request->from_tag.n > 0)
		return party_has_tag(party, &request->from_tag);
	return party_by_label(party, &request->label) ||
	       party_by_label(party, &request->from_label) || has_address(party, &request->address);
}

const char *command_block(struct command_run *run)
{
	const struct ng_request *request = run->request;
	bool found = !is_named(request) || request->all;
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
		if (is_meant(party, request)) {
			*(bool *)((char *)party + rows[row].of_party) = rows[row].on;
			found = true;
		}
	call_touch(run->call);
	if (found)
		return NULL;
	return request->from_tag.n > 0 ? "From-tag given, but no such tag exists"
				       : "No monologue matching the given selector";
}
