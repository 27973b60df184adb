# SPDX-License-Identifier: Apache-2.0
"""Checks the source by the rules of docs/STYLE.md.

Prints "file:line: rule: what to do" for each finding and, last, "N passed, N failed", where N
counts rules. Exit 1 on any finding. Arguments: files to look at instead of the whole tree.
"""
import ast
import os
import re
import shutil
import subprocess
import sys

import includes

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 80
COMPLEXITY_MAX = 15
COLUMNS_MAX = 100

BANNED = {
    "strcpy": "snprintf or memcpy with a checked length",
    "strncpy": "snprintf or memcpy with a checked length",
    "strcat": "snprintf", "strncat": "snprintf",
    "sprintf": "snprintf", "vsprintf": "vsnprintf",
    "gets": "fgets", "strtok": "a span and memchr",
    "atoi": "strtol with a checked end", "atol": "strtol with a checked end",
    "atoll": "strtoll with a checked end",
    "gmtime": "gmtime_r or callerid_date_format", "localtime": "localtime_r",
    "rand": "RAND_bytes or getrandom", "srand": "RAND_bytes or getrandom",
    "system": "posix_spawn or execve with a fixed argument list",
    "popen": "a pipe and execve with a fixed argument list",
    "alloca": "a bounded array or malloc",
}
BANNED_CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
UNCHECKED_SIZE = re.compile(r"\b(?:malloc|realloc)\s*\([^;]*?"
                            r"(?:\*\s*sizeof\b|\bsizeof\s*(?:\([^;()]*\)|\w+)\s*\*)")
MARKERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|work|mnt|Users)/")
SPDX = "SPDX-License-Identifier: Apache-2.0"
TEXT = (".c", ".h", ".py", ".sh", ".mk", ".md", ".conf", ".xml", ".service", ".svg", ".in", ".map")
SPDX_ABSENT = (".md", ".svg", ".in", ".map")  # documents, and files that are filled in or linked


def without_comments(text):
    """C source with comments, string and character contents blanked; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


def rule_spdx(path, text):
    head = text.split("\n", 3)[:3]
    if path.endswith((".c", ".h")):
        if head[0] != f"/* {SPDX} */":
            yield 1, f"make the first line /* {SPDX} */"
    elif not path.endswith(SPDX_ABSENT) and not any(SPDX in line for line in head):
        yield 1, f"put {SPDX} into one of the first lines"


def rule_purpose(path, text):
    lines = text.split("\n")
    second = lines[1] if len(lines) > 1 else ""
    if not second.startswith("/*"):
        yield 2, "say in a comment on line 2 what this file is for"


def rule_banned(_path, text):
    code = without_comments(text)
    for match in BANNED_CALL.finditer(code):
        name = match.group(1)
        yield line_at(code, match.start()), f"{name}() is banned; use {BANNED[name]}"
    for match in UNCHECKED_SIZE.finditer(code):
        yield line_at(code, match.start()), "a count times sizeof can overflow; use calloc"


def rule_guard(path, text):
    match = re.search(r"^#ifndef (\w+_H)\n#define (\w+)\n", text, re.M)
    if not match or match.group(1) != match.group(2):
        yield 1, "guard the header: #ifndef NAME_H, #define NAME_H, #endif"
    elif not text.rstrip().endswith("#endif"):
        yield text.count("\n"), "end the header with the #endif of its guard"
    else:
        words = re.split(r"\W+", os.path.splitext(path)[0].upper())
        if match.group(1)[:-2].split("_")[-1] != words[-1].split("_")[-1]:
            yield line_at(text, match.start()), f"name the guard after the file, ..._{words[-1]}_H"


def rule_file_length(_path, text):
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        yield FILE_LINES_MAX + 1, f"{lines} lines; split the file, at most {FILE_LINES_MAX}"


def rule_white_space(_path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "remove the white space at the end of the line"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "end the file with a line end"


def rule_columns(_path, text):
    laid_out_by_hand = False  # a table that is clearer in columns than within the limit
    for number, line in enumerate(text.split("\n"), 1):
        if "/* clang-format o" in line:
            laid_out_by_hand = "/* clang-format off */" in line
        columns = len(line.expandtabs(8))
        if columns > COLUMNS_MAX and not laid_out_by_hand:
            yield number, f"{columns} columns; break the line at {COLUMNS_MAX}"


def rule_words(path, text):
    for match in MACHINE_PATH.finditer(text):
        yield line_at(text, match.start()), f"no path of one machine ({match.group(0)}...)"
    if not path.startswith("tests/lint/"):
        for match in MARKERS.finditer(text):
            yield line_at(text, match.start()), f"finish it or leave it out: {match.group(0)}"


def rule_python(_path, text):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield error.lineno or 1, f"not Python: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name}() has {lines} lines, at most {FUNCTION_LINES_MAX}"


C = (".c", ".h")
# name, the endings it looks at, the rule for one file's text
TEXT_RULES = [
    ("spdx", TEXT, rule_spdx),
    ("purpose", C, rule_purpose),
    ("banned", C, rule_banned),
    ("guard", (".h",), rule_guard),
    ("file-length", C + (".py", ".sh"), rule_file_length),
    ("white-space", TEXT, rule_white_space),
    ("columns", C + (".py", ".sh"), rule_columns),
    ("words", TEXT, rule_words),
    ("python", (".py",), rule_python),
]


class Tree:
    """The files to look at: their paths from the root, and their texts."""

    def __init__(self, root, paths):
        self.root = root
        self.texts = {}
        for path in sorted(paths):
            with open(os.path.join(root, path), encoding="utf-8", errors="replace",
                      newline="") as file:
                self.texts[path] = file.read()

    def exists(self, path):
        return os.path.isfile(os.path.join(self.root, path))

    def ending(self, *endings):
        return [path for path in self.texts if path.endswith(endings)]

    def shell(self):
        return [path for path, text in self.texts.items()
                if path.endswith(".sh") or text.startswith("#!/bin/sh")]

    def run(self, *command):
        """Both streams of a tool, by lines. A tool that is absent is a finding, not a pass."""
        if shutil.which(command[0]) is None:
            return [f"{command[0]}:1: it is not installed: run deploy/install-deps.sh lint"]
        done = subprocess.run(command, cwd=self.root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.splitlines()


def tree_includes(tree):
    for path in tree.ending(*C):
        for line, what in includes.findings(path, tree.texts[path], tree.exists):
            yield path, line, what


def tree_functions(tree):
    """pmccabe's columns: modified complexity, complexity, statements, first line, lines, place."""
    sources = tree.ending(".c")
    for row in tree.run("pmccabe", *sources) if sources else ():
        match = re.match(r"(\d+)\s+\d+\s+\d+\s+(\d+)\s+(\d+)\s+(\S+?)\(\d+\): (\w+)", row)
        if not match:
            yield "pmccabe", 1, row
            continue
        complexity, line, lines = (int(match.group(i)) for i in (1, 2, 3))
        path, name = match.group(4), match.group(5)
        if lines > FUNCTION_LINES_MAX:
            yield path, line, f"{name}() has {lines} lines; split it, at most {FUNCTION_LINES_MAX}"
        if complexity > COMPLEXITY_MAX:
            yield path, line, f"{name}() has complexity {complexity}, at most {COMPLEXITY_MAX}"


