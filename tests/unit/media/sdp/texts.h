/* SPDX-License-Identifier: Apache-2.0 */
/* SDPs in the shapes in which known implementations write them, for all tests of the room. */
#ifndef TESTS_UNIT_MEDIA_SDP_TEXTS_H
#define TESTS_UNIT_MEDIA_SDP_TEXTS_H

#include <stddef.h>

#define FP                                                                                         \
	"sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3F:B1:33:5C:11:A2:"   \
	"7E:90:40:C3:D8:21"
#define FP_OTHER                                                                                   \
	"sha-256 01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:"   \
	"45:67:89:AB:CD:EF"

/* A browser of the Chromium family: audio and video in one BUNDLE, discard port, mDNS candidate. */
#define CHROMIUM                                                                                   \
	"v=0\r\n"                                                                                  \
	"o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"                                           \
	"s=-\r\n"                                                                                  \
	"t=0 0\r\n"                                                                                \
	"a=group:BUNDLE 0 1\r\n"                                                                   \
	"a=extmap-allow-mixed\r\n"                                                                 \
	"a=msid-semantic: WMS stream-1\r\n"                                                        \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"                                  \
	"c=IN IP4 0.0.0.0\r\n"                                                                     \
	"a=rtcp:9 IN IP4 0.0.0.0\r\n"                                                              \
	"a=candidate:1 1 udp 2113937151 5b1a7d4e-0b1c-4b7e-9b2a-8d0c1f7e3a55.local 51472 typ "     \
	"host generation 0 network-cost 999\r\n"                                                   \
	"a=candidate:2 1 udp 1677729535 203.0.113.9 51472 typ srflx raddr 0.0.0.0 rport 0 "        \
	"generation 0 network-cost 999\r\n"                                                        \
	"a=candidate:3 1 tcp 1518280447 192.168.7.4 9 typ host tcptype active generation 0\r\n"    \
	"a=ice-ufrag:Yq3p\r\n"                                                                     \
	"a=ice-pwd:Jx8vN2mW0bT5rK7dQ4hL9zCe\r\n"                                                   \
	"a=ice-options:trickle\r\n"                                                                \
	"a=fingerprint:" FP "\r\n"                                                                 \
	"a=setup:actpass\r\n"                                                                      \
	"a=mid:0\r\n"                                                                              \
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"                               \
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                       \
	"a=sendrecv\r\n"                                                                           \
	"a=msid:stream-1 track-a\r\n"                                                              \
	"a=rtcp-mux\r\n"                                                                           \
	"a=rtcp-rsize\r\n"                                                                         \
	"a=rtpmap:111 opus/48000/2\r\n"                                                            \
	"a=rtcp-fb:111 transport-cc\r\n"                                                           \
	"a=fmtp:111 minptime=10;useinbandfec=1\r\n"                                                \
	"a=rtpmap:63 red/48000/2\r\n"                                                              \
	"a=fmtp:63 111/111\r\n"                                                                    \
	"a=rtpmap:9 G722/8000\r\n"                                                                 \
	"a=rtpmap:0 PCMU/8000\r\n"                                                                 \
	"a=rtpmap:8 PCMA/8000\r\n"                                                                 \
	"a=rtpmap:13 CN/8000\r\n"                                                                  \
	"a=rtpmap:110 telephone-event/48000\r\n"                                                   \
	"a=rtpmap:126 telephone-event/8000\r\n"                                                    \
	"a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6\r\n"                                             \
	"a=ssrc:3570614608 msid:stream-1 track-a\r\n"                                              \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"                                                    \
	"c=IN IP4 0.0.0.0\r\n"                                                                     \
	"a=rtcp:9 IN IP4 0.0.0.0\r\n"                                                              \
	"a=ice-ufrag:Yq3p\r\n"                                                                     \
	"a=ice-pwd:Jx8vN2mW0bT5rK7dQ4hL9zCe\r\n"                                                   \
	"a=ice-options:trickle\r\n"                                                                \
	"a=fingerprint:" FP "\r\n"                                                                 \
	"a=setup:actpass\r\n"                                                                      \
	"a=mid:1\r\n"                                                                              \
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                       \
	"a=sendrecv\r\n"                                                                           \
	"a=rtcp-mux\r\n"                                                                           \
	"a=rtcp-rsize\r\n"                                                                         \
	"a=rtpmap:96 VP8/90000\r\n"                                                                \
	"a=rtcp-fb:96 goog-remb\r\n"                                                               \
	"a=rtcp-fb:96 nack pli\r\n"                                                                \
	"a=rtpmap:97 rtx/90000\r\n"                                                                \
	"a=fmtp:97 apt=96\r\n"                                                                     \
	"a=ssrc-group:FID 2231627014 632943048\r\n"                                                \
	"a=ssrc:2231627014 cname:4TOk42mSjXCkVIa6\r\n"

