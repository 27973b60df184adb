# SPDX-License-Identifier: Apache-2.0
"""WebRTC on one side, plain RTP or SDES on the other: ICE, DTLS-SRTP, BUNDLE, media identity."""
import os

import pytest

import media_kit as kit
import media_webrtc as webrtc

TO_SIP = {"ICE": "remove", "transport-protocol": "RTP/AVP", "rtcp-mux": ["demux"]}
TO_BROWSER = {"ICE": "force", "transport-protocol": "UDP/TLS/RTP/SAVPF",
              "rtcp-mux": ["require"], "flags": ["generate-mid", "SDES-off"]}
AUDIO = ("audio", ("0", "a=rtpmap:0 PCMU/8000\r\n"), "0")
VIDEO = ("video", ("96", "a=rtpmap:96 VP8/90000\r\n"), "1")


@pytest.fixture(scope="module", params=[False, True], ids=["own ports", "shared port"])
def relay(request, tmp_path_factory):
    running = kit.Relay(tmp_path_factory.mktemp("relay"), delete_delay="0s",
                        webrtc=request.param).start()
    running.shares = request.param
    yield running
    assert running.stop() == 0, running.logged()


def with_pictures(phone, screen):
    """The SDP of a telephone that takes video at screen's port."""
    return phone.sdp() + kit.m_line(screen.port, media="video", codecs=VIDEO[1])


def browser_calls(relay, browser, phone, call_id, offer=None, answer=None, bundle=True):
    """A browser's call to a phone; both know where to send then."""
    to_phone = relay.told("offer", call_id=call_id, from_tag="a", sdp=browser.sdp(bundle=bundle),
                          **{**TO_SIP, **(offer or {})})
    phone.hear(to_phone)
    to_browser = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                            **{"ICE": "force", **(answer or {})})
    browser.hear(to_browser)
    return to_browser, to_phone


def phone_calls(relay, phone, browser, call_id, offer=None, setup="active"):
    to_browser = relay.told("offer", call_id=call_id, from_tag="a", sdp=phone.sdp(),
                            **{**TO_BROWSER, **(offer or {})})
    browser.hear(to_browser)
    browser.role = setup
    to_phone = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                          sdp=browser.sdp(setup))
    phone.hear(to_phone)
    return to_browser, to_phone


def talk(browser, phone, i=0):
    """A packet each way arrives as it was sent."""
    sent = browser.send(os.urandom(160), i)
    if phone.receive() != sent:
        return False
    sent = phone.send(os.urandom(160))
    return browser.receive() == sent


def media_of(relay, call_id, tag, i=0):
    return relay.ng.ask("query", call_id=call_id)["tags"][tag]["medias"][i]


def identity_of(relay, call_id, tag):
    return relay.ng.ask("query", call_id=call_id)["tags"][tag]["media identity"]


