/* SPDX-License-Identifier: Apache-2.0 */
/* The table of rules, and how a sentence gets its facts. */
#include "media/session/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t recent_ms(const struct why_facts *facts)
{
	return facts->datagrams ? WHY_RECENT_DATAGRAMS_MS : WHY_RECENT_MS;
}

bool why_comes(const struct why_facts *facts)
{
	return facts->in > 0 && facts->in_ago_ms < recent_ms(facts);
}

bool why_goes(const struct why_facts *facts)
{
	return facts->out > 0 && facts->out_ago_ms < recent_ms(facts);
}

/* There is an m-line that media could flow on. */
static bool is_live(const struct why_facts *facts)
{
	return facts->answered && !facts->rejected && !facts->untouched;
}

static bool may_flow(const struct why_facts *facts)
{
	return is_live(facts) && !facts->shut && !facts->mismatch && !facts->blocked;
}

static bool is_rejected(const struct why_facts *facts)
{
	return facts->rejected;
}

static bool is_untouched(const struct why_facts *facts)
{
	return facts->untouched;
}

static bool is_waiting(const struct why_facts *facts)
{
	return !facts->answered && !facts->rejected && !facts->untouched;
}

static bool is_shut(const struct why_facts *facts)
{
	return facts->shut && !facts->passthrough;
}

static bool is_mismatch(const struct why_facts *facts)
{
	return facts->mismatch;
}

static bool lacks_address(const struct why_facts *facts)
{
	return is_live(facts) && !facts->ice && facts->peer[0] == '\0';
}

static bool lacks_ice(const struct why_facts *facts)
{
	return is_live(facts) && facts->ice && !facts->ice_connected;
}

static bool lacks_dtls(const struct why_facts *facts)
{
	return is_live(facts) && facts->dtls && !facts->dtls_connected && !facts->mismatch &&
	       (!facts->ice || facts->ice_connected);
}

static bool lacks_key(const struct why_facts *facts)
{
	return is_live(facts) && facts->sdes && !facts->keys_in;
}

static bool before_dtls(const struct why_facts *facts)
{
	return facts->dtls && !facts->dtls_connected;
}

static bool before_ice(const struct why_facts *facts)
{
	if (facts->datagrams) /* those of before the answer look like STUN */
		return false;
	return facts->passthrough ? facts->unproved : !facts->ice_connected;
}

static bool lacks_check(const struct why_facts *facts)
{
	return is_live(facts) && facts->unproved;
}

static bool is_shut_through(const struct why_facts *facts)
{
	return facts->shut && facts->passthrough;
}

static bool is_through(const struct why_facts *facts)
{
	return facts->passthrough && !facts->shut;
}

static bool is_mute(const struct why_facts *facts)
{
	return is_live(facts) && !facts->sends;
}

static bool is_deaf(const struct why_facts *facts)
{
	return is_live(facts) && !facts->hears;
}

static bool is_blocked(const struct why_facts *facts)
{
	return facts->blocked;
}

static bool is_silenced(const struct why_facts *facts)
{
	return facts->silenced;
}

static bool is_announced(const struct why_facts *facts)
{
	return facts->announced;
}

static bool never_came(const struct why_facts *facts)
{
	return is_live(facts) && facts->sends && facts->in == 0;
}

static bool has_stopped(const struct why_facts *facts)
{
	return is_live(facts) && facts->sends && facts->in > 0 && !why_comes(facts);
}

static bool is_rtp(const struct why_facts *facts)
{
	return !facts->datagrams;
}

static bool is_datagrams(const struct why_facts *facts)
{
	return facts->datagrams;
}

static bool is_foreign(const struct why_facts *facts)
{
	return facts->foreigners > 0;
}

static bool is_one_way_in(const struct why_facts *facts)
{
	return may_flow(facts) && facts->hears && why_comes(facts) && !why_goes(facts);
}

static bool is_one_way_out(const struct why_facts *facts)
{
	return may_flow(facts) && facts->sends && why_goes(facts) && !why_comes(facts);
}

static bool is_lossy(const struct why_facts *facts)
{
	return facts->loss >= WHY_LOSS_MIN;
}

static bool is_uneven(const struct why_facts *facts)
{
	return facts->jitter >= WHY_JITTER_MIN;
}

static bool is_poor(const struct why_facts *facts)
{
	return facts->reported_mos > 0 && facts->reported_mos < WHY_MOS_MIN;
}

static bool flows_out(const struct why_facts *facts)
{
	return is_mute(facts) && facts->hears && why_goes(facts);
}

static bool flows_in(const struct why_facts *facts)
{
	return may_flow(facts) && is_deaf(facts) && facts->sends && why_comes(facts);
}

