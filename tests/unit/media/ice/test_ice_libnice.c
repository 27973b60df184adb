/* SPDX-License-Identifier: Apache-2.0 */
/* ICE against another implementation: libnice's own agent, full and lite, over real sockets. */
#include "media/ice/ice.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <nice/agent.h>

#define SECOND	 1000000000ULL
#define PATIENCE (10 * SECOND)

struct world {
	/* theirs */
	NiceAgent *agent;
	GMainContext *context;
	guint stream;
	bool gathered;
	NiceComponentState state;
	char heard[16];
	struct address agent_at;
	/* ours */
	struct ice *ice;
	int fd;
	struct address at;
	unsigned events, refused;
	char received[16];
};

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer magic)
{
	(void)agent;
	(void)stream;
	((struct world *)magic)->gathered = true;
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer magic)
{
	(void)agent;
	(void)stream;
	(void)component;
	((struct world *)magic)->state = state;
}

static void on_data(NiceAgent *agent, guint stream, guint component, guint len, gchar *data,
		    gpointer magic)
{
	struct world *world = magic;

	(void)agent;
	(void)stream;
	(void)component;
	if (len < sizeof(world->heard))
		memcpy(world->heard, data, len);
}

static void take(struct world *world, const uint8_t *data, size_t len, const struct address *from)
{
	struct sockaddr_storage to;
	struct ice_out out;
	unsigned events;

	if (data[0] > 3) { /* RFC 7983: no STUN */
		assert_true(ice_is_valid(world->ice, 1, from));
		assert_true(len < sizeof(world->received));
		memcpy(world->received, data, len);
		return;
	}
	switch (ice_receive(world->ice, 1, from, data, len, clock_ns(), &out, &events)) {
	case ICE_ANSWER:
		sendto(world->fd, out.data, out.len, 0, (struct sockaddr *)&to,
		       address_to_sockaddr(&out.to, &to));
		break;
	case ICE_REFUSED:
		world->refused++;
		break;
	case ICE_NOTHING:
		break;
	}
	world->events |= events;
}

/* What came on our socket, what we have to send, and a turn of libnice's loop. */
static void turn(struct world *world)
{
	struct pollfd ready = {.fd = world->fd, .events = POLLIN};
	struct sockaddr_storage from, to;
	socklen_t n = sizeof(from);
	struct address address;
	struct ice_out out;
	uint8_t data[2048];
	unsigned events;
	uint64_t next;
	ssize_t len;

	while (g_main_context_iteration(world->context, FALSE))
		;
	while (ice_poll(world->ice, clock_ns(), &out, &events, &next)) {
		world->events |= events;
		sendto(world->fd, out.data, out.len, 0, (struct sockaddr *)&to,
		       address_to_sockaddr(&out.to, &to));
	}
	world->events |= events;
	if (poll(&ready, 1, 2) != 1)
		return;
	len = recvfrom(world->fd, data, sizeof(data), 0, (struct sockaddr *)&from, &n);
	assert_true(len > 0);
	address_from_sockaddr(&from, &address);
	take(world, data, (size_t)len, &address);
}

typedef bool done_fn(const struct world *world);

static bool run_until(struct world *world, done_fn *done, uint64_t patience)
{
	uint64_t end = clock_ns() + patience;

	while (!done(world) && clock_ns() < end)
		turn(world);
	return done(world);
}

static bool has_gathered(const struct world *world)
{
	return world->gathered;
}

static bool is_connected(const struct world *world)
{
	return world->state == NICE_COMPONENT_STATE_READY && ice_selected(world->ice, 1) != NULL;
}

static bool has_heard(const struct world *world)
{
	return world->heard[0] != 0 && world->received[0] != 0;
}

static bool never(const struct world *world)
{
	(void)world;
	return false;
}

static void open_ours(struct world *world, const char *ip, const struct ice_params *params)
{
	struct sockaddr_storage own;
	socklen_t n;

	assert_true(address_parse(ip, strlen(ip), 0, &world->at));
	n = address_to_sockaddr(&world->at, &own);
	world->fd = socket(own.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(world->fd, (struct sockaddr *)&own, n), 0);
	n = sizeof(own);
	assert_int_equal(getsockname(world->fd, (struct sockaddr *)&own, &n), 0);
	address_from_sockaddr(&own, &world->at);
	world->ice = ice_new(params);
	assert_non_null(world->ice);
}

