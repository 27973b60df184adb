# SPDX-License-Identifier: Apache-2.0
"""Tenants in three levels, their users and keys, and the rows that say what was done."""
import concurrent.futures
import itertools
import sqlite3
import time

import pytest

import pg_cluster
import registry_proofs as proofs
import sse_kit
from registry_kit import Registry, engines

# who may make a key of which role; a device's key is its app's to make
GRANTS = {
    "operator": {"operator", "owner", "admin", "brand_editor", "brand_approver", "vetter",
                 "number_admin", "caller", "analyst", "auditor", "support", "carrier", "app"},
    "owner": {"owner", "admin", "brand_editor", "brand_approver", "number_admin", "caller",
              "analyst", "auditor", "support"},
    "admin": {"admin", "brand_editor", "brand_approver", "number_admin", "caller", "analyst",
              "auditor", "support"},
}
ROLES = sorted(GRANTS["operator"] | {"device"})


class World:
    def __init__(self, engine, directory, cluster=None):
        self.registry = Registry(engine, directory / "one", cluster)
        self.operator = self.registry.add_key("operator", "operator")
        self.names = (f"tenant {n}" for n in itertools.count())
        self.registry.start()

    def tenant(self, key=None, **more):
        """A new tenant, made by the operator or with a key, and its owner's key."""
        made = self.registry.post("/v1/tenants", {"name": next(self.names), **more},
                                  key or self.operator)
        return made.json, self.key("owner", made["id"], key)["key"]

    def key(self, role, tenant, key=None, **more):
        return self.registry.post("/v1/keys", {"role": role, "tenant": tenant, **more},
                                  key or self.operator)

    def refused(self, method, path, body, key, status, code):
        reply = self.registry.request(method, path, body, key)
        assert (reply.status, reply["code"]) == (status, code), reply
        return reply

    def sql(self, text):
        """Past the registry, as who has the database in hand."""
        if self.registry.engine == "postgres":
            self.registry.cluster.sql(f"SET search_path = attestel; {text}",
                                      self.registry.postgres)
            return
        base = sqlite3.connect(self.registry.directory / "registry.db", timeout=10)
        with base:
            base.executescript(text)
        base.close()


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(World("postgres", directory, cluster))
    else:
        yield from run(World("sqlite", directory))


def run(made):
    yield made
    assert made.registry.stop() == 0, made.registry.log()
    assert "level=error" not in made.registry.log()


# tenants

def test_a_reseller_makes_tenants_below_itself_three_levels_in_all(world):
    reseller, key = world.tenant()
    customer, customers_key = world.tenant(key)
    branch, branchs_key = world.tenant(customers_key)
    assert [tenant["level"] for tenant in (reseller, customer, branch)] == [1, 2, 3]
    assert [tenant["parent"] for tenant in (reseller, customer, branch)] == \
        [None, reseller["id"], customer["id"]]
    world.refused("POST", "/v1/tenants", {"name": "too deep"}, branchs_key, 409, "tenant_too_deep")
    world.refused("POST", "/v1/tenants", {"name": "too deep", "parent": branch["id"]}, key, 409,
                  "tenant_too_deep")
    deep = world.registry.post("/v1/tenants", {"name": next(world.names), "parent":
                                               customer["id"]}, key)
    assert deep["level"] == 3
    seen = {name: {item["id"] for item in world.registry.get("/v1/tenants?limit=250",
                                                             one)["items"]}
            for name, one in (("reseller", key), ("customer", customers_key),
                              ("branch", branchs_key), ("operator", world.operator))}
    everybody = {reseller["id"], customer["id"], branch["id"], deep["id"]}
    assert seen["reseller"] == everybody
    assert seen["customer"] == everybody - {reseller["id"]}
    assert seen["branch"] == {branch["id"]}
    assert seen["operator"] > everybody
    # upwards there is nothing
    world.refused("GET", f"/v1/tenants/{reseller['id']}", None, customers_key, 404, "not_found")
    world.refused("POST", "/v1/tenants", {"name": "x", "parent": reseller["id"]}, branchs_key, 404,
                  "not_found")


