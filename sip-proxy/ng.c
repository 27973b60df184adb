/* SPDX-License-Identifier: Apache-2.0 */
/* Writing ng commands and reading what comes back. */
#include "sip-proxy/ng.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define MAC_LEN	       64 /* hex digits of HMAC-SHA256 */
#define INT_DIGITS_MAX 20
#define PARTIES_MAX    64 /* of a call, that are looked at in a reply */

static const char *const verbs[NG_VERB_COUNT] = {"offer", "answer", "delete"};

const char *ng_verb_name(enum ng_verb verb)
{
	return verbs[verb];
}

/* Writing */

struct page {
	char *p;
	size_t size, n; /* n > size: it did not fit */
};

static void put(struct page *page, const char *text, size_t n)
{
	if (page->n <= page->size && n <= page->size - page->n)
		memcpy(page->p + page->n, text, n);
	else
		n = page->size + 1 - (page->n <= page->size ? page->n : page->size + 1);
	page->n += n;
}

static void put_span(struct page *page, struct callerid_span text)
{
	char length[24];
	int n = snprintf(length, sizeof(length), "%zu:", text.n);

	put(page, length, (size_t)n);
	put(page, text.p, text.n);
}

static void put_text(struct page *page, const char *text)
{
	put_span(page, (struct callerid_span){text, strlen(text)});
}

static void put_pair(struct page *page, const char *key, const char *text)
{
	put_text(page, key);
	put_text(page, text);
}

/* Nothing for a text that is not said. */
static void put_said(struct page *page, const char *key, struct callerid_span text)
{
	if (text.p == NULL)
		return;
	put_text(page, key);
	put_span(page, text);
}

#define WORDS_MAX 3

static void put_list(struct page *page, const char *key, const char *const words[WORDS_MAX])
{
	if (words[0] == NULL)
		return;
	put_text(page, key);
	put(page, "l", 1);
	for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		put_text(page, words[i]);
	put(page, "e", 1);
}

/*
 * What the next one speaks, in the words of the protocol. Of an answer the relay knows what was
 * offered by them who get it: protocol and rtcp-mux are then its own to say.
 */
static const struct recipe {
	const char *protocol, *ice, *dtls;
	const char *mux[WORDS_MAX], *sdes[WORDS_MAX], *flags[WORDS_MAX];
} recipes[] = {
	[MEDIA_RTP] = {.protocol = "RTP/AVP", .ice = "remove", .mux = {"demux"}},
	[MEDIA_SRTP] = {.protocol = "RTP/SAVP", .ice = "remove", .dtls = "off", .mux = {"demux"}},
	[MEDIA_WEBRTC] = {.protocol = "UDP/TLS/RTP/SAVPF",
			  .ice = "force",
			  .dtls = "passive",
			  .mux = {"offer"},
			  .sdes = {"off"},
			  .flags = {"generate-mid"}},
};

static void put_recipe(struct page *page, const struct ng_command *command)
{
	static const char *const replaced[WORDS_MAX] = {"origin", "session-connection"};
	static const char *const supported[WORDS_MAX] = {"load limit"};
	/* off beside one that is not: a carrier that has never heard of a relay */
	const struct recipe *recipe =
		&recipes[command->toward == MEDIA_OFF ? MEDIA_RTP : command->toward];

	put_list(page, "supports", supported);
	put_list(page, "replace", replaced);
	put_list(page, "flags", recipe->flags);
	put_pair(page, "ICE", recipe->ice);
	if (recipe->dtls != NULL)
		put_pair(page, "DTLS", recipe->dtls);
	put_list(page, "SDES", recipe->sdes);
	if (command->verb == NG_ANSWER)
		return;
	put_pair(page, "transport-protocol", recipe->protocol);
	put_list(page, "rtcp-mux", recipe->mux);
}

