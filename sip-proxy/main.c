/* SPDX-License-Identifier: Apache-2.0 */
/* attestel-proxy: the command line. */
#include "sip-proxy/options.h"
#include "sip-proxy/proxy.h"
#include "sip-proxy/warn.h"

#include "svc/certs/certs.h"

#include <callerid/version.h>

#include <sofia-sip/sofia_features.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_DEFAULT ATTESTEL_SYSCONFDIR "/attestel/proxy.conf"

enum action { ACTION_RUN, ACTION_CHECK, ACTION_PRINT, ACTION_MANUAL, ACTION_VERSION, ACTION_HELP };

static const struct {
	struct option option;
	const char *help;
} options[] = {
	{{"config", required_argument, NULL, 'c'}, "FILE  read this file (" CONFIG_DEFAULT ")"},
	{{"check-config", no_argument, NULL, ACTION_CHECK}, "check the configuration and end"},
	{{"print-config", no_argument, NULL, ACTION_PRINT}, "print it with all defaults and end"},
	{{"config-manual", no_argument, NULL, ACTION_MANUAL}, "print what can be configured"},
	{{"version", no_argument, NULL, ACTION_VERSION}, "print versions"},
	{{"help", no_argument, NULL, ACTION_HELP}, "print this"},
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

static int help(FILE *out, int code)
{
	fprintf(out, "usage: attestel-proxy [--config FILE] [OPTION]\n"
		     "Signs and verifies the caller's identity of SIP calls (STIR/SHAKEN).\n\n");
	for (size_t i = 0; i < N_OPTIONS; i++)
		fprintf(out, "  --%-14s %s\n", options[i].option.name, options[i].help);
	return code;
}

static void print_warning(void *path, const char *text)
{
	fprintf(stderr, "attestel-proxy: %s: warning: %s\n", (const char *)path, text);
}

static int check(const char *path, bool print)
{
	struct conf_error err = {0};
	struct settings *settings = settings_load(path, &err);

	if (settings == NULL) {
		fprintf(stderr, "attestel-proxy: %s\n", err.text);
		return 2;
	}
	warn_about(settings, print_warning, (void *)(uintptr_t)path);
	if (print)
		conf_print(settings->conf, stdout);
	else
		printf("%s: ok, %zu trunks, %zu routes, signing %s\n", path, settings->n_trunks,
		       settings->n_routes, settings->signer != NULL ? "on" : "off");
	settings_unref(settings);
	return 0;
}

static int version(void)
{
	printf("attestel-proxy %s\nlibcallerid %s\nsofia-sip %s\n", ATTESTEL_VERSION,
	       callerid_version(), SOFIA_SIP_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	struct option longs[N_OPTIONS + 1] = {0};
	const char *path = CONFIG_DEFAULT;
	enum action action = ACTION_RUN;
	int c;

	certs_helper_main(argc, argv);
	for (size_t i = 0; i < N_OPTIONS; i++)
		longs[i] = options[i].option;
	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		if (c == 'c')
			path = optarg;
		else if (c == '?')
			return help(stderr, 2);
		else
			action = (enum action)c;
	}
	if (optind < argc)
		return help(stderr, 2);
	switch (action) {
	case ACTION_RUN:
		return proxy_run(path);
	case ACTION_CHECK:
		return check(path, false);
	case ACTION_PRINT:
		return check(path, true);
	case ACTION_MANUAL:
		conf_print_manual(&proxy_schema, stdout);
		return 0;
	case ACTION_VERSION:
		return version();
	case ACTION_HELP:
		return help(stdout, 0);
	}
	return 2;
}
