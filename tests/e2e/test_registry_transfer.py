# SPDX-License-Identifier: Apache-2.0
"""A registry moves from one engine to the other and back, by a pipe between two processes."""
import subprocess

import pytest

import pg_cluster
import registry_kit

pytestmark = pytest.mark.skipif(not pg_cluster.is_installed(),
                                reason="package postgresql-15 is not installed")


@pytest.fixture(scope="module")
def cluster():
    with pg_cluster.Cluster() as running:
        yield running


def command(registry, word):
    return [registry_kit.BIN / "attestel-registry", "--config", registry.conf, word]


def pipe(source, target):
    """attestel-registry --export | attestel-registry --import"""
    with subprocess.Popen(command(source, "--export"), stdout=subprocess.PIPE) as export:
        done = subprocess.run(command(target, "--import"), stdin=export.stdout,
                              capture_output=True, text=True, timeout=60, check=False)
        export.stdout.close()
    assert (export.returncode, done.returncode, done.stderr) == (0, 0, "")


def test_a_registry_moved_to_postgres_and_back_has_the_same_lines_and_keys(tmp_path, cluster):
    first = registry_kit.Registry("sqlite", tmp_path / "first")
    first.add_key("owner", "Zoë's \"shop\"", "own")
    first.add_key("operator", "operator")
    second = registry_kit.Registry("postgres", tmp_path / "second", cluster)
    third = registry_kit.Registry("sqlite", tmp_path / "third")
    pipe(first, second)
    pipe(second, third)
    lines = first.run("--export").stdout
    assert len(lines.splitlines()) > 10
    assert second.run("--export").stdout == lines
    assert third.run("--export").stdout == lines
    try:
        second.start()
        reply = second.request("GET", "/v1/tenants", key=first.keys["own"], check=False)
        assert reply.status == 200, reply
    finally:
        second.stop()


def test_half_an_export_leaves_the_new_registry_empty(tmp_path, cluster):
    source = registry_kit.Registry("sqlite", tmp_path / "source")
    source.add_key("owner", "customer")
    target = registry_kit.Registry("postgres", tmp_path / "target", cluster)
    lines = source.run("--export").stdout.splitlines(keepends=True)
    done = subprocess.run(command(target, "--import"), input="".join(lines[:-1]), timeout=60,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "the end of the export is missing" in done.stderr
    assert "customer" not in target.run("--export").stdout


def test_a_registry_that_holds_something_takes_no_import(tmp_path, cluster):
    source = registry_kit.Registry("sqlite", tmp_path / "source")
    target = registry_kit.Registry("postgres", tmp_path / "target", cluster)
    target.add_key("owner", "customer")
    done = subprocess.run(command(target, "--import"), input=source.run("--export").stdout,
                          timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not empty" in done.stderr
