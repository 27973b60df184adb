/* SPDX-License-Identifier: Apache-2.0 */
/* How busy this machine is, and what that refuses. */
#include "media/session/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAT_FIELDS 8 /* user nice system idle iowait irq softirq steal */
#define STAT_IDLE   3
#define STAT_IOWAIT 4

bool load_read(const char *text, uint64_t *busy_out, uint64_t *all_out)
{
	uint64_t all = 0, idle = 0;

	if (strncmp(text, "cpu ", 4) != 0)
		return false;
	text += 4;
	for (int i = 0; i < STAT_FIELDS; i++) {
		char *end;
		uint64_t value;

		errno = 0;
		value = strtoull(text, &end, 10);
		if (end == text || errno)
			return false;
		all += value;
		if (i == STAT_IDLE || i == STAT_IOWAIT)
			idle += value;
		text = end;
	}
	*busy_out = all - idle;
	*all_out = all;
	return true;
}

void load_measure(struct sessions *sessions)
{
	char line[256];
	uint64_t busy, all;
	FILE *file = fopen("/proc/stat", "re");

	if (!file)
		return;
	if (fgets(line, sizeof(line), file) && load_read(line, &busy, &all)) {
		uint64_t passed = all - sessions->load.all;

		if (sessions->load.all > 0 && passed > 0)
			atomic_store(&sessions->cpu,
				     (unsigned)((busy - sessions->load.busy) * 100 / passed));
		sessions->load.busy = busy;
		sessions->load.all = all;
	}
	fclose(file);
}

const struct load_refusal *load_decide(const struct session_limits *limits,
				       const struct load_facts *facts)
{
	static const struct load_refusal drain = {"drain", "Parallel session limit reached",
						  "Parallel session limit reached"},
					 calls = {"calls", "Parallel session limit reached",
						  "Parallel session limit reached"},
					 cpu = {"cpu", "CPU usage limit exceeded",
						"Parallel session limit reached"},
					 ports = {"ports", "Load limit exceeded",
						  "Ran out of ports"};

	if (facts->draining)
		return &drain;
	if (limits->calls_max > 0 && facts->calls >= limits->calls_max)
		return &calls;
	if (limits->cpu_max > 0 && facts->cpu >= limits->cpu_max)
		return &cpu;
	if (limits->ports_max > 0 && facts->ports >= limits->ports_max)
		return &ports;
	return NULL;
}

const struct load_refusal *load_now(const struct sessions *sessions)
{
	size_t size = port_pool_size(sessions->pool);
	struct load_facts facts = {
		.calls = atomic_load(&sessions->calls),
		.cpu = atomic_load(&sessions->cpu),
		.ports = size > 0 ? (unsigned)(port_pool_used(sessions->pool) * 100 / size) : 0,
		.draining = atomic_load(&sessions->draining),
	};

	return load_decide(&sessions->settings.limits, &facts);
}
