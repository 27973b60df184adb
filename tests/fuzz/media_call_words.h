/* SPDX-License-Identifier: Apache-2.0 */
/* What parties of fuzz_media_call say, and what is said and sent of them. */
#ifndef TESTS_FUZZ_MEDIA_CALL_WORDS_H
#define TESTS_FUZZ_MEDIA_CALL_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define HEAD	  "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\n"
#define HERE	  "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
#define CODECS	  "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
#define KEY(tag)  "a=crypto:" tag " inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw\r\n"
#define ICE(name) "a=ice-ufrag:" name "\r\na=ice-pwd:" name "-Jx8vN2mW0bT5rK7dQ4hL9z\r\n"
#define CANDIDATE(port)                                                                            \
	"a=candidate:1 1 udp 2113937151 127.0.0.1 " port " typ host\r\n"                           \
	"a=candidate:2 2 UDP 2113937150 127.0.0.1 " port " typ host\r\n"
#define PRINT                                                                                      \
	"a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3F:"    \
	"B1:33:5C:11:A2:7E:90:40:C3:D8:21\r\n"
#define WEB(mid, name)                                                                             \
	"c=IN IP4 0.0.0.0\r\n" ICE(name) PRINT "a=setup:actpass\r\na=mid:" mid                     \
					       "\r\na=rtcp-mux\r\na=sendrecv\r\n"

static const char *const sdps[] = {
	HEAD HERE "m=audio 4000 RTP/AVP 0 8 101\r\n" CODECS,
	HEAD HERE "m=audio 4002 RTP/AVP 0 101\r\na=rtcp-mux\r\na=sendonly\r\n" CODECS,
	HEAD HERE "m=audio 0 RTP/AVP 0\r\nm=video 4008 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n",
	HEAD "c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=inactive\r\n",
	HEAD HERE "m=audio 4004 RTP/SAVP 0 101\r\n" KEY("1 AES_CM_128_HMAC_SHA1_80")
		KEY("2 AES_CM_128_HMAC_SHA1_32") CODECS,
	HEAD HERE "m=audio 4004 RTP/AVP 0\r\n" KEY("7 AES_CM_128_HMAC_SHA1_80"),
	HEAD "t=0 0\r\na=group:BUNDLE 0 1\r\n"
	     "m=audio 4010 UDP/TLS/RTP/SAVPF 0 101\r\n" WEB("0", "Yq3p") CANDIDATE("4010") CODECS
	"a=ssrc:3570614608 cname:x\r\n"
	"m=video 4010 UDP/TLS/RTP/SAVPF 96\r\n" WEB("1", "Yq3p") "a=rtpmap:96 VP8/90000\r\n",
	HEAD "t=0 0\r\nm=audio 4012 UDP/TLS/RTP/SAVPF 0\r\n" WEB("0", "Zr4q") CANDIDATE("4012"),
	HEAD "t=0 0\r\na=ice-lite\r\nm=audio 4014 UDP/TLS/RTP/SAVP 0 101\r\n"
	     "c=IN IP4 127.0.0.1\r\n" ICE("lite") PRINT
	"a=setup:passive\r\na=tls-id:abcdefghijabcdefghij\r\n" CANDIDATE("4014") CODECS,
	HEAD "t=0 0\r\na=group:BUNDLE 0\r\nm=audio 4010 UDP/TLS/RTP/SAVPF 0\r\n" WEB(
		"0", "Yq3p") "a=setup:active\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n",
	HEAD HERE "m=audio 4000 RTP/AVP 0\r\nm=image 4020 udptl t38\r\na=T38FaxVersion:0\r\n"
		  "m=application 4022 UDP/DTLS/SCTP webrtc-datachannel\r\na=sctp-port:5000\r\n",
	"v=0\r\no=x 1 2 IN IP6 ::1\r\ns=a\r\nc=IN IP6 ::1\r\nt=0 0\r\n"
	"m=audio 4000/2 RTP/AVPF 0 0 127\r\na=rtcp:4005 IN IP6 ::1\r\na=recvonly\r\n",
	HEAD HERE "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 8\r\nm=video 4004 RTP/AVP 96\r\n"
		  "m=video 4006 RTP/SAVP 96\r\n" KEY("1 AEAD_AES_128_GCM"),
	HEAD HERE "m=audio 4000 RTP/AVP 0 101\r\n" ICE("Yq3p") CANDIDATE("4000") CODECS,
	/* a fragment of trickle ICE (RFC 8840) */
	ICE("Yq3p") "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n" CANDIDATE(
		"4030") "a=end-of-candidates\r\n",
};

static const char *const names[] = {"alice", "bob", "carol", ""};

