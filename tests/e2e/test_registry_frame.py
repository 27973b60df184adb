# SPDX-License-Identifier: Apache-2.0
"""What every request of the API shares: Idempotency-Key, versions, pages, rates, tokens, keys that
end, and what must never be written anywhere."""
import calendar
import concurrent.futures
import itertools
import json
import re
import sqlite3
import threading
import time

import pytest

import pg_cluster
from registry_kit import Registry, engines

# ring-time requests have room, bulk ones have none; reads are few
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
RATES = """ring = 1000
ring_burst = 1000
write = 1000
write_burst = 1000
read = 1
read_burst = 20
bulk = 1
bulk_burst = 3
public = 1
public_burst = 15"""


class World:
    """A registry, a second process of it with rates, and as many tenants as there are tests."""

    def __init__(self, engine, directory, cluster=None):
        self.one = Registry(engine, directory / "one", cluster)
        self.two = Registry(engine, directory / "two", cluster, rates=RATES, beside=self.one)
        self.operator = self.one.add_key("operator", "operator")
        self.carrier = self.one.add_key("carrier", "carrier")
        self.names = (f"tenant {n}" for n in itertools.count())
        self.one.start()
        self.two.start()

    def stop(self):
        for process in (self.two, self.one):
            assert process.stop() == 0, process.log()
            assert "level=error" not in process.log()

    def tenant(self, vouched=False):
        """The identifier of a new tenant, and its owner's key."""
        made = self.one.post("/v1/tenants", {"name": next(self.names), "vouched": vouched},
                             self.operator)["id"]
        return made, self.key("owner", made)["key"]

    def key(self, role, tenant, **more):
        return self.one.post("/v1/keys", {"role": role, "tenant": tenant, **more}, self.operator)

    def sql(self, text):
        """Past the registry, as who has the database in hand."""
        if self.one.engine == "postgres":
            self.one.cluster.sql(f"SET search_path = attestel; {text}", self.one.postgres)
            return
        base = sqlite3.connect(self.one.directory / "registry.db", timeout=10)
        with base:
            base.executescript(text)
        base.close()


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            made = World("postgres", directory, cluster)
            yield made
            made.stop()
    else:
        made = World("sqlite", directory)
        yield made
        made.stop()


@pytest.fixture(name="owner")
def new_owner(world):
    return world.tenant()[1]


def again(process, path, body, key, idempotency):
    return process.request("POST", path, body, key, {"Idempotency-Key": idempotency})


BUSINESS = {"name": "Example Dental", "country": "US"}


# Idempotency-Key

def test_the_same_key_and_request_get_the_first_answer_again(world, owner):
    first = again(world.one, "/v1/businesses", BUSINESS, owner, "a-1")
    assert first.status == 201 and "idempotent-replayed" not in first.headers
    for process in (world.one, world.two):
        second = again(process, "/v1/businesses", BUSINESS, owner, "a-1")
        assert (second.status, second.body) == (first.status, first.body)
        assert second.headers["etag"] == first.headers["etag"] == '"1"'
        assert second.headers["idempotent-replayed"] == "true"
        assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(world.one.get("/v1/businesses", owner)["items"]) == 1


def test_the_first_answer_comes_again_whatever_became_of_the_object(world, owner):
    first = again(world.one, "/v1/businesses", BUSINESS, owner, "gone")
    world.one.post(f"/v1/businesses/{first['id']}/close", None, owner, 200)
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "gone").body == first.body


@pytest.mark.parametrize("path,body", [
    ("/v1/businesses", {**BUSINESS, "name": "Other"}),
    ("/v1/businesses", {"country": "US", "name": "Example Dental"}),  # other bytes
    ("/v1/users", {"name": "x", "role": "caller"})])
def test_the_same_key_with_another_request_is_a_mismatch(world, owner, path, body):
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "m").status == 201
    refused = again(world.one, path, body, owner, "m")
    assert (refused.status, refused["code"]) == (409, "idempotency_mismatch")
    assert world.one.get("/v1/users", owner)["items"] == []


def test_the_same_key_of_another_caller_is_another_key(world):
    tenant, owner = world.tenant()
    other = world.key("owner", tenant)["key"]
    ids = {again(world.one, "/v1/businesses", BUSINESS, key, "shared")["id"]
           for key in (owner, other, world.tenant()[1])}
    assert len(ids) == 3


