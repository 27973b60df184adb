# SPDX-License-Identifier: Apache-2.0
"""The proxy drives a media relay: offers, answers and ends, and what it costs without one."""
import os
import socket
import subprocess
import time

import pytest

import media_kit
import media_proxy as mp
import media_webrtc as webrtc
import proxy_kit as kit

MULTIPART = "Content-Type: multipart/mixed;boundary=x"


@pytest.fixture(scope="module", params=["attestel-media", "rtpengine"])
def any_relay(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("relay")
    running = (media_kit.Relay(folder, delete_delay="0s") if request.param == "attestel-media"
               else mp.Rtpengine(folder)).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    running = media_kit.Relay(tmp_path_factory.mktemp("own"), delete_delay="0s").start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture(scope="module")
def start(stage, tmp_path_factory):
    """start(name, relays, medias, more) gives a proxy; the same one for the same words."""
    running = {}

    def begin(name, relays, medias, more=""):
        key = (name, *(r.port for r in relays), *medias, more)
        if key not in running:
            running[key] = mp.Proxy(stage, tmp_path_factory.mktemp("proxy"), name,
                                    [f"udp:127.0.0.1:{r.port}" for r in relays], medias, more)
        return running[key]
    yield begin
    for proxy in running.values():
        assert proxy.stop() == 0, proxy.text()[-3000:]


@pytest.fixture
def phones():
    made = [media_kit.RtpPeer(), media_kit.RtpPeer()]
    yield made
    mp.close_all(*made)


@pytest.fixture
def browser():
    made = webrtc.Browser()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_left(request):
    """Whatever a test did: no relay has a call when it is over."""
    yield
    for name in ("relay", "any_relay"):
        if name not in request.fixturenames:
            continue
        running, end = request.getfixturevalue(name), time.monotonic() + 3
        while (left := running.ng.ask("list")["calls"]) and time.monotonic() < end:
            time.sleep(0.02)
        for call_id in left:
            running.ng.ask("delete", call_id=call_id)
        assert left == []


def carrier_call(proxy, ends):
    return mp.Dialog(proxy, ends["foreign"], ends["callee"])


def customer_call(proxy, ends):
    return mp.Dialog(proxy, ends["customer"], ends["callee"])


# Calls through either relay

def test_media_of_a_call_passes_the_relay_both_ways_until_bye(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    call = carrier_call(proxy, ends)
    to_b, to_a = call.establish(a.sdp(), b.sdp())
    assert to_b.port() != a.port and to_a.port() != b.port
    a.hear(to_a)
    b.hear(to_b)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    line = proxy.line(call.call_id)
    assert (line["media"], line["media_identity"]) == ("relayed", "unsigned")
    assert any_relay.ng.ask("list")["calls"] == [call.call_id]
    call.hang_up("callee")
    assert mp.gone(any_relay, call.call_id)


def test_a_browser_of_one_trunk_is_heard_by_the_phones_of_another(start, any_relay, ends, phones,
                                                                  browser):
    proxy = start("terminating", [any_relay], ("webrtc", "rtp"))
    call = carrier_call(proxy, ends)
    to_phone, to_browser = call.establish(browser.sdp(), phones[0].sdp())
    assert to_phone.proto() == "RTP/AVP" and "fingerprint" not in to_phone.text
    browser.hear(to_browser)
    phones[0].hear(to_phone)
    assert browser.connect()
    sent = browser.send(os.urandom(160))
    assert phones[0].receive()[-160:] == sent[-160:]
    sent = phones[0].send(os.urandom(160))
    assert browser.receive()[-160:] == sent[12:]
    call.hang_up()
    assert mp.gone(any_relay, call.call_id)


def test_cancel_and_failure_leave_no_call_in_the_relay(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    failed = carrier_call(proxy, ends)
    invite = failed.request("caller", "INVITE", phones[0].sdp())
    assert any_relay.ng.ask("list")["calls"] == [failed.call_id]
    failed.reply("callee", invite, 486)
    assert mp.gone(any_relay, failed.call_id)

    cancelled = carrier_call(proxy, ends)
    text = cancelled.send("caller", "INVITE", phones[0].sdp())
    invite = ends["callee"].receive()
    cancelled.reply("callee", invite, 183, phones[1].sdp())
    cancel = text.split("\r\nContent-Type")[0].replace("INVITE", "CANCEL")
    ends["foreign"].send(cancel + "\r\nContent-Length: 0\r\n\r\n", proxy.to)
    assert ends["callee"].receive().start.startswith("CANCEL")
    cancelled.reply("callee", invite, 487)
    assert mp.gone(any_relay, cancelled.call_id)
    assert proxy.line(cancelled.call_id)["media"] == "relayed"


def test_a_reinvite_of_either_side_keeps_the_call_in_the_relay(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    call = carrier_call(proxy, ends)
    to_b, to_a = call.establish(a.sdp(), b.sdp())
    for side, other, phone, peer in (("callee", "caller", b, a), ("caller", "callee", a, b)):
        again = call.request(side, "INVITE", phone.sdp())
        told = media_kit.Told(again.body.decode())
        assert told.port() not in (a.port, b.port)
        peer.hear(told)
        ok = call.reply(other, again, 200, peer.sdp())
        phone.hear(ok.body.decode())
        call.request(side, "ACK", cseq=call.cseq)
        assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
        assert any_relay.ng.ask("list")["calls"] == [call.call_id]
    assert set(any_relay.ng.ask("query", call_id=call.call_id)["tags"]) == set(
        call.tags.values())
    call.hang_up()
    assert mp.gone(any_relay, call.call_id)


def test_a_late_offer_is_answered_by_the_ack(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE")
    ok = call.reply("callee", invite, 200, b.sdp())
    a.hear(ok.body.decode())
    assert a.to[1] != b.port
    ack = call.request("caller", "ACK", a.sdp(), cseq=call.cseq)
    b.hear(ack.body.decode())
    assert b.to[1] != a.port
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    call.hang_up()
    assert mp.gone(any_relay, call.call_id)


def test_a_late_offer_of_a_call_that_fails_leaves_no_call(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE")
    call.reply("callee", invite, 183, phones[1].sdp())
    assert any_relay.ng.ask("list")["calls"] == [call.call_id]
    call.reply("callee", invite, 486)
    assert mp.gone(any_relay, call.call_id)


def test_a_prack_answers_a_late_offer_and_offers_else(start, any_relay, ends, phones):
    """RFC 3262 §5."""
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    reliable = ["Require: 100rel", "RSeq: 1"]
    late = carrier_call(proxy, ends)
    invite = late.request("caller", "INVITE", headers=["Supported: 100rel"])
    a.hear(late.reply("callee", invite, 183, b.sdp(), reliable).body.decode())
    prack = late.request("caller", "PRACK", a.sdp(), ["RAck: 1 1 INVITE"])
    b.hear(prack.body.decode())
    assert late.reply("callee", prack, 200).body == b""
    late.reply("callee", invite, 200)
    late.request("caller", "ACK", cseq=1)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    late.hang_up()

    early = carrier_call(proxy, ends)
    invite = early.request("caller", "INVITE", a.sdp(), ["Supported: 100rel"])
    early.reply("callee", invite, 183, b.sdp(), reliable)
    prack = early.request("caller", "PRACK", a.sdp(), ["RAck: 1 1 INVITE"])
    b.hear(prack.body.decode())
    a.hear(early.reply("callee", prack, 200, b.sdp()).body.decode())
    early.reply("callee", invite, 200)
    early.request("caller", "ACK", cseq=1)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    early.hang_up()


def test_an_update_offers_and_the_sdp_of_options_is_nobodys_answer(start, any_relay, ends, phones):
    """RFC 3311; RFC 3261 §11.2."""
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    call = carrier_call(proxy, ends)
    call.establish(a.sdp(), b.sdp())
    update = call.request("callee", "UPDATE", b.sdp())
    a.hear(update.body.decode())
    b.hear(call.reply("caller", update, 200, a.sdp()).body.decode())
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    options = call.request("caller", "OPTIONS")
    assert call.reply("callee", options, 200, b.sdp()).body.decode() == b.sdp()
    call.hang_up()


def test_a_new_proxy_knows_the_calls_of_the_old_one_by_their_route(stage, relay, ends, phones,
                                                                   tmp_path):
    with mp.Proxy(stage, tmp_path, "terminating", [f"udp:127.0.0.1:{relay.port}"],
                  ("rtp", "rtp")) as proxy:
        call = carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        proxy.stop()
        again = kit.Proxy(stage.program("attestel-proxy"), tmp_path,
                          proxy.path.read_text()).wait_ready()
        try:
            told = call.request("callee", "INVITE", phones[1].sdp())
            assert media_kit.Told(told.body.decode()).port() != phones[1].port
            call.reply("caller", told, 200, phones[0].sdp())
            call.request("callee", "ACK", cseq=call.cseq)
            assert relay.ng.ask("list")["calls"] == [call.call_id]
            call.hang_up()
            assert mp.gone(relay, call.call_id)
        finally:
            assert again.stop() == 0


def test_a_gateway_with_sdes_is_heard_by_plain_rtp(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("srtp", "rtp"))
    gateway = webrtc.SdesPeer()
    call = carrier_call(proxy, ends)
    to_phone, to_gateway = call.establish(gateway.sdp(), phones[1].sdp())
    assert to_phone.proto() == "RTP/AVP" and "crypto" not in to_phone.text
    assert to_gateway.proto() == "RTP/SAVP"
    gateway.hear(to_gateway)
    phones[1].hear(to_phone)
    assert media_kit.relayed(gateway, phones[1]) and media_kit.relayed(phones[1], gateway)
    call.hang_up()
    gateway.close()


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A relay with a Unix socket and with a key, and what a proxy has to know of it."""
    folder = tmp_path_factory.mktemp("keyed")
    key = folder / "media.key"
    key.write_text("f00d" * 16)
    key.chmod(0o600)
    own = media_kit.Relay(folder, delete_delay="0s")
    own.conf.write_text(own.conf.read_text().replace(
        "[admin]", f"listen_ng = unix:{folder}/ng.sock\nkey_file = {key}\n[admin]"))
    own.process = subprocess.Popen([media_kit.BIN / "attestel-media", "--config", own.conf],
                                   stderr=own.log)
    while not (folder / "ng.sock").exists():
        assert own.process.poll() is None, own.logged()
        time.sleep(0.02)
    yield folder, key, own
    own.process.terminate()
    assert own.process.wait(20) == 0, own.logged()


def calls_of(folder):
    """What the relay lists at its Unix socket, which asks for no key."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(f"{folder}/ng.sock")
        end.sendall(f"{kit.Ids.next()} ".encode() + media_kit.bencode({"command": "list"}))
        return media_kit.bdecode(end.recv(65536).partition(b" ")[2])["calls"]


@pytest.mark.parametrize("how", ["unix", "key", "wrong key"])
def test_commands_go_over_a_unix_socket_or_are_signed(stage, keyed, ends, phones, tmp_path, how):
    folder, key, own = keyed
    other = tmp_path / "other.key"
    other.write_text("beef" * 16)
    other.chmod(0o600)
    address = f"unix:{folder}/ng.sock" if how == "unix" else f"udp:127.0.0.1:{own.port}"
    more = {"unix": "", "key": f"key_file = {key}\n", "wrong key": f"key_file = {other}\n"}[how]
    with mp.Proxy(stage, tmp_path, "terminating", [address], ("rtp", "rtp"), more) as proxy:
        for _ in range(3):
            call = carrier_call(proxy, ends)
            call.establish(phones[0].sdp(), phones[1].sdp())
            if how == "wrong key":
                assert proxy.line(call.call_id)["media"] == "failed:timeout"
                return
            assert calls_of(folder) == [call.call_id]
            call.hang_up()
            assert proxy.line(call.call_id)["media"] == "relayed"
        while calls_of(folder):
            time.sleep(0.02)


def test_a_unix_relay_that_ends_and_comes_back_is_found_again(stage, ends, phones, tmp_path):
    relay = media_kit.Relay(tmp_path, delete_delay="0s", listen_ng=f"unix:{tmp_path}/ng.sock")
    started = []

    def begin():
        started.append(subprocess.Popen([media_kit.BIN / "attestel-media", "--config",
                                         relay.conf], stderr=relay.log))
        while not (tmp_path / "ng.sock").exists():
            assert started[-1].poll() is None, relay.logged()
            time.sleep(0.02)
    begin()
    with mp.Proxy(stage, tmp_path, "terminating", [f"unix:{tmp_path}/ng.sock"],
                  ("rtp", "rtp")) as proxy:
        call = carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "relayed"
        call.hang_up()
        started[-1].kill()
        started[-1].wait()
        (tmp_path / "ng.sock").unlink(missing_ok=True)
        call = carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "failed:unreachable"
        begin()
        time.sleep(5.1)  # it is left alone for five seconds
        call = carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "relayed"
        call.hang_up()
    started[-1].terminate()
    assert started[-1].wait(20) == 0, relay.logged()


def test_early_media_and_the_same_sdp_again_is_one_answer(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    before = proxy.counted("media_commands_total", command="answer", result="ok")
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    early = call.reply("callee", invite, 183, phones[1].sdp())
    ok = call.reply("callee", invite, 200, phones[1].sdp())
    again = call.reply("callee", invite, 200, phones[1].sdp())
    assert early.body == ok.body == again.body != phones[1].sdp().encode()
    assert proxy.counted("media_commands_total", command="answer", result="ok") == before + 1
    call.request("caller", "ACK", cseq=call.cseq)
    call.hang_up()


def test_responses_keep_their_order_while_one_waits_for_the_relay(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    for status, body in ((183, phones[1].sdp()), (180, ""), (200, phones[1].sdp())):
        more = [mp.SDP] if body else []
        ends["callee"].send(kit.response(invite, status, "X", more, "tag-callee", body), proxy.to)
    got = []
    while not got or got[-1] != 200:
        response = ends["foreign"].receive()
        got.append(response.status)
    assert got == [100, 183, 180, 200]
    call.tags["callee"], call.routes["caller"] = "tag-callee", response.all("Record-Route")[::-1]
    call.hang_up()


# What a PASSporT says of the media

def signed_offer(stage, browser, tmp_path):
    path = tmp_path / "offer.sdp"
    path.write_bytes(browser.sdp().encode())
    return "Identity: " + stage.sign(mp.CALLER, mp.CALLED, "--sdp", str(path))


def identity_of(relay, call):
    return relay.ng.ask("query", call_id=call.call_id)["tags"]["tag-caller"]["media identity"]


def test_a_verified_mky_binds_the_callers_certificate(stage, start, relay, ends, phones, browser,
                                                      tmp_path):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", browser.sdp(),
                          [signed_offer(stage, browser, tmp_path)])
    assert "verstat=TN-Validation-Passed" in invite.first("From")
    assert invite.all("Identity") == [], "its mky is of fingerprints that are not there any more"
    told = media_kit.Told(invite.body.decode())
    ok = call.reply("callee", invite, 200, phones[0].sdp())
    call.request("caller", "ACK", cseq=call.cseq)
    browser.hear(media_kit.Told(ok.body.decode()))
    phones[0].hear(told)
    assert browser.connect()
    sent = browser.send(os.urandom(160))
    assert phones[0].receive()[-160:] == sent[-160:]
    assert identity_of(relay, call) == "bound"
    assert proxy.line(call.call_id)["media_identity"] == "signed"
    call.hang_up()
    assert proxy.line(call.call_id, "media.end")["media_identity"] == "bound"


def test_another_certificate_than_the_signed_one_passes_no_media(stage, start, relay, ends, phones,
                                                                 browser, tmp_path):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = carrier_call(proxy, ends)
    identity = signed_offer(stage, browser, tmp_path)
    browser.cert, browser.key = webrtc.certificate()  # the SDP still shows the signed one
    to_phone, to_browser = call.establish(browser.sdp(), phones[0].sdp(), [identity])
    browser.hear(to_browser)
    phones[0].hear(to_phone)
    assert browser.ice()
    if browser.handshake(1):
        browser.send()
        phones[0].send()
    assert phones[0].receive(0.3) is None and browser.got == []
    assert identity_of(relay, call) != "bound"
    call.hang_up()
    assert proxy.line(call.call_id, "media.end")["media_identity"] != "bound"


def test_a_passport_without_mky_is_unbound_and_kept(stage, start, relay, ends, phones, browser):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = carrier_call(proxy, ends)
    identity = stage.sign(mp.CALLER, mp.CALLED)
    invite = call.request("caller", "INVITE", browser.sdp(), ["Identity: " + identity])
    assert "verstat=TN-Validation-Passed" in invite.first("From")
    assert invite.all("Identity") == [identity.strip()]
    assert identity_of(relay, call) == "unbound"
    call.reply("callee", invite, 486)
    assert proxy.line(call.call_id)["media_identity"] == "unsigned"


def test_our_own_signature_is_over_the_fingerprints_of_the_relay(start, relay, ends, phones,
                                                                 browser, tmp_path, stage):
    from test_proxy_stir import payload
    proxy = start("originating", [relay], ("rtp", "webrtc"))
    call = customer_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    told = media_kit.Told(invite.body.decode())
    assert told.proto() == "UDP/TLS/RTP/SAVPF" and told.value("ice-ufrag")
    claims = payload(invite.first("Identity"))
    assert claims["mky"] == mp.fingerprints(told.text) != []
    browser.hear(told)
    browser.role = "active"
    ok = call.reply("callee", invite, 200, browser.sdp("active"))
    call.request("caller", "ACK", cseq=call.cseq)
    phones[0].hear(ok.body.decode())
    assert browser.connect()
    sent = phones[0].send(os.urandom(160))
    assert browser.receive()[-160:] == sent[12:]
    call.hang_up()


def test_towards_plain_rtp_our_signature_names_no_media(start, relay, ends, browser):
    from test_proxy_stir import payload
    proxy = start("originating", [relay], ("webrtc", "rtp"))
    call = customer_call(proxy, ends)
    invite = call.request("caller", "INVITE", browser.sdp())
    assert "mky" not in payload(invite.first("Identity"))
    call.reply("callee", invite, 486)


# Without a relay

class Silent:
    """A port where nobody answers."""

    def __init__(self):
        self.end = kit.Udp("127.0.0.1")
        self.port = self.end.port


@pytest.fixture(scope="module")
def silent():
    made = Silent()
    yield made
    made.end.close()


def test_a_silent_relay_costs_a_call_its_relay_and_100_ms(start, silent, ends, phones):
    proxy = start("terminating", [silent], ("rtp", "rtp"))
    began = time.monotonic()
    call = carrier_call(proxy, ends)
    to_b, to_a = call.establish(phones[0].sdp(), phones[1].sdp())
    assert 0.1 <= time.monotonic() - began < 0.5
    assert (to_b.text, to_a.text) == (phones[0].sdp(), phones[1].sdp())
    assert proxy.line(call.call_id)["media"] == "failed:timeout"
    assert proxy.counted("media_calls_total", media="failed:timeout") == 1
    assert proxy.counted("media_commands_total", command="offer", result="timeout") == 1
    # A relay that failed is left alone: nobody waits for it.
    began = time.monotonic()
    call = carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    assert time.monotonic() - began < 0.1
    assert proxy.line(call.call_id)["media"] == "failed:away"


def test_a_command_is_sent_again_with_its_cookie_until_its_time_is_spent(start, silent, ends,
                                                                         phones):
    silent.end.drain()
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 400ms\n")
    call = carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    call.reply("callee", invite, 486)
    cookies = []
    while (message := silent.end.receive(0)) is not None:
        if b"7:command5:offer" in message.data:
            cookies.append(message.data.split(b" ")[0])
    assert len(cookies) >= 3 and len(set(cookies)) == 1


def test_a_relay_that_is_killed_ends_no_call(start, ends, phones, tmp_path):
    relay = media_kit.Relay(tmp_path, delete_delay="0s").start()
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    call = carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    relay.process.kill()
    relay.process.wait()
    again = call.request("caller", "INVITE", phones[0].sdp())
    assert again.body.decode() == phones[0].sdp()
    call.reply("callee", again, 200, phones[1].sdp())
    call.request("caller", "ACK", cseq=call.cseq)
    call.hang_up()
    began = time.monotonic()
    other = carrier_call(proxy, ends)
    other.establish(phones[0].sdp(), phones[1].sdp())
    assert time.monotonic() - began < 0.3
    assert proxy.line(other.call_id)["media"] in ("failed:unreachable", "failed:away")
    relay.process = None


def test_the_second_relay_takes_the_calls_of_the_first_and_keeps_them(start, relay, silent, ends,
                                                                      phones):
    proxy = start("terminating", [silent, relay], ("rtp", "rtp"))
    a, b = phones
    call = carrier_call(proxy, ends)
    to_b, to_a = call.establish(a.sdp(), b.sdp())
    a.hear(to_a)
    b.hear(to_b)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    assert proxy.line(call.call_id)["media"] == "relayed"
    assert relay.ng.ask("list")["calls"] == [call.call_id]
    call.hang_up()
    assert mp.gone(relay, call.call_id)


def test_a_full_relay_sends_new_calls_to_the_other(start, relay, ends, phones, tmp_path):
    full = media_kit.Relay(tmp_path, delete_delay="0s", max_calls=1).start()
    full.ng.ask("offer", call_id="other", from_tag="x", sdp=phones[0].sdp())
    proxy = start("terminating", [full, relay], ("rtp", "rtp"))
    call = carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    assert proxy.counted("media_commands_total", command="offer", result="load_limit") == 1
    assert relay.ng.ask("list")["calls"] == [call.call_id]
    assert full.ng.ask("list")["calls"] == ["other"]
    call.hang_up()
    full.ng.ask("delete", call_id="other")
    assert full.stop() == 0


def test_emergency_calls_wait_for_no_relay(start, silent, ends, phones):
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 1000ms\n")
    via = f"{ends['foreign'].host}:{ends['foreign'].port}"
    text = kit.request("INVITE", "urn:service:sos", via, [mp.SDP], phones[0].sdp())
    call_id = kit.Message(text.encode()).first("Call-ID")
    for end in ends.values():
        end.only = call_id
    began = time.monotonic()
    ends["foreign"].send(text, proxy.to)
    invite = ends["callee"].receive()
    assert time.monotonic() - began < 0.5
    assert invite.body.decode() == phones[0].sdp()
    ends["callee"].send(kit.response(invite, 486, "Busy"), proxy.to)
    assert proxy.line(call_id)["media"] == "direct:emergency"


def test_a_multipart_body_goes_on_as_it_came(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    body = f"--x\r\nContent-Type: application/sdp\r\n\r\n{phones[0].sdp()}\r\n--x--\r\n"
    text = kit.request("INVITE", f"sip:{mp.CALLED}@b.example",
                       f"{ends['foreign'].host}:{ends['foreign'].port}", [MULTIPART], body)
    call_id = kit.Message(text.encode()).first("Call-ID")
    for end in ends.values():
        end.only = call_id
    ends["foreign"].send(text, proxy.to)
    invite = ends["callee"].receive()
    assert invite.body.decode() == body
    ends["callee"].send(kit.response(invite, 486, "Busy"), proxy.to)
    assert proxy.line(call_id)["media"] == "direct:not_sdp"


def test_calls_between_trunks_that_are_off_are_left_alone(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("off", "off"))
    call = carrier_call(proxy, ends)
    to_b, to_a = call.establish(phones[0].sdp(), phones[1].sdp())
    assert (to_b.text, to_a.text) == (phones[0].sdp(), phones[1].sdp())
    assert not any("media=" in route for routes in call.routes.values() for route in routes)
    assert proxy.line(call.call_id)["media"] == "direct"
    call.hang_up()
