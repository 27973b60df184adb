# SPDX-License-Identifier: Apache-2.0
"""Those who follow: the stream, the long poll, on both engines."""
import http.client
import multiprocessing
import threading
import time

import pytest

import pg_cluster
import sse_kit
from registry_kit import CALLEE, CALLER, Registry, engines


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    """A registry with two businesses, a carrier's key and an app's."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    registry.database += "\nconnections = 4096\nconnections_per_address = 4096"
    registry.write_conf()
    registry.add_key("carrier", "carrier")
    registry.add_key("app", "app-vendor")
    registry.start()
    registry.mine = registry.enrol()
    registry.theirs = registry.enrol("Other Shop", "+12155559999", "other")
    yield registry
    assert registry.stop() == 0, registry.log()
    assert '"level":"error"' not in registry.log() and "level=error" not in registry.log()


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


def announce(world, to=CALLEE, whose="mine"):
    number = CALLER if whose == "mine" else "+12155559999"
    return world.post("/v1/intents", {"from": number, "to": to, "code": "delivery", "text": "Soon"},
                      getattr(world, whose)["owner"])["id"]


def poll(world, key, query="", status=200):
    return world.get("/v1/events" + query, key, status)


def newest(world, key):
    return poll(world, key)["next"]


def test_a_business_hears_of_its_own_calls_and_of_nobody_elses(world, follow):
    mine, theirs = follow(world.mine["owner"]), follow(world.theirs["owner"])
    assert mine.answer.status == 200
    assert mine.answer.getheader("Content-Type") == "text/event-stream"
    intent = announce(world)
    serial, kind, data = mine.next()
    assert kind.startswith("intent.") and intent in str(data) and int(serial) > 0
    theirs.none()


def test_a_device_hears_of_calls_to_its_number_only(world, follow):
    device = world.post("/v1/devices", {"number": "+12155550001"}, "app")["key"]
    stream = follow(device)
    announce(world, "+12155550002")
    stream.none()
    intent = announce(world, "+12155550001")
    assert intent in str(stream.next()[2])


def test_a_carrier_hears_the_new_entry_of_a_number_and_nothing_of_calls(world, follow):
    stream = follow("carrier")
    announce(world)
    stream.none()
    number = {"number": "+12155550100", "block": 10, "brand": world.mine["brand"]}
    binding = world.post("/v1/numbers", number, world.mine["owner"])["id"]
    _, kind, data = stream.next()
    assert kind == "directory.changed"
    assert data == {"number": "12155550100", "block": 10, "customer": world.mine["business"],
                    "brand": world.mine["brand"], "name": "Example Dental", "logo_url": None,
                    "logo_sha256": None, "strict": False}
    world.request("DELETE", f"/v1/bindings/{binding}", None, world.mine["owner"])
    assert stream.next()[2] == {"number": "12155550100", "block": 10, "gone": True}


def test_a_brands_change_is_told_as_that_of_each_of_its_numbers(world, follow):
    numbers = [f"1303555{n}" for n in range(1000, 1250)]
    sse_kit.add_bindings(world, world.theirs["brand"], numbers)
    stream = follow("carrier", since=newest(world, "carrier"))
    sse_kit.run_sql(world, sse_kit.log_row(world.theirs["brand"]))
    heard = [stream.next() for _ in range(251)]
    assert [one[2]["number"] for one in heard] == ["12155559999", *numbers]
    # each has a position of its own: the rest comes after any of them
    rest = follow("carrier", last_id=heard[240][0])
    assert [rest.next()[2]["number"] for _ in range(10)] == numbers[-10:]
    rest.none()
    # and in pages by long polling
    at, got = f"{int(heard[0][0].split('-')[0]) - 1}", []
    for _ in range(3):
        page = poll(world, "carrier", f"?since={at}")
        got += [item["data"]["number"] for item in page["items"]]
        at = page["next"]
    assert got == ["12155559999", *numbers]
    assert poll(world, "carrier", f"?since={at}")["items"] == []


def test_a_stream_goes_on_after_the_last_event_that_was_seen(world, follow):
    first = follow(world.mine["owner"])
    announce(world)
    serial = first.next()[0]
    first.close()
    missed = [announce(world, f"+121555577{n}") for n in range(10, 13)]
    for again in (follow(world.mine["owner"], last_id=serial),
                  follow(world.mine["owner"], since=serial)):
        assert [again.next()[2]["id"] for _ in missed] == missed
        again.none(0.2)


def test_who_is_more_than_a_thousand_changes_behind_is_told_to_read_anew(world, follow):
    since = newest(world, world.mine["owner"])
    tenant = world.get("/v1/self", world.mine["owner"])["tenant"]
    sse_kit.run_sql(world, sse_kit.event_rows(tenant, 1000))
    time.sleep(1.2)
    stream = follow(world.mine["owner"], since=since)
    assert {stream.next()[1] for _ in range(1000)} == {"test.event"}
    sse_kit.run_sql(world, sse_kit.event_rows(tenant, 1))
    assert stream.next()[1] == "test.event"
    sse_kit.run_sql(world, sse_kit.event_rows(tenant, 30))
    time.sleep(1.2)
    late = follow(world.mine["owner"], since=since)
    assert late.next()[1] == "reset"
    assert late.ended.wait(5)
    # events of others do not count
    assert follow(world.theirs["owner"], since=since).none()


@pytest.mark.parametrize("since", ["x", "-1", "1-", "1-x", "9" * 30, ""])
def test_a_position_that_is_none_is_refused(world, since):
    assert poll(world, "carrier", f"?since={since}", 400)["code"] == "query_not_allowed"


def test_a_position_in_front_of_all_changes_is_lost(world, follow):
    assert poll(world, "carrier", "?since=999999999", 410)["code"] == "version_gone"
    stream = follow("carrier", since=999999999)
    assert stream.next()[1] == "reset" and stream.ended.wait(5)


def test_long_polls_wait_without_a_thread_or_a_connection_of_the_database(world):
    at, got = newest(world, world.mine["owner"]), []

    def wait():
        started = time.monotonic()
        got.append((poll(world, world.mine["owner"], f"?since={at}&wait_s=20"), started))
    threads = [threading.Thread(target=wait) for _ in range(40)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    started = time.monotonic()
    world.get("/v1/self", "carrier")
    assert time.monotonic() - started < 0.5
    intent = announce(world)
    for thread in threads:
        thread.join(10)
    assert len(got) == 40
    for answer, begun in got:
        assert [item["object"] for item in answer["items"]] == [intent]
        assert time.monotonic() - begun < 8


def test_a_long_poll_ends_when_its_time_is_over(world):
    started = time.monotonic()
    answer = poll(world, "carrier", f"?since={newest(world, 'carrier')}&wait_s=1")
    assert answer["items"] == [] and 0.9 < time.monotonic() - started < 1.8
    for wrong in ("31", "-1", "x", ""):
        assert poll(world, "carrier", f"?wait_s={wrong}", 400)["code"] == "query_not_allowed"


def test_a_revoked_key_and_one_that_expires_end_their_streams_within_5_s(world, follow):
    made = [world.post("/v1/keys", {"role": "caller"}, world.mine["owner"])
            for _ in range(2)]
    streams = [follow(one["key"]) for one in made]
    stays = follow(world.mine["owner"])
    world.request("DELETE", f"/v1/keys/{made[0]['id']}", None, world.mine["owner"])
    now = int(time.time() * 1000)
    sse_kit.run_sql(world, f"UPDATE keys SET expires_at = {now + 500} WHERE id = "
                           f"'{made[1]['id']}';")
    for stream in streams:
        assert stream.ended.wait(5)
    assert not stays.ended.is_set()


def test_a_key_without_the_permission_follows_nothing(world):
    assert poll(world, "app", "", 403)["code"] == "permission_missing"


def test_a_stream_that_has_nothing_to_say_says_so_each_15_seconds(world, follow):
    stream = follow("carrier")
    started = time.monotonic()
    while not stream.comments and time.monotonic() - started < 17:
        time.sleep(0.1)
    assert stream.comments and 14 < stream.comments[0] - started < 17
    assert not stream.ended.is_set()


def test_the_metrics_count_followers_and_what_they_were_sent(world, follow):
    stream = follow(world.mine["owner"])
    announce(world)
    stream.next()
    text = world.metrics()
    assert "attestel_registry_followers " in text
    assert 'attestel_registry_events_sent_total{by="stream"}' in text
    assert "attestel_registry_event_lag_seconds_count" in text
    assert "attestel_registry_resets_total" in text


def test_stopping_ends_the_streams(world, follow):
    stream = follow("carrier")
    started = time.monotonic()
    assert world.stop() == 0
    assert stream.ended.wait(5) and time.monotonic() - started < 5
    world.start()


def look_up_until(port, key, stop, times_out):
    """In a process of its own: one look-up after the other, and how long each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = '{"from":"+12155551212","verification":{"verstat":"TN-Validation-Passed","attest":"A"}}'
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
    times = []
    while not stop.is_set():
        started = time.monotonic()
        connection.request("POST", "/v1/lookups", body, headers)
        answer = connection.getresponse()
        assert answer.read() and answer.status == 200
        times.append(time.monotonic() - started)
        time.sleep(0.002)
    times_out.put(sorted(times))


def test_500_followers_hear_within_a_second_and_do_not_starve_look_ups(world):
    streams = [sse_kit.Stream(world, world.mine["owner"]) for _ in range(500)]
    context = multiprocessing.get_context("spawn")
    stop, times_out = context.Event(), context.Queue()
    looker = context.Process(target=look_up_until, args=(world.port, world.keys["carrier"], stop,
                                                         times_out))
    looker.start()
    try:
        late = []
        for n in range(20):
            announce(world, f"+12155567{n:03}")
            sent = time.monotonic()
            late += [stream.events.get(timeout=10)[3] - sent for stream in streams]
            time.sleep(0.1)
    finally:
        stop.set()
        times = times_out.get(timeout=10)
        looker.join(10)
        for stream in streams:
            stream.connection.sock.shutdown(2)
        for stream in streams:
            stream.close()
    p99 = times[len(times) * 99 // 100]
    print(f"500 followers: slowest event {max(late) * 1000:.0f} ms, "
          f"{len(times)} look-ups, p99 {p99 * 1000:.1f} ms")
    assert len(times) > 100 and max(late) < 1 and p99 < 0.1
