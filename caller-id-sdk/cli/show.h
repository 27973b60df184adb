/* SPDX-License-Identifier: Apache-2.0 */
/* An answer of the registry, for a person: a member a line. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include <stdbool.h>

#include <jansson.h>

/* Every member, also those of a member: "brand.name       Example Dental". */
void show_object(json_t *object);

/* A value, a text without its quotes: without a line's end. */
void show_value(json_t *value);

/* "state matched  brand brd_...": without a line's end. */
void show_members_on_a_line(json_t *object);

/* A line an object, after a line of names: columns is "id state live.name"; NULL: what the first
 * object has. */
void show_table(json_t *items, const char *columns);

/* The value at "a" or "a.b" alone; false when there is none. */
bool show_field(json_t *object, const char *path);

#endif
