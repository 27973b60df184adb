/* SPDX-License-Identifier: Apache-2.0 */
/* All PASSporTs of one request together: found, sorted, linked, and judged. */
#include "set.h"

#include "budget.h"
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#define INNER_DEPTH_MAX 10    /* tokens inside each other (RFC 8946 §5) */
#define INNER_BYTES_MAX 32768 /* of all of them in one request */

/* One Identity value, and where it stands among the others whatever order they came in. */
struct value {
	struct callerid_span text;
	unsigned group;
};

/* Those that can prove the caller first, then diversions, then others, then what we cannot read. */
static unsigned group_of(struct callerid_span text)
{
	struct callerid_identity identity;
	const struct cid_ppt *type;

	if (callerid_identity_parse(text.p, text.n, &identity, NULL) != CALLERID_OK)
		return 4;
	type = cid_ppt_find(identity.ppt.p, identity.ppt.n);
	if (type == NULL)
		return 3;
	return type->says_verstat ? 0 : type->diverts ? 1 : 2;
}

static int compare(const struct value *a, const struct value *b)
{
	size_t n = a->text.n < b->text.n ? a->text.n : b->text.n;
	int order = (int)a->group - (int)b->group;

	if (order == 0 && n > 0)
		order = memcmp(a->text.p, b->text.p, n);
	if (order == 0)
		order = (a->text.n > b->text.n) - (a->text.n < b->text.n);
	return order;
}

static int compare_values(const void *a, const void *b)
{
	return compare(a, b);
}

/* Sorted, each once: the same header twice says nothing more. Returns how many are left. */
static size_t sort_values(struct value *values, size_t n)
{
	size_t kept = 0;

	if (n < 2)
		return n;
	for (size_t i = 0; i < n; i++)
		values[i].group = group_of(values[i].text);
	qsort(values, n, sizeof(*values), compare_values);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare(&values[kept - 1], &values[i]) != 0)
			values[kept++] = values[i];
	}
	return kept;
}

/* RFC 3261 §7.3.1: several fields, each with one value or several joined by commas. */
static size_t find_values(struct cid_set *set, const struct callerid_call *call,
			  struct value *values_out)
{
	size_t n = 0;

	for (size_t i = 0; i < call->n_identity && !set->left_over; i++) {
		struct callerid_span rest = call->identity[i], text;

		while (callerid_identity_next(&rest, &text)) {
			if (n == CALLERID_IDENTITIES_MAX) {
				set->left_over = true;
				break;
			}
			values_out[n++].text = text;
		}
	}
	return n;
}

static bool make_room(struct cid_set *set, size_t room)
{
	struct callerid_passport_verdict *told;
	struct cid_passport *passport;

	told = reallocarray(set->told, room, sizeof(*told));
	if (told == NULL)
		return false;
	set->told = told;
	for (size_t i = 0; i < set->n; i++)
		set->passport[i].out = &told[i];
	passport = reallocarray(set->passport, room, sizeof(*passport));
	if (passport == NULL)
		return false;
	set->passport = passport;
	set->room = room;
	return true;
}

/* A new, empty one at the end; NULL without memory or when there are enough of them. */
static struct cid_passport *add(struct cid_set *set)
{
	struct cid_passport *p;

	if (set->n == CALLERID_PASSPORTS_MAX)
		return NULL;
	if (set->n == set->room && !make_room(set, CALLERID_PASSPORTS_MAX)) {
		set->no_memory = true;
		return NULL;
	}
	p = &set->passport[set->n];
	memset(p, 0, sizeof(*p));
	p->out = &set->told[set->n];
	memset(p->out, 0, sizeof(*p->out));
	p->replay = set->ctx->replay;
	p->keys = set->ctx->keys;
	set->n++;
	return p;
}

static bool is_div(const struct cid_passport *p)
{
	return p->type != NULL && p->type->diverts;
}

static bool is_token(const struct cid_passport *p, struct callerid_span token)
{
	struct callerid_span ours = p->identity.token;

	return ours.n == token.n && memcmp(ours.p, token.p, token.n) == 0;
}

/* Where the PASSporT that opt holds stands: one that is there already, or a new one. */
static size_t place_inner(struct cid_set *set, struct callerid_span token)
{
	struct cid_passport *p;

	for (size_t i = 0; i < set->n; i++) {
		if (!set->passport[i].over && is_token(&set->passport[i], token))
			return i;
	}
	p = add(set);
	if (p == NULL)
		return CALLERID_PASSPORTS_MAX;
	cid_checks_open_inner(p, &set->facts, token);
	return set->n - 1;
}

