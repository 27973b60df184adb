# SPDX-License-Identifier: Apache-2.0
"""T.38 and the like: m-lines over UDP that are no RTP go through the relay as datagrams."""
import os
import select
import socket

import pytest

import media_kit as kit
import test_media_restart as restart

FAX = "a=T38FaxVersion:0\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n"
IDENTITY = {"media identity": ["sha256 " + ":".join(["4A"] * 32)]}
# UDPTL begins with a counter: its first byte looks like STUN, DTLS, RTP, or nothing at all.
FIRSTS = (0, 3, 20, 63, 64, 127, 128, 191, 192, 255)


@pytest.fixture(scope="module", params=[False, True], ids=["own ports", "shared port"])
def relay(request, tmp_path_factory):
    one = restart.StatefulRelay(tmp_path_factory.mktemp("relay"), webrtc=request.param).start()
    yield one
    assert one.stop() == 0, one.logged()


class Fax:
    """A terminal: audio on one port, UDPTL on another, one m-line or the other."""

    def __init__(self, host="127.0.0.1", proto="udptl"):
        self.host, self.proto = host, proto
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.port = self.socket.getsockname()[1]
        self.to, self.count = None, 0

    def line(self, lines="", port=None):
        port = self.port if port is None else port
        return f"m=image {port} {self.proto} t38\r\n{FAX}{lines}"

    def sdp(self, lines="", said=None):
        said = said or self.host
        return (f"v=0\r\no=- 1 1 IN IP4 {said}\r\ns=-\r\nc=IN IP4 {said}\r\nt=0 0\r\n"
                + self.line(lines))

    def hear(self, told, i=0):
        self.to = told.at(i)

    def send(self, size=40, first=None, to=None):
        first = FIRSTS[self.count % len(FIRSTS)] if first is None else first
        self.count += 1
        data = bytes([first]) + os.urandom(size - 1)
        self.socket.sendto(data, to or self.to)
        return data

    def receive(self, timeout=2):
        if not select.select([self.socket], [], [], timeout)[0]:
            return None
        return self.socket.recv(65536)

    def close(self):
        self.socket.close()


def exact(sender, receiver, sizes=(1, 40, 172, 600, 1400) * 4):
    """Each datagram arrives once, and byte for byte."""
    for size in sizes:
        sent = sender.send(size)
        if receiver.receive() != sent:
            return False
    return receiver.receive(0.05) is None


def both(a, b):
    return exact(a, b) and exact(b, a)


def negotiate(relay, a, b, call_id, a_sdp=None, b_sdp=None, i=0, tags="ab", **offer):
    """An offer of a and the answer of b."""
    first, second = tags
    to_b = relay.told("offer", call_id=call_id, from_tag=first, sdp=a_sdp or a.sdp(),
                      **({"to_tag": second, **offer} if offer.pop("re", False) else offer))
    if to_b.port(i) != 0:
        b.hear(to_b, i)
    to_a = relay.told("answer", call_id=call_id, from_tag=first, to_tag=second,
                      sdp=b_sdp or b.sdp())
    a.hear(to_a, i)
    return to_a, to_b


def party(relay, call_id, tag="a"):
    return relay.ng.ask("query", call_id=call_id)["tags"][tag]


def media(relay, call_id, tag="a", i=0):
    return party(relay, call_id, tag)["medias"][i]


