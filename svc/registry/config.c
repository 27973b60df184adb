/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the registry's options. */
#include "svc/registry/config.h"

#include "svc/registry/stir/options.h"
#include "svc/runtime/sections.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *check_url_base(const char *text)
{
	size_t len = strlen(text);

	if (strncmp(text, "https://", 8) != 0 || len < 9 || text[len - 1] == '/' ||
	    strpbrk(text, "?#@ \"\\") != NULL)
		return "https://host[:port], without a slash at its end, query, fragment or user";
	return NULL;
}

static const struct conf_option registry_options[] = {
	{.name = "database",
	 .type = CONF_STRING,
	 .offset = offsetof(struct registry_section, database),
	 .fallback = "/var/lib/attestel-registry/registry.db",
	 .doc = "An SQLite file, which --migrate creates, or postgresql://role@host/name of an "
		"application role that owns nothing; its password stands in the file that "
		"passfile=/path names."},
	{.name = "database_owner",
	 .type = CONF_STRING,
	 .offset = offsetof(struct registry_section, database_owner),
	 .doc = "postgresql:// of the role that owns the schema; only --migrate, --export and "
		"--import use it."},
	{.name = "database_role",
	 .type = CONF_STRING,
	 .offset = offsetof(struct registry_section, database_role),
	 .fallback = "attestel",
	 .doc = "The application role that --migrate lets use the tables (PostgreSQL)."},
	{.name = "database_wait",
	 .type = CONF_DURATION,
	 .offset = offsetof(struct registry_section, database_wait_ms),
	 .min = 1,
	 .max = 60000,
	 .fallback = "1s",
	 .doc = "How long a request waits for a free connection before it is answered busy."},
	{.name = "pair_key_file",
	 .type = CONF_PATH,
	 .offset = offsetof(struct registry_section, pair_key_file),
	 .fallback = "/var/lib/attestel-registry/pair.key",
	 .doc = "The key of the tags that stand for called numbers; --migrate creates it. It must "
		"not be kept with backups of the database."},
	{.name = "signing_key_file",
	 .type = CONF_PATH,
	 .offset = offsetof(struct registry_section, signing_key_file),
	 .fallback = "/var/lib/attestel-registry/signing.key",
	 .doc = "The registry's own key, for tokens and signed lists; --migrate creates it."},
	{.name = "public_url_base",
	 .type = CONF_STRING,
	 .offset = offsetof(struct registry_section, public_url_base),
	 .fallback = "https://127.0.0.1:18443",
	 .check = check_url_base,
	 .doc = "How strangers reach the public door: the beginning of the URLs of certificates "
		"and logos."},
	{.name = "threads",
	 .type = CONF_INT,
	 .offset = offsetof(struct registry_section, threads),
	 .min = 1,
	 .max = 64,
	 .fallback = "4",
	 .doc = "Threads of the api door, each with its own database connection."},
	{.name = "connections",
	 .type = CONF_INT,
	 .offset = offsetof(struct registry_section, connections),
	 .min = 64,
	 .max = 65536,
	 .fallback = "1024",
	 .doc = "Connections that each door keeps at a time."},
	{.name = "connections_per_address",
	 .type = CONF_INT,
	 .offset = offsetof(struct registry_section, connections_per_address),
	 .min = 1,
	 .max = 65536,
	 .fallback = "64",
	 .doc = "Connections of one peer address at a time, on each door."},
	{.name = "headers_timeout",
	 .type = CONF_DURATION,
	 .offset = offsetof(struct registry_section, headers_timeout_ms),
	 .min = 100,
	 .max = 60000,
	 .fallback = "10s",
	 .doc = "From the connection's beginning, or from the answer before, until a request's "
		"headers are complete."},
	{.name = "body_timeout",
	 .type = CONF_DURATION,
	 .offset = offsetof(struct registry_section, body_timeout_ms),
	 .min = 100,
	 .max = 300000,
	 .fallback = "30s",
	 .doc = "Until a request's body is complete, and again until its answer is taken."},
	{.name = "drain_timeout",
	 .type = CONF_DURATION,
	 .offset = offsetof(struct registry_section, drain_timeout_ms),
	 .min = 0,
	 .max = 300000,
	 .fallback = "5s",
	 .doc = "How long requests under way may go on after SIGTERM."},
};

#define DOOR_FILES                                                                                 \
	{.name = "tls_certificate_file",                                                           \
	 .type = CONF_PATH,                                                                        \
	 .offset = offsetof(struct door_section, certificate_file),                                \
	 .doc = "PEM of the door's TLS certificate and its chain."},                               \
	{                                                                                          \
		.name = "tls_key_file", .type = CONF_PATH,                                         \
		.offset = offsetof(struct door_section, key_file),                                 \
		.doc = "PEM of its private key; readable by the daemon's user only."               \
	}

