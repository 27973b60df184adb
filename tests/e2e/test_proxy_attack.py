# SPDX-License-Identifier: Apache-2.0
"""Attacks on a running proxy: labels that were not earned, resources that are not given back."""
import os
import socket
import ssl
import subprocess
import time

import proxy_kit as kit
import pytest
import test_proxy_core as core

PEER, TARGET = core.PEER, core.TARGET
# A peer that may assert callers: its P-Asserted-Identity stays, what it says of it does not.
CONFIG = core.CONFIG.replace("role = customer", "role = peer\npai = yes")


class World(core.World):
    """A proxy whose configuration is the test's."""
    config = CONFIG


@pytest.fixture(scope="module")
def world(programs, tmp_path_factory):
    made = World(programs, tmp_path_factory.mktemp("attack"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def quiet(request):
    """Each test starts with nothing left in the sockets."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").caller.drain()
        request.getfixturevalue("world").callee.drain()


PASSED = "verstat=TN-Validation-Passed"
FORGED = [
    # What one cut joins is cut again.
    f"P-Asserted-Identity: <sip:+12155550101@a.example>;;verstat=a {PASSED}",
    f'P-Asserted-Identity: <tel:+12155550101;;verstat="a"{PASSED}>',
    # Quotes that are none.
    f'P-Asserted-Identity: <tel:+12155550101;x=";{PASSED}>',
    f'P-Asserted-Identity: <tel:+12155550101;x=";{PASSED};y=">',
    f'P-Asserted-Identity: O"Neil <tel:+12155550101;{PASSED}>',
    f'P-Asserted-Identity: <sip:+12155550101@a>;x="\\";{PASSED};y="',
    "P-Asserted-Identity: <tel:+12155550101;verstat:=TN-Validation-Passed>",
    "P-Asserted-Identity: <sip:+12155550101%3bverstat%3dTN-Validation-Passed@a.example>",
    'Call-Info: <https://x/"y>;purpose=icon',
    'Call-Info: <https://x/">;purpose=icon;x=";verified=true',
    'Call-Info: <https://x/y>;purpose="i\\con"',
    # Other names for the same, and names that only a careless parser reads.
    "Attestation-Info: A", "Origination-Id: 0c1a", "\x0bP-Attestation-Indicator: A",
    "X-One: a\rP-Attestation-Indicator: A", "X-One: a\nP-Attestation-Indicator: A",
]


def tells_nothing(text):
    """No word of an assertion is left but our own "verstat=No-TN-Validation"."""
    return text.count("verstat") <= 1 and PASSED not in text and not any(
        word in text.lower() for word in ("attestation", "origination", "icon", "verified"))


@pytest.mark.parametrize("line", FORGED)
def test_assertion_in_a_spelling_of_some_other_parser_does_not_pass(world, line):
    world.send(headers=[line, "X-After: still here"])
    message = world.callee.receive()
    world.answer(message, 486)
    assert tells_nothing(message.data.decode()) and b"X-After: still here" in message.data


@pytest.mark.parametrize("value", [
    f'<sip:+12155550101";{PASSED}@a.example>;tag=1',
    f'<sip:+12155550101@a.example;x=";{PASSED};y=">;tag=1',
    f'<sip:+12155550101@a.example>;x="a\\";{PASSED};y=";tag=1',
    f"<sip:+12155550101%3B{PASSED}@a.example>;tag=1",
])
def test_verstat_in_a_crooked_from_does_not_pass(world, value):
    world.send(headers=[f"From: {value}"], leave_out=["From"])
    message = world.callee.receive()
    world.answer(message, 486)
    assert tells_nothing(message.data.decode()) and "tag=1" in message.first("From")


@pytest.mark.parametrize("line", [
    "f: <sip:+18005550100@bank.example>;tag=2", "From: <sip:+18005550100@bank.example>;tag=2",
    "t: <sip:+18005550100@bank.example>", "i: another", "CSeq: 7 INVITE"])
def test_second_field_of_what_a_request_has_once_is_400(world, line):
    assert world.refusal(headers=[line]) == 400


@pytest.mark.parametrize("method", ["ACK", "UPDATE", "MESSAGE", "PRACK", "INVITE", "BYE"])
def test_assertions_inside_a_dialog_do_not_pass(world, method):
    invite, ok = world.established()
    ok.headers = [(n, f"{v}\r\nP-Attestation-Indicator: A\r\nCall-Info: <https://x/y>;purpose=icon"
                   if n == "To" else v) for n, v in ok.headers]
    core.in_dialog(world, method, invite, ok, 1 if method == "ACK" else 2)
    message = world.callee.receive()
    assert message.start.startswith(method) and tells_nothing(message.data.decode())
    if method != "ACK":
        world.answer(message, 486)


@pytest.fixture
def bystander():
    """A host of our network that is neither a trunk nor a target."""
    made = kit.Udp("127.0.2.77")
    yield made
    made.close()


@pytest.mark.parametrize("method", ["INVITE", "MESSAGE", "ACK", "BYE"])
@pytest.mark.parametrize("by", ["uri", "route"])
def test_proxy_is_no_relay_to_addresses_that_it_does_not_know(world, bystander, method, by):
    there = f"sip:{bystander.host}:{bystander.port}"
    headers = ["To: <sip:+12155550199@b.example>;tag=made-up"]
    if by == "route":
        headers.append(f"Route: <sip:%s:%d;lr>,<{there};lr>" % world.address)
    world.send(method, there if by == "uri" else core.CALLED, headers=headers, leave_out=["To"])
    final = world.caller.receive_final(0.3)
    assert (None if final is None else final.status) == (None if method == "ACK" else 404)
    assert bystander.receive(0.1) is None and world.callee.receive(0) is None


def test_route_of_the_sender_does_not_lead_a_new_call_behind_us(world, bystander):
    there = f"sip:{bystander.host}:{bystander.port}"
    world.send(headers=[f"Route: <{there};lr>, <{there};lr>", f"Route: <{there};lr>"])
    invite = world.callee.receive()
    world.answer(invite, 486)
    assert b"Route: <" + there.encode() not in invite.data and not invite.all("Route")


def test_device_that_is_named_a_dialog_hop_is_reached(programs, tmp_path, bystander):
    class Named(World):
        config = CONFIG.replace("source_rate", "dialog_hops = 127.0.2.64/26\nsource_rate")
    world = Named(programs, tmp_path)
    try:
        bystander.only = None
        world.send("BYE", f"sip:{bystander.host}:{bystander.port}", leave_out=["To"],
                   headers=["To: <sip:+12155550199@b.example>;tag=made-up"])
        assert bystander.receive().start.startswith("BYE ")
    finally:
        world.stop()


def flood(world, uri, headers, n=60):
    """n requests of as many transactions; how many of them came through."""
    for _ in range(n):
        world.caller.send(kit.request("MESSAGE", uri, world.via, headers, leave_out=["To"]),
                          world.address)
    world.callee.only, through = None, 0
    while world.callee.receive(0.3) is not None:
        through += 1
    return through


@pytest.mark.parametrize("uri,headers,most", [
    (core.CALLED, ["To: <sip:b@b.example>;tag=made-up"], 20),
    ("sip:911@b.example", ["To: <sip:911@b.example>"], 25),
    (core.CALLED, ["To: <sip:b@b.example>", "Priority: psap-callback"], 5),
    (core.CALLED, ["To: <sip:b@b.example>", "Resource-Priority: esnet.0"], 5)])
def test_reserve_of_dialogs_and_emergencies_is_bounded(programs, tmp_path, uri, headers, most):
    """What a stranger only claims opens no reserve; what it dials or makes up opens a small one."""
    world = World(programs, tmp_path, rate=5)
    try:
        assert flood(world, uri, headers) <= most + 5  # some seconds' worth of tokens
        assert world.process.alive()
    finally:
        world.stop()


def test_requests_under_way_in_dialogs_are_bounded(programs, tmp_path):
    class Small(World):
        config = CONFIG.replace("source_rate", "max_calls = 10\nsource_rate")
    world = Small(programs, tmp_path)
    try:
        assert flood(world, core.CALLED, ["To: <sip:b@b.example>;tag=made-up"], 60) >= 20
        counted = kit.metrics(world.admin)
        assert counted['attestel_proxy_refused_total{why="reserve_calls"}'] == 40
    finally:
        world.stop()


def descriptors(world):
    return len(os.listdir(f"/proc/{world.process.process.pid}/fd"))


class Impatient(World):
    """A proxy that waits a second for a connection's first message."""
    config = CONFIG.replace("source_rate", "first_message = 1s\nmax_connections = 20\nsource_rate")


@pytest.fixture(scope="module")
def impatient(programs, tmp_path_factory):
    made = Impatient(programs, tmp_path_factory.mktemp("impatient"))
    yield made
    made.stop()


def ended(stream, seconds):
    """The proxy closes the stream within seconds."""
    stream.settimeout(seconds)
    try:
        return stream.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def options_over(stream, world):
    stream.sendall(kit.request("OPTIONS", "sip:%s:%d" % world.address, f"{PEER}:5060",
                               transport="TCP").encode())
    return stream.recv(65536)


def test_silent_and_slow_connections_are_closed_and_talking_ones_stay(impatient):
    """Requirement 13: the time to the first whole message is absolute, whatever drips in."""
    with socket.create_connection(impatient.address, 2) as silent, \
            socket.create_connection(impatient.address, 2) as slow, \
            socket.create_connection(impatient.address, 2) as good:
        assert options_over(good, impatient).startswith(b"SIP/2.0 200 ")
        end = time.monotonic() + 4
        try:
            for byte in b"OPTIONS sip:a@b SIP/2.0\r\nVia: " * 10:
                slow.sendall(bytes([byte]))
                if time.monotonic() > end or ended(slow, 0.1):
                    break
        except ConnectionError:
            pass
        assert time.monotonic() < end and ended(silent, 0.5)
        assert options_over(good, impatient).startswith(b"SIP/2.0 200 ")


def test_connections_of_one_address_have_a_ceiling(impatient):
    before = descriptors(impatient)
    kept = [socket.create_connection(impatient.address, 2, (PEER, 0)) for _ in range(20)]
    for stream in kept:
        assert options_over(stream, impatient)
    time.sleep(1.2)  # the supervision looks once a second
    more = [socket.create_connection(impatient.address, 2, (PEER, 0)) for _ in range(100)]
    other = socket.create_connection(impatient.address, 2, (TARGET, 0))
    try:
        assert options_over(other, impatient)
        assert all(ended(stream, 3) for stream in more)
        end = time.monotonic() + 2  # it closes what it has shut down, a moment later
        while descriptors(impatient) > before + 22:
            assert time.monotonic() < end, "they are not closed"
            time.sleep(0.02)
        assert options_over(kept[0], impatient) and options_over(other, impatient)
    finally:
        for stream in [*kept, *more, other]:
            stream.close()


def resident_kb(process):
    with open(f"/proc/{process.process.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmRSS")).split()[1])


