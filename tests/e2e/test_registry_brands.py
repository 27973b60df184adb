# SPDX-License-Identifier: Apache-2.0
"""Businesses, brands and reasons: their lives, who may decide, and what is seen of them."""
import concurrent.futures
import itertools
import json
import time

import pytest

from registry_tenant import Tenant, shown, sql

NUMBERS = itertools.count(12155600000)
NAMES = itertools.count(1)


def draft(tenant):
    made = tenant.post("/v1/businesses", {"name": "Dent", "country": "US"})
    return f"/v1/businesses/{made['id']}"


def visible(tenant):
    """A brand that a look-up of a number shows: (brand, business, number)."""
    number = f"+{next(NUMBERS)}"
    business = tenant.business()
    brand = tenant.brand(business, name="Shown Name")
    tenant.claim(number)
    tenant.bind(number, brand)
    assert shown(tenant.registry, number) == "Shown Name"
    return f"/v1/brands/{brand}", f"/v1/businesses/{business}", number


# --- businesses ---

def test_a_business_lives_from_draft_to_closed(tenant):
    path = draft(tenant)
    made = tenant.get(path)
    assert (made["state"], made["findings"], made["expires_at"]) == ("draft", [], None)
    assert tenant.post(f"{path}/submit", None, 200)["state"] == "submitted"
    refused = tenant.decide(path, "reject", findings=["No such street", "Who are you?"])
    assert (refused["state"], refused["findings"]) == (
        "rejected", ["No such street", "Who are you?"])
    changed = tenant.change("PATCH", path, {"website": "https://dent.example"})
    assert changed.status == 200 and changed["website"] == "https://dent.example"
    assert tenant.post(f"{path}/submit", None, 200)["findings"] == []
    approved = tenant.decide(path, "approve")
    assert approved["state"] == "approved" and approved["expires_at"] > approved["created_at"]
    assert tenant.decide(path, "suspend", findings=["Complaints"])["state"] == "suspended"
    assert tenant.get(path)["findings"] == ["Complaints"]
    resumed = tenant.decide(path, "resume")
    assert (resumed["state"], resumed["expires_at"]) == ("approved", approved["expires_at"])
    assert tenant.post(f"{path}/close", None, 200)["state"] == "closed"
    assert [row[0] for row in tenant.audit() if row[0].startswith("business.")] == [
        f"business.{what}" for what in ("created", "submitted", "rejected", "changed", "submitted",
                                        "approved", "suspended", "resumed", "closed")]


MOVES = {  # what each state allows
    "draft": {"submit", "close", "change"}, "submitted": {"close", "approve", "reject"},
    "rejected": {"submit", "close", "change"}, "approved": {"close", "suspend"},
    "suspended": {"close", "resume"}, "closed": set(), "expired": {"submit", "close"},
}


def make(tenant, state):
    path = draft(tenant)
    steps = {"draft": [], "submitted": ["submit"], "rejected": ["submit", "reject"],
             "approved": ["submit", "approve"], "suspended": ["submit", "approve", "suspend"],
             "closed": ["close"], "expired": ["submit", "approve"]}[state]
    for step in steps:
        assert move(tenant, path, step).status == 200
    if state == "expired":
        sql(tenant.registry, f"UPDATE businesses SET expires_at = 1 WHERE id = '{path[15:]}'")
    assert tenant.get(path)["state"] == state
    return path


def move(tenant, path, step):
    if step == "change":
        return tenant.change("PATCH", path, {"name": "Dent Two"})
    if step in ("submit", "close"):
        return tenant.registry.request("POST", f"{path}/{step}", None, tenant.owner)
    return tenant.registry.request("POST", f"{path}/decide", {"decision": step}, "vetter")


@pytest.mark.parametrize("state", MOVES)
def test_a_business_moves_as_its_state_allows_and_not_otherwise(tenant, state):
    for step in ("submit", "close", "change", "approve", "reject", "suspend", "resume"):
        path = make(tenant, state)
        before = tenant.get(path).json
        reply = move(tenant, path, step)
        if step in MOVES[state]:
            assert reply.status == 200, (state, step, reply)
        else:
            assert (reply.status, reply["code"]) == (409, "state_conflict"), (state, step, reply)
            after = tenant.get(path).json
            if state == "expired":  # which may be written down meanwhile
                before["version"] = after["version"]
            assert after == before


