/* SPDX-License-Identifier: Apache-2.0 */
/* For test_certs.c: real TLS servers on 127.0.0.1 that behave well or badly, and their PKI. */
#ifndef TEST_TLS_SERVER_H
#define TEST_TLS_SERVER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define SERVER_CONNECTIONS_MAX 64

enum server_kind {
	SERVER_GOOD,
	SERVER_WRONG_NAME,
	SERVER_EXPIRED,
	SERVER_SELF_SIGNED,
	SERVER_TLS_1_1, /* nothing newer */
	SERVER_SILENT,	/* accepts and says nothing */
	SERVER_CLOSES,	/* accepts and closes */
	SERVER_PLAIN,	/* answers TLS with plain HTTP */
	SERVER_KINDS
};

struct server {
	enum server_kind kind;
	int fd;
	uint16_t port;
	SSL_CTX *tls; /* NULL: none */
	const char *pem;
	pthread_t thread;
	pthread_t workers[SERVER_CONNECTIONS_MAX];
	atomic_int connections;
	atomic_llong sent; /* bytes of answers that the socket took */
	atomic_bool gate;  /* "/gate.pem" is answered when it is open */
	atomic_bool stopped;
	char request[2048]; /* the last one */
};

struct pki {
	EVP_PKEY *key;
	X509 *ca;
	char ca_file[64];
	char leaf_pem[2048];
};

/* A certificate for name; issuer NULL: self-signed. */
static X509 *make_cert(EVP_PKEY *key, const char *name, X509 *issuer, long days_from, long days_to)
{
	X509 *cert = X509_new();
	char text[128];
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), days_from * 86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), days_to * 86400);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
	X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
	snprintf(text, sizeof(text), issuer ? "DNS:%s" : "critical,CA:TRUE", name);
	extension = X509V3_EXT_conf_nid(
		NULL, &ctx, issuer ? NID_subject_alt_name : NID_basic_constraints, text);
	X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(cert, key, EVP_sha256());
	return cert;
}

static bool pki_make(struct pki *pki)
{
	pki->key = EVP_EC_gen("P-256");
	pki->ca = make_cert(pki->key, "Test CA", NULL, -1, 30);
	X509 *leaf = make_cert(pki->key, "SHAKEN 1234", pki->ca, -1, 30);
	BIO *memory = BIO_new(BIO_s_mem());
	PEM_write_bio_X509(memory, leaf);
	int len = BIO_read(memory, pki->leaf_pem, sizeof(pki->leaf_pem) - 1);
	pki->leaf_pem[len > 0 ? len : 0] = 0;
	BIO_free(memory);
	X509_free(leaf);

	snprintf(pki->ca_file, sizeof(pki->ca_file), "/tmp/test_certs_ca.XXXXXX");
	int fd = mkstemp(pki->ca_file);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool written = file && PEM_write_X509(file, pki->ca) == 1;
	return file && fclose(file) == 0 && written && len > 0;
}

static void pki_free(struct pki *pki)
{
	unlink(pki->ca_file);
	X509_free(pki->ca);
	EVP_PKEY_free(pki->key);
}

static SSL_CTX *server_tls(enum server_kind kind, const struct pki *pki)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	const char *name = kind == SERVER_WRONG_NAME ? "elsewhere.example" : "localhost";
	long from = kind == SERVER_EXPIRED ? -30 : -1;
	long to = kind == SERVER_EXPIRED ? -1 : 30;
	X509 *issuer = kind == SERVER_SELF_SIGNED ? NULL : pki->ca;
	X509 *cert = make_cert(pki->key, name, issuer, from, to);

	SSL_CTX_use_certificate(tls, cert);
	SSL_CTX_use_PrivateKey(tls, pki->key);
	X509_free(cert);
	if (kind == SERVER_TLS_1_1) {
		SSL_CTX_set_cipher_list(tls, "DEFAULT@SECLEVEL=0");
		SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION);
	}
	return tls;
}

