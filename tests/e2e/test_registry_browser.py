# SPDX-License-Identifier: Apache-2.0
"""@attestel/caller-id in a real browser: a page of another origin than the registry's."""
import hashlib
import http.server
import pathlib
import queue
import shutil
import subprocess
import threading
import time
import urllib.parse

import pytest

from cli_registry_kit import registries
from registry_kit import CALLEE, CALLER

JS = pathlib.Path(__file__).parents[2] / "caller-id-sdk/js"
CHROMIUM = shutil.which("chromium")
KINDS = {".js": "text/javascript", ".html": "text/html"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    yield from registries("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def site():
    """(port, what pages say at their end) of a server of the client's files."""
    said = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, body=b"", kind="text/plain"):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            name = self.path.strip("/")
            path = JS / ("test/page.html" if name == "page.html" else name)
            if path.is_file() and path.suffix in KINDS:
                self.answer(path.read_bytes(), KINDS[path.suffix])
            else:
                self.send_error(404)

        def do_POST(self):
            said.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer()

        def log_message(self, *words):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, said
    server.shutdown()
    server.server_close()


def test_a_page_looks_up_privately_follows_and_announces(registry, site, tmp_path):
    port, said = site
    registry.post("/v1/intents", {"from": CALLER, "to": CALLEE, "code": "other", "text": "First"},
                  "owner")
    deadline = time.monotonic() + 10  # the buckets follow the directory within seconds
    while not any(registry.get("/v1/buckets/" + bucket_of(CALLER), None).body):
        assert time.monotonic() < deadline
    what = urllib.parse.urlencode({"url": f"http://127.0.0.1:{registry.port}", "number": CALLER,
                                   "key": registry.keys["owner"]})
    with open(tmp_path / "browser.log", "wb") as log:
        browser = subprocess.Popen(
            ["timeout", "60", CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={tmp_path / 'profile'}", "--remote-debugging-port=0",
             f"http://127.0.0.1:{port}/page.html#{what}"], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL)
    try:
        lines = said.get(timeout=45).splitlines()
    finally:
        browser.terminate()
        browser.wait(20)
    assert lines == ["name: Example Dental", "event: intent.announced", "intent: announced",
                     "refused: invalid_fields"]


def bucket_of(number):
    word = b"attestel-bucket-1\0" + number.lstrip("+").encode()[:-3]
    return hashlib.sha256(word).hexdigest()[:4]
