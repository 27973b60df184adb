# SPDX-License-Identifier: Apache-2.0
"""What needs no account: the private look-up, signed lists, the registry's public key."""
import base64
import hashlib
import json
import subprocess
import tempfile
import time

import pytest

import pg_cluster
import sse_kit
from registry_kit import CALLER, Registry, engines

ENTRY = 192
USED, BRAND, LOGO, STRICT, HIDDEN = 1, 2, 4, 8, 16
LABELS = ["none", "fraud", "impersonation", "robocall", "telemarketing", "political", "survey",
          "debt", "silent", "nuisance", "wanted"]


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    """A registry with two businesses and a carrier's key."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    registry.add_key("carrier", "carrier")
    registry.start()
    registry.mine = registry.enrol()
    registry.theirs = registry.enrol("Other Shop", "+442079460999", "other")
    yield registry
    assert registry.stop() == 0, registry.log()
    assert '"level":"error"' not in registry.log() and "level=error" not in registry.log()


def get(world, path, status=200, headers=None):
    reply = world.request("GET", path, None, None, headers)
    assert reply.status == status, reply
    return reply


def settle(world):
    """Waits until the tables are of the directory's newest version."""
    serial = int(json.loads(world.get("/v1/snapshot", "carrier").body.split(b"\n")[0])
                 ["serial"])
    newest = int(sse_kit.run_sql(world, "SELECT max(serial) FROM directory_log;") or 0) \
        if world.engine == "postgres" else None
    deadline = time.monotonic() + 5
    while get(world, "/v1/buckets")["version"] < (newest if newest is not None else serial):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def bind(world, number, **more):
    body = {"number": number, "brand": world.mine["brand"], **more}
    return world.post("/v1/numbers", body, world.mine["owner"])["id"]


def prefix(number):
    """As docs/api/registry.md says, written down a second time."""
    return hashlib.sha256(b"attestel-bucket-1\0" + number[:-3].encode()).hexdigest()[:4]


def tag(text):
    return hashlib.sha256(b"attestel-entry-1\0" + text.encode()).digest()[:8]


def entries(body):
    return [body[at:at + ENTRY] for at in range(0, len(body), ENTRY)]


def look_up(world, number):
    """(name, logo, strict, label) of the narrowest entry that has each."""
    found = {entry[:8]: entry for entry in entries(get(world, "/v1/buckets/" + prefix(number)).body)
             if entry[8] & USED}
    name = label = logo = None
    strict = decided = False
    for differing in range(4):
        entry = found.get(tag(number[:len(number) - differing] + "x" * differing))
        if entry is None:
            continue
        if not decided and entry[8] & BRAND:
            name, strict = entry[48:48 + entry[10]].decode(), bool(entry[8] & STRICT)
            logo = entry[16:48].hex() if entry[8] & LOGO else None
        decided = decided or bool(entry[8] & (BRAND | HIDDEN))
        if label is None and entry[9]:
            label = "spoofed" if entry[9] == 255 else LABELS[entry[9]]
    return name, logo, strict, label


def label(world, number, what):
    columns = ("number, label, score_ppm, low_ppm, high_ppm, worst, unwanted_ppm, wanted_ppm,"
               " unproven_ppm, evidence, computed_at")
    sse_kit.run_sql(world, f"DELETE FROM scores WHERE number = '{number}'; INSERT INTO scores"
                           f" ({columns}) VALUES ('{number}', '{what}', 1, 0, 2, 'none', 0, 0, 0,"
                           f" '[]', 0); {sse_kit.log_row(number)}")


def test_a_bucket_tells_the_brand_of_numbers_and_blocks(world):
    bind(world, "+12155551300", block=100)
    bind(world, "+12155551350", strict=True)
    settle(world)
    assert look_up(world, CALLER[1:]) == ("Example Dental", None, False, None)
    assert look_up(world, "442079460999") == ("Other Shop", None, False, None)
    assert look_up(world, "12155551399") == ("Example Dental", None, False, None)
    assert look_up(world, "12155551350") == ("Example Dental", None, True, None)
    assert look_up(world, "12155551400") == (None, None, False, None)


def hide(world, binding, state="suspended"):
    at = f"/v1/bindings/{binding}"
    now = world.get(at, world.mine["owner"]).headers["etag"]
    world.request("PATCH", at, {"state": state}, world.mine["owner"], {"If-Match": now})
    settle(world)


