# SPDX-License-Identifier: Apache-2.0
"""Calls survive a restart of the relay: SIGTERM, and a new process that takes them up."""
import itertools
import os
import re
import signal
import socket
import time

import pytest

import media_kit as kit
import media_webrtc as webrtc

IDS = (f"restart-{n}" for n in itertools.count(1))
TO_SIP = {"ICE": "remove", "transport-protocol": "RTP/AVP", "rtcp-mux": ["demux"]}
TO_SDES = {"transport-protocol": "RTP/SAVP", "ICE": "remove"}
TO_PLAIN = {"transport-protocol": "RTP/AVP", "ICE": "remove"}
STOP_S = 5


class StatefulRelay(kit.Relay):
    """A relay with a state file."""

    def __init__(self, directory, **options):
        super().__init__(directory, delete_delay="0s", **options)
        self.state, self.key = self.directory / "calls.state", self.directory / "state.key"
        self.new_key()
        with open(self.conf, "a") as conf:
            conf.write(f"[state]\nfile = {self.state}\nkey_file = {self.key}\n")

    def new_key(self):
        self.key.touch(mode=0o600)
        self.key.write_bytes(os.urandom(32))

    def terminate(self):
        """SIGTERM, and the process is gone: at once, with calls that run."""
        self.process.send_signal(signal.SIGTERM)
        code, self.process = self.process.wait(STOP_S), None
        self.ng.close()
        return code

    def restart(self):
        assert self.terminate() == 0, self.logged()
        assert self.state.exists(), self.logged()
        self.start()
        assert not self.state.exists()


@pytest.fixture(scope="module", params=[False, True], ids=["own ports", "shared port"])
def relay(request, tmp_path_factory):
    running = StatefulRelay(tmp_path_factory.mktemp("relay"), webrtc=request.param,
                            workers=2).start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture
def call_id(relay):
    name = next(IDS)
    yield name
    reply = relay.ng.ask("delete", call_id=name)
    assert reply["result"] == "ok" and "warning" not in reply, reply
    assert relay.ng.ask("list")["calls"] == []
    assert relay.ports_used() == 0


def set_up(relay, a, b, call_id, offer, answer):
    to_b = relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp(), **offer)
    b.hear(to_b)
    to_a = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp(), **answer)
    a.hear(to_a)
    return to_a, to_b


def passes(sender, receiver, n=3):
    """n packets arrive as they were sent, each once and nothing else."""
    sent = [sender.send(os.urandom(160)) for _ in range(n)]
    got = [receiver.receive() for _ in range(n)]
    more = receiver.drain(0.05)
    if got != sent or more:
        print("sent", [one[:12].hex() for one in sent])
        print("got", [one and one[:12].hex() for one in got + more])
    return got == sent and not more


def talk(a, b, n=3):
    return passes(a, b, n) and passes(b, a, n)


class Wire:
    """Wraps a peer's SRTP in: every index that came, by its source; none may come twice."""

    def __init__(self, peer):
        self.seen, self.peer = [], peer
        inner = peer.back.index

        def index(packet):
            found = inner(packet)
            self.seen.append(found)
            return found
        peer.back.index = index

    def is_clean(self):
        return len(set(self.seen)) == len(self.seen)


def test_plain_calls_talk_on_without_signalling(relay, made, call_id):
    a, b, stranger = made(kit.RtpPeer), made(kit.RtpPeer), made(kit.RtpPeer)
    to_a, to_b = set_up(relay, a, b, call_id, {"label": "caller"}, {})
    assert talk(a, b)
    before = relay.ng.ask("query", call_id=call_id)
    relay.restart()
    assert talk(a, b), relay.logged()
    assert stranger.send(to=a.to) and b.receive(0.2) is None, "the lock on the source holds"
    a.send_report()
    assert b.receive(rtcp=True), "RTCP too"
    after = relay.ng.ask("query", call_id=call_id)
    assert after["created"] == before["created"] and sorted(after["tags"]) == ["a", "b"]
    assert after["tags"]["a"]["label"] == "caller"
    packets = [q["totals"]["RTP"]["packets"] for q in (before, after)]
    assert packets == [6, 12], "what was counted is"
    assert relay.metric('attestel_media_calls_restored_total{result="restored"}') == 1
    assert relay.metric('attestel_media_packets_total{direction="in",kind="rtp"}') <= 8
    again_b = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp())
    again_a = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert (again_a.at(), again_b.at()) == (to_a.at(), to_b.at())
    assert talk(a, b)


def test_only_what_came_meanwhile_is_lost(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, {}, {})
    assert talk(a, b)
    before = [a.send(b"before") for _ in range(5)]
    assert [b.receive() for _ in before] == before
    assert relay.terminate() == 0
    for _ in range(5):
        a.send(b"meanwhile")
    relay.start()
    after = [a.send(b"after") for _ in range(5)]
    assert b.drain() == after


