# SPDX-License-Identifier: Apache-2.0
"""The commands that talk to the registry, against the registry itself."""
import hashlib
import http.server
import json
import os
import re
import stat
import subprocess
import threading
import time

import pytest

from cli_registry_kit import (HIDDEN, SHOWN, RegistryCli, hide_a_number, png,
                              registries)
from port_kit import OURS
from registry_kit import BIN, CALLEE, CALLER, engines

OTHER = "+12155554321"
NUMBERS = iter(range(1000, 10000))


@pytest.fixture(scope="module", params=["sqlite"])
def registry(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module", params=engines())
def either(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def cli(programs, tmp_path, registry):
    return RegistryCli(programs, tmp_path, registry)


@pytest.fixture
def both(programs, tmp_path, either):
    """The same against either engine."""
    return RegistryCli(programs, tmp_path, either)


@pytest.fixture
def number():
    """A number that no other test has."""
    return f"+1215557{next(NUMBERS)}"


# Every operation has a command, and every command's operation exists.

def test_each_operation_of_the_api_has_a_command(cli):
    routes = subprocess.run([BIN / "attestel-registry", "--routes"], capture_output=True,
                            text=True, timeout=20, check=True).stdout.splitlines()
    asked = {f"{r['method']} {r['path']}" for r in map(json.loads, routes)}
    commands = [line.split("\t")[1] for line in cli.ok("--commands").splitlines() if "\t" in line]
    made = {re.sub(r"\{\w+\}", "{}", line) for line in commands}
    assert made == {re.sub(r"\{\w+\}", "{}", route) for route in asked}
    assert len(commands) == len(set(commands))


# The main way, on both engines.

def test_from_nothing_to_a_call_that_shows_who_and_why(both):
    tenant = both.json("tenant", "add", "--name", "T" + both.dir[-8:], "--vouched",
                       key="operator")
    out = both.path("new.key")
    both.say("key", "add", "--role", "owner", "--tenant", tenant["id"], "--out", out,
             key="operator")
    both.registry.keys["fresh"] = both.read("new.key").strip()
    caller, callee = f"+1215558{next(NUMBERS)}", f"+1215558{next(NUMBERS)}"

    def made(*words):
        return both.json(*words, key="fresh")["id"]
    business = made("business", "add", "--name", "Example Florist", "--country", "US")
    both.say("business", "submit", business, key="fresh")
    brand = made("brand", "add", "--business", business, "--name", "Florist")
    assert made("number", "add", caller, "--brand", brand).startswith("bnd_")
    intent = made("intent", "send", "--from", caller, "--to", callee, "--code", "delivery",
                  "--text", "Your flowers")
    words = ("lookup", caller, "--to", callee, "--verstat", "TN-Validation-Passed", "--attest",
             "A", "--call-id", "a@b")
    found = both.json(*words, key="carrier")
    assert found["brand"]["name"] == "Florist" and found["reason"]["intent"] == intent
    text = both.say(*words, key="carrier")
    assert "brand.name" in text and "Florist" in text and "Your flowers" in text
    assert both.json("intent", "show", intent, key="fresh")["state"] == "matched"
    both.say("outcome", "send", found["receipt"], "--outcome", "answered", key="carrier")
    assert both.json("intent", "show", intent, key="fresh")["state"] == "answered"
    report = both.json("report", "send", found["receipt"], "--label", "wanted", key="carrier")
    both.say("report", "undo", report["id"], key="carrier")
    assert both.json("report", "show", report["id"], key="carrier")["state"] == "undone"


def test_a_private_lookup_finds_what_is_public_and_sends_no_key(both):
    deadline = time.monotonic() + 10  # the buckets follow the directory within seconds
    while not (found := both.json("lookup", CALLER, "--private", key=None))["found"]:
        assert time.monotonic() < deadline
    assert found["name"] == "Example Dental" and found["label"] == "none"
    assert both.json("lookup", "+12155559876", "--private", key=None)["found"] is False


def test_a_number_that_is_not_shown_does_not_show_the_block_around_it(both):
    hide_a_number(both.registry)
    assert both.json("lookup", SHOWN, "--private", key=None)["name"] == "Example Dental"
    hidden = both.json("lookup", HIDDEN, "--private", key=None)
    nobody = both.json("lookup", "+12155559876", "--private", key=None)
    assert hidden == {**nobody, "number": HIDDEN[1:]}


def test_a_number_has_one_form_in_all_answers_however_it_was_typed(cli):
    for typed in (CALLER, CALLER[1:], "+1 (215) 555-1212"):
        for words in (("--private",), ()):
            found = cli.json("lookup", typed, *words, key="carrier")
            assert found["number"] == CALLER[1:], (typed, words)


def announce(cli):
    return cli.json("intent", "send", "--from", CALLER, "--to", OTHER, "--code", "other", "--text",
                    "Once more")["id"]


def test_tail_follows_and_survives_a_restart_of_the_registry(both):
    first = announce(both)
    tail = both.follow("--json", "--since", "0")
    try:
        while first not in (line := tail.stdout.readline()):
            assert line
        both.registry.stop()
        assert "lost" in tail.stderr.readline()
        both.registry.start()
        while "following again" not in (line := tail.stderr.readline()):
            assert "lost" in line, line
        second = announce(both)
        event = json.loads(tail.stdout.readline())
        assert event["kind"] == "intent.announced" and second in json.dumps(event)
    finally:
        tail.terminate()
        tail.communicate()


def last_event(cli):
    page = cli.json("event", "list", "--since", "0")
    while page["items"]:
        last = page["next"]
        page = cli.json("event", "list", "--since", last)
    return last


def test_tail_shows_an_event_a_line_and_ends_after_as_many_as_were_asked_for(cli):
    announce(cli)
    last = last_event(cli)
    sent = [announce(cli), announce(cli), announce(cli)]
    lines = cli.say("tail", "--since", last, "--count", "2").splitlines()
    assert len(lines) == 2
    for line, intent in zip(lines, sent):
        assert "intent.announced" in line and intent in line


def test_tail_with_a_key_that_may_not_ends_and_says_why(cli):
    assert "permission" in cli.no("tail", key="app")


# Each operation once.

def test_who_is_who(cli):
    tenant = cli.json("tenant", "add", "--name", "Who is who", key="operator")
    assert cli.json("tenant", "show", tenant["id"], key="operator")["name"] == "Who is who"
    assert tenant["id"] in cli.say("tenant", "list", "--all", key="operator")
    user = cli.json("user", "add", "--name", "Ann", "--role", "admin")
    assert cli.json("user", "show", user["id"])["role"] == "admin"
    assert "Ann" in cli.say("user", "list")
    key = cli.json("key", "add", "--role", "caller", "--user", user["id"], "--label", "pbx",
                   "--permission", "intent:write", "--permission", "intent:read")
    assert key["key"].startswith("ak_") and sorted(key["permissions"]) == [
        "intent:read", "intent:write"]
    assert cli.json("key", "show", key["id"])["label"] == "pbx"
    assert "pbx" in cli.say("key", "list", "--all")
    assert cli.json("key", "rotate", key["id"], "--overlap", "0")["replaces"] == key["id"]
    spare = cli.json("key", "add", "--role", "analyst")
    assert cli.say("key", "remove", spare["id"]) == ""
    assert cli.say("user", "remove", user["id"]) == ""
    assert cli.json("self")["role"] == "owner"
    assert cli.json("audit", "list", "--limit", "1")["items"]


def test_a_token_is_made_used_and_kept_in_a_file(cli):
    out = cli.path("token.key")
    text = cli.say("token", "add", "--ttl", "60", "--permission", "business:read", "--out", out)
    assert "eyJ" not in text and stat.S_IMODE(os.stat(out).st_mode) == 0o600
    words = ("business", "list", "--registry", cli.url)
    assert cli.run(*words, "--key-file", out).returncode == 0
    assert cli.run(*words, env={"ATTESTEL_KEY": cli.read("token.key").strip()}).returncode == 0


def test_businesses_and_brands(cli):
    business = cli.json("business", "add", "--name", "Draft", "--country", "US")["id"]
    assert cli.json("business", "edit", business, "--website", "https://x.example")[
        "website"] == "https://x.example"
    cli.say("business", "submit", business)
    assert cli.json("business", "show", business)["state"] == "approved"
    logo = cli.json("logo", "add", cli.write("logo.png", png(8)))["logo"]
    cli.say("logo", "get", logo, "--out", cli.path("back.png"))
    with open(cli.path("back.png"), "rb") as file:
        assert logo == "sha256-" + hashlib.sha256(file.read()).hexdigest()
    brand = cli.json("brand", "add", "--business", business, "--name", "Old", "--logo", logo)["id"]
    assert cli.json("brand", "edit", brand, "--name", "New")["live"]["name"] == "New"
    assert [v["name"] for v in cli.json("brand", "versions", brand)["items"]] == ["New", "Old"]
    assert "412" in cli.no("brand", "edit", brand, "--name", "Newer", "--if-version", "1")
    assert cli.json("brand", "show", brand)["live"]["number"] == 2
    assert "New" in cli.say("brand", "list", "--all")
    assert "suspended" in cli.say("brand", "decide", brand, "--decision", "suspend", key="operator")
    cli.say("brand", "decide", brand, "--decision", "resume", key="operator")
    assert "state_conflict" in cli.no("brand", "approve", brand, "--number", "2")
    assert "appointment" in cli.say("reason", "codes")
    reason = cli.json("reason", "add", "--brand", brand, "--code", "survey", "--text", "Three "
                      "questions", "--lang", "en")["id"]
    assert "Three questions" in cli.say("reason", "list")
    assert cli.say("reason", "remove", reason) == ""
    cli.say("business", "decide", business, "--decision", "suspend", "--finding", "Papers expired",
            key="operator")
    assert "Papers expired" in cli.say("business", "show", business)
    assert "closed" in cli.say("business", "close", business)


def test_numbers(cli, number):
    brand = cli.registry.mine["brand"]
    claim = cli.json("claim", "add", number)
    assert claim["state"] == "verified" and cli.json("claim", "show", claim["id"]) == claim
    binding = cli.json("binding", "add", number, "--brand", brand, "--strict", "yes")
    assert binding["strict"] is True and cli.json("binding", "show", binding["id"]) == binding
    assert cli.json("binding", "edit", binding["id"], "--strict", "no")["strict"] is False
    assert cli.json("number", "status", number)["binding"] == binding["id"]
    assert number[1:] in cli.say("binding", "list", "--brand", brand, "--all")
    assert number[1:] in cli.say("claim", "list", "--all")
    assert "verified" in cli.say("claim", "decide", claim["id"], "--decision", "verify",
                                 key="operator")
    assert cli.say("binding", "remove", binding["id"]) == ""
    assert cli.say("claim", "remove", claim["id"]) == ""
    block = cli.json("claim", "add", f"+1215600{next(NUMBERS) % 1000}0", "--block", "10")
    items = [{"number": "+" + block["number"], "block": 10, "brand": brand}]
    done = cli.json("binding", "batch", "-", data=json.dumps({"items": items}))
    assert done["items"][0]["block"] == 10


def test_calls(cli, number):
    sent = cli.json("intent", "send", "--from", CALLER, "--to", number, "--code", "other",
                    "--text", "Once", "--ttl", "60", "--lang", "en", "--not-before", "0")
    assert sent["id"] in cli.say("intent", "list", "--all")
    assert cli.say("intent", "cancel", sent["id"]) == ""
    one = {"from": CALLER, "to": number, "code": "other", "text": "Of many"}
    path = cli.write("calls.json", json.dumps({"items": [one, one]}))
    assert "Of many" in cli.say("intent", "batch", path)
    answer = cli.json("attestation", "get", "--from", CALLER, "--customer",
                      cli.registry.mine["business"], key="carrier")
    assert answer["attest"] == "A"
    device = cli.json("device", "add", number, "--label", "phone", key="app")
    assert device["key"].startswith("ak_")
    assert cli.say("device", "remove", device["id"], key="app") == ""
    decision = cli.json("decision", "add", "--from", OTHER, "--action", "block", "--rule", "score",
                        "--evidence", "reports", key="carrier")
    assert cli.json("decision", "show", decision["id"], key="carrier")["rule"] == "score"


def test_those_who_follow_and_those_without_an_account(cli):
    announce(cli)
    events = cli.json("event", "list", "--since", "0")
    assert events["items"] and cli.json("event", "list", "--since", events["next"], "--wait",
                                        "0")["items"] == []
    lines = cli.say("snapshot", "get", key="carrier").splitlines()
    assert "serial" in json.loads(lines[0]) and "end" in json.loads(lines[-1])
    since = json.loads(lines[0])["serial"]
    assert len(cli.say("snapshot", "get", "--since", str(since), key="carrier").splitlines()) == 2
    about = cli.json("bucket", "show", key=None)
    cli.say("bucket", "get", "00ff", "--out", cli.path("bucket"), key=None)
    assert os.path.getsize(cli.path("bucket")) == about["entry_bytes"] * about["entries"]
    region = cli.json("list", "regions", key=None)["regions"][0]["region"]
    full = json.loads(cli.say("list", "full", region, key=None))
    assert json.loads(cli.say("list", "delta", region, "--since", str(full["version"]),
                              key=None))["add"] == []
    assert cli.json("list", "keys", key=None)["keys"][0]["kty"] == "EC"


def test_carriers(cli):
    cli.init("pki")
    cli.ok("pki", "issue", cli.path("pki"), "a", "--type", "shaken", "--spc", "1234")
    made = cli.json("certificate", "add", cli.path("pki", "a.pem"), key="carrier")
    digest = made["url"].rsplit("/", 1)[1].removesuffix(".pem")
    assert cli.say("certificate", "get", digest, key=None) == cli.read("pki", "a.pem")
    for verb in ("sign", "verify"):
        text = cli.no("stir", verb, "-", key="carrier", data="{}")
        assert "the registry answered" in text


# What is sent, and what is shown.

def test_a_number_that_is_taken_is_a_conflict(cli):
    other = cli.registry.enrol("Other", f"+1215559{next(NUMBERS)}", "another")
    cli.registry.keys["another"] = other["owner"]
    text = cli.no("number", "add", CALLER, "--brand", other["brand"], key="another")
    assert "409" in text and "number_taken" in text and cli.registry.mine["business"] not in text


def test_lists_are_tables_and_every_page_is_fetched_when_asked(cli):
    for i in range(3):
        cli.say("business", "add", "--name", f"Page {i}", "--country", "US")
    lines = cli.say("business", "list", "--limit", "2").splitlines()
    assert lines[0].split() == ["id", "name", "country", "state", "expires_at"] and len(lines) == 3
    at = lines[0].index("name")
    assert all(line[at - 1] == " " != line[at] for line in lines)
    done = cli.run("business", "list", "--limit", "1", *cli.at("owner"))
    assert b"--after" in done.stderr
    items = cli.json("business", "list", "--all")["items"]
    assert {"Page 0", "Page 1", "Page 2"} <= {item["name"] for item in items}


def test_one_field_of_an_answer_is_named_by_its_path(cli):
    words = ("lookup", CALLER, "--field")
    assert cli.say(*words, "claimed.name", key="carrier") == "Example Dental\n"
    cli.no(*words, "brand.nothing", key="carrier")
    cli.no(*words, "number.x", key="carrier")


def test_a_name_reads_as_it_was_written_whatever_its_language(cli):
    name = "Söhne \u00d8re"
    assert name in cli.say("business", "add", "--name", name, "--country", "DE")


def test_a_number_without_country_code_is_not_registered(cli):
    brand = cli.registry.mine["brand"]
    for words in (("number", "add", "5550177", "--brand", brand), ("claim", "add", "5550177")):
        assert "country code" in cli.no(*words, status=2)


@pytest.mark.parametrize("word", ["a/b", "..", "a?b", "a b", "", "a%2f", "a#"])
def test_an_identifier_that_is_another_path_is_not_sent(cli, word):
    cli.no("brand", "show", word, status=2)


def test_a_secret_is_kept_in_a_new_file_only(cli):
    out = cli.write("there.key", "mine")
    cli.no("key", "add", "--role", "caller", "--out", out)
    assert cli.read("there.key") == "mine"
    text = cli.say("key", "add", "--role", "caller", "--out", cli.path("made.key"))
    assert "ak_" not in text and cli.read("made.key").startswith("ak_")
    assert stat.S_IMODE(os.stat(cli.path("made.key")).st_mode) == 0o600


@pytest.mark.parametrize("option", [("--to", CALLEE), ("--attest", "A"), ("--oob",)])
def test_a_private_lookup_takes_no_word_of_the_call(cli, option):
    assert "--private does not go with" in cli.no("lookup", CALLER, "--private", *option, status=2)


# Profiles.

def test_a_profile_says_where_the_registry_is_and_which_key_opens_it(cli):
    cli.ok("profile", "add", "mine", "--registry", cli.url, "--key-file", cli.key_file("owner"))
    cli.ok("profile", "add", "net", "--registry", cli.url, "--key-file", cli.key_file("carrier"))
    assert json.loads(cli.ok("self", "--json"))["role"] == "owner"
    assert json.loads(cli.ok("self", "--json", "--profile", "net"))["role"] == "carrier"
    done = cli.run("self", "--json", env={"ATTESTEL_PROFILE": "net"})
    assert json.loads(done.stdout)["role"] == "carrier"
    cli.ok("profile", "use", "net")
    assert json.loads(cli.ok("self", "--json"))["role"] == "carrier"
    assert [line[0] for line in cli.ok("profile", "list").splitlines()] == [" ", "*"]
    path = cli.path("config", "attestel", "profiles.ini")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600 and "ak_" not in cli.read(path)


def test_a_profiles_key_does_not_go_to_another_registry(cli):
    cli.ok("profile", "add", "mine", "--registry", cli.url, "--key-file", cli.key_file("owner"))
    seen, url, stop = listen()
    cli.run("self", "--registry", url)
    cli.run("self", env={"ATTESTEL_REGISTRY": url})
    stop()
    assert len(seen) == 2 and all("Authorization" not in headers for _, headers, _ in seen)


@pytest.mark.parametrize("words", [
    ("use", "nobody"), ("add", "a b", "--registry", "http://x"),
    ("add", "x", "--registry", "http://x\ny = z"), ("add", "x"),
    ("add", "x", "--registry", "http://x", "--key-file", "/nowhere")])
def test_a_profile_that_is_none_is_refused(cli, words):
    cli.refused("profile", *words)


@pytest.mark.parametrize("text", ["[a]\nkey = x\n", "registry = x\n", "[a]\n[a]\n", "[a b]\n",
                                  "nothing\n", "[a]\nregistry = x\nregistry = y\n"])
def test_a_file_of_profiles_with_a_mistake_is_said_with_its_line(cli, text):
    os.makedirs(cli.path("config", "attestel"))
    cli.write("config/attestel/profiles.ini", text)
    assert "profiles.ini:" in cli.refused("self")


# attestel api.

def test_api_sends_a_body_from_a_file_or_standard_input(cli):
    body = json.dumps({"number": CALLER})
    path = cli.write("body.json", body)
    words = ("api", "POST", "/v1/number-status", "--json")
    from_file = json.loads(cli.say(*words, path))
    assert from_file == json.loads(cli.say(*words, "-", data=body))
    done = cli.run("api", "GET", "/v1/brands/brd_" + "a" * 26, *cli.at("owner"))
    assert done.returncode == 1 and json.loads(done.stdout)["status"] == 404


@pytest.mark.parametrize("words", [
    ("POST", "/v1/logos", "--data", "/dev/null"), ("POST", "/v1/logos", "--type", "image/png"),
    ("GET", "/v1/logos", "--data", "/dev/null", "--type", "image/png"),
    ("POST", "/v1/x", "--data", "/dev/null", "--type", "a/b", "--json", "/dev/null"),
    ("BREW", "/v1/x"), ("GET", "v1"), ("POST", "/v1/x", "--json", "/nowhere"),
])
def test_a_wrong_request_is_not_sent(cli, words):
    cli.no("api", *words, status=2)


# The key.

LOOKUP = ("api", "GET", "/v1/reason-codes")


def test_the_key_comes_from_the_environment_when_no_file_is_named(cli):
    key = cli.registry.keys["owner"]
    done = cli.run(*LOOKUP, env={"ATTESTEL_KEY": key, "ATTESTEL_REGISTRY": cli.url})
    assert done.returncode == 0
    done = cli.run(*LOOKUP, "--registry", cli.url, env={"ATTESTEL_KEY": "ak_wrong"})
    assert done.returncode == 1


def test_a_request_without_a_key_is_told_where_one_would_come_from(cli):
    assert "--key-file" in cli.no(*LOOKUP, key=None)


def test_a_path_where_the_key_itself_belongs_is_said(cli):
    done = cli.run(*LOOKUP, "--registry", cli.url, env={"ATTESTEL_KEY": cli.key_file("owner")})
    assert done.returncode == 2 and b"--key-file takes a file" in done.stderr


def test_a_key_file_that_others_may_read_is_refused(cli):
    path = cli.write("open.key", cli.registry.keys["owner"], 0o640)
    assert "0600" in cli.refused(*LOOKUP, "--registry", cli.url, "--key-file", path)


@pytest.mark.parametrize("key", ["", "\n", "a b", "a\r\nX: y", "k" * 1100, "\x1b[31m"])
def test_a_key_that_is_none_is_refused_and_not_shown(cli, key):
    path = cli.write("bad.key", key, 0o600)
    text = cli.refused(*LOOKUP, "--key-file", path)
    assert "a b" not in text and "X: y" not in text


# A registry that is not there, or badly.

def listen(*answers):
    """(requests seen, URL, stop) of a server that gives these answers, the last again and again."""
    seen, left = [], list(answers) or [(200, {}, b"{}")]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            line = f"{self.command} {self.path}"
            seen.append((line, dict(self.headers), self.rfile.read(length)))
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in {"Content-Length": len(body), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)
        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def log_message(self, *words):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop():
        server.shutdown()
        server.server_close()
    return seen, f"http://127.0.0.1:{server.server_port}", stop


@pytest.fixture
def stranger():
    stops = []

    def start(*answers):
        seen, url, stop = listen(*answers)
        stops.append(stop)
        return seen, url
    yield start
    for stop in stops:
        stop()


def problem(status, code, **headers):
    body = json.dumps({"title": "T", "detail": "D", "code": code, "status": status}).encode()
    return status, {"Content-Type": "application/problem+json", **headers}, body


@pytest.mark.parametrize("first", [problem(503, "busy"), problem(409, "in_progress"),
                                   problem(503, "unsure")], ids=["busy", "in_progress", "unsure"])
def test_a_post_is_sent_again_with_the_same_idempotency_key(cli, stranger, first):
    seen, url = stranger(first, (201, {}, b'{"id":"biz_1"}'))
    assert "biz_1" in cli.ok("business", "add", "--name", "A", "--country", "US", "--registry",
                             url)
    assert len(seen) == 2 and seen[0][2] == seen[1][2]
    assert len({headers["Idempotency-Key"] for _, headers, _ in seen}) == 1


def test_two_posts_have_two_idempotency_keys(cli, stranger):
    seen, url = stranger((201, {}, b'{"id":"x"}'))
    for _ in range(2):
        cli.ok("business", "add", "--name", "A", "--country", "US", "--registry", url)
    assert len({headers["Idempotency-Key"] for _, headers, _ in seen}) == 2


def test_a_change_is_not_sent_again_once_it_was_sent(cli, stranger):
    seen, url = stranger((200, {"ETag": '"3"'}, b"{}"), problem(503, "busy"))
    cli.refused("brand", "edit", "brd_1", "--name", "A", "--registry", url, status=1)
    assert [line for line, _, _ in seen] == ["GET /v1/brands/brd_1", "PUT /v1/brands/brd_1"]
    assert seen[1][1]["If-Match"] == '"3"'


def test_an_end_is_put_to_trying_again(cli, stranger):
    seen, url = stranger(problem(503, "busy"))
    assert "503" in cli.refused("self", "--registry", url, status=1)
    assert len(seen) == 3


def test_a_wait_that_takes_longer_than_the_timeout_is_not_begun(cli, stranger):
    seen, url = stranger(problem(429, "rate_limited", **{"Retry-After": 60}))
    assert "429" in cli.refused("self", "--registry", url, status=1)
    assert len(seen) == 1


def test_a_registry_that_is_not_there_is_said(cli):
    url = f"http://127.0.0.1:{OURS.free_port()}"
    assert "the registry" in cli.refused("lookup", CALLER, "--registry", url, status=1)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1", "", "http://u:p@127.0.0.1"])
def test_a_registry_url_that_is_none_is_refused(cli, url):
    assert ":p@" not in cli.refused(*LOOKUP, "--registry", url)


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"\xff", b"{", b"null"])
def test_an_answer_that_is_no_object_is_a_failure(cli, stranger, body):
    _, url = stranger((200, {}, body))
    cli.refused("lookup", CALLER, "--registry", url, status=1)


def test_an_answer_does_not_steer_the_terminal(cli, stranger):
    body = json.dumps({"name": "\x1b[31m\u009b\u202e", "\x1b[1m": {"a": "b"}}).encode()
    _, url = stranger((200, {}, body))
    text = cli.ok("lookup", CALLER, "--registry", url)
    assert not any(ord(c) < 32 and c != "\n" or ord(c) > 126 for c in text)


def test_a_table_does_not_steer_the_terminal(cli, stranger):
    body = json.dumps({"items": [{"id": "\x1b[31m\u202e", "name": "\u009b"}],
                       "next": "\x1b[1m"}).encode()
    _, url = stranger((200, {}, body))
    done = cli.run("business", "list", "--registry", url)
    text = (done.stdout + done.stderr).decode()
    assert not any(ord(c) < 32 and c != "\n" or ord(c) > 126 for c in text)


def test_a_refusal_does_not_steer_the_terminal(cli, stranger):
    body = json.dumps({"title": "\x1b[31m", "errors": [{"pointer": "\x07", "detail": 1}, 2]})
    _, url = stranger((422, {}, body.encode()))
    text = cli.refused("lookup", CALLER, "--registry", url, status=1)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