def tree_format(tree):
    sources = tree.ending(*C)
    seen = set()
    command = ("clang-format-14", "--dry-run", "-Werror", *sources)
    for row in tree.run(*command) if sources else ():
        match = re.match(r"(.+?):(\d+):(?:\d+: error:)?", row)
        if match and match.group(1) not in seen and not row.startswith(" "):
            seen.add(match.group(1))
            yield match.group(1), int(match.group(2)), "run make format"


def tree_tool(*command, select):
    """A tool that itself prints file:line:what."""
    def rule(tree):
        paths = select(tree)
        for row in tree.run(*command, *paths) if paths else ():
            match = re.match(r"(.+?):(\d+):(?:\d+:)?\s*(.*)", row)
            yield match.groups() if match else (command[0], 1, row)
    return rule


PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/]{40}")
PUBLISHED_KEYS = "tests/vectors/keys.json"  # of test vectors: SECURITY.md says so


def tree_keys(tree):
    """Files of every kind: a key may stand in any."""
    for path in listed(tree.root):
        if path == PUBLISHED_KEYS or not os.path.isfile(os.path.join(tree.root, path)):
            continue
        with open(os.path.join(tree.root, path), encoding="utf-8", errors="replace") as file:
            text = file.read()
        match = PRIVATE_KEY.search(text)
        if match:
            yield path, line_at(text, match.start()), "take the private key out; make a new one"


TREE_RULES = [
    ("keys", tree_keys),
    ("includes", tree_includes),
    ("functions", tree_functions),
    ("format", tree_format),
    ("shellcheck", tree_tool("shellcheck", "-f", "gcc", select=Tree.shell)),
    ("pyflakes", tree_tool("/usr/bin/python3", "-m", "pyflakes",
                           select=lambda tree: tree.ending(".py"))),
]


def check(tree):
    """{rule: [(path, line, what to do)]} of every rule, those without a finding too."""
    found = {}
    for name, endings, rule in TEXT_RULES:
        found[name] = [(path, line, what) for path in tree.ending(*endings)
                       for line, what in rule(path, tree.texts[path])]
    for name, rule in TREE_RULES:
        found[name] = list(rule(tree))
    return found


def listed(root):
    """What git has and does not ignore; in an unpacked release, everything but what was built."""
    if os.path.exists(os.path.join(root, ".git")):
        return subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root,
                              check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    return [os.path.relpath(os.path.join(folder, name), root)
            for folder, _, names in os.walk(root) for name in names
            if not os.path.relpath(folder, root).startswith("build")]


def files_of(root):
    wanted = [path for path in listed(root)
              if path.endswith(TEXT) or path in ("Makefile", ".ci/run")]
    return [path for path in wanted if os.path.isfile(os.path.join(root, path))]


def main(arguments):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if not arguments:
        tested = subprocess.run([sys.executable, os.path.join(root, "tests/lint/selftest.py")],
                                check=False)
        if tested.returncode != 0:
            print("0 passed, 1 failed")
            return 1
    tree = Tree(root, [os.path.relpath(path, root) for path in arguments] or files_of(root))
    found = check(tree)
    for name, rows in found.items():
        for path, line, what in rows:
            print(f"{path}:{line}: {name}: {what}")
    failed = sum(bool(rows) for rows in found.values())
    print(f"lint: {len(tree.texts)} files, {len(found)} rules")
    print(f"{len(found) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