def test_a_reseller_acts_for_who_is_below_and_its_chain_says_so(world):
    _reseller, key = world.tenant()
    customer, customers_key = world.tenant(key)
    branch, branchs_key = world.tenant(customers_key)
    user = world.registry.post("/v1/users", {"name": "x", "role": "caller", "tenant":
                                             branch["id"]}, key)
    assert user["tenant"] == branch["id"]
    made = world.key("caller", branch["id"], key, user=user["id"])
    assert world.registry.get("/v1/self", made["key"])["tenant"] == branch["id"]
    assert [item["id"] for item in world.registry.get("/v1/users", branchs_key)["items"]] \
        == [user["id"]]
    assert world.registry.get("/v1/users", key)["items"] == []
    mine = world.registry.get("/v1/self", key)["key"]
    rows = world.registry.get("/v1/audit", branchs_key)["items"]
    assert [(row["action"], row["object"]) for row in rows if row["actor"] == mine] == \
        [("user.created", user["id"]), ("key.created", made["id"])]
    assert world.registry.request("DELETE", f"/v1/keys/{made['id']}", None, key).status == 204
    assert world.registry.request("GET", "/v1/self", None, made["key"]).status == 401
    # a user is of one tenant
    reply = world.refused("POST", "/v1/keys", {"role": "caller", "tenant": customer["id"],
                                               "user": user["id"]}, key, 404, "not_found")
    assert reply["errors"][0]["pointer"] == "/user"


def test_only_the_operator_vouches(world):
    made, key = world.tenant(vouched=True)
    assert made["vouched"] is True and world.registry.get("/v1/self", key)["vouched"] is True
    reply = world.refused("POST", "/v1/tenants", {"name": "x", "vouched": True}, key, 403,
                          "permission_missing")
    assert reply["errors"] == [{"pointer": "/vouched", "code": "not_allowed",
                                "detail": "the value is not allowed"}]
    below, belows_key = world.tenant(key)
    assert below["vouched"] is False
    assert world.registry.get("/v1/self", belows_key)["vouched"] is False


def test_a_tenants_name_is_its_own(world):
    made, key = world.tenant()
    world.refused("POST", "/v1/tenants", {"name": made["name"]}, world.operator, 409,
                  "tenant_exists")
    world.refused("POST", "/v1/tenants", {"name": made["name"]}, key, 409, "tenant_exists")
    for name, code in (("", "empty"), ("x" * 65, "too_long"), ("a\u202eb", "bidi_character"),
                       (" a", "surrounding_space"), ("a\u200bb", "invisible_character"),
                       ("a\nb", "control_character"), (7, "wrong_type")):
        reply = world.refused("POST", "/v1/tenants", {"name": name}, key, 422, "invalid_fields")
        assert (reply["errors"][0]["pointer"], reply["errors"][0]["code"]) == ("/name", code)


# users

def test_a_user_that_is_disabled_takes_its_keys_along(world):
    tenant, owner = world.tenant()
    user = world.registry.post("/v1/users", {"name": "Ada", "role": "caller"}, owner)
    assert (user["state"], user["version"], user.headers["etag"]) == ("active", 1, '"1"')
    world.refused("POST", "/v1/users", {"name": "Ada", "role": "support"}, owner, 409,
                  "user_exists")
    world.registry.post("/v1/users", {"name": "Ada", "role": "caller"}, world.tenant()[1])
    keys = [world.key("caller", tenant["id"], owner, user=user["id"]) for _ in range(2)]
    other = world.key("caller", tenant["id"], owner)
    assert keys[0]["user"] == user["id"] and other["user"] is None
    assert world.registry.request("DELETE", f"/v1/users/{user['id']}", None, owner).status == 204
    for key in keys:
        assert world.registry.request("GET", "/v1/self", None, key["key"]).status == 401
        assert world.registry.get(f"/v1/keys/{key['id']}", owner)["state"] == "revoked"
    assert world.registry.get("/v1/self", other["key"])["key"] == other["id"]
    assert world.registry.get(f"/v1/users/{user['id']}", owner)["state"] == "disabled"
    reply = world.refused("POST", "/v1/keys", {"role": "caller", "user": user["id"]}, owner, 404,
                          "not_found")
    assert reply["errors"][0]["pointer"] == "/user"
    world.refused("DELETE", f"/v1/users/{user['id']}", None, owner, 404, "not_found")


