# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every route of the program's own table, with every kind of proof, every role,
and objects of one's own tenant, of another, of one above and of one below."""
import json
import statistics
import subprocess
import time

import pytest

import pg_cluster
import registry_proofs as proofs
from port_kit import OURS
from registry_kit import BIN, PASSED_A, Registry, engines

# What each role may do, written down a second time: docs/registry.md has it in words.
OWN = {"keys", "business:read", "business:write", "approve", "number:read", "number:write",
       "intent:read", "intent:write", "stream", "decision:read", "audit"}
READ = {"business:read", "number:read"}
EVERYTHING = OWN | {"tenants", "decide", "lookup", "attest", "snapshot", "device", "report",
                    "decision:write", "certificate", "sign", "verify"}
ROLES = {
    "operator": EVERYTHING,
    "owner": OWN | {"tenants"},
    "admin": OWN,
    "brand_editor": {"business:read", "business:write"},
    "brand_approver": {"business:read", "approve"},
    "vetter": READ | {"decide"},
    "number_admin": READ | {"number:write"},
    "caller": {"intent:read", "intent:write", "stream"},
    "analyst": READ | {"intent:read", "decision:read"},
    "auditor": READ | {"intent:read", "decision:read", "audit"},
    "support": READ,
    "carrier": {"lookup", "attest", "snapshot", "stream", "decision:read", "decision:write",
                "certificate", "sign", "verify", "report"},
    "app": {"lookup", "device", "report"},
    "device": {"lookup", "stream", "report"},
}
NOBODY = "a" * 26
PREFIXES = {"tenants": "ten_", "users": "usr_", "keys": "key_", "businesses": "biz_",
            "brands": "brd_", "reasons": "rsn_", "claims": "clm_", "bindings": "bnd_",
            "reviews": "biz_", "intents": "int_", "devices": "key_", "reports": "rep_",
            "decisions": "dec_"}
# bodies that are fine, so that nothing but the object is asked for
BODIES = {"keys_rotate": {"overlap_s": 0}, "users_update": {"name": "Mine Now"},
          "businesses_update": {"name": "Mine Now"},
          "businesses_decide": {"decision": "approve"}, "brands_update": {"name": "Mine Now"},
          "brands_approve": {"number": 1}, "brands_decide": {"decision": "suspend"},
          "claims_decide": {"decision": "fail"}, "bindings_update": {"state": "suspended"}}


