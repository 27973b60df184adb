# SPDX-License-Identifier: Apache-2.0
"""Forwarded calls through the proxy: what strangers add, and what a trunk lets a call cost."""
import os
import subprocess

import pytest
from sti import CALLED
from test_proxy_passports import (NEXT, NONE, PASSED, Placed, expect, host, signed, tampered,
                                  trusting, world)
from test_proxy_stir import Extra

__all__ = ["host", "signed", "world"]  # fixtures
HOPS = [CALLED] + [f"1215555018{n}" for n in range(4)] + [NEXT]
TRUNK = "[trunk \"foreign-carrier\"]"


@pytest.fixture(scope="module", params=["", "max_signatures = 6\n"], ids=["four", "six"])
def proxy(request, stage, world, host, tmp_path_factory):
    with Extra(stage, tmp_path_factory.mktemp("forwards"), "terminating",
               *trusting(stage, world, host, (TRUNK, f"{TRUNK}\n{request.param}"))) as made:
        made.signatures = 6 if request.param else 4
        yield made


def chain(signed, hops):
    return [signed.shaken()] + [signed.div(*pair) for pair in zip(hops, hops[1:])]


def test_five_forwards_are_verified_where_the_trunk_lets_six_signatures_be_spent(ends, proxy,
                                                                                 signed):
    placed = Placed(ends, proxy, chain(signed, HOPS), to=NEXT)
    if proxy.signatures == 6:
        expect(placed, PASSED, {"shaken": "ok", "div": "ok"}, attest="A", reason="ok")
        return
    assert placed.verstat == NONE and placed.passports == {"shaken": "ok", "div": "limit"}
    assert placed.record["rule"] == "retargeted"


@pytest.mark.parametrize("added", [
    lambda s: tampered(s.div()),
    lambda s: s.div(CALLED, "12155550178"),
    lambda s: s.div(NEXT, CALLED),
    lambda s: s.div("12155550178", NEXT),
    lambda s: tampered(s.shaken()),
    lambda s: s.made("caller", "div", div={"tn": CALLED}, dest={"tn": [NEXT]}),
], ids=["forged", "fork", "loop", "gap", "forged-original", "no-authority"])
def test_what_a_stranger_adds_does_not_break_a_chain(ends, proxy, signed, added):
    """RFC 8946 section 4.2: it fails by itself, with its own Reason, and the call is labelled."""
    placed = Placed(ends, proxy, [added(signed), *chain(signed, [CALLED, NEXT])], to=NEXT)
    assert placed.verstat == PASSED and placed.record["attest"] == "A"
    assert placed.reasons in ([437], [438])


def test_the_forwards_have_to_lead_from_what_names_the_caller(ends, proxy, signed):
    """A forward of another PASSporT of the same caller says nothing of this one."""
    middle = "12155550180"
    other = signed.rcd(dest={"tn": [middle]}, rcd={"nam": "Somebody"})
    placed = Placed(ends, proxy, [signed.shaken(), other, signed.div(middle, NEXT)], to=NEXT)
    assert placed.passports["div"] == "ok" and placed.passports["shaken"] == "ok"
    assert placed.verstat == NONE and placed.record["rule"] == "retargeted"


@pytest.mark.parametrize("line, told", [
    ("max_signatures = 0", "max_signatures"), ("max_signatures = 17", "max_signatures"),
    ("max_cost = 6", "max_cost"), ("max_cost = 1001", "max_cost"), ("max_cost = -1", "max_cost"),
    ("max_diverted_age = 500ms", "max_diverted_age"),
    ("max_diverted_age = 25h", "max_diverted_age"),
    ("max_signatures = 1", None), ("max_signatures = 16", None), ("max_cost = 7", None),
    ("max_cost = 0", None), ("max_diverted_age = 24h", None),
])
def test_check_config_holds_what_a_call_may_cost_against_its_range(programs, tmp_path, line, told):
    path = tmp_path / "one.conf"
    path.write_text("[proxy]\nlisten_udp = 127.0.0.1:5060\n[trunk \"a\"]\n"
                    f"addresses = 192.0.2.1\n{line}\n"
                    "[route \"b\"]\nmatch = *\ntarget = sip:127.0.0.1:5070\n")
    done = subprocess.run([os.path.join(programs, "attestel-proxy"), "--config", str(path),
                           "--check-config"], capture_output=True, text=True, check=False)
    if told is None:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 2 and told in done.stderr, done.stderr