def tls_proxy(programs, folder):
    """A proxy with a TLS listener, its port, and a client's context that trusts it."""
    def tool(*words):
        subprocess.run([os.path.join(programs, "attestel"), "pki", *words], check=True,
                       capture_output=True)
    tool("init", str(folder / "pki"))
    tool("issue", str(folder / "pki"), "web", "--type", "tls-server", "--host", core.PROXY)
    (folder / "agent.pem").write_text("".join(
        (folder / "pki" / f"web.{kind}").read_text() for kind in ("key", "pem")))
    (folder / "cafile.pem").write_text((folder / "pki" / "tls-root.pem").read_text())
    port = core.processes.free_port(core.PROXY)
    process = kit.Proxy(os.path.join(programs, "attestel-proxy"), folder,
                        f"[proxy]\nlisten_tls = {core.PROXY}:{port}\ntls_directory = {folder}\n"
                        "source_rate = 0\n" + core.UNUSED,
                        ASAN_OPTIONS="quarantine_size_mb=1").wait_ready()
    return process, port, ssl.create_default_context(cafile=str(folder / "cafile.pem"))


def talk(stream, port, context):
    with context.wrap_socket(stream, server_hostname=core.PROXY) as secured:
        secured.sendall(kit.request("OPTIONS", f"sips:{core.PROXY}:{port}", f"{PEER}:5061",
                                    transport="TLS").encode())
        assert secured.recv(65536).startswith(b"SIP/2.0 200 ")


TLS_GUESTS = {
    "whole": talk,
    "silent": lambda stream, port, context: None,
    "garbage": lambda stream, port, context: stream.sendall(b"\x16\x03\x01\x02\x00garbage"),
}


@pytest.mark.parametrize("guest", TLS_GUESTS)
def test_closed_tls_connections_give_their_memory_back(programs, tmp_path, guest):
    """The stack's own way costs 20 to 60 KB of each for ever."""
    process, port, context = tls_proxy(programs, tmp_path)

    def visit(times):
        for _ in range(times):
            with socket.create_connection((core.PROXY, port), 2) as stream:
                TLS_GUESTS[guest](stream, port, context)
        with socket.create_connection((core.PROXY, port), 2) as stream:
            talk(stream, port, context)  # the others have been dealt with

    try:
        visit(100)
        before = resident_kb(process)
        visit(200)
        assert resident_kb(process) - before < 200 * 8
    finally:
        assert process.stop() == 0, process.text()
