/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM for libsrtp2 by libcrypto. */
#ifndef MEDIA_SRTP_GCM_H
#define MEDIA_SRTP_GCM_H

#include <stdbool.h>

/* Once a process, behind srtp_init(). false: libsrtp2 tried its known answers and ours, and one is
 * wrong. */
bool gcm_replace(void);

#endif
