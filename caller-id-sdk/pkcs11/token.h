/* SPDX-License-Identifier: Apache-2.0 */
/* A key in a token, through the PKCS#11 interface: blocking, without a deadline, one thread. */
#ifndef PKCS11_TOKEN_H
#define PKCS11_TOKEN_H

#include <callerid/error.h>

#include <stdint.h>

#define TOKEN_PIN_MAX 255

struct token;

/* Reads the URI and copies the PIN (NULL: none); touches no module. */
enum callerid_status token_new(const char *uri, const char *pin, struct token **token_out,
			       struct callerid_error *err);
void token_free(struct token *token); /* NULL is fine */

/* Loads the module, opens a session, logs in, finds the key. Nothing to do: CALLERID_OK. */
enum callerid_status token_connect(struct token *token, struct callerid_error *err);

/* Connects when it must: once more, too, when a session has died. */
enum callerid_status token_sign(struct token *token, const uint8_t digest[32], uint8_t raw_out[64],
				struct callerid_error *err);

/* Fills err (never NULL) and returns status. */
enum callerid_status token_fail(struct callerid_error *err, enum callerid_status status,
				const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
