# SPDX-License-Identifier: Apache-2.0
"""Two registries with the REST doors of ATIS-1000082: one signs, another verifies what it signed,
and fetches the certificate from the first one's public door."""
import socket
import subprocess
import time
import uuid

import pg_cluster
from port_kit import OURS
from registry_kit import BIN, Registry

MINE, THEIRS, CALLED = "12155550100", "12155550200", "12155551299"
UUID = "5e7e2fd7-4bc6-4a5b-8f0f-0d9a4a3f7c11"
SIGNING, VERIFICATION = "/stir/v1/signing", "/stir/v1/verification"


def attestel(*words, text="", check=True):
    return subprocess.run([BIN / "attestel", *map(str, words)], input=text, check=check,
                          capture_output=True, text=True, timeout=30)


class Pki:
    """Keys and certificates of a carrier, of a stranger, and of a web server."""

    def __init__(self, folder):
        self.folder = folder / "pki"
        for pki in (self.folder, folder / "stranger"):
            attestel("pki", "init", pki)
            attestel("pki", "issue", pki, "carrier", "--type", "shaken", "--spc", "1234")
        self.stranger = folder / "stranger"
        attestel("pki", "issue", self.folder, "web", "--type", "tls-server", "--host", "127.0.0.1")
        for name, kind in (("delegate-ca", "delegate-ca"), ("delegate", "delegate")):
            attestel("pki", "issue", self.folder, name, "--type", kind, "--range",
                     "12155550000:1000")

    def __truediv__(self, name):
        return self.folder / name


class StirRegistry(Registry):
    """One with a public door, and [stir] once its certificate is published."""

    def __init__(self, engine, directory, pki, cluster=None):
        self.pki, self.public_port, self.x5u = pki, OURS.free_port(), None
        self.more = self.own = ""
        super().__init__(engine, directory, cluster)

    def write_conf(self):
        super().write_conf()
        text = self.conf.read_text().replace(
            "[registry]\n",
            f"[registry]\npublic_url_base = https://127.0.0.1:{self.public_port}\n{self.own}")
        self.conf.write_text(text + f"""
[public]
listen = 127.0.0.1:{self.public_port}
tls_certificate_file = {self.pki / "web.pem"}
tls_key_file = {self.pki / "web.key"}
{self.more}""")

    def sign_with(self, x5u):
        self.more += f"""[stir]
certificate_file = {self.pki / "carrier.pem"}
key_file = {self.pki / "carrier.key"}
x5u = {x5u}
any_number = yes
"""
        self.x5u = x5u
        self.write_conf()

    def verify_with(self, *ports, wait="500ms"):
        self.more += f"""[stir]
anchors = {self.pki / "root.pem"}
accept_spc = yes
tls_ca_file = {self.pki / "tls-root.pem"}
ports = {", ".join(map(str, ports))}
test_addresses = 127.0.0.1
wait = {wait}
"""
        self.write_conf()


class World:
    """signer and verifier; silent_port answers nobody."""

    def __init__(self, signer, verifier, silent_port):
        self.signer, self.verifier, self.silent_port = signer, verifier, silent_port

    def publish(self, path):
        answer = self.signer.request("POST", "/v1/certificates", path.read_bytes(), "carrier",
                                     {"Content-Type": "application/x-pem-file"})
        assert answer.status == 201, answer
        return answer["url"]


def begin(engine, tmp_path_factory):
    """The body of a fixture: gives a World, with a signer on that engine."""
    folder = tmp_path_factory.mktemp("stir-" + engine)
    if engine == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(folder, engine, cluster)
    else:
        yield from run(folder, engine, None)


def run(folder, engine, cluster):
    pki = Pki(folder)
    signer = StirRegistry(engine, folder / "signer", pki, cluster)
    verifier = StirRegistry("sqlite", folder / "verifier", pki)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        world = World(signer, verifier, silent.getsockname()[1])
        for registry in (signer, verifier):
            registry.add_key("carrier", "carrier-co", "carrier")
            registry.add_key("auditor", "others")
        signer.start()
        signer.mine = signer.enrol("Own Carrier", "+" + MINE, "carrier-co")
        signer.theirs = signer.enrol("Their Shop", "+" + THEIRS, "shop")
        x5u = world.publish(pki / "carrier.pem")
        assert signer.stop() == 0
        signer.sign_with(x5u)
        verifier.verify_with(signer.public_port, world.silent_port)
        signer.start()
        verifier.start()
        yield world
        for registry in (signer, verifier):
            assert registry.stop() == 0, registry.log()
            assert "level=error" not in registry.log(), registry.log()


def signing(orig=MINE, dest=(CALLED,), attest="A", iat=None):
    return {"signingRequest": {"attest": attest, "orig": {"tn": orig}, "dest": {"tn": list(dest)},
                               "iat": iat or int(time.time()), "origid": str(uuid.uuid4())}}


def verification(identity, caller=MINE, called=(CALLED,), at=None):
    return {"verificationRequest": {"from": {"tn": caller}, "to": {"tn": list(called)},
                                    "time": at or int(time.time()), "identity": identity}}


def fault(answer):
    """The kind, messageId and variables of an error."""
    (kind, error), = answer["requestError"].items()
    assert set(error) == {"messageId", "text", "variables"}
    assert kind == ("serviceException" if error["messageId"].startswith("SVC")
                    else "policyException")
    assert error["text"].count("%1") == len(error["variables"])
    return answer.status, error["messageId"], error["variables"]
