# SPDX-License-Identifier: Apache-2.0
"""Runs the conformance suite: every test that has an id of the checklist in its name.

run.py --build DIR            prints the table and writes docs/conformance.md
run.py --build DIR --check    compares instead of writing; the file may lack new tests, no more

Exit 1 when a line failed, or has neither a test function with its id in its name that passed nor a
reason why not.
"""
import argparse
import collections
import glob
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import checklist

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DOCUMENT = os.path.join(ROOT, "docs", "conformance.md")
PROGRAM_S, PYTEST_S = 120, 300
IDS = {one.id for one in checklist.LINES}
WORD = re.compile(r"(?<![A-Za-z0-9])(PP|AS|CN|VS|CE|DV|RC|OB|RS|AC)(\d+)(?![0-9])", re.I)

Outcome = collections.namedtuple("Outcome", "test result")  # passed, failed, skipped, missing


def ids_of(name):
    """The ids in a name. A word ends at an underline: pp1_pp2_x has two."""
    found = {(kind + number).upper() for kind, number in WORD.findall(name.replace("_", " "))}
    return found & IDS


def names_in(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    names = re.findall(r"^TEST\((\w+)\)", text, re.M)
    return names + re.findall(r"^static void (\w+)\(void \*\*", text, re.M)


def unit_tests():
    """{program: names}, of the programs that have a test for some line."""
    out = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/unit/**/test_*.c"), recursive=True)):
        program = os.path.relpath(path, os.path.join(ROOT, "tests"))[:-2]
        if os.path.basename(path).startswith("test_oom"):
            continue  # they fail one allocation after the other: a minute, and about memory only
        names = names_in(path)
        if any(ids_of(name) for name in names):
            out[program] = names
    return out


def run_unit(build, program, names):
    """The outcome of each test of a program; one that said nothing did not run."""
    results = dict.fromkeys(names, "missing")
    try:
        done = subprocess.run([os.path.join(build, "bin", program)], cwd=ROOT, check=False,
                              env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=PROGRAM_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{program}: {error}")
        return [Outcome(f"{program}:{name}", "missing") for name in names]
    for word, name, skip in re.findall(r"^(ok|not ok) [1-9]\d* - (\w+)( # SKIP)?", done.stdout,
                                       re.M):
        results[name] = "passed" if word == "ok" else "failed"
        results[name] = "skipped" if skip else results[name]
    for name in re.findall(r"^not ok [1-9]\d* # SKIP (\w+)", done.stdout, re.M):
        results[name] = "skipped"
    for name, result in results.items():
        if result == "failed":
            print(f"{program}:{name} failed")
            print(done.stderr[-2000:])
    return [Outcome(f"{program}:{name}", result) for name, result in results.items()]


def pytest_nodes():
    """All of ours, and of tests/e2e what has an id in its name."""
    nodes = ["tests/conformance"]
    for path in sorted(glob.glob(os.path.join(ROOT, "tests/e2e/test_*.py"))):
        with open(path, encoding="utf-8") as file:
            names = re.findall(r"^def (test_\w+)\(", file.read(), re.M)
        nodes += [f"{os.path.relpath(path, ROOT)}::{name}" for name in names if ids_of(name)]
    return nodes


def run_pytest(build):
    """The outcomes of our own tests and of those of tests/e2e that belong to a line."""
    with tempfile.TemporaryDirectory() as work:
        report = os.path.join(work, "report.xml")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short",
             f"--junitxml={report}", *pytest_nodes()], cwd=ROOT, check=False, text=True,
            env=dict(os.environ, ATTESTEL_BIN=os.path.abspath(os.path.join(build, "bin"))),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PYTEST_S)
        if done.returncode != 0:
            print(done.stdout[-8000:])
        if not os.path.exists(report):
            return []
        cases = xml.etree.ElementTree.parse(report).iter("testcase")
        return [case_outcome(case) for case in cases]


def case_outcome(case):
    path = case.get("classname").replace(".", "/") + ".py"
    kinds = {child.tag for child in case}
    result = "failed" if kinds & {"failure", "error"} else \
        "skipped" if "skipped" in kinds else "passed"
    return Outcome(f"{path}::{case.get('name')}", result)


def name_of(outcome):
    return re.split("::|:", outcome.test, maxsplit=1)[1]


def is_named(one, outcome):
    """The test function itself bears the id, not only one of its cases."""
    return one.id in ids_of(name_of(outcome).split("[")[0])


