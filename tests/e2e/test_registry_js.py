# SPDX-License-Identifier: Apache-2.0
"""@attestel/caller-id in Node, against a real registry on both engines."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from cli_registry_kit import hide_a_number, registries
from registry_kit import engines

JS = pathlib.Path(__file__).parents[2] / "caller-id-sdk/js"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.fixture(scope="module", params=engines())
def registry(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


def test_the_clients_own_tests_pass(registry):
    hide_a_number(registry)
    keys = registry.directory / "keys.json"
    keys.write_text(json.dumps(registry.keys))
    done = subprocess.run(
        [NODE, "--test", *map(str, sorted(JS.glob("test/*.test.js")))], capture_output=True,
        text=True, timeout=90, check=False, stdin=subprocess.DEVNULL,
        env=dict(os.environ, REGISTRY=f"http://127.0.0.1:{registry.port}", KEYS=str(keys)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    passed = int(done.stdout.split("# pass ")[1].split()[0]) if "# pass " in done.stdout else \
        int(done.stdout.split("ℹ pass ")[1].split()[0])
    assert passed >= 20


def test_a_page_of_another_origin_may_ask_with_a_key_and_read_the_answer(registry):
    asked = registry.request("OPTIONS", "/v1/intents", headers={
        "Origin": "https://pbx.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key"},
        check=False)
    assert asked.status == 204 and "POST" in asked.headers["access-control-allow-methods"]
    allowed = asked.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "idempotency-key", "if-none-match",
                 "last-event-id"):
        assert name in allowed
    answer = registry.get("/v1/buckets", None, headers={"Origin": "https://pbx.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "ETag" in answer.headers["access-control-expose-headers"]


def test_a_browser_sends_nothing_of_its_own_and_others_hear_nothing_of_it(registry):
    answer = registry.get("/v1/buckets", None)
    assert not any(name.startswith("access-control") for name in answer.headers)
    asked = registry.request("OPTIONS", "/v1/intents", check=False)
    assert asked.status == 405
    unknown = registry.request("OPTIONS", "/v1/nothing", check=False, headers={
        "Origin": "https://pbx.example", "Access-Control-Request-Method": "GET"})
    assert unknown.status == 404
    refused = registry.request("GET", "/v1/self", headers={"Origin": "https://pbx.example"})
    assert refused.status == 401 and "access-control-allow-credentials" not in refused.headers