/*
 * RFC 8946 §5: the PASSporT inside each div-o, and the one inside that. New ones come to the end,
 * so that the loop meets them too; each is one level deeper than what held it.
 */
static void open_inner(struct cid_set *set, struct cid_node *nodes)
{
	unsigned depth[CALLERID_PASSPORTS_MAX] = {0};
	size_t bytes = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct callerid_claims *claims = &set->told[i].claims;
		struct callerid_span token = {claims->opt, 0};
		size_t inner = CALLERID_PASSPORTS_MAX, before = set->n;

		if (token.p == NULL)
			continue;
		token.n = strlen(token.p);
		bytes += token.n;
		if (depth[i] < INNER_DEPTH_MAX && bytes <= INNER_BYTES_MAX)
			inner = place_inner(set, token);
		if (set->n > before)
			depth[inner] = depth[i] + 1;
		nodes[i].has_inner = true;
		nodes[i].inner = inner;
	}
}

static void make_canonical(struct callerid_party *party)
{
	struct callerid_party canonical;

	if (party->kind == CALLERID_PARTY_URI &&
	    callerid_party_parse(party->text, strlen(party->text), NULL, &canonical, NULL) ==
		    CALLERID_OK)
		*party = canonical;
}

static bool has_uri(const struct callerid_claims *claims)
{
	bool found =
		claims->orig.kind == CALLERID_PARTY_URI || claims->div.kind == CALLERID_PARTY_URI;

	for (size_t i = 0; i < claims->n_dest; i++)
		found = found || claims->dest[i].kind == CALLERID_PARTY_URI;
	return found;
}

/* RFC 8224 §8.5: signers differ in how they spell URIs. Numbers have one spelling, and no copy. */
static const struct callerid_claims *canonical(const struct callerid_claims *claims,
					       struct callerid_claims *copy)
{
	if (!has_uri(claims))
		return claims;
	*copy = *claims;
	make_canonical(&copy->orig);
	make_canonical(&copy->div);
	for (size_t i = 0; i < copy->n_dest; i++)
		make_canonical(&copy->dest[i]);
	return copy;
}

static enum cid_node_kind kind_of(struct cid_passport *p)
{
	if (p->ignored)
		return cid_checks_open_unknown(p) ? CID_NODE_UNKNOWN : CID_NODE_NONE;
	if (!p->out->has_claims)
		return CID_NODE_NONE;
	return is_div(p) ? CID_NODE_DIV : CID_NODE_ORIGIN;
}

/* p and its place move from one number to another. */
static void move(struct cid_set *set, size_t from, size_t to)
{
	if (from == to)
		return;
	set->passport[to] = set->passport[from];
	set->told[to] = set->told[from];
	set->passport[to].out = &set->told[to];
}

/* As if those of unknown types, and the forwards of them, had not been there. */
static void drop_ignored(struct cid_set *set)
{
	uint32_t keep = ~cid_graph_ignored(&set->graph);
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (set->passport[i].ignored)
			keep &= ~(UINT32_C(1) << i);
		if ((keep >> i & 1) != 0) {
			move(set, i, n++);
			continue;
		}
		set->n_ignored++;
		cid_passport_clear(&set->passport[i]);
	}
	set->n = n;
	cid_graph_keep(&set->graph, keep);
	for (size_t i = 0; i < n; i++)
		set->told[i].follows = set->graph.before[i];
}

/* RFC 8946 §4.2, before anything is spent on a signature. */
static bool read_links(struct cid_set *set)
{
	const struct callerid_party *called = cid_facts_diverted_to(&set->facts);
	struct cid_node nodes[CALLERID_PASSPORTS_MAX] = {0};
	struct callerid_claims *claims;

	open_inner(set, nodes);
	claims = reallocarray(NULL, set->n, sizeof(*claims));
	if (claims == NULL || set->no_memory) {
		free(claims);
		return false;
	}
	for (size_t i = 0; i < set->n; i++) {
		nodes[i].kind = kind_of(&set->passport[i]);
		nodes[i].is_inner = set->told[i].inner;
		nodes[i].claims = canonical(&set->told[i].claims, &claims[i]);
	}
	cid_graph_read(&set->graph, nodes, set->n, called);
	free(claims);
	return true;
}

/* RFC 8946 §4.2.4 has the outermost PASSporT fresh: a path may go through an older one, and not end
 * with it. */
static void find_old(struct cid_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (!cid_checks_is_fresh(&set->passport[i], &set->facts))
			set->no_end |= UINT32_C(1) << i;
	}
}

static bool has_div(const struct cid_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (is_div(&set->passport[i]))
			return true;
	}
	return false;
}

