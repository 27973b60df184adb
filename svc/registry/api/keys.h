/* SPDX-License-Identifier: Apache-2.0 */
/* Making and showing keys, for those resources that make some. */
#ifndef REGISTRY_API_KEYS_H
#define REGISTRY_API_KEYS_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/keys.h"

json_t *keys_render_permissions(uint64_t permissions); /* names */
json_t *keys_render(const struct http_call *call, const struct key_row *row);

/* A secret and its hash in row. false: the call is answered. Wipe it after keys_reply(). */
bool keys_make_secret(struct http_call *call, struct key_row *row, char secret_out[ID_MAX + 1]);

/* 201 with "key" this once; a replay of the request shows null. secret NULL: a certificate's. */
void keys_reply(struct http_call *call, const struct key_row *row, const char *secret);

#endif
