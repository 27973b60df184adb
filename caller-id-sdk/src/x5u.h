/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate URLs: which may stand in a PASSporT that we take, and which in one that we make. */
#ifndef CID_X5U_H
#define CID_X5U_H

#include <callerid/identity.h>

/* An https URL of at most CALLERID_X5U_MAX bytes with a host, of characters that URLs consist of.
 * Whether it may be dereferenced is for who dereferences it. */
bool cid_x5u_is_https(struct callerid_span url);

/*
 * NULL when we may publish under url, else why not (static). ATIS-1000074: https, port 443 or 8443,
 * no userinfo, query or fragment. A loopback host, which no stranger can ask, may have any port.
 */
const char *cid_x5u_trouble(struct callerid_span url);

#endif