def test_three_restarts_are_as_one(relay, made, call_id):
    a, b = made(webrtc.SdesPeer, "AEAD_AES_128_GCM"), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, TO_PLAIN, {})
    wire = Wire(a)
    for _ in range(3):
        assert talk(a, b)
        relay.restart()
    assert talk(a, b) and wire.is_clean() and len(wire.seen) == 12


@pytest.mark.parametrize("suite", ["AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"])
@pytest.mark.parametrize("rolls", ["before", "across"])
def test_sdes_keys_and_rollover_go_on(relay, made, call_id, suite, rolls):
    a, b = made(webrtc.SdesPeer, suite), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, TO_PLAIN, {})
    wire = Wire(a)
    a.sequence = b.sequence = 65530 if rolls == "before" else 65533
    assert talk(a, b, 10 if rolls == "before" else 2)
    relay.restart()
    assert talk(a, b, 10), relay.logged()
    assert a.back.roc[b.ssrc] == 1 and a.out.roc[a.ssrc] == 1
    assert wire.is_clean()


@pytest.mark.parametrize("suite", ["AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"])
def test_nothing_of_before_is_heard_or_protected_twice(relay, made, call_id, suite):
    a, b = made(webrtc.SdesPeer, suite), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, TO_PLAIN, {})
    plain = [b.packet(bytes([n]) * 160) for n in range(40)]
    secured = [a.out.protect(a.packet(bytes([n]) * 160)) for n in range(40)]
    for peer, packets in ((a, secured), (b, plain)):
        for packet in packets:
            peer.rtp.sendto(packet, peer.to)
    assert len(a.drain()) == 40 and len(b.drain()) == 40
    relay.restart()
    for peer, packets in ((a, secured), (b, plain)):
        for packet in packets:
            peer.rtp.sendto(packet, peer.to)
    assert a.receive(0.3) is None and b.receive(0.1) is None
    assert talk(a, b)
    for peer, packets in ((a, secured), (b, plain)):
        for packet in packets:
            peer.rtp.sendto(packet, peer.to)
    assert a.receive(0.3) is None and b.receive(0.1) is None


def test_a_key_that_was_offered_is_the_same_after_a_restart(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(webrtc.SdesPeer, "AEAD_AES_128_GCM")
    _, first = set_up(relay, a, b, call_id, TO_SDES, {})
    assert talk(a, b)
    relay.restart()
    second = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp(), **TO_SDES)
    assert first.values("crypto") == second.values("crypto")
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert talk(a, b)


def test_an_offer_can_be_answered_by_the_next_process(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(webrtc.SdesPeer)
    b.hear(relay.told("offer", call_id=call_id, from_tag="a", via_branch="z9", sdp=a.sdp(),
                      **TO_SDES))
    relay.restart()
    a.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp()))
    assert talk(a, b)


def browser_calls(relay, browser, phone, call_id, setup=None, **keys):
    to_phone = relay.told("offer", call_id=call_id, from_tag="a", sdp=browser.sdp(),
                          **{**TO_SIP, **keys})
    phone.hear(to_phone)
    to_browser = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                            **{"ICE": "force", **({"DTLS": setup} if setup else {})})
    browser.hear(to_browser)
    return to_browser, to_phone


def media_of(relay, call_id, tag):
    return relay.ng.ask("query", call_id=call_id)["tags"][tag]["medias"][0]


@pytest.mark.parametrize("setup", [None, "passive"], ids=["active", "passive"])
@pytest.mark.parametrize("profile", [b"SRTP_AEAD_AES_128_GCM", b"SRTP_AES128_CM_SHA1_80"])
def test_a_browser_talks_on_without_a_handshake(relay, made, call_id, setup, profile):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser.profile = profile
    to_browser, _ = browser_calls(relay, browser, phone, call_id, setup)
    browser.sequence, phone.sequence = 65533, 65530
    assert browser.connect() and talk(browser, phone)
    wire = Wire(browser)
    relay.restart()
    phone.send()
    assert browser.receive(), "before it was heard from, it is where it was"
    assert phone.drain(0) == [] and talk(browser, phone), relay.logged()
    before = browser.checks
    assert browser.ice(nominate=False) and browser.checks > before, "consent is given again"
    assert talk(browser, phone, 20) and wire.is_clean()
    assert browser.back.roc[phone.ssrc] == 1
    media = media_of(relay, call_id, "a")
    assert (media["ICE state"], media["DTLS state"]) == ("connected", "connected")
    again, _ = browser_calls(relay, browser, phone, call_id, setup)
    assert again.at() == to_browser.at()
    for name in ("ice-ufrag", "ice-pwd", "setup", "fingerprint", "tls-id", "candidate"):
        assert again.value(name) == to_browser.value(name)
    assert talk(browser, phone), "a re-offer keeps the keys"


