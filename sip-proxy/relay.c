/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on their way to a media relay, and their replies. */
#include "sip-proxy/relay.h"

#include "sip-proxy/call.h"
#include "sip-proxy/relay_socket.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PATIENT_MAX   4096  /* commands to a relay that no call waits for, under way */
#define WAITED_MAX    4096  /* those that calls wait for, to all relays */
#define RESEND_MIN_MS 20    /* the first one again; then twice as long each time */
#define PATIENCE_MS   10000 /* of what no call waits for */
#define AWAY_MS	      5000  /* a relay that is silent is left alone for so long */
#define SILENCE_MS    1000

struct relay_ask {
	char cookie[NG_COOKIE_MAX];
	struct proxy *proxy;
	size_t relay;
	enum ng_verb verb;
	char call_id[RECORD_CALL_ID_MAX + 1];
	relay_done *done;
	void *magic;
	const char *trouble; /* it could not be sent: what is told in the loop */
	bool elsewhere;	     /* ... and another relay may be there */
	bool silent;	     /* its time was spent */
	bool replied;
	su_timer_t *timer;
	int64_t began_us, until_ms, resend_ms;
	size_t n;
	char *message;
	UT_hash_handle hh; /* relays->asks, by cookie */
};

struct relays {
	struct relay_socket *sockets[MEDIA_RELAYS_MAX];
	int64_t away_until_ms[MEDIA_RELAYS_MAX];
	int64_t heard_ms[MEDIA_RELAYS_MAX]; /* its last reply */
	size_t n;
	size_t n_patient[MEDIA_RELAYS_MAX], n_waited; /* of asks */
	struct relay_ask *asks;
	char prefix[17]; /* of this process's cookies */
	uint64_t count;
};

size_t relay_count(const struct proxy *proxy)
{
	return proxy->relays != NULL ? proxy->relays->n : 0;
}

bool relay_is_away(const struct proxy *proxy, size_t relay)
{
	return proxy->relays->away_until_ms[relay] > proxy_now_ms();
}

static const char *name_of(const struct proxy *proxy, size_t relay)
{
	return proxy->started_with->media->relay.items[relay];
}

/* What it is counted with: a relay that is away, to which calls end, takes no place from the other
 * relay's, and none from calls that begin. */
static size_t *counter_of(const struct relay_ask *ask)
{
	struct relays *relays = ask->proxy->relays;

	return ask->done == NULL ? &relays->n_patient[ask->relay] : &relays->n_waited;
}

static void ask_free(struct relay_ask *ask)
{
	--*counter_of(ask);
	HASH_DEL(ask->proxy->relays->asks, ask);
	su_timer_destroy(ask->timer);
	free(ask->message);
	free(ask);
}

/*
 * A relay is left alone when it let a call wait in vain and has been silent for a second: a pause
 * of a busy machine is not its end. Whoever refuses at once, full or not there, costs the next call
 * nothing: it is asked again. What no call waits for says nothing of the time that others would
 * wait.
 */
static void note(const struct relay_ask *ask, const struct ng_reply *reply)
{
	struct proxy *proxy = ask->proxy;
	struct relays *relays = proxy->relays;
	int64_t now = proxy_now_ms();

	if (ask->replied) {
		relays->heard_ms[ask->relay] = now;
		relays->away_until_ms[ask->relay] = 0;
		return;
	}
	if (!ask->silent || ask->done == NULL || now - relays->heard_ms[ask->relay] < SILENCE_MS)
		return;
	if (!relay_is_away(proxy, ask->relay))
		log_event(proxy->log, LOG_WARNING, "media.away",
			  F_STR("relay", name_of(proxy, ask->relay)), F_STR("why", reply->trouble));
	relays->away_until_ms[ask->relay] = now + AWAY_MS;
}

/* A call that the relay does not carry is looked for in the log. */
static void tell(const struct relay_ask *ask, const struct ng_reply *reply)
{
	char reason[128], identity[16];

	snprintf(reason, sizeof(reason), "%.*s", (int)reply->reason.n, reply->reason.p);
	snprintf(identity, sizeof(identity), "%.*s", (int)reply->identity.n, reply->identity.p);
	if (reply->trouble != NULL)
		log_event(ask->proxy->log, LOG_WARNING, "media.failed",
			  F_STR("call_id", ask->call_id), F_STR("command", ng_verb_name(ask->verb)),
			  F_STR("relay", name_of(ask->proxy, ask->relay)),
			  F_STR("why", reply->trouble),
			  F_STR("reason", reason[0] != 0 ? reason : NULL));
	if (ask->verb != NG_DELETE || identity[0] == 0)
		return;
	METRIC_COUNT(ask->proxy->metrics, METRIC_MEDIA_IDENTITIES, identity);
	log_event(ask->proxy->log, LOG_INFO, "media.end", F_STR("call_id", ask->call_id),
		  F_STR("media_identity", identity));
}

