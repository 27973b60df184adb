# SPDX-License-Identifier: Apache-2.0
"""The attestel tool against a real registry: keys in files, no profile but the test's own."""
import hashlib
import json
import struct
import subprocess
import time
import zlib

from cli_tool import Cli

import pg_cluster
from registry_kit import Registry


def png(size):
    """A grey picture of size x size."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    rows = b"".join(b"\0" + b"\x80" * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class RegistryCli(Cli):
    """Commands with --registry and the key of a name; answers as JSON."""

    def __init__(self, programs, directory, registry):
        super().__init__(programs, directory)
        self.registry, self.url = registry, f"http://127.0.0.1:{registry.port}"

    def key_file(self, key):
        return self.write(f"{key}.key", self.registry.keys[key] + "\n", 0o600)

    def at(self, key):
        words = ("--registry", self.url)
        return words if key is None else (*words, "--key-file", self.key_file(key))

    def run(self, *words, data=b"", env=None):
        """No profile and no variable of whoever runs the test counts."""
        return super().run(*words, data=data, env={
            "HOME": self.dir, "XDG_CONFIG_HOME": self.path("config"), **(env or {})})

    def json(self, *words, key="owner", data=b""):
        text = self.ok(*words, "--json", *self.at(key), data=data)
        return json.loads(text) if text else None

    def say(self, *words, key="owner", data=b""):
        return self.ok(*words, *self.at(key), data=data)

    def no(self, *words, key="owner", status=1, data=b""):
        return self.refused(*words, *self.at(key), status=status, data=data)

    def follow(self, *words, key="owner"):
        """A tail that ends itself after a while, whatever happens to the test."""
        return subprocess.Popen(
            ["timeout", "30", self.program, "tail", *words, *self.at(key)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


SHOWN, HIDDEN = "+12155571251", "+12155571250"


def hide_a_number(registry):
    """Both are in a block that has a brand; of one the binding is suspended. Waits until buckets
    say so, which follow the directory within seconds."""
    def bind(number, **more):
        body = {"number": number, "brand": registry.mine["brand"], **more}
        return registry.post("/v1/numbers", body, "owner")["id"]
    at = f"/v1/bindings/{bind(HIDDEN)}"
    registry.request("PATCH", at, {"state": "suspended"}, "owner",
                     {"If-Match": registry.get(at, "owner").headers["etag"]})
    bind("+12155571000", block=1000)
    bucket = hashlib.sha256(b"attestel-bucket-1\0" + HIDDEN[1:-3].encode()).hexdigest()[:4]
    entry = hashlib.sha256(b"attestel-entry-1\0" + HIDDEN[1:].encode()).digest()[:8] + b"\x11"
    deadline = time.monotonic() + 10
    while entry not in registry.get(f"/v1/buckets/{bucket}", None).body:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def registries(engine, directory):
    """Yields a running registry with an operator, a customer's owner, a carrier and an app."""
    def start(cluster=None):
        registry = Registry(engine, directory, cluster)
        registry.add_key("operator", "operator")
        registry.add_key("carrier", "carrier")
        registry.add_key("app", "app-vendor")
        registry.start()
        registry.mine = registry.enrol()
        registry.keys["owner"] = registry.mine["owner"]
        return registry
    if engine == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            registry = start(cluster)
            yield registry
            registry.stop()
    else:
        registry = start()
        yield registry
        registry.stop()
