# SPDX-License-Identifier: Apache-2.0
"""The frame: what installing, running tests and fetching packages promise."""
import json
import os
import re
import shutil
import subprocess

import pytest

GOOD = "#!/bin/sh\necho 1..2\necho 'ok 1 - a'\necho 'ok 2 - b'\n"
RUNNERS = {
    "a failed case": ("echo 1..2; echo 'ok 1 - a'; echo 'not ok 2 - b'; exit 1", "3 passed, 1"),
    "a crash": ("echo 1..2; echo 'ok 1 - a'; kill -SEGV $$", "3 passed, 1"),
    "an early end": ("echo 1..2; echo 'ok 1 - a'; exit 0", "3 passed, 1"),
    "a leak found at exit": ("echo 1..1; echo 'ok 1 - a'; exit 23", "3 passed, 1"),
    "silence": ("exit 0", "2 passed, 1"),
    "a hang": ("echo 1..1; sleep 30", "2 passed, 1"),
}


def run(root, *command, **environment):
    return subprocess.run(command, cwd=root, env={**os.environ, **environment}, text=True,
                          capture_output=True, timeout=120, check=False)


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_unit_runner_sums_up_in_one_last_line(root, tmp_path):
    good = program(tmp_path / "good", GOOD)
    done = run(root, "tests/run-units.sh", good, good)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "4 passed, 0 failed"
    assert len(re.findall(r"^\d+ passed, \d+ failed$", done.stdout, re.M)) == 1


@pytest.mark.parametrize("what", RUNNERS)
def test_the_unit_runner_takes_for_a_failure(root, tmp_path, what):
    body, expected = RUNNERS[what]
    bad = program(tmp_path / "bad", f"#!/bin/sh\n{body}\n")
    good = program(tmp_path / "good", GOOD)
    done = run(root, "tests/run-units.sh", bad, good, UNIT_TIMEOUT="1")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"{expected} failed"


def test_a_skipped_case_is_named_and_not_counted(root, tmp_path):
    odd = program(tmp_path / "odd", "#!/bin/sh\necho 1..2\necho 'ok 1 - a'\n"
                                    "echo 'not ok 2 # SKIP vectors'\n")
    done = run(root, "tests/run-units.sh", odd)
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed"
    assert "skipped: vectors" in done.stdout


def test_unit_programs_run_side_by_side_and_report_in_one_piece(root, tmp_path):
    """Each waits for the other one to have begun."""
    names = ("one", "two")
    for name, other in (names, names[::-1]):
        program(tmp_path / name, f"#!/bin/sh\ntouch {tmp_path}/{name}.begun\necho 1..40\n"
                f"until [ -e {tmp_path}/{other}.begun ]; do sleep 0.05; done\n"
                f"for i in $(seq 40); do echo \"not ok $i - {name}\"; done; exit 1\n")
    done = run(root, "tests/run-units.sh", *(str(tmp_path / name) for name in names),
               UNIT_JOBS="2", UNIT_TIMEOUT="20")
    assert done.stdout.splitlines()[-1] == "0 passed, 80 failed"
    order = re.findall(r"not ok \d+ - (one|two)", done.stdout)
    assert order in (40 * ["one"] + 40 * ["two"], 40 * ["two"] + 40 * ["one"])


def test_no_unit_program_at_all_is_a_failure(root):
    assert run(root, "tests/run-units.sh").returncode == 1


def test_end_to_end_tests_and_a_conformance_suite_that_do_not_run_are_failures(root, tmp_path):
    good = program(tmp_path / "good", GOOD)
    done = run(root, "tests/run-all.sh", good, PYTHON="/bin/false")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "2 passed, 2 failed"


def test_install_deps_says_nothing_and_needs_nobody_when_all_is_there(root):
    done = run(root, "deploy/install-deps.sh", "build", "demo", "tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("words, status", [(["--help"], 0), (["build", "--help"], 0),
                                           (["nonsense"], 2)])
def test_install_deps_tells_how_it_is_used(root, words, status):
    done = run(root, "deploy/install-deps.sh", *words)
    assert done.returncode == status
    assert "usage:" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(root, programs, tmp_path_factory):
    """The root of an installation with PREFIX=/usr, from the programs under test."""
    to = tmp_path_factory.mktemp("install")
    done = run(root, "make", f"BUILD={os.path.dirname(programs)}", f"DESTDIR={to}", "PREFIX=/usr",
               "install")
    assert done.returncode == 0, done.stdout + done.stderr
    return to


