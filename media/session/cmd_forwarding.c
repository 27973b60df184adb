/* SPDX-License-Identifier: Apache-2.0 */
/* start and stop forwarding: in rtpengine a word to its recording daemon, which we have none of. */
#include "media/session/command.h"

const char *command_forwarding(struct command_run *run)
{
	(void)run;
	return "Forwarding is not done here: use subscribe request, which sends RTP to who asks";
}