def test_a_browser_calls_a_phone(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    to_browser, to_phone = browser_calls(relay, browser, phone, call_id)
    assert to_phone.proto() == "RTP/AVP" and "ice" not in to_phone.text
    assert "fingerprint" not in to_phone.text and "rtcp-mux" not in to_phone.text
    assert to_browser.proto() == "UDP/TLS/RTP/SAVPF" and "a=ice-lite\r\n" in to_browser.head
    assert to_browser.value("setup") == "active" and to_browser.value("rtcp-mux") == ""
    assert to_browser.value("mid") == "0" and browser.connect() and talk(browser, phone)
    if relay.shares:
        assert relay.webrtc_port <= to_browser.port() < relay.webrtc_port + 16
        assert relay.ports_used() == 1
    media = media_of(relay, call_id, "a")
    assert {"rtcp-mux", "DTLS-SRTP", "DTLS role active", "ICE"} <= set(media["flags"])
    assert media["streams"][0]["crypto suite"] == "AEAD_AES_128_GCM"
    assert "DTLS fingerprint verified" in media["streams"][0]["flags"]
    assert (media["ICE state"], media["DTLS state"]) == ("connected", "connected")


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_a_phone_calls_a_browser(relay, made, call_id, setup):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    to_browser, to_phone = phone_calls(relay, phone, browser, call_id, setup=setup)
    assert to_browser.value("setup") == "actpass" and to_browser.value("mid") == "1"
    assert to_browser.value("rtcp-mux") == "" and "crypto" not in to_browser.text
    assert to_phone.proto() == "RTP/AVP" and "fingerprint" not in to_phone.text
    assert browser.connect() and talk(browser, phone)


def test_the_webrtc_flag_suffices(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    to_browser, _ = phone_calls(relay, phone, browser, call_id, offer={
        "flags": ["WebRTC"], "ICE": "force", "transport-protocol": "UDP/TLS/RTP/SAVPF"})
    assert to_browser.value("ice-options") == "trickle" and to_browser.value("rtcp") is None
    assert browser.connect() and talk(browser, phone)


def test_a_passive_answer_is_had_by_asking(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    to_browser, _ = browser_calls(relay, browser, phone, call_id, answer={"DTLS": "passive"})
    assert to_browser.value("setup") == "passive"
    assert browser.connect() and talk(browser, phone)


def test_an_rsa_key_and_the_older_suite_are_spoken_with_who_has_no_other(relay, made, call_id):
    browser, phone = made(webrtc.Browser, cert=webrtc.rsa_certificate()), made(kit.RtpPeer)
    browser.profile = b"SRTP_AES128_CM_SHA1_80"
    browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)


def test_nothing_passes_before_the_keys_nor_in_the_clear(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    browser.socket.sendto(browser.packet(b"x" * 160), browser.to)
    phone.send()
    assert phone.receive(0.2) is None and not browser.turn(0.1)
    assert browser.ice()
    browser.socket.sendto(browser.packet(b"x" * 160), browser.to)
    phone.send()
    assert phone.receive(0.2) is None
    assert browser.handshake() and talk(browser, phone)
    browser.socket.sendto(browser.packet(b"x" * 160), browser.to)
    assert phone.receive(0.2) is None


def test_wrong_credentials_are_not_answered(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    assert not browser.ice(timeout=0.5, pwd="w" * 26)
    assert not browser.ice(timeout=0.5, ufrag="nobody00")
    assert browser.connect() and talk(browser, phone)


def test_an_ice_restart_keeps_the_keys_and_the_roles(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    first, _ = browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    browser.restart_ice()
    told = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=browser.sdp(),
                      **TO_SIP)
    assert talk(browser, phone), "until it is answered, what was valid stays"
    second = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                        ICE="force")
    assert told.at() == phone.to
    for name in ("ice-ufrag", "ice-pwd"):
        assert first.value(name) != second.value(name)
    for name in ("setup", "fingerprint", "tls-id"):
        assert first.value(name) == second.value(name)
    browser.hear(second)
    assert browser.ice() and talk(browser, phone)


def test_a_re_offer_keeps_credentials_and_role(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    first, _ = browser_calls(relay, browser, phone, call_id, answer={"DTLS": "passive"})
    assert browser.connect() and talk(browser, phone)
    second, _ = browser_calls(relay, browser, phone, call_id)
    for name in ("ice-ufrag", "ice-pwd", "setup", "fingerprint", "tls-id", "candidate"):
        assert first.value(name) == second.value(name)
    assert second.value("setup") == "passive" and talk(browser, phone)


def test_a_re_invite_of_the_phone_leaves_the_browser_s_leg_alone(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    first, _ = browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    told = relay.told("offer", call_id=call_id, from_tag="b", to_tag="a", sdp=phone.sdp())
    assert told.proto() == "UDP/TLS/RTP/SAVPF" and told.value("setup") == "actpass"
    for name in ("ice-ufrag", "ice-pwd", "fingerprint", "tls-id", "mid"):
        assert told.value(name) == first.value(name)
    told = relay.told("answer", call_id=call_id, from_tag="b", to_tag="a",
                      sdp=browser.sdp("passive"))
    assert told.proto() == "RTP/AVP" and told.at() == phone.to
    assert talk(browser, phone)


def test_a_new_fingerprint_is_a_new_association(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    browser.new_certificate()
    browser.restart_ice()
    browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)


def test_ice_and_dtls_that_are_refused_leave_a_plain_call_as_it_was(relay, made, call_id):
    """RFC 3264 §8: until another offer is answered, what was agreed goes on."""
    a, b, browser = made(kit.RtpPeer), made(kit.RtpPeer), made(webrtc.Browser)
    kit.call(relay, a, b, call_id)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    offer = {"call_id": call_id, "from_tag": "a", "to_tag": "b", "sdp": a.sdp()}
    for flags in ({"ICE": "force"}, TO_BROWSER):
        told = relay.told("offer", **offer, **flags)
        assert len(told.value("ice-ufrag")) >= 4 and len(told.value("ice-pwd")) >= 22
        assert told.values("candidate")
        assert kit.relayed(a, b) and kit.relayed(b, a), "a 488 tells us nothing"
    relay.told("offer", **offer, ICE="force", **{"transport-protocol": "RTP/AVP"})
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert kit.relayed(a, b) and kit.relayed(b, a), "an answer without ICE"
    browser.hear(relay.told("offer", **offer, **TO_BROWSER))
    assert browser.peer_fingerprint
    browser.role = "active"
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=browser.sdp("active"))
    assert browser.connect() and talk(browser, a), "what was offered holds when it is taken"


def test_an_association_after_another_has_a_tls_id_of_its_own(relay, made, call_id):
    """RFC 8842 §5.1; one that goes on keeps its own."""
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    names = [browser_calls(relay, browser, phone, call_id)[0].value("tls-id")]
    assert browser.connect()
    names.append(browser_calls(relay, browser, phone, call_id)[0].value("tls-id"))
    browser.new_certificate()
    names.append(browser_calls(relay, browser, phone, call_id)[0].value("tls-id"))
    # The phone's re-INVITE speaks of the association that is.
    names.append(relay.told("offer", call_id=call_id, from_tag="b", to_tag="a",
                            sdp=phone.sdp()).value("tls-id"))
    # Plain in between: what comes then is another.
    plain = made(kit.RtpPeer)
    relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=plain.sdp(), **TO_SIP)
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(), ICE="force")
    names.append(browser_calls(relay, browser, phone, call_id)[0].value("tls-id"))
    assert [names.index(name) for name in names] == [0, 0, 2, 2, 4]
    assert browser.connect() and talk(browser, phone)


def test_rtcp_that_leaves_the_port_of_rtp_has_ice_of_its_own(relay, made, call_id):
    """And comes back to it: meanwhile RTP goes on without another check."""
    ice, peer, phone = made(webrtc.Browser), made(kit.RtpPeer), made(kit.RtpPeer)
    ice.socket.close()
    ice.socket, ice.port = peer.rtp, peer.port
    credentials = f"a=ice-ufrag:{ice.ufrag}\r\na=ice-pwd:{ice.pwd}\r\n"

    def negotiate(mux):
        phone.hear(relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", ICE="remove",
                              sdp=peer.sdp(lines=credentials + mux),
                              **{"rtcp-mux": ["demux"] + (["accept"] if mux else [])}))
        told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp(),
                          ICE="force")
        peer.hear(told)
        ice.to, ice.peer_ufrag, ice.peer_pwd = told.at(), told.value("ice-ufrag"), told.value(
            "ice-pwd")
        return told

    first = negotiate("a=rtcp-mux\r\n")
    assert len(first.values("candidate")) == 1 and ice.ice()
    assert kit.relayed(peer, phone) and kit.relayed(phone, peer)
    second = negotiate("")
    assert len(second.values("candidate")) == 2 and second.rtcp_at() != second.at()
    assert second.value("ice-ufrag") == first.value("ice-ufrag")
    assert kit.relayed(peer, phone) and kit.relayed(phone, peer), "its pair stays valid"
    ice.to, ice.socket = second.rtcp_at(), peer.rtcp
    assert ice.ice(), "a check of the component of RTCP is answered"
    report = peer.send_report()
    assert phone.receive(rtcp=True) == report
    ice.socket = peer.rtp
    assert len(negotiate("a=rtcp-mux\r\n").values("candidate")) == 1
    assert kit.relayed(peer, phone) and kit.relayed(phone, peer)


