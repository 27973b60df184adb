/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and showing what a vetter has decided. */
#include "svc/registry/api/businesses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct spec_field fields[] = {
	{.name = "decision",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct decision, decision),
	 .required = true,
	 .choices = review_decision_names},
	{.name = "number",
	 .type = SPEC_INT,
	 .offset = offsetof(struct decision, number),
	 .min = 1,
	 .max = INT32_MAX},
	{.name = "findings",
	 .type = SPEC_TEXTS,
	 .offset = offsetof(struct decision, findings),
	 .max = TEXT_BYTES_MAX},
};
const struct spec decision_spec = SPEC(fields);

bool decision_findings(struct http_call *call, const struct decision *decision,
		       char findings_out[FINDINGS_MAX + 1])
{
	json_t *list = json_array();
	bool fits = true;

	findings_out[0] = 0;
	for (size_t i = 0; i < decision->findings.n; i++)
		json_array_append_new(list, json_string(decision->findings.items[i]));
	if (decision->findings.n > 0) {
		size_t len = json_dumpb(list, findings_out, FINDINGS_MAX, JSON_COMPACT);
		fits = len > 0 && len <= FINDINGS_MAX;
		findings_out[fits ? len : 0] = 0;
	}
	json_decref(list);
	if (!fits)
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/findings", "too_long");
	return fits;
}

json_t *decision_render(const char *findings)
{
	json_t *list = findings[0] != 0 ? json_loads(findings, 0, NULL) : NULL;

	return list != NULL ? list : json_array();
}
