# SPDX-License-Identifier: Apache-2.0
"""Why is there no audio: each line of docs/media.md is provoked, by real peers of a real relay."""
import pathlib
import re
import socket
import struct
import subprocess
import time
import wave

import pytest

import media_kit as kit
import media_webrtc as webrtc

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "media.md"
TITLE = "## Why is there no audio"
TO_SIP = {"ICE": "remove", "transport-protocol": "RTP/AVP", "rtcp-mux": ["demux"]}
SAVP = {"transport-protocol": "RTP/SAVP"}
VIDEO = ("video", ("96", "a=rtpmap:96 VP8/90000\r\n"), "1")
AUDIO = ("audio", ("0", "a=rtpmap:0 PCMU/8000\r\n"), "0")
SEEN = set()


def documented():
    section = DOCS.read_text(encoding="utf-8").split(TITLE)[1].split("\n## ")[0]
    return re.findall(r"(?m)^\| `(.+?)` \|", section)


def pattern(row):
    return "".join("(.+?)" if part.startswith("{") else re.escape(part)
                   for part in re.split(r"(\{[a-z-]+\})", row)) + "$"


ROWS = {row: re.compile(pattern(row)) for row in documented()}


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    media_dir = tmp_path_factory.mktemp("media")
    with wave.open(str(media_dir / "long.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x20" * 8000 * 20)
    running = kit.Relay(tmp_path_factory.mktemp("relay"), delete_delay="0s",
                        media_dir=media_dir).start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture
def stranger():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        yield one


def why(relay, call_id, tag="a", media="audio"):
    """The lines of one leg; every one of them is documented."""
    reply = relay.ng.ask("why", call_id=call_id)
    assert reply["result"] == "ok", reply
    lines = next(leg["lines"] for leg in reply["legs"]
                 if (leg["tag"], leg["media"]) == (tag, media))
    for line in lines:
        rows = [row for row, found in ROWS.items() if found.match(line)]
        assert rows, f"not documented: {line}"
        SEEN.update(rows)
    return lines


def has(relay, call_id, line, tag="a", media="audio"):
    """Waits until the leg's lines hold it; it is a regular expression of the whole."""
    end = time.monotonic() + 3
    while True:
        lines = why(relay, call_id, tag, media)
        if any(re.fullmatch(line, one) for one in lines):
            return True
        assert time.monotonic() < end, lines
        time.sleep(0.05)


def test_audio_both_ways_is_all_there_is_to_say(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a, 2)
    assert why(relay, call_id) == ["audio flows both ways: 3 packets in, 2 out"]
    assert why(relay, call_id, "b") == ["audio flows both ways: 2 packets in, 3 out"]
    media = relay.ng.ask("query", call_id=call_id)["tags"]["b"]["medias"][0]
    assert media["why"] == ["audio flows both ways: 2 packets in, 3 out"]


def test_the_tool_prints_the_lines_of_each_leg(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    tool = subprocess.run([kit.BIN / "attestel", "media", "why", call_id, "--socket",
                           f"udp:127.0.0.1:{relay.port}"], capture_output=True, text=True,
                          timeout=20)
    line = "  audio flows both ways: 3 packets in, 3 out\n"
    assert (tool.returncode, tool.stdout) == (0, f"a, audio\n{line}\nb, audio\n{line}"), tool.stderr


def test_without_an_answer_and_without_a_call(relay, made, call_id):
    relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=made().sdp())
    assert why(relay, call_id) == ["no answer yet: the offer came 0 s ago"]
    assert relay.ng.ask("why", call_id="none")["error-reason"] == "Unknown call-id"


def test_m_lines_that_carry_no_media_of_ours(relay, made, call_id):
    a, b = made(), made()
    chat = "m=message 5004 TCP/MSRP *\r\n"
    kit.call(relay, a, b, call_id,
             offer_sdp=a.sdp() + kit.m_line(5000, media="video", codecs=VIDEO[1]) + chat,
             answer_sdp=b.sdp() + kit.m_line(0, media="video", codecs=VIDEO[1]) + chat)
    assert has(relay, call_id, r"the m-line was rejected \(port 0\): no video can pass", "b",
               "video")
    assert has(relay, call_id, "media of this kind is not relayed.*", "a", "message")


def test_of_a_fax_the_words_are_not_those_of_rtp(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    fax = {"proto": "udptl", "media": "image", "codecs": ("t38", "")}
    kit.call(relay, a, b, call_id, {"to_tag": "b"}, offer_sdp=a.sdp(**fax), answer_sdp=b.sdp(**fax))
    assert has(relay, call_id, "no datagram from it since signalling .*", "a", "image")
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert why(relay, call_id, "a", "image") == ["image flows both ways: 3 datagrams in, 3 out"]
    a.send_report((a.to[0], a.to[1] + 1))
    assert has(relay, call_id, "1 datagrams came to the second port, .*", "a", "image")


def test_an_identity_that_wants_dtls_shuts_an_m_line_without(relay, made, call_id):
    a, b = made(), made()
    identity = ["sha256 " + ":".join(["4A"] * 32)]
    kit.call(relay, a, b, call_id, {"media identity": identity})
    a.send()
    assert has(relay, call_id, "its signed identity wants DTLS.*")
    assert b.receive(0.1) is None


def browser_calls(relay, browser, phone, call_id, **keys):
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=browser.sdp(),
                         **{**TO_SIP, **keys})
    phone.hear(kit.Told(reply["sdp"]))
    reply = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                         ICE="force")
    browser.hear(kit.Told(reply["sdp"]))


