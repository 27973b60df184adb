/* SPDX-License-Identifier: Apache-2.0 */
/* Values of Resource-Priority (RFC 4412 §3.1): namespace "." priority. */
#ifndef CID_PRIORITY_H
#define CID_PRIORITY_H

#include <callerid/identity.h>

/* Two names of token characters but ".", with one "." between, at most CALLERID_RPH_LEN bytes. */
bool cid_priority_is_value(struct callerid_span text);

/* value, which ends in NUL, lies in namespace; RFC 4412 §3.1: without regard to case. */
bool cid_priority_is_of(const char *value, const char *namespace);

/* A Resource-Priority field lists value. */
bool cid_priority_lists(struct callerid_span field, const char *value);

#endif
