# SPDX-License-Identifier: Apache-2.0
"""A real attestel-registry on either engine, and a client that holds every answer against the
OpenAPI document."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import openapi_check
import pg_cluster
from port_kit import OURS

BIN = pathlib.Path(os.environ.get("ATTESTEL_BIN", "build/bin")).resolve()
PASSED_A = {"verstat": "TN-Validation-Passed", "attest": "A"}
NOT_VERIFIED = {"verstat": "No-TN-Validation"}
CALLER, CALLEE = "+12155551212", "+12155551213"
NO_LIMITS = "ring = 0\nwrite = 0\nread = 0\nbulk = 0\npublic = 0"


class Reply:
    """One answer; json is None when the body is none."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        kind = headers.get("content-type", "")
        self.json = json.loads(body) if "json" in kind and "jsonl" not in kind and body else None

    def __getitem__(self, name):
        return self.json[name]

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Registry:
    """engine is "sqlite" or "postgres"; directory is the test's; start() runs the daemon."""

    def __init__(self, engine, directory, cluster=None, options="", api="", rates=NO_LIMITS,
                 beside=None):
        """api and rates are lines of those sections; beside is a registry to share the database and
        the secrets with, as a second process of it."""
        self.engine, self.directory, self.cluster = engine, pathlib.Path(directory), cluster
        self.port, self.admin_port, self.options = OURS.free_port(), OURS.free_port(), options
        self.api, self.rates = api, rates
        self.process, self.keys, self.postgres = None, {}, None
        self.directory.mkdir(parents=True, exist_ok=True)
        self.secrets = beside.secrets if beside else self.directory
        if beside:
            self.postgres, self.database, self.keys = beside.postgres, beside.database, beside.keys
        elif engine == "postgres":
            owner, database = cluster.new_database()
            self.postgres = database.split("?")[0].rsplit("/", 1)[1]
            self.database = f"database = {database}\ndatabase_owner = {owner}\n" \
                f"database_role = {cluster.APPLICATION}"
        else:
            self.database = f"database = {self.directory / 'registry.db'}"
        self.conf = self.directory / "registry.conf"
        self.write_conf()
        if beside is None:
            self.run("--migrate")

    def write_conf(self):
        self.conf.write_text(f"""[registry]
{self.database}
pair_key_file = {self.secrets / "pair.key"}
signing_key_file = {self.secrets / "signing.key"}
[api]
listen = 127.0.0.1:{self.port}
{self.api}
[admin]
listen = 127.0.0.1:{self.admin_port}
[rates]
{self.rates}
{self.options}
""")

    def run(self, *words, check=True):
        return subprocess.run([BIN / "attestel-registry", "--config", self.conf, *words],
                              check=check, capture_output=True, text=True, timeout=60)

    def add_key(self, role, tenant, name=None):
        """A key made past the API; kept as self.keys[name or role]."""
        path = self.directory / f"{name or role}.key"
        self.run("--add-key", role, "--tenant", tenant, "--key-file", path)
        self.keys[name or role] = path.read_text().strip()
        return self.keys[name or role]

    def start(self):
        with open(self.directory / "registry.log", "ab") as log:
            self.process = subprocess.Popen(
                [BIN / "attestel-registry", "--config", self.conf], stderr=log)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                assert self.process.poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.02)

    def stop(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            status = self.process.wait(20)
            self.process = None
            return status
        return 0

    def held(self):
        """Every byte that the database holds."""
        if self.engine == "sqlite":
            return b"".join(path.read_bytes() for path in self.directory.glob("registry.db*"))
        return self.cluster.dump(self.postgres).encode()

    def log(self):
        return (self.directory / "registry.log").read_text()

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()

    def looked_up(self, source):
        """How many look-ups were answered from there: "memory" or "database"."""
        name = f'attestel_registry_lookup_sources_total{{source="{source}"}} '
        return sum(int(line[len(name):]) for line in self.metrics().splitlines()
                   if line.startswith(name))

    def connect(self, context=None):
        """A new connection; with an ssl.SSLContext it is one of HTTPS."""
        if context is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=context)

    def request(self, method, path, body=None, key=None, headers=None, check=True, context=None):
        """key is a name of self.keys or a key; body is JSON, or bytes with a Content-Type."""
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = "Bearer " + self.keys.get(key, key)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = self.connect(context)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            head = {name.lower(): value for name, value in answer.getheaders()}
            # a stream of events has no end
            endless = head.get("content-type") == "text/event-stream"
            reply = Reply(answer.status, head, answer.read(1 if endless else None))
        finally:
            connection.close()
        if check and openapi_check.DOCUMENT.exists():
            openapi_check.check(method, path, body, reply)
        return reply

    def post(self, path, body, key, status=201, **more):
        reply = self.request("POST", path, body, key, **more)
        assert reply.status == status, reply
        return reply

    def get(self, path, key, status=200, **more):
        reply = self.request("GET", path, None, key, **more)
        assert reply.status == status, reply
        return reply

    def enrol(self, name="Example Dental", number=CALLER, tenant="customer"):
        """A vouched tenant with an owner's key, a live brand and a bound number."""
        owner = self.add_key("owner", tenant, tenant)
        business = self.post("/v1/businesses", {"name": name, "country": "US"}, owner)["id"]
        self.post(f"/v1/businesses/{business}/submit", None, owner, 200)
        brand = self.post("/v1/brands", {"business": business, "name": name}, owner)["id"]
        binding = self.post("/v1/numbers", {"number": number, "brand": brand}, owner)["id"]
        return {"owner": owner, "business": business, "brand": brand, "binding": binding}


def engines():
    """Parameters of a fixture: both engines, PostgreSQL only where it is installed."""
    return ["sqlite", "postgres"] if pg_cluster.is_installed() else ["sqlite"]
