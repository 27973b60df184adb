# SPDX-License-Identifier: Apache-2.0
"""What attacks the media relay: a sprayer of datagrams, crafted packets, and calls to attack."""
import functools
import json
import os
import pathlib
import re
import struct
import subprocess
import time

import media_kit as kit
import media_peers as peers
import media_webrtc as webrtc
from port_kit import OURS

LONG = os.environ.get("ATTESTEL_LONG") == "1"
HOST = "127.0.0.1"
STRANGER = "127.0.0.66"
NAT = "127.0.0.5"       # where a peer behind a NAT sends from
PRIVATE = "127.0.0.77"  # what its SDP says
MARK = b"INJECTED"
SSRC = 0x494E4A45

TO_SIP = {"ICE": "remove", "transport-protocol": "RTP/AVP", "rtcp-mux": ["demux"]}


def rtp(payload_type=0, ssrc=SSRC, payload=MARK * 20):
    return struct.pack("!BBHII", 0x80, payload_type, 1, 160, ssrc) + payload


def rtcp(kind=200, ssrc=SSRC):
    """A sender report, or a BYE."""
    if kind == 200:
        return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, 1 << 32, 2, 3, 4)
    return struct.pack("!BBHI", 0x81, kind, 1, ssrc)


def record(body, kind=22, sequence=0):
    return struct.pack("!BHHIHH", kind, 0xFEFD, 0, 0, sequence, len(body)) + body


def handshake(body, length=None, offset=0, kind=1):
    """A DTLS handshake message, or a fragment that says it is one of length bytes."""
    length = len(body) if length is None else length
    return record(struct.pack("!BBHHBHBH", kind, length >> 16, length & 0xFFFF, 0, offset >> 16,
                              offset & 0xFFFF, len(body) >> 16, len(body) & 0xFFFF) + body)


def extension(kind, body):
    return struct.pack("!HH", kind, len(body)) + body


def hello(ciphers=b"\xc0\x2b\xc0\x2f", cookie=b"", extensions=None):
    """The body of a ClientHello; a good one without arguments."""
    if extensions is None:
        extensions = (extension(10, b"\0\x04\0\x1d\0\x17") + extension(11, b"\1\0")
                      + extension(13, b"\0\x08\4\3\4\1\x08\4\5\3")
                      + extension(14, b"\0\x06\0\7\0\1\0\2\0") + extension(23, b""))
    return (b"\xfe\xfd" + os.urandom(32) + b"\0" + bytes([len(cookie)]) + cookie
            + struct.pack("!H", len(ciphers)) + ciphers + b"\1\0"
            + struct.pack("!H", len(extensions)) + extensions)


def client_hellos():
    """Bogus ones, and one that nothing but its source is wrong with."""
    good = hello()
    return [handshake(good), handshake(hello(b"\0\0\0\1")), handshake(hello(b"")),
            handshake(hello(cookie=os.urandom(32))), handshake(hello(extensions=b"")),
            handshake(good[:20], len(good)), handshake(good[20:60], len(good), 20),
            handshake(good, 0xFFFFFF), handshake(good[:10], 30, 0xFFFFF0), handshake(b""),
            record(b"\2\x28", 21), record(b"\1", 20), record(os.urandom(300), 23),
            handshake(os.urandom(200), kind=2)]


def check(ufrag, pwd, extra=(), role=0x802A, peer="peer"):
    """A connectivity check as a browser sends it; peer is its own name."""
    return webrtc.stun(0x0001, os.urandom(12), [
        (0x8022, b"an attacker"), (0x0024, struct.pack("!I", 1853824767)), (role, os.urandom(8)),
        (0x0006, f"{ufrag}:{peer}".encode()), *extra], pwd.encode())


def stun_bare(kind=0x0001, attributes=b""):
    return struct.pack("!HHI", kind, len(attributes), webrtc.COOKIE) + os.urandom(12) + attributes


