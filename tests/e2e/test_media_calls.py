# SPDX-License-Identifier: Apache-2.0
"""Calls between plain RTP peers through a real attestel-media, driven by the ng protocol."""
import pytest

import media_kit as kit


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    running = kit.Relay(tmp_path_factory.mktemp("relay"), delete_delay="0s").start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture
def peers():
    """peers(host) makes a peer that is closed at the end."""
    made = []

    def make(host="127.0.0.1"):
        made.append(kit.RtpPeer(host))
        return made[-1]
    yield make
    for peer in made:
        peer.close()


def stream(reply, tag, media=0, component=0):
    return reply["tags"][tag]["medias"][media]["streams"][component]


def test_media_and_reports_pass_both_ways(relay, peers, call_id):
    a, b = peers(), peers()
    to_a, to_b = kit.call(relay, a, b, call_id)
    assert to_a.at() != to_b.at() and to_a.host() == to_b.host() == "127.0.0.1"
    assert kit.relayed(a, b) and kit.relayed(b, a)
    report = a.send_report()
    assert b.receive(rtcp=True) == report
    assert a.receive(0) is None


def test_query_tells_what_passed_in_the_words_of_its_clients(relay, peers, call_id):
    a, b = peers(), peers()
    to_a, to_b = kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b, 5) and kit.relayed(b, a, 2)
    reply = relay.ng.ask("query", call_id=call_id)
    assert reply["result"] == "ok" and reply["last signal"] >= reply["created"]
    assert reply["totals"]["RTP"] == {"packets": 7, "bytes": 7 * 172, "errors": 0}
    assert reply["totals"]["RTCP"] == {"packets": 0, "bytes": 0, "errors": 0}
    assert set(reply["tags"]) == {"a", "b"}
    assert reply["tags"]["a"]["subscriptions"] == [{"tag": "b", "type": "offer/answer"}]
    media = reply["tags"]["a"]["medias"][0]
    assert (media["index"], media["type"], media["protocol"]) == (1, "audio", "RTP/AVP")
    assert media["codec"] == "PCMU/8000" and media["flags"] == ["initialized", "send", "recv"]
    one = stream(reply, "a")
    assert one["local port"] == to_a.port() and one["family"] == "IPv4"
    assert one["endpoint"] == {"family": "IPv4", "address": "127.0.0.1", "port": a.port}
    assert one["flags"] == ["RTP", "filled", "confirmed"]
    assert one["stats"] == {"packets": 5, "bytes": 5 * 172, "errors": 0}
    assert one["stats_out"]["packets"] == 2 and one["SSRC"] == a.ssrc
    assert stream(reply, "a", component=1)["flags"] == ["RTCP", "filled"]
    assert reply["SSRC"][str(b.ssrc)]["last RTP seq"] == b.sequence
    assert reply["tags"]["a"]["media identity"] == "unbound"


def test_query_by_tag_tells_of_the_party_and_its_peer(relay, peers, call_id):
    kit.call(relay, peers(), peers(), call_id)
    assert set(relay.ng.ask("query", call_id=call_id, from_tag="b")["tags"]) == {"a", "b"}
    assert relay.ng.ask("query", call_id=call_id, from_tag="nobody")["tags"] == {}


@pytest.mark.parametrize("command, keys, reason", [
    ("offer", {"call_id": "x", "from_tag": "a"}, "No SDP body in message"),
    ("offer", {"from_tag": "a", "sdp": kit.sdp(4000)}, "No call-id in message"),
    ("offer", {"call_id": "x", "sdp": kit.sdp(4000)}, "No from-tag in message"),
    ("offer", {"call_id": "x", "from_tag": "a", "sdp": "hello"}, "Failed to parse SDP"),
    ("answer", {"call_id": "x", "from_tag": "a", "sdp": kit.sdp(4000)}, "No to-tag in message"),
    ("answer", {"call_id": "x", "from_tag": "a", "to_tag": "b", "sdp": kit.sdp(4000)},
     "Unknown call-id"),
    ("query", {"call_id": "x"}, "Unknown call-id"),
    ("query", {}, "No call-id in message"),
    ("block media", {"call_id": "x"}, "Unknown call-ID"),
    ("delete", {"call_id": "x", "flags": ["fatal"]}, "Call-ID not found or tags didn't match"),
    ("dance", {}, "Unrecognized command"),
])
def test_what_is_refused_is_refused_in_the_protocol_s_words(relay, command, keys, reason):
    assert relay.ng.ask(command, **keys) == {"result": "error", "error-reason": reason}