def test_query_calls_a_port_rtcp_only_where_no_rtp_comes_there(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made()
    browser_calls(relay, browser, phone, call_id)
    shown = subprocess.run([kit.BIN / "attestel", "media", "query", call_id, "--socket",
                            f"udp:127.0.0.1:{relay.port}"], capture_output=True, text=True,
                           timeout=20)
    kinds = re.findall(r"(?m)^    (\w+) +127\.0\.0\.1:(\d+) with", shown.stdout)
    assert kinds == [("RTP", str(browser.to[1])), ("RTP", str(phone.to[1])),
                     ("RTCP", str(phone.to[1] + 1))], shown.stdout


def test_a_browser_that_gets_no_further(relay, made, call_id, stranger):
    browser, phone = made(webrtc.Browser), made()
    browser_calls(relay, browser, phone, call_id)
    assert has(relay, call_id, "ICE is new: the peer has sent no connectivity check")
    stranger.sendto(phone.packet(), browser.to)
    assert has(relay, call_id, "1 packets from addresses that ICE has not validated: "
               f"from 1 address, the last 127.0.0.1:{stranger.getsockname()[1]}")
    assert browser.ice()
    assert has(relay, call_id, "DTLS is not finished: .+")
    assert not any(line.startswith("ICE") for line in why(relay, call_id))
    phone.send()
    assert has(relay, call_id, "1 packets of media while there were no SRTP keys")
    assert browser.handshake()
    assert browser.send() and phone.receive() and phone.send() and browser.receive()
    assert has(relay, call_id, "audio flows both ways: 1 packets in, 1 out")


def test_a_certificate_that_nobody_signed(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made()
    other = webrtc.fingerprint(webrtc.certificate()[0])
    browser_calls(relay, browser, phone, call_id, **{"media identity": ["sha256 " + other]})
    assert browser.connect()
    assert has(relay, call_id, "the certificate of its DTLS handshake is not one.*")


def test_dtls_from_an_address_that_was_not_signalled(relay, made, call_id, stranger):
    a, b = made(), made()
    lines = f"a=setup:active\r\na=fingerprint:sha-256 {':'.join(['4A'] * 32)}\r\n"
    kit.call(relay, a, b, call_id, {"transport-protocol": "UDP/TLS/RTP/SAVP", "ICE": "remove"},
             answer_sdp=b.sdp(proto="UDP/TLS/RTP/SAVP", lines=lines))
    stranger.sendto(b"\x16\xfe\xfd" + bytes(40), b.to)
    assert has(relay, call_id, "1 packets of DTLS from addresses that its SDP does not name: "
               f"from 1 address, the last 127.0.0.1:{stranger.getsockname()[1]}", "b")
    assert has(relay, call_id, "DTLS is not finished: no handshake yet", "b")


def test_srtp_that_has_no_key_or_another(relay, made, call_id):
    a, b = made(), made(webrtc.SdesPeer, tag=77)
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=a.sdp(), **SAVP)
    told = kit.Told(reply["sdp"])
    relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert has(relay, call_id, "no SRTP key of it: .*", "b")
    b.hear(told)
    reply = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    a.hear(kit.Told(reply["sdp"]))
    wire = b.out.protect(b.packet())
    for _ in range(2):
        b.rtp.sendto(wire, b.to)
    assert has(relay, call_id, "1 packets came twice, or too late for the replay window", "b")
    b.new_key()
    for _ in range(7):
        b.send()
    assert has(relay, call_id, "SRTP authentication failed 7 times: .*", "b")


def test_more_sources_than_a_key_may_have(relay, made, call_id):
    a, b = made(), made(webrtc.SdesPeer)
    told = kit.Told(relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=a.sdp(),
                                 **SAVP)["sdp"])
    b.hear(told)
    a.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp()))
    for a.ssrc in range(1, 66):
        a.send()
    assert has(relay, call_id, "1 packets of more SRTP sources than there may be at once, "
               "or under one key", "b")
    name = 'attestel_media_drops_total{reason="sources",kind="sdes"}'
    kit.wait_until(lambda: relay.metric(name) == 1)


