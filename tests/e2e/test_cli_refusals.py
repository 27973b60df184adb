# SPDX-License-Identifier: Apache-2.0
"""How the commands tell what the registry refused, against the registry itself."""
import json

import pytest

from cli_registry_kit import RegistryCli, registries
from registry_kit import CALLER

OTHER = "+12155554321"


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    yield from registries("sqlite", tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def cli(programs, tmp_path, registry):
    return RegistryCli(programs, tmp_path, registry)


def test_what_the_registry_refuses_is_said_with_field_code_and_page(cli):
    text = cli.no("business", "add", "--name", "", "--country", "US")
    assert "the registry answered 422" in text and "--name: " in text
    assert "code invalid_fields (docs/api/problems/invalid_fields.md), request req_" in text


def test_a_refused_field_is_told_by_what_was_typed(cli):
    text = cli.no("intent", "send", "--from", CALLER, "--to", OTHER, "--code", "none", "--text",
                  "x")
    assert "  --code: " in text and "fraud_alert" in text
    receipt = cli.json("lookup", CALLER, key="carrier")["receipt"]
    text = cli.no("report", "send", receipt, "--label", "nobody", key="carrier")
    assert "  --label: " in text and text.count("telemarketing") == 1 and "/label" not in text
    assert "  RECEIPT: " in cli.no("report", "send", "x", "--label", "fraud", key="carrier")


def test_a_body_that_is_wrong_as_a_whole_is_called_the_request(cli):
    text = cli.no("binding", "batch", "-", data="[]")
    assert "  the request: the value has the wrong type" in text and "  : " not in text
    assert "/items/0/number: " in cli.no("binding", "batch", "-", data=json.dumps(
        {"items": [{"number": "12", "brand": cli.registry.mine["brand"]}]}))


def test_a_key_that_may_not_is_told_how_to_find_out_what_it_may(cli):
    receipt = cli.json("lookup", CALLER, key="carrier")["receipt"]
    assert "attestel self" in cli.no("report", "send", receipt, "--label", "fraud")


def roles_of_help(cli):
    """Those that an owner gives, those of the operator."""
    text = " ".join(cli.ok("key", "add", "--help").split())
    own, rest = text.partition("may do: ")[2].split("; of the operator: ")
    return own.split(", "), rest.partition(" (")[0].split(", ")


def test_help_tells_which_roles_an_owner_gives_and_which_the_operator(cli):
    own, operators = roles_of_help(cli)
    assert len(own) == 9 and set(operators) == {"carrier", "app", "vetter", "operator"}
    for role in own:
        assert cli.json("key", "add", "--role", role)["role"] == role
    for role in operators:
        text = cli.no("key", "add", "--role", role)
        assert "role_not_grantable" in text and "of the operator: carrier, app" in text
        assert cli.json("key", "add", "--role", role, key="operator")["role"] == role
