# SPDX-License-Identifier: Apache-2.0
"""What the tests of the conformance suite share: the programs under test, the command line."""
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
sys.path.insert(0, os.path.join(ROOT, "tests", "vectors"))

import cli_tool  # noqa: E402


@pytest.fixture(scope="session")
def programs():
    """The folder of the programs under test: ATTESTEL_BIN, else build/bin."""
    return os.path.abspath(os.environ.get("ATTESTEL_BIN", os.path.join(ROOT, "build", "bin")))


@pytest.fixture
def cli(programs, tmp_path):
    return cli_tool.Cli(programs, tmp_path)
