# SPDX-License-Identifier: Apache-2.0
"""Bad input: whatever a peer sends, the proxy stays alive and answers a probe within 200 ms."""
import os
import socket
import time

import processes
import proxy_kit as kit
import pytest

PROXY, PEER, TARGET = "127.0.1.2", "127.0.1.11", "127.0.1.13"
PROBE_S = 0.2
HEADERS = ["Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact", "Route",
           "Record-Route", "Date", "Identity", "y", "P-Asserted-Identity", "Call-Info", "Require",
           "Proxy-Require", "Content-Type", "Content-Length", "Priority", "Resource-Priority",
           "Reason", "Supported", "User-Agent", "Expires", "Subject", "Warning"]
SHAPES = {
    "empty": lambda name: f"{name}:",
    "64KB": lambda name: f"{name}: {'x' * 60000}",
    "NUL": lambda name: f"{name}: a\0b",
    "invalid-UTF-8": lambda name: f"{name}: \udcff\udcfe\udc80",
    "folded": lambda name: f"{name}: a\r\n b\r\n\tc",
    "space-before-colon": lambda name: f"{name} \t: x",
    "quote-open": lambda name: f"{name}: \"<sip:x",
    "semicolons": lambda name: f"{name}: {';' * 500}",
    "commas": lambda name: f"{name}: {',' * 500}",
    "percent": lambda name: f"{name}: <sip:%@%:%;%=%>",
}


@pytest.fixture(scope="module")
def proxy(programs, tmp_path_factory):
    port, target = processes.free_port(PROXY), processes.free_port(TARGET)
    process = kit.Proxy(os.path.join(programs, "attestel-proxy"),
                        tmp_path_factory.mktemp("torture"), f"""
[proxy]
listen_udp = {PROXY}:{port}
listen_tcp = {PROXY}:{port}
source_rate = 0
[log]
level = warning
[trunk "peer"]
addresses = {PEER}
[route "all"]
match = *
target = sip:{TARGET}:{target}
""")
    process.address, process.next = (PROXY, port), target
    end = time.monotonic() + 10
    while not answers(process) and time.monotonic() < end:
        time.sleep(0.05)
    yield process
    code = process.stop()
    assert code == 0, f"exit {code}:\n{process.text()[-3000:]}"


def answers(proxy, timeout=PROBE_S):
    """The proxy answers OPTIONS in time."""
    peer = kit.Udp(PEER)
    try:
        peer.send(kit.request("OPTIONS", "sip:%s:%d" % proxy.address,
                              f"{peer.host}:{peer.port}"), proxy.address)
        reply = peer.receive(timeout)
        return reply is not None and reply.status == 200
    except OSError:
        return False
    finally:
        peer.close()


def still_there(proxy, name):
    assert proxy.alive(), f"dead after {name}:\n{proxy.text()[-3000:]}"
    assert answers(proxy), f"no answer to OPTIONS within {PROBE_S} s after {name}"


def over_udp(proxy, data):
    peer = kit.Udp(PEER)
    peer.send(data[:65000], proxy.address)
    peer.close()


