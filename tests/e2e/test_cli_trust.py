# SPDX-License-Identifier: Apache-2.0
"""attestel passport: constraints drawn, indirect CRLs and x5c used; certificates made in Python."""
import base64
import json

import pytest
from cli_tool import NOW, Cli, results
from der import constraints
from sti import CALLED, CALLER, ORIGID, World, claims_of, passport, revocation_list

SITE = "https://certs.example.com/"
BLOCK = "range:12155550100:10"


@pytest.fixture(scope="module")
def world():
    made = World("CLI")
    made.certify("caller", BLOCK)
    made.certify("limited", BLOCK, constraint=constraints(
        must_include=["rcd", "crn"], permitted=[("attest", ["B", "C"]), ("crn", ["Hello"])]))
    made.certify("excluding", BLOCK, enhanced=True,
                 constraint=constraints(must_exclude=["mky", "rph"]))
    made.certify("broken", BLOCK, constraint=b"\x30\x03\xa0\x7f\x00")
    made.certify("pa", ca=0)  # the policy administrator: it signs the CRL of everybody
    made.certify("other-pa", ca=0)
    made.certify("stranger", BLOCK)
    return made


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory, world):
    cli = Cli(programs, tmp_path_factory.mktemp("trust"))
    cli.write("root.pem", world.root.pem)
    for who in world.paths:
        cli.write(who + ".pem", world.body(who))
        cli.write(who + ".key", world.key(who), 0o600)
    return cli


def shaken(world, who="caller", attest="A", header=None, **changes):
    return passport(world.paths[who][0], f"{SITE}{who}.pem", "shaken",
                    claims_of(NOW, attest=attest, origid=ORIGID, **changes), **(header or {}))


def verify(cli, identity, *options, certs=("caller",)):
    served = [word for who in certs
              for word in ("--cert", f"{SITE}{who}.pem={cli.path(who + '.pem')}")]
    return cli.verify(identity, *options, caller=CALLER, called=CALLED,
                      trust=[*served, "--anchor", cli.path("root.pem")])


# What the owner of a certificate may say: RFC 8226 §8, RFC 9118 §3.

def drawn(cli, who):
    """{label: [text]} of the lines about the signer's certificate."""
    text = cli.ok("passport", "inspect", "--now", NOW, "--cert", cli.path(who + ".pem"))
    lines = text.splitlines()
    at = [i for i, line in enumerate(lines) if "subject" in line][-1]
    found = {}
    for line in lines[at + 1:]:
        label, _, rest = line.strip(" |`-").partition(" ")
        found.setdefault(label, []).append(rest.strip())
    return found


def told(cli, who):
    """The same certificate as JSON."""
    return json.loads(cli.ok("passport", "inspect", "--json", "--cert",
                             cli.path(who + ".pem")))["certificates"][0][0]


def test_inspect_draws_what_a_certificate_demands_permits_and_forbids(cli):
    limited = drawn(cli, "limited")
    assert limited["requires"] == ["rcd, crn"]
    assert limited["permits"] == ["attest B C, crn Hello"]
    assert drawn(cli, "excluding")["excludes"] == ["mky, rph"]
    assert not {"requires", "permits", "excludes"} & set(drawn(cli, "caller"))


def test_inspect_tells_the_same_in_json(cli):
    assert told(cli, "limited")["permits"] == ["attest B C, crn Hello"]
    assert told(cli, "limited")["requires"] == ["rcd, crn"]
    assert told(cli, "excluding")["excludes"] == ["mky, rph"]


def test_inspect_says_when_constraints_cannot_be_read(cli):
    assert drawn(cli, "broken")["requires"] == ["claim constraints that cannot be read"]


def test_constraints_are_kept_by_the_signer_and_held_against_what_others_signed(cli, world):
    rich = {"rcd": {"nam": "Bank"}, "crn": "Hello"}
    good = verify(cli, shaken(world, "limited", "B", **rich), certs=("limited",))
    assert (good["reason"], good["attest"]) == ("ok", "B")
    for changes in ({"attest": "A", **rich}, {"attest": "B", **rich, "crn": "Other"},
                    {"attest": "B", "rcd": rich["rcd"]}):
        bad = verify(cli, shaken(world, "limited", **changes), certs=("limited",))
        assert bad["reason"] == "not_permitted" and results(bad)["constraints"] == "failed"
    words = ["passport", "sign", "--key", cli.path("limited.key"), "--cert",
             cli.path("limited.pem"), "--x5u", SITE + "limited.pem", "--from", CALLER, "--to",
             CALLED, "--iat", NOW, "--nam", "Bank", "--crn", "Hello", "--attest"]
    cli.refused(*words, "A", status=1)
    assert verify(cli, cli.ok(*words, "B"), certs=("limited",))["reason"] == "ok"


