# SPDX-License-Identifier: Apache-2.0
"""README.md, as a reader pastes it, and the commands that the documents name."""
import os
import pathlib
import re
import shlex
import subprocess

import pytest

SET_UP = 'deploy/install-deps.sh build && make -j4 && export PATH="$PWD/build/bin:$PATH"'
ROOT = pathlib.Path(__file__).parents[2]
# What a reader follows; designs name commands that are to come.
DOCUMENTS = ["README.md", "docs/set-up.md", "docs/certificate-lint.md", "docs/pkcs11.md",
             "docs/postgresql.md", "docs/registry.md", "docs/api/registry.md"]


@pytest.fixture(scope="module")
def shown(programs, tmp_path_factory):
    """What the blocks of "In five minutes" print, each under a line with its number."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text.split("## In five minutes", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", part, re.M | re.S)
    assert SET_UP in blocks[0]
    blocks[0] = blocks[0].replace(SET_UP, f'export PATH="{programs}:$PATH"')
    script = "trap 'kill %1; wait' EXIT\n" + "".join(
        f"echo '#{number}'\n{block}" for number, block in enumerate(blocks))
    folder = tmp_path_factory.mktemp("readme")
    done = subprocess.run(
        ["bash", "-eum", "-o", "pipefail", "-c", script], capture_output=True, text=True,
        timeout=60, check=False, cwd=folder, stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)})
    assert done.returncode == 0, done.stdout + done.stderr
    return re.split(r"^#\d\n", done.stdout, flags=re.M)[1:]


def test_a_business_announces_a_call(shown):
    assert "approved" in shown[2] and re.search(r"^state +announced$", shown[2], re.M)


def test_a_carrier_is_told_a_signs_and_verifies(shown):
    assert re.search(r"^attest +A$", shown[3], re.M)
    assert "PASSED  The caller is who the signalling says." in shown[3]
    assert "NOT PASSED" not in shown[3]


def test_an_app_is_told_who_calls_and_reports(shown):
    assert re.search(r"^brand.name +Example Dental$", shown[4], re.M)
    assert re.search(r"^reason.text +Your appointment on Tuesday$", shown[4], re.M)
    assert re.search(r"^label +wanted\nprovenance +verified$", shown[4], re.M)
    assert re.search(r"^number +12155550101\nfound +(true|false)$", shown[4], re.M)


def commands_of(text):
    """The lines of the blocks, and what stands between backquotes, that begin with the tool."""
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)).replace("\\\n", " ")
    for line in re.findall(r"(?:^ *|[$(&;|] ?)(attestel [^`\n|&;)<>#]+)", blocks, re.M):
        yield line.rstrip()
    for line in re.findall(r"`(attestel [a-z][^`\n]*)`", text):
        yield line


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_commands_and_options_that_there_are(programs, name):
    def ask(*words):
        return subprocess.run([f"{programs}/attestel", *words], capture_output=True, text=True,
                              timeout=20, check=False)
    known = {line.split("\t")[0] for line in ask("--commands").stdout.splitlines()}
    groups = {line.split()[0] for line in known}
    for line in commands_of((ROOT / name).read_text(encoding="utf-8")):
        words = shlex.split(line.replace("'", "").replace('"', ""))[1:]
        if not re.fullmatch("[a-z]+", words[0]):
            continue
        if len(words) == 1 and words[0] in groups:
            continue
        command = words[0] if words[0] in known else " ".join(words[:2]).split("|")[0]
        assert command in known and command != "api", line
        options = set(re.findall(r" --([a-z-]+)", ask(*command.split(), "--help").stdout))
        assert set(re.findall(r" --([a-z-]+)", line)) <= options, line
