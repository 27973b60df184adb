# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the registry and of PostgreSQL while clients write: what was acknowledged is there,
once, and asking again with the same Idempotency-Key tells of the same object.

ATTESTEL_LONG=1 makes 50 rounds of the short form's few."""
import contextlib
import http.client
import json
import os
import random
import signal
import sqlite3
import threading
import time
import uuid

import pytest

import pg_cluster
import sse_kit
from registry_kit import CALLER, Registry, engines

LONG = os.environ.get("ATTESTEL_LONG") == "1"
ROUNDS = 50 if LONG else 8
WRITERS = 4
LOAD_S = 0.1, 0.4  # of a round, before the kill
GIVE_UP_S = 60
NOT_NOW = (409, 500, 503)  # in_progress; the database is away


class Journal:
    """What a client was told, on disk before it goes on."""

    def __init__(self, path):
        self.file = open(path, "w+", encoding="utf-8")

    def note(self, **entry):
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()
        os.fsync(self.file.fileno())

    def entries(self):
        self.file.seek(0)
        return [json.loads(line) for line in self.file]


class Writer(threading.Thread):
    """Writes one thing after the other, each until it is acknowledged."""

    def __init__(self, registry, name, path, end):
        super().__init__(daemon=True)
        self.registry, self.name, self.end = registry, name, end
        self.journal, self.tries, self.wrong = Journal(path), 0, None

    def operation(self, n):
        """Path and body; its mark is in nobody else's."""
        mark = f"{self.name} {n}"
        if n % 3 == 0:
            return "/v1/businesses", {"name": mark, "country": "US"}
        return "/v1/intents", {"from": CALLER, "to": f"+1215555{n % 10000:04d}", "code": "delivery",
                               "text": mark, "ttl_s": 600}

    def send(self, path, body, key):
        """The answer, or None when there was none that tells."""
        self.tries += 1
        try:
            reply = self.registry.request("POST", path, body, self.registry.mine["owner"],
                                          {"Idempotency-Key": key}, check=False)
        except (OSError, http.client.HTTPException):
            return None
        assert reply.status == 201 or reply.status in NOT_NOW, reply
        return reply if reply.status == 201 else None

    def write(self, n):
        path, body = self.operation(n)
        key, started = str(uuid.uuid4()), time.monotonic()
        self.journal.note(asked=key, path=path, body=body)
        while (reply := self.send(path, body, key)) is None:
            assert time.monotonic() < started + GIVE_UP_S, f"{self.name} {n} was never answered"
            time.sleep(0.01)
        self.journal.note(told=key, path=path, body=body, id=reply["id"])

    def run(self):
        n = 0
        try:
            while not self.end.is_set():
                self.write(n)
                n += 1
        except Exception as wrong:  # the test's own thread tells of it
            self.wrong = wrong

    def told(self):
        return [entry for entry in self.journal.entries() if "told" in entry]


class Follower(threading.Thread):
    """Polls for the tenant's changes; keeps the serials in the order in which they came."""

    def __init__(self, registry, end):
        super().__init__(daemon=True)
        self.registry, self.end, self.since, self.serials = registry, end, 0, []

    def poll(self, wait_s):
        reply = self.registry.request("GET", f"/v1/events?since={self.since}&wait_s={wait_s}",
                                      key=self.registry.mine["owner"], check=False)
        if reply.status == 200:
            self.serials += [item["serial"] for item in reply["items"]]
            self.since = reply["next"]
        return reply.status == 200 and len(reply["items"]) > 0

    def run(self):
        while not self.end.is_set():
            try:
                self.poll(1)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)


def when_up(ask):
    """The first answer of ask() that is something; while a server recovers there is none."""
    deadline = time.monotonic() + GIVE_UP_S
    while True:
        try:
            answer = ask()
        except (OSError, http.client.HTTPException, AssertionError):
            answer = None
        if answer:
            return answer
        assert time.monotonic() < deadline, "the server does not come back"
        time.sleep(0.02)


def kill_registry(registry):
    registry.stop(signal.SIGKILL)
    registry.start()


def kill_postgres(registry):
    registry.cluster.kill()
    registry.cluster.restart()


def kill_backend(registry):
    """One of the server's own processes, upon which it ends the others and recovers."""
    pids = when_up(lambda: registry.cluster.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'registry_app'").split())
    os.kill(int(random.choice(pids)), signal.SIGKILL)


def kill_either(registry):
    random.choice((kill_postgres, kill_backend))(registry)


CASES = [(engine, kill) for engine in engines()
         for kill in ([kill_registry] if engine == "sqlite" else [kill_registry, kill_either])]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}")