def test_a_message_without_a_command_says_so(relay):
    reply = relay.ng.receive(relay.ng.send({"call-id": "x"}))
    assert reply == {"result": "error", "error-reason": 'Dictionary contains no key "command"'}


def test_delete_answers_with_the_statistics_and_a_second_one_with_a_warning(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b)
    reply = relay.ng.ask("delete", call_id=call_id, from_tag="a")
    assert reply["totals"]["RTP"]["packets"] == 3 and set(reply["tags"]) == {"a", "b"}
    assert relay.ng.ask("delete", call_id=call_id, from_tag="a") == {
        "result": "ok", "warning": "Call-ID not found or tags didn't match"}
    a.send()
    assert b.receive(0.2) is None


def test_delete_with_a_delay_keeps_the_call_and_an_offer_brings_it_back(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    relay.ng.ask("delete", call_id=call_id, from_tag="a", delete_delay=1)
    assert kit.relayed(a, b)
    relay.ng.ask("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=a.sdp())
    relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    relay.ng.ask("offer", call_id=call_id + "-2", from_tag="a", sdp=a.sdp())
    relay.ng.ask("delete", call_id=call_id + "-2", from_tag="a", delete_delay=1)
    kit.wait_until(lambda: call_id + "-2" not in relay.ng.ask("list")["calls"])
    assert kit.relayed(a, b)


def test_a_re_invite_of_the_called_side_swaps_the_roles(relay, peers, call_id):
    a, b, b2 = peers(), peers(), peers()
    to_a, to_b = kit.call(relay, a, b, call_id)
    told_a = kit.Told(relay.ng.ask("offer", call_id=call_id, from_tag="b", to_tag="a",
                                   sdp=b2.sdp())["sdp"])
    assert told_a.at() == to_a.at(), "the port that a knows stays"
    told_b = kit.Told(relay.ng.ask("answer", call_id=call_id, from_tag="b", to_tag="a",
                                   sdp=a.sdp())["sdp"])
    assert told_b.at() == to_b.at()
    b2.hear(told_b)
    assert kit.relayed(a, b2) and kit.relayed(b2, a)
    assert len(relay.ng.ask("query", call_id=call_id)["tags"]) == 2


def test_an_answer_with_its_tags_swapped_is_refused_and_harms_nothing(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    reply = relay.ng.ask("answer", call_id=call_id, from_tag="b", to_tag="a", sdp=b.sdp())
    assert reply == {"result": "error", "error-reason": "No offer that this could answer"}
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_an_offer_that_is_sent_again_gets_the_same_port(relay, peers, call_id):
    a = peers()
    ask = {"call_id": call_id, "from_tag": "a", "sdp": a.sdp()}
    first, second = (kit.Told(relay.ng.ask("offer", **ask)["sdp"]) for _ in range(2))
    assert first.at() == second.at()
    assert relay.ports_used() == 2


@pytest.mark.parametrize("direction, to_b, to_a", [
    ("sendonly", True, False), ("recvonly", False, True), ("inactive", False, False)])
def test_a_hold_is_kept_by_both_and_its_end_too(relay, peers, call_id, direction, to_b, to_a):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    mirror = {"sendonly": "recvonly", "recvonly": "sendonly"}.get(direction, direction)
    told_a, told_b = kit.call(relay, a, b, call_id, {"to-tag": "b"},
                              offer_sdp=a.sdp(lines=f"a={direction}\r\n"),
                              answer_sdp=b.sdp(lines=f"a={mirror}\r\n"))
    assert told_b.value(direction) == "" and told_a.value(mirror) == ""
    assert kit.relayed(a, b, 1) is to_b
    assert kit.relayed(b, a, 1) is to_a
    drops = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["medias"][0].get("drops", {})
    assert ("direction" in drops) is not to_b
    kit.call(relay, a, b, call_id, {"to-tag": "b"})
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_a_hold_that_is_refused_changes_nothing(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    relay.ng.ask("offer", call_id=call_id, from_tag="a", to_tag="b",
                 sdp=a.sdp(lines="a=inactive\r\n"))
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_a_hold_of_rfc2543_sends_nothing_to_who_holds(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    told_a, told_b = kit.call(relay, a, b, call_id, {"to-tag": "b"},
                              offer_sdp=kit.sdp(a.port, "0.0.0.0"))
    assert told_b.host() == "0.0.0.0"
    b.to = b.to[0].replace("0.0.0.0", "127.0.0.1"), b.to[1]
    assert not kit.relayed(b, a, 1)


def test_branches_of_a_fork_have_ports_of_their_own_and_one_caller(relay, peers, call_id):
    a, b1, b2 = peers(), peers(), peers()
    offers = [kit.Told(relay.ng.ask("offer", call_id=call_id, from_tag="a", via_branch=branch,
                                    sdp=a.sdp())["sdp"]) for branch in ("z1", "z2")]
    assert offers[0].at() != offers[1].at()
    answers = []
    for peer, tag, branch in ((b1, "b1", "z1"), (b2, "b2", "z2")):
        answers.append(kit.Told(relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag=tag,
                                             via_branch=branch, sdp=peer.sdp())["sdp"]))
    assert answers[0].at() == answers[1].at(), "the caller has one port"
    a.hear(answers[0])
    b1.hear(offers[0])
    b2.hear(offers[1])
    assert kit.relayed(b1, a) and kit.relayed(b2, a), "both ring, and are heard"
    assert kit.relayed(a, b2) and b1.receive(0.1) is None, "who answered last is sent to"
    relay.ng.ask("delete", call_id=call_id, from_tag="a", via_branch="z1")
    assert kit.relayed(a, b2) and kit.relayed(b2, a)
    assert set(relay.ng.ask("query", call_id=call_id)["tags"]) == {"a", "b2"}
    assert relay.ports_used() == 2


def test_several_answers_to_one_offer_take_its_port_in_turn(relay, peers, call_id):
    a, b1, b2 = peers(), peers(), peers()
    _, to_b = kit.call(relay, a, b1, call_id)
    assert kit.relayed(a, b1)
    relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b2", sdp=b2.sdp())
    b2.hear(to_b)
    assert kit.relayed(b2, a) and kit.relayed(a, b2)
    reply = relay.ng.ask("query", call_id=call_id)
    assert reply["tags"]["b2"]["tag-aliases"] == ["b"]
    # The loser's CANCEL names it; the winner talks on.
    relay.ng.ask("delete", call_id=call_id, from_tag="a", to_tag="b")
    assert kit.relayed(a, b2)


def test_ipv4_and_ipv6_talk_through_us(relay, peers, call_id):
    a, b = peers(), peers("::1")
    to_a, to_b = kit.call(relay, a, b, call_id, {"address-family": "IP6"},
                          {"address-family": "IP4"})
    assert (to_a.host(), to_b.host()) == ("127.0.0.1", "::1")
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_an_untrusted_sdp_is_answered_where_its_message_came_from(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id,
             {"flags": ["SIP-source-address"], "received-from": ["IP4", "127.0.0.1"]},
             offer_sdp=kit.sdp(a.port, "203.0.113.77"))
    assert kit.relayed(b, a), "the port of the SDP at the address of the message"
    endpoint = stream(relay.ng.ask("query", call_id=call_id), "a")["advertised endpoint"]
    assert endpoint["address"] == "127.0.0.1"


def test_a_trusted_sdp_is_believed(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id,
             {"flags": ["trust-address"], "received-from": ["IP4", "203.0.113.77"]})
    assert kit.relayed(b, a)


@pytest.mark.parametrize("offered, peer, flags, to_b, to_a", [
    (True, True, [], True, True), (True, False, [], True, False),
    (True, False, ["demux"], False, True), (True, False, ["accept"], True, True),
    (True, True, ["reject"], True, False), (False, True, ["offer"], True, False),
    (False, True, ["require"], True, False)])
def test_rtcp_mux_in_each_mode(relay, peers, call_id, offered, peer, flags, to_b, to_a):
    """As rtpengine 10.5 answers it; and the reports find their way."""
    a, b = peers(), peers()
    mux = "a=rtcp-mux\r\n"
    told_a, told_b = kit.call(relay, a, b, call_id, {"rtcp-mux": flags} if flags else None,
                              offer_sdp=a.sdp(lines=mux if offered else ""),
                              answer_sdp=b.sdp(lines=mux if peer else ""))
    assert (told_b.value("rtcp-mux") == "") is to_b
    assert (told_a.value("rtcp-mux") == "") is to_a
    b_muxes = to_b and peer
    for one, muxes in ((a, to_a), (b, b_muxes)):
        if muxes:
            one.rtcp.close()
            one.rtcp, one.rtcp_to = one.rtp.dup(), one.to
    assert kit.relayed(a, b) and kit.relayed(b, a)
    report = a.send_report()
    assert b.receive(rtcp=True) == report
    report = b.send_report()
    assert a.receive(rtcp=True) == report


def test_several_m_lines_each_have_a_way_and_video_too(relay, peers, call_id):
    a, av, b, bv = (peers() for _ in range(4))
    vp8 = ("96", "a=rtpmap:96 VP8/90000\r\n")
    av.payload_type = bv.payload_type = 96
    told_a, told_b = kit.call(
        relay, a, b, call_id,
        offer_sdp=a.sdp() + kit.m_line(av.port, media="video", codecs=vp8),
        answer_sdp=b.sdp() + kit.m_line(bv.port, media="video", codecs=vp8))
    av.hear(told_a, 1)
    bv.hear(told_b, 1)
    for one, other in ((a, b), (b, a), (av, bv), (bv, av)):
        assert kit.relayed(one, other)


def test_a_rejected_m_line_is_rejected_to_the_other_and_holds_no_port(relay, peers, call_id):
    a, b = peers(), peers()
    video = ("96", "a=rtpmap:96 VP8/90000\r\n")
    told_a, told_b = kit.call(
        relay, a, b, call_id,
        offer_sdp=a.sdp() + kit.m_line(5000, media="video", codecs=video),
        answer_sdp=b.sdp() + kit.m_line(0, media="video", codecs=video))
    assert told_b.port(1) != 0 and told_a.port(1) == 0
    assert kit.relayed(a, b) and relay.ports_used() == 2


def test_media_over_tcp_passes_as_it_came_and_data_channels_are_refused(relay, peers,
                                                                               call_id):
    a, b = peers(), peers()
    fax = "m=image 5004 TCP t38\r\na=T38FaxVersion:0\r\n"
    data = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:abcd\r\n"
            "a=ice-pwd:0123456789012345678901\r\n")
    _, told_b = kit.call(relay, a, b, call_id, offer_sdp=a.sdp() + fax + data)
    assert "m=image 5004 TCP t38\r\nc=IN IP4 127.0.0.1\r\na=T38FaxVersion:0\r\n" \
        in told_b.text
    assert told_b.port(2) == 0


def test_loop_protect_leaves_what_has_been_here(relay, peers, call_id):
    a = peers()
    ask = {"call_id": call_id, "from_tag": "a", "flags": ["loop-protect"]}
    first = relay.ng.ask("offer", sdp=a.sdp(), **ask)["sdp"]
    assert "a=attestel-relay:" in first
    ask["call_id"] += "-again"
    assert relay.ng.ask("offer", sdp=first, **ask)["sdp"] == first
    assert relay.ports_used() == 2


@pytest.mark.parametrize("words, expected", [
    ([], "o=- 1 1 IN IP4 203.0.113.5\r\n"), (["origin"], "o=- 1 1 IN IP4 127.0.0.1\r\n")])
def test_replace_origin(relay, peers, call_id, words, expected):
    sdp = peers().sdp().replace("o=- 1 1 IN IP4 127.0.0.1", "o=- 1 1 IN IP4 203.0.113.5")
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=sdp,
                         replace=words + ["session-connection"])
    assert expected in reply["sdp"]


def test_replace_sdp_version_counts_what_the_hearer_gets(relay, peers, call_id):
    """RFC 3264 §8: one more for each SDP that differs, whatever the sender says of its own."""
    a = peers()

    def version(sdp, **keys):
        reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=sdp,
                             replace=["sdp-version"], **keys)
        return int(reply["sdp"].split("o=- 1 ")[1].split()[0])
    first = a.sdp().replace("o=- 1 1", "o=- 1 700")
    assert version(first) == 700 and version(first) == 700
    assert version(first.replace("o=- 1 700", "o=- 1 9")) == 700
    assert version(a.sdp(lines="a=inactive\r\n")) == 701
    assert version(first) == 702


def test_replace_username_and_session_name_keep_the_first(relay, peers, call_id):
    a = peers()
    for user, name in (("ann", "one"), ("bob", "two")):
        sdp = a.sdp().replace("o=-", f"o={user}").replace("s=-", f"s={name}")
        reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=sdp,
                             replace=["username", "session-name"])
        assert "o=ann 1 1 " in reply["sdp"] and "s=one\r\n" in reply["sdp"]


