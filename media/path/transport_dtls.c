/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS of a transport: who may speak it, its datagrams and timers, and the keys that it gives. */
#include "media/path/inside.h"

#include <openssl/crypto.h>
#include <stddef.h>

#define SENT_MAX 64 /* datagrams of one turn: more than any flight has */

enum drop_reason dtls_side_reason(const struct transport *transport)
{
	const struct dtls *association = transport->dtls.association;

	return association && dtls_identity(association) == DTLS_MISMATCH ? DROP_IDENTITY
									  : DROP_NO_KEYS;
}

/* Where the association may be spoken from. RFC 5763 §6.7.1 lets DTLS come before the answer;
 * without ICE nothing but what was signalled says that it is the peer's (the ClientHello race,
 * CVE-2023-51275). */
static bool may_be_at(const struct leg *leg, const struct address *from)
{
	if (leg->transport->ice.session)
		return ice_side_admits(leg, from);
	return latch_is_signalled(&leg->latch, from);
}

/* To where the peer has proved to be, while it may; else, and when we begin, to where media goes.
 */
static const struct address *speaks_to(const struct transport *transport)
{
	const struct address *to = &transport->dtls.to;

	if (to->family != 0 && may_be_at(&transport->legs[RTP], to))
		return to;
	return transport_destination(transport, RTP);
}

/* Nothing of a handshake is authenticated before its end, and a forged alert would end it: without
 * ICE who showed our cookie, or whom we asked, is heard alone meanwhile. */
static bool may_speak(const struct leg *leg, const struct address *from)
{
	const struct transport *transport = leg->transport;
	const struct address *to = speaks_to(transport);

	if (!may_be_at(leg, from))
		return false;
	if (transport->ice.session || dtls_state(transport->dtls.association) != DTLS_HANDSHAKE)
		return true;
	return to && address_equal(to, from);
}

static void take_keys(struct transport *transport)
{
	struct dtls_side *side = &transport->dtls;
	struct dtls_keys keys;

	if (!dtls_keys(side->association, &keys)) {
		/* serial 0: those that were restored, while the association is being told what it
		 * has to be. */
		if (side->serial != 0) {
			crypto_clear(&transport->in);
			crypto_clear(&transport->out);
			transport->dirty = true;
		}
		side->serial = 0;
		return;
	}
	if (keys.serial != side->serial &&
	    crypto_set(&transport->in, keys.suite, &keys.remote, true) &&
	    crypto_set(&transport->out, keys.suite, &keys.local, false)) {
		side->serial = keys.serial;
		transport->dirty = true;
	}
	OPENSSL_cleanse(&keys, sizeof(keys));
}

/* to NULL: nobody is there yet, and what has no way is lost, as in a network. */
static void send_all(struct transport *transport, const struct address *to)
{
	uint8_t data[DTLS_DATAGRAM_MAX];
	size_t len = 1;

	for (int i = 0; len > 0 && i < SENT_MAX; i++) {
		len = dtls_take(transport->dtls.association, data, sizeof(data));
		if (len > 0 && to)
			transport_put(transport, RTP, to, data, len);
	}
}

void dtls_side_run(struct transport *transport)
{
	struct dtls_side *side = &transport->dtls;
	struct worker *worker = transport->path->worker;
	uint64_t next = UINT64_MAX;
	const struct address *to;

	if (!side->association)
		return;
	/* Who was there had the wrong certificate, or is gone. */
	if (dtls_state(side->association) == DTLS_NEW)
		side->to = (struct address){.family = 0};
	to = speaks_to(transport);
	if (to)
		dtls_poll(side->association, worker_now(worker), &next);
	send_all(transport, to);
	take_keys(transport);
	if (side->state != dtls_state(side->association))
		transport->dirty = true;
	side->state = dtls_state(side->association);
	if (next == UINT64_MAX)
		worker_timer_cancel(worker, &side->timer);
	else
		worker_timer_set(worker, &side->timer, next);
}

static void due(struct worker_timer *timer, struct worker *worker)
{
	struct dtls_side *side =
		(struct dtls_side *)((char *)timer - offsetof(struct dtls_side, timer));
	struct transport *transport =
		(struct transport *)((char *)side - offsetof(struct transport, dtls));

	(void)worker;
	dtls_side_run(transport);
	transport_settle(transport);
}

void dtls_side_receive(struct leg *leg, const struct address *from, struct packet *packet)
{
	struct transport *transport = leg->transport;
	struct dtls_side *side = &transport->dtls;
	bool validated = transport->ice.session;
	enum dtls_heard heard;

	/* One association protects both components (RFC 5764 §5.1.2 with rtcp-mux). */
	if (!side->association || leg->component != RTP) {
		transport_drop(transport, DROP_DTLS_REFUSED);
		return;
	}
	if (!may_speak(leg, from)) {
		transport_drop_from(transport, DROP_DTLS_SOURCE, from);
		return;
	}
	heard = dtls_receive(side->association, packet->data, packet->len, validated ? NULL : from,
			     validated ? 0 : sizeof(*from));
	if (heard == DTLS_UNFIT)
		transport_drop(transport, DROP_DTLS_REFUSED);
	else if (heard == DTLS_PROVED || validated)
		side->to = *from;
	else if (heard == DTLS_ASKED)
		send_all(transport, from);
	dtls_side_run(transport);
}

static bool begin(struct transport *transport, enum dtls_role role)
{
	struct dtls_side *side = &transport->dtls;

	dtls_free(side->association);
	side->association = dtls_new(side->certificate, role);
	side->serial = 0;
	side->state = DTLS_NEW;
	side->to = (struct address){.family = 0};
	side->timer.due = due;
	worker_timer_cancel(transport->path->worker, &side->timer);
	crypto_clear(&transport->in);
	crypto_clear(&transport->out);
	return side->association;
}

struct dtls *transport_use_dtls(struct transport *transport, struct dtls_certificate *certificate,
				enum dtls_role role)
{
	struct dtls_side *side = &transport->dtls;

	transport->security = SECURITY_DTLS;
	if (side->association && side->certificate == certificate &&
	    dtls_role(side->association) == role)
		return side->association;
	if (side->certificate != certificate) {
		dtls_certificate_unref(side->certificate);
		side->certificate = dtls_certificate_ref(certificate);
	}
	begin(transport, role);
	return side->association;
}

struct dtls *transport_dtls(struct transport *transport)
{
	return transport->dtls.association;
}

void transport_restart_dtls(struct transport *transport, enum dtls_role role)
{
	if (transport->dtls.certificate)
		begin(transport, role);
}

void transport_dtls_changed(struct transport *transport)
{
	dtls_side_run(transport);
}

void dtls_side_clear(struct transport *transport)
{
	struct dtls_side *side = &transport->dtls;

	worker_timer_cancel(transport->path->worker, &side->timer);
	dtls_free(side->association);
	dtls_certificate_unref(side->certificate);
	*side = (struct dtls_side){.timer = {.due = due}};
}
