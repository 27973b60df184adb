# SPDX-License-Identifier: Apache-2.0
"""@attestel/caller-id in Node, against a real registry on both engines."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from cli_registry_kit import registries
from registry_kit import engines

JS = pathlib.Path(__file__).parents[2] / "caller-id-sdk/js"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


@pytest.fixture(scope="module", params=engines())
def registry(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


def test_the_clients_own_tests_pass(registry):
    keys = registry.directory / "keys.json"
    keys.write_text(json.dumps(registry.keys))
    done = subprocess.run(
        [NODE, "--test", *map(str, sorted(JS.glob("test/*.test.js")))], capture_output=True,
        text=True, timeout=90, check=False, stdin=subprocess.DEVNULL,
        env=dict(os.environ, REGISTRY=f"http://127.0.0.1:{registry.port}", KEYS=str(keys)))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    passed = int(done.stdout.split("# pass ")[1].split()[0]) if "# pass " in done.stdout else \
        int(done.stdout.split("ℹ pass ")[1].split()[0])
    assert passed >= 17
