/* SPDX-License-Identifier: Apache-2.0 */
/* Loading a configuration: everything is checked before anything of it is used. */
#include "media/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/path/cpu.h"

__attribute__((format(printf, 2, 3))) static bool say(struct conf_error *err, const char *format,
						      ...)
{
	va_list list;

	err->line = 0;
	va_start(list, format);
	vsnprintf(err->text, sizeof(err->text), format, list);
	va_end(list);
	return false;
}

/* Two of one name and family would be one that is never chosen. */
static bool is_double(const struct settings *settings, const struct interface *interface)
{
	for (size_t i = 0; i < settings->n_interfaces; i++)
		if (strcmp(settings->interfaces[i].name, interface->name) == 0 &&
		    settings->interfaces[i].address.family == interface->address.family)
			return true;
	return false;
}

static bool load_interfaces(struct settings *settings, struct conf_error *err)
{
	const struct conf_list *list = &settings->media->interface;

	for (size_t i = 0; i < list->n; i++) {
		struct interface interface;
		const char *why;

		if (i == INTERFACES_MAX)
			return say(err, "[media] interface: at most %d are allowed",
				   INTERFACES_MAX);
		if (!interface_parse(list->items[i], &interface, &why))
			return say(err, "[media] interface: %s", why);
		if (is_double(settings, &interface))
			return say(
				err,
				"[media] interface: %s has an %s address already; give \"%.100s\" "
				"a name of its own: NAME/ADDRESS",
				interface.name, interface.address.family == 4 ? "IPv4" : "IPv6",
				list->items[i]);
		settings->interfaces[settings->n_interfaces++] = interface;
	}
	return true;
}

/* The table has checked that there is a pair. */
static void fill_ports(struct settings *settings)
{
	const char *text = settings->media->ports;
	char whole[16];

	(void)ports_parse(text, &settings->first_port, &settings->last_port);
	snprintf(whole, sizeof(whole), "%u-%u", settings->first_port, settings->last_port);
	settings->has_odd_ends = strcmp(text, whole) != 0;
}

static bool check_webrtc_port(const struct settings *settings, struct conf_error *err)
{
	unsigned workers = settings->session.workers;
	int64_t first = settings->media->webrtc_port;
	int64_t last = first + (workers > 0 ? workers : 1) - 1;

	if (first == 0)
		return true;
	if (first < 1024 || last > 65535)
		return say(err,
			   "[media] webrtc_port: with %u workers it ends at %lld; allowed: 1024 "
			   "to 65535",
			   workers, (long long)last);
	return last < settings->first_port || first > settings->last_port ||
	       say(err,
		   "[media] webrtc_port: %lld to %lld lie within ports = %.40s; choose "
		   "others",
		   (long long)first, (long long)last, settings->media->ports);
}

static bool load_listeners(struct settings *settings, struct conf_error *err)
{
	static const char *const fallback[] = {"unix:" CONTROL_SOCKET};
	struct conf_list list = settings->media->listen_ng;

	if (list.n == 0)
		list = (struct conf_list){fallback, 1};
	for (size_t i = 0; i < list.n; i++) {
		const char *why;

		if (i == CONTROL_LISTEN_MAX)
			return say(err, "[media] listen_ng: at most %d are allowed",
				   CONTROL_LISTEN_MAX);
		if (!control_listen_parse(list.items[i], &settings->listen[i], &why))
			return say(err, "[media] listen_ng: allowed: %s", why);
		settings->n_listen++;
	}
	return true;
}

static bool load_key(struct settings *settings, struct conf_error *err)
{
	const char *path = settings->media->key_file;
	struct conf_error why = {0};

	if (path == NULL)
		return true;
	if (!conf_read_secret(path, settings->key, sizeof(settings->key), &why))
		return say(err, "[media] key_file (--key-file): %.280s", why.text);
	return strlen(settings->key) >= CONTROL_KEY_MIN ||
	       say(err,
		   "[media] key_file: %.200s has less than %d bytes; openssl rand -hex 32 "
		   "makes a good key",
		   path, CONTROL_KEY_MIN);
}

