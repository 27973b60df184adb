/* SPDX-License-Identifier: Apache-2.0 */
/* Making the signer and the verifying thread from the configuration. */
#include "svc/registry/stir/door.h"

#include "svc/certs/url.h"
#include "svc/registry/stir/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/pkcs11.h>
#include <openssl/crypto.h>

#define KEY_MAX	 8192
#define CERT_MAX CALLERID_CERT_PEM_MAX

struct stir_door {
	char instance[STIR_INSTANCE_MAX + 1];
	struct callerid_pkcs11 *token; /* outlives the signer */
	struct callerid_signer *signer;
	struct work *work;
};

/* What goes wrong while a door is made. */
struct trouble {
	char *err;
	size_t size;
};

static bool say(const struct trouble *trouble, const char *what, const char *why)
{
	snprintf(trouble->err, trouble->size, "[stir] %s: %s", what, why);
	return false;
}

/* Into params: the text of a file, or what asks a token. */
static bool load_key(struct stir_door *door, const struct stir_section *section,
		     struct callerid_signer_params *params, char key[KEY_MAX],
		     const struct trouble *trouble)
{
	const char *file = section->key_uri != NULL ? section->pin_file : section->key_file;
	struct callerid_pkcs11_params token = {.uri = section->key_uri,
					       .timeout_ms = section->token_timeout_ms};
	struct callerid_error why = {.status = CALLERID_OK};
	struct conf_error err = {.line = 0};

	if (file != NULL && !conf_read_secret(file, key, KEY_MAX, &err))
		return say(trouble, section->key_uri != NULL ? "pin_file" : "key_file", err.text);
	if (section->key_uri == NULL) {
		params->key_pem = key;
		params->key_len = strlen(key);
		return true;
	}
	token.pin = file != NULL ? key : NULL;
	if (callerid_pkcs11_open(&token, &door->token, &why) != CALLERID_OK)
		return say(trouble, "key_uri", why.text);
	params->sign = callerid_pkcs11_sign;
	params->magic = door->token;
	return true;
}

static bool make_signer(struct stir_door *door, const struct stir_section *section,
			const struct trouble *trouble)
{
	struct callerid_signer_params params = {.x5u = section->x5u,
						.any_number = section->any_number};
	struct callerid_error why = {.status = CALLERID_OK};
	char key[KEY_MAX] = "", text[200];
	bool ok = load_key(door, section, &params, key, trouble);
	char *cert = NULL;

	if (ok) {
		cert = trust_read_file(section->certificate_file, CERT_MAX, &params.cert_len, text,
				       sizeof text);
		ok = cert != NULL || say(trouble, "certificate_file", text);
	}
	if (ok) {
		params.cert_pem = cert;
		ok = callerid_signer_new(&params, &door->signer, &why) == CALLERID_OK ||
		     say(trouble, why.where, why.text);
	}
	free(cert);
	OPENSSL_cleanse(key, sizeof key);
	return ok;
}

static void fill_rules(const struct stir_section *section, struct certs_url_rules *rules)
{
	size_t n_ports = section->ports.n < CERTS_PORTS_MAX ? section->ports.n : CERTS_PORTS_MAX;

	for (; rules->n_ports < n_ports; rules->n_ports++)
		rules->ports[rules->n_ports] =
			(uint16_t)strtol(section->ports.items[rules->n_ports], NULL, 10);
	for (size_t i = 0; i < section->test_addresses.n && i < CERTS_ADDRESSES_MAX; i++)
		snprintf(rules->test_addresses[rules->n_test_addresses++],
			 sizeof rules->test_addresses[0], "%s", section->test_addresses.items[i]);
}

static bool make_work(struct stir_door *door, const struct stir_section *section,
		      const struct stir_ends *ends, const struct trouble *trouble)
{
	struct work_params params = {
		.trust = {section->anchors, section->crls, section->crl_issuers},
		.certs = {.tls_ca_file = section->tls_ca_file,
			  .cache_dir = section->cache_dir,
			  .timeout_ms = section->fetch_timeout_ms},
		.policy = {.accept_spc = section->accept_spc},
		.wait_ms = section->wait_ms,
		.log = ends->log,
		.metrics = ends->metrics,
	};
	char text[300] = "";

	fill_rules(section, &params.certs.url);
	door->work = work_start(&params, text, sizeof text);
	return door->work != NULL || say(trouble, "verification", text);
}

bool stir_door_start(const struct stir_section *section, const struct stir_ends *ends,
		     struct stir_door **door_out, char *err, size_t size)
{
	const struct trouble trouble = {err, size};
	struct stir_door *door;

	*door_out = NULL;
	if (section->certificate_file == NULL && section->anchors.n == 0)
		return true;
	door = calloc(1, sizeof *door);
	if (door == NULL || callerid_origid_random(door->instance) != CALLERID_OK) {
		free(door);
		return say(&trouble, "start", "no memory or no randomness");
	}
	if ((section->certificate_file == NULL || make_signer(door, section, &trouble)) &&
	    (section->anchors.n == 0 || make_work(door, section, ends, &trouble))) {
		*door_out = door;
		return true;
	}
	stir_door_stop(door);
	return false;
}

void stir_door_close(struct stir_door *door)
{
	if (door != NULL && door->work != NULL)
		work_close(door->work);
}

void stir_door_stop(struct stir_door *door)
{
	if (door == NULL)
		return;
	work_stop(door->work);
	callerid_signer_free(door->signer);
	callerid_pkcs11_close(door->token);
	free(door);
}

const char *stir_door_instance(const struct stir_door *door)
{
	return door->instance;
}

bool stir_door_signs(const struct stir_door *door)
{
	return door != NULL && door->signer != NULL;
}

bool stir_door_verifies(const struct stir_door *door)
{
	return door != NULL && door->work != NULL;
}

enum callerid_status stir_door_sign(const struct stir_door *door,
				    const struct callerid_claims *claims, char **identity_out,
				    struct callerid_error *err)
{
	return callerid_signer_sign(door->signer, claims, identity_out, err);
}

bool stir_door_verify(struct stir_door *door, const struct stir_question *question,
		      struct http_source *source_out)
{
	return work_begin(door->work, question, source_out);
}
