# SPDX-License-Identifier: Apache-2.0
"""The proxy drives a media relay: offers, answers and ends; and what PASSporTs say of the media."""
import os

import pytest

import media_kit
import media_proxy as mp
import media_webrtc as webrtc
import proxy_kit as kit
import test_pkcs11
from test_proxy_stir import payload

pytest_plugins = "media_proxy_fixtures"


# Calls through either relay

def test_media_of_a_call_passes_the_relay_both_ways_until_bye(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    a, b = phones
    call = mp.carrier_call(proxy, ends)
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
                                                                  web):
    proxy = start("terminating", [any_relay], ("webrtc", "rtp"))
    call = mp.carrier_call(proxy, ends)
    to_phone, to_browser = call.establish(web.sdp(), phones[0].sdp())
    assert to_phone.proto() == "RTP/AVP" and "fingerprint" not in to_phone.text
    web.hear(to_browser)
    phones[0].hear(to_phone)
    assert web.connect()
    sent = web.send(os.urandom(160))
    assert phones[0].receive()[-160:] == sent[-160:]
    sent = phones[0].send(os.urandom(160))
    assert web.receive()[-160:] == sent[12:]
    call.hang_up()
    assert mp.gone(any_relay, call.call_id)


def test_cancel_and_failure_leave_no_call_in_the_relay(start, any_relay, ends, phones):
    proxy = start("terminating", [any_relay], ("rtp", "rtp"))
    failed = mp.carrier_call(proxy, ends)
    invite = failed.request("caller", "INVITE", phones[0].sdp())
    assert any_relay.ng.ask("list")["calls"] == [failed.call_id]
    failed.reply("callee", invite, 486)
    assert mp.gone(any_relay, failed.call_id)

    cancelled = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
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
    late = mp.carrier_call(proxy, ends)
    invite = late.request("caller", "INVITE", headers=["Supported: 100rel"])
    a.hear(late.reply("callee", invite, 183, b.sdp(), reliable).body.decode())
    prack = late.request("caller", "PRACK", a.sdp(), ["RAck: 1 1 INVITE"])
    b.hear(prack.body.decode())
    assert late.reply("callee", prack, 200).body == b""
    late.reply("callee", invite, 200)
    late.request("caller", "ACK", cseq=1)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    late.hang_up()

    early = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
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
        call = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
    to_phone, to_gateway = call.establish(gateway.sdp(), phones[1].sdp())
    assert to_phone.proto() == "RTP/AVP" and "crypto" not in to_phone.text
    assert to_gateway.proto() == "RTP/SAVP"
    gateway.hear(to_gateway)
    phones[1].hear(to_phone)
    assert media_kit.relayed(gateway, phones[1]) and media_kit.relayed(phones[1], gateway)
    call.hang_up()
    gateway.close()


def test_early_media_and_the_same_sdp_again_is_one_answer(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    before = proxy.counted("media_commands_total", command="answer", result="ok")
    call = mp.carrier_call(proxy, ends)
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
    call = mp.carrier_call(proxy, ends)
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

def signed_offer(stage, web, tmp_path):
    path = tmp_path / "offer.sdp"
    path.write_bytes(web.sdp().encode())
    return "Identity: " + stage.sign(mp.CALLER, mp.CALLED, "--sdp", str(path))


def identity_of(relay, call):
    return relay.ng.ask("query", call_id=call.call_id)["tags"]["tag-caller"]["media identity"]


def test_a_verified_mky_binds_the_callers_certificate(stage, start, relay, ends, phones, web,
                                                      tmp_path):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", web.sdp(),
                          [signed_offer(stage, web, tmp_path)])
    assert "verstat=TN-Validation-Passed" in invite.first("From")
    assert invite.all("Identity") == [], "its mky is of fingerprints that are not there any more"
    told = media_kit.Told(invite.body.decode())
    ok = call.reply("callee", invite, 200, phones[0].sdp())
    call.request("caller", "ACK", cseq=call.cseq)
    web.hear(media_kit.Told(ok.body.decode()))
    phones[0].hear(told)
    assert web.connect()
    sent = web.send(os.urandom(160))
    assert phones[0].receive()[-160:] == sent[-160:]
    assert identity_of(relay, call) == "bound"
    assert proxy.line(call.call_id)["media_identity"] == "signed"
    call.hang_up()
    assert proxy.line(call.call_id, "media.end")["media_identity"] == "bound"


def test_another_certificate_than_the_signed_one_passes_no_media(stage, start, relay, ends, phones,
                                                                 web, tmp_path):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = mp.carrier_call(proxy, ends)
    identity = signed_offer(stage, web, tmp_path)
    web.cert, web.key = webrtc.certificate()  # the SDP still shows the signed one
    to_phone, to_browser = call.establish(web.sdp(), phones[0].sdp(), [identity])
    web.hear(to_browser)
    phones[0].hear(to_phone)
    assert web.ice()
    if web.handshake(1):
        web.send()
        phones[0].send()
    assert phones[0].receive(0.3) is None and web.got == []
    assert identity_of(relay, call) != "bound"
    call.hang_up()
    assert proxy.line(call.call_id, "media.end")["media_identity"] != "bound"


