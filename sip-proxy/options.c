/* SPDX-License-Identifier: Apache-2.0 */
/* The table of every option of attestel-proxy: it parses, checks, prints and documents. */
#include "sip-proxy/options.h"

#include "sip-proxy/relay.h"

#include "svc/runtime/sections.h"

#include <callerid/verdict.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(array)	 (sizeof(array) / sizeof((array)[0]))
#define AT(type, member) .offset = offsetof(struct type, member)

static const char *const roles[] = {"customer", "peer", "both", NULL};
static const char *const medias[] = {"off", "rtp", "srtp", "webrtc", NULL};
static const char *const fallbacks[] = {"C", "B", "unsigned", NULL};

static const char *check_port(const char *text)
{
	size_t n = strspn(text, "0123456789");
	long port = n > 0 && n <= 5 && text[n] == 0 ? strtol(text, NULL, 10) : 0;

	return port > 0 && port <= 65535 ? NULL : "1 to 65535";
}

static const char *check_literal(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1
		       ? NULL
		       : "a literal address, 192.0.2.1 or 2001:db8::1";
}

static const char *check_url(const char *text)
{
	const char *host = strncasecmp(text, "http://", 7) == 0	   ? text + 7
			   : strncasecmp(text, "https://", 8) == 0 ? text + 8
								   : "";

	return host[0] != 0 && host[0] != '/' ? NULL : "http://HOST or https://HOST";
}

static const char *check_relay(const char *text)
{
	struct relay_address address;

	return relay_address_parse(text, &address)
		       ? NULL
		       : "unix:/PATH or udp:ADDRESS:PORT with a literal address";
}

static const struct conf_option proxy_options[] = {
	{"listen_udp", CONF_ADDRESS, AT(proxy_options, listen_udp),
	 .doc = "Address and port for SIP over UDP; a literal address of this host."},
	{"listen_tcp", CONF_ADDRESS, AT(proxy_options, listen_tcp),
	 .doc = "Address and port for SIP over TCP."},
	{"listen_tls", CONF_ADDRESS, AT(proxy_options, listen_tls),
	 .doc = "Address and port for SIP over TLS; needs tls_directory."},
	{"tls_directory", CONF_PATH, AT(proxy_options, tls_directory),
	 .doc = "Folder with agent.pem (our key, then our certificate) and cafile.pem (anchors)."},
	{"cert_budget", CONF_DURATION, AT(proxy_options, cert_budget_ms), .min = 0, .max = 5000,
	 .fallback = "500ms", .reloadable = true,
	 .doc = "How long a call waits for certificates; afterwards it goes on unlabelled."},
	{"drain", CONF_DURATION, AT(proxy_options, drain_ms), .min = 0, .max = 3600000,
	 .fallback = "30s", .reloadable = true,
	 .doc = "After SIGTERM: how long calls being set up may take before the process ends."},
	{"timer_c", CONF_DURATION, AT(proxy_options, timer_c_ms), .min = 1000, .max = 3600000,
	 .fallback = "185s", .reloadable = true,
	 .doc = "A call that rings for longer is cancelled (RFC 3261 16.6, timer C)."},
	{"max_calls", CONF_INT, AT(proxy_options, max_calls), .min = 1, .max = 1000000,
	 .fallback = "5000", .reloadable = true,
	 .doc = "Requests being set up at a time; more are answered 503 with Retry-After. "
		"Dialogs and emergencies may be as many again."},
	{"max_message", CONF_INT, AT(proxy_options, max_message), .min = 4096, .max = 1048576,
	 .fallback = "131072", .unit = "bytes", .doc = "Largest SIP message that is read."},
	{"max_headers", CONF_INT, AT(proxy_options, max_headers), .min = 32, .max = 4096,
	 .fallback = "256", .reloadable = true, .doc = "Header fields in one request."},
	{"source_rate", CONF_INT, AT(proxy_options, source_rate), .min = 0, .max = 1000000,
	 .fallback = "1000", .unit = "requests/s", .reloadable = true,
	 .doc = "Requests a second from one address; 0: unlimited. Dialogs and emergencies have "
		"four times as much."},
	{"source_burst", CONF_INT, AT(proxy_options, source_burst), .min = 1, .max = 1000000,
	 .fallback = "2000", .reloadable = true,
	 .doc = "Requests that one address may send at once before source_rate applies."},
	{"first_message", CONF_DURATION, AT(proxy_options, first_message_ms), .min = 1000,
	 .max = 3600000, .fallback = "10s", .reloadable = true,
	 .doc = "A TCP or TLS connection that has not sent a whole message by then is closed."},
	{"max_connections", CONF_INT, AT(proxy_options, max_connections), .min = 1, .max = 100000,
	 .fallback = "256", .reloadable = true,
	 .doc = "TCP and TLS connections from one address; later ones are closed."},
	{"dialog_hops", CONF_LIST, AT(proxy_options, dialog_hops), .reloadable = true,
	 .doc = "Addresses and prefixes, besides the trunks and the targets, that requests inside "
		"a "
		"dialog may be sent to: devices that are reached directly."},
};