def build_against(root, installed, tmp_path, package, text, **environment):
    """What a program prints that pkg-config alone tells how to build."""
    source = tmp_path / "program.c"
    source.write_text(text)
    config = {"PKG_CONFIG_PATH": f"{installed}/usr/lib/pkgconfig",
              "PKG_CONFIG_SYSROOT_DIR": str(installed)}
    flags = run(root, "pkg-config", "--cflags", "--libs", package, **config)
    assert flags.returncode == 0, flags.stderr
    built = run(root, "gcc", "-Wall", "-Werror", "-o", str(tmp_path / "program"), str(source),
                *flags.stdout.split())
    assert built.returncode == 0, built.stderr
    shown = run(root, str(tmp_path / "program"), LD_LIBRARY_PATH=f"{installed}/usr/lib",
                **environment)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.strip()


def test_a_program_builds_against_what_is_installed(root, installed, tmp_path):
    text = ('#include <callerid/callerid.h>\n#include <stdio.h>\n'
            'int main(void) { puts(callerid_version()); return 0; }\n')
    assert build_against(root, installed, tmp_path, "callerid", text) == "0.1.0"


def test_a_client_of_the_registry_builds_against_what_is_installed(root, installed, tmp_path):
    text = ('#include <callerid/client.h>\n'
            'int main(void) { return callerid_client_global_init() == CALLERID_OK ? 0 : 1; }\n')
    build_against(root, installed, tmp_path, "callerid-client", text)


def test_the_readmes_program_builds_with_its_line_against_what_is_installed(root, installed,
                                                                            tmp_path):
    with open(f"{root}/README.md", encoding="utf-8") as file:
        readme = file.read()
    text = re.search(r"^```c\n(.*?)^```", readme, re.M | re.S).group(1)
    assert "$(pkg-config --cflags --libs callerid-client)" in readme
    shown = build_against(root, installed, tmp_path, "callerid-client", text,
                          ATTESTEL_REGISTRY="http://127.0.0.1:1", ATTESTEL_KEY="ak_none")
    assert shown == "a look-up has from, in UTF-8"


def test_the_javascript_client_is_installed_with_all_that_it_publishes(root, installed, tmp_path):
    folder = installed / "usr/share/attestel/js"
    package = json.loads((folder / "package.json").read_text())
    assert set(os.listdir(folder)) == {"package.json", *package["files"]}
    if node := shutil.which("node"):
        modules = tmp_path / "node_modules/@attestel"
        modules.mkdir(parents=True)
        (modules / "caller-id").symlink_to(folder)
        (tmp_path / "who.mjs").write_text(
            "import { Registry, bucketOf } from '@attestel/caller-id';\n"
            "new Registry('http://127.0.0.1:8080');\n"
            "console.log(await bucketOf('+12155551212'));\n")
        done = run(root, node, str(tmp_path / "who.mjs"))
        assert done.returncode == 0 and re.fullmatch("[0-9a-f]{4}\n", done.stdout), done


def test_a_token_program_builds_against_what_is_installed(root, installed, tmp_path):
    text = ('#include <callerid/pkcs11.h>\n'
            'int main(void) { struct callerid_pkcs11_params p = {.uri = "x"};\n'
            'struct callerid_pkcs11 *key;\n'
            'return callerid_pkcs11_open(&p, &key, 0) == CALLERID_ESYNTAX ? 0 : 1; }\n')
    build_against(root, installed, tmp_path, "callerid-pkcs11", text)


def test_the_completion_of_the_shell_is_installed(root, installed):
    script = installed / "usr/share/bash-completion/completions/attestel"
    done = run(root, "bash", "-n", str(script))
    assert done.returncode == 0 and "complete -F _attestel attestel" in script.read_text()


def page_of(installed, name):
    text = (installed / f"usr/share/man/{name}").read_text()
    return text.replace("\\-", "-").replace("\\(dq", '"')


def test_the_manual_pages_tell_every_command_and_option(root, installed, programs):
    page = page_of(installed, "man1/attestel.1")
    for command in re.findall(r"^  ([a-z]+(?: [a-z]+)?)  ?[^-]",
                              run(root, f"{programs}/attestel", "--help").stdout, re.M):
        assert f"attestel {command}" in page
        shown = run(root, f"{programs}/attestel", *command.split(), "--help").stdout
        for option in re.findall(r"^  (--[a-z0-9-]+)", shown, re.M):
            assert f".B {option}" in page, (command, option)


