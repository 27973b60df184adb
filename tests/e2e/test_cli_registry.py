# SPDX-License-Identifier: Apache-2.0
"""The commands that talk to the registry, against the registry itself."""
import hashlib
import json
import os
import socket
import struct
import threading
import zlib

import pytest
import stage as stages
from cli_tool import Cli

NUMBER, OTHER = "+12155551212", "+12155551213"


@pytest.fixture(scope="module")
def running(programs):
    """A registry, and the keys of a tenant."""
    it = stages.Stage(programs)
    try:
        it.start_registry()
        it.enrol()
        yield it
    finally:
        it.stop()
        it.remove()


@pytest.fixture
def cli(programs, tmp_path):
    return Cli(programs, tmp_path)


@pytest.fixture
def at(running):
    """at("manage"): the options that lead to the registry with that key."""
    return lambda key="manage": ("--registry", running.url("api"), "--key-file",
                                 running.path(f"{key}.key"))


@pytest.fixture(scope="module")
def ids(running):
    """A business, a brand, a bound number and a reason, made by the commands."""
    def add(*words):
        return running.add(*words)
    made = {"business": add("business", "--name", "Example Florist", "--country", "US",
                            "--website", "https://florist.example.com")}
    made["brand"] = add("brand", "--business", made["business"], "--name", "Florist")
    made["number"] = add("number", "--number", NUMBER, "--brand", made["brand"])
    codes = running.api("api", "GET", "/v1/reason-codes")["items"]
    made["code"] = codes[0]["code"]
    made["reason"] = add("reason", "--brand", made["brand"], "--code", made["code"], "--text",
                         "Your flowers")
    return made


def test_each_thing_that_is_added_gets_its_kind_of_identifier(ids):
    for kind, prefix in (("business", "biz_"), ("brand", "brd_"), ("number", "num_"),
                         ("reason", "rsn_")):
        assert ids[kind].startswith(prefix) and len(ids[kind]) == 30


def test_an_intent_is_found_by_a_verified_lookup(cli, at, ids):
    made = json.loads(cli.ok("intent", "add", "--from", NUMBER, "--to", OTHER, "--reason",
                             ids["reason"], "--ttl", 60, "--json", *at()))
    assert made["id"].startswith("int_")
    words = ("lookup", "--from", NUMBER, "--to", OTHER, "--verstat", "TN-Validation-Passed",
             "--attest", "A", "--call-id", "a@b")
    found = json.loads(cli.ok(*words, "--json", *at("proxy")))
    assert found["verified"] is True and found["brand"]["name"] == "Florist"
    assert found["reason"]["text"] == "Your flowers" and found["reason"]["intent"] == made["id"]
    text = cli.ok(*words, *at("proxy"))
    assert "brand.name" in text and "Florist" in text and "Your flowers" in text


def test_an_unverified_lookup_says_so(cli, at, ids):
    found = json.loads(cli.ok("lookup", "--from", NUMBER, "--verstat", "No-TN-Validation",
                              "--json", *at("proxy")))
    assert found["verified"] is False and found["reason"] is None


def test_an_intent_takes_a_code_with_its_text(cli, at, ids):
    text = cli.ok("intent", "add", "--from", NUMBER, "--to", "+12155551299", "--code", ids["code"],
                  "--text", "Your order", *at())
    assert "announced" in text


def test_what_the_registry_refuses_is_said_with_its_field(cli, at):
    text = cli.refused("business", "add", "--name", "", "--country", "US", *at(), status=1)
    assert "the registry answered 422" in text and "name" in text and "code " in text


def test_a_number_that_is_taken_is_a_conflict(cli, at, running, ids):
    tenant = running.post("/v1/tenants", {"name": "Another"}, key="operator")["id"]
    made = running.post("/v1/keys", {"tenant": tenant, "scopes": ["manage"]}, key="operator")
    key = cli.write("another.key", made["key"], 0o600)
    words = ("--registry", running.url("api"), "--key-file", key)
    business = cli.ok("business", "add", "--name", "B", "--country", "US", "--field", "id", *words)
    brand = cli.ok("brand", "add", "--business", business.strip(), "--name", "B", "--field", "id",
                   *words)
    text = cli.refused("number", "add", "--number", NUMBER, "--brand", brand.strip(), *words,
                       status=1)
    assert "409" in text and "number_taken" in text and ids["business"] not in text


