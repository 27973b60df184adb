# SPDX-License-Identifier: Apache-2.0
"""Passthrough: ICE, DTLS and keys of the ends go through the relay, which ends none of them."""
import os
import select
import socket

import pytest

import media_kit as kit
import media_webrtc as webrtc
from media_browser import Page

PASS = {"flags": ["passthrough"]}


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    one = kit.Relay(tmp_path_factory.mktemp("relay")).start()
    yield one
    assert one.stop() == 0


@pytest.fixture
def call_id(request, relay):
    name = f"{request.node.name}@passthrough"
    yield name
    relay.ng.ask("delete", call_id=name, delete_delay=0)


def calls(relay, a, b, call_id, offer=None, setup="active", a_sdp=None, b_sdp=None):
    """Two ends through the relay; both know where to send then."""
    told = []
    if b_sdp is None:
        b_sdp = b.sdp(setup) if isinstance(b, webrtc.Browser) else b.sdp()
    for command, sdp, keys in (
            ("offer", a_sdp or a.sdp(), {**PASS, **(offer or {})}),
            ("answer", b_sdp, {"to_tag": "b"})):
        reply = relay.ng.ask(command, call_id=call_id, from_tag="a", sdp=sdp, **keys)
        assert reply["result"] == "ok", reply
        told.append(kit.Told(reply["sdp"]))
    to_b, to_a = told
    a.hear(to_a)
    b.hear(to_b)
    b.role = setup
    return to_a, to_b


def talk(a, b):
    for one, other in ((a, b), (b, a)):
        sent = one.send(os.urandom(160))
        if other.receive() != sent:
            return False
    return True


def media_of(relay, call_id, tag, i=0):
    return relay.ng.ask("query", call_id=call_id)["tags"][tag]["medias"][i]


def lines(text, *names):
    return sorted(line for line in text.split("\r\n")
                  if line.startswith(tuple(f"a={name}" for name in names)))


ENDS = ("fingerprint", "setup", "tls-id", "crypto", "ice-ufrag", "ice-pwd", "ice-options",
        "ice-lite", "identity", "group", "mid", "rtcp-mux", "extmap")


def test_two_ends_do_ice_and_dtls_srtp_with_each_other(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    to_a, to_b = calls(relay, a, b, call_id)
    assert lines(to_b.text, *ENDS) == lines(a.sdp(), *ENDS)
    assert lines(to_a.text, *ENDS) == lines(b.sdp("active"), *ENDS)
    for told, own in ((to_a, b), (to_b, a)):
        assert str(own.port) not in told.text.split()
        at = [(c.split()[4], int(c.split()[5])) for c in told.values("candidate")]
        assert at[0] == told.at() and at[1:] in ([], [told.rtcp_at()]), told.text
    webrtc.connect_ends(a, b)
    assert talk(a, b) and talk(a, b)
    # Each holds the other's certificate, not one of ours.
    assert webrtc.fingerprint(a.dtls.get_peer_certificate()) == webrtc.fingerprint(b.cert)
    assert webrtc.fingerprint(b.dtls.get_peer_certificate()) == webrtc.fingerprint(a.cert)
    for tag in "ab":
        party = relay.ng.ask("query", call_id=call_id)["tags"][tag]
        assert party["media identity"] == "unbound"
        assert party["media identity reason"].startswith("passthrough: the ends hold the keys")
        assert {"passthrough", "rtcp-mux"} <= set(party["medias"][0]["flags"])
        assert "DTLS state" not in party["medias"][0] and "drops" not in party["medias"][0]
    for leg in relay.ng.ask("why", call_id=call_id)["legs"]:
        assert leg["lines"] == [
            "audio flows both ways: 2 packets in, 2 out",
            "passthrough: the ends hold the keys, so here its identity is unbound: "
            "mky stays end to end"], leg


def test_a_bundle_of_two_m_lines_goes_through_one_pair_of_ports(relay, made, call_id):
    medias = (("audio", ("0", "a=rtpmap:0 PCMU/8000\r\n"), "0"),
              ("video", ("96", "a=rtpmap:96 VP8/90000\r\n"), "1"))
    a, b = made(webrtc.Browser, medias), made(webrtc.Browser, medias)
    to_a, to_b = calls(relay, a, b, call_id)
    assert "a=group:BUNDLE 0 1\r\n" in to_a.head and "a=group:BUNDLE 0 1\r\n" in to_b.head
    assert to_b.port(0) != to_b.port(1), "an offer has an address for each m-line"
    assert to_a.port(0) == to_a.port(1), "an answer has the group's"
    assert relay.ports_used() == 2
    webrtc.connect_ends(a, b)
    for i in (0, 1):
        sent = a.send(os.urandom(160), i)
        assert b.receive() == sent


def test_a_bundle_only_m_line_has_no_port_in_the_offer(relay, made, call_id):
    a = made(webrtc.Browser)
    extra = (f"m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 127.0.0.1\r\na=mid:1\r\na=bundle-only\r\n"
             f"a=ice-ufrag:{a.ufrag}\r\na=ice-pwd:{a.pwd}\r\n"
             f"a=fingerprint:sha-256 {webrtc.fingerprint(a.cert)}\r\na=setup:actpass\r\n")
    sdp = a.sdp().replace("BUNDLE 0", "BUNDLE 0 1") + extra
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=sdp, **PASS)
    told = kit.Told(reply["sdp"])
    assert told.port(1) == 0 and "a=bundle-only\r\n" in told.medias[1]
    assert told.values("candidate", 1) == []