/* Ends the ask, which is gone before done runs. */
static void finish(struct relay_ask *ask, const struct ng_reply *reply)
{
	struct proxy *proxy = ask->proxy;
	struct relay_answer answer = {.reply = *reply,
				      .relay = name_of(proxy, ask->relay),
				      .took_us = proxy_now_us() - ask->began_us};
	relay_done *done = ask->done;
	void *magic = ask->magic;

	note(ask, reply);
	tell(ask, reply);
	METRIC_COUNT(proxy->metrics, METRIC_MEDIA_COMMANDS, ng_verb_name(ask->verb),
		     reply->trouble != NULL ? reply->trouble : "ok");
	metrics_observe(proxy->metrics, METRIC_MEDIA_SECONDS, NULL, (double)answer.took_us / 1e6);
	ask_free(ask);
	if (done != NULL)
		done(magic, &answer);
}

/* No reply has come. */
static void fail(struct relay_ask *ask, const char *trouble)
{
	finish(ask, &(struct ng_reply){.trouble = trouble, .elsewhere = true});
}

/* A relay's connection has ended: who waits need not wait longer. Nothing may be asked while the
 * table is walked, so that they end one by one. */
static struct relay_ask *waiting_for(struct relays *relays, size_t relay)
{
	for (struct relay_ask *ask = relays->asks; ask != NULL; ask = ask->hh.next)
		if (ask->relay == relay && ask->done != NULL)
			return ask;
	return NULL;
}

void relay_lost(struct proxy *proxy, size_t relay)
{
	struct relay_ask *ask;

	for (size_t i = 0; i <= WAITED_MAX && (ask = waiting_for(proxy->relays, relay)) != NULL;
	     i++)
		fail(ask, "unreachable");
}

static void arm(struct relay_ask *ask);

static void expire(struct relay_ask *ask)
{
	ask->silent = true;
	fail(ask, "timeout");
}

static void again(struct relay_ask *ask)
{
	(void)relay_socket_send(ask->proxy->relays->sockets[ask->relay], ask->message, ask->n);
	ask->resend_ms *= 2;
	arm(ask);
}

static void timer_fired(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *magic)
{
	struct relay_ask *ask = magic;

	(void)proxy;
	(void)timer;
	if (ask->trouble != NULL && !ask->elsewhere)
		finish(ask, &(struct ng_reply){.trouble = ask->trouble});
	else if (ask->trouble != NULL)
		fail(ask, ask->trouble);
	else if (proxy_now_ms() >= ask->until_ms)
		expire(ask);
	else
		again(ask);
}

static void arm(struct relay_ask *ask)
{
	int64_t left = ask->until_ms - proxy_now_ms();
	int64_t ms = ask->resend_ms < left ? ask->resend_ms : left;

	su_timer_set_interval(ask->timer, timer_fired, ask, (su_duration_t)(ms > 0 ? ms : 1));
}

void relay_heard(struct proxy *proxy, size_t relay, struct callerid_span message)
{
	const struct ng_key *key = relay_socket_key(proxy->relays->sockets[relay]);
	struct callerid_span cookie, dict;
	struct relay_ask *ask = NULL;
	struct ng_reply reply;

	if (!ng_split(message, key, &cookie, &dict)) {
		METRIC_COUNT(proxy->metrics, METRIC_MEDIA_COMMANDS, "reply", "not_ours");
		return;
	}
	HASH_FIND(hh, proxy->relays->asks, cookie.p, cookie.n, ask);
	if (ask == NULL || ask->relay != relay)
		return; /* a second reply, or one that came too late */
	ng_read(dict, &reply);
	ask->replied = true;
	finish(ask, &reply);
}

#define WORDS_SIZE                                                                                 \
	4096 /* what a command says beside its texts: recipe, media identity, lengths              \
	      */
#define FRAME_SIZE 256

