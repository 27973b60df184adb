/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcallerid-pkcs11: a signer's key in a PKCS#11 token (an HSM, a smart card, SoftHSM). A library
 * beside libcallerid, which itself knows of no token: it needs p11-kit and has one thread a key.
 */
#ifndef CALLERID_PKCS11_H
#define CALLERID_PKCS11_H

#include <callerid/signer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One key of one token. Any number of threads; their signatures take turns. */
struct callerid_pkcs11;

struct callerid_pkcs11_params {
	/*
	 * RFC 7512: "pkcs11:token=carrier;object=signer?module-path=/usr/lib/x/module.so". It must
	 * match one token, and in that one private EC key. Without module-path: the modules that
	 * p11-kit is configured with. pin-value and pin-source are refused: a URI stands in
	 * configurations and command lines.
	 */
	const char *uri;
	const char *pin;    /* the user's; copied, the caller wipes its own. NULL: no login */
	int64_t timeout_ms; /* of one signature, waiting for others included; 0 means 500 */
	int64_t open_ms;    /* of callerid_pkcs11_open(); 0 means 10000 */
};

/*
 * Loads the module, logs in, finds the key; waits open_ms at most. CALLERID_ESYNTAX: the URI.
 * CALLERID_EIO: the module, the token or the key is not there, or more than one is. CALLERID_EPERM:
 * the token refuses the PIN; it is not sent a second time, since tokens count. CALLERID_EINVAL: the
 * PIN has over 255 bytes. *key_out is the caller's: callerid_pkcs11_close().
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_pkcs11_open(const struct callerid_pkcs11_params *params, struct callerid_pkcs11 **key_out,
		     struct callerid_error *err);

/* After the signers that use it. A call that the token has not answered is left to end alone. */
CALLERID_API void callerid_pkcs11_close(struct callerid_pkcs11 *key); /* NULL is fine */

/*
 * The function for callerid_signer_params.sign; magic is the struct callerid_pkcs11. Blocks for
 * timeout_ms at most; while a token hangs, further calls fail at once. CALLERID_EIO: the token is
 * gone or does not answer. It is looked for again, once a second at most, so that a token that
 * comes back signs again.
 */
CALLERID_API enum callerid_status callerid_pkcs11_sign(void *magic, const uint8_t digest[32],
						       uint8_t raw_out[64],
						       struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