def test_api_sends_a_body_from_a_file_or_standard_input(cli, at, ids):
    body = json.dumps({"from": NUMBER, "verification": {"verstat": "No-TN-Validation"}})
    path = cli.write("body.json", body)
    words = ("api", "POST", "/v1/lookups", "--json")
    from_file = json.loads(cli.ok(*words, path, *at("proxy")))
    assert from_file == json.loads(cli.ok(*words, "-", *at("proxy"), data=body))
    done = cli.run("api", "GET", "/v1/brands/brd_" + "a" * 26, *at())
    assert done.returncode == 1 and json.loads(done.stdout)["status"] == 404


def test_api_uploads_a_logo_and_a_certificate(cli, at, running):
    path = cli.write("logo.png", png(8))
    logo = json.loads(cli.ok("api", "POST", "/v1/logos", "--data", path, "--type", "image/png",
                             *at()))
    with open(path, "rb") as file:
        assert logo["logo"] == "sha256-" + hashlib.sha256(file.read()).hexdigest()
    pem = os.path.join(running.pki, "carrier.pem")
    made = json.loads(cli.ok("api", "POST", "/v1/certificates", "--data", pem, "--type",
                             "application/x-pem-file", *at("publish")))
    assert made["url"] == running.ids["x5u-carrier"]  # the same bytes, the same URL