struct connection {
	struct server *server;
	int fd;
	SSL *ssl;
};

static bool say(struct connection *c, const char *text, size_t len)
{
	int done = SSL_write(c->ssl, text, (int)len);

	if (done > 0)
		c->server->sent += done;
	return done == (int)len;
}

static bool say_text(struct connection *c, const char *text)
{
	return say(c, text, strlen(text));
}

/* Until the other side goes or the test ends; true when ms have passed. */
static bool hold(const struct connection *c, int ms)
{
	struct pollfd wait = {.fd = c->fd, .events = POLLIN};

	for (int i = 0; i < ms / 20 && !c->server->stopped; i++)
		if (poll(&wait, 1, 20) != 0)
			return false;
	return !c->server->stopped;
}

static void say_body(struct connection *c, const char *body, size_t len, int times)
{
	char head[128];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
		 len * (size_t)times);
	say_text(c, head);
	for (int i = 0; i < times; i++)
		say(c, body, len);
}

/* At most 1 GB of block, unless the other side has enough. */
static void say_for_ever(struct connection *c, const char *head, const char *block)
{
	size_t len = strlen(block);

	if (!say_text(c, head))
		return;
	for (size_t sent = 0; sent < 1000000000 && !c->server->stopped; sent += len)
		if (!say(c, block, len))
			return;
}

static void answer_pem(struct connection *c)
{
	say_body(c, c->server->pem, strlen(c->server->pem), 1);
}

static void answer_gate(struct connection *c)
{
	while (!c->server->gate && hold(c, 20))
		continue;
	if (c->server->gate)
		answer_pem(c);
}

static void answer_four(struct connection *c)
{
	say_body(c, c->server->pem, strlen(c->server->pem), 4);
}

static void answer_ten(struct connection *c)
{
	say_body(c, c->server->pem, strlen(c->server->pem), 10);
}

static void answer_404(struct connection *c)
{
	say_text(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void answer_302(struct connection *c)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "HTTP/1.1 302 Found\r\nLocation: https://localhost:%u/good.pem\r\n"
		 "Content-Length: 0\r\n\r\n",
		 c->server->port);
	say_text(c, text);
}

static void answer_huge(struct connection *c)
{
	say_for_ever(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
		     "-----BEGIN CERTIFICATE-----\nMIIBMIIBMIIBMIIBMIIBMIIBMIIBMIIB\n");
}

static void answer_endless(struct connection *c)
{
	say_for_ever(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		     "10\r\n                \r\n");
}

static void answer_headers(struct connection *c)
{
	say_for_ever(c, "HTTP/1.1 200 OK\r\n", "X-Header: 0123456789012345678901234567890\r\n");
}

