/* SPDX-License-Identifier: Apache-2.0 */
/* A real registry in this process, on free ports and a fresh file, and a client to drive it. */
#ifndef TEST_REGISTRY_FIXTURE_H
#define TEST_REGISTRY_FIXTURE_H

#include "svc/registry/config.h"
#include "svc/registry/http/auth.h"
#include "svc/registry/registry.h"
#include "svc/registry/setup.h"
#include "svc/registry/store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* Each test program uses a part of this. */
#pragma GCC diagnostic ignored "-Wunused-function"

#define TEXT_MAX   4096
#define ANSWER_MAX 262144

struct fixture {
	char dir[64], database[96], pair_key_file[96], signing_key_file[96];
	struct pairtag_key pair_key;
	struct signature *signature;
	char *certificate, *key; /* PEM of the public door, also what is published */
	_Atomic int64_t skew_ms; /* added to the registry's clock */
	struct http_limits limits;
	struct registry *registry;
};

struct reply {
	long status; /* 0: no answer */
	char *body;
	size_t len;
	json_t *json; /* NULL when it is none */
	char type[64], cache[64];
};

static int64_t fixture_now(void *magic)
{
	struct fixture *fixture = magic;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + fixture->skew_ms;
}

static char *bio_text(BIO *bio)
{
	char *p;
	long len = BIO_get_mem_data(bio, &p);
	char *text = calloc(1, (size_t)len + 1);

	assert_non_null(text);
	memcpy(text, p, (size_t)len);
	BIO_free(bio);
	return text;
}

/* A self-signed certificate for 127.0.0.1 that ends valid_s from now. */
static void make_certificate(long valid_s, char **certificate_out, char **key_out)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	BIO *certificate = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_mem());

	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x509), valid_s);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
				   (const unsigned char *)"127.0.0.1", -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, pkey);
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	X509_add_ext(x509, san, -1);
	X509_EXTENSION_free(san);
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	PEM_write_bio_X509(certificate, x509);
	PEM_write_bio_PrivateKey(key, pkey, NULL, NULL, 0, NULL, NULL);
	X509_free(x509);
	EVP_PKEY_free(pkey);
	*certificate_out = bio_text(certificate);
	*key_out = bio_text(key);
}

static void fixture_start(struct fixture *fixture)
{
	const struct registry_params params = {
		.database = fixture->database,
		.database_wait_ms = STORE_WAIT_MS,
		.public_url = "https://127.0.0.1:18443",
		.pair_key = &fixture->pair_key,
		.signature = fixture->signature,
		.limits = fixture->limits,
		.api = {.listen = {"127.0.0.1", 0}},
		.public = {.listen = {"127.0.0.1", 0},
			   .certificate = fixture->certificate,
			   .key = fixture->key},
		.now_ms = fixture_now,
		.magic = fixture,
	};
	char err[400] = "";

	fixture->registry = registry_start(&params, err, sizeof err);
	if (fixture->registry == NULL)
		fail_msg("registry_start: %s", err);
}

/* A database in a new directory, migrated; nothing runs yet. */
static void fixture_prepare(struct fixture *fixture)
{
	const struct registry_section section = {.database = fixture->database,
						 .pair_key_file = fixture->pair_key_file,
						 .signing_key_file = fixture->signing_key_file};
	char err[400] = "";
	int from;

	memset(fixture, 0, sizeof *fixture);
	snprintf(fixture->dir, sizeof fixture->dir, "/tmp/registry-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->dir));
	snprintf(fixture->database, sizeof fixture->database, "%s/registry.db", fixture->dir);
	snprintf(fixture->pair_key_file, sizeof fixture->pair_key_file, "%s/pair.key",
		 fixture->dir);
	snprintf(fixture->signing_key_file, sizeof fixture->signing_key_file, "%s/signing.key",
		 fixture->dir);
	make_certificate(86400, &fixture->certificate, &fixture->key);
	fixture->limits = (struct http_limits){.threads = 4,
					       .connections_max = 256,
					       .per_address_max = 64,
					       .headers_ms = 10000,
					       .body_ms = 30000,
					       .answer_ms = 30000,
					       .stream_ms = 60000};
	if (!setup_migrate(&section, &from, err, sizeof err) ||
	    !setup_read_pair_key(fixture->pair_key_file, &fixture->pair_key, err, sizeof err))
		fail_msg("%s", err);
	fixture->signature = setup_read_signature(fixture->signing_key_file, err, sizeof err);
	if (fixture->signature == NULL)
		fail_msg("%s", err);
}

static void fixture_clear(struct fixture *fixture)
{
	static const char *const names[] = {"registry.db", "registry.db-wal", "registry.db-shm",
					    "pair.key",	   "signing.key",     "new.key"};
	char path[128];

	registry_stop(fixture->registry, 0);
	signature_free(fixture->signature);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", fixture->dir, names[i]);
		unlink(path);
	}
	rmdir(fixture->dir);
	free(fixture->certificate);
	free(fixture->key);
}

