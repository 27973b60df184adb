# SPDX-License-Identifier: Apache-2.0
"""What the registry's ring-time requests cost, on both engines.

Requests a second are those of one second of CPU time, PostgreSQL's own processes counted with the
registry. The server has one core for itself and what asks it the other, where there are two. The
reference is a bare libmicrohttpd handler with as many threads, the same requests and answers as
long.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import pg_cluster  # noqa: E402
import registry_kit  # noqa: E402

FEW, MANY, STEP = 1000, 1000000, 100000
FIRST = 12150000000  # of the MANY numbers; the registry's own customer has one elsewhere
THREADS, CONNECTIONS, ROUNDS, ROUND_S, WARM_S = 4, 16, 5, 1, 5
HALF_LOAD_S, CALLS, CALLS_PER_S = 4, 1000, 200
OPTIONS = "[log]\nlevel = warning\n"
CORES = sorted(os.sched_getaffinity(0))

# A copy of the first claim and the first binding for each number that is not there yet.
COPY_CLAIMS = """
INSERT INTO claims (id, tenant, number, state, proof, version, created_at, updated_at, verified_at)
SELECT 'clm_' || n.n, c.tenant, CAST(n.n AS TEXT), c.state, c.proof, 1, c.created_at, c.created_at,
 c.verified_at FROM {series} CROSS JOIN (SELECT * FROM claims ORDER BY serial LIMIT 1) c"""
COPY_BINDINGS = """
INSERT INTO bindings (id, tenant, claim, number, brand, strict, state, version, created_at,
 updated_at)
SELECT 'bnd_' || n.n, b.tenant, 'clm_' || n.n, CAST(n.n AS TEXT), b.brand, 0, b.state, 1,
 b.created_at, b.created_at
FROM {series} CROSS JOIN (SELECT * FROM bindings ORDER BY serial LIMIT 1) b"""
SERIES = {"sqlite": "(WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s"
                    " WHERE n < {last}) SELECT n FROM s) n",
          "postgres": "generate_series({first}::bigint, {last}::bigint) n(n)"}


def pinned(core, words):
    """words, to be run on one core: 0 is the server's, 1 what asks it."""
    return ["taskset", "-c", str(CORES[core % len(CORES)]), *map(str, words)]


