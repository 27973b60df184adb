/* SPDX-License-Identifier: Apache-2.0 */
/* attestel-registry: its command line. */
#include "svc/registry/auditcheck.h"
#include "svc/certs/certs.h"
#include "svc/registry/config.h"
#include "svc/registry/daemon.h"
#include "svc/registry/describe.h"
#include "svc/registry/dev.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/setup.h"
#include "svc/registry/store/migrations.h"
#include "svc/registry/store/transfer.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE     2
#define DEFAULT_CONFIG ATTESTEL_SYSCONFDIR "/attestel/registry.conf"

struct options {
	const char *config;
	int command; /* the key of the option that names it; 0: run */
	struct setup_key key;
	struct dev_params dev; /* dir NULL: the daemon of --config */
};

enum {
	OPT_CHECK = 256,
	OPT_DEV,
	OPT_PORT,
	OPT_PRINT,
	OPT_MANUAL,
	OPT_MIGRATE,
	OPT_ADD_KEY,
	OPT_TENANT,
	OPT_KEY_FILE,
	OPT_EXPORT,
	OPT_IMPORT,
	OPT_VERIFY_AUDIT,
	OPT_ROUTES,
	OPT_PROBLEMS
};

static const struct argp_option table[] = {
	{"config", 'c', "FILE", 0, "Read FILE instead of " DEFAULT_CONFIG, 0},
	{"dev", OPT_DEV, "DIR", 0,
	 "Run a registry for trying out, on loopback: make in DIR all it needs, or go on with it",
	 0},
	{"port", OPT_PORT, "PORT", 0, "Of --dev's new registry; without it a free one", 0},
	{"check-config", OPT_CHECK, NULL, 0, "Check the configuration and end", 1},
	{"print-config", OPT_PRINT, NULL, 0, "Print the configuration in force and end", 1},
	{"config-manual", OPT_MANUAL, NULL, 0, "Print every option with its meaning and end", 1},
	{"migrate", OPT_MIGRATE, NULL, 0,
	 "Create the database and the tag key if they are missing, update the schema, and end", 2},
	{"add-key", OPT_ADD_KEY, "ROLE", 0,
	 "Make an API key (operator, owner, caller, carrier ...) and end", 2},
	{"tenant", OPT_TENANT, "NAME", 0,
	 "Whose key; made, and vouched for, if there is none (operator)", 2},
	{"key-file", OPT_KEY_FILE, "PATH", 0,
	 "Where the key is written, a new file, or - for standard output (api.key)", 2},
	{"export", OPT_EXPORT, NULL, 0,
	 "Write the whole registry to standard output, a line a row, and end", 3},
	{"import", OPT_IMPORT, NULL, 0,
	 "Read it from standard input into a registry that is empty, and end", 3},
	{"verify-audit", OPT_VERIFY_AUDIT, NULL, 0,
	 "Check that no audit row was changed or taken away, and end", 3},
	{"routes", OPT_ROUTES, NULL, 0,
	 "Print every route of the API, a line of JSON each, and end", 4},
	{"problems", OPT_PROBLEMS, NULL, 0,
	 "Print every error of the API, a line of JSON each, and end", 4},
	{NULL, 0, NULL, 0, NULL, 0},
};

static bool read_port(const char *text, uint16_t *port_out)
{
	char *end = NULL;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != 0 || port == 0 || port > UINT16_MAX)
		return false;
	*port_out = (uint16_t)port;
	return true;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		options->config = value;
		return 0;
	case OPT_DEV:
		options->dev.dir = value;
		return 0;
	case OPT_PORT:
		if (!read_port(value, &options->dev.port))
			argp_error(state, "--port is 1 to 65535");
		return 0;
	case OPT_TENANT:
		options->key.tenant = value;
		return 0;
	case OPT_KEY_FILE:
		options->key.path = value;
		return 0;
	case OPT_ADD_KEY:
		if (!role_find(value, &options->key.role))
			argp_error(state, "unknown role \"%s\"; docs/registry.md lists them",
				   value);
		break;
	case OPT_CHECK:
	case OPT_PRINT:
	case OPT_MANUAL:
	case OPT_MIGRATE:
	case OPT_EXPORT:
	case OPT_IMPORT:
	case OPT_VERIFY_AUDIT:
	case OPT_ROUTES:
	case OPT_PROBLEMS:
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	if (options->command != 0)
		argp_error(state, "one command at a time");
	options->command = key;
	return 0;
}

