# SPDX-License-Identifier: Apache-2.0
"""attestel passport sign, verify, inspect: every verdict, and openssl's opinion of a signature."""
import json
import os
import random

import pytest
from cli_tool import (CALLED, CALLER, NOW, URL, YEAR, Cli, claims_of, decode64, der_of_raw,
                      encode64, forge, header_of, openssl, results)


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    """A PKI with a carrier (SPC 1234) and a delegate for 12155550000-999."""
    cli = Cli(programs, tmp_path_factory.mktemp("passport"))
    pki = cli.init()
    cli.issue(pki, "carrier", "shaken", "--spc", "1234")
    cli.issue(pki, "delegate-ca", "delegate-ca", "--range", "12155550000:10000")
    cli.issue(pki, "delegate", "delegate", "--range", "12155550000:1000")
    return cli


@pytest.fixture(scope="module")
def identity(cli):
    return cli.sign("delegate")


def key(cli, name="delegate"):
    return cli.path("pki", name + ".key")


# Signing.

def test_openssl_verifies_the_signature(cli, identity, tmp_path):
    """RFC 8225 §4.2: ES256 is R || S, 64 bytes."""
    token = identity.split(";")[0]
    signed, _, signature = token.rpartition(".")
    raw = decode64(signature)
    assert len(raw) == 64
    (tmp_path / "sig").write_bytes(der_of_raw(raw))
    (tmp_path / "pub").write_text(openssl("x509", "-in", cli.path("pki", "delegate.pem"),
                                          "-noout", "-pubkey"))
    words = ("dgst", "-sha256", "-verify", tmp_path / "pub", "-signature", tmp_path / "sig")
    assert "Verified OK" in openssl(*words, data=signed)
    assert "Verified OK" not in openssl(*words, data=signed + "A", status=None)


def test_a_signed_passport_is_serialized_as_rfc8225_section_9_says(cli):
    identity = cli.sign("delegate", "--origid", "123e4567-e89b-12d3-a456-426655440000",
                        "--to", "+1 (215) 555-1299")
    token, *parameters = identity.split(";")
    header, claims, _ = token.split(".")
    assert decode64(header).decode() == (
        '{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"' + URL + '"}')
    assert decode64(claims).decode() == (
        '{"attest":"A","dest":{"tn":["12155551213","12155551299"]},"iat":1900000000,'
        '"orig":{"tn":"12155550007"},"origid":"123e4567-e89b-12d3-a456-426655440000"}')
    assert parameters[0] == f"info=<{URL}>"
    assert "ppt=shaken" in [p.replace('"', "") for p in parameters]


def test_each_signature_has_an_origid_of_its_own(cli):
    seen = {json.loads(cli.ok("passport", "inspect", "--json", data=cli.sign("delegate")))
            ["claims"]["origid"] for _ in range(3)}
    assert len(seen) == 3 and all(len(origid) == 36 for origid in seen)


def test_without_attest_a_base_passport_is_signed(cli):
    identity = cli.sign("delegate", attest=None)
    assert "ppt" not in identity
    verdict = cli.verify(identity)
    assert verdict["reason"] == "ok" and verdict["attest"] is None


def test_numbers_are_canonical_whatever_their_spelling_rfc8224_section_8_3(cli):
    identity = cli.sign("delegate", caller="sip:+1-(215)-555-0007@example.com;user=phone")
    assert cli.verify(identity, caller="tel:+1.215.555.0007")["reason"] == "ok"


def test_a_number_outside_the_tnauthlist_is_not_signed(cli):
    for caller in ("12155551000", "12155549999", "442071234567"):
        words = ["passport", "sign", "--key", key(cli), "--cert", cli.path("pki", "delegate.pem"),
                 "--x5u", URL, "--from", caller, "--to", CALLED, "--attest", "A", "--iat", NOW]
        assert "TNAuthList" in cli.refused(*words, status=1)