def test_an_approval_ends_after_12_months_and_look_ups_show_its_brands_no_more(world, tenant):
    _, business, number = visible(tenant)
    serial = world.get("/v1/events", "carrier")["next"]
    sql(world, f"UPDATE businesses SET expires_at = 1 WHERE id = '{business[15:]}'")
    assert tenant.get(business)["state"] == "expired"
    deadline = time.monotonic() + 15  # it is looked for each 10 s
    while shown(world, number) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    gone = world.get(f"/v1/events?since={serial}&wait_s=5", "carrier")["items"]
    assert any(item["data"].get("gone") for item in gone), gone
    assert ("business.expired", business[15:], "", "registry") in tenant.audit()
    assert tenant.post(f"{business}/submit", None, 200)["state"] == "submitted"
    assert tenant.decide(business, "approve")["state"] == "approved"
    assert shown(world, number) == "Shown Name"


def test_a_vouched_tenants_business_is_approved_at_once_and_the_audit_says_why(vouched):
    path = draft(vouched)
    assert vouched.post(f"{path}/submit", None, 200)["state"] == "approved"
    row = vouched.audit()[-1]
    assert row[0] == "business.submitted" and "vouched" in row[2]


def test_a_vouched_tenant_does_not_lift_a_suspension(world, vouched):
    _, business, number = visible(vouched)
    vouched.decide(business, "suspend")
    for step in ("submit", "change"):
        assert move(vouched, business, step).status == 409
    assert shown(world, number) is None
    world.post(f"{business}/decide", {"decision": "resume"}, vouched.owner, 403)


def test_only_a_vetter_decides(world, tenant):
    path = make(tenant, "submitted")
    for role in ("owner", "admin", "brand_editor", "brand_approver", "number_admin", "auditor"):
        world.post(f"{path}/decide", {"decision": "approve"}, tenant.key(role), 403)
    assert tenant.get(path)["state"] == "submitted"


@pytest.mark.parametrize("body,pointer,code", [
    ({"name": "", "country": "US"}, "/name", "empty"),
    ({"name": "x" * 36, "country": "US"}, "/name", "too_long"),
    ({"name": "Call +1 215 555 1212", "country": "US"}, "/name", "phone_number"),
    ({"name": "a\u202eb", "country": "US"}, "/name", "bidi_character"),
    ({"name": "Dent", "country": "us"}, "/country", "not_allowed"),
    ({"name": "Dent"}, "/country", "required"),
    ({"name": "Dent", "country": "US", "website": "http://x.example"}, "/website", "not_allowed"),
    ({"name": "Dent", "country": "US", "website": "javascript:1"}, "/website", "not_allowed"),
    ({"name": "Dent", "country": "US", "state": "approved"}, "/state", "unknown_field"),
    ({"name": "Dent", "country": "US", "tenant": "ten_x"}, "/tenant", "unknown_field"),
])
def test_what_a_business_must_not_be_is_refused_by_field(tenant, body, pointer, code):
    errors = tenant.post("/v1/businesses", body, 422)["errors"]
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in errors], errors


def test_findings_are_bounded_and_kept_as_they_are(tenant):
    path = make(tenant, "submitted")
    tenant.decide(path, "reject", 422, findings=["x"] * 17)
    tenant.decide(path, "reject", 422, findings=["x" * 257])
    assert tenant.get(path)["state"] == "submitted"
    odd = ['quotes " and \\', "naïve 日本 😀"]
    assert tenant.decide(path, "reject", findings=odd)["findings"] == odd
    assert tenant.get(path)["findings"] == odd


def test_a_business_changes_under_if_match_only(world, tenant):
    path = draft(tenant)
    assert world.request("PATCH", path, {"name": "Two"}, tenant.owner)["code"] == \
        "precondition_required"
    assert tenant.change("PATCH", path, {"name": "Two"}, version=7)["code"] == "version_mismatch"
    assert tenant.change("PATCH", path, {"name": "Two"}).headers["etag"] == '"2"'
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(
            lambda i: tenant.change("PATCH", path, {"name": f"No {i}"}, version=2).status,
            range(8)))
    assert sorted(replies) == [200] + [412] * 7


# --- brands ---

