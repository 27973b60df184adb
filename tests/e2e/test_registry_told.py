# SPDX-License-Identifier: Apache-2.0
"""What becomes of businesses, brands and claims, as a tenant's stream and long poll tell it; and
what a tenant that is vouched for needs nobody else for."""
import concurrent.futures
import time

import pytest

import sse_kit
from registry_tenant import Tenant, shown, sql


@pytest.fixture
def follow(world):
    """follow(key, ...) opens a stream that the test's end closes."""
    streams = []

    def opened(key, **more):
        streams.append(sse_kit.Stream(world, key, **more))
        return streams[-1]
    yield opened
    for stream in streams:
        stream.close()


def told(stream, n):
    """The next n events as (kind, data)."""
    return [stream.next()[1:] for _ in range(n)]


def draft(tenant):
    return tenant.post("/v1/businesses", {"name": "Dent", "country": "US"})["id"]


def test_each_state_of_a_business_is_told_to_its_tenant_and_to_nobody_else(tenant, other, follow):
    mine, theirs = follow(tenant.owner), follow(other.owner)
    since = tenant.get("/v1/events")["next"]
    business = draft(tenant)
    path = f"/v1/businesses/{business}"
    tenant.post(f"{path}/submit", None, 200)
    tenant.decide(path, "reject", findings=["No such street"])
    tenant.post(f"{path}/submit", None, 200)
    tenant.decide(path, "approve")
    tenant.decide(path, "suspend", findings=["Complaints"])
    tenant.decide(path, "resume")
    tenant.post(f"{path}/close", None, 200)
    expected = [("business.created", "draft", []), ("business.submitted", "submitted", []),
                ("business.rejected", "rejected", ["No such street"]),
                ("business.submitted", "submitted", []), ("business.approved", "approved", []),
                ("business.suspended", "suspended", ["Complaints"]),
                ("business.resumed", "approved", []), ("business.closed", "closed", [])]
    assert told(mine, 8) == [(kind, {"id": business, "state": state, "findings": findings})
                             for kind, state, findings in expected]
    polled = tenant.get(f"/v1/events?since={since}")["items"]
    assert [(one["kind"], one["data"]["state"], one["data"]["findings"]) for one in polled] == \
        expected
    assert {one["object"] for one in polled} == {business}
    assert [row[0] for row in tenant.audit() if row[1] == business] == \
        [kind for kind, _state, _findings in expected]
    mine.none()
    theirs.none()


def test_each_state_of_a_brand_and_its_versions_is_told(tenant, follow):
    business = tenant.business()
    stream = follow(tenant.owner)
    brand = tenant.brand(business, live=False)
    path = f"/v1/brands/{brand}"
    approver = tenant.key("brand_approver")
    tenant.post(f"{path}/approve", {"number": 1}, 200, key=approver)
    tenant.decide(path, "approve", number=1)
    tenant.change("PUT", path, {"name": "Two"})
    tenant.decide(path, "reject", number=2, findings=["Not yours"])
    tenant.decide(path, "suspend")
    tenant.decide(path, "resume")

    def data(state, live, number, version_state, findings=()):
        return {"id": brand, "state": state, "business": business, "live": live, "number": number,
                "version_state": version_state, "findings": list(findings)}
    assert told(stream, 7) == [
        ("brand.created", data("new", None, 1, "in_review")),
        ("brand.version_approved", data("new", None, 1, "approved")),
        ("brand.version_live", data("live", 1, 1, "live")),
        ("brand.edited", data("live", 1, 2, "in_review")),
        ("brand.version_rejected", data("live", 1, 2, "rejected", ["Not yours"])),
        ("brand.suspended", data("suspended", 1, None, None)),
        ("brand.resumed", data("live", 1, None, None))]
    stream.none()


