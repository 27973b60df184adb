# SPDX-License-Identifier: Apache-2.0
"""Claims and bindings: whose a number is, and which brand it shows."""
import concurrent.futures
import itertools
import json
import statistics
import threading
import time

import pytest

from registry_kit import engines
from registry_tenant import Tenant, serve, shown, sql

# each test has ten thousand numbers of its own
RANGES = itertools.count(121_500)
NOBODYS = "brd_" + "a" * 26


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    yield from serve(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def tenant(world):
    return Tenant(world)


@pytest.fixture
def other(world):
    return Tenant(world)


@pytest.fixture
def vouched(world):
    return Tenant(world, vouched=True)


@pytest.fixture
def numbers():
    """numbers(7) is the eighth number of a range that no other test uses."""
    prefix = next(RANGES)
    return lambda n: f"+1{prefix}{n:04d}"


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


# --- bindings ---

def test_the_narrowest_binding_wins(world, vouched, numbers):
    business = vouched.business()
    vouched.claim(numbers(0), 1000)
    made = {}
    for block, first in ((1000, 0), (100, 100), (10, 110), (1, 111)):
        brand = vouched.brand(business, name=f"Block of {block}")
        made[block] = vouched.bind(numbers(first), brand, block)["id"]
    seen = {n: shown(world, numbers(n)) for n in (111, 112, 121, 200, 999, 1000)}
    assert seen == {111: "Block of 1", 112: "Block of 10", 121: "Block of 100",
                    200: "Block of 1000", 999: "Block of 1000", 1000: None}
    for block, then in ((1, "Block of 10"), (10, "Block of 100"), (100, "Block of 1000"),
                        (1000, None)):
        vouched.delete(f"/v1/bindings/{made[block]}")
        assert shown(world, numbers(111)) == then


def test_a_binding_needs_a_verified_claim_over_all_of_it(tenant, other, numbers):
    brand = tenant.brand()
    waiting = tenant.claim(numbers(0), verified=False)
    reply = tenant.bind(numbers(0), brand, status=409)
    assert (reply["code"], reply["errors"][0]["pointer"]) == ("number_not_verified", "/number")
    tenant.decide(f"/v1/claims/{waiting}", "verify")
    assert tenant.bind(numbers(0), brand)["claim"] == waiting
    assert tenant.bind(numbers(0), brand, 10, status=409)["code"] == "number_not_verified"
    other.claim(numbers(100), 100)
    assert tenant.bind(numbers(100), brand, status=409)["code"] == "number_not_verified"
    wide = tenant.claim(numbers(200), 100)
    assert tenant.bind(numbers(250), brand, 10)["claim"] == wide
    refused = tenant.post("/v1/numbers", {"number": numbers(300), "brand": brand}, 409)
    assert refused["code"] == "number_not_verified"


def test_a_binding_hangs_on_the_narrowest_claim(vouched, numbers):
    brand = vouched.brand()
    vouched.claim(numbers(0), 1000)
    narrow = vouched.claim(numbers(10), 10)
    assert vouched.bind(numbers(15), brand)["claim"] == narrow


def test_a_number_is_bound_once(vouched, numbers):
    brand = vouched.brand()
    vouched.claim(numbers(0), 10)
    vouched.bind(numbers(5), brand)
    reply = vouched.bind(numbers(5), brand, status=409)
    assert (reply["code"], reply["errors"][0]["pointer"]) == ("number_bound", "/number")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: vouched.registry.request(
            "POST", "/v1/bindings", {"number": numbers(6), "brand": brand}, vouched.owner).status,
            range(10)))
    assert sorted(replies) == [201] + [409] * 9


def test_a_binding_is_changed_under_if_match_and_shows_it_at_once(world, vouched, numbers):
    business = vouched.business()
    first, second = (vouched.brand(business, name=name) for name in ("First", "Second"))
    vouched.claim(numbers(0))
    made = vouched.bind(numbers(0), first)
    path = f"/v1/bindings/{made['id']}"
    assert made.headers["etag"] == '"1"' and (made["strict"], made["state"]) == (False, "active")
    assert world.request("PATCH", path, {"strict": True}, vouched.owner)["code"] == \
        "precondition_required"
    assert vouched.change("PATCH", path, {"strict": True}, 2)["code"] == "version_mismatch"
    assert vouched.change("PATCH", path, {"brand": second}, 1)["brand"] == second
    assert shown(world, numbers(0)) == "Second"
    changed = vouched.change("PATCH", path, {"state": "suspended"}, 2)
    assert (changed["state"], changed["brand"], changed["strict"]) == ("suspended", second, False)
    assert shown(world, numbers(0)) is None
    assert vouched.change("PATCH", path, {"state": "active", "strict": True}, 3)["strict"]
    assert shown(world, numbers(0)) is None  # nothing was announced
    assert vouched.change("PATCH", path, {"strict": False}, 4).headers["etag"] == '"5"'
    assert shown(world, numbers(0)) == "Second"
    assert vouched.change("PATCH", path, {"brand": NOBODYS}, 5)["errors"][0]["pointer"] == "/brand"
    for body, pointer in (({"state": "gone"}, "/state"), ({"strict": 1}, "/strict"),
                          ({"number": numbers(1)}, "/number"), ({"claim": "x"}, "/claim")):
        reply = vouched.change("PATCH", path, body, 5)
        assert (reply.status, reply["errors"][0]["pointer"]) == (422, pointer)
    vouched.delete(path)
    vouched.delete(path, 404)
    assert shown(world, numbers(0)) is None
    assert [row[0] for row in vouched.audit() if row[1] == made["id"]] == \
        ["binding.created"] + ["binding.changed"] * 4 + ["binding.deleted"]


