/* SPDX-License-Identifier: Apache-2.0 */
/* The source lock: an attacker who sprays ports must neither be heard nor sent to, and a peer
 * behind a NAT must be found without anybody's help. */
#include "media/path/latch.h"

#define SECOND 1000000000ull
#define WINDOW (LATCH_SECONDS * SECOND)

void latch_init(struct latch *latch)
{
	*latch = (struct latch){.fit = LATCH_NOBODY};
}

static bool is_address(const struct address *address)
{
	return !address_is_unspecified(address) && address->port != 0;
}

static void open_anew(struct latch *latch, uint64_t now)
{
	latch->source = (struct address){.family = 0};
	latch->fit = LATCH_NOBODY;
	latch->streak = 0;
	latch->passed = 0;
	latch->until = now + WINDOW;
}

void latch_signal(struct latch *latch, const struct address *signalled,
		  const struct address *received_from, enum latch_mode mode, uint64_t now)
{
	bool same = address_equal(&latch->signalled, signalled);

	latch->mode = mode;
	latch->signalled = *signalled;
	latch->received_from = received_from ? *received_from : (struct address){.family = 0};
	if (!is_address(signalled)) {
		latch->remote = (struct address){.family = 0};
		return;
	}
	/* What was learned stays the destination until somebody has proved a better one. */
	if (!same || latch->remote.family == 0 || mode != LATCH_LEARN)
		latch->remote = *signalled;
	open_anew(latch, now);
}

void latch_set_asymmetric(struct latch *latch, bool asymmetric)
{
	latch->asymmetric = asymmetric;
	if (asymmetric && is_address(&latch->signalled))
		latch->remote = latch->signalled;
}

static enum latch_fit fit_of(const struct latch *latch, const struct address *from)
{
	if (address_equal(from, &latch->signalled))
		return LATCH_EXACT;
	if (address_same_ip(from, &latch->signalled) ||
	    address_same_ip(from, &latch->received_from) ||
	    address_same_ip(from, &latch->companion))
		return LATCH_HOST;
	return LATCH_OTHER;
}

static void lock(struct latch *latch, const struct address *from, enum latch_fit fit)
{
	latch->source = *from;
	latch->fit = fit;
	latch->locks++;
	/* A held peer is sent nothing, wherever it is heard from. */
	if (latch->mode == LATCH_LEARN && !latch->asymmetric && is_address(&latch->signalled))
		latch->remote = *from;
}

/* Neither can a stranger be heard more than LATCH_PACKETS times by changing its address, nor can a
 * single packet of one keep the peer out: what passes is counted over all, what locks is a streak
 * of one. It has to be as fast as speech is: who sprays thousands of ports comes by each of them
 * only now and then, and must not be taken for a peer that is still silent. */
static bool learn(struct latch *latch, const struct address *from, uint64_t now)
{
	bool same = latch->streak > 0 && now < latch->streak_end &&
		    address_equal(from, &latch->candidate);

	latch->candidate = *from;
	latch->streak = same ? latch->streak + 1 : 1;
	latch->streak_end = same ? latch->streak_end : now + SECOND;
	if (latch->streak >= LATCH_PACKETS) {
		lock(latch, from, LATCH_OTHER);
		return true;
	}
	return latch->passed++ < LATCH_PACKETS;
}

void latch_restore(struct latch *latch, const struct latch_saved *saved, uint64_t now)
{
	*latch = (struct latch){.follows = latch->follows,
				.remote = saved->remote,
				.source = saved->source,
				.signalled = saved->signalled,
				.received_from = saved->received_from,
				.companion = saved->companion,
				.fit = LATCH_NOBODY,
				.mode = saved->mode,
				.asymmetric = saved->asymmetric};
	if (saved->source.family != 0) {
		latch->fit = fit_of(latch, &saved->source);
		latch->locks = 1;
	} else if (is_address(&saved->signalled)) {
		latch->until = now + WINDOW;
	}
}

bool latch_plain(struct latch *latch, const struct address *from, uint64_t now)
{
	enum latch_fit fit;

	if (address_equal(from, &latch->source))
		return true;
	fit = fit_of(latch, from);
	if (fit >= latch->fit || (latch->mode == LATCH_STRICT && fit != LATCH_EXACT))
		return false;
	/* Behind the window nobody takes the place of another, and only who fits can still come. */
	if (now >= latch->until && (fit == LATCH_OTHER || latch->fit != LATCH_NOBODY))
		return false;
	if (fit == LATCH_OTHER)
		return !latch->follows && learn(latch, from, now);
	lock(latch, from, fit);
	return true;
}

bool latch_admits(const struct latch *latch, const struct address *from)
{
	return latch->mode != LATCH_STRICT || address_equal(from, &latch->signalled);
}

/* While the source that was authentic is heard from, a copy of its packet that overtakes it from
 * elsewhere moves nothing. */
void latch_authentic(struct latch *latch, const struct address *from, uint64_t now)
{
	bool same = address_equal(from, &latch->source);

	if (!same && latch->source.family != 0 && now < latch->heard + WINDOW)
		return;
	latch->heard = now;
	if (!same)
		lock(latch, from, fit_of(latch, from));
}

bool latch_is_signalled(const struct latch *latch, const struct address *from)
{
	return address_equal(from, &latch->signalled) ||
	       address_same_ip(from, &latch->received_from);
}
