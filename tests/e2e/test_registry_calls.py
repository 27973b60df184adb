# SPDX-License-Identifier: Apache-2.0
"""Announced calls and look-ups, on both engines."""
import concurrent.futures
import time

import pytest

import pg_cluster
from registry_kit import CALLEE, CALLER, NOT_VERIFIED, PASSED_A, Registry, engines

PASSED_B = {"verstat": "TN-Validation-Passed", "attest": "B"}
FAILED = {"verstat": "TN-Validation-Failed"}


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    """A registry with one enrolled business, a second tenant and a carrier's key."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    registry.add_key("carrier", "carrier")
    registry.add_key("app", "app-vendor")
    registry.start()
    registry.mine = registry.enrol()
    registry.theirs = registry.enrol("Other Shop", "+12155559999", "other")
    yield registry
    assert registry.stop() == 0, registry.log()
    assert '"level":"error"' not in registry.log() and "level=error" not in registry.log()


NUMBERS = iter(range(1000, 10000))


@pytest.fixture
def callee():
    """A number that no other test calls."""
    return f"+1215556{next(NUMBERS)}"


def announce(world, to, status=201, key=None, **more):
    body = {"from": CALLER, "to": to, "code": "appointment", "text": "On Tuesday at nine", **more}
    return world.post("/v1/intents", body, key or world.mine["owner"], status)


def look_up(world, to=None, verification=None, key="carrier", **more):
    body = {"from": CALLER, "verification": verification or PASSED_A, **more}
    if to is not None:
        body["to"] = to
    return world.post("/v1/lookups", body, key, 200)


def state(world, intent):
    return world.get(f"/v1/intents/{intent}", world.mine["owner"])["state"]


def test_a_verified_call_shows_brand_and_reason(world, callee):
    intent = announce(world, callee)["id"]
    answer = look_up(world, callee, call_id="a-1")
    assert answer["verified"] and answer["brand"]["name"] == "Example Dental"
    assert answer["reason"] == {"code": "appointment", "text": "On Tuesday at nine", "lang": "en",
                                "intent": intent}
    assert answer["claimed"] is None and answer["cache_s"] == 0 and not answer["partial"]
    assert state(world, intent) == "matched"


def test_an_intent_is_used_once_and_its_call_sees_it_again(world, callee):
    announce(world, callee)
    first = look_up(world, callee, call_id="b-1")
    again = look_up(world, callee, call_id="b-1")
    other = look_up(world, callee, call_id="b-2")
    assert first["reason"]["intent"] == again["reason"]["intent"]
    assert other["reason"] is None and other["brand"] is not None


@pytest.mark.parametrize("verification,claimed", [
    (PASSED_B, True), (NOT_VERIFIED, True), (FAILED, False)], ids=["B", "none", "failed"])
def test_a_call_that_proved_nothing_shows_no_brand_and_uses_nothing_up(
        world, callee, verification, claimed):
    intent = announce(world, callee)["id"]
    answer = look_up(world, callee, verification, call_id="c-1")
    assert not answer["verified"] and answer["brand"] is None and answer["reason"] is None
    assert answer["claimed"] == ({"name": "Example Dental"} if claimed else None)
    seen = world.get(f"/v1/intents/{intent}", world.mine["owner"])
    assert seen["state"] == "announced" and seen["mismatches"] == 1
    assert look_up(world, callee, call_id="c-2")["reason"]["intent"] == intent


@pytest.mark.parametrize("verification", [
    {"verstat": "No-TN-Validation", "oob": True},
    {"verstat": "TN-Validation-Passed", "delegate": True}], ids=["oob", "delegate"])
def test_out_of_band_and_delegate_certificates_verify_too(world, callee, verification):
    intent = announce(world, callee)["id"]
    assert look_up(world, callee, verification)["reason"]["intent"] == intent


def test_one_of_a_hundred_parallel_matches_wins(world, callee):
    intent = announce(world, callee)["id"]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(
            lambda i: look_up(world, callee, call_id=f"race-{i}")["reason"], range(100)))
    assert [a["intent"] for a in answers if a] == [intent]


def test_one_call_that_comes_twice_at_once_takes_one_intent(world, callee):
    ids = {announce(world, callee)["id"], announce(world, callee)["id"]}
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(
            lambda _: look_up(world, callee, call_id="one")["reason"]["intent"], range(30)))
    assert len(set(answers)) == 1
    left = ids - set(answers)
    assert [state(world, i) for i in left] == ["announced"]


def test_a_lookup_that_does_not_consume_leaves_the_intent(world, callee):
    intent = announce(world, callee)["id"]
    assert look_up(world, callee, consume=False)["reason"]["intent"] == intent
    assert state(world, intent) == "announced"


def test_a_cancelled_intent_is_not_matched_and_a_matched_one_not_cancelled(world, callee):
    owner = world.mine["owner"]
    intent = announce(world, callee)["id"]
    assert world.request("DELETE", f"/v1/intents/{intent}", key=owner).status == 204
    assert look_up(world, callee)["reason"] is None
    intent = announce(world, callee)["id"]
    look_up(world, callee)
    answer = world.request("DELETE", f"/v1/intents/{intent}", key=owner)
    assert answer.status == 409 and answer["code"] == "intent_used"


def test_an_intent_of_a_number_that_is_not_ours_is_not_found(world, callee):
    answer = announce(world, callee, 404, key=world.theirs["owner"])
    assert answer["errors"][0]["pointer"] == "/from"


def test_a_batch_is_announced_whole_or_not_at_all(world, callee):
    one = {"from": CALLER, "to": callee, "code": "delivery", "text": "At your door"}
    owner = world.mine["owner"]
    assert len(world.post("/v1/intents/batch", {"items": [one] * 100}, owner).json["items"]) == 100
    bad = dict(one, **{"from": "+12155550000"})
    answer = world.post("/v1/intents/batch", {"items": [one, bad]}, owner, 404)
    assert answer["errors"][0]["pointer"] == "/items/1/from"
    assert world.post("/v1/intents/batch", {"items": [one] * 101}, owner, 422)
    assert world.post("/v1/intents/batch", {"items": []}, owner, 422)


def test_two_brands_announcing_one_pair_drop_both(world, callee):
    owner = world.mine["owner"]
    first = announce(world, callee)["id"]
    brand = world.post("/v1/brands", {"business": world.mine["business"], "name": "Second Name"},
                       owner)["id"]
    binding = world.get(f"/v1/bindings/{world.mine['binding']}", owner)
    path = f"/v1/bindings/{binding['id']}"
    changed = world.request("PATCH", path, {"brand": brand}, owner,
                            {"If-Match": binding.headers["etag"]})
    assert changed.status == 200, changed
    assert announce(world, callee)["state"] == "conflict"
    assert state(world, first) == "conflict"
    assert look_up(world, callee)["reason"] is None
    back = world.request("PATCH", path, {"brand": world.mine["brand"]}, owner,
                         {"If-Match": changed.headers["etag"]})
    assert back.status == 200


def test_a_strict_number_shows_its_brand_for_announced_calls_only(world, callee):
    owner, number = world.mine["owner"], "+12155551300"
    world.post("/v1/numbers", {"number": number, "brand": world.mine["brand"], "strict": True},
               owner)
    body = {"from": number, "to": callee, "verification": PASSED_A}
    assert world.post("/v1/lookups", body, "carrier", 200)["brand"] is None
    world.post("/v1/intents", {"from": number, "to": callee, "code": "billing", "text": "A bill"},
               owner)
    assert world.post("/v1/lookups", body, "carrier", 200)["brand"] is not None


def test_outcomes_go_forward_and_belong_to_who_was_shown_the_intent(world, callee):
    intent = announce(world, callee)["id"]
    receipt = look_up(world, callee)["receipt"]
    for outcome, status, then in (("displayed", 204, "displayed"), ("answered", 204, "answered"),
                                  ("displayed", 204, "answered")):
        world.post("/v1/outcomes", {"receipt": receipt, "outcome": outcome}, "carrier", status)
        assert state(world, intent) == then
    world.post("/v1/outcomes", {"receipt": receipt, "outcome": "answered"}, "app", 422)
    forged = receipt[:-1] + ("0" if receipt[-1] != "0" else "1")
    world.post("/v1/outcomes", {"receipt": forged, "outcome": "answered"}, "carrier", 422)
    without = look_up(world, callee)["receipt"]
    world.post("/v1/outcomes", {"receipt": without, "outcome": "answered"}, "carrier", 422)


def test_a_device_sees_calls_to_its_own_number_only(world, callee):
    device = world.post("/v1/devices", {"number": callee}, "app")
    announce(world, callee)
    assert look_up(world, callee, key=device["key"])["reason"] is not None
    body = {"from": CALLER, "to": CALLEE, "verification": PASSED_A}
    assert world.post("/v1/lookups", body, device["key"], 403)["code"] == "permission_missing"
    assert world.request("DELETE", f"/v1/devices/{device['id']}", key="app").status == 204
    assert world.post("/v1/lookups", dict(body, to=callee), device["key"], 401)


def test_an_intent_begins_and_ends_by_the_clock(world, callee):
    later = announce(world, callee, not_before_s=3600)["id"]
    assert look_up(world, callee)["reason"] is None
    assert state(world, later) == "announced"
    soon = announce(world, callee, ttl_s=10)
    assert soon["expires_at"] > soon["created_at"]


@pytest.mark.parametrize("change,pointer,code", [
    ({"ttl_s": 9}, "/ttl_s", "out_of_range"),
    ({"ttl_s": 601}, "/ttl_s", "out_of_range"),
    ({"text": "x" * 65}, "/text", "too_long"),
    ({"text": "see https://example.com"}, "/text", "url"),
    ({"text": "a\u202eb"}, "/text", "bidi_character"),
    ({"text": "a\u200bb"}, "/text", "invisible_character"),
    ({"code": "sale"}, "/code", "not_allowed"),
    ({"lang": "not a language"}, "/lang", "not_allowed"),
    ({"to": "sip:a@example.com"}, "/to", "number_invalid"),
    ({"surprise": 1}, "/surprise", "unknown_field"),
])
def test_what_an_intent_must_not_say_is_refused_by_field(world, callee, change, pointer, code):
    body = {"from": CALLER, "to": callee, "code": "appointment", "text": "On Tuesday", **change}
    answer = world.post("/v1/intents", body, world.mine["owner"], 422)
    assert {"pointer": pointer, "code": code} in [
        {"pointer": e["pointer"], "code": e["code"]} for e in answer["errors"]]


@pytest.mark.parametrize("number", ["911", "12", "*67", "#31#", "5550177", "1" * 32])
def test_any_telephone_number_may_call_or_be_called_and_only_e164_be_registered(world, number):
    """RFC 8224 §8.3: "911" and dial strings are telephone numbers too."""
    found = world.post("/v1/lookups", {"from": number, "to": number, "verification": PASSED_A},
                       "carrier", 200)
    assert found["number"] == number and found["brand"] is None and found["claimed"] is None
    ask = {"from": number, "customer": world.mine["business"]}
    assert world.post("/v1/attestations", ask, "carrier", 200)["attest"] == "B"
    body = {"from": CALLER, "to": number, "code": "other", "text": "Hello"}
    announced = world.post("/v1/intents", body, world.mine["owner"])
    assert announced["state"] == "announced"
    if number == "5550177":
        return  # seven digits: E.164 has such
    claim = world.post("/v1/numbers", {"number": number, "brand": world.mine["brand"]},
                       world.mine["owner"], 422)
    assert [(one["pointer"], one["code"]) for one in claim["errors"]] == [
        ("/number", "number_invalid")]


@pytest.mark.parametrize("number", ["", "+", "12a", "1" * 33, "sip:1@x.example", "1;ext=2", "1+2"])
def test_what_is_no_telephone_number_neither_calls_nor_is_called(world, number):
    for field in ("from", "to"):
        body = {"from": CALLER, "verification": PASSED_A, field: number}
        answer = world.post("/v1/lookups", body, "carrier", 422)
        assert [(one["pointer"], one["code"]) for one in answer["errors"]] == [
            (f"/{field}", "number_invalid")]


def test_attestation_follows_the_binding(world):
    ask = {"from": CALLER, "customer": world.mine["business"], "trunk": "pbx"}
    assert world.post("/v1/attestations", ask, "carrier", 200)["attest"] == "A"
    ask["customer"] = world.theirs["business"]
    assert world.post("/v1/attestations", ask, "carrier", 200)["attest"] == "B"
    ask["customer"] = "biz_" + "a" * 26
    assert world.post("/v1/attestations", ask, "carrier", 200)["attest"] == "C"


def test_the_database_does_not_tell_who_is_called(world, callee):
    announce(world, callee)
    look_up(world, callee, call_id="secret-call-id")
    digits = callee[1:].encode()
    held = world.held()
    assert digits not in held and b"secret-call-id" not in held
    assert digits.decode() not in world.log()


def test_a_lookup_is_answered_within_its_budget(world, callee):
    started = time.monotonic()
    look_up(world, callee, budget_ms=1)
    assert time.monotonic() - started < 1
