# SPDX-License-Identifier: Apache-2.0
"""The REST doors of ATIS-1000082."""
import concurrent.futures
import http.client
import json
import re
import socket
import threading
import time

import pytest

import test_pkcs11
from registry_kit import NOT_VERIFIED, engines
from stir_kit import (CALLED, MINE, SIGNING, THEIRS, VERIFICATION, StirRegistry, attestel, begin,
                      fault, signing, verification)


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    yield from begin(request.param, tmp_path_factory)


def sign(world, headers=None, status=200, **more):
    answer = world.signer.request("POST", SIGNING, signing(**more), "carrier", headers)
    assert answer.status == status, answer
    return answer


def identity_of(world, **more):
    return sign(world, **more)["signingResponse"]["identity"]


def verify(world, identity, **more):
    answer = world.verifier.request("POST", VERIFICATION, verification(identity, **more),
                                    "carrier")
    assert answer.status == 200, answer
    return answer["verificationResponse"]


def test_rs1_rs2_what_one_registry_signs_another_verifies_by_its_public_door(world):
    identity = identity_of(world)
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+;info=<" + re.escape(world.signer.x5u) +
                        r">;alg=ES256;ppt=shaken", identity)
    assert verify(world, identity) == {"verstat": "TN-Validation-Passed"}


def test_several_called_numbers_are_signed_and_any_of_them_is_the_called_one(world):
    identity = identity_of(world, dest=("12155551001", "12155551002"))
    assert verify(world, identity, called=("12155559999", "12155551002")) == \
        {"verstat": "TN-Validation-Passed"}
    identity = identity_of(world, dest=("12155551003",))
    wrong = verify(world, identity, called=("12155559999", "12155559998"))
    assert (wrong["verstat"], wrong["reasonCode"]) == ("No-TN-Validation", "438")


def test_numbers_are_made_canonical_at_both_doors(world):
    identity = identity_of(world, orig="+1 (215) 555-0100", dest=("+1-215-555-1299",))
    assert verify(world, identity, caller="+" + MINE) == {"verstat": "TN-Validation-Passed"}


def test_the_same_call_twice_is_a_replay(world):
    identity = identity_of(world)
    assert verify(world, identity)["verstat"] == "TN-Validation-Passed"
    again = verify(world, identity)
    assert again["verstat"] != "TN-Validation-Passed" and again["reasonCode"] == "438"


@pytest.mark.parametrize("customer,orig,attest,given", [
    (None, MINE, "A", "A"), (None, MINE, "B", "A"), (None, MINE, "C", "A"),
    (None, THEIRS, "A", "C"), (None, THEIRS, "B", "C"), (None, THEIRS, "C", "C"),
    (None, "12155557777", "B", "C"), ("theirs", THEIRS, "A", "A"), ("theirs", MINE, "A", "B"),
    ("theirs", MINE, "B", "B"), ("theirs", "12155557777", "A", "B"),
    ("biz_unknown", MINE, "A", "C"), ("biz_unknown", THEIRS, "B", "C"),
    ("biz_unknown", THEIRS, "C", "C")])
def test_no_more_is_signed_than_the_attestation_rule_gives(world, customer, orig, attest, given):
    headers = {}
    if customer is not None:
        headers["Attestel-Customer"] = world.signer.theirs["business"] if customer == "theirs" \
            else customer
    allowed = attest >= given
    answer = sign(world, headers, 200 if allowed else 403, orig=orig, attest=attest)
    if not allowed:
        assert fault(answer) == (403, "POL4030", [])
        text = answer["requestError"]["policyException"]["text"]
        assert text.startswith(f"Attestation {attest} is not given, at most {given}: "), text


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("body,headers,key,expected", [
    (b"", JSON, "carrier", (400, "SVC4000")),
    (b"{", JSON, "carrier", (400, "SVC4006")),
    (b'{"a":1,"a":2}', JSON, "carrier", (400, "SVC4006")),
    (b"\xff", JSON, "carrier", (400, "SVC4006")),
    (b"[]", JSON, "carrier", (400, "SVC4005")),
    (b"[" * 20 + b"]" * 20, JSON, "carrier", (400, "SVC4006")),
    (b"{}", {}, "carrier", (415, "SVC4004")),
    (b"{}", {"Content-Type": "text/plain"}, "carrier", (415, "SVC4004")),
    (b"{}", {**JSON, "Accept": "text/html"}, "carrier", (406, "SVC4002")),
    (b"{}", {**JSON, "Accept": "application/json;q=0"}, "carrier", (406, "SVC4002")),
    (b"{}", {**JSON, "Accept": "text/html, */*;q=0.1"}, "carrier", (400, "SVC4001")),
    (b"{}", {**JSON, "Accept": "application/*"}, "carrier", (400, "SVC4001")),
    (b"{}", JSON, None, (401, "POL4010")),
    (b"{}", JSON, "ak_" + "a" * 26, (401, "POL4010")),
    (b"{}", JSON, "auditor", (403, "POL4030")),
    (b"x" * 300000, JSON, "carrier", (413, "POL4130"))])