def intrude(port, times=20):
    """A stranger's datagrams; what came back to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.9", 0))
        for n in range(times):
            stranger.sendto(bytes([FIRSTS[n % len(FIRSTS)]]) + b"stranger" * 8,
                            ("127.0.0.1", port))
        if not select.select([stranger], [], [], 0.2)[0]:
            return b""
        return stranger.recv(65536)


@pytest.mark.parametrize("proto", ["udptl", "UDPTL", "udp"])
def test_a_fax_goes_through_byte_for_byte(relay, made, call_id, proto):
    a, b = made(Fax, proto=proto), made(Fax, proto=proto)
    told = negotiate(relay, a, b, call_id)
    for one, own in zip(told, (b, a)):
        assert one.proto() == proto and FAX in one.medias[0]
        assert one.host() == "127.0.0.1" and one.port() != own.port
        assert "a=rtcp" not in one.text and "a=candidate" not in one.text
    assert relay.ports_used() == 2
    assert both(a, b)
    for tag in "ab":
        one = media(relay, call_id, tag)
        assert one["protocol"] == proto and "drops" not in one and "SSRC" not in str(one)
        assert "datagrams" in one["flags"] and len(one["streams"]) == 1
        stream = one["streams"][0]
        assert stream["stats"]["packets"] == stream["stats_out"]["packets"] == 20
        assert stream["stats"]["bytes"] == stream["stats_out"]["bytes"] == 4 * 2213
        assert stream["flags"] == ["datagrams", "filled", "confirmed"]
    assert relay.ng.ask("query", call_id=call_id)["totals"]["datagrams"]["packets"] == 40
    for leg in relay.ng.ask("why", call_id=call_id)["legs"]:
        assert leg["lines"] == ["image flows both ways: 20 datagrams in, 20 out"], leg


@pytest.mark.parametrize("proto", ["TCP", "TCPTL", "TCP/MSRP"])
def test_what_is_no_udp_stays_as_it_came(relay, made, call_id, proto):
    a, b = made(Fax, proto=proto), made(Fax, proto=proto)
    to_a, to_b = negotiate(relay, a, b, call_id)
    assert (to_a.port(), to_b.port()) == (b.port, a.port) and relay.ports_used() == 0


def test_a_third_address_is_neither_heard_nor_answered(relay, made, call_id):
    a, b = made(Fax), made(Fax)
    to_a, to_b = negotiate(relay, a, b, call_id)
    assert both(a, b)
    for told in (to_a, to_b):
        assert intrude(told.port()) == b""
    assert a.receive(0.2) is None and b.receive(0.2) is None
    for tag in "ab":
        assert media(relay, call_id, tag)["drops"] == {"source": 20}
    lines = relay.ng.ask("why", call_id=call_id)["legs"][0]["lines"]
    assert lines[0].startswith("20 datagrams dropped by the source lock: from 1 address, the last "
                               "127.0.0.9:"), lines
    assert both(a, b)


def test_a_stranger_who_is_first_loses_the_place_to_who_was_named(relay, made, call_id):
    a, b = made(Fax), made(Fax)
    to_a, _ = negotiate(relay, a, b, call_id)
    assert intrude(to_a.port(), 4) == b""
    heard = [b.receive(0.2) for _ in range(5)]
    assert sum(one is not None for one in heard) <= 5
    assert both(a, b)
    assert intrude(to_a.port()) == b"" and b.receive(0.2) is None


def test_behind_a_nat_the_lock_takes_five_datagrams(relay, made, call_id):
    """Its SDP names an address of its own network."""
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, call_id, a_sdp=a.sdp(said="127.0.0.77"))
    for _ in range(5):
        sent = a.send()
        assert b.receive() == sent
    assert both(a, b)
    assert intrude(a.to[1]) == b"" and b.receive(0.2) is None


def test_the_host_that_sip_came_from_is_the_peer_at_once(relay, made, call_id):
    a, b = made(Fax, "127.0.0.5"), made(Fax)
    negotiate(relay, a, b, call_id, a_sdp=a.sdp(said="127.0.0.77"),
              **{"received-from": ["IP4", "127.0.0.5"]})
    sent = a.send()
    assert b.receive() == sent
    assert both(a, b)
    assert intrude(a.to[1]) == b"" and b.receive(0.2) is None


def in_audio(relay, made, call_id, said="127.0.0.1"):
    """A call with audio that flows, and the fax terminals of its ends."""
    a, b = made(), made()
    kit.call(relay, a, b, call_id, offer_sdp=a.sdp().replace(a.host, said))
    return a, b, made(Fax), made(Fax)


@pytest.mark.parametrize("tags", ["ab", "ba"], ids=["by the caller", "by the callee"])
def test_audio_becomes_a_fax_and_audio_again_over_a_restart(relay, made, call_id, tags):
    """One m-line, as gateways do it: the re-INVITE comes from who has heard the fax's tone."""
    a, b, fax_a, fax_b = in_audio(relay, made, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    first, second = (fax_a, fax_b) if tags == "ab" else (fax_b, fax_a)
    to_second = relay.told("offer", call_id=call_id, from_tag=tags[0], to_tag=tags[1],
                           sdp=first.sdp())
    # Until it is answered nothing changes.
    assert kit.relayed(a, b) and kit.relayed(b, a)
    second.hear(to_second)
    first.hear(relay.told("answer", call_id=call_id, from_tag=tags[0], to_tag=tags[1],
                          sdp=second.sdp()))
    assert relay.ports_used() == 2
    assert both(fax_a, fax_b)
    a.send()
    a.send_report()
    assert fax_b.receive(0.2) is None and b.receive(0.1) is None
    assert media(relay, call_id)["drops"] == {"source": 1, "no_stream": 1}
    before = media(relay, call_id)["streams"][0]["stats"]["packets"]
    relay.restart()
    assert both(fax_a, fax_b)
    assert media(relay, call_id)["streams"][0]["stats"]["packets"] == before + 20
    assert intrude(fax_a.to[1]) == b"" and fax_b.receive(0.2) is None
    to_a, to_b = negotiate(relay, a, b, call_id, re=True)
    assert to_a.rtcp_at()[1] != to_a.port() and to_b.rtcp_at()[1] != to_b.port()
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert a.send_report() == b.receive(rtcp=True)
    assert fax_a.receive(0.05) is None and fax_b.receive(0.05) is None
    assert "datagrams" not in media(relay, call_id)["flags"]


def test_a_fax_behind_a_nat_is_where_its_audio_was(relay, made, call_id):
    """It waits until it is spoken to, for longer than strangers are taken for a peer."""
    a, b, fax_a, fax_b = in_audio(relay, made, call_id, said="127.0.0.77")
    for _ in range(6):
        a.send()
        assert b.receive() is not None
    negotiate(relay, fax_a, fax_b, call_id, a_sdp=fax_a.sdp(said="127.0.0.77"), re=True)
    # The window of the lock is 3 s.
    assert intrude(fax_a.to[1], 1) == b"" and fax_b.receive(0.2) is not None
    assert fax_b.receive(3.1) is None
    assert intrude(fax_a.to[1]) == b"" and fax_b.receive(0.2) is None
    sent = fax_a.send()
    assert fax_b.receive() == sent
    assert both(fax_a, fax_b)


def test_a_call_that_began_as_a_fax_may_become_audio(relay, made, call_id):
    fax_a, fax_b, a, b = made(Fax), made(Fax), made(), made()
    negotiate(relay, fax_a, fax_b, call_id)
    assert both(fax_a, fax_b)
    to_a, to_b = negotiate(relay, a, b, call_id, re=True)
    assert to_b.rtcp_at()[1] == to_b.port() + 1 and to_a.rtcp_at()[1] == to_a.port() + 1
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert b.send_report() == a.receive(rtcp=True)


def test_an_image_beside_audio_of_port_0(relay, made, call_id):
    a, b, fax_a, fax_b = in_audio(relay, made, call_id)
    assert kit.relayed(a, b)
    off = a.sdp().replace(f"m=audio {a.port}", "m=audio 0")
    to_a, to_b = negotiate(relay, fax_a, fax_b, call_id, i=1, re=True, a_sdp=off + fax_a.line(),
                           b_sdp=off + fax_b.line())
    assert to_a.port(0) == to_b.port(0) == 0 and relay.ports_used() == 2
    assert both(fax_a, fax_b)
    to_a, to_b = negotiate(relay, a, b, call_id, re=True, a_sdp=a.sdp() + fax_a.line(port=0),
                           b_sdp=b.sdp() + fax_b.line(port=0))
    assert to_a.port(1) == to_b.port(1) == 0 and relay.ports_used() == 2
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_a_refused_fax_leaves_the_audio_as_it_was(relay, made, call_id):
    a, b, fax_a, _ = in_audio(relay, made, call_id)
    relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=fax_a.sdp())
    assert kit.relayed(a, b) and kit.relayed(b, a)
    # Or with port 0, and the next re-INVITE is audio again.
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
               sdp=kit.sdp(0, proto="udptl", media="image", codecs=("t38", "")))
    assert relay.ports_used() == 0
    negotiate(relay, a, b, call_id, re=True)
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_an_answer_of_another_protocol_passes_nothing(relay, made, call_id):
    a, b = made(Fax), made()
    to_a, _ = negotiate(relay, a, b, call_id)
    assert to_a.port() == 0 and relay.ports_used() == 0


