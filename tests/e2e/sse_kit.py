# SPDX-License-Identifier: Apache-2.0
"""A follower of GET /v1/stream, and rows that tests put into a registry past its API."""
import http.client
import json
import queue
import sqlite3
import threading
import time


class Stream:
    """Reads server-sent events in a thread; next() gives (id, event, data)."""

    def __init__(self, registry, key, since=None, last_id=None, port=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port or registry.port,
                                                     timeout=60)
        headers = {"Authorization": "Bearer " + registry.keys.get(key, key)}
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        path = "/v1/stream" + (f"?since={since}" if since is not None else "")
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        self.events, self.comments, self.ended = queue.Queue(), [], threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        one = {}
        try:
            while True:
                line = self.answer.readline()
                if not line:
                    break
                text = line.decode().rstrip("\n")
                if text.startswith(":"):
                    self.comments.append(time.monotonic())
                elif text:
                    name, value = text.split(": ", 1)
                    one[name] = value
                elif "event" in one:
                    self.events.put((one.get("id"), one["event"], json.loads(one["data"]),
                                     time.monotonic()))
                    one = {}
                else:
                    one = {}
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        self.ended.set()

    def next(self, wait=5):
        """(id, event, data) of the next event."""
        return self.events.get(timeout=wait)[:3]

    def none(self, wait=0.4):
        """Nothing comes."""
        try:
            got = self.events.get(timeout=wait)
        except queue.Empty:
            return True
        raise AssertionError(f"unexpected: {got}")

    def close(self):
        try:
            self.connection.sock.shutdown(2)
        except (OSError, AttributeError):
            pass
        self.thread.join(5)
        self.connection.close()


def run_sql(registry, sql):
    """Statements past the API, in one transaction: the registry follows its log while they run."""
    sql = f"BEGIN;\n{sql}\nCOMMIT;"
    if registry.engine == "postgres":
        name = registry.database.split("@/")[1].split("?")[0]
        return registry.cluster.sql("SET search_path = attestel;\n" + sql, name)
    with sqlite3.connect(registry.directory / "registry.db", timeout=20) as database:
        return database.executescript(sql)


def add_bindings(registry, brand, numbers):
    """Active bindings of numbers or blocks ("1215555121x"), each with a change of the directory."""
    rows = []
    like = f"(SELECT {{}} FROM bindings WHERE brand = '{brand}' ORDER BY serial LIMIT 1)"
    for number in numbers:
        rows.append(
            "INSERT INTO bindings (id, tenant, claim, number, brand, strict, state, version,"
            f" created_at, updated_at) SELECT 'bnd_{number}', {like.format('tenant')},"
            f" {like.format('claim')}, '{number}', '{brand}', 0, 'active', 1, 0, 0;")
        rows.append(log_row(number))
    run_sql(registry, "\n".join(rows))


def log_row(what):
    """A change of the directory, as a statement."""
    return ("UPDATE counters SET value = value + 1 WHERE name = 'events';"
            " INSERT INTO directory_log (serial, number, at) SELECT value,"
            f" '{what}', {int(time.time() * 1000)} FROM counters WHERE name = 'events';")


def event_rows(tenant, n):
    """n events of a tenant, as statements."""
    one = ("UPDATE counters SET value = value + 1 WHERE name = 'events';"
           " INSERT INTO events (serial, tenant, callee, kind, object, body, at) SELECT value,"
           f" '{tenant}', NULL, 'test.event', 'x', '{{}}', {int(time.time() * 1000)}"
           " FROM counters WHERE name = 'events';")
    return "\n".join([one] * n)