static bool flows(const struct why_facts *facts)
{
	return may_flow(facts) && facts->sends && facts->hears && why_comes(facts) &&
	       why_goes(facts);
}

#define NO_DROP DROP_COUNT

/* A row with a drop applies when there were such; {n} is how many. Causes stand before what comes
 * of them. */
static const struct rule {
	enum drop_reason drop;
	bool (*applies)(const struct why_facts *facts); /* NULL: always */
	const char *text;
} rules[] = {
	{NO_DROP, is_rejected, "the m-line was rejected (port 0): no {media} can pass"},
	{NO_DROP, is_untouched,
	 "media of this kind is not relayed: its m-line was passed on as it came"},
	{NO_DROP, is_waiting, "no answer yet: the offer came {since} ago"},
	{NO_DROP, is_shut,
	 "its signed identity wants DTLS, and this m-line has none: nothing passes"},
	{NO_DROP, is_shut_through,
	 "a fingerprint of its SDP is not one that its identity signed, or it has none: nothing "
	 "passes"},
	{NO_DROP, is_mismatch,
	 "the certificate of its DTLS handshake is not one that its identity signed: nothing "
	 "passes"},
	{NO_DROP, lacks_address, "no address to send to: its SDP names none"},
	{NO_DROP, lacks_ice, "ICE is {ice}: {ice-why}"},
	{NO_DROP, lacks_dtls, "DTLS is not finished: {dtls-why}"},
	{NO_DROP, lacks_key,
	 "no SRTP key of it: its a=crypto lines have none of the suites offered"},
	{NO_DROP, lacks_check,
	 "no ICE check has come from it under the password that the other side's SDP gave it"},
	{DROP_NO_KEYS, NULL, "{n} packets of media while there were no SRTP keys"},
	{DROP_AUTHENTICATION, NULL,
	 "SRTP authentication failed {n} times: its keys are not those of its SDP"},
	{DROP_SOURCE, NULL,
	 "{n} {packets} dropped by the source lock: from {strangers}, the last {stranger}, not "
	 "from {peer}"},
	{DROP_NOT_VALIDATED, NULL,
	 "{n} packets from addresses that ICE has not validated: from {strangers}, the last "
	 "{stranger}"},
	{DROP_DTLS_SOURCE, before_dtls,
	 "{n} packets of DTLS from addresses that its SDP does not name: from {strangers}, the "
	 "last "
	 "{stranger}"},
	{DROP_STUN_REFUSED, before_ice,
	 "{n} STUN messages refused: wrong ICE credentials, or no ICE was agreed"},
	{NO_DROP, is_mute, "on hold: its SDP says {direction}, so nothing is taken from it"},
	{NO_DROP, is_deaf, "on hold: its SDP says {direction}, so nothing is sent to it"},
	{DROP_DIRECTION, NULL, "{n} {packets} dropped against the negotiated direction"},
	{NO_DROP, is_blocked, "what it sends is blocked on request (block media)"},
	{NO_DROP, is_silenced, "what it sends is replaced by silence on request (silence media)"},
	{NO_DROP, is_announced, "an announcement plays to it: what the other side sends waits"},
	{NO_DROP, never_came,
	 "no {packet} from it since signalling {since} ago; expected {peer} to {local}"},
	{NO_DROP, has_stopped,
	 "no {packet} from it for {in-ago}: {in} came before, the last from {source}"},
	{NO_DROP, is_foreign,
	 "{foreigners} packets of payload type {type}, which the other side's SDP has not: it "
	 "cannot "
	 "play them"},
	{DROP_NO_PEER, NULL,
	 "{n} {packets} had nowhere to go: nobody has answered, or no address is known"},
	{DROP_NO_STREAM, is_rtp,
	 "{n} packets belong to no m-line: neither mid, SSRC nor payload type tells which"},
	{DROP_SOURCES, NULL,
	 "{n} packets of more SRTP sources than there may be at once, or under one key"},
	{DROP_NO_STREAM, is_datagrams,
	 "{n} datagrams came to the second port, which the m-line had while it was audio"},
	{DROP_SEND, NULL, "{n} {packets} that the system refused to send to {peer}"},
	{DROP_REPLAY, NULL, "{n} packets came twice, or too late for the replay window"},
	{DROP_MALFORMED, NULL, "{n} packets with a broken RTP or RTCP header"},
	{DROP_UNKNOWN_KIND, NULL, "{n} packets that are neither STUN, DTLS, RTP nor RTCP"},
	{DROP_TOO_LONG, NULL, "{n} {packets} longer than media may be"},
	{NO_DROP, is_one_way_in,
	 "one way: {in} {packets} came from it, and none goes to it; see the other side"},
	{NO_DROP, is_one_way_out, "one way: {out} {packets} went to it, and none comes back"},
	{NO_DROP, is_lossy, "{loss} % of what it sends is lost before it comes here"},
	{NO_DROP, is_uneven, "what it sends comes unevenly: jitter {jitter} ms"},
	{NO_DROP, is_poor,
	 "the other side reports {reported-loss} % loss and {reported-jitter} ms jitter of what it "
	 "sends: MOS {mos}"},
	{NO_DROP, flows_out, "{media} goes to it: {out} {packets}"},
	{NO_DROP, flows_in, "{media} comes from it: {in} {packets}"},
	{NO_DROP, flows, "{media} flows both ways: {in} {packets} in, {out} out"},
	{NO_DROP, is_through,
	 "passthrough: the ends hold the keys, so here its identity is unbound: mky stays end to "
	 "end"},
};