class Measured(registry_kit.Registry):
    """A registry on a core of its own, with any number of numbers."""

    def __init__(self, *words, **more):
        super().__init__(*words, **more)
        self.add_key("carrier", "carrier")

    def started(self):
        """Runs, and has read its numbers: look-ups are answered from memory. Sets load_s."""
        self.start()
        began = time.monotonic()
        while 'source="memory"' not in self.metrics():
            self.request("POST", "/v1/lookups", lookup_body("+12150000000"), "carrier")
            time.sleep(0.01)
        self.load_s = time.monotonic() - began
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        for task in tasks.iterdir():
            os.sched_setaffinity(int(task.name), {CORES[0]})
        return self

    def sql(self, text):
        if self.engine == "postgres":
            return self.cluster.sql(f"SET search_path = attestel; {text}", self.postgres)
        import sqlite3
        with contextlib.closing(sqlite3.connect(self.directory / "registry.db")) as database:
            database.executescript(text)
        return ""

    def add_numbers(self, first, last):
        for start in range(first, last + 1, STEP):
            series = SERIES[self.engine].format(first=start, last=min(start + STEP - 1, last))
            self.sql(";".join(sql.format(series=series) for sql in (COPY_CLAIMS, COPY_BINDINGS))
                     + ";")
        self.sql("ANALYZE;" if self.engine == "sqlite" else "ANALYZE; CHECKPOINT;")

    def renewed(self):
        """Started anew: the numbers came past it."""
        self.stop()
        return self.started()

    def resident(self):
        """Bytes of memory, without what is mapped from files."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) * 1024

    def size(self):
        if self.engine == "postgres":
            return int(self.cluster.sql(f"SELECT pg_database_size('{self.postgres}')"))
        self.sql("PRAGMA wal_checkpoint(TRUNCATE);")
        return (self.directory / "registry.db").stat().st_size

    def pids(self):
        """The processes that do its work."""
        if self.engine == "sqlite":
            return [self.process.pid]
        return [self.process.pid, self.cluster.process.pid, *self.cluster.children()]


def write_request(path, port, target, key, body):
    body = json.dumps(body)
    path.write_text(f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                    f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n{body}")
    path.chmod(0o600)
    return path


class Load:
    """Runs http_load against a port."""

    def __init__(self, folder, port, request):
        self.folder, self.port, self.request = folder, port, request

    def run(self, **options):
        words = [self.folder / "http_load", "-p", self.port, "-f", self.request]
        for name, value in options.items():
            words += [f"-{name}", value]
        done = subprocess.run(pinned(1, words), capture_output=True, text=True, timeout=120,
                              check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)



@contextlib.contextmanager
def bare_server(folder, threads, size):
    """Process and port of a bare handler whose answers have that size."""
    server = subprocess.Popen(pinned(0, [folder / "http_bare", threads, size]), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield server.pid, int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(10)


def cpu_us(pids):
    """CPU time of processes and all their threads; others on the machine do not count."""
    return sum(int(task.read_text().split()[0]) / 1e3 for pid in pids
               for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


def cost(load, pids, numbers):
    """CPU time of one request, in microseconds."""
    before = cpu_us(pids)
    answers = load.run(c=CONNECTIONS, s=ROUND_S, x=numbers)
    return (cpu_us(pids) - before) / answers["requests"]


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def row(name, value, unit, reference=None):
    ratio = value / reference if reference else None
    return {"name": name, "value": value, "unit": unit, "reference": reference,
            "ratio": round(ratio, 3) if ratio else None}


def lookup_body(number):
    return {"from": number, "to": "+12155551213", "call_id": "1234567890@192.0.2.1",
            "verification": registry_kit.PASSED_A}


def of_lookups(registry, load, folder, engine):
    """Against the bare handler, in turns; then at half of what is reached."""
    size = load.run(n=100, x=FEW)["body"]
    with bare_server(folder, THREADS, size) as (pid, port):
        bare = Load(folder, port, load.request)
        pairs = [(cost(load, registry.pids(), FEW), cost(bare, [pid], FEW)) for _ in range(ROUNDS)]
    ours, theirs = median(a for a, _ in pairs), median(b for _, b in pairs)
    yield {**row(f"registry_lookup_{engine}", round(1e6 / ours), "1/s", round(1e6 / theirs)),
           "ratio": round(median(b / a for a, b in pairs), 3)}
    most = load.run(c=CONNECTIONS, s=ROUND_S, x=FEW)["per_s"]
    at_half = load.run(c=CONNECTIONS, s=HALF_LOAD_S, x=FEW, r=most // 2)
    for part in ("p50", "p99"):
        yield row(f"registry_lookup_{engine}_{part}", at_half[f"{part}_us"], "us")


def of_size(registry, load, engine):
    """A look-up with MANY numbers beside one with FEW, and what a number takes."""
    few = median(cost(load, registry.pids(), FEW) for _ in range(ROUNDS))
    before, resident = registry.size(), registry.resident()
    registry.add_numbers(FIRST + FEW, FIRST + MANY - 1)
    held = (registry.size() - before) / (MANY - FEW)
    registry.renewed()
    yield row(f"registry_start_{engine}_of_1000000_numbers", round(registry.load_s, 1), "s")
    load.run(c=CONNECTIONS, s=WARM_S, x=MANY)
    many = median(cost(load, registry.pids(), MANY) for _ in range(ROUNDS))
    yield row(f"registry_lookup_{engine}_of_1000000_numbers", round(many, 1), "us", round(few, 1))
    yield row(f"registry_bytes_per_number_{engine}", round(held), "bytes")
    resident = (registry.resident() - resident) / (MANY - FEW)
    yield row(f"registry_memory_per_number_{engine}", round(resident), "bytes")


def of_intents(registry, folder, work, owner, engine):
    """Calls that are announced and then come."""
    base = {"from": registry_kit.CALLER, "to": "+1215#######"}
    announce = {**base, "code": "appointment", "text": "On Tuesday at nine", "ttl_s": 600}
    match = {**base, "call_id": "1234567890@192.0.2.1", "verification": registry_kit.PASSED_A}
    for what, target, key, body in (("announce", "/v1/intents", owner, announce),
                                    ("match", "/v1/lookups", registry.keys["carrier"], match)):
        request = write_request(work / what, registry.port, target, key, body)
        answers = Load(folder, registry.port, request).run(c=CONNECTIONS, s=60, n=CALLS,
                                                          r=CALLS_PER_S)
        yield row(f"registry_{what}_{engine}_p99", answers["p99_us"], "us")


def of_engine(engine, work, cluster, folder):
    registry = Measured(engine, work, cluster, options=OPTIONS).started()
    try:
        owner = registry.enrol()["owner"]
        registry.add_numbers(FIRST, FIRST + FEW - 1)
        registry.renewed()
        width = len(str(MANY - 1))
        number = "+" + str(FIRST)[:-width] + "#" * width
        request = write_request(work / "lookup", registry.port, "/v1/lookups",
                                registry.keys["carrier"], lookup_body(number))
        load = Load(folder, registry.port, request)
        yield from of_lookups(registry, load, folder, engine)
        yield from of_size(registry, load, engine)
        yield from of_intents(registry, folder, work, owner, engine)
    finally:
        registry.stop()


def of_registry(bin_dir):
    """The figures of both engines; bin_dir holds the programs."""
    registry_kit.BIN = pathlib.Path(bin_dir).resolve()
    folder = registry_kit.BIN / "http"
    work = pathlib.Path(tempfile.mkdtemp(prefix="attestel-bench."))
    try:
        yield from of_engine("sqlite", work / "sqlite", None, folder)
        if pg_cluster.is_installed():
            with pg_cluster.Cluster() as cluster:
                yield from of_engine("postgres", work / "postgres", cluster, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    for line in of_registry(os.environ.get("ATTESTEL_BIN", "build/bin")):
        print(json.dumps(line), flush=True)
