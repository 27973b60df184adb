/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration allows and its operator will hardly want. */
#ifndef PROXY_WARN_H
#define PROXY_WARN_H

#include "sip-proxy/settings.h"

/* Calls tell() once for each, with one line. */
typedef void warn_tell(void *magic, const char *text);
void warn_about(const struct settings *settings, warn_tell *tell, void *magic);

#endif
