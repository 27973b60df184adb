# SPDX-License-Identifier: Apache-2.0
"""attestel passport: every type signed and verified, all headers of a call judged together."""
import itertools
import json

import pytest
from cli_tool import CALLED, CALLER, NOW, Cli, decode64, results

SITE = "https://certs.example.com/"
FORWARDS = ["12155551301", "12155551302", "12155551303", "12155551304", "12155551305"]
ICON, CARD = "https://cdn.example.com/logo.png", "https://cdn.example.com/card.json"
FINGERPRINT = ":".join(f"{i:02X}" for i in range(32))
SDP = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
       f"a=fingerprint:sha-256 {FINGERPRINT}\r\nm=audio 4000 RTP/SAVP 0\r\n")


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    """A caller's provider, one that forwards, a delegate; what URLs and bodies hold."""
    cli = Cli(programs, tmp_path_factory.mktemp("sets"))
    pki = cli.init()
    cli.issue(pki, "a", "shaken", "--spc", "1234")
    cli.issue(pki, "b", "shaken", "--spc", "5678")
    cli.issue(pki, "delegate-ca", "delegate-ca", "--range", "12155550000:10000")
    cli.issue(pki, "d", "delegate", "--range", "12155550000:1000", "--tn", "12155550007")
    cli.write("logo.png", b"\x89PNG the logo")
    cli.write("other.png", b"\x89PNG another")
    cli.write("card.json", json.dumps(["vcard", [["version", {}, "text", "4.0"],
                                                 ["fn", {}, "text", "Example Dental"]]]))
    cli.write("offer.sdp", SDP)
    cli.write("other.sdp", SDP.replace("00:01", "01:00"))
    cli.write("none.sdp", "")
    return cli


def sign(cli, *options, signer="a", **changes):
    changes = {"attest": None, "x5u": f"{SITE}{signer}.pem", **changes}
    return cli.sign(signer, *options, **changes)


def trust(cli):
    certs = [word for name in "abd"
             for word in ("--cert", f"{SITE}{name}.pem={cli.path('pki', name + '.pem')}")]
    return [*certs, "--anchor-list", "pa@7=" + cli.path("pki", "root.pem"), "--accept-spc"]


def verify(cli, identities, *options, **changes):
    text = identities if isinstance(identities, str) else "\n".join(identities)
    return cli.verify(text, *options, **{"trust": trust(cli), **changes})


def row(verdict, ppt):
    found = [p for p in verdict["passports"] if p["ppt"] == ppt]
    assert len(found) == 1, verdict
    return found[0]


def reasons(verdict, ppt):
    return [p["reason"] for p in verdict["passports"] if p["ppt"] == ppt]


def claims(identity):
    return json.loads(decode64(identity.split(".")[1]))


def refuse(cli, *options, status=2, **changes):
    given = {"key": cli.path("pki", "a.key"), "cert": cli.path("pki", "a.pem"),
             "x5u": SITE + "a.pem", "from": CALLER, "to": CALLED, "iat": NOW, **changes}
    words = [w for name, value in given.items() if value is not None for w in ("--" + name, value)]
    return cli.refused("passport", "sign", *words, *options, status=status)


# Forwarded calls.

def forwarded(cli, n, last="div"):
    """The PASSporTs of a call that was forwarded n times."""
    found = [sign(cli, attest="A")]
    for before, now in zip([CALLED, *FORWARDS], FORWARDS[:n]):
        found.append(sign(cli, "--ppt", last, "--div", before, signer="b", called=now))
    return found


def test_a_forward_is_proven_in_any_order_of_the_headers_rfc8946(cli):
    first = sign(cli, attest="A")
    second, third = (sign(cli, "--div", before, signer="b", called=now)
                     for before, now in ((CALLED, FORWARDS[0]), (FORWARDS[0], FORWARDS[1])))
    assert claims(second)["div"] == {"tn": CALLED}
    seen = set()
    for order in itertools.permutations([first, second, third]):
        verdict = verify(cli, order, "--request-uri", FORWARDS[1])
        assert verdict["reason"] == "ok" and verdict["attest"] == "A"
        seen.add(json.dumps(verdict["passports"], sort_keys=True))
    assert len(seen) == 1