def over_tcp(proxy, data, pieces=1):
    """The message in that many segments."""
    with socket.create_connection(proxy.address, 2, (PEER, 0)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = max(1, -(-len(data) // pieces))
        try:
            for at in range(0, len(data), step):
                stream.sendall(data[at:at + step])
        except OSError:
            pass  # it may close the connection on us: that is an answer


def messages(vectors, folder):
    path = os.path.join(vectors, folder)
    return [(name, open(os.path.join(path, name), "rb").read())
            for name in sorted(os.listdir(path)) if name.endswith(".dat")]


@pytest.mark.parametrize("folder", ["rfc4475", "rfc5118"])
def test_published_torture_messages_leave_the_proxy_answering(proxy, vectors, folder):
    found = messages(vectors, folder)
    assert found, "no messages there"
    for name, data in found:
        over_udp(proxy, data)
        still_there(proxy, f"{name} over UDP")
        over_tcp(proxy, data.replace(b"/UDP", b"/TCP"))
        still_there(proxy, f"{name} over TCP")


def test_published_torture_messages_split_over_segments(proxy, vectors):
    for name, data in messages(vectors, "rfc4475"):
        over_tcp(proxy, data.replace(b"/UDP", b"/TCP"), pieces=7)
        still_there(proxy, f"{name} in seven segments")


def invite(extra=(), leave_out=(), transport="UDP"):
    return kit.request("INVITE", "sip:+12155550199@b.example", f"{PEER}:5060", extra,
                       transport=transport, leave_out=leave_out
                       ).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("shape", SHAPES)
def test_any_header_in_any_bad_shape_leaves_the_proxy_answering(proxy, shape):
    for name in HEADERS:
        line = SHAPES[shape](name)
        over_udp(proxy, invite([line]))
        over_udp(proxy, invite([line], leave_out=[name]))
        over_tcp(proxy, invite([line], transport="TCP"), pieces=3)
        still_there(proxy, f"{name} {shape}")


def test_any_header_absent_or_doubled_leaves_the_proxy_answering(proxy):
    for name in HEADERS:
        over_udp(proxy, invite(leave_out=[name]))
        over_udp(proxy, invite([f"{name}: x", f"{name}: y"]))
        over_tcp(proxy, invite([f"{name}: x", f"{name}: x"], transport="TCP"))
        still_there(proxy, f"{name} absent and doubled")


def test_88_identity_headers_in_one_datagram_cost_no_more_than_a_call(proxy):
    token = "x" * 700
    headers = [f"Identity: {token};info=<https://c.example/{i}.pem>" for i in range(86)]
    for _ in range(20):
        over_udp(proxy, invite(headers))
    still_there(proxy, "20 datagrams of 86 Identity headers")


@pytest.mark.parametrize("size", [63900, 64100, 64800, 65500])
def test_datagram_that_no_longer_fits_is_513_and_never_changes_its_transport(proxy, size):
    """RFC 3261 §18.1.1 lets a request change to TCP; here the next hop is configured."""
    peer, target = kit.Udp(PEER), kit.Udp(TARGET, proxy.next)
    try:
        text = kit.request("INVITE", "sip:+12155550199@b.example", f"{peer.host}:{peer.port}",
                           ["Q-Long: "])
        text = text.replace("Q-Long: ", "Q-Long: " + "x" * (size - len(text)))
        target.only = kit.Message(text.encode()).first("Call-ID")
        peer.send(text, proxy.address)
        final = peer.receive_final(0.5)
        assert (None if final is None else final.status) == (None if size < 64000 else 513)
        assert (target.receive(0.1) is None) == (size > 64000)
    finally:
        peer.close()
        target.close()
    still_there(proxy, f"{size} bytes")


def test_requests_split_at_every_byte_and_glued_together_are_the_same(proxy):
    """Requirement 7."""
    options = kit.request("OPTIONS", "sip:%s:%d" % proxy.address, f"{PEER}:5060",
                          transport="TCP").encode()
    with socket.create_connection(proxy.address, 2, (PEER, 0)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(1, len(options)):
            stream.sendall(options[:at])
            stream.sendall(options[at:])
            assert stream.recv(65536).startswith(b"SIP/2.0 200 ")
        stream.sendall(options * 3)
        data = b""
        while data.count(b"SIP/2.0 200 ") < 3:
            more = stream.recv(65536)
            assert more, "closed"
            data += more


def test_thousands_of_headers_are_refused(proxy):
    peer = kit.Udp(PEER)
    peer.send(kit.request("INVITE", "sip:+12155550199@b.example", f"{peer.host}:{peer.port}",
                          [f"Q-{i}: {i}" for i in range(3000)]), proxy.address)
    assert peer.receive_final().status == 513
    peer.close()
    still_there(proxy, "3000 headers")


def test_responses_out_of_nowhere_go_nowhere(proxy):
    """RFC 6026 §7.3: a stray response is not forwarded."""
    victim, peer = kit.Udp(TARGET), kit.Udp(PEER)
    for branch in ("z9hG4bK", "z9hG4bKx", ""):
        for status in (100, 180, 200, 486):
            peer.send(f"SIP/2.0 {status} X\r\nVia: SIP/2.0/UDP {PROXY}:{proxy.address[1]}"
                      f";branch={branch}\r\nVia: SIP/2.0/UDP {victim.host}:{victim.port}"
                      ";branch=z9hG4bKv\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>;tag=2\r\n"
                      "Call-ID: none\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
                      proxy.address)
    assert victim.receive(0.3) is None
    victim.close()
    peer.close()
    still_there(proxy, "stray responses")
