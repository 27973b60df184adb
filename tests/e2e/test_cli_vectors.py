# SPDX-License-Identifier: Apache-2.0
"""The PASSporTs that RFCs print, with the results that the vectors' README states."""
import json
import os

import pytest
from cli_tool import YEAR, Cli, openssl, results

EXAMPLE = "https://www.example.com/cert.cer"
PASSPORT = "https://cert.example.org/passport.cer"
BILOXI = "https://biloxi.example.org/biloxi.cert"
REJECT = "http://cert.example2.net/example.cert"
ELSEWHERE = "https://www.example.org/cert.cer"
RFC8946_IAT, RFC8225_IAT, RFC8224_IAT = 1443208345, 1471375418, 1443208345
BOB, CAROL = "12155551212", "12155551213"

# RFC 8226 §9 for BOB, and what chain building wants of a signer; all by openssl, not by us.
EXTENSIONS = """\
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
1.3.6.1.5.5.7.1.26 = DER:30:0f:a2:0d:16:0b:31:32:31:35:35:35:35:31:32:31:32
"""


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    cli = Cli(programs, tmp_path_factory.mktemp("vectors"))
    cli.ok("pki", "init", cli.path("pki"), "--not-before", RFC8946_IAT - YEAR, "--not-after",
           RFC8225_IAT + 40 * YEAR)
    cli.write("extensions", EXTENSIONS)
    return cli


def certify(cli, public_key):
    """A certificate of a published key, made by openssl; the path of a PEM with its issuer."""
    request, leaf = cli.path("request.pem"), cli.path("leaf.pem")
    pki = cli.path("pki", "intermediate")
    openssl("req", "-new", "-key", pki + ".key", "-subj", "/C=US/O=Example/CN=Published",
            "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", pki + ".pem", "-CAkey", pki + ".key",
            "-set_serial", "0x0123456789abcdef01", "-days", 3650 * 2, "-force_pubkey", public_key,
            "-extfile", cli.path("extensions"), "-out", leaf)
    name = os.path.basename(os.path.dirname(public_key)) + os.path.basename(public_key)
    with open(leaf, encoding="ascii") as file:
        return cli.write(name, file.read() + cli.read("pki", "intermediate.pem"))


def public(cli, vectors, *names):
    """The public half of a published private key."""
    text = openssl("pkey", "-in", os.path.join(vectors, *names), "-pubout")
    return cli.write("-".join(names), text)


def read(vectors, *names):
    with open(os.path.join(vectors, *names), encoding="utf-8") as file:
        return file.read().strip()


def ask(cli, certificate, url, line):
    """The verdict with every clock set to the vector's; the certificate is newer than its iat."""
    trust = ("--cert", f"{url}={certificate}", "--anchor", cli.path("pki", "root.pem"))
    return cli.batch([line], *trust)[0]


def line(identity, now, to=CAROL, checks=None):
    return {"identity": identity, "from": BOB, "to": to, "now": now,
            "checks": {"chain": "off", **(checks or {})}}


def test_rfc8946_section_5_inner_passport_is_valid(cli, vectors):
    certificate = certify(cli, os.path.join(vectors, "rfc8946", "appA-pub.pem"))
    token = read(vectors, "rfc8946", "divo-inner-opt-sec5.token")
    identity = f"{token};info=<{EXAMPLE}>"
    checks = {"validity": "off"}
    verdict = ask(cli, certificate, EXAMPLE, line(identity, RFC8946_IAT, checks=checks))
    assert verdict["reason"] == "ok" and results(verdict)["signature"] == "passed"
    for wrong, reason in ((line(identity, RFC8946_IAT, to="12155551214", checks=checks),
                           "dest_mismatch"),
                          (line(identity, RFC8946_IAT + 61, checks=checks), "iat_stale"),
                          (line(identity, RFC8946_IAT), "cert_not_valid_at_iat")):
        assert ask(cli, certificate, EXAMPLE, wrong)["reason"] == reason


def test_its_signature_is_bound_to_the_published_key(cli, vectors):
    """With another published key in the certificate the same token fails."""
    certificate = certify(cli, os.path.join(vectors, "rfc8225", "appA-pub.pem"))
    token = read(vectors, "rfc8946", "divo-inner-opt-sec5.token")
    verdict = ask(cli, certificate, EXAMPLE, line(f"{token};info=<{EXAMPLE}>", RFC8946_IAT,
                                                  checks={"validity": "off"}))
    assert (verdict["reason"], verdict["verstat"]) == ("bad_signature", "TN-Validation-Failed")


@pytest.mark.parametrize("name, ppt", [("div-sec3", "div"), ("div-sec4.1", "div"),
                                       ("divo-sec5", "div-o")])
def test_rfc8946_diversions_alone_prove_nobody(cli, vectors, name, ppt):
    """DV3: div without what it continues is an incomplete chain; div-o has dest as a string."""
    certificate = certify(cli, os.path.join(vectors, "rfc8946", "appA-pub.pem"))
    identity = f"{read(vectors, 'rfc8946', name + '.token')};info=<{EXAMPLE}>;ppt={ppt}"
    verdict = ask(cli, certificate, EXAMPLE, line(identity, RFC8946_IAT, to="12155551214"))
    reason = "bad_claims" if ppt == "div-o" else "diversion_broken"
    assert (verdict["reason"], verdict["code"]) == (reason, 438)
    assert verdict["verstat"] == "No-TN-Validation"


