# SPDX-License-Identifier: Apache-2.0
"""Prints how many lines and branches of libcallerid the tests have run, and the ten lowest files.

coverage.py --build DIR [--least]    with --least: exit 1 below 95 % of lines or 85 % of branches
"""
import argparse
import json
import subprocess
import sys

ROOM = "caller-id-sdk/src"
LEAST = {"line": 95.0, "branch": 85.0}


def measure(build):
    """gcovr's summary as a dict."""
    done = subprocess.run(["gcovr", "--root", ".", "--filter", ROOM + "/", "--json-summary", "-",
                           "--exclude-unreachable-branches", build + "/obj/" + ROOM], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--least", action="store_true")
    words = parser.parse_args()
    summary = measure(words.build)
    if not summary["files"]:
        print("coverage: nothing was measured")
        return 1
    lowest = sorted(summary["files"], key=lambda one: (one["line_percent"], one["filename"]))
    print("lines %   branches %   lowest ten files")
    for one in lowest[:10]:
        print(f"{one['line_percent']:7}   {one['branch_percent'] or 0:10}   {one['filename']}")
    for kind, least in LEAST.items():
        print(f"{kind:6} {summary[kind + '_covered']} of {summary[kind + '_total']}, "
              f"{summary[kind + '_percent']} % (goal {least} %)")
    low = any(summary[kind + "_percent"] < least for kind, least in LEAST.items())
    return 1 if words.least and low else 0


if __name__ == "__main__":
    sys.exit(main())
