# SPDX-License-Identifier: Apache-2.0
"""attestel cert lint: its table, its JSON, its exit status, and its documentation."""
import json
import os

import pytest
from cli_tool import Cli, openssl


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    cli = Cli(programs, tmp_path_factory.mktemp("lint"))
    cli.issue(cli.init(), "signer", "shaken", "--spc", "1234")
    return cli


def lint(cli, *words):
    """The exit status and one object a line."""
    done = cli.run("cert", "lint", "--json", *words)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def failed(certificate):
    return [a["rule"] for a in certificate["answers"] if a["result"] == "fail"]


def test_the_documentation_has_the_rules_as_they_are(cli, root):
    with open(os.path.join(root, "docs", "certificate-lint.md"), encoding="utf-8") as file:
        text = file.read()
    begin, end = "--rules -->\n", "<!-- end of rules -->"
    assert text.split(begin)[1].split(end)[0] == cli.ok("cert", "lint", "--rules")


def test_a_development_root_is_clean_and_its_chain_lacks_what_a_pki_without_crl_lacks(cli):
    status, found = lint(cli, cli.path("pki", "root.pem"))
    assert (status, found[0]["certificates"][0]["kind"]) == (0, "root")
    status, found = lint(cli, cli.path("pki", "signer.pem"))
    signer, authority = found[0]["certificates"]
    assert (status, signer["kind"], authority["kind"]) == (1, "end-entity", "ca")
    assert failed(signer) == ["subject_serial_number", "crl_present"]
    assert failed(authority) == ["key_usage_crl_sign", "crl_present"]
    assert (signer["errors"], signer["warnings"], authority["notices"]) == (1, 1, 1)


def test_the_table_has_failures_first_and_a_summary_last(cli):
    done = cli.run("cert", "lint", cli.path("pki", "signer.pem"))
    lines = done.stdout.decode().splitlines()
    assert lines[0].endswith("certificate 1, end-entity: C=US, O=signer, CN=SHAKEN 1234")
    assert lines[1].split() == ["error", "crl_present", "absent"]
    assert lines[3].split()[:2] == ["warning", "subject_serial_number"]
    assert lines[5].split()[:2] == ["pass", "der_encoding"]
    assert lines[-1].startswith("1 errors, 0 warnings, 1 notices, ")
    assert done.returncode == 1


def test_a_chain_in_the_wrong_order_is_found(cli):
    pem = cli.read("pki", "signer.pem")
    first, second = [p + "-----END CERTIFICATE-----\n"
                     for p in pem.split("-----END CERTIFICATE-----\n")[:2]]
    status, found = lint(cli, cli.write("turned.pem", second + first))
    assert status == 1
    assert {"chain_name", "chain_ca", "chain_key_id", "chain_signature"} <= set(
        failed(found[0]["certificates"][0]))


def test_the_kind_may_be_given_and_is_that_of_the_first(cli):
    status, found = lint(cli, "--kind", "ca", cli.path("pki", "signer.pem"))
    assert status == 1
    assert [c["kind"] for c in found[0]["certificates"]] == ["ca", "ca"]
    assert "basic_is_ca" in failed(found[0]["certificates"][0])


def test_der_is_read_too(cli):
    der = cli.path("signer.der")
    openssl("x509", "-in", cli.path("pki", "signer.pem"), "-outform", "DER", "-out", der)
    assert len(lint(cli, der)[1][0]["certificates"]) == 1


def test_what_cannot_be_read_is_said_and_does_not_hide_the_others(cli):
    bad = cli.write("bad.pem", "no certificate")
    status, found = lint(cli, bad, cli.path("absent.pem"), cli.path("pki", "root.pem"))
    assert (status, len(found)) == (2, 1)
    cli.refused("cert", "lint", cli.write("big.pem", "\n" * 65537))
    assert "--kind" in cli.refused("cert", "lint", "--kind", "leaf", bad)
    cli.refused("cert", "lint")
    cli.refused("cert", "lint", "--rules", bad)
