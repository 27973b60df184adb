/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for the keys of signers who come back, one at a time between two messages. */
#include "sip-proxy/idle.h"

#include "sip-proxy/record.h"

#include <callerid/context.h>

#define QUIET_MS   1   /* no message for so long: nobody waits */
#define LOOKS_MAX  200 /* for a quiet moment, in one tick */
#define BUILDS_MAX 4   /* in one tick; each takes about 1 ms */

static void look(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *arg);

static void look_later(struct proxy *proxy)
{
	proxy->idle.messages = proxy->n_messages;
	if (++proxy->idle.looks <= LOOKS_MAX)
		su_timer_set_interval(proxy->idle.timer, look, NULL, QUIET_MS);
}

/* The loop handles what has come before a timer fires anew: a message would have been counted. */
static void look(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *arg)
{
	(void)timer;
	(void)arg;
	if (proxy->n_messages == proxy->idle.messages) {
		if (!callerid_context_maintain(proxy->ctx))
			return;
		if (++proxy->idle.builds >= BUILDS_MAX)
			return;
	}
	look_later(proxy);
}

void idle_tick(struct proxy *proxy)
{
	struct idle *idle = &proxy->idle;
	size_t kept = callerid_context_key_tables(proxy->ctx);

	metrics_set(proxy->metrics, METRIC_KEY_TABLES, NULL, (double)kept);
	if (kept != idle->kept)
		log_event(proxy->log, LOG_INFO, "verify.tables", F_INT("kept", (int64_t)kept));
	idle->kept = kept;
	if (idle->timer == NULL)
		idle->timer = su_timer_create(su_root_task(proxy->root), QUIET_MS);
	if (idle->timer == NULL)
		return; /* no memory: calls are verified all the same */
	idle->looks = 0;
	idle->builds = 0;
	look_later(proxy);
}

void idle_end(struct proxy *proxy)
{
	su_timer_destroy(proxy->idle.timer);
	proxy->idle.timer = NULL;
}
