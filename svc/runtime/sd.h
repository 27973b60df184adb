/* SPDX-License-Identifier: Apache-2.0 */
/* systemd's notification protocol (sd_notify(3)), without its library. No socket, no effect. */
#ifndef RUNTIME_SD_H
#define RUNTIME_SD_H

void sd_ready(const char *status); /* READY=1 and STATUS= */
void sd_reloading(void);	   /* RELOADING=1 and MONOTONIC_USEC= */
void sd_stopping(void);		   /* STOPPING=1 */
void sd_status(const char *status);
void sd_watchdog(void); /* WATCHDOG=1 */

#endif
