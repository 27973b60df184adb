/* SPDX-License-Identifier: Apache-2.0 */
/* M-lines over UDP that are no RTP (T.38 and the like): datagrams from one side to the other. */
#ifndef MEDIA_SESSION_DATAGRAMS_H
#define MEDIA_SESSION_DATAGRAMS_H

#include "media/session/call.h"

/* From the leg, past its source lock. */
void datagrams_receive(struct stream *stream, const struct opaque_datagram *datagram);

/* Can datagrams, which say nothing of whose they are, stand on that leg? It has to be of one m-line
 * and have ports of its own. */
bool datagrams_fit(const struct leg *leg);

/* Where the party's media comes from is remembered, since its SDP may name another host (NAT). */
void datagrams_note_host(struct party *party);
/* The host that datagrams of that m-line come from at any port; family 0: none is known. */
struct address datagrams_host(const struct party *party, const struct said *said);

#endif