static const struct conf_option signing_options[] = {
	{"key_file", CONF_PATH, AT(signing_options, key_file), .reloadable = true,
	 .doc = "P-256 private key, PEM; a file that only its owner may read. Neither this nor "
		"key_uri: no signing."},
	{"key_uri", CONF_STRING, AT(signing_options, key_uri), .reloadable = true,
	 .doc = "The key in a PKCS#11 token, instead of key_file: "
		"\"pkcs11:token=T;object=KEY?module-path=FILE\" (RFC 7512)."},
	{"pin_file", CONF_PATH, AT(signing_options, pin_file), .reloadable = true,
	 .doc = "The token's PIN; a file that only its owner may read."},
	{"token_timeout", CONF_DURATION, AT(signing_options, token_timeout_ms), .min = 10,
	 .max = 2000, .fallback = "100ms", .reloadable = true,
	 .doc = "Longest wait of a call for the token; it then goes unsigned."},
	{"certificate_file", CONF_PATH, AT(signing_options, certificate_file), .reloadable = true,
	 .doc = "The certificate that x5u serves, PEM, signer first."},
	{"x5u", CONF_STRING, AT(signing_options, x5u), .reloadable = true,
	 .doc = "https URL of the certificate, as verifiers fetch it: what the registry answers to "
		"POST /v1/certificates."},
	{"any_number", CONF_BOOL, AT(signing_options, any_number), .fallback = "no",
	 .reloadable = true,
	 .doc = "Sign numbers outside the certificate's TNAuthList. A SHAKEN certificate has a "
		"service provider code there and no numbers: without this it signs nothing."},
	{"fallback", CONF_CHOICE, AT(signing_options, fallback), .fallback = "C",
	 .choices = fallbacks, .reloadable = true,
	 .doc = "Attestation when the registry does not answer within its budget."},
};

static const struct conf_option certs_options[] = {
	{"anchors", CONF_LIST, AT(certs_options, anchors), .reloadable = true,
	 .doc = "PEM files of trust anchors; nothing else is trusted, and without one no call "
		"passes."},
	{"crls", CONF_LIST, AT(certs_options, crls), .reloadable = true,
	 .doc = "Files of revocation lists, PEM or DER. A newer one takes an older one's place at "
		"a "
		"reload; one that is taken out of this list counts until a restart."},
	{"crl_issuers", CONF_LIST, AT(certs_options, crl_issuers), .reloadable = true,
	 .doc = "PEM files of certificates that sign indirect revocation lists (ATIS-1000080); "
		"they "
		"vouch for no signer. One taken out of this list counts until a restart."},
	{"ports", CONF_LIST, AT(certs_options, ports), .check = check_port,
	 .doc = "Ports that certificate URLs may name; none given: 443 and 8443."},
	{"test_addresses", CONF_LIST, AT(certs_options, test_addresses), .check = check_literal,
	 .doc = "Loopback, private and other special addresses that certificates may come from "
		"all the same, for tests: 127.0.0.1. Others of them are refused."},
	{"tls_ca_file", CONF_PATH, AT(certs_options, tls_ca_file),
	 .doc = "PEM of the TLS anchors of certificate repositories; none: the system's."},
	{"cache_dir", CONF_PATH, AT(certs_options, cache_dir),
	 .doc = "Folder where fetched certificates survive a restart; none: memory only."},
	{"fetch_timeout", CONF_DURATION, AT(certs_options, fetch_timeout_ms), .min = 100,
	 .max = 60000, .fallback = "5s", .doc = "Longest time of one fetch in the background."},
};

