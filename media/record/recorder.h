/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording of calls as pcap, by a thread that alone touches the disk: media never waits for it.
 * Files lie in one folder under names of ours; no command can name a path. What the disk cannot
 * keep up with is left out of the file and counted.
 */
#ifndef MEDIA_RECORD_RECORDER_H
#define MEDIA_RECORD_RECORDER_H

#include "media/path/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_NAME_MAX   64
#define RECORDING_PACKET_MAX 1600
#define RECORDER_QUEUE_MAX   (8 << 20) /* bytes that wait to be written */
#define RECORDINGS_MAX	     1000      /* that run at once */

struct recorder;
struct recording;

/* NULL: err says what is wrong with the folder. */
struct recorder *recorder_start(const char *folder, char *err, size_t size);
/* Writes what waits, closes all files. Recordings that run end. */
void recorder_stop(struct recorder *recorder);
/* Packets that were left out since the start; any thread. */
uint64_t recorder_lost(const struct recorder *recorder);

/* A new file of mode 0600; name_out is its name in the folder. at: Unix time in nanoseconds. NULL:
 * no memory, or RECORDINGS_MAX. That the disk refuses shows in recorder_lost(). Any thread. */
struct recording *recording_start(struct recorder *recorder, uint64_t at,
				  char name_out[RECORDING_NAME_MAX]);
/* A datagram as it was on the wire, without protection, with the addresses that it had. */
void recording_packet(struct recording *recording, const struct address *from,
		      const struct address *to, const uint8_t *data, size_t len, uint64_t at);
void recording_stop(
	struct recording *recording); /* NULL is fine; the file is complete soon after */

#endif
