# SPDX-License-Identifier: Apache-2.0
"""SDP as it is written and read, and an end of a call that sends and receives plain RTP."""
import random
import re
import select
import socket
import struct

CODECS = ("0 8 101", "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
          "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n")


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
