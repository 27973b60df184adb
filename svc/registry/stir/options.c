/* SPDX-License-Identifier: Apache-2.0 */
/* The options of [stir]. */
#include "svc/registry/stir/options.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char *check_port(const char *text)
{
	static const char allowed[] = "ports from 1 to 65535";
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return allowed;
	long port = strtol(text, NULL, 10);
	return port >= 1 && port <= 65535 ? NULL : allowed;
}

static const char *check_literal(const char *text)
{
	struct in6_addr address;

	if (inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1)
		return NULL;
	return "literal addresses, 127.0.0.1 or ::1";
}

#define AT(member) offsetof(struct stir_section, member)

const struct conf_option stir_options[STIR_OPTIONS] = {
	{.name = "certificate_file",
	 .type = CONF_PATH,
	 .offset = AT(certificate_file),
	 .doc = "PEM of the certificate that calls are signed with, the signer's first."},
	{.name = "key_file",
	 .type = CONF_PATH,
	 .offset = AT(key_file),
	 .doc = "Its P-256 private key, PEM; a file that only its owner may read. Neither this nor "
		"key_uri: POST /stir/v1/signing is not configured."},
	{.name = "key_uri",
	 .type = CONF_STRING,
	 .offset = AT(key_uri),
	 .doc = "The key in a PKCS#11 token, instead of key_file: "
		"\"pkcs11:token=T;object=KEY?module-path=FILE\" (RFC 7512)."},
	{.name = "pin_file",
	 .type = CONF_PATH,
	 .offset = AT(pin_file),
	 .doc = "The token's PIN; a file that only its owner may read."},
	{.name = "token_timeout",
	 .type = CONF_DURATION,
	 .offset = AT(token_timeout_ms),
	 .min = 10,
	 .max = 2000,
	 .fallback = "100ms",
	 .doc = "Longest wait of a request for the token."},
	{.name = "x5u",
	 .type = CONF_STRING,
	 .offset = AT(x5u),
	 .doc = "https URL of the certificate, as verifiers fetch it: what POST /v1/certificates "
		"answered."},
	{.name = "any_number",
	 .type = CONF_BOOL,
	 .offset = AT(any_number),
	 .fallback = "no",
	 .doc = "Sign numbers outside the certificate's TNAuthList. A SHAKEN certificate has a "
		"service provider code there and no numbers: without this it signs nothing."},
	{.name = "anchors",
	 .type = CONF_LIST,
	 .offset = AT(anchors),
	 .doc = "PEM files of trust anchors; nothing else is trusted. None: POST "
		"/stir/v1/verification is not configured."},
	{.name = "crls",
	 .type = CONF_LIST,
	 .offset = AT(crls),
	 .doc = "Files of revocation lists, PEM or DER."},
	{.name = "crl_issuers",
	 .type = CONF_LIST,
	 .offset = AT(crl_issuers),
	 .doc = "PEM files of certificates that sign indirect revocation lists (ATIS-1000080)."},
	{.name = "accept_spc",
	 .type = CONF_BOOL,
	 .offset = AT(accept_spc),
	 .fallback = "no",
	 .doc = "A service provider code in a signer's certificate covers any number (SHAKEN in "
		"the United States)."},
	{.name = "ports",
	 .type = CONF_LIST,
	 .offset = AT(ports),
	 .check = check_port,
	 .doc = "Ports that certificate URLs may name; none given: 443 and 8443."},
	{.name = "test_addresses",
	 .type = CONF_LIST,
	 .offset = AT(test_addresses),
	 .check = check_literal,
	 .doc = "Loopback, private and other special addresses that certificates may come from "
		"all the same, for tests: 127.0.0.1. Others of them are refused."},
	{.name = "tls_ca_file",
	 .type = CONF_PATH,
	 .offset = AT(tls_ca_file),
	 .doc = "PEM of the TLS anchors of certificate repositories; none: the system's."},
	{.name = "cache_dir",
	 .type = CONF_PATH,
	 .offset = AT(cache_dir),
	 .doc = "Folder where fetched certificates survive a restart; none: memory only."},
	{.name = "fetch_timeout",
	 .type = CONF_DURATION,
	 .offset = AT(fetch_timeout_ms),
	 .min = 100,
	 .max = 60000,
	 .fallback = "5s",
	 .doc = "Longest time of one fetch in the background."},
	{.name = "wait",
	 .type = CONF_DURATION,
	 .offset = AT(wait_ms),
	 .min = 1,
	 .max = 5000,
	 .fallback = "500ms",
	 .doc = "How long a verification waits for certificates."},
};

const char *stir_fault(const struct stir_section *section)
{
	bool key = section->key_file != NULL || section->key_uri != NULL;

	if (section->key_file != NULL && section->key_uri != NULL)
		return "key_file and key_uri exclude each other";
	if (section->pin_file != NULL && section->key_uri == NULL)
		return "pin_file belongs to key_uri";
	if (key != (section->certificate_file != NULL) || key != (section->x5u != NULL))
		return "a key, certificate_file and x5u come together";
	if (section->anchors.n == 0 && section->crls.n + section->crl_issuers.n > 0)
		return "crls and crl_issuers need anchors";
	return NULL;
}