def texts(world, number):
    """Which of the texts of a number have an entry in its bucket."""
    found = {entry[:8] for entry in entries(get(world, "/v1/buckets/" + prefix(number)).body)
             if entry[8] & USED}
    return [text for text in (number[:len(number) - n] + "x" * n for n in range(4))
            if tag(text) in found]


def test_a_bucket_says_that_a_number_does_not_show_the_block_around_it(world):
    bind(world, "+12155561000", block=1000)
    block = bind(world, "+12155561200", block=100)
    one = bind(world, "+12155561250")
    hide(world, one)
    assert look_up(world, "12155561250") == (None, None, False, None)
    assert look_up(world, "12155561251")[0] == "Example Dental"
    hide(world, block)
    assert look_up(world, "12155561251") == (None, None, False, None)
    assert look_up(world, "12155561300")[0] == "Example Dental"
    assert texts(world, "12155561250") == ["121555612xx", "12155561xxx"]
    hide(world, one, "active")
    assert look_up(world, "12155561250")[0] == "Example Dental"
    assert look_up(world, "12155561251") == (None, None, False, None)


def test_a_hidden_number_without_a_block_is_like_one_that_nobody_has(world):
    hide(world, bind(world, "+12155571250"))
    assert texts(world, "12155571250") == [] and not any(
        get(world, "/v1/buckets/" + prefix("12155571250")).body)


def test_hit_miss_and_hidden_are_answered_alike(world):
    bind(world, "+12155581000", block=1000)
    hide(world, bind(world, "+12155581250"))
    bind(world, "+12155582250")
    settle(world)
    asked = {kind: get(world, "/v1/buckets/" + prefix(number)) for kind, number in
             (("hit", "12155582250"), ("miss", "12155583250"), ("hidden", "12155581250"))}
    assert look_up(world, "12155582250")[0] and not look_up(world, "12155581250")[0]
    assert {reply.status for reply in asked.values()} == {200}
    assert len({len(reply.body) for reply in asked.values()}) == 1
    shapes = [{name: value for name, value in reply.headers.items()
               if name not in ("x-request-id", "date")} for reply in asked.values()]
    assert shapes[0] == shapes[1] == shapes[2]
    entry = next(entry for entry in entries(asked["hidden"].body)
                 if entry[:8] == tag("12155581250"))
    assert entry[8] == USED | HIDDEN and not any(entry[9:])


def test_a_bucket_tells_labels_and_takes_them_back(world):
    label(world, "13035550001", "fraud")
    label(world, "13035550002", "spoofed")
    settle(world)
    time.sleep(0.6)
    assert look_up(world, "13035550001") == (None, None, False, "fraud")
    assert look_up(world, "13035550002") == (None, None, False, "spoofed")
    label(world, "13035550001", "none")
    time.sleep(1.2)
    assert look_up(world, "13035550001") == (None, None, False, None)


def test_all_buckets_have_one_size_and_the_empty_ones_are_zeros(world):
    about = get(world, "/v1/buckets").json
    assert about["bits"] == 16 and about["entry_bytes"] == ENTRY and about["entries"] >= 16
    full, empty = prefix(CALLER[1:]), "0000"
    got = [get(world, f"/v1/buckets/{one}") for one in (full, empty)]
    assert len({len(one.body) for one in got} | {about["entries"] * ENTRY}) == 1
    assert not any(got[1].body) and any(got[0].body)
    names = [sorted(one.headers) for one in got]
    assert names[0] == names[1]
    assert got[0].headers["content-type"] == "application/octet-stream"
    assert len({one.headers["etag"] for one in got}) == 1


def test_used_entries_come_first_in_the_order_of_their_tags(world):
    found = entries(get(world, "/v1/buckets/" + prefix(CALLER[1:])).body)
    used = [entry for entry in found if entry[8] & USED]
    assert used == found[:len(used)] and used == sorted(used)


def test_a_bucket_that_is_known_is_not_sent_again(world):
    settle(world)
    first = get(world, "/v1/buckets/0123")
    again = get(world, "/v1/buckets/0123", 304, {"If-None-Match": first.headers["etag"]})
    assert again.body == b"" and again.headers["etag"] == first.headers["etag"]
    number = f"+1215555{int(time.time()) % 9000 + 1000}"
    bind(world, number)
    settle(world)
    time.sleep(0.6)
    newer = get(world, "/v1/buckets/0123", 200, {"If-None-Match": first.headers["etag"]})
    assert int(newer.headers["etag"].strip('"')) > int(first.headers["etag"].strip('"'))


