# SPDX-License-Identifier: Apache-2.0
"""Holds requests and answers against docs/api/openapi.yaml."""
import functools
import json
import pathlib
import re

import jsonschema
import yaml

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/api/openapi.yaml"


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
    return [(re.compile(re.sub(r"\{\w+\}", "[A-Za-z0-9_.-]+", path) + r"\Z"), item)
            for path, item in document()["paths"].items()]


def operation(method, path):
    """The operation of a request, or None."""
    for pattern, item in paths():
        if pattern.match(path.split("?")[0]):
            return item.get(method.lower())
    return None


def problems(schema, value):
    """What is wrong with a value, in words; [] when nothing is."""
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": document()["components"], "allOf": [schema]}
    validator = jsonschema.Draft202012Validator(root)
    return [f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in validator.iter_errors(value)]


def check(method, path, body, reply):
    """Every status, content type and body that comes must be described; a request that was
    accepted must be, too."""
    found = operation(method, path)
    if found is None:
        assert reply.status in (400, 404, 405, 429), f"{method} {path} is not in {DOCUMENT.name}"
        return
    where = f"{found['operationId']} {reply.status}"
    answers = found["responses"]
    answer = answers.get(str(reply.status)) or answers.get("default")
    assert answer is not None, f"{where}: status is not described"
    answer = resolve(answer)
    kind = reply.headers.get("content-type", "").split(";")[0]
    content = answer.get("content", {})
    if not reply.body:
        assert not content or reply.status in (204, 304) or method == "HEAD", \
            f"{where}: a body was promised"
    else:
        assert kind in content, f"{where}: {kind} is not described"
        if reply.json is not None and "schema" in content[kind]:
            wrong = problems(content[kind]["schema"], reply.json)
            assert not wrong, f"{where}: {wrong[:3]} in {reply.json}"
    if 200 <= reply.status < 300 and body and "requestBody" in found:
        asked = resolve(found["requestBody"])["content"].get("application/json")
        if asked is not None:
            wrong = problems(asked["schema"], json.loads(body))
            assert not wrong, f"{where}: the accepted request is not described: {wrong[:3]}"