# whose key may have which role: what the user may not, none of its keys may
WITHIN = {
    "operator": GRANTS["operator"],
    "owner": GRANTS["owner"],
    "admin": GRANTS["admin"],
    "brand_editor": {"brand_editor"},
    "brand_approver": {"brand_approver"},
    "vetter": {"vetter", "support"},
    "number_admin": {"number_admin", "support"},
    "caller": {"caller"},
    "analyst": {"analyst", "support"},
    "auditor": {"auditor", "analyst", "support"},
    "support": {"support"},
    "carrier": {"carrier"},
    "app": {"app"},
}


@pytest.mark.parametrize("role", WITHIN)
def test_a_key_that_is_made_for_a_user_is_no_more_than_the_user(world, role):
    tenant, _owner = world.tenant()
    user = world.registry.post("/v1/users", {"name": "x", "role": role, "tenant": tenant["id"]},
                               world.operator)["id"]
    for wanted in GRANTS["operator"]:
        body = {"role": wanted, "tenant": tenant["id"], "user": user}
        if wanted in WITHIN[role]:
            assert world.registry.post("/v1/keys", body, world.operator)["role"] == wanted
        else:
            reply = world.refused("POST", "/v1/keys", body, world.operator, 403,
                                  "role_not_grantable")
            assert reply["errors"][0]["pointer"] == "/role"


def changed(world, user, body, key, version=1):
    return world.registry.request("PATCH", f"/v1/users/{user}", body, key,
                                  {"If-Match": f'"{version}"'})


def test_a_user_whose_role_is_lowered_loses_the_keys_that_are_more_in_every_process(
        world, tmp_path):
    """At once here, within 5 s in another process, tokens and open streams included."""
    beside = Registry(world.registry.engine, tmp_path / "two", world.registry.cluster,
                      beside=world.registry).start()
    try:
        tenant, owner = world.tenant()
        user = world.registry.post("/v1/users", {"name": "x", "role": "admin"}, owner)["id"]
        more, less = (world.key(role, tenant["id"], owner, user=user) for role in
                      ("admin", "caller"))
        token = world.registry.post("/v1/tokens", {}, more["key"])["token"]
        for proof in (more["key"], less["key"], token):
            assert beside.get("/v1/self", proof)["user"] == user  # it has them in its cache now
        streams = [sse_kit.Stream(one, more["key"]) for one in (world.registry, beside)]
        begun = time.monotonic()
        reply = changed(world, user, {"role": "caller"}, owner)
        assert (reply.status, reply["role"], reply.headers["etag"]) == (200, "caller", '"2"')
        for proof in (more["key"], token):
            assert world.registry.request("GET", "/v1/self", None, proof).status == 401
        assert world.registry.get("/v1/self", less["key"])["role"] == "caller"
        for proof in (more["key"], token):
            while beside.request("GET", "/v1/self", None, proof).status != 401:
                assert time.monotonic() - begun < 5
                time.sleep(0.05)
        assert all(stream.ended.wait(begun + 7 - time.monotonic()) for stream in streams)
        assert beside.get("/v1/self", less["key"])["role"] == "caller"
        assert world.registry.get(f"/v1/keys/{more['id']}", owner)["state"] == "revoked"
        # what was taken does not come back
        assert changed(world, user, {"role": "admin"}, owner, 2)["role"] == "admin"
        assert world.registry.request("GET", "/v1/self", None, more["key"]).status == 401
        assert [row["detail"] for row in world.registry.get("/v1/audit", owner)["items"]
                if row["action"] == "user.changed"] == ["caller", "admin"]
    finally:
        assert beside.stop() == 0


