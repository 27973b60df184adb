/* SPDX-License-Identifier: Apache-2.0 */
/* Text for a terminal: words are put on lines of at most 80 columns. */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include <stdio.h>

#define WRAP_COLUMNS 80

/*
 * Writes the words of text, column characters of the line being there already. Further lines begin
 * with indent spaces. A word that is longer than a line has one of its own. Returns the column.
 */
int wrap_words(FILE *to, const char *text, int column, int indent);

/* Paragraphs: lines are joined and laid out anew, but those that begin with a space stay as they
 * are, and so do empty ones. */
void wrap_paragraphs(FILE *to, const char *text);

#endif
