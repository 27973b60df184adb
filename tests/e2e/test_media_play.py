# SPDX-License-Identifier: Apache-2.0
"""Announcements, keys, listening and recording: a real attestel-media between plain RTP peers."""
import array
import ipaddress
import itertools
import json
import math
import os
import pathlib
import socket
import struct
import time
import wave

import pytest

import media_kit as kit
import media_peers as peers_kit
import media_webrtc as webrtc
import opus_kit

IDS = (f"play-{n}" for n in itertools.count(1))
OPUS = ("96", "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n")
EVENT = "101"
needs_opus = pytest.mark.skipif(opus_kit.library() is None, reason="not installed: libopus")


def tone(hz, ms, rate=8000):
    return array.array("h", (round(8000 * math.sin(2 * math.pi * hz * i / rate))
                             for i in range(rate * ms // 1000)))


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def events():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(3)
        yield one


@pytest.fixture(scope="module")
def relay(tmp_path_factory, events):
    folder = tmp_path_factory.mktemp("media")
    records = tmp_path_factory.mktemp("records")
    write_wav(folder / "tone.wav", tone(440, 400))
    write_wav(folder / "long.wav", tone(440, 20000))
    if opus_kit.library():
        (folder / "tone.opus").write_bytes(opus_kit.ogg(opus_kit.encode(
            tone(440, 400, opus_kit.RATE))))
    (folder / "notes.txt").write_text("no sound")
    (folder / "empty.wav").write_bytes(b"")
    os.symlink("/etc/passwd", folder / "link.wav")
    os.mkfifo(folder / "pipe.wav")
    (folder.parent / "secret.wav").write_bytes((folder / "tone.wav").read_bytes())
    running = kit.Relay(tmp_path_factory.mktemp("relay"), delete_delay="0s", media_dir=folder,
                        record_dir=records, events=f"127.0.0.1:{events.getsockname()[1]}").start()
    running.records, running.media = records, folder
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture
def call_id(relay, events):
    name = next(IDS)
    events.setblocking(False)
    try:
        while events.recv(4096):
            pass
    except BlockingIOError:
        events.settimeout(3)
    yield name
    relay.ng.ask("delete", call_id=name)
    assert relay.ng.ask("list")["calls"] == []
    assert relay.ports_used() == 0


def rtp(packet):
    """marker, payload type, sequence, timestamp, SSRC, payload."""
    _, kind, sequence, timestamp, ssrc = struct.unpack("!BBHII", packet[:12])
    return bool(kind & 128), kind & 127, sequence, timestamp, ssrc, packet[12:]


def hear(peer, n, timeout=2):
    got = []
    while len(got) < n and (one := peer.receive(timeout)) is not None:
        got.append(rtp(one))
    return got


def call(relay, a, b, call_id, offer=None, **keys):
    """As in the kit; and whatever else the machine sends around is not heard."""
    told = kit.call(relay, a, b, call_id, offer, **keys)
    for peer in (a, b):
        peer.rtp.connect(peer.to)
    return told


def plays(relay, call_id, tag):
    legs = relay.ng.ask("why", call_id=call_id)["legs"]
    return any(line.startswith("an announcement plays") for leg in legs if leg["tag"] == tag
               for line in leg["lines"])


def ask(relay, command, **keys):
    reply = relay.ng.ask(command, **keys)
    assert reply["result"] == "ok", reply
    return reply


@pytest.mark.parametrize("codecs, number, law", [
    (kit.CODECS, 0, "PCMU"), (("8 101", "a=rtpmap:8 PCMA/8000\r\n"), 8, "PCMA"),
    (("97 0", "a=rtpmap:97 G729/8000\r\na=rtpmap:0 PCMU/8000\r\n"), 0, "PCMU")],
    ids=["PCMU", "PCMA", "first that we speak"])
def test_an_announcement_is_heard_as_it_is_in_the_file(relay, made, call_id, codecs, number, law):
    a, b = made(), made()
    call(relay, a, b, call_id, answer_sdp=b.sdp(codecs=codecs))
    assert ask(relay, "play media", call_id=call_id, from_tag="b", file="tone.wav")[
        "duration"] == 400
    began = time.monotonic()
    got = hear(b, 20)
    assert 0.3 < time.monotonic() - began < 1.5, "20 packets of 20 ms, as time goes by"
    assert b.receive(0.2) is None and a.receive(0) is None
    assert {one[1] for one in got} == {number} and len({one[4] for one in got}) == 1
    assert [one[0] for one in got] == [True] + [False] * 19
    assert all((y[2] - x[2], y[3] - x[3]) in ((1, 160), (-65535, 160), (1, 160 - 2 ** 32))
               for x, y in zip(got, got[1:]))
    samples = peers_kit.CODECS[law].decode(b"".join(one[5] for one in got))
    assert peers_kit.share(samples, 440) > 0.9


@needs_opus
def test_a_wav_file_is_heard_by_one_who_speaks_opus(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id, offer_sdp=a.sdp(codecs=OPUS), answer_sdp=b.sdp(codecs=OPUS))
    ask(relay, "play media", call_id=call_id, from_tag="b", file="tone.wav")
    got = hear(b, 20)
    assert {one[1] for one in got} == {96} and all(1 <= len(one[5]) <= 1275 for one in got)
    assert (got[1][3] - got[0][3]) % 2 ** 32 == 960
    assert peers_kit.share(opus_kit.decode([one[5] for one in got])[800:], 440) > 0.9


@needs_opus
def test_an_opus_file_is_passed_to_opus_and_decoded_for_others(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id, offer_sdp=a.sdp(codecs=OPUS))
    assert ask(relay, "play media", call_id=call_id, file="tone.opus", all=1)["duration"] == 400
    as_it_is = [one[5] for one in hear(a, 20)]
    assert opus_kit.ogg(as_it_is) == (relay.media / "tone.opus").read_bytes()
    got = hear(b, 20)
    samples = peers_kit.CODECS["PCMU"].decode(b"".join(one[5] for one in got))
    assert {one[1] for one in got} == {0} and peers_kit.share(samples[800:], 440) > 0.9


def test_while_it_plays_the_other_side_waits_and_then_is_heard_again(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    assert kit.relayed(a, b)
    ask(relay, "play media", call_id=call_id, from_tag="b", file="long.wav")
    hear(b, 2)
    sent = {a.send(os.urandom(160)) for _ in range(5)}
    assert not sent & {b.receive() for _ in range(8)}
    assert kit.relayed(b, a), "who is told is heard all the same"
    reply = ask(relay, "stop media", call_id=call_id, from_tag="b")
    assert 100 <= reply["last-frame-pos"] <= 5000
    b.drain(0.1)
    assert kit.relayed(a, b)


def test_repeat_duration_and_start_are_kept(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    play = {"call_id": call_id, "from_tag": "b", "file": "tone.wav"}
    for keys, ms in (({"repeat-times": 2}, 800), ({"start-pos": 300}, 100),
                     ({"duration": 60}, 60), ({"repeat-times": 3, "duration": 500}, 500)):
        assert ask(relay, "play media", **play, **keys)["duration"] == ms
        got = hear(b, ms // 20)
        assert len(got) == ms // 20, (keys, [one[:5] for one in got])
        kit.wait_until(lambda: not plays(relay, call_id, "b"))
        assert b.receive(0.05) is None, keys


def test_another_announcement_takes_the_place_of_the_first(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "play media", call_id=call_id, from_tag="b", file="long.wav")
    first = hear(b, 3)[0][4]
    ask(relay, "play media", call_id=call_id, from_tag="b", file="tone.wav")
    got = [one for one in hear(b, 200, 1) if one[4] != first]
    assert len(got) == 20


def test_a_new_sdp_without_its_codec_ends_an_announcement(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "play media", call_id=call_id, from_tag="b", file="long.wav")
    assert len(hear(b, 3)) == 3 and plays(relay, call_id, "b")
    kit.call(relay, a, b, call_id, {"to-tag": "b"},
             answer_sdp=b.sdp(codecs=("9", "a=rtpmap:9 G722/8000\r\n")))
    kit.wait_until(lambda: not plays(relay, call_id, "b"))


def test_who_holds_is_told_nothing(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    kit.call(relay, a, b, call_id, {"to-tag": "b"}, offer_sdp=a.sdp(lines="a=recvonly\r\n"),
             answer_sdp=b.sdp(lines="a=sendonly\r\n"))
    ask(relay, "play media", call_id=call_id, file="tone.wav", all=1)
    assert len(hear(a, 20)) == 20 and b.receive(0.05) is None


def test_a_blob_is_played_and_both_sides_may_be_meant(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    blob = (relay.media / "tone.wav").read_bytes()
    assert ask(relay, "play media", call_id=call_id, blob=blob, all=1)["duration"] == 400
    assert len(hear(a, 20)) == len(hear(b, 20)) == 20


def test_an_announcement_comes_before_there_is_an_answer(relay, made, call_id):
    a = made()
    ask(relay, "offer", call_id=call_id, from_tag="a", sdp=a.sdp())
    ask(relay, "play media", call_id=call_id, from_tag="a", file="tone.wav")
    assert len(hear(a, 20)) == 20


def test_a_browser_hears_it_encrypted(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made()
    reply = ask(relay, "offer", call_id=call_id, from_tag="a", sdp=browser.sdp(),
                **{"ICE": "remove", "transport-protocol": "RTP/AVP", "rtcp-mux": ["demux"]})
    phone.hear(kit.Told(reply["sdp"]))
    browser.hear(kit.Told(ask(relay, "answer", call_id=call_id, from_tag="a", to_tag="b",
                              sdp=phone.sdp(), ICE="force")["sdp"]))
    assert browser.connect() and browser.send() and phone.receive()
    ask(relay, "play media", call_id=call_id, from_tag="a", file="tone.wav")
    got = [rtp(one) for one in browser.drain(1)]
    samples = peers_kit.CODECS["PCMU"].decode(b"".join(one[5] for one in got))
    assert len(got) == 20 and peers_kit.share(samples, 440) > 0.9


@pytest.mark.parametrize("file, reason", [
    ("../secret.wav", "A file is named as it stands in media_dir, without a path"),
    ("/etc/passwd", "A file is named as it stands in media_dir, without a path"),
    (".", "A file is named as it stands in media_dir, without a path"),
    ("a\0b", "A file is named as it stands in media_dir, without a path"),
    ("none.wav", "No such file in media_dir"), ("link.wav", "No such file in media_dir"),
    ("pipe.wav", "The file cannot be read, or is none"),
    ("empty.wav", "neither WAV nor Ogg Opus"), ("notes.txt", "neither WAV nor Ogg Opus")])
def test_no_file_but_sound_of_the_folder_is_played(relay, made, call_id, file, reason):
    a, b = made(), made()
    call(relay, a, b, call_id)
    reply = relay.ng.ask("play media", call_id=call_id, from_tag="b", file=file)
    assert reply == {"result": "error", "error-reason": reason}
    assert b.receive(0.05) is None


def test_what_cannot_be_played_is_refused(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id, answer_sdp=b.sdp(
        codecs=("18", "a=rtpmap:18 G729/8000\r\n")))
    for keys, reason in (
            ({"file": "tone.wav"}, "The party speaks neither PCMU nor PCMA nor opus"),
            ({}, "No file or blob in message"),
            ({"file": "tone.wav", "from-tag": "z"}, "From-tag given, but no such tag exists"),
            ({"file": "tone.wav", "start-pos": 400}, "start-pos lies behind the end")):
        reply = relay.ng.ask("play media", **{"call-id": call_id, "from-tag": "b", **keys})
        assert reply["error-reason"] == reason
    for command in ("play media", "start recording", "start listening", "play DTMF"):
        assert relay.ng.ask(command, call_id="none")["error-reason"] == "Unknown call-ID"


def test_a_call_that_ends_while_it_plays_leaves_nothing(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "play media", call_id=call_id, file="long.wav", all=1)
    ask(relay, "start recording", call_id=call_id)
    ask(relay, "start listening", call_id=call_id, **{"no-input-timeout": 100})
    hear(b, 2)
    ask(relay, "delete", call_id=call_id)
    b.drain(0.1)
    assert b.receive(0.2) is None


def events_of(got):
    """Key, duration, end and marker of telephone-event packets."""
    return [(payload[0], struct.unpack("!H", payload[2:4])[0], bool(payload[1] & 128), marker)
            for marker, _, _, _, _, payload in got]


def test_keys_are_pressed_for_a_party(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "play DTMF", call_id=call_id, from_tag="a", digits="5#", duration=100, pause=60,
        volume=10)
    got = hear(b, 14)
    assert a.receive(0) is None and {one[1] for one in got} == {int(EVENT)}
    assert {one[5][1] & 63 for one in got} == {10}
    five = [one for one in events_of(got) if one[0] == 5]
    hash_key = [one for one in events_of(got) if one[0] == 11]
    for key in (five, hash_key):
        assert [one[1] for one in key] == [160, 320, 480, 640, 800, 800, 800]
        assert [one[2] for one in key] == [False] * 4 + [True] * 3, "the end is sent three times"
        assert [one[3] for one in key] == [True] + [False] * 6
    stamps = [one[3] for one in got]
    assert len(set(stamps[:7])) == len(set(stamps[7:])) == 1 and stamps[0] != stamps[7]
    assert [y[2] - x[2] & 0xffff for x, y in zip(got, got[1:])] == [1] * 13
    kit.wait_until(lambda: kit.relayed(a, b))


@pytest.mark.parametrize("keys, event", [({"code": 11}, 11), ({"code": "#"}, 11),
                                         ({"code": "7"}, 7), ({"code": "13"}, 13)])
def test_a_key_is_named_as_its_clients_name_it(relay, made, call_id, keys, event):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "play DTMF", call_id=call_id, from_tag="a", **keys)
    assert hear(b, 1)[0][5][0] == event


def test_keys_that_are_none_or_that_nobody_could_hear_are_refused(relay, made, call_id):
    a, b = made(), made()
    call(relay, a, b, call_id, answer_sdp=b.sdp(codecs=("0", "a=rtpmap:0 PCMU/8000\r\n")))
    for keys, reason in (({"code": "x"}, "No valid code in message: 0-9, *, #, A-D"),
                         ({"code": 16}, "No valid code in message: 0-9, *, #, A-D"),
                         ({"digits": "5" * 65}, "No valid code in message: 0-9, *, #, A-D"),
                         ({"code": "5"}, "The other side has no telephone-event in its SDP")):
        reply = relay.ng.ask("play DTMF", call_id=call_id, from_tag="a", **keys)
        assert reply["error-reason"] == reason
    assert relay.ng.ask("play DTMF", call_id=call_id, code="5")["error-reason"] == \
        "No participant party specified"


def press(peer, key, ms=100, ends=3):
    """A key in RFC 4733: a packet every 20 ms, its end three times."""
    peer.timestamp += 160
    for i in range(ms // 20 + ends - 1):
        elapsed = min((i + 1) * 20, ms)
        payload = struct.pack("!BBH", key, 10 | (128 if elapsed == ms else 0), elapsed * 8)
        packet = peer.packet(payload, int(EVENT))
        peer.timestamp -= 160
        peer.rtp.sendto(packet[:4] + struct.pack("!I", peer.timestamp) + packet[8:], peer.to)
    peer.timestamp += ms * 8


def next_event(events):
    return json.loads(events.recv(4096))


def test_keys_are_told_once_each_in_the_shape_of_dtmf_log(relay, made, call_id, events):
    a, b = made(), made()
    call(relay, a, b, call_id, {"flags": ["detect-DTMF"]})
    for key in (4, 4, 10):
        press(a, key)
    got = [next_event(events) for _ in range(3)]
    assert [one["event"] for one in got] == [4, 4, 10]
    assert abs(got[0].pop("timestamp") - time.time()) < 5
    assert got[0] == {"callid": call_id, "source_tag": "a", "tags": ["b"], "type": "DTMF",
                      "source_ip": "127.0.0.1", "event": 4, "duration": 100, "volume": 10}
    told = relay.ng.ask("query", call_id=call_id)["tags"]["a"]["DTMF"]
    assert [(one["key"], one["duration"]) for one in told] == [("4", 100), ("4", 100), ("*", 100)]
    assert len(b.drain()) == 21, "what is listened to passes"
    assert "DTMF" not in relay.ng.ask("query", call_id=call_id)["tags"]["b"]


def test_blocked_keys_are_told_to_us_alone(relay, made, call_id, events):
    a, b = made(), made()
    call(relay, a, b, call_id, {"flags": ["detect-DTMF"]})
    ask(relay, "start recording", call_id=call_id)
    ask(relay, "block DTMF", call_id=call_id, from_tag="a")
    logged = relay.logged()
    for key in (9, 1, 8):
        press(a, key)
        assert next_event(events)["event"] == key
    assert b.receive(0.1) is None
    assert kit.relayed(a, b)
    name = ask(relay, "stop recording", call_id=call_id)["recording"]
    kit.wait_until(lambda: len(packets_of(relay.records / name)) == 3)
    assert relay.logged() == logged, "keys are secrets"


def test_without_the_flag_nobody_listens(relay, made, call_id, events):
    a, b = made(), made()
    call(relay, a, b, call_id)
    press(a, 4)
    assert len(b.drain()) == 7
    assert "DTMF" not in relay.ng.ask("query", call_id=call_id)["tags"]["a"]
    events.settimeout(0.1)
    with pytest.raises(TimeoutError):
        events.recv(4096)


def test_input_that_does_not_come_is_told_once(relay, made, call_id, events):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "start listening", call_id=call_id, from_tag="a", **{"no-input-timeout": 300})
    for _ in range(10):
        a.send(b"\xff" * 160)
    got = next_event(events)
    assert (got["type"], got["source_tag"]) == ("no-input", "a") and 300 <= got["duration"] < 1000
    events.settimeout(0.5)
    with pytest.raises(TimeoutError):
        events.recv(4096)


@pytest.mark.parametrize("by", ["key", "speech"])
def test_input_in_time_is_no_missing_input(relay, made, call_id, events, by):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "start listening", call_id=call_id, from_tag="a", **{"no-input-timeout": 300})
    if by == "key":
        press(a, 1)
        assert next_event(events)["type"] == "DTMF"
    else:
        a.send(b"\x10" * 160)
    events.settimeout(0.6)
    with pytest.raises(TimeoutError):
        events.recv(4096)


def test_silence_is_told_once_until_sound_comes_again(relay, made, call_id, events):
    a, b = made(), made()
    call(relay, a, b, call_id)
    ask(relay, "start listening", call_id=call_id, from_tag="a", **{"silence-timeout": 200})
    for _ in range(2):
        a.send(b"\x10" * 160)
        end = time.monotonic() + 0.35
        while time.monotonic() < end:
            a.send(b"\xff" * 160)
            time.sleep(0.02)
        got = next_event(events)
        assert got["type"] == "silence" and 200 <= got["duration"] < 400
    ask(relay, "stop listening", call_id=call_id)
    a.send(b"\x10" * 160)
    events.settimeout(0.4)
    with pytest.raises(TimeoutError):
        events.recv(4096)


def packets_of(path):
    """(from, to, payload, Unix time) of each record of a pcap of raw IP."""
    data = pathlib.Path(path).read_bytes()
    magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert magic in (0xa1b2c3d4, 0xa1b23c4d) and link == 101
    found, at = [], 24
    scale = 1e9 if magic == 0xa1b23c4d else 1e6
    while at + 16 <= len(data):
        seconds, fraction, n, _ = struct.unpack("<IIII", data[at:at + 16])
        packet = data[at + 16:at + 16 + n]
        at += 16 + n
        assert len(packet) == n
        if packet[0] >> 4 == 6:
            hosts, udp = (packet[8:24], packet[24:40]), packet[40:]
        else:
            hosts, udp = (packet[12:16], packet[16:20]), packet[20:]
        ports = struct.unpack("!HH", udp[:4])
        ends = [(str(ipaddress.ip_address(h)), p) for h, p in zip(hosts, ports)]
        found.append((ends[0], ends[1], udp[8:], seconds + fraction / scale))
    return found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_recording_holds_both_directions_with_their_addresses(relay, made, call_id, host):
    a, b = made(kit.RtpPeer, host), made(kit.RtpPeer, host)
    to_a, to_b = call(relay, a, b, call_id)
    name = ask(relay, "start recording", call_id=call_id)["recording"]
    assert relay.ng.ask("query", call_id=call_id)["recording"] == {"state": "on", "file": name}
    sent = [a.send(os.urandom(160)) for _ in range(5)]
    back = [b.send(os.urandom(160)) for _ in range(3)]
    reports = [a.send_report(), b.send_report()]
    assert b.receive(rtcp=True) and a.receive(rtcp=True)
    assert len(hear(b, 5)) == 5 and len(hear(a, 3)) == 3
    ask(relay, "pause recording", call_id=call_id)
    assert relay.ng.ask("query", call_id=call_id)["recording"]["state"] == "paused"
    assert kit.relayed(a, b)
    assert ask(relay, "start recording", call_id=call_id)["recording"] == name
    last = a.send(os.urandom(160))
    assert hear(b, 1)
    assert ask(relay, "stop recording", call_id=call_id)["recording"] == name
    query = relay.ng.ask("query", call_id=call_id)
    assert query["recording"] == {"state": "off"}
    assert query["tags"]["a"]["recording"] == {"call recording": 0}
    assert kit.relayed(a, b)
    path = relay.records / name
    kit.wait_until(lambda: len(packets_of(path)) == 11)
    got = packets_of(path)
    assert path.stat().st_mode & 0o777 == 0o600
    expected = [((host, a.port), to_a.at(), one) for one in sent + [last]]
    expected += [((host, b.port), to_b.at(), one) for one in back]
    expected += [((host, a.port + 1), to_a.rtcp_at(), reports[0]),
                 ((host, b.port + 1), to_b.rtcp_at(), reports[1])]
    assert sorted(one[:3] for one in got) == sorted(expected)
    assert all(abs(one[3] - time.time()) < 20 for one in got)
    assert [one[3] for one in got] == sorted(one[3] for one in got)


def test_a_call_is_recorded_from_its_offer_in_the_clear_and_with_what_we_say(relay, made, call_id):
    a, b = made(), made(webrtc.SdesPeer)
    to_b = kit.Told(ask(relay, "offer", call_id=call_id, from_tag="a", sdp=a.sdp(), **{
        "transport-protocol": "RTP/SAVP", "flags": ["record-call"]})["sdp"])
    b.hear(to_b)
    a.hear(kit.Told(ask(relay, "answer", call_id=call_id, from_tag="a", to_tag="b",
                        sdp=b.sdp())["sdp"]))
    name = relay.ng.ask("query", call_id=call_id)["recording"]["file"]
    sent = b.send(os.urandom(160))
    assert a.receive() == sent
    ask(relay, "play media", call_id=call_id, from_tag="b", file="tone.wav")
    assert len(hear(b, 20)) == 20
    relay.ng.ask("delete", call_id=call_id)
    kit.wait_until(lambda: len(packets_of(relay.records / name)) == 21)
    got = packets_of(relay.records / name)
    assert got[0][:3] == (("127.0.0.1", b.port), to_b.at(), sent)
    samples = peers_kit.CODECS["PCMU"].decode(b"".join(rtp(one[2])[5] for one in got[1:]))
    assert {one[:2] for one in got[1:]} == {(to_b.at(), ("127.0.0.1", b.port))}
    assert peers_kit.share(samples, 440) > 0.9


def test_a_re_invite_does_not_end_a_pause_and_later_m_lines_are_recorded(relay, made, call_id):
    a, b, av, bv = (made() for _ in range(4))
    flags = {"flags": ["record-call"]}
    call(relay, a, b, call_id, flags)
    name = ask(relay, "pause recording", call_id=call_id)["recording"]
    vp8 = ("96", "a=rtpmap:96 VP8/90000\r\n")
    told_a, told_b = kit.call(relay, a, b, call_id, {"to-tag": "b", **flags}, **{
        f"{who}_sdp": one.sdp() + kit.m_line(video.port, media="video", codecs=vp8)
        for who, one, video in (("offer", a, av), ("answer", b, bv))})
    assert relay.ng.ask("query", call_id=call_id)["recording"] == {"state": "paused", "file": name}
    ask(relay, "start recording", call_id=call_id)
    av.hear(told_a, 1)
    bv.hear(told_b, 1)
    sent = av.send(payload_type=96)
    assert bv.receive() == sent
    ask(relay, "stop recording", call_id=call_id)
    kit.wait_until(lambda: [one[2] for one in packets_of(relay.records / name)] == [sent])


def test_without_folders_both_are_refused_and_a_call_goes_on(tmp_path, made):
    relay = kit.Relay(tmp_path, delete_delay="0s").start()
    a, b = made(), made()
    call(relay, a, b, "bare", {"flags": ["record-call"]})
    assert kit.relayed(a, b)
    assert relay.ng.ask("start recording", call_id="bare")["error-reason"] == \
        "No record_dir is configured"
    assert relay.ng.ask("play media", call_id="bare", from_tag="b", file="tone.wav")[
        "error-reason"] == "No media_dir is configured"
    assert "media.no_recording" in relay.logged()
    relay.ng.ask("delete", call_id="bare")
    assert relay.stop() == 0


@pytest.mark.parametrize("option, value, said", [
    ("events", "192.0.2.1:9000", "events: allowed: an address of this machine"),
    ("events", "127.0.0.1:0", "events: allowed: an address of this machine"),
    ("record_dir", "/nowhere", "/nowhere: No such file or directory; make the folder"),
    ("media_dir", "/nowhere", "media_dir /nowhere: No such file or directory")])
def test_what_cannot_work_is_said_at_the_start(tmp_path, option, value, said):
    """Events go to this machine alone: keys travel in the clear there."""
    relay = kit.Relay(tmp_path, **{option: value})
    with pytest.raises(AssertionError, match=said):
        relay.start()
    relay.process.wait(5)
