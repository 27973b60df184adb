# SPDX-License-Identifier: Apache-2.0
"""What a refusal says: what to send instead, and nothing of what was sent."""
import json

import pytest

from registry_kit import CALLER, PASSED_A, Registry


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    registry = Registry("sqlite", tmp_path_factory.mktemp("sqlite"))
    for role in ("carrier", "support", "caller"):
        registry.add_key(role, role)
    registry.start()
    registry.mine = registry.enrol()
    yield registry
    assert registry.stop() == 0
    assert "level=error" not in registry.log()


def refused(world, status, code, method, path, body=None, key=None, **headers):
    reply = world.request(method, path, body, key or world.mine["owner"],
                          {name.replace("_", "-"): value for name, value in headers.items()})
    assert (reply.status, reply["code"]) == (status, code), reply
    return reply


def errors(world, path, body, key=None):
    reply = refused(world, 422, "invalid_fields", "POST", path, body, key)
    return {error["pointer"]: error["detail"] for error in reply["errors"]}


@pytest.mark.parametrize("key,method,path,detail", [
    ("support", "POST", "/v1/businesses",
     "This needs business:write; this key's role is support."),
    ("carrier", "GET", "/v1/tenants", "This needs tenants; this key's role is carrier."),
    ("support", "GET", "/v1/intents", "This needs intent:read; this key's role is support."),
    ("carrier", "GET", "/v1/reasons",
     "This needs business:read or intent:write; this key's role is carrier.")])
def test_403_names_the_permission_and_the_role(world, key, method, path, detail):
    reply = refused(world, 403, "permission_missing", method, path,
                    {} if method == "POST" else None, key)
    assert reply["detail"] == detail


def test_403_tells_a_role_that_may_not_from_a_token_that_was_narrowed(world):
    token = world.post("/v1/tokens", {"permissions": ["keys"]}, world.mine["owner"])["token"]
    reply = refused(world, 403, "permission_missing", "GET", "/v1/bindings", None, token)
    assert reply["detail"] == "This needs number:read; this key's role is owner, and the key or " \
        "token was made with less."


@pytest.mark.parametrize("path,type_", [
    ("/v1/businesses", "application/json"), ("/v1/logos", "image/png"),
    ("/v1/certificates", "application/x-pem-file")])
def test_415_names_the_type_that_it_wants(world, path, type_):
    key = "carrier" if path == "/v1/certificates" else None
    for sent in ("text/plain", "application/xml"):
        reply = refused(world, 415, "unsupported_media_type", "POST", path, b"x", key,
                        Content_Type=sent)
        assert reply["detail"] == f"This route takes Content-Type: {type_}."


def test_413_405_and_400_say_what_the_route_takes(world):
    reply = refused(world, 413, "body_too_large", "POST", "/v1/logos", b"x" * 262145, None,
                    Content_Type="image/png")
    assert reply["detail"] == "This route takes at most 262144 bytes."
    reply = refused(world, 405, "method_not_allowed", "DELETE", "/v1/businesses")
    assert reply["detail"] == "This path takes POST, GET." and \
        reply.headers["allow"] == "POST, GET"
    reply = refused(world, 400, "query_not_allowed", "GET", "/v1/users?page=2")
    assert reply["detail"] == "This URL takes no other query than limit, after."
    reply = refused(world, 400, "query_not_allowed", "GET", "/v1/self?a=b")
    assert reply["detail"] == "This URL takes no query."


def test_a_value_outside_a_closed_set_is_told_the_set(world):
    assert errors(world, "/v1/lookups", {"from": CALLER, "verification": {
        "verstat": "yes", "attest": "D"}}, "carrier") == {
        "/verification/verstat": "the value is not allowed: one of TN-Validation-Passed, "
                                 "TN-Validation-Failed, No-TN-Validation",
        "/verification/attest": "the value is not allowed: one of A, B, C"}
    owner = world.mine["owner"]
    permissions = world.get("/v1/self", world.add_key("operator", "operator"))["permissions"]
    for sent in (["fly"], ["keys", "keys"]):
        assert errors(world, "/v1/tokens", {"permissions": sent}, owner) == {
            "/permissions": f"the value is not allowed: one of {', '.join(permissions)}; each once"}
    roles = errors(world, "/v1/users", {"name": "x", "role": "king"})["/role"]
    assert roles.startswith("the value is not allowed: one of operator, owner, admin, ")
    assert roles.endswith(", app, device")


