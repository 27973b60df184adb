# SPDX-License-Identifier: Apache-2.0
"""Signer and verifier read numbers and URIs alike, whatever their spelling."""
import cli_tool
import pytest

import world
from der import private_pem

SPELLINGS = {
    "tel": "tel:+1-215-555-0100", "national-part": "sip:+12155550100@h;user=phone",
    "brackets": "sip:+1(215)555.0100@example.org;user=phone", "plus": "+12155550100",
    "parameters": "tel:+12155550100;npdi;rn=+12155550199",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_cn7_what_is_signed_in_one_spelling_verifies_in_each_other(cli, spelling):
    path = world.SIGNERS["caller"]
    key = cli.write("key", private_pem(path[0].key), 0o600)
    cert = "cert"
    cli.write(cert, "".join(one.pem for one in path))
    signed = cli.ok("passport", "sign", "--key", key, "--cert", cert, "--x5u",
                    world.url("caller"), "--from", spelling, "--to", "tel:+1-215-555-0200",
                    "--iat", world.NOW)
    cli.write("root", world.ROOT.pem)
    trust = ["--cert", f"{world.url('caller')}={cert}", "--anchor",
             "root"]
    for other in SPELLINGS.values():
        verdict = cli.verify(signed, caller=other, called="+1 (215) 555-0200", now=world.NOW,
                             trust=trust)
        assert verdict["reason"] == "ok", (spelling, other)
    stranger = cli.verify(signed, caller="tel:+12155550101", called="12155550200", now=world.NOW,
                          trust=trust)
    assert stranger["reason"] == "orig_mismatch"
    assert cli_tool.results(stranger)["orig"] == "failed"