@pytest.mark.parametrize("join", [", ", "\n", "\r\nIdentity: ", ",\r\n "])
def test_values_may_stand_one_a_line_folded_or_joined_by_commas(cli, join):
    text = join.join(forwarded(cli, 2))
    assert verify(cli, text, "--request-uri", FORWARDS[1])["reason"] == "ok"


def test_five_forwards_need_six_signatures(cli):
    chain = forwarded(cli, 5)
    words = ["--request-uri", FORWARDS[4]]
    assert "limit" in reasons(verify(cli, chain, *words), "div")
    six = verify(cli, chain, *words, "--max-signatures", 6)
    assert six["reason"] == "ok" and reasons(six, "div") == ["ok"] * 5
    costly = verify(cli, chain, *words, "--max-signatures", 6, "--max-cost", 5)
    assert "limit" in reasons(costly, "div")


def test_a_missing_forward_or_another_request_uri_is_not_proven(cli):
    chain = forwarded(cli, 3)
    words = ["--request-uri", FORWARDS[2]]
    assert reasons(verify(cli, chain, *words), "div") == ["ok"] * 3
    assert "diversion_broken" in reasons(verify(cli, chain[:1] + chain[2:], *words), "div")
    elsewhere = verify(cli, chain, "--request-uri", "12155559999")
    assert "diversion_broken" in reasons(elsewhere, "div")


def test_div_o_carries_the_passport_that_it_continues(cli):
    cli.write("first.id", "Identity: " + sign(cli, attest="B") + "\r\n")
    value = sign(cli, "--div", CALLED, "--hi", "1.1", "--opt", cli.path("first.id"), signer="b",
                 called=FORWARDS[0])
    assert claims(value)["div"] == {"hi": "1.1", "tn": CALLED}
    verdict = verify(cli, value, "--request-uri", FORWARDS[0])
    assert verdict["reason"] == "ok" and verdict["attest"] == "B"
    assert [p["ppt"] for p in verdict["passports"] if p["inner"]] == ["shaken"]


def test_an_old_call_may_be_forwarded_now_within_max_diverted_age(cli):
    chain = [sign(cli, attest="A", iat=NOW - 600),
             sign(cli, "--div", CALLED, signer="b", called=FORWARDS[0])]
    words = ["--request-uri", FORWARDS[0]]
    assert verify(cli, chain, *words)["reason"] == "ok"
    assert verify(cli, chain, *words, "--max-diverted-age", 599)["reason"] == "iat_stale"


# Rich Call Data.

def rich(cli, *options, **changes):
    return sign(cli, "--nam", "Example Dental", "--icn", ICON, "--jcl", CARD, "--crn",
                "Your appointment", "--rcdi", "auto", "--content",
                f"{ICON}={cli.path('logo.png')}", "--content", f"{CARD}={cli.path('card.json')}",
                *options, **changes)


def supplied(cli, icon="logo.png", card="card.json"):
    return ["--icon", f"{ICON}={cli.path(icon)}", "--jcl", f"{CARD}={cli.path(card)}"]


@pytest.mark.parametrize("attest, ppt", [(None, "rcd"), ("A", "shaken")])
def test_rich_call_data_is_held_against_its_digests(cli, attest, ppt):
    values = [rich(cli, attest=attest)] + ([] if attest else [sign(cli, attest="A")])
    said = claims(values[0])
    assert said["rcd"] == {"icn": ICON, "jcl": CARD, "nam": "Example Dental"}
    assert set(said["rcdi"]) == {"/icn", "/jcl"} and said["crn"] == "Your appointment"
    for icon, right in (("logo.png", True), ("other.png", False)):
        verdict = verify(cli, values, *supplied(cli, icon), "--display-name", "Example Dental")
        assert verdict["reason"] == "ok", "a wrong logo never changes the verdict"
        found = {c["name"]: c["result"] for c in row(verdict, ppt)["checks"]}["content"]
        assert (found == "passed") is right


