# SPDX-License-Identifier: Apache-2.0
"""attestel passport verify --batch: one answer a line, whatever the lines are."""
import json
import random
import subprocess

import pytest
from cli_tool import CALLED, CALLER, NOW, URL, Cli, results

MUTATIONS = 1000
SEED = 20300317


@pytest.fixture(scope="module")
def cli(programs, tmp_path_factory):
    cli = Cli(programs, tmp_path_factory.mktemp("batch"))
    pki = cli.init()
    cli.issue(pki, "delegate-ca", "delegate-ca", "--range", "12155550000:10000")
    cli.issue(pki, "delegate", "delegate", "--range", "12155550000:1000")
    return cli


@pytest.fixture(scope="module")
def identity(cli):
    return cli.sign("delegate")


def question(identity, **changes):
    """A line; the replay check is off, so that lines do not see each other."""
    return {"identity": identity, "from": CALLER, "to": CALLED, "now": NOW,
            "checks": {"replay": "off"}, **changes}


def test_answers_come_in_order_one_a_line(cli, identity):
    lines = [question(identity, now=NOW + skew) for skew in (0, 100, -100, 0, 60)]
    answers = cli.batch(lines, *cli.trust(), status=1)
    assert [a["reason"] for a in answers] == ["ok", "iat_stale", "iat_future", "ok", "ok"]
    assert cli.batch(lines[:1], *cli.trust(), status=0)[0]["attest"] == "A"


def test_a_batch_gives_the_verdict_that_a_single_call_gives(cli, identity):
    for changes in ({}, {"now": NOW + 99}, {"to": "911"}, {"from": "12155550008"}):
        line = question(identity, checks={}, **changes)
        single = cli.verify(identity, now=line["now"], caller=line["from"], called=line["to"])
        assert cli.batch([line], *cli.trust()) == [single]


def test_each_field_has_its_effect(cli, identity):
    lines = [
        question(identity, max_age=3600, now=NOW + 3600),
        question(identity, checks={"iat": "warn", "replay": "off"}, now=NOW + 3600),
        question(identity, date="Sun, 17 Mar 2030 17:00:00 GMT"),
        question(["rubbish", identity]),
        question("rubbish;info=<https://x.example>, " + identity),
        question([]), question(None), question(""),
        question(identity, date=None, max_age=None, accept_spc=None),
    ]
    answers = cli.batch(lines, *cli.trust())
    assert [a["reason"] for a in answers] == ["ok", "ok", "date_stale", "ok", "ok", "no_identity",
                                              "no_identity", "no_identity", "ok"]
    assert results(answers[1])["iat"] == "warned"


def test_accept_spc_is_a_field(cli):
    cli.issue(cli.path("pki"), "carrier", "shaken", "--spc", "1234")
    identity = cli.sign("carrier")
    lines = [question(identity), question(identity, accept_spc=True),
             question(identity, accept_spc=False)]
    assert [a["reason"] for a in cli.batch(lines, *cli.trust("carrier"))] == [
        "not_authorized", "ok", "not_authorized"]


def test_options_are_the_defaults_of_lines(cli, identity):
    lines = [{"identity": identity}, {"identity": identity, "to": "911"}]
    answers = cli.batch(lines, *cli.trust(), "--from", CALLER, "--to", CALLED, "--now", NOW,
                        "--check", "replay=off")
    assert [a["reason"] for a in answers] == ["ok", "dest_mismatch"]


def test_the_same_signature_twice_is_a_replay_rfc8224_section_12_1(cli, identity):
    line = question(identity, checks={})
    assert [a["reason"] for a in cli.batch([line, line], *cli.trust())] == ["ok", "replayed"]


GARBAGE = [
    b"garbage\n", b"\n", b"   \n", b"\0\n", b"\xff\xfe\n", b"[]\n", b"null\n", b"{}\n", b"1\n",
    b"{\"from\":\"1\"}\n", b"[" * 5000 + b"\n", b"{\"a\":" * 5000 + b"\n", b"\"" * 1000 + b"\n",
    b"x" * 262144 + b"\n", b"x" * 262145 + b"\n", b"x" * 1000000 + b"\n",
    b"{\"identity\":\"\xff\",\"from\":\"1\",\"to\":\"2\"}\n",
    b"{\"identity\":\"\\ud800\",\"from\":\"1\",\"to\":\"2\"}\n",
    b"{\"from\":\"1\",\"from\":\"1\",\"to\":\"2\"}\n", b"{\"from\":\"1\",\"to\":\"2\"} trailing\n",
]