def test_rfc8946_div_does_not_link_to_the_inner_passport(cli, vectors):
    """README trap 3: div has 12 digits where dest of the one before has 11."""
    certificate = certify(cli, os.path.join(vectors, "rfc8946", "appA-pub.pem"))
    original = f"{read(vectors, 'rfc8946', 'divo-inner-opt-sec5.token')};info=<{EXAMPLE}>"
    div = f"{read(vectors, 'rfc8946', 'div-sec4.1.token')};info=<{EXAMPLE}>;ppt=div"
    checks = {"validity": "off", "dest": "off"}
    verdict = ask(cli, certificate, EXAMPLE, line(f"{div},{original}", RFC8946_IAT, checks=checks))
    told = {one["ppt"]: one["reason"] for one in verdict["passports"]}
    assert told == {"": "ok", "div": "diversion_broken"}
    assert verdict["reason"] == "ok"


@pytest.mark.parametrize("which", ["private", "public"])
def test_rfc8225_appendix_a_verifies_with_neither_printed_key(cli, vectors, which):
    key = (os.path.join(vectors, "rfc8225", "appA-pub.pem") if which == "public"
           else public(cli, vectors, "rfc8225", "appA-priv.pem"))
    certificate = certify(cli, key)
    identity = f"{read(vectors, 'rfc8225', 'appA.token')};info=<{PASSPORT}>"
    verdict = ask(cli, certificate, PASSPORT, line(identity, RFC8225_IAT,
                                                   to="sip:alice@example.com",
                                                   checks={"validity": "off"}))
    assert verdict["reason"] == "bad_signature"
    assert verdict["claims"]["dest"] == {"uri": ["sip:alice@example.com"]}


def test_rfc8224_section_4_1_1_info_is_not_its_x5u(cli, vectors):
    certificate = certify(cli, os.path.join(vectors, "draft-passport-08", "A2-pub.pem"))
    verdict = ask(cli, certificate, BILOXI, line(read(vectors, "rfc8224", "identity-0.txt"),
                                                 RFC8224_IAT, to="sip:alice@example.com"))
    assert (verdict["reason"], verdict["code"]) == ("bad_info", 436)


def test_the_same_token_with_the_right_info_has_an_iat_that_is_a_string(cli, vectors):
    """README trap 2: the signature is valid, the claims are not."""
    certificate = certify(cli, os.path.join(vectors, "draft-passport-08", "A2-pub.pem"))
    token = read(vectors, "draft-passport-08", "appA.token")
    identity = f"{token};info=<{PASSPORT}>"
    verdict = ask(cli, certificate, PASSPORT, line(identity, RFC8224_IAT,
                                                   to="sip:alice@example.com"))
    assert verdict["reason"] == "bad_claims"
    assert verdict["verstat"] == "No-TN-Validation"


@pytest.mark.parametrize("name, url", [("identity-1", BILOXI), ("identity-2", PASSPORT)])
def test_rfc8224_compact_forms_are_recognised_and_not_accepted(cli, vectors, name, url):
    certificate = certify(cli, os.path.join(vectors, "draft-passport-08", "A2-pub.pem"))
    verdict = ask(cli, certificate, url, line(read(vectors, "rfc8224", name + ".txt"),
                                              RFC8224_IAT, to="sip:alice@example.com"))
    assert (verdict["reason"], verdict["code"]) == ("compact_form", 438)


def test_rfc8443_section_4_1_is_not_json(cli, vectors):
    certificate = certify(cli, os.path.join(vectors, "rfc8946", "appA-pub.pem"))
    verdict = ask(cli, certificate, ELSEWHERE,
                  line(read(vectors, "rfc8443", "rph-identity.txt"), RFC8224_IAT))
    assert verdict["verstat"] == "No-TN-Validation" and verdict["code"] >= 400


def test_rfc8688_section_4_1_does_not_pass(cli, vectors):
    certificate = certify(cli, os.path.join(vectors, "rfc8688", "pub.pem"))
    text = read(vectors, "rfc8688", "identity.txt")
    verdict = ask(cli, certificate, REJECT, line(text, RFC8225_IAT))
    assert verdict["verstat"] == "No-TN-Validation" and verdict["code"] >= 400


@pytest.mark.parametrize("names, url", [
    (("rfc8816", "passport.token"), PASSPORT), (("rfc7515", "A3.token"), PASSPORT),
    (("rfc8688", "jcard.jws"), "https://certs.example.net/reject_key.cer"),
])
def test_other_published_tokens_are_no_passports(cli, vectors, names, url):
    certificate = certify(cli, os.path.join(vectors, "rfc7515", "A3-pub.pem"))
    verdict = ask(cli, certificate, url, line(f"{read(vectors, *names)};info=<{url}>",
                                              1583251810))
    assert verdict["verstat"] == "No-TN-Validation" and verdict["code"] >= 400


def test_no_published_token_passes_with_the_default_checks(cli, vectors):
    tokens = [os.path.join(folder, name) for folder, _, names in os.walk(vectors)
              for name in names if name.endswith(".token") or name.startswith("identity")]
    assert len(tokens) >= 11
    lines = [{"identity": read("", path), "from": BOB, "to": CAROL, "now": RFC8946_IAT}
             for path in tokens]
    answers = cli.batch(lines, "--anchor", cli.path("pki", "root.pem"), status=1)
    assert len(answers) == len(tokens)
    assert all(answer["verstat"] == "No-TN-Validation" for answer in answers)


def test_inspect_shows_every_published_token(cli, vectors):
    for names, ppt in ((("rfc8946", "div-sec3.token"), "div"), (("rfc8946", "divo-sec5.token"),
                                                                "div-o"),
                       (("rfc8225", "appA.token"), None)):
        parts = json.loads(cli.ok("passport", "inspect", "--json", data=read(vectors, *names)))
        assert parts["header"].get("ppt") == ppt and parts["header"]["typ"] == "passport"
        assert parts["claims"]["orig"] == {"tn": BOB}
