/* SPDX-License-Identifier: Apache-2.0 */
/* Two tables: addresses by open addressing with linear probing, since each packet asks; names by
 * uthash, since only binding requests do. */
#include "media/path/routes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* The default falls through labels, which clang warns of. The names are random and ours. */
#define HASH_FUNCTION	  HASH_FNV
#define HASH_NONFATAL_OOM 1 /* what is not added has no table */
#include <uthash.h>

#define SIZE_FIRST 256
#define UFRAG_SIZE 32

struct route {
	struct address address; /* family 0: free */
	struct transport *transport;
};

struct route_name {
	UT_hash_handle hh;
	struct transport *transport;
	char ufrag[UFRAG_SIZE];
};

bool routes_init(struct routes *routes)
{
	*routes = (struct routes){.size = SIZE_FIRST};
	routes->slots = calloc(routes->size, sizeof(*routes->slots));
	return routes->slots &&
	       getrandom(&routes->seed, sizeof(routes->seed), 0) == sizeof(routes->seed);
}

void routes_free(struct routes *routes)
{
	struct route_name *name, *next;

	HASH_ITER (hh, routes->names, name, next) {
		HASH_DEL(routes->names, name);
		free(name);
	}
	free(routes->slots);
	*routes = (struct routes){.slots = NULL};
}

/* Where it is, or the free slot where it would be. */
static size_t probe(const struct routes *routes, const struct address *address)
{
	size_t at = address_hash(address, routes->seed) & (routes->size - 1);

	while (routes->slots[at].address.family != 0 &&
	       !address_equal(&routes->slots[at].address, address))
		at = (at + 1) & (routes->size - 1);
	return at;
}

struct transport *routes_find(const struct routes *routes, const struct address *from)
{
	return routes->slots[probe(routes, from)].transport;
}

static bool grow(struct routes *routes)
{
	struct routes more = {.seed = routes->seed, .size = 2 * routes->size};

	more.slots = calloc(more.size, sizeof(*more.slots));
	if (!more.slots)
		return false;
	for (size_t i = 0; i < routes->size; i++) {
		if (routes->slots[i].address.family != 0)
			more.slots[probe(&more, &routes->slots[i].address)] = routes->slots[i];
	}
	free(routes->slots);
	routes->slots = more.slots;
	routes->size = more.size;
	return true;
}

bool routes_add(struct routes *routes, const struct address *from, struct transport *transport)
{
	size_t at;

	/* At most half full, so that a search that finds nothing is short. */
	if (2 * (routes->n + 1) > routes->size && !grow(routes))
		return false;
	at = probe(routes, from);
	routes->n += routes->slots[at].address.family == 0;
	routes->slots[at] = (struct route){*from, transport};
	return true;
}

void routes_remove(struct routes *routes, const struct address *from,
		   const struct transport *transport)
{
	size_t mask = routes->size - 1, hole = probe(routes, from), at = hole;

	if (routes->slots[hole].address.family == 0 || routes->slots[hole].transport != transport)
		return;
	/* What was pushed on by the one that goes moves back, so that no search ends at the hole.
	 */
	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (routes->slots[at].address.family == 0)
			break;
		home = address_hash(&routes->slots[at].address, routes->seed) & mask;
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		routes->slots[hole] = routes->slots[at];
		hole = at;
	}
	routes->slots[hole] = (struct route){.transport = NULL};
	routes->n--;
}

static struct route_name *find_name(const struct routes *routes, const char *ufrag, size_t len)
{
	struct route_name *found = NULL;

	if (len > 0 && len < UFRAG_SIZE)
		HASH_FIND(hh, routes->names, ufrag, (unsigned)len, found);
	return found;
}

struct transport *routes_find_name(const struct routes *routes, const char *ufrag, size_t len)
{
	const struct route_name *found = find_name(routes, ufrag, len);

	return found ? found->transport : NULL;
}

bool routes_add_name(struct routes *routes, const char *ufrag, struct transport *transport)
{
	size_t len = strlen(ufrag);
	struct route_name *name = find_name(routes, ufrag, len);

	if (len == 0 || len >= UFRAG_SIZE)
		return false;
	if (name)
		return name->transport == transport;
	name = calloc(1, sizeof(*name));
	if (!name)
		return false;
	memcpy(name->ufrag, ufrag, len + 1);
	name->transport = transport;
	HASH_ADD_KEYPTR(hh, routes->names, name->ufrag, (unsigned)len, name);
	if (name->hh.tbl)
		return true;
	free(name);
	return false;
}

void routes_remove_name(struct routes *routes, const char *ufrag, const struct transport *transport)
{
	struct route_name *name = find_name(routes, ufrag, strlen(ufrag));

	if (!name || name->transport != transport)
		return;
	HASH_DEL(routes->names, name);
	free(name);
}