/* RFC 8122 §5 leaves SHA-1 for old peers: no relay binds media to it. */
static bool is_strong(const char *alg)
{
	return strcmp(alg, "sha-256") == 0 || strcmp(alg, "sha-384") == 0 ||
	       strcmp(alg, "sha-512") == 0;
}

/* {"alg":"sha-256","dig":"4A..."} as "sha-256 4A...". */
static bool put_print(struct page *page, const json_t *print)
{
	const char *alg = json_string_value(json_object_get(print, "alg"));
	const char *dig = json_string_value(json_object_get(print, "dig"));
	char text[256];
	int n;

	if (alg == NULL || dig == NULL)
		return false;
	if (!is_strong(alg))
		return true;
	n = snprintf(text, sizeof(text), "%s %s", alg, dig);
	if (n < 0 || (size_t)n >= sizeof(text))
		return false;
	put_text(page, text);
	return true;
}

/* Given and empty, the relay says that the call is bound to nobody. */
static bool put_identity(struct page *page, const char *mky)
{
	json_t *prints = mky != NULL ? json_loads(mky, 0, NULL) : NULL;
	size_t n = json_array_size(prints);
	bool ok = mky == NULL || (n > 0 && n <= NG_IDENTITY_MAX);

	put_text(page, "media identity");
	put(page, "l", 1);
	for (size_t i = 0; ok && i < n; i++)
		ok = put_print(page, json_array_get(prints, i));
	put(page, "e", 1);
	json_decref(prints);
	return ok;
}

size_t ng_write(const struct ng_command *command, char *text_out, size_t size)
{
	struct page page = {.p = text_out, .size = size};
	bool ok = true;

	put(&page, "d", 1);
	put_pair(&page, "command", verbs[command->verb]);
	put_said(&page, "call-id", command->call_id);
	put_said(&page, "from-tag", command->from_tag);
	put_said(&page, "to-tag", command->to_tag);
	put_said(&page, "via-branch", command->branch);
	put_said(&page, "sdp", command->sdp);
	if (command->verb != NG_DELETE)
		put_recipe(&page, command);
	if (command->tells_identity)
		ok = put_identity(&page, command->mky);
	put(&page, "e", 1);
	return ok && page.n <= size ? page.n : 0;
}

/* Framing */

static bool mac_of(const struct ng_key *key, const struct callerid_span *parts, size_t n,
		   char mac_out[MAC_LEN + 1])
{
	unsigned char bytes[MAC_LEN / 2];
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 6),
			       OSSL_PARAM_END};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len = 0;
	bool ok = ctx != NULL &&
		  EVP_MAC_init(ctx, (const unsigned char *)key->text, key->n, params) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_MAC_update(ctx, (const unsigned char *)parts[i].p, parts[i].n) == 1;
	ok = ok && EVP_MAC_final(ctx, bytes, &len, sizeof(bytes)) == 1 && len == sizeof(bytes);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	for (size_t i = 0; i < sizeof(bytes) && ok; i++)
		snprintf(mac_out + 2 * i, 3, "%02x", bytes[i]);
	return ok;
}

size_t ng_frame(const char *cookie, struct callerid_span dict, const struct ng_key *key,
		int64_t now, char *text_out, size_t size)
{
	struct page page = {.p = text_out, .size = size};
	char time[24], mac[MAC_LEN + 1];
	int n = snprintf(time, sizeof(time), "%" PRId64, now);
	const struct callerid_span parts[] = {
		{cookie, strlen(cookie)}, {" ", 1}, {time, (size_t)n}, {" ", 1}, dict};

	put(&page, cookie, strlen(cookie));
	put(&page, " ", 1);
	if (key != NULL) {
		if (!mac_of(key, parts, COUNT(parts), mac))
			return 0;
		put(&page, time, (size_t)n);
		put(&page, ":", 1);
		put(&page, mac, MAC_LEN);
		put(&page, " ", 1);
	}
	put(&page, dict.p, dict.n);
	return page.n <= size ? page.n : 0;
}

