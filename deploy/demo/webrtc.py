# SPDX-License-Identifier: Apache-2.0
"""A peer that does what a browser does: full ICE, DTLS-SRTP, one port, BUNDLE."""
import hashlib
import hmac
import os
import random
import select
import socket
import struct
import time
import zlib

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from OpenSSL import SSL, crypto

import rtp

COOKIE = 0x2112A442


def certificate(key=None):
    """A self-signed certificate and its key: of P-256, as browsers make them, or key's."""
    key = crypto.PKey.from_cryptography_key(key or ec.generate_private_key(ec.SECP256R1()))
    made = crypto.X509()
    made.set_version(2)
    made.set_serial_number(random.randrange(1 << 60))
    made.get_subject().CN = "peer"
    made.set_issuer(made.get_subject())
    made.gmtime_adj_notBefore(-86400)
    made.gmtime_adj_notAfter(86400 * 7)
    made.set_pubkey(key)
    made.sign(key, "sha256")
    return made, key


def fingerprint(cert):
    return cert.digest("sha256").decode()


class Srtp:
    """RTP one way: AEAD_AES_128_GCM (RFC 7714) or AES_CM_128_HMAC_SHA1_80 (RFC 3711)."""

    def __init__(self, key, salt):
        self.gcm = len(salt) == 12
        self.master, self.master_salt = key, salt.ljust(14, b"\0")
        self.key = self.derive(0, len(key))
        self.auth = self.derive(1, 20)
        self.salt = self.derive(2, len(salt))
        self.roc, self.highest = {}, {}

    def stream(self, key, counter, n):
        encryptor = Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor()
        return encryptor.update(bytes(n))

    def derive(self, label, n):
        x = bytearray(self.master_salt)
        x[7] ^= label
        return self.stream(self.master, bytes(x) + b"\0\0", n)

    def index(self, packet):
        """ssrc, roc and seq of a packet that comes after the others (RFC 3711 §3.3.1)."""
        seq, ssrc = struct.unpack("!H", packet[2:4])[0], struct.unpack("!I", packet[8:12])[0]
        highest, roc = self.highest.get(ssrc, seq), self.roc.get(ssrc, 0)
        if highest - seq > 0x8000:
            roc += 1
        self.highest[ssrc], self.roc[ssrc] = seq, roc
        return ssrc, roc, seq

    def crypt(self, packet, out):
        ssrc, roc, seq = self.index(packet)
        head = 12
        if packet[0] & 0x10:
            head += 4 + 4 * struct.unpack("!H", packet[14:16])[0]
        if self.gcm:
            iv = bytes(a ^ b for a, b in zip(struct.pack("!HIIH", 0, ssrc, roc, seq), self.salt))
            aead = AESGCM(self.key)
            work = aead.encrypt if out else aead.decrypt
            return packet[:head] + work(iv, packet[head:], packet[:head])
        if not out:
            packet, tag = packet[:-10], packet[-10:]
            assert hmac.compare_digest(tag, self.tag(packet, roc)), "SRTP authentication"
        iv = int.from_bytes(self.salt + b"\0\0", "big") ^ ssrc << 64 ^ (roc << 16 | seq) << 16
        pad = self.stream(self.key, iv.to_bytes(16, "big"), len(packet) - head)
        packet = packet[:head] + bytes(a ^ b for a, b in zip(packet[head:], pad))
        return packet + self.tag(packet, roc) if out else packet

    def tag(self, packet, roc):
        return hmac.new(self.auth, packet + struct.pack("!I", roc), hashlib.sha1).digest()[:10]

    def protect(self, packet):
        return self.crypt(packet, True)

    def unprotect(self, packet):
        return self.crypt(packet, False)