static unsigned seconds(int64_t ms)
{
	return (unsigned)((ms + 999) / 1000);
}

static void fill_session(struct settings *settings)
{
	const struct media_options *media = settings->media;

	settings->session = (struct session_settings){
		.limits = {.calls_max = (size_t)media->max_calls,
			   .cpu_max = (unsigned)media->max_cpu,
			   .ports_max = (unsigned)media->max_ports},
		.timeouts = {.media = seconds(media->media_timeout_ms),
			     .silent = seconds(media->silent_timeout_ms),
			     .offer = seconds(media->offer_timeout_ms),
			     .lifetime = seconds(media->lifetime_ms),
			     .delete_delay = seconds(media->delete_delay_ms)},
		.record_dir = media->record_dir,
		.media_dir = media->media_dir,
		.webrtc_port = (uint16_t)media->webrtc_port,
		.workers = media->workers > 0 ? (unsigned)media->workers : cpu_count(),
		.rest_us = (unsigned)media->rest_us,
		.tos = (int)media->tos};
}

static bool is_loopback(const struct address *address)
{
	static const uint8_t v6[16] = {[15] = 1};

	return address->family == 4 ? address->ip[0] == 127
				    : memcmp(address->ip, v6, sizeof(v6)) == 0;
}

/* Keys travel in the clear there. */
static bool load_events(struct settings *settings, struct conf_error *err)
{
	const struct conf_address *from = &settings->media->events;
	struct address *to = &settings->events;

	if (from->host == NULL)
		return true;
	if (!address_parse(from->host, strlen(from->host), from->port, to) || !is_loopback(to) ||
	    from->port == 0)
		return say(err, "[media] events: allowed: an address of this machine's loopback "
				"and a port, as in 127.0.0.1:9009");
	return true;
}

static bool fill(struct settings *settings, struct conf_error *err)
{
	settings->media = conf_get(settings->conf, "media");
	settings->state = conf_get(settings->conf, "state");
	fill_session(settings);
	fill_ports(settings);
	return load_interfaces(settings, err) && check_webrtc_port(settings, err) &&
	       load_listeners(settings, err) && load_key(settings, err) &&
	       load_events(settings, err);
}

/* A message names its file; what shows only as a whole has none yet. Where path is no file that
 * anybody knows, name takes its place and its lines are left out. */
static void name_it(struct conf_error *err, const char *path, const char *name)
{
	char what[sizeof(err->text)];
	size_t n = strlen(path);
	const char *rest = what;

	snprintf(what, sizeof(what), "%s", err->text);
	if (strncmp(what, path, n) == 0) {
		if (strcmp(path, name) == 0)
			return;
		rest += n + strspn(what + n, ":0123456789 ");
	}
	snprintf(err->text, sizeof(err->text), "%.100s: %.280s", name, rest);
}

struct settings *settings_load(const char *path, const char *name, struct conf_error *err)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (settings == NULL)
		abort();
	settings->conf = conf_load(path, &media_schema, err);
	if (settings->conf != NULL && fill(settings, err))
		return settings;
	name_it(err, path, name);
	settings_free(settings);
	return NULL;
}

void settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	explicit_bzero(settings->key, sizeof(settings->key));
	conf_free(settings->conf);
	free(settings);
}

void settings_warn(const struct settings *settings, settings_tell *tell, void *magic)
{
	char text[200];

	if (settings->has_odd_ends) {
		snprintf(text, sizeof(text),
			 "[media] ports: %.40s begins with an odd port or ends with an even one: "
			 "%u-%u is what calls get",
			 settings->media->ports, settings->first_port, settings->last_port);
		tell(magic, text);
	}
	for (size_t i = 0; i < settings->n_listen && settings->key[0] == '\0'; i++)
		if (settings->listen[i].kind != CONTROL_UNIX &&
		    !is_loopback(&settings->listen[i].address)) {
			tell(magic,
			     "[media] listen_ng: other machines can command the relay; give it "
			     "a key_file, or see that a firewall keeps strangers away");
			return;
		}
}
