# SPDX-License-Identifier: Apache-2.0
"""The tool's frame: help, usage errors, versions, completion."""
import os
import pty
import re
import subprocess

import pytest
from cli_tool import Cli, openssl

PROGRAM = os.path.join(os.environ.get("ATTESTEL_BIN", "build/bin"), "attestel")
LISTED = subprocess.run([PROGRAM, "--commands"], capture_output=True, text=True, timeout=20,
                        check=True).stdout.splitlines()
COMMANDS = [line.split("\t")[0] for line in LISTED]


@pytest.fixture
def cli(programs, tmp_path):
    return Cli(programs, tmp_path)


def options_of(cli, command):
    return re.findall(r"^  --([a-z0-9-]+)", cli.ok(*command.split(), "--help"), re.M)


def test_help_names_every_command(cli):
    text = cli.ok("--help")
    for command in COMMANDS:
        group, _, name = command.rpartition(" ")
        assert re.search(rf"^  {group} ([a-z]+\|)*{name}\b" if group else rf"^  {name} ", text,
                         re.M), command
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_and_lists_its_options(cli, command):
    assert "help" in options_of(cli, command)
    assert cli.ok(*command.split(), "-h") == cli.ok(*command.split(), "--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_option_is_refused_with_those_that_are_allowed(cli, command):
    text = cli.refused(*command.split(), "--no-such-thing")
    assert "--no-such-thing" in text
    for option in options_of(cli, command):
        assert f"--{option}" in text


def test_version_names_the_library_and_openssl(cli):
    text = cli.ok("--version")
    assert re.search(r"^libcallerid \d+\.\d+\.\d+$", text, re.M)
    assert " ".join(openssl("version").split()[:2]) in text


@pytest.mark.parametrize("words, part", [
    ((), "usage"), (("nothing",), "nothing is not a command"), (("pki",), "pki init"),
    (("pki", "nothing"), "pki nothing is not a command"),
    (("passport", "verify", "--from"), "needs a value"),
    (("passport", "verify", "--json=1", "--from", "1", "--to", "2"), "takes no value"),
    (("passport", "verify", "--from", "1", "--from", "2", "--to", "2"), "once only"),
    (("passport", "verify", "--from", "1"), "--to"),
    (("passport", "verify", "--to", "1"), "--from"),
    (("passport", "verify", "--from", "1", "--to", "2", "--now", "12x"), "from 0 to"),
    (("passport", "verify", "--from", "1", "--to", "2", "--now", "-1"), "from 0 to"),
    (("passport", "verify", "--from", "1", "--to", "2", "--now", "99999999999999999999"), "from 0"),
    (("passport", "verify", "--from", "1", "--to", "2", "--max-age", "0"), "from 1 to"),
    (("passport", "verify", "--from", "1", "--to", "2", "--check", "iat"), "NAME=off"),
    (("passport", "verify", "--from", "1", "--to", "2", "--check", "x=off"), "signature"),
    (("passport", "verify", "--from", "1", "--to", "2", "--check", "iat=no"), "off warn enforce"),
    (("passport", "verify", "--from", "1", "--to", "2", "--cert", "nothing"), "URL=FILE"),
    (("passport", "verify", "--from", "1", "--to", "2", "--anchor", "/nowhere"), "/nowhere"),
    (("passport", "verify", "--from", "1", "--to", "2", "too", "much"), "arguments"),
    (("passport", "inspect", "file"), "file is too much"),
    (("passport", "inspect", "file"), "standard input"),
    (("pki", "init"), "1 needed: DIR"), (("pki", "init", "a", "b"), "DIR"),
    (("api", "GET", "no-slash"), "PATH"),
])
def test_a_usage_error_ends_with_2_and_says_what_is_allowed(cli, words, part):
    done = cli.run(*words)
    assert done.returncode == 2
    assert part in done.stderr.decode()
    assert done.stdout == b""


def test_what_a_stranger_wrote_does_not_steer_the_terminal(cli):
    assert "\x1b" not in cli.refused("\x1b[31mred")


def test_output_that_cannot_be_written_is_a_failure(cli):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([cli.program, "--help"], stdout=full, timeout=20, check=False)
    assert done.returncode == 1


def test_a_terminal_on_standard_input_is_told_that_it_is_read(cli):
    ours, theirs = pty.openpty()
    with subprocess.Popen([cli.program, "passport", "inspect"], stdin=theirs,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
        os.write(ours, b"\x04")
        assert b"Ctrl-D" in tool.communicate(timeout=20)[1]
        assert tool.returncode == 1
    os.close(ours)
    os.close(theirs)
    assert b"Ctrl-D" not in cli.run("passport", "inspect", data=b"x").stderr


def complete(cli, *words):
    """What bash offers after these words."""
    script = cli.write("completion", cli.ok("--completion"))
    listed = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-c", f"compopt() {{ :; }}; . {script}; COMP_WORDS=({listed}); "
         f"COMP_CWORD={len(words) - 1}; _attestel; printf '%s\\n' \"${{COMPREPLY[@]}}\""],
        capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.split()


def test_bash_completes_groups_commands_options_and_files(cli):
    cli.write("anchor.pem", "")
    assert "passport" in complete(cli, "attestel", "pa")
    assert set(complete(cli, "attestel", "pki", "")) == {"init", "issue", "crl"}
    assert "--anchor" in complete(cli, "attestel", "passport", "verify", "--a")
    assert "--registry" in complete(cli, "attestel", "lookup", "--re")
    offered = complete(cli, "attestel", "passport", "verify", "--anchor", cli.path("an"))
    assert offered == [cli.path("anchor.pem")]
