# SPDX-License-Identifier: Apache-2.0
"""attestel cert lint: its table, its JSON, its exit status, and its documentation."""
import json
import os
import re

import pytest
from cli_tool import Cli, openssl

STI_PA_CRL = "https://authenticate-api.iconectiv.com/download/v1/crl"


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


def test_ce8_a_development_chain_has_no_errors_and_is_told_that_its_crl_is_not_the_us_one(cli):
    status, found = lint(cli, cli.path("pki", "root.pem"))
    assert (status, found[0]["certificates"][0]["kind"]) == (0, "root")
    assert failed(found[0]["certificates"][0]) == ["key_usage_crl_sign"]
    status, found = lint(cli, cli.path("pki", "signer.pem"))
    signer, authority = found[0]["certificates"]
    assert (status, signer["kind"], authority["kind"]) == (0, "end-entity", "ca")
    assert failed(signer) == ["crl_sti_pa"]
    assert failed(authority) == ["key_usage_crl_sign", "crl_sti_pa"]
    assert (signer["errors"], signer["warnings"], signer["notices"]) == (0, 1, 0)
    assert (authority["errors"], authority["warnings"], authority["notices"]) == (0, 1, 1)


def test_ce8_with_the_us_crl_a_signers_certificate_has_nothing_to_be_told(cli):
    cli.issue(cli.path("pki"), "us", "shaken", "--spc", "1234", "--crl-url", STI_PA_CRL)
    status, found = lint(cli, cli.path("pki", "us.pem"))
    assert (status, failed(found[0]["certificates"][0])) == (0, [])


def test_ce8_ce11_delegates_fail_what_the_profile_of_carriers_says_of_scope_and_name(cli):
    pki = cli.path("pki")
    cli.issue(pki, "delegate-ca", "delegate-ca", "--spc", "1234")
    cli.issue(pki, "shop", "delegate", "--tn", "12155551212")
    status, found = lint(cli, cli.path("pki", "shop.pem"))
    shop, above, authority = found[0]["certificates"]
    assert status == 1
    assert failed(shop) == ["cn_shaken_spc", "subject_serial_number", "crl_sti_pa",
                            "tnauth_one_spc"]
    assert failed(above) == ["ca_cn_shaken", "key_usage_crl_sign", "crl_sti_pa", "ca_tnauth_none"]
    assert authority["errors"] == 0


def test_findings_come_the_worst_first_and_a_summary_last(cli):
    bare = cli.path("bare.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", os.devnull, "-subj", "/C=US/O=Bare/CN=SHAKEN 1234", "-addext",
            "basicConstraints=critical,CA:FALSE", "-out", bare)
    done = cli.run("cert", "lint", "--kind", "end-entity", bare)
    lines = done.stdout.decode().splitlines()
    words = [line.split()[0] for line in lines[1:-1:2]]
    assert lines[0].endswith("certificate 1, end-entity: C=US, O=Bare, CN=SHAKEN 1234")
    assert words == sorted(words) and {"error", "warning"} == set(words)
    assert ["error", "crl_present", "absent"] in [line.split() for line in lines]
    assert re.fullmatch(r".*bare\.pem: certificates 1, errors [1-9]\d*, warnings [1-9]\d*, "
                        r"notices 0, passed \d+, not applicable \d+", lines[-1])
    assert done.returncode == 1


def test_rules_that_pass_are_shown_with_all_only(cli):
    path = cli.path("pki", "signer.pem")
    short = cli.ok("cert", "lint", path).splitlines()
    assert len(short) == 2 + 2 * 3 + 1
    assert short[-1].endswith(": certificates 2, errors 0, warnings 2, notices 1, passed 102, "
                              "not applicable 31")
    whole = cli.ok("cert", "lint", "--all", path).splitlines()
    assert sum(line.startswith("  pass ") for line in whole) == 102
    assert sum(line.startswith("  -  ") for line in whole) == 31
    assert [line for line in whole if not line.startswith(("  pass ", "  -  "))] == short
    assert "--all" in cli.refused("cert", "lint", "--all", "--json", path)


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
