/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number or a block of 10, 100 or 1,000 numbers in one text: the digits they have in common and
 * an "x" for each that differs: "12155551212", "1215555121x", "12155551xxx".
 */
#ifndef REGISTRY_BLOCK_H
#define REGISTRY_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "svc/registry/domain/e164.h"

#define BLOCK_MAX  CALLERID_TN_MAX /* characters */
#define BLOCK_KEYS 4		   /* that a number can be found under */

struct block {
	char text[BLOCK_MAX + 1];
};

/* number is canonical E.164 digits; size is 1, 10, 100 or 1000. false: it is neither, or the
 * number's last digits are not zeros as the first number of such a block has them. */
bool block_make(const char *number, int64_t size, struct block *block_out);
int64_t block_size(const char *text); /* 1, 10, 100, 1000; 0: it is no block */
/* The first number of it. */
void block_first(const char *text, char number_out[CALLERID_TN_MAX + 1]);
/* All texts that the number's entry may stand under, the narrowest first. */
void block_keys(const char *number, struct block keys_out[BLOCK_KEYS]);
bool block_overlaps(const char *a, const char *b);

#endif
