/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP Call-Info header field as it carries Rich Call Data (RFC 9796). */
#ifndef CALLERID_CALLINFO_H
#define CALLERID_CALLINFO_H

#include <callerid/error.h>
#include <callerid/identity.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_CALLINFO_MAX	     16384 /* bytes of one value */
#define CALLERID_CALLINFO_REASON_MAX 512   /* bytes of a call-reason */

enum callerid_callinfo_purpose {
	CALLERID_CALLINFO_OTHER = 0, /* "info", "card", none ...: not Rich Call Data */
	CALLERID_CALLINFO_JCARD,     /* "jcard" (RFC 9796 §5): uri holds one jCard */
	CALLERID_CALLINFO_ICON,	     /* "icon" (RFC 3261 §20.9): uri holds an image */
};

/* One value of the field. */
struct callerid_callinfo {
	struct callerid_span uri; /* without < >; empty: none, which is "data:" on the wire */
	enum callerid_callinfo_purpose purpose;
	char reason[CALLERID_CALLINFO_REASON_MAX + 1]; /* call-reason, UTF-8, "" when absent */
	/* verified="true": whoever wrote it has verified a PASSporT. With purpose jcard and no uri
	 * it speaks of the display name in From or P-Asserted-Identity (RFC 9796 §7). */
	bool verified;
	/* "sha256-..." of what uri holds (RFC 9796 §8), beside verified for who fetches it; empty
	 * when absent. A stranger's may be of an algorithm that callerid_callinfo_build() would not
	 * write: what it covers cannot be verified then. */
	struct callerid_span integrity;
};

/*
 * Writes <uri>;purpose=jcard;call-reason="...";verified="true";integrity="sha256-..." and a NUL.
 * A reason or verified without a uri goes with the null URI, <data:>, and purpose jcard (RFC 9796
 * §6, §7). Returns CALLERID_EINVAL: neither uri nor reason nor verified, purpose OTHER, a uri with
 * < > " or white space, a jCard's uri that is not https, data or cid (§5), a reason with control
 * characters, not UTF-8 or with what callerid_text_clean() takes out, an integrity that is no
 * digest by sha256, sha384 or sha512 or has no uri; CALLERID_ELIMIT: longer than size - 1.
 * Allocates nothing. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_callinfo_build(const struct callerid_callinfo *info, char *text_out, size_t size,
			struct callerid_error *err);

/*
 * Reads one value (callerid_identity_next() splits a field at its commas), parameters in any order,
 * names without regard to case, white space and folding as RFC 3261 has them. Spans point into
 * text. A stranger's value: whether to believe it is for the caller to know (RFC 9796 §7), and its
 * reason goes through callerid_text_clean() before it is shown. CALLERID_ESYNTAX: broken, one of
 * these parameters twice, or integrity without a URI; CALLERID_ELIMIT. Allocates nothing. Any
 * thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_callinfo_parse(const char *text, size_t len, struct callerid_callinfo *info_out,
			struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
