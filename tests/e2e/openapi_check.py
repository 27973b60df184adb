# SPDX-License-Identifier: Apache-2.0
"""Holds requests and answers against docs/api/openapi.yaml."""
import copy
import functools
import json
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/api/openapi.yaml"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
# headers that mean something here: one that comes must be described
OURS = {"etag", "idempotent-replayed", "attestel-signature", "ratelimit", "ratelimit-policy",
        "retry-after", "allow", "www-authenticate", "x-request-id", "x-requestid", "x-instanceid"}


@functools.cache
def document():
    return yaml.safe_load(DOCUMENT.read_text())


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        at = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


@functools.cache
def paths():
    """Patterns of paths, those without a parameter first."""
    made = []
    for path, item in sorted(document()["paths"].items(), key=lambda pair: "{" in pair[0]):
        pattern = re.sub(r"\\{\w+\\}", "[A-Za-z0-9_-]+", re.escape(path))
        made.append((re.compile(pattern + r"\Z"), path, item))
    return made


def find(method, path):
    """The path's pattern in the document and its operation; (None, None) when there is none."""
    method = "get" if method == "HEAD" else method.lower()
    for pattern, name, item in paths():
        if pattern.match(path.split("?")[0]) and method in item:
            return name, item[method]
    return None, None


def operation(method, path):
    return find(method, path)[1]


def close(node):
    """Objects of answers have no field that is not described: clients ignore more, tests do not."""
    if isinstance(node, dict):
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        for child in node.values():
            close(child)
    elif isinstance(node, list):
        for child in node:
            close(child)


@functools.cache
def components():
    """As they are, and with their objects closed."""
    closed = copy.deepcopy(document()["components"])
    close(closed)
    return {False: document()["components"], True: closed}


def problems(schema, value, closed=False):
    """What is wrong with a value, in words; [] when nothing is."""
    if closed:
        schema = copy.deepcopy(schema)
        close(schema)
    root = {"$schema": DIALECT, "components": components()[closed], "allOf": [schema]}
    validator = jsonschema.Draft202012Validator(root)
    return [f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in validator.iter_errors(value)]


def check_headers(where, described, reply):
    names = {name.lower() for name in described}
    more = OURS & reply.headers.keys() - names
    assert not more, f"{where}: {more} is not described"
    for name, header in described.items():
        header, value = resolve(header), reply.headers.get(name.lower())
        if value is None:
            assert not header.get("required"), f"{where}: {name} is missing"
        else:
            wrong = problems(header["schema"], value)
            assert not wrong, f"{where}: {name}: {wrong[0]}"


def check_body(where, answer, reply):
    content = answer.get("content", {})
    if not reply.body:
        assert not content, f"{where}: a body was promised"
        return
    kind = reply.headers.get("content-type", "").split(";")[0]
    assert kind in content, f"{where}: {kind} is not described"
    if reply.json is None or "schema" not in content[kind]:
        return
    wrong = problems(content[kind]["schema"], reply.json, closed=True)
    assert not wrong, f"{where}: {wrong[:3]} in {reply.json}"
    if kind == "application/problem+json":
        assert reply.json["status"] == reply.status, f"{where}: {reply.json}"
        assert reply.json["request_id"] == reply.headers["x-request-id"], f"{where}: {reply.json}"


def check_request(where, found, body):
    """A request that was accepted must be described, too."""
    asked = resolve(found["requestBody"])["content"].get("application/json")
    if asked is not None:
        wrong = problems(asked["schema"], json.loads(body))
        assert not wrong, f"{where}: the accepted request is not described: {wrong[:3]}"


def check(method, path, body, reply):
    """Every status, header, content type and body that comes must be described."""
    found = operation(method, path)
    if found is None:
        assert reply.status in (400, 404, 405, 429), f"{method} {path} is not in {DOCUMENT.name}"
        kind = "StirProblem" if path.startswith("/stir/") else "Problem"
        found = {"operationId": f"{method} {path}",
                 "responses": {"default": {"$ref": f"#/components/responses/{kind}"}}}
    where = f"{found['operationId']} {reply.status}"
    answers = found["responses"]
    answer = answers.get(str(reply.status)) or answers["default"]
    answer = resolve(answer)
    check_headers(where, answer.get("headers", {}), reply)
    if method != "HEAD":
        check_body(where, answer, reply)
    if 200 <= reply.status < 300 and body and "requestBody" in found:
        check_request(where, found, body)