def test_a_stranger_is_counted_and_named(relay, made, call_id):
    a, b, one, two = made(), made(), made(), made()
    told, _ = kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b)
    for peer in (one, two, two):
        peer.send(to=told.at())
    assert has(relay, call_id, "3 packets dropped by the source lock: from 2 addresses, the last "
               f"127.0.0.1:{two.port}, not from 127.0.0.1:{a.port}")


def test_no_address_and_nowhere_to_go(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id, answer_sdp=kit.sdp(b.port, "0.0.0.0"))
    assert has(relay, call_id, "no address to send to: its SDP names none", "b")
    a.send()
    assert has(relay, call_id, "1 packets had nowhere to go: .*", "b")


def test_an_address_that_the_system_refuses(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id, answer_sdp=kit.sdp(b.port, "255.255.255.255"))
    a.send()
    assert has(relay, call_id, "1 packets that the system refused to send to 255.255.255.255:"
               f"{b.port}", "b")


@pytest.mark.parametrize("datagram, line", [
    (webrtc.stun(1, bytes(12), [(6, b"a:b")], b"key"), "1 STUN messages refused: .*"),
    (b"\x8f\x00" + bytes(12), "1 packets with a broken RTP or RTCP header"),
    (b"\xff" * 20, "1 packets that are neither STUN, DTLS, RTP nor RTCP"),
    (b"\x80\x00" + bytes(1700), "1 packets longer than media may be")],
    ids=["STUN", "broken", "neither", "long"])
def test_datagrams_that_are_no_media(relay, made, call_id, datagram, line):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    a.rtp.sendto(datagram, a.to)
    assert has(relay, call_id, line)


