/* SPDX-License-Identifier: Apache-2.0 */
/* The taxonomies. */
#include "svc/registry/domain/taxonomy.h"

#include <stddef.h>

/* One row a code, so that a code and its words stay together. */
/* clang-format off */
#define REASONS(row)                                                                 \
	row("appointment",        "An appointment: made, moved, or coming up")       \
	row("delivery",           "A delivery or a visit on its way")                \
	row("fraud_alert",        "A warning about suspicious use of an account")    \
	row("account",            "Something about the callee's account")            \
	row("billing",            "A bill or a payment")                             \
	row("support_callback",   "The answer to a request for help")                \
	row("emergency_notice",   "Danger, closure or disruption, now")              \
	row("survey",             "Questions for a survey")                          \
	row("marketing",          "An offer or an advertisement")                    \
	row("political",          "A political campaign")                            \
	row("fundraising",        "A request for a donation")                        \
	row("debt",               "A debt to be paid")                               \
	row("healthcare_generic", "From a health service; says nothing of the matter") \
	row("public_service",     "From a public authority")                         \
	row("personal",           "A personal call")                                 \
	row("other",              "None of the others")

#define LABELS(row)                                                                  \
	row("fraud",         "An attempt to get money or secrets by a lie")          \
	row("impersonation", "Somebody who posed as a known firm or authority")      \
	row("robocall",      "A recording nobody had asked for")                     \
	row("telemarketing", "An unwanted offer")                                    \
	row("political",     "An unwanted political call")                           \
	row("survey",        "An unwanted survey")                                   \
	row("debt",          "A collector of debts")                                 \
	row("silent",        "Nobody spoke, or it rang once")                        \
	row("nuisance",      "Unwanted, and none of the others")                     \
	row("wanted",        "A call that was welcome")
/* clang-format on */

#define PAIR(code, text) {code, text},
#define NAME(code, text) code,

const struct reason_code reason_codes[REASON_CODES] = {REASONS(PAIR)};
const char *const reason_code_names[REASON_CODES + 1] = {REASONS(NAME) NULL};
const struct reason_code label_codes[LABEL_CODES] = {LABELS(PAIR)};
const char *const label_code_names[LABEL_CODES + 1] = {LABELS(NAME) NULL};