def test_a_bundle_has_one_transport_and_mids_tell_its_m_lines_apart(relay, made, call_id):
    browser = made(webrtc.Browser, (AUDIO, VIDEO))
    phone, screen = made(kit.RtpPeer), made(kit.RtpPeer, payload_type=96)
    to_phone = relay.told("offer", call_id=call_id, from_tag="a", sdp=browser.sdp(), **TO_SIP)
    assert "BUNDLE" not in to_phone.text and to_phone.port(0) != to_phone.port(1)
    phone.hear(to_phone)
    screen.hear(to_phone, 1)
    to_browser = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                            sdp=with_pictures(phone, screen),
                            ICE="force", bundle="accept")
    assert "a=group:BUNDLE 0 1\r\n" in to_browser.head
    assert to_browser.at(0) == to_browser.at(1)
    assert relay.ports_used() == (2 if relay.shares else 3)
    browser.hear(to_browser)
    assert browser.connect() and talk(browser, phone, 0) and talk(browser, screen, 1)
    # By its SSRC, once it was seen with its mid; and by a payload type that one m-line alone has.
    for i, ear in ((0, phone), (1, screen)):
        sent = browser.send(os.urandom(160), i, mid=False)
        assert ear.receive() == sent
    browser.ssrc = [1, 2]
    sent = browser.send(os.urandom(160), 1, mid=False)
    assert screen.receive() == sent
    browser.ssrc = [3, 4]
    browser.send(payload_type=77, mid=False)
    assert phone.receive(0.2) is None and screen.receive(0) is None
    assert media_of(relay, call_id, "a")["drops"]["no_stream"] == 1


