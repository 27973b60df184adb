# SPDX-License-Identifier: Apache-2.0
"""A recorder hears every party of a call (SIPREC), each on an m-line of its own.

What rtpengine 10.5 does too is tried with both, side by side.
"""
import os
import shutil

import pytest

import media_kit as kit
import media_proxy
import media_webrtc as webrtc
from test_media_restart import StatefulRelay

SIPREC = ["all", "SIPREC"]
VIDEO = ("96", "a=rtpmap:96 VP8/90000\r\n")
PLAIN = {"transport-protocol": "RTP/AVP"}


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    running = kit.Relay(tmp_path_factory.mktemp("relay"), delete_delay="0s").start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture(scope="module", params=["attestel-media", "rtpengine"])
def either(request, tmp_path_factory):
    """The relay, and rtpengine."""
    folder = tmp_path_factory.mktemp("either")
    if request.param == "rtpengine" and shutil.which("rtpengine") is None:
        pytest.skip("not installed: rtpengine")
    running = (media_proxy.Rtpengine(folder) if request.param == "rtpengine"
               else kit.Relay(folder, delete_delay="0s")).start()
    yield running
    assert running.stop() == 0


class Recorder:
    """A recording server: a pair of ports an m-line, and what came there."""

    def __init__(self, peers):
        self.ears = peers

    def answer(self, told, without=()):
        """To each m-line of the offer, port 0 where it is not wanted."""
        text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        for i, offered in enumerate(told.medias):
            kind, port = offered.split()[0][2:], told.port(i)
            ear = self.ears[i].port if port and i not in without else 0
            codecs = VIDEO if kind == "video" else kit.CODECS
            label = told.value("label", i)
            text += kit.m_line(ear, told.proto(i), "a=recvonly\r\n" + (
                f"a=label:{label}\r\n" if label else ""), kind, codecs)
        return text

    def heard(self):
        return [ear.drain(0.1) for ear in self.ears]


@pytest.fixture
def recorder(made):
    return Recorder([made() for _ in range(4)])


def call(relay, a, b, call_id, offer=None, answer=None):
    """As kit.call, for SDPs that have more than one m-line too."""
    return kit.call(relay, a, b, call_id, {"label": "caller", **(offer or {})},
                    {"label": "callee", **(answer or {})})


def subscribe(relay, recorder, call_id, without=(), **keys):
    """Asked for and answered; the reply and what its SDP says."""
    reply = relay.ng.ask("subscribe request", call_id=call_id, **keys)
    assert reply["result"] == "ok", reply
    told = kit.Told(reply["sdp"])
    assert relay.ng.ask("subscribe answer", call_id=call_id, to_tag=reply["to-tag"],
                        sdp=recorder.answer(told, without))["result"] == "ok"
    return reply, told


def hears_each(recorder, *senders):
    """The i-th m-line hears the i-th sender and nobody else; None sends nothing."""
    for ear in recorder.ears:
        ear.drain(0)
    sent = [sender.send(os.urandom(160)) if sender else None for sender in senders]
    return recorder.heard()[:len(sent)] == [[one] if one else [] for one in sent]


@pytest.mark.parametrize("keys, order", [
    ({"flags": SIPREC}, "ab"),
    ({"from_tags": ["b", "a"], "flags": ["SIPREC"]}, "ba"),
    ({"from_tags": ["b", "nobody"], "flags": ["siprec"]}, "b"),
    ({"flags": ["SIPREC", "from-tags-a", "from-tags-b"]}, "ab"),
    ({"from_tag": "a", "flags": ["SIPREC"]}, "a"),
    ({"from_tag": "a", "flags": SIPREC}, "ab"),
    ({"from_tag": "a", "from_tags": ["b"], "flags": ["SIPREC"]}, "a"),
    ({"from_label": "callee", "flags": ["SIPREC"]}, "b"),
])
def test_each_party_that_is_asked_for_has_an_m_line(either, made, recorder, keys, order,
                                                   request):
    a, b = made(), made()
    call_id = request.node.name
    call(either, a, b, call_id)
    reply, told = subscribe(either, recorder, call_id, **keys)
    assert reply["from-tags"] == list(order)
    assert reply.get("from-tag") == (order if len(order) == 1 else None)
    assert len(told.medias) == len(order)
    names, labels = {"a": "caller", "b": "callee"}, []
    for i, (tag, tags) in enumerate(zip(order, reply["tag-medias"], strict=True)):
        labels.append(told.value("label", i))
        assert told.value("sendonly", i) == ""
        assert tags == {"tag": tag, "label": names[tag], "medias": [
            {"index": 1, "type": "audio", "mode": "sendrecv", "label": labels[-1]}]}
        assert reply["media-labels"][labels[-1]] == {
            "tag": tag, "label": names[tag], "index": 1, "type": "audio", "mode": "sendrecv"}
    assert len(set(labels)) == len(order) == len(reply["media-labels"])
    assert hears_each(recorder, *({"a": a, "b": b}[tag] for tag in order))
    assert either.ng.ask("unsubscribe", call_id=call_id, to_tag=reply["to-tag"])["result"] == "ok"
    assert hears_each(recorder, *[None] * len(order)) and kit.relayed(a, b) and kit.relayed(b, a)
    either.ng.ask("delete", call_id=call_id)


