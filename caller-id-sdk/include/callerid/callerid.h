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

#endif
