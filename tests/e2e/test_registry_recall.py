# SPDX-License-Identifier: Apache-2.0
"""Look-ups that are answered from memory show what the database holds: at once what their own
process has committed, and soon what others have."""
import concurrent.futures
import threading
import time

import pytest

import pg_cluster
import registry_kit
from registry_kit import CALLER, PASSED_A, Registry

SOON_S = 1.0    # a change of another process, at most; the machine may be busy
REPORT_S = 2.0  # a number's first report to another process


@pytest.fixture(scope="module")
def cluster():
    if not pg_cluster.is_installed():
        yield None
        return
    with pg_cluster.Cluster(fsync=False) as one:
        yield one


class Pair:
    """Two processes of one registry."""

    def __init__(self, engine, directory, cluster):
        self.one = Registry(engine, directory / "one", cluster)
        self.one.add_key("carrier", "carrier")
        self.one.start()
        self.mine = self.one.enrol()
        self.two = Registry(engine, directory / "two", cluster, beside=self.one)
        self.two.start()
        self.callees = 0

    def new_callee(self):
        self.callees += 1
        return f"+1215666{self.callees:04}"

    def bind(self, **change):
        """Changes the binding in the first process."""
        path = f"/v1/bindings/{self.mine['binding']}"
        owner = self.mine["owner"]
        version = self.one.get(path, owner).headers["etag"]
        reply = self.one.request("PATCH", path, change, owner, {"If-Match": version})
        assert reply.status == 200, reply

    def announce(self, callee):
        body = {"from": CALLER, "to": callee, "code": "appointment", "text": "On Tuesday at nine"}
        return self.one.post("/v1/intents", body, self.mine["owner"])["id"]


@pytest.fixture(scope="module", params=registry_kit.engines())
def pair(request, cluster, tmp_path_factory):
    pair = Pair(request.param, tmp_path_factory.mktemp(request.param), cluster)
    yield pair
    pair.two.stop()
    pair.one.stop()


def look_up(registry, callee=None, number=CALLER, **more):
    body = {"from": number, "verification": PASSED_A, **more}
    if callee is not None:
        body["to"] = callee
    return registry.post("/v1/lookups", body, "carrier", 200)


def wait_until(true, limit_s):
    """Seconds until it was."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < limit_s
        time.sleep(0.002)
    return time.monotonic() - began


def in_memory(registry):
    """A look-up has just been answered from memory."""
    before = registry.looked_up("memory")
    look_up(registry)
    return registry.looked_up("memory") > before


def test_lookups_that_nothing_concerns_are_answered_from_memory(pair):
    for process in (pair.one, pair.two):
        wait_until(lambda p=process: in_memory(p), 5)
        before = process.looked_up("memory"), process.looked_up("database")
        for _ in range(20):
            assert look_up(process, "+12155550199")["reasons"][-1] == "no intent announced"
            assert look_up(process, number="+442079460000")["brand"] is None
        # those of the moment while a look at the database was late are not many
        assert process.looked_up("memory") - before[0] >= 30
        assert process.looked_up("memory") + process.looked_up("database") - sum(before) == 40


def test_a_change_is_in_the_next_lookup_of_its_process(pair):
    """While others ask all the time, so that the memory is read whenever it may be."""
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            look_up(pair.one)

    before = pair.one.looked_up("memory")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask) for _ in range(3)]
        try:
            for i in range(40):
                pair.bind(state="suspended" if i % 2 == 0 else "active")
                assert (look_up(pair.one)["brand"] is None) == (i % 2 == 0)
        finally:
            stop.set()
        for one in asking:
            one.result()
    assert pair.one.looked_up("memory") > before


def test_an_intent_is_in_the_next_lookup_of_its_process(pair):
    wait_until(lambda: in_memory(pair.one), 5)
    for _ in range(40):
        callee = pair.new_callee()
        assert look_up(pair.one, callee)["reason"] is None
        intent = pair.announce(callee)
        assert look_up(pair.one, callee, call_id="a@x")["reason"]["intent"] == intent
        assert look_up(pair.one, callee, call_id="b@x")["reason"] is None
        assert look_up(pair.one, callee, call_id="a@x")["reason"]["intent"] == intent


def test_a_change_is_soon_in_the_lookups_of_other_processes(pair):
    wait_until(lambda: in_memory(pair.two), 5)
    took = []
    for i in range(10):
        pair.bind(state="suspended" if i % 2 == 0 else "active")
        took.append(wait_until(lambda n=i: (look_up(pair.two)["brand"] is None) == (n % 2 == 0),
                               SOON_S))
    print(f"change: median {sorted(took)[5] * 1e3:.1f} ms, most {max(took) * 1e3:.1f} ms")


def test_an_intent_is_soon_in_the_lookups_of_other_processes_and_taken_once(pair):
    wait_until(lambda: in_memory(pair.two), 5)
    took = []
    for _ in range(10):
        callee = pair.new_callee()
        intent = pair.announce(callee)
        took.append(wait_until(
            lambda c=callee: look_up(pair.two, c, consume=False)["reason"], SOON_S))
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(
                lambda i, c=callee: look_up((pair.one, pair.two)[i % 2], c, call_id=f"{i}@x"),
                range(6)))
        assert [a["reason"]["intent"] for a in answers if a["reason"]] == [intent]
    print(f"intent: median {sorted(took)[5] * 1e3:.1f} ms, most {max(took) * 1e3:.1f} ms")


def test_a_score_is_at_once_in_its_process_and_soon_in_others(pair):
    for i in range(3):
        number = f"+1215777000{i}"
        receipt = look_up(pair.one, number=number)["receipt"]
        pair.one.post("/v1/reports", {"receipt": receipt, "label": "fraud"}, "carrier")
        assert look_up(pair.one, number=number)["reputation"]["score"] > 0
        wait_until(lambda n=number: look_up(pair.two, number=n)["reputation"], REPORT_S)


def test_a_process_that_starts_knows_what_was_announced_and_reported(pair):
    callee, number = pair.new_callee(), "+12157770009"
    receipt = look_up(pair.one, number=number)["receipt"]
    pair.one.post("/v1/reports", {"receipt": receipt, "label": "fraud"}, "carrier")
    pair.announce(callee)
    pair.two.stop()
    pair.two.start()
    wait_until(lambda: in_memory(pair.two), 5)
    assert look_up(pair.two, number=number)["reputation"]
    assert look_up(pair.two, callee)["reason"]