@pytest.mark.parametrize("keys, reason", [
    ({}, "No monologues matched"), ({"from_tags": ["nobody"]}, "No monologues matched"),
    ({"from_label": "nobody"}, "No monologue matching the given label")])
def test_nobody_asked_for_is_refused_in_the_same_words(either, made, keys, reason, request):
    call_id = request.node.name
    call(either, made(), made(), call_id)
    reply = either.ng.ask("subscribe request", call_id=call_id, **keys)
    assert reply["error-reason"] == reason
    either.ng.ask("delete", call_id=call_id)


def test_the_recorder_gets_plain_rtp_of_a_party_that_encrypts(either, made, recorder, request):
    a, b = made(webrtc.SdesPeer), made()
    call_id = request.node.name
    call(either, a, b, call_id, PLAIN)
    _, told = subscribe(either, recorder, call_id, flags=SIPREC, **PLAIN)
    assert [told.proto(i) for i in range(2)] == ["RTP/AVP"] * 2 and "crypto" not in told.text
    assert hears_each(recorder, a, b)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    either.ng.ask("delete", call_id=call_id)


def test_the_mode_of_a_party_on_hold_is_told(either, made, recorder, request):
    a, b = made(), made()
    call_id = request.node.name
    call(either, a, b, call_id)
    kit.call(either, a, b, call_id, {"to-tag": "b"}, offer_sdp=a.sdp(lines="a=sendonly\r\n"),
             answer_sdp=b.sdp(lines="a=recvonly\r\n"))
    reply = either.ng.ask("subscribe request", call_id=call_id, flags=SIPREC)
    assert [one["medias"][0]["mode"] for one in reply["tag-medias"]] == ["recvonly", "sendonly"]
    either.ng.ask("delete", call_id=call_id)


def test_labels_are_the_parties_names_and_each_is_there_once(relay, made, call_id):
    a, b, screen = made(), made(), made()
    relay.told("offer", call_id=call_id, from_tag="a", label="both",
               sdp=a.sdp() + kit.m_line(screen.port, media="video", codecs=VIDEO))
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", label="both",
               sdp=b.sdp() + kit.m_line(b.port + 100, media="video", codecs=VIDEO))
    told = relay.told("subscribe request", call_id=call_id, flags=["all"])
    assert [told.value("label", i) for i in range(4)] == ["both", "both-2", "3", "4"]


def test_a_name_that_is_no_token_is_no_label(relay, made, call_id):
    a = made()
    relay.told("offer", call_id=call_id, from_tag="a", label="x\r\na=crypto:1", sdp=a.sdp())
    told = relay.told("subscribe request", call_id=call_id, flags=SIPREC)
    assert told.value("label") == "1" and "crypto" not in told.text


def test_without_names_and_siprec_there_is_no_label(relay, made, call_id):
    kit.call(relay, made(), made(), call_id, offer_sdp=made().sdp(lines="a=label:x\r\n"))
    reply = relay.ng.ask("subscribe request", call_id=call_id, flags=["all"])
    assert "label" not in reply["sdp"] and "tag-medias" not in reply
    assert reply["from-tags"] == ["a", "b"]