def kinds_of_all():
    """Of each kind of packet that the relay knows, and of none."""
    return [rtp(), rtcp(), rtcp(203), stun_bare(), check("wxyz", "w" * 24), client_hellos()[0],
            client_hellos()[1]]


class Spray:
    """tests/bench/media/spray.c. sock: that of a peer; else a stranger's sockets."""

    def __init__(self, kinds, ports, rate, count=0, source=f"{STRANGER}/16", sock=None):
        first, last = (ports, ports) if isinstance(ports, int) else ports
        source = f"fd:{sock.fileno()}" if sock else source
        self.process = subprocess.Popen(
            [kit.BIN / "media" / "spray", source, HOST, f"{first}-{last}", str(rate),
             str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=[sock.fileno()] if sock else [])
        self.process.stdin.write("".join(f"{k.hex()}\n" for k in kinds).encode() + b"\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"ready\n"

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """What it sent, and what came back to it."""
        self.process.stdin.close()
        told = json.loads(self.process.stdout.read())
        assert self.process.wait(10) == 0
        return told

    def finish(self, timeout=600):
        """The same when all is sent."""
        assert self.process.wait(timeout) == 0
        return json.loads(self.process.stdout.read())


class Rtpengine:
    """Debian's, with what the tests ask of a relay."""

    def __init__(self, directory, ports=1000):
        self.range = OURS.range(ports)
        self.port, self.shares = kit.free_port(), ()
        command = peers.rtpengine(None, self.port, self.range, directory, {})
        self.log = open(pathlib.Path(directory) / "rtpengine.log", "wb")
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.log, stderr=self.log)
        self.ng = kit.Ng(self.port, timeout=0.2)
        kit.wait_until(self.answers)
        self.ng.socket.settimeout(10)

    def answers(self):
        try:
            return self.ng.ask("ping") == {"result": "pong"}
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        return 0


def start(directory, ports=1000, **options):
    """The relay of MEDIA_RELAY; range and shares are where it can be attacked."""
    if peers.KIND == "rtpengine":
        return Rtpengine(directory, ports)
    relay = kit.Relay(directory, ports, "127.0.0.1", **{"delete_delay": "0s", "workers": 2,
                                                        "drain": "0s", **options})
    if options.get("webrtc"):
        relay.shares = (relay.webrtc_port, relay.webrtc_port + 1)
    return relay.start()


@functools.lru_cache
def is_sanitized():
    """AddressSanitizer keeps what was freed: there is nothing to learn of memory in use."""
    return b"__asan_init" in (kit.BIN / "attestel-media").read_bytes()


class Process:
    """What the system says of a process."""

    def __init__(self, pid):
        self.root = pathlib.Path(f"/proc/{pid}")

    def rss(self):
        """Bytes."""
        return int(re.search(r"VmRSS:\s+(\d+)", (self.root / "status").read_text())[1]) * 1024

    def fds(self):
        return len(os.listdir(self.root / "fd"))

    def kernel_drops(self, port):
        """Datagrams that the socket on port had no room for."""
        rows = (self.root / "net/udp").read_text().splitlines()[1:]
        found = [row.split() for row in rows if row.split()[1].endswith(f":{port:04X}")]
        return sum(int(row[-1]) for row in found)


class Sdes(webrtc.SdesPeer):
    """That takes keys without padding too: rtpengine leaves it out."""

    def choose(self, told):
        return super().choose(told).partition("|")[0] + "=="


class Call:
    """A call of one kind between a, which is attacked, and b, a telephone with plain RTP."""

    def __init__(self, relay, kind, number, cert=None):
        self.relay, self.kind, self.name = relay, kind, f"{kind}-{number}"
        self.b = kit.RtpPeer()
        self.heard = {"a": 0, "b": 0}
        self.injected = {"a": 0, "b": 0}  # what b heard of a stranger came in by the leg of a
        self.broken = 0
        offer, answer, sdp = {}, {}, None
        if kind in ("hint", "learn", "late"):
            self.a = kit.RtpPeer(NAT)
            sdp = kit.sdp(self.a.port, PRIVATE)
            if kind == "hint":
                offer = {"received-from": ["IP4", NAT]}
        elif kind == "match":
            self.a = kit.RtpPeer()
        elif kind == "webrtc":
            self.a, offer, answer = webrtc.Browser(cert=cert), TO_SIP, {"ICE": "force"}
        else:
            self.a, offer = Sdes(kind), {"transport-protocol": "RTP/AVP"}
        one = {"call_id": self.name, "from_tag": "a"}
        to_b = relay.ng.ask("offer", **one, sdp=sdp or self.a.sdp(), **offer)
        assert to_b["result"] == "ok", to_b
        to_a = relay.ng.ask("answer", **one, to_tag="b", sdp=self.b.sdp(), **answer)
        assert to_a["result"] == "ok", to_a
        self.b.hear(kit.Told(to_b["sdp"]))
        self.a.hear(kit.Told(to_a["sdp"]))
        self.b.send()
        if kind == "webrtc":
            assert self.a.connect(), f"{self.name} is kept out"
        elif kind != "late":
            for _ in range(6):  # as a telephone that has answered
                self.exchange()
                time.sleep(0.005)

    def exchange(self):
        """A packet each way; what has come is taken."""
        self.a.send()
        self.b.send()
        self.take()

    def take(self):
        while self.kind == "webrtc" and self.a.turn(0):
            pass
        for who, peer in (("a", self.a), ("b", self.b)):
            while True:
                try:
                    got = peer.receive(0)
                except Exception:  # pylint: disable=broad-except
                    self.broken += 1  # what does not authenticate is not the relay's
                    continue
                if got is None:
                    break
                self.count(who, got)
            while isinstance(peer, kit.RtpPeer) and kit.RtpPeer.receive(peer, 0, rtcp=True):
                self.injected[who] += 1  # nobody but the stranger sends any

    def count(self, who, got):
        if MARK in got:
            self.injected[who] += 1
        else:
            self.heard[who] += 1

    def media(self, tag="a"):
        return self.relay.ng.ask("query", call_id=self.name)["tags"][tag]["medias"][0]

    def ports(self):
        """Where the relay hears a."""
        return self.a.to[1]

    def close(self):
        self.relay.ng.ask("delete", call_id=self.name)
        self.a.close()
        self.b.close()


def talk(calls, seconds, pace=10):
    """All calls talk; returns how many packets each way were sent by each end."""
    begin, rounds = time.monotonic(), 0
    for call in calls:
        call.take()
        call.heard = {"a": 0, "b": 0}
    while time.monotonic() < begin + seconds:
        for call in calls:
            call.exchange()
        rounds += 1
        time.sleep(max(0, begin + rounds / pace - time.monotonic()))
    for _ in range(20):  # what is late on a busy machine is not lost
        time.sleep(0.1)
        for call in calls:
            call.take()
        if all(min(call.heard.values()) >= rounds for call in calls):
            break
    return rounds


class Load:
    """tests/bench/media/load.c: calls in C. pace: packets a second of each end."""

    def __init__(self, relay, kind, calls, pace, seconds):
        self.process = subprocess.Popen(
            [kit.BIN / "media" / "load", *map(str, (relay.port, kind, calls, pace, seconds))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def talk(self):
        """All calls stand, or it fails; then what became of what they said."""
        assert self.process.stdout.readline() == b"ready\n", "a call was kept out"
        time.sleep(0.3)  # the last flight of DTLS is on its way to the relay
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.read())
        assert self.process.wait(10) == 0
        return told


HOSTILE = ["\0", "\r\nevent=forged", "\x1b[2J\x1b]0;x\x07", '"', "\\", "\x7f\x80\xff", "%s%n", "=",
           " level=error event=forged", "\u2028", "x" * 300, "../../etc/passwd", "x" * 65000]


def hostile_messages():
    one = {"call-id": "h", "from-tag": "a", "sdp": kit.sdp(4000)}
    for text in HOSTILE:
        for key in ("call-id", "from-tag", "to-tag", "via-branch", "label", "metadata",
                    "transport-protocol", "ICE", "flags", "replace", "address", "interface",
                    "media-address", "DTLS", "rtcp-mux", "SDES", "OSRTP", "command"):
            yield {"command": "offer", **one, key: text}
            yield {"command": "offer", **one, key: [text]}
        for command in ("query", "delete", "why", "list", "block media", "play media",
                        "start recording", "subscribe request", "unsubscribe"):
            yield {"command": command, "call-id": text, "from-tag": text, "to-tag": text}
    many = kit.sdp(4000) + kit.m_line(4000) * 999
    yield {"command": "offer", **one, "sdp": many[:60000]}
    yield {"command": "offer", **one, "sdp": kit.sdp(4000) + "m=audio 0 RTP/AVP 0\r\n" * 999}
    yield {"command": "offer", **one, "sdp": kit.sdp(4000) + "a=candidate:x\r\n" * 3000}
    yield {"command": "offer", **one, "sdp": kit.sdp(4000) + "a=" + "x" * 50000}
    for value in (0, -1, 1 << 62, [], {}, [[[]]], {"a": {"b": [1]}}, [1] * 5000, ""):
        for key in ("sdp", "call-id", "from-tag", "flags", "media identity", "received-from",
                    "direction", "TOS", "delete-delay", "supports", "codec"):
            yield {"command": "offer", **one, key: value}


def raw_messages():
    yield b"l" * 60000
    yield b"d1:a" * 15000
    yield b"d7:command5:offer7:command6:deletee"
    yield b"d7:command4:pinge" * 3
    yield b"99999999999999999999:x"
    yield b"d-1:xe"
    yield b"d7:command4:ping" + b"1:a0:" * 10000 + b"e"
    yield b"{" * 60000
    yield b'{"command":' * 5000
    yield b'{"command":"ping","command":"offer"}'
    yield b'{"command":"pi\\u0000ng"}'
    yield b'{"command":"ping","n":1e999999}'
    yield b"i99999999999999999999999e"


def signed(cert):
    return {"media identity": [{"alg": "sha256",
                                "dig": webrtc.fingerprint(cert).replace(":", "")}]}


class Identity:
    """A browser's call to a telephone whose identity signed somebody's certificate."""

    def __init__(self, relay, cert):
        self.relay, self.browser, self.phone = relay, webrtc.Browser(cert=cert), kit.RtpPeer()

    def negotiate(self, offer=None, answer=None):
        one = {"call_id": "i", "from_tag": "a"}
        told = self.relay.ng.ask("offer", **one, sdp=self.browser.sdp(), **TO_SIP,
                                 **(offer or {}))
        assert told["result"] == "ok", told
        self.phone.hear(kit.Told(told["sdp"]))
        told = self.relay.ng.ask("answer", **one, to_tag="b", sdp=self.phone.sdp(), ICE="force",
                                 **(answer or {}))
        assert told["result"] == "ok", told
        self.browser.hear(kit.Told(told["sdp"]))

    def talks(self):
        self.phone.drain(0)
        sent = self.browser.send()
        if self.phone.receive() != sent:
            return False
        sent = self.phone.send()
        return self.browser.receive() == sent

    def is_mute(self):
        """Twenty packets each way, and not a byte came of them."""
        self.phone.drain(0.1)
        for _ in range(20):
            if self.browser.out:
                self.browser.send()
            self.phone.send()
        while self.browser.turn(0.2):
            pass
        return self.phone.drain() == [] and self.browser.got == []

    def told(self):
        tags = self.relay.ng.ask("query", call_id="i")["tags"]
        return tags["a"]["media identity"]

    def close(self):
        self.relay.ng.ask("delete", call_id="i")
        self.browser.close()
        self.phone.close()
