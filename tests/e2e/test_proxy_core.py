# SPDX-License-Identifier: Apache-2.0
"""The proxy as a proxy (RFC 3261 §16): what it forwards, how, and what it refuses."""
import os
import signal
import socket
import ssl
import subprocess
import time

import processes
import proxy_kit as kit
import pytest

# A proxy without a trunk and a route is refused; these carry no call.
UNUSED = ("[trunk \"unused\"]\naddresses = 192.0.2.1\n"
          "[route \"unused\"]\nmatch = *\ntarget = sip:192.0.2.2:5060\n")
PROXY, PEER, STRANGER, TARGET = "127.0.2.2", "127.0.2.11", "127.0.2.12", "127.0.2.13"
CALLED = "sip:+12155550199@b.example"

CONFIG = """
[proxy]
listen_udp = {proxy}:{port}
listen_tcp = {proxy}:{port}
source_rate = {rate}
source_burst = {rate}
[admin]
listen = {proxy}:{admin}
[trunk "peer"]
addresses = {peer}
role = customer
trusted = {trusted}
[route "udp"]
match = 1
target = sip:{target}:{next}
[route "tcp"]
match = 1212
target = sip:{target}:{next};transport=tcp
[route "services"]
match = 911
target = sip:{target}:{next}
"""


class World:
    """A proxy between a peer and a target."""
    config = CONFIG

    def __init__(self, programs, folder, rate=100000, trusted="no"):
        self.caller = kit.Udp(PEER)
        self.callee = kit.Udp(TARGET)
        self.address = (PROXY, processes.free_port(PROXY))
        self.admin = f"{PROXY}:{processes.free_port(PROXY)}"
        self.values = dict(proxy=PROXY, port=self.address[1], admin=self.admin.split(":")[1],
                           peer=PEER, target=TARGET, next=self.callee.port, rate=rate,
                           trusted=trusted)
        self.process = kit.Proxy(os.path.join(programs, "attestel-proxy"), folder,
                                 self.config.format(**self.values)).wait_ready()
        self.via = f"{PEER}:{self.caller.port}"

    def send(self, method="INVITE", uri=CALLED, **more):
        return self.send_text(kit.request(method, uri, self.via, **more))

    def send_text(self, text):
        """Sends a request of the caller; from now on only its call is looked at."""
        self.caller.only = self.callee.only = kit.Message(text.encode()).first("Call-ID")
        self.caller.send(text, self.address)
        return text

    def answer(self, request, status, phrase="X", headers=()):
        self.callee.send(kit.response(request, status, phrase, headers), self.address)

    def refusal(self, method="INVITE", uri=CALLED, **more):
        """The status of the final response to a request that must not be forwarded."""
        self.send(method, uri, **more)
        status = self.caller.receive_final().status
        assert self.callee.receive(0.05) is None, "it was forwarded all the same"
        return status

    def established(self, headers=()):
        """A call that was answered; the INVITE as the callee got it and the 200 as the caller."""
        self.send(headers=headers)
        invite = self.callee.receive()
        self.answer(invite, 200, "OK", [f"Contact: <sip:{TARGET}:{self.callee.port}>"])
        return invite, self.caller.receive_final()

    def stop(self):
        code = self.process.stop()
        self.caller.close()
        self.callee.close()
        assert code == 0, f"exit {code}:\n{self.process.text()[-3000:]}"


