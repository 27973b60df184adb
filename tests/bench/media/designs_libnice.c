/* SPDX-License-Identifier: Apache-2.0 */
/* A relay whose legs are agents of libnice: what arrives at one is sent by its neighbour. */
#include "tests/bench/media/designs.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nice/agent.h>

#define ROUNDS 100
#define PACKET 172

struct leg {
	NiceAgent *agent, *peer;
	guint stream, peer_stream;
	struct legs *legs;
	unsigned index;
};

struct legs {
	GMainContext *ours, *theirs;
	struct leg *all;
	unsigned n, relayed;
};

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void relay(NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
		  gpointer magic)
{
	struct leg *leg = magic, *other = &leg->legs->all[leg->index ^ 1];

	(void)agent;
	(void)stream;
	(void)component;
	nice_agent_send(other->agent, other->stream, 1, len, data);
	leg->legs->relayed++;
}

static void swallow(NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
		    gpointer magic)
{
	(void)agent;
	(void)stream;
	(void)component;
	(void)len;
	(void)data;
	(void)magic;
}

static NiceAgent *open_agent(GMainContext *context, gboolean controlling, guint *stream_out,
			     NiceAgentRecvFunc take, struct leg *leg)
{
	NiceAgent *agent = nice_agent_new(context, NICE_COMPATIBILITY_RFC5245);
	NiceAddress *loopback = nice_address_new();

	g_object_set(agent, "controlling-mode", controlling, "ice-tcp", FALSE, "upnp", FALSE, NULL);
	nice_address_set_from_string(loopback, "127.0.0.1");
	nice_agent_add_local_address(agent, loopback);
	nice_address_free(loopback);
	*stream_out = nice_agent_add_stream(agent, 1);
	nice_agent_attach_recv(agent, *stream_out, 1, context, take, leg);
	nice_agent_gather_candidates(agent, *stream_out);
	return agent;
}

static void introduce(NiceAgent *to, guint to_stream, NiceAgent *from, guint from_stream)
{
	GSList *candidates = nice_agent_get_local_candidates(from, from_stream, 1);
	gchar *ufrag, *pwd;

	nice_agent_get_local_credentials(from, from_stream, &ufrag, &pwd);
	nice_agent_set_remote_credentials(to, to_stream, ufrag, pwd);
	nice_agent_set_remote_candidates(to, to_stream, 1, candidates);
	g_free(ufrag);
	g_free(pwd);
	g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
}

static void turn(struct legs *legs)
{
	while (g_main_context_iteration(legs->ours, FALSE) ||
	       g_main_context_iteration(legs->theirs, FALSE))
		continue;
}

static gboolean is_ready(const struct legs *legs)
{
	for (unsigned i = 0; i < legs->n; i++) {
		const struct leg *leg = &legs->all[i];

		if (nice_agent_get_component_state(leg->agent, leg->stream, 1) !=
			    NICE_COMPONENT_STATE_READY ||
		    nice_agent_get_component_state(leg->peer, leg->peer_stream, 1) !=
			    NICE_COMPONENT_STATE_READY)
			return FALSE;
	}
	return TRUE;
}

static gboolean connect_all(struct legs *legs)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < legs->n; i++) {
		struct leg *leg = &legs->all[i];

		*leg = (struct leg){.legs = legs, .index = i};
		leg->agent = open_agent(legs->ours, FALSE, &leg->stream, relay, leg);
		leg->peer = open_agent(legs->theirs, TRUE, &leg->peer_stream, swallow, leg);
		turn(legs);
		introduce(leg->agent, leg->stream, leg->peer, leg->peer_stream);
		introduce(leg->peer, leg->peer_stream, leg->agent, leg->stream);
	}
	for (int i = 0; i < 20000 && !is_ready(legs); i++) {
		turn(legs);
		nanosleep(&pause, NULL);
	}
	return is_ready(legs);
}

static double measure(struct legs *legs)
{
	gchar packet[PACKET] = {(gchar)0x80};
	double spent = 0;

	legs->relayed = 0;
	for (int round = 0; round < ROUNDS; round++) {
		unsigned before = legs->relayed;
		double begin;

		for (unsigned i = 0; i < legs->n; i++)
			nice_agent_send(legs->all[i].peer, legs->all[i].peer_stream, 1, PACKET,
					packet);
		begin = cpu_ns();
		for (int turns = 0; legs->relayed - before < legs->n && turns < 1000; turns++)
			g_main_context_iteration(legs->ours, FALSE);
		spent += cpu_ns() - begin;
		while (g_main_context_iteration(legs->theirs, FALSE))
			continue;
	}
	return spent / legs->relayed;
}

void designs_libnice(unsigned agents, designs_report *report)
{
	struct legs legs = {.ours = g_main_context_new(),
			    .theirs = g_main_context_new(),
			    .all = calloc(agents, sizeof(*legs.all)),
			    .n = agents};
	char name[64];
	double best = 0;

	if (!legs.all || !connect_all(&legs)) {
		fprintf(stderr, "designs: agents of libnice did not connect\n");
		exit(1);
	}
	for (int i = 0; i < 5; i++) {
		double ns = measure(&legs);

		best = best == 0 || ns < best ? ns : best;
	}
	snprintf(name, sizeof(name), "%u agents of libnice in one loop", agents);
	report(name, best);
	for (unsigned i = 0; i < agents; i++) {
		g_object_unref(legs.all[i].agent);
		g_object_unref(legs.all[i].peer);
	}
	g_main_context_unref(legs.ours);
	g_main_context_unref(legs.theirs);
	free(legs.all);
}