def test_a_leg_with_srtp_has_it_again_after_the_fax(relay, made, call_id):
    """Without a word of the proxy: what was agreed with each side comes back."""
    a, b, fax_a, fax_b = made(), made(restart.webrtc.SdesPeer), made(Fax), made(Fax)
    to_a, to_b = negotiate(relay, a, b, call_id, **{"transport-protocol": "RTP/SAVP"})
    assert to_b.proto() == "RTP/SAVP" and kit.relayed(a, b) and kit.relayed(b, a)
    old = to_b.values("crypto")
    _, to_fax = negotiate(relay, fax_a, fax_b, call_id, re=True)
    assert to_fax.proto() == "udptl" and "crypto" not in to_fax.text
    assert both(fax_a, fax_b)
    to_a, to_b = negotiate(relay, a, b, call_id, re=True)
    assert to_b.proto() == "RTP/SAVP" and to_a.proto() == "RTP/AVP"
    # A key that has sent never begins anew.
    chosen = [line for line in old if b.suite in line]
    assert len(to_b.values("crypto")) == len(old)
    assert set(old) - set(to_b.values("crypto")) == set(chosen)
    assert kit.relayed(a, b) and kit.relayed(b, a)


HOLDS = {"sendonly": ("a=sendonly\r\n", "a=recvonly\r\n"),
         "inactive": ("a=inactive\r\n", "a=inactive\r\n")}


