# SPDX-License-Identifier: Apache-2.0
"""Claims and bindings: whose a number is, and which brand it shows."""
import concurrent.futures
import json
import statistics
import threading
import time

import pytest

from registry_tenant import Tenant, shown, sql



def taken(reply, *secrets):
    """It is refused as taken, and says nothing about whose it is."""
    assert (reply.status, reply["code"]) == (409, "number_taken"), reply
    assert set(reply.json) <= {"type", "title", "status", "code", "detail", "request_id"}
    for secret in secrets:
        assert secret not in reply.body.decode()
    return True


def claim(tenant, number, block=1):
    return tenant.registry.request("POST", "/v1/claims", {"number": number, "block": block},
                                   tenant.owner)


# --- what a number is ---

@pytest.mark.parametrize("number,canonical", [
    ("+12155551212", "12155551212"), ("12155551212", "12155551212"),
    ("+4930123456", "4930123456"), ("+2901234", "2901234"), ("+888123456789012", "888123456789012"),
])
def test_a_number_is_e164_with_or_without_its_plus(tenant, number, canonical):
    made = tenant.post("/v1/claims", {"number": number})
    assert (made["number"], made["block"], made["state"]) == (canonical, 1, "pending")


@pytest.mark.parametrize("number", [
    "", "+", "911", "+911", "123456", "02155551212", "+02155551212", "0012155551212",
    "+1888123456789012", "1234567890123456", "sip:+12155551212@example.com", "tel:+12155551212",
    "alice@example.com", "+1215555121x", "+1215x551212", "*67", "#31#12155551212",
    "+12155551212;ext=5", "+1215555\u0661212", "\uff0b12155551212", "++12155551212", "1215555-HELP",
])
def test_what_is_no_e164_number_is_refused_by_its_field(tenant, number):
    for path in ("/v1/claims", "/v1/number-status"):
        reply = tenant.registry.request("POST", path, {"number": number}, tenant.owner)
        assert reply.status in (404, 422), reply
        if path == "/v1/claims":
            assert reply.status == 422, reply
            assert [(e["pointer"], e["code"]) for e in reply["errors"]] == [
                ("/number", "number_invalid")]


@pytest.mark.parametrize("number", [12155551212, None, ["+12155551212"], {}, True,
                                    "+1215\u00005551212"])
def test_a_number_is_text(tenant, number):
    reply = tenant.registry.request("POST", "/v1/claims", {"number": number}, tenant.owner)
    assert reply.status in (400, 422), reply


@pytest.mark.parametrize("block,first,status", [
    (1, 1234, 201), (10, 1230, 201), (100, 1200, 201), (1000, 1000, 201),
    (10, 1231, 422), (100, 1210, 422), (1000, 1100, 422), (1000, 1001, 422),
    (0, 1000, 422), (2, 1000, 422), (5, 1000, 422), (10000, 0, 422), (-10, 1000, 422),
    (1.5, 1000, 422), ("10", 1000, 422)])
def test_a_block_begins_where_such_a_block_can(tenant, numbers, block, first, status):
    reply = claim(tenant, numbers(first), block)
    assert reply.status == status, reply
    if status == 201:
        assert (reply["number"], reply["block"]) == (numbers(first)[1:], block)
    else:
        assert reply["errors"][0]["pointer"] == "/block"


def test_a_number_too_short_for_its_block_is_still_one(tenant):
    assert claim(tenant, "+8810000", 1000).status == 201
    assert claim(tenant, "+881000", 1000).status == 422


# --- whose it is ---

OVERLAPS = [  # (first, block) of what one holds, of what another asks for
    ((1234, 1), (1234, 1)), ((1230, 10), (1230, 10)), ((1200, 100), (1200, 100)),
    ((1000, 1000), (1000, 1000)),
    ((1230, 10), (1230, 1)), ((1230, 10), (1239, 1)), ((1200, 100), (1299, 1)),
    ((1000, 1000), (1999, 1)), ((1000, 1000), (1990, 10)), ((1000, 1000), (1900, 100)),
    ((1200, 100), (1290, 10)),
    ((1230, 1), (1230, 10)), ((1239, 1), (1230, 10)), ((1299, 1), (1200, 100)),
    ((1999, 1), (1000, 1000)), ((1990, 10), (1000, 1000)), ((1900, 100), (1000, 1000)),
    ((1290, 10), (1200, 100))]
