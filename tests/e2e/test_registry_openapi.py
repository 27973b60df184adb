# SPDX-License-Identifier: Apache-2.0
"""docs/api: the OpenAPI document and the pages on errors are what the program does, no more and no
less."""
import copy
import importlib.util
import json
import re
import subprocess

import jsonschema
import pytest

import openapi_check
from openapi_schema import OPENAPI
from registry_kit import BIN, Reply


def lines(option):
    done = subprocess.run([BIN / "attestel-registry", option], check=True, capture_output=True,
                          text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", name="routes")
def read_routes():
    return lines("--routes")


@pytest.fixture(scope="module", name="problems")
def read_problems():
    return lines("--problems")


def operations():
    """(path, method, operation, parameters of path and operation), each resolved."""
    for path, item in openapi_check.document()["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            parameters = [openapi_check.resolve(one) for one
                          in item.get("parameters", []) + operation.get("parameters", [])]
            yield path, method.upper(), operation, parameters


def nodes(node, path=()):
    yield path, node
    children = node.items() if isinstance(node, dict) \
        else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from nodes(child, (*path, name))


def schemas():
    """Every schema of the document, wherever it stands."""
    for path, node in nodes(openapi_check.document()):
        if path and (path[-1] == "schema" or (len(path) == 3 and path[1] == "schemas")):
            yield path, node


def in_documents(operation, parameters, place):
    return [one["name"] for one in parameters if one["in"] == place]


def security_of(permissions):
    """What the document must say of a route's permissions."""
    if permissions == "open":
        return []
    asked = [[]] if permissions == "any" else [[one] for one in permissions]
    return [{scheme: one} for one in asked for scheme in ("bearer", "mutualTLS")]


def test_the_document_is_openapi_3_1_of_the_pieces_used_and_nothing_misspelt():
    errors = jsonschema.Draft202012Validator(OPENAPI).iter_errors(openapi_check.document())
    assert [f"{list(error.path)}: {error.message[:200]}" for error in errors] == []


def test_a_misspelt_word_of_the_document_is_found():
    for spoil in (lambda d: d["paths"]["/v1/self"]["get"].update(responce={}),
                  lambda d: d["components"]["schemas"]["Tenant"].update(requried=[]),
                  lambda d: d["paths"]["/v1/self"]["get"]["responses"].update({"2000": {}})):
        spoilt = copy.deepcopy(openapi_check.document())
        spoil(spoilt)
        assert not jsonschema.Draft202012Validator(OPENAPI).is_valid(spoilt)


def test_every_schema_is_json_schema_2020_12_and_its_required_fields_are_described():
    seen = 0
    for path, schema in schemas():
        jsonschema.Draft202012Validator.check_schema(schema)
        for where, node in nodes(schema, path):
            if isinstance(node, dict) and isinstance(node.get("required"), list):
                assert set(node["required"]) <= set(node["properties"]), where
                seen += 1
    assert seen > 50


def test_every_reference_leads_somewhere_and_every_component_is_used():
    document, used = openapi_check.document(), set()
    for path, node in nodes(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) \
                and path[-1] != "properties":
            assert openapi_check.resolve(node) is not None
            used.add(node["$ref"])
    # bearer and mutualTLS are named, not referred to
    defined = {f"#/components/{kind}/{name}" for kind, items in document["components"].items()
               for name in items if kind != "securitySchemes"}
    assert defined == used


def test_every_row_of_the_route_table_is_in_the_document_and_nothing_more(routes):
    table = {(row["path"], row["method"]): row for row in routes}
    documented = {}
    for path, method, operation, parameters in operations():
        documented[path, method] = operation["operationId"]
        row = table.get((path, method))
        assert row is not None, f"{method} {path} is no route"
        where = f"{method} {path}"
        assert in_documents(operation, parameters, "query") == row["query"], where
        assert in_documents(operation, parameters, "path") == re.findall(r"{(\w+)}", path), where
        default = openapi_check.document()["security"]
        assert operation.get("security", default) == security_of(row["permissions"]), where
    assert documented == {where: row["operation"] for where, row in table.items()}
    assert len(documented) == len(routes)
    assert len(set(documented.values())) == len(routes), "an operationId stands twice"


def test_every_body_of_a_request_has_the_type_of_its_route_and_names_its_fields(routes):
    table = {row["operation"]: row for row in routes}
    for _path, _method, operation, _parameters in operations():
        body, row = operation.get("requestBody"), table[operation["operationId"]]["body"]
        assert (body is None) == (row is None), operation["operationId"]
        if row is None:
            continue
        assert list(body["content"]) == [row["type"]] and body["required"] is True
        if row["type"] == "application/json":
            schema = openapi_check.resolve(body["content"][row["type"]]["schema"])
            assert schema["additionalProperties"] is False, operation["operationId"]


def test_objects_of_answers_are_described_whole_and_those_of_requests_take_nothing_else():
    asked, answered = set(), set()

    def collect(node, into):
        for _path, inner in nodes(node):
            if isinstance(inner, dict) and isinstance(inner.get("$ref"), str):
                if inner["$ref"] not in into:
                    into.add(inner["$ref"])
                    collect(openapi_check.resolve(inner), into)

    for _path, _method, operation, _parameters in operations():
        collect(operation.get("requestBody", {}), asked)
        collect(operation["responses"], answered)
    for name, schema in openapi_check.document()["components"]["schemas"].items():
        where = f"#/components/schemas/{name}"
        for _path, node in nodes(schema):
            if not isinstance(node, dict) or node.get("type") != "object":
                continue
            if where in asked:
                assert node.get("additionalProperties") is False, name
            if where in answered and where not in asked and "properties" in node:
                assert "additionalProperties" not in node, f"{name}: clients ignore more fields"
                assert name == "Problem" or set(node["required"]) == set(node["properties"]) \
                    or name in ("Attestation", "StirVerification"), name


def test_headers_of_requests_stand_where_the_program_heeds_them():
    for _path, method, operation, parameters in operations():
        name = operation["operationId"]
        headers = in_documents(operation, parameters, "header")
        assert ("Idempotency-Key" in headers) == (method == "POST"), name
        assert ("If-Match" in headers) == (method in ("PUT", "PATCH")), name
        success = [answer for status, answer in operation["responses"].items() if status[0] == "2"]
        assert len(success) == 1, name
        described = openapi_check.resolve(success[0])["headers"]
        assert ("Idempotent-Replayed" in described) == ("Idempotency-Key" in headers), name
        assert {"X-Request-Id", "RateLimit", "RateLimit-Policy"} <= described.keys(), name
        if "If-Match" in headers:
            assert "ETag" in described, name
        assert ("304" in operation["responses"]) == ("If-None-Match" in headers), name


def test_every_operation_may_answer_with_a_problem_of_the_closed_list(routes, problems):
    for path, _method, operation, _parameters in operations():
        kinds = openapi_check.resolve(operation["responses"]["default"])["content"]
        kind = "application/json" if path.startswith("/stir/") else "application/problem+json"
        assert list(kinds) == [kind], operation["operationId"]
    schemas_ = openapi_check.document()["components"]["schemas"]
    documented = {(branch["properties"]["status"]["const"], code)
                  for branch in schemas_["Problem"]["oneOf"]
                  for code in branch["properties"]["code"]["enum"]}
    assert documented == {(one["status"], one["code"]) for one in problems if "code" in one}
    assert len(documented) >= 40
    assert schemas_["FieldError"]["properties"]["code"]["enum"] \
        == [one["field"] for one in problems if "field" in one]
    named = {one for row in routes if isinstance(row["permissions"], list)
             for one in row["permissions"]}
    assert named <= set(schemas_["Permission"]["enum"])


def test_the_pages_on_errors_are_those_that_the_program_makes(root, tmp_path):
    folder = f"{root}/docs/api"
    spec = importlib.util.spec_from_file_location("maker", f"{folder}/make_problems.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    (tmp_path / "mine.md").write_text("mine")
    (tmp_path / "old.md").write_text(f"{maker.MADE}a page on an error that is no more")
    subprocess.run([f"{folder}/make_problems.py", BIN / "attestel-registry", tmp_path], check=True)
    assert not (tmp_path / "old.md").exists()
    assert (tmp_path / "mine.md").read_text() == "mine", "a page that somebody wrote is kept"
    (tmp_path / "mine.md").unlink()
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert made == maker.pages(BIN / "attestel-registry")
    with_pages = {path.name: path.read_text() for path
                  in (tmp_path.__class__(folder) / "problems").iterdir()}
    assert with_pages == made, "run docs/api/make_problems.py"


GOOD = {"tenant": "ten_" + "a" * 26, "key": "key_" + "a" * 26, "user": None, "role": "owner",
        "permissions": ["keys"], "vouched": True}
HEADERS = {"content-type": "application/json", "x-request-id": "req_" + "a" * 26}


def answer(status=200, body=None, **headers):
    text = json.dumps(GOOD if body is None else body)
    return Reply(status, {**HEADERS, **headers}, text.encode())


def problem(code, status, told=None):
    return answer(status, {"type": f"urn:attestel:problem:{code}", "title": "t", "status": told
                           or status, "detail": "d", "code": code,
                           "request_id": HEADERS["x-request-id"]},
                  **{"content-type": "application/problem+json"})


WRONG = {
    "a field that is not described": answer(body={**GOOD, "secret": 1}),
    "a field that is missing": answer(body={key: GOOD[key] for key in list(GOOD)[1:]}),
    "a value of another kind": answer(body={**GOOD, "role": "king"}),
    "a status that is not described": answer(202),
    "a content type that is not described": answer(**{"content-type": "text/html"}),
    "a header that is not described": answer(etag='"1"'),
    "no request id": Reply(200, {"content-type": "application/json"}, json.dumps(GOOD).encode()),
    "a code that is not listed": problem("teapot", 418),
    "a code with another status": problem("not_found", 403),
    "a status that differs from the body's": problem("not_found", 404, told=410),
}


def test_an_answer_as_described_passes():
    for reply in (answer(), problem("not_found", 404), problem("busy", 503)):
        openapi_check.check("GET", "/v1/self", None, reply)


@pytest.mark.parametrize("what", WRONG)
def test_the_check_of_answers_refuses(what):
    with pytest.raises(AssertionError):
        openapi_check.check("GET", "/v1/self", None, WRONG[what])


def test_the_check_refuses_an_accepted_request_that_is_not_described():
    made = answer(201, {"token": "eyJa.b.c", "expires_at": "2026-01-01T00:00:00Z",
                        "permissions": []})
    openapi_check.check("POST", "/v1/tokens", b'{"ttl_s": 60}', made)
    with pytest.raises(AssertionError):
        openapi_check.check("POST", "/v1/tokens", b'{"ttl": 60}', made)
