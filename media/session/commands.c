/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. */
#include "media/session/command.h"

#include <string.h>

#define OF_CALL (NEED_ID | NEED_CALL)
#define ID	"Unknown call-ID" /* rtpengine spells it so in these */

const struct command commands[] = {
	{.name = "ping"},
	{.name = "offer", command_offer, NEED_SDP | NEED_ID | NEED_FROM},
	{.name = "answer", command_answer, NEED_SDP | OF_CALL | NEED_FROM | NEED_TO},
	{.name = "delete", command_delete, NEED_ID},
	{.name = "query", command_query, OF_CALL},
	{.name = "why", command_why, OF_CALL},
	{.name = "list", .step = tour_list},
	{.name = "statistics", .step = tour_statistics, .end = tour_statistics_end},
	{.name = "block media", command_block, OF_CALL, .unknown = ID},
	{.name = "unblock media", command_block, OF_CALL, .unknown = ID},
	{.name = "block DTMF", command_block, OF_CALL, .unknown = ID},
	{.name = "unblock DTMF", command_block, OF_CALL, .unknown = ID},
	{.name = "silence media", command_block, OF_CALL | NEED_KEYS, .unknown = ID},
	{.name = "unsilence media", command_block, OF_CALL, .unknown = ID},
	{.name = "subscribe request",
	 command_subscribe_request,
	 OF_CALL | NEED_KEYS,
	 .unknown = ID},
	{.name = "subscribe answer",
	 command_subscribe_answer,
	 NEED_SDP | OF_CALL | NEED_TO,
	 .unknown = ID},
	{.name = "unsubscribe", command_unsubscribe, OF_CALL | NEED_TO, .unknown = ID},
	{.name = "play media", command_play_media, OF_CALL | NEED_KEYS, .unknown = ID},
	{.name = "stop media", command_stop_media, OF_CALL, .unknown = ID},
	{.name = "play DTMF", command_play_dtmf, OF_CALL | NEED_KEYS, .unknown = ID},
	{.name = "start listening", command_listen, OF_CALL | NEED_KEYS, .unknown = ID},
	{.name = "stop listening", command_listen, OF_CALL, .unknown = ID},
	{.name = "start recording", command_record, OF_CALL | NEED_KEYS, .unknown = ID},
	{.name = "pause recording", command_record, OF_CALL, .unknown = ID},
	{.name = "stop recording", command_record, OF_CALL, .unknown = ID},
	{.name = "start forwarding", command_forwarding, OF_CALL, .unknown = ID},
	{.name = "stop forwarding", command_forwarding, OF_CALL, .unknown = ID},
};

const size_t n_commands = sizeof(commands) / sizeof(*commands);

const struct command *command_named(const char *name, size_t len)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strlen(commands[i].name) == len && memcmp(commands[i].name, name, len) == 0)
			return &commands[i];
	return NULL;
}
