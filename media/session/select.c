/* SPDX-License-Identifier: Apache-2.0 */
/* The selectors that commands on single parties have in common. */
#include "media/session/select.h"

bool select_all(const struct ng_request *request)
{
	return request->all || (request->from_tag.n == 0 && request->label.n == 0 &&
				request->from_label.n == 0 && request->address.n == 0);
}

static bool has_label(const struct party *party, const struct ng_text *label)
{
	return label->n > 0 && text_is(label, party->label);
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

bool select_party(const struct party *party, const struct ng_request *request)
{
	if (request->from_tag.n > 0)
		return party_has_tag(party, &request->from_tag);
	return has_label(party, &request->label) || has_label(party, &request->from_label) ||
	       has_address(party, &request->address);
}

const char *select_none(const struct ng_request *request)
{
	return request->from_tag.n > 0 ? "From-tag given, but no such tag exists"
				       : "No monologue matching the given selector";
}
