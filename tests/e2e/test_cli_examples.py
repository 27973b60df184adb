# SPDX-License-Identifier: Apache-2.0
"""The example programs of the library do what their first comment says."""
import json
import os
import re
import subprocess

import pytest
from cli_tool import CALLED, CALLER, Cli

MIRRORED = "https://certs.example.com/delegate.pem"
LOGO = "https://cdn.example.com/logo.png"


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    """A PKI that is valid by the clock: the examples take no other time."""
    cli = Cli(programs, tmp_path_factory.mktemp("examples"))
    pki = cli.path("pki")
    cli.ok("pki", "init", pki)
    cli.ok("pki", "issue", pki, "delegate-ca", "--type", "delegate-ca", "--range",
           "12155550000:10000")
    cli.ok("pki", "issue", pki, "delegate", "--type", "delegate", "--tn", CALLER)
    return cli


def run(cli, name, *words, data="", expect=0):
    program = os.path.join(os.path.dirname(cli.program), "examples", name)
    if not os.access(program, os.X_OK):
        pytest.fail(f"{program} is not there: run make examples")
    done = subprocess.run([program, *map(str, words)], input=data, capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == expect, done
    return done.stdout + done.stderr


def sign(cli, caller=CALLER, expect=0):
    return run(cli, "sign", cli.path("pki", "delegate.key"), cli.path("pki", "delegate.pem"),
               MIRRORED, caller, CALLED, expect=expect)


def verify(cli, identity, caller=CALLER, folder="pki", expect=0):
    return run(cli, "verify_with_fetcher", cli.path("pki", "root.pem"), cli.path(folder), caller,
               CALLED, data=identity, expect=expect)


def test_sign_and_verify_with_fetcher_agree_with_the_tool(cli):
    identity = sign(cli)
    assert "TN-Validation-Passed" in verify(cli, identity)
    trust = ("--cert", f"{MIRRORED}={cli.path('pki', 'delegate.pem')}", "--anchor",
             cli.path("pki", "root.pem"))
    cli.ok("passport", "verify", "--from", CALLER, "--to", CALLED, *trust, data=identity)


def test_sign_refuses_a_number_of_others(cli):
    assert "TNAuthList" in sign(cli, caller="12155550008", expect=1)


def sign_rcd(cli, name="Example Dental", url=LOGO, expect=0):
    cli.write("logo.png", b"\x89PNG the logo")
    return run(cli, "sign_rcd", cli.path("pki", "delegate.key"), cli.path("pki", "delegate.pem"),
               MIRRORED, CALLER, CALLED, name, url, cli.path("logo.png"), expect=expect)


@pytest.mark.parametrize("shown, state", [(b"\x89PNG the logo", "passed"),
                                          (b"\x89PNG another", "failed")])
def test_sign_rcd_proves_name_and_logo_and_no_other_logo(cli, shown, state):
    cli.write("shown.png", shown)
    done = subprocess.run(
        [cli.program, "passport", "verify", "--json", "--from", CALLER, "--to", CALLED, "--cert",
         f"{MIRRORED}={cli.path('pki', 'delegate.pem')}", "--anchor", cli.path("pki", "root.pem"),
         "--icon", f"{LOGO}={cli.path('shown.png')}"], input=sign(cli) + sign_rcd(cli),
        capture_output=True, text=True, timeout=30, check=False)
    verdict = json.loads(done.stdout)
    assert verdict["verstat"] == "TN-Validation-Passed"
    rcd = [p for p in verdict["passports"] if p["ppt"] == "rcd"]
    assert len(rcd) == 1 and rcd[0]["claims"]["rcd"] == {"icn": LOGO, "nam": "Example Dental"}
    assert {c["name"]: c["result"] for c in rcd[0]["checks"]}["content"] == state


@pytest.mark.parametrize("words", [{"name": 'A"B'}, {"url": "http://cdn.example.com/x.png"},
                                   {"name": "n" * 3000}])
def test_sign_rcd_refuses_what_it_cannot_say(cli, words):
    assert re.match(r"sign_rcd: \w", sign_rcd(cli, expect=1, **words))


def test_verify_with_fetcher_does_not_pass_another_caller(cli):
    assert "No-TN-Validation" in verify(cli, sign(cli), caller="12155550008", expect=1)


def test_verify_with_fetcher_says_when_the_certificate_is_not_to_be_had(cli):
    os.makedirs(cli.path("empty"), exist_ok=True)
    assert "could not be" in verify(cli, sign(cli), folder="empty", expect=1)


def test_explain_lists_each_check_that_would_have_failed(cli):
    text = run(cli, "explain", "12155550008", CALLED, 1, data=sign(cli))
    assert "orig: SIP code 438" in text and "iat: SIP code 403" in text
    assert "dest: SIP code" not in text


@pytest.mark.parametrize("name", ["sign", "sign_rcd", "verify_with_fetcher", "explain"])
def test_an_example_without_arguments_shows_its_usage(cli, name):
    assert f"usage: {name}" in run(cli, name, expect=2)