/* Cuts the word off that ends with the first blank. */
static bool cut_word(struct callerid_span *rest, size_t max, struct callerid_span *word_out)
{
	const char *blank = memchr(rest->p, ' ', rest->n < max + 1 ? rest->n : max + 1);

	if (blank == NULL || blank == rest->p)
		return false;
	*word_out = (struct callerid_span){rest->p, (size_t)(blank - rest->p)};
	rest->n -= word_out->n + 1;
	rest->p = blank + 1;
	return true;
}

bool ng_split(struct callerid_span message, const struct ng_key *key,
	      struct callerid_span *cookie_out, struct callerid_span *dict_out)
{
	struct callerid_span rest = message, mac;
	char ours[MAC_LEN + 1];

	if (!cut_word(&rest, NG_COOKIE_MAX, cookie_out))
		return false;
	if (key != NULL) {
		if (!cut_word(&rest, MAC_LEN, &mac) || mac.n != MAC_LEN ||
		    !mac_of(key, (struct callerid_span[]){*cookie_out, {" ", 1}, rest}, 3, ours) ||
		    CRYPTO_memcmp(ours, mac.p, MAC_LEN) != 0)
			return false;
	}
	*dict_out = rest;
	return true;
}

/* Reading */

/* The string at *at; 1: it is there; 0: its end is not; -1: it is none. */
static int take_string(struct callerid_span text, size_t *at, struct callerid_span *string_out)
{
	size_t n = 0, i = *at;

	for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++) {
		n = n * 10 + (size_t)(text.p[i] - '0');
		if (n > NG_MESSAGE_MAX)
			return -1;
	}
	if (i == text.n)
		return 0;
	if (i == *at || text.p[i] != ':')
		return -1;
	i++;
	if (n > text.n - i)
		return 0;
	*string_out = (struct callerid_span){text.p + i, n};
	*at = i + n;
	return 1;
}

