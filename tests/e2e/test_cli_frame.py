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


@pytest.mark.parametrize("words", [[], *({c.split()[0]: [c.split()[0]] for c in COMMANDS}.values()),
                                   *(c.split() for c in COMMANDS if " " in c)], ids=" ".join)
def test_help_fits_into_80_columns(cli, words):
    for line in cli.ok(*words, "--help").splitlines():
        assert len(line) <= 80 and line == line.rstrip(), line


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_begins_with_what_it_needs(cli, command):
    text = cli.ok(*command.split(), "--help")
    usage, _, rest = text.partition("\n\n")
    usage = " ".join(usage.split())
    assert usage.startswith(f"usage: attestel {command}") and "[options]" in usage
    options = re.split(r"^  --", rest, flags=re.M)[1:]
    needed = {f"--{o.split()[0]}" for o in options if "(required" in " ".join(o.split())}
    assert needed == set(re.findall(r"--[a-z0-9-]+", usage))


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
    (("report", "send", "--receipt", "x", "--label", "fraud"), "RECEIPT stands without --receipt"),
    (("report", "send", "--receipt", "x"), "usage: attestel report send RECEIPT --label LABEL"),
    (("report", "send", "x"), "usage: attestel report send RECEIPT --label LABEL"),
    (("lookup", "--number", "+12155551212"), "NUMBER stands without --number"),
    (("lookup",), "usage: attestel lookup NUMBER [options]"),
])
def test_a_usage_error_ends_with_2_and_says_what_is_allowed(cli, words, part):
    done = cli.run(*words)
    assert done.returncode == 2
    assert part in done.stderr.decode()
    assert done.stdout == b""


NUMBERS = [("lookup", "{}"), ("lookup", "{}", "--private"),
           ("lookup", "+12155551212", "--to", "{}"),
           ("intent", "send", "--from", "{}", "--to", "+12155551212"),
           ("intent", "send", "--from", "+12155551212", "--to", "{}"),
           ("attestation", "get", "--from", "{}", "--customer", "biz_x"),
           ("decision", "add", "--from", "{}", "--action", "a", "--rule", "r", "--evidence", "e"),
           ("number", "add", "{}", "--brand", "brd_x"), ("number", "status", "{}"),
           ("claim", "add", "{}"), ("binding", "add", "{}", "--brand", "brd_x"),
           ("device", "add", "{}")]


@pytest.mark.parametrize("words", NUMBERS, ids=" ".join)
def test_what_is_no_number_is_refused_with_what_one_looks_like(cli, words):
    for bad in ("12", "hello", "", "+", "+1", "+123456", "+1234567890123456", "+0215550123",
                "tel:+12155551212", "+1+2155551212", "+12155551212;ext=1", "1215#5551212"):
        text = cli.refused(*(word.format(bad) for word in words))
        assert "as in +12155551212" in text, (bad, text)


def test_every_command_that_takes_a_number_is_tried(cli):
    taking = {c for c in COMMANDS if not re.match("pki|passport", c)
              and re.search(r" (NUMBER|TN)\b", cli.ok(*c.split(), "--help"))}
    assert taking == {c for c in COMMANDS for words in NUMBERS if words[:len(c.split())] ==
                      tuple(c.split())}


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
