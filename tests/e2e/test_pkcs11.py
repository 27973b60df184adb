# SPDX-License-Identifier: Apache-2.0
"""Keys in a PKCS#11 token (SoftHSM2): they sign, and their absence costs a call its label only."""
import glob
import os
import shutil
import signal
import subprocess
import time

import processes
import proxy_kit as kit
import pytest
from cli_tool import CALLED, CALLER, NOW, URL, Cli, decode64, der_of_raw, openssl

MODULES = "/usr/lib/softhsm/libsofthsm2.so", *glob.glob("/usr/lib/*/softhsm/libsofthsm2.so")
MODULE = next(filter(os.path.exists, MODULES), None)
PIN, RUN_S = "97531", 60
PROXY, PEER, TARGET = "127.0.8.2", "127.0.8.3", "127.0.8.4"

needs_softhsm = pytest.mark.skipif(
    MODULE is None or shutil.which("pkcs11-tool") is None,
    reason="packages softhsm2 and opensc are not installed")
pytestmark = needs_softhsm


class Token:
    """A SoftHSM2 token of its own in a folder, with one key made inside it."""

    def __init__(self, folder):
        self.store = os.path.join(folder, "tokens")
        self.env = {"SOFTHSM2_CONF": os.path.join(folder, "softhsm2.conf")}
        os.makedirs(self.store)
        with open(self.env["SOFTHSM2_CONF"], "w", encoding="utf-8") as file:
            file.write(f"directories.tokendir = {self.store}\nobjectstore.backend = file\n"
                       "log.level = ERROR\n")
        self.call("softhsm2-util", "--init-token", "--free", "--label", "carrier", "--so-pin",
                  "86420", "--pin", PIN)
        self.tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "signer", "--id", "01")

    def call(self, *words):
        return subprocess.run(words, env={**os.environ, **self.env}, capture_output=True,
                              timeout=RUN_S, check=True).stdout

    def tool(self, *words):
        return self.call("pkcs11-tool", "--module", MODULE, "--token-label", "carrier", "--login",
                         "--pin", PIN, *words)

    def public_key(self, path):
        self.tool("--read-object", "--type", "pubkey", "--label", "signer", "-o", path + ".der")
        openssl("pkey", "-pubin", "-inform", "DER", "-in", path + ".der", "-out", path)
        return path


def uri(key="signer", token="carrier", module=MODULE):
    return f"pkcs11:token={token};object={key}?module-path={module}"


class Desk(Cli):
    """The tool with a token, a PIN file and a certificate for the key in the token."""

    def __init__(self, programs, folder):
        super().__init__(programs, folder)
        self.token = Token(str(folder))
        self.pin = self.write("pin", PIN + "\n", 0o600)
        pki = self.init()
        self.issue(pki, "delegate-ca", "delegate-ca", "--range", "12155550000:10000")
        self.issue(pki, "delegate", "delegate", "--range", "12155550000:1000", "--public-key",
                   self.token.public_key(self.path("public.pem")))

    def words(self, *options, key=None, pin=None):
        return ["passport", "sign", "--key-uri", key or uri(), "--pin-file", pin or self.pin,
                "--cert", self.path("pki", "delegate.pem"), "--x5u", URL, "--from", CALLER, "--to",
                CALLED, "--iat", NOW, "--attest", "A", *options]

    def token_sign(self, **changes):
        return self.run(*self.words(**changes), env=self.token.env)

    def says(self, status=1, **changes):
        """What it says on stderr when it cannot sign; the PIN is not among it."""
        done = self.token_sign(**changes)
        assert done.returncode == status, done
        assert done.stdout == b"" and PIN.encode() not in done.stderr
        assert done.stderr.count(b"\n") == 1
        return done.stderr.decode()


@pytest.fixture(scope="module")
def desk(programs, tmp_path_factory):
    return Desk(programs, tmp_path_factory.mktemp("pkcs11"))


def test_certificate_for_a_given_public_key_comes_without_a_private_key(desk):
    assert not os.path.exists(desk.path("pki", "delegate.key"))
    key = openssl("x509", "-in", desk.path("pki", "delegate.pem"), "-noout", "-pubkey")
    assert key.strip() == desk.read("public.pem").strip()


