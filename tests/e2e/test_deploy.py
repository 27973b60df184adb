# SPDX-License-Identifier: Apache-2.0
"""What is shipped for operators: the example configurations load, the units are sound."""
import os
import re
import shutil
import subprocess

import pytest

DAEMONS = ["registry", "proxy", "media"]
SECRET = re.compile(r"/run/credentials/[\w.-]+/([\w.-]+)")
UNIT_WORDS = {"PREFIX": "/usr", "SBINDIR": "/usr/sbin", "SYSCONFDIR": "/etc"}
EXPOSURE_MAX = 2.0  # of 10; systemd calls up to 2 "OK"


@pytest.fixture
def files(programs, tmp_path):
    """Real keys and certificates, in the place of those that the examples name."""
    pki = tmp_path / "pki"
    for words in (["init", pki], ["issue", pki, "signing", "--type", "shaken", "--spc", "1234"],
                  ["issue", pki, "web", "--type", "tls-server", "--host", "example.net"]):
        subprocess.run([f"{programs}/attestel", "pki", *map(str, words)], check=True,
                       capture_output=True)
    (pki / "registry.key").write_text("ak_" + "a" * 26 + "\n")
    (pki / "registry.key").chmod(0o600)
    shutil.copy(pki / "root.pem", pki / "anchors.pem")
    return pki


@pytest.mark.parametrize("name", DAEMONS)
def test_the_example_configuration_is_accepted(root, programs, files, tmp_path, name):
    with open(f"{root}/deploy/examples/{name}.conf", encoding="utf-8") as file:
        text = SECRET.sub(rf"{files}/\1", file.read()).replace("/etc/attestel", str(files))
    config = tmp_path / "try.conf"
    config.write_text(text)
    done = subprocess.run([f"{programs}/attestel-{name}", "--config", str(config),
                           "--check-config"], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", DAEMONS)
def test_a_wrong_option_is_named_with_file_line_and_what_is_allowed(programs, tmp_path, name):
    config = tmp_path / "wrong.conf"
    config.write_text("[log]\nlevel = loud\n")
    done = subprocess.run([f"{programs}/attestel-{name}", "--config", str(config),
                           "--check-config"], text=True, capture_output=True, check=False)
    assert done.returncode != 0
    assert f"{config}:2:" in done.stderr
    assert "level" in done.stderr and "debug" in done.stderr


def unit_of(root, name):
    with open(f"{root}/deploy/systemd/attestel-{name}.service", encoding="utf-8") as file:
        return re.sub(r"@(\w+)@", lambda match: UNIT_WORDS[match.group(1)], file.read())


@pytest.mark.parametrize("name", DAEMONS)
def test_the_unit_hands_over_the_secrets_that_the_example_names(root, name):
    """What the example has in a comment the unit has in one, too: a file that is missing would keep
    the service from starting."""
    with open(f"{root}/deploy/examples/{name}.conf", encoding="utf-8") as file:
        lines = file.read().splitlines()
    for mark in ("", "#"):
        wanted = set(SECRET.findall("\n".join(line for line in lines
                                              if line.startswith("#") == bool(mark))))
        given = set(re.findall(rf"^{mark}LoadCredential=([^:]+):", unit_of(root, name), re.M))
        assert wanted == given
        assert wanted or mark or name == "media"  # the relay needs no secret


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
@pytest.mark.parametrize("name", DAEMONS)
def test_the_unit_is_sound_and_gives_little_away(root, tmp_path, name):
    unit = tmp_path / f"attestel-{name}.service"
    # The programs are not installed where the unit says: any that exist do for its grammar.
    unit.write_text(re.sub(r"^(Exec\w+=)/usr/sbin/\S+", r"\1/bin/true", unit_of(root, name),
                           flags=re.M))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], text=True,
                          capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager",
                           f"--threshold={EXPOSURE_MAX * 10:.0f}", str(unit)], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]
