/* SPDX-License-Identifier: Apache-2.0 */
/* query: what a call is, has done and lacks. */
#include "media/session/command.h"

const char *command_query(struct command_run *run)
{
	const struct ng_text *tag = &run->request->from_tag;

	if (tag->n == 0)
		tag = &run->request->to_tag;
	report_call(run->call, tag, run->reply);
	return NULL;
}
