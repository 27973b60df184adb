/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the sections that every daemon has. */
#include "svc/runtime/sections.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const char *const levels[] = {"debug", "info", "warning", "error", NULL};
static const char *const formats[] = {"logfmt", "json", NULL};

const struct conf_option sections_log[SECTIONS_LOG_OPTIONS] = {
	{"level", CONF_CHOICE, AT(log_options, level), .fallback = "info", .choices = levels,
	 .reloadable = true, .doc = "Least level that is written."},
	{"format", CONF_CHOICE, AT(log_options, format), .fallback = "logfmt", .choices = formats,
	 .reloadable = true, .doc = "One event a line, as logfmt or as JSON."},
	{"full_numbers", CONF_BOOL, AT(log_options, full_numbers), .fallback = "no",
	 .reloadable = true, .doc = "Write telephone numbers unmasked."},
	{"per_second", CONF_INT, AT(log_options, per_second), .min = 1, .max = 100000,
	 .fallback = "1000", .unit = "lines/s", .reloadable = true,
	 .doc = "Most lines a second; the rest is counted in one line."},
};

const struct conf_option sections_admin[SECTIONS_ADMIN_OPTIONS] = {
	{"listen", CONF_ADDRESS, AT(admin_options, listen),
	 .doc = "Address of /metrics, /healthz and /readyz; none: no admin listener."},
};

struct log_settings sections_log_settings(const struct conf *conf)
{
	const struct log_options *options = conf_get(conf, "log");

	return (struct log_settings){
		.level = (enum log_level)options->level,
		.format = (enum log_format)options->format,
		.full_numbers = options->full_numbers,
		.per_second_max = (unsigned)options->per_second,
		.fd = 2,
	};
}
