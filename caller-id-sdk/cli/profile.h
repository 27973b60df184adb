/* SPDX-License-Identifier: Apache-2.0 */
/* Named registries with the files of their keys, in ~/.config/attestel/profiles.ini. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <stdbool.h>

/* All malloc'ed; NULL: not said. */
struct profile {
	char *name, *url, *key_file, *ca;
};

/*
 * The profile of that name; name NULL: $ATTESTEL_PROFILE, else the one in use, else none
 * (profile_out->name is then NULL). false after a message: there is none of that name, or the file
 * cannot be read.
 */
bool profile_find(const char *name, struct profile *profile_out);
void profile_clear(struct profile *profile);

#endif