@pytest.mark.parametrize("path,body,pointer,detail", [
    ("/v1/intents", {"ttl_s": 9}, "/ttl_s", "the value is out of range: 10 to 600"),
    ("/v1/intents", {"ttl_s": "60"}, "/ttl_s",
     "the value has the wrong type: an integer is expected"),
    ("/v1/intents", {"from": 12155551212}, "/from",
     "the value has the wrong type: a telephone number as a text is expected"),
    ("/v1/intents", {"lang": "e"}, "/lang",
     "the value is not allowed: a language tag (RFC 5646), as en or pt-BR"),
    ("/v1/intents/batch", {"items": [{}] * 101}, "/items",
     "the value is too long: at most 100 items"),
    ("/v1/intents/batch", {"items": []}, "/items",
     "there is nothing in it: at least one item is needed"),
    ("/v1/intents/batch", {"items": [1]}, "/items/0",
     "the value has the wrong type: an object is expected"),
    ("/v1/businesses", {"name": "x", "country": "us"}, "/country",
     "the value is not allowed: two capital letters, as US"),
    ("/v1/businesses", {"name": "x", "country": "US", "website": "javascript:alert(1)"}, "/website",
     "the value is not allowed: https:// and a host, as https://shop.example, with a path or none"),
    ("/v1/bindings", {"number": CALLER, "brand": "b" * 31}, "/brand",
     "the value is too long: at most 30 bytes"),
    ("/v1/bindings", {"number": CALLER, "brand": "b", "strict": 1}, "/strict",
     "the value has the wrong type: true or false is expected"),
    ("/v1/claims", {"number": CALLER, "block": 7}, "/block",
     "the value is not allowed: one of 1, 10, 100, 1000, and the number ends in as many zeros"),
    ("/v1/businesses", [], "", "the value has the wrong type: an object is expected"),
])
def test_a_field_is_told_what_it_takes(world, path, body, pointer, detail):
    assert errors(world, path, body)[pointer] == detail


def test_a_refusal_repeats_no_value_that_was_sent(world):
    body = {"from": CALLER, "verification": {"verstat": "canary-1", "attest": "canary-2"},
            "budget_ms": "canary-3", "to": "canary-4"}
    reply = refused(world, 422, "invalid_fields", "POST", "/v1/lookups", body, "carrier")
    assert len(reply["errors"]) == 4 and b"canary" not in reply.body


def named(n):
    return json.dumps({f"k{i}": i for i in range(n)}).encode()


@pytest.mark.parametrize("path,most,key", [
    ("/v1/businesses", 1000, None), ("/v1/lookups", 1000, "carrier"),
    ("/v1/intents/batch", 1000, None), ("/v1/bindings/batch", 10000, None)])
def test_a_body_has_as_many_names_as_its_route_needs(world, path, most, key):
    sent = {"Content_Type": "application/json"}
    reply = refused(world, 400, "json_too_many_keys", "POST", path, named(most + 1), key, **sent)
    assert str(most) in reply["detail"].replace(",", "")
    refused(world, 422, "invalid_fields", "POST", path, named(most), key, **sent)


def test_the_largest_batches_have_fewer_names_than_the_limit(world):
    """2,000 bindings with every field, and 100 intents: refused for what they say only."""
    item = {"number": CALLER, "block": 1, "brand": "brd_" + "a" * 26, "strict": False}
    body = json.dumps({"items": [item] * 2000}, separators=(",", ":")).encode()
    assert len(body) <= 262144
    reply = world.request("POST", "/v1/bindings/batch", body, world.mine["owner"],
                          {"Content-Type": "application/json"})
    assert reply["code"] not in ("json_too_many_keys", "body_too_large"), reply
    item = {"from": CALLER, "to": CALLER, "reason": "rsn_" + "a" * 26, "code": "other",
            "text": "x", "lang": "en", "ttl_s": 60, "not_before_s": 0}
    reply = world.request("POST", "/v1/intents/batch", {"items": [item] * 100},
                          world.mine["owner"])
    assert reply["code"] != "json_too_many_keys", reply


def test_a_lookup_with_another_type_is_told_so_in_the_stir_doors_own_form_too(world):
    reply = world.request("POST", "/stir/v1/signing", b"{}", "carrier",
                          {"Content-Type": "text/plain"})
    assert reply.status == 415
    assert reply["requestError"]["serviceException"]["variables"] == ["application/json"]
    reply = world.request("POST", "/stir/v1/signing", {}, "support")
    assert reply["requestError"]["policyException"]["text"] == \
        "This needs sign; this key's role is support."
    assert PASSED_A["attest"] not in reply["requestError"]["policyException"]["variables"]
