/* SPDX-License-Identifier: Apache-2.0 */
/* The table of every option of attestel-media: it parses, checks, prints and documents. */
#include "media/options.h"

#include <stdlib.h>
#include <string.h>

#include "media/ng/control.h"
#include "media/path/port.h"
#include "svc/runtime/sections.h"

#define COUNT(array)	 (sizeof(array) / sizeof((array)[0]))
#define AT(type, member) .offset = offsetof(struct type, member)

static const char *check_interface(const char *text)
{
	struct interface interface;
	const char *why = NULL;

	return interface_parse(text, &interface, &why)
		       ? NULL
		       : "ADDRESS, ADDRESS!ADVERTISED, NAME/ADDRESS or NAME/ADDRESS!ADVERTISED, "
			 "with "
			 "literal addresses of one family";
}

bool ports_parse(const char *text, uint16_t *first_out, uint16_t *last_out)
{
	char *dash = NULL, *end = NULL;
	long first = strtol(text, &dash, 10);
	long last = *dash == '-' ? strtol(dash + 1, &end, 10) : 0;

	if (strspn(text, "0123456789-") != strlen(text) || end == NULL || *end != '\0' ||
	    first < 1024 || first > 65535 || last > 65535)
		return false;
	first += first & 1;
	last -= !(last & 1);
	if (last <= first)
		return false;
	*first_out = (uint16_t)first;
	*last_out = (uint16_t)last;
	return true;
}

static const char *check_ports(const char *text)
{
	uint16_t first, last;

	return ports_parse(text, &first, &last)
		       ? NULL
		       : "FIRST-LAST within 1024-65535 that has a pair, an even port for RTP and "
			 "the odd one above it for RTCP, as in 20000-39999";
}

static const char *check_listen(const char *text)
{
	struct control_listen listen;
	const char *why = NULL;

	return control_listen_parse(text, &listen, &why) ? NULL : why;
}

static const struct conf_option media_options[] = {
	{"interface", CONF_LIST, AT(media_options, interface), .required = true,
	 .check = check_interface,
	 .doc = "Where media comes and goes: ADDRESS, ADDRESS!ADVERTISED behind a NAT, or "
		"NAME/ADDRESS, by which commands choose one (direction, interface). The first is "
		"the default; a name may stand once for IPv4 and once for IPv6."},
	{"listen_ng", CONF_LIST, AT(media_options, listen_ng), .check = check_listen,
	 .doc = "Where commands come from: udp:ADDRESS:PORT, tcp:ADDRESS:PORT, unix:PATH; none: "
		"unix:/run/attestel/media.sock. The Unix socket serves our own user and root."},
	{"key_file", CONF_PATH, AT(media_options, key_file),
	 .doc = "Key of 16 bytes or more that UDP and TCP commands have to be signed with; a file "
		"that only its owner may read. None: whoever reaches a port may command."},
	{"ports", CONF_STRING, AT(media_options, ports), .fallback = "20000-39999",
	 .check = check_ports, .doc = "The ports of calls, a pair for each side of a stream."},
	{"webrtc_port", CONF_INT, AT(media_options, webrtc_port), .max = 65535, .fallback = "0",
	 .doc = "First of the ports that browsers' calls share, one for each worker; 0: they have "
		"ports of their own as others have."},
	{"workers", CONF_INT, AT(media_options, workers), .max = 256, .fallback = "0",
	 .doc = "Threads that relay media; 0: one for each processor."},
	{"rest_us", CONF_INT, AT(media_options, rest_us), .max = 5000, .fallback = "500",
	 .unit = "us",
	 .doc = "How long a thread rests between two rounds while packets come so thick that a "
		"rest "
		"gathers several: one wake-up then serves all. 0: never."},
	{"tos", CONF_INT, AT(media_options, tos), .max = 255, .fallback = "184",
	 .doc = "Type of service of what is sent; 184 is expedited forwarding (RFC 3246)."},
	{"max_calls", CONF_INT, AT(media_options, max_calls), .max = 1000000, .fallback = "0",
	 .doc = "Calls at a time; one more is refused with \"load limit\". 0: any number."},
	{"max_cpu", CONF_INT, AT(media_options, max_cpu), .max = 100, .fallback = "0", .unit = "%",
	 .doc = "Use of all processors beyond which new calls are refused; 0: any."},
	{"max_ports", CONF_INT, AT(media_options, max_ports), .max = 100, .fallback = "0",
	 .unit = "%", .doc = "Use of the ports beyond which new calls are refused; 0: all."},
	{"media_timeout", CONF_DURATION, AT(media_options, media_timeout_ms), .min = 1000,
	 .max = 86400000, .fallback = "60s",
	 .doc = "A call that no packet came of for so long ends."},
	{"silent_timeout", CONF_DURATION, AT(media_options, silent_timeout_ms), .min = 1000,
	 .max = 86400000, .fallback = "1h",
	 .doc = "The same where every stream is on hold or blocked."},
	{"offer_timeout", CONF_DURATION, AT(media_options, offer_timeout_ms), .min = 1000,
	 .max = 86400000, .fallback = "1h", .doc = "An offer without an answer ends by then."},
	{"lifetime", CONF_DURATION, AT(media_options, lifetime_ms), .max = 604800000,
	 .fallback = "0s", .doc = "A call ends after so long whatever comes of it; 0s: never."},
	{"delete_delay", CONF_DURATION, AT(media_options, delete_delay_ms), .max = 3600000,
	 .fallback = "30s",
	 .doc = "How long a deleted call is kept, where its command says nothing else: a proxy "
		"deletes a branch before another branch answers."},
	{"record_dir", CONF_PATH, AT(media_options, record_dir),
	 .doc = "Folder of recordings; none: \"start recording\" is refused."},
	{"media_dir", CONF_PATH, AT(media_options, media_dir),
	 .doc = "Folder of the files of \"play media\", which are named without a path; none: it "
		"is refused."},
	{"events", CONF_ADDRESS, AT(media_options, events),
	 .doc = "ADDRESS:PORT on this machine where a UDP datagram of JSON goes for each key "
		"pressed, silence and missing input of calls that are listened to; none: nobody is "
		"told. Keys are secrets: they are never logged."},
	{"drain", CONF_DURATION, AT(media_options, drain_ms), .max = 86400000, .fallback = "60s",
	 .reloadable = true,
	 .doc = "After SIGTERM: how long calls may go on before the process ends."},
};

static const struct conf_option state_options[] = {
	{"file", CONF_PATH, AT(state_options, file),
	 .doc = "At SIGTERM all calls are written to this file and the process ends at once; the "
		"next one takes them up from there, within two minutes, and media flows on. The "
		"file is encrypted. None: SIGTERM waits for the calls to end (drain)."},
	{"key_file", CONF_PATH, AT(state_options, key_file),
	 .fallback = "/run/attestel/media-state.key",
	 .doc = "The 32 bytes that encrypt it, in a file that others may not read: a credential of "
		"systemd, or one below /run, which is made when it is missing and is gone when the "
		"machine starts anew."},
};

#define SECTION(n, doc_)                                                                           \
	{                                                                                          \
		.name = #n, .size = sizeof(struct n##_options), .options = n##_options,            \
		.n_options = COUNT(n##_options), .doc = (doc_)                                     \
	}

static const struct conf_section sections[] = {
	SECTION(media, "Addresses, ports, who commands, limits and times."),
	SECTIONS_LOG,
	SECTIONS_ADMIN,
	SECTION(state, "Calls that survive a restart."),
};

const struct conf_schema media_schema = {sections, COUNT(sections)};