def test_passport_signed_by_the_token_verifies(desk):
    """RFC 8224 §6.1, the private key never outside its token."""
    done = desk.token_sign()
    assert done.returncode == 0, done.stderr
    verdict = desk.verify(done.stdout)
    assert verdict["verstat"] == "TN-Validation-Passed"


def test_openssl_verifies_what_the_token_signed(desk):
    identity = desk.token_sign().stdout.decode()
    signed, _, signature = identity.split(";")[0].rpartition(".")
    with open(desk.path("sig"), "wb") as file:
        file.write(der_of_raw(decode64(signature)))
    words = "dgst", "-sha256", "-verify", desk.path("public.pem"), "-signature", desk.path("sig")
    assert "Verified OK" in openssl(*words, data=signed)


def test_wrong_pin_is_said_and_sent_once(desk):
    """Tokens lock after a few wrong ones: three runs later the right one still opens it."""
    wrong = desk.write("wrong", "11111", 0o600)
    assert "refuses the PIN" in desk.says(pin=wrong)
    assert desk.token_sign().returncode == 0


def test_pin_file_that_others_may_read_is_refused(desk):
    assert "open" in desk.says(pin=desk.write("open", PIN, 0o644), status=2)


def test_pin_in_the_uri_is_refused_and_not_repeated(desk):
    assert "PIN" in desk.says(key=uri() + "&pin-value=" + PIN)


@pytest.mark.parametrize("key, text", [
    (uri(module="/nonexistent/module.so"), "/nonexistent/module.so"),
    (uri(module="module.so"), "module-path"),
    (uri(token="other"), "no token"),
    (uri(key="other"), "no private EC key"),
    ("pkcs12:token=carrier", "not a PKCS#11 URI"),
], ids=["module", "relative", "token", "key", "scheme"])
def test_what_is_not_there_is_named(desk, key, text):
    assert text in desk.says(key=key)


def test_key_that_is_not_the_certificates_is_refused(desk):
    desk.token.tool("--keypairgen", "--key-type", "EC:prime256v1", "--label", "stranger", "--id",
                    "02")
    assert "not by the certificate's key" in desk.says(key=uri(key="stranger"))


def test_key_on_another_curve_is_refused(desk):
    desk.token.tool("--keypairgen", "--key-type", "EC:secp384r1", "--label", "large", "--id", "03")
    assert "signing" in desk.says(key=uri(key="large"))


def test_key_and_key_uri_exclude_each_other(desk):
    words = desk.words("--key", desk.path("pki", "root.key"))
    assert "--key-uri" in desk.refused(*words)
    words = [word for word in words if word not in ("--key", desk.path("pki", "root.key"))]
    at = words.index("--key-uri")
    assert "--key-uri" in desk.refused(*words[:at], *words[at + 2:])


CONFIG = """
[proxy]
listen_udp = {proxy}:{port}
[admin]
listen = {proxy}:{admin}
[signing]
key_uri = {uri}
pin_file = {pin}
certificate_file = {cert}
x5u = https://certs.example.com:8443/signer.pem
any_number = yes
[trunk "customer"]
addresses = {peer}
role = customer
[route "all"]
match = *
target = sip:{target}:{next}
"""


