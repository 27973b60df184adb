# SPDX-License-Identifier: Apache-2.0
"""What strangers, and customers with bad intentions, may send: each gets its documented answer, and
the registry is there and quick afterwards."""
import concurrent.futures
import http.client
import itertools
import json
import socket
import statistics
import struct
import time

import pytest

import pg_cluster
from attack_kit import SQL, Bodies, Kept, operations, put
from registry_kit import CALLEE, CALLER, NOT_VERIFIED, PASSED_A, Registry, engines

HEADERS_S, BODY_S, SLACK_S = 0.6, 0.9, 1.0
BODY_MAX = 256 * 1024
LIMITS = f"""
headers_timeout = {int(HEADERS_S * 1000)}ms
body_timeout = {int(BODY_S * 1000)}ms
connections = 4096
connections_per_address = 300"""


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "postgres":
        with pg_cluster.Cluster(fsync=False) as cluster:
            yield from run(Registry("postgres", directory, cluster))
    else:
        yield from run(Registry("sqlite", directory))


def run(registry):
    registry.database += LIMITS
    registry.write_conf()
    for role in ("carrier", "app"):
        registry.add_key(role, role)
    registry.start()
    try:
        registry.mine = registry.enrol()
        registry.theirs = registry.enrol("Other Shop", "+12155559999", "other")
        yield registry
        assert registry.process.poll() is None
    finally:
        registry.stop()
    assert "level=error" not in registry.log()


@pytest.fixture(autouse=True)
def alive_and_quick(world):
    """After each attack the registry answers a look-up at once."""
    yield
    started = time.monotonic()
    assert look_up(world)["brand"]["name"] == "Example Dental"
    assert time.monotonic() - started < 0.5


def look_up(world, verification=None, key="carrier", **more):
    body = {"from": CALLER, "verification": verification or PASSED_A, **more}
    return world.post("/v1/lookups", body, key, 200)


def send(world, data, wait=5):
    """All that comes back until the registry closes, or says no more for a while."""
    with socket.create_connection(("127.0.0.1", world.port), wait) as peer:
        peer.sendall(data)
        peer.settimeout(wait)
        got = b""
        try:
            while part := peer.recv(65536):
                got += part
        except (ConnectionResetError, TimeoutError):
            pass
        return got


def statuses(answer):
    return [int(line[9:12]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def request_text(world, method="POST", path="/v1/lookups", body=b"", more=(), length=True):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{world.port}",
             f"Authorization: Bearer {world.keys['carrier']}", "Content-Type: application/json"]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, *more, "", ""]).encode("latin-1") + body


GOOD = json.dumps({"from": CALLER, "verification": PASSED_A}).encode()
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)