def test_sdes_stays_between_the_ends(relay, made, call_id):
    """RTCP has a port of its own here, and the relay has no key of either."""
    a, b = made(webrtc.SdesPeer), made(webrtc.SdesPeer)
    to_a, to_b = calls(relay, a, b, call_id)
    assert to_b.values("crypto") == kit.Told(a.sdp()).values("crypto")
    assert to_a.values("crypto") == kit.Told(b.sdp()).values("crypto")
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert a.send_report() == b.receive(rtcp=True)
    assert b.send_report() == a.receive(rtcp=True)


STRANGE = {"stun": b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12), "dtls": b"\x16\xfe\xfd" + bytes(40),
           "rtp": b"\x80\0\0\1" + bytes(168), "rtcp": b"\x80\xc8\0\6" + bytes(24),
           "zrtp": b"\x10" + bytes(40), "turn": b"\x40\0\0\x04" + bytes(4)}


def intrude(stranger, port, times=10):
    for _ in range(times):
        for data in STRANGE.values():
            stranger.sendto(data, ("127.0.0.1", port))


def is_silent(sock):
    return not select.select([sock], [], [], 0.3)[0]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_third_address_is_neither_heard_nor_answered_beside_ice(relay, made, call_id, when):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    to_a, to_b = calls(relay, a, b, call_id)
    if when == "after":
        webrtc.connect_ends(a, b)
    heard = []
    for peer in (a, b):
        inner = peer.handle
        peer.handle = lambda data, source, inner=inner: (heard.append(data), inner(data, source))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", 0))
        for told in (to_a, to_b):
            intrude(stranger, told.port())
        # It has read the signalling, but for the passwords.
        wrong = webrtc.stun(0x0001, os.urandom(12), [
            (0x0006, f"{a.peer_ufrag}:{a.ufrag}".encode()), (0x0025, b"")], b"x" * 32)
        stranger.sendto(wrong, to_a.at())
        assert is_silent(stranger)
        for peer in (a, b):
            while peer.turn(0.05):
                pass
        assert not [data for data in heard if data in (*STRANGE.values(), wrong)]
        if when == "before":
            webrtc.connect_ends(a, b)
        assert talk(a, b) and is_silent(stranger)
    for tag, refused in (("a", 11), ("b", 10)):
        drops = media_of(relay, call_id, tag)["drops"]
        assert (drops["stun_refused"], drops["not_validated"]) == (refused, 50), drops


def test_a_peer_behind_a_nat_is_known_by_the_password(relay, made, call_id):
    """The address that it sends from is in no candidate."""
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, call_id, a_sdp=a.sdp().replace(str(a.port), "9"))
    webrtc.connect_ends(a, b)
    assert talk(a, b)