def test_a_medium_that_was_refused_has_no_m_line(relay, made, recorder, call_id):
    a, b, screen = made(), made(), made()
    relay.told("offer", call_id=call_id, from_tag="a",
               sdp=a.sdp() + kit.m_line(screen.port, media="video", codecs=VIDEO)
               + "m=image 5004 udptl t38\r\n")
    a.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                      sdp=b.sdp() + kit.m_line(0, media="video", codecs=VIDEO)
                      + "m=image 0 udptl t38\r\n"))
    _, told = subscribe(relay, recorder, call_id, flags=["all"])
    assert [one.split()[0] for one in told.medias] == ["m=audio", "m=audio"]
    assert hears_each(recorder, a, None)


def test_audio_and_video_go_to_their_own_m_lines(relay, made, recorder, call_id):
    a, b, a_screen, b_screen = made(), made(), made(), made()
    to_b = relay.told("offer", call_id=call_id, from_tag="a",
                      sdp=a.sdp() + kit.m_line(a_screen.port, media="video", codecs=VIDEO))
    to_a = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                      sdp=b.sdp() + kit.m_line(b_screen.port, media="video", codecs=VIDEO))
    for i, (one, other) in enumerate(((a, b), (a_screen, b_screen))):
        one.hear(to_a, i)
        other.hear(to_b, i)
    subscribe(relay, recorder, call_id, flags=SIPREC)
    assert hears_each(recorder, a, a_screen, b, b_screen)