# --- framing: (what, bytes, whether it is answered 2xx at all)
FRAMINGS = {
    "cl-and-te": lambda w: request_text(w, body=GOOD, more=["Transfer-Encoding: chunked"]),
    "te-and-cl": lambda w: request_text(w, body=CHUNKED, length=False,
                                        more=["Transfer-Encoding: chunked", "Content-Length: 5"]),
    "two-lengths": lambda w: request_text(w, body=GOOD, more=[f"Content-Length: {len(GOOD) - 4}"]),
    "same-length-twice": lambda w: request_text(w, body=GOOD,
                                                more=[f"Content-Length: {len(GOOD)}"]),
    "length-list": lambda w: request_text(w, body=GOOD, length=False,
                                          more=[f"Content-Length: {len(GOOD)}, {len(GOOD)}"]),
    "length-plus": lambda w: request_text(w, body=GOOD, length=False,
                                          more=[f"Content-Length: +{len(GOOD)}"]),
    "length-negative": lambda w: request_text(w, body=GOOD, length=False,
                                              more=["Content-Length: -1"]),
    "length-hex": lambda w: request_text(w, body=GOOD, length=False, more=["Content-Length: 0x5"]),
    "length-huge": lambda w: request_text(w, body=GOOD, length=False,
                                          more=["Content-Length: 99999999999999999999999"]),
    "te-unknown": lambda w: request_text(w, body=GOOD, length=False,
                                         more=["Transfer-Encoding: gzip"]),
    "te-twice": lambda w: request_text(w, body=CHUNKED, length=False,
                                       more=["Transfer-Encoding: chunked",
                                             "Transfer-Encoding: identity"]),
    "two-hosts": lambda w: request_text(w, body=GOOD, more=["Host: evil.example"]),
    "two-keys": lambda w: request_text(w, body=GOOD, more=["Authorization: Bearer ak_x"]),
    "two-types": lambda w: request_text(w, body=GOOD, more=["Content-Type: text/plain"]),
    "no-host": lambda w: request_text(w, body=GOOD).replace(
        b"Host: 127.0.0.1:%d\r\n" % w.port, b""),
    "bare-cr-in-value": lambda w: request_text(w, body=GOOD, more=["X-A: a\rContent-Length: 0"]),
    "bare-cr-ends-line": lambda w: request_text(w, body=GOOD).replace(b"\r\nHost", b"\rHost", 1),
    "space-before-colon": lambda w: request_text(w, body=GOOD, length=False,
                                                 more=[f"Content-Length : {len(GOOD)}"]),
    "no-version": lambda w: b"GET /v1/self\r\n\r\n",
    "bad-version": lambda w: request_text(w, body=GOOD).replace(b"HTTP/1.1", b"HTTP/9.9", 1),
    "bad-chunk": lambda w: request_text(w, body=b"zz\r\n" + GOOD, length=False,
                                        more=["Transfer-Encoding: chunked"]),
    "chunk-too-long": lambda w: request_text(w, body=b"fffffffffffffffff\r\n" + GOOD, length=False,
                                             more=["Transfer-Encoding: chunked"]),
    "binary": lambda w: bytes(range(256)) * 8,
    "tls-hello": lambda w: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
    "huge-header": lambda w: request_text(w, body=GOOD, more=["X-A: " + "a" * 70000]),
    "many-headers": lambda w: request_text(w, body=GOOD, more=[f"X-{i}: a" for i in range(5000)]),
    "huge-path": lambda w: request_text(w, body=GOOD, path="/" + "a" * 70000),
}


@pytest.mark.parametrize("what", FRAMINGS)
def test_a_request_whose_framing_is_ambiguous_or_broken_is_answered_once_and_not_obeyed(
        world, what):
    before = len(world.log())
    answer = send(world, FRAMINGS[what](world))
    codes = statuses(answer)
    # libmicrohttpd writes the head of its own refusals twice, and closes
    assert len(set(codes)) <= 1 and all(400 <= code < 506 for code in codes), answer[:300]
    assert len(codes) <= 1 or b"Connection: close" in answer
    lookups = [line for line in world.log()[before:].splitlines()
               if "/v1/lookups" in line and "status=200" in line]
    assert not lookups


@pytest.mark.parametrize("lines", [
    ["X-A: a", " Content-Length: 0", "\tTransfer-Encoding: chunked"], ["X-A: a", " b"],
    ["X-A: a", " "], ["X-A:", "\tb"], ["Authorization: Bearer", " ak_x"]], ids=repr)
@pytest.mark.parametrize("more", [["X-Z: z"], []], ids=["between", "last"])
def test_a_folded_line_is_refused(world, lines, more):
    """RFC 9112 section 5.2: a server refuses an obs-fold, or replaces it with spaces."""
    answer = send(world, request_text(world, body=GOOD, more=["Connection: close", *lines, *more]))
    assert statuses(answer) == [400] and b'"bad_request"' in answer


def raw_get(world, path=b"/v1/self", header=b""):
    return send(world, b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                b"Authorization: Bearer " + world.keys["carrier"].encode() + b"\r\n" + header +
                b"\r\n")


