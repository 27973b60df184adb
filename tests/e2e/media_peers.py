# SPDX-License-Identifier: Apache-2.0
"""What the media relay is tried with: relays as command lines, and telephones that hear and speak.

MEDIA_RELAY=rtpengine runs the same tests against Debian's rtpengine: what fails there too is no
fault of ours, and what we expect is what its clients are used to.
"""
import array
import bisect
import math
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from media_kit import Ng
from port_kit import OURS
from processes import free_port

HOST = "127.0.0.1"
KIND = os.environ.get("MEDIA_RELAY", "attestel")
START_S = 10
FRAME = 160  # samples of 20 ms at 8 kHz

needs_attestel = pytest.mark.skipif(KIND != "attestel", reason="rtpengine has no such thing")


def needs(*programs):
    """Skips the test, saying what is not installed."""
    lacking = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"not installed: {', '.join(lacking)}")


def attestel(bin_dir, port, ports, folder, settings):
    path = pathlib.Path(folder) / f"media-{port}.conf"
    lines = {"interface": HOST, "listen_ng": f"udp:{HOST}:{port}, tcp:{HOST}:{port}",
             "ports": f"{ports[0]}-{ports[1]}", "delete_delay": "0s", "drain": "0s",
             "workers": "2", **settings}
    path.write_text("[media]\n" + "".join(f"{k} = {v}\n" for k, v in lines.items()))
    return [os.path.join(bin_dir, "attestel-media"), "--config", path]


def rtpengine(_bin_dir, port, ports, _folder, settings):
    command = ["rtpengine", "--config-file=none", "-t", "-1", "-i", HOST, "-n", f"{HOST}:{port}",
               f"--listen-tcp-ng={HOST}:{port}", "-f", "-E", "-L", "6", "-m", ports[0], "-M",
               ports[1], "--delete-delay=0", "--num-threads=2"]
    if "max_calls" in settings:
        command.append(f"--max-sessions={settings['max_calls']}")
    return command


RELAYS = {"attestel": attestel, "rtpengine": rtpengine}


class Relay:
    """A relay that runs and answers ng on UDP and TCP; it has the ports of a range."""

    def __init__(self, bin_dir, folder, **settings):
        self.bin_dir, self.folder = bin_dir, pathlib.Path(folder)
        self.ports, self.settings = OURS.range(1000), settings
        self.port = free_port(HOST)
        self.process = self.log = self.ng = None
        self.start()

    def start(self):
        command = RELAYS[KIND](self.bin_dir, self.port, self.ports, self.folder, self.settings)
        self.log = open(self.folder / f"relay-{self.port}.log", "ab")
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        self.ng = Ng(self.port)
        self.ng.socket.settimeout(0.1)
        end = time.monotonic() + START_S
        while not self.answers():
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"{KIND} does not start:\n{self.text()[-2000:]}")
            time.sleep(0.05)
        self.ng.socket.settimeout(5)

    def answers(self):
        try:
            return self.ng.ask("ping") == {"result": "pong"}
        except OSError:
            return False

    def text(self):
        return (self.folder / f"relay-{self.port}.log").read_text(errors="replace")

    def calls(self):
        return self.ng.ask("list", limit=1000)["calls"]

    def open_ports(self):
        """Ports of the range that the process has sockets on."""
        inodes = set()
        for link in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                inodes.add(os.readlink(link))
            except OSError:
                continue
        with open("/proc/net/udp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        found = {int(row[1].split(":")[1], 16) for row in rows if f"socket:[{row[9]}]" in inodes}
        return sorted(port for port in found if self.ports[0] <= port <= self.ports[1])

    def assert_empty(self, within_s=3):
        """Calls and ports return to zero."""
        end = time.monotonic() + within_s
        while (left := (self.calls(), self.open_ports())) != ([], []):
            assert time.monotonic() < end, f"left in the relay: {left}"
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.ng.close()
        self.log.close()
        return self.process.returncode


def share(samples, hz, rate=8000):
    """The part of the power that lies at one frequency, 0 to 1 (Goertzel)."""
    power = sum(s * s for s in samples)
    if power <= len(samples) * 100 ** 2:  # what is that quiet is no tone
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hz / rate)
    before = now = 0.0
    for s in samples:
        before, now = now, s + factor * now - before
    at = before * before + now * now - factor * before * now
    return min(1.0, 2 * at / (len(samples) * power))


def tone(hz, frame):
    """20 ms of a tone, in the range of 16 bits; frames follow each other without a step."""
    first = frame * FRAME
    return [10000 * math.sin(2 * math.pi * hz * (first + i) / 8000) for i in range(FRAME)]


def mu_law(byte):
    """G.711 §3: the sample of an octet, 14 bits wide in 16."""
    byte ^= 0xff
    value = (((byte & 15) * 2 + 33) << (byte >> 4 & 7)) - 33
    return -4 * value if byte & 128 else 4 * value


def a_law(byte):
    """G.711 §3: the sample of an octet, 13 bits wide in 16."""
    byte ^= 0x55
    segment, value = byte >> 4 & 7, (byte & 15) * 2 + 1
    value = (value + 32) << (segment - 1) if segment else value
    return 8 * value if byte & 128 else -8 * value


