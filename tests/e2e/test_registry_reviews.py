# SPDX-License-Identifier: Apache-2.0
"""What waits for a vetter, of all tenants, and who may read it."""
import concurrent.futures

import pytest

from registry_tenant import Tenant, sql


def queue(world, query="", key="vetter"):
    """All pages of the queue."""
    items, after = [], ""
    while after is not None:
        page = world.get(f"/v1/reviews?limit=250{query}{after and '&after=' + after}", key)
        items += page["items"]
        after = page["next"]
    return items


def waiting(world, *tenants, query=""):
    """(kind, id, state) of what waits of those tenants, in the queue's order."""
    return [(one["kind"], one["id"], one["state"]) for one in queue(world, query)
            if one["tenant"]["id"] in [tenant.id for tenant in tenants]]


def case(world, made, key="vetter"):
    return world.get(f"/v1/reviews/{made}", key)


def submitted(tenant, name="Dent"):
    made = tenant.post("/v1/businesses", {"name": name, "country": "US"})["id"]
    tenant.post(f"/v1/businesses/{made}/submit", None, 200)
    return made


def test_what_waits_is_listed_over_all_tenants_the_oldest_first(world, tenant, other, numbers):
    first = submitted(tenant)
    claim = other.claim(numbers(0), verified=False)
    brand = tenant.brand(first, live=False)
    second = submitted(other)
    expected = [("business", first, "submitted"), ("claim", claim, "pending"),
                ("brand", brand, "in_review"), ("business", second, "submitted")]
    assert waiting(world, tenant, other) == expected
    assert waiting(world, tenant, other, query="&kind=business") == [expected[0], expected[3]]
    assert waiting(world, tenant, other, query="&state=pending") == [expected[1]]
    assert waiting(world, tenant, other, query="&kind=brand&state=pending") == []
    tenant.decide(f"/v1/businesses/{first}", "approve")
    other.decide(f"/v1/claims/{claim}", "verify")
    tenant.decide(f"/v1/brands/{brand}", "approve", number=1)
    assert waiting(world, tenant, other) == [expected[3]]
    other.post(f"/v1/businesses/{second}/close", None, 200)
    assert waiting(world, tenant, other) == []


def test_a_place_is_kept_while_it_waits_and_is_the_last_when_it_comes_again(world, tenant, numbers):
    business, brand = submitted(tenant), None
    brand = tenant.brand(business, live=False)
    claim = tenant.claim(numbers(0), verified=False)
    tenant.post(f"/v1/brands/{brand}/approve", {"number": 1}, 200,
                key=tenant.key("brand_approver"))
    assert waiting(world, tenant) == [("business", business, "submitted"),
                                      ("brand", brand, "approved"), ("claim", claim, "pending")]
    tenant.decide(f"/v1/businesses/{business}", "reject", findings=["No"])
    assert [one[0] for one in waiting(world, tenant)] == ["brand", "claim"]
    tenant.post(f"/v1/businesses/{business}/submit", None, 200)
    assert [one[0] for one in waiting(world, tenant)] == ["brand", "claim", "business"]
    tenant.delete(f"/v1/claims/{claim}")
    assert [one[0] for one in waiting(world, tenant)] == ["brand", "business"]


def test_nothing_of_a_vouched_tenant_waits_but_what_was_made_too_early(world, vouched, numbers):
    business = vouched.post("/v1/businesses", {"name": "Dent", "country": "US"})["id"]
    brand = vouched.brand(business, live=False)
    vouched.claim(numbers(0))
    assert waiting(world, vouched) == [("brand", brand, "in_review")]
    vouched.post(f"/v1/businesses/{business}/submit", None, 200)
    assert waiting(world, vouched) == []


def test_each_version_waits_for_itself_and_one_that_was_overtaken_no_more(world, tenant):
    brand = tenant.brand()
    path = f"/v1/brands/{brand}"
    for name in ("Two", "Three", "Four"):
        tenant.change("PUT", path, {"name": name})
    items = [one for one in queue(world) if one["id"] == brand]
    assert [[version["number"] for version in one["versions"]] for one in items] == [[2], [3], [4]]
    assert all(one["waits_since"] == one["versions"][0]["created_at"] for one in items)
    tenant.decide(path, "approve", number=3)
    items = [one for one in queue(world) if one["id"] == brand]
    assert [one["versions"][0]["name"] for one in items] == ["Four"]
    assert (items[0]["brand"]["live"]["name"], items[0]["state"]) == ("Three", "in_review")


def test_a_case_has_all_that_is_needed_for_deciding(world, tenant):
    logo = tenant.logo(b"case")["logo"]
    business = submitted(tenant, "Example Dental")
    brand = tenant.brand(business, name="Example Dent", live=False, logo=logo)
    tenant.change("PUT", f"/v1/brands/{brand}", {"name": "Second"})
    found = case(world, business)
    assert found["business"] == tenant.get(f"/v1/businesses/{business}").json
    assert found["tenant"] == {"id": tenant.id, "name": tenant.name, "parent": None,
                               "vouched": False}
    assert (found["kind"], found["state"], found["brand"], found["claim"], found["versions"],
            found["rivals"]) == ("business", "submitted", None, None, [], [])
    assert found["waits_since"] is not None
    found = case(world, brand)
    assert found["brand"] == tenant.get(f"/v1/brands/{brand}").json
    assert found["versions"] == tenant.get(f"/v1/brands/{brand}/versions")["items"]
    assert found["versions"][1]["logo"] == logo and found["versions"][1]["logo_url"] is not None
    assert found["business"]["id"] == business and found["business"]["state"] == "submitted"
    # decided, it can still be read, and waits no more
    tenant.decide(f"/v1/businesses/{business}", "reject", findings=["No such street"])
    found = case(world, business)
    assert (found["state"], found["waits_since"]) == ("rejected", None)
    assert found["business"]["findings"] == ["No such street"]