@pytest.mark.parametrize("path", [
    b"/v1/self\0", b"/v1/self\0x", b"/v1/self\0/../keys", b"/v1/self\0?limit=1", b"/v1/sel\0f",
    b"/v1/self\0HTTP/1.1", b"\0/v1/self", b"/v1/users?limit=1\0", b"/v1/users?limit=1\0&after=x",
    b"/v1/users?limit\0=1", b"/v1/users?\0limit=1", b"/v1/users?limit=1&\0", b"/v1/self?\0",
    b"/v1/self?"], ids=repr)
def test_a_path_or_query_with_a_nul_or_an_empty_query_is_refused(world, path):
    """libmicrohttpd ends them at the NUL, and says nothing of the rest."""
    answer = raw_get(world, path)
    assert statuses(answer) == [400], answer


@pytest.mark.parametrize("header", [b"X-A: a\0b\r\nX-B: b\r\n", b"X-A: a\0b\r\n", b"X-A: a\0\r\n",
                                    b"X-\0A: a\r\n", b"X-A\0: a\r\n", b"\0X-A: a\r\n"], ids=repr)
def test_a_header_with_a_nul_is_refused(world, header):
    assert set(statuses(raw_get(world, header=header))) == {400}


@pytest.mark.parametrize("header", [b"", b"X-A:\r\n", b"X-A:  \r\nX-B:b\r\n", b"X-A: a  \r\n",
                                    b"X-A: a\t\r\nX-B: b \r\n", b"X-A: " + b"a" * 9000 + b"\r\n",
                                    b"X-A: a\r\n" * 200, b"Cookie: a=b; c=d\r\n"],
                         ids=lambda header: repr(header[:24]))
@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_what_is_unusual_and_means_one_thing_is_answered(world, header, end):
    request = (b"GET /v1/events?since=0&wait_s=0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
               b"Authorization: Bearer " + world.keys["carrier"].encode() + b"\r\n" + header +
               b"\r\n")
    answer = send(world, request.replace(b"\r\n", end))
    assert statuses(answer) == [200], answer
    # and behind another one on the same connection
    first = request_text(world, body=GOOD)
    answer = send(world, first + request.replace(b"\r\n", end))
    assert answer.count(b"HTTP/1.1 ") == answer.count(b"HTTP/1.1 200 OK") == 2, answer


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_comes_in_pieces_is_read_as_what_comes_at_once(world, size):
    """The buffer grows while it is read into."""
    data = request_text(world, body=GOOD, more=[f"X-{i}: {'a' * 50}" for i in range(20)] +
                        ["Connection: close"])
    with socket.create_connection(("127.0.0.1", world.port), 5) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), size):
            peer.sendall(data[at:at + size])
        assert peer.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_chunked_body_is_read_as_any_other(world):
    answer = send(world, request_text(world, body=CHUNKED, length=False,
                                      more=["Transfer-Encoding: chunked", "Connection: close"]))
    assert statuses(answer) == [200]


def test_a_request_hidden_in_another_ones_body_is_not_run(world):
    hidden = request_text(world, "GET", "/v1/self")
    answer = send(world, request_text(world, body=GOOD + hidden, more=["Connection: close"]))
    assert statuses(answer) == [400]


# --- slowness
def drip(peer, data, every):
    """Sends byte by byte; the seconds until the registry closed."""
    started = time.monotonic()
    try:
        for byte in itertools.cycle(data):
            peer.sendall(bytes([byte]))
            time.sleep(every)
            if time.monotonic() - started > 10:
                break
    except OSError:
        pass
    return time.monotonic() - started


@pytest.mark.parametrize("what,head,limit", [
    ("headers", b"GET /v1/self HTTP/1.1\r\nX-A: ", HEADERS_S), ("body", None, BODY_S)],
    ids=["headers", "body"])
def test_what_comes_byte_by_byte_ends_at_the_absolute_deadline(world, what, head, limit):
    with socket.create_connection(("127.0.0.1", world.port), 5) as peer:
        peer.sendall(head or request_text(world, length=False, more=["Content-Length: 100000"]))
        took = drip(peer, b" ", 0.02)
    assert limit * 0.9 <= took < limit + SLACK_S
    assert f'attestel_registry_deadlines_total{{phase="{what}"}}' in world.metrics()


