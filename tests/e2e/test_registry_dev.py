# SPDX-License-Identifier: Apache-2.0
"""attestel-registry --dev DIR: a ready registry in one command."""
import json
import os
import pathlib
import signal
import ssl
import stat
import subprocess
import time
import urllib.request

import pytest

from port_kit import OURS
from registry_kit import BIN


class Dev:
    """A registry that --dev runs; out is what it says on standard output until it is ready."""

    def __init__(self, directory, *options):
        self.directory = pathlib.Path(directory)
        self.process = subprocess.Popen(
            [BIN / "attestel-registry", "--dev", directory, *options], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out = ""
        for line in self.process.stdout:
            self.out += line
            if "Ctrl-C" in line:
                break
        else:
            raise AssertionError(self.process.communicate()[1])
        self.url = self.read("url")

    def read(self, name):
        return (self.directory / name).read_text().strip()

    def get(self, path, context=None, url=None):
        request = urllib.request.Request((url or self.url) + path, headers={
            "Authorization": "Bearer " + self.read("admin.key")})
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {
            "Authorization": "Bearer " + self.read("admin.key"),
            "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@pytest.fixture
def start(tmp_path):
    running = []

    def go(*options, directory=None):
        running.append(Dev(directory or tmp_path / "dev", *options))
        return running[-1]
    yield go
    for dev in running:
        if dev.process.poll() is None:
            dev.stop(signal.SIGKILL)


def refused(*words):
    done = subprocess.run([BIN / "attestel-registry", *map(str, words)], capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode in (1, 2) and done.stderr.startswith("attestel-registry: "), done
    return done.stderr


def test_one_command_gives_a_registry_and_an_operators_key(start):
    dev = start()
    assert dev.get("/v1/self")["role"] == "operator"
    assert dev.url.startswith("http://127.0.0.1:") and dev.url in dev.out
    assert "attestel profile add" in dev.out and dev.read("admin.key") not in dev.out
    assert dev.stop() == 0


def test_its_secrets_are_for_its_owner_only(start):
    dev = start()
    for name in ("admin.key", "pair.key", "signing.key", "public.key", "registry.db"):
        assert stat.S_IMODE(os.stat(dev.directory / name).st_mode) == 0o600, name
    assert stat.S_IMODE(os.stat(dev.directory).st_mode) == 0o700


def test_the_public_door_has_a_certificate_under_ca_pem(start):
    dev = start()
    context = ssl.create_default_context(cafile=dev.directory / "ca.pem")
    conf = dev.read("registry.conf")
    port = conf.split("[public]")[1].split("127.0.0.1:")[1].split()[0]
    for host in ("127.0.0.1", "localhost"):
        keys = dev.get("/.well-known/jwks.json", context, f"https://{host}:{port}")
        assert keys["keys"][0]["kty"] == "EC"
    with pytest.raises(urllib.error.URLError):
        dev.get("/.well-known/jwks.json", ssl.create_default_context(), f"https://127.0.0.1:{port}")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_second_start_goes_on_with_what_is_there(start, how):
    dev = start()
    made = dev.post("/v1/tenants", {"name": "Example Telecom"})
    before = {path.name: path.read_bytes() for path in dev.directory.iterdir()
              if not path.name.startswith("registry.db")}
    dev.stop(how)
    again = start()
    assert again.url == dev.url
    assert again.get(f"/v1/tenants/{made['id']}")["name"] == "Example Telecom"
    assert before == {path.name: path.read_bytes() for path in dev.directory.iterdir()
                      if not path.name.startswith("registry.db")}


def test_a_first_start_that_was_cut_short_is_finished(start, tmp_path):
    dev = start()
    dev.stop()
    for name in ("public.key", "admin.key", "url"):
        (tmp_path / "dev" / name).unlink()
    again = start()
    assert again.get("/v1/self")["role"] == "operator"


def test_a_port_can_be_chosen(start, tmp_path):
    port = OURS.free_port()
    dev = start("--port", str(port))
    assert dev.url == f"http://127.0.0.1:{port}"
    assert "has port" in refused("--dev", tmp_path / "dev", "--port", port - 1)


def test_a_port_that_is_taken_or_none_is_refused(start, tmp_path):
    port = start().url.rsplit(":", 1)[1]
    assert f"port {port}" in refused("--dev", tmp_path / "other", "--port", port)
    for bad in ("0", "65536", "http", "-1", "1 2"):
        done = subprocess.run([BIN / "attestel-registry", "--dev", tmp_path / "x", "--port", bad],
                              capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 2 and "--port" in done.stderr, bad
    assert not (tmp_path / "x").exists()


def test_a_folder_that_cannot_be_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    assert "file" in refused("--dev", tmp_path / "file" / "x")
    assert "shorter path" in refused("--dev", tmp_path / "a;b")


def test_other_commands_work_on_its_folder(start, tmp_path):
    start()
    done = subprocess.run([BIN / "attestel-registry", "--dev", tmp_path / "dev", "--verify-audit"],
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


def test_it_is_ready_within_a_few_seconds(start):
    began = time.monotonic()
    start()
    assert time.monotonic() - began < 5
