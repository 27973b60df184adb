# SPDX-License-Identifier: Apache-2.0
"""Commands in no order, with any flags and any SDP: each is answered, and nothing is left."""
import os
import random

import pytest

import media_kit as kit
import media_webrtc as webrtc

COMMANDS = int(os.environ.get("ATTESTEL_MEDIA_COMMANDS", "4000"))
VP8 = ("96", "a=rtpmap:96 VP8/90000\r\n")
AUDIO, VIDEO = ("audio", ("0 8 101", kit.CODECS[1]), "0"), ("video", VP8, "1")
OTHERS = ["delete", "query", "subscribe request", "subscribe answer", "unsubscribe", "block media",
          "unblock media", "silence media", "block DTMF", "list", "statistics", "why"]
PROTOCOLS = ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP",
             "UDP/TLS/RTP/SAVPF", "accept"]
CHOICES = {"ICE": ["remove", "force", "default", "optional"], "transport-protocol": PROTOCOLS,
           "bundle": ["offer", "accept", "reject", "require"], "DTLS": ["off", "passive", "active"],
           "OSRTP": ["offer", "accept"], "address-family": ["IP4", "IP6"],
           "SDES": [["off"], ["no-AEAD_AES_128_GCM"], ["only-AES_CM_128_HMAC_SHA1_80"]],
           "received-from": [["IP4", "127.0.0.1"]], "via-branch": ["1", "2"],
           "media identity": [[], ["sha256 " + "AB" * 32]], "delete-delay": [0, 1],
           "label": ["x", "y", "no token"]}
LISTS = {"rtcp-mux": ["offer", "require", "demux", "accept", "reject"],
         "flags": ["WebRTC", "generate-mid", "SDES-off", "trickle-ICE", "strict-source", "all",
                   "fragment", "asymmetric", "loop-protect", "SIP-source-address", "fatal",
                   "unheard-of", "SIPREC"],
         "from-tags": "abcd",
         "replace": ["origin", "origin-full", "username", "session-name", "sdp-version",
                     "zero-address", "force-increment-sdp-ver"]}


class Disorder:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.browsers = [webrtc.Browser(medias) for medias in ((AUDIO,), (AUDIO, VIDEO),
                                                               (VIDEO, AUDIO))]
        self.browsers.append(webrtc.Browser(lite=True))
        self.carriers = [webrtc.SdesPeer(suite) for suite in webrtc.SDES]

    def plain(self):
        rng = self.rng
        lines = rng.choice(["", "a=sendonly\r\n", "a=inactive\r\n", "a=recvonly\r\n"])
        lines += rng.choice(["", "a=rtcp-mux\r\n"])
        host = rng.choice(["127.0.0.1", "0.0.0.0", "::1", "203.0.113.9"])
        return kit.sdp(rng.choice([0, 9, 4000]), host, lines=lines) + rng.choice([
            "", kit.m_line(rng.choice([0, 5000]), media="video", codecs=VP8),
            "m=image 5004 udptl t38\r\n"])

    def browser(self):
        rng, browser = self.rng, self.rng.choice(self.browsers)
        if rng.random() < 0.2:
            browser.restart_ice()
        text = browser.sdp(rng.choice(["actpass", "active", "passive"]), rng.random() < 0.7)
        for old, new in (("a=ice-ufrag", "a=x"), ("a=fingerprint", "a=x"), ("a=mid:0", "a=mid:z"),
                         ("UDP/TLS/RTP/SAVPF", rng.choice(PROTOCOLS))):
            if rng.random() < 0.1:
                text = text.replace(old, new)
        return text

    def sdp(self):
        rng = self.rng
        return rng.choice([self.plain, self.plain, self.browser, lambda: rng.choice(
            self.carriers).sdp(proto=rng.choice(PROTOCOLS[:4]))])()

    def message(self):
        rng = self.rng
        command = rng.choice(["offer", "answer", rng.choice(OTHERS)])
        message = {"command": command, "call-id": f"disorder-{rng.randrange(12)}",
                   "from-tag": rng.choice("abc")}
        if rng.random() < 0.5 or command in ("answer", "subscribe answer", "unsubscribe"):
            message["to-tag"] = rng.choice("abcd")
        for name, values in CHOICES.items():
            if rng.random() < 0.2:
                message[name] = rng.choice(values)
        for name, values in LISTS.items():
            message[name] = rng.sample(values, rng.randrange(3))
        if command == "subscribe request" and rng.random() < 0.5:
            del message["from-tag"]
        if command in ("offer", "answer", "subscribe answer"):
            message["sdp"] = self.sdp()
        return message


@pytest.mark.parametrize("seed", [1, 2])
def test_commands_in_no_order_are_all_answered_and_leave_nothing(tmp_path, seed):
    relay = kit.Relay(tmp_path, ports=2000, webrtc=seed == 1, delete_delay="0s",
                      offer_timeout="2s", media_timeout="2s", silent_timeout="2s").start()
    disorder, stranger = Disorder(seed), kit.RtpPeer()
    results = {"ok": 0, "error": 0}
    for _ in range(COMMANDS):
        reply = relay.ng.receive(relay.ng.send(disorder.message()))
        results[reply["result"]] += 1
        if "sdp" not in reply:
            continue
        told = kit.Told(reply["sdp"])
        for i in range(len(told.medias)):
            if told.port(i) and told.host(i) == "127.0.0.1":
                stranger.send(to=told.at(i))
    assert results["ok"] > COMMANDS / 2 and results["error"] > 0
    kit.wait_until(lambda: relay.ng.ask("list")["calls"] == [])
    assert relay.ports_used() == 0
    assert relay.stop() == 0, relay.logged()[-3000:]
