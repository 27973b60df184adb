/* SPDX-License-Identifier: Apache-2.0 */
/* The reasons of dropped packets, in a metric's label and in words. */
#include "media/path/drop.h"

#define DROP_LABEL(name, label, words) [DROP_##name] = label,
#define DROP_WORDS(name, label, words) [DROP_##name] = words,

const char *drop_label(enum drop_reason reason)
{
	static const char *const labels[DROP_COUNT] = {DROP_REASONS(DROP_LABEL)};

	return labels[reason];
}

const char *drop_words(enum drop_reason reason)
{
	static const char *const words[DROP_COUNT] = {DROP_REASONS(DROP_WORDS)};

	return words[reason];
}