def test_media_address_and_codec_strip_change_the_sdp(relay, peers, call_id):
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=peers().sdp(),
                         **{"media-address": "198.51.100.9", "codec": {"strip": ["PCMA"]}})
    told = kit.Told(reply["sdp"])
    assert told.host() == "198.51.100.9"
    assert "RTP/AVP 0 101\r\n" in told.text and "PCMA" not in told.text


def test_a_third_party_is_neither_heard_nor_sent_to(relay, peers, call_id):
    a, b, stranger = peers(), peers(), peers()
    told_a, _ = kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b)
    for _ in range(50):
        stranger.send(to=told_a.at())
    assert b.drain() == [] and stranger.receive(0) is None
    assert kit.relayed(b, a)
    media = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["medias"][0]
    assert media["drops"] == {"source": 50}
    assert media["streams"][0]["stats"]["errors"] == 50


def test_block_and_unblock_of_one_party_and_of_all(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    assert relay.ng.ask("block media", call_id=call_id, from_tag="a")["result"] == "ok"
    assert not kit.relayed(a, b, 1) and kit.relayed(b, a)
    relay.ng.ask("unblock media", call_id=call_id, from_tag="a")
    assert kit.relayed(a, b)
    relay.ng.ask("block media", call_id=call_id)
    assert not kit.relayed(a, b, 1) and not kit.relayed(b, a, 1)
    relay.ng.ask("unblock media", call_id=call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert relay.ng.ask("block media", call_id=call_id, from_tag="z")["error-reason"] == \
        "From-tag given, but no such tag exists"


def test_blocked_dtmf_is_not_passed_and_audio_is(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    relay.ng.ask("block DTMF", call_id=call_id, from_tag="a")
    a.send(b"\x05\x0a\x00\xa0", payload_type=101)
    assert b.receive(0.2) is None
    assert kit.relayed(a, b)
    relay.ng.ask("unblock DTMF", call_id=call_id, from_tag="a")
    assert a.send(b"\x05\x0a\x00\xa0", payload_type=101) == b.receive()


def test_a_silenced_party_is_heard_as_silence(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    relay.ng.ask("silence media", call_id=call_id, from_tag="a")
    sent = a.send(b"\x10" * 160)
    assert b.receive() == sent[:12] + b"\xff" * 160
    sent = a.send(b"\x10" * 160, payload_type=8)
    assert b.receive() == sent[:12] + b"\xd5" * 160
    relay.ng.ask("unsilence media", call_id=call_id, from_tag="a")
    assert kit.relayed(a, b)


def test_a_subscriber_hears_the_party_until_it_unsubscribes(relay, peers, call_id):
    a, b, ear = peers(), peers(), peers()
    kit.call(relay, a, b, call_id)
    reply = relay.ng.ask("subscribe request", call_id=call_id, from_tag="a")
    told = kit.Told(reply["sdp"])
    assert told.value("sendonly") == "" and reply["from-tag"] == "a"
    tag = reply["to-tag"]
    assert relay.ng.ask("subscribe answer", call_id=call_id, to_tag=tag,
                        sdp=ear.sdp(lines="a=recvonly\r\n"))["result"] == "ok"
    sent = a.send()
    assert ear.receive() == sent and b.receive() == sent
    ear.hear(told)
    ear.send()
    assert a.receive(0.1) is None and b.receive(0.1) is None
    assert relay.ng.ask("unsubscribe", call_id=call_id, to_tag=tag)["result"] == "ok"
    assert kit.relayed(a, b) and ear.receive(0.1) is None
    assert relay.ports_used() == 2


def test_list_and_statistics_speak_of_all_workers(relay, peers, call_id):
    ids = sorted(f"{call_id}-{i}" for i in range(40))
    for one in ids:
        relay.ng.ask("offer", call_id=one, from_tag="a", sdp=kit.sdp(4000))
    assert sorted(relay.ng.ask("list", limit=100)["calls"]) == ids
    assert len(relay.ng.ask("list")["calls"]) == 32
    statistics = relay.ng.ask("statistics")["statistics"]
    assert statistics["currentstatistics"]["sessionstotal"] == 40
    for one in ids:
        relay.ng.ask("delete", call_id=one)


def test_audio_goes_on_when_tcp_is_refused_and_stops_when_it_is_not(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    fax = a.sdp().partition("m=")[0] + "m=image 5004 TCP t38\r\n"
    relay.ng.ask("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=fax)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=fax)
    assert relay.ports_used() == 0
    kit.call(relay, a, b, call_id, {"to-tag": "b"})
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_an_asymmetric_party_is_sent_to_where_it_says(relay, peers, call_id):
    a, b, elsewhere = peers(), peers(), peers()
    told_a, _ = kit.call(relay, a, b, call_id, {"flags": ["asymmetric"]})
    elsewhere.to = told_a.at()
    sent = b.send()
    assert a.receive() == sent
    for _ in range(8):
        elsewhere.send()
    b.drain(0.1)
    sent = b.send()
    assert a.receive() == sent and elsewhere.receive(0.1) is None


def test_a_party_behind_a_nat_is_found_by_its_media(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id, offer_sdp=kit.sdp(a.port, "203.0.113.9"))
    for _ in range(5):
        a.send()
    assert len(b.drain()) == 5
    assert kit.relayed(b, a)


def test_strict_source_hears_the_signalled_address_alone(relay, peers, call_id):
    a, b, other = peers(), peers(), peers()
    told_a, _ = kit.call(relay, a, b, call_id, {"flags": ["strict-source"]})
    other.send(to=told_a.at())
    assert b.receive(0.2) is None
    assert kit.relayed(a, b)
    flags = stream(relay.ng.ask("query", call_id=call_id), "a")["flags"]
    assert "strict source address" in flags


def test_twenty_listeners_are_one_too_many(relay, peers, call_id):
    a, b = peers(), peers()
    kit.call(relay, a, b, call_id)
    results = [relay.ng.ask("subscribe request", call_id=call_id, from_tag="a")
               for _ in range(20)]
    assert [r["result"] for r in results] == ["ok"] * 15 + ["error"] * 5
    assert results[-1]["error-reason"] == "Too many subscribers"
    assert kit.relayed(a, b)


def test_metadata_and_labels_are_told_again(relay, peers, call_id):
    a = peers()
    relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=a.sdp(), metadata="x=1|y",
                 label="caller")
    reply = relay.ng.ask("query", call_id=call_id)
    assert reply["metadata"] == "x=1|y" and reply["tags"]["a"]["label"] == "caller"
    assert "<untagged 1>" in reply["tags"]


def test_interfaces_are_chosen_by_name(tmp_path, peers):
    running = kit.Relay(tmp_path, interfaces="in/127.0.0.1, out/127.0.0.2!198.51.100.4",
                        delete_delay="0s").start()
    a, b = peers(), peers("127.0.0.2")
    told_a, told_b = kit.call(running, a, b, "x", {"direction": ["in", "out"]})
    assert (told_a.host(), told_b.host()) == ("127.0.0.1", "198.51.100.4")
    b.to = "127.0.0.2", b.to[1]
    assert kit.relayed(a, b) and kit.relayed(b, a)
    # What has no direction keeps the interfaces that are.
    told = kit.Told(running.ng.ask("offer", call_id="x", from_tag="b", to_tag="a",
                                   sdp=b.sdp())["sdp"])
    assert told.at() == told_a.at()
    running.ng.ask("delete", call_id="x")
    assert running.ports_used() == 0 and running.stop() == 0
