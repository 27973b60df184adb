# SPDX-License-Identifier: Apache-2.0
"""What the media relay's tests share: an ng client, SDP to offer, and peers that send RTP."""
import os
import random
import socket


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
