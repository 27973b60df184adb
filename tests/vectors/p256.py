# SPDX-License-Identifier: Apache-2.0
"""P-256 in plain Python: deterministic signatures (RFC 6979) for vectors, never for real calls.

It is slow and its time depends on the key; that is why it is simple, and apart from the library.
"""
import base64
import hashlib
import hmac

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
DOUBLINGS = []  # 2^i times G


def add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times_g(k):
    """k times the generator."""
    if not DOUBLINGS:
        DOUBLINGS.append(G)
        for _ in range(255):
            DOUBLINGS.append(add(DOUBLINGS[-1], DOUBLINGS[-1]))
    point = None
    for i in range(256):
        if k >> i & 1:
            point = add(point, DOUBLINGS[i])
    return point


def nonce(secret, digest):
    """RFC 6979 section 3.2 with SHA-256."""
    def mac(key, *parts):
        return hmac.new(key, b"".join(parts), hashlib.sha256).digest()

    key, v = bytes(32), b"\1" * 32
    seed = secret.to_bytes(32, "big") + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    key = mac(key, v, b"\0", seed)
    v = mac(key, v)
    key = mac(key, v, b"\1", seed)
    v = mac(key, v)
    while True:
        v = mac(key, v)
        k = int.from_bytes(v, "big")
        if 0 < k < N:
            return k
        key = mac(key, v, b"\0")
        v = mac(key, v)


class Key:
    """A test key, made of its name: everybody can make it, so it must sign nothing real."""

    def __init__(self, name):
        seed = hashlib.sha256(b"Attestel public test key: " + name.encode()).digest()
        self.name = name
        self.secret = int.from_bytes(seed, "big") % (N - 1) + 1
        self.x, self.y = times_g(self.secret)

    def point(self):
        return b"\4" + self.x.to_bytes(32, "big") + self.y.to_bytes(32, "big")

    def sign(self, data):
        """(r, s) over data with SHA-256."""
        digest = hashlib.sha256(data).digest()
        k = nonce(self.secret, digest)
        r = times_g(k)[0] % N
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * self.secret) % N
        assert r and s
        return r, s

    def raw(self, data):
        """RFC 7515 section 3.4 of appendix A.3: R and S, 32 bytes each."""
        r, s = self.sign(data)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def encode64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