def test_a_bundle_is_offered_to_a_browser(relay, made, call_id):
    browser = made(webrtc.Browser, (("audio", AUDIO[1], "1"), ("video", VIDEO[1], "2")))
    phone, screen = made(kit.RtpPeer), made(kit.RtpPeer, payload_type=96)
    to_browser = relay.told("offer", call_id=call_id, from_tag="a", bundle="offer",
                            sdp=with_pictures(phone, screen),
                            **TO_BROWSER)
    assert "a=group:BUNDLE 1 2\r\n" in to_browser.head
    browser.hear(to_browser)
    browser.role = "active"
    to_phone = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                          sdp=browser.sdp("active"))
    assert "BUNDLE" not in to_phone.text
    phone.hear(to_phone)
    screen.hear(to_phone, 1)
    assert browser.connect() and talk(browser, phone, 0) and talk(browser, screen, 1)


def test_without_a_bundle_each_m_line_has_a_transport(relay, made, call_id):
    one, two = made(webrtc.Browser), made(webrtc.Browser, (VIDEO,))
    phone, screen = made(kit.RtpPeer), made(kit.RtpPeer, payload_type=96)
    offer = one.sdp(bundle=False) + "m=" + two.sdp(bundle=False).partition("m=")[2]
    to_phone = relay.told("offer", call_id=call_id, from_tag="a", sdp=offer, **TO_SIP)
    phone.hear(to_phone)
    screen.hear(to_phone, 1)
    told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", ICE="force",
                      sdp=with_pictures(phone, screen))
    assert "BUNDLE" not in told.text
    assert told.value("ice-ufrag", 0) != told.value("ice-ufrag", 1)
    one.hear(told)
    two.hear(told, 1)
    assert one.connect() and two.connect()
    assert talk(one, phone) and talk(two, screen)


def test_video_comes_and_goes_in_a_bundle(relay, made, call_id):
    browser = made(webrtc.Browser)
    phone, screen = made(kit.RtpPeer), made(kit.RtpPeer, payload_type=96)
    first, _ = browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    alone = relay.ports_used()
    for round_ in range(2):
        browser.medias, browser.ssrc = (AUDIO, VIDEO), [browser.ssrc[0], 5 + round_]
        to_phone = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b",
                              sdp=browser.sdp(), **TO_SIP)
        screen.hear(to_phone, 1)
        told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", ICE="force",
                          sdp=with_pictures(phone, screen))
        assert told.at(0) == told.at(1) == first.at()
        assert told.value("ice-ufrag") == first.value("ice-ufrag")
        assert talk(browser, phone) and talk(browser, screen, 1)
        assert relay.ports_used() == alone + 1
        gone = browser.sdp().replace(f"m=video {browser.port}", "m=video 0").replace(
            "BUNDLE 0 1", "BUNDLE 0")
        to_phone = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b", sdp=gone,
                              **TO_SIP)
        assert to_phone.port(1) == 0
        told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", ICE="force",
                          sdp=phone.sdp() + kit.m_line(0, media="video", codecs=VIDEO[1]))
        assert told.port(1) == 0 and "a=group:BUNDLE 0\r\n" in told.head
        assert talk(browser, phone) and relay.ports_used() == alone


