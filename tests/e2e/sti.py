# SPDX-License-Identifier: Apache-2.0
"""PASSporTs, certificates and CRLs that no tool of ours would make, and a host that serves them."""
import http.server
import json
import ssl
import threading
import time

from der import (ECDSA_SHA256, END, START, Certificate, bits, explicit, extension, integer, name,
                 pem, private_pem, seq, tlv)
from p256 import encode64

CALLER, CALLED = "12155550100", "12155550199"
ORIGID = "123e4567-e89b-42d3-a456-426614174000"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def passport(certificate, url, ppt, claims, **header):
    """The value of an Identity header; header None takes a member out."""
    fields = {"alg": "ES256", "ppt": ppt or None, "typ": "passport", "x5u": url, **header}
    fields = {key: value for key, value in fields.items() if value is not None}
    signed = ".".join(encode64(canonical(part).encode()) for part in (fields, claims))
    token = f"{signed}.{encode64(certificate.key.raw(signed.encode()))}"
    return f"{token};info=<{url}>;alg=ES256" + (f";ppt={ppt}" if ppt else "")


def claims_of(iat, **changes):
    """CALLER calls CALLED; None takes a claim out."""
    made = {"dest": {"tn": [CALLED]}, "iat": iat, "orig": {"tn": CALLER}, **changes}
    return {key: value for key, value in made.items() if value is not None}


def moment(seconds):
    """GeneralizedTime as der.Certificate takes it."""
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))


def revocation_list(signer, revoked, now, indirect=False):
    """PEM of a CRL (RFC 5280 section 5) that signer signed; indirect: of certificates of others,
    whose issuer each entry then names (section 5.3.3)."""
    def entry(certificate):
        parts = [integer(certificate.serial), Certificate.time(moment(now - 60))]
        if indirect:
            issuer = seq(explicit(4, name(certificate.issuer.common_name)))
            parts.append(seq(extension("2.5.29.29", issuer, True)))
        return seq(*parts)

    extensions = [extension("2.5.29.35", seq(tlv(0x80, signer.key_id))),
                  extension("2.5.29.20", integer(1))]
    if indirect:
        extensions.append(extension("2.5.29.28", seq(tlv(0x84, b"\xff")), True))
    tbs = seq(integer(1), ECDSA_SHA256, name(signer.common_name),
              *(Certificate.time(moment(now + after)) for after in (-60, 86400)),
              *([seq(*map(entry, revoked))] if revoked else []), explicit(0, seq(*extensions)))
    r, s = signer.key.sign(tbs)
    return pem("X509 CRL", seq(tbs, ECDSA_SHA256, bits(seq(integer(r), integer(s)))))


class World:
    """A root, an authority below it, and who has a certificate of it."""

    def __init__(self, label="E2E", validity=(START, END)):
        self.label, self.validity, self.paths = label, validity, {}
        self.root = Certificate(f"{label} Root", ca=3, validity=validity)
        self.ca = Certificate(f"{label} CA", self.root, ca=2, validity=validity)

    def certify(self, who, *tnauth, issuers=None, **more):
        """A signer for tnauth below issuers, the nearest first; its path, without the root."""
        issuers = issuers or [self.ca]
        made = Certificate(f"{self.label} {who}", issuers[0], tnauth=tnauth,
                           **{"validity": self.validity, **more})
        self.paths[who] = [made, *issuers]
        return made

    def body(self, who):
        return "".join(one.pem for one in self.paths[who])

    def key(self, who):
        return private_pem(self.paths[who][0].key)


class Host:
    """https://address:port/NAME.pem; it answers after delay_s, and counts who asked."""

    def __init__(self, address, certificate, key, bodies):
        self.bodies, self.delay_s, self.asked = bodies, 0.0, []
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                host.asked.append(self.path)
                time.sleep(host.delay_s)
                body = host.bodies.get(self.path.strip("/"))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/pem-certificate-chain")
                self.send_header("Content-Length", str(len(body or "")))
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address, self.port = self.server.server_address[:2]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, who):
        return f"https://{self.address}:{self.port}/{who}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
