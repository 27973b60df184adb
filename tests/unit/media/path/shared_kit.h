/* SPDX-License-Identifier: Apache-2.0 */
/* A relay with a shared port, and calls of browsers there with plain peers. */
#ifndef TESTS_UNIT_MEDIA_PATH_SHARED_KIT_H
#define TESTS_UNIT_MEDIA_PATH_SHARED_KIT_H

#include "media/path/transport.h"

#include <stdlib.h>

#include "browser_kit.h"

#define FIRST  33000
#define LAST   33099
#define SHARED 17400 /* and above; below what the system gives to clients */
#define TRIES  50

/* A call: a browser on the shared port, and a plain peer on a port of its own. */
struct call {
	struct side {
		struct transport_owner owner;
		struct transport *transport, *sink;
	} web, plain;
	struct browser browser;
	int peer;
	struct address peer_at, plain_port;
	struct fingerprint signed_;
	bool has_identity;
	struct transport_stats stats;
	struct transport_view view;
};

struct relay {
	const char *ip;
	struct worker *worker;
	struct port_pool *pool;
	struct path *path;
	struct dtls_certificate *certificate;
	struct address shared;
	struct path_stats stats;
};

struct command {
	struct relay *relay;
	struct call *call;
};

static inline void media(struct transport_owner *owner, struct transport *from,
			 struct packet *packet)
{
	(void)from;
	transport_send(((struct side *)owner)->sink, packet);
}

static inline void open_path(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	for (uint16_t i = 0; i < TRIES && !relay->path; i++)
		relay->path = path_new(worker, relay->pool, SHARED + i);
	assert_non_null(relay->path);
}

static inline void close_path(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	(void)worker;
	path_free(relay->path);
}

static inline void open_relay_at(struct relay *relay, const char *ip)
{
	struct worker_params params = {.cpu = -1};
	struct interface interface;
	const char *why;

	assert_true(interface_parse(ip, &interface, &why));
	*relay = (struct relay){.ip = ip, .pool = port_pool_new(&interface, 1, FIRST, LAST)};
	relay->certificate = dtls_certificate_new();
	relay->worker = worker_start(&params);
	assert_non_null(relay->worker);
	kit_run(relay->worker, open_path, relay);
}

static inline void open_relay(struct relay *relay)
{
	open_relay_at(relay, "127.0.0.1");
}

static inline void close_relay(struct relay *relay)
{
	kit_run(relay->worker, close_path, relay);
	worker_stop(relay->worker);
	assert_int_equal(port_pool_used(relay->pool), 0);
	port_pool_free(relay->pool);
	dtls_certificate_unref(relay->certificate);
}

static inline void make_transports(struct relay *relay, struct call *call)
{
	struct transport_params params = {.path = relay->path,
					  .interface = port_pool_interface_at(relay->pool, 0)};
	struct address remote[2] = {call->peer_at, call->peer_at};
	const char *why;

	call->web.owner.media = call->plain.owner.media = media;
	params.owner = &call->plain.owner;
	call->plain.transport = transport_new(&params, &why);
	params.owner = &call->web.owner;
	params.shared = true;
	call->web.transport = transport_new(&params, &why);
	call->web.sink = call->plain.transport;
	call->plain.sink = call->web.transport;
	transport_set_remote(call->plain.transport, remote, NULL, LATCH_LEARN);
	call->plain_port = transport_local(call->plain.transport, 0);
	relay->shared = transport_local(call->web.transport, 0);
}

static inline void tell_dtls(struct call *call)
{
	struct fingerprint fingerprint = browser_fingerprint(call->browser.certificate);
	struct dtls *dtls = transport_dtls(call->web.transport);

	dtls_set_peer(dtls, &fingerprint, 1);
	if (call->has_identity)
		dtls_set_identity(dtls, &call->signed_, 1);
	transport_dtls_changed(call->web.transport);
}

static inline void begin_call(struct worker *worker, void *magic)
{
	struct relay *relay = ((struct command *)magic)->relay;
	struct call *call = ((struct command *)magic)->call;
	const struct ice_params lite = {.lite = true, .components = 1};
	struct ice *ice;
	bool restarted;

	(void)worker;
	make_transports(relay, call);
	ice = transport_use_ice(call->web.transport, &lite);
	assert_non_null(transport_use_dtls(call->web.transport, relay->certificate, DTLS_PASSIVE));
	assert_true(ice_set_remote(ice, ice_ufrag(call->browser.ice), ice_pwd(call->browser.ice),
				   &restarted));
	transport_ice_changed(call->web.transport);
	tell_dtls(call);
	browser_signal(&call->browser, &relay->shared, ice, relay->certificate);
}

static inline void end_call(struct worker *worker, void *magic)
{
	struct call *call = ((struct command *)magic)->call;

	(void)worker;
	transport_free(call->web.transport);
	transport_free(call->plain.transport);
}

static inline void read_stats(struct worker *worker, void *magic)
{
	struct relay *relay = ((struct command *)magic)->relay;
	struct call *call = ((struct command *)magic)->call;

	(void)worker;
	relay->stats = *path_stats(relay->path);
	if (!call)
		return;
	call->stats = *transport_stats(call->web.transport);
	transport_view(call->web.transport, &call->view);
}

static inline void look(struct relay *relay, struct call *call)
{
	struct command command = {relay, call};

	kit_run(relay->worker, read_stats, &command);
}

static inline void open_call(struct relay *relay, struct call *call)
{
	struct command command = {relay, call};

	browser_open(&call->browser, relay->ip);
	call->peer = kit_peer(relay->ip, &call->peer_at);
	kit_run(relay->worker, begin_call, &command);
}

static inline void close_call(struct relay *relay, struct call *call)
{
	struct command command = {relay, call};

	kit_run(relay->worker, end_call, &command);
	browser_close(&call->browser);
	close(call->peer);
}

static inline size_t rtp(uint8_t out[172], uint32_t ssrc, uint16_t sequence)
{
	memset(out, 0x55, 172);
	memset(out, 0, 12);
	out[0] = 0x80;
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	out[11] = (uint8_t)ssrc;
	return 172;
}

static inline void expect_both_ways(struct call *call, uint16_t sequence)
{
	uint8_t data[172], got[PACKET_MAX];
	size_t len = rtp(data, 1, sequence);

	browser_send(&call->browser, data, len);
	assert_int_equal(kit_receive(call->peer, got, sizeof(got), KIT_WAIT_MS), len);
	assert_memory_equal(got, data, len);
	len = rtp(data, 2, sequence);
	kit_send(call->peer, &call->plain_port, data, len);
	assert_true(browser_wait_media(&call->browser, KIT_WAIT_MS));
	assert_int_equal(call->browser.media_len, len);
	assert_memory_equal(call->browser.media, data, len);
}

#endif