/* A browser of the Firefox family: fingerprint and options at session level, a data channel. */
#define FIREFOX                                                                                    \
	"v=0\r\n"                                                                                  \
	"o=mozilla...THIS_IS_SDPARTA-99.0 7320442110021417263 0 IN IP4 0.0.0.0\r\n"                \
	"s=-\r\n"                                                                                  \
	"t=0 0\r\n"                                                                                \
	"a=sendrecv\r\n"                                                                           \
	"a=fingerprint:" FP "\r\n"                                                                 \
	"a=group:BUNDLE 0 1\r\n"                                                                   \
	"a=ice-options:trickle\r\n"                                                                \
	"a=msid-semantic:WMS *\r\n"                                                                \
	"m=audio 60321 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\n"                                        \
	"c=IN IP4 203.0.113.20\r\n"                                                                \
	"a=candidate:0 1 UDP 2122252543 192.168.1.20 60321 typ host\r\n"                           \
	"a=candidate:0 2 UDP 2122252542 192.168.1.20 60322 typ host\r\n"                           \
	"a=candidate:1 1 TCP 2105524479 192.168.1.20 9 typ host tcptype active\r\n"                \
	"a=candidate:2 1 UDP 2122187007 2001:db8::20 60323 typ host\r\n"                           \
	"a=candidate:3 1 UDP 1685987071 203.0.113.20 60321 typ srflx raddr 192.168.1.20 rport "    \
	"60321\r\n"                                                                                \
	"a=sendrecv\r\n"                                                                           \
	"a=end-of-candidates\r\n"                                                                  \
	"a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                       \
	"a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n"                             \
	"a=fmtp:101 0-15\r\n"                                                                      \
	"a=ice-pwd:b7cf1e0a5f9de8c2a4d3316bce70f945\r\n"                                           \
	"a=ice-ufrag:9d4b2c77\r\n"                                                                 \
	"a=mid:0\r\n"                                                                              \
	"a=rtcp:60322 IN IP4 203.0.113.20\r\n"                                                     \
	"a=rtcp-mux\r\n"                                                                           \
	"a=rtpmap:109 opus/48000/2\r\n"                                                            \
	"a=rtpmap:9 G722/8000/1\r\n"                                                               \
	"a=rtpmap:0 PCMU/8000\r\n"                                                                 \
	"a=rtpmap:8 PCMA/8000\r\n"                                                                 \
	"a=rtpmap:101 telephone-event/8000\r\n"                                                    \
	"a=setup:actpass\r\n"                                                                      \
	"a=ssrc:1399694169 cname:{8a3c2e10-0c55-4d0e-9c39-2a3b4c5d6e7f}\r\n"                       \
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"                                     \
	"c=IN IP4 0.0.0.0\r\n"                                                                     \
	"a=sendrecv\r\n"                                                                           \
	"a=ice-pwd:b7cf1e0a5f9de8c2a4d3316bce70f945\r\n"                                           \
	"a=ice-ufrag:9d4b2c77\r\n"                                                                 \
	"a=mid:1\r\n"                                                                              \
	"a=setup:actpass\r\n"                                                                      \
	"a=sctp-port:5000\r\n"                                                                     \
	"a=max-message-size:1073741823\r\n"

#define ASTERISK                                                                                   \
	"v=0\r\n"                                                                                  \
	"o=- 1723481 1723481 IN IP4 198.51.100.7\r\n"                                              \
	"s=Asterisk\r\n"                                                                           \
	"c=IN IP4 198.51.100.7\r\n"                                                                \
	"t=0 0\r\n"                                                                                \
	"m=audio 14382 RTP/AVP 8 0 101\r\n"                                                        \
	"a=rtpmap:8 PCMA/8000\r\n"                                                                 \
	"a=rtpmap:0 PCMU/8000\r\n"                                                                 \
	"a=rtpmap:101 telephone-event/8000\r\n"                                                    \
	"a=fmtp:101 0-16\r\n"                                                                      \
	"a=ptime:20\r\n"                                                                           \
	"a=maxptime:150\r\n"                                                                       \
	"a=sendrecv\r\n"