@pytest.mark.parametrize("name", ["attestel-proxy", "attestel-registry", "attestel-media"])
def test_a_daemons_manual_page_tells_every_option_of_its_configuration(root, installed, programs,
                                                                       name):
    page = page_of(installed, f"man8/{name}.8")
    manual = run(root, f"{programs}/{name}", "--config-manual").stdout
    assert manual.strip()
    for line in filter(str.strip, manual.splitlines()):
        assert line.strip() in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
@pytest.mark.parametrize("name", ["man1/attestel.1", "man8/attestel-proxy.8",
                                  "man8/attestel-registry.8", "man8/attestel-media.8"])
def test_a_manual_page_is_sound(root, installed, name):
    done = run(root, "groff", "-man", "-Tutf8", "-ww", "-z",
               str(installed / f"usr/share/man/{name}"))
    assert (done.returncode, done.stderr) == (0, "")


def exported(root, *command):
    done = run(root, "nm", "--defined-only", *command)
    assert done.returncode == 0, done.stderr
    return {line.split()[-1].partition("@")[0] for line in done.stdout.splitlines()
            if re.search(r" T callerid_", line)}


def test_every_function_of_the_libraries_has_a_manual_page(root, installed):
    lib = installed / "usr/lib"
    names = exported(root, "-D", f"{lib}/libcallerid.so.0")
    assert "callerid_verification_new" in names
    # In an archive everything has a name; what a header declares is what is public.
    headers = "".join(path.read_text() for path in (installed / "usr/include/callerid").iterdir())
    for part in ("client", "pkcs11"):
        more = exported(root, f"{lib}/libcallerid-{part}.a")
        assert more
        names |= {name for name in more if f"{name}(" in headers}
    for name in sorted(names):
        page = page_of(installed, f"man3/{name}.3")
        if link := re.fullmatch(r"\.so (man3/\w+\.3)\n", page):
            page = page_of(installed, link.group(1))
        synopsis = page.partition(".SH DESCRIPTION")[0]
        assert re.search(rf"\b{name}\(", synopsis), name
        assert re.search(rf"^\.SS .*\b{name}\(\)", page, re.M), name


def test_the_manual_of_the_library_tells_all_that_its_headers_tell(installed):
    words = re.compile(r"[A-Za-z0-9_]{2,}")
    for header in sorted((installed / "usr/include/callerid").iterdir()):
        name = "callerid" if header.stem == "callerid" else f"callerid_{header.stem}"
        shown = set(words.findall(page_of(installed, f"man3/{name}.3")))
        for text in re.findall(r"/\*(.*?)\*/", header.read_text(), re.S)[1:]:
            assert set(words.findall(text)) <= shown, (header.name, text)
        for body in re.findall(r"^(?:enum|struct).*?\{(.*?)^\}", header.read_text(), re.S | re.M):
            code = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
            assert set(words.findall(code)) <= shown, (header.name, code)


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_the_manual_pages_of_the_library_are_sound(root, installed):
    pages = sorted((installed / "usr/share/man/man3").iterdir())
    assert len(pages) > len(list((installed / "usr/include/callerid").iterdir()))
    for page in pages:
        done = run(root, "groff", "-man", "-Tutf8", "-ww", "-z", "-I", str(page.parent.parent),
                   str(page))
        assert (done.returncode, done.stderr) == (0, ""), page.name


def test_the_shared_library_exports_nothing_but_its_interface(root, installed):
    done = run(root, "nm", "-D", "--defined-only", f"{installed}/usr/lib/libcallerid.so.0")
    names = [line.split()[-1].partition("@")[0] for line in done.stdout.splitlines()
             if " A " not in line]
    assert names
    assert [name for name in names if not name.startswith("callerid_")] == []


def test_units_name_the_installed_programs(installed):
    for name in ("attestel-registry", "attestel-proxy"):
        unit = (installed / f"usr/lib/systemd/system/{name}.service").read_text()
        assert re.search(r"@\w+@", unit) is None
        path = re.search(r"^ExecStart=(\S+)", unit, re.M).group(1)
        assert os.access(f"{installed}{path}", os.X_OK)


def test_uninstall_takes_everything_out_again(root, programs, tmp_path):
    words = [f"BUILD={os.path.dirname(programs)}", f"DESTDIR={tmp_path}", "PREFIX=/usr"]
    assert run(root, "make", *words, "install").returncode == 0
    assert run(root, "make", *words, "uninstall").returncode == 0
    left = [os.path.join(folder, name) for folder, _, names in os.walk(tmp_path) for name in names]
    assert left == []