def sign_words(cli, **changes):
    options = {"key": key(cli), "cert": cli.path("pki", "delegate.pem"), "x5u": URL,
               "from": CALLER, "to": CALLED, "attest": "A", "iat": NOW, **changes}
    return ["passport", "sign"] + [word for name, value in options.items() if value is not None
                                   for word in ("--" + name, value)]


@pytest.mark.parametrize("changes, status", [
    ({"attest": "D"}, 2), ({"attest": "ABC"}, 2), ({"attest": ""}, 2),
    ({"attest": None, "origid": "x"}, 2), ({"origid": "x" * 64}, 2), ({"from": "nobody"}, 2),
    ({"to": ""}, 2), ({"key": "/nowhere"}, 2), ({"cert": "/nowhere"}, 2), ({"key": None}, 2),
    ({"x5u": "http://example.com/c.pem"}, 1), ({"iat": NOW - YEAR}, 1),
    ({"iat": NOW + 2 * YEAR}, 1),
])
def test_a_wrong_request_is_not_signed(cli, changes, status):
    done = cli.run(*sign_words(cli, **changes))
    assert done.returncode == status, done
    assert done.stdout == b"" and done.stderr.startswith(b"attestel: ")


def test_a_key_that_others_may_read_is_not_used(cli):
    path = cli.write("open.key", cli.read("pki", "delegate.key"), 0o644)
    assert "0600" in cli.refused(*sign_words(cli, key=path))


def test_a_key_of_another_certificate_is_not_used(cli):
    cli.refused(*sign_words(cli, key=key(cli, "carrier")), status=1)
    path = cli.write("p384.key", openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout"),
                     0o600)
    cli.refused(*sign_words(cli, key=path), status=1)
    path = cli.write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n", 0o600)
    text = cli.refused(*sign_words(cli, key=path), status=1)
    assert "AAAA" not in text


# Verifying: what passes.

def test_a_valid_call_passes_and_says_so(cli, identity):
    verdict = cli.verify(identity)
    assert verdict["verstat"] == "TN-Validation-Passed"
    assert verdict["attest"] == "A" and verdict["code"] == 0 and verdict["reason"] == "ok"
    assert set(results(verdict).values()) == {"passed"}
    assert verdict["claims"]["orig"] == {"tn": CALLER}
    assert verdict["claims"]["dest"] == {"tn": [CALLED]}
    assert verdict["origid"] == verdict["claims"]["origid"]
    assert all(set(check) == {"name", "result", "why"} for check in verdict["checks"])


def test_the_explanation_begins_with_the_answer(cli, identity):
    words = ["passport", "verify", "--from", CALLER, "--to", CALLED, *cli.trust()]
    assert "TN-Validation-Passed" in cli.ok(*words, "--now", NOW, data=identity)
    done = cli.run(*words, "--now", NOW + 100, data=identity)
    assert done.returncode == 1 and b"iat_stale" in done.stdout


@pytest.mark.parametrize("spelling", [
    "{0}\n", "  {0}  \r\n", "Identity: {0}", "IDENTITY \t: {0}\r\n", "y: {0}", "Y:{0}",
    "identity:\r\n {0}\r\n", "{token};alg=ES256;info=<{url}>;ppt=shaken",
    "{token} ;\r\n\tinfo = <{url}> ; ppt = \"shaken\"", "{token};INFO=<{url}>;Ppt=shaken;x=1;y",
    "rubbish;info=<{url}>, {0}", "Identity: rubbish\nIdentity: {0}\n", "y: a\r\ny: {0}\r\n\r\n",
])
def test_every_legal_spelling_of_the_header_passes(cli, identity, spelling):
    text = spelling.format(identity, token=identity.split(";")[0], url=URL)
    assert cli.verify(text)["reason"] == "ok"


@pytest.mark.parametrize("skew, reason", [
    (0, "ok"), (60, "ok"), (61, "iat_stale"), (-60, "ok"), (-61, "iat_future"),
    (86400, "iat_stale"), (-86400, "iat_future"),
])
def test_iat_is_fresh_within_60_seconds_both_ways(cli, identity, skew, reason):
    verdict = cli.verify(identity, now=NOW + skew)
    assert verdict["reason"] == reason
    assert verdict["code"] == (0 if reason == "ok" else 403)
    assert verdict["verstat"] == ("TN-Validation-Passed" if reason == "ok" else "No-TN-Validation")