static const struct conf_option registry_options[] = {
	{"url", CONF_STRING, AT(registry_options, url), .check = check_url,
	 .doc = "The registry's API, \"http://127.0.0.1:8080\"; none: no brands, no attestation "
		"A."},
	{"api_key_file", CONF_PATH, AT(registry_options, api_key_file),
	 .doc = "File with the API key; only its owner may read it."},
	{"ca_file", CONF_PATH, AT(registry_options, ca_file),
	 .doc = "PEM of the TLS anchors of the registry; none: the system's."},
	{"budget", CONF_DURATION, AT(registry_options, budget_ms), .min = 1, .max = 2000,
	 .fallback = "50ms", .doc = "How long a call waits for the registry."},
	{"threads", CONF_INT, AT(registry_options, threads), .min = 1, .max = 64, .fallback = "4",
	 .doc = "Questions that wait for the registry at a time."},
	{"tell_unverified", CONF_BOOL, AT(registry_options, tell_unverified), .fallback = "yes",
	 .reloadable = true,
	 .doc = "Look up calls that prove no number, too, without waiting for it: a business whose "
		"announced call they pretend to be hears of them."},
	{"outcome_queue", CONF_INT, AT(registry_options, outcome_queue), .min = 1, .max = 100000,
	 .fallback = "10000",
	 .doc = "Answered calls of which the registry is still to be told, at the most; what comes "
		"beyond that is dropped and counted (outcomes_total). 300 bytes each."},
	{"outcome_age", CONF_DURATION, AT(registry_options, outcome_age_ms), .min = 1000,
	 .max = 3300000, .fallback = "15m",
	 .doc = "How long the registry is tried to be told that an announced call was answered: "
		"after 100 ms, twice that, and so on, at last every 10 s. Its receipts are good "
		"for an hour."},
	{"outcome_timeout", CONF_DURATION, AT(registry_options, outcome_timeout_ms), .min = 100,
	 .max = 60000, .fallback = "2s",
	 .doc = "How long one such try may take; no call waits for it. At the end what waits is "
		"told for two seconds and one try at the most."},
	{"snapshot", CONF_BOOL, AT(registry_options, snapshot), .fallback = "no",
	 .doc = "Keep a copy of the directory and follow its changes: calls are attested and "
		"labelled from it while the registry does not answer. Needs a key with the role "
		"carrier."},
	{"snapshot_file", CONF_PATH, AT(registry_options, snapshot_file),
	 .doc = "Where the copy survives a restart; none: memory only."},
	{"snapshot_max_age", CONF_DURATION, AT(registry_options, snapshot_max_age_ms), .min = 1000,
	 .max = 604800000, .fallback = "1h", .reloadable = true,
	 .doc = "How long the copy gives attestation A and brands after it was known to be "
		"current."},
	{"snapshot_entries", CONF_INT, AT(registry_options, snapshot_entries), .min = 1000,
	 .max = 50000000, .fallback = "1000000",
	 .doc = "Numbers and blocks in the copy; with more the copy is not used."},
	{"snapshot_memory", CONF_INT, AT(registry_options, snapshot_memory), .min = 1048576,
	 .max = 17179869184, .fallback = "536870912", .unit = "bytes",
	 .doc = "Memory of the copy, twice that while it is read anew: 27 to 53 bytes for each of "
		"snapshot_entries, and each brand its texts and 80."},
};