def test_a_lite_end_is_known_by_its_candidates(relay, made, call_id):
    class Lite(webrtc.Browser):
        """Answers checks, and asks nothing."""
        def check(self, *args, **keys):
            raise AssertionError("a lite agent asks nothing")
    a, b = made(webrtc.Browser), made(Lite, lite=True)
    to_a, _ = calls(relay, a, b, call_id)
    assert to_a.head.count("a=ice-lite\r\n") == 1
    assert webrtc.pump((a, b), lambda: a.checks > 0, each=lambda peer: peer is a and peer.check())
    for peer in (a, b):
        peer.begin_dtls()
    assert webrtc.pump((a, b), lambda: a.out is not None and b.out is not None, each=webrtc.shake)
    assert talk(a, b)


def test_an_end_may_restart_ice_within_the_call(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, call_id)
    webrtc.connect_ends(a, b)
    old = a.socket
    a.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.socket.bind(("127.0.0.1", 0))
    a.port = a.socket.getsockname()[1]
    for peer in (a, b):
        peer.restart_ice()
        peer.checks = 0
    to_a, to_b = calls(relay, a, b, call_id, offer={"to_tag": "b", "flags": []})
    assert to_b.value("ice-ufrag") == a.ufrag and to_a.value("ice-ufrag") == b.ufrag
    webrtc.check_ice(a, b)
    assert talk(a, b) and is_silent(old)
    # Where it was before it is a stranger.
    old.sendto(a.out.protect(a.packet(b"x" * 160)), a.to)
    assert b.receive(0.3) is None
    old.close()


def without_ice(sdp):
    return "".join(line for line in sdp.splitlines(True)
                   if not line.startswith(("a=ice", "a=candidate")))


def test_dtls_between_ends_without_ice_goes_through(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    to_a, to_b = calls(relay, a, b, call_id, a_sdp=without_ice(a.sdp()),
                       b_sdp=without_ice(b.sdp("active")))
    assert "candidate" not in to_a.text + to_b.text
    for peer in (a, b):
        peer.begin_dtls()
    assert webrtc.pump((a, b), lambda: a.out is not None and b.out is not None, each=webrtc.shake)
    assert talk(a, b)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        intrude(stranger, to_a.port())
        assert is_silent(stranger)
    assert media_of(relay, call_id, "a")["drops"] == {"source": 60}
    assert talk(a, b)


def test_of_two_that_answer_the_last_is_the_one_that_is_talked_to(relay, made, call_id):
    a, b, c = made(webrtc.Browser), made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, call_id)
    webrtc.check_ice(a, b)
    c.hear(kit.Told(relay.ng.ask("offer", call_id=call_id, from_tag="a", via_branch="c",
                                 sdp=a.sdp(), **PASS)["sdp"]))
    told = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="c", via_branch="c",
                        sdp=c.sdp("active"))
    a.hear(kit.Told(told["sdp"]))
    a.checks = 0
    webrtc.connect_ends(a, c)
    assert talk(a, c)
    a.send()
    assert not b.got


def test_without_ice_the_source_lock_is_that_of_plain_rtp(relay, made, call_id):
    a, b, stranger = made(), made(), made()
    calls(relay, a, b, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    for _ in range(20):
        stranger.send(to=a.to)
    assert b.receive(0.3) is None and stranger.receive(0.1) is None
    assert media_of(relay, call_id, "a")["drops"] == {"source": 20}
    assert kit.relayed(a, b)


@pytest.mark.parametrize("kind", STRANGE)
def test_each_kind_of_rfc7983_goes_through_as_it_is(relay, made, call_id, kind):
    a, b = made(), made()
    calls(relay, a, b, call_id)
    a.rtp.sendto(STRANGE[kind], a.to)
    assert b.receive() == STRANGE[kind] and a.receive(0.1) is None


@pytest.mark.parametrize("asks", [
    {"ICE": "force"}, {"ICE": "remove"}, {"DTLS": "passive"}, {"DTLS-reverse": "active"},
    {"transport-protocol": "RTP/AVP"}, {"rtcp-mux": ["demux"]}, {"bundle": "reject"},
    {"SDES": ["off"]}, {"OSRTP": "offer"}, {"flags": ["passthrough", "record-call"]},
    {"flags": ["passthrough", "detect-DTMF"]}, {"flags": ["passthrough", "WebRTC"]},
    {"flags": ["passthrough", "generate-mid"]}], ids=str)
def test_a_flag_that_it_excludes_is_refused_with_the_reason(relay, made, call_id, asks):
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=made().sdp(),
                         **{**PASS, **asks})
    assert reply["result"] == "error" and "passthrough" in reply["error-reason"], reply
    assert call_id not in relay.ng.ask("list")["calls"]