def crashed(request, tmp_path_factory):
    """A registry that went through all rounds, with its writers and its follower."""
    engine, kill = request.param
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(pg_cluster.Cluster()) if engine == "postgres" else None
        registry = Registry(engine, tmp_path_factory.mktemp(engine), cluster)
        stack.callback(registry.stop)
        run(registry, kill)
        yield registry


def wait_until_up(registry):
    when_up(lambda: registry.request("GET", "/v1/self", key="customer").status == 200)


def run(registry, kill):
    registry.start()
    registry.mine = registry.enrol()
    end, followed = threading.Event(), threading.Event()
    writers = [Writer(registry, f"writer {i}", registry.directory / f"journal-{i}", end)
               for i in range(WRITERS)]
    follower = Follower(registry, followed)
    for thread in [*writers, follower]:
        thread.start()
    for _ in range(ROUNDS):
        time.sleep(random.uniform(*LOAD_S))
        kill(registry)
        wait_until_up(registry)
    end.set()
    for writer in writers:
        writer.join(GIVE_UP_S + 30)
    followed.set()
    follower.join(30)
    while follower.poll(0):
        pass
    registry.writers, registry.follower = writers, follower


@pytest.fixture(autouse=True)
def the_writers_were_never_refused(crashed):
    assert [writer.wrong for writer in crashed.writers] == [None] * WRITERS


def told(registry, path=None):
    return [entry for writer in registry.writers for entry in writer.told()
            if path in (None, entry["path"])]


def rows(registry, sql):
    """What a query gives, as lists of texts."""
    if registry.engine == "postgres":
        return [line.split("|") for line in sse_kit.run_sql(registry, sql).splitlines() if line]
    with contextlib.closing(sqlite3.connect(registry.directory / "registry.db")) as database:
        return [[str(value) for value in row] for row in database.execute(sql)]


@pytest.mark.parametrize("path,table,mark", [("/v1/businesses", "businesses", "name"),
                                             ("/v1/intents", "intents", "text")])
def test_what_was_acknowledged_is_there_and_once(crashed, path, table, mark):
    held = rows(crashed, f"SELECT id, {mark} FROM {table} WHERE {mark} LIKE 'writer %';")
    expected = sorted((entry["id"], entry["body"][mark]) for entry in told(crashed, path))
    assert expected and sorted(map(tuple, held)) == expected


def test_every_writer_was_answered_in_every_part_of_the_run(crashed):
    counts = [len(writer.told()) for writer in crashed.writers]
    tries = sum(writer.tries for writer in crashed.writers)
    print(f"{crashed.engine}: {ROUNDS} kills, {sum(counts)} writes acknowledged in {tries} tries")
    assert min(counts) >= ROUNDS


def test_asking_again_with_the_same_key_tells_of_the_same_object(crashed):
    entries = told(crashed)
    for entry in random.sample(entries, min(len(entries), 50 * (1 + 9 * LONG))):
        reply = crashed.request("POST", entry["path"], entry["body"], crashed.mine["owner"],
                                {"Idempotency-Key": entry["told"]}, check=False)
        assert reply.status == 201 and reply["id"] == entry["id"], reply
        assert reply.headers["idempotent-replayed"] == "true"


def test_the_audit_rows_still_verify_and_tell_of_each_write_once(crashed):
    assert crashed.run("--verify-audit").returncode == 0
    held = rows(crashed, "SELECT object FROM audit WHERE action = 'business.created';")
    expected = sorted(entry["id"] for entry in told(crashed, "/v1/businesses"))
    assert sorted(row[0] for row in held if row[0] != crashed.mine["business"]) == expected


def test_the_serials_of_changes_have_no_gap(crashed):
    serials = [int(row[0]) for row in rows(
        crashed, "SELECT serial FROM (SELECT serial FROM events UNION ALL SELECT serial FROM"
                 " directory_log) s ORDER BY serial;")]
    assert serials == list(range(1, len(serials) + 1))
    last = rows(crashed, "SELECT value FROM counters WHERE name = 'events';")
    assert [[str(len(serials))]] == last


def test_a_follower_saw_each_change_once_and_in_order(crashed):
    tenant = crashed.get("/v1/self", crashed.mine["owner"])["tenant"]
    held = [int(row[0]) for row in rows(
        crashed, f"SELECT serial FROM events WHERE tenant = '{tenant}' ORDER BY serial;")]
    assert held and crashed.follower.serials == held