def test_ice_and_dtls_that_a_plain_leg_was_offered_hold_in_the_next_process(relay, made, call_id):
    phone, other, browser = made(kit.RtpPeer), made(kit.RtpPeer), made(webrtc.Browser)
    set_up(relay, phone, other, call_id, {}, {})
    browser.hear(relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                            ICE="force", **{"transport-protocol": "UDP/TLS/RTP/SAVPF",
                                            "rtcp-mux": ["require"]}))
    relay.restart()
    assert kit.relayed(phone, other) and kit.relayed(other, phone)
    browser.role = "active"
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=browser.sdp("active"))
    assert browser.connect() and talk(browser, phone)


def test_media_of_a_browser_comes_from_where_ice_was(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    relay.restart()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.sendto(browser.out.protect(browser.packet(b"x" * 160)), browser.to)
        assert phone.receive(0.2) is None
        browser.check(sock=other)
        time.sleep(0.2)
        other.sendto(browser.out.protect(browser.packet(b"y" * 160)), browser.to)
        assert phone.receive()[-160:] == b"y" * 160, "a new pair is proved as ever"


@pytest.mark.parametrize("setup", [None, "passive"], ids=["active", "passive"])
def test_what_is_said_in_the_association_of_before_is_not_heard(relay, made, call_id, setup):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id, setup)
    assert browser.connect() and talk(browser, phone)
    relay.restart()
    browser.dtls.shutdown()
    browser.flush()
    assert talk(browser, phone)
    assert media_of(relay, call_id, "a")["DTLS state"] == "connected"


@pytest.mark.parametrize("setup", [None, "passive"], ids=["active", "passive"])
def test_another_certificate_is_another_handshake(relay, made, call_id, setup):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id, setup)
    assert browser.connect() and talk(browser, phone)
    old = browser.out
    relay.restart()
    browser.new_certificate()
    browser_calls(relay, browser, phone, call_id, setup)
    assert browser.handshake() and browser.out is not old and talk(browser, phone)


def mky(cert):
    return ["sha256 " + webrtc.fingerprint(cert)]


def test_the_bond_of_identity_and_certificate_holds(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    identity = {"media identity": mky(browser.cert)}
    browser_calls(relay, browser, phone, call_id, **identity)
    assert browser.connect() and talk(browser, phone)
    relay.restart()
    assert relay.ng.ask("query", call_id=call_id)["tags"]["a"]["media identity"] == "bound"
    assert talk(browser, phone)
    other, _ = webrtc.certificate()
    browser_calls(relay, browser, phone, call_id, **{"media identity": mky(other)})
    assert relay.ng.ask("query", call_id=call_id)["tags"]["a"]["media identity"] == "mismatch"
    browser.send()
    assert phone.receive(0.2) is None, "what is signed is asked of the certificate of before"


def test_many_calls_come_back_to_their_ports(relay, made):
    calls = [(next(IDS), made(kit.RtpPeer), made(kit.RtpPeer)) for _ in range(40)]
    told = [set_up(relay, a, b, name, {}, {}) for name, a, b in calls]
    used = relay.ports_used()
    assert used == 80
    relay.restart()
    assert relay.ports_used() == used and len(relay.ng.ask("list", limit=100)["calls"]) == 40
    for (name, a, b), (to_a, to_b) in zip(calls, told):
        assert talk(a, b, 1)
        assert (a.to, b.to) == (to_a.at(), to_b.at())
        assert relay.ng.ask("delete", call_id=name)["result"] == "ok"
    assert relay.ng.ask("list")["calls"] == [] and relay.ports_used() == 0


def test_a_call_whose_port_is_gone_is_let_go_and_told(relay, made, call_id):
    a, b, lost = made(kit.RtpPeer), made(kit.RtpPeer), next(IDS)
    set_up(relay, a, b, call_id, {}, {})
    c, d = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(relay, c, d, lost, {}, {})
    assert relay.terminate() == 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.bind(c.to)
        relay.start()
        assert relay.ng.ask("list")["calls"] == [call_id]
        assert talk(a, b)
        assert relay.metric('attestel_media_calls_restored_total{result="lost"}') == 1
        assert re.search(f"event=call.lost .*call_id={lost} .*port", relay.logged())
    assert relay.ports_used() == 2


def test_what_a_call_was_told_to_do_is_done_after_it(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, {}, {})
    assert relay.ng.ask("block media", call_id=call_id, from_tag="a")["result"] == "ok"
    relay.restart()
    a.send()
    assert b.receive(0.2) is None and passes(b, a)
    assert relay.ng.ask("unblock media", call_id=call_id, from_tag="a")["result"] == "ok"
    assert talk(a, b)


@pytest.fixture
def lonely(tmp_path):
    """A relay of its own, which the test starts and may end; no call of it is looked after."""
    running = StatefulRelay(tmp_path, drain="2s")
    yield running
    if running.process:
        running.process.kill()
        running.process.wait()


def test_the_file_tells_nobody_anything(lonely, made):
    lonely.start()
    a, b = made(webrtc.SdesPeer), made(kit.RtpPeer)
    set_up(lonely, a, b, "whose-call-1", TO_PLAIN, {})
    assert lonely.terminate() == 0
    data = lonely.state.read_bytes()
    assert b"whose-call" not in data and a.key not in data and a.line().encode()[-30:] not in data
    assert lonely.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["key", "byte", "none of ours"])