static const struct conf_option api_options[] = {
	{.name = "listen",
	 .type = CONF_ADDRESS,
	 .offset = offsetof(struct door_section, listen),
	 .fallback = "127.0.0.1:8080",
	 .doc = "Where the API listens. Anywhere but on loopback it needs TLS: keys are sent."},
	DOOR_FILES,
	{.name = "client_ca_file",
	 .type = CONF_PATH,
	 .offset = offsetof(struct door_section, client_ca_file),
	 .doc = "PEM of the authorities whose client certificates are asked for; a certificate "
		"is worth something only as a registered key."},
};

static const struct conf_option public_options[] = {
	{.name = "listen",
	 .type = CONF_ADDRESS,
	 .offset = offsetof(struct door_section, listen),
	 .doc = "Where certificates and logos are served, over HTTPS; without it they are not."},
	DOOR_FILES,
};

#define RATE(member, per_s, at_once, what)                                                         \
	{.name = #member,                                                                          \
	 .type = CONF_INT,                                                                         \
	 .offset = offsetof(struct rates_section, member),                                         \
	 .min = 0,                                                                                 \
	 .max = 1000000,                                                                           \
	 .fallback = per_s,                                                                        \
	 .doc = what " a second; 0: no limit."},                                                   \
	{                                                                                          \
		.name = #member "_burst", .type = CONF_INT,                                        \
		.offset = offsetof(struct rates_section, member##_burst), .min = 1,                \
		.max = 1000000, .fallback = at_once, .doc = "How many of them may come at once."   \
	}

static const struct conf_option rates_options[] = {
	RATE(ring, "2000", "4000", "Look-ups, attestations and STIR requests of one key"),
	RATE(write, "200", "400", "Changes by one key"),
	RATE(read, "200", "400", "Reads by one key"),
	RATE(bulk, "5", "20", "Batches and snapshots of one key"),
	RATE(public, "50", "200", "Requests without a key that is known, from one address"),
};

static const struct conf_section sections[] = {
	{.name = "registry",
	 .size = sizeof(struct registry_section),
	 .options = registry_options,
	 .n_options = COUNT(registry_options),
	 .doc = "The database and the limits of both doors."},
	{.name = "api",
	 .size = sizeof(struct door_section),
	 .options = api_options,
	 .n_options = COUNT(api_options),
	 .doc = "The door for those who have a key."},
	{.name = "public",
	 .size = sizeof(struct door_section),
	 .options = public_options,
	 .n_options = COUNT(public_options),
	 .doc = "The door for everybody."},
	{.name = "rates",
	 .size = sizeof(struct rates_section),
	 .options = rates_options,
	 .n_options = COUNT(rates_options),
	 .doc = "How often one caller may ask."},
	{.name = "stir",
	 .size = sizeof(struct stir_section),
	 .options = stir_options,
	 .n_options = STIR_OPTIONS,
	 .doc = "Signing and verification for carriers over HTTP (ATIS-1000082)."},
	SECTIONS_LOG,
	SECTIONS_ADMIN,
};

const struct conf_schema config_schema = {sections, COUNT(sections)};

static bool is_loopback(const struct conf_address *address)
{
	return strncmp(address->host, "127.", 4) == 0 || strcmp(address->host, "::1") == 0;
}

/* NULL when the door's options fit together, else what is wrong. */
static const char *door_fault(const struct door_section *door, bool tls_needed)
{
	if ((door->certificate_file == NULL) != (door->key_file == NULL))
		return "tls_certificate_file and tls_key_file come together";
	if (door->client_ca_file != NULL && door->certificate_file == NULL)
		return "client_ca_file needs tls_certificate_file";
	if (tls_needed && door->certificate_file == NULL)
		return "listen: here it needs tls_certificate_file and tls_key_file";
	return NULL;
}

struct conf *config_load(const char *path, struct conf_error *err)
{
	struct conf *conf = conf_load(path, &config_schema, err);

	if (conf == NULL)
		return NULL;
	const struct door_section *api = conf_get(conf, "api");
	const struct door_section *public = conf_get(conf, "public");
	const char *section = "api", *fault = door_fault(api, !is_loopback(&api->listen));
	if (fault == NULL) {
		section = "public";
		fault = door_fault(public, public->listen.host != NULL);
	}
	if (fault == NULL) {
		section = "stir";
		fault = stir_fault(conf_get(conf, section));
	}
	if (fault == NULL)
		return conf;
	err->line = 0;
	snprintf(err->text, sizeof err->text, "%s: [%s] %s", path, section, fault);
	conf_free(conf);
	return NULL;
}