def test_the_digest_may_be_sha512_or_come_from_a_file(cli):
    words = ["--nam", "X", "--icn", ICON]
    content = ["--content", f"{ICON}={cli.path('logo.png')}"]
    found = claims(sign(cli, *words, "--rcdi", "sha512", *content))["rcdi"]
    assert found["/icn"].startswith("sha512-")
    cli.write("rcdi.json", json.dumps(found))
    cli.write("rcd.json", json.dumps({"nam": "X", "icn": ICON}))
    value = sign(cli, "--rcd", cli.path("rcd.json"), "--rcdi", cli.path("rcdi.json"))
    assert claims(value)["rcdi"] == found
    assert "rcdi" not in claims(sign(cli, "--nam", "X", "--rcdi", "auto"))


def test_a_third_party_says_so_in_iss_by_the_name_of_its_certificate(cli):
    value = sign(cli, "--nam", "X", "--iss", "SHAKEN 5678", signer="b")
    assert claims(value)["iss"] == "SHAKEN 5678"
    assert "subject" in refuse(cli, "--nam", "X", "--iss", "SHAKEN 5678", status=1)


# Priority and media.

def test_a_priority_is_authorised_for_a_namespace_that_the_policy_grants(cli):
    value = sign(cli, "--rph", "ets.0,wps.1", "--namespace", "ets", "--namespace", "wps")
    assert claims(value)["rph"] == {"auth": ["ets.0", "wps.1"]}
    words = ["--resource-priority", "ets.0"]
    both = [value, sign(cli, attest="A")]
    granted = verify(cli, both, *words, "--namespace", "pa=ets")
    assert row(granted, "rph")["reason"] == "ok"
    assert row(verify(cli, both, *words), "rph")["reason"] == "not_authorized"
    other = verify(cli, both, "--resource-priority", "ets.1", "--namespace", "pa=ets")
    assert row(other, "rph")["reason"] != "ok"


def test_a_call_back_of_an_emergency_service_is_signed_as_sph_rfc9027(cli):
    value = sign(cli, "--rph", "esnet.0", "--sph", "psap-callback", "--namespace", "esnet")
    assert claims(value)["sph"] == "psap-callback"
    words = ["--resource-priority", "esnet.0", "--namespace", "pa=esnet"]
    both = [value, sign(cli, attest="A")]
    found = row(verify(cli, both, *words, "--priority", "psap-callback"), "rph")
    assert found["reason"] == "ok"
    assert row(verify(cli, both, *words, "--priority", "urgent"), "rph")["reason"] != "ok"


@pytest.mark.parametrize("options", [(), ("--attest", "A")])
def test_media_keys_are_those_of_the_body(cli, options):
    value = sign(cli, "--sdp", cli.path("offer.sdp"), *options)
    assert claims(value)["mky"][0]["alg"] == "sha-256"
    for body, result in (("offer.sdp", "passed"), ("other.sdp", "failed"), ("none.sdp", "failed")):
        verdict = verify(cli, value, "--sdp", cli.path(body))
        assert results(verdict)["media"] == result
        assert (verdict["reason"] == "ok") == (result == "passed")


@pytest.mark.parametrize("ppt", ["base", "msec", "rsp"])
def test_the_types_without_claims_of_their_own_are_signed(cli, ppt):
    value = sign(cli, "--ppt", ppt, "--sdp", cli.path("offer.sdp"))
    header = json.loads(decode64(value.split(".")[0]))
    assert header.get("ppt", "base") == ppt and "mky" in claims(value)


# Claims from a file.

FILES = {
    "shaken": {"attest": "A", "origid": "123e4567-e89b-12d3-a456-426655440000"},
    "div": {"div": {"tn": CALLED, "hi": "1"}, "dest": {"tn": [FORWARDS[0]]}},
    "rcd": {"rcd": {"nam": "X"}, "crn": "Why", "iss": "SHAKEN 1234"},
    "rph": {"rph": {"auth": ["esnet.0"]}, "sph": "psap-callback"},
    "msec": {"mky": [{"alg": "sha-256", "dig": FINGERPRINT.replace(":", "")}]},
    "base": {"dest": {"uri": ["sip:bob@example.com"], "tn": [CALLED]}},
}


@pytest.mark.parametrize("ppt", FILES)
def test_claims_of_a_file_are_those_of_the_token(cli, ppt):
    wanted = {"orig": {"tn": CALLER}, "dest": {"tn": [CALLED]}, "iat": NOW, **FILES[ppt]}
    cli.write("claims.json", json.dumps({**wanted, "ppt": ppt}))
    value = cli.ok("passport", "sign", "--key", cli.path("pki", "a.key"), "--cert",
                   cli.path("pki", "a.pem"), "--x5u", SITE + "a.pem", "--namespace", "esnet",
                   "--claims", cli.path("claims.json"))
    said = claims(value)
    assert said == wanted
    assert (f"ppt={ppt}" in value.replace('"', "")) == (ppt != "base")


