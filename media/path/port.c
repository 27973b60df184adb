/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of ports: for each interface a queue of free pairs, taken at random from its older half,
 * so that no stranger can guess the next and a late packet of the last call meets no new one. */
#include "media/path/port.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define TRIES_MAX      256	   /* pairs of one port_take() that other programs may hold */
#define RECEIVE_BUFFER (208 << 10) /* bytes: what 25 ms of a flood of 20,000 packets/s take */
#define NOWHERE	       UINT32_MAX

/* A ring of slot numbers; slot s is the ports first + 2s and the one above. */
struct slots {
	uint16_t *ring;
	uint32_t *place; /* of each slot in the ring; NOWHERE: taken */
	size_t head, n;
};

struct port_pool {
	struct interface interfaces[INTERFACES_MAX];
	struct slots slots[INTERFACES_MAX];
	size_t n_interfaces;
	size_t n_slots; /* of an interface */
	uint16_t first; /* even */
	pthread_mutex_t lock;
	size_t used;
};

/* Random numbers for one port_take(): a small amount of the system's randomness, stretched. */
static uint32_t random_below(size_t n)
{
	uint64_t bits = 0;

	if (getrandom(&bits, sizeof(bits), 0) != sizeof(bits))
		return 0;
	return (uint32_t)(bits % n); /* n < 2^15: the bias is below 2^-48 */
}

static bool slots_init(struct slots *slots, size_t n)
{
	slots->ring = calloc(n, sizeof(*slots->ring));
	slots->place = calloc(n, sizeof(*slots->place));
	if (!slots->ring || !slots->place)
		return false;
	for (size_t i = 0; i < n; i++) {
		slots->ring[i] = (uint16_t)i;
		slots->place[i] = (uint32_t)i;
	}
	slots->n = n;
	return true;
}

static void slots_push(struct slots *slots, size_t size, uint16_t slot)
{
	size_t place = (slots->head + slots->n) % size;

	slots->ring[place] = slot;
	slots->place[slot] = (uint32_t)place;
	slots->n++;
}

/* Takes the one at place, whose seat the oldest gets. */
static uint16_t slots_take(struct slots *slots, size_t size, size_t place)
{
	uint16_t slot = slots->ring[place], oldest = slots->ring[slots->head];

	slots->ring[place] = oldest;
	slots->place[oldest] = (uint32_t)place;
	slots->place[slot] = NOWHERE;
	slots->head = (slots->head + 1) % size;
	slots->n--;
	return slot;
}

struct port_pool *port_pool_new(const struct interface *interfaces, size_t n, uint16_t first,
				uint16_t last)
{
	struct port_pool *pool;

	if (n == 0 || n > INTERFACES_MAX || first < 1024 || last <= first + (first & 1))
		return NULL;
	first = (uint16_t)(first + (first & 1));
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	memcpy(pool->interfaces, interfaces, n * sizeof(*interfaces));
	pool->n_interfaces = n;
	pool->first = first;
	pool->n_slots = (last - first + 1u) / 2;
	for (size_t i = 0; i < n; i++) {
		if (!slots_init(&pool->slots[i], pool->n_slots)) {
			port_pool_free(pool);
			return NULL;
		}
	}
	return pool;
}

void port_pool_free(struct port_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->n_interfaces; i++) {
		free(pool->slots[i].ring);
		free(pool->slots[i].place);
	}
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

const struct interface *port_pool_interface(const struct port_pool *pool, const char *name,
					    size_t name_len, unsigned family)
{
	if (!name || name_len == 0) {
		name = pool->interfaces[0].name;
		name_len = strlen(name);
	}
	for (size_t i = 0; i < pool->n_interfaces; i++) {
		const struct interface *interface = &pool->interfaces[i];

		if (interface->address.family == family && strlen(interface->name) == name_len &&
		    memcmp(interface->name, name, name_len) == 0)
			return interface;
	}
	return NULL;
}

size_t port_pool_used(const struct port_pool *pool)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)&pool->lock;
	size_t used;

	pthread_mutex_lock(lock);
	used = pool->used;
	pthread_mutex_unlock(lock);
	return used;
}

size_t port_pool_size(const struct port_pool *pool)
{
	return pool->n_slots * pool->n_interfaces;
}

size_t port_pool_interfaces(const struct port_pool *pool)
{
	return pool->n_interfaces;
}

const struct interface *port_pool_interface_at(const struct port_pool *pool, size_t index)
{
	return index < pool->n_interfaces ? &pool->interfaces[index] : NULL;
}

int port_bind(const struct address *address)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(address, &sa);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, size = RECEIVE_BUFFER, err;

	if (fd < 0)
		return -1;
	if (address->family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (const struct sockaddr *)&sa, len) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static bool bind_pair(const struct interface *interface, uint16_t port, bool pair,
		      struct port_pair *out)
{
	*out = (struct port_pair){.fd = {-1, -1}, .interface = interface};
	out->local[0] = out->local[1] = interface->address;
	out->local[0].port = port;
	out->local[1].port = (uint16_t)(port + 1);
	out->fd[0] = port_bind(&out->local[0]);
	if (out->fd[0] < 0)
		return false;
	if (!pair || port_widen(out))
		return true;
	close(out->fd[0]);
	out->fd[0] = -1;
	return false;
}

bool port_widen(struct port_pair *pair)
{
	if (pair->fd[1] < 0)
		pair->fd[1] = port_bind(&pair->local[1]);
	return pair->fd[1] >= 0;
}

static bool pop(struct port_pool *pool, size_t index, uint16_t at, uint16_t *slot_out)
{
	struct slots *slots = &pool->slots[index];
	size_t place = NOWHERE;

	pthread_mutex_lock(&pool->lock);
	if (at == 0 && slots->n > 0)
		place = (slots->head + random_below((slots->n + 1) / 2)) % pool->n_slots;
	else if (at >= pool->first && !(at & 1) && (at - pool->first) / 2u < pool->n_slots)
		place = slots->place[(at - pool->first) / 2];
	if (place != NOWHERE) {
		*slot_out = slots_take(slots, pool->n_slots, place);
		pool->used++;
	}
	pthread_mutex_unlock(&pool->lock);
	return place != NOWHERE;
}

static void push(struct port_pool *pool, size_t index, const uint16_t *slots, size_t n)
{
	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; i < n; i++)
		slots_push(&pool->slots[index], pool->n_slots, slots[i]);
	pool->used -= n;
	pthread_mutex_unlock(&pool->lock);
}

bool port_take(struct port_pool *pool, const struct interface *interface, bool pair, uint16_t at,
	       struct port_pair *out)
{
	size_t index = (size_t)(interface - pool->interfaces), n = 0;
	uint16_t tried[TRIES_MAX];
	bool bound = false;

	/* Those that another program holds go back at the end, so that none is tried twice. */
	while (!bound && n < TRIES_MAX && pop(pool, index, at, &tried[n])) {
		bound = bind_pair(interface, (uint16_t)(pool->first + 2 * tried[n]), pair, out);
		n += !bound;
	}
	push(pool, index, tried, n);
	return bound;
}

void port_give(struct port_pool *pool, struct port_pair *pair)
{
	size_t index;
	uint16_t slot;

	if (pair->fd[0] < 0)
		return;
	index = (size_t)(pair->interface - pool->interfaces);
	slot = (uint16_t)((pair->local[0].port - pool->first) / 2);
	for (int i = 0; i < 2; i++) {
		if (pair->fd[i] >= 0)
			close(pair->fd[i]);
		pair->fd[i] = -1;
	}
	push(pool, index, &slot, 1);
}