/* SDES in AVP's place beside SAVP, a video line, RTCP feedback. */
#define LINPHONE                                                                                   \
	"v=0\r\n"                                                                                  \
	"o=alice 2890 3111 IN IP4 192.168.0.31\r\n"                                                \
	"s=Talk\r\n"                                                                               \
	"c=IN IP4 192.168.0.31\r\n"                                                                \
	"b=AS:380\r\n"                                                                             \
	"t=0 0\r\n"                                                                                \
	"a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss,dup,jitt,TTL voip-metrics\r\n"             \
	"m=audio 7078 RTP/SAVP 96 97 98 0 8 101 99\r\n"                                            \
	"a=rtpmap:96 opus/48000/2\r\n"                                                             \
	"a=fmtp:96 useinbandfec=1\r\n"                                                             \
	"a=rtpmap:97 speex/16000\r\n"                                                              \
	"a=fmtp:97 vbr=on\r\n"                                                                     \
	"a=rtpmap:98 speex/8000\r\n"                                                               \
	"a=rtpmap:101 telephone-event/48000\r\n"                                                   \
	"a=rtpmap:99 telephone-event/8000\r\n"                                                     \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "                                                      \
	"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"                                      \
	"a=crypto:2 AES_CM_128_HMAC_SHA1_32 "                                                      \
	"inline:cnlwdG9fc3VpdGVzX2FyZV9vZl9fdHdvX2tpbmRz\r\n"                                      \
	"m=video 9078 RTP/AVPF 96\r\n"                                                             \
	"b=AS:1024\r\n"                                                                            \
	"a=rtpmap:96 VP8/90000\r\n"                                                                \
	"a=rtcp-fb:* ccm fir\r\n"

/* Lines end in LF, and s= holds a product's name. */
#define FREESWITCH                                                                                 \
	"v=0\n"                                                                                    \
	"o=FreeSWITCH 1700000001 1700000002 IN IP4 203.0.113.50\n"                                 \
	"s=FreeSWITCH\n"                                                                           \
	"c=IN IP4 203.0.113.50\n"                                                                  \
	"t=0 0\n"                                                                                  \
	"a=msid-semantic: WMS a5Cq\n"                                                              \
	"m=audio 23814 RTP/SAVPF 102 0 101 13\n"                                                   \
	"a=rtpmap:102 opus/48000/2\n"                                                              \
	"a=rtpmap:0 PCMU/8000\n"                                                                   \
	"a=rtpmap:101 telephone-event/8000\n"                                                      \
	"a=rtpmap:13 CN/8000\n"                                                                    \
	"a=fingerprint:" FP "\n"                                                                   \
	"a=setup:actpass\n"                                                                        \
	"a=rtcp-mux\n"                                                                             \
	"a=rtcp:23814 IN IP4 203.0.113.50\n"                                                       \
	"a=ice-ufrag:CRyUjm3kYyCPBcL4\n"                                                           \
	"a=ice-pwd:9rWnYwXNvkbWxHz0cZbiYrgO\n"                                                     \
	"a=candidate:4513370437 1 udp 659136 203.0.113.50 23814 typ host generation 0\n"           \
	"a=end-of-candidates\n"