/* Of any of them: one PASSporT decides with all others in view. */
static bool lacks_memory(const struct cid_set *set)
{
	bool lacking = set->no_memory;

	for (size_t i = 0; i < set->n; i++)
		lacking |= set->passport[i].no_memory;
	return lacking;
}

enum callerid_status cid_set_open(struct cid_set *set, const struct callerid_call *call)
{
	struct value values[CALLERID_IDENTITIES_MAX];
	size_t n = sort_values(values, find_values(set, call, values)), hashed = 0;

	/* One place at least: a verdict without a PASSporT has its reason there. */
	if (!make_room(set, n > 0 ? n : 1))
		return CALLERID_ENOMEM;
	for (size_t i = 0; i < n; i++)
		cid_checks_open(add(set), &set->facts, values[i].text);
	if (has_div(set) && !read_links(set))
		return CALLERID_ENOMEM;
	/* Those that are ignored go now, and what was not read of them would go with them. */
	if (lacks_memory(set))
		return CALLERID_ENOMEM;
	drop_ignored(set);
	find_old(set);
	cid_chains_link(set, CID_CHAINS_EARLY);
	for (size_t i = 0; i < set->n; i++)
		cid_checks_signalling(&set->passport[i], &set->facts);
	cid_chains_judge(set, CID_CHAINS_EARLY);
	cid_budget_spend(set);
	cid_chains_judge(set, CID_CHAINS_EARLY);
	for (size_t i = 0; i < set->n; i++)
		cid_content_look(&set->passport[i], &set->facts, &hashed);
	return lacks_memory(set) ? CALLERID_ENOMEM : CALLERID_OK;
}

/* All look before any is remembered: what stands twice in one request is no replay. */
static void remember(struct cid_set *set)
{
	const int64_t max_age_s = set->facts.policy.max_age_s, now = set->facts.now;

	for (size_t i = 0; i < set->n; i++) {
		const struct cid_passport *p = &set->passport[i];
		int64_t iat = p->out->claims.iat, expires;

		if (!p->to_remember)
			continue;
		if (__builtin_add_overflow(iat > now ? iat : now, max_age_s, &expires))
			expires = INT64_MAX;
		cid_replay_remember(set->ctx->replay, &p->replay_key, now, expires);
	}
}

/* Of those that may be either of two callers', or of the others. */
static void check_certs(struct cid_set *set, bool either)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->passport[i].either != either)
			continue;
		set->passport[i].wants = set->passport[i].wants_list = false;
		cid_checks_cert(&set->passport[i], &set->facts);
	}
}

/* The last forwards first: a path that ends with a replay proves nothing, and what was forwarded is
 * then looked for like any other. */
static void look_for_replays(struct cid_set *set)
{
	uint32_t seen = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct cid_passport *p = &set->passport[i];

		if (p->link.outermost && cid_checks_is_replay(p, &set->facts))
			seen |= UINT32_C(1) << i;
	}
	set->no_end |= seen;
	cid_chains_link(set, CID_CHAINS_PROVEN);
	for (size_t i = 0; i < set->n; i++) {
		/* It may still stand inside another path. */
		if ((seen >> i & 1) != 0 && set->passport[i].link.state != CID_LINK_WHOLE)
			cid_checks_replay(&set->passport[i], &set->facts);
	}
	cid_chains_judge(set, CID_CHAINS_PROVEN);
	for (size_t i = 0; i < set->n; i++)
		cid_checks_replay(&set->passport[i], &set->facts);
	cid_chains_judge(set, CID_CHAINS_PROVEN);
}

enum callerid_status cid_set_finish(struct cid_set *set)
{
	/* One that may be either of two callers' stays with the first when a chain of forwards says
	 * so: one that is signed. */
	check_certs(set, false);
	cid_chains_judge(set, CID_CHAINS_EARLY);
	check_certs(set, true);
	cid_chains_judge(set, CID_CHAINS_PROVEN);
	look_for_replays(set);
	for (size_t i = 0; i < set->n; i++)
		cid_checks_diversion(&set->passport[i], &set->facts);
	cid_content_settle(set->passport, set->n);
	for (size_t i = 0; i < set->n; i++)
		cid_checks_content(&set->passport[i], &set->facts);
	if (lacks_memory(set))
		return CALLERID_ENOMEM;
	remember(set);
	return CALLERID_OK;
}

void cid_set_empty(struct cid_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		cid_passport_clear(&set->passport[i]);
	set->n = 0;
}

void cid_set_clear(struct cid_set *set)
{
	cid_set_empty(set);
	free(set->passport);
	free(set->told);
}
