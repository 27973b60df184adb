/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debian 12's sofia-sip shuts a TLS connection down and forgets it: SSL_free() is never called, and
 * whoever connects and goes costs 20 to 60 KB for ever. Its call of SSL_shutdown() comes here,
 * since the program's symbols are found before libssl's, and what it leaves behind is freed when
 * the next connection ends. A sofia-sip that frees its connection itself is noticed, and let.
 */
#include "sip-proxy/tls_leak.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* The symbols have to be in the program's dynamic table whatever its default visibility. */
#define EXPORTED __attribute__((visibility("default")))

/* The connection that was shut down last. One for each thread: sofia-sip has one thread, other
 * libraries' connections never come in. */
static _Thread_local SSL *left_behind;

typedef int shutdown_function(SSL *ssl);
typedef void free_function(SSL *ssl);

static bool is_sofia(void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	       strstr(info.dli_fname, "libsofia-sip-ua.so") != NULL;
}

static void really_free(SSL *ssl)
{
	free_function *next = NULL;

	*(void **)&next = dlsym(RTLD_NEXT, "SSL_free");
	if (next != NULL)
		next(ssl);
}

void tls_leak_end(void)
{
	SSL *ssl = left_behind;

	left_behind = NULL;
	if (ssl != NULL)
		really_free(ssl);
}

EXPORTED int SSL_shutdown(SSL *ssl)
{
	shutdown_function *next = NULL;
	int rc;

	*(void **)&next = dlsym(RTLD_NEXT, "SSL_shutdown");
	if (next == NULL)
		return -1;
	rc = next(ssl);
	if (!is_sofia(__builtin_return_address(0)) || ssl == left_behind)
		return rc;
	tls_leak_end();
	/* sofia-sip goes on to free the BIO and the context, of each of which the connection has
	 * the only reference that this takes: SSL_free() gets another one. */
	if (SSL_get_rbio(ssl) != NULL && BIO_up_ref(SSL_get_rbio(ssl)) == 1 &&
	    SSL_CTX_up_ref(SSL_get_SSL_CTX(ssl)) == 1) {
		/* By then the socket's number may be another connection's. */
		(void)BIO_set_close(SSL_get_rbio(ssl), BIO_NOCLOSE);
		left_behind = ssl;
	}
	return rc;
}

EXPORTED void SSL_free(SSL *ssl)
{
	if (ssl != NULL && ssl == left_behind)
		left_behind = NULL;
	really_free(ssl);
}
