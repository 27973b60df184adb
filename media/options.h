/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's configuration: what each section of its file holds. */
#ifndef MEDIA_OPTIONS_H
#define MEDIA_OPTIONS_H

#include "svc/runtime/conf.h"

struct media_options {
	struct conf_list interface, listen_ng;
	const char *key_file;
	const char *ports;
	int64_t webrtc_port, workers, rest_us, tos;
	int64_t max_calls, max_cpu, max_ports;
	int64_t media_timeout_ms, silent_timeout_ms, offer_timeout_ms, lifetime_ms;
	int64_t delete_delay_ms, drain_ms;
	const char *record_dir, *media_dir;
	struct conf_address events;
};

struct state_options {
	const char *file; /* NULL: calls end with the process */
	const char *key_file;
};

/* "20000-39999", cut to whole pairs of an even port and the odd one above it; false: none. */
bool ports_parse(const char *text, uint16_t *first_out, uint16_t *last_out);

extern const struct conf_schema media_schema;

#endif