const char *why_rule(size_t i)
{
	return i < COUNT(rules) ? rules[i].text : NULL;
}

static int put_number(char *out, size_t size, uint64_t number)
{
	return snprintf(out, size, "%" PRIu64, number);
}

static int put_text(char *out, size_t size, const char *text)
{
	return snprintf(out, size, "%s", text && text[0] ? text : "nobody");
}

static int put_time(char *out, size_t size, uint64_t ms)
{
	if (ms < 120000)
		return snprintf(out, size, "%" PRIu64 " s", ms / 1000);
	return snprintf(out, size, "%" PRIu64 " min", ms / 60000);
}

static int put_strangers(char *out, size_t size, size_t n)
{
	return snprintf(out, size, "%zu address%s", n, n == 1 ? "" : "es");
}

static int put_mos(char *out, size_t size, unsigned mos)
{
	return snprintf(out, size, "%u.%u", mos / 10, mos % 10);
}

/* One {word} of a rule. */
static int put_word(const struct why_facts *facts, const struct rule *rule, const char *word,
		    char *out, size_t size)
{
	const struct {
		const char *word, *text;
	} texts[] = {
		{"media", facts->media},
		{"direction", facts->direction},
		{"ice", facts->ice_state},
		{"ice-why", facts->ice_why},
		{"dtls-why", facts->dtls_why},
		{"peer", facts->peer},
		{"source", facts->source},
		{"local", facts->local},
		{"stranger", facts->stranger},
		{"packet", facts->datagrams ? "datagram" : "packet"},
		{"packets", facts->datagrams ? "datagrams" : "packets"},
	};
	const struct {
		const char *word;
		uint64_t number;
	} numbers[] = {
		{"n", rule->drop < DROP_COUNT ? facts->dropped[rule->drop] : 0},
		{"in", facts->in},
		{"out", facts->out},
		{"foreigners", facts->foreigners},
		{"type", facts->foreign_type},
		{"loss", facts->loss},
		{"jitter", facts->jitter},
		{"reported-loss", facts->reported_loss},
		{"reported-jitter", facts->reported_jitter},
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		if (strcmp(word, texts[i].word) == 0)
			return put_text(out, size, texts[i].text);
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (strcmp(word, numbers[i].word) == 0)
			return put_number(out, size, numbers[i].number);
	if (strcmp(word, "since") == 0)
		return put_time(out, size, facts->since_ms);
	if (strcmp(word, "in-ago") == 0)
		return put_time(out, size, facts->in_ago_ms);
	if (strcmp(word, "mos") == 0)
		return put_mos(out, size, facts->reported_mos);
	return put_strangers(out, size, facts->strangers);
}

static void write_line(const struct why_facts *facts, const struct rule *rule,
		       char out[WHY_LINE_MAX])
{
	size_t n = 0;

	for (const char *p = rule->text; *p != '\0' && n < WHY_LINE_MAX - 1; p++) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		char word[24];
		int put;

		if (end == NULL) {
			out[n++] = *p;
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)(end - p - 1), p + 1);
		put = put_word(facts, rule, word, out + n, WHY_LINE_MAX - n);
		n += (size_t)put < WHY_LINE_MAX - n ? (size_t)put : WHY_LINE_MAX - 1 - n;
		p = end;
	}
	out[n] = '\0';
}

void why_tell(const struct why_facts *facts, struct why_lines *out)
{
	out->n = 0;
	for (size_t i = 0; i < COUNT(rules) && out->n < WHY_LINES_MAX; i++) {
		const struct rule *rule = &rules[i];

		if (rule->drop != NO_DROP && facts->dropped[rule->drop] == 0)
			continue;
		if (rule->applies && !rule->applies(facts))
			continue;
		write_line(facts, rule, out->text[out->n++]);
	}
}