def test_a_version_never_changes_and_the_live_one_stays_while_the_next_is_reviewed(world, tenant):
    path, _, number = visible(tenant)
    first = tenant.get(path)["live"]
    second = tenant.change("PUT", path, {"name": "Next Name"})
    assert second.status == 200
    assert (second["live"], second["latest"]["number"], second["latest"]["state"]) == (
        first, 2, "in_review")
    assert shown(world, number) == "Shown Name"
    approved = tenant.decide(path, "approve", number=2)
    assert (approved["live"]["name"], approved["live"]["number"]) == ("Next Name", 2)
    assert shown(world, number) == "Next Name"
    new, old = tenant.get(f"{path}/versions")["items"]
    assert (old["state"], new["state"]) == ("replaced", "live")
    assert {**old, "state": "live"} == first


def test_a_rejected_version_says_why_and_the_live_one_stays(world, tenant):
    path, _, number = visible(tenant)
    tenant.change("PUT", path, {"name": "Bank of All"})
    reply = tenant.decide(path, "reject", number=2, findings=["Not a bank"])
    assert (reply["latest"]["state"], reply["latest"]["findings"]) == ("rejected", ["Not a bank"])
    assert reply["live"]["number"] == 1 and shown(world, number) == "Shown Name"
    tenant.decide(path, "approve", 409, number=2)
    tenant.decide(path, "reject", 409, number=1)


def test_a_version_that_a_later_one_has_overtaken_does_not_come_back(world, tenant):
    path, _, number = visible(tenant)
    tenant.change("PUT", path, {"name": "Two"})
    tenant.change("PUT", path, {"name": "Three"})
    tenant.decide(path, "approve", number=3)
    assert tenant.decide(path, "approve", 409, number=2)["code"] == "state_conflict"
    assert tenant.decide(path, "approve", 409, number=1)["code"] == "state_conflict"
    assert shown(world, number) == "Three"
    assert tenant.decide(path, "reject", number=2)["live"]["number"] == 3


def test_a_vetter_names_the_version_that_was_looked_at(tenant):
    path, _, _ = visible(tenant)
    tenant.change("PUT", path, {"name": "What The Vetter Saw"})
    tenant.change("PUT", path, {"name": "What Came Then"})
    for decision in ("approve", "reject"):
        reply = tenant.decide(path, decision, 422)
        assert reply["errors"][0]["pointer"] == "/number"
    assert tenant.decide(path, "approve", number=2)["live"]["name"] == "What The Vetter Saw"
    assert tenant.decide(path, "approve", 404, number=99)["code"] == "not_found"


def people(tenant):
    """An editor with two keys and an approver: (keys of the editor, key of the approver)."""
    editor = tenant.user("Edith", "admin")
    return [tenant.key("admin", editor), tenant.key("admin", editor)], \
        tenant.key("brand_approver", tenant.user("Abel", "brand_approver"))


def test_nobody_approves_what_the_same_person_edited_whatever_the_key(tenant):
    (one, two), approver = people(tenant)
    path, _, _ = visible(tenant)
    version = tenant.get(path)["version"]
    assert tenant.change("PUT", path, {"name": "Two"}, version, key=one).status == 200
    token = tenant.post("/v1/tokens", {}, key=two)["token"]
    for key in (one, two, token):
        reply = tenant.post(f"{path}/approve", {"number": 2}, 403, key=key)
        assert reply["code"] == "approver_is_editor"
    reply = tenant.post(f"{path}/approve", {"number": 2}, 200, key=approver)
    assert reply["latest"]["state"] == "approved" and reply["live"]["number"] == 1
    assert reply["latest"]["approver"] != reply["latest"]["editor"]
    tenant.post(f"{path}/approve", {"number": 2}, 409, key=approver)
    assert tenant.decide(path, "approve", number=2)["live"]["number"] == 2


def test_a_key_of_nobody_in_particular_is_not_another_person_after_its_rotation(tenant):
    path, _, _ = visible(tenant)
    made = tenant.registry.post("/v1/keys", {"role": "admin", "tenant": tenant.id}, "operator")
    assert tenant.change("PUT", path, {"name": "Two"}, key=made["key"]).status == 200
    rotated = tenant.post(f"/v1/keys/{made['id']}/rotate", {"overlap_s": 60})
    reply = tenant.post(f"{path}/approve", {"number": 2}, 403, key=rotated["key"])
    assert reply["code"] == "approver_is_editor"


def test_of_a_vouched_tenant_a_version_is_live_at_once_if_its_business_is_approved(vouched):
    path, _, number = visible(vouched)
    assert vouched.change("PUT", path, {"name": "At Once"})["live"]["name"] == "At Once"
    assert shown(vouched.registry, number) == "At Once"
    waiting = vouched.post("/v1/brands", {"business": draft(vouched)[15:], "name": "Too Early"})
    assert (waiting["live"], waiting["state"]) == (None, "new")


