# SPDX-License-Identifier: Apache-2.0
"""Attacks on calls in passthrough: who has heard a check on its way, who sprays ports before the
answer, who forges the address of a peer. None of them may turn a stream to somewhere else."""
import os
import select
import socket

import pytest

import media_attack as attack
import media_kit as kit
import media_webrtc as webrtc
from test_media_passthrough import calls, is_silent, media_of, talk, without_ice
from test_media_restart import StatefulRelay

HOST, ELSEWHERE = "127.0.0.1", "127.66.0.1"
RTP = b"\x80\0\0\1" + bytes(168)


class Lite(webrtc.Browser):
    """Answers checks, and asks nothing."""

    def check(self, *args, **keys):
        raise AssertionError("a lite agent asks nothing")


class Overheard(webrtc.Browser):
    """Keeps what it has sent, as somebody on the way may."""

    def __init__(self, *args, **keys):
        super().__init__(*args, **keys)
        self.sent, own = [], self.socket

        class Tap:
            """The socket, with an ear."""
            def sendto(_, data, to):
                self.sent.append(data)
                return own.sendto(data, to)

            def __getattr__(_, name):
                return getattr(own, name)
        self.socket = Tap()


@pytest.fixture
def relay(tmp_path):
    one = StatefulRelay(tmp_path, ports=20).start()
    yield one
    assert one.stop() == 0, one.logged()


@pytest.fixture
def stranger():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((ELSEWHERE, 0))
        yield one


def checked_again(a, times):
    """The checks by which a keeps its pair, answered by who is asked (RFC 7675)."""
    for _ in range(times):
        a.check(nominate=True)
        assert select.select([a.peer.socket], [], [], 2)[0]
        while a.peer.turn(0):
            pass
        while a.turn(0):
            pass


@pytest.mark.parametrize("later", [0, 40, 400, "a restart"])
def test_an_old_check_that_was_heard_on_its_way_moves_nothing(relay, made, stranger, later):
    a, b = made(Overheard), made(webrtc.Browser)
    calls(relay, a, b, "replay")
    webrtc.connect_ends(a, b)
    old, a.peer = [data for data in a.sent if data[:2] == b"\0\1"], b
    assert old
    if later == "a restart":
        relay.restart()
    else:
        checked_again(a, later)
    for data in old:
        stranger.sendto(data, a.to)
    stranger.sendto(RTP, a.to)
    assert is_silent(stranger), "it is answered"
    assert talk(a, b) and is_silent(stranger), "what is a's went to a stranger"
    drops = media_of(relay, "replay", "a")["drops"]
    assert drops == {"stun_refused": len(old), "not_validated": 1}, drops


def test_a_new_check_from_elsewhere_moves_it_as_before(relay, made):
    """A NAT that has given it another address; the relay was not restarted, nor the session old."""
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    calls(relay, a, b, "moved")
    webrtc.connect_ends(a, b)
    a.peer = b
    checked_again(a, 40)
    a.socket.close()
    a.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    a.socket.bind((HOST, 0))
    checked_again(a, 1)
    assert talk(a, b)


def answered(relay, a, b, call_id, between, b_sdp=None):
    """A call with something between its offer and its answer."""
    told = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=a.sdp(),
                        flags=["passthrough"])
    assert told["result"] == "ok", told
    between()
    b.hear(kit.Told(told["sdp"]))
    told = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b",
                        sdp=b_sdp or b.sdp("active"))
    assert told["result"] == "ok", told
    a.hear(kit.Told(told["sdp"]))
    b.role = "active"


def check_lite(full, lite):
    """The only one who may ask."""
    assert webrtc.pump((full, lite), lambda: full.checks > 0,
                       each=lambda peer: peer is full and peer.check(), timeout=3), "kept out"


