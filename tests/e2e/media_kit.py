# SPDX-License-Identifier: Apache-2.0
"""What the media relay's tests share: the relay, an ng client, SDP, and peers that send RTP."""
import http.client
import os
import pathlib
import random
import re
import select
import signal
import socket
import struct
import subprocess
import time

from port_kit import OURS

BIN = pathlib.Path(os.environ.get("ATTESTEL_BIN", "build/bin")).resolve()
CODECS = ("0 8 101", "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
          "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n")


def bencode(value):
    """bytes of a value; strings are UTF-8, keys are sorted, booleans are not of this format."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, (list, tuple)):
        return b"l" + b"".join(bencode(v) for v in value) + b"e"
    pairs = sorted((k.encode(), bencode(v)) for k, v in value.items())
    return b"d" + b"".join(bencode(k) + v for k, v in pairs) + b"e"


def bdecode(data):
    """The value that data holds; anything behind it is an error."""
    value, end = _bdecode(data, 0)
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes behind the value")
    return value


def _bdecode(data, i):
    kind = data[i:i + 1]
    if kind == b"i":
        end = data.index(b"e", i)
        return int(data[i + 1:end]), end + 1
    if kind == b"l":
        items, i = [], i + 1
        while data[i:i + 1] != b"e":
            item, i = _bdecode(data, i)
            items.append(item)
        return items, i + 1
    if kind == b"d":
        entries, i = {}, i + 1
        while data[i:i + 1] != b"e":
            key, i = _bdecode(data, i)
            entries[key], i = _bdecode(data, i)
        return entries, i + 1
    colon = data.index(b":", i)
    end = colon + 1 + int(data[i:colon])
    return data[colon + 1:end].decode("utf-8", "surrogateescape"), end


class Ng:
    """A client of the ng protocol over UDP, as Kamailio's module is one."""

    def __init__(self, port, host="127.0.0.1", timeout=5):
        self.to = (host, port)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(timeout)
        self.count = 0
        self.prefix = f"{os.getpid()}_{random.randrange(1 << 30)}"

    def send(self, message, cookie=None):
        self.count += 1
        cookie = cookie or f"{self.prefix}_{self.count}"
        body = message if isinstance(message, bytes) else bencode(message)
        self.socket.sendto(cookie.encode() + b" " + body, self.to)
        return cookie

    def receive(self, cookie):
        """The reply with that cookie; older ones that come late are passed over."""
        while True:
            data = self.socket.recv(65536)
            got, _, body = data.partition(b" ")
            if got.decode() == cookie:
                return bdecode(body)

    def ask(self, command, **keys):
        """Sends command with keys ("call_id" is sent as "call-id"); returns the reply."""
        message = {k.replace("_", "-"): v for k, v in keys.items() if v is not None}
        message["command"] = command
        return self.receive(self.send(message))

    def close(self):
        self.socket.close()


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, timeout=10):
    """Until true() is; fails when it is not in time."""
    end = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < end, f"not within {timeout} s"
        time.sleep(0.05)


class Relay:
    """A real attestel-media. options are lines of its configuration file, by section."""

    def __init__(self, directory, ports=1000, interfaces="127.0.0.1, ::1", webrtc=False, **options):
        self.directory = pathlib.Path(directory)
        self.port, self.admin_port = free_port(), free_port(socket.SOCK_STREAM)
        self.process, self.ng = None, None
        self.range = OURS.range(ports)
        lines = [f"interface = {interfaces}", f"ports = {self.range[0]}-{self.range[1]}"]
        if webrtc:
            self.webrtc_port = OURS.reserve(16)
            lines.append(f"webrtc_port = {self.webrtc_port}")
        lines += [f"{name} = {value}" for name, value in options.items()]
        self.conf = self.directory / "media.conf"
        self.conf.write_text("\n".join([
            "[media]", f"listen_ng = udp:127.0.0.1:{self.port}", *lines,
            "[admin]", f"listen = 127.0.0.1:{self.admin_port}", "[log]", "level = debug", ""]))
        self.log = open(self.directory / "media.log", "w+b")

    def start(self):
        self.process = subprocess.Popen([BIN / "attestel-media", "--config", self.conf],
                                        stderr=self.log)
        self.ng = Ng(self.port, timeout=0.2)
        for _ in range(100):
            assert self.process.poll() is None, self.logged()
            try:
                assert self.ng.ask("ping") == {"result": "pong"}
                break
            except OSError:
                time.sleep(0.05)
        self.ng.socket.settimeout(10)
        return self

    def stop(self):
        """Ends it, and says what it ended with; no call may be left then."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(90)
        self.process = None
        self.ng.close()
        return code

    def logged(self):
        self.log.flush()
        return (self.directory / "media.log").read_text(errors="replace")

    def metric(self, name):
        """The value of a metric, by its name with its labels as they stand; 0 when it is not."""
        client = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        client.request("GET", "/metrics")
        for line in client.getresponse().read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rpartition(" ")[2])
        return 0

    def told(self, command, **keys):
        """What the relay's SDP says in the reply to command, which does not fail."""
        reply = self.ng.ask(command, **keys)
        assert reply["result"] == "ok", reply
        return Told(reply["sdp"])

    def ports_used(self):
        """A pair of RTP and RTCP counts as one."""
        statistics = self.ng.ask("statistics")["statistics"]
        return statistics["interfaces"][0]["ports"]["used"]


