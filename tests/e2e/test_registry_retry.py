# SPDX-License-Identifier: Apache-2.0
"""Idempotency-Key on POSTs that change nothing: what a retry gets, and that it neither uses a
single-use intent twice nor loses it."""
import concurrent.futures
import itertools
import json

import pytest

import pg_cluster
from registry_kit import CALLER, NOT_VERIFIED, PASSED_A, Registry, engines
from stir_kit import CALLED, MINE, SIGNING, VERIFICATION, begin, signing, verification

NAMES = (f"retry-{n}" for n in itertools.count())
NUMBERS = (f"+1215556{n}" for n in itertools.count(1000))


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(directory, "postgres", cluster)
    else:
        yield from run(directory, "sqlite")


def run(directory, engine, cluster=None):
    """world.two is a second process on the same database."""
    one = Registry(engine, directory / "one", cluster)
    one.add_key("carrier", "carrier")
    one.add_key("carrier", "carrier-b", "other carrier")
    one.two = Registry(engine, directory / "two", cluster, beside=one)
    one.start()
    one.mine = one.enrol()
    # of a number that was reported every process asks the database, so that none is behind
    receipt = one.post("/v1/lookups", call("+12155550001"), "carrier", 200)["receipt"]
    one.post("/v1/reports", {"receipt": receipt, "label": "wanted"}, "carrier")
    one.two.start()
    try:
        yield one
    finally:
        for process in (one.two, one):
            assert process.stop() == 0, process.log()
            assert "level=error" not in process.log()


def ask(process, path, body, idempotency, key="carrier"):
    return process.request("POST", path, body, key, {"Idempotency-Key": idempotency})


def announce(world):
    """The number called and the intent."""
    to = next(NUMBERS)
    body = {"from": CALLER, "to": to, "code": "appointment", "text": "On Tuesday"}
    return to, world.post("/v1/intents", body, world.mine["owner"])["id"]


def call(to, verified=PASSED_A, **more):
    return {"from": CALLER, "to": to, "verification": verified, **more}


def intent(world, name):
    return world.get(f"/v1/intents/{name}", world.mine["owner"])


PLAIN = {
    "/v1/lookups": ({"from": CALLER, "verification": PASSED_A},
                    {"from": CALLER, "verification": NOT_VERIFIED}),
    "/v1/attestations": ({"from": CALLER, "customer": "biz_" + "a" * 26},
                         {"from": "+12155559998", "customer": "biz_" + "a" * 26}),
    "/v1/tokens": ({"ttl_s": 60}, {"ttl_s": 61}),
    "/v1/number-status": ({"number": CALLER}, {"number": "+1 215 555 1212"}),
}


@pytest.mark.parametrize("path", PLAIN)
def test_a_retry_gets_the_first_answer_and_another_body_is_a_mismatch(world, path):
    body, other = PLAIN[path]
    key = world.mine["owner"] if path == "/v1/number-status" else "carrier"
    name = next(NAMES)
    first = ask(world, path, body, name, key)
    assert first.status in (200, 201) and "idempotent-replayed" not in first.headers
    second = ask(world, path, body, name, key)
    assert (second.status, second.body) == (first.status, first.body)
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    refused = ask(world, path, other, name, key)
    assert (refused.status, refused["code"]) == (409, "idempotency_mismatch")
    assert "idempotent-replayed" not in ask(world, path, other, next(NAMES), key).headers


def test_without_the_key_every_look_up_is_a_new_one(world):
    body = PLAIN["/v1/lookups"][0]
    one, two = (world.post("/v1/lookups", body, "carrier", 200) for _ in range(2))
    assert one["receipt"] != two["receipt"]


def test_a_key_that_is_none_is_refused_and_not_ignored(world):
    for bad in ("", "x" * 65, "a b"):
        refused = ask(world, "/v1/lookups", PLAIN["/v1/lookups"][0], bad)
        assert (refused.status, refused["code"]) == (400, "idempotency_key_invalid")


def test_another_caller_or_a_token_that_may_less_gets_nothing_of_the_first_answer(world):
    name, (body, _) = next(NAMES), PLAIN["/v1/tokens"]
    first = ask(world, "/v1/tokens", body, name)
    narrow = world.post("/v1/tokens", {"permissions": ["lookup"]}, "carrier")["token"]
    for key in ("other carrier", narrow):
        other = ask(world, "/v1/tokens", body, name, key)
        assert other.status == 201 and "idempotent-replayed" not in other.headers
        assert other["token"] != first["token"]
    assert ask(world, "/v1/tokens", body, name, narrow)["permissions"] == ["lookup"]


def test_a_refused_request_does_not_use_its_key_up(world):
    name = next(NAMES)
    assert ask(world, "/v1/lookups", {"from": "x"}, name).status == 422
    assert ask(world, "/v1/lookups", PLAIN["/v1/lookups"][0], name).status == 200