APART = [((1234, 1), (1235, 1)), ((1230, 10), (1240, 1)), ((1230, 10), (1229, 1)),
         ((1230, 10), (1220, 10)), ((1200, 100), (1300, 1)), ((1200, 100), (1199, 1)),
         ((1000, 1000), (2000, 1000)), ((1000, 1000), (999, 1)), ((2000, 1), (1000, 1000))]


@pytest.mark.parametrize("mine,theirs", OVERLAPS)
def test_what_overlaps_a_verified_claim_is_taken(tenant, other, vouched, numbers, mine, theirs):
    held = tenant.claim(numbers(mine[0]), mine[1])
    for who in (other, vouched):
        taken(claim(who, numbers(theirs[0]), theirs[1]), held, tenant.id, tenant.name)
    brand = vouched.brand()
    reply = vouched.post("/v1/numbers", {"number": numbers(theirs[0]), "block": theirs[1],
                                         "brand": brand}, 409)
    taken(reply, held, tenant.id, tenant.name)


@pytest.mark.parametrize("mine,theirs", APART)
def test_what_does_not_overlap_is_free(tenant, vouched, numbers, mine, theirs):
    tenant.claim(numbers(mine[0]), mine[1])
    assert claim(vouched, numbers(theirs[0]), theirs[1])["state"] == "verified"


def test_numbers_of_different_lengths_do_not_overlap(tenant, vouched, numbers):
    tenant.claim(numbers(1230), 10)
    longer, shorter = numbers(1230) + "0", numbers(1230)[:-1]
    assert claim(vouched, longer, 10)["state"] == "verified"
    assert claim(vouched, shorter)["state"] == "verified"
    assert claim(vouched, numbers(1000) + "0", 1000)["state"] == "verified"


def test_a_pending_claim_excludes_nobody(tenant, vouched, numbers):
    waiting = tenant.claim(numbers(0), 10, verified=False)
    assert claim(vouched, numbers(5))["state"] == "verified"
    lost = tenant.decide(f"/v1/claims/{waiting}", "verify")
    assert (lost["state"], lost["proof"], lost["verified_at"]) == ("conflict", None, None)


def test_a_claim_in_conflict_is_decided_when_the_other_is_gone(tenant, other, numbers):
    first, second = (who.claim(numbers(0), verified=False) for who in (tenant, other))
    assert tenant.decide(f"/v1/claims/{first}", "verify")["state"] == "verified"
    for _ in range(2):
        assert other.decide(f"/v1/claims/{second}", "verify")["state"] == "conflict"
    tenant.delete(f"/v1/claims/{first}")
    assert other.decide(f"/v1/claims/{second}", "verify")["state"] == "verified"
    assert [row[0] for row in other.audit() if row[1] == second] == [
        "claim.created", "claim.conflict", "claim.conflict", "claim.verified"]


def test_a_vetter_takes_back_what_was_no_proof(world, tenant, other, numbers):
    held, brand = tenant.claim(numbers(0)), tenant.brand(name="Not Theirs")
    tenant.bind(numbers(0), brand)
    assert shown(world, numbers(0)) == "Not Theirs"
    assert tenant.decide(f"/v1/claims/{held}", "fail")["state"] == "failed"
    assert shown(world, numbers(0)) is None
    tenant.decide(f"/v1/claims/{held}", "verify", 409)
    other.claim(numbers(0))


def test_a_proof_is_renewed_while_it_is_good(tenant, numbers):
    held = f"/v1/claims/{tenant.claim(numbers(0))}"
    before = tenant.get(held)
    sql(tenant.registry, f"UPDATE claims SET reprove_at = reprove_at - 86400000"
        f" WHERE id = '{held[11:]}'")
    after = tenant.decide(held, "verify")
    assert after["state"] == "verified" and after["reprove_at"] >= before["reprove_at"]


