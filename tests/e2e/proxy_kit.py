# SPDX-License-Identifier: Apache-2.0
"""One attestel-proxy alone on loopback, and a SIP peer made of plain sockets."""
import os
import re
import select
import socket
import subprocess
import time
import urllib.request

REPLY_S = 2.0


class Proxy:
    """A proxy process with a configuration of the test's own."""

    def __init__(self, program, folder, config, **environment):
        self.path = folder / "proxy.conf"
        self.path.write_text(config)
        self.log_path = folder / "proxy.log"
        self.log = open(self.log_path, "w", encoding="utf-8")
        self.process = subprocess.Popen([program, "--config", str(self.path)], stderr=self.log,
                                        env={**os.environ, **environment})

    def text(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def wait_ready(self):
        end = time.monotonic() + 10
        while "event=proxy.ready" not in self.text():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the proxy does not start:\n{self.text()}")
            time.sleep(0.02)
        return self

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it at once; returns its exit code."""
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.terminate()  # the second one does not drain
        code = self.process.wait(10)
        self.log.close()
        return code


def metrics(address):
    """The admin's counters, by name and labels."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


class Message:
    """A received SIP message: start line, headers in order as (name, value), body."""

    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = re.sub(rb"\r\n[ \t]+", b" ", head).decode("utf-8", "replace").split("\r\n")
        self.data = data
        self.start = lines[0]
        self.headers = [(name.strip(), value.strip()) for name, _, value in
                        (line.partition(":") for line in lines[1:])]

    @property
    def status(self):
        return int(self.start.split()[1])

    def all(self, name):
        return [value for each, value in self.headers if each.lower() == name.lower()]

    def first(self, name):
        return (self.all(name) or [None])[0]


class Udp:
    """A UDP endpoint."""

    def __init__(self, host, port=0):
        self.only = None  # a Call-ID: other calls' late retransmissions are not received
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.host, self.port = self.socket.getsockname()

    def send(self, data, to):
        self.socket.sendto(data if isinstance(data, bytes) else data.encode(), to)

    def receive(self, timeout=REPLY_S):
        end = time.monotonic() + timeout
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            try:
                message = Message(self.socket.recv(65536))
            except ConnectionRefusedError:
                continue
            if self.only in (None, message.first("Call-ID")):
                return message
        return None

    def drain(self):
        while select.select([self.socket], [], [], 0)[0]:
            try:
                self.socket.recv(65536)
            except OSError:
                return

    def receive_final(self, timeout=REPLY_S):
        """The first final response."""
        end = time.monotonic() + timeout
        while (message := self.receive(max(0, end - time.monotonic()))) is not None:
            if message.start.startswith("SIP/") and message.status >= 200:
                return message
        return None

    def close(self):
        self.socket.close()


class Ids:
    """Fresh Call-IDs and branches."""
    count = 0

    @classmethod
    def next(cls):
        cls.count += 1
        return f"{cls.count:x}x{time.monotonic_ns():x}"


def request(method, uri, via, headers=(), body="", transport="UDP", leave_out=()):
    """A complete request; headers are added as they are, leave_out removes by name."""
    token = Ids.next()
    lines = [("Via", f"SIP/2.0/{transport} {via};branch=z9hG4bK{token};rport"),
             ("Max-Forwards", "70"), ("From", "<sip:+12155550101@a.example>;tag=f" + token),
             ("To", "<sip:+12155550199@b.example>"), ("Call-ID", token), ("CSeq", f"1 {method}"),
             ("Contact", f"<sip:{via}>")]
    text = f"{method} {uri} SIP/2.0\r\n"
    text += "".join(f"{n}: {v}\r\n" for n, v in lines if n not in leave_out)
    text += "".join(f"{header}\r\n" for header in headers)
    return text + f"Content-Length: {len(body.encode())}\r\n\r\n{body}"


def response(to, status, phrase, headers=(), tag="callee", body=""):
    """An answer to the request in to, with all its Vias and its Record-Routes."""
    text = f"SIP/2.0 {status} {phrase}\r\n"
    for name in ("Via", "Record-Route"):
        text += "".join(f"{name}: {value}\r\n" for value in to.all(name))
    for name in ("From", "Call-ID", "CSeq"):
        text += f"{name}: {to.first(name)}\r\n"
    own = to.first("To")
    text += f"To: {own}{'' if 'tag=' in own or status == 100 else ';tag=' + tag}\r\n"
    text += "".join(f"{header}\r\n" for header in headers)
    return text + f"Content-Length: {len(body)}\r\n\r\n{body}"