/* A key of the tenant, made past the API. */
static void fixture_key(struct fixture *fixture, const char *tenant, enum role role,
			char key_out[ID_MAX + 1])
{
	const struct registry_section section = {.database = fixture->database};
	char path[128], err[400] = "";

	snprintf(path, sizeof path, "%s/new.key", fixture->dir);
	const struct setup_key key = {role, tenant, path};
	if (!setup_add_key(&section, &key, err, sizeof err))
		fail_msg("%s", err);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fread(key_out, 1, ID_MAX, file), 3 + ID_BODY + 1);
	key_out[3 + ID_BODY] = 0;
	fclose(file);
	unlink(path);
}

static size_t take_body(char *data, size_t size, size_t n, void *magic)
{
	struct reply *reply = magic;

	if (reply->len + size * n >= ANSWER_MAX)
		return 0;
	memcpy(reply->body + reply->len, data, size * n);
	reply->len += size * n;
	reply->body[reply->len] = 0;
	return size * n;
}

static void reply_clear(struct reply *reply)
{
	json_decref(reply->json);
	free(reply->body);
	memset(reply, 0, sizeof *reply);
}

struct request {
	const char *key; /* NULL: none */
	const char *method, *path, *type;
	const void *body;
	size_t len;
	bool public, chunked;
};

static size_t give_body(char *data, size_t size, size_t n, void *magic)
{
	struct request *left = magic;
	size_t len = left->len < size * n ? left->len : size * n;

	memcpy(data, left->body, len);
	left->body = (const char *)left->body + len;
	left->len -= len;
	return len;
}

static struct curl_slist *request_headers(const struct request *request)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	char line[256];

	if (request->key != NULL) {
		snprintf(line, sizeof line, "Authorization: Bearer %s", request->key);
		headers = curl_slist_append(headers, line);
	}
	if (request->type != NULL) {
		snprintf(line, sizeof line, "Content-Type: %s", request->type);
		headers = curl_slist_append(headers, line);
	}
	if (request->chunked)
		headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
	return headers;
}

static void request_body(CURL *curl, struct request *left)
{
	if (left->chunked) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, left);
	} else if (left->body != NULL) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, left->body);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)left->len);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, left->method);
}

static void read_headers(CURL *curl, struct reply *reply)
{
	struct curl_header *header;

	if (curl_easy_header(curl, "Content-Type", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(reply->type, sizeof reply->type, "%s", header->value);
	if (curl_easy_header(curl, "Cache-Control", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		snprintf(reply->cache, sizeof reply->cache, "%s", header->value);
}

/* One request on its own connection. */
static void fixture_send(struct fixture *fixture, const struct request *request,
			 struct reply *reply)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = request_headers(request);
	struct request left = *request;
	struct curl_blob anchor = {fixture->certificate, strlen(fixture->certificate), 0};
	char url[512];

	memset(reply, 0, sizeof *reply);
	reply->body = calloc(1, ANSWER_MAX);
	snprintf(url, sizeof url, "%s://127.0.0.1:%u%s", request->public ? "https" : "http",
		 request->public ? registry_public_port(fixture->registry)
				 : registry_api_port(fixture->registry),
		 request->path);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
	curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &anchor);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	request_body(curl, &left);
	curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	read_headers(curl, reply);
	reply->json = json_loadb(reply->body, reply->len, 0, NULL);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

static void fixture_json(struct fixture *fixture, const char *key, const char *route,
			 const char *body, struct reply *reply)
{
	char method[8] = "";
	size_t n = strcspn(route, " ");

	memcpy(method, route, n);
	const struct request request = {.key = key,
					.method = method,
					.path = route + n + 1,
					.type = body != NULL ? "application/json" : NULL,
					.body = body,
					.len = body != NULL ? strlen(body) : 0};
	fixture_send(fixture, &request, reply);
}

static const char *reply_text(const struct reply *reply, const char *name)
{
	const char *text = json_string_value(json_object_get(reply->json, name));

	return text != NULL ? text : "";
}

/* Sends, expects a status, and keeps one string of the answer. */
static void fixture_get(struct fixture *fixture, const char *key, const char *route,
			const char *body, const char *name, char value_out[128])
{
	struct reply reply;

	fixture_json(fixture, key, route, body, &reply);
	if (reply.status != 201 && reply.status != 200)
		fail_msg("%s %s: %ld %s", route, body, reply.status, reply.body);
	snprintf(value_out, 128, "%s", reply_text(&reply, name));
	reply_clear(&reply);
}

/* A header of a PNG of the given size; the rest is filling. */
static size_t make_png(uint8_t png[64], uint32_t width, uint32_t height)
{
	static const uint8_t head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
				       0,    0,	  0,   13,  'I',  'H',	'D',  'R'};

	memset(png, 0, 64);
	memcpy(png, head, sizeof head);
	for (size_t i = 0; i < 4; i++) {
		png[16 + i] = (uint8_t)(width >> (24 - 8 * i));
		png[20 + i] = (uint8_t)(height >> (24 - 8 * i));
	}
	png[24] = 8;
	png[25] = 6;
	return 64;
}

#endif