static const struct option {
	const char *key, *word;
} options[] = {
	{"none", "none"},
	{"flags", "trust-address"},
	{"flags", "asymmetric"},
	{"flags", "strict-source"},
	{"flags", "port-latching"},
	{"flags", "media-handover"},
	{"flags", "reset"},
	{"flags", "loop-protect"},
	{"flags", "detect-DTMF"},
	{"flags", "inject-DTMF"},
	{"flags", "generate-mid"},
	{"flags", "original-sendrecv"},
	{"flags", "trickle-ICE"},
	{"flags", "fragment"},
	{"flags", "passthrough"},
	{"flags", "recrypt"},
	{"flags", "early-media"},
	{"flags", "fatal"},
	{"flags", "fast"},
	{"flags", "all"},
	{"flags", "directional"},
	{"flags", "unidirectional"},
	{"flags", "SDES-nonew"},
	{"flags", "SDES-static"},
	{"flags", "SDES-off"},
	{"flags", "SDES-no-AES_CM_128_HMAC_SHA1_80"},
	{"flags", "OSRTP-offer"},
	{"flags", "OSRTP-accept"},
	{"replace", "origin"},
	{"replace", "sdp-version"},
	{"replace", "zero-address"},
	{"ICE", "remove"},
	{"ICE", "force"},
	{"ICE", "default"},
	{"ICE", "optional"},
	{"ICE-lite", "both"},
	{"DTLS", "off"},
	{"DTLS", "passive"},
	{"DTLS", "active"},
	{"DTLS-reverse", "active"},
	{"bundle", "accept"},
	{"bundle", "offer"},
	{"bundle", "require"},
	{"bundle", "reject"},
	{"rtcp-mux", "offer"},
	{"rtcp-mux", "require"},
	{"rtcp-mux", "demux"},
	{"rtcp-mux", "reject"},
	{"transport-protocol", "RTP/AVP"},
	{"transport-protocol", "RTP/SAVP"},
	{"transport-protocol", "RTP/SAVPF"},
	{"transport-protocol", "UDP/TLS/RTP/SAVPF"},
	{"endpoint-learning", "immediate"},
	{"endpoint-learning", "off"},
	{"address-family", "IP6"},
	{"codec-strip", "all"},
	{"media identity",
	 "sha256 4AADB9B13F82183B540212DF3E5D496B19E57CAB3FB1335C11A27E9040C3D821"},
	{"media identity",
	 "sha256 00ADB9B13F82183B540212DF3E5D496B19E57CAB3FB1335C11A27E9040C3D821"},
	{"via-branch", "1"},
	{"via-branch", "2"},
	{"set-label", "desk"},
	{"label", "desk"},
	{"to-label", "desk"},
	{"address", "127.0.0.1"},
	{"digits", "12#ABCD*"},
	{"code", "5"},
	{"delete-delay", "1"},
	{"silence-timeout", "1"},
	{"no-input-timeout", "1"},
	{"media-address", "192.0.2.1"},
	{"received-from", "IP4"},
	{"metadata", "x"},
	{"file", "hello.wav"},
	{"repeat-times", "3"},
};

/* A quarter of a second of silence. */
static const uint8_t announcement[44 + 200] =
	"RIFF\xec\0\0\0WAVEfmt \x10\0\0\0\7\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\xc8\0\0\0";

static const struct {
	const char *bytes;
	size_t n;
} packets[] = {
#define PACKET(text)                                                                               \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
	PACKET("\x80\0\0\1\0\0\0\xa0SSRCaudioaudioaudioaudioaudio"),
	PACKET("\x80\x65\0\2\0\0\0\xa0SSRC\5\x8a\3\x20"),
	PACKET("\x80\x60\0\2\0\0\0\xa0VIDEvideo"),
	PACKET("\x90\0\0\3\0\0\1\x40\xd4\xd3\1\x10\xbe\xde\0\1\x10"
	       "0\0\0more"),
	PACKET("\x81\xc8\0\x0cSSRC\0\0\0\1\0\0\0\0\0\0\0\xa0\0\0\0\1\0\0\0\4SSRC\0\0\0\0\0\0\0\1\0"
	       "\0"
	       "\0\0\0\0\0\0\0\0\0\0"),
	PACKET("\x81\xcb\0\1SSRC"),
	PACKET("\0\1\0\x08\x21\x12\xa4\x42tidtidtidtid\0\x06\0\4Yq3p"),
	PACKET("\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x19\1\0\0\x0d\0\0\0\0\0\0\0\x0d\xfe\xfdrandomrando"),
	PACKET("\xff\xff\xff"),
	PACKET("\x80"),
#undef PACKET
};

#endif
