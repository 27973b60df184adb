/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches under way: one a URL, each with those who wait for it. */
#ifndef CERTS_FLIGHT_H
#define CERTS_FLIGHT_H

#include "svc/certs/certs.h"

#include <stdbool.h>

struct certs_flight {
	uint64_t id;
	int64_t started_ms;
	bool sent; /* to the helper */
	struct certs_request *waiting;
	char url[CERTS_URL_MAX + 1];
};

/* A fixed number of places; some dozens, so a search looks at all of them. */
struct certs_flights {
	struct certs_flight **places;
	size_t max;
	uint64_t last_id;
};

bool certs_flights_init(struct certs_flights *flights, size_t max); /* false: no memory */
/* Frees fetches and requests; nobody is answered. */
void certs_flights_clear(struct certs_flights *flights);

/* NULL: none. */
struct certs_flight *certs_flights_find(const struct certs_flights *flights, const char *url);
struct certs_flight *certs_flights_find_id(const struct certs_flights *flights, uint64_t id);
bool certs_flights_full(const struct certs_flights *flights);
/* NULL: no place or no memory. url is at most CERTS_URL_MAX bytes. */
struct certs_flight *certs_flights_add(struct certs_flights *flights, const char *url,
				       int64_t now_ms);

/* One more who waits; NULL: no memory. */
struct certs_request *certs_flight_join(struct certs_flight *flight, certs_done *done, void *magic);

/*
 * Removes flight, gives answer to everyone who waits and frees it. They may ask for and cancel
 * other requests, of this flight too.
 */
void certs_flights_land(struct certs_flights *flights, struct certs_flight *flight,
			const struct certs_answer *answer);

#endif
