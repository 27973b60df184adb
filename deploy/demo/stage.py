# SPDX-License-Identifier: Apache-2.0
"""A whole network on loopback: a registry, an originating and a terminating proxy, a PKI.

    customer 127.0.0.11 -> originating proxy 127.0.0.2 -> terminating proxy 127.0.0.3 -> callee
                                        foreign carrier 127.0.0.12 ---^ :              127.0.0.13
                                               browsers 127.0.0.15 ---^ :
                                                             media relay 127.0.0.5, if it is wanted

The demo and the end-to-end tests use it. Everything runs as whoever calls, on free ports.
"""
import json
import os
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from processes import Processes, StartError, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
ORIGINATING, TERMINATING, REGISTRY, MEDIA = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
CUSTOMER, FOREIGN, CALLEE, HANGING = "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14"
BROWSER = "127.0.0.15"
CLI_S = 20


class CliError(Exception):
    """The attestel tool did not do what it was asked to; the text says why."""


class ApiError(Exception):
    """The registry did not answer with success; the text has its answer."""


class HangingServer:
    """Takes connections and never says a word, as a dead certificate host behind a firewall."""

    def __init__(self, host):
        self.socket = socket.create_server((host, 0), backlog=64)
        self.address = self.socket.getsockname()
        self.held = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                self.held.append(self.socket.accept()[0])
        except OSError:
            return

    def close(self):
        self.socket.close()
        for connection in self.held:
            connection.close()


