/* SPDX-License-Identifier: Apache-2.0 */
/* What "passport inspect" found: PASSporTs as they say of themselves, and files of certificates. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include "io.h"

#include <jansson.h>

#include <callerid/identity.h>

#define INSPECT_PASSPORTS_MAX 32 /* those inside a div-o among them */
#define INSPECT_PREFIX_MAX    256
#define INSPECT_INDENT	      5 /* columns of a level */

/* One PASSporT. All parts are NULL when absent. */
struct inspect_passport {
	json_t *header, *claims, *parameters;
	struct callerid_span signature;
	bool compact;
	bool inner; /* came in the opt of another */
	int opt;    /* index of what its own opt holds; -1: nothing */
};

struct inspect_set {
	struct inspect_passport passport[INSPECT_PASSPORTS_MAX];
	size_t n;
	int64_t now;
};

/* The set as a tree: each forward below what it continues. */
void inspect_draw(const struct inspect_set *set);

/* The certificates of a PEM file as a tree, or as one JSON array added to json when that is not
 * NULL. false after a message. */
bool inspect_certificates(const char *path, int64_t now, json_t *json);

/* "|    " or, below a last branch, "     " behind prefix. */
void inspect_indent(char prefix_out[INSPECT_PREFIX_MAX], const char *prefix, bool last);

/* prefix, label, text: what is not printable ASCII as "?", at most 300 characters. */
void inspect_line(const char *prefix, const char *label, const char *text);

/* "Sun, 17 Mar 2030 17:46:40 GMT, 12 s ago" */
void inspect_time(const char *prefix, const char *label, int64_t at, int64_t now);

#endif
