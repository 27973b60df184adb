# SPDX-License-Identifier: Apache-2.0
"""What the proxy keeps, reloads and tells: tables of keys, anchors, brands, refusals."""
import os
import subprocess
import time

import proxy_kit as kit
import pytest
from test_proxy_stir import (CALLED, CALLER, Extra, arrived, call, ends,  # noqa: F401
                             identity, logged, via_of)


def until(check, seconds=5):
    """Whether check() becomes true in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_signer_who_comes_back_gets_a_table_and_it_is_counted(stage, ends, tmp_path):
    with Extra(stage, tmp_path, "terminating") as proxy:
        def kept():
            return kit.metrics(proxy.admin)["attestel_proxy_key_tables"]
        assert kept() == 0
        for _ in range(3):
            arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
        assert until(lambda: kept() == 1)
        assert "event=verify.tables kept=1" in proxy.text()
        invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
        assert ";verstat=TN-Validation-Passed@" in invite.first("From")
