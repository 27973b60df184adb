# SPDX-License-Identifier: Apache-2.0
"""The attestel tool as the tests of the command line use it, and openssl as a second opinion."""
import base64
import json
import os
import subprocess

NOW = 1_900_000_000  # 2030-03-17: no test waits for, or depends on, the clock
YEAR = 365 * 86400
URL = "https://certs.example.com:8443/signer.pem"
CALLER, CALLED = "12155550007", "12155551213"
RUN_S = 60


class Cli:
    def __init__(self, programs, directory):
        self.program = os.path.join(programs, "attestel")
        self.dir = str(directory)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run(self, *words, data=b"", env=None):
        """CompletedProcess with bytes; an exit status below 0 is a crash."""
        data = data.encode() if isinstance(data, str) else data
        done = subprocess.run([self.program, *map(str, words)], input=data, capture_output=True,
                              timeout=RUN_S, check=False, cwd=self.dir,
                              env=dict(os.environ, **(env or {})))
        assert done.returncode in (0, 1, 2), done
        assert b"Sanitizer" not in done.stderr, done.stderr.decode()
        return done

    def ok(self, *words, data=b""):
        done = self.run(*words, data=data)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout.decode()

    def refused(self, *words, status=2, data=b""):
        """What the tool says on stderr when it refuses."""
        done = self.run(*words, data=data)
        assert done.returncode == status, (words, done)
        assert done.stderr.startswith(b"attestel: "), done
        return done.stderr.decode()

    def write(self, name, data, mode=0o644):
        data = data.encode() if isinstance(data, str) else data
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode),
                  "wb") as file:
            file.write(data)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def read(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return file.read()

    # A PKI around NOW.
    def init(self, name="pki", *options):
        self.ok("pki", "init", self.path(name), "--not-before", NOW - YEAR, "--not-after",
                NOW + 9 * YEAR, *options)
        return self.path(name)

    def issue(self, pki, name, kind, *options, start=NOW - 86400, end=NOW + YEAR):
        return self.ok("pki", "issue", pki, name, "--type", kind, "--not-before", start,
                       "--not-after", end, *options)

    def sign(self, signer, *options, caller=CALLER, called=CALLED, iat=NOW, x5u=URL, attest="A",
             pki="pki"):
        """An Identity value."""
        words = ["passport", "sign", "--key", self.path(pki, signer + ".key"), "--cert",
                 self.path(pki, signer + ".pem"), "--x5u", x5u, "--from", caller, "--to", called,
                 "--iat", iat, *options]
        if attest:
            words += ["--attest", attest]
        return self.ok(*words).strip()

    def trust(self, signer="delegate", pki="pki"):
        return ["--cert", f"{URL}={self.path(pki, signer + '.pem')}",
                "--anchor", self.path(pki, "root.pem")]

    def verify(self, identity, *options, caller=CALLER, called=CALLED, now=NOW, signer="delegate",
               trust=None):
        """The verdict as a dict; the exit status agrees with it."""
        done = self.run("passport", "verify", "--from", caller, "--to", called, "--now", now,
                        *(self.trust(signer) if trust is None else trust), "--json", *options,
                        data=identity)
        assert done.stdout, done.stderr
        verdict = json.loads(done.stdout)
        passed = verdict["verstat"] == "TN-Validation-Passed"
        assert done.returncode == (0 if passed else 1), done
        assert (verdict["code"] == 0) == (verdict["reason"] == "ok")
        return verdict

    def batch(self, lines, *options, status=None):
        """The answers to lines (dicts, or bytes as they stand)."""
        data = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
                        for line in lines)
        done = self.run("passport", "verify", "--batch", *options, data=data)
        assert status is None or done.returncode == status, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def results(verdict):
    """{name of a check: its result}"""
    return {check["name"]: check["result"] for check in verdict["checks"]}


def openssl(*words, data=b"", status=0):
    """What openssl prints, as text; status None: any."""
    data = data.encode() if isinstance(data, str) else data
    done = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True,
                          timeout=RUN_S, check=False)
    text = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
    assert status is None or done.returncode == status, (words, text)
    return text


def openssl_sign(key, data):
    """DER of an ECDSA signature over data."""
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=data,
                          capture_output=True, timeout=RUN_S, check=True).stdout


def encode64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der_integer(data):
    data = data.lstrip(b"\0") or b"\0"
    data = b"\0" + data if data[0] & 0x80 else data
    return b"\x02" + bytes([len(data)]) + data


def der_of_raw(raw):
    """ECDSA-Sig-Value of R || S."""
    body = der_integer(raw[:32]) + der_integer(raw[32:])
    return b"\x30" + bytes([len(body)]) + body


def raw_of_der(der):
    """R || S of a P-256 ECDSA-Sig-Value."""
    assert der[0] == 0x30 and der[2] == 2
    n = der[3]
    r, rest = der[4:4 + n], der[4 + n:]
    s = rest[2:2 + rest[1]]
    return r.lstrip(b"\0").rjust(32, b"\0") + s.lstrip(b"\0").rjust(32, b"\0")


def forge(key, header, claims, info=URL, ppt="shaken"):
    """An Identity value that openssl signed: whatever header and claims (dict or str) say."""
    parts = [part if isinstance(part, str) else json.dumps(part, separators=(",", ":"),
                                                           sort_keys=True)
             for part in (header, claims)]
    signed = ".".join(encode64(part.encode()) for part in parts)
    der = openssl_sign(key, signed.encode())
    token = signed + "." + encode64(raw_of_der(der))
    return f"{token};info=<{info}>;alg=ES256" + (f";ppt={ppt}" if ppt else "")


def header_of(ppt="shaken", **changes):
    header = {"alg": "ES256", "typ": "passport", "x5u": URL, "ppt": ppt, **changes}
    return {name: value for name, value in header.items() if value is not None}


def claims_of(**changes):
    claims = {"attest": "A", "dest": {"tn": [CALLED]}, "iat": NOW, "orig": {"tn": CALLER},
              "origid": "123e4567-e89b-12d3-a456-426655440000", **changes}
    return {name: value for name, value in claims.items() if value is not None}