def test_an_m_line_that_the_recorder_leaves_out_hears_nothing(relay, made, recorder, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    before = relay.ports_used()
    subscribe(relay, recorder, call_id, without=[0], flags=["all"])
    assert hears_each(recorder, None, b) and relay.ports_used() == before + 1
    a.send()
    assert recorder.heard()[0] == []


def test_an_answer_with_too_few_m_lines_leaves_the_others_out(relay, made, recorder, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    reply = relay.ng.ask("subscribe request", call_id=call_id, flags=["all"])
    relay.ng.ask("subscribe answer", call_id=call_id, to_tag=reply["to-tag"],
                 sdp=recorder.ears[0].sdp(lines="a=recvonly\r\n"))
    assert hears_each(recorder, a, None) and relay.ports_used() == 3


def test_what_the_recorder_sends_goes_to_nobody(relay, made, recorder, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    _, told = subscribe(relay, recorder, call_id, flags=["all"])
    for i in range(2):
        recorder.ears[i].hear(told, i)
        recorder.ears[i].send()
    assert a.drain(0.1) == b.drain(0.1) == []


def test_asked_again_the_m_lines_keep_their_places_and_new_ones_follow(relay, made, recorder,
                                                                     call_id):
    a, b, screen = made(), made(), made()
    call(relay, a, b, call_id)
    reply, first = subscribe(relay, recorder, call_id, flags=SIPREC)
    same = relay.told("subscribe request", call_id=call_id, to_tag=reply["to-tag"], flags=SIPREC)
    assert same.text == first.text, "nothing new: the same SDP, under the same version"
    both = {"sdp": None, "call_id": call_id, "from_tag": "a", "to_tag": "b"}
    to_b = relay.told("offer", **{**both, "sdp": a.sdp() + kit.m_line(
        screen.port, media="video", codecs=VIDEO)})
    to_a = relay.told("answer", **{**both, "sdp": b.sdp() + kit.m_line(
        made().port, media="video", codecs=VIDEO)})
    screen.hear(to_a, 1)
    assert to_b.port(1) > 0 and hears_each(recorder, a, b), "until then it hears what it heard"
    assert relay.ng.ask("query", call_id=call_id)["result"] == "ok"
    reply, told = subscribe(relay, recorder, call_id, to_tag=reply["to-tag"], flags=SIPREC)
    assert [told.value("label", i) for i in range(4)] == ["caller", "callee", "caller-2",
                                                         "callee-2"]
    assert [told.port(i) for i in range(2)] == [first.port(i) for i in range(2)]
    origin, before = (one.head.split("o=")[1].split()[:3] for one in (told, first))
    assert origin[:2] == before[:2] and int(origin[2]) == int(before[2]) + 1
    assert hears_each(recorder, a, b, screen)


def test_a_party_that_is_asked_for_no_more_gets_port_0(relay, made, recorder, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    reply, _ = subscribe(relay, recorder, call_id, flags=["all"])
    _, told = subscribe(relay, recorder, call_id, to_tag=reply["to-tag"], from_tag="b")
    assert told.port(0) == 0 and told.port(1) > 0
    a.send()
    assert hears_each(recorder, None, b) and kit.relayed(a, b)


def test_of_a_party_that_left_nothing_comes_and_the_others_go_on(relay, made, recorder, call_id):
    """A forked call: one branch goes, the other stays."""
    a, b, c = made(), made(), made()
    relay.told("offer", call_id=call_id, from_tag="a", via_branch="1", sdp=a.sdp())
    relay.told("offer", call_id=call_id, from_tag="a", via_branch="2", sdp=a.sdp())
    for tag, peer, branch in (("b", b, "1"), ("c", c, "2")):
        a.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag=tag, via_branch=branch,
                          sdp=peer.sdp()))
    reply, first = subscribe(relay, recorder, call_id, flags=["all"])
    assert reply["from-tags"] == ["a", "b", "c"]
    relay.ng.ask("delete", call_id=call_id, from_tag="a", to_tag="b")
    assert hears_each(recorder, a, None, None)
    reply, told = subscribe(relay, recorder, call_id, to_tag=reply["to-tag"], flags=["all"])
    assert reply["from-tags"] == ["a", "c"]
    assert [told.port(i) for i in range(3)] == [first.port(0), 0, first.port(2)]
    assert hears_each(recorder, a, None, None)
    relay.ng.ask("delete", call_id=call_id, from_tag="a", to_tag="c")
    assert relay.ng.ask("list")["calls"] == [], "a recorder alone keeps no call"


def test_a_recorder_keeps_no_call_whoever_came_last(relay, made, recorder, call_id):
    a, b, c = made(), made(), made()
    call(relay, a, b, call_id, {"via-branch": "1"}, {"via-branch": "1"})
    subscribe(relay, recorder, call_id, to_tag="ear", flags=["all"])
    relay.told("offer", call_id=call_id, from_tag="a", via_branch="2", sdp=a.sdp())
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="c", via_branch="2", sdp=c.sdp())
    reply, told = subscribe(relay, recorder, call_id, to_tag="ear", flags=["all"])
    assert reply["from-tags"] == ["a", "b", "c"] and len(told.medias) == 3
    relay.ng.ask("delete", call_id=call_id, from_tag="a")
    assert relay.ng.ask("list")["calls"] == [], "all that were with it go"


@pytest.mark.parametrize("stripped", [False, True], ids=["another certificate", "stripped"])
def test_a_party_whose_identity_does_not_match_is_not_recorded(relay, made, recorder, call_id,
                                                              stripped):
    a, b = made(*() if stripped else (webrtc.Browser,)), made()
    victim, _ = webrtc.certificate()
    signed = {"media identity": [
        {"alg": "sha256", "dig": webrtc.fingerprint(victim).replace(":", "")}]}
    to_sip = {} if stripped else {"ICE": "remove", **PLAIN, "rtcp-mux": ["demux"]}
    call(relay, a, b, call_id, {**to_sip, **signed}, {} if stripped else {"ICE": "force"})
    assert stripped or a.connect()
    reply, _ = subscribe(relay, recorder, call_id, flags=SIPREC, ICE="remove", **PLAIN)
    assert reply["from-tags"] == ["a", "b"]
    for _ in range(5):
        a.send()
    assert hears_each(recorder, None, b)
    party = relay.ng.ask("query", call_id=call_id)["tags"]["a"]
    assert party["media identity"] == "mismatch"


def test_subscriptions_survive_a_restart(made, recorder, tmp_path):
    relay = StatefulRelay(tmp_path).start()
    a, b = made(), made()
    try:
        call(relay, a, b, "kept")
        reply, first = subscribe(relay, recorder, "kept", from_tags=["b", "a"], flags=["SIPREC"])
        relay.restart()
        assert hears_each(recorder, b, a)
        told = relay.told("subscribe request", call_id="kept", to_tag=reply["to-tag"],
                          from_tags=["b", "a"], flags=["SIPREC"])
        assert told.text == first.text
        relay.ng.ask("delete", call_id="kept")
    finally:
        relay.stop()