def test_an_option_goes_before_the_file(cli):
    cli.write("claims.json", json.dumps({"orig": {"tn": "1"}, "dest": {"tn": ["2"]}, "attest": "C",
                                         "iat": 5}))
    said = claims(sign(cli, "--claims", cli.path("claims.json"), attest="A"))
    assert (said["orig"], said["dest"]) == ({"tn": CALLER}, {"tn": [CALLED]})
    assert (said["attest"], said["iat"]) == ("A", NOW)


@pytest.mark.parametrize("text, part", [
    ("[]", "object"), ("{", "not JSON"), ('{"iat":1,"iat":2}', "not JSON"), ('{"x":1}', "allowed"),
    ('{"iat":"1"}', "iat"), ('{"orig":{"tn":"1","uri":"a:b"}}', "orig"), ('{"dest":[]}', "dest"),
    ('{"orig":{"tn":"sip:a@b.c"}}', "orig"), ('{"attest":"D"}', "A, B and C"),
    ('{"rph":["ets.0"]}', "rph"), ('{"rph":{"auth":[1]}}', "rph"), ('{"sph":"x"}', "psap"),
    ('{"div":{"tn":"1","tm":"2"}}', "div"), ('{"ppt":"none"}', "div-o"), ('{"crn":1}', "crn"),
    ('{"crn":"a\\u0000b"}', "crn"), ('{"dest":{"tn":' + json.dumps(["1"] * 11) + "}}", "ten"),
])
def test_a_bad_file_of_claims_is_refused_and_says_why(cli, text, part):
    cli.write("bad.json", text)
    assert part in refuse(cli, "--claims", cli.path("bad.json"))


@pytest.mark.parametrize("options, part", [
    (("--ppt", "passport"), "allowed are"), (("--ppt", "shaken"), "--attest"),
    (("--ppt", "div", "--div", "1", "--attest", "A"), "no attest"),
    (("--ppt", "rcd", "--nam", "X", "--div", "1"), "no div"), (("--div", "nobody"), "--div"),
    (("--rph", "ets.0", "--attest", "A"), "no rph"), (("--rph", ""), "rph"),
    (("--rph", ",".join(["ets.0"] * 9)), "at most 8"), (("--sph", "yes"), "psap-callback"),
    (("--iss", "X", "--attest", "A"), "no iss"), (("--sdp", "/nowhere"), "/nowhere"),
    (("--opt", "/nowhere"), "/nowhere"), (("--rcd", "/nowhere"), "/nowhere"),
    (("--rcdi", "auto"), "no rcd"), (("--nam", "X", "--content", "a=b"), "--rcdi"),
    (("--icn", ICON, "--nam", "X", "--rcdi", "auto"), "logo.png"),
    (("--nam", "X", "--rcdi", "auto", "--content", "nothing"), "URL=FILE"),
    (("--hi", ""), "hi"),
])
def test_a_wrong_option_is_refused_with_what_is_allowed(cli, options, part):
    assert part in refuse(cli, *options)


def test_a_body_without_fingerprint_and_a_file_without_token_are_refused(cli):
    assert "fingerprint" in refuse(cli, "--sdp", cli.path("none.sdp"))
    assert "full form" in refuse(cli, "--div", "1", "--opt", cli.path("none.sdp"))
    assert "--from" in refuse(cli, **{"from": None})
    assert "--to" in refuse(cli, to=None)


def test_what_the_signer_may_not_vouch_for_is_not_signed(cli):
    refuse(cli, "--rph", "ets.0", status=1)
    refuse(cli, "--rph", "ets.0", "--namespace", "wps", status=1)
    refuse(cli, "--ppt", "div", status=1)
    refuse(cli, "--ppt", "rcd", status=1)


# The policy.