def test_a_refused_request_does_not_use_its_key_up(world, owner):
    for _ in range(2):
        refused = again(world.one, "/v1/businesses", {"name": "x"}, owner, "r")
        assert refused.status == 422 and "idempotent-replayed" not in refused.headers
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "r").status == 201


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "\t", "\u00e9"])
def test_a_key_is_1_to_64_visible_ascii_characters(world, owner, key):
    refused = again(world.one, "/v1/businesses", BUSINESS, owner, key)
    assert (refused.status, refused["code"]) == (400, "idempotency_key_invalid")
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "!" * 64).status == 201


def test_twenty_at_once_in_two_processes_make_one(world, owner):
    gate = threading.Barrier(20)

    def send(n):
        gate.wait()
        return again((world.one, world.two)[n % 2], "/v1/businesses", BUSINESS, owner, "race")

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(send, range(20)))
    made = [reply for reply in replies if reply.status == 201]
    assert len({reply.body for reply in made}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in made) == 1
    assert {reply["code"] for reply in replies if reply.status != 201} <= {"in_progress"}
    assert len(world.one.get("/v1/businesses", owner)["items"]) == 1


def test_a_key_that_was_made_is_shown_once_and_kept_nowhere(world):
    tenant, owner = world.tenant()
    body = {"role": "caller"}
    first = again(world.one, "/v1/keys", body, owner, "k")
    assert re.fullmatch("ak_[a-z2-7]{26}", first["key"])
    second = again(world.one, "/v1/keys", body, owner, "k")
    assert second["key"] is None
    assert {**second.json, "key": first["key"]} == first.json
    rotated = again(world.one, f"/v1/keys/{first['id']}/rotate", {"overlap_s": 60}, owner, "l")
    assert again(world.one, f"/v1/keys/{first['id']}/rotate", {"overlap_s": 60}, owner,
                 "l")["key"] is None
    device = again(world.one, "/v1/devices", {"number": "+12155550404"},
                   world.key("app", tenant)["key"], "d")
    held = world.one.held()
    assert first["id"].encode() in held
    for secret in (first["key"], rotated["key"], device["key"], owner):
        assert secret.encode() not in held and secret[3:].encode() not in held


def test_after_24_hours_the_key_is_new(world, owner):
    """The daemon's clock is the system's: the rows are made older instead."""
    first = again(world.one, "/v1/businesses", BUSINESS, owner, "day")
    world.sql("UPDATE idempotency SET created_at = created_at - 86395000")  # 5 s are left
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "day").body == first.body
    world.sql("UPDATE idempotency SET created_at = created_at - 6000")
    second = again(world.one, "/v1/businesses", BUSINESS, owner, "day")
    assert second.status == 201 and second["id"] != first["id"]
    assert again(world.one, "/v1/businesses", BUSINESS, owner, "day").body == second.body


# versions

@pytest.fixture(name="business")
def new_business(world, owner):
    return f"/v1/businesses/{world.one.post('/v1/businesses', BUSINESS, owner)['id']}"


def patch(world, path, owner, match=None, name="New Name"):
    headers = {} if match is None else {"If-Match": match}
    return world.one.request("PATCH", path, {"name": name}, owner, headers)


def test_a_change_needs_the_version_that_it_is_based_on(world, owner, business):
    refused = patch(world, business, owner)
    assert (refused.status, refused["code"]) == (428, "precondition_required")
    # RFC 9110 section 13.1.1: the comparison is strong
    for match in ('"2"', "1", '"1', 'W/"1"', '"11"', ""):
        refused = patch(world, business, owner, match)
        assert (refused.status, refused["code"]) == (412, "version_mismatch"), match
    for n, match in enumerate(('"1"', '"7", "2"', "*"), 2):
        changed = patch(world, business, owner, match)
        assert (changed.status, changed["version"], changed.headers["etag"]) == (200, n, f'"{n}"')
    read = world.one.get(business, owner)
    assert (read.headers["etag"], read["version"]) == ('"4"', 4)


def test_of_changes_that_race_one_wins(world, owner, business):
    gate = threading.Barrier(10)

    def send(n):
        gate.wait()
        return patch(world, business, owner, '"1"', f"Name {n}")

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(send, range(10)))
    assert sorted(reply.status for reply in replies) == [200] + 9 * [412]
    won = next(reply for reply in replies if reply.status == 200)
    assert world.one.get(business, owner)["name"] == won["name"]


