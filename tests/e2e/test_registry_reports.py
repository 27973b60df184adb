# SPDX-License-Identifier: Apache-2.0
"""Reports and what they make of a number, on both engines."""
import concurrent.futures
import contextlib
import json
import sqlite3
import time

import pytest

import pg_cluster
from registry_kit import CALLEE, CALLER, NOT_VERIFIED, PASSED_A, Registry, engines

PASSED_C = {"verstat": "TN-Validation-Passed", "attest": "C"}
FAILED = {"verstat": "TN-Validation-Failed"}
CARRIERS = 12  # of vouched tenants: they count at once
DAY_MS = 24 * 3600 * 1000


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    """A registry with an enrolled business, twelve carriers and an app."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    for i in range(CARRIERS):
        registry.add_key("carrier", f"carrier-{i}", f"carrier-{i}")
    registry.add_key("app", "app-vendor")
    registry.add_key("number_admin", "nobody")
    registry.start()
    registry.mine = registry.enrol()
    yield registry
    assert registry.stop() == 0, registry.log()
    assert "level=error" not in registry.log()


NUMBERS = iter(range(10000, 100000))


def fresh():
    """A number that no other test calls from."""
    return f"+121577{next(NUMBERS)}"


@pytest.fixture
def caller():
    return fresh()


@pytest.fixture(autouse=True)
def another_day(world):
    """Reporters have their twenty reports of the day anew."""
    age_reports(world, 2 * DAY_MS)


def sql(world, text):
    """Past the registry: to make time pass."""
    if world.engine == "postgres":
        name = world.database.split("?")[0].rsplit("/", 1)[1]
        return world.cluster.sql("SET search_path = attestel; " + text, name)
    with contextlib.closing(sqlite3.connect(world.directory / "registry.db", timeout=20)) as base:
        rows = base.execute(text).fetchall()
        base.commit()
        return "\n".join("|".join(map(str, row)) for row in rows)


def age_reports(world, by_ms, where="1 = 1"):
    sql(world, f"UPDATE reports SET created_at = created_at - {by_ms} WHERE {where} RETURNING 1")


def look_up(world, caller, key="carrier-0", verification=None, **more):
    return world.post("/v1/lookups", {"from": caller, "verification": verification or PASSED_A,
                                      **more}, key, 200)


def report(world, caller, label="fraud", key="carrier-0", verification=None, status=201, **more):
    receipt = look_up(world, caller, key, verification, **more)["receipt"]
    return world.post("/v1/reports", {"receipt": receipt, "label": label}, key, status)


def reputation(world, caller):
    return look_up(world, caller)["reputation"]


def test_a_report_is_answered_with_what_the_call_had_proven(world, caller):
    made = report(world, caller)
    assert made.json == {"id": made["id"], "label": "fraud", "provenance": "verified",
                         "state": "active", "created_at": made["created_at"]}
    assert made["id"].startswith("rep_")
    seen = world.get(f"/v1/reports/{made['id']}", "carrier-0")
    assert seen.json == made.json
    shown = reputation(world, caller)
    assert shown["evidence"] == [{"text": "reported as fraud", "count": 1}]
    assert shown["label"] == "none" and 0.2 < shown["low"] < 0.21


def test_a_receipt_is_good_for_one_report_of_its_own_key(world, caller):
    receipt = look_up(world, caller)["receipt"]
    body = {"receipt": receipt, "label": "silent"}
    theirs = world.request("POST", "/v1/reports", body, "carrier-1")
    assert (theirs.status, theirs["code"]) == (422, "receipt_invalid")
    assert theirs["errors"][0]["pointer"] == "/receipt"
    world.post("/v1/reports", body, "carrier-0")
    again = world.request("POST", "/v1/reports", body, "carrier-0")
    assert (again.status, again["code"]) == (409, "receipt_used")
    assert reputation(world, caller)["evidence"] == [{"text": "reported as silent", "count": 1}]


@pytest.mark.parametrize("change", [
    lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), lambda text: text.replace("1", "2"),
    lambda text: "", lambda text: "x" * 255, lambda text: text + ".0"],
    ids=["tag", "number", "empty", "long", "more"])
def test_a_receipt_that_is_not_ours_reports_nothing(world, caller, change):
    receipt = change(look_up(world, caller)["receipt"])
    answer = world.request("POST", "/v1/reports", {"receipt": receipt, "label": "fraud"},
                           "carrier-0")
    assert answer.status == 422, answer
    assert reputation(world, caller) is None


def test_a_hundred_reports_at_once_with_one_receipt_are_one(world, caller):
    body = {"receipt": look_up(world, caller)["receipt"], "label": "robocall"}

    def once(_):
        return world.request("POST", "/v1/reports", body, "carrier-0").status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(once, range(100)))
    assert sorted(set(answers)) == [201, 409] and answers.count(201) == 1
    assert reputation(world, caller)["evidence"] == [{"text": "reported as robocall", "count": 1}]


def test_reports_of_many_at_once_are_all_counted(world, caller):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: report(world, caller, key=f"carrier-{i}"), range(CARRIERS)))
    shown = reputation(world, caller)
    assert shown["evidence"] == [{"text": "reported as fraud", "count": CARRIERS}]
    assert shown["label"] == "fraud" and shown["low"] > 0.6


def test_undoing_takes_the_report_back_and_its_label_too(world, caller):
    made = [report(world, caller, key=f"carrier-{i}")["id"] for i in range(6)]
    assert reputation(world, caller)["label"] == "fraud"
    stranger = world.request("DELETE", f"/v1/reports/{made[0]}", key="carrier-1")
    assert stranger.status == 404
    for _ in range(2):
        done = world.request("DELETE", f"/v1/reports/{made[0]}", key="carrier-0")
        assert done.status == 204
    shown = reputation(world, caller)
    assert shown["label"] == "none"
    assert shown["evidence"] == [{"text": "reported as fraud", "count": 5}]
    seen = world.get(f"/v1/reports/{made[0]}", "carrier-0")
    assert seen["state"] == "undone"


def test_a_report_is_read_by_its_own_key_only(world, caller):
    made = report(world, caller)["id"]
    assert world.request("GET", f"/v1/reports/{made}", key="carrier-1").status == 404


@pytest.mark.parametrize("verification", [NOT_VERIFIED, FAILED], ids=["unsigned", "failed"])
def test_a_call_that_proved_nothing_makes_a_victim_and_no_offender(world, caller, verification):
    for i in range(CARRIERS):
        made = report(world, caller, key=f"carrier-{i}", verification=verification)
        assert made["provenance"] == "spoofed"
    shown = reputation(world, caller)
    assert shown["label"] == "spoofed" and shown["low"] == 0 and shown["score"] == 0.1
    assert shown["evidence"] == [
        {"text": "reported on calls that did not prove this number", "count": CARRIERS}]


def test_a_call_signed_with_c_weighs_less(world, caller):
    for i in range(6):
        assert report(world, caller, key=f"carrier-{i}", verification=PASSED_C)["provenance"] \
            == "claimed"
    assert reputation(world, caller)["label"] == "none"


def test_welcome_calls_speak_against_a_label(world, caller):
    for i in range(6):
        report(world, caller, key=f"carrier-{i}")
    for i in range(6, 12):
        report(world, caller, "wanted", key=f"carrier-{i}")
    shown = reputation(world, caller)
    assert shown["label"] == "none" and shown["high"] < 0.8


def test_reporting_again_changes_ones_word_and_adds_none(world, caller):
    for _ in range(8):
        report(world, caller)
    report(world, caller, "wanted")
    assert reputation(world, caller)["evidence"] == [{"text": "reported as wanted", "count": 1}]


def test_after_twenty_reports_a_day_a_reporter_counts_for_nothing_more(world, caller):
    for i in range(20):
        report(world, fresh(), key="carrier-11")
    report(world, caller, key="carrier-11")
    assert reputation(world, caller)["evidence"][0]["text"].startswith("not counted")


def test_nobody_rates_a_number_of_ones_own(world):
    number = fresh()
    tenant = "carrier-and-caller"
    world.enrol("Own Goods", number, tenant)
    world.add_key("carrier", tenant, "own-carrier")
    report(world, number, "wanted", key="own-carrier")
    report(world, number, "fraud", key="carrier-0")
    assert reputation(world, number)["evidence"] == [
        {"text": "reported as fraud", "count": 1},
        {"text": "not counted: of the holder, or of reporters too new or too busy", "count": 1}]


def test_a_label_ends_without_another_report(world, caller):
    for i in range(6):
        report(world, caller, key=f"carrier-{i}")
    assert reputation(world, caller)["label"] == "fraud"
    old = 30 * DAY_MS
    sql(world, f"UPDATE scores SET computed_at = computed_at - {old}, fades_at = fades_at - {old}"
               f" WHERE number = '{caller[1:]}' RETURNING 1")
    shown = reputation(world, caller)
    assert shown["label"] == "none" and shown["low"] < 0.4


def test_a_label_that_changes_is_told_to_followers_and_to_the_holder(world):
    number = fresh()
    world.enrol("Flagged Goods", number, "flagged")
    for i in range(6):
        report(world, number, key=f"carrier-{i}")
    told = sql(world, "SELECT body FROM events WHERE kind = 'number.flagged'"
                      f" AND object = '{number[1:]}'")
    assert json.loads(told) == {"number": number[1:], "label": "fraud"}
    assert sql(world, f"SELECT count(*) FROM directory_log WHERE number = '{number[1:]}'")


def device(world, number):
    made = world.post("/v1/devices", {"number": number}, "app")
    return made["id"], made["key"]


def test_a_thousand_new_devices_move_nothing_and_fifty_old_ones_do(world, caller):
    """The budget of a Sybil attack, through the API."""
    for i in range(3):
        report(world, caller, "wanted", key=f"carrier-{i}")
    before = reputation(world, caller)
    numbers = [f"+1215764{i:04}" for i in range(1000)]

    def attack(number):
        name, key = device(world, number)
        report(world, caller, "fraud", key=key, to=number)
        return name

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(attack, numbers))
    after = reputation(world, caller)
    for name in ("label", "score", "low", "high"):
        assert after[name] == pytest.approx(before[name], abs=1e-4), name
    assert after["evidence"][-1]["count"] == 1000

    old = [(number, *device(world, number)) for number in
           (f"+1215765{i:04}" for i in range(50))]
    names = ", ".join(f"'{name}'" for _, name, _ in old)
    sql(world, f"UPDATE keys SET created_at = created_at - {31 * DAY_MS} WHERE id IN ({names})"
               " RETURNING 1")
    for number, _, key in old:
        report(world, caller, "fraud", key=key, to=number)
    assert reputation(world, caller)["label"] == "fraud"


def test_a_new_key_for_the_same_phone_is_the_same_reporter(world, caller):
    number = "+12157660001"
    keys = [device(world, number) for _ in range(3)]
    names = ", ".join(f"'{name}'" for name, _ in keys)
    sql(world, f"UPDATE keys SET created_at = created_at - {31 * DAY_MS} WHERE id IN ({names})"
               " RETURNING 1")
    for _, key in keys:
        report(world, caller, "fraud", key=key, to=number)
    assert reputation(world, caller)["evidence"] == [{"text": "reported as fraud", "count": 1}]


def test_old_reports_and_receipts_are_forgotten(world, caller):
    report(world, caller)
    age_reports(world, 181 * DAY_MS, f"number = '{caller[1:]}'")
    sql(world, "UPDATE receipts_used SET used_at = 1 RETURNING 1")
    count = int(sql(world, "SELECT count(*) FROM receipts_used"))
    report(world, fresh())
    left = sql(world, f"SELECT count(*) FROM reports WHERE number = '{caller[1:]}'")
    assert left.strip() == "0"
    assert int(sql(world, "SELECT count(*) FROM receipts_used")) == count + 1 - min(20, count)


def test_number_status_shows_a_holder_what_look_ups_show(world):
    number = fresh()
    mine = world.enrol("Status Goods", number, "status")
    def status():
        return world.post("/v1/number-status", {"number": number}, mine["owner"], 200).json
    clean = status()
    assert clean == {"number": number[1:], "claim": clean["claim"], "binding": mine["binding"],
                     "brand": mine["brand"], "label": "none", "score": None, "reports": {}}
    assert clean["claim"].startswith("clm_")
    for i in range(3):
        report(world, number, "telemarketing", key=f"carrier-{i}")
    report(world, number, "fraud", key="carrier-3", verification=FAILED)
    flagged = status()
    assert flagged["reports"] == {"telemarketing": 3, "spoofed": 1}
    assert flagged["label"] == "spoofed"
    assert flagged["score"] == pytest.approx(reputation(world, number)["score"], abs=1e-4)


@pytest.mark.parametrize("number", [CALLEE, "+12155550000"])
def test_number_status_of_anybody_elses_number_is_not_found(world, number):
    answer = world.request("POST", "/v1/number-status", {"number": number}, "number_admin")
    held = world.request("POST", "/v1/number-status", {"number": CALLER}, "number_admin")
    assert answer.status == held.status == 404
    assert {**answer.json, "request_id": 0} == {**held.json, "request_id": 0}


DECISION = {"from": CALLER, "action": "block", "rule": "score:fraud",
            "evidence": ["reported as fraud: 12", "signed with C"]}


def test_a_decision_is_kept_for_its_tenant_and_28_days(world):
    made = world.post("/v1/decisions", DECISION, "carrier-0")
    assert made["id"].startswith("dec_") and made["from"] == CALLER[1:]
    assert made["evidence"] == DECISION["evidence"]
    path = f"/v1/decisions/{made['id']}"
    assert world.get(path, "carrier-0").json == made.json
    assert world.request("GET", path, key="carrier-1").status == 404
    start, end = (time.mktime(time.strptime(made[name], "%Y-%m-%dT%H:%M:%SZ"))
                  for name in ("created_at", "expires_at"))
    assert end - start == 28 * DAY_MS / 1000
    sql(world, f"UPDATE decisions SET created_at = created_at - {28 * DAY_MS + 60000}"
               f" WHERE id = '{made['id']}' RETURNING 1")
    assert world.request("GET", path, key="carrier-0").status == 404
    world.post("/v1/decisions", DECISION, "carrier-0")
    left = sql(world, f"SELECT count(*) FROM decisions WHERE id = '{made['id']}'")
    assert left.strip() == "0"


@pytest.mark.parametrize("change,pointer", [
    ({"action": "explode"}, "/action"), ({"rule": ""}, "/rule"), ({"rule": None}, "/rule"),
    ({"from": "anonymous"}, "/from"), ({"evidence": ["x"] * 17}, "/evidence"),
    ({"evidence": ["x" * 201]}, "/evidence"), ({"why": "x"}, "/why")])
def test_a_decision_that_cannot_be_explained_is_refused(world, change, pointer):
    answer = world.request("POST", "/v1/decisions", {**DECISION, **change}, "carrier-0")
    assert answer.status == 422 and answer["errors"][0]["pointer"] == pointer, answer


def test_no_number_is_written_to_the_log(world, caller):
    report(world, caller)
    world.post("/v1/decisions", DECISION, "carrier-0")
    assert caller[1:] not in world.log() and CALLER[1:] not in world.log()