@pytest.mark.parametrize("wrong", ["", "012", "01234", "012G", "012A", "%30123"])
def test_what_is_no_prefix_is_not_found(world, wrong):
    get(world, f"/v1/buckets/{wrong}", 404)


def test_the_buckets_grow_for_all_when_one_is_too_full(world):
    settle(world)
    before = get(world, "/v1/buckets")["entries"]
    sse_kit.add_bindings(world, world.theirs["brand"],
                         [f"1404555{n}" for n in range(7000, 7000 + before + 1)])
    settle(world)
    time.sleep(0.8)
    assert get(world, "/v1/buckets")["entries"] == 2 * before
    assert len(get(world, "/v1/buckets/0000").body) == 2 * before * ENTRY
    assert look_up(world, f"1404555{7000 + before}")[0] == "Other Shop"


def test_a_brand_that_is_suspended_leaves_its_buckets(world):
    sse_kit.run_sql(world, f"UPDATE brands SET state = 'suspended' WHERE id = "
                           f"'{world.theirs['brand']}'; {sse_kit.log_row(world.theirs['brand'])}")
    deadline = time.monotonic() + 5
    while look_up(world, "442079460999")[0] is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    sse_kit.run_sql(world, f"UPDATE brands SET state = 'live' WHERE id = "
                           f"'{world.theirs['brand']}'; {sse_kit.log_row(world.theirs['brand'])}")
    while look_up(world, "442079460999")[0] is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# DER of a P-256 public key up to its coordinates (RFC 5480)
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def der_integer(number):
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + bytes([len(body)]) + body


def check_signature(world, reply):
    """RFC 7515 appendix F: the payload is put back between the dots. OpenSSL checks it."""
    keys = get(world, "/.well-known/jwks.json")["keys"]
    head, payload, tail = reply.headers["attestel-signature"].split(".")
    header = json.loads(unbase64(head))
    assert payload == "" and header["alg"] == "ES256"
    key = next(key for key in keys if key["kid"] == header["kid"])
    raw = unbase64(tail)
    pair = b"".join(der_integer(int.from_bytes(part, "big")) for part in (raw[:32], raw[32:]))
    signed = head.encode() + b"." + base64.urlsafe_b64encode(reply.body).rstrip(b"=")
    with tempfile.TemporaryDirectory() as directory:
        files = {"key": SPKI + unbase64(key["x"]) + unbase64(key["y"]),
                 "signature": b"\x30" + bytes([len(pair)]) + pair, "signed": signed}
        for name, content in files.items():
            with open(f"{directory}/{name}", "wb") as file:
                file.write(content)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", "key", "-keyform", "DER",
                               "-signature", "signature", "signed"], cwd=directory, check=False,
                              capture_output=True, text=True)
    assert done.returncode == 0 and "Verified OK" in done.stdout, done


def full(world, region, version=0):
    """The full list, once it is of that version: a list is made anew after 10 s at the earliest."""
    deadline = time.monotonic() + 15
    while True:
        reply = get(world, f"/v1/lists/{region}/full")
        if reply["version"] >= version:
            return reply
        assert time.monotonic() < deadline
        time.sleep(0.3)


def apply(table, answer):
    for entry in answer["add"]:
        table[entry["number"], entry["block"]] = (entry["name"], entry["label"],
                                                  entry["hidden"])
    for entry in answer["remove"]:
        table.pop((entry["number"], entry["block"]), None)


def test_lists_are_signed_and_of_their_region_alone(world):
    settle(world)
    regions = {one["region"]: one["entries"] for one in get(world, "/v1/lists")["regions"]}
    assert set(regions) == {"1", "44"} and regions["44"] == 1
    reply = full(world, "44")
    check_signature(world, reply)
    assert reply["region"] == "44" and reply["since"] is None and reply["remove"] == []
    assert reply["add"] == [{"number": "442079460999", "block": 1, "name": "Other Shop",
                             "label": "none", "hidden": False}]
    assert reply.headers["etag"] == f"\"{reply['version']}\""
    get(world, "/v1/lists/44/full", 304, {"If-None-Match": reply.headers["etag"]})
    for unknown in ("45", "x", "0", "1215", ""):
        get(world, f"/v1/lists/{unknown}/full", 404)