/* A core would hold keys; and each connection needs a file. */
static void set_limits(void)
{
	const struct rlimit no_core = {0, 0};
	struct rlimit files;

	setrlimit(RLIMIT_CORE, &no_core);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int failed(int status, const char *why)
{
	fprintf(stderr, "attestel-registry: %s\n", why);
	return status;
}

static int migrate(const struct registry_section *section)
{
	char err[400];
	int from;

	if (!setup_migrate(section, &from, err, sizeof err))
		return failed(EXIT_FAILURE, err);
	if (from == migrations_newest())
		printf("%s: schema version %d already\n", section->database, from);
	else
		printf("%s: schema version %d -> %d\n", section->database, from,
		       migrations_newest());
	return EXIT_SUCCESS;
}

static int add_key(const struct registry_section *section, const struct setup_key *key)
{
	char err[400];

	if (!setup_add_key(section, key, err, sizeof err))
		return failed(EXIT_FAILURE, err);
	if (strcmp(key->path, "-") != 0)
		printf("key for %s written to %s\n", key->tenant, key->path);
	return EXIT_SUCCESS;
}

typedef bool move_rows(const char *database, FILE *file, char *err, size_t size);

static int transfer(const struct registry_section *section, move_rows *move, FILE *file)
{
	char err[400];

	if (move(setup_owner(section), file, err, sizeof err))
		return EXIT_SUCCESS;
	return failed(EXIT_FAILURE, err);
}

static int verify_audit(const struct registry_section *section)
{
	char err[400];

	if (auditcheck_run(section->database, stdout, err, sizeof err))
		return EXIT_SUCCESS;
	return failed(EXIT_FAILURE, err);
}

/* Commands that only print what the program is made of. */
static int describe(int command)
{
	bool written = true;

	if (command == OPT_MANUAL)
		conf_print_manual(&config_schema, stdout);
	else if (command == OPT_ROUTES)
		written = describe_routes(stdout);
	else
		written = describe_problems(stdout);
	return written ? EXIT_SUCCESS : failed(EXIT_FAILURE, "standard output: cannot be written");
}

/* Commands that need a configuration; takes conf. */
static int run(const struct options *options, struct conf *conf)
{
	const struct registry_section *section = conf_get(conf, "registry");
	int status = EXIT_SUCCESS;

	switch (options->command) {
	case 0:
		return daemon_run(options->config, conf,
				  (struct daemon_ready){options->dev.dir != NULL ? dev_ready : NULL,
							options->dev.dir});
	case OPT_CHECK:
		printf("%s: ok\n", options->config);
		break;
	case OPT_PRINT:
		conf_print(conf, stdout);
		break;
	case OPT_MIGRATE:
		status = migrate(section);
		break;
	case OPT_ADD_KEY:
		status = add_key(section, &options->key);
		break;
	case OPT_EXPORT:
		status = transfer(section, store_export, stdout);
		break;
	case OPT_IMPORT:
		status = transfer(section, store_import, stdin);
		break;
	case OPT_VERIFY_AUDIT:
		status = verify_audit(section);
		break;
	}
	conf_free(conf);
	return status;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		table, parse, NULL, "The registry of who calls and why: names, numbers, reasons.",
		NULL,  NULL,  NULL};
	struct options options = {.config = DEFAULT_CONFIG,
				  .key = {.tenant = "operator", .path = "api.key"}};
	struct conf_error err;

	certs_helper_main(argc, argv);
	argp_program_version = "attestel-registry " ATTESTEL_VERSION;
	argp_err_exit_status = EXIT_USAGE;
	umask(077);
	set_limits();
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.command == OPT_MANUAL || options.command == OPT_ROUTES ||
	    options.command == OPT_PROBLEMS)
		return describe(options.command);
	char dev_conf[PATH_MAX], why[400];
	if (options.dev.dir != NULL) {
		if (!dev_prepare(&options.dev, dev_conf, why, sizeof why))
			return failed(EXIT_FAILURE, why);
		options.config = dev_conf;
	}
	struct conf *conf = config_load(options.config, &err);
	if (conf == NULL) {
		failed(EXIT_USAGE, err.text);
		if (strcmp(options.config, DEFAULT_CONFIG) == 0 &&
		    access(DEFAULT_CONFIG, F_OK) != 0)
			fputs("Use --config FILE, or --dev DIR to try one out.\n", stderr);
		return EXIT_USAGE;
	}
	return run(&options, conf);
}
