# SPDX-License-Identifier: Apache-2.0
"""Proofs of identity made outside the registry: tokens signed by hand, right and wrong, and
certificates of a throw-away authority."""
import base64
import hashlib
import hmac
import json
import ssl
import subprocess
import time

AUDIENCE, ISSUER = "attestel-registry", "https://127.0.0.1:18443"


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True,
                          timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(der):
    """The 64 bytes of an ECDSA signature from its DER (RFC 7518 section 3.4)."""
    numbers, at = [], 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def new_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    return path


def claims(key, permissions=(1 << 22) - 1, **changes):
    """Claims as the registry makes them for that key's identifier."""
    now = int(time.time())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": key, "permissions": str(permissions),
            "iat": now - 10, "exp": now + 600, **changes}


def token(made, alg, sign):
    head = encode(json.dumps({"alg": alg, "typ": "JWT"}).encode())
    text = f"{head}.{encode(json.dumps(made).encode())}"
    return f"{text}.{encode(sign(text.encode()))}"


def es256(made, key_file):
    return token(made, "ES256",
                 lambda text: raw(openssl("dgst", "-sha256", "-sign", key_file, data=text)))


def hs256(made, key_file):
    """Signed with the text of the public key as the secret: a verifier that lets the token choose
    its algorithm takes it."""
    public = openssl("pkey", "-in", key_file, "-pubout")
    return token(made, "HS256", lambda text: hmac.new(public, text, hashlib.sha256).digest())


def unsigned(made):
    return token(made, "none", lambda text: b"")


class Authority:
    """A certificate authority in a folder, and contexts of clients that have its certificates."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.certificate, self.key = folder, folder / "ca.pem", folder / "ca.key"
        new_key(self.key)
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", "/CN=Test CA", "-days", 2,
                "-out", self.certificate)

    def issue(self, name, days=2):
        """Certificate and key file of that name; days below 0: it is over already."""
        key, request = new_key(self.folder / f"{name}.key"), self.folder / f"{name}.csr"
        openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", days, "-extfile", extensions,
                "-out", self.folder / f"{name}.pem")
        return self.folder / f"{name}.pem", key

    def context(self, pair=None):
        """Of a client that trusts this authority and shows the certificate, if any."""
        made = ssl.create_default_context(cafile=self.certificate)
        if pair is not None:
            made.load_cert_chain(*pair)
        return made

    def door(self, clients=True):
        """The lines of a TLS door, whose clients show certificates of this authority."""
        certificate, key = self.issue("server")
        asked = f"client_ca_file = {self.certificate}\n" if clients else ""
        return f"tls_certificate_file = {certificate}\ntls_key_file = {key}\n{asked}"