def stun(kind, transaction, attributes, key):
    """A message with MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489 §14.5, §14.7)."""
    body = b""
    for number, value in attributes:
        body += struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)

    def head(extra):
        return struct.pack("!HHI", kind, len(body) + extra, COOKIE) + transaction
    mac = hmac.new(key, head(24) + body, hashlib.sha1).digest()
    body += struct.pack("!HH", 0x0008, 20) + mac
    crc = (zlib.crc32(head(8) + body) & 0xffffffff) ^ 0x5354554E
    return head(8) + body + struct.pack("!HHI", 0x8028, 4, crc)


class Browser:
    """One socket. offer() or answer(), then hear() what the relay said, then connect()."""

    profile = b"SRTP_AEAD_AES_128_GCM"

    def __init__(self, medias=(("audio", ("0", "a=rtpmap:0 PCMU/8000\r\n"), "0"),), cert=None,
                 shows=None, lite=False, host="127.0.0.1"):
        """shows: the certificate whose fingerprint the SDP has, if it is another."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()
        self.medias, self.lite = medias, lite
        self.cert, self.key = cert or certificate()
        self.shows = shows or self.cert
        self.restart_ice()
        self.ssrc = [random.randrange(1, 1 << 32) for _ in medias]
        self.sequence = random.randrange(1 << 15)
        self.dtls = self.out = self.back = None
        self.got, self.role, self.checks, self.asked = [], None, 0, set()

    def restart_ice(self):
        self.ufrag, self.pwd = os.urandom(4).hex(), os.urandom(16).hex()

    def new_certificate(self):
        self.cert, self.key = certificate()
        self.shows, self.dtls = self.cert, None

    def sdp(self, setup="actpass", bundle=True, extra=""):
        mids = " ".join(mid for _, _, mid in self.medias)
        text = (f"v=0\r\no=- 7 2 IN IP4 {self.host}\r\ns=-\r\nt=0 0\r\n"
                + (f"a=group:BUNDLE {mids}\r\n" if bundle else "")
                + ("a=ice-lite\r\n" if self.lite else ""))
        for kind, codecs, mid in self.medias:
            text += rtp.m_line(self.port, "UDP/TLS/RTP/SAVPF", (
                f"a=mid:{mid}\r\na=rtcp-mux\r\na=sendrecv\r\n"
                "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                f"a=ice-ufrag:{self.ufrag}\r\na=ice-pwd:{self.pwd}\r\n"
                f"a=candidate:1 1 UDP 2130706431 {self.host} {self.port} typ host\r\n"
                f"a=setup:{setup}\r\na=fingerprint:sha-256 {fingerprint(self.shows)}\r\n" + extra),
                kind, codecs).replace("\r\n", f"\r\nc=IN IP4 {self.host}\r\n", 1)
        return text

    def hear(self, told, i=0):
        self.to = told.at(i)
        self.peer_ufrag, self.peer_pwd = told.value("ice-ufrag", i), told.value("ice-pwd", i)
        self.peer_fingerprint = told.value("fingerprint", i)
        setup = told.value("setup", i)
        self.role = {"active": "passive", "passive": "active", "actpass": "active"}[setup]

    def check(self, pwd=None, ufrag=None, nominate=True, sock=None):
        """Sends one connectivity check."""
        transaction = os.urandom(12)
        self.asked.add(transaction)
        attributes = [(0x0006, f"{ufrag or self.peer_ufrag}:{self.ufrag}".encode()),
                      (0x0024, struct.pack("!I", 1853824767)), (0x802A, os.urandom(8))]
        if nominate:
            attributes.append((0x0025, b""))
        (sock or self.socket).sendto(stun(0x0001, transaction, attributes,
                                          (pwd or self.peer_pwd).encode()), self.to)

    def handle(self, data, source):
        if data[0] < 4:
            kind, transaction = struct.unpack("!H", data[:2])[0], data[8:20]
            if kind == 0x0101 and transaction in self.asked:
                self.checks += 1
            elif kind == 0x0001:
                ip = int.from_bytes(socket.inet_aton(source[0]), "big") ^ COOKIE
                mapped = struct.pack("!BBHI", 0, 1, source[1] ^ COOKIE >> 16, ip)
                self.socket.sendto(stun(0x0101, transaction, [(0x0020, mapped)],
                                        self.pwd.encode()), source)
        elif 20 <= data[0] < 64 and self.dtls is not None:
            self.dtls.bio_write(data)
        elif data[0] >= 128:
            self.got.append(data)

    def turn(self, timeout=0.05):
        """Takes what has come; true: something had."""
        if not select.select([self.socket], [], [], timeout)[0]:
            return False
        self.handle(*self.socket.recvfrom(65536))
        return True

    def ice(self, timeout=5, **keys):
        """Checks until an answer comes."""
        before, end = self.checks, time.monotonic() + timeout
        while self.checks == before and time.monotonic() < end:
            self.check(**keys)
            self.turn(0.1)
        return self.checks > before

    def flush(self):
        """Each record in a datagram of its own."""
        try:
            data = self.dtls.bio_read(65536)
        except SSL.WantReadError:
            return
        while data:
            n = 13 + struct.unpack("!H", data[11:13])[0]
            self.socket.sendto(data[:n], self.to)
            data = data[n:]

    def begin_dtls(self):
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_options(SSL.OP_NO_QUERY_MTU)
        context.set_tlsext_use_srtp(self.profile)
        context.use_certificate(self.cert)
        context.use_privatekey(self.key)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *a: True)
        self.dtls = SSL.Connection(context, None)
        self.dtls.set_ciphertext_mtu(1200)
        (self.dtls.set_connect_state if self.role == "active" else self.dtls.set_accept_state)()

    def handshake(self, timeout=5):
        """True when it is done, and the relay's certificate is what its SDP said."""
        end = time.monotonic() + timeout
        self.begin_dtls()
        while time.monotonic() < end:
            try:
                self.dtls.do_handshake()
                self.flush()
                break
            except SSL.WantReadError:
                self.flush()
                self.turn(0.1)
        else:
            return False
        self.take_keys()
        return True

    def take_keys(self):
        """After the handshake, if its certificate is the one that the SDP named."""
        theirs = "sha-256 " + fingerprint(self.dtls.get_peer_certificate())
        assert theirs == self.peer_fingerprint
        key, salt = (16, 12) if b"GCM" in self.profile else (16, 14)
        keys = self.dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (key + salt))
        client = Srtp(keys[:key], keys[2 * key:2 * key + salt])
        server = Srtp(keys[key:2 * key], keys[2 * key + salt:])
        self.out, self.back = (client, server) if self.role == "active" else (server, client)

    def connect(self):
        return self.ice() and self.handshake()

    def packet(self, payload, i=0, mid=True, payload_type=None):
        kind, codecs, name = self.medias[i]
        self.sequence = self.sequence + 1 & 0xffff
        payload_type = payload_type or int(codecs[0].split()[0])
        head = struct.pack("!BBHII", 0x90 if mid else 0x80, payload_type, self.sequence,
                           self.sequence * 160, self.ssrc[i])
        if mid:
            element = bytes([4 << 4 | len(name) - 1]) + name.encode()
            element += bytes(-len(element) % 4)
            head += struct.pack("!HH", 0xBEDE, len(element) // 4) + element
        return head + payload

    def send(self, payload=b"x" * 160, i=0, mid=True, payload_type=None):
        packet = self.packet(payload, i, mid, payload_type)
        self.socket.sendto(self.out.protect(packet), self.to)
        return packet

    def receive(self, timeout=2):
        """The next RTP packet, in the clear; None when none comes in time."""
        end = time.monotonic() + timeout
        while not self.got and time.monotonic() < end:
            self.turn(max(0, end - time.monotonic()))
        return self.back.unprotect(self.got.pop(0)) if self.got else None

    def drain(self, timeout=0.2):
        got = []
        while (one := self.receive(timeout)) is not None:
            got.append(one)
        return got

    def close(self):
        self.socket.close()