def test_max_age_widens_freshness(cli, identity):
    assert cli.verify(identity, "--max-age", 3600, now=NOW + 3600)["reason"] == "ok"
    assert cli.verify(identity, "--max-age", 3600, now=NOW + 3601)["reason"] == "iat_stale"
    assert cli.verify(identity, "--max-age", 1, now=NOW + 2)["reason"] == "iat_stale"


def test_a_stale_date_header_fails_although_iat_is_fresh(cli, identity):
    assert cli.verify(identity, "--date", "Sun, 17 Mar 2030 17:46:40 GMT")["reason"] == "ok"
    verdict = cli.verify(identity, "--date", "Sun, 17 Mar 2030 17:44:40 GMT")
    assert (verdict["reason"], verdict["code"]) == ("date_stale", 403)
    assert cli.verify(identity, "--date", "yesterday")["reason"] == "date_stale"


# Verifying: what does not.

def tampered(identity, **changes):
    header, claims, rest = identity.split(".", 2)
    data = json.loads(decode64(claims))
    data.update(changes)
    return ".".join((header, encode64(json.dumps(data, separators=(",", ":")).encode()), rest))


def assert_fails(verdict, reason, code, verstat="No-TN-Validation"):
    said = verdict["reason"], verdict["code"], verdict["verstat"]
    assert said == (reason, code, verstat), verdict
    assert verdict["attest"] is None and verdict["origid"] is None
    assert "failed" in results(verdict).values()


def test_a_tampered_claim_breaks_the_signature(cli):
    assert_fails(cli.verify(tampered(cli.sign("delegate", attest="C"), attest="A")),
                 "bad_signature", 438, "TN-Validation-Failed")


@pytest.mark.parametrize("at", [0, 40, 85])
def test_a_tampered_signature_does_not_pass(cli, identity, at):
    token, rest = identity.split(";", 1)
    head, _, signature = token.rpartition(".")
    other = "A" if signature[at] != "A" else "B"
    verdict = cli.verify(f"{head}.{signature[:at]}{other}{signature[at + 1:]};{rest}")
    assert verdict["reason"] in ("bad_signature", "bad_passport", "bad_header")


def test_a_signature_of_another_call_pasted_on_does_not_pass(cli, identity):
    other = cli.sign("delegate", caller="12155550008")
    pasted = identity.rpartition(".")[0].split(";")[0].rpartition(".")[0] + "." + \
        other.split(";")[0].rpartition(".")[2] + ";" + identity.split(";", 1)[1]
    assert_fails(cli.verify(pasted), "bad_signature", 438, "TN-Validation-Failed")


def test_orig_is_compared_with_the_signalling_rfc8224_section_6_2_step_2(cli, identity):
    assert_fails(cli.verify(identity, caller="12155550008"), "orig_mismatch", 438)
    assert_fails(cli.verify(identity, caller="sip:alice@example.com"), "orig_mismatch", 438)


def test_dest_is_compared_with_the_called_number(cli, identity):
    assert_fails(cli.verify(identity, called="12155551214"), "dest_mismatch", 438)
    assert_fails(cli.verify(identity, called="911"), "dest_mismatch", 438)


def test_a_caller_that_cannot_be_read_is_nobody(cli, identity):
    for caller in ("", "anonymous", "\x7f"):
        assert_fails(cli.verify(identity, caller=caller), "no_caller", 400)


def test_an_unknown_anchor_is_not_trusted(cli, identity):
    cli.ok("pki", "init", cli.path("other"), "--not-before", NOW - YEAR)
    words = ["--cert", f"{URL}={cli.path('pki', 'delegate.pem')}", "--anchor",
             cli.path("other", "root.pem")]
    assert_fails(cli.verify(identity, trust=words), "cert_untrusted", 437, "TN-Validation-Failed")
    assert_fails(cli.verify(identity, trust=words[:2]), "cert_untrusted", 437,
                 "TN-Validation-Failed")


