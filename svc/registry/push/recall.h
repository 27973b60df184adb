/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a look-up must know before it may answer without the database: the table of what is public
 * (table.h), for which pairs of numbers intents were announced, which numbers have a score; and
 * whether all that is current. An intent's or score's tag here means "ask the database", so one too
 * many costs a question and nothing else; one too few must not be.
 *
 * It is current when it holds all that this process has committed and was compared with the
 * database less than RECALL_MS ago. Any thread.
 */
#ifndef REGISTRY_PUSH_RECALL_H
#define REGISTRY_PUSH_RECALL_H

#include "svc/registry/domain/pairtag.h"
#include "svc/registry/push/table.h"

#define RECALL_MS 2000

struct recall;

struct recall *recall_new(struct table *table); /* borrowed. NULL: no memory */
void recall_free(struct recall *recall);	/* NULL is fine */

/* Those who change something, before COMMIT; whether it is committed does not matter. false: no
 * memory. */
bool recall_add_intent(struct recall *recall, const uint8_t callee[PAIRTAG_SIZE],
		       int64_t created_ms);
bool recall_add_score(struct recall *recall, const char *number);
/* This process has changed the directory: until the mirror has read that nothing is current. */
void recall_behind(struct recall *recall);

/* The mirror: how often recall_behind() was called, before it reads; then that it has put in all
 * that the database had at that moment (feed_clock_ms()). */
uint64_t recall_changes(struct recall *recall);
void recall_current(struct recall *recall, uint64_t changes, int64_t at_ms);
/* Intents that were announced before then are not asked for any more. */
void recall_forget(struct recall *recall, int64_t before_ms);

/* Look-ups. false: the database must be asked. row_out as table_cover() fills it. */
bool recall_number(struct recall *recall, const char *number, struct directory_row *row_out);
/* No intent was announced for the pair. After recall_number() only. */
bool recall_has_no_intent(struct recall *recall, const uint8_t callee[PAIRTAG_SIZE]);

#endif
