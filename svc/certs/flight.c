/* SPDX-License-Identifier: Apache-2.0 */
/* Single flight: whoever asks for a URL that is being fetched waits for the same fetch. */
#include "svc/certs/flight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct certs_request {
	struct certs_request *prev, *next;
	struct certs_flight *flight;
	certs_done *done;
	void *magic;
};

bool certs_flights_init(struct certs_flights *flights, size_t max)
{
	*flights = (struct certs_flights){.max = max};
	flights->places = calloc(max, sizeof(*flights->places));
	return flights->places != NULL;
}

static void remove_request(struct certs_request *request)
{
	DL_DELETE(request->flight->waiting, request);
	free(request);
}

void certs_flights_clear(struct certs_flights *flights)
{
	for (size_t i = 0; i < flights->max && flights->places; i++) {
		struct certs_flight *flight = flights->places[i];

		while (flight && flight->waiting)
			remove_request(flight->waiting);
		free(flight);
	}
	free(flights->places);
	*flights = (struct certs_flights){.max = 0};
}

struct certs_flight *certs_flights_find(const struct certs_flights *flights, const char *url)
{
	for (size_t i = 0; i < flights->max; i++)
		if (flights->places[i] && strcmp(flights->places[i]->url, url) == 0)
			return flights->places[i];
	return NULL;
}

struct certs_flight *certs_flights_find_id(const struct certs_flights *flights, uint64_t id)
{
	for (size_t i = 0; i < flights->max; i++)
		if (flights->places[i] && flights->places[i]->id == id)
			return flights->places[i];
	return NULL;
}

bool certs_flights_full(const struct certs_flights *flights)
{
	for (size_t i = 0; i < flights->max; i++)
		if (!flights->places[i])
			return false;
	return true;
}

struct certs_flight *certs_flights_add(struct certs_flights *flights, const char *url,
				       int64_t now_ms)
{
	for (size_t i = 0; i < flights->max; i++) {
		struct certs_flight *flight;

		if (flights->places[i])
			continue;
		flight = calloc(1, sizeof(*flight));
		if (!flight)
			return NULL;
		flight->id = ++flights->last_id;
		flight->started_ms = now_ms;
		snprintf(flight->url, sizeof(flight->url), "%s", url);
		flights->places[i] = flight;
		return flight;
	}
	return NULL;
}

struct certs_request *certs_flight_join(struct certs_flight *flight, certs_done *done, void *magic)
{
	struct certs_request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->flight = flight;
	request->done = done;
	request->magic = magic;
	DL_APPEND(flight->waiting, request);
	return request;
}

void certs_cancel(struct certs_request *request)
{
	if (request)
		remove_request(request);
}

void certs_flights_land(struct certs_flights *flights, struct certs_flight *flight,
			const struct certs_answer *answer)
{
	for (size_t i = 0; i < flights->max; i++)
		if (flights->places[i] == flight)
			flights->places[i] = NULL;
	while (flight->waiting) {
		certs_done *done = flight->waiting->done;
		void *magic = flight->waiting->magic;

		/* Removed before the call, which may cancel any of the others. */
		remove_request(flight->waiting);
		done(magic, answer);
	}
	free(flight);
}