def idle(world, n):
    """n connections from a few addresses that say half of a request, or nothing."""
    peers = []
    for i in range(n):
        peer = socket.create_connection(("127.0.0.1", world.port), 5,
                                        source_address=(f"127.0.0.{2 + i % 8}", 0))
        if i % 2:
            peer.sendall(b"POST /v1/lookups HTTP/1.1\r\nHost: a\r\n")
        peers.append(peer)
    return peers


def times(world, n):
    """Seconds of n look-ups on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    head = {"Authorization": "Bearer " + world.keys["carrier"], "Content-Type": "application/json"}
    took = []
    for _ in range(n):
        started = time.monotonic()
        connection.request("POST", "/v1/lookups", GOOD, head)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        took.append(time.monotonic() - started)
    connection.close()
    return took


def test_others_keep_their_p99_below_100_ms_beside_a_thousand_idle_connections(world):
    peers, took = idle(world, 1000), []
    try:
        while len(took) < 500:
            took += times(world, 100)
    finally:
        for peer in peers:
            peer.close()
    assert statistics.quantiles(took, n=100)[98] < 0.1


def test_one_address_has_no_more_than_its_share_of_connections(world):
    peers = []
    try:
        for _ in range(320):
            peer = socket.create_connection(("127.0.0.1", world.port), 5,
                                            source_address=("127.0.0.77", 0))
            peers.append(peer)
        peers[-1].settimeout(HEADERS_S / 2)
        assert refused(peers[-1])
        look_up(world)
    finally:
        for peer in peers:
            peer.close()


def refused(peer):
    try:
        return peer.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


# --- bodies
def raw(world, body, path="/v1/businesses", key=None, **headers):
    return world.request("POST", path, body, key or world.mine["owner"],
                         {"Content-Type": "application/json", **headers}, check=False)


def nested(depth):
    return b'{"name":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize("body,status,code", [
    (b'{"name":"' + b"a" * (BODY_MAX - 11) + b'"}', 422, "invalid_fields"),
    (b'{"name":"' + b"a" * (BODY_MAX - 10) + b'"}', 413, "body_too_large"),
    (nested(16), 422, "invalid_fields"),
    (nested(17), 400, "json_too_deep"),
    (b"[" * 100000, 400, "json_too_deep"),
    (b"{" + b",".join(b'"k%d":1' % i for i in range(1000)) + b"}", 422, "invalid_fields"),
    (b"{" + b",".join(b'"k%d":1' % i for i in range(1001)) + b"}", 400, "json_too_many_keys"),
    (b'{"name":"a","name":"b","country":"US"}', 400, "json_invalid"),
    (b'{"name":"a","n\\u0061me":"b","country":"US"}', 400, "json_invalid"),
    (b'{"name":"\xff\xfe","country":"US"}', 400, "json_invalid"),
    (b'{"name":"\xc0\xaf","country":"US"}', 400, "json_invalid"),
    (b'{"name":"\xed\xa0\x80","country":"US"}', 400, "json_invalid"),
    (b'{"name":"a\\u0000b","country":"US"}', 400, "json_invalid"),
    (b'{"name":"a\0b","country":"US"}', 400, "json_invalid"),
    (b'{"name":"\\ud800","country":"US"}', 400, "json_invalid"),
    (b'{"name":"\\udc00\\ud800","country":"US"}', 400, "json_invalid"),
    (b'\xef\xbb\xbf{"name":"a","country":"US"}', 400, "json_invalid"),
    (b'{"name":"a","country":"US"} {}', 400, "json_invalid"),
    (b'{"name":"a","country":"US"', 400, "json_invalid"),
    (b"{'name':'a'}", 400, "json_invalid"),
    (b'{"name":NaN}', 400, "json_invalid"),
    (b'{"name":1e999,"country":"US"}', 400, "json_invalid"),
    (b'{"name":99999999999999999999999,"country":"US"}', 400, "json_invalid"),
    (b"", 400, "json_invalid"), (b"null", 400, "json_invalid"), (b"7", 400, "json_invalid"),
    (b"[]", 422, "invalid_fields"), (b"{}", 422, "invalid_fields"),
    (b'{"name":["a"],"country":"US"}', 422, "invalid_fields"),
    (b'{"name":{"a":1},"country":"US"}', 422, "invalid_fields"),
    (b'{"name":true,"country":"US"}', 422, "invalid_fields"),
    (b'{"__proto__":{"a":1},"name":"a","country":"US"}', 422, "invalid_fields"),
], ids=lambda part: part[:24].decode("latin-1") if isinstance(part, bytes) else str(part))
def test_a_body_beyond_its_bounds_gets_its_documented_code(world, body, status, code):
    answer = raw(world, body)
    assert (answer.status, answer["code"]) == (status, code)
    assert len(answer.body) < 4096


def test_a_compressed_body_is_not_unpacked(world):
    import gzip
    answer = raw(world, gzip.compress(b"a" * 10000000), **{"Content-Encoding": "gzip"})
    assert answer.status in (400, 415)


# --- texts
@pytest.mark.parametrize("text", [
    "a" * 10240, "é" * 10240, "a\u202eb", "a\u2066b", "a\u200bb", "a\u200db", "a\ufeffb",
    "a\u00adb",
    "a\nb", "a\rb", "a\tb", "a\x1b[31mb", "a\x7fb", "a\x85b", "\u2028", "", " ", "  a  ",
    "\ue000", "\U000e0041", "\ufffe", "https://evil.example/x", "www.evil.example"],
    ids=lambda text: ascii(text[:6]))
def test_a_name_that_could_deceive_is_refused_by_its_field(world, text):
    for path, body, field in (("/v1/businesses", {"country": "US"}, "name"),
                              ("/v1/brands", {"business": world.mine["business"]}, "name"),
                              ("/v1/reasons", {"brand": world.mine["brand"],
                                               "code": "delivery"}, "text")):
        answer = raw(world, json.dumps({**body, field: text}).encode(), path)
        if answer.status == 201:
            assert text in ("  a  ", "a\u200db") and answer.json.get(field, "a").strip() == "a"
        else:
            assert answer.status == 422, answer
            assert f"/{field}" in [error["pointer"] for error in answer["errors"]]


def unchanged(sent, answer, at):
    """What was accepted comes back as it was sent, where it comes back at all."""
    if not isinstance(answer, dict) or len(at) != 1 or not isinstance(answer.get(at[0]), str):
        return True
    return answer[at[0]] == sent


@pytest.mark.parametrize("path,method,schema", list(operations()),
                         ids=lambda part: part if isinstance(part, str) else "")
def test_sql_in_any_text_field_is_text_and_comes_back_unchanged_or_not_at_all(
        world, path, method, schema):
    bodies, kept = Bodies(world), Kept(world)
    keys = [world.mine["owner"], world.keys["carrier"], world.keys["app"]]
    where = path.replace("{id}", world.mine["business"])
    base = bodies.value(schema)
    key = next((key for key in keys if kept.ask(method, where, base, key)[0] not in (401, 403)),
               keys[0])
    fields = sorted(set(bodies.fields(schema)), key=str)
    for at, text in itertools.product(fields, SQL):
        status, answer = kept.ask(method, where, put(base, at, text), key)
        assert status < 500 or status == 501, (at, text, answer)
        assert status >= 300 or unchanged(text, answer, at), (at, text, answer)


# --- verbs, hosts, spellings
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "BREW", "get", "OPTIONS"])
def test_a_verb_that_no_route_has_is_not_run(world, method):
    answer = send(world, request_text(world, method, "/v1/self", more=["Connection: close"]))
    codes = statuses(answer)
    assert len(codes) <= 1 and all(code in (400, 404, 405, 501) for code in codes)


def test_an_override_header_changes_no_verb(world):
    answer = world.request("GET", f"/v1/businesses/{world.mine['business']}", None,
                           world.mine["owner"],
                           {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/v1/keys"})
    assert answer.status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "a\tb", "localhost@evil.example"])
def test_answers_never_repeat_the_host_that_a_client_names(world, host):
    answer = send(world, request_text(world, body=GOOD, more=["Connection: close"]).replace(
        f"Host: 127.0.0.1:{world.port}".encode(), b"Host: " + host.encode()))
    assert host.encode() not in answer
    world.request("GET", "/v1/self", None, "carrier", {"X-Forwarded-Host": host.strip("\t")})


@pytest.mark.parametrize("path", [
    "/v1/%73elf", "/v1%2fself", "//v1/self", "/v1/./self", "/v1/../v1/self", "/v1/self/",
    "/v1/self;a=b", "/V1/self", "/v1/self%00", "/v1/self%0d%0aX-A:b", "/v1\\self",
    "http://evil.example/v1/self", "/%2e%2e/v1/self", "/v1/businesses/%2e%2e", "*"])
def test_a_path_has_one_spelling(world, path):
    answer = send(world, request_text(world, "GET", path, more=["Connection: close"]))
    assert statuses(answer) in ([404], [400], []), answer[:200]
    assert b"X-A:" not in answer


# --- enumeration
def shape(answer):
    """Status, headers' names, and the body's structure."""
    names = sorted(set(answer.headers) - {"date"})

    def of(value):
        if isinstance(value, dict):
            return {key: of(part) for key, part in value.items() if key != "reasons"}
        return type(value).__name__
    return answer.status, names, of(answer.json)


def test_an_unverified_lookup_of_an_unknown_number_looks_like_one_of_any_other(world):
    """What is shown of a caller that proves nothing is null for every number that is not bound;
    the answer has one shape and, but for the registered name, one size."""
    known = look_up(world, {"verstat": "TN-Validation-Failed"}, to=CALLEE)
    body = {"from": "+12155550000", "to": CALLEE,
            "verification": {"verstat": "TN-Validation-Failed"}}
    unknown = world.post("/v1/lookups", body, "carrier", 200)
    assert shape(known) == shape(unknown)
    assert abs(len(known.body) - len(unknown.body)) < 64


def test_announcing_does_not_tell_whether_the_callee_can_be_reached(world):
    """A device's number and one that nobody has: the same answer."""
    world.post("/v1/devices", {"number": "+12155557001"}, "app")
    body = {"from": CALLER, "code": "delivery", "text": "Soon"}
    there, not_there = (world.post("/v1/intents", {**body, "to": to}, world.mine["owner"])
                        for to in ("+12155557001", "+12155557002"))
    assert shape(there) == shape(not_there) and len(there.body) == len(not_there.body)