@pytest.mark.parametrize("with_mky", [True, False], ids=["mky", "no-mky"])
def test_a_re_invite_takes_a_call_over_but_where_our_relay_has_the_mky_that_signed_it(
        stage, start, any_relay, ends, phones, web, made, tmp_path, with_mky):
    ours = isinstance(any_relay, media_kit.Relay)
    proxy = start("terminating", [any_relay], ("webrtc", "rtp"))
    call = mp.carrier_call(proxy, ends)
    identity = signed_offer(stage, web, tmp_path) if with_mky else \
        "Identity: " + stage.sign(mp.CALLER, mp.CALLED)
    to_phone, to_browser = call.establish(web.sdp(), phones[0].sdp(), [identity])
    web.hear(to_browser)
    phones[0].hear(to_phone)
    assert web.connect() and web.send() and phones[0].receive()
    thief = made(webrtc.Browser)
    again = call.request("caller", "INVITE", thief.sdp())
    phones[0].hear(again.body.decode())
    thief.hear(media_kit.Told(call.reply("callee", again, 200, phones[0].sdp()).body.decode()))
    call.request("caller", "ACK", cseq=call.cseq)
    assert thief.connect(), "the SDP names its certificate"
    is_mute = ours and with_mky
    thief.send()
    assert (phones[0].receive(0.5) is None) == is_mute
    phones[0].send()
    assert (thief.receive(0.5) is None) == is_mute
    if ours:
        assert identity_of(any_relay, call) == ("mismatch" if with_mky else "unbound")
    call.hang_up()
    assert mp.gone(any_relay, call.call_id)


def test_a_passport_of_other_fingerprints_fails_and_binds_nothing(stage, start, relay, ends, phones,
                                                                  web, tmp_path):
    """RFC 8224 §6.2.2: the SDP that came is judged, not what the relay makes of it."""
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    identity = signed_offer(stage, web, tmp_path)
    web.new_certificate()
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", web.sdp(), [identity])
    assert "verstat=TN-Validation-Passed" not in invite.first("From")
    assert [f"Identity: {value}" for value in invite.all("Identity")] == [identity.strip()]
    assert identity_of(relay, call) == "unbound"
    call.reply("callee", invite, 486)
    line = proxy.line(call.call_id)
    assert (line["media"], line["media_identity"]) == ("relayed", "unsigned")
    assert (line["reason"], line["checks_failed"]) == ("media_mismatch", "media")


def test_a_passport_without_mky_is_unbound_and_kept(stage, start, relay, ends, phones, web):
    proxy = start("terminating", [relay], ("webrtc", "rtp"))
    call = mp.carrier_call(proxy, ends)
    identity = stage.sign(mp.CALLER, mp.CALLED)
    invite = call.request("caller", "INVITE", web.sdp(), ["Identity: " + identity])
    assert "verstat=TN-Validation-Passed" in invite.first("From")
    assert invite.all("Identity") == [identity.strip()]
    assert identity_of(relay, call) == "unbound"
    call.reply("callee", invite, 486)
    assert proxy.line(call.call_id)["media_identity"] == "unsigned"


def test_our_own_signature_is_over_the_fingerprints_of_the_relay(start, relay, ends, phones,
                                                                 web, tmp_path, stage):
    proxy = start("originating", [relay], ("rtp", "webrtc"))
    call = mp.customer_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    told = media_kit.Told(invite.body.decode())
    assert told.proto() == "UDP/TLS/RTP/SAVPF" and told.value("ice-ufrag")
    claims = payload(invite.first("Identity"))
    assert claims["mky"] == mp.fingerprints(told.text) != []
    web.hear(told)
    web.role = "active"
    ok = call.reply("callee", invite, 200, web.sdp("active"))
    call.request("caller", "ACK", cseq=call.cseq)
    phones[0].hear(ok.body.decode())
    assert web.connect()
    sent = phones[0].send(os.urandom(160))
    assert web.receive()[-160:] == sent[12:]
    call.hang_up()


class WithToken(test_pkcs11.Switch):
    """A proxy whose key is in a token, and whose target speaks WebRTC."""

    def config(self, **changes):
        text = super().config(**changes).replace("role = customer", "role = customer\nmedia = rtp")
        return text + (f'[trunk "web"]\naddresses = {test_pkcs11.TARGET}\nmedia = webrtc\n'
                       f"[media]\nrelay = udp:127.0.0.1:{self.own['relay']}\n{mp.PATIENT}")


def test_a_token_signs_the_fingerprints_of_the_relay_too(programs, relay, phones, tmp_path):
    proxy = WithToken(programs, tmp_path, relay=relay.port)
    proxy.process.wait_ready()
    proxy.caller.send(kit.request("INVITE", "sip:+12155550199@b.example;user=phone",
                                  f"{test_pkcs11.PEER}:{proxy.caller.port}", [mp.SDP],
                                  phones[0].sdp()), proxy.address)
    invite = proxy.callee.receive()
    proxy.callee.send(kit.response(invite, 486, "Busy"), proxy.address)
    assert payload(invite.first("Identity"))["mky"] == mp.fingerprints(invite.body.decode()) != []
    assert proxy.caller.receive_final().status == 486
    assert proxy.stop() == 0, proxy.process.text()


def test_towards_plain_rtp_our_signature_names_no_media(start, relay, ends, web):
    proxy = start("originating", [relay], ("webrtc", "rtp"))
    call = mp.customer_call(proxy, ends)
    invite = call.request("caller", "INVITE", web.sdp())
    assert "mky" not in payload(invite.first("Identity"))
    call.reply("callee", invite, 486)