/* false: it does not fit, or there is no memory. */
static bool make_message(struct relay_ask *ask, const struct ng_command *command)
{
	const struct ng_key *key = relay_socket_key(ask->proxy->relays->sockets[ask->relay]);
	size_t size = command->sdp.n + command->call_id.n + command->from_tag.n +
		      command->to_tag.n + command->branch.n + WORDS_SIZE;
	char *dict = size <= NG_MESSAGE_MAX ? malloc(size) : NULL;
	size_t n = dict != NULL ? ng_write(command, dict, size) : 0;

	ask->message = n > 0 ? malloc(n + FRAME_SIZE) : NULL;
	if (ask->message != NULL)
		ask->n = ng_frame(ask->cookie, (struct callerid_span){dict, n}, key, proxy_epoch(),
				  ask->message, n + FRAME_SIZE);
	free(dict);
	return ask->n > 0;
}

static struct relay_ask *ask_new(struct proxy *proxy, size_t relay, relay_done *done)
{
	struct relays *relays = proxy->relays;
	int64_t timeout = proxy->settings->media->timeout_ms;
	struct relay_ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		abort();
	ask->proxy = proxy;
	ask->relay = relay;
	ask->done = done;
	ask->began_us = proxy_now_us();
	ask->until_ms = proxy_now_ms() + (done != NULL ? timeout : PATIENCE_MS);
	ask->resend_ms = timeout / 5 > RESEND_MIN_MS ? timeout / 5 : RESEND_MIN_MS;
	ask->timer = su_timer_create(su_root_task(proxy->root), RESEND_MIN_MS);
	if (ask->timer == NULL)
		abort();
	snprintf(ask->cookie, sizeof(ask->cookie), "%s_%" PRIu64, relays->prefix, ++relays->count);
	HASH_ADD_STR(relays->asks, cookie, ask);
	++*counter_of(ask);
	return ask;
}

/* Sends it for the first time. NULL, or why nobody can be asked. */
static const char *begin(struct relay_ask *ask, const struct ng_command *command)
{
	if (*counter_of(ask) > (ask->done == NULL ? PATIENT_MAX : WAITED_MAX))
		return "too_many";
	if (!make_message(ask, command))
		return "too_large";
	if (relay_socket_send(ask->proxy->relays->sockets[ask->relay], ask->message, ask->n) ||
	    ask->done == NULL)
		return NULL;
	ask->elsewhere = true;
	return "unreachable";
}

struct relay_ask *relay_ask(struct proxy *proxy, size_t relay, const struct ng_command *command,
			    relay_done *done, void *magic)
{
	struct relay_ask *ask = ask_new(proxy, relay, done);

	ask->verb = command->verb;
	ask->magic = magic;
	snprintf(ask->call_id, sizeof(ask->call_id), "%.*s", (int)command->call_id.n,
		 command->call_id.p);
	ask->trouble = begin(ask, command);
	if (ask->trouble != NULL)
		ask->until_ms = 0;
	arm(ask);
	return ask;
}

void relay_forget(struct relay_ask *ask)
{
	if (ask != NULL)
		ask_free(ask);
}

bool relay_start(struct proxy *proxy, char *err, size_t size)
{
	const struct settings *settings = proxy->started_with;
	const struct conf_list *list = &settings->media->relay;
	struct relays *relays;
	uint64_t random;

	if (list->n == 0)
		return true;
	relays = calloc(1, sizeof(*relays));
	if (relays == NULL || getrandom(&random, sizeof(random), 0) != sizeof(random))
		abort();
	snprintf(relays->prefix, sizeof(relays->prefix), "%016" PRIx64, random);
	proxy->relays = relays;
	for (; relays->n < list->n; relays->n++) {
		relays->sockets[relays->n] = relay_socket_new(proxy, relays->n, err, size);
		if (relays->sockets[relays->n] == NULL)
			return false;
	}
	return true;
}

void relay_stop(struct proxy *proxy)
{
	struct relays *relays = proxy->relays;
	struct relay_ask *ask, *next;

	if (relays == NULL)
		return;
	for (size_t i = 0; i < relays->n; i++)
		relay_lost(proxy, i);
	HASH_ITER (hh, relays->asks, ask, next)
		ask_free(ask);
	for (size_t i = 0; i < relays->n; i++)
		relay_socket_free(relays->sockets[i]);
	proxy->relays = NULL;
	free(relays);
}
