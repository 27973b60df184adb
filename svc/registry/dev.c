/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of --dev: made once, kept from then on. */
#include "svc/registry/dev.h"

#include "svc/registry/config.h"
#include "svc/registry/dev_tls.h"
#include "svc/registry/secretfile.h"
#include "svc/registry/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arpa/inet.h>

/* Where one line about a failure goes. */
struct complaint {
	char *text;
	size_t size;
};

static bool complain(const struct complaint *complaint, const char *what, const char *why)
{
	snprintf(complaint->text, complaint->size, "%s: %s", what, why);
	return false;
}

/* An absolute path: the daemon must find its files wherever it is started from. */
static bool path_in(const char *dir, const char *name, char path_out[PATH_MAX])
{
	return snprintf(path_out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}

static bool make_dir(const char *dir, char absolute_out[PATH_MAX],
		     const struct complaint *complaint)
{
	struct stat at;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return complain(complaint, dir, strerrordesc_np(errno));
	if (stat(dir, &at) == 0 && !S_ISDIR(at.st_mode))
		return complain(complaint, dir, strerrordesc_np(ENOTDIR));
	if (realpath(dir, absolute_out) == NULL)
		return complain(complaint, dir, strerrordesc_np(errno));
	/* inih cuts lines, and a quote or semicolon would mean something there */
	if (strlen(absolute_out) > CONF_LINE_MAX - 40 || strpbrk(absolute_out, ";#\"\n") != NULL)
		return complain(complaint, dir, "a shorter path without ; # \" is needed");
	return true;
}

/* Two ports that nobody listens on now; wanted 0: both are free ones. */
static bool find_ports(uint16_t wanted, uint16_t ports_out[2], const struct complaint *complaint)
{
	int fds[2] = {-1, -1};
	bool found = true;

	for (int i = 0; i < 2 && found; i++) {
		struct sockaddr_in address = {.sin_family = AF_INET,
					      .sin_port = htons(i == 0 ? wanted : 0),
					      .sin_addr = {htonl(INADDR_LOOPBACK)}};
		socklen_t len = sizeof address;
		const int on = 1;

		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		found = fds[i] >= 0 &&
			setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
			bind(fds[i], (struct sockaddr *)&address, len) == 0 &&
			getsockname(fds[i], (struct sockaddr *)&address, &len) == 0;
		if (!found)
			snprintf(complaint->text, complaint->size, "127.0.0.1 port %u: %s",
				 (unsigned)(i == 0 ? wanted : 0), strerrordesc_np(errno));
		ports_out[i] = ntohs(address.sin_port);
	}
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return found;
}

static bool write_file(const char *dir, const char *name, const char *text,
		       const struct complaint *complaint)
{
	char path[PATH_MAX];
	FILE *file = NULL;
	bool written = path_in(dir, name, path) && (file = fopen(path, "we")) != NULL &&
		       fputs(text, file) >= 0;

	if (file != NULL)
		written = fclose(file) == 0 && written;
	return written || complain(complaint, name, "cannot be written");
}

static bool write_conf(const char *dir, uint16_t wanted, const struct complaint *complaint)
{
	char text[4096];
	uint16_t ports[2];

	if (!find_ports(wanted, ports, complaint))
		return false;
	snprintf(text, sizeof text,
		 "# Made by attestel-registry --dev; change what you like.\n"
		 "[registry]\n"
		 "database = %1$s/registry.db\n"
		 "pair_key_file = %1$s/pair.key\n"
		 "signing_key_file = %1$s/signing.key\n"
		 "public_url_base = https://127.0.0.1:%3$u\n"
		 "[api]\n"
		 "listen = 127.0.0.1:%2$u\n"
		 "[public]\n"
		 "listen = 127.0.0.1:%3$u\n"
		 "tls_certificate_file = %1$s/public.pem\n"
		 "tls_key_file = %1$s/public.key\n"
		 "[log]\n"
		 "level = warning\n",
		 dir, (unsigned)ports[0], (unsigned)ports[1]);
	return write_file(dir, "registry.conf", text, complaint);
}

static bool exists(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return path_in(dir, name, path) && access(path, F_OK) == 0;
}

/* The key goes last: a start that was cut short makes all three anew. */
static bool write_tls(const char *dir, const struct complaint *complaint)
{
	struct dev_tls tls;
	char path[PATH_MAX];

	if (exists(dir, "public.key"))
		return true;
	if (!dev_tls_make(&tls))
		return complain(complaint, "public.pem", "no certificate could be made");
	bool written = write_file(dir, "ca.pem", tls.ca, complaint) &&
		       write_file(dir, "public.pem", tls.certificate, complaint) &&
		       path_in(dir, "public.key", path) &&
		       secretfile_create(path, tls.key, complaint->text, complaint->size);
	dev_tls_clear(&tls);
	return written;
}

static bool check_port(const struct conf *conf, const struct dev_params *params,
		       const struct complaint *complaint)
{
	const struct door_section *api = conf_get(conf, "api");

	if (params->port == 0 || params->port == api->listen.port)
		return true;
	snprintf(complaint->text, complaint->size, "%s has port %u: change registry.conf there",
		 params->dir, (unsigned)api->listen.port);
	return false;
}

/* The database and the keys; the operator's key once. */
static bool set_up(const struct registry_section *section, const char *dir,
		   const struct complaint *complaint)
{
	char path[PATH_MAX];
	const struct setup_key key = {ROLE_OPERATOR, "operator", path};
	int from;

	if (!setup_migrate(section, &from, complaint->text, complaint->size))
		return false;
	if (exists(dir, "admin.key"))
		return true;
	return path_in(dir, "admin.key", path) &&
	       setup_add_key(section, &key, complaint->text, complaint->size);
}

bool dev_prepare(const struct dev_params *params, char conf_out[PATH_MAX], char *err, size_t size)
{
	const struct complaint complaint = {err, size};
	struct conf_error why = {.line = 0};
	char dir[PATH_MAX];

	if (!make_dir(params->dir, dir, &complaint))
		return false;
	if (!path_in(dir, "registry.conf", conf_out))
		return complain(&complaint, dir, "too long");
	if (!exists(dir, "registry.conf") && !write_conf(dir, params->port, &complaint))
		return false;
	struct conf *conf = config_load(conf_out, &why);
	if (conf == NULL) {
		snprintf(err, size, "%s", why.text);
		return false;
	}
	bool done = check_port(conf, params, &complaint) && write_tls(dir, &complaint) &&
		    set_up(conf_get(conf, "registry"), dir, &complaint);
	conf_free(conf);
	return done;
}

static void say_next(const char *dir, const char *url, const char *public_url)
{
	printf("The registry is ready at %1$s (public door: %2$s).\n"
	       "Next:\n"
	       "  attestel profile add dev --registry %1$s --key-file %3$s/admin.key\n"
	       "  attestel self                 # who you are: the operator\n"
	       "  attestel tenant add --name 'Example Telecom' --vouched\n"
	       "  attestel key add --role owner --tenant ten_... --out owner.key\n"
	       "  curl --cacert %3$s/ca.pem %2$s/v1/buckets\n"
	       "Everything is in %3$s; the same command goes on with it. Ctrl-C ends it.\n",
	       url, public_url, dir);
	fflush(stdout);
}

void dev_ready(const void *magic)
{
	const char *dir = magic;
	char path[PATH_MAX], err[200], url[80], line[96];
	const struct complaint complaint = {err, sizeof err};
	struct conf_error why;
	struct conf *conf = path_in(dir, "registry.conf", path) ? config_load(path, &why) : NULL;

	if (conf == NULL)
		return;
	const struct door_section *api = conf_get(conf, "api");
	const struct registry_section *section = conf_get(conf, "registry");
	snprintf(url, sizeof url, "%s://%s%s%s:%u",
		 api->certificate_file != NULL ? "https" : "http",
		 strchr(api->listen.host, ':') != NULL ? "[" : "", api->listen.host,
		 strchr(api->listen.host, ':') != NULL ? "]" : "", (unsigned)api->listen.port);
	snprintf(line, sizeof line, "%s\n", url);
	if (write_file(dir, "url", line, &complaint))
		say_next(dir, url, section->public_url_base);
	else
		fprintf(stderr, "attestel-registry: %s\n", err);
	conf_free(conf);
}