def test_a_full_list_and_its_deltas_give_the_full_list_of_later(world):
    start, table = full(world, "1"), {}
    apply(table, start.json)
    gone = bind(world, "+12155558001")
    bind(world, "+12155558100", block=10)
    bind(world, "+12155558002", strict=True)
    label(world, "13035550003", "robocall")
    world.request("DELETE", f"/v1/bindings/{gone}", None, world.mine["owner"])
    settle(world)
    time.sleep(0.8)
    delta = get(world, f"/v1/lists/1/delta?since={start['version']}")
    check_signature(world, delta)
    assert delta["since"] == start["version"] and len(delta["add"]) == 2
    assert {entry["number"] for entry in delta["remove"]} == {"12155558001", "12155558002"}
    apply(table, delta.json)
    later = {}
    apply(later, full(world, "1", delta["version"]).json)
    assert table == later and table["13035550003", 1] == (None, "robocall", False)
    assert get(world, f"/v1/lists/44/delta?since={start['version']}")["add"] == []


def offline(table, number):
    """What a phone shows that has the list."""
    for differing, block in enumerate((1, 10, 100, 1000)):
        first = number[:len(number) - differing] + "0" * differing
        name, _, hidden = table.get((first, block), (None, None, False))
        if name or hidden:
            return name
    return None


def changed(world, table, version):
    """Applies what has changed; the version that the table is of now."""
    settle(world)
    delta = get(world, f"/v1/lists/1/delta?since={version}")
    check_signature(world, delta)
    apply(table, delta.json)
    return delta["version"]


def test_a_list_says_that_a_number_does_not_show_the_block_around_it(world):
    start, table = full(world, "1"), {}
    apply(table, start.json)
    alone = bind(world, "+12155591250")
    hide(world, alone)
    strict = bind(world, "+12155591251", strict=True)
    version = changed(world, table, start["version"])
    assert not any(number.startswith("12155591") for number, _ in table)
    block = bind(world, "+12155591200", block=100)
    version = changed(world, table, version)
    assert offline(table, "12155591250") is None and offline(table, "12155591251") is None
    assert offline(table, "12155591252") == "Example Dental"
    assert table["12155591250", 1] == table["12155591251", 1] == (None, "none", True)
    later = {}
    apply(later, full(world, "1", version).json)
    assert table == later
    hide(world, block)
    version = changed(world, table, version)
    assert not any(number.startswith("12155591") for number, _ in table)
    hide(world, block, "active")
    world.request("DELETE", f"/v1/bindings/{strict}", None, world.mine["owner"])
    hide(world, alone, "active")
    version = changed(world, table, version)
    assert offline(table, "12155591250") == offline(table, "12155591251") == "Example Dental"
    later = {}
    apply(later, full(world, "1", version).json)
    assert table == later


def set_brand(world, state):
    brand = world.mine["brand"]
    sse_kit.run_sql(world, f"UPDATE brands SET state = '{state}' WHERE id = '{brand}';"
                           f" {sse_kit.log_row(brand)}")


def wait_for(world, version):
    """Until the tables are newer than that."""
    deadline = time.monotonic() + 5
    while get(world, "/v1/buckets")["version"] <= version:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_delta_of_a_brand_has_what_hides_its_blocks(world):
    """A change of a brand is one row for all of its blocks."""
    bind(world, "+12155601000", block=1000)
    hide(world, bind(world, "+12155601250"))
    start, table = full(world, "1", get(world, "/v1/buckets")["version"]), {}
    apply(table, start.json)
    assert table["12155601250", 1] == (None, "none", True)
    set_brand(world, "suspended")
    wait_for(world, start["version"])
    version = changed(world, table, start["version"])
    assert ("12155601000", 1000) not in table and ("12155601250", 1) not in table
    set_brand(world, "live")
    wait_for(world, version)
    changed(world, table, version)
    assert table["12155601250", 1] == (None, "none", True)
    assert offline(table, "12155601251") == "Example Dental"


def test_a_delta_from_too_long_ago_is_gone(world):
    assert get(world, "/v1/lists/1/delta?since=999999999", 410)["code"] == "version_gone"
    assert get(world, "/v1/lists/1/delta", 400)["code"] == "query_not_allowed"
    assert get(world, "/v1/lists/1/delta?since=x", 400)["code"] == "query_not_allowed"


def test_the_public_answers_may_be_kept_by_caches(world):
    for path in ("/v1/buckets", "/v1/buckets/0000", "/v1/lists", "/v1/lists/1/full",
                 "/.well-known/jwks.json"):
        assert get(world, path).headers["cache-control"].startswith("public, max-age=")
