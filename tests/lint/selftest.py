# SPDX-License-Identifier: Apache-2.0
"""The lint is tested before it is believed: each rule must refuse what it is there to refuse, name
the line, and leave a clean tree alone. Prints nothing when all is well.
"""
import os
import sys
import tempfile

import includes
import lint

HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n/* A purpose. */\n"
PY = "# SPDX-License-Identifier: Apache-2.0\n"
SH = "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"
BRANCHES = "".join(f"\tif (x == {i})\n\t\treturn {i};\n" for i in range(lint.COMPLEXITY_MAX + 1))
LONG = "\tx++;\n" * lint.FUNCTION_LINES_MAX
SQL = HEAD + "#include <sqlite3.h>\n"

# rule, path, text, line of the finding
REFUSED = [
    ("spdx", "svc/runtime/x.c", "/* A purpose. */\n/* More. */\n", 1),
    ("spdx", "tests/x.py", '"""No licence."""\n', 1),
    ("purpose", "svc/runtime/x.c", "/* SPDX-License-Identifier: Apache-2.0 */\nint x;\n", 2),
    ("banned", "svc/runtime/x.c", HEAD + "\nint y = atoi(s);\n", 4),
    ("banned", "svc/runtime/x.c", HEAD + "\tsprintf (a, b);\n", 3),
    ("banned", "svc/runtime/x.c", HEAD + "\t*localtime(&t);\n", 3),
    ("banned", "svc/runtime/x.c", HEAD + "\tp = malloc(n * sizeof(*p));\n", 3),
    ("banned", "svc/runtime/x.c", HEAD + "\tp = realloc(p, sizeof(*p) * (n + 1));\n", 3),
    ("guard", "svc/runtime/x.h", HEAD + "int x;\n", 1),
    ("guard", "svc/runtime/x.h", HEAD + "#ifndef A_H\n#define B_H\n#endif\n", 1),
    ("guard", "svc/runtime/x.h", HEAD + "#ifndef RUNTIME_Y_H\n#define RUNTIME_Y_H\n#endif\n", 3),
    ("guard", "svc/runtime/x.h", HEAD + "#ifndef RUNTIME_X_H\n#define RUNTIME_X_H\nint x;\n", 5),
    ("file-length", "tests/x.py", PY + "A = 1\n" * lint.FILE_LINES_MAX, lint.FILE_LINES_MAX + 1),
    ("white-space", "tests/x.py", PY + "A = 1 \n", 2),
    ("white-space", "tests/x.sh", SH + "exit 0\r\n", 3),
    ("white-space", "docs/x.md", "text without a line end", 1),
    ("columns", "tests/x.py", PY + "A = '" + "a" * 100 + "'\n", 2),
    ("columns", "svc/runtime/x.h", HEAD + "\t" * 12 + "int abc;\n", 3),
    ("columns", "svc/runtime/x.h", HEAD + "/* clang-format off */\n/* clang-format on */\n"
     + "\t" * 12 + "int abc;\n", 5),
    ("words", "docs/x.md", "see /ro" "ot/notes\n", 1),
    ("words", "docs/x.md", "\nsee /wo" "rk/main\n", 2),
    ("words", "docs/x.md", "TO" "DO: all of it\n", 1),
    ("keys", "docs/x.md", "-----BEGIN EC PRIVATE " "KEY-----\n" + "A" * 64 + "\n", 1),
    ("keys", "docs/x.md", "\n{'key': '-----BEGIN PRIVATE " "KEY-----\\n" + "A" * 64 + "'}\n", 2),
    ("python", "tests/x.py", PY + "def f(:\n", 2),
    ("python", "tests/x.py", PY + "def f():\n" + "    x = 1\n" * 90, 2),
    ("includes", "sip-proxy/x.c", HEAD + '#include "svc/registry/store/store.h"\n', 3),
    ("includes", "media/ice/x.c", HEAD + '#include "media/path/worker.h"\n', 3),
    ("includes", "svc/registry/domain/x.c", HEAD + '#include "svc/registry/store/store.h"\n', 3),
    ("includes", "svc/runtime/x.c", HEAD + "#include <callerid/number.h>\n", 3),
    ("includes", "svc/runtime/x.c", HEAD + "#include <microhttpd.h>\n", 3),
    ("includes", "svc/registry/api/x.c", HEAD + "\n#include <microhttpd.h>\n", 4),
    ("includes", "svc/registry/x.c", HEAD + "#include <sofia-sip/nta.h>\n", 3),
    ("includes", "svc/registry/x.c", HEAD + "#include <curl/curl.h>\n", 3),
    ("includes", "svc/registry/http/x.c", SQL, 3),
    ("includes", "svc/registry/store/x.c", SQL, 3),
    ("includes", "svc/registry/store/x.c", HEAD + "#include <libpq-fe.h>\n", 3),
    ("includes", "svc/registry/store/x.c", HEAD + "#include <poll.h>\n", 3),
    ("includes", "caller-id-sdk/src/x.c", HEAD + "#include <pthread.h>\n", 3),
    ("includes", "caller-id-sdk/src/x.c", HEAD + "#include <sys/socket.h>\n", 3),
    ("includes", "caller-id-sdk/src/x.c", HEAD + '#include "svc/runtime/log.h"\n', 3),
    ("includes", "caller-id-sdk/cli/x.c", HEAD + '#include "claims.h"\n', 3),
    ("includes", "svc/certs/x.c", HEAD + '#include "../runtime/log.h"\n', 3),
    ("includes", "svc/certs/x.c", HEAD + "#include <boost/any.hpp>\n", 3),
    ("includes", "tests/unit/svc/certs/x.c", HEAD + '#include "svc/certs/url.c"\n', 3),
    ("includes", "common/x.c", HEAD, 1),
    ("functions", "svc/runtime/x.c", HEAD + "int f(int x)\n{\n" + LONG + "\treturn x;\n}\n", 3),
    ("functions", "svc/runtime/x.c", HEAD + "int f(int x)\n{\n" + BRANCHES + "\treturn x;\n}\n", 3),
    ("format", "svc/runtime/x.c", HEAD + "int  f( void );\n", 3),
    ("shellcheck", "tests/x.sh", SH + "rm $1\n", 3),
    ("pyflakes", "tests/x.py", PY + "import os\n", 2),
]