@pytest.fixture(scope="module")
def world(programs, tmp_path_factory):
    made = World(programs, tmp_path_factory.mktemp("core"))
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def quiet(request):
    """Each test starts with nothing left in the sockets."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").caller.drain()
        request.getfixturevalue("world").callee.drain()


def in_dialog(world, method, invite, ok, cseq, uri=None):
    """A request of the caller inside the dialog, by its Route set."""
    routes = "".join(f"Route: {route}\r\n" for route in reversed(ok.all("Record-Route")))
    text = (f"{method} {uri or ok.first('Contact')[1:-1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {world.via};branch=z9hG4bK{kit.Ids.next()};rport\r\n"
            f"{routes}Max-Forwards: 70\r\nFrom: {ok.first('From')}\r\nTo: {ok.first('To')}\r\n"
            f"Call-ID: {ok.first('Call-ID')}\r\nCSeq: {cseq} {method}\r\n"
            "Content-Length: 0\r\n\r\n")
    world.send_text(text)


@pytest.mark.parametrize("transport", ["u1", "t1"])
def test_sipp_calls_complete_with_sipp(world, transport, tmp_path):
    """INVITE, 100, 180, 200, ACK, BYE, 200 between SIPp's own scenarios."""
    port = world.callee.port
    world.callee.close()
    uas = subprocess.Popen(["sipp", "-sn", "uas", "-i", TARGET, "-p", str(port), "-nostdin"],
                           cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        done = subprocess.run(
            ["sipp", "-sn", "uac", "%s:%d" % world.address, "-i", PEER, "-p",
             str(processes.free_port(PEER)), "-t", transport, "-m", "50", "-r", "50", "-d", "50",
             "-s", "13125550199", "-nostdin", "-timeout", "20"],
            cwd=tmp_path, capture_output=True, text=True, timeout=40, check=False)
    finally:
        uas.terminate()
        uas.wait(10)
        world.callee = kit.Udp(TARGET, port)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_invite_gets_100_at_once_before_the_callee_says_anything(world):
    began = time.monotonic()
    world.send()
    trying = world.caller.receive()
    assert trying.status == 100 and time.monotonic() - began < 0.2
    world.answer(world.callee.receive(), 486)
    assert world.caller.receive_final().status == 486


def test_via_of_the_proxy_is_added_and_taken_off_again(world):
    world.send()
    invite = world.callee.receive()
    vias = invite.all("Via")
    assert len(vias) == 2 and vias[0].startswith("SIP/2.0/UDP %s:%d;" % world.address)
    assert f"rport={world.caller.port}" in vias[1]  # RFC 3581
    world.answer(invite, 480)
    assert len(world.caller.receive_final().all("Via")) == 1


def test_received_is_added_when_via_names_another_host(world):
    world.send_text(kit.request("INVITE", CALLED, "192.0.2.99:5060"))
    assert f"received={PEER}" in world.callee.receive().all("Via")[1]


def test_dialog_goes_by_record_route_and_ends_by_bye(world):
    invite, ok = world.established()
    assert ok.all("Record-Route") == ["<sip:%s:%d;transport=udp;lr>" % world.address]
    in_dialog(world, "ACK", invite, ok, 1)
    ack = world.callee.receive()
    assert ack.start.startswith("ACK ") and not ack.all("Route")
    in_dialog(world, "INVITE", invite, ok, 2)
    again = world.callee.receive()
    assert again.start.startswith("INVITE ")
    world.answer(again, 200, "OK")
    assert world.caller.receive_final().status == 200
    in_dialog(world, "BYE", invite, ok, 3)
    bye = world.callee.receive()
    assert bye.start.startswith("BYE ")
    world.answer(bye, 200, "OK")
    assert world.caller.receive_final().status == 200


def test_record_route_is_doubled_when_transports_differ(world):
    """RFC 5658 §3.3."""
    with socket.create_server((TARGET, world.callee.port)) as server:
        server.settimeout(2)
        world.send(uri="sip:+12125550199@b.example")
        stream = server.accept()[0]
        stream.settimeout(2)
        invite = kit.Message(stream.recv(65536))
        routes = invite.all("Record-Route")
        assert [";transport=tcp;lr" in routes[0], ";transport=udp;lr" in routes[1]] == [True, True]
        stream.sendall(kit.response(invite, 486, "Busy").encode())
        assert world.caller.receive_final().status == 486
        assert stream.recv(65536).startswith(b"ACK ")  # hop by hop
        stream.close()


def cancel_of(text):
    """The CANCEL of a request that was sent."""
    lines = [line for line in text.split("\r\n") if line.split(":")[0] not in ("Contact", "")]
    return "\r\n".join(lines).replace("INVITE", "CANCEL") + "\r\n\r\n"


def test_cancel_is_answered_and_travels_on_after_a_provisional_response(world):
    text = world.send()
    invite = world.callee.receive()
    world.caller.send(cancel_of(text), world.address)
    assert world.caller.receive_final().first("CSeq") == "1 CANCEL"
    assert world.callee.receive(0.2) is None, "RFC 3261 §9.1: not before a provisional response"
    world.answer(invite, 180, "Ringing")
    cancel = world.callee.receive()
    assert cancel.start.startswith("CANCEL ")
    assert cancel.first("Via") == invite.first("Via") and len(cancel.all("Via")) == 1
    world.answer(cancel, 200, "OK")
    world.answer(invite, 487)
    assert world.caller.receive_final().status == 487
    assert world.callee.receive().start.startswith("ACK ")


def test_cancel_over_tcp_ends_with_the_487_of_the_callee(world):
    with socket.create_server((TARGET, world.callee.port)) as server:
        server.settimeout(2)
        text = world.send(uri="sip:+12125550199@b.example")
        stream = server.accept()[0]
        stream.settimeout(2)
        invite = kit.Message(stream.recv(65536))
        stream.sendall(kit.response(invite, 180, "Ringing").encode())
        assert world.caller.receive().status == 100 and world.caller.receive().status == 180
        world.caller.send(cancel_of(text), world.address)
        cancel = kit.Message(stream.recv(65536))
        assert cancel.start.startswith("CANCEL ")
        stream.sendall(kit.response(cancel, 200, "OK").encode())
        stream.sendall(kit.response(invite, 487, "Request Terminated").encode())
        finals = {world.caller.receive_final().first("CSeq"): None for _ in range(2)}
        assert set(finals) == {"1 CANCEL", "1 INVITE"}
        assert stream.recv(65536).startswith(b"ACK ")
        stream.close()


def test_2xx_that_comes_again_is_passed_on_again(world):
    """RFC 6026 §7.3; another tag is the 2xx of another branch of a fork further on."""
    invite, _ = world.established()
    world.answer(invite, 200, "OK", ["X-Again: yes"])
    assert world.caller.receive_final().first("X-Again") == "yes"
    world.callee.send(kit.response(invite, 200, "OK", tag="another"), world.address)
    assert "tag=another" in world.caller.receive_final().first("To")
    world.answer(invite, 486)
    assert world.caller.receive(0.1) is None, "only 2xx comes again"


def test_retransmitted_invite_is_answered_from_memory(world):
    text = world.send()
    invite = world.callee.receive()
    world.answer(invite, 200, "OK")
    assert world.caller.receive_final().status == 200
    world.caller.send(text, world.address)
    assert world.caller.receive_final().status == 200
    assert world.callee.receive(0.1) is None


@pytest.mark.parametrize("method", ["MESSAGE", "INFO", "SUBSCRIBE", "REGISTER", "OPTIONS", "FOO"])
def test_any_other_method_is_forwarded_and_answered(world, method):
    world.send(method)
    request = world.callee.receive()
    assert request.start == f"{method} {CALLED} SIP/2.0"
    world.answer(request, 202)
    assert world.caller.receive_final().status == 202


def test_options_to_the_proxy_is_answered_by_it(world):
    assert world.refusal("OPTIONS", "sip:%s:%d" % world.address) == 200


@pytest.mark.parametrize("status,more", [
    (483, dict(headers=["Max-Forwards: 0"], leave_out=["Max-Forwards"])),
    (420, dict(headers=["Proxy-Require: nothing-we-know"])),
    (416, dict(uri="http://b.example/")),
    (404, dict(uri="sip:+4930555@b.example")),
    (404, dict(uri="sip:alice@b.example")),
])
def test_refusals_of_16_3(world, status, more):
    assert world.refusal(**more) == status


def test_unsupported_names_the_extension_that_was_required(world):
    world.send(headers=["Proxy-Require: nothing-we-know"])
    assert world.caller.receive_final().first("Unsupported") == "nothing-we-know"


def test_request_from_an_address_of_no_trunk_is_refused_and_counted(world):
    stranger = kit.Udp(STRANGER)
    stranger.send(kit.request("INVITE", CALLED, f"{STRANGER}:{stranger.port}"), world.address)
    assert stranger.receive_final().status == 403
    stranger.close()
    assert world.callee.receive(0.05) is None
    assert kit.metrics(world.admin)['attestel_proxy_refused_total{why="unknown_source"}'] == 1


def test_loop_is_482(world):
    """The same request comes back with our Via in it, as a loop of other proxies sends it."""
    text = world.send()
    via = world.callee.receive().all("Via")[0]
    world.caller.drain()
    world.send_text(text.replace("Via:", f"Via: SIP/2.0/UDP {world.via};branch=z9hG4bKl\r\n"
                                 f"Via: {via}\r\nVia:", 1))
    assert world.caller.receive_final().status == 482


def test_spiral_with_another_request_uri_is_no_loop(world):
    text = world.send()
    via = world.callee.receive().all("Via")[0]
    world.callee.drain()
    world.send_text(text.replace(CALLED, "sip:+13125550142@b.example").replace(
        "Via:", f"Via: SIP/2.0/UDP {world.via};branch=z9hG4bKs\r\nVia: {via}\r\nVia:", 1))
    assert world.callee.receive().start == "INVITE sip:+13125550142@b.example SIP/2.0"


def test_max_forwards_counts_down_and_is_added_when_absent(world):
    world.send()
    assert world.callee.receive().first("Max-Forwards") == "69"
    world.send(leave_out=["Max-Forwards"])
    assert world.callee.receive().first("Max-Forwards") == "70"


def test_request_uri_that_names_the_proxy_gets_the_target(world):
    world.send(uri="sip:+12155550199@%s:%d;user=phone" % world.address)
    assert world.callee.receive().start == \
        f"INVITE sip:+12155550199@{TARGET}:{world.callee.port};user=phone SIP/2.0"


def test_maddr_in_via_sends_no_answer_elsewhere(world):
    victim = kit.Udp(STRANGER)
    world.send_text(kit.request("INVITE", "sip:nobody@b.example",
                                f"{world.via};maddr={STRANGER}"))
    assert world.caller.receive_final().status == 404
    assert victim.receive(0.1) is None
    victim.close()


def test_target_that_is_not_there_gives_503(world):
    world.send(uri="sip:+12125550199@b.example")  # over TCP, and nobody listens
    assert world.caller.receive_final(5).status == 503


UNTOUCHED = [
    "X-One:   spaces  kept  ", "Subject: caf\u00e9 \u00fc",
    "Identity: eyJhbGciOiJFUzI1NiJ9.e30.c2ln;info=<https://c.example/a.pem>;alg=ES256"
    ";ppt=\"shaken\"",
    "identity :second;info=<https://c.example/b.pem>", "y: third;info=<https://c.example/c.pem>",
    "X-folded: one\r\n two\r\n\tthree", "Identity: fourth,fifth;info=<https://c.example/d.pem>",
    "Date: Sat, 13 Nov 2010 23:29:00 GMT", "sUPPORTED: timer,100rel", "X-One: again",
    "Call-Info: <https://x.example/pic.png>;purpose=info",
]


def test_headers_keep_their_bytes_and_their_order(world):
    """Carrier duty 8: received Identity headers and everything else pass unaltered."""
    text = world.send(headers=UNTOUCHED, body="v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\n").encode()
    data = world.callee.receive().data
    start = text.index(b"X-One")
    kept = text[start:text.index(b"Content-Length", start)]
    assert kept in data
    assert data.endswith(b"\r\n\r\nv=0\r\no=- 0 0 IN IP4 192.0.2.1\r\n")


def test_response_keeps_its_bytes(world):
    world.send()
    invite = world.callee.receive()
    headers = ["X-Answer:  as  it  is ", "x-folded : a\r\n b", "Allow: INVITE,ACK"]
    world.answer(invite, 486, "Busy  as can be", headers)
    final = world.caller.receive_final()
    assert final.start == "SIP/2.0 486 Busy  as can be"
    assert "\r\n".join(headers).encode() in final.data


FORGED = [
    "P-Asserted-Identity: <tel:+12155550101;verstat=TN-Validation-Passed>",
    "P-Asserted-Identity: <sip:+12155550101;verstat=TN-Validation-Passed@a.example;user=phone>",
    "P-Asserted-Identity: <sip:+12155550101@a.example;verstat=TN-Validation-Passed>",
    "P-Asserted-Identity: <sip:+12155550101@a.example>;verstat=TN-Validation-Passed",
    "P-Asserted-Identity: <sip:+12155550101@a.example> ; VERSTAT = TN-Validation-Passed",
    "p-asserted-identity : \"verstat\" <tel:+12155550101;%76er%53tat=TN-Validation-Passed>",
    "P-Asserted-Identity: <tel:+1;verstat=TN-Validation-Passed;x=y>,\r\n <sip:a@b;verstat=A>",
    "P-Asserted-Identity: tel:+12155550101;verstat=\"TN-Validation-Passed\"",
    "P-Attestation-Indicator: A", "p-attestation-indicator : A",
    "P-Origination-ID: 0c1a", "P-ORIGINATION-ID\t: 0c1a",
    "Call-Info: <https://x.example/j.json>;purpose=jcard",
    "call-info : <https://x.example/i.png> ; purpose = icon",
    "Call-Info: <https://x.example/i.png>;purpose=\"icon\"",
    "Call-Info: <data:>;call-reason=\"Your bank\"",
    "Call-Info: <https://x.example/x>;purpose=info,\r\n <https://x.example/i>;verified=\"true\"",
]


@pytest.mark.parametrize("line", FORGED)
def test_assertion_of_an_untrusted_peer_never_reaches_the_callee(world, line):
    """VS12, RC14: in every spelling."""
    world.send(headers=[line, "X-After: still here"])
    message = world.callee.receive()
    text = message.data.decode().lower().replace('"verstat" <tel', "")
    for word in ("verstat", "%76", "passed", "p-attestation", "p-origination", "jcard", "icon",
                 "call-reason", "verified"):
        assert word not in text
    assert message.first("X-After") == "still here"
    if "purpose=info" in line:
        assert message.first("Call-Info") == "<https://x.example/x>;purpose=info"


@pytest.mark.parametrize("value", [
    "<sip:+12155550101;verstat=TN-Validation-Passed@a.example>;tag=1",
    "<sip:+12155550101@a.example;verstat=TN-Validation-Passed>;tag=1",
    "\"Bob\" <sip:+12155550101@a.example>;verstat=TN-Validation-Passed;tag=1",
])
@pytest.mark.parametrize("name", ["From", "f", "FROM "])
def test_verstat_in_from_never_reaches_the_callee(world, name, value):
    world.send(headers=[f"{name}: {value}"], leave_out=["From"])
    invite = world.callee.receive()
    sender = invite.first("From") or invite.first("f")
    assert "verstat" not in invite.data.decode() and "tag=1" in sender
    assert "+12155550101" in sender and "a.example" in sender


def test_trusted_peer_keeps_its_assertions(programs, tmp_path):
    world = World(programs, tmp_path, trusted="yes")
    try:
        world.send(headers=FORGED[:1] + ["P-Attestation-Indicator: A"])
        invite = world.callee.receive()
        assert "verstat=TN-Validation-Passed" in invite.first("P-Asserted-Identity")
        assert invite.first("P-Attestation-Indicator") == "A"
    finally:
        world.stop()


def test_flood_gets_503_with_retry_after_and_emergencies_and_dialogs_pass(programs, tmp_path):
    """Requirement 12: dialogs and emergency calls have their reserve."""
    world = World(programs, tmp_path, rate=5)
    try:
        invite, ok = world.established()
        refused = None
        for _ in range(10):
            world.send("MESSAGE")
            reply = world.caller.receive(0.05)
            refused = reply if reply is not None and reply.status == 503 else refused
        assert refused is not None and refused.first("Retry-After") == "5"
        world.caller.drain()
        world.callee.drain()
        world.send(uri="sip:911@b.example")
        assert world.callee.receive().start.startswith("INVITE sip:911@")
        in_dialog(world, "BYE", invite, ok, 2)
        assert world.callee.receive().start.startswith("BYE ")
    finally:
        world.stop()


def test_reload_takes_a_good_file_and_leaves_a_bad_one(programs, tmp_path):
    world = World(programs, tmp_path)
    try:
        good = world.process.path.read_text()
        world.process.path.write_text(good.replace("match = 911", "match = nine"))
        world.process.process.send_signal(signal.SIGHUP)
        wait_for(world, "event=config.refused")
        world.send(uri="sip:911@b.example")
        assert world.callee.receive().start.startswith("INVITE sip:911@")
        world.process.path.write_text(good.replace("match = 911", "match = 112"))
        world.process.process.send_signal(signal.SIGHUP)
        wait_for(world, "event=config.loaded")
        world.caller.drain()
        assert world.refusal(uri="sip:911@b.example") == 404
    finally:
        world.stop()


def wait_for(world, text):
    end = time.monotonic() + 5
    while text not in world.process.text():
        assert time.monotonic() < end, f"no {text}:\n{world.process.text()}"
        time.sleep(0.02)


def test_config_error_names_file_line_option_and_what_is_allowed(programs, tmp_path):
    path = tmp_path / "bad.conf"
    path.write_text("[proxy]\nlisten_udp = 127.0.0.1:5060\ncert_budget = soon\n")
    done = subprocess.run([os.path.join(programs, "attestel-proxy"), "--config", str(path),
                           "--check-config"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{path}:3: [proxy] cert_budget" in done.stderr and "allowed" in done.stderr


def test_printed_config_loads_again(programs, tmp_path):
    program = os.path.join(programs, "attestel-proxy")
    first = tmp_path / "first.conf"
    first.write_text("[proxy]\nlisten_udp = 127.0.0.1:5060\n[trunk \"a\"]\naddresses = 10.0.0.0/8,"
                     "[2001:db8::]/32\nreject = 438,replayed\nchecks = authority=warn\n"
                     "[route \"b\"]\nmatch = *\ntarget = sip:127.0.0.1:5070\n")
    def printed(path):
        return subprocess.run([program, "--config", str(path), "--print-config"], text=True,
                              capture_output=True, check=True).stdout
    again = tmp_path / "again.conf"
    again.write_text(printed(first))
    assert printed(again) == again.read_text()


def test_tls_listener_speaks_sip_with_its_certificate(programs, tmp_path):
    """agent.pem has the key, then the certificate; a client that trusts the anchor gets through."""
    def tool(*words):
        subprocess.run([os.path.join(programs, "attestel"), "pki", *words], check=True,
                       capture_output=True)
    pki, tls = str(tmp_path / "pki"), tmp_path / "tls"
    tool("init", pki)
    tool("issue", pki, "web", "--type", "tls-server", "--host", PROXY)
    tls.mkdir()
    (tls / "agent.pem").write_text((tmp_path / "pki" / "web.key").read_text()
                                   + (tmp_path / "pki" / "web.pem").read_text())
    (tls / "cafile.pem").write_text((tmp_path / "pki" / "tls-root.pem").read_text())
    port = processes.free_port(PROXY)
    process = kit.Proxy(os.path.join(programs, "attestel-proxy"), tmp_path,
                        f"[proxy]\nlisten_tls = {PROXY}:{port}\ntls_directory = {tls}\n"
                        + UNUSED)
    try:
        process.wait_ready()
        context = ssl.create_default_context(cafile=str(tls / "cafile.pem"))
        with socket.create_connection((PROXY, port), 2) as plain, \
                context.wrap_socket(plain, server_hostname=PROXY) as stream:
            stream.sendall(kit.request("OPTIONS", f"sips:{PROXY}:{port}", f"{PEER}:5061",
                                       transport="TLS").encode())
            assert stream.recv(65536).startswith(b"SIP/2.0 200 ")
    finally:
        assert process.stop() == 0, process.text()


def test_reliable_provisional_responses_stay_between_the_ends(world):
    """RFC 3262: a proxy adds no RSeq, and passes PRACK on."""
    world.send(headers=["Require: 100rel"])
    invite = world.callee.receive()
    world.answer(invite, 180, "Ringing")
    world.answer(invite, 183, "Progress", ["Require: 100rel", "RSeq: 7",
                                           f"Contact: <sip:{TARGET}:{world.callee.port}>"])
    answers = [world.caller.receive() for _ in range(3)]
    assert [answer.status for answer in answers] == [100, 180, 183]
    assert [answer.first("RSeq") for answer in answers] == [None, None, "7"]
    in_dialog(world, "PRACK", invite, answers[2], 2)
    prack = world.callee.receive()
    assert prack.start.startswith("PRACK ")
    world.answer(prack, 200, "OK")
    assert world.caller.receive_final().first("CSeq") == "2 PRACK"
    world.answer(invite, 486)
    assert world.caller.receive_final().status == 486


def test_strict_router_is_undone(world):
    """§16.4: the Request-URI names our Record-Route; the last Route is the real one."""
    invite, ok = world.established()
    contact = ok.first("Contact")
    ok.headers = [(name, value) for name, value in ok.headers if name != "Record-Route"]
    ok.headers.append(("Record-Route", contact))
    in_dialog(world, "INFO", invite, ok, 2, "sip:%s:%d;transport=udp;lr" % world.address)
    info = world.callee.receive()
    assert info.start == f"INFO {contact[1:-1]} SIP/2.0" and not info.all("Route")


def test_ipv6_listener_answers(programs, tmp_path):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as peer:
        peer.bind(("::1", 0))
        peer.settimeout(2)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
        process = kit.Proxy(os.path.join(programs, "attestel-proxy"), tmp_path,
                            f"[proxy]\nlisten_udp = [::1]:{port}\n" + UNUSED).wait_ready()
        try:
            text = kit.request("OPTIONS", f"sip:[::1]:{port}", f"[::1]:{peer.getsockname()[1]}")
            peer.sendto(text.encode(), ("::1", port))
            assert peer.recv(65536).startswith(b"SIP/2.0 200 ")
        finally:
            assert process.stop() == 0


def test_drain_lets_the_call_under_way_end_and_takes_no_new_one(programs, tmp_path):
    world = World(programs, tmp_path)
    try:
        world.send()
        invite = world.callee.receive()
        world.process.process.send_signal(signal.SIGTERM)
        wait_for(world, "event=proxy.drain")
        first = world.caller.only
        assert world.refusal() == 503
        world.caller.only = first
        world.answer(invite, 200, "OK")
        assert world.caller.receive_final().status == 200
        assert world.process.process.wait(5) == 0
    finally:
        world.stop()