def test_a_key_is_bound_to_its_user_even_when_it_was_made_while_the_user_was_lowered(world):
    """What two processes that race leave behind, written past the program."""
    tenant, owner = world.tenant()
    user = world.registry.post("/v1/users", {"name": "x", "role": "owner"}, owner)["id"]
    key = world.key("owner", tenant["id"], owner, user=user)
    world.sql(f"UPDATE users SET role = 'caller' WHERE id = '{user}'")
    deadline = time.monotonic() + 6
    while world.registry.get("/v1/self", key["key"])["role"] != "caller":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert set(world.registry.get("/v1/self", key["key"])["permissions"]) == \
        {"intent:read", "intent:write", "stream"}
    world.refused("GET", "/v1/keys", None, key["key"], 403, "permission_missing")
    world.sql(f"UPDATE users SET state = 'disabled' WHERE id = '{user}'")
    while world.registry.request("GET", "/v1/self", None, key["key"]).status != 401:
        assert time.monotonic() < deadline + 6
        time.sleep(0.05)


def test_nobody_changes_a_user_that_it_could_not_make(world):
    tenant, owner = world.tenant()
    admin = world.key("admin", tenant["id"], owner)["key"]
    narrow = world.key("owner", tenant["id"], owner, permissions=["keys"])["key"]
    boss, hand = (world.registry.post("/v1/users", {"name": name, "role": role}, owner)["id"]
                  for name, role in (("boss", "owner"), ("hand", "caller")))
    for user, body, key in ((boss, {"role": "caller"}, admin), (hand, {"role": "owner"}, admin),
                            (hand, {"role": "vetter"}, owner), (hand, {"role": "admin"}, narrow)):
        reply = changed(world, user, body, key)
        assert (reply.status, reply["code"]) == (403, "role_not_grantable"), (body, reply)
    assert changed(world, hand, {"name": "boss"}, owner)["code"] == "user_exists"
    assert world.registry.request("PATCH", f"/v1/users/{hand}", {"name": "y"}, owner)["code"] == \
        "precondition_required"
    assert changed(world, hand, {"name": "y"}, owner, 7)["code"] == "version_mismatch"
    assert changed(world, hand, {"state": "disabled"}, owner)["errors"][0]["pointer"] == "/state"
    reply = changed(world, hand, {"name": "y", "role": "support"}, admin)
    assert (reply["name"], reply["role"], reply["version"]) == ("y", "support", 2)
    assert world.registry.request("DELETE", f"/v1/users/{hand}", None, owner).status == 204
    assert changed(world, hand, {"name": "z"}, owner, 3)["code"] == "state_conflict"


# keys

@pytest.mark.parametrize("giver", GRANTS)
def test_a_role_makes_keys_and_users_of_those_roles_only(world, giver):
    tenant, _owner = world.tenant()
    key = world.key(giver, tenant["id"])["key"]
    for role in ROLES:
        for path, body in (("/v1/keys", {"role": role}),
                           ("/v1/users", {"role": role, "name": f"a {role}"})):
            reply = world.registry.request("POST", path, body, key)
            if role in GRANTS[giver]:
                assert reply.status == 201 and reply["role"] == role, reply
            else:
                assert (reply.status, reply["code"]) == (403, "role_not_grantable"), reply
                assert reply["errors"][0]["pointer"] == "/role"


