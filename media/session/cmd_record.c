/* SPDX-License-Identifier: Apache-2.0 */
/* start, pause and stop recording: of the whole call, as pcap. */
#include <string.h>

#include "media/session/command.h"
#include "media/session/tape.h"

const char *command_record(struct command_run *run)
{
	const struct ng_text *command = &run->request->command;
	const char *why = NULL;

	if (text_is(command, "start recording"))
		why = tape_start(run->call);
	else if (text_is(command, "pause recording"))
		tape_pause(run->call);
	if (!why && tape_name(run->call)[0] != '\0')
		ng_put_string(run->reply, "recording", tape_name(run->call));
	if (text_is(command, "stop recording"))
		tape_stop(run->call);
	return why;
}

/* Wishes that come with an offer or an answer. That a recording fails does not end a call. */
void command_wishes(struct command_run *run)
{
	const struct ng_request *request = run->request;
	/* A re-INVITE with the same flags does not end a pause. */
	bool record = request->record_call && !run->call->tape;
	const char *why = record ? tape_start(run->call) : NULL;

	if (why)
		log_event(run->desk->sessions->log, LOG_WARNING, "media.no_recording",
			  F_STR("call_id", run->call->id), F_STR("why", why));
	if (request->detect_dtmf)
		run->call->listens = true;
	call_wire(run->call);
}