def test_a_claim_that_is_not_proved_anew_ages_out_and_frees_its_number(
        world, tenant, other, numbers):
    held, brand = tenant.claim(numbers(0), 10), tenant.brand(name="Of Old")
    tenant.bind(numbers(3), brand)
    sql(world, f"UPDATE claims SET reprove_at = 1 WHERE id = '{held}'")
    assert tenant.get(f"/v1/claims/{held}")["state"] == "aged_out"
    assert tenant.bind(numbers(4), brand, status=409)["code"] == "number_not_verified"
    deadline = time.monotonic() + 15  # it is looked for each 10 s
    while shown(world, numbers(3)) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert tenant.get("/v1/bindings")["items"] == []
    assert ("claim.aged_out", held, "", "registry") in tenant.audit()
    other.claim(numbers(0), 10)
    assert tenant.decide(f"/v1/claims/{held}", "verify")["state"] == "conflict"


def test_one_tenant_may_claim_inside_its_own_block_but_nothing_twice(tenant, vouched, numbers):
    vouched.claim(numbers(0), 100)
    vouched.claim(numbers(7))
    assert claim(vouched, numbers(7))["code"] == "state_conflict"
    one, two = (tenant.claim(numbers(500), verified=False) for _ in range(2))
    tenant.decide(f"/v1/claims/{one}", "verify")
    assert tenant.decide(f"/v1/claims/{two}", "verify", 409)["code"] == "state_conflict"


@pytest.mark.parametrize("asks", [
    [(0, 10)] * 20, [(0, 10), (5, 1)] * 10, [(0, 1000), (500, 100), (510, 10), (515, 1)] * 5,
], ids=["equal", "inside", "nested"])
def test_of_twenty_who_claim_at_once_exactly_one_holds_the_number(world, numbers, asks):
    """What overlaps is another tenant's each time; each claim is verified as it is made."""
    tenants = [Tenant(world, vouched=True) for _ in asks]
    start = threading.Barrier(len(asks))

    def ask(i):
        start.wait()
        return claim(tenants[i], numbers(asks[i][0]), asks[i][1])

    with concurrent.futures.ThreadPoolExecutor(len(asks)) as pool:
        replies = list(pool.map(ask, range(len(asks))))
    assert sorted(reply.status for reply in replies) == [201] + [409] * (len(asks) - 1), replies
    assert {reply["code"] for reply in replies if reply.status == 409} == {"number_taken"}
    digits = numbers(0)[1:-4]
    held = sql(world, f"SELECT count(*) FROM claims WHERE number LIKE '{digits}%'"
               " AND state = 'verified'")
    assert held.strip() == "1"


def test_of_twenty_decided_at_once_exactly_one_is_verified(world, numbers):
    asks = [(0, 100), (50, 10), (55, 1), (0, 1000)] * 5
    paths = [f"/v1/claims/{Tenant(world).claim(numbers(n), block, verified=False)}"
             for n, block in asks]
    start = threading.Barrier(len(paths))

    def decide(path):
        start.wait()
        return world.post(f"{path}/decide", {"decision": "verify"}, "vetter", 200)["state"]

    with concurrent.futures.ThreadPoolExecutor(len(paths)) as pool:
        states = list(pool.map(decide, paths))
    assert sorted(states) == ["conflict"] * 19 + ["verified"]


def test_a_binding_and_the_end_of_its_claim_at_once_leave_none_behind(world, numbers):
    tenant = Tenant(world, vouched=True)
    brand = tenant.brand()
    for n in range(0, 200, 10):
        held = tenant.claim(numbers(n), 10)
        start = threading.Barrier(5)

        def bind(i, n=n, start=start):
            start.wait()
            return world.request("POST", "/v1/bindings", {"number": numbers(n + i), "brand": brand},
                                 tenant.owner).status

        def end(_, held=held, start=start):
            start.wait()
            return world.request("DELETE", f"/v1/claims/{held}", None, tenant.owner).status

        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            done = [pool.submit(work, i) for i, work in enumerate([bind, bind, end, bind, bind])]
            statuses = [one.result() for one in done]
        assert statuses[2] == 204 and set(statuses) <= {201, 204, 409}, statuses
        left = sql(world, f"SELECT count(*) FROM bindings WHERE claim = '{held}'")
        assert left.strip() == "0", statuses


