/* SPDX-License-Identifier: Apache-2.0 */
/* why: what each leg lacks, in words. Our own command; query tells the same lines. */
#include "media/session/command.h"
#include "media/session/facts.h"

void report_why(struct ng_value *dict, const char *key, const struct stream *stream)
{
	struct ng_value *list = ng_put_list(dict, key);
	struct why_facts facts;
	struct why_lines lines;

	facts_of(stream, &facts);
	why_tell(&facts, &lines);
	for (size_t i = 0; i < lines.n; i++)
		ng_add_string(list, lines.text[i]);
}

const char *command_why(struct command_run *run)
{
	struct ng_value *legs = ng_put_list(run->reply, "legs");

	for (const struct party *party = run->call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++) {
			const struct stream *stream = party->streams[i];
			struct ng_value *leg = ng_add_dict(legs);

			ng_put_string(leg, "tag", party->tag ? party->tag : "<untagged>");
			ng_put_string(leg, "media", stream->said.type);
			report_why(leg, "lines", stream);
		}
	return NULL;
}
