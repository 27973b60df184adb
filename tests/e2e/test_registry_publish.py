# SPDX-License-Identifier: Apache-2.0
"""What businesses and carriers publish: logos, certificates; and who hears of a change."""
import hashlib
import itertools
import subprocess

import pytest

from registry_kit import PASSED_A, engines
from registry_tenant import Tenant, png, serve, shown

NUMBERS = itertools.count(13015600000)
PNG = {"Content-Type": "image/png"}
PEM = {"Content-Type": "application/x-pem-file"}


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    yield from serve(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def tenant(world):
    return Tenant(world, vouched=True)


@pytest.fixture
def other(world):
    return Tenant(world, vouched=True)


# --- logos ---

def test_a_logo_is_named_by_its_content_and_served_as_it_came(world, tenant):
    body = png(more=b"one")
    digest = hashlib.sha256(body).hexdigest()
    made = tenant.logo(body=body)
    assert (made["logo"], made["bytes"]) == (f"sha256-{digest}", len(body))
    assert made["url"].endswith(f"/logos/{digest}.png")
    assert tenant.logo(body=body).json == made.json
    got = world.request("GET", f"/logos/{digest}.png")
    assert (got.status, got.body, got.headers["content-type"]) == (200, body, "image/png")
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in got.headers["cache-control"]
    assert world.request("GET", f"/logos/{'0' * 64}.png").status == 404


@pytest.mark.parametrize("body,code", [
    (b"", "not_png"), (b"\x89PNG\r\n\x1a\n", "not_png"), (b"GIF89a" + b"\0" * 100, "not_png"),
    (b"<svg onload='alert(1)'/>" + b" " * 100, "not_png"), (png(0, 16), "not_png"),
    (png(depth=3), "not_png"), (png(colour=5), "not_png"), (png(depth=16, colour=3), "not_png"),
    (png(4097, 16), "too_many_pixels"), (png(16, 0xffffffff), "too_many_pixels"),
])
def test_what_is_no_picture_of_a_fair_size_is_refused(tenant, body, code):
    reply = tenant.registry.request("POST", "/v1/logos", body, tenant.owner, PNG)
    assert (reply.status, reply["code"]) == (422, "logo_invalid")
    assert reply["errors"][0]["code"] == code


def test_a_logo_is_at_most_256_kib_and_a_png_by_name(tenant):
    fits = png()
    fits = png(more=b"x" * (262144 - len(fits)))
    assert len(fits) == 262144 and tenant.logo(body=fits)["bytes"] == 262144
    reply = tenant.registry.request("POST", "/v1/logos", fits + b"x", tenant.owner, PNG)
    assert (reply.status, reply["code"]) == (413, "body_too_large")
    reply = tenant.registry.request("POST", "/v1/logos", png(), tenant.owner,
                                    {"Content-Type": "image/svg+xml"})
    assert (reply.status, reply["code"]) == (415, "unsupported_media_type")


def test_a_logo_of_another_tenant_is_as_if_there_were_none(tenant, other):
    theirs = other.logo(more=b"theirs")["logo"]
    business = tenant.business()
    nothing = "sha256-" + "0" * 64
    replies = []
    for logo in (theirs, nothing):
        body = {"business": business, "name": "Dent", "logo": logo}
        replies.append(tenant.post("/v1/brands", body, 404))
        assert replies[-1]["errors"][0]["pointer"] == "/logo"
        path = f"/v1/brands/{tenant.brand(business)}"
        assert tenant.change("PUT", path, {"name": "Dent", "logo": logo}).status == 404
    for reply in replies:
        reply.json.pop("request_id")
    assert replies[0].json == replies[1].json
    # who has the same picture may use it
    mine = tenant.logo(more=b"theirs")["logo"]
    assert mine == theirs
    assert tenant.post("/v1/brands", {"business": business, "name": "Dent", "logo": mine})


@pytest.mark.parametrize("logo", [
    "", "sha256-", "sha256-" + "0" * 63, "sha256-" + "G" * 64, "sha256-" + "A" * 64, "0" * 64,
    "md5-" + "0" * 64, "https://x.example/logo.png", "sha256-" + "0" * 62 + "\u00e9"])
def test_a_logo_is_named_exactly(tenant, logo):
    body = {"business": tenant.business(), "name": "Dent", "logo": logo}
    reply = tenant.registry.request("POST", "/v1/brands", body, tenant.owner)
    assert reply.status in (404, 422) and reply["errors"][0]["pointer"] == "/logo"


def test_a_swapped_logo_is_a_new_version_that_is_reviewed(world):
    tenant = Tenant(world)
    number = f"+{next(NUMBERS)}"
    first, second = (tenant.logo(more=more)["logo"] for more in (b"honest", b"a bank's"))
    path = f"/v1/brands/{tenant.brand(logo=first)}"
    tenant.claim(number)
    tenant.bind(number, path[11:])
    assert tenant.change("PUT", path, {"name": "Example Dental", "logo": second}).status == 200

    def logo():
        return world.post("/v1/lookups", {"from": number, "verification": PASSED_A}, "carrier",
                          200)["brand"]["logo_sha256"]

    assert logo() == first[7:]
    tenant.decide(path, "approve", number=2)
    assert logo() == second[7:]
    # a version without a logo has none
    tenant.change("PUT", path, {"name": "Example Dental"})
    assert tenant.decide(path, "approve", number=3)["live"]["logo"] is None
    assert logo() is None


# --- certificates ---

@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem", "-days", "30", "-subj", "/CN=SHAKEN"],
                   check=True, capture_output=True)
    return (folder / "cert.pem").read_bytes(), (folder / "key.pem").read_bytes()


