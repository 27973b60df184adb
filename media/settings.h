/* SPDX-License-Identifier: Apache-2.0 */
/* One loaded configuration, checked as a whole, in the form in which the rooms take it. */
#ifndef MEDIA_SETTINGS_H
#define MEDIA_SETTINGS_H

#include "media/options.h"

#include "media/ng/control.h"
#include "media/path/port.h"
#include "media/session/session.h"

#define CONTROL_SOCKET "/run/attestel/media.sock"
#define KEY_MAX	       4096

struct settings {
	struct conf *conf;
	const struct media_options *media;
	const struct state_options *state;
	struct interface interfaces[INTERFACES_MAX];
	size_t n_interfaces;
	uint16_t first_port, last_port; /* even and odd: whole pairs */
	bool has_odd_ends;		/* more were asked for */
	struct control_listen listen[CONTROL_LISTEN_MAX];
	size_t n_listen;
	char key[KEY_MAX];     /* "" when there is none */
	struct address events; /* family 0: none */
	struct session_settings session;
};

/* Loads and checks everything, the key included. name is what messages call path. NULL fills err.
 */
struct settings *settings_load(const char *path, const char *name, struct conf_error *err);
void settings_free(struct settings *settings); /* NULL is fine */

/* What is allowed and may surprise: each a sentence. */
typedef void settings_tell(void *magic, const char *text);
void settings_warn(const struct settings *settings, settings_tell *tell, void *magic);

#endif
