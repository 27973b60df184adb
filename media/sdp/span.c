/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a line. */
#include "media/sdp/span.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\0' || c == '\r';
}

bool span_is(struct span s, const char *text)
{
	return s.n == strlen(text) && strncasecmp(s.p, text, s.n) == 0;
}

bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && strncasecmp(s.p, text, n) == 0;
}

struct span span_trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

struct span span_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	word = (struct span){rest->p, 0};
	while (word.n < rest->n && !is_blank(rest->p[word.n]))
		word.n++;
	rest->p += word.n;
	rest->n -= word.n;
	return word;
}

struct span span_last_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	word = (struct span){rest->p + rest->n, 0};
	while (word.n < rest->n && !is_blank(word.p[-1])) {
		word.p--;
		word.n++;
	}
	rest->n -= word.n;
	return word;
}

struct span span_until(struct span *rest, char c)
{
	const char *at = rest->n > 0 ? memchr(rest->p, c, rest->n) : NULL;
	struct span head = *rest;

	if (at == NULL) {
		rest->p += rest->n;
		rest->n = 0;
		return head;
	}
	head.n = (size_t)(at - head.p);
	rest->p += head.n + 1;
	rest->n -= head.n + 1;
	return head;
}

bool span_number(struct span s, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;

	if (s.n == 0 || s.n > 10)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (n > max)
		return false;
	*out = (uint32_t)n;
	return true;
}
