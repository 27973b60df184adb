/* SPDX-License-Identifier: Apache-2.0 */
/* Text for a terminal: words are put on lines of at most 80 columns. */
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

/* One run of words out of len bytes; *begun: a word stands before them on this line. */
static int put_words(FILE *to, const char *text, size_t len, int column, int indent, bool *begun)
{
	const char *end = text + len;

	while (text < end) {
		size_t n = strcspn(text, " \n");

		if (n > (size_t)(end - text))
			n = (size_t)(end - text);
		if (n > 0 && *begun && column + 1 + (int)n > WRAP_COLUMNS) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
		} else if (n > 0 && *begun) {
			fputc(' ', to);
			column++;
		}
		fwrite(text, 1, n, to);
		column += (int)n;
		*begun = *begun || n > 0;
		text += n + 1;
	}
	return column;
}

int wrap_words(FILE *to, const char *text, int column, int indent)
{
	bool begun = false;

	return put_words(to, text, strlen(text), column, indent, &begun);
}

void wrap_paragraphs(FILE *to, const char *text)
{
	bool begun = false;
	int column = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");
		bool stands = n == 0 || *text == ' ';

		if (begun && stands)
			fputc('\n', to);
		if (stands) {
			fprintf(to, "%.*s\n", (int)n, text);
			begun = false;
			column = 0;
		} else {
			column = put_words(to, text, n, column, 0, &begun);
		}
		text += n + (text[n] == '\n');
	}
	if (begun)
		fputc('\n', to);
}