class Stage(Processes):
    """Starts in the order start_registry(), enrol(), start_media() where that is wanted,
    start_proxies(); start() does them all."""

    def __init__(self, bin_dir, keep=False, database=None, snapshot=False, media=False):
        """database: the lines of the registry's configuration that name another than SQLite's.
        snapshot: the proxies keep a copy of the directory.
        media: the calls of the terminating proxy pass a media relay."""
        super().__init__(keep)
        self.database = database or f"database = {self.path('registry.db')}"
        self.snapshot, self.media = snapshot, media
        self.bin = os.path.abspath(bin_dir)
        self.pki = self.path("pki")
        self.hanging = HangingServer(HANGING)
        self.at = {name: (host, free_port(host)) for name, host in (
            ("originating", ORIGINATING), ("terminating", TERMINATING), ("api", REGISTRY),
            ("public", REGISTRY), ("registry-admin", REGISTRY), ("originating-admin", ORIGINATING),
            ("terminating-admin", TERMINATING), ("customer", CUSTOMER), ("foreign", FOREIGN),
            ("callee", CALLEE))}
        if media:
            self.at.update({name: (host, free_port(host)) for name, host in (
                ("media", MEDIA), ("media-admin", MEDIA), ("media-webrtc", MEDIA),
                ("browser", BROWSER))})
        self.ids = {}

    def start(self):
        self.start_registry()
        self.enrol()
        if self.media:
            self.start_media()
        self.start_proxies()
        return self

    def stop(self):
        super().stop()
        self.hanging.close()

    def fallen(self):
        """After stop(): the daemons that did not end well when they were asked to."""
        return {name: status for name, status in self.ended.items()
                if status != 0 and name in ("registry", "originating", "terminating", "media")}

    def url(self, name, scheme="http"):
        host, port = self.at[name]
        return f"{scheme}://{host}:{port}"

    def program(self, name):
        path = os.path.join(self.bin, name)
        if not os.access(path, os.X_OK):
            raise StartError(f"{path} is not there: run make all")
        return path

    def write(self, name, text, mode=0o644):
        """A new file of ours; secrets are never readable for others, not even for a moment."""
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
                  encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, *names):
        with open(self.path(*names), encoding="utf-8") as file:
            return file.read()

    def cli(self, *words, data="", expect=0):
        """Runs attestel; its standard output, parsed when it is JSON."""
        done = subprocess.run([self.program("attestel"), *words], input=data, text=True,
                              capture_output=True, timeout=CLI_S, check=False, cwd=self.dir)
        if done.returncode != expect:
            raise CliError(f"attestel {' '.join(words)}: exit {done.returncode}, not {expect}: "
                           f"{done.stderr.strip() or done.stdout.strip()}")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout.strip()

    def api(self, *words, key="manage"):
        """A command that talks to the registry, with the key of that name."""
        return self.cli(*words, "--registry", self.url("api"), "--key-file",
                        self.path(f"{key}.key"))

    def request(self, method, path, body, kind, key):
        """What the registry answers, parsed; key is the name of one of our key files."""
        request = urllib.request.Request(self.url("api") + path, body, {
            "Content-Type": kind, "Authorization": f"Bearer {self.read(key + '.key').strip()}"},
            method=method)
        try:
            with urllib.request.urlopen(request, timeout=CLI_S) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise ApiError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def post(self, path, body=None, key="manage"):
        return self.request("POST", path, json.dumps(body).encode() if body is not None else b"",
                            "application/json", key)

    def upload(self, path, kind, data, key="manage"):
        """Sends a body that is not JSON."""
        return self.request("POST", path, data, kind, key)

    def get(self, path, key="manage"):
        return self.request("GET", path, None, "application/json", key)

    def add_business(self, name):
        """The id of a business that is approved at once: its tenant is vouched for."""
        made = self.post("/v1/businesses", {"name": name, "country": "US"})["id"]
        assert self.post(f"/v1/businesses/{made}/submit")["state"] == "approved"
        return made

    def add_brand(self, business, name, number, logo=None):
        """A live brand with one number; its id."""
        body = {"business": business, "name": name}
        made = self.post("/v1/brands", {**body, "logo": logo} if logo else body)["id"]
        self.post("/v1/numbers", {"number": number, "brand": made})
        return made

    def command(self, program, *words):
        """Runs a daemon's program for something that ends at once."""
        done = subprocess.run([self.program(program), *words], text=True, capture_output=True,
                              timeout=CLI_S, check=False, cwd=self.dir)
        if done.returncode != 0:
            raise StartError(f"{program} {' '.join(words)}: {done.stderr.strip()}")

    def run_daemon(self, name, program, config):
        """Checks the configuration as an operator would, starts the daemon, waits for /readyz."""
        path = self.write(f"{name}.conf", config)
        self.command(program, "--config", path, "--check-config")
        self.spawn(name, [self.program(program), "--config", path])
        self.wait_ready(name, self.at[f"{name}-admin"])

    def start_registry(self):
        # Valid since yesterday: what an hour-old call was signed with must have been valid then.
        since = ("--not-before", str(int(time.time()) - 86400))
        self.cli("pki", "init", self.pki, *since)
        for name, spc in (("carrier", "1234"), ("foreign", "5678")):
            self.cli("pki", "issue", self.pki, name, "--type", "shaken", "--spc", spc, *since)
        self.cli("pki", "issue", self.pki, "web", "--type", "tls-server", "--host", REGISTRY)
        for name in ("tls-root", "root"):  # readable for the certificate helper
            self.write(f"{name}.pem", self.read("pki", f"{name}.pem"))
        path = self.write("registry.conf", registry_config(self))
        self.command("attestel-registry", "--config", path, "--migrate")
        self.command("attestel-registry", "--config", path, "--add-key", "operator",
                     "--tenant", "operator", "--key-file", self.path("operator.key"))
        self.run_daemon("registry", "attestel-registry", registry_config(self))

    def enrol(self):
        """A tenant with its keys, two businesses, and the certificates of two carriers."""
        tenant = self.post("/v1/tenants", {"name": "Example Telecom", "vouched": True},
                           key="operator")["id"]
        self.ids["tenant"] = tenant
        for name, role in (("manage", "owner"), ("proxy", "carrier")):
            made = self.post("/v1/keys", {"tenant": tenant, "role": role, "label": name},
                             key="operator")
            self.write(f"{name}.key", made["key"] + "\n", 0o600)
        for name in ("carrier", "foreign"):
            pem = self.read("pki", f"{name}.pem").encode()
            self.ids[f"x5u-{name}"] = self.upload("/v1/certificates", "application/x-pem-file",
                                                  pem, "proxy")["url"]
        for name, label in (("dental", "Example Dental"), ("bank", "Example Bank")):
            self.ids[name] = self.add_business(label)

    def start_media(self):
        """Commands over UDP are signed: any process of a machine can send there."""
        self.write("media.key", os.urandom(32).hex() + "\n", 0o600)
        self.run_daemon("media", "attestel-media", media_config(self))

    def start_proxies(self):
        for name in ("originating", "terminating"):
            self.run_daemon(name, "attestel-proxy", proxy_config(self, name))

    def wait_snapshots(self, entries):
        """Waits until both proxies' copies hold so many entries and follow the changes."""
        for name in ("originating", "terminating"):
            end = time.monotonic() + CLI_S
            while self.figure(name, "snapshot_entries") != entries or \
                    self.figure(name, "snapshot_lag_seconds") != 0:
                if time.monotonic() > end:
                    raise StartError(f"{name} does not follow the registry")
                time.sleep(0.02)

    def figure(self, name, metric):
        """What a proxy's metrics say; None: nothing."""
        with urllib.request.urlopen(self.url(f"{name}-admin") + "/metrics", timeout=5) as answer:
            found = re.search(rf"^attestel_proxy_{metric} (\S+)$", answer.read().decode(), re.M)
        return float(found.group(1)) if found else None

    def sign(self, caller, called, *options, signer="foreign", x5u=None):
        """An Identity value as another carrier signs it."""
        return self.cli("passport", "sign", "--key", os.path.join(self.pki, f"{signer}.key"),
                        "--cert", os.path.join(self.pki, f"{signer}.pem"),
                        "--x5u", x5u or self.ids[f"x5u-{signer}"], "--attest", "A",
                        "--from", caller, "--to", called, "--any-number",
                        *options)

    def ask_relay(self, command, call_id):
        """What the relay says of a call, as an operator asks it."""
        return self.cli("media", command, call_id, "--json", *self.relay())

    def relay(self):
        """How the media relay is reached."""
        return "--socket", "udp:%s:%d" % self.at["media"], "--key-file", self.path("media.key")

    def call_event(self, call_id):
        """The line the terminating proxy logged about a call, or None."""
        for line in self.log("terminating").splitlines():
            if call_id in line:
                event = json.loads(line)
                if event.get("event") == "call" and event.get("call_id") == call_id:
                    return event
        return None


