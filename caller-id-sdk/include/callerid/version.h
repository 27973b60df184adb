/* SPDX-License-Identifier: Apache-2.0 */
/* The version of libcallerid, and how its symbols are exported. */
#ifndef CALLERID_VERSION_H
#define CALLERID_VERSION_H

#if defined(__GNUC__)
#define CALLERID_API	    __attribute__((visibility("default")))
#define CALLERID_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CALLERID_API
#define CALLERID_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is running, "0.1.0" (SemVer). Static storage; any thread. */
CALLERID_API const char *callerid_version(void);

#ifdef __cplusplus
}
#endif

#endif
