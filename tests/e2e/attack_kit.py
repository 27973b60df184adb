# SPDX-License-Identifier: Apache-2.0
"""Texts that a database might take for SQL, and bodies to put them into: each text field of each
operation that the OpenAPI document has."""
import http.client
import json

import openapi_check
from registry_kit import CALLEE, CALLER, PASSED_A

SQL_PARTS = ["'", '"', ";", "--", "/*", "*/", "\\", "%", "_", "$1", ":name", "?", "@int@", "NULL",
             "1=1", "' OR '1'='1", "'; DROP TABLE tenants; --", '"; DROP TABLE keys; --',
             "') ; DELETE FROM bindings; --", "' UNION SELECT key FROM keys --",
             "\\'; SELECT 1; --",
             "$$; SELECT pg_sleep(9); $$", "'||pg_sleep(9)||'", "' AND randomblob(999999999) --",
             "); ATTACH 'x' AS y; --", "E'\\x27'", "U&'\\0027'", "' COLLATE nocase --",
             "set_config('attestel.across','on',true)", "${jndi:x}", "{{7*7}}", "<b>", "%27%20OR",
             "''''''", "`id`", "$(id)", "|id", "&&id", "0x27", "CHAR(39)"]
SQL = [*SQL_PARTS, *(f"Shop {part}" for part in SQL_PARTS),
       *(f"{part} Shop" for part in SQL_PARTS[:20])]
assert len(SQL) == 100

KNOWN = {"country": "US", "from": CALLER, "to": CALLEE, "number": "+12155551777",
         "code": "delivery", "text": "At your door", "name": "Valid Name", "role": "caller",
         "decision": "approve", "verification": PASSED_A, "outcome": "displayed", "ttl_s": 60}


class Bodies:
    """Valid bodies of an operation, as the document describes them."""

    def __init__(self, world):
        self.known = {**KNOWN, "business": world.mine["business"], "brand": world.mine["brand"],
                      "customer": world.mine["business"]}

    def value(self, schema, name=None):
        schema = openapi_check.resolve(schema)
        if name in self.known:
            return self.known[name]
        for key in ("allOf", "oneOf", "anyOf"):
            if key in schema:
                return self.value(schema[key][0], name)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {key: self.value(part, key) for key, part in schema.get("properties", {}).items()
                    if key in schema.get("required", [])}
        if kind == "array":
            return [self.value(schema["items"])]
        return {"integer": schema.get("minimum", 1), "boolean": False}.get(kind, "x")

    def fields(self, schema, at=()):
        """Paths of all text fields."""
        schema = openapi_check.resolve(schema)
        for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
            yield from self.fields(part, at)
        kind = schema.get("type", ())
        if "string" in ([kind] if isinstance(kind, str) else kind):
            yield at
        for key, part in schema.get("properties", {}).items():
            yield from self.fields(part, (*at, key))
        if "items" in schema:
            yield from self.fields(schema["items"], (*at, 0))


def put(body, at, text):
    """body with text at that place; what is missing on the way is made."""
    if not at:
        return text
    if isinstance(at[0], int):
        return [put(body[0] if isinstance(body, list) and body else None, at[1:], text)]
    body = dict(body) if isinstance(body, dict) else {}
    body[at[0]] = put(body.get(at[0]), at[1:], text)
    return body


def operations():
    """(path, method, schema) of all that take JSON."""
    for path, item in openapi_check.document()["paths"].items():
        for method, operation in item.items():
            body = openapi_check.resolve(operation.get("requestBody", {})) \
                if isinstance(operation, dict) else {}
            schema = body.get("content", {}).get("application/json", {}).get("schema")
            if schema is not None:
                yield path, method.upper(), schema


class Kept:
    """Requests on one connection."""

    def __init__(self, world):
        self.world = world
        self.connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=20)

    def ask(self, method, path, body, key):
        headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json",
                   "If-Match": '"1"'}
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
