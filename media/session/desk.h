/* SPDX-License-Identifier: Apache-2.0 */
/* A desk: what one worker holds of all calls. Its thread alone touches it; what all desks share
 * stands in struct sessions and is constant or atomic. */
#ifndef MEDIA_SESSION_DESK_H
#define MEDIA_SESSION_DESK_H

#include "media/dtls/certificate.h"
#include "media/metrics.h"
#include "media/path/transport.h"
#include "media/rtp/packet.h"
#include "media/session/session.h"
#include "svc/runtime/siphash.h"

#include <stdatomic.h>

#define LOOP_ID_LEN 24

/* Why a call ended: a label of MEDIA_CALLS_ENDED and of the log. X(name, label) */
#define CALL_ENDS(X)                                                                               \
	X(DELETE, "delete")                                                                        \
	X(MEDIA_TIMEOUT, "media_timeout")                                                          \
	X(SILENT_TIMEOUT, "silent_timeout")                                                        \
	X(OFFER_TIMEOUT, "offer_timeout")                                                          \
	X(LIFETIME, "lifetime")                                                                    \
	X(FAILED, "failed_offer")                                                                  \
	X(STOP, "stop")                                                                            \
	X(SAVED, "saved")                                                                          \
	X(LOST, "not_restored")

enum call_end {
#define CALL_END_ENUM(name, label) END_##name,
	CALL_ENDS(CALL_END_ENUM)
#undef CALL_END_ENUM
		END_COUNT
};

/* Kinds of a transport, as MEDIA_PACKETS and its kin label them. */
#define DESK_KINDS 3

/* What transports have counted; of those that ended, kept by the desk. */
struct desk_traffic {
	uint64_t packets_in, packets_out, bytes_in, bytes_out;
	uint64_t dropped[DROP_COUNT];
};

struct desk_counts {
	uint64_t begun, ended[END_COUNT], refused;
	uint64_t seconds; /* of calls that ended */
	uint64_t zero_way, one_way;
	struct desk_traffic traffic[DESK_KINDS];
};

struct call;

struct desk {
	struct sessions *sessions;
	struct worker *worker;
	struct path *path; /* NULL: it could not begin */
	unsigned index;
	struct call *calls; /* uthash, by call-id */
	struct dtls_certificate *certificate;
	struct worker_timer rotate; /* the certificate's */
	struct worker_timer tick;   /* each second: metrics */
	struct desk_counts counts;
	struct desk_traffic told[DESK_KINDS]; /* what the metrics know */
	size_t one_way_told;
	uint64_t record_lost_told; /* desk 0 alone */
	uint8_t copy[PACKET_MAX + PACKET_SPARE];
};

struct sessions {
	struct session_settings settings;
	struct port_pool *pool;
	struct log *log;
	struct metrics *metrics;
	struct recorder *recorder; /* NULL: no recording */
	struct prompts *prompts;
	int64_t started;	 /* wall, s */
	struct siphash_key seed; /* of the call-id's hash */
	char loop[LOOP_ID_LEN + 1];
	atomic_size_t calls, one_way;
	atomic_bool draining;
	atomic_uint cpu; /* per cent of all processors in the last second */
	struct {	 /* of /proc/stat; desk 0 alone */
		uint64_t busy, all;
	} load;
	unsigned n_desks;
	struct desk **desks;
};

/* The worker's first and last jobs; magic is the desk. */
void desk_begin(struct worker *worker, void *magic);
void desk_end(struct worker *worker, void *magic);
/* The remainder by n_desks is the index of the desk that has the calls of that id. */
uint64_t desk_hash(const struct sessions *sessions, const char *id, size_t len);
/* What one transport has counted goes to the desk's totals; once, when it ends. */
void desk_keep_traffic(struct desk *desk, const struct transport *transport);

/* Of all transports, those that run too. */
void desk_traffic_now(const struct desk *desk, struct desk_traffic out[DESK_KINDS]);

/* wall-clock seconds and microseconds of now; of a monotonic time in the past. */
int64_t desk_wall(int64_t *us_out);
int64_t desk_wall_of(const struct desk *desk, uint64_t monotonic);

const char *call_end_label(enum call_end end);

#endif