def test_whose_number_it_is_goes_before_accept_spc(cli):
    value = sign(cli, attest="A")
    assert verify(cli, value, "--spc", CALLER + "=1234")["reason"] == "ok"
    assert verify(cli, value, "--spc", CALLER + "=5678")["reason"] == "not_authorized"
    assert verify(cli, value, "--spc", "12155559999=5678")["reason"] == "ok"


def test_a_crl_may_be_required(cli):
    value = sign(cli, attest="A")
    assert verify(cli, value, "--require-crl")["reason"] == "crl_missing"


def test_the_other_asserted_identity_may_be_the_caller(cli):
    value = sign(cli, attest="A")
    assert verify(cli, value, caller="sip:x@example.com")["reason"] != "ok"
    verdict = verify(cli, value, "--also-from", CALLER, caller="sip:x@example.com")
    assert verdict["reason"] == "ok"


def test_the_verdict_names_the_list_and_its_version(cli):
    text = cli.run("passport", "verify", "--from", CALLER, "--to", CALLED, "--now", NOW,
                   *trust(cli), data=sign(cli, attest="A")).stdout.decode()
    assert "pa" in text and "version 7" in text


@pytest.mark.parametrize("options, part", [
    (("--request-uri", "nobody"), "request-uri"), (("--also-from", ""), "also-from"),
    (("--spc", "x"), "TN=CODE"), (("--spc", "1=" + "9" * 16), "TN=CODE"),
    (("--namespace", "ets"), "LIST=NAME"), (("--namespace", "=ets"), "LIST=NAME"),
    (("--anchor-list", "pa"), "NAME=FILE"), (("--anchor-list", "pa=/nowhere"), "/nowhere"),
    (("--crl-issuer", "/nowhere"), "/nowhere"), (("--jcl", "x"), "URL=FILE"),
    (("--icon", "https://x/=/nowhere"), "/nowhere"), (("--sdp", "/nowhere"), "/nowhere"),
    (("--max-signatures", "17"), "from 1 to 16"), (("--max-cost", "0"), "from 1 to"),
    (("--max-diverted-age", "x"), "from 1 to"),
])
def test_a_wrong_question_is_refused_with_what_is_allowed(cli, options, part):
    words = ["passport", "verify", "--from", CALLER, "--to", CALLED, *options]
    assert part in cli.refused(*words)


def test_a_batch_has_the_same_fields(cli):
    chain = forwarded(cli, 5)
    few, six = ({"identity": chain, "request_uri": FORWARDS[4], "max_signatures": n}
                for n in (5, 6))
    base = {"from": CALLER, "to": CALLED, "now": NOW}
    media = sign(cli, "--sdp", cli.path("offer.sdp"), attest="A")
    priority = [sign(cli, "--rph", "ets.0", "--namespace", "ets"), sign(cli, attest="A")]
    lines = [
        {"identity": media, "sdp": SDP}, {"identity": media, "sdp": ""},
        {"identity": sign(cli, attest="A"), "spc": [CALLER + "=5678"]},
        {"identity": sign(cli, attest="A"), "require_crl": True},
        {"identity": sign(cli, attest="A"), "from": "sip:x@example.com", "also_from": CALLER},
    ]
    found = cli.batch([{**base, **line} for line in lines], *trust(cli))
    assert [a["reason"] for a in found] == ["ok", found[1]["reason"], "not_authorized",
                                            "crl_missing", "ok"]
    assert results(found[1])["media"] == "failed" and found[1]["reason"] != "ok"
    for line, right in ((few, False), (six, True)):
        answer = cli.batch([{**base, **line}], *trust(cli))[0]
        assert (reasons(answer, "div") == ["ok"] * 5) is right
    line = {**base, "identity": priority, "resource_priority": ["ets.0"], "namespace": "pa=ets",
            "priority": "normal", "display_name": "X", "accept_x5c": False, "max_cost": 50,
            "max_diverted_age": 60}
    assert row(cli.batch([line], *trust(cli))[0], "rph")["reason"] == "ok"