def test_the_anchor_of_web_servers_is_no_anchor_of_callers(cli, identity):
    words = ["--cert", f"{URL}={cli.path('pki', 'delegate.pem')}", "--anchor",
             cli.path("pki", "tls-root.pem")]
    assert cli.verify(identity, trust=words)["reason"] == "cert_untrusted"


def test_a_path_without_its_intermediates_is_not_trusted(cli, identity):
    leaf = cli.read("pki", "delegate.pem").split("-----END CERTIFICATE-----\n")[0]
    path = cli.write("leaf.pem", leaf + "-----END CERTIFICATE-----\n")
    words = ["--cert", f"{URL}={path}", "--anchor", cli.path("pki", "root.pem")]
    assert cli.verify(identity, trust=words)["reason"] == "cert_untrusted"


def test_an_expired_certificate_fails(cli):
    cli.issue(cli.path("pki"), "short", "delegate", "--range", "12155550000:1000", start=NOW - 60,
              end=NOW + 10)
    identity = cli.sign("short")
    assert cli.verify(identity, now=NOW + 9, signer="short")["reason"] == "ok"
    assert_fails(cli.verify(identity, now=NOW + 12, signer="short"), "cert_expired", 437,
                 "TN-Validation-Failed")


def test_a_certificate_that_was_not_valid_at_iat_fails(cli):
    """RFC 8224 §6.2 step 4: the certificate is valid now, but was not when the call was signed."""
    cli.issue(cli.path("pki"), "young", "delegate", "--range", "12155550000:1000", start=NOW + 5,
              end=NOW + YEAR)
    identity = forge(key(cli, "young"), header_of(), claims_of())
    verdict = cli.verify(identity, now=NOW + 30, signer="young")
    assert verdict["reason"] == "cert_not_valid_at_iat" and verdict["code"] == 437


def test_a_revoked_certificate_fails(cli):
    pki = cli.path("pki")
    cli.issue(pki, "gone", "delegate", "--range", "12155550000:1000")
    cli.ok("pki", "crl", pki, "--revoke", "gone", "--now", NOW - 3600)
    identity = cli.sign("gone")
    crl = ("--crl", os.path.join(pki, "crl.pem"))
    assert cli.verify(identity, signer="gone")["reason"] == "ok"
    assert_fails(cli.verify(identity, *crl, signer="gone"), "cert_revoked", 437,
                 "TN-Validation-Failed")
    assert cli.verify(cli.sign("delegate"), *crl)["reason"] == "ok"


def test_a_certificate_that_is_not_given_is_unavailable(cli, identity):
    verdict = cli.verify(identity, trust=["--anchor", cli.path("pki", "root.pem")])
    assert_fails(verdict, "cert_unavailable", 436)
    assert any("--cert" in check["why"] for check in verdict["checks"])


@pytest.mark.parametrize("body", [b"", b"not a certificate", b"\0" * 100, b"x" * 20000],
                         ids=["empty", "text", "nuls", "over 16 KB"])
def test_a_certificate_file_of_garbage_is_unreadable(cli, identity, body):
    words = ["--cert", f"{URL}={cli.write('bad.pem', body)}", "--anchor",
             cli.path("pki", "root.pem")]
    assert cli.verify(identity, trust=words)["reason"] in ("cert_unreadable", "limit")


def test_a_service_provider_code_covers_numbers_only_when_asked(cli):
    identity = cli.sign("carrier")
    assert cli.verify(identity, signer="carrier")["reason"] == "not_authorized"
    assert cli.verify(identity, "--accept-spc", signer="carrier")["reason"] == "ok"


def test_a_delegate_that_signs_a_number_of_others_fails(cli):
    identity = forge(key(cli), header_of(), claims_of(orig={"tn": "12155551000"}))
    for options in ((), ("--accept-spc",)):
        assert cli.verify(identity, *options, caller="12155551000")["reason"] == "not_authorized"


