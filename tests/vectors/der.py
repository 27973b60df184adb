# SPDX-License-Identifier: Apache-2.0
"""DER, and STI certificates written with it: the same bytes every time."""
import base64
import hashlib

from p256 import Key

START, END = "20260101000000Z", "20991231235959Z"


def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    length = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def seq(*parts):
    return tlv(0x30, *parts)


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text):
    numbers = [int(part) for part in text.split(".")]
    out = b""
    for number in [numbers[0] * 40 + numbers[1]] + numbers[2:]:
        piece = bytes([number & 0x7F])
        while number > 0x7F:
            number >>= 7
            piece = bytes([number & 0x7F | 0x80]) + piece
        out += piece
    return tlv(6, out)


def octets(data):
    return tlv(4, data)


def bits(data, unused=0):
    return tlv(3, bytes([unused]), data)


def ia5(text):
    return tlv(0x16, text.encode())


def utf8(text):
    return tlv(0x0C, text.encode())


def explicit(number, *parts):
    return tlv(0xA0 | number, *parts)


def pem(label, data):
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


ECDSA_SHA256 = seq(oid("1.2.840.10045.4.3.2"))
P256, P384 = "1.2.840.10045.3.1.7", "1.3.132.0.34"
# A point of P-384 (its generator): a key on a curve that ES256 has no use for.
P384_POINT = bytes.fromhex(
    "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872"
    "760ab73617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d"
    "7c90ea0e5f")


def private_pem(key):
    """SEC 1: what openssl and libcallerid read."""
    return pem("EC PRIVATE KEY", seq(integer(1), octets(key.secret.to_bytes(32, "big")),
                                     explicit(0, oid(P256)), explicit(1, bits(key.point()))))


def spki(curve, point):
    return seq(seq(oid("1.2.840.10045.2.1"), oid(curve)), bits(point))


def name(common_name):
    parts = (("2.5.4.6", tlv(0x13, b"US")), ("2.5.4.10", utf8("Attestel Test Vectors")),
             ("2.5.4.3", utf8(common_name)))
    return seq(*(tlv(0x31, seq(oid(kind), value)) for kind, value in parts))


def tn_auth_list(*entries):
    """RFC 8226 section 9. "spc:1234", "range:12155550100:10", "one:12155550100"."""
    out = []
    for entry in entries:
        kind, _, rest = entry.partition(":")
        if kind == "spc":
            out.append(explicit(0, ia5(rest)))
        elif kind == "range":
            start, count = rest.split(":")
            out.append(explicit(1, seq(ia5(start), integer(int(count)))))
        else:
            out.append(explicit(2, ia5(rest)))
    return seq(*out)


def constraints(must_include=(), permitted=(), must_exclude=()):
    """RFC 8226 section 8 and RFC 9118 section 3; permitted: (claim, [values]) pairs."""
    parts = []
    if must_include:
        parts.append(explicit(0, seq(*map(ia5, must_include))))
    if permitted:
        parts.append(explicit(1, seq(*(seq(ia5(claim), seq(*map(utf8, values)))
                                       for claim, values in permitted))))
    if must_exclude:
        parts.append(explicit(2, seq(*map(ia5, must_exclude))))
    return seq(*parts)


def extension(kind, value, critical=False):
    return seq(oid(kind), *([tlv(1, b"\xff")] if critical else []), octets(value))


class Certificate:
    """One certificate; issuer None: it signs itself. validity is a pair of GeneralizedTime."""

    def __init__(self, common_name, issuer=None, *, ca=None, tnauth=(), constraint=None,
                 enhanced=False, validity=(START, END), curve=P256):
        self.common_name, self.issuer = common_name, issuer or self
        self.key = Key(common_name)
        self.point = self.key.point() if curve == P256 else P384_POINT
        self.curve = curve
        self.key_id = hashlib.sha1(self.point).digest()
        is_ca = ca is not None
        basic = seq(tlv(1, b"\xff"), integer(ca)) if is_ca else seq()
        extensions = [
            extension("2.5.29.19", basic, True),
            extension("2.5.29.15", bits(b"\x06", 1) if is_ca else bits(b"\x80", 7), True),
            extension("2.5.29.14", octets(self.key_id)),
            extension("2.5.29.35", seq(tlv(0x80, self.issuer.key_id))),
            extension("2.5.29.32", seq(seq(oid("2.16.840.1.114569.1.1.3")))),
        ]
        if tnauth:
            extensions.append(extension("1.3.6.1.5.5.7.1.26", tn_auth_list(*tnauth)))
        if constraint is not None:
            kind = "33" if enhanced else "27"
            extensions.append(extension(f"1.3.6.1.5.5.7.1.{kind}", constraint))
        seed = hashlib.sha256(common_name.encode()).digest()[:16]
        self.serial = int.from_bytes(seed, "big") | 1 << 126
        self.der = self.sign(extensions, validity)
        self.pem = pem("CERTIFICATE", self.der)

    def sign(self, extensions, validity):
        tbs = seq(explicit(0, integer(2)), integer(self.serial), ECDSA_SHA256,
                  name(self.issuer.common_name), seq(*(self.time(t) for t in validity)),
                  name(self.common_name), spki(self.curve, self.point),
                  explicit(3, seq(*extensions)))
        r, s = self.issuer.key.sign(tbs)
        return seq(tbs, ECDSA_SHA256, bits(seq(integer(r), integer(s))))

    @staticmethod
    def time(text):
        """RFC 5280 section 4.1.2.5: UTCTime until 2049."""
        return tlv(0x17, text[2:].encode()) if text < "2050" else tlv(0x18, text.encode())