def test_a_brand_goes_live_only_with_an_approved_business(tenant):
    business = draft(tenant)
    path = f"/v1/brands/{tenant.brand(business[15:], live=False)}"
    assert tenant.decide(path, "approve", 409, number=1)["code"] == "business_not_approved"
    tenant.post(f"{business}/submit", None, 200)
    assert tenant.decide(path, "approve", 409, number=1)["code"] == "business_not_approved"
    tenant.decide(business, "approve")
    assert tenant.decide(path, "approve", number=1)["state"] == "live"


@pytest.mark.parametrize("what", ["brand", "business"])
def test_what_is_suspended_is_gone_at_once_from_look_ups_snapshot_and_changes(world, tenant, what):
    brand, business, number = visible(tenant)
    path = brand if what == "brand" else business
    for decision, name in (("suspend", None), ("resume", "Shown Name")):
        serial = world.get("/v1/events", "carrier")["next"]
        tenant.decide(path, decision)
        assert shown(world, number) == name
        lines = map(json.loads, world.get("/v1/snapshot", "carrier").body.decode().splitlines())
        line = next(one for one in lines if one.get("number") == number[1:])
        assert (line.get("name"), line.get("gone", False), line.get("bound", False)) == (
            name, name is None, name is None)
        changed = world.get(f"/v1/events?since={serial}&wait_s=5", "carrier")["items"]
        ours = [item["data"] for item in changed if item["data"]["number"] == number[1:]]
        assert ours and all(item.get("gone", False) == (name is None) for item in ours), changed


def test_a_closed_business_is_gone_for_good(world, tenant):
    _, business, number = visible(tenant)
    tenant.post(f"{business}/close", None, 200)
    assert shown(world, number) is None
    tenant.decide(business, "resume", 409)


def test_a_suspended_brand_does_not_come_back_by_a_new_version(world, vouched):
    path, _, number = visible(vouched)
    vouched.decide(path, "suspend")
    assert vouched.change("PUT", path, {"name": "Phoenix"})["state"] == "suspended"
    assert shown(world, number) is None
    vouched.decide(path, "suspend", 409)
    assert vouched.decide(path, "resume")["state"] == "live"
    assert shown(world, number) == "Phoenix"


def test_two_edits_at_once_make_one_version(tenant):
    path, _, _ = visible(tenant)
    version = tenant.get(path)["version"]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(
            lambda i: tenant.change("PUT", path, {"name": f"No {i}"}, version).status, range(10)))
    assert sorted(replies) == [200] + [412] * 9
    assert len(tenant.get(f"{path}/versions")["items"]) == 2


def test_two_decisions_at_once_are_one(tenant):
    path, _, _ = visible(tenant)
    tenant.change("PUT", path, {"name": "Two"})
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda i: tenant.registry.request(
            "POST", f"{path}/decide", {"decision": "approve" if i % 2 else "reject", "number": 2},
            "vetter").status, range(10)))
    assert sorted(replies) == [200] + [409] * 9
    states = [one["state"] for one in tenant.get(f"{path}/versions")["items"]]
    assert states in (["live", "replaced"], ["rejected", "live"])


def test_versions_say_who_and_when_and_the_newest_hundred_are_listed(tenant):
    path, _, _ = visible(tenant)
    for i in range(101):
        assert tenant.change("PUT", path, {"name": f"No {i}"}, i + 2).status == 200
    items = tenant.get(f"{path}/versions")["items"]
    assert [one["number"] for one in items] == list(range(102, 2, -1))
    assert all(one["editor"].startswith("key_") for one in items)


def test_each_change_of_a_brand_is_in_the_audit_with_its_key(tenant):
    path, _, _ = visible(tenant)
    me, vetter = tenant.get("/v1/self")["key"], tenant.registry.get("/v1/self", "vetter")["key"]
    tenant.change("PUT", path, {"name": "Two"})
    tenant.decide(path, "reject", number=2)
    tenant.decide(path, "suspend")
    tenant.decide(path, "resume")
    assert [(row[0], row[3]) for row in tenant.audit() if row[1] == path[11:]] == [
        ("brand.created", me), ("brand.version_live", vetter), ("brand.edited", me),
        ("brand.version_rejected", vetter), ("brand.suspended", vetter), ("brand.resumed", vetter)]


