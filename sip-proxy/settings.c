/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a configuration: everything is checked before anything of it is used. */
#include "sip-proxy/settings.h"

#include "svc/certs/url.h"

#include <callerid/error.h>
#include <openssl/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX	 8192
#define CERT_MAX 16384

char *settings_read_file(const char *path, size_t max, size_t *len_out, struct conf_error *err)
{
	FILE *file = fopen(path, "re");
	char *text = file != NULL ? calloc(1, max + 2) : NULL;
	size_t n = text != NULL ? fread(text, 1, max + 1, file) : 0;

	err->line = 0;
	if (text == NULL || ferror(file) || n > max) {
		snprintf(err->text, sizeof(err->text), "%s: %s", path,
			 n > max ? "too large" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (file != NULL)
		fclose(file);
	if (text != NULL)
		*len_out = n;
	return text;
}

static bool say(struct conf_error *err, const char *text)
{
	err->line = 0;
	snprintf(err->text, sizeof(err->text), "[signing] %s", text);
	return false;
}

static bool say_error(struct conf_error *err, const struct callerid_error *why)
{
	err->line = 0;
	snprintf(err->text, sizeof(err->text), "[signing] %s: %s", why->where, why->text);
	return false;
}

/* The key that params sign with: a file's into key, or a token's. */
static bool load_key(struct settings *settings, struct callerid_signer_params *params,
		     char key[KEY_MAX], struct conf_error *err)
{
	const struct signing_options *signing = settings->signing;
	const char *file = signing->key_uri != NULL ? signing->pin_file : signing->key_file;
	struct callerid_pkcs11_params token = {.uri = signing->key_uri,
					       .timeout_ms = signing->token_timeout_ms};
	struct callerid_error why = {0};

	if (file != NULL && !conf_read_secret(file, key, KEY_MAX, err))
		return false;
	if (signing->key_uri == NULL) {
		params->key_pem = key;
		params->key_len = strlen(key);
		return true;
	}
	token.pin = file != NULL ? key : NULL;
	if (callerid_pkcs11_open(&token, &settings->token, &why) != CALLERID_OK)
		return say_error(err, &why);
	params->sign = callerid_pkcs11_sign;
	params->magic = settings->token;
	return true;
}

static bool make_signer(struct settings *settings, char key[KEY_MAX], struct conf_error *err)
{
	const struct signing_options *signing = settings->signing;
	struct callerid_signer_params params = {.x5u = signing->x5u,
						.any_number = signing->any_number};
	struct callerid_error why = {0};
	char *cert;
	bool ok;

	if (!load_key(settings, &params, key, err))
		return false;
	cert = settings_read_file(signing->certificate_file, CERT_MAX, &params.cert_len, err);
	if (cert == NULL)
		return false;
	params.cert_pem = cert;
	ok = callerid_signer_new(&params, &settings->signer, &why) == CALLERID_OK ||
	     say_error(err, &why);
	free(cert);
	return ok;
}

static bool load_signer(struct settings *settings, struct conf_error *err)
{
	const struct signing_options *signing = settings->signing;
	char key[KEY_MAX];
	bool ok;

	if (signing->key_file != NULL && signing->key_uri != NULL)
		return say(err, "key_file and key_uri exclude each other");
	if (signing->pin_file != NULL && signing->key_uri == NULL)
		return say(err, "pin_file belongs to key_uri");
	if (signing->key_file == NULL && signing->key_uri == NULL)
		return signing->certificate_file == NULL ||
		       say(err, "certificate_file needs key_file or key_uri");
	if (signing->certificate_file == NULL || signing->x5u == NULL)
		return say(err, "a key also needs certificate_file and x5u");
	ok = make_signer(settings, key, err);
	OPENSSL_cleanse(key, sizeof(key));
	return ok;
}

static bool load_trunks(struct settings *settings, struct conf_error *err)
{
	size_t n = conf_count(settings->conf, "trunk");

	settings->trunks = calloc(n + 1, sizeof(settings->trunks[0]));
	if (settings->trunks == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		settings->n_trunks++;
		if (!trunk_init(&settings->trunks[i], conf_at(settings->conf, "trunk", i), err))
			return false;
	}
	return true;
}

static bool load_routes(struct settings *settings, struct conf_error *err)
{
	size_t n = conf_count(settings->conf, "route");

	settings->routes = calloc(n + 1, sizeof(settings->routes[0]));
	if (settings->routes == NULL)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (!route_init(&settings->routes[i], conf_at(settings->conf, "route", i), err))
			return false;
		settings->n_routes++;
	}
	return true;
}

static bool load_dialog_hops(struct settings *settings, struct conf_error *err)
{
	const struct conf_list *list = &settings->proxy->dialog_hops;

	settings->dialog_hops = calloc(list->n + 1, sizeof(settings->dialog_hops[0]));
	if (settings->dialog_hops == NULL)
		abort();
	for (size_t i = 0; i < list->n; i++) {
		if (!trunk_address_parse(list->items[i], &settings->dialog_hops[i])) {
			err->line = 0;
			snprintf(err->text, sizeof(err->text),
				 "[proxy] dialog_hops: \"%s\" is not allowed; allowed: "
				 "192.0.2.1, 192.0.2.0/24, [2001:db8::]/32",
				 list->items[i]);
			return false;
		}
		settings->n_dialog_hops++;
	}
	return true;
}

static bool is_same(const struct trunk_address *a, const struct trunk_address *b)
{
	unsigned whole = a->bits / 8;
	unsigned rest = a->bits % 8;

	return a->bits == b->bits && a->port == b->port && memcmp(a->bytes, b->bytes, whole) == 0 &&
	       (rest == 0 || ((a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest)) == 0);
}

/* The index of an address of a that b has too; a's number of addresses when there is none. */
static size_t shared_address(const struct trunk *a, const struct trunk *b)
{
	for (size_t i = 0; i < a->n_addresses; i++)
		for (size_t k = 0; k < b->n_addresses; k++)
			if (is_same(&a->addresses[i], &b->addresses[k]))
				return i;
	return a->n_addresses;
}

/* Whose call it is must not depend on the order of the file. */
static bool check_trunks(const struct settings *settings, struct conf_error *err)
{
	err->line = 0;
	if (settings->n_trunks == 0 || settings->n_routes == 0) {
		snprintf(err->text, sizeof(err->text), "no [%s \"...\"]: no call can %s",
			 settings->n_trunks == 0 ? "trunk" : "route",
			 settings->n_trunks == 0 ? "come" : "go anywhere");
		return false;
	}
	for (size_t i = 1; i < settings->n_trunks; i++)
		for (size_t k = 0; k < i; k++) {
			const struct trunk *trunk = &settings->trunks[i];
			size_t at = shared_address(trunk, &settings->trunks[k]);

			if (at == trunk->n_addresses)
				continue;
			snprintf(
				err->text, sizeof(err->text),
				"[trunk \"%.100s\"] addresses: %.60s is trunk \"%.100s\"'s already",
				trunk->options->title, trunk->options->addresses.items[at],
				settings->trunks[k].options->title);
			return false;
		}
	return true;
}

static bool check_certs(const struct settings *settings, struct conf_error *err)
{
	err->line = 0;
	if (settings->certs->ports.n <= CERTS_PORTS_MAX &&
	    settings->certs->test_addresses.n <= CERTS_ADDRESSES_MAX)
		return true;
	snprintf(err->text, sizeof(err->text),
		 "[certs] at most %d ports and %d test_addresses are allowed", CERTS_PORTS_MAX,
		 CERTS_ADDRESSES_MAX);
	return false;
}

bool settings_know(const struct settings *settings, const char *host)
{
	if (trunk_addresses_hold(settings->dialog_hops, settings->n_dialog_hops, host))
		return true;
	for (size_t i = 0; i < settings->n_trunks; i++)
		if (trunk_addresses_hold(settings->trunks[i].addresses,
					 settings->trunks[i].n_addresses, host))
			return true;
	for (size_t i = 0; i < settings->n_routes; i++) {
		struct trunk_address target;

		if (trunk_address_parse(settings->routes[i].target.host, &target) &&
		    trunk_addresses_hold(&target, 1, host))
			return true;
	}
	return false;
}

static bool check_proxy(const struct settings *settings, struct conf_error *err)
{
	const struct proxy_options *proxy = settings->proxy;

	err->line = 0;
	if (proxy->listen_udp.host == NULL && proxy->listen_tcp.host == NULL &&
	    proxy->listen_tls.host == NULL) {
		snprintf(err->text, sizeof(err->text),
			 "[proxy] needs listen_udp, listen_tcp or listen_tls");
		return false;
	}
	if (proxy->listen_tls.host != NULL && proxy->tls_directory == NULL) {
		snprintf(err->text, sizeof(err->text), "[proxy] listen_tls needs tls_directory");
		return false;
	}
	return true;
}

static bool say_media(struct conf_error *err, const char *text)
{
	err->line = 0;
	snprintf(err->text, sizeof(err->text), "[media] %s", text);
	return false;
}

static bool load_media(struct settings *settings, struct conf_error *err)
{
	const struct media_options *media = settings->media;

	if (media->relay.n > MEDIA_RELAYS_MAX)
		return say_media(err, "at most 2 relays are allowed");
	for (size_t i = 0; media->relay.n == 0 && i < settings->n_trunks; i++)
		if (settings->trunks[i].options->media != MEDIA_OFF)
			return say_media(err, "a trunk's media other than off needs a relay");
	if (media->key_file == NULL)
		return true;
	if (!conf_read_secret(media->key_file, settings->media_key, sizeof(settings->media_key),
			      err))
		return false;
	return strlen(settings->media_key) >= MEDIA_KEY_MIN ||
	       say_media(err, "key_file has less than 16 bytes");
}

static bool fill(struct settings *settings, struct conf_error *err)
{
	struct conf *conf = settings->conf;

	settings->proxy = conf_get(conf, "proxy");
	settings->signing = conf_get(conf, "signing");
	settings->certs = conf_get(conf, "certs");
	settings->registry = conf_get(conf, "registry");
	settings->media = conf_get(conf, "media");
	if (!check_proxy(settings, err) || !load_trunks(settings, err) ||
	    !load_routes(settings, err) || !check_trunks(settings, err) ||
	    !load_dialog_hops(settings, err) || !check_certs(settings, err) ||
	    !load_media(settings, err) || !anchors_load(&settings->anchors, settings->certs, err) ||
	    !load_signer(settings, err))
		return false;
	return settings->registry->api_key_file == NULL ||
	       conf_read_secret(settings->registry->api_key_file, settings->api_key,
				sizeof(settings->api_key), err);
}

struct settings *settings_load(const char *path, struct conf_error *err)
{
	struct conf *conf = conf_load(path, &proxy_schema, err);
	struct settings *settings;
	char what[sizeof(err->text)];

	if (conf == NULL)
		return NULL;
	settings = calloc(1, sizeof(*settings));
	if (settings == NULL)
		abort();
	settings->refs = 1;
	settings->conf = conf;
	if (fill(settings, err))
		return settings;
	/* What only shows when sections are put together has no line; it still names the file. */
	snprintf(what, sizeof(what), "%s", err->text);
	if (strncmp(what, path, strlen(path)) != 0)
		snprintf(err->text, sizeof(err->text), "%s: %.300s", path, what);
	settings_unref(settings);
	return NULL;
}

struct settings *settings_ref(struct settings *settings)
{
	settings->refs++;
	return settings;
}

void settings_unref(struct settings *settings)
{
	if (settings == NULL || --settings->refs > 0)
		return;
	for (size_t i = 0; i < settings->n_trunks; i++)
		trunk_clear(&settings->trunks[i]);
	free(settings->trunks);
	free(settings->routes);
	free(settings->dialog_hops);
	anchors_clear(&settings->anchors);
	callerid_signer_free(settings->signer);
	callerid_pkcs11_close(settings->token);
	OPENSSL_cleanse(settings->api_key, sizeof(settings->api_key));
	OPENSSL_cleanse(settings->media_key, sizeof(settings->media_key));
	conf_free(settings->conf);
	free(settings);
}