def test_that_a_number_is_taken_takes_as_long_whoever_holds_it(world, tenant, other, numbers):
    """Medians of 25 each: held by one with one claim, by one with many, as a block, as a number."""
    tenant.claim(numbers(0))
    tenant.claim(numbers(1000), 1000)
    busy = Tenant(world, vouched=True)
    for n in range(2000, 2040):
        busy.claim(numbers(n))
    took = {}
    for _ in range(25):
        for n in (0, 1500, 2000, 2039):
            begun = time.perf_counter()
            assert world.request("POST", "/v1/claims", {"number": numbers(n)}, other.owner,
                                 check=False).status == 409
            took.setdefault(n, []).append(time.perf_counter() - begun)
    medians = sorted(statistics.median(times) for times in took.values())
    assert medians[-1] <= 2 * medians[0] or medians[-1] - medians[0] < 0.002, medians


def test_claims_speak_of_their_proof_and_only_a_vetter_decides(world, tenant, vouched, numbers):
    made = tenant.post("/v1/claims", {"number": numbers(1)})
    assert (made["proof"], made["verified_at"], made["reprove_at"]) == (None, None, None)
    for role in ("owner", "admin", "number_admin", "brand_approver"):
        world.post(f"/v1/claims/{made['id']}/decide", {"decision": "verify"}, tenant.key(role), 403)
    proved = tenant.decide(f"/v1/claims/{made['id']}", "verify", proof="loa")
    assert proved["proof"] == "loa" and proved["reprove_at"] > proved["verified_at"]
    own = vouched.post("/v1/claims", {"number": numbers(2)})
    assert (own["state"], own["proof"], own["reprove_at"]) == ("verified", "vouched", None)
    tenant.decide(f"/v1/claims/{made['id']}", "approve", 422)
    tenant.decide(f"/v1/claims/{made['id']}", "verify", 422, proof="otp_call")


def test_a_claim_that_ended_stays_ended(tenant, numbers):
    held = f"/v1/claims/{tenant.claim(numbers(1))}"
    for _ in range(2):
        tenant.delete(held)
    assert tenant.get(held)["state"] == "revoked"
    for decision in ("verify", "fail"):
        assert tenant.decide(held, decision, 409)["code"] == "state_conflict"


def test_the_end_of_a_claim_takes_all_its_bindings_and_tells_of_each(world, vouched, numbers):
    held, brand = vouched.claim(numbers(0), 1000), vouched.brand(name="Thousand")
    items = [{"number": numbers(n), "brand": brand} for n in range(1000)]
    items += [{"number": numbers(n), "block": 10, "brand": brand} for n in range(0, 1000, 10)]
    items += [{"number": numbers(n), "block": 100, "brand": brand} for n in range(0, 1000, 100)]
    items += [{"number": numbers(0), "block": 1000, "brand": brand}]
    vouched.post("/v1/bindings/batch", {"items": items})
    assert shown(world, numbers(123)) == "Thousand"
    serial = world.get("/v1/events", "carrier")["next"]
    vouched.delete(f"/v1/claims/{held}")
    assert shown(world, numbers(123)) is None
    assert vouched.get("/v1/bindings")["items"] == []
    gone, page = set(), None
    while page != [] and len(gone) < 1111:
        reply = world.get(f"/v1/events?since={serial}&wait_s=10", "carrier")
        page, serial = reply["items"], reply["next"]
        gone |= {(item["data"]["number"], item["data"]["block"]) for item in page
                 if item["data"].get("gone")}
    assert len(gone) == 1111


# --- all of them ---