static void answer_spaces(struct connection *c)
{
	say_text(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	say_for_ever(c, c->server->pem, "                                                ");
}

static void answer_drip(struct connection *c)
{
	say_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
	while (hold(c, 100) && say_text(c, "-"))
		continue;
}

static void answer_html(struct connection *c)
{
	say_body(c, "<html>hello</html>", 18, 1);
}

static void answer_empty(struct connection *c)
{
	say_body(c, "", 0, 1);
}

/* A compressed body that was not asked for stays as it is: not a certificate. */
static void answer_gzip(struct connection *c)
{
	say_text(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n"
		    "\x1f\x8b\x08\x08\x01\x01\x01\x01\x01\x03");
}

static void answer_short(struct connection *c)
{
	say_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n-----BEGIN CERT");
}

static void answer_http_0_9(struct connection *c)
{
	say_text(c, c->server->pem);
}

static void answer_nothing(struct connection *c)
{
	(void)c;
}

static void answer_hold(struct connection *c)
{
	hold(c, 60000);
}

static const struct answer {
	const char *path;
	void (*give)(struct connection *c);
} answers[] = {
	{"/good.pem", answer_pem},	  {"/gate.pem", answer_gate},
	{"/four.pem", answer_four},	  {"/ten.pem", answer_ten},
	{"/404.pem", answer_404},	  {"/302.pem", answer_302},
	{"/huge.pem", answer_huge},	  {"/endless.pem", answer_endless},
	{"/headers.pem", answer_headers}, {"/spaces.pem", answer_spaces},
	{"/drip.pem", answer_drip},	  {"/html.pem", answer_html},
	{"/empty.pem", answer_empty},	  {"/gzip.pem", answer_gzip},
	{"/short.pem", answer_short},	  {"/http09.pem", answer_http_0_9},
	{"/nothing.pem", answer_nothing}, {"/hold", answer_hold},
};

static void talk(struct connection *c)
{
	char request[2048] = "";
	char path[64] = "";
	int len = SSL_read(c->ssl, request, sizeof(request) - 1);

	if (len <= 0 || sscanf(request, "GET %63s", path) != 1)
		return;
	memcpy(c->server->request, request, sizeof(request));
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strncmp(path, answers[i].path, strlen(answers[i].path)) == 0)
			answers[i].give(c);
}

static void talk_tls(struct connection *c)
{
	c->ssl = SSL_new(c->server->tls);
	SSL_set_fd(c->ssl, c->fd);
	if (SSL_accept(c->ssl) == 1) {
		talk(c);
		SSL_shutdown(c->ssl);
	}
	SSL_free(c->ssl);
}

static void *serve_connection(void *magic)
{
	struct connection *c = magic;
	static const char plain[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

	switch (c->server->kind) {
	case SERVER_SILENT:
		while (hold(c, 1000) || !c->server->stopped)
			if (recv(c->fd, (char[512]){0}, 512, 0) <= 0)
				break;
		break;
	case SERVER_CLOSES:
		break;
	case SERVER_PLAIN:
		if (send(c->fd, plain, sizeof(plain) - 1, MSG_NOSIGNAL) > 0)
			hold(c, 1000);
		break;
	case SERVER_GOOD:
	case SERVER_WRONG_NAME:
	case SERVER_EXPIRED:
	case SERVER_SELF_SIGNED:
	case SERVER_TLS_1_1:
	case SERVER_KINDS:
		talk_tls(c);
		break;
	}
	close(c->fd);
	free(c);
	return NULL;
}

static void *serve(void *magic)
{
	struct server *server = magic;
	int n = 0;

	while (!server->stopped) {
		struct pollfd wait = {.fd = server->fd, .events = POLLIN};
		if (poll(&wait, 1, 20) != 1)
			continue;
		struct connection *c = calloc(1, sizeof(*c));
		c->server = server;
		c->fd = accept(server->fd, NULL, NULL);
		/* Counted before it is served: the client may look as soon as it is. */
		server->connections += c->fd >= 0;
		if (c->fd < 0 || n == SERVER_CONNECTIONS_MAX ||
		    pthread_create(&server->workers[n], NULL, serve_connection, c) != 0) {
			free(c);
			break;
		}
		n++;
	}
	for (int i = 0; i < n; i++)
		pthread_join(server->workers[i], NULL);
	return NULL;
}

static struct server *server_start(enum server_kind kind, const struct pki *pki)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	struct server *server = calloc(1, sizeof(*server));

	server->kind = kind;
	server->pem = pki->leaf_pem;
	server->tls = kind < SERVER_SILENT ? server_tls(kind, pki) : NULL;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(server->fd, 128) != 0 ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	server->port = ntohs(address.sin_port);
	if (pthread_create(&server->thread, NULL, serve, server) != 0)
		abort();
	return server;
}

static void server_stop(struct server *server)
{
	server->stopped = true;
	pthread_join(server->thread, NULL);
	close(server->fd);
	SSL_CTX_free(server->tls);
	free(server);
}

#endif