# pages

def walk(world, path, key, limit):
    after, pages = "", []
    while after is not None:
        page = world.one.get(f"{path}?limit={limit}{after and '&after=' + after}", key)
        pages.append([item["id"] for item in page["items"]])
        after = page["next"]
    return pages


def test_pages_hold_everything_once(world, owner):
    ids = [world.one.post("/v1/users", {"name": f"user {n}", "role": "caller"}, owner)["id"]
           for n in range(7)]
    for limit in (1, 3, 7, 250):
        pages = walk(world, "/v1/users", owner, limit)
        assert sum(pages, []) == ids
        assert all(len(page) == limit for page in pages[:-1])
    assert world.one.get("/v1/users?limit=7", owner)["next"] is None


def test_pages_are_stable_while_others_are_made(world, owner):
    def make(n):
        return world.one.post("/v1/users", {"name": f"user {n}", "role": "caller"}, owner)["id"]

    ids = [make(n) for n in range(4)]
    page = world.one.get("/v1/users?limit=2", owner)
    ids += [make(n) for n in range(4, 6)]
    more = world.one.get(f"/v1/users?limit=250&after={page['next']}", owner)
    assert [item["id"] for item in page["items"] + more["items"]] == ids


def test_a_cursor_is_good_for_its_list_and_tenant_only(world, owner):
    for n in range(2):
        world.one.post("/v1/users", {"name": f"user {n}", "role": "caller"}, owner)
        world.one.post("/v1/businesses", BUSINESS, owner)
    cursor = world.one.get("/v1/users?limit=1", owner)["next"]
    assert world.two.get(f"/v1/users?after={cursor}", owner)["next"] is None
    other = world.tenant()[1]
    forged = [("/v1/businesses", owner, cursor), ("/v1/users", other, cursor),
              ("/v1/users", owner, "0" * 48), ("/v1/users", owner, cursor[:-1]),
              ("/v1/users", owner, cursor + "0"), ("/v1/users", owner, cursor.upper()),
              ("/v1/users", owner, ("0" if cursor[15] != "0" else "1").join(
                  (cursor[:15], cursor[16:]))), ("/v1/users", owner, "")]
    for path, key, after in forged:
        refused = world.one.request("GET", f"{path}?after={after}", None, key)
        assert (refused.status, refused["code"]) == (400, "cursor_invalid"), (path, after)


@pytest.mark.parametrize("query", [
    "limit=0", "limit=251", "limit=-1", "limit=", "limit=1x", "limit=99999999999999999999",
    "limit=+5", "limit", "offset=1", "number=%2B12155551212", "key=x", "limit=1&limit=2&x=1"])
def test_a_query_that_is_not_described_is_refused(world, owner, query):
    refused = world.one.request("GET", f"/v1/users?{query}", None, owner)
    assert (refused.status, refused["code"]) == (400, "query_not_allowed")
    assert "2155551212" not in refused.body.decode()


# fields and requests

def test_a_field_that_is_not_known_is_named(world, owner):
    body = {**BUSINESS, "colour": "red", "a/b~c": 1, "website": "javascript:alert(1)"}
    refused = world.one.request("POST", "/v1/businesses", body, owner)
    assert refused["code"] == "invalid_fields"
    assert {(error["pointer"], error["code"]) for error in refused["errors"]} == {
        ("/colour", "unknown_field"), ("/a~1b~0c", "unknown_field"), ("/website", "not_allowed")}
    nested = {"from": "+12155551212", "verification": {"verstat": "No-TN-Validation", "x": 1}}
    refused = world.one.request("POST", "/v1/lookups", nested, world.carrier)
    assert refused["errors"] == [{"pointer": "/verification/x", "code": "unknown_field",
                                  "detail": "this field is not known here"}]


@pytest.mark.parametrize("body,code", [
    (b'{"name":"x","name":"y","country":"US"}', "json_invalid"), (b"{", "json_invalid"),
    (b"", "json_invalid"), (b'{"name":"\xff"}', "json_invalid"), (b"[" * 17, "json_too_deep"),
    (b"[]", "invalid_fields"), (b"null", "json_invalid"),
    (b'{"name":"a\\u0000b"}', "json_invalid")])