def test_what_was_learned_without_ice_is_nothing_to_ice(relay, made, stranger):
    """Of two that answer the first has none, and a stranger is quicker than the caller, which is
    lite: it sends nothing before it is asked, and nobody takes the stranger's place."""
    a, b, c = made(Lite, lite=True), made(webrtc.Browser), made(webrtc.Browser)
    answered(relay, a, b, "forks", lambda: None, without_ice(b.sdp("active")))
    for _ in range(20):
        stranger.sendto(RTP, a.to)
    relay.ng.ask("ping")
    reply = relay.ng.ask("offer", call_id="forks", from_tag="a", via_branch="c", sdp=a.sdp(),
                         flags=["passthrough"])
    c.hear(kit.Told(reply["sdp"]))
    reply = relay.ng.ask("answer", call_id="forks", from_tag="a", to_tag="c", via_branch="c",
                         sdp=c.sdp("active"))
    assert reply["result"] == "ok", reply
    check_lite(c, a)
    assert is_silent(stranger)


def test_a_forged_candidate_of_a_lite_end_is_not_where_it_is_asked_from_then_on(relay, made,
                                                                              stranger):
    """Anything from there is heard: the end's SDP names it, and it has no password to show. The
    stranger here stands for who can forge that address as a source."""
    a, b = made(webrtc.Browser), made(Lite, lite=True)
    line = f"a=candidate:2 1 UDP 1 {ELSEWHERE} {stranger.getsockname()[1]} typ host\r\na=setup:"
    answered(relay, a, b, "forged", lambda: None, b.sdp("active").replace("a=setup:", line))
    for data in (RTP, attack.stun_bare(0x0101), attack.stun_bare()):
        stranger.sendto(data, b.to)
    check_lite(a, b)
    while stranger in select.select([stranger], [], [], 0)[0]:
        assert stranger.recv(2048)[:1] != b"\0", "what was asked of b went to the forged address"


def test_a_lite_end_that_moves_is_asked_where_it_is_now(relay, made):
    """It never asks, so nothing but SDP can say so (RFC 8445 section 9)."""
    a, b = made(webrtc.Browser), made(Lite, lite=True)
    calls(relay, a, b, "lite")
    check_lite(a, b)
    b.socket.close()
    b.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    b.socket.bind((HOST, 0))
    b.port = b.socket.getsockname()[1]
    for peer in (a, b):
        peer.restart_ice()
    while a.turn(0.1):
        pass
    a.checks, a.asked = 0, set()
    calls(relay, a, b, "lite", offer={"to_tag": "b", "flags": []})
    check_lite(a, b)


def test_no_datagram_of_a_stranger_makes_the_relay_send_to_a_third(relay, made, stranger):
    """Under every kind of STUN, with the names of both ends and no password."""
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    to_a, to_b = calls(relay, a, b, "third")
    webrtc.connect_ends(a, b)
    heard = []
    for peer in (a, b):
        peer.handle = lambda data, source: heard.append(data)
    victim = (socket.inet_aton(ELSEWHERE), stranger.getsockname()[1])
    for told, name in ((to_a, f"{b.ufrag}:{a.ufrag}"), (to_b, f"{a.ufrag}:{b.ufrag}")):
        for kind in (0x0001, 0x0011, 0x0101, 0x0111, 0x0003, 0x0004, 0x0008, 0x0009, 0x0017):
            mapped = b"\0\1" + victim[1].to_bytes(2, "big") + victim[0]
            stranger.sendto(webrtc.stun(kind, os.urandom(12), [
                (0x0006, name.encode()), (0x0012, mapped), (0x0020, mapped), (0x8023, mapped),
                (0x0025, b"")], b"guessed"), told.at())
    assert is_silent(stranger)
    for peer in (a, b):
        while peer.turn(0.1):
            pass
    assert not heard
    for text in (str(relay.ng.ask("query", call_id="third")), relay.logged(),
                 str(relay.ng.ask("why", call_id="third"))):
        assert a.pwd not in text and b.pwd not in text