def test_a_certificate_is_published_under_its_digest_once(world, pem):
    made = world.post("/v1/certificates", pem[0], "carrier", headers=PEM)
    again = world.post("/v1/certificates", pem[0], "carrier", headers=PEM)
    assert (made["id"], made["url"]) == (again["id"], again["url"])
    path = made["url"][made["url"].index("/certificates/"):]
    got = world.request("GET", path)
    assert got.status == 200 and got.headers["content-type"] == "application/pem-certificate-chain"
    assert b"PRIVATE" not in got.body and b"BEGIN CERTIFICATE" in got.body
    assert hashlib.sha256(got.body).hexdigest() in path


def test_a_private_key_is_refused_and_not_kept(world, pem):
    for body in (pem[1], pem[0] + pem[1], pem[1] + pem[0]):
        reply = world.request("POST", "/v1/certificates", body, "carrier", PEM)
        assert (reply.status, reply["code"]) == (422, "private_key_refused")
    secret = pem[1].split(b"\n")[1]
    assert secret not in world.held() and secret.decode() not in world.log()


@pytest.mark.parametrize("body", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n"
                                  b"-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(world, body):
    reply = world.request("POST", "/v1/certificates", body, "carrier", PEM)
    assert (reply.status, reply["code"]) == (422, "certificate_invalid")


# --- bodies that are not JSON, once ---

def test_each_post_with_an_idempotency_key_happens_once(world, tenant, pem):
    for path, body, key, kind in (("/v1/logos", png(more=b"idem"), tenant.owner, PNG),
                                  ("/v1/certificates", pem[0], "carrier", PEM)):
        head = {**kind, "Idempotency-Key": "one"}
        first = world.request("POST", path, body, key, head)
        again = world.request("POST", path, body, key, head)
        assert (first.status, again.body) == (201, first.body)
        assert again.headers["idempotent-replayed"] == "true"
        other = world.request("POST", path, body + b"\n", key, head)
        assert (other.status, other["code"]) == (409, "idempotency_mismatch")


# --- who hears of it ---

def test_carriers_hear_of_each_change_of_what_is_public_and_of_nothing_else(world, tenant):
    number = f"+{next(NUMBERS)}"
    business = tenant.business()
    brand = f"/v1/brands/{tenant.brand(business, name='First Name')}"
    claim = f"/v1/claims/{tenant.claim(number)}"
    at = world.get("/v1/events", "carrier")["next"]

    def heard():
        nonlocal at
        reply = world.get(f"/v1/events?since={at}&wait_s=5", "carrier")
        at = reply["next"]
        ours = [item["data"] for item in reply["items"] if item["data"]["number"] == number[1:]]
        return (ours[-1].get("name"), ours[-1].get("gone", False)) if ours else None

    bound = f"/v1/bindings/{tenant.bind(number, brand[11:])['id']}"
    assert heard() == ("First Name", False)
    tenant.change("PUT", brand, {"name": "Second Name"})
    assert heard() == ("Second Name", False)
    tenant.change("PATCH", bound, {"state": "suspended"})
    assert heard() == (None, True)
    tenant.change("PATCH", bound, {"state": "active"})
    assert heard() == ("Second Name", False)
    tenant.delete(bound)
    assert heard() == (None, True)
    tenant.bind(number, brand[11:])
    assert heard() == ("Second Name", False)
    tenant.delete(claim)
    assert heard() == (None, True)
    tenant.claim(number)
    tenant.bind(number, brand[11:])
    assert heard() == ("Second Name", False)
    tenant.post(f"/v1/businesses/{business}/close", None, 200)
    assert heard() == (None, True)
    assert shown(world, number) is None


def test_what_was_refused_is_heard_of_by_nobody(world, tenant):
    number = f"+{next(NUMBERS)}"
    brand = tenant.brand()
    before = world.get("/v1/events", "carrier")["next"]
    rows = len(tenant.audit())
    tenant.bind(number, brand, status=409)
    tenant.post("/v1/bindings/batch", {"items": [{"number": number, "brand": brand}]}, 409)
    tenant.decide(f"/v1/brands/{brand}", "resume", 409)
    assert world.get("/v1/events", "carrier")["next"] == before
    assert len(tenant.audit()) == rows