/* T.38 beside audio, an old gateway's private attributes, no s= of use. */
#define CISCO                                                                                      \
	"v=0\r\n"                                                                                  \
	"o=CiscoSystemsSIP-GW-UserAgent 4561 9812 IN IP4 192.0.2.33\r\n"                           \
	"s=SIP Call\r\n"                                                                           \
	"c=IN IP4 192.0.2.33\r\n"                                                                  \
	"t=0 0\r\n"                                                                                \
	"m=audio 18402 RTP/AVP 18 0 100 101\r\n"                                                   \
	"c=IN IP4 192.0.2.33\r\n"                                                                  \
	"a=rtpmap:18 G729/8000\r\n"                                                                \
	"a=fmtp:18 annexb=no\r\n"                                                                  \
	"a=rtpmap:0 PCMU/8000\r\n"                                                                 \
	"a=rtpmap:100 X-NSE/8000\r\n"                                                              \
	"a=fmtp:100 192-194\r\n"                                                                   \
	"a=rtpmap:101 telephone-event/8000\r\n"                                                    \
	"a=fmtp:101 0-16\r\n"                                                                      \
	"a=X-sqn:0\r\n"                                                                            \
	"a=X-cap: 1 audio RTP/AVP 100\r\n"                                                         \
	"a=X-cpar: a=rtpmap:100 X-NSE/8000\r\n"                                                    \
	"m=image 18404 udptl t38\r\n"                                                              \
	"c=IN IP4 192.0.2.33\r\n"                                                                  \
	"a=T38FaxVersion:0\r\n"                                                                    \
	"a=T38MaxBitRate:14400\r\n"                                                                \
	"a=T38FaxUdpEC:t38UDPRedundancy\r\n"

#define HOLD_OF_2543                                                                               \
	"v=0\r\no=- 1 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"               \
	"m=audio 4000 RTP/AVP 0\r\n"

#define IPV6                                                                                       \
	"v=0\r\no=- 1 1 IN IP6 2001:db8::9\r\ns=-\r\nc=IN IP6 2001:db8::9\r\nt=0 0\r\n"            \
	"m=audio 4000 RTP/AVP 0\r\na=rtcp:4003 IN IP6 2001:db8::a\r\n"

/* No s=, no t=, LF and CRLF mixed, blanks at the ends, an empty line, a line that is none. */
#define SLOPPY                                                                                     \
	"v=0 \n"                                                                                   \
	"o=Jane Doe 17 18 IN IP4 198.51.100.2\r\n"                                                 \
	"c=IN IP4 198.51.100.2 \r\n"                                                               \
	"m=audio  5000  RTP/AVP  0 8  \n"                                                          \
	"\r\n"                                                                                     \
	"what is this\r\r\n"                                                                       \
	"a=\n"                                                                                     \
	"a=RtpMap: 8  PCMA/8000 \r\n"                                                              \
	"a=sendonly  \r\n"                                                                         \
	"z"

/* DTLS of an answer that is all at session level, with a second m-line that is rejected. */
#define SESSION_LEVEL                                                                              \
	"v=0\r\n"                                                                                  \
	"o=- 20 1 IN IP4 198.51.100.3\r\n"                                                         \
	"s=-\r\n"                                                                                  \
	"c=IN IP4 198.51.100.3\r\n"                                                                \
	"t=0 0\r\n"                                                                                \
	"a=ice-lite\r\n"                                                                           \
	"a=ice-ufrag:sess\r\n"                                                                     \
	"a=ice-pwd:sessionsessionsessionses\r\n"                                                   \
	"a=ice-options:ice2 trickle\r\n"                                                           \
	"a=fingerprint:" FP "\r\n"                                                                 \
	"a=setup:passive\r\n"                                                                      \
	"a=tls-id:0123456789abcdef0123\r\n"                                                        \
	"a=recvonly\r\n"                                                                           \
	"m=audio 6000 UDP/TLS/RTP/SAVP 0\r\n"                                                      \
	"m=video 0 UDP/TLS/RTP/SAVP 96\r\n"                                                        \
	"a=setup:active\r\n"                                                                       \
	"a=fingerprint:" FP_OTHER "\r\n"                                                           \
	"a=sendonly\r\n"                                                                           \
	"a=ice-ufrag:medi\r\n"

static const struct {
	const char *name, *text;
} TEXTS[] = {
	{"Chromium", CHROMIUM},
	{"Firefox", FIREFOX},
	{"Asterisk", ASTERISK},
	{"Linphone", LINPHONE},
	{"FreeSWITCH", FREESWITCH},
	{"Cisco", CISCO},
	{"hold", HOLD_OF_2543},
	{"IPv6", IPV6},
	{"sloppy", SLOPPY},
	{"session", SESSION_LEVEL},
	{"short", "v=0"},
	{"no m-line", "v=0\r\ns=-\r\n\r\n"},
	{"blanks", ASTERISK " \r\n\n  "},
};

#define TEXTS_N (sizeof(TEXTS) / sizeof(TEXTS[0]))

#endif
