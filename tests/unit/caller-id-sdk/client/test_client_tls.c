/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's client over TLS: it speaks only to the server that its anchors and name prove. */
#include <callerid/client.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* A key and a self-signed certificate for "localhost", which is written to path as well. */
static SSL_CTX *make_tls(char *path)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	FILE *file = fdopen(mkstemp(path), "w");
	X509_EXTENSION *names =
		X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:localhost");

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)"Test", -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	X509_add_ext(cert, names, -1);
	X509_sign(cert, key, EVP_sha256());
	SSL_CTX_use_certificate(tls, cert);
	SSL_CTX_use_PrivateKey(tls, key);
	PEM_write_X509(file, cert);
	fclose(file);
	X509_EXTENSION_free(names);
	X509_free(cert);
	EVP_PKEY_free(key);
	return tls;
}

struct tls_server {
	SSL_CTX *tls;
	int fd;
	uint16_t port;
	pthread_t thread;
	int requests; /* read once the thread has ended */
};

/* Three connections, one request each as far as the client trusts us. */
static void *serve_tls(void *magic)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
	struct tls_server *server = magic;

	for (int i = 0; i < 3; i++) {
		char request[2048];
		int fd = accept(server->fd, NULL, NULL);
		SSL *ssl = SSL_new(server->tls);

		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof(request)) > 0) {
			server->requests++;
			SSL_write(ssl, answer, sizeof(answer) - 1);
		}
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

static enum callerid_status get_tls(const char *host, uint16_t port, const char *ca_file)
{
	char url[64];
	struct callerid_client_params params = {.base_url = url,
						.api_key = "ak_secret_0123456789",
						.ca_file = ca_file,
						.timeout_ms = 5000};
	struct callerid_client *client = NULL;
	struct callerid_answer answer = {.http_status = 0};
	enum callerid_status status;

	snprintf(url, sizeof(url), "https://%s:%u", host, port);
	assert_int_equal(callerid_client_new(&params, &client, NULL), CALLERID_OK);
	status = callerid_client_request(client, "GET", "/ok", NULL, &answer, NULL);
	callerid_client_free(client);
	callerid_answer_clear(&answer);
	return status;
}

static void key_goes_to_no_server_but_the_one_that_the_anchor_and_name_prove(void **state)
{
	char path[] = "/tmp/test_client_ca.XXXXXX";
	struct tls_server server = {.tls = make_tls(path)};
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	(void)state;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server.fd, 8), 0);
	assert_int_equal(getsockname(server.fd, (struct sockaddr *)&address, &len), 0);
	server.port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server.thread, NULL, serve_tls, &server), 0);
	assert_int_equal(get_tls("localhost", server.port, path), CALLERID_OK);
	assert_int_equal(get_tls("localhost", server.port, NULL), CALLERID_EIO);
	assert_int_equal(get_tls("127.0.0.1", server.port, path), CALLERID_EIO);
	pthread_join(server.thread, NULL);
	assert_int_equal(server.requests, 1);
	SSL_CTX_free(server.tls);
	close(server.fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_goes_to_no_server_but_the_one_that_the_anchor_and_name_prove),
	};

	signal(SIGPIPE, SIG_IGN);
	if (callerid_client_global_init() != CALLERID_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
