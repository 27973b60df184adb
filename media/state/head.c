/* SPDX-License-Identifier: Apache-2.0 */
/* Seed, mark of loop-protect, certificates. */
#include "media/state/head.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "media/state/tables.h"

#define CERTIFICATES_MAX 4096

static json_t *save_certificate(const struct dtls_certificate *certificate)
{
	struct dtls_certificate_saved saved;
	json_t *json = NULL;

	if (dtls_certificate_save(certificate, &saved))
		json = record_save(&certificate_record, &saved, 0);
	OPENSSL_cleanse(&saved, sizeof(saved));
	return json;
}

json_t *head_save(const struct sessions *sessions, const struct call_certificates *certificates)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < certificates->n; i++)
		if (json_array_append_new(array, save_certificate(certificates->items[i])) != 0) {
			json_decref(array);
			array = NULL;
		}
	return array ? json_pack("{s:i, s:[I, I], s:s, s:o}", "version", HEAD_VERSION, "seed",
				 (json_int_t)sessions->seed.words[0],
				 (json_int_t)sessions->seed.words[1], "loop", sessions->loop,
				 "certificates", array)
		     : NULL;
}

static bool restore_certificate(const json_t *json, struct call_certificates *certificates)
{
	struct dtls_certificate_saved saved = {.x509_len = 0};
	struct dtls_certificate *certificate = NULL;

	if (record_load(&certificate_record, json, &saved, 0))
		certificate = dtls_certificate_resume(&saved);
	OPENSSL_cleanse(&saved, sizeof(saved));
	if (certificate)
		certificates->items[certificates->n++] = certificate;
	return certificate;
}

/* NULL: it has all that a head has. */
static const char *trouble_of(const json_t *json)
{
	const json_t *version = json_object_get(json, "version");
	const json_t *seed = json_object_get(json, "seed");
	const char *loop = json_string_value(json_object_get(json, "loop"));

	if (json_is_integer(version) && json_integer_value(version) != HEAD_VERSION)
		return "written by another version of the relay, in its own format";
	if (!json_is_integer(version) || !json_is_integer(json_array_get(seed, 0)) ||
	    !json_is_integer(json_array_get(seed, 1)) || !loop || strlen(loop) != LOOP_ID_LEN ||
	    json_array_size(json_object_get(json, "certificates")) > CERTIFICATES_MAX)
		return HEAD_MALFORMED;
	return NULL;
}

const char *head_restore(const json_t *json, struct sessions *sessions,
			 struct call_certificates *certificates)
{
	const json_t *array = json_object_get(json, "certificates");
	const json_t *seed = json_object_get(json, "seed");
	const char *trouble = trouble_of(json);
	size_t n = json_array_size(array);
	bool ok = true;

	*certificates = (struct call_certificates){.n = 0};
	if (trouble)
		return trouble;
	certificates->items = calloc(n + 1, sizeof(*certificates->items));
	if (!certificates->items)
		return HEAD_NO_MEMORY;
	for (size_t i = 0; ok && i < n; i++)
		ok = restore_certificate(json_array_get(array, i), certificates);
	if (!ok) {
		head_free(certificates);
		return HEAD_MALFORMED;
	}
	for (size_t i = 0; i < 2; i++)
		sessions->seed.words[i] = (uint64_t)json_integer_value(json_array_get(seed, i));
	memcpy(sessions->loop, json_string_value(json_object_get(json, "loop")), LOOP_ID_LEN + 1);
	return NULL;
}

void head_free(struct call_certificates *certificates)
{
	for (size_t i = 0; i < certificates->n; i++)
		dtls_certificate_unref(certificates->items[i]);
	free(certificates->items);
	*certificates = (struct call_certificates){.n = 0};
}

uint64_t head_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
