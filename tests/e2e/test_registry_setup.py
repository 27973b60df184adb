# SPDX-License-Identifier: Apache-2.0
"""attestel-registry's command line, in the order in which a new operator meets it."""
import subprocess

import pytest


@pytest.fixture
def registry(programs, tmp_path):
    """registry(words) with a configuration of its own."""
    config = tmp_path / "registry.conf"
    config.write_text(f"[registry]\ndatabase = {tmp_path}/registry.db\n"
                      f"pair_key_file = {tmp_path}/pair.key\n"
                      f"signing_key_file = {tmp_path}/signing.key\n")

    def run(*words):
        return subprocess.run([f"{programs}/attestel-registry", "--config", str(config), *words],
                              text=True, capture_output=True, check=False, timeout=30,
                              cwd=tmp_path)
    return run


def test_a_missing_database_names_the_command_that_creates_it(registry, tmp_path):
    done = registry("--add-key", "operator")
    assert done.returncode == 1
    assert f"{tmp_path}/registry.db" in done.stderr and "--migrate" in done.stderr


def test_migrating_twice_says_that_there_was_nothing_to_do(registry):
    assert "schema version 0 -> " in registry("--migrate").stdout
    again = registry("--migrate")
    assert again.returncode == 0 and "already" in again.stdout


def test_a_key_file_that_exists_is_not_overwritten_and_named(registry, tmp_path):
    registry("--migrate")
    assert registry("--add-key", "operator").returncode == 0
    before = (tmp_path / "api.key").read_text()
    done = registry("--add-key", "operator")
    assert done.returncode == 1
    assert "api.key: exists already" in done.stderr
    assert (tmp_path / "api.key").read_text() == before


def test_an_unknown_role_is_refused_with_where_to_find_those_there_are(registry, root):
    done = registry("--add-key", "superuser")
    assert done.returncode == 2
    assert "superuser" in done.stderr and "docs/registry.md" in done.stderr
    assert "| owner |" in open(f"{root}/docs/registry.md", encoding="utf-8").read()


def test_a_configuration_error_ends_with_the_status_of_a_usage_error(registry, tmp_path):
    (tmp_path / "registry.conf").write_text("[registry]\nthreads = 0\n")
    assert registry("--check-config").returncode == 2
    assert registry().returncode == 2
