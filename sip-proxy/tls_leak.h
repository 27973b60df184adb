/* SPDX-License-Identifier: Apache-2.0 */
/* Frees the TLS connections that the SIP stack forgets. */
#ifndef PROXY_TLS_LEAK_H
#define PROXY_TLS_LEAK_H

#include <stdbool.h>

/* After the stack has ended: the last connection of this thread. */
void tls_leak_end(void);

#endif
