# SPDX-License-Identifier: Apache-2.0
"""Figures: one JSON object a line {name, value, unit, reference, ratio}, then a table.

The programs of tests/bench measure the library; what a call costs the proxies is measured here,
with SIPp and the whole stage; registry.py has the registry's figures, media.py the relay's. ratio
is value / reference, null where nothing is to compare with.
"""
import argparse
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "deploy", "demo"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import calls  # noqa: E402
import media  # noqa: E402
import registry  # noqa: E402
import sipp  # noqa: E402
from processes import StartError  # noqa: E402
from stage import ApiError, CliError, Stage  # noqa: E402

CALLS, PER_SECOND, WARM_UP = 1500, 300, 60
PROGRAM_S = 120
HEAD = ("figure", "value", "unit", "reference", "ratio")


class BenchError(Exception):
    """A measurement that cannot be believed."""


def of_programs(folder):
    """The JSON lines of every program in bin/bench."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in names:
        done = subprocess.run([os.path.join(folder, name)], text=True, capture_output=True,
                              timeout=PROGRAM_S, check=False)
        if done.returncode != 0:
            raise BenchError(f"{name} ended with {done.returncode}: {done.stderr.strip()}")
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def cpu_s(pid):
    """User and system time of a process and its running children, as its helper is one."""
    total = 0
    for process in [pid, *children(pid)]:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return [int(word) for word in file.read().split()]


def of_proxies(bin_dir):
    """CPU per signed and per verified call, and how many of the calls failed."""
    stage = Stage(bin_dir)
    try:
        stage.start()
        sipp.Callee(stage, stage.at["callee"], traced=False)
        pids = {name: stage.running[name].pid for name in ("originating", "terminating")}
        keys = {"from": calls.STRANGER, "to": calls.SUBSCRIBER}
        route = (stage, stage.at["customer"], stage.at["originating"])
        sipp.place_load(*route, WARM_UP, WARM_UP, keys)
        before = {name: cpu_s(pid) for name, pid in pids.items()}
        failed = sipp.place_load(*route, CALLS, PER_SECOND, keys)
        spent = {name: cpu_s(pid) - before[name] for name, pid in pids.items()}
    finally:
        stage.stop()
        stage.remove()
    if failed:
        raise BenchError(f"{failed} of {CALLS} calls failed")
    for name, what in (("originating", "signed"), ("terminating", "verified")):
        yield {"name": f"proxy_cpu_per_{what}_call", "value": round(spent[name] / CALLS * 1e6),
               "unit": "us", "reference": None, "ratio": None}


def show(number):
    if number is None:
        return "-"
    return f"{number:,.2f}" if abs(number) < 100 else f"{number:,.0f}"


def table(rows):
    lines = [HEAD] + [(row["name"], show(row["value"]), row["unit"], show(row.get("reference")),
                       show(row.get("ratio"))) for row in rows]
    wide = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    for line in lines:
        yield "  ".join(word.ljust(wide[i]) if i in (0, 2) else word.rjust(wide[i])
                        for i, word in enumerate(line)).rstrip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="build/bench", help="folder for bench.jsonl")
    parser.add_argument("--bin", default=os.environ.get("ATTESTEL_BIN", "build/bin"))
    options = parser.parse_args()
    rows, status = [], 0
    for source in (lambda: of_programs(os.path.join(options.bin, "bench")),
                   lambda: of_proxies(options.bin),
                   lambda: registry.of_registry(options.bin),
                   lambda: media.of_media(options.bin)):
        try:
            for row in source():
                print(json.dumps(row), flush=True)
                rows.append(row)
        except (BenchError, media.MediaError, StartError, ApiError, CliError, AssertionError,
                subprocess.TimeoutExpired) as error:
            print(f"bench: {error}", file=sys.stderr)
            status = 1
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "bench.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    print("\n" + "\n".join(table(rows)))
    return status


if __name__ == "__main__":
    sys.exit(main())