def test_a_key_narrows_its_role_and_never_widens_it(world):
    tenant, owner = world.tenant()
    made = world.key("owner", tenant["id"], owner, permissions=["audit", "keys"])
    assert sorted(made["permissions"]) == ["audit", "keys"]
    assert world.registry.get("/v1/self", made["key"])["permissions"] == made["permissions"]
    world.refused("GET", "/v1/users/usr_" + "a" * 26, None, made["key"], 404, "not_found")
    world.refused("GET", "/v1/businesses", None, made["key"], 403, "permission_missing")
    for permissions in (["lookup"], ["audit", "decide"]):
        reply = world.refused("POST", "/v1/keys", {"role": "owner", "permissions": permissions},
                              owner, 403, "role_not_grantable")
        assert reply["errors"][0]["pointer"] == "/permissions"


def test_a_narrowed_key_or_token_makes_no_key_that_may_do_more(world):
    tenant, owner = world.tenant()
    old = world.key("caller", tenant["id"], owner)
    narrow = [world.key("owner", tenant["id"], owner, permissions=["keys"])["key"],
              world.registry.post("/v1/tokens", {"permissions": ["keys"]}, owner)["token"]]
    for key in narrow:
        for body in ({"role": "owner"}, {"role": "caller"},
                     {"role": "owner", "permissions": ["keys", "audit"]}):
            world.refused("POST", "/v1/keys", body, key, 403, "role_not_grantable")
        world.refused("POST", f"/v1/keys/{old['id']}/rotate", {"overlap_s": 60}, key, 403,
                      "role_not_grantable")
        assert world.registry.post("/v1/keys", {"role": "owner", "permissions": ["keys"]},
                                   key)["permissions"] == ["keys"]


def test_a_key_is_shown_once_and_described_without_it(world):
    tenant, owner = world.tenant()
    made = world.key("caller", tenant["id"], owner, label="the dialler", expires_in_s=60)
    shown = world.registry.get(f"/v1/keys/{made['id']}", owner)
    assert "key" not in shown.json and made["key"] not in shown.body.decode()
    assert {name: made[name] for name in shown.json} == shown.json
    assert shown["expires_at"] is not None and shown["label"] == "the dialler"
    listed = world.registry.get("/v1/keys", owner)
    assert made["key"] not in listed.body.decode()
    assert shown.json in listed["items"]
    for expires in (59, -1, 316224001):
        world.refused("POST", "/v1/keys", {"role": "caller", "expires_in_s": expires}, owner, 422,
                      "invalid_fields")


def test_a_certificate_is_registered_once(world, tmp_path):
    tenant, owner = world.tenant()
    certificate, key = proofs.Authority(tmp_path / "ca").issue("client")
    body = {"role": "caller", "certificate": certificate.read_text()}
    made = world.registry.post("/v1/keys", body, owner)
    assert (made["kind"], made["key"]) == ("certificate", None)
    world.refused("POST", "/v1/keys", body, world.tenant()[1], 409, "key_exists")
    for text in ("", "x", key.read_text()):
        world.refused("POST", "/v1/keys", {"role": "caller", "certificate": text}, owner, 422,
                      "certificate_invalid")
    world.refused("POST", f"/v1/keys/{made['id']}/rotate", {"overlap_s": 0}, owner, 409,
                  "key_ended")
    assert tenant["id"] == made["tenant"]


# audit rows

def verify(world):
    """Exit status and what is said of each tenant."""
    done = world.registry.run("--verify-audit", check=False)
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert (done.returncode == 0) == (set(told.values()) == {"ok"}), done.stderr
    return done.returncode, told