FOREIGN = [("GET", "/v1/businesses/", "business"), ("GET", "/v1/brands/", "brand"),
           ("GET", "/v1/bindings/", "binding"), ("DELETE", "/v1/bindings/", "binding"),
           ("GET", "/v1/brands/{}/versions", "brand"),
           ("POST", "/v1/businesses/{}/submit", "business")]


@pytest.mark.parametrize("method,path,kind", FOREIGN, ids=lambda part: str(part).strip("/"))
def test_what_is_somebody_elses_looks_like_what_does_not_exist(world, method, path, kind):
    foreign = world.theirs[kind]
    nobodys = foreign[:4] + "a" * (len(foreign) - 4)
    answers = [world.request(method, path.format(name) if "{}" in path else path + name, None,
                             world.mine["owner"]) for name in (foreign, nobodys)]
    bodies = [{key: value for key, value in answer.json.items() if key != "request_id"}
              for answer in answers]
    assert [answer.status for answer in answers] == [404, 404] and bodies[0] == bodies[1]
    assert shape(answers[0]) == shape(answers[1])


def median_times(world, paths, n=150):
    """Asked in turn, so that what else the machine does meanwhile befalls all of them."""
    kept, took = Kept(world), {path: [] for path in paths}
    for _ in range(n):
        for path in paths:
            started = time.monotonic()
            assert kept.ask("GET", path, None, world.mine["owner"])[0] == 404
            took[path].append(time.monotonic() - started)
    return [statistics.median(took[path]) for path in paths]


