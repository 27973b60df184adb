# SPDX-License-Identifier: Apache-2.0
"""Peers that encrypt: the demo's browser, a gateway with SDES, two ends whose DTLS is their own."""
import base64
import os
import time

from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

import media_kit as kit
import webrtc

# The demo has these too.
Browser, certificate, fingerprint = webrtc.Browser, webrtc.certificate, webrtc.fingerprint
COOKIE, Srtp, stun = webrtc.COOKIE, webrtc.Srtp, webrtc.stun

SDES = {"AES_CM_128_HMAC_SHA1_80": (16, 14), "AEAD_AES_128_GCM": (16, 12)}


def rsa_certificate():
    return certificate(rsa.generate_private_key(65537, 2048))


class SdesPeer(kit.RtpPeer):
    """A carrier's gateway with a=crypto of one suite."""

    def __init__(self, suite="AES_CM_128_HMAC_SHA1_80", tag=1):
        super().__init__()
        self.suite, self.tag = suite, tag
        self.new_key()

    def new_key(self):
        self.key = os.urandom(sum(SDES[self.suite]))
        self.out = Srtp(self.key[:16], self.key[16:])

    def line(self):
        return f"a=crypto:{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}\r\n"

    def sdp(self, **keys):
        return super().sdp(**{"proto": "RTP/SAVP", **keys,
                              "lines": keys.get("lines", "") + self.line()})

    def choose(self, told):
        """As who answers: the line of the offer with our suite; ours gets its tag."""
        for value in told.values("crypto"):
            tag, suite, key = value.split()[:3]
            if suite == self.suite:
                self.tag = int(tag)
                return key
        raise AssertionError(f"no {self.suite} in {told.text}")

    def hear(self, told, i=0):
        super().hear(told, i)
        key = base64.b64decode(self.choose(told).removeprefix("inline:"))
        self.back = Srtp(key[:16], key[16:])

    def send(self, payload=b"x" * 160, payload_type=None, to=None):
        packet = self.packet(payload, payload_type)
        self.rtp.sendto(self.out.protect(packet), to or self.to)
        return packet

    def receive(self, timeout=2, rtcp=False):
        got = super().receive(timeout, rtcp)
        return got if got is None or rtcp else self.back.unprotect(got)


def pump(peers, true, timeout=10, each=None):
    """Both ends at once, as two processes would be, until true()."""
    end = time.monotonic() + timeout
    while not true() and time.monotonic() < end:
        for peer in peers:
            while peer.turn(0.01):
                pass
            if each:
                each(peer)
    return true()


def shake(peer):
    """One step of a handshake; its end gives the keys."""
    if peer.out is not None:
        peer.flush()
        return
    try:
        peer.dtls.do_handshake()
        peer.flush()
    except SSL.WantReadError:
        peer.flush()
        return
    peer.take_keys()


def check_ice(a, b):
    def each(peer):
        if peer.checks == 0:
            peer.check(nominate=peer is a)
    assert pump((a, b), lambda: a.checks > 0 and b.checks > 0, each=each)


def connect_ends(a, b):
    """ICE and DTLS with each other, with nobody between who ends either."""
    check_ice(a, b)
    for peer in (a, b):
        peer.begin_dtls()
    assert pump((a, b), lambda: a.out is not None and b.out is not None, each=shake)