def sdp(port, host="127.0.0.1", proto="RTP/AVP", lines="", media="audio", codecs=CODECS, head=""):
    """An SDP with one m-line; lines are attributes of it, each with its end."""
    family = "IP6" if ":" in host else "IP4"
    return (f"v=0\r\no=- 1 1 IN {family} {host}\r\ns=-\r\nc=IN {family} {host}\r\nt=0 0\r\n{head}"
            + m_line(port, proto, lines, media, codecs))


def m_line(port, proto="RTP/AVP", lines="", media="audio", codecs=CODECS):
    return f"m={media} {port} {proto} {codecs[0]}\r\n{codecs[1]}{lines}"


class Told:
    """What an SDP from the relay says, m-line by m-line."""

    def __init__(self, text):
        self.text = text
        head, *medias = re.split(r"(?m)^(?=m=)", text)
        self.head = head
        self.medias = medias

    def value(self, name, i=0):
        """Of a=name of the i-th m-line, or of the session; "" for a flag; None when absent."""
        for part in (self.medias[i], self.head):
            found = re.search(rf"(?m)^a={name}(?::(.*?))?\r?$", part)
            if found:
                return found[1] or ""
        return None

    def values(self, name, i=0):
        return re.findall(rf"(?m)^a={name}:(.*?)\r?$", self.medias[i])

    def port(self, i=0):
        return int(self.medias[i].split()[1])

    def proto(self, i=0):
        return self.medias[i].split()[2]

    def host(self, i=0):
        found = re.search(r"(?m)^c=IN IP[46] (\S+)", self.medias[i]) or \
            re.search(r"(?m)^c=IN IP[46] (\S+)", self.head)
        return found[1]

    def at(self, i=0):
        return self.host(i), self.port(i)

    def rtcp_at(self, i=0):
        told = self.value("rtcp", i)
        return self.host(i), int(told.split()[0]) if told else self.port(i) + 1


class RtpPeer:
    """A pair of ports that send and receive RTP and RTCP; to is where the relay wants it."""

    def __init__(self, host="127.0.0.1", payload_type=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        while True:
            self.rtp, self.rtcp = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
            self.rtp.bind((host, 0))
            self.host, self.port = self.rtp.getsockname()[:2]
            try:
                self.rtcp.bind((host, self.port + 1))
                break
            except OSError:
                self.close()
        self.payload_type, self.ssrc = payload_type, random.randrange(1, 1 << 32)
        self.sequence, self.timestamp = random.randrange(1 << 15), random.randrange(1 << 31)
        self.to = self.rtcp_to = None

    def sdp(self, **keys):
        return sdp(self.port, self.host, **keys)

    def hear(self, told, i=0):
        """Takes from the relay's SDP where to send."""
        told = told if isinstance(told, Told) else Told(told)
        self.to, self.rtcp_to = told.at(i), told.rtcp_at(i)

    def packet(self, payload=b"x" * 160, payload_type=None):
        self.sequence = self.sequence + 1 & 0xffff
        self.timestamp = self.timestamp + 160 & 0xffffffff
        kind = self.payload_type if payload_type is None else payload_type
        return struct.pack("!BBHII", 0x80, kind, self.sequence, self.timestamp,
                           self.ssrc) + payload

    def send(self, payload=b"x" * 160, payload_type=None, to=None):
        packet = self.packet(payload, payload_type)
        self.rtp.sendto(packet, to or self.to)
        return packet

    def send_report(self, to=None):
        """A sender report without a block."""
        packet = struct.pack("!BBHIQIII", 0x80, 200, 6, self.ssrc, 1 << 32, 2, 3, 4)
        self.rtcp.sendto(packet, to or self.rtcp_to)
        return packet

    def receive(self, timeout=2, rtcp=False):
        """The next datagram; None when none comes in time."""
        one = self.rtcp if rtcp else self.rtp
        if not select.select([one], [], [], timeout)[0]:
            return None
        return one.recv(65536)

    def drain(self, timeout=0.2):
        """All that has come and comes until it is quiet."""
        got = []
        while (one := self.receive(timeout)) is not None:
            got.append(one)
        return got

    def close(self):
        self.rtp.close()
        self.rtcp.close()


def relayed(sender, receiver, n=3):
    """n packets of sender arrive at receiver as they were sent."""
    receiver.drain(0)
    for _ in range(n):
        sent = sender.send(os.urandom(160))
        if receiver.receive() != sent:
            return False
    return True


def call(relay, a, b, call_id, offer=None, answer=None, offer_sdp=None, answer_sdp=None):
    """A call from a to b; returns what each of them was told."""
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=offer_sdp or a.sdp(),
                         **(offer or {}))
    assert reply["result"] == "ok", reply
    to_b = Told(reply["sdp"])
    reply = relay.ng.ask("answer", call_id=call_id, from_tag="a", to_tag="b",
                         sdp=answer_sdp or b.sdp(), **(answer or {}))
    assert reply["result"] == "ok", reply
    to_a = Told(reply["sdp"])
    a.hear(to_a)
    b.hear(to_b)
    return to_a, to_b
