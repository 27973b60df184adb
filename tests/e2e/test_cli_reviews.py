# SPDX-License-Identifier: Apache-2.0
"""The commands of a vetter, and of who changes users, against either engine."""
import pytest

from cli_registry_kit import RegistryCli, registries
from registry_kit import engines


@pytest.fixture(scope="module", params=engines())
def registry(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def cli(programs, tmp_path, registry):
    return RegistryCli(programs, tmp_path, registry)


def test_a_vetter_reads_what_waits_and_decides_on_it(cli):
    business = cli.json("business", "add", "--name", "Waits", "--country", "US")["id"]
    brand = cli.json("brand", "add", "--business", business, "--name", "Waits")["id"]
    text = cli.say("review", "list", "--all", "--kind", "brand", key="operator")
    assert brand in text and "in_review" in text and "customer" in text
    case = cli.json("review", "show", brand, key="operator")
    assert (case["business"]["id"], case["versions"][0]["number"]) == (business, 1)
    decide = ("brand", "decide", brand, "--decision", "reject", "--number", "1")
    assert "rejected" in cli.say(*decide, "--finding", "No", key="operator")
    items = cli.json("review", "list", "--all", "--state", "in_review", key="operator")["items"]
    assert brand not in [item["id"] for item in items]
    assert "permission_missing" in cli.no("review", "list")


def test_a_user_is_changed_and_its_keys_that_are_more_end(cli):
    user = cli.json("user", "add", "--name", "Ann", "--role", "admin")["id"]
    key = cli.json("key", "add", "--role", "caller", "--user", user)["id"]
    changed = cli.json("user", "edit", user, "--role", "support", "--name", "Anna")
    assert (changed["role"], changed["name"], changed["version"]) == ("support", "Anna", 2)
    assert cli.json("key", "show", key)["state"] == "revoked"
    assert "412" in cli.no("user", "edit", user, "--name", "Ann", "--if-version", "1")
    assert "role_not_grantable" in cli.no("key", "add", "--role", "caller", "--user", user)