def test_each_state_of_a_claim_is_told_with_its_whole_number(world, tenant, other, numbers, follow):
    stream, theirs = follow(tenant.owner), follow(other.owner)
    claim = tenant.post("/v1/claims", {"number": numbers(10), "block": 10})["id"]
    tenant.decide(f"/v1/claims/{claim}", "verify")
    tenant.delete(f"/v1/claims/{claim}")
    later = tenant.post("/v1/claims", {"number": numbers(10), "block": 10})["id"]
    other.claim(numbers(12))
    assert tenant.decide(f"/v1/claims/{later}", "verify")["state"] == "conflict"
    tenant.decide(f"/v1/claims/{later}", "fail")
    expected = [("created", claim, "pending", None), ("verified", claim, "verified", "loa"),
                ("revoked", claim, "revoked", "loa"), ("created", later, "pending", None),
                ("conflict", later, "conflict", None), ("failed", later, "failed", None)]
    assert told(stream, 6) == [
        (f"claim.{what}", {"id": which, "state": state, "number": numbers(10)[1:], "block": 10,
                           "proof": proof}) for what, which, state, proof in expected]
    stream.none()
    assert [kind for kind, _data in told(theirs, 2)] == ["claim.created", "claim.verified"]
    theirs.none()
    assert numbers(10)[1:] not in world.log()


def test_what_is_over_is_told(tenant, numbers, follow):
    business, claim = tenant.business(), tenant.claim(numbers(0))
    stream = follow(tenant.owner)
    sql(tenant.registry, f"UPDATE businesses SET expires_at = 1 WHERE id = '{business}'")
    sql(tenant.registry, f"UPDATE claims SET reprove_at = 1 WHERE id = '{claim}'")
    heard = {kind: data for kind, data in (stream.next(15)[1:] for _ in range(2))}
    assert heard == {
        "business.expired": {"id": business, "state": "expired", "findings": []},
        "claim.aged_out": {"id": claim, "state": "aged_out", "number": numbers(0)[1:],
                           "block": 1, "proof": "loa"}}


def test_a_change_that_is_refused_or_rolled_back_is_not_told(tenant, follow):
    business = draft(tenant)
    stream = follow(tenant.owner)
    path = f"/v1/businesses/{business}"
    tenant.decide(path, "approve", 409)
    brand = tenant.brand(business, live=False)
    tenant.decide(f"/v1/brands/{brand}", "approve", 409, number=1)
    assert told(stream, 1)[0][0] == "brand.created"
    stream.none()


def test_a_key_hears_of_what_it_may_read_and_of_nothing_else(tenant, numbers, follow):
    """A caller's key reads intents; a narrowed one what it was narrowed to."""
    def narrow(*permissions):
        body = {"role": "owner", "tenant": tenant.id, "permissions": ["stream", *permissions]}
        return tenant.registry.post("/v1/keys", body, "operator")["key"]
    brands, claims = narrow("business:read"), narrow("number:read")
    keys = {"caller": tenant.key("caller"), "brands": brands, "claims": claims}
    since = tenant.get("/v1/events")["next"]
    streams = {name: follow(key) for name, key in keys.items()}
    brand, number = tenant.brand(), numbers(0)
    tenant.claim(number)
    tenant.bind(number, brand)
    tenant.post("/v1/intents", {"from": number, "to": "+12155550999", "code": "survey",
                                "text": "Us"})
    rooms = {"caller": {"intent"}, "brands": {"business", "brand", "intent"},
             "claims": {"claim", "intent"}}
    for name, expected in rooms.items():
        seen = []
        while not seen or seen[-1] != "intent.announced":
            seen.append(streams[name].next()[1])
        assert {kind.split(".")[0] for kind in seen} == expected
        polled = tenant.get(f"/v1/events?since={since}", key=keys[name])["items"]
        assert [one["kind"] for one in polled] == seen
        again = follow(keys[name], since=since)  # read from the database, not from memory
        assert [again.next()[1] for _ in seen] == seen


# --- tenants that are vouched for ---