def read_routes():
    done = subprocess.run([BIN / "attestel-registry", "--routes"], check=True, capture_output=True,
                          text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(World(Registry("postgres", directory / "one", cluster), directory))
    else:
        yield from run(World(Registry("sqlite", directory / "one"), directory))


def run(made):
    yield made
    assert made.tls.stop() == 0, made.tls.log()
    assert made.registry.stop() == 0, made.registry.log()
    for process in (made.registry, made.tls):
        assert "level=error" not in process.log()


class World:
    """A tenant with a key of each role and an object of each kind, one below it, and another; and a
    second process with a TLS door."""

    def __init__(self, registry, directory):
        self.registry, self.cells = registry, 0
        self.routes = read_routes()
        self.authority = proofs.Authority(directory / "ca")
        self.public_port = OURS.free_port()
        public = f"[public]\nlisten = 127.0.0.1:{self.public_port}\n{self.authority.door(False)}"
        self.tls = Registry(registry.engine, directory / "two", registry.cluster, public,
                            api=self.authority.door(), beside=registry)
        self.operator = registry.add_key("operator", "operator")
        registry.start()
        self.tls.start()
        self.mine = self.enrol("mine", "+12155550100", None)
        self.other = self.enrol("other", "+12155550200", None)
        self.below = self.enrol("below", "+12155550300", self.mine["tenant"])

    def new_key(self, role, tenant, **more):
        return self.registry.post("/v1/keys", {"role": role, "tenant": tenant, **more},
                                  self.operator)

    def enrol(self, name, number, parent):
        """A tenant that is vouched for: its identifier, a key a role, an object a kind."""
        post = self.registry.post
        tenant = post("/v1/tenants", {"name": name, "vouched": True, "parent": parent},
                      self.operator)["id"]
        keys = {role: self.new_key(role, tenant)["key"] for role in ROLES if role != "device"}
        device = post("/v1/devices", {"number": number}, keys["app"])
        keys["device"] = device["key"]
        owner = keys["owner"]
        user = post("/v1/users", {"name": "somebody", "role": "caller"}, owner)["id"]
        business = post("/v1/businesses", {"name": f"Shop {name}", "country": "US"}, owner)["id"]
        post(f"/v1/businesses/{business}/submit", None, owner, 200)
        brand = post("/v1/brands", {"business": business, "name": f"Shop {name}"}, owner)["id"]
        binding = post("/v1/numbers", {"number": number, "brand": brand}, owner)
        reason = post("/v1/reasons", {"brand": brand, "code": "survey", "text": "About us"}, owner)
        intent = post("/v1/intents", {"from": number, "to": "+12155550999", "code": "survey",
                                      "text": "About us"}, owner)
        looked_up = {"from": number, "verification": PASSED_A}
        receipt = post("/v1/lookups", looked_up, keys["app"], 200)["receipt"]
        report = post("/v1/reports", {"receipt": receipt, "label": "wanted"}, keys["app"])
        receipt = post("/v1/lookups", looked_up, keys["app"], 200)["receipt"]
        decision = post("/v1/decisions", {"from": number, "action": "reject", "rule": "r1",
                                          "evidence": []}, keys["carrier"])
        return {"tenant": tenant, "keys": keys, "number": number, "receipt": receipt, "objects": {
            "tenants": tenant, "users": user, "keys": self.new_key("support", tenant)["id"],
            "businesses": business, "reviews": business, "brands": brand, "reasons": reason["id"],
            "claims": binding["claim"], "bindings": binding["id"], "intents": intent["id"],
            "devices": device["id"], "reports": report["id"], "decisions": decision["id"]}}

    def ask(self, route, proof=None, path=None, body=None, process=None, context=None):
        """One cell: proof is a key or token, or a whole Authorization header with a space in it."""
        self.cells += 1
        headers = {}
        if proof is not None:
            headers["Authorization"] = proof if " " in proof else f"Bearer {proof}"
        if route["method"] in ("PUT", "PATCH"):
            headers["If-Match"] = '"1"'
        if route["body"]:
            headers["Content-Type"] = route["body"]["type"]
            body = json.dumps(body or {}).encode()
        return (process or self.registry).request(route["method"], path or nowhere(route), body,
                                                  headers=headers, context=context)


def nowhere(route):
    """The path of a route with the name of nothing in it."""
    kind = route["path"].split("/")[2] if route["path"].startswith("/v1/") else ""
    return route["path"].replace("{id}", PREFIXES.get(kind, "") + NOBODY) \
        .replace("{sha256}", "0" * 64).replace("{prefix}", "0000").replace("{region}", "us")


def is_allowed(route, permissions):
    return route["permissions"] in ("open", "any") or bool(set(route["permissions"]) & permissions)


def anonymous(reply):
    """A problem without the one field that differs each time."""
    return {name: value for name, value in reply.json.items() if name != "request_id"}


def refused(route, reply, status, code):
    """What is wrong with a refusal; None when nothing is."""
    told = reply.json or {}
    if route["path"].startswith("/stir/"):  # errors of ATIS-1000082
        told, code = told["requestError"]["policyException"], f"POL{status}0"
        told = {"code": told["messageId"]}
    if (reply.status, told.get("code")) == (status, code):
        return None
    return f"{route['method']} {route['path']}: {reply}"


def wrong_cells(cells):
    return [cell for cell in cells if cell is not None]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_its_row_says_and_nothing_else(world, role):
    wrong = []
    for route in world.routes:
        reply = world.ask(route, world.mine["keys"][role])
        if is_allowed(route, ROLES[role]):
            if reply.status in (401, 403, 500):
                wrong.append(f"{route['method']} {route['path']}: {reply}")
        else:
            wrong.append(refused(route, reply, 403, "permission_missing"))
    assert wrong_cells(wrong) == []


def test_the_roles_and_permissions_of_a_key_are_those_of_the_table(world):
    for role, permissions in ROLES.items():
        me = world.registry.get("/v1/self", world.mine["keys"][role])
        assert (me["role"], set(me["permissions"])) == (role, permissions)


@pytest.fixture(scope="module")
def bad_proofs(world, tmp_path_factory):
    """Each kind of proof that proves nothing."""
    folder = tmp_path_factory.mktemp("keys")
    own, foreign = world.registry.secrets / "signing.key", proofs.new_key(folder / "foreign.key")
    tenant = world.mine["tenant"]
    live = world.new_key("operator", tenant)
    claims = proofs.claims(live["id"])
    assert world.registry.request("GET", "/v1/self", None, proofs.es256(claims, own)).status == 200
    leaver = world.registry.post("/v1/users", {"name": "who leaves", "role": "operator",
                                               "tenant": tenant}, world.operator)["id"]
    ended = {"expired": world.new_key("operator", tenant),
             "revoked": world.new_key("operator", tenant),
             "user": world.new_key("operator", tenant, user=leaver)}
    tokens = {name: world.registry.post("/v1/tokens", {}, key["key"])["token"]
              for name, key in ended.items()}
    world.registry.post(f"/v1/keys/{ended['expired']['id']}/rotate", {"overlap_s": 0},
                        world.operator)
    for path in (f"/v1/keys/{ended['revoked']['id']}", f"/v1/users/{leaver}"):
        assert world.registry.request("DELETE", path, None, world.operator).status == 204
    now = int(time.time())
    good = proofs.es256(claims, own)
    head, body, signature = good.split(".")
    return {
        "none": None,
        "garbage": "garbage",
        "an empty key": "Bearer ",
        "another scheme": "Basic b3BlcmF0b3I6b3BlcmF0b3I=",
        "a key nobody has": "ak_" + NOBODY,
        "a key's identifier": live["id"],
        "an expired key": ended["expired"]["key"],
        "a revoked key": ended["revoked"]["key"],
        "a key of a disabled user": ended["user"]["key"],
        "a token of an expired key": tokens["expired"],
        "a token of a revoked key": tokens["revoked"],
        "a token of a disabled user": tokens["user"],
        "a token of a key nobody has": proofs.es256(proofs.claims("key_" + NOBODY), own),
        "an expired token":
            proofs.es256(proofs.claims(live["id"], iat=now - 600, exp=now - 1), own),
        "a token for more than an hour":
            proofs.es256(proofs.claims(live["id"], iat=now, exp=now + 3601), own),
        "a token of the future":
            proofs.es256(proofs.claims(live["id"], iat=now + 60, exp=now + 600), own),
        "a token without an end": proofs.es256({**claims, "exp": None}, own),
        "a token of another issuer": proofs.es256({**claims, "iss": "https://else"}, own),
        "a token for somebody else": proofs.es256({**claims, "aud": "attestel"}, own),
        "a token of another registry's key": proofs.es256(claims, foreign),
        "a token signed with the public key as secret": proofs.hs256(claims, own),
        "a token that nobody signed": proofs.unsigned(claims),
        "a token with a wrong signature": f"{head}.{body}.{signature[::-1]}",
        "a token without its signature": f"{head}.{body}.",
        "a token with other claims": f"{head}.{proofs.encode(b'{}')}.{signature}",
    }


def test_what_proves_nothing_gets_401_everywhere_and_always_the_same(world, bad_proofs):
    wrong, seen = [], set()
    for route in world.routes:
        open_door = route["permissions"] == "open"
        without = world.ask(route)
        for name, proof in bad_proofs.items():
            reply = world.ask(route, proof)
            if open_door:
                if reply.status != without.status:
                    wrong.append(f"{route['path']} with {name}: {reply}")
                continue
            problem = refused(route, reply, 401, "unauthenticated")
            wrong.append(problem and f"{name}: {problem}")
            seen.add((route["path"].startswith("/stir/"),
                      json.dumps(anonymous(reply), sort_keys=True)))
    assert wrong_cells(wrong) == []
    assert len(seen) == 2, "what is wrong with a proof shows"


def test_a_narrowed_token_may_do_what_it_was_narrowed_to_and_nothing_else(world):
    wrong = []
    tokens = {one: world.registry.post("/v1/tokens", {"permissions": [one]},
                                       world.mine["keys"]["operator"])["token"]
              for one in EVERYTHING}
    for route in world.routes:
        if not isinstance(route["permissions"], list):
            continue
        for permission, token in tokens.items():
            allowed = permission in route["permissions"]
            # of what it may not, one of the others is enough a route
            if not allowed and permission != ("lookup" if "lookup" not in route["permissions"]
                                              else "keys"):
                continue
            reply = world.ask(route, token)
            if not allowed:
                wrong.append(refused(route, reply, 403, "permission_missing"))
            elif reply.status in (401, 403, 500):
                wrong.append(f"{permission}: {route['method']} {route['path']}: {reply}")
    assert wrong_cells(wrong) == []


@pytest.fixture(scope="module")
def certificates(world, tmp_path_factory):
    """Contexts of clients by what their certificate is worth."""
    registered = world.authority.issue("registered")
    revoked, over = world.authority.issue("revoked"), world.authority.issue("over", days=-1)
    stranger = proofs.Authority(tmp_path_factory.mktemp("stranger") / "ca")
    foreign = stranger.issue("foreign")
    made = {}
    for name, pair in (("registered", registered), ("revoked", revoked), ("over", over),
                       ("foreign", foreign)):
        made[name] = world.new_key("carrier", world.mine["tenant"], certificate=pair[0].read_text())
        assert made[name]["key"] is None and made[name]["kind"] == "certificate"
    world.registry.request("DELETE", f"/v1/keys/{made['revoked']['id']}", None, world.operator)
    context = world.authority.context
    return {"good": context(registered), "id": made["registered"]["id"], "bad": {
        "no certificate": context(), "a revoked one": context(revoked),
        "one that was never registered": context(world.authority.issue("unknown")),
        "one that is over": context(over), "one of another authority": context(foreign)}}


def test_a_registered_client_certificate_is_a_key_of_its_role(world, certificates):
    me = world.tls.request("GET", "/v1/self", None, context=certificates["good"])
    assert (me["key"], me["role"]) == (certificates["id"], "carrier")
    wrong = []
    for route in world.routes:
        reply = world.ask(route, process=world.tls, context=certificates["good"])
        if not is_allowed(route, ROLES["carrier"]):
            wrong.append(refused(route, reply, 403, "permission_missing"))
        elif reply.status in (401, 403, 500):
            wrong.append(f"{route['method']} {route['path']}: {reply}")
    assert wrong_cells(wrong) == []


def test_a_certificate_proves_nothing_in_a_request_of_a_browser(world, certificates):
    """A page of another origin cannot use it by a form, which needs no preflight."""
    for origin in ("https://evil.example", "null"):
        reply = world.tls.request("GET", "/v1/self", None, headers={"Origin": origin},
                                  context=certificates["good"])
        assert (reply.status, reply["code"]) == (401, "unauthenticated")
        path = f"/v1/businesses/biz_{26 * 'a'}/submit"
        assert world.tls.request("POST", path, None, headers={"Origin": origin},
                                 context=certificates["good"]).status == 401


def test_no_other_client_certificate_proves_anything(world, certificates):
    wrong = []
    for route in world.routes:
        if route["permissions"] == "open":
            continue
        for name, context in certificates["bad"].items():
            problem = refused(route, world.ask(route, process=world.tls, context=context), 401,
                              "unauthenticated")
            wrong.append(problem and f"{name}: {problem}")
    assert wrong_cells(wrong) == []


def test_a_header_goes_before_the_certificate_even_when_it_is_worthless(world, certificates):
    route = next(one for one in world.routes if one["operation"] == "self_get")
    reply = world.ask(route, "garbage", process=world.tls, context=certificates["good"])
    assert reply.status == 401
    reply = world.ask(route, world.mine["keys"]["owner"], process=world.tls,
                      context=certificates["good"])
    assert reply["role"] == "owner"


def test_the_public_door_serves_what_needs_no_key_and_nothing_else(world):
    wrong, context = [], world.authority.context()
    api, world.tls.port = world.tls.port, world.public_port
    try:
        for route in world.routes:
            reply = world.ask(route, world.operator, process=world.tls, context=context)
            if "public" not in route["doors"]:
                wrong.append(reply.status != 404 and f"{route['path']}: {reply}" or None)
                continue
            assert route["permissions"] == "open"
            without = world.ask(route, process=world.tls, context=context)
            if reply.status != without.status or reply.status not in (200, 404):
                wrong.append(f"{route['path']}: {reply} {without}")
    finally:
        world.tls.port = api
    assert wrong_cells(wrong) == []


def key_for(tenant, route):
    """A key of that tenant that may use the route and does not work across tenants."""
    for role in ("owner", "carrier", "app"):
        if is_allowed(route, ROLES[role]):
            return tenant["keys"][role]
    return None


def routes_of_objects(world):
    for route in world.routes:
        if "{id}" in route["path"]:
            yield route, route["path"].split("/")[2]


# (whose key, whose object, kinds that are reached by whoever is above)
REACHES = [("other", "mine", ()), ("mine", "other", ()), ("below", "mine", ()),
           ("mine", "below", ("tenants", "users", "keys"))]


@pytest.mark.parametrize("caller,whose,reached", REACHES)
def test_an_object_of_another_tenant_is_as_if_it_were_none(world, caller, whose, reached):
    wrong = []
    for route, kind in routes_of_objects(world):
        key = key_for(getattr(world, caller), route)
        if key is None or kind in reached:
            continue
        named = getattr(world, whose)["objects"][kind]
        body = BODIES.get(route["operation"])
        there = world.ask(route, key, route["path"].replace("{id}", named), body)
        nothing = world.ask(route, key, None, body)
        wrong.append(refused(route, there, 404, "not_found"))
        if anonymous(there) != anonymous(nothing) \
                or len(there.body) != len(nothing.body) \
                or there.headers.keys() != nothing.headers.keys():
            wrong.append(f"{route['path']}: {there} is not {nothing}")
    assert wrong_cells(wrong) == []


def test_what_another_tenant_tried_has_changed_nothing(world):
    for route, kind in routes_of_objects(world):
        if route["method"] != "GET" or route["path"].count("/") != 3:
            continue
        for tenant in (world.mine, world.other, world.below):
            path = route["path"].replace("{id}", tenant["objects"][kind])
            # a report is its reporter's, a review the vetter's
            key = {"reports": tenant["keys"]["app"], "reviews": tenant["keys"]["vetter"]}.get(
                kind) or key_for(tenant, route)
            reply = world.ask(route, key, path)
            assert reply.status == 200, f"{path}: {reply}"
            assert reply.json.get("state") not in ("revoked", "closed", "suspended", "cancelled",
                                                   "undone", "disabled", "expired"), reply


def test_what_looks_across_tenants_for_review_is_the_vetters_alone(world):
    """Two routes, each a read, and no other role's but the operator's, who decides as well."""
    routes = [route for route in world.routes if route["view"] == "review"]
    assert [(route["operation"], route["method"], route["tx"], route["permissions"])
            for route in routes] == [("reviews_list", "GET", "read", ["decide"]),
                                     ("reviews_get", "GET", "read", ["decide"])]
    assert {role for role in ROLES if "decide" in ROLES[role]} == {"operator", "vetter"}
    wrong = []
    for route in routes:
        path = route["path"].replace("{id}", world.mine["objects"]["businesses"])
        for role in ROLES:
            for tenant in (world.mine, world.other, world.below):
                reply = world.ask(route, tenant["keys"][role], path)
                if role in ("operator", "vetter"):
                    wrong.append(reply.status != 200 and f"{role}: {reply}" or None)
                else:
                    wrong.append(refused(route, reply, 403, "permission_missing"))
    assert wrong_cells(wrong) == []


def test_who_is_above_reaches_tenants_users_and_keys_below(world):
    for route, kind in routes_of_objects(world):
        if route["method"] == "GET" and kind in ("tenants", "users", "keys"):
            path = route["path"].replace("{id}", world.below["objects"][kind])
            assert world.ask(route, world.mine["keys"]["owner"], path).status == 200


# (operation's path, field, kind of the object that it names, the rest of the body)
NAMING = [
    ("/v1/tenants", "parent", "tenants", {"name": "x"}),
    ("/v1/users", "tenant", "tenants", {"name": "x", "role": "caller"}),
    ("/v1/keys", "tenant", "tenants", {"role": "caller"}),
    ("/v1/keys", "user", "users", {"role": "caller"}),
    ("/v1/brands", "business", "businesses", {"name": "x"}),
    ("/v1/reasons", "brand", "brands", {"code": "survey", "text": "x"}),
    ("/v1/bindings", "brand", "brands", {"number": "+12155550200"}),
    ("/v1/numbers", "brand", "brands", {"number": "+12155550201"}),
    ("/v1/intents", "reason", "reasons", {"from": "+12155550200", "to": "+12155550999"}),
]


@pytest.mark.parametrize("path,field,kind,rest", NAMING)
def test_an_object_of_another_tenant_cannot_be_named_in_a_body(world, path, field, kind, rest):
    route = next(one for one in world.routes if (one["method"], one["path"]) == ("POST", path))
    there = world.ask(route, world.other["keys"]["owner"], path,
                      {**rest, field: world.mine["objects"][kind]})
    nothing = world.ask(route, world.other["keys"]["owner"], path,
                        {**rest, field: PREFIXES[kind] + NOBODY})
    assert there.status == 404, there
    assert there["errors"][0]["pointer"] == f"/{field}"
    assert anonymous(there) == anonymous(nothing)


def test_a_number_and_a_receipt_of_another_tenant_are_of_no_use(world):
    post = world.registry.request
    owner, app = world.other["keys"]["owner"], world.other["keys"]["app"]
    announced = {"to": "+12155550999", "code": "survey", "text": "x"}
    there = post("POST", "/v1/intents", {"from": world.mine["number"], **announced}, owner)
    nothing = post("POST", "/v1/intents", {"from": "+12155550777", **announced}, owner)
    assert there.status == 404 and anonymous(there) == anonymous(nothing)
    claim = post("POST", "/v1/claims", {"number": world.mine["number"]}, owner)
    assert (claim.status, claim["code"]) == (409, "number_taken")
    for secret in (world.mine["tenant"], "mine", world.mine["objects"]["claims"]):
        assert secret not in claim.body.decode()
    report = post("POST", "/v1/reports", {"receipt": world.mine["receipt"], "label": "fraud"}, app)
    assert (report.status, report["code"]) == (422, "receipt_invalid")
    status = post("POST", "/v1/number-status", {"number": world.mine["number"]}, owner)
    none = post("POST", "/v1/number-status", {"number": "+12155550777"}, owner)
    assert status.status == none.status
    for secret in world.mine["objects"].values():
        assert secret not in status.body.decode()


def test_lists_hold_what_is_ones_own_and_nothing_else(world):
    names = {name: json.dumps(list(getattr(world, name)["objects"].values()))
             for name in ("mine", "other", "below")}
    seen = 0
    for route in world.routes:
        # the vetter's is over all tenants: test_registry_reviews.py
        if "after" not in route["query"] or route["operation"] in ("audit_list", "reviews_list"):
            continue
        for name in names:
            reply = world.ask(route, key_for(getattr(world, name), route))
            ids = [item["id"] for item in reply["items"]]
            assert ids, route["path"]
            kind = route["path"].split("/")[2]
            assert getattr(world, name)["objects"][kind] in ids, route["path"]
            for foreign in names.keys() - {name}:
                if (name, foreign, kind) == ("mine", "below", "tenants"):
                    continue
                assert not set(ids) & set(json.loads(names[foreign])), route["path"]
            seen += 1
    assert seen >= 24


def test_a_foreign_object_takes_as_long_as_none(world):
    """Medians of 31 requests each, one after the other; no more than twice apart, or 2 ms."""
    for route, kind in routes_of_objects(world):
        key = key_for(world.other, route)
        if route["method"] != "GET" or key is None:
            continue
        took = {"foreign": [], "none": []}
        for _ in range(31):
            for name, path in (("foreign", route["path"].replace("{id}",
                                                                 world.mine["objects"][kind])),
                               ("none", nowhere(route))):
                begun = time.perf_counter()
                world.registry.request("GET", path, None, key, check=False)
                took[name].append(time.perf_counter() - begun)
        low, high = sorted(statistics.median(times) for times in took.values())
        assert high <= 2 * low or high - low < 0.002, f"{route['path']}: {low:.4f} {high:.4f}"


def test_the_matrix_is_whole(world, capsys):
    with capsys.disabled():
        print(f"\naccess: {world.cells} cells on {world.registry.engine}, "
              f"{len(world.routes)} routes, {len(ROLES)} roles")
    assert world.cells >= 500