def judge(one, outcomes):
    """(status, why, tests) of a line."""
    mine = [o for o in outcomes if one.id in ids_of(name_of(o))]
    bad = [o.test for o in mine if o.result in ("failed", "missing")]
    good = [o.test for o in mine if o.result == "passed"]
    if bad:
        return "fail", f"{len(bad)} of {len(mine)} tests failed or did not run", bad
    if one.status:
        return one.status, one.why, good
    if not any(is_named(one, o) for o in mine if o.result == "passed"):
        return "fail", "no test function with its id in its name ran", good
    return "pass", one.why, good


def shown(tests):
    """Names as a reader wants them: cases of one test together."""
    names = collections.Counter(re.sub(r"\[.*", "", test, flags=re.S) for test in tests)
    return [name + (f" ({n} cases)" if n > 1 else "") for name, n in sorted(names.items())]


HEAD = """# Conformance

What STIR asks of an implementation, line by line, and which test proves it. `make conformance`
runs the tests and writes this file; it fails when a line fails. A line passes only when a test
function that has its id in its name ran and passed, and none of them failed. What stands behind
"pass" says how far the rule reaches here.
The table stands in `tests/conformance/checklist.py`; the wording is ours, the sections lead to
the standards. ATIS documents are cited as other implementations cite them: their own text was not
at hand.

"""


def with_why(status, why):
    """Of what passes it is how far the rule reaches; of others the reason."""
    return f"{status} ({why})" if why and status == "pass" else status + (why and ": " + why)


def document(rows):
    counts = collections.Counter(status for _, (status, _, _) in rows)
    out = [HEAD, "| result | lines |\n|---|---|\n"]
    out += [f"| {status} | {n} |\n" for status, n in sorted(counts.items())]
    verdicts = dict(rows)
    for title, lines in checklist.SECTIONS:
        out.append(f"\n## {title}\n\n| id | source | rule | result | tests |\n")
        out.append("|---|---|---|---|---|\n")
        for one in lines:
            status, why, tests = verdicts[one]
            names = "<br>".join(f"`{name}`" for name in shown(tests))
            out.append(f"| {one.id} | {one.source} | {one.text} | {with_why(status, why)} | "
                       f"{names} |\n")
    return "".join(out)


def without_new_tests(old, new, skipped=()):
    """Whether old says the same of every line, and names no test but those of new and skipped.

    Published vectors are not everywhere: their tests are skipped where they are not.
    """
    known = {re.sub(r"\[.*", "", test, flags=re.S) for test in skipped}

    def parts(text):
        return [[cell.strip() for cell in row.split("|")] for row in text.splitlines()
                if row.startswith("|")]

    rows, fresh = parts(old), parts(new)
    if len(rows) != len(fresh):
        return False
    for ours, theirs in zip(rows, fresh):
        names = [set(re.findall(r"`([^` ]+)[^`]*`", cells[5])) if len(cells) > 5 else set()
                 for cells in (ours, theirs)]
        if ours[:5] != theirs[:5] or not names[0] <= names[1] | known:
            return False
    return True


def print_table(rows):
    for one, (status, why, tests) in rows:
        more = why or f"{len(tests)} tests: {re.sub('^.*:', '', tests[0])}"
        print(f"{one.id:5} {status:15} {one.text}\n{'':21} {more}")
        for test in tests if status == "fail" else ():
            print(f"{'':21}   {test}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    outcomes = run_pytest(words.build)
    for program, names in unit_tests().items():
        outcomes += run_unit(words.build, program, names)
    rows = [(one, judge(one, outcomes)) for one in checklist.LINES]
    print_table(rows)
    skipped = [o.test for o in outcomes if o.result == "skipped"]
    if skipped:
        print(f"{len(skipped)} tests were skipped, among them {skipped[0]}")
    text, old = document(rows), ""
    if os.path.exists(DOCUMENT):
        with open(DOCUMENT, encoding="utf-8") as file:
            old = file.read()
    failed = sum(status == "fail" for _, (status, _, _) in rows)
    passed = sum(status == "pass" for _, (status, _, _) in rows)
    if words.check and not without_new_tests(old, text, skipped):
        print("docs/conformance.md is out of date: run make conformance, commit what it writes")
        failed += 1
    elif not words.check and old != text:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{len(rows) - passed - failed} lines not applicable or not yet")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
