/* SPDX-License-Identifier: Apache-2.0 */
/* attestel-media: the command line. */
#include "media/daemon.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CONFIG_DEFAULT ATTESTEL_SYSCONFDIR "/attestel/media.conf"
#define LINES_MAX      1024 /* bytes that one option says, however often */

enum action { ACTION_RUN, ACTION_CHECK, ACTION_PRINT, ACTION_MANUAL, ACTION_VERSION, ACTION_HELP };

/* Those with a section are lines of a configuration, for a start without a file. */
static const struct {
	struct option option;
	const char *section, *name;
	const char *help;
} options[] = {
	{{"config", required_argument, NULL, 'c'},
	 NULL,
	 NULL,
	 "FILE  all of the configuration (" CONFIG_DEFAULT ")"},
	{{"interface", required_argument, NULL, 'i'},
	 "media",
	 "interface",
	 "ADDRESS  where media comes and goes: [NAME/]ADDRESS[!ADVERTISED]; several"},
	{{"listen-ng", required_argument, NULL, 'n'},
	 "media",
	 "listen_ng",
	 "WHERE  commands come from: udp:ADDRESS:PORT, tcp:ADDRESS:PORT, unix:PATH; several"},
	{{"ports", required_argument, NULL, 'p'},
	 "media",
	 "ports",
	 "RANGE  ports of calls (20000-39999)"},
	{{"webrtc-port", required_argument, NULL, 'w'},
	 "media",
	 "webrtc_port",
	 "PORT  first of the ports that browsers' calls share"},
	{{"workers", required_argument, NULL, 't'},
	 "media",
	 "workers",
	 "N  threads that relay media"},
	{{"key-file", required_argument, NULL, 'k'},
	 "media",
	 "key_file",
	 "FILE  key that UDP and TCP commands are signed with"},
	{{"record-dir", required_argument, NULL, 'r'},
	 "media",
	 "record_dir",
	 "FOLDER  where recordings go"},
	{{"media-dir", required_argument, NULL, 'm'},
	 "media",
	 "media_dir",
	 "FOLDER  files of announcements"},
	{{"drain", required_argument, NULL, 'd'},
	 "media",
	 "drain",
	 "TIME  how long calls may go on after SIGTERM (60s)"},
	{{"state", required_argument, NULL, 's'},
	 "state",
	 "file",
	 "FILE  where calls are written at SIGTERM, and taken up from by the next process"},
	{{"state-key", required_argument, NULL, 'e'},
	 "state",
	 "key_file",
	 "FILE  key that encrypts it (/run/attestel/media-state.key)"},
	{{"admin", required_argument, NULL, 'a'},
	 "admin",
	 "listen",
	 "WHERE  metrics and health are told: ADDRESS:PORT"},
	{{"log-level", required_argument, NULL, 'l'},
	 "log",
	 "level",
	 "LEVEL  least that is written: debug, info, warning, error"},
	{{"check-config", no_argument, NULL, ACTION_CHECK},
	 NULL,
	 NULL,
	 "check the configuration and end"},
	{{"print-config", no_argument, NULL, ACTION_PRINT},
	 NULL,
	 NULL,
	 "print it with all defaults and end"},
	{{"config-manual", no_argument, NULL, ACTION_MANUAL},
	 NULL,
	 NULL,
	 "print what can be configured"},
	{{"version", no_argument, NULL, ACTION_VERSION}, NULL, NULL, "print versions"},
	{{"help", no_argument, NULL, ACTION_HELP}, NULL, NULL, "print this"},
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

/* Where the configuration comes from: a file, or the command line alone. */
struct source {
	const char *path; /* NULL: not given */
	char lines[N_OPTIONS][LINES_MAX];
	bool has_lines;
	char own[40]; /* of the lines, as a file */
};

/* Those that are lines of a configuration, or the others from the first one on. */
static void help_options(FILE *out, bool are_lines, size_t first)
{
	for (size_t i = first; i < N_OPTIONS; i++)
		if ((options[i].section != NULL) == are_lines)
			fprintf(out, "  --%-14s %s\n", options[i].option.name, options[i].help);
}

static int help(FILE *out, int code)
{
	fputs("usage: attestel-media [--config FILE | --interface ADDRESS ...] [--check-config]\n"
	      "Relays the media of calls between carriers and browsers, as the rtpengine ng "
	      "protocol commands.\n\n",
	      out);
	fprintf(out, "  --%-14s %s\n", options[0].option.name, options[0].help);
	fputs("\nOr these, each in the place of a line of it; with --config they are refused:\n",
	      out);
	help_options(out, true, 1);
	fputs("\nWith either:\n", out);
	help_options(out, false, 1);
	return code;
}

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "attestel-media: %.100s: %s\n", what, why);
	return 2;
}