static void open_theirs(struct world *world, const char *ip, NiceAgentOption options, bool controls)
{
	NiceAddress address;

	world->context = g_main_context_new();
	world->agent = nice_agent_new_full(world->context, NICE_COMPATIBILITY_RFC5245, options);
	g_object_set(world->agent, "controlling-mode", controls, "ice-tcp", FALSE, "upnp", FALSE,
		     NULL);
	g_signal_connect(world->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), world);
	g_signal_connect(world->agent, "component-state-changed", G_CALLBACK(on_state), world);
	nice_address_init(&address);
	assert_true(nice_address_set_from_string(&address, ip));
	assert_true(nice_agent_add_local_address(world->agent, &address));
	world->stream = nice_agent_add_stream(world->agent, 1);
	nice_agent_attach_recv(world->agent, world->stream, 1, world->context, on_data, world);
	assert_true(nice_agent_gather_candidates(world->agent, world->stream));
	assert_true(run_until(world, has_gathered, PATIENCE));
}

/* Our one candidate, as an SDP would tell of it. */
static void tell_them(struct world *world, const char *pwd)
{
	char line[200], ip[ADDRESS_TEXT_MAX];
	NiceCandidate *candidate;
	GSList *list;

	assert_true(nice_agent_set_remote_credentials(world->agent, world->stream,
						      ice_ufrag(world->ice), pwd));
	snprintf(line, sizeof(line), "a=candidate:1 1 UDP 2130706431 %s %u typ host",
		 address_ip_text(&world->at, ip), world->at.port);
	candidate = nice_agent_parse_remote_candidate_sdp(world->agent, world->stream, line);
	assert_non_null(candidate);
	list = g_slist_append(NULL, candidate);
	assert_int_equal(nice_agent_set_remote_candidates(world->agent, world->stream, 1, list), 1);
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
}

/* Their credentials and candidate. Returns what ice_set_remote() says of a restart. */
static bool tell_us(struct world *world)
{
	GSList *list = nice_agent_get_local_candidates(world->agent, world->stream, 1);
	gchar *ufrag = NULL, *pwd = NULL;
	NiceCandidate *first;
	char ip[NICE_ADDRESS_STRING_LEN];
	bool restarted;

	assert_true(nice_agent_get_local_credentials(world->agent, world->stream, &ufrag, &pwd));
	assert_true(ice_set_remote(world->ice, ufrag, pwd, &restarted));
	g_free(ufrag);
	g_free(pwd);
	assert_non_null(list);
	first = list->data;
	nice_address_to_string(&first->addr, ip);
	assert_true(address_parse(ip, strlen(ip), (uint16_t)nice_address_get_port(&first->addr),
				  &world->agent_at));
	assert_true(ice_add_candidate(world->ice, 1, first->priority, &world->agent_at));
	g_slist_free_full(list, (GDestroyNotify)nice_candidate_free);
	return restarted;
}

static void close_both(struct world *world)
{
	nice_agent_remove_stream(world->agent, world->stream);
	g_object_unref(world->agent);
	while (g_main_context_iteration(world->context, FALSE))
		;
	g_main_context_unref(world->context);
	ice_free(world->ice);
	close(world->fd);
}

/* Both selected the pair that there is, and data passes on it both ways. */
static void assert_data_passes(struct world *world)
{
	struct sockaddr_storage to;
	const struct address *selected;

	assert_true(run_until(world, is_connected, PATIENCE));
	selected = ice_selected(world->ice, 1);
	assert_true(address_equal(selected, &world->agent_at));
	assert_int_equal(world->refused, 0);
	memset(world->heard, 0, sizeof(world->heard));
	memset(world->received, 0, sizeof(world->received));
	assert_int_equal(nice_agent_send(world->agent, world->stream, 1, 6, "theirs"), 6);
	sendto(world->fd, "ours", 4, 0, (struct sockaddr *)&to, address_to_sockaddr(selected, &to));
	assert_true(run_until(world, has_heard, PATIENCE));
	assert_string_equal(world->heard, "ours");
	assert_string_equal(world->received, "theirs");
}

static const struct ice_params lite = {.lite = true, .components = 1, .seed = 1};
static const struct ice_params full = {.controlling = true, .components = 1, .seed = 1};