# --- reasons ---

def test_a_reason_is_of_ones_own_brand_and_ends_when_it_is_retired(tenant, world):
    other = Tenant(world, vouched=True)
    path, _, number = visible(tenant)
    made = tenant.post("/v1/reasons", {"brand": path[11:], "code": "survey", "text": "About us"})
    assert (made["state"], made["lang"]) == ("active", "en")
    body = {"brand": path[11:], "code": "survey", "text": "About us"}
    assert other.post("/v1/reasons", body, 404)["errors"][0]["pointer"] == "/brand"
    call = {"from": number, "to": "+12155550999", "reason": made["id"]}
    assert tenant.post("/v1/intents", call)["text"] == "About us"
    other.delete(f"/v1/reasons/{made['id']}", 404)
    tenant.delete(f"/v1/reasons/{made['id']}")
    tenant.delete(f"/v1/reasons/{made['id']}", 404)
    assert tenant.get("/v1/reasons")["items"][0]["state"] == "retired"
    refused = tenant.post("/v1/intents", call, 404)
    assert refused["errors"][0]["pointer"] == "/reason"


def test_a_reason_of_another_brand_of_ones_own_is_not_for_this_number(tenant):
    _, _, number = visible(tenant)
    second, _, _ = visible(tenant)
    reason = tenant.post("/v1/reasons", {"brand": second[11:], "code": "survey", "text": "Us"})
    call = {"from": number, "to": "+12155550999", "reason": reason["id"]}
    refused = tenant.registry.request("POST", "/v1/intents", call, tenant.owner)
    assert refused.status in (404, 422) and refused["errors"][0]["pointer"] == "/reason"


@pytest.mark.parametrize("change,pointer", [
    ({"text": "x" * 65}, "/text"), ({"text": ""}, "/text"),
    ({"text": "see www.x.example"}, "/text"),
    ({"code": "sale"}, "/code"), ({"lang": "e n"}, "/lang"), ({"lang": "x" * 36}, "/lang"),
    ({"state": "retired"}, "/state")])
def test_a_reason_that_must_not_be_is_refused_by_field(tenant, change, pointer):
    body = {"brand": tenant.brand(), "code": "survey", "text": "Us", **change}
    assert tenant.post("/v1/reasons", body, 422)["errors"][0]["pointer"] == pointer


# --- all of them ---

def test_each_post_with_an_idempotency_key_happens_once(tenant):
    path, business, _ = visible(tenant)
    tenant.change("PUT", path, {"name": "Two"})
    approver = people(tenant)[1]
    fresh = draft(tenant)
    requests = [
        ("/v1/businesses", {"name": "Dent", "country": "US"}, tenant.owner),
        (f"{fresh}/submit", None, tenant.owner),
        (f"{fresh}/decide", {"decision": "approve"}, "vetter"),
        (f"{fresh}/close", None, tenant.owner),
        ("/v1/brands", {"business": business[15:], "name": "Dent"}, tenant.owner),
        (f"{path}/approve", {"number": 2}, approver),
        (f"{path}/decide", {"decision": "approve", "number": 2}, "vetter"),
        ("/v1/reasons", {"brand": path[11:], "code": "survey", "text": "Us"}, tenant.owner),
    ]
    for target, body, key in requests:
        head = {"Idempotency-Key": f"once-{next(NAMES)}"}
        first = tenant.registry.request("POST", target, body, key, head)
        assert first.status in (200, 201), (target, first)
        again = tenant.registry.request("POST", target, body, key, head)
        assert (again.status, again.body) == (first.status, first.body), (target, again)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers.get("etag") == first.headers.get("etag")


def test_who_is_above_acts_below_only_with_a_key_of_below(world, tenant):
    below = Tenant(world, parent=tenant)
    path, business, _ = visible(below)
    for target in (path, business, f"{path}/versions"):
        tenant.get(target, 404)
    tenant.post(f"{business}/close", None, 404)
    tenant.post("/v1/brands", {"business": business[15:], "name": "x"}, 404)
    key = tenant.post("/v1/keys", {"role": "admin", "tenant": below.id})["key"]
    assert tenant.get(path, key=key)["id"] == path[11:]
    above = tenant.get("/v1/self")["key"]
    assert above not in [row[3] for row in below.audit() if not row[0].startswith("key.")]
