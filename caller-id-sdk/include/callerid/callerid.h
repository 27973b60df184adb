/* SPDX-License-Identifier: Apache-2.0 */
/* All of libcallerid. */
#ifndef CALLERID_H
#define CALLERID_H

#include <callerid/callinfo.h>
#include <callerid/certlint.h>
#include <callerid/context.h>
#include <callerid/date.h>
#include <callerid/decide.h>
#include <callerid/error.h>
#include <callerid/identity.h>
#include <callerid/number.h>
#include <callerid/passport.h>
#include <callerid/rcd.h>
#include <callerid/reason.h>
#include <callerid/signer.h>
#include <callerid/signer_set.h>
#include <callerid/tnauthlist.h>
#include <callerid/verdict.h>
#include <callerid/verification.h>
#include <callerid/version.h>

/*
 * What holds wherever a function says nothing else:
 *
 * Threads: the library has no state of its own. A function without an object may be called in any
 * thread, in several at once. An object belongs to one thread at a time, and so does what is
 * borrowed from it; those that say "immutable" may be used by any number of threads at once.
 *
 * Ownership: what goes in is borrowed for the call. What comes out through a pointer to a pointer
 * is the caller's: an object goes to its _free() function, text and bytes to free(). What is
 * returned as a const pointer is borrowed from the object it was asked of.
 *
 * Arguments: err may be NULL, and so may what _free() gets; no other pointer may, unless it says
 * so. A text with a len is len bytes and needs no NUL; a text without ends in NUL. size counts
 * bytes, the NUL included; _MAX without. Outputs count only after CALLERID_OK or true.
 *
 * Time: seconds since 1970 UTC, from the caller: the library reads no clock, and neither a file nor
 * the network.
 *
 * Errors: enum callerid_status (error.h). CALLERID_ENOMEM is possible wherever memory is allocated
 * and is not listed each time. What a stranger sent is no error but a verdict (verdict.h).
 */

#endif