def test_what_is_no_json_object_is_refused(world, owner, body, code):
    refused = world.one.request("POST", "/v1/businesses", body, owner,
                                {"Content-Type": "application/json"})
    assert refused.status in (400, 422) and refused["code"] == code


def test_every_answer_has_an_identifier_of_its_own_that_the_log_knows(world, owner):
    replies = [world.one.request(*asked) for asked in (
        ("GET", "/v1/self", None, owner), ("GET", "/v1/self", None, None), ("GET", "/nowhere"),
        ("PATCH", "/v1/self", None, owner), ("POST", "/v1/users", {}, owner),
        ("HEAD", "/v1/self", None, owner))]
    assert [reply.status for reply in replies] == [200, 401, 404, 405, 422, 200]
    ids = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(ids)) == len(ids)
    log = world.one.log()
    for reply, name in zip(replies, ids):
        line = next(line for line in log.splitlines() if name in line)
        assert f"status={reply.status}" in line
    assert replies[3].headers["allow"] == "GET"
    assert replies[1].headers["www-authenticate"] == "Bearer"


# rates

def test_bulk_work_does_not_starve_look_ups(world):
    tenant, _owner = world.tenant()
    carrier = world.key("carrier", tenant)["key"]
    asked = {"from": "+12155551212", "verification": {"verstat": "No-TN-Validation"}}
    snapshots = [world.two.request("GET", "/v1/snapshot", None, carrier) for _ in range(5)]
    assert [reply.status for reply in snapshots] == [200, 200, 200, 429, 429]
    refused = snapshots[-1]
    assert refused["code"] == "rate_limited"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit-policy"] == '"bulk";q=3'
    assert re.fullmatch('"bulk";r=0;t=1', refused.headers["ratelimit"])
    for n in range(30):
        reply = world.two.post("/v1/lookups", asked, carrier, 200)
        assert reply.headers["ratelimit-policy"] == '"ring";q=1000'
        left = int(re.match('"ring";r=([0-9]+)', reply.headers["ratelimit"])[1])
        assert 1000 - left <= n + 1


def test_a_key_has_rates_of_its_own(world):
    tenant, owner = world.tenant()
    other = world.key("owner", tenant)["key"]
    statuses = [world.two.request("GET", "/v1/self", None, owner).status for _ in range(25)]
    assert statuses[:20] == 20 * [200] and 429 in statuses
    assert world.two.request("GET", "/v1/self", None, other).status == 200
    # a token is its key
    token = world.one.post("/v1/tokens", {}, owner)["token"]
    assert world.two.request("GET", "/v1/self", None, token).status == 429


def test_after_the_time_that_it_says_a_request_may_come_again(world, owner):
    while (reply := world.two.request("GET", "/v1/self", None, owner)).status == 200:
        pass
    time.sleep(int(reply.headers["retry-after"]))
    assert world.two.request("GET", "/v1/self", None, owner).status == 200


def test_guessing_keys_is_limited_by_address_and_hinders_no_key_that_was_used_here(world, owner):
    assert world.two.get("/v1/self", owner).status == 200
    begun, replies = time.monotonic(), []
    for one, other in itertools.product(ALPHABET, ALPHABET[:4]):
        replies.append(world.two.request("GET", "/v1/self", None, "ak_" + 25 * one + other))
    assert {reply.status for reply in replies} == {401, 429}
    # the database was asked for these only: 15 at once, and one a second
    read = [reply for reply in replies if reply.status == 401]
    assert len(read) <= 15 + 1 + (time.monotonic() - begun)
    # counted, and told, as what it is: a request of somebody unknown
    assert {reply.headers["ratelimit-policy"] for reply in replies} == {'"public";q=15'}
    assert world.two.get("/v1/self", owner).headers["ratelimit-policy"] == '"read";q=20'


def test_a_key_that_is_new_here_waits_among_those_who_guess_and_then_is_known(world):
    tenant, _ = world.tenant()
    key = world.key("owner", tenant)["key"]
    while world.two.request("GET", "/v1/self", None, "ak_" + 26 * "b").status != 429:
        pass
    refused = world.two.request("GET", "/v1/self", None, key)
    assert (refused.status, refused["code"]) == (429, "rate_limited")
    time.sleep(int(refused.headers["retry-after"]))
    for _ in range(10):  # and takes none of their share from then on
        assert world.two.get("/v1/self", key).headers["ratelimit-policy"] == '"read";q=20'