def test_what_openssl_signs_passes_so_that_the_next_test_means_something(cli):
    assert cli.verify(forge(key(cli), header_of(), claims_of()))["reason"] == "ok"


@pytest.mark.parametrize("header, claims, reasons", [
    (header_of(alg="none"), claims_of(), {"bad_alg"}),
    (header_of(alg="HS256"), claims_of(), {"bad_alg"}),
    (header_of(alg=None), claims_of(), {"bad_passport", "bad_alg"}),
    (header_of(typ="JWT"), claims_of(), {"bad_alg", "bad_passport"}),
    (header_of(x5u="https://elsewhere.example.com/c.pem"), claims_of(), {"bad_info"}),
    (header_of(x5u=None), claims_of(), {"bad_passport", "bad_info"}),
    (header_of(ppt="div"), claims_of(), {"ppt_mismatch"}),
    (header_of(ppt=None), claims_of(), {"ppt_mismatch"}),
    ("[]", claims_of(), {"bad_passport"}), ("{", claims_of(), {"bad_passport"}),
    (header_of(), "[]", {"bad_passport"}), (header_of(), "nonsense", {"bad_passport"}),
    (header_of(), claims_of(iat=str(NOW)), {"bad_claims"}),
    (header_of(), claims_of(iat=None), {"bad_claims"}),
    (header_of(), claims_of(attest="D"), {"bad_claims"}),
    (header_of(), claims_of(attest="ABC"), {"bad_claims"}),
    (header_of(), claims_of(attest=None), {"bad_claims"}),
    (header_of(), claims_of(origid=None), {"bad_claims"}),
    (header_of(), claims_of(orig={"tn": [CALLER]}), {"bad_claims"}),
    (header_of(), claims_of(orig={}), {"bad_claims"}),
    (header_of(), claims_of(orig={"tn": "+" + CALLER}), {"bad_claims"}),
    (header_of(), claims_of(orig={"tn": CALLER, "uri": "sip:a@b"}), {"bad_claims"}),
    (header_of(), claims_of(dest={"tn": CALLED}), {"bad_claims"}),
    (header_of(), claims_of(dest={}), {"bad_claims"}),
    (header_of(), '{"attest":"A","attest":"A",' + json.dumps(claims_of())[1:], {"bad_passport"}),
])
def test_a_passport_with_a_good_signature_and_bad_contents_fails(cli, header, claims, reasons):
    identity = forge(key(cli), header, claims)
    verdict = cli.verify(identity)
    assert verdict["reason"] in reasons
    assert verdict["verstat"] == "No-TN-Validation" and verdict["code"] in (436, 437, 438)


@pytest.mark.parametrize("spelling, reason", [
    ("{token}", "bad_info"), ("{token};alg=ES256", "bad_info"),
    ("{token};info=<{url}>;alg=RS256;ppt=shaken", "bad_alg"),
    ("{token};info=<{url}>", "ppt_mismatch"),
    ("{token};info=<{url}>alg=ES256;ppt=shaken", "bad_header"),
    ("..{signature};info=<{url}>;ppt=shaken", "compact_form"),
    ("{token};info=<{url}>;ppt=other", "unsupported_ppt"),
    ("", "no_identity"), ("\n\n", "no_identity"), ("Identity:", "no_identity"),
])
def test_a_broken_header_fails_with_its_reason(cli, identity, spelling, reason):
    token = identity.split(";")[0]
    text = spelling.format(token=token, url=URL, signature=token.rpartition(".")[2])
    assert cli.verify(text)["reason"] == reason


NOISE = {
    "empty": b"", "nul": b"\0", "nuls": b"\0" * 65536, "letters": b"A" * 65536,
    "dots": b"." * 65536, "semicolons": b";" * 65536, "commas": b"," * 65536,
    "quotes": b"\"" * 65536, "angles": b"<" * 65536, "not UTF-8": b"\xff" * 65536,
    "noise": random.Random(1).randbytes(65536), "names": b"y:" * 32768, "lines": b"\r\n" * 32768,
    "folds": b"\r\n " * 21845, "long token": b"eyJ" * 21845 + b";info=<x>",
    "no JSON": b"a.b.c;info=<https://x>", "brackets": b"Identity: " + b"[" * 65000,
    "mark": b"\xef\xbb\xbf", "bare": b"..;info=<>;;;=",
}