/* A line of its section. What would end the line or begin a comment is no value of anything. */
static bool add_line(struct source *source, size_t i, const char *value)
{
	char *lines = source->lines[i];
	size_t used = strlen(lines), size = sizeof(source->lines[i]);
	int n;

	if (strpbrk(value, "\r\n;#") != NULL)
		return false;
	n = snprintf(lines + used, size - used, "%s = %s\n", options[i].name, value);
	source->has_lines = true;
	return n > 0 && (size_t)n < size - used;
}

/* The lines, as a file that has no name: read anew by a reload as any other. */
static bool make_own(struct source *source)
{
	static const char *const sections[] = {"media", "log", "admin", "state"};
	int fd = memfd_create("attestel-media", MFD_CLOEXEC);

	if (fd < 0)
		return false;
	for (size_t s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
		if (dprintf(fd, "[%s]\n", sections[s]) < 0)
			return false;
		for (size_t i = 0; i < N_OPTIONS; i++)
			if (options[i].section != NULL &&
			    strcmp(options[i].section, sections[s]) == 0 &&
			    dprintf(fd, "%s", source->lines[i]) < 0)
				return false;
	}
	snprintf(source->own, sizeof(source->own), "/proc/self/fd/%d", fd);
	return true;
}

static struct settings *load(void *magic, struct conf_error *err)
{
	const struct source *source = magic;

	if (source->has_lines)
		return settings_load(source->own, "command line", err);
	return settings_load(source->path, source->path, err);
}

static void print_warning(void *name, const char *text)
{
	fprintf(stderr, "attestel-media: %s: warning: %s\n", (const char *)name, text);
}

static void tell_checked(const char *name, const struct settings *settings)
{
	const char *who = "nobody: the Unix socket alone";

	for (size_t i = 0; i < settings->n_listen; i++)
		if (settings->listen[i].kind != CONTROL_UNIX)
			who = settings->key[0] != '\0' ? "who signs them" : "whoever reaches them";
	printf("%s: ok, interfaces: %zu, ports: %u to %u, pairs: %d, listeners: %zu, commands over "
	       "UDP and TCP: from %s\n",
	       name, settings->n_interfaces, settings->first_port, settings->last_port,
	       (settings->last_port - settings->first_port + 1) / 2, settings->n_listen, who);
}

static int check(struct source *source, bool print)
{
	struct conf_error err = {0};
	struct settings *settings = load(source, &err);
	const char *name = source->has_lines ? "command line" : source->path;

	if (settings == NULL) {
		fprintf(stderr, "attestel-media: %s\n", err.text);
		return 2;
	}
	settings_warn(settings, print_warning, (void *)(uintptr_t)name);
	if (print)
		conf_print(settings->conf, stdout);
	else
		tell_checked(name, settings);
	settings_free(settings);
	return 0;
}

static int act(enum action action, struct source *source)
{
	switch (action) {
	case ACTION_RUN:
		return daemon_run(load, source);
	case ACTION_CHECK:
		return check(source, false);
	case ACTION_PRINT:
		return check(source, true);
	case ACTION_MANUAL:
		conf_print_manual(&media_schema, stdout);
		return 0;
	case ACTION_VERSION:
		printf("attestel-media %s\n", ATTESTEL_VERSION);
		return 0;
	case ACTION_HELP:
		return help(stdout, 0);
	}
	return 2;
}

static size_t row_of(int c)
{
	size_t i = 0;

	while (i < N_OPTIONS && options[i].option.val != c)
		i++;
	return i;
}

/* What the words say: 0, or the exit status of a mistake. */
static int read_words(int argc, char **argv, struct source *source, enum action *action)
{
	struct option longs[N_OPTIONS + 1] = {0};
	int c;

	for (size_t i = 0; i < N_OPTIONS; i++)
		longs[i] = options[i].option;
	while ((c = getopt_long(argc, argv, "c:", longs, NULL)) != -1) {
		size_t row = row_of(c);

		if (row == N_OPTIONS)
			return help(stderr, 2);
		if (c == 'c')
			source->path = optarg;
		else if (options[row].section == NULL)
			*action = (enum action)c;
		else if (!add_line(source, row, optarg))
			return refuse(optarg, "too long, or with \";\", \"#\" or a line end in it");
	}
	return optind < argc ? help(stderr, 2) : 0;
}

/* Either a file or the command line says all of it: a reload would not know which one wins. */
static int choose(struct source *source, enum action action)
{
	if (source->has_lines && source->path != NULL)
		return refuse(source->path, "a file is configured by its lines: put the other "
					    "options into it");
	if (source->has_lines && !make_own(source))
		return refuse("command line", strerror(errno));
	if (source->path != NULL || source->has_lines)
		return 0;
	source->path = CONFIG_DEFAULT;
	if (action < ACTION_MANUAL && access(source->path, F_OK) != 0)
		return refuse(source->path,
			      "there is no such file; to start without one: --interface ADDRESS");
	return 0;
}

int main(int argc, char **argv)
{
	struct source source = {0};
	enum action action = ACTION_RUN;
	int status = read_words(argc, argv, &source, &action);

	if (status == 0)
		status = choose(&source, action);
	return status != 0 ? status : act(action, &source);
}
