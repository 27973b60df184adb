# SPDX-License-Identifier: Apache-2.0
"""What the media relay's tests share: the relay, an ng client, and calls between peers."""
import http.client
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

import rtp
from port_kit import OURS

# The demo has these too.
CODECS, RtpPeer, Told, m_line, sdp = rtp.CODECS, rtp.RtpPeer, rtp.Told, rtp.m_line, rtp.sdp
BIN = pathlib.Path(os.environ.get("ATTESTEL_BIN", "build/bin")).resolve()


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
    """Of this worker's share: one from the kernel can be another's before it is used."""
    return OURS.reserve(2) if kind == socket.SOCK_DGRAM else OURS.free_port()


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
