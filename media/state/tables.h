/* SPDX-License-Identifier: Apache-2.0 */
/* The members of a call that outlive a restart, as tables. */
#ifndef MEDIA_STATE_TABLES_H
#define MEDIA_STATE_TABLES_H

#include "media/state/record.h"

extern const struct record fingerprint_record; /* struct fingerprint */
extern const struct record transport_record;   /* struct transport_saved, but for what is dropped */
extern const struct record certificate_record; /* struct dtls_certificate_saved */
extern const struct record leg_record;	       /* struct leg, without its transport */
extern const struct record stream_record;      /* struct stream, without its leg */
extern const struct record party_record;
extern const struct record bond_record; /* but for who is in it */
extern const struct record call_record; /* but for its id */

#endif
