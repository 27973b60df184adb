# SPDX-License-Identifier: Apache-2.0
"""attestel passport sign --compact, and what verify makes of it: RFC 8225 §7, RFC 9795 §9."""
import json

import pytest
from cli_tool import CALLED, CALLER, NOW, URL, Cli

DATE = "Sun, 17 Mar 2030 17:46:40 GMT"  # NOW
FINGERPRINT = ":".join(f"{i:02X}" for i in range(32))
SDP = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
       f"a=fingerprint:sha-256 {FINGERPRINT}\r\nm=audio 4000 RTP/SAVP 0\r\n")
NAME, REASON = "Example Dental", 'Your "appointment", today'
CALL_INFO = '<data:>;purpose=jcard;call-reason="Your \\"appointment\\", today"'
RICH = ("--nam", NAME, "--crn", REASON, "--display-name", NAME)
TOLD = ("--date", DATE, "--display-name", NAME, "--call-info", CALL_INFO)


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    cli = Cli(programs, tmp_path_factory.mktemp("compact"))
    cli.issue(cli.init(), "a", "shaken", "--spc", "1234")
    cli.write("offer.sdp", SDP)
    return cli


def sign(cli, *options, attest=None, **more):
    return cli.sign("a", *options, attest=attest, **more)


def verify(cli, identities, *options, **more):
    return cli.verify("\n".join(identities), "--accept-spc", *options, signer="a", **more)


def reasons(verdict):
    return {p["ppt"]: p["reason"] for p in verdict["passports"]}


def test_pp11_base_passport_in_compact_form_is_its_signature_and_no_more(cli):
    value = sign(cli, "--compact")
    assert value.startswith("..") and value.endswith(f";info=<{URL}>;alg=ES256")
    assert value[2:].split(";")[0] == sign(cli).split(";")[0].split(".")[2]
    verdict = verify(cli, [value], "--date", DATE)
    assert verdict["verstat"] == "TN-Validation-Passed"
    assert verdict["passports"][0]["compact"] is True
    assert verdict["passports"][0]["claims"]["orig"] == {"tn": CALLER}


def test_the_fingerprints_of_the_body_are_signed_in_compact_form_too(cli):
    value = sign(cli, "--compact", "--sdp", cli.path("offer.sdp"))
    words = ("--date", DATE, "--sdp", cli.path("offer.sdp"))
    assert verify(cli, [value], *words)["reason"] == "ok"
    assert verify(cli, [value], "--date", DATE)["reason"] == "bad_signature"


@pytest.mark.parametrize("options, reason", [
    ((), "compact_form"), (("--date", DATE.replace("40 GMT", "41 GMT")), "bad_signature"),
    (("--date", DATE, "--also-from", "12155550008"), "ok"),
])
def test_what_it_leaves_out_the_signalling_has_to_say(cli, options, reason):
    assert verify(cli, [sign(cli, "--compact")], *options)["reason"] == reason


def test_a_compact_passport_of_another_call_is_a_bad_signature(cli):
    value = sign(cli, "--compact")
    for change in ({"caller": "12155550008"}, {"called": "12155551214"}):
        assert verify(cli, [value], "--date", DATE, **change)["reason"] == "bad_signature"


def test_rc10_nam_is_the_display_name_and_crn_the_call_reason(cli):
    pair = [sign(cli, attest="A"), sign(cli, *RICH, "--compact")]
    verdict = verify(cli, pair, *TOLD)
    assert reasons(verdict) == {"shaken": "ok", "rcd": "ok"}
    assert verdict["rcd"]["name"]["text"] == NAME and verdict["rcd"]["usable"]
    assert verdict["rcd"]["reason"]["text"] == REASON
    joined = "<https://x.example/>;purpose=info, " + CALL_INFO
    assert reasons(verify(cli, pair, *TOLD[:4], "--call-info", joined))["rcd"] == "ok"
    for words in (TOLD[:4], TOLD[:2] + TOLD[4:],
                  (*TOLD[:4], "--call-info", CALL_INFO.replace("today", "now"))):
        assert reasons(verify(cli, pair, *words))["rcd"] != "ok", words


def test_a_batch_takes_call_info_of_each_line(cli):
    line = {"identity": [sign(cli, attest="A"), sign(cli, *RICH, "--compact")], "from": CALLER,
            "to": CALLED, "now": NOW, "date": DATE, "display_name": NAME,
            "checks": {"replay": "off"}}
    answers = cli.batch([{**line, "call_info": CALL_INFO}, line,
                         {**line, "call_info": "<data:>;purpose=jcard, " + CALL_INFO},
                         {**line, "call_info": "nonsense"}], "--accept-spc", *cli.trust("a"))
    assert [reasons(answer).get("rcd") for answer in answers[:3]] == ["ok", "bad_signature", "ok"]
    assert "call-info" in answers[3]["error"]


@pytest.mark.parametrize("options, attest, why", [
    ((), "A", "this PASSporT type has no compact form"),
    (("--div", "12155551212"), None, "no compact form"),
    (("--rph", "ets.0", "--namespace", "ets"), None, "no compact form"),
    (("--to", "12155551299"), None, "dest in compact form is one identity"),
    (("--nam", "X", "--icn", "https://x.example/l.png"), None, "holds nam and nothing else"),
    (("--nam", "X", "--iss", "SHAKEN 1234"), None, "neither rcdi nor iss"),
])
def test_pp11_where_there_is_no_compact_form_none_is_signed_and_it_says_why(cli, options, attest,
                                                                         why):
    words = ["passport", "sign", "--compact", "--key", cli.path("pki", "a.key"), "--cert",
             cli.path("pki", "a.pem"), "--x5u", URL, "--from", CALLER, "--to", CALLED, "--iat",
             NOW, *(("--attest", attest) if attest else ()), *options]
    assert why in cli.refused(*words, status=1)


@pytest.mark.parametrize("value", ["", "no uri", "<https://x/>;call-reason=\"" + "x" * 600 + '"',
                                   "<data:>;call-reason=a;call-reason=b"])
def test_a_call_info_that_cannot_be_read_is_refused(cli, value):
    done = cli.run("passport", "verify", "--from", CALLER, "--to", CALLED, "--now", NOW,
                   "--call-info", value, data=sign(cli, "--compact"))
    assert (done.returncode, b"call-info" in done.stderr) == ((1, False) if not value
                                                              else (2, True))


def test_inspect_says_that_the_form_is_compact(cli):
    told = json.loads(cli.ok("passport", "inspect", "--json", data=sign(cli, *RICH, "--compact")))
    assert told["compact"] is True and "claims" not in told