@pytest.mark.parametrize("changes, part", [
    ({"request_uri": "nobody"}, "request-uri"), ({"request_uri": 1}, "string"),
    ({"spc": "x"}, "TN=CODE"), ({"namespace": ["x"]}, "LIST=NAME"), ({"sdp": 1}, "sdp"),
    ({"require_crl": 1}, "true or false"), ({"max_signatures": 17}, "from 1 to 16"),
    ({"max_cost": 0}, "max_cost"), ({"max_diverted_age": "1"}, "max_diverted_age"),
    ({"also_from": "a\0b"}, "NUL"),
])
def test_a_bad_field_of_a_batch_is_an_error_of_its_line(cli, changes, part):
    line = {"identity": "x", "from": CALLER, "to": CALLED, "now": NOW, **changes}
    answers = cli.batch([line, {**line, **dict.fromkeys(changes)}], *trust(cli), status=1)
    assert part in answers[0]["error"] and "verstat" in answers[1]


def test_an_unknown_field_of_a_batch_is_refused_with_those_that_are_allowed(cli):
    answer = cli.batch([{"other": 1}], status=1)[0]
    assert "other is not a field" in answer["error"] and "max_diverted_age" in answer["error"]


def test_help_and_completion_come_from_the_tables(cli):
    completion = cli.ok("--completion")
    for command, wanted in (("sign", "--div --rcdi --claims"), ("inspect", "--cert --now"),
                            ("verify", "--request-uri --sdp --icon --anchor-list")):
        text = cli.ok("passport", command, "--help")
        for option in wanted.split():
            assert f"  {option} " in text and f"{option} " in completion
    assert "--div 12155551213" in cli.ok("passport", "sign", "--help")
    assert "--icon https://" in cli.ok("passport", "verify", "--help")


# Drawing.

def test_inspect_draws_each_forward_below_what_it_continues(cli):
    chain = forwarded(cli, 2)
    for order in itertools.permutations([*chain, rich(cli)]):
        text = cli.ok("passport", "inspect", "--now", NOW + 30, data="\n".join(order))
        heads = [line for line in text.splitlines() if "- " in line.split("  signed")[0][:20]]
        depth = {line.split("- ")[1].strip(): line.index("- ") for line in heads}
        assert depth["shaken"] == depth["rcd"] == 1
        assert [line.index("- ") for line in heads if "div" in line] == [6, 11]
        assert "30 s ago" in text and "Example Dental" in text and "2 digests" in text
        assert text.isascii() and "\x1b" not in text


def test_inspect_draws_what_stands_inside_a_div_o_and_survives_loops(cli):
    cli.write("first.id", sign(cli, attest="B"))
    value = sign(cli, "--div", CALLED, "--opt", cli.path("first.id"), signer="b",
                 called=FORWARDS[0])
    text = cli.ok("passport", "inspect", data=value)
    assert text.index("shaken   (inside div-o)") < text.index("`- div-o")
    loop = [sign(cli, "--div", a, signer="b", called=b)
            for a, b in ((CALLED, FORWARDS[0]), (FORWARDS[0], CALLED))]
    assert cli.ok("passport", "inspect", data="\n".join(loop)).count("- div") == 2
    assert "none of these" in cli.ok("passport", "inspect", data=loop[0])


def test_inspect_draws_the_chain_with_what_each_certificate_may(cli):
    text = cli.ok("passport", "inspect", "--now", NOW, "--cert", cli.path("pki", "d.pem"))
    lines = text.splitlines()
    subjects = [line for line in lines if "subject" in line]
    assert len(subjects) == 3
    assert [line.index("subject") for line in subjects] == [3, 8, 13]
    assert "12155550000 and the next 999" in text and "issue certificates" in text
    found = json.loads(cli.ok("passport", "inspect", "--json", "--cert",
                              cli.path("pki", "d.pem"), "--cert", cli.path("pki", "a.pem"),
                              data=sign(cli, attest="A")))
    assert [len(chain) for chain in found["certificates"]] == [3, 2]
    assert found["certificates"][1][0]["spc"] == ["1234"] and found["claims"]["attest"] == "A"
    assert "no certificate" in cli.refused("passport", "inspect", "--cert", cli.path("none.sdp"))


def test_inspect_of_several_values_as_json_is_an_array(cli):
    chain = forwarded(cli, 1)
    found = json.loads(cli.ok("passport", "inspect", "--json", data=", ".join(chain)))
    assert [p["header"]["ppt"] for p in found["passports"]] == ["shaken", "div"]
    done = cli.run("passport", "inspect", data=chain[0] + "\nrubbish\n")
    assert done.returncode == 1 and b"shaken" in done.stdout and done.stderr