def test_time_does_not_tell_somebody_elses_from_what_does_not_exist(world):
    foreign = world.theirs["brand"]
    nobodys = foreign[:4] + "a" * (len(foreign) - 4)
    pairs = [median_times(world, (f"/v1/brands/{foreign}", f"/v1/brands/{nobodys}"))
             for _ in range(3)]
    assert min(abs(a - b) / max(a, b) for a, b in pairs) < 0.25


# --- receipts
def report(world, receipt, key="carrier", label="fraud"):
    return world.request("POST", "/v1/reports", {"receipt": receipt, "label": label}, key)


def test_a_receipt_is_taken_once_from_its_owner_and_unchanged(world):
    receipt = look_up(world, NOT_VERIFIED)["receipt"]
    for i in range(0, len(receipt), 7):
        other = "0" if receipt[i] != "0" else "1"
        assert report(world, receipt[:i] + other + receipt[i + 1:]).status == 422
    for bad in ("", ".", "." * 6, "a" * 500, receipt + "0", receipt[:-1], receipt.upper(),
                receipt.replace(".2.", ".0."), receipt + "." + receipt):
        assert report(world, bad).status == 422 or bad == receipt
    assert report(world, receipt, "app").status == 422
    assert report(world, receipt).status == 201
    again = report(world, receipt)
    assert (again.status, again["code"]) == (409, "receipt_used")


