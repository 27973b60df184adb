# SPDX-License-Identifier: Apache-2.0
"""Bindings: which brand a number shows, one by one and in batches."""
import concurrent.futures
import time

import pytest

from registry_tenant import Tenant, shown

NOBODYS = "brd_" + "a" * 26


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


@pytest.mark.parametrize("what", ["binding", "brand", "brand without a version"])
def test_a_narrow_binding_that_shows_nothing_does_not_show_the_block_around_it(
        world, tenant, numbers, what):
    """The narrowest decides, whatever its state: its owner took that number out of sight."""
    business = tenant.business()
    wide, narrow = (tenant.brand(business, name=name) for name in ("Wide", "Narrow"))
    waiting = tenant.brand(business, name="In Review", live=False)
    tenant.claim(numbers(0), 1000)
    tenant.bind(numbers(0), wide, 1000)
    made = tenant.bind(numbers(10), narrow, 10)
    path = f"/v1/bindings/{made['id']}"
    assert (shown(world, numbers(12)), shown(world, numbers(20))) == ("Narrow", "Wide")
    if what == "binding":
        tenant.change("PATCH", path, {"state": "suspended"})
    elif what == "brand":
        tenant.decide(f"/v1/brands/{narrow}", "suspend")
    else:
        tenant.change("PATCH", path, {"brand": waiting})
    assert (shown(world, numbers(12)), shown(world, numbers(20))) == (None, "Wide")
    attested = {"from": numbers(12), "customer": business}
    assert world.post("/v1/attestations", attested, "carrier", 200)["attest"] != "A"
    if what == "binding":
        tenant.change("PATCH", path, {"state": "active"})
        assert shown(world, numbers(12)) == "Narrow"
    tenant.delete(path)
    assert shown(world, numbers(12)) == "Wide"


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