def test_what_a_browser_leaves_out_of_a_bundle_is_refused(relay, made, call_id):
    """It was offered no transport of its own."""
    browser = made(webrtc.Browser, (("audio", AUDIO[1], "1"), ("video", VIDEO[1], "2")))
    phone, screen = made(kit.RtpPeer), made(kit.RtpPeer, payload_type=96)
    browser.hear(relay.told("offer", call_id=call_id, from_tag="a", bundle="offer",
                            sdp=with_pictures(phone, screen),
                            **TO_BROWSER))
    browser.role = "active"
    told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                      sdp=browser.sdp("active").replace("BUNDLE 1 2", "BUNDLE 1"))
    assert told.port(0) != 0 and told.port(1) == 0
    phone.hear(told)
    assert browser.connect() and talk(browser, phone)


@pytest.mark.parametrize("setup", ["actpass", "active", "passive"])
def test_dtls_without_ice_towards_a_telephone_that_has_it(relay, made, call_id, setup):
    secure, phone = made(webrtc.Browser), made(kit.RtpPeer)

    def without_ice(text):
        return "".join(line for line in text.splitlines(True)
                       if not line.startswith(("a=ice", "a=cand", "a=group", "a=mid", "a=extmap")))
    phone.hear(relay.told("offer", call_id=call_id, from_tag="a",
                          sdp=without_ice(secure.sdp(setup)), **{"transport-protocol": "RTP/AVP"}))
    told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=phone.sdp())
    assert told.value("setup") == {"actpass": "active", "active": "passive",
                                   "passive": "active"}[setup]
    assert "ice" not in told.text
    secure.peer_fingerprint, secure.to = told.value("fingerprint"), told.at()
    secure.role = "passive" if told.value("setup") == "active" else "active"
    assert secure.handshake()
    sent = secure.send(os.urandom(160), mid=False)
    assert phone.receive() == sent
    sent = phone.send()
    assert secure.receive() == sent


def test_a_re_offer_without_the_ice_that_was_agreed_is_taken(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    ice = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp(lines=ice), ICE="remove")
    relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    to_a, to_b = kit.call(relay, a, b, call_id, {"to-tag": "b"})
    assert "ice" not in to_a.text + to_b.text
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_two_browsers_talk_through_us(relay, made, call_id):
    a, b = made(webrtc.Browser), made(webrtc.Browser)
    b.hear(relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp(), ICE="force"))
    b.role = "active"
    a.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp("active"),
                      ICE="force"))
    assert a.connect() and b.connect() and talk(a, b)


def test_a_fragment_of_trickle_ice_is_taken_without_an_sdp_in_return(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    fragment = (f"a=ice-ufrag:{browser.ufrag}\r\na=ice-pwd:{browser.pwd}\r\nm=audio 9 RTP/AVP 0\r\n"
                "a=mid:0\r\na=candidate:2 1 UDP 1694498815 127.0.0.1 4999 typ host\r\n")
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=fragment, flags=["fragment"])
    assert reply == {"result": "ok"}
    assert browser.connect() and talk(browser, phone)


def test_where_the_peer_is_lite_we_check(relay, made, call_id):
    browser, phone = made(webrtc.Browser, lite=True), made(kit.RtpPeer)
    to_browser, _ = browser_calls(relay, browser, phone, call_id)
    assert "a=ice-lite" not in to_browser.text and browser.handshake() and talk(browser, phone)