def png(size):
    """A grey picture of size x size."""
    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data +
                struct.pack(">I", zlib.crc32(name + data)))
    rows = b"".join(b"\0" + b"\x80" * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@pytest.mark.parametrize("words", [
    ("POST", "/v1/logos", "--data", "/dev/null"), ("POST", "/v1/logos", "--type", "image/png"),
    ("GET", "/v1/logos", "--data", "/dev/null", "--type", "image/png"),
    ("POST", "/v1/logos", "--data", "/dev/null", "--type", "png"),
    ("POST", "/v1/logos", "--data", "/dev/null", "--type", "image/png\r\nX: y"),
    ("POST", "/v1/x", "--data", "/dev/null", "--type", "a/b", "--json", "/dev/null"),
    ("BREW", "/v1/x"), ("GET", "v1"), ("POST", "/v1/x", "--json", "/nowhere"),
])
def test_a_wrong_request_is_not_sent(cli, at, words):
    cli.refused("api", *words, *at())


def test_a_name_reads_as_it_was_written_whatever_its_language(cli, at):
    words = ("business", "add", "--name", "Söhne \u00d8re \u4e2d\u6587", "--country", "DE")
    assert "Söhne \u00d8re \u4e2d\u6587" in cli.ok(*words, *at())


def test_a_list_of_reasons_reads_as_a_sentence_and_columns_stand_in_line(cli, at, ids):
    lines = cli.ok("lookup", "--from", NUMBER, "--verstat", "TN-Validation-Passed", "--attest",
                   "A", *at("proxy")).splitlines()
    assert {line[17] for line in lines} == {" "} and all(line[18] != " " for line in lines)
    assert any(line.endswith("number bound to a brand; verification passed with attestation A")
               for line in lines)


def test_one_field_of_an_answer_is_named_by_its_path(cli, at, ids):
    words = ("lookup", "--from", NUMBER, "--verstat", "No-TN-Validation", "--field")
    assert cli.ok(*words, "brand.name", *at("proxy")) == "Florist\n"
    cli.refused(*words, "brand.nothing", *at("proxy"), status=1)
    cli.refused(*words, "number.x", *at("proxy"), status=1)


def test_a_number_without_country_code_is_not_bound(cli, at, ids):
    text = cli.refused("number", "add", "--number", "5550177", "--brand", ids["brand"], *at())
    assert "--number 5550177" in text and "country code" in text


# The key.

LOOKUP = ("api", "GET", "/v1/reason-codes")


def test_the_key_comes_from_the_environment_when_no_file_is_named(cli, running):
    url = running.url("api")
    key = running.read("manage.key").strip()
    done = cli.run(*LOOKUP, env={"ATTESTEL_KEY": key, "ATTESTEL_REGISTRY": url})
    assert done.returncode == 0
    assert cli.run(*LOOKUP, "--registry", url, env={"ATTESTEL_KEY": "ak_wrong"}).returncode == 1


def test_a_request_without_a_key_is_told_where_one_would_come_from(cli, running):
    words = ("--registry", running.url("api"))
    assert "--key-file" in cli.refused(*LOOKUP, *words, status=1)
    text = cli.refused("business", "add", "--name", "B", "--country", "US", *words, status=1)
    assert "--key-file" in text and "ATTESTEL_KEY" in text


def test_a_path_in_the_place_of_the_key_is_not_sent(cli, running):
    done = cli.run(*LOOKUP, "--registry", running.url("api"),
                   env={"ATTESTEL_KEY": running.path("manage.key")})
    assert done.returncode == 2
    assert b"--key-file takes a file" in done.stderr


def test_a_key_file_that_others_may_read_is_refused(cli, running):
    path = cli.write("open.key", running.read("manage.key"), 0o640)
    text = cli.refused(*LOOKUP, "--registry", running.url("api"), "--key-file", path)
    assert "0600" in text


@pytest.mark.parametrize("key", ["", "\n", "a b", "a\r\nX: y", "k" * 600, "\x1b[31m"])
def test_a_key_that_is_none_is_refused_and_not_shown(cli, key):
    path = cli.write("bad.key", key, 0o600)
    text = cli.refused(*LOOKUP, "--key-file", path)
    assert "a b" not in text and "X: y" not in text


# A registry that is not there, or badly.

def test_a_registry_that_is_not_there_is_said(cli, free_port):
    url = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    text = cli.refused("lookup", "--from", NUMBER, "--verstat", "No-TN-Validation", "--registry",
                       url, status=1)
    assert "the registry" in text


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "127.0.0.1", "", "http://u:p@127.0.0.1"])
def test_a_registry_url_that_is_none_is_refused(cli, url):
    assert ":p@" not in cli.refused(*LOOKUP, "--registry", url)


@pytest.fixture
def stranger():
    """stranger(answer): the URL of a server that answers so, whatever it is asked."""
    servers = []

    def start(answer):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve():
            try:
                connection = server.accept()[0]
                connection.recv(65536)
                connection.sendall(answer)
                connection.close()
            except OSError:
                return
        threading.Thread(target=serve, daemon=True).start()
        return "http://127.0.0.1:%d" % server.getsockname()[1]
    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("body", [b"", b"not JSON", b"[]", b"\xff", b"{", b"null"])
def test_an_answer_that_is_no_object_is_a_failure(cli, stranger, body):
    url = stranger(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    cli.refused("lookup", "--from", NUMBER, "--verstat", "No-TN-Validation", "--registry", url,
                status=1)


def test_an_answer_does_not_steer_the_terminal(cli, stranger):
    body = json.dumps({"name": "\x1b[31m\u009b\u202e", "\x1b[1m": {"a": "b"}}).encode()
    url = stranger(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    text = cli.ok("lookup", "--from", NUMBER, "--verstat", "No-TN-Validation", "--registry", url)
    assert not any(ord(c) < 32 and c != "\n" or ord(c) > 126 for c in text)


def test_a_refusal_does_not_steer_the_terminal(cli, stranger):
    body = json.dumps({"title": "\x1b[31m", "errors": [{"pointer": "\x07", "detail": 1}, 2]})
    url = stranger(b"HTTP/1.1 422 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body.encode()))
    text = cli.refused("lookup", "--from", NUMBER, "--verstat", "x", "--registry", url, status=1)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
