#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the pages of docs/api/problems from what the program says of its errors:
make_problems.py PROGRAM FOLDER"""
import json
import pathlib
import subprocess
import sys
import textwrap

MADE = "<!-- made by make_problems.py from svc/registry/http/problem.c -->\n"


def load(program):
    """The problems and the codes of fields, in the program's order."""
    done = subprocess.run([program, "--problems"], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line for line in lines if "code" in line], [line for line in lines if "field" in line]


def wrap(text):
    return textwrap.fill(text, 98, break_long_words=False, break_on_hyphens=False)


def page(problem, fields):
    text = f"{MADE}# {problem['code']}\n\n{problem['status']} · **{problem['title']}**\n\n" \
        f"{wrap(problem['detail'])}\n\n## What to do\n{wrap(problem['remedy'])}\n"
    if problem["code"] == "invalid_fields":
        text += "\n## Codes of fields\n| code | means |\n|---|---|\n"
        text += "".join(f"| `{one['field']}` | {one['detail']} |\n" for one in fields)
    return text


def index(problems):
    text = f"{MADE}# Errors\n\n" + wrap(
        "Each error is an `application/problem+json` document (RFC 9457) with one of these codes. "
        "A code keeps its meaning; new ones may come.") + "\n"
    for status in sorted({problem["status"] for problem in problems}):
        text += f"\n## {status}\n| code | title |\n|---|---|\n"
        text += "".join(f"| [{problem['code']}]({problem['code']}.md) | {problem['title']} |\n"
                        for problem in problems if problem["status"] == status)
    return text


def pages(program):
    """Name and text of every page."""
    problems, fields = load(program)
    made = {f"{problem['code']}.md": page(problem, fields) for problem in problems}
    made["README.md"] = index(problems)
    return made


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    made = pages(sys.argv[1])
    for old in folder.glob("*.md"):
        # a page that somebody wrote is not ours to take away
        if old.name not in made and old.read_text().startswith(MADE):
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
