/* SPDX-License-Identifier: Apache-2.0 */
/* The program's own tables as JSON lines, for the documentation and the tests made from them. */
#ifndef REGISTRY_DESCRIBE_H
#define REGISTRY_DESCRIBE_H

#include <stdbool.h>
#include <stdio.h>

/* One line a route, in the table's order. false: the file could not be written. */
bool describe_routes(FILE *file);

/* One line a problem, {"code","status","title","detail","remedy"}, then one a field's code,
 * {"field","detail"}. */
bool describe_problems(FILE *file);

#endif