static void connect_lite(const char *ip, NiceAgentOption options, bool controls)
{
	struct world world = {.state = NICE_COMPONENT_STATE_DISCONNECTED};

	open_ours(&world, ip, &lite);
	open_theirs(&world, ip, options, controls);
	tell_us(&world);
	tell_them(&world, ice_pwd(world.ice));
	assert_data_passes(&world);
	assert_int_equal(world.events, ICE_NEW_VALID | ICE_NEW_SELECTED);
	close_both(&world);
}

static void lite_connects_with_a_full_agent_of_libnice(void **state)
{
	(void)state;
	connect_lite("127.0.0.1", NICE_AGENT_OPTION_NONE, true);
}

static void lite_connects_with_regular_nomination(void **state)
{
	(void)state;
	connect_lite("127.0.0.1", NICE_AGENT_OPTION_REGULAR_NOMINATION, true);
}

static void lite_connects_where_libnice_renews_its_consent(void **state)
{
	(void)state;
	connect_lite("127.0.0.1", NICE_AGENT_OPTION_CONSENT_FRESHNESS, true);
}

static void lite_connects_over_ipv6(void **state)
{
	(void)state;
	connect_lite("::1", NICE_AGENT_OPTION_NONE, true);
}

/* RFC 8445 §7.3.1.1: both controlled; 487 makes the full one change its role. */
static void lite_makes_a_controlled_full_agent_take_control(void **state)
{
	(void)state;
	connect_lite("127.0.0.1", NICE_AGENT_OPTION_NONE, false);
}

/* RFC 8445 §6.1.1: the full one of a full and a lite agent controls. */
static void full_connects_with_a_lite_agent_of_libnice(void **state)
{
	(void)state;
	struct world world = {.state = NICE_COMPONENT_STATE_DISCONNECTED};

	open_ours(&world, "127.0.0.1", &full);
	open_theirs(&world, "127.0.0.1", NICE_AGENT_OPTION_LITE_MODE, false);
	tell_us(&world);
	tell_them(&world, ice_pwd(world.ice));
	assert_data_passes(&world);
	close_both(&world);
}

/* RFC 8445 §9: new credentials on both sides, and the call goes on. */
static void a_restart_by_libnice_connects_again(void **state)
{
	(void)state;
	struct world world = {.state = NICE_COMPONENT_STATE_DISCONNECTED};
	char before[ICE_UFRAG_LEN + 1];

	open_ours(&world, "127.0.0.1", &lite);
	open_theirs(&world, "127.0.0.1", NICE_AGENT_OPTION_NONE, true);
	assert_false(tell_us(&world));
	tell_them(&world, ice_pwd(world.ice));
	assert_data_passes(&world);
	snprintf(before, sizeof(before), "%s", ice_ufrag(world.ice));
	assert_true(nice_agent_restart(world.agent));
	world.state = NICE_COMPONENT_STATE_DISCONNECTED;
	assert_true(tell_us(&world));
	assert_string_not_equal(before, ice_ufrag(world.ice));
	assert_true(ice_is_valid(world.ice, 1, &world.agent_at));
	tell_them(&world, ice_pwd(world.ice));
	assert_data_passes(&world);
	close_both(&world);
}

static void libnice_with_a_wrong_password_is_never_valid(void **state)
{
	(void)state;
	struct world world = {.state = NICE_COMPONENT_STATE_DISCONNECTED};

	open_ours(&world, "127.0.0.1", &lite);
	open_theirs(&world, "127.0.0.1", NICE_AGENT_OPTION_NONE, true);
	tell_us(&world);
	tell_them(&world, "guessedguessedguessed22");
	assert_false(run_until(&world, never, SECOND / 2));
	assert_true(world.refused > 0);
	assert_int_equal(world.events, 0);
	assert_false(ice_is_valid(world.ice, 1, &world.agent_at));
	assert_int_not_equal(world.state, NICE_COMPONENT_STATE_READY);
	close_both(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lite_connects_with_a_full_agent_of_libnice),
		cmocka_unit_test(lite_connects_with_regular_nomination),
		cmocka_unit_test(lite_connects_where_libnice_renews_its_consent),
		cmocka_unit_test(lite_connects_over_ipv6),
		cmocka_unit_test(lite_makes_a_controlled_full_agent_take_control),
		cmocka_unit_test(full_connects_with_a_lite_agent_of_libnice),
		cmocka_unit_test(a_restart_by_libnice_connects_again),
		cmocka_unit_test(libnice_with_a_wrong_password_is_never_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