def test_a_retry_has_the_intent_that_the_first_try_took_and_uses_no_second(world):
    """The answer of the first try was lost: the same process has it, another finds the intent."""
    to, first = announce(world)
    name = next(NAMES)
    shown = ask(world, "/v1/lookups", call(to), name)
    assert shown["reason"]["intent"] == first
    second = world.post("/v1/intents", {"from": CALLER, "to": to, "code": "appointment",
                                        "text": "On Friday"}, world.mine["owner"])["id"]
    assert ask(world, "/v1/lookups", call(to), name).body == shown.body
    elsewhere = ask(world.two, "/v1/lookups", call(to), name)
    assert elsewhere["reason"]["intent"] == first
    assert intent(world, second)["state"] == "announced"
    # the next call is another one
    assert ask(world, "/v1/lookups", call(to), next(NAMES))["reason"]["intent"] == second
    assert ask(world, "/v1/lookups", call(to), next(NAMES))["reason"] is None


def test_a_retry_after_a_crash_finds_the_intent_again(world, tmp_path):
    third = Registry(world.engine, tmp_path, world.cluster, beside=world).start()
    to, first = announce(world)
    name = next(NAMES)
    assert ask(third, "/v1/lookups", call(to), name)["reason"]["intent"] == first
    third.stop(9)
    third.start()
    again = ask(third, "/v1/lookups", call(to), name)
    assert again["reason"]["intent"] == first and "idempotent-replayed" not in again.headers
    assert third.stop() == 0


def test_the_key_of_one_carrier_is_no_key_of_another(world):
    """Who guesses a name does not see the reason of somebody else's call."""
    to, first = announce(world)
    name = next(NAMES)
    assert ask(world, "/v1/lookups", call(to), name)["reason"]["intent"] == first
    assert ask(world, "/v1/lookups", call(to), name, "other carrier")["reason"] is None
    assert ask(world.two, "/v1/lookups", call(to), name, "other carrier")["reason"] is None


def test_a_retry_counts_no_second_mismatch(world):
    to, first = announce(world)
    name = next(NAMES)
    for _ in range(3):
        assert ask(world, "/v1/lookups", call(to, NOT_VERIFIED), name).status == 200
    assert intent(world, first)["mismatches"] == 1


def test_twenty_at_once_in_two_processes_use_one_intent(world):
    to, first = announce(world)
    name = next(NAMES)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(
            lambda n: ask((world, world.two)[n % 2], "/v1/lookups", call(to), name), range(20)))
    shown = [reply for reply in replies if reply.status == 200]
    assert shown and {reply["reason"]["intent"] for reply in shown} == {first}
    assert {reply["code"] for reply in replies if reply.status != 200} <= {"in_progress"}


def test_no_answer_that_is_kept_in_memory_is_written_to_the_database_or_the_log(world):
    name = next(NAMES)
    token = ask(world, "/v1/tokens", {"ttl_s": 60}, name)["token"]
    assert ask(world, "/v1/tokens", {"ttl_s": 60}, name)["token"] == token
    receipt = ask(world, "/v1/lookups", PLAIN["/v1/lookups"][0], next(NAMES))["receipt"]
    for secret in (token, receipt):
        assert secret.encode() not in world.held()
        assert secret not in world.log()


# the STIR doors

@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    yield from begin("sqlite", tmp_path_factory)


def test_a_retry_of_signing_gets_the_same_passport_for_the_same_customer(doors):
    name, body = next(NAMES), signing()
    first = ask(doors.signer, SIGNING, body, name)
    assert first.status == 200
    second = ask(doors.signer, SIGNING, body, name)
    assert second.body == first.body and second.headers["idempotent-replayed"] == "true"
    refused = ask(doors.signer, SIGNING, signing(dest=("12155551000",)), name)
    assert refused.status == 409
    assert refused["requestError"]["policyException"]["messageId"] == "POL4090"
    other = doors.signer.request("POST", SIGNING, body, "carrier", {
        "Idempotency-Key": name, "Attestel-Customer": doors.signer.mine["business"]})
    assert other.status == 409


def test_a_retry_of_verification_is_no_replay_of_the_call(doors):
    identity = ask(doors.signer, SIGNING, signing(), next(NAMES))["signingResponse"]["identity"]
    name, body = next(NAMES), verification(identity)
    answers = [ask(doors.verifier, VERIFICATION, body, name) for _ in range(3)]
    assert {answer["verificationResponse"]["verstat"] for answer in answers} == \
        {"TN-Validation-Passed"}
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == \
        [None, "true", "true"]
    # without the key, or with another, it is one
    seen = ask(doors.verifier, VERIFICATION, body, next(NAMES))["verificationResponse"]
    assert seen["reasonCode"] == "438"
    assert {MINE, CALLED}.isdisjoint(doors.verifier.log().split())


def test_who_hung_up_before_the_verdict_gets_it_by_a_retry(doors):
    """The connection is cut as soon as the request is sent; whatever the door had done by then, the
    retry is told the verdict of the first try, or is the first."""
    for _ in range(20):
        made = ask(doors.signer, SIGNING, signing(), next(NAMES))
        name = next(NAMES)
        body = verification(made["signingResponse"]["identity"])
        cut(doors.verifier, VERIFICATION, body, name)
        while (answer := ask(doors.verifier, VERIFICATION, body, name)).status == 409:
            assert "POL4090" in answer.body.decode()
        assert answer["verificationResponse"] == {"verstat": "TN-Validation-Passed"}


def cut(registry, path, body, idempotency):
    """Sends a request and closes without reading."""
    connection = registry.connect()
    connection.request("POST", path, json.dumps(body), {
        "Content-Type": "application/json", "Idempotency-Key": idempotency,
        "Authorization": "Bearer " + registry.keys["carrier"]})
    connection.close()