def test_a_refused_re_offer_leaves_the_call_as_it_was(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, call_id)
    webrtc.connect_ends(a, b)
    for command in ("offer", "answer"):
        reply = relay.ng.ask(command, call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp(),
                             ICE="force")
        assert reply["result"] == "error", reply
    assert talk(a, b)


def test_a_call_that_was_ended_here_cannot_become_passthrough(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp(), **PASS)
    assert reply["error-reason"] == \
        "The media of this call is ended here: passthrough is for its first offer"
    assert kit.relayed(a, b)


@pytest.mark.parametrize("command", [
    "play media", "play DTMF", "start listening", "start recording", "silence media",
    "subscribe request"])
def test_what_needs_the_keys_is_refused_with_the_reason(relay, made, call_id, command):
    a, b = made(), made()
    calls(relay, a, b, call_id)
    reply = relay.ng.ask(command, call_id=call_id, from_tag="a", code="1", file="x.wav")
    assert reply["error-reason"] == "The ends hold the keys of this call (passthrough)"


def test_media_can_be_blocked_and_the_ends_still_reach_each_other(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, call_id)
    assert relay.ng.ask("block media", call_id=call_id, all="all")["result"] == "ok"
    webrtc.connect_ends(a, b)
    a.send()
    assert b.receive(0.3) is None
    assert media_of(relay, call_id, "a")["drops"] == {"blocked": 1}
    relay.ng.ask("unblock media", call_id=call_id, all="all")
    assert talk(a, b)


@pytest.mark.parametrize("signed", ["its own", "another", "stripped"])
def test_fingerprints_that_the_identity_did_not_sign_pass_nothing(relay, made, call_id, signed):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    other = webrtc.certificate()[0]
    digest = webrtc.fingerprint(other if signed == "another" else a.cert).replace(":", "")
    sdp = a.sdp()
    if signed == "stripped":
        sdp = "".join(line for line in sdp.splitlines(True) if "fingerprint" not in line)
    calls(relay, a, b, call_id, offer={"media identity": [f"sha256 {digest}"]}, a_sdp=sdp)
    party = relay.ng.ask("query", call_id=call_id)["tags"]["a"]
    if signed == "its own":
        webrtc.connect_ends(a, b)
        assert talk(a, b) and party["media identity"] == "unbound"
        return
    for peer in (a, b):
        peer.check()
        assert not peer.turn(0.2)
    assert party["media identity"] == "mismatch"
    assert party["medias"][0]["why"][0] == ("a fingerprint of its SDP is not one that its identity "
                                            "signed, or it has none: nothing passes")


@pytest.fixture
def pages(browser):
    made = Page(browser, 440), Page(browser, 1000)
    yield made
    for page in made:
        page.shut()


def meet(relay, pages, call_id, **keys):
    """The first page calls the second; what each was told."""
    a, b = pages
    told = {"call_id": call_id, "from_tag": "a"}
    offer = a.offer(*keys.pop("options", ()))
    to_b = relay.ng.ask("offer", sdp=offer, **told, **keys)["sdp"]
    answer = b.answer(to_b)
    to_a = relay.ng.ask("answer", to_tag="b", sdp=answer, **told)["sdp"]
    a.accept(to_a)
    return (offer, to_b), (answer, to_a)


def test_two_browsers_hear_and_see_each_other_with_their_own_keys(relay, pages, call_id):
    for page in pages:
        page.addVideo()
    a, b = pages
    for said, told in meet(relay, pages, call_id, **PASS):
        assert lines(told, *ENDS) == lines(said, *ENDS)
        hosts = {line.split()[4] for line in lines(told, "candidate")}
        assert hosts == {"127.0.0.1"}, told
        assert {line.split()[5] for line in lines(told, "candidate")}.isdisjoint(
            line.split()[5] for line in lines(said, "candidate"))
    for one, other in ((a, b), (b, a)):
        one.assert_state(dtls="connected")
        one.assert_hears(other.hz)
        one.assert_sees()
    assert relay.ports_used() == 2
    meet(relay, pages, call_id, options=({"iceRestart": True},), to_tag="b")
    for one, other in ((a, b), (b, a)):
        one.assert_hears_anew(other.hz)
