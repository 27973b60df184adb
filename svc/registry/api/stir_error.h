/* SPDX-License-Identifier: Apache-2.0 */
/* Errors and headers of the REST doors, as ATIS-1000082 has them. */
#ifndef REGISTRY_API_STIR_ERROR_H
#define REGISTRY_API_STIR_ERROR_H

#include "svc/registry/http/call.h"

extern const struct http_style stir_style;

/* RFC 9110 §12.5.1: whether what we answer is accepted. NULL is. */
bool stir_accepts_json(const char *accept);

/* 406 SVC4002. */
void stir_refuse_accept(struct http_call *call, const char *accept);

#endif
