/* SPDX-License-Identifier: Apache-2.0 */
/* The sections that every daemon's configuration has: rows for its table of sections. */
#ifndef RUNTIME_SECTIONS_H
#define RUNTIME_SECTIONS_H

#include "svc/runtime/conf.h"
#include "svc/runtime/log.h"

struct log_options {
	int level;  /* enum log_level */
	int format; /* enum log_format */
	bool full_numbers;
	int64_t per_second;
};

struct admin_options {
	struct conf_address listen; /* host NULL: no admin listener */
};

enum { SECTIONS_LOG_OPTIONS = 4, SECTIONS_ADMIN_OPTIONS = 1 };
extern const struct conf_option sections_log[SECTIONS_LOG_OPTIONS];
extern const struct conf_option sections_admin[SECTIONS_ADMIN_OPTIONS];

#define SECTIONS_LOG                                                                               \
	{                                                                                          \
		.name = "log", .size = sizeof(struct log_options), .options = sections_log,        \
		.n_options = SECTIONS_LOG_OPTIONS, .doc = "The log on stderr."                     \
	}
#define SECTIONS_ADMIN                                                                             \
	{                                                                                          \
		.name = "admin", .size = sizeof(struct admin_options), .options = sections_admin,  \
		.n_options = SECTIONS_ADMIN_OPTIONS, .doc = "Metrics and health."                  \
	}

/* What the log is told of a configuration that has the section. */
struct log_settings sections_log_settings(const struct conf *conf);

#endif