@pytest.mark.parametrize("noise", NOISE)
def test_64_kb_of_anything_gets_a_verdict(cli, noise):
    verdict = cli.verify(NOISE[noise])
    assert verdict["verstat"] == "No-TN-Validation" and verdict["code"] >= 400


def test_input_without_end_is_refused(cli):
    assert "longer than" in cli.refused("passport", "verify", "--from", CALLER, "--to", CALLED,
                                        data=b"x" * 300000)


def test_a_nul_in_a_valid_header_does_not_pass(cli, identity):
    for at in (0, 5, identity.index(";"), len(identity) - 1):
        text = identity[:at] + "\0" + identity[at:]
        assert cli.verify(text)["reason"] != "ok"


# Modes.

def test_a_check_can_warn_or_be_off(cli, identity):
    warned = cli.verify(identity, "--check", "dest=warn", called="12155551299")
    assert warned["reason"] == "ok" and results(warned)["dest"] == "warned"
    off = cli.verify(identity, "--check", "dest=off", called="12155551299")
    assert off["reason"] == "ok" and results(off)["dest"] == "skipped"
    both = cli.verify(identity, "--check", "iat=warn", "--check", "iat=enforce", now=NOW + 99)
    assert both["reason"] == "iat_stale"


# Inspecting.

def test_inspect_shows_the_parts_and_checks_nothing(cli, identity):
    broken = tampered(identity, attest="C")
    parts = json.loads(cli.ok("passport", "inspect", "--json", data="Identity: " + broken))
    assert parts["header"] == header_of()
    assert parts["claims"]["attest"] == "C"
    assert parts["parameters"] == {"info": URL, "alg": "ES256", "ppt": "shaken"}
    assert parts["compact"] is False and len(parts["signature"]) == 86
    text = cli.ok("passport", "inspect", data=broken)
    assert "unproven" in text and "not checked" in text
    assert "Sun, 17 Mar 2030 17:46:40 GMT" in text and CALLER in text


def test_inspect_takes_a_token_alone_and_the_compact_form(cli, identity):
    token = identity.split(";")[0]
    assert json.loads(cli.ok("passport", "inspect", "--json", data=token))["header"] == header_of()
    compact = f"..{token.rpartition('.')[2]};info=<{URL}>"
    parts = json.loads(cli.ok("passport", "inspect", "--json", data=compact))
    assert parts["compact"] is True and "claims" not in parts


def test_inspect_does_not_let_a_token_steer_the_terminal(cli):
    claims = claims_of(orig={"tn": "\x1b[31m\x9b1m"}, attest="\x1b]0;x\x07")
    text = cli.ok("passport", "inspect", data=forge(key(cli), header_of(), claims))
    assert not any(ord(c) < 32 and c != "\n" or ord(c) > 126 for c in text)


NO_TOKENS = [b"", b"\0", b"a", b"a.b", b"a.b.c.d", b"!.!.!", b"e30.e30", b"x;y",
             random.Random(2).randbytes(65536), b"A" * 65536, b"W10.\xff.x"]


@pytest.mark.parametrize("which", range(len(NO_TOKENS)))
def test_inspect_refuses_what_is_no_token(cli, which):
    done = cli.run("passport", "inspect", data=NO_TOKENS[which])
    assert done.returncode == 1 and done.stderr.startswith(b"attestel: ")


def test_anchors_may_lie_at_the_end_of_a_long_path(cli, tmp_path):
    far = tmp_path / ("a" * 100) / "b.pem"
    far.parent.mkdir()
    with open(cli.path("pki", "root.pem"), encoding="ascii") as root:
        far.write_text(root.read(), encoding="ascii")
    verdict = cli.verify(cli.sign("delegate"),
                         trust=[*cli.trust()[:2], "--anchor", str(far)])
    assert verdict["reason"] == "ok"
