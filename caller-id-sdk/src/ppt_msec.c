/* SPDX-License-Identifier: Apache-2.0 */
/* The "msec" PASSporT (RFC 8862): the base one, and the demand that media be secured. */
#include "ppt.h"

const struct cid_ppt cid_ppt_msec = {
	.name = "msec",
	.parse = cid_ppt_parse_base,
	.build = cid_ppt_build_base,
	.compact_allowed = false, /* its mky could not be rebuilt by who has no SDP */
	.says_verstat = true,
	.wants_security = true,
};