class Codec:
    """G.711 by its decoding function: an octet stands for the sample that it is nearest to."""

    def __init__(self, number, sample_of):
        self.number = number
        self.samples = [sample_of(byte) for byte in range(256)]
        self.order = sorted(range(256), key=self.samples.__getitem__)
        self.limits = [(self.samples[a] + self.samples[b]) / 2
                       for a, b in zip(self.order, self.order[1:])]

    def encode(self, samples):
        return bytes(self.order[bisect.bisect(self.limits, s)] for s in samples)

    def decode(self, data):
        return array.array("h", (self.samples[byte] for byte in data))


CODECS = {"PCMU": Codec(0, mu_law), "PCMA": Codec(8, a_law)}


class Phone:
    """A plain RTP peer: RTP on an even port and RTCP on the next; it sends a tone and listens."""

    def __init__(self, hz=440, codec="PCMU", video=False):
        self.hz, self.codec = hz, codec
        self.sockets = self.pair()
        self.video = self.pair() if video else ()
        self.to = self.video_to = None
        self.talks = True
        self.heard = []      # (when, decoded 20 ms) of our codec
        self.sources = set()
        self.video_packets = 0
        self.lock = threading.Lock()
        self.running = True
        self.sequence, self.ssrc = random.randrange(1 << 15), random.randrange(1, 1 << 32)
        self.threads = [threading.Thread(target=work, daemon=True)
                        for work in (self.talk, self.listen)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def pair():
        """Two sockets on neighbouring ports, the first one even."""
        for _ in range(200):
            port = random.randrange(40000, 60000, 2)
            found = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
            try:
                for i, each in enumerate(found):
                    each.bind((HOST, port + i))
                return found
            except OSError:
                for each in found:
                    each.close()
        raise AssertionError("no two free ports")

    @property
    def port(self):
        return self.sockets[0].getsockname()[1]

    def sdp(self, direction="sendrecv", version=1, video=True):
        number = CODECS[self.codec].number
        text = (f"v=0\r\no=phone 1 {version} IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
                f"m=audio {self.port} RTP/AVP {number}\r\na=rtpmap:{number} {self.codec}/8000\r\n"
                f"a={direction}\r\na=ptime:20\r\n")
        if self.video:
            port = self.video[0].getsockname()[1] if video else 0
            text += f"m=video {port} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
        return text

    def answers(self, sdp):
        """Sends from now on to where an SDP says; a lone audio stream is what it holds at least."""
        at = media(sdp)
        self.to = (HOST, at["audio"])
        if self.video and at.get("video"):
            self.video_to = (HOST, at["video"])
        return self

    def talk(self):
        began, frame = time.monotonic(), 0
        codec = CODECS[self.codec]
        while self.running:
            time.sleep(max(0, began + frame * 0.02 - time.monotonic()))
            frame += 1
            if self.to is None or not self.talks:
                continue
            self.sequence += 1
            head = (bytes([0x80, codec.number]) + (self.sequence & 0xffff).to_bytes(2, "big")
                    + (frame * FRAME).to_bytes(4, "big") + self.ssrc.to_bytes(4, "big"))
            try:
                self.sockets[0].sendto(head + codec.encode(tone(self.hz, frame)), self.to)
            except OSError:
                pass  # nobody there yet, or any more

    def listen(self):
        sockets = [*self.sockets, *self.video]
        while self.running:
            for each in select.select(sockets, [], [], 0.1)[0]:
                try:
                    data, source = each.recvfrom(2048)
                except OSError:
                    continue
                if each is self.sockets[0]:
                    self.hear(data, source)
                elif self.video and each is self.video[0]:
                    self.see(data)

    def hear(self, data, source):
        codec = CODECS[self.codec]
        if len(data) < 12 or data[0] >> 6 != 2 or data[1] & 0x7f != codec.number:
            return
        end = 12 + 4 * (data[0] & 15)
        if data[0] & 16:
            end += 4 + 4 * int.from_bytes(data[end + 2:end + 4], "big")
        with self.lock:
            self.sources.add(source)
            self.heard.append((time.monotonic(), codec.decode(data[end:])))

    def see(self, data):
        """Video goes back to where it came from, as another source's."""
        if len(data) < 12 or data[1] & 0x7f != 96:
            return
        self.video_packets += 1
        if self.video_to:
            self.video[0].sendto(data[:8] + b"echo" + data[12:], self.video_to)

    def since(self, when):
        """The samples that came after a moment."""
        with self.lock:
            return [s for at, frame in self.heard if at > when for s in frame]

    def assert_hears(self, hz, within_s=8):
        """For a quarter of a second nothing but that tone."""
        end, told = time.monotonic() + within_s, (0, 0.0)
        while time.monotonic() < end:
            recent = self.since(time.monotonic() - 0.5)[-2000:]
            told = (len(recent), share(recent, hz))
            if told[0] == 2000 and told[1] > 0.8:
                return
            time.sleep(0.05)
        raise AssertionError(f"no tone of {hz} Hz; of {told[0]} samples its share is {told[1]:.2f}")

    def assert_hears_nothing(self, for_s=0.5):
        """Not one packet, from now on."""
        began = time.monotonic()
        time.sleep(for_s)
        assert len(self.since(began)) == 0

    def close(self):
        self.running = False
        for thread in self.threads:
            thread.join()
        for each in (*self.sockets, *self.video):
            each.close()


def media(sdp):
    """{type: port} of an SDP's m-lines."""
    lines = (line.split() for line in sdp.splitlines() if line.startswith("m="))
    return {words[0][2:]: int(words[1]) for words in lines}