def registry_config(stage):
    host, port = stage.at["api"]
    return f"""\
# SPDX-License-Identifier: Apache-2.0
[registry]
{stage.database}
pair_key_file = {stage.path("pair.key")}
signing_key_file = {stage.path("signing.key")}
public_url_base = {stage.url("public", "https")}

[api]
listen = {host}:{port}

[public]
listen = {host}:{stage.at["public"][1]}
tls_certificate_file = {stage.pki}/web.pem
tls_key_file = {stage.pki}/web.key

[log]
format = json

[admin]
listen = {host}:{stage.at["registry-admin"][1]}
"""


def media_config(stage):
    """Ended calls stay for an hour, so that it can be asked about them; nobody waits for them."""
    host, port = stage.at["media"]
    return f"""\
# SPDX-License-Identifier: Apache-2.0
[media]
interface = {host}
listen_ng = udp:{host}:{port}
key_file = {stage.path("media.key")}
ports = 20000-29999
webrtc_port = {stage.at["media-webrtc"][1]}
workers = 1
delete_delay = 1h
media_timeout = 1h
drain = 0s

[log]
format = json

[admin]
listen = {host}:{stage.at["media-admin"][1]}
"""


def proxy_config(stage, name):
    """One proxy signs its customer's calls; the other verifies what it gets from anybody."""
    host, port = stage.at[name]
    common = f"""\
# SPDX-License-Identifier: Apache-2.0
[proxy]
listen_udp = {host}:{port}
listen_tcp = {host}:{port}

[registry]
url = {stage.url("api")}
api_key_file = {stage.path("proxy.key")}
snapshot = {"yes" if stage.snapshot else "no"}

[log]
format = json

[admin]
listen = {host}:{stage.at[name + "-admin"][1]}
"""
    own = ORIGINATING_CONFIG if name == "originating" else TERMINATING_CONFIG
    if stage.media and name == "terminating":
        own += MEDIA_CONFIG
    return common + own.format(
        pki=stage.pki, dir=stage.dir, x5u=stage.ids["x5u-carrier"], business=stage.ids["dental"],
        customer=CUSTOMER, foreign=FOREIGN, originating=ORIGINATING, registry=REGISTRY,
        hanging=HANGING, browser=BROWSER, callee=CALLEE,
        relay="%s:%d" % stage.at.get("media", ("", 0)),
        ports=f"{stage.at['public'][1]},{stage.hanging.address[1]}",
        next="%s:%d" % stage.at["terminating" if name == "originating" else "callee"])


ORIGINATING_CONFIG = """
[signing]
key_file = {pki}/carrier.key
certificate_file = {pki}/carrier.pem
x5u = {x5u}
any_number = yes

[trunk "customer"]
addresses = {customer}
role = customer
customer = {business}

[route "everything"]
match = *
target = sip:{next}
"""

TERMINATING_CONFIG = """
[certs]
anchors = {dir}/root.pem
tls_ca_file = {dir}/tls-root.pem
ports = {ports}
test_addresses = {registry},{hanging}

[trunk "originating-carrier"]
addresses = {originating}
role = peer
accept_spc = yes

[trunk "foreign-carrier"]
addresses = {foreign}
role = peer
accept_spc = yes

[route "subscribers"]
match = *
target = sip:{next}
"""

# Whoever has no line "media" speaks plain RTP beside a trunk that has one. The timeout is for
# machines that are busy with something else.
MEDIA_CONFIG = """
[trunk "browsers"]
addresses = {browser}
role = peer
accept_spc = yes
media = webrtc

[trunk "subscribers"]
addresses = {callee}
role = peer
media = rtp

[media]
relay = udp:{relay}
key_file = {dir}/media.key
timeout = 1s
"""