static const struct conf_option media_options[] = {
	{"relay", CONF_LIST, AT(media_options, relay), .check = check_relay,
	 .doc = "The media relay's ng socket, unix:/run/attestel/media.sock or "
		"udp:127.0.0.1:2223; a second one takes new calls while the first does not. None: "
		"no media is relayed."},
	{"key_file", CONF_PATH, AT(media_options, key_file),
	 .doc = "File with the key that commands over UDP are signed with, at least 16 bytes, only "
		"its owner may read it; attestel-media has the same. rtpengine knows no such."},
	{"timeout", CONF_DURATION, AT(media_options, timeout_ms), .min = 10, .max = 1000,
	 .fallback = "100ms", .reloadable = true,
	 .doc = "How long a call waits for one relay; it then goes on with its SDP as it came."},
};

static const struct conf_option trunk_options[] = {
	{"addresses", CONF_LIST, AT(trunk_options, addresses), .required = true, .reloadable = true,
	 .doc = "Where its requests come from: address, prefix 192.0.2.0/24, or address:port."},
	{"role", CONF_CHOICE, AT(trunk_options, role), .fallback = "peer", .choices = roles,
	 .reloadable = true,
	 .doc = "customer: its calls are signed; peer: verified; both: verified when they carry "
		"Identity, else signed."},
	{"media", CONF_CHOICE, AT(trunk_options, media), .fallback = "off", .choices = medias,
	 .reloadable = true,
	 .doc = "What media it speaks, so that the relay of [media] speaks it: plain RTP, "
		"SDES-SRTP, "
		"or WebRTC (ICE, DTLS-SRTP). off: no SDP is touched between two trunks that are "
		"off; beside one that is not, off is rtp."},
	{"customer", CONF_STRING, AT(trunk_options, customer), .reloadable = true,
	 .doc = "The registry's id of the business behind the trunk, \"biz_...\"."},
	{"trusted", CONF_BOOL, AT(trunk_options, trusted), .fallback = "no", .reloadable = true,
	 .doc = "Its verstat, P-Attestation-Indicator, P-Origination-ID and RFC 9796 Call-Info "
		"stay; others' are removed."},
	{"pai", CONF_BOOL, AT(trunk_options, pai), .fallback = "no", .reloadable = true,
	 .doc = "Take the caller from its P-Asserted-Identity although it is not trusted."},
	{"country_code", CONF_STRING, AT(trunk_options, country_code), .reloadable = true,
	 .doc = "Dial plan: country code added to national numbers, \"44\". The call goes on as it "
		"was dialled: a verifier needs E.164, or a plan of its own."},
	{"national_prefix", CONF_STRING, AT(trunk_options, national_prefix), .reloadable = true,
	 .doc = "Dial plan: prefix of national numbers, \"0\"."},
	{"international_prefix", CONF_STRING, AT(trunk_options, international_prefix),
	 .reloadable = true, .doc = "Dial plan: prefix of international numbers, \"00\"."},
	{"min_digits", CONF_INT, AT(trunk_options, min_digits), .min = 1, .max = 16,
	 .fallback = "7", .reloadable = true,
	 .doc = "Dial plan: digits that a SIP user without user=phone and \"+\" needs to be a "
		"telephone number (RFC 8224 8.1); three are one always (911), with 16 no others."},
	{"checks", CONF_LIST, AT(trunk_options, checks), .reloadable = true,
	 .doc = "Modes (off, warn, enforce) of verification checks, as in "
		"authority=warn,replay=off; "
		"others are enforced. Whatever their modes, no call is labelled as passed whose "
		"signature or chain did not pass. The checks: attestel passport verify --help."},
	{"max_age", CONF_DURATION, AT(trunk_options, max_age_ms), .min = 1000, .max = 86400000,
	 .fallback = "60s", .reloadable = true, .doc = "Freshness of Date and iat, both ways."},
	{"max_diverted_age", CONF_DURATION, AT(trunk_options, max_diverted_age_ms), .min = 1000,
	 .max = 86400000, .fallback = "3h", .reloadable = true,
	 .doc = "Age of what a forwarded or transferred call began with, while its last forward is "
		"fresh (RFC 8946)."},
	{"max_signatures", CONF_INT, AT(trunk_options, max_signatures), .min = 1,
	 .max = CALLERID_PASSPORTS_MAX, .fallback = "4", .reloadable = true,
	 .doc = "PASSporTs of one call that are verified; the others have reason limit. A call "
		"that "
		"was forwarded five times needs 6."},
	{"max_cost", CONF_INT, AT(trunk_options, max_cost), .max = 1000, .fallback = "0",
	 .reloadable = true,
	 .doc = "CPU of one call in signatures, a certificate that is not known being 6: 7 at "
		"least; 0: enough for max_signatures."},
	{"accept_spc", CONF_BOOL, AT(trunk_options, accept_spc), .fallback = "no",
	 .reloadable = true,
	 .doc = "A certificate with a service provider code may sign any number (US SHAKEN)."},
	{"accept_retargeted", CONF_BOOL, AT(trunk_options, accept_retargeted), .fallback = "no",
	 .reloadable = true,
	 .doc = "A PASSporT for the number in To counts although the Request-URI names another one "
		"(calls diverted without div); whoever is called can then pass a call on as new."},
	{"require_crl", CONF_BOOL, AT(trunk_options, require_crl), .fallback = "no",
	 .reloadable = true,
	 .doc = "Every certificate must be covered by a current revocation list, else the check "
		"\"chain\" fails with crl_missing."},
	{"accept_x5c", CONF_BOOL, AT(trunk_options, accept_x5c), .fallback = "no",
	 .reloadable = true,
	 .doc = "Take certificates from the token itself (x5c) where they are complete, and fetch "
		"none."},
	{"namespaces", CONF_LIST, AT(trunk_options, namespaces), .reloadable = true,
	 .doc = "Namespaces of Resource-Priority that signers below the anchors may authorise "
		"(RFC 8443), as in ets,wps,esnet; none: every rph PASSporT is refused."},
	{"reject", CONF_LIST, AT(trunk_options, reject), .reloadable = true,
	 .doc = "Reasons of verdicts, as in the log and the metrics (bad_signature, replayed), or "
		"SIP codes (403 428 436 437 438) that refuse a call; none: every call is "
		"labelled."},
};