class Switch:
    """A proxy whose key is in a token, between a customer and a target."""

    def __init__(self, programs, folder, **config):
        self.desk = Desk(programs, folder)
        self.own = config
        now = int(time.time())
        self.desk.issue(self.desk.path("pki"), "today", "shaken", "--spc", "1234", "--public-key",
                        self.desk.path("public.pem"), start=now - 300, end=now + 86400)
        self.program = os.path.join(programs, "attestel-proxy")
        self.folder = folder
        self.caller, self.callee = kit.Udp(PEER), kit.Udp(TARGET)
        self.address = PROXY, processes.free_port(PROXY)
        self.admin = processes.free_port(PROXY)
        self.process = kit.Proxy(self.program, folder, self.config(), **self.desk.token.env)

    def config(self, **changes):
        return CONFIG.format(**{"proxy": PROXY, "port": self.address[1], "admin": self.admin,
                                "uri": uri(), "pin": self.desk.pin,
                                "cert": self.desk.path("pki", "today.pem"), "peer": PEER,
                                "target": TARGET, "next": self.callee.port, **self.own,
                                **changes})

    def send(self):
        """Sends an INVITE; its text."""
        text = kit.request("INVITE", "sip:+12155550199@b.example;user=phone",
                           f"{PEER}:{self.caller.port}",
                           ["From: <sip:+12155550007@a.example;user=phone>;tag=1",
                            "To: <sip:+12155550199@b.example;user=phone>"],
                           leave_out=["From", "To"])
        self.caller.only = self.callee.only = kit.Message(text.encode()).first("Call-ID")
        self.caller.send(text, self.address)
        return text

    def call(self):
        """The INVITE that arrives."""
        self.send()
        invite = self.callee.receive()
        assert invite is not None, self.process.text()
        self.callee.send(kit.response(invite, 486, "Busy"), self.address)
        return invite

    def reload(self, config, event):
        """Gives it another configuration, and waits until it says what it made of it."""
        before = self.process.text().count(event)
        self.process.path.write_text(config)
        self.process.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 10
        while self.process.text().count(event) == before:
            assert time.monotonic() < end, self.process.text()
            time.sleep(0.02)

    def fail_open(self):
        name = 'fail_open_total{why="token_unavailable"}'
        counted = kit.metrics(f"{PROXY}:{self.admin}")
        return sum(value for key, value in counted.items() if key.endswith(name))

    def checked(self, **changes):
        """What --check-config says to a configuration that is not good."""
        path = self.folder / "other.conf"
        path.write_text(self.config(**changes))
        done = subprocess.run([self.program, "--check-config", "--config", str(path)],
                              env={**os.environ, **self.desk.token.env}, capture_output=True,
                              timeout=RUN_S, check=False)
        text = done.stdout.decode() + done.stderr.decode()
        assert done.returncode != 0, text
        assert PIN not in text
        return text

    def stop(self):
        self.caller.close()
        self.callee.close()
        return self.process.stop()


@pytest.fixture
def switch(programs, tmp_path):
    made = Switch(programs, tmp_path)
    try:
        made.process.wait_ready()
        yield made
    finally:
        code = made.stop()
    assert code == 0, made.process.text()


def test_call_is_signed_by_the_token_and_goes_on_unsigned_while_it_is_gone(switch):
    """AS14: an unsigned call is legal, a lost one is not; and the token may come back."""
    identity = switch.call().first("Identity")
    assert identity is not None, switch.process.text()
    assert PIN not in switch.process.text()
    # What the proxy was told is told again: the token's folder is its slot.
    store, away = switch.desk.token.store, switch.desk.token.store + ".away"
    os.rename(store, away)
    os.makedirs(store)
    assert switch.call().first("Identity") is None
    assert switch.call().first("Identity") is None
    assert switch.fail_open() == 2
    assert "token_unavailable" in switch.process.text()
    os.rmdir(store)
    os.rename(away, store)
    end = time.monotonic() + 10
    while switch.call().first("Identity") is None:
        assert time.monotonic() < end, switch.process.text()
        time.sleep(0.2)


def test_reload_opens_the_token_anew_and_a_bad_one_changes_nothing(switch):
    """AS8: keys change while calls are signed."""
    for _ in range(3):
        switch.reload(switch.config(), "event=config.loaded")
        assert switch.call().first("Identity") is not None
    switch.reload(switch.config(uri=uri(token="other")), "event=config.refused")
    assert switch.call().first("Identity") is not None


def test_configuration_whose_key_cannot_be_used_is_not_good(switch):
    wrong = switch.desk.write("wrong", "11111", 0o600)
    assert "refuses the PIN" in switch.checked(pin=wrong)
    assert "/nonexistent/module.so" in switch.checked(uri=uri(module="/nonexistent/module.so"))
    assert "no token" in switch.checked(uri=uri(token="other"))
    assert "exclude" in switch.checked(uri=uri() + "\nkey_file = " + switch.desk.pin)


# A token that takes its time: nobody but the call that is signed waits for it.