def test_without_a_limit_no_rate_is_told(world, owner):
    assert "ratelimit" not in world.one.get("/v1/self", owner).headers


# tokens and keys that end

def test_a_token_lasts_an_hour_at_most_and_cannot_be_widened(world, owner):
    for ttl, status in ((59, 422), (60, 201), (3600, 201), (3601, 422)):
        assert world.one.request("POST", "/v1/tokens", {"ttl_s": ttl}, owner).status == status
    # time.time() is the registry's clock; gmtime() and time(2) read one that runs up to a tick
    # behind it, and name the second before for that long
    before = int(time.time())
    made = world.one.post("/v1/tokens", {}, owner)
    after = int(time.time())
    until = calendar.timegm(time.strptime(made["expires_at"], "%Y-%m-%dT%H:%M:%SZ"))
    assert before + 3600 <= until <= after + 3600
    narrow = world.one.post("/v1/tokens", {"permissions": ["keys"]}, owner)["token"]
    assert world.one.get("/v1/self", narrow)["permissions"] == ["keys"]
    refused = world.one.request("POST", "/v1/tokens", {"permissions": ["audit"]}, narrow)
    assert (refused.status, refused["code"]) == (403, "role_not_grantable")
    refused = world.one.request("POST", "/v1/tokens", {"permissions": ["lookup"]}, owner)
    assert (refused.status, refused["code"]) == (403, "role_not_grantable")


def works(process, key):
    status = process.request("GET", "/v1/self", None, key).status
    assert status in (200, 401)
    return status == 200


def seconds_until_refused(process, key):
    begun = time.monotonic()
    while works(process, key):
        assert time.monotonic() - begun < 10
        time.sleep(0.3)
    return time.monotonic() - begun


def third(world, directory):
    """Another process without rates."""
    return Registry(world.one.engine, directory, world.one.cluster, beside=world.one).start()


def test_a_rotated_key_works_through_the_overlap_and_not_longer(world, tmp_path):
    tenant, owner = world.tenant()
    old = world.key("caller", tenant, label="the dialler", permissions=["stream"])
    begun = time.monotonic()
    new = world.one.post(f"/v1/keys/{old['id']}/rotate", {"overlap_s": 3}, owner)
    assert new["replaces"] == old["id"] and new["key"] not in (None, old["key"])
    for same in ("role", "permissions", "label", "tenant", "expires_at"):
        assert new[same] == old[same]
    shown = world.one.get(f"/v1/keys/{old['id']}", owner)
    assert shown["successor"] == new["id"] and shown["expires_at"] is not None
    assert works(world.one, old["key"]) and works(world.one, new["key"])
    seconds_until_refused(world.one, old["key"])
    assert 3 <= time.monotonic() - begun < 6
    assert works(world.one, new["key"])
    refused = world.one.request("POST", f"/v1/keys/{old['id']}/rotate", {"overlap_s": 2}, owner)
    assert (refused.status, refused["code"]) == (409, "key_ended")
    other = third(world, tmp_path)
    assert works(other, new["key"]) and not works(other, old["key"])
    assert other.stop() == 0


def test_a_revoked_key_works_nowhere_after_5_seconds(world, tmp_path):
    tenant, owner = world.tenant()
    user = world.one.post("/v1/users", {"name": "who leaves", "role": "caller"}, owner)["id"]
    keys = {path: world.key("caller", tenant, **more) for path, more in (
        ("/v1/keys/", {}), ("/v1/users/", {"user": user}))}
    other = third(world, tmp_path)
    for path, key in keys.items():
        token = world.one.post("/v1/tokens", {}, key["key"])["token"]
        # both processes have the key at hand
        assert all(works(process, proof) for process in (world.one, other)
                   for proof in (key["key"], token))
        named = key["id"] if path == "/v1/keys/" else user
        begun = time.monotonic()
        assert world.one.request("DELETE", path + named, None, owner).status == 204
        assert not works(world.one, key["key"]) and not works(world.one, token)
        seconds_until_refused(other, key["key"])
        seconds_until_refused(other, token)
        assert time.monotonic() - begun < 5
    assert other.stop() == 0


