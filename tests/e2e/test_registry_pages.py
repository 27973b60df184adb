# SPDX-License-Identifier: Apache-2.0
"""Pages of other origins (WHATWG Fetch, CORS): what they may ask, and nobody through them."""
import collections
import json
import re
import subprocess

import pytest

from registry_kit import BIN, CALLER, PASSED_A, Registry

ORIGIN = {"Origin": "https://evil.example"}
# what an app in a browser needs, written down a second time
PAGES = {
    "/v1/lookups": {"POST"}, "/v1/outcomes": {"POST"}, "/v1/intents": {"POST"},
    "/v1/intents/{id}": {"GET", "DELETE"}, "/v1/reports": {"POST"},
    "/v1/reports/{id}": {"GET", "DELETE"}, "/v1/stream": {"GET"}, "/v1/events": {"GET"},
    "/v1/reason-codes": {"GET"}, "/logos/{sha256}.png": {"GET"}, "/v1/buckets": {"GET"},
    "/v1/buckets/{prefix}": {"GET"}, "/v1/lists": {"GET"}, "/v1/lists/{region}/full": {"GET"},
    "/v1/lists/{region}/delta": {"GET"}, "/.well-known/jwks.json": {"GET"}}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    registry = Registry("sqlite", tmp_path_factory.mktemp("sqlite"))
    registry.add_key("carrier", "carrier")
    registry.start()
    registry.mine = registry.enrol()
    yield registry
    assert registry.stop() == 0


def routes():
    done = subprocess.run([BIN / "attestel-registry", "--routes"], check=True, capture_output=True,
                          text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def methods():
    """{path: {method: row}}"""
    made = collections.defaultdict(dict)
    for row in routes():
        made[row["path"]][row["method"]] = row
    return made


def concrete(path):
    return re.sub(r"\{(\w+)\}", lambda name: {"sha256": "a" * 64, "prefix": "0000",
                                               "region": "1"}.get(name[1], "int_" + "a" * 26), path)


def preflight(world, path, method, **more):
    return world.request("OPTIONS", concrete(path), headers={
        **ORIGIN, "Access-Control-Request-Method": method, **more}, check=False)


def cors(reply):
    return {name: value for name, value in reply.headers.items()
            if name.startswith("access-control-")}


@pytest.mark.parametrize("path", sorted(methods()))
def test_a_page_may_ask_for_what_an_app_needs_and_for_nothing_else(world, path):
    allowed = {method for method, row in methods()[path].items() if row["pages"]}
    assert allowed == PAGES.get(path, set())
    reply = preflight(world, path, "POST")
    if path == "/v1/intents/batch":  # which is the path of an intent, too
        allowed = PAGES["/v1/intents/{id}"]
    if not allowed:
        assert reply.status == 405 and cors(reply) == {}
        return
    assert reply.status == 204
    assert set(reply.headers["access-control-allow-methods"].split(", ")) == allowed
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("row", routes(), ids=lambda row: f"{row['method']} {row['path']}")
def test_an_answer_is_readable_by_a_page_only_where_it_may_ask(world, row):
    reply = world.request(row["method"], concrete(row["path"]),
                          b"{}" if row["body"] else None, None,
                          {**ORIGIN, "Content-Type": "text/plain"}, check=False)
    assert ("access-control-allow-origin" in reply.headers) == row["pages"], reply
    without = world.request(row["method"], concrete(row["path"]), b"{}" if row["body"] else None,
                            None, {"Content-Type": "text/plain"}, check=False)
    assert cors(without) == {}


def test_credentials_of_the_browser_and_private_networks_are_never_allowed(world):
    reply = preflight(world, "/v1/lookups", "POST", **{
        "Access-Control-Request-Private-Network": "true",
        "Access-Control-Request-Headers": "authorization"})
    assert set(cors(reply)) == {"access-control-allow-origin", "access-control-allow-methods",
                                "access-control-allow-headers", "access-control-max-age",
                                "access-control-expose-headers"}
    assert reply.headers["access-control-allow-headers"] == \
        "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
    assert reply.headers["access-control-expose-headers"] == \
        "ETag, Retry-After, X-Request-Id, RateLimit, Idempotent-Replayed, Attestel-Signature"
    assert "set-cookie" not in reply.headers


def test_a_page_reads_why_it_was_refused(world):
    body = {"from": CALLER, "verification": PASSED_A}
    for key, status in ((None, 401), (world.mine["owner"], 403), ("carrier", 200)):
        reply = world.request("POST", "/v1/lookups", body, key, ORIGIN)
        assert reply.status == status
        assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded",
                                   "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", sorted(path for path, rows in methods().items()
                                        if rows.get("POST", {}).get("body")))
def test_a_form_of_another_page_reaches_no_route_with_a_body(world, path, type_):
    """Such a request needs no preflight."""
    reply = world.request("POST", concrete(path), b"{}", "carrier",
                          {**ORIGIN, "Content-Type": type_}, check=False)
    assert reply.status in (403, 415)


def test_what_others_may_keep_says_that_it_differs_by_origin(world):
    kept = world.get("/v1/buckets", None)
    assert "no-store" not in kept.headers["cache-control"] and kept.headers["vary"] == "Origin"
    assert world.get("/v1/buckets", None, headers=ORIGIN).headers["vary"] == "Origin"
    assert "vary" not in world.get("/v1/self", "carrier").headers