def test_what_was_done_is_in_its_tenants_rows_in_order(world):
    tenant, owner = world.tenant()
    mine = world.registry.get("/v1/self", owner)["key"]
    user = world.registry.post("/v1/users", {"name": "x", "role": "caller"}, owner)["id"]
    key = world.key("caller", tenant["id"], owner)["id"]
    new = world.registry.post(f"/v1/keys/{key}/rotate", {"overlap_s": 0}, owner)["id"]
    world.registry.request("DELETE", f"/v1/keys/{new}", None, owner)
    world.registry.request("DELETE", f"/v1/users/{user}", None, owner)
    world.refused("POST", "/v1/users", {"name": "x", "role": "caller"}, owner, 409, "user_exists")
    rows = world.registry.get("/v1/audit", owner)["items"]
    assert [row["serial"] for row in rows] == list(range(1, 8))
    assert [(row["action"], row["object"]) for row in rows[2:]] == [
        ("user.created", user), ("key.created", key), ("key.rotated", new), ("key.revoked", new),
        ("user.disabled", user)]
    assert {row["actor"] for row in rows[2:]} == {mine}
    assert len({row["hash"] for row in rows}) == 7
    assert verify(world)[1][tenant["id"]] == "ok"


def test_rows_of_writers_that_race_make_one_chain(world):
    tenant, owner = world.tenant()
    names = [f"user {n}" for n in range(24)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: world.registry.post(
            "/v1/users", {"name": name, "role": "caller"}, owner)["id"], names))
    rows = world.registry.get("/v1/audit", owner)["items"]
    assert [row["serial"] for row in rows] == list(range(1, 27))
    assert {row["object"] for row in rows[2:]} == set(made)
    assert verify(world)[1][tenant["id"]] == "ok"


@pytest.mark.parametrize("what,change,broken", [
    ("edited", "UPDATE audit SET detail = 'owner' WHERE tenant = '{0}' AND serial = 3", 3),
    ("edited in its time", "UPDATE audit SET at = at + 1 WHERE tenant = '{0}' AND serial = 4", 4),
    ("given to somebody else", "UPDATE audit SET actor = 'key_x' WHERE tenant = '{0}'"
     " AND serial = 1", 1),
    ("removed", "DELETE FROM audit WHERE tenant = '{0}' AND serial = 3", 3),
    ("removed and closed up", "DELETE FROM audit WHERE tenant = '{0}' AND serial = 5;"
     " UPDATE audit SET serial = 5 WHERE tenant = '{0}' AND serial = 6", 5),
    ("cut off", "DELETE FROM audit WHERE tenant = '{0}' AND serial = 6", 6),
    ("cut off with the count", "DELETE FROM audit WHERE tenant = '{0}' AND serial = 6;"
     " UPDATE audit_heads SET serial = 5 WHERE tenant = '{0}'", 6),
    ("all taken away", "DELETE FROM audit WHERE tenant = '{0}'", 1),
    ("left without a head", "DELETE FROM audit_heads WHERE tenant = '{0}'", 7),
    ("added", "INSERT INTO audit SELECT tenant, 7, at, actor, action, object, detail, hash"
     " FROM audit WHERE tenant = '{0}' AND serial = 6", 7)])
def test_rows_that_are_not_as_they_were_written_are_found(world, what, change, broken):
    """Each change is made to copies of the two tables, and undone."""
    tenant, owner = world.tenant()
    other, _key = world.tenant()
    for n in range(4):
        world.registry.post("/v1/users", {"name": f"user {n}", "role": "caller"}, owner)
    assert verify(world)[0] == 0
    world.sql("CREATE TABLE kept_rows AS SELECT * FROM audit;"
              "CREATE TABLE kept_heads AS SELECT * FROM audit_heads")
    try:
        world.sql(change.format(tenant["id"]))
        status, told = verify(world)
        assert status == 1, what
        assert told[tenant["id"]] == f"broken from row {broken}"
        assert {name for name, words in told.items() if words != "ok"} == {tenant["id"]}
        assert told[other["id"]] == "ok"
    finally:
        world.sql("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept_rows;"
                  "DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads;"
                  "DROP TABLE kept_rows; DROP TABLE kept_heads")
    assert verify(world)[0] == 0