def test_a_file_that_is_not_its_own_is_refused_and_gone(lonely, made, change):
    lonely.start()
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(lonely, a, b, next(IDS), {}, {})
    assert lonely.terminate() == 0
    if change == "key":
        lonely.new_key()
    elif change == "byte":
        data = bytearray(lonely.state.read_bytes())
        data[len(data) // 2] ^= 1
        lonely.state.write_bytes(data)
    else:
        lonely.state.write_bytes(os.urandom(4000))
    lonely.start()
    assert "event=state.refused" in lonely.logged()
    assert lonely.ng.ask("list")["calls"] == [] and lonely.ports_used() == 0
    assert not lonely.state.exists()


def test_a_file_is_taken_once(lonely, made):
    lonely.start()
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(lonely, a, b, next(IDS), {}, {})
    assert lonely.terminate() == 0
    copy = lonely.state.read_bytes()
    lonely.start()
    assert len(lonely.ng.ask("list")["calls"]) == 1
    lonely.process.kill()
    lonely.process.wait()
    assert not lonely.state.exists() and copy
    lonely.start()
    assert lonely.ng.ask("list")["calls"] == []


def test_where_no_file_can_be_written_calls_go_on_and_are_waited_for(lonely, made):
    lonely.start()
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(lonely, a, b, "kept", {}, {})
    lonely.state.with_name(lonely.state.name + ".new").mkdir()
    lonely.process.send_signal(signal.SIGTERM)
    kit.wait_until(lambda: "event=media.drain" in lonely.logged())
    assert "event=state.failed" in lonely.logged()
    assert talk(a, b)
    assert lonely.ng.ask("delete", call_id="kept")["result"] == "ok"
    assert lonely.process.wait(STOP_S) == 0
    lonely.process = None


def test_another_number_of_workers_takes_up_what_has_its_own_ports(lonely, made):
    lonely.start()
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    set_up(lonely, a, b, "moved", {}, {})
    assert lonely.terminate() == 0
    lonely.conf.write_text(lonely.conf.read_text().replace("[media]\n", "[media]\nworkers = 3\n"))
    lonely.start()
    assert talk(a, b)
    assert lonely.ng.ask("delete", call_id="moved")["result"] == "ok"
    assert lonely.ports_used() == 0


def test_without_the_key_it_does_not_start(lonely):
    lonely.key.unlink()
    with pytest.raises(AssertionError):
        lonely.start()
    assert lonely.process.wait(STOP_S) == 1 and "event=media.start" in lonely.logged()


def test_ends_that_hold_the_keys_talk_on(relay, made, call_id):
    """Passthrough: addresses that were proved stay so, and the ends notice nothing."""
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    to_b = relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp(), flags=["passthrough"])
    to_a = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp("active"))
    a.hear(to_a)
    b.hear(to_b)
    webrtc.connect_ends(a, b)
    assert talk(a, b)
    relay.restart()
    assert talk(a, b)
    media = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["medias"][0]
    assert "passthrough" in media["flags"] and "drops" not in media
    # The password is known as before, and so is who has none.
    for peer in (a, b):
        peer.checks = 0
    webrtc.check_ice(a, b)
    stranger = made(kit.RtpPeer)
    stranger.send(to=to_a.at())
    assert b.receive(0.3) is None
    drops = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["medias"][0]["drops"]
    assert drops == {"not_validated": 1}
    assert relay.ng.ask("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp(),
                        ICE="force")["result"] == "error"


def test_a_passthrough_without_ice_keeps_its_source_lock(relay, made, call_id):
    a, b, stranger = made(webrtc.SdesPeer), made(webrtc.SdesPeer), made(kit.RtpPeer)
    set_up(relay, a, b, call_id, {"flags": ["passthrough"]}, {})
    assert talk(a, b)
    relay.restart()
    stranger.send(to=a.to)
    assert b.drain(0.2) == [] and talk(a, b)
