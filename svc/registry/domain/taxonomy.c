/* SPDX-License-Identifier: Apache-2.0 */
/* The taxonomy of reasons. */
#include "svc/registry/domain/taxonomy.h"

/* One row a code, so that both lists stay the same. */
#define REASONS(row)                                                                               \
	row("appointment", "An appointment: made, moved, or coming up") row(                       \
		"delivery", "A delivery or a visit on its way") row("fraud_alert",                 \
								    "A warning about suspicious "  \
								    "use of an account")           \
		row("account", "Something about the callee's account") row(                        \
			"billing", "A bill or a payment") row("support_callback",                  \
							      "The answer to a request for help")  \
			row("emergency_notice", "Danger, closure or disruption, now") row(         \
				"survey",                                                          \
				"Questions for a survey") row("marketing",                         \
							      "An offer or an advertisement")      \
				row("political", "A political campaign") row(                      \
					"fundraising",                                             \
					"A request for a donation") row("debt",                    \
									"A debt to be paid")       \
					row("healthcare_generic",                                  \
					    "From a health service; says nothing of the matter")   \
						row("public_service", "From a public authority")   \
							row("personal", "A personal call")         \
								row("other", "None of the others")

#define PAIR(code, text) {code, text},
#define NAME(code, text) code,

const struct reason_code reason_codes[REASON_CODES] = {REASONS(PAIR)};
const char *const reason_code_names[REASON_CODES + 1] = {REASONS(NAME) NULL};
