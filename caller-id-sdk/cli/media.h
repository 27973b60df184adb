/* SPDX-License-Identifier: Apache-2.0 */
/* attestel media: the commands and their options. */
#ifndef CLI_MEDIA_H
#define CLI_MEDIA_H

#include "cli.h"

/* All of them: the command's name is the question. */
enum cli_exit cli_media(const struct command *command, const struct args *args);
extern const struct opt cli_media_options[];
extern const struct opt cli_media_list_options[];

#endif