@pytest.mark.parametrize("setup", ["active", "passive"])
def test_a_peer_that_is_lite_in_its_answer_alone_is_checked(relay, made, call_id, setup):
    browser, phone = made(webrtc.Browser, lite=True), made(kit.RtpPeer)
    at = phone_calls(relay, phone, browser, call_id, setup=setup)[0].at()
    assert browser.handshake() and talk(browser, phone)
    one = {"call_id": call_id, "from_tag": "b", "to_tag": "a"}
    phone.hear(relay.told("offer", **one, sdp=browser.sdp(), **TO_SIP))
    told = relay.told("answer", **one, sdp=phone.sdp(), ICE="force")
    assert "a=ice-lite" not in told.text and told.at() == at and talk(browser, phone)


# --- media identity -----------------------------------------------------------------------------

def signed(*certs):
    """As the caller's verified PASSporT has it (RFC 8225 §5.2.2)."""
    return {"media identity": [{"alg": "sha256",
                                "dig": webrtc.fingerprint(cert).replace(":", "")}
                               for cert in certs]}


def test_a_certificate_that_was_signed_is_bound(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id, offer=signed(browser.cert))
    assert browser.connect() and talk(browser, phone)
    assert identity_of(relay, call_id, "a") == "bound"
    assert identity_of(relay, call_id, "b") == "unbound"


def test_without_the_key_the_call_is_unbound(relay, made, call_id):
    browser, phone = made(webrtc.Browser), made(kit.RtpPeer)
    browser_calls(relay, browser, phone, call_id)
    assert browser.connect() and talk(browser, phone)
    assert identity_of(relay, call_id, "a") == "unbound"


def test_a_mismatch_never_passes_a_byte_though_the_sdp_names_the_certificate(relay, made, call_id):
    """Who can change the SDP has valid ICE credentials and puts its own fingerprint there."""
    attacker, phone = made(webrtc.Browser), made(kit.RtpPeer)
    victim, _ = webrtc.certificate()
    browser_calls(relay, attacker, phone, call_id, offer=signed(victim))
    assert attacker.connect(), "the handshake ends well, and gives nothing"
    for _ in range(20):
        attacker.send()
        phone.send()
    assert phone.drain() == [] and attacker.drain() == []
    assert identity_of(relay, call_id, "a") == "mismatch"
    assert media_of(relay, call_id, "a")["drops"]["identity"] >= 20
    assert media_of(relay, call_id, "a")["streams"][0]["stats_out"]["packets"] == 0


def test_a_certificate_that_the_sdp_does_not_name_gets_no_keys(relay, made, call_id):
    """It answered the SDP's ICE, and that is all it can do."""
    victim, _ = webrtc.certificate()
    attacker, phone = made(webrtc.Browser, shows=victim), made(kit.RtpPeer)
    browser_calls(relay, attacker, phone, call_id, offer=signed(victim))
    assert attacker.ice()
    if attacker.handshake(timeout=1):
        for _ in range(5):
            attacker.send()
            phone.send()
    assert phone.drain() == [] and attacker.got == []


def test_an_identity_whose_dtls_was_stripped_from_the_sdp_passes_nothing(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    victim, _ = webrtc.certificate()
    kit.call(relay, a, b, call_id, signed(victim))
    assert not kit.relayed(a, b, 1) and not kit.relayed(b, a, 1)
    assert identity_of(relay, call_id, "a") == "mismatch"


def test_an_identity_that_cannot_be_read_is_refused(relay, made, call_id):
    reply = relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=made(webrtc.Browser).sdp(),
                         **{"media identity": ["sha256 nothing"]})
    assert reply["result"] == "error" and "media identity" in reply["error-reason"]