# Indirect CRLs: RFC 5280 §5.2.5, ATIS-1000080.

@pytest.fixture(scope="module")
def lists(cli, world):
    """Options of verify: who may sign the CRL, and CRLs about nobody and about the caller."""
    caller, other = world.paths["caller"][0], world.paths["excluding"][0]
    for name, signer, revoked, indirect in (
            ("others", "pa", [other], True), ("caller", "pa", [other, caller], True),
            ("forged", "other-pa", [caller], True), ("direct", "pa", [caller], False)):
        cli.write(name + ".crl", revocation_list(world.paths[signer][0], revoked, NOW, indirect))
    return {name: ("--crl", cli.path(name + ".crl"), "--crl-issuer", cli.path("pa.pem"))
            for name in ("others", "caller", "forged", "direct")}


def test_a_crl_of_the_policy_administrator_counts_for_everybodys_certificates(cli, world, lists):
    value = shaken(world)
    good = verify(cli, value, *lists["others"])
    assert good["reason"] == "ok"
    bad = verify(cli, value, *lists["caller"])
    assert (bad["reason"], bad["verstat"]) == ("cert_revoked", "TN-Validation-Failed")
    assert results(bad)["chain"] == "failed"


def test_it_counts_only_when_its_signer_was_named_a_crl_issuer(cli, world, lists):
    value = shaken(world)
    assert verify(cli, value, "--crl", lists["caller"][1])["reason"] == "ok"
    assert verify(cli, value, *lists["forged"])["reason"] == "ok"
    named = ("--crl", lists["forged"][1], "--crl-issuer", cli.path("other-pa.pem"))
    assert verify(cli, value, *named)["reason"] == "cert_revoked"


def test_it_covers_no_certificate_that_does_not_point_to_it(cli, world, lists):
    """RFC 5280 section 6.3.3: it may revoke, but says nothing good of others."""
    value = shaken(world)
    for name in ("others", "direct"):
        assert verify(cli, value, "--require-crl", *lists[name])["reason"] == "crl_missing"
    assert verify(cli, value, "--require-crl", *lists["caller"])["reason"] == "cert_revoked"


# Certificates in the token: RFC 7515 §4.1.6.

def inline(world, who, n=None):
    return {"x5c": [base64.b64encode(one.der).decode() for one in world.paths[who][:n]]}


def test_x5c_is_taken_where_it_is_accepted_and_needs_no_other_source(cli, world):
    value = shaken(world, header=inline(world, "caller"))
    assert verify(cli, value, "--accept-x5c", certs=())["reason"] == "ok"
    assert verify(cli, value, certs=())["reason"] == "cert_unavailable"
    assert verify(cli, value)["reason"] == "ok"


def test_x5c_is_judged_as_any_certificate(cli, world, lists):
    other = shaken(world, header=inline(world, "stranger"))
    assert verify(cli, other, "--accept-x5c", certs=())["reason"] == "bad_signature"
    beyond = World("Elsewhere")
    beyond.certify("caller", BLOCK)
    value = passport(beyond.paths["caller"][0], SITE + "caller.pem", "shaken",
                     claims_of(NOW, attest="A", origid=ORIGID), **inline(beyond, "caller"))
    # No path to an anchor: x5u is asked, as if there were no x5c.
    assert verify(cli, value, "--accept-x5c", certs=())["reason"] == "cert_unavailable"
    value = shaken(world, header=inline(world, "caller"))
    assert verify(cli, value, "--accept-x5c", *lists["caller"], certs=())["reason"] == \
        "cert_revoked"


def test_x5c_that_is_not_complete_is_not_enough(cli, world):
    value = shaken(world, header=inline(world, "caller", 1))
    verdict = verify(cli, value, "--accept-x5c", certs=())
    assert (verdict["reason"], verdict["verstat"]) == ("cert_unavailable", "No-TN-Validation")