def test_of_many_who_use_one_receipt_at_once_one_wins(world):
    receipt = look_up(world, NOT_VERIFIED)["receipt"]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: report(world, receipt).status, range(40)))
    assert codes.count(201) == 1 and set(codes) <= {201, 409, 503}


def test_two_processes_that_match_one_intent_a_hundred_times_give_it_once(world, tmp_path):
    if world.engine != "postgres":
        pytest.skip("SQLite serves one process")
    second = Registry("postgres", tmp_path, world.cluster, beside=world)
    try:
        second.start()
        intent = world.post("/v1/intents", {"from": CALLER, "to": "+12155557100",
                                            "code": "delivery", "text": "Soon"},
                            world.mine["owner"])["id"]
        body = {"from": CALLER, "to": "+12155557100", "verification": PASSED_A}

        def match(i):
            where = (world, second)[i % 2]
            reply = where.request("POST", "/v1/lookups", {**body, "call_id": f"two-{i}"},
                                  world.keys["carrier"])
            assert reply.status == 200, reply
            return reply["reason"]
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            reasons = list(pool.map(match, range(100)))
        assert [reason["intent"] for reason in reasons if reason] == [intent]
    finally:
        second.stop()


def test_an_intent_that_is_replayed_under_one_key_is_one(world):
    body = {"from": CALLER, "to": "+12155557200", "code": "delivery", "text": "Soon"}

    def announce(_):
        while True:
            reply = world.request("POST", "/v1/intents", body, world.mine["owner"],
                                  {"Idempotency-Key": f"replay-{world.port}"})
            if reply.status != 409:
                return reply
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        ids = {reply["id"] for reply in pool.map(announce, range(30))}
    assert len(ids) == 1
    used = [look_up(world, to="+12155557200", call_id=f"replay-{i}")["reason"] for i in range(3)]
    assert [bool(reason) for reason in used] == [True, False, False]


def test_a_reset_in_the_middle_of_a_request_leaves_nothing_behind(world):
    for _ in range(200):
        peer = socket.create_connection(("127.0.0.1", world.port), 5)
        peer.sendall(request_text(world, length=False, more=["Content-Length: 1000"]) + b"{")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
