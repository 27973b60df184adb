/* SPDX-License-Identifier: Apache-2.0 */
/* The "rsp" PASSporT (draft-ietf-stir-rfc4916-update): who answers, said in a response. */
#include "ppt.h"

const struct cid_ppt cid_ppt_rsp = {
	.name = "rsp",
	.parse = cid_ppt_parse_base,
	.build = cid_ppt_build_base,
	.compact_allowed = false,
	.only_listed = true, /* it speaks for the called party; a request proves nothing by it */
};