def test_no_number_stands_whole_in_audit_rows_or_the_log(world, vouched, numbers):
    brand = vouched.brand()
    path = f"/v1/claims/{vouched.claim(numbers(4321))}"
    bound = vouched.bind(numbers(4321), brand)
    vouched.change("PATCH", f"/v1/bindings/{bound['id']}", {"strict": True})
    vouched.delete(f"/v1/bindings/{bound['id']}")
    vouched.delete(path)
    vouched.claim("+88240" + numbers(0)[3:7])  # nine digits
    rows = vouched.audit()
    me = vouched.get("/v1/self")["key"]
    assert [(row[0], row[3]) for row in rows if row[0].startswith(("claim.", "binding."))] == [
        ("claim.verified", me), ("binding.created", me), ("binding.changed", me),
        ("binding.deleted", me), ("claim.revoked", me), ("claim.verified", me)]
    masked = numbers(4321)[:5] + "***4321"
    assert {row[2] for row in rows if row[1] in (bound["id"], path[11:])} == {masked}
    assert rows[-1][2].count("*") == 3 and len(rows[-1][2]) == 1 + 9 - 3 + 3
    text = json.dumps(rows) + world.log()
    assert numbers(4321)[1:] not in text and "88240" + numbers(0)[3:7] not in text


def test_each_post_with_an_idempotency_key_happens_once(vouched, tenant, numbers):
    brand = vouched.brand()
    vouched.claim(numbers(0), 100)
    waiting = tenant.claim(numbers(200), verified=False)
    requests = [
        ("/v1/claims", {"number": numbers(300)}, vouched.owner),
        (f"/v1/claims/{waiting}/decide", {"decision": "verify"}, "vetter"),
        ("/v1/bindings", {"number": numbers(1), "brand": brand}, vouched.owner),
        ("/v1/bindings/batch", {"items": [{"number": numbers(2), "brand": brand}]}, vouched.owner),
        ("/v1/numbers", {"number": numbers(400), "brand": brand}, vouched.owner),
    ]
    for i, (path, body, key) in enumerate(requests):
        head = {"Idempotency-Key": f"{numbers(i)}"}
        first = vouched.registry.request("POST", path, body, key, head)
        assert first.status in (200, 201), (path, first)
        again = vouched.registry.request("POST", path, body, key, head)
        assert (again.status, again.body) == (first.status, first.body), (path, again)
        assert again.headers["idempotent-replayed"] == "true"
        other = vouched.registry.request("POST", path, {**body, "x": 1}, key, head)
        assert (other.status, other["code"]) == (409, "idempotency_mismatch")


def test_twenty_with_one_idempotency_key_bind_once(vouched, numbers):
    brand = vouched.brand()
    vouched.claim(numbers(0), 10)

    def send(_):
        return vouched.registry.request(
            "POST", "/v1/bindings", {"number": numbers(1), "brand": brand}, vouched.owner,
            {"Idempotency-Key": numbers(9)})

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(send, range(20)))
    good = [reply["id"] for reply in replies if reply.status == 201]
    assert good and len(set(good)) == 1
    assert {reply["code"] for reply in replies if reply.status != 201} <= {"in_progress"}


def test_who_is_above_binds_below_only_with_a_key_of_below(world, numbers):
    reseller = Tenant(world, vouched=True)
    below = Tenant(world, vouched=True, parent=reseller)
    held, brand = below.claim(numbers(0), 10), below.brand()
    bound = below.bind(numbers(1), brand)["id"]
    taken(claim(reseller, numbers(2)), held, below.id, below.name)
    assert reseller.bind(numbers(2), reseller.brand(), status=409)["code"] == "number_not_verified"
    assert reseller.bind(numbers(2), brand, status=404)["errors"][0]["pointer"] == "/brand"
    for path in (f"/v1/claims/{held}", f"/v1/bindings/{bound}"):
        reseller.get(path, 404)
        reseller.delete(path, 404)
    key = reseller.post("/v1/keys", {"role": "number_admin", "tenant": below.id})["key"]
    assert below.post("/v1/bindings", {"number": numbers(3), "brand": brand}, key=key)