def test_of_changes_at_once_one_wins(vouched, numbers):
    vouched.claim(numbers(0))
    path = f"/v1/bindings/{vouched.bind(numbers(0), vouched.brand())['id']}"
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(
            lambda _: vouched.change("PATCH", path, {"strict": True}, 1).status, range(10)))
    assert sorted(replies) == [200] + [412] * 9


def test_bindings_are_listed_by_brand_and_page(vouched, numbers):
    business = vouched.business()
    one, two = (vouched.brand(business, name=name) for name in ("One", "Two"))
    vouched.claim(numbers(0), 100)
    vouched.post("/v1/bindings/batch", {"items": [
        {"number": numbers(n), "brand": two if n % 3 else one} for n in range(60)]})
    for brand, count in ((one, 20), (two, 40)):
        seen, after = [], ""
        while after is not None:
            page = vouched.get(f"/v1/bindings?brand={brand}&limit=7{after}")
            seen += page["items"]
            after = page["next"] and f"&after={page['next']}"
        assert len({item["id"] for item in seen}) == len(seen) == count
        assert {item["brand"] for item in seen} == {brand}
    assert vouched.get(f"/v1/bindings?brand={NOBODYS}")["items"] == []
    assert len(vouched.get("/v1/bindings?limit=250")["items"]) == 60


# --- batches ---

def test_a_batch_of_2000_is_bound_whole_in_little_time(world, vouched, numbers):
    brand = vouched.brand(name="Whole Batch")
    for first in (0, 1000):
        vouched.claim(numbers(first), 1000)
    items = [{"number": numbers(n), "block": 1, "brand": brand, "strict": False}
             for n in range(2000)]
    begun = time.monotonic()
    made = vouched.post("/v1/bindings/batch", {"items": items})["items"]
    took = time.monotonic() - begun
    assert [item["number"] for item in made] == [numbers(n)[1:] for n in range(2000)]
    assert len({item["id"] for item in made}) == 2000
    assert shown(world, numbers(1999)) == "Whole Batch"
    print(f"batch of 2000 on {world.engine}: {took:.2f} s")
    assert took < 10
    assert vouched.post("/v1/bindings/batch", {"items": items + items[:1]}, 422)


@pytest.mark.parametrize("wrong,status,code,pointer", [
    ({"number": "911"}, 422, "invalid_fields", "number"),
    ({"number": "{unclaimed}"}, 409, "number_not_verified", "number"),
    ({"number": "{first}"}, 409, "number_bound", "number"),
    ({"brand": NOBODYS}, 404, "not_found", "brand"),
    ({"brand": 7}, 422, "invalid_fields", "brand"),
    ({"block": 3}, 422, "invalid_fields", "block"),
    ({"block": 100}, 422, "invalid_fields", "block"),
    ({"surprise": 1}, 422, "invalid_fields", "surprise"),
])
def test_a_batch_is_bound_whole_or_not_at_all_and_says_where(
        vouched, numbers, wrong, status, code, pointer):
    brand = vouched.brand()
    vouched.claim(numbers(0), 100)
    items = [{"number": numbers(n), "brand": brand} for n in range(40)]
    names = {"{unclaimed}": numbers(5000), "{first}": numbers(0)}
    items[17] = {**items[17], **{name: names.get(value, value) for name, value in wrong.items()}}
    reply = vouched.post("/v1/bindings/batch", {"items": items}, status)
    assert reply["code"] == code
    assert reply["errors"][0]["pointer"] == f"/items/17/{pointer}", reply
    assert vouched.get("/v1/bindings")["items"] == []
    assert not [row for row in vouched.audit() if row[0].startswith("binding.")]
    for body in ({"items": []}, {"items": {}}, {}, {"items": [7]}):
        assert vouched.post("/v1/bindings/batch", body, 422)


def test_others_write_while_batches_are_bound(world, vouched, numbers):
    """Each of 2,000; none of the others waits so long that it is refused."""
    brand, second = vouched.brand(), Tenant(world, vouched=True)
    for first in (0, 1000):
        vouched.claim(numbers(first), 1000)
    body = {"items": [{"number": numbers(n), "brand": brand} for n in range(2000)]}
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        batch = pool.submit(vouched.post, "/v1/bindings/batch", body)
        waited = []
        while not batch.done():
            begun = time.monotonic()
            second.business(name="Meanwhile")
            waited.append(time.monotonic() - begun)
        assert batch.result().status == 201
    print(f"others waited on {world.engine}: {max(waited):.2f} s, {len(waited)} in all")


# --- one's own number ---

def test_number_status_tells_of_ones_own_number_only(world, vouched, other, numbers):
    brand = vouched.brand()
    held = vouched.claim(numbers(0), 10)
    status = vouched.post("/v1/number-status", {"number": numbers(3)}, 200)
    assert (status["claim"], status["binding"], status["brand"]) == (held, None, None)
    bound = vouched.bind(numbers(3), brand)["id"]
    status = vouched.post("/v1/number-status", {"number": numbers(3)}, 200)
    assert (status["claim"], status["binding"], status["brand"]) == (held, bound, brand)
    assert (status["label"], status["score"], status["reports"]) == ("none", None, {})
    there = other.post("/v1/number-status", {"number": numbers(3)}, 404)
    nothing = other.post("/v1/number-status", {"number": numbers(4000)}, 404)
    for reply in (there, nothing):
        reply.json.pop("request_id")
    assert there.json == nothing.json
    vouched.change("PATCH", f"/v1/bindings/{bound}", {"state": "suspended"})
    assert vouched.post("/v1/number-status", {"number": numbers(3)}, 200)["brand"] is None


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