# --- SDES ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("suite", list(webrtc.SDES))
def test_sdes_towards_a_carrier_and_from_one(relay, made, call_id, suite):
    phone, carrier = made(kit.RtpPeer), made(webrtc.SdesPeer, suite)
    told = relay.told("offer", call_id=call_id, from_tag="a", sdp=phone.sdp(),
                      **{"transport-protocol": "RTP/SAVP"})
    carrier.hear(told)
    assert [line.split()[1] for line in told.values("crypto")] == [
        "AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80",
        "AES_CM_128_HMAC_SHA1_32"]
    phone.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=carrier.sdp()))
    assert kit.relayed(phone, carrier) and kit.relayed(carrier, phone)
    assert media_of(relay, call_id, "b")["streams"][0]["crypto suite"] == suite
    # A re-INVITE of the carrier with the same key goes on; with a new one too.
    for renew in (False, True):
        if renew:
            carrier.new_key()
        told = relay.told("offer", call_id=call_id, from_tag="b", to_tag="a", sdp=carrier.sdp())
        assert told.proto() == "RTP/AVP" and "crypto" not in told.text
        told = relay.told("answer", call_id=call_id, from_tag="b", to_tag="a", sdp=phone.sdp())
        assert len(told.values("crypto")) == 1
        carrier.choose(told)
        assert kit.relayed(phone, carrier) and kit.relayed(carrier, phone)


def test_a_carrier_that_goes_back_to_a_suite_is_told_another_key(relay, made, call_id):
    """RFC 7714 §9.1: the counters of the one that it left are gone."""
    phone, carrier = made(kit.RtpPeer), made(webrtc.SdesPeer)
    keys = []
    for suite in ("AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"):
        told = relay.told("offer", call_id=call_id, from_tag="a", to_tag="b" if keys else None,
                          sdp=phone.sdp(), **{"transport-protocol": "RTP/SAVP"})
        carrier.suite = suite
        carrier.hear(told)
        carrier.new_key()
        keys.append(carrier.choose(told))
        phone.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b",
                              sdp=carrier.sdp()))
        assert kit.relayed(phone, carrier) and kit.relayed(carrier, phone)
    assert len(set(keys)) == 3


def test_sdes_of_both_sides_has_keys_of_its_own(relay, made, call_id):
    a = made(webrtc.SdesPeer, tag=7)
    b = made(webrtc.SdesPeer, "AEAD_AES_128_GCM")
    told = relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp())
    b.hear(told)
    told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert told.values("crypto")[0].split()[:2] == ["7", "AES_CM_128_HMAC_SHA1_80"]
    a.hear(told)
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_suites_can_be_chosen(relay, made, call_id):
    told = relay.told("offer", call_id=call_id, from_tag="a", sdp=made(kit.RtpPeer).sdp(),
                      **{"transport-protocol": "RTP/SAVP", "SDES": ["no-AEAD_AES_256_GCM",
                                                                    "no-AES_CM_128_HMAC_SHA1_32"]})
    assert [line.split()[1] for line in told.values("crypto")] == [
        "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"]


@pytest.mark.parametrize("accepts", [True, False])
def test_osrtp_is_srtp_where_both_can(relay, made, call_id, accepts):
    phone = made(kit.RtpPeer)
    other = made(webrtc.SdesPeer) if accepts else made(kit.RtpPeer)
    told = relay.told("offer", call_id=call_id, from_tag="a", sdp=phone.sdp(), OSRTP="offer")
    assert told.proto() == "RTP/AVP" and len(told.values("crypto")) == 4
    other.hear(told)
    answer = other.sdp(proto="RTP/AVP") if accepts else other.sdp()
    phone.hear(relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=answer))
    assert kit.relayed(phone, other) and kit.relayed(other, phone)


def test_osrtp_is_accepted_when_asked_for(relay, made, call_id):
    a, b = made(webrtc.SdesPeer), made(kit.RtpPeer)
    told = relay.told("offer", call_id=call_id, from_tag="a", sdp=a.sdp(proto="RTP/AVP"),
                      OSRTP="accept")
    assert "crypto" not in told.text
    b.hear(told)
    told = relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=b.sdp())
    assert told.proto() == "RTP/AVP"
    a.hear(told)
    assert kit.relayed(a, b) and kit.relayed(b, a)


def test_an_answer_without_a_key_passes_nothing(relay, made, call_id):
    a, b = made(kit.RtpPeer), made(kit.RtpPeer)
    kit.call(relay, a, b, call_id, {"transport-protocol": "RTP/SAVP"},
             answer_sdp=b.sdp(proto="RTP/SAVP"))
    assert not kit.relayed(a, b, 1) and not kit.relayed(b, a, 1)