# what must not be written

CANARIES = {"caller": "12155557701", "callee": "12155557702", "device": "12155557703",
            "stranger": "12155557704", "url": "12155557705", "query": "12155557706",
            "wrong": "12155557707"}


def test_no_number_key_or_token_is_in_log_metrics_errors_or_where_it_need_not_be(world):
    tenant, owner = world.tenant(vouched=True)
    one, replies = world.one, []
    app, carrier = (world.key(role, tenant)["key"] for role in ("app", "carrier"))
    business = one.post("/v1/businesses", BUSINESS, owner)["id"]
    one.post(f"/v1/businesses/{business}/submit", None, owner, 200)
    brand = one.post("/v1/brands", {"business": business, "name": "Example"}, owner)["id"]
    one.post("/v1/numbers", {"number": "+" + CANARIES["caller"], "brand": brand}, owner)
    pair = {"from": "+" + CANARIES["caller"], "to": "+" + CANARIES["callee"]}
    intent = one.post("/v1/intents", {**pair, "code": "survey", "text": "x"}, owner)
    device = one.post("/v1/devices", {"number": "+" + CANARIES["device"]}, app)["key"]
    passed = {"verification": {"verstat": "TN-Validation-Passed", "attest": "A"}}
    found = one.post("/v1/lookups", {**pair, **passed, "call_id": "call@canary.example"}, carrier,
                     200)
    assert found["reason"]["intent"] == intent["id"]
    one.post("/v1/lookups", {"from": "+" + CANARIES["stranger"], **passed}, carrier, 200)
    token = one.post("/v1/tokens", {}, owner)["token"]
    secrets = [owner, app, carrier, device, token, found["receipt"]]
    number = CANARIES["url"]
    for method, path, body, key in (
            ("GET", f"/v1/numbers/+{number}", None, owner),
            ("GET", f"/v1/claims/{number}", None, owner),
            ("GET", f"/v1/{owner}", None, None), ("GET", f"/v1/keys/{app}", None, owner),
            ("GET", f"/v1/claims?number={CANARIES['query']}", None, owner),
            ("GET", f"/v1/self?key={owner}&token={token}", None, None),
            ("POST", "/v1/claims", {"number": "+" + CANARIES["wrong"], "block": 10}, owner),
            ("POST", "/v1/claims", {"number": CANARIES["wrong"] + "x"}, owner),
            ("POST", "/v1/claims", {CANARIES["wrong"]: 1, owner: 2}, owner),
            ("POST", "/v1/intents", {**pair, "from": "+" + CANARIES["wrong"]}, owner),
            ("POST", "/v1/reports", {"receipt": found["receipt"] + "x", "label": "fraud"}, app),
            ("POST", "/v1/users", {"name": owner, "role": token}, owner),
            (f"X{number}", "/v1/self", None, owner),
            ("GET", "/v1/self", None, token + "x"), ("GET", "/v1/self", None, owner + "a")):
        replies.append(one.request(method, path, body, key, check=False))
    assert all(reply.status >= 400 for reply in replies), replies
    held = one.held().decode("latin-1")
    for what in (one.log(), world.two.log(), one.metrics()):
        for secret in secrets + list(CANARIES.values()):
            assert secret not in what, secret
    for secret in secrets:
        assert secret not in held, secret
    # who was called, who only asked and who was only asked about is not kept
    for name in ("callee", "device", "stranger", "url", "query", "wrong"):
        assert CANARIES[name] not in held, name
    assert CANARIES["caller"] in held and "call@canary.example" not in held
    # a field that is not known is named, whatever its name
    for reply in replies:
        errors = {error["pointer"] for error in (reply.json or {}).get("errors", [])}
        if any(error["code"] == "unknown_field" for error in (reply.json or {}).get("errors", [])):
            assert errors >= {"/" + CANARIES["wrong"]}
            continue
        for secret in secrets + list(CANARIES.values()):
            assert secret not in reply.body.decode(), reply
            assert secret not in json.dumps(reply.headers)
    audit = one.get("/v1/audit", owner).body.decode()
    assert "+1215***7701" in audit
    for secret in secrets + list(CANARIES.values()):
        assert secret not in audit, secret