def test_rs4_every_refusal_has_the_shape_of_atis_1000082(world, body, headers, key, expected):
    for registry, path in ((world.signer, SIGNING), (world.verifier, VERIFICATION)):
        answer = registry.request("POST", path, body, key, headers)
        assert fault(answer)[:2] == expected, answer


@pytest.mark.parametrize("method,path,expected", [
    ("GET", SIGNING, (405, "POL4050")), ("PUT", VERIFICATION, (405, "POL4050")),
    ("POST", "/stir/v1/nothing", (404, "SVC4003")), ("GET", "/stir/v2", (404, "SVC4003"))])
def test_rs4_wrong_methods_and_resources(world, method, path, expected):
    answer = world.signer.request(method, path, None, "carrier", check=False)
    assert fault(answer)[:2] == expected


def test_rs4_a_body_without_a_length_is_411(world):
    with socket.create_connection(("127.0.0.1", world.signer.port), 10) as peer:
        peer.sendall(f"POST {SIGNING} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: "
                     f"Bearer {world.signer.keys['carrier']}\r\nContent-Type: application/json"
                     "\r\n\r\n".encode())
        answer = b"".join(iter(lambda: peer.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 411 ") and b'"messageId":"SVC4007"' in answer


def test_rs4_a_query_is_refused(world):
    answer = world.signer.request("POST", SIGNING + "?x=1", signing(), "carrier", check=False)
    assert fault(answer) == (400, "SVC4005", ["query"])


def test_rs3_the_requests_id_comes_back_and_the_instance_is_told(world):
    named = sign(world, {"X-RequestID": "abc-1"})
    assert named.headers["x-requestid"] == "abc-1"
    unnamed, odd = sign(world), sign(world, {"X-RequestID": "a b"})
    assert unnamed.headers["x-requestid"].startswith("req_")
    assert odd.headers["x-requestid"].startswith("req_")
    refused = world.signer.request("POST", SIGNING, {}, None, {"X-RequestID": "abc-2"},
                                   check=False)
    assert refused.headers["x-requestid"] == "abc-2"
    instance = named.headers["x-instanceid"]
    assert refused.headers["x-instanceid"] == instance
    other = world.verifier.request("POST", VERIFICATION, verification("x"), "carrier")
    assert other.headers["x-instanceid"] != instance
    assert "x-requestid" not in world.signer.get("/v1/self", "carrier").headers
    assert sign(world).headers["content-type"] == "application/json"


def test_a_door_that_is_not_configured_says_so_in_its_own_shape(world):
    answer = world.verifier.request("POST", SIGNING, signing(), "carrier")
    assert fault(answer) == (501, "POL5010", [])


# The same brain: each is asked of the door and of `attestel passport verify`.
def tampered(identity):
    head, payload, rest = identity.split(".", 2)
    letter = "A" if rest[10] != "A" else "B"
    return f"{head}.{payload}.{rest[:10]}{letter}{rest[11:]}"


def make_cases(world):
    """name → (identity, from, to, time, certificate file behind its URL or None)."""
    pki, now = world.signer.pki, int(time.time())
    urls = {name: world.publish(path) for name, path in (
        ("carrier", pki / "carrier.pem"), ("delegate", pki / "delegate.pem"),
        ("stranger", pki.stranger / "carrier.pem"))}
    files = {"carrier": pki / "carrier", "delegate": pki / "delegate",
             "stranger": pki.stranger / "carrier"}

    def signed(who="carrier", *more, caller=MINE, iat=now, attest="A", url=None):
        kind = ["--attest", attest] if attest else []
        return attestel("passport", "sign", "--key", f"{files[who]}.key", "--cert",
                        f"{files[who]}.pem", "--x5u", url or urls[who], "--from", caller, "--to",
                        CALLED, "--iat", iat, *kind, *more).stdout.strip()

    good = ["--any-number"]
    nowhere = f"https://127.0.0.1:{world.signer.public_port}/certificates/{'0' * 64}.pem"
    return urls, files, {
        "good": (signed("carrier", *good), MINE, CALLED, now),
        "delegate": (signed("delegate"), MINE, CALLED, now),
        "base": (signed("carrier", *good, attest=None), MINE, CALLED, now),
        "other caller": (signed("carrier", *good), "12155550101", CALLED, now),
        "other called": (signed("carrier", *good), MINE, "12155551298", now),
        "stale iat": (signed("carrier", *good, iat=now - 61), MINE, CALLED, now),
        "old but fresh": (signed("carrier", *good, iat=now - 50), MINE, CALLED, now),
        "future iat": (signed("carrier", *good, iat=now + 90), MINE, CALLED, now),
        "stale time": (signed("carrier", *good), MINE, CALLED, now - 3600),
        "bad signature": (tampered(signed("carrier", *good)), MINE, CALLED, now),
        "stranger": (signed("stranger", *good), MINE, CALLED, now),
        "no such certificate": (signed("carrier", *good, url=nowhere), MINE, CALLED, now),
        "outside the delegate's numbers":
            (signed("carrier", *good, caller="12155559000").replace(
                urls["carrier"], urls["delegate"]), "12155559000", CALLED, now),
        "no info": (signed("carrier", *good).split(";")[0], MINE, CALLED, now),
        "wrong alg": (signed("carrier", *good).replace("ES256", "RS256"), MINE, CALLED, now),
        "wrong ppt": (signed("carrier", *good).replace("ppt=shaken", "ppt=div"), MINE, CALLED,
                      now),
        "unknown ppt": (signed("carrier", *good).replace("ppt=shaken", "ppt=xyz"), MINE, CALLED,
                        now),
        "not a token": ("garbage", MINE, CALLED, now),
        "http": (signed("carrier", *good).replace("https:", "http:"), MINE, CALLED, now),
        "two, one good": (tampered(signed("carrier", *good)) + ", " +
                          signed("carrier", *good, attest="C"), MINE, CALLED, now),
    }


def test_the_verification_door_and_attestel_verify_have_the_same_brain(world):
    urls, files, cases = make_cases(world)
    certificates = [word for name, url in urls.items()
                    for word in ("--cert", f"{url}={files[name]}.pem")]
    verstats = set()
    for name, (identity, caller, called, at) in cases.items():
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(at))
        said = json.loads(attestel(
            "passport", "verify", "--json", "--from", caller, "--to", called, "--date", date,
            "--accept-spc", "--anchor", world.signer.pki / "root.pem", *certificates,
            text=identity, check=False).stdout)
        heard = verify(world, identity, caller=caller, called=(called,), at=at)
        assert heard["verstat"] == said["verstat"], (name, heard, said)
        assert heard.get("reasonCode", "0") == str(said["code"]), (name, heard, said)
        assert ("reasonText" in heard) == ("reasonDesc" in heard) == (said["code"] != 0), name
        verstats.add((heard["verstat"], heard.get("reasonCode")))
    assert len(verstats) >= 6, verstats


def test_a_certificate_that_does_not_come_costs_its_own_call_only(world):
    silent = f"https://127.0.0.1:{world.silent_port}/c.pem"
    pki = world.signer.pki
    identities = [attestel("passport", "sign", "--key", pki / "carrier.key", "--cert",
                           pki / "carrier.pem", "--x5u", f"{silent}{i}", "--from", MINE, "--to",
                           CALLED, "--attest", "A", "--any-number").stdout.strip()
                  for i in range(4)]
    slow, took = [], []

    def ask(identity):
        start = time.monotonic()
        slow.append(verify(world, identity))
        took.append(time.monotonic() - start)

    threads = [threading.Thread(target=ask, args=(identity,)) for identity in identities * 8]
    for thread in threads:
        thread.start()
    quick = []
    while any(thread.is_alive() for thread in threads):
        start = time.monotonic()
        world.verifier.post("/v1/lookups", {"from": "+12155550001",
                                            "verification": NOT_VERIFIED}, "carrier", 200)
        quick.append(time.monotonic() - start)
    assert len(slow) == 32 and len(quick) > 5
    assert all((answer["verstat"], answer["reasonCode"]) == ("No-TN-Validation", "436")
               for answer in slow), slow[0]
    assert max(took) < 3, took
    assert sorted(quick)[int(len(quick) * 0.9)] < 0.25, quick


def test_clients_that_go_away_while_they_wait_leave_nothing_behind(world):
    pki = world.signer.pki
    identity = attestel("passport", "sign", "--key", pki / "carrier.key", "--cert",
                        pki / "carrier.pem", "--x5u",
                        f"https://127.0.0.1:{world.silent_port}/gone.pem", "--from", MINE,
                        "--to", CALLED, "--attest", "A", "--any-number").stdout.strip()
    body = json.dumps(verification(identity)).encode()
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", world.verifier.port), 10) as peer:
            peer.sendall(f"POST {VERIFICATION} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                         f"{world.verifier.keys['carrier']}\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert verify(world, identity_of(world))["verstat"] == "TN-Validation-Passed"


def test_ending_does_not_wait_for_a_verification(world, tmp_path):
    registry = StirRegistry("sqlite", tmp_path / "ending", world.signer.pki)
    registry.add_key("carrier", "carrier-co", "carrier")
    pki = world.signer.pki

    def ask(identity):
        try:
            registry.request("POST", VERIFICATION, verification(identity), "carrier", check=False)
        except (OSError, http.client.HTTPException):
            pass  # its connection was closed

    with socket.create_server(("127.0.0.1", 0)) as silent, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        port = silent.getsockname()[1]
        registry.own = "drain_timeout = 0s\n"
        registry.verify_with(port, wait="5s")
        registry.start()
        identity = attestel("passport", "sign", "--key", pki / "carrier.key", "--cert",
                            pki / "carrier.pem", "--x5u", f"https://127.0.0.1:{port}/x.pem",
                            "--from", MINE, "--to", CALLED, "--attest", "A",
                            "--any-number").stdout.strip()
        for _ in range(8):
            pool.submit(ask, identity)
        silent.settimeout(10)
        silent.accept()[0].close()  # one is under way
        start = time.monotonic()
        assert registry.stop() == 0, registry.log()
        assert time.monotonic() - start < 3


@test_pkcs11.needs_softhsm
def test_the_signing_key_may_stand_in_a_token(world, tmp_path, monkeypatch):
    token = test_pkcs11.Token(str(tmp_path))
    for name, value in token.env.items():
        monkeypatch.setenv(name, value)
    pki, pin = world.signer.pki, tmp_path / "pin"
    pin.touch(0o600)
    pin.write_text(test_pkcs11.PIN + "\n")
    name = f"token-{world.signer.engine}"
    attestel("pki", "issue", pki.folder, name, "--type", "shaken", "--spc", "1234", "--public-key",
             token.public_key(str(tmp_path / "public.pem")))
    registry = StirRegistry("sqlite", tmp_path / "registry", pki)
    registry.add_key("carrier", "carrier-co", "carrier")
    registry.more = f"""[stir]
certificate_file = {pki / (name + ".pem")}
key_uri = {test_pkcs11.uri()}
pin_file = {pin}
token_timeout = 2s
x5u = {world.publish(pki / (name + ".pem"))}
any_number = yes
"""
    registry.write_conf()
    registry.start()
    answer = registry.request("POST", SIGNING, signing(attest="C"), "carrier")
    assert answer.status == 200, answer
    assert verify(world, answer["signingResponse"]["identity"]) == \
        {"verstat": "TN-Validation-Passed"}
    assert registry.stop() == 0, registry.log()
    assert test_pkcs11.PIN not in registry.log()


@pytest.mark.parametrize("lines,says", [
    ("key_file = /k\nx5u = https://a.example/c.pem", "certificate_file"),
    ("anchors = /nowhere.pem\nwait = 10s", "wait"), ("crls = /c.pem", "crls"),
    ("x5u = https://a.example/c.pem\nkey_file = /k\nkey_uri = pkcs11:x", "key_uri")])
def test_options_that_do_not_fit_together_are_refused(world, tmp_path, lines, says):
    registry = StirRegistry("sqlite", tmp_path / "refused", world.signer.pki)
    registry.more = f"[stir]\n{lines}\n"
    registry.write_conf()
    done = registry.run("--check-config", check=False)
    assert done.returncode == 2 and "[stir]" in done.stderr and says in done.stderr, done


@pytest.mark.parametrize("lines,says", [
    ("anchors = {pki}/nowhere.pem", "nowhere.pem"), ("anchors = {pki}/carrier.key", "carrier.key"),
    ("certificate_file = {pki}/carrier.pem\nkey_file = {pki}/delegate.key\n"
     "x5u = https://a.example/c.pem", "key"),
    ("certificate_file = {pki}/carrier.pem\nkey_file = {pki}/carrier.key\n"
     "x5u = http://a.example/c.pem", "x5u")])
def test_what_cannot_be_used_ends_the_start_with_its_name(world, tmp_path, lines, says):
    registry = StirRegistry("sqlite", tmp_path / "ended", world.signer.pki)
    registry.more = f"[stir]\n{lines.format(pki=world.signer.pki.folder)}\n"
    registry.write_conf()
    done = registry.run(check=False)
    assert done.returncode == 1 and "[stir]" in done.stderr and says in done.stderr, done
    assert "PRIVATE" not in done.stderr


def test_no_number_and_no_token_is_written_to_the_log(world):
    identity = identity_of(world)
    verify(world, identity)
    for registry in (world.signer, world.verifier):
        assert MINE not in registry.log() and identity[:40] not in registry.log()