def test_a_claims_case_names_who_holds_the_number(world, tenant, other, numbers):
    mine = tenant.claim(numbers(0), 100, verified=False)
    assert case(world, mine)["rivals"] == []
    held = [other.claim(numbers(n)) for n in (7, 42)]
    assert tenant.decide(f"/v1/claims/{mine}", "verify")["state"] == "conflict"
    found = case(world, mine)
    assert found["claim"] == tenant.get(f"/v1/claims/{mine}").json
    assert (found["state"], found["waits_since"] is None) == ("conflict", False)
    assert [(one["tenant"]["id"], one["claim"]["id"], one["claim"]["proof"])
            for one in found["rivals"]] == [(other.id, one, "loa") for one in held]
    assert waiting(world, tenant) == [("claim", mine, "conflict")]
    assert case(world, held[0])["rivals"] == []


OTHERS = ("owner", "admin", "brand_editor", "brand_approver", "number_admin", "caller", "analyst",
          "auditor", "support", "carrier", "app")


def test_a_vetter_reads_every_tenants_cases_and_no_other_role_reads_any(world, tenant, numbers):
    made = [submitted(tenant), tenant.claim(numbers(0), verified=False)]
    made.append(tenant.brand(made[0], live=False))
    here = Tenant(world)
    keys = {role: here.key(role) for role in OTHERS}
    keys["own owner"] = tenant.owner
    for role, key in keys.items():
        for path in ["/v1/reviews"] + [f"/v1/reviews/{one}" for one in made]:
            reply = world.request("GET", path, None, key)
            assert (reply.status, reply["code"]) == (403, "permission_missing"), (role, path)
    vetters = here.key("vetter")  # of whatever tenant it is
    for key in ("vetter", "operator", vetters):
        assert [case(world, one, key)["id"] for one in made] == made
        assert {one["id"] for one in queue(world, key=key)} >= set(made)
    # and what a vetter does not decide on stays its tenant's
    for path in (f"/v1/businesses/{made[0]}", f"/v1/claims/{made[1]}", f"/v1/brands/{made[2]}",
                 f"/v1/brands/{made[2]}/versions"):
        assert world.request("GET", path, None, vetters).status == 404
    assert world.get("/v1/businesses", vetters)["items"] == []


@pytest.mark.parametrize("name", ["biz_" + "a" * 26, "clm_" + "a" * 26, "brd_" + "a" * 26,
                                  "ten_" + "a" * 26, "biz_", "x", "biz_" + "a" * 40])
def test_a_case_that_is_none_is_not_found(world, name):
    assert world.get(f"/v1/reviews/{name}", "vetter", 404)["code"] == "not_found"


@pytest.mark.parametrize("query", ["kind=tenant", "kind=", "state=live", "state=verified",
                                   "limit=0", "tenant=x"])
def test_a_query_that_finds_nothing_for_sure_is_refused(world, query):
    assert world.get(f"/v1/reviews?{query}", "vetter", 400, check=False)["code"] == \
        "query_not_allowed"


def test_pages_go_on_where_they_ended_whatever_comes_and_goes(world, tenant):
    made = [submitted(tenant, f"Shop {n}") for n in range(7)]
    seen, after = [], ""
    while after is not None:
        page = world.get("/v1/reviews?limit=2" + (after and f"&after={after}"), "vetter")
        seen += [one["id"] for one in page["items"] if one["tenant"]["id"] == tenant.id]
        after = page["next"]
        if seen[-1:] == [made[3]]:  # what was seen goes, one that was not too, another comes
            tenant.decide(f"/v1/businesses/{made[2]}", "approve")
            tenant.post(f"/v1/businesses/{made[5]}/close", None, 200)
            made.append(submitted(tenant, "Late"))
            made[5] = None
    assert seen == [one for one in made if one is not None]
    cursor = world.get("/v1/reviews?limit=1", "vetter")["next"]
    assert cursor is not None
    forged = cursor[:15] + ("0" if cursor[15] != "0" else "1") + cursor[16:]
    for wrong in (forged, cursor[:-1] + ("0" if cursor[-1] != "0" else "1"), "x"):
        reply = world.request("GET", f"/v1/reviews?after={wrong}", None, "vetter", check=False)
        assert (reply.status, reply["code"]) == (400, "cursor_invalid")
    other_list = world.request("GET", f"/v1/keys?after={cursor}", None, "operator")
    assert other_list["code"] == "cursor_invalid"
    foreign = world.request("GET", f"/v1/reviews?after={cursor}", None, tenant.key("vetter"))
    assert foreign["code"] == "cursor_invalid"


def test_of_many_who_submit_at_once_each_has_a_place_of_its_own(world):
    tenants = [Tenant(world) for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: submitted(tenants[n % 4], f"Shop {n}"), range(24)))
    listed = [one[1] for one in waiting(world, *tenants)]
    assert sorted(listed) == sorted(made)
    places = sql(world, "SELECT count(DISTINCT review) - count(review) FROM businesses")
    assert str(places).strip().splitlines()[-1].strip() == "0"