/* "i-20e" at *at, as above. */
static int take_int(struct callerid_span text, size_t *at)
{
	size_t i = *at + 1, from;

	if (i < text.n && text.p[i] == '-')
		i++;
	for (from = i; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		if (i - from == INT_DIGITS_MAX)
			return -1;
	if (i == text.n)
		return 0;
	if (i == from || text.p[i] != 'e')
		return -1;
	*at = i + 1;
	return 1;
}

/* One step inside a value: a string, a number, or the begin or end of a list or dictionary. */
static int step(struct callerid_span text, size_t *at, unsigned *depth)
{
	struct callerid_span string;

	if (*at >= text.n)
		return 0;
	switch (text.p[*at]) {
	case 'd':
	case 'l':
		(*at)++;
		return ++*depth <= NG_DEPTH_MAX ? 1 : -1;
	case 'e':
		(*at)++;
		return (*depth)-- > 0 ? 1 : -1;
	case 'i':
		return take_int(text, at);
	default:
		return take_string(text, at, &string);
	}
}

/* Passes over one value: 1, 0, -1 as above. */
static int skip(struct callerid_span text, size_t *at)
{
	unsigned depth = 0;
	int got;

	do
		got = step(text, at, &depth);
	while (got == 1 && depth > 0);
	return got;
}

long ng_size(const char *text, size_t n)
{
	struct callerid_span all = {text, n}, rest = all, word;
	size_t at;
	int got;

	if (n > 0 && text[0] == ' ')
		return -1;
	if (!cut_word(&rest, NG_COOKIE_MAX, &word))
		return n > NG_COOKIE_MAX ? -1 : 0;
	if (rest.n > 0 && rest.p[0] != 'd')
		return -1;
	at = n - rest.n;
	got = skip(all, &at);
	if (got == 0 && n > NG_MESSAGE_MAX)
		return -1;
	return got == 1 ? (long)at : got;
}

struct entry {
	struct callerid_span key, value; /* the value as it is written */
};

/* The next entry of a dictionary; *at is 1 at its start. */
static bool next_entry(struct callerid_span dict, size_t *at, struct entry *entry_out)
{
	size_t from;

	if (*at >= dict.n || dict.p[0] != 'd' || take_string(dict, at, &entry_out->key) != 1)
		return false;
	from = *at;
	if (skip(dict, at) != 1)
		return false;
	entry_out->value = (struct callerid_span){dict.p + from, *at - from};
	return true;
}

static bool is(struct callerid_span span, const char *text)
{
	return span.n == strlen(text) && memcmp(span.p, text, span.n) == 0;
}

static struct callerid_span string_of(struct callerid_span value)
{
	struct callerid_span string = {NULL, 0};
	size_t at = 0;

	return take_string(value, &at, &string) == 1 ? string : (struct callerid_span){NULL, 0};
}

static unsigned weight(struct callerid_span identity)
{
	return is(identity, "mismatch")	 ? 3
	       : is(identity, "bound")	 ? 2
	       : is(identity, "unbound") ? 1
					 : 0;
}

static void read_party(struct callerid_span party, struct ng_reply *reply)
{
	struct entry entry;
	size_t at = 1;

	while (next_entry(party, &at, &entry)) {
		struct callerid_span word = string_of(entry.value);

		if (is(entry.key, "media identity") && weight(word) > weight(reply->identity))
			reply->identity = word;
	}
}

static void read_parties(struct callerid_span tags, struct ng_reply *reply)
{
	struct entry entry;
	size_t at = 1;

	for (size_t i = 0; i < PARTIES_MAX && next_entry(tags, &at, &entry); i++)
		read_party(entry.value, reply);
}

/* The protocol's error strings, as what is counted. */
static const struct {
	const char *reason, *name;
	bool elsewhere;
} troubles[] = {
	{"Ran out of ports", "no_ports", true},
	{"Parallel session limit reached", "load_limit", true},
	{"Unknown call-id", "unknown_call", false},
	{"Failed to parse SDP", "bad_sdp", false},
	{"Incomplete SDP specification", "bad_sdp", false},
	{"Error rewriting SDP", "bad_sdp", false},
};

static void read_trouble(struct callerid_span result, struct ng_reply *reply)
{
	if (is(result, "ok") || is(result, "pong"))
		return;
	reply->elsewhere = is(result, "load limit");
	reply->trouble = reply->elsewhere ? "load_limit" : "bad_reply";
	if (!is(result, "error"))
		return;
	reply->trouble = "refused";
	for (size_t i = 0; i < COUNT(troubles); i++)
		if (is(reply->reason, troubles[i].reason)) {
			reply->trouble = troubles[i].name;
			reply->elsewhere = troubles[i].elsewhere;
		}
}

/* One dictionary, and nothing behind it: of half a reply nothing is used. */
static bool is_dictionary(struct callerid_span text)
{
	size_t at = 0;

	return text.n > 0 && text.p[0] == 'd' && skip(text, &at) == 1 && at == text.n;
}

void ng_read(struct callerid_span dict, struct ng_reply *reply_out)
{
	struct ng_reply reply = {.trouble = NULL};
	struct callerid_span result = {"", 0};
	struct entry entry;
	size_t at = 1;

	*reply_out = (struct ng_reply){.trouble = "bad_reply"};
	if (!is_dictionary(dict))
		return;
	while (next_entry(dict, &at, &entry)) {
		if (is(entry.key, "result"))
			result = string_of(entry.value);
		else if (is(entry.key, "sdp"))
			reply.sdp = string_of(entry.value);
		else if (is(entry.key, "error-reason") || is(entry.key, "message"))
			reply.reason = string_of(entry.value);
		else if (is(entry.key, "tags"))
			read_parties(entry.value, &reply);
	}
	if (reply.sdp.n > NG_SDP_MAX)
		return; /* a request with that would fit into no datagram */
	read_trouble(result, &reply);
	*reply_out = reply;
}