def test_a_vouched_tenants_brands_go_live_with_their_business_whichever_came_first(
        world, vouched, numbers, follow):
    business = draft(vouched)
    first = vouched.brand(business, name="Old Name", live=False)
    vouched.change("PUT", f"/v1/brands/{first}", {"name": "New Name"})
    second = vouched.brand(business, name="Second", live=False)
    elsewhere = vouched.brand(draft(vouched), name="Elsewhere", live=False)
    for at, brand in enumerate((first, second)):
        vouched.post("/v1/numbers", {"number": numbers(at), "brand": brand})
        assert shown(world, numbers(at)) is None
    stream = follow(vouched.owner)
    assert vouched.post(f"/v1/businesses/{business}/submit", None, 200)["state"] == "approved"
    assert [shown(world, numbers(at)) for at in (0, 1)] == ["New Name", "Second"]
    brand = vouched.get(f"/v1/brands/{first}")
    assert (brand["state"], brand["live"]["number"], brand["live"]["approver"]) == (
        "live", 2, None)
    assert vouched.get(f"/v1/brands/{elsewhere}")["live"] is None
    heard = told(stream, 3)
    assert [(kind, data["state"]) for kind, data in heard] == [
        ("business.submitted", "approved"), ("brand.version_live", "live"),
        ("brand.version_live", "live")]
    assert [(row[1], "vouched" in row[2]) for row in vouched.audit()
            if row[0] == "brand.version_live"] == [(first, True), (second, True)]


def test_what_a_vetter_rejected_or_suspended_of_a_vouched_tenant_stays_so(world, vouched, numbers):
    business = draft(vouched)
    rejected = vouched.brand(business, name="No", live=False)
    vouched.decide(f"/v1/brands/{rejected}", "reject", number=1)
    vouched.post(f"/v1/businesses/{business}/submit", None, 200)
    assert vouched.get(f"/v1/brands/{rejected}")["live"] is None
    brand = vouched.brand(business, name="Yes")
    vouched.post("/v1/numbers", {"number": numbers(0), "brand": brand})
    vouched.decide(f"/v1/brands/{brand}", "suspend")
    vouched.decide(f"/v1/businesses/{business}", "suspend")
    vouched.change("PUT", f"/v1/brands/{brand}", {"name": "Phoenix"})
    vouched.decide(f"/v1/businesses/{business}", "resume")
    made = vouched.get(f"/v1/brands/{brand}")
    assert (made["state"], made["live"]["name"], shown(world, numbers(0))) == (
        "suspended", "Phoenix", None)


def test_a_tenant_that_nobody_vouches_for_waits_for_the_vetter_twice(world, tenant):
    business = draft(tenant)
    brand = tenant.brand(business, live=False)
    tenant.post(f"/v1/businesses/{business}/submit", None, 200)
    tenant.decide(f"/v1/businesses/{business}", "approve")
    assert tenant.get(f"/v1/brands/{brand}")["latest"]["state"] == "in_review"


def test_what_a_vouched_tenant_made_while_its_business_was_over_goes_live_with_it(vouched):
    business = vouched.business()
    sql(vouched.registry, f"UPDATE businesses SET expires_at = 1 WHERE id = '{business}'")
    brand = vouched.brand(business, live=False)
    assert vouched.get(f"/v1/brands/{brand}")["live"] is None
    deadline = time.monotonic() + 10
    while vouched.registry.request("POST", f"/v1/businesses/{business}/submit", None,
                                   vouched.owner).status != 200:
        assert time.monotonic() < deadline  # it is written down just now
    assert vouched.get(f"/v1/brands/{brand}")["state"] == "live"
    assert Tenant(vouched.registry).get("/v1/brands")["items"] == []


def test_a_brand_that_is_edited_and_decided_on_while_its_business_is_submitted_ends_well(vouched):
    """Whoever is first, no answer is a failure, and the newest that was not refused is live."""
    for n in range(8):
        business = draft(vouched)
        brand = vouched.brand(business, name=f"First {n}", live=False)
        path, request = f"/v1/brands/{brand}", vouched.registry.request
        asked = [("POST", f"/v1/businesses/{business}/submit", None, vouched.owner, None),
                 ("POST", f"{path}/decide", {"decision": "approve", "number": 1}, "vetter", None),
                 ("PUT", path, {"name": f"Second {n}"}, vouched.owner, {"If-Match": '"1"'})]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            submit, decide, edit = pool.map(lambda one: request(*one), asked)
        assert (submit.status, decide.status in (200, 409), edit.status in (200, 412)) == (
            200, True, True), (submit, decide, edit)
        made = vouched.get(path)
        assert made["live"]["number"] == (2 if edit.status == 200 else 1), made