# What looks like the above and is fine.
ACCEPTED = {
    "svc/runtime/log.h": HEAD + "#ifndef RUNTIME_LOG_H\n#define RUNTIME_LOG_H\n\nint log_x(void);"
                                "\n\n#endif\n",
    "svc/registry/store/store.h": HEAD + "#ifndef STORE_H\n#define STORE_H\n#endif\n",
    "svc/registry/store/sqlite.c": SQL,
    "svc/registry/store/postgres.c": HEAD + "#include <libpq-fe.h>\n#include <poll.h>\n",
    "svc/certs/url.c": HEAD + '#include "svc/runtime/log.h"\n\n/* strcpy() is banned. */\n'
                              'static const char *text = "sprintf(x)";\nint r = my_rand(2);\n',
    "svc/certs/size.c": HEAD + "void *p = malloc(sizeof *p);\nvoid *q = malloc(sizeof(*q));\n"
                               "void *r = malloc(2 * n + 3);\n",
    "tests/unit/svc/certs/test_url.c": HEAD + '#include "svc/certs/url.h"\n\n#include <cmocka.h>\n',
    "svc/certs/url.h": HEAD + "#ifndef CERTS_URL_H\n#define CERTS_URL_H\n#endif\n",
    "svc/certs/table.c": HEAD + "\n/* clang-format off */\nint " + "a" * 100 + ";\n"
                                "/* clang-format on */\n",
    "tests/ok.sh": SH + 'rm "$1"\n',
    "docs/ok.md": "| a table in a document may be as wide as it likes " * 4 + "|\n",
}


def found_in(files):
    """The findings of a tree with these files; files the rules look for beside them exist."""
    with tempfile.TemporaryDirectory() as root:
        rows = lint.__file__.rpartition("/tests/")[0] + "/.clang-format"
        with open(rows, encoding="utf-8") as style:
            texts = dict(files, **{".clang-format": style.read()})
        for path in ("svc/runtime/log.h", "svc/registry/store/store.h", "svc/certs/url.c"):
            texts.setdefault(path, ACCEPTED[path])
        for path, text in texts.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return lint.check(lint.Tree(root, files))


def failures():
    covered = set()
    for rule, path, text, line in REFUSED:
        rows = found_in({path: text})[rule]
        covered.add(rule)
        if {int(row[1]) for row in rows if row[0] == path} != {line}:
            yield f"{rule} should refuse {path} at line {line}, found {rows}: {text[:200]!r}"
    rules = {rule[0] for rule in lint.TEXT_RULES + lint.TREE_RULES}
    for rule in sorted(rules - covered):
        yield f"no bad example tests the rule {rule}"
    for rule, rows in found_in(ACCEPTED).items():
        for path, line, what in rows:
            yield f"{rule} should accept {path}:{line}: {what}"
    yield from rooms_missing()


def rooms_missing():
    """The table of docs/ARCHITECTURE.md and ROOMS name the same folders."""
    document = lint.__file__.rpartition("/tests/")[0] + "/docs/ARCHITECTURE.md"
    with open(document, encoding="utf-8") as file:
        rows = [line.split("|")[1] for line in file if line.startswith("| `")]
    named = {word for row in rows for word in row.split("`")[1::2]}
    held = {row.split("/")[0] for row in includes.ROOMS}
    for name in sorted(named):
        if name.split("/")[0] not in held | {"src", "deploy", "docs"}:
            yield f"docs/ARCHITECTURE.md names {name}, tests/lint/includes.py does not"
    for row in sorted(held):
        if not any(name == row or name.startswith(row + "/") for name in named):
            yield f"tests/lint/includes.py names {row}, docs/ARCHITECTURE.md does not"


def main():
    bad = list(failures())
    for what in bad:
        print(f"tests/lint/selftest.py: {what}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
