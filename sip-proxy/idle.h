/* SPDX-License-Identifier: Apache-2.0 */
/* Work that makes later calls cheaper, done only while no message comes. */
#ifndef PROXY_IDLE_H
#define PROXY_IDLE_H

#include "sip-proxy/proxy.h"

/* Once a second: tells how many signers have a table, and begins to look for a quiet moment. */
void idle_tick(struct proxy *proxy);

void idle_end(struct proxy *proxy);

#endif