def test_holds_and_who_does_not_keep_to_them(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    kit.call(relay, a, b, call_id, {"to-tag": "b"}, offer_sdp=a.sdp(lines="a=sendonly\r\n"),
             answer_sdp=b.sdp(lines="a=recvonly\r\n"))
    assert has(relay, call_id, "on hold: its SDP says sendonly, so nothing is sent to it")
    assert has(relay, call_id, "on hold: its SDP says recvonly, so nothing is taken from it", "b")
    assert kit.relayed(a, b)
    assert has(relay, call_id, "audio comes from it: 3 packets")
    assert has(relay, call_id, "audio goes to it: 3 packets", "b")
    b.send()
    assert has(relay, call_id, "1 packets dropped against the negotiated direction", "b")


def test_what_a_command_does_to_media(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    for command, line in (("block media", "what it sends is blocked on request.*"),
                          ("silence media", "what it sends is replaced by silence.*")):
        relay.ng.ask(command, call_id=call_id, from_tag="a")
        assert has(relay, call_id, line)
        relay.ng.ask("un" + command, call_id=call_id, from_tag="a")
    assert relay.ng.ask("play media", call_id=call_id, from_tag="b",
                        file="long.wav")["duration"] == 20000
    assert has(relay, call_id, "an announcement plays to it: what the other side sends waits", "b")


def test_one_way_audio_is_told_of_both_sides_and_counted(relay, made, call_id):
    a, b = made(), made()
    to_a, _ = kit.call(relay, a, b, call_id)
    assert has(relay, call_id, "no packet from it since signalling 0 s ago; expected "
               f"127.0.0.1:{a.port} to 127.0.0.1:{to_a.port()}")
    assert kit.relayed(a, b) and kit.relayed(b, a)
    end = time.monotonic() + 6.5
    while time.monotonic() < end:
        a.send()
        time.sleep(0.1)
    a.send()
    assert has(relay, call_id, r"one way: \d+ packets came from it, and none goes to it; .*")
    assert has(relay, call_id, r"no packet from it for [56] s: 3 came before, the last from "
               f"127.0.0.1:{b.port}", "b")
    assert has(relay, call_id, r"one way: \d+ packets went to it, and none comes back", "b")
    kit.wait_until(lambda: relay.metric("attestel_media_calls_one_way") == 1)
    relay.ng.ask("delete", call_id=call_id)
    kit.wait_until(lambda: relay.metric("attestel_media_calls_one_way") == 0)


def test_a_payload_type_that_the_other_side_never_offered(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    for number in (97, 97, 0, 13):
        a.send(payload_type=number)
    assert has(relay, call_id, "2 packets of payload type 97, which the other side's SDP has not.*")
    # The other side learns it: from then on it is none of a stranger's.
    kit.call(relay, a, b, call_id, {"to-tag": "b"},
             answer_sdp=b.sdp(codecs=("0 97", "a=rtpmap:97 opus/48000/2\r\n")))
    a.send(payload_type=97)
    assert has(relay, call_id, "2 packets of payload type 97.*")


def test_a_packet_of_no_m_line_of_a_bundle(relay, made, call_id):
    browser, phone, video = made(webrtc.Browser, (AUDIO, VIDEO)), made(), made()
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=browser.sdp(), **TO_SIP)
    phone.hear(kit.Told(reply["sdp"]))
    reply = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b", ICE="force",
                         sdp=phone.sdp() + kit.m_line(video.port, media="video", codecs=VIDEO[1]))
    browser.hear(kit.Told(reply["sdp"]))
    assert browser.connect()
    browser.send(mid=False, payload_type=111)
    assert has(relay, call_id, "1 packets belong to no m-line: .*")


def report(of, by, loss, jitter):
    """A receiver report of by: it gets the packets of of with that loss (in 256ths)."""
    return struct.pack("!BBHIIIIIII", 0x81, 201, 7, by.ssrc, of.ssrc, loss << 24 | 9,
                       of.sequence, jitter, 0, 0)


def test_quality_is_told_as_it_is_measured_and_reported(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    for _ in range(20):
        a.sequence += 1  # every second one is lost
        a.timestamp += 8000
        a.send()
    assert has(relay, call_id, "48 % of what it sends is lost before it comes here")
    assert has(relay, call_id, r"what it sends comes unevenly: jitter \d{3,} ms")
    b.rtcp.sendto(report(a, b, 64, 800), b.rtcp_to)
    assert has(relay, call_id, "the other side reports 25 % loss and 100 ms jitter of what it "
               r"sends: MOS 1\.\d")
    quality = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["medias"][0]["quality"]
    assert (quality["packets lost"], quality["packet loss"]) == (19, 48)
    assert quality["reported"]["packet loss"] == 25


def test_query_tells_mos_as_its_clients_read_it(relay, made, call_id):
    a, b = made(), made()
    kit.call(relay, a, b, call_id)
    for _ in range(5):
        a.send()
    b.send()
    b.rtcp.sendto(report(a, b, 0, 8), b.rtcp_to)
    b.rtcp.sendto(report(a, b, 26, 80), b.rtcp_to)
    kit.wait_until(lambda: relay.ng.ask("query", call_id=call_id)["SSRC"][str(a.ssrc)].get(
        "average MOS", {}).get("samples") == 2)
    one = relay.ng.ask("query", call_id=call_id)["SSRC"][str(a.ssrc)]
    assert set(one) == {"packets", "bytes", "last RTP timestamp", "last RTP seq",
                        "cumulative loss", "average MOS", "lowest MOS", "highest MOS",
                        "MOS progression"}
    figures = {"MOS", "round-trip time", "round-trip time leg", "jitter", "packet loss"}
    assert set(one["average MOS"]) == figures | {"samples"}
    assert set(one["lowest MOS"]) == set(one["highest MOS"]) == figures | {"reported at"}
    assert one["lowest MOS"]["packet loss"] == 10 and one["lowest MOS"]["jitter"] == 10
    assert one["highest MOS"]["MOS"] > 40 > one["lowest MOS"]["MOS"]
    assert len(one["MOS progression"]["entries"]) == 2 and "interval" in one["MOS progression"]
    assert abs(one["lowest MOS"]["reported at"] - time.time()) < 10
    before = relay.metric("attestel_media_mos_count")
    relay.ng.ask("delete", call_id=call_id)
    assert relay.metric("attestel_media_mos_count") == before + 1


def test_a_peer_of_many_sources_makes_no_reply_too_long(relay, made, call_id):
    pairs = [(made(), made()) for _ in range(5)]
    texts = [pairs[0][i].sdp() + "".join(kit.m_line(pair[i].port, media="video", codecs=VIDEO[1])
                                         for pair in pairs[1:]) for i in range(2)]
    told = kit.call(relay, *pairs[0], call_id, offer_sdp=texts[0], answer_sdp=texts[1])
    for i, (a, b) in enumerate(pairs):
        a.hear(told[0], i)
        b.hear(told[1], i)
        for one, other in ((a, b), (b, a)):
            for one.ssrc in range(100 * i + 1, 100 * i + 5):
                one.send(payload_type=0)
                assert other.receive()
                for _ in range(16):
                    other.rtcp.sendto(report(one, other, 10, 80), other.rtcp_to)
    kit.wait_until(lambda: relay.ng.ask("query", call_id=call_id)["SSRC"]["404"].get(
        "average MOS", {}).get("samples") == 16)
    query = relay.ng.ask("query", call_id=call_id)
    assert len(query["SSRC"]) == 20 and "MOS progression" not in query["SSRC"]["404"]
    reply = relay.ng.ask("delete", call_id=call_id)
    assert reply["result"] == "ok" and len(reply["SSRC"]) == 20


def test_ends_that_hold_the_keys_are_told_of_by_what_is_seen_of_them(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    a.hear(kit.call(relay, b, a, call_id, offer={"flags": ["passthrough"]})[1])
    has(relay, call_id, "no ICE check has come from it under the password that .*")
    has(relay, call_id, "passthrough: the ends hold the keys, .* mky stays end to end", "b")
    relay.ng.ask("delete", call_id=call_id)
    digest = webrtc.fingerprint(webrtc.certificate()[0]).replace(":", "")
    kit.call(relay, a, b, call_id, offer={"flags": ["passthrough"],
                                          "media identity": [f"sha256 {digest}"]})
    has(relay, call_id, "a fingerprint of its SDP is not one that its identity signed, .*")


def test_every_documented_line_was_provoked(request):
    """Last, and only when the others ran."""
    ours = [item for item in request.session.items if item.fspath == request.node.fspath]
    if len(ours) < 24:
        pytest.skip("the other tests of this file did not run")
    assert sorted(set(ROWS) - SEEN) == []
