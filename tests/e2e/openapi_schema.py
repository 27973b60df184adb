# SPDX-License-Identifier: Apache-2.0
"""The pieces of OpenAPI 3.1 that docs/api/openapi.yaml is made of, as a JSON schema: whatever is
not named here, a misspelt word included, is refused."""

TEXT = {"type": "string", "minLength": 1}
NAME = {"type": "string", "pattern": r"^[A-Za-z0-9._-]+$"}


def record(required, /, **properties):
    return {"type": "object", "required": required.split(), "properties": properties,
            "additionalProperties": False}


def ref(kind):
    return {"$ref": f"#/$defs/{kind}"}


def either(kind):
    """The thing itself, or a reference to it."""
    return {"if": {"type": "object", "required": ["$ref"]},
            "then": record("$ref", **{"$ref": {"type": "string", "pattern": "^#/components/"}}),
            "else": ref(kind)}


def every(kind, names=NAME):
    return {"type": "object", "propertyNames": names, "additionalProperties": either(kind)}


SCHEMA_WORDS = {"$ref", "type", "const", "enum", "oneOf", "pattern", "minLength", "maxLength",
                "minimum", "maximum", "items", "minItems", "maxItems", "uniqueItems", "properties",
                "required", "additionalProperties", "default", "description"}
METHODS = {method: ref("operation") for method in ("get", "put", "post", "patch", "delete")}

PARAMETER = {
    "if": {"properties": {"in": {"const": "path"}}},
    "then": record("name in required schema", name=NAME, required={"const": True},
                   schema=ref("schema"), description=TEXT, **{"in": {"const": "path"}}),
    "else": record("name in schema", name=NAME, required={"type": "boolean"},
                   schema=ref("schema"), description=TEXT, **{"in": {"enum": ["query", "header"]}}),
}

DEFINITIONS = {
    "schema": {"type": "object", "propertyNames": {"enum": sorted(SCHEMA_WORDS)}},
    "parameter": PARAMETER,
    "header": record("schema", schema=ref("schema"), description=TEXT,
                     required={"type": "boolean"}),
    "content": {"type": "object", "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z]+/[a-z.+-]+$"},
                "additionalProperties": record("", schema=ref("schema"))},
    "body": record("content", content=ref("content"), required={"type": "boolean"},
                   description=TEXT),
    "response": record("description", description=TEXT, headers=every("header"),
                       content=ref("content")),
    "requirement": {"type": "object", "minProperties": 1, "maxProperties": 1,
                    "additionalProperties": {"type": "array", "items": TEXT}},
    "requirements": {"type": "array", "items": ref("requirement")},
    "operation": record(
        "operationId tags summary responses", operationId=NAME, summary=TEXT, description=TEXT,
        tags={"type": "array", "minItems": 1, "items": TEXT}, security=ref("requirements"),
        parameters={"type": "array", "items": either("parameter")}, requestBody=either("body"),
        responses=every("response", {"pattern": "^([1-5][0-9][0-9]|default)$"})),
    "path": record("", parameters={"type": "array", "items": either("parameter")}, **METHODS),
    "scheme": {"oneOf": [
        record("type scheme", type={"const": "http"}, scheme={"const": "bearer"},
               description=TEXT),
        record("type", type={"const": "mutualTLS"}, description=TEXT)]},
}

OPENAPI = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": DEFINITIONS,
    **record(
        "openapi info paths components security",
        openapi={"const": "3.1.0"},
        info=record("title version", title=TEXT, version=TEXT, description=TEXT,
                    license=record("name", name=TEXT, identifier=TEXT)),
        servers={"type": "array", "items": record("url", url=TEXT, description=TEXT)},
        tags={"type": "array", "items": record("name", name=NAME, description=TEXT)},
        security=ref("requirements"),
        paths={"type": "object", "propertyNames": {"pattern": "^/"},
               "additionalProperties": ref("path")},
        components=record(
            "schemas", securitySchemes=every("scheme"), parameters=every("parameter"),
            headers=every("header"), responses=every("response"), schemas=every("schema")),
        **{"x-headers": {"type": "object", "additionalProperties": every("header")}}),
}