def test_garbage_lines_get_an_error_each_and_stop_nothing(cli, identity):
    good = json.dumps(question(identity)).encode() + b"\n"
    lines = [part for line in GARBAGE for part in (line, good)]
    answers = cli.batch(lines, *cli.trust(), status=1)
    assert len(answers) == 2 * len(GARBAGE)
    assert all(set(answer) == {"error"} and answer["error"] for answer in answers[::2])
    assert all(answer["reason"] == "ok" for answer in answers[1::2])


@pytest.mark.parametrize("changes, part", [
    ({"from": None}, "from"), ({"to": None}, "to"), ({"from": 1}, "from"), ({"to": []}, "to"),
    ({"identity": 1}, "identity"), ({"identity": [1]}, "identity"),
    ({"identity": ["x"] * 129}, "128"), ({"identity": {}}, "identity"),
    ({"now": "1"}, "now"), ({"now": 1.5}, "now"), ({"now": -1}, "now"), ({"now": 1e30}, "now"),
    ({"max_age": 0}, "max_age"), ({"max_age": True}, "max_age"), ({"date": 1}, "date"),
    ({"checks": []}, "checks"), ({"checks": {"iat": 1}}, "checks"),
    ({"checks": {"nothing": "off"}}, "signature"), ({"checks": {"iat": "maybe"}}, "enforce"),
    ({"accept_spc": "yes"}, "accept_spc"), ({"max-age": 1}, "allowed: identity"),
])
def test_a_wrong_field_gets_an_error_that_names_it(cli, identity, changes, part):
    answer = cli.batch([{**question(identity), **changes}], *cli.trust(), status=1)
    assert len(answer) == 1 and part in answer[0]["error"]


def test_a_line_of_256_kb_is_answered(cli, identity):
    line = json.dumps(question(identity)).encode()
    padded = line[:-1] + b" " * (262144 - len(line)) + b"}\n"
    assert len(padded) == 262145
    assert cli.batch([padded], *cli.trust())[0]["reason"] == "ok"
    assert "longer than" in cli.batch([b" " + padded], *cli.trust())[0]["error"]


def test_a_last_line_without_its_end_is_answered(cli, identity):
    assert cli.batch([json.dumps(question(identity)).encode()], *cli.trust())[0]["reason"] == "ok"
    assert cli.batch([], status=0) == []


def test_an_answer_comes_before_the_next_line_is_written(cli, identity):
    process = subprocess.Popen([cli.program, "passport", "verify", "--batch", *cli.trust()],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        for _ in range(3):
            process.stdin.write(json.dumps(question(identity)).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["reason"] == "ok"
        process.stdin.close()
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def meaning(text):
    """What the header says: token and parameters, by the grammar of RFC 8224 §4. None: broken."""
    token, *parameters = text.split(";")
    said = {"alg": "ES256"}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        name = name.strip(" \t").lower()
        if name in ("info", "alg", "ppt"):
            if not equals or name in said and name != "alg":
                return None
            value = value.strip(" \t")
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            said[name] = value[1:-1] if quoted else value
    return token.strip(" \t"), sorted(said.items())


def mutate(rng, text):
    """One byte changed, added or taken away."""
    at = rng.randrange(len(text))
    byte = chr(rng.randrange(256))
    return rng.choice((text[:at] + byte + text[at + 1:], text[:at] + byte + text[at:],
                       text[:at] + text[at + 1:]))


def test_no_mutation_of_a_valid_identity_passes_unless_it_means_the_same(cli, identity):
    rng = random.Random(SEED)
    texts = [identity] + [mutate(rng, identity) for _ in range(MUTATIONS)]
    answers = cli.batch([question(text) for text in texts], *cli.trust())
    assert len(answers) == len(texts)
    assert answers[0]["reason"] == "ok"
    passed = [text for text, answer in zip(texts, answers)
              if answer.get("verstat") == "TN-Validation-Passed"]
    wrong = [text for text in passed if meaning(text) != meaning(identity)]
    assert not wrong, wrong
    assert len(passed) < MUTATIONS / 10  # nearly every mutation means something else


def test_no_mutation_as_raw_bytes_stops_the_batch(cli, identity):
    rng = random.Random(SEED + 1)
    line = json.dumps(question(identity))
    lines = [mutate(rng, line).replace("\n", " ").encode("latin-1") + b"\n" for _ in range(500)]
    answers = cli.batch(lines, *cli.trust())
    assert len(answers) == len(lines)
    assert all("error" in answer or "verstat" in answer for answer in answers)


def test_the_url_of_a_certificate_may_hold_an_equals_sign(cli):
    """The last "=" of --cert divides URL from FILE."""
    url = URL + "?a=b"
    lines = [question("x;info=<" + url + ">")]
    answers = cli.batch(lines, "--cert", f"{url}={cli.path('pki', 'delegate.pem')}")
    assert answers[0]["code"] in (436, 438)
