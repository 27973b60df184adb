# SPDX-License-Identifier: Apache-2.0
"""The snapshot of the directory and what follows it; two processes on one database."""
import copy
import json
import time

import pytest

import pg_cluster
import sse_kit
from port_kit import OURS
from registry_kit import CALLER, Registry, engines


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    """A registry with two businesses and a carrier's key."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    registry.add_key("carrier", "carrier")
    registry.start()
    registry.mine = registry.enrol()
    registry.theirs = registry.enrol("Other Shop", "+12155559999", "other")
    sse_kit.add_bindings(registry, registry.theirs["brand"],
                         [f"1404555{n}" for n in range(1000, 1450)])
    yield registry
    assert registry.stop() == 0, registry.log()
    assert '"level":"error"' not in registry.log() and "level=error" not in registry.log()


@pytest.fixture
def second(world):
    """Another process of the registry on the same database."""
    other = copy.copy(world)
    other.port, other.admin_port, other.process = OURS.free_port(), OURS.free_port(), None
    other.conf = world.directory / "second.conf"
    other.write_conf()
    yield other.start()
    assert other.stop() == 0


def snapshot(world, query="", status=200):
    reply = world.get("/v1/snapshot" + query, "carrier", status)
    if status != 200:
        return reply
    assert reply.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in reply.body.decode().splitlines()]


def apply(table, entries):
    """What a proxy does with lines and with directory.changed."""
    for entry in entries:
        key = entry["number"], entry["block"]
        if entry.get("gone"):
            table.pop(key, None)
        else:
            table[key] = entry


def test_the_snapshot_has_each_entry_once_between_its_serial_and_its_end(world):
    lines = snapshot(world)
    assert lines[0] == {"serial": lines[0]["serial"]} and lines[-1] == {"end": len(lines) - 2}
    numbers = [line["number"] for line in lines[1:-1]]
    assert len(numbers) == len(set(numbers)) >= 452
    first = next(line for line in lines if line.get("number") == CALLER[1:])
    assert first == {"number": CALLER[1:], "block": 1, "customer": world.mine["business"],
                     "brand": world.mine["brand"], "name": "Example Dental", "logo_url": None,
                     "logo_sha256": None, "strict": False}


def test_since_gives_what_changed_and_what_is_gone(world):
    since = snapshot(world)[0]["serial"]
    assert snapshot(world, f"?since={since}") == [{"serial": since}, {"end": 0}]
    body = {"number": "+12155550200", "block": 100, "brand": world.mine["brand"]}
    binding = world.post("/v1/numbers", body, world.mine["owner"])["id"]
    changed = snapshot(world, f"?since={since}")
    assert changed[0]["serial"] > since and changed[-1]["end"] == len(changed) - 2
    assert [line["block"] for line in changed[1:-1]] == [100]
    world.request("DELETE", f"/v1/bindings/{binding}", None, world.mine["owner"])
    gone = snapshot(world, f"?since={changed[0]['serial']}")
    assert gone[1:-1] == [{"number": "12155550200", "block": 100, "gone": True}]


def test_a_number_that_is_bound_and_shows_nothing_is_told_apart_from_one_that_is_not(world):
    """Else who takes the narrowest entry would find that of the block around it."""
    owner = world.mine["owner"]
    body = {"number": "+12155550300", "block": 100, "brand": world.mine["brand"]}
    wide = world.post("/v1/numbers", body, owner)["id"]
    narrow = world.post("/v1/numbers", {**body, "number": "+12155550310", "block": 10}, owner)["id"]
    since = snapshot(world)[0]["serial"]
    world.request("PATCH", f"/v1/bindings/{narrow}", {"state": "suspended"}, owner,
                  {"If-Match": '"1"'})
    hidden = {"number": "12155550310", "block": 10, "gone": True, "bound": True}
    assert snapshot(world, f"?since={since}")[1:-1] == [hidden]
    lines = snapshot(world)
    assert hidden in lines and lines[-1]["end"] == len(lines) - 2
    heard = world.get(f"/v1/events?since={since}&wait_s=5", "carrier")["items"]
    assert [item["data"] for item in heard] == [hidden]
    for binding in (narrow, wide):
        world.request("DELETE", f"/v1/bindings/{binding}", None, owner)
    assert not [line for line in snapshot(world) if line.get("number", "").startswith("121555503")]


def test_a_brand_that_is_suspended_is_gone_with_all_its_numbers(world):
    since = snapshot(world)[0]["serial"]
    sse_kit.run_sql(world, f"UPDATE brands SET state = 'suspended' WHERE id = "
                           f"'{world.theirs['brand']}'; {sse_kit.log_row(world.theirs['brand'])}")
    lines = snapshot(world, f"?since={since}")
    assert len(lines) == 453 and all(line["gone"] for line in lines[1:-1])
    sse_kit.run_sql(world, f"UPDATE brands SET state = 'live' WHERE id = "
                           f"'{world.theirs['brand']}'; {sse_kit.log_row(world.theirs['brand'])}")
    # both changes: each number twice, the last word is the same
    lines = snapshot(world, f"?since={since}")
    assert not any("gone" in line for line in lines) and len(lines) == 904


def test_a_serial_that_is_too_old_or_from_elsewhere_is_gone(world):
    assert snapshot(world, "?since=999999999", 410).json["code"] == "version_gone"
    assert snapshot(world, "?since=x", 400).json["code"] == "query_not_allowed"
    assert snapshot(world, "?since=1-2", 400).json["code"] == "query_not_allowed"
    sse_kit.run_sql(world, "INSERT INTO counters (name, value) VALUES ('directory_gone', 3);")
    assert snapshot(world, "?since=2", 410).json["code"] == "version_gone"
    assert world.get("/v1/events?since=2", "carrier", 410)["code"] == "version_gone"
    snapshot(world, "?since=3")
    sse_kit.run_sql(world, "DELETE FROM counters WHERE name = 'directory_gone';")


def test_a_snapshot_and_the_stream_from_its_serial_give_the_directory_of_now(world):
    lines = snapshot(world)
    table = {}
    apply(table, lines[1:-1])
    owner = world.mine["owner"]
    made = world.post("/v1/numbers", {"number": "+12155550300", "brand": world.mine["brand"]},
                      owner)
    world.post("/v1/numbers", {"number": "+12155550301", "brand": world.mine["brand"]}, owner)
    world.request("DELETE", f"/v1/bindings/{made['id']}", None, owner)
    stream = sse_kit.Stream(world, "carrier", since=lines[0]["serial"])
    apply(table, [stream.next()[2] for _ in range(3)])
    stream.close()
    now = {}
    apply(now, snapshot(world)[1:-1])
    assert table == now and ("12155550301", 1) in table and ("12155550300", 1) not in table


def test_a_key_of_a_business_reads_no_snapshot(world):
    reply = world.get("/v1/snapshot", world.mine["owner"], 403)
    assert reply["code"] == "permission_missing"


def test_old_changes_are_deleted_in_pieces_and_their_readers_told(world):
    since = int(world.get("/v1/events", world.mine["owner"])["next"])
    tenant = world.get("/v1/self", world.mine["owner"])["tenant"]
    sse_kit.run_sql(world, sse_kit.event_rows(tenant, 3))
    sse_kit.run_sql(world, f"UPDATE events SET at = at - 90000000 WHERE serial <= {since + 3};")
    deadline = time.monotonic() + 15
    path = f"/v1/events?since={since}"
    while world.request("GET", path, None, world.mine["owner"]).status != 410:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    world.get(f"/v1/events?since={since + 3}", world.mine["owner"])


def test_an_intent_made_through_one_process_arrives_on_a_stream_of_the_other(world, second):
    owner = world.mine["owner"]
    stream = sse_kit.Stream(second, owner)
    carrier = sse_kit.Stream(second, "carrier")
    late = []
    for n in range(10):
        sent = time.monotonic()
        made = world.post("/v1/intents", {"from": CALLER, "to": f"+1215557900{n}",
                                          "code": "delivery", "text": "Soon"}, owner)["id"]
        got = stream.events.get(timeout=5)
        assert got[2]["id"] == made
        late.append(got[3] - sent)
    print(f"{world.engine}: from one process to the other in at most {max(late) * 1000:.0f} ms")
    assert max(late) < (0.2 if world.engine == "postgres" else 1)
    world.post("/v1/numbers", {"number": "+12155550400", "brand": world.mine["brand"]}, owner)
    assert carrier.next()[2]["number"] == "12155550400"
    # what was seen in one is where the other goes on
    made = second.post("/v1/intents", {"from": CALLER, "to": "+12155579011", "code": "delivery",
                                       "text": "Soon"}, owner)["id"]
    again = sse_kit.Stream(world, owner, last_id=got[0])
    heard = [again.next() for _ in range(2)]
    assert [kind for _id, kind, _data in heard] == ["claim.verified", "intent.announced"]
    assert heard[1][2]["id"] == made
    for one in (stream, carrier, again):
        one.close()


def test_a_key_that_is_revoked_in_one_process_ends_its_streams_in_the_other(world, second):
    made = world.post("/v1/keys", {"role": "caller"}, world.mine["owner"])
    stream = sse_kit.Stream(second, made["key"])
    world.request("DELETE", f"/v1/keys/{made['id']}", None, world.mine["owner"])
    assert stream.ended.wait(5)
    stream.close()


def test_streams_outlive_a_restart_of_postgresql(world):
    if world.engine != "postgres":
        pytest.skip("SQLite has no server")
    owner = world.mine["owner"]
    stream = sse_kit.Stream(world, owner)
    world.cluster.kill()
    time.sleep(0.5)
    world.cluster.restart()
    deadline = time.monotonic() + 15
    body = {"from": CALLER, "to": "+12155579500", "code": "delivery", "text": "Soon"}
    while True:
        reply = world.request("POST", "/v1/intents", body, owner)
        if reply.status == 201:
            break
        assert reply.status == 503 and time.monotonic() < deadline, reply
        time.sleep(0.2)
    assert stream.next(10)[2]["id"] == reply["id"]
    stream.close()
