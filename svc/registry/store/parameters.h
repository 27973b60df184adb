/* SPDX-License-Identifier: Apache-2.0 */
/* Named parameters of a statement, numbered for an engine that has no names. */
#ifndef REGISTRY_PARAMETERS_H
#define REGISTRY_PARAMETERS_H

#include <stddef.h>

#define PARAMETERS_MAX	   40
#define PARAMETER_NAME_MAX 31

struct parameters {
	size_t count;
	char names[PARAMETERS_MAX][PARAMETER_NAME_MAX + 1]; /* without the colon */
};

/*
 * sql with $1, $2 ... for its :names, the same for the same name; malloc'ed, the caller frees it.
 * What is quoted, a comment (-- to the line's end) or a cast (::type) is left as it is. NULL: no
 * memory, too many names, or a name too long.
 */
char *parameters_number(const char *sql, struct parameters *parameters_out);

/* The number of ":name", from 1; 0: the statement has none. */
size_t parameters_find(const struct parameters *parameters, const char *name);

#endif