class Slow(Switch):
    """Its module waits before each signature, as long as a file says."""

    def __init__(self, programs, folder, timeout):
        module = os.path.join(folder, "slow_token.so")
        flags = subprocess.run(["pkg-config", "--cflags", "p11-kit-1"], capture_output=True,
                               text=True, check=True).stdout.split()
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_token.c")
        subprocess.run(["cc", "-shared", "-fPIC", *flags, "-o", module, source, "-ldl"],
                       check=True, timeout=RUN_S)
        self.delay = os.path.join(folder, "delay")
        self.wait_ms(0)
        os.environ.update(SLOW_TOKEN_DELAY=self.delay, SLOW_TOKEN_MODULE=MODULE)
        super().__init__(programs, folder,
                         uri=uri(module=module) + f"\ntoken_timeout = {timeout}")

    def wait_ms(self, ms):
        with open(self.delay, "w", encoding="ascii") as file:
            file.write(str(ms))

    def options_s(self):
        """How long an answer to OPTIONS takes."""
        other = kit.Udp(PEER)
        began = time.monotonic()
        other.send(kit.request("OPTIONS", f"sip:{PROXY}:{self.address[1]}",
                               f"{PEER}:{other.port}"), self.address)
        assert other.receive_final() is not None
        other.close()
        return time.monotonic() - began


@pytest.fixture
def slow(programs, tmp_path, request):
    made = Slow(programs, tmp_path, request.param)
    try:
        made.process.wait_ready()
        yield made
    finally:
        code = made.stop()
        for name in ("SLOW_TOKEN_DELAY", "SLOW_TOKEN_MODULE"):
            os.environ.pop(name, None)
    assert code == 0, made.process.text()


@pytest.mark.parametrize("slow", ["2s"], indirect=True)
def test_token_that_takes_a_second_holds_up_nobody_else(slow):
    slow.wait_ms(1000)
    began = time.monotonic()
    slow.send()
    for _ in range(5):
        assert slow.options_s() < 0.2
    assert slow.callee.receive(0.1) is None and time.monotonic() - began < 0.9
    invite = slow.callee.receive(3)
    assert invite.first("Identity") is not None and time.monotonic() - began >= 1
    slow.callee.send(kit.response(invite, 486, "Busy"), slow.address)
    assert slow.fail_open() == 0


@pytest.mark.parametrize("slow", ["2s"], indirect=True)
def test_call_is_cancelled_while_the_token_signs_it(slow):
    slow.wait_ms(500)
    text = slow.send()
    assert slow.caller.receive().status == 100
    lines = [line for line in text.split("\r\n") if line.split(":")[0] not in ("Contact", "")]
    slow.caller.send("\r\n".join(lines).replace("INVITE", "CANCEL") + "\r\n\r\n", slow.address)
    finals = [slow.caller.receive_final() for _ in range(2)]
    assert sorted(final.status for final in finals) == [200, 487]
    assert slow.callee.receive(0.7) is None
    slow.wait_ms(0)
    assert slow.call().first("Identity") is not None


@pytest.mark.parametrize("slow", ["150ms"], indirect=True)
def test_token_that_hangs_costs_each_call_its_deadline_and_its_label_only(slow):
    """Ten at once: they do not wait for one another."""
    slow.wait_ms(2500)
    began = time.monotonic()
    for _ in range(10):
        slow.send()
    slow.callee.only = None
    invites = [slow.callee.receive(1) for _ in range(10)]
    assert time.monotonic() - began < 0.6
    for invite in invites:
        assert invite.first("Identity") is None
        slow.callee.send(kit.response(invite, 486, "Busy"), slow.address)
    assert slow.fail_open() == 10
    slow.wait_ms(0)
    end = time.monotonic() + 10
    while slow.call().first("Identity") is None:
        assert time.monotonic() < end, slow.process.text()
        time.sleep(0.2)


@pytest.mark.parametrize("slow", ["2s"], indirect=True)
def test_reload_while_the_token_signs(slow):
    """The signature under way has the settings that it began with."""
    slow.wait_ms(600)
    slow.send()
    slow.own["uri"] = uri() + "\ntoken_timeout = 2s"
    slow.reload(slow.config(), "event=config.loaded")
    invite = slow.callee.receive(3)
    assert invite.first("Identity") is not None
    slow.callee.send(kit.response(invite, 486, "Busy"), slow.address)
    assert slow.call().first("Identity") is not None


@pytest.mark.parametrize("slow", ["2s"], indirect=True)
def test_end_while_the_token_signs(slow):
    slow.wait_ms(700)
    slow.send()
    assert slow.caller.receive().status == 100
    slow.process.process.terminate()
    time.sleep(0.1)
    slow.process.process.terminate()  # the second one does not drain
    assert slow.process.process.wait(5) == 0
