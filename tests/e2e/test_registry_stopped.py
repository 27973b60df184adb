# SPDX-License-Identifier: Apache-2.0
"""A database that stands still: what a request hears, and how soon."""
import concurrent.futures
import os
import signal
import time

import pytest

import pg_cluster
from registry_kit import CALLEE, CALLER, PASSED_A, Registry

pytestmark = pytest.mark.skipif(not pg_cluster.is_installed(), reason="PostgreSQL is not installed")

ANNOUNCED = {"from": CALLER, "to": CALLEE, "code": "appointment", "text": "On Tuesday at nine"}
LOOK_UP = {"from": CALLER, "to": CALLEE, "verification": PASSED_A}


@pytest.fixture(scope="module")
def cluster():
    with pg_cluster.Cluster(fsync=False) as one:
        yield one


def started(cluster, directory, **options):
    registry = Registry("postgres", directory, cluster)
    registry.database += "".join(f"\n{name} = {value}" for name, value in options.items())
    registry.write_conf()
    registry.add_key("carrier", "carrier")
    registry.start()
    registry.mine = registry.enrol()
    # a look-up of a pair for which a call was announced asks the database
    assert registry.request("POST", "/v1/intents", ANNOUNCED, registry.mine["owner"]).status == 201
    return registry


@pytest.fixture
def world(cluster, tmp_path):
    registry = started(cluster, tmp_path)
    yield registry
    registry.stop()


class Stopped:
    """The server and all its processes stand still."""

    def __init__(self, cluster):
        self.pids = [cluster.process.pid, *cluster.children()]

    def __enter__(self):
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def __exit__(self, *_):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


def look_up(world, **more):
    """Status and seconds."""
    started_at = time.monotonic()
    reply = world.request("POST", "/v1/lookups", dict(LOOK_UP, **more), "carrier")
    return reply, time.monotonic() - started_at


def wait_until(true):
    deadline = time.monotonic() + 8
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("budget_ms", [100, 500])
def test_a_lookup_whose_database_hangs_is_answered_at_its_budget(world, cluster, budget_ms):
    assert look_up(world)[0].status == 200
    with Stopped(cluster):
        reply, took = look_up(world, budget_ms=budget_ms)
    assert reply.status == 503 and reply["code"] == "busy"
    assert took < budget_ms / 1000 + 0.25
    assert look_up(world)[0].status == 200


def test_a_lookup_that_needs_no_database_is_answered_while_it_hangs_for_two_seconds(world, cluster):
    def ask():
        return look_up(world, to="+12155550199", budget_ms=100)

    def is_asked_in_memory():
        before = world.looked_up("memory")
        return ask()[0].status == 200 and world.looked_up("memory") > before

    wait_until(is_asked_in_memory)
    with Stopped(cluster):
        reply, took = ask()
        assert reply.status == 200 and reply["brand"] and not reply["partial"]
        assert took < 0.1
        # others may have bound the number anew by now
        wait_until(lambda: ask()[0].status == 503)
    wait_until(lambda: ask()[0].status == 200)


def test_those_who_wait_for_a_database_that_hangs_do_not_wait_one_after_the_other(world, cluster):
    with Stopped(cluster), concurrent.futures.ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda _: look_up(world, budget_ms=300), range(60)))
    assert {reply.status for reply, _ in answers} == {503}
    assert max(took for _, took in answers) < 3
    assert world.request("GET", "/v1/reason-codes", key="carrier").status in (200, 503)
    wait_until(lambda: look_up(world)[0].status == 200)


def test_once_a_database_is_known_to_hang_a_request_hears_busy_within_50_ms(cluster, tmp_path):
    registry = started(cluster, tmp_path, threads=4, database_wait="20ms")
    try:
        with Stopped(cluster), concurrent.futures.ThreadPoolExecutor(30) as pool:
            answers = list(pool.map(lambda _: look_up(registry, budget_ms=100), range(30)))
            again = [look_up(registry, budget_ms=100) for _ in range(5)]
        assert {reply.status for reply, _ in answers + again} == {503}
        assert sorted(took for _, took in again)[0] < 0.05
    finally:
        registry.stop()