@pytest.mark.parametrize("hold", HOLDS)
def test_hold_holds_for_datagrams_too(relay, made, call_id, hold):
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, call_id)
    assert both(a, b)
    of_a, of_b = HOLDS[hold]
    to_a, to_b = negotiate(relay, a, b, call_id, re=True, a_sdp=a.sdp(of_a), b_sdp=b.sdp(of_b))
    assert of_a in to_b.text and of_b in to_a.text
    assert exact(a, b) == (hold == "sendonly")
    b.send()
    assert a.receive(0.2) is None
    assert media(relay, call_id, "b")["drops"]["direction"] == 1
    negotiate(relay, a, b, call_id, re=True)
    while b.receive(0.05):
        pass
    assert both(a, b)


def test_blocked_media_passes_no_datagram(relay, made, call_id):
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, call_id)
    assert relay.ng.ask("block media", call_id=call_id, from_tag="a")["result"] == "ok"
    a.send()
    assert b.receive(0.2) is None and exact(b, a)
    assert media(relay, call_id)["drops"] == {"blocked": 1}
    relay.ng.ask("unblock media", call_id=call_id, from_tag="a")
    assert both(a, b)


@pytest.mark.parametrize("flags", [{}, {"flags": ["passthrough"]}], ids=["", "passthrough"])
def test_nothing_of_an_identity_is_bound_to_datagrams(relay, made, call_id, flags):
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, call_id, **IDENTITY, **flags)
    assert both(a, b)
    one = party(relay, call_id)
    assert one["media identity"] == "unbound"
    assert one["media identity reason"] == "datagrams: nothing in them could be signed for"


def test_delete_frees_the_ports(relay, made, call_id):
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, call_id)
    assert relay.ports_used() == 2
    reply = relay.ng.ask("delete", call_id=call_id, delete_delay=0)
    assert reply["result"] == "ok" and relay.ports_used() == 0
    negotiate(relay, a, b, call_id)


def test_a_silent_fax_ends_by_media_timeout(tmp_path, made):
    relay = kit.Relay(tmp_path, media_timeout="1s").start()
    a, b = made(Fax), made(Fax)
    negotiate(relay, a, b, "silent")
    # One direction is enough to keep it.
    for _ in range(8):
        sent = a.send()
        assert b.receive() == sent
        assert b.receive(0.25) is None
    assert relay.ng.ask("list")["calls"] == ["silent"]
    kit.wait_until(lambda: relay.ng.ask("list")["calls"] == [], 5)
    assert relay.metric('attestel_media_calls_ended_total{reason="media_timeout"}') == 1
    assert relay.ports_used() == 0 and relay.stop() == 0