static const struct conf_option route_options[] = {
	{"match", CONF_LIST, AT(route_options, match), .required = true, .reloadable = true,
	 .doc = "Prefixes of the called number in E.164 without +; * is any. The longest wins."},
	{"target", CONF_STRING, AT(route_options, target), .required = true, .reloadable = true,
	 .doc = "Next hop, sip:ADDRESS:PORT;transport=udp|tcp|tls."},
};

#define SECTION(n, is_titled, options_, doc_)                                                      \
	{                                                                                          \
		.name = #n, .titled = (is_titled), .size = sizeof(struct n##_options),             \
		.options = (options_), .n_options = COUNT(options_), .doc = (doc_)                 \
	}

static const struct conf_section sections[] = {
	SECTION(proxy, false, proxy_options, "Listeners, budgets and limits."),
	SECTION(signing, false, signing_options, "The key that signs customers' calls."),
	SECTION(certs, false, certs_options, "Where certificates come from and what they end at."),
	SECTION(registry, false, registry_options, "Who owns a number, and what it is called."),
	SECTION(media, false, media_options, "The relay that carries the media of calls."),
	SECTIONS_LOG,
	SECTIONS_ADMIN,
	SECTION(trunk, true, trunk_options, "Someone who sends us calls."),
	SECTION(route, true, route_options, "Where calls go."),
};

const struct conf_schema proxy_schema = {sections, COUNT(sections)};
