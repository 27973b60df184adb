# SPDX-License-Identifier: Apache-2.0
"""What an answer of the relay says of an offer, and of one that takes the place of another."""
import pytest

import media_kit as kit
import media_webrtc as webrtc

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
AT = "c=IN IP4 127.0.0.1\r\n"
VIDEO = "a=rtpmap:96 VP8/90000\r\n"
PLAIN = HEAD + f"m=audio 40010 RTP/AVP 0\r\n{AT}m=video 40012 RTP/AVP 96\r\n{AT}{VIDEO}"
TO_CARRIER = {"transport-protocol": "RTP/AVP", "ICE": "remove"}
FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\n"
DTLS = ("a=ice-ufrag:abcd\r\na=ice-pwd:" + "x" * 24 + "\r\n" + FINGERPRINT +
        "a=setup:actpass\r\n")


@pytest.fixture(scope="module", name="relay")
def relay_fixture(tmp_path_factory):
    directory = tmp_path_factory.mktemp("media")
    relay = kit.Relay(directory, ports=100, interfaces="127.0.0.1", record_dir=directory).start()
    yield relay
    for call_id in relay.ng.ask("list")["calls"]:
        relay.ng.ask("delete", call_id=call_id, from_tag="a", **{"delete-delay": 0})
    assert relay.stop() == 0


def agree(relay, call_id, offer, answer, **keys):
    """What the callee, and then the caller is told."""
    return (relay.told("offer", call_id=call_id, from_tag="a", sdp=offer, **keys),
            relay.told("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=answer))


def test_rfc9143_a_bundle_only_m_line_has_all_of_its_transport_from_the_tagged_one(relay):
    """Browsers with bundlePolicy max-bundle say ICE and DTLS once."""
    offer = (HEAD + "a=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n"
             f"a=mid:0\r\n{DTLS}a=rtcp-mux\r\na=sendrecv\r\n"
             "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=bundle-only\r\n"
             f"{VIDEO}a=sendrecv\r\n")
    to_b, to_a = agree(relay, "tagged", offer, PLAIN, **TO_CARRIER)
    assert "a=group:BUNDLE 0 1\r\n" in to_a.head
    assert to_a.port(0) == to_a.port(1) != 0
    assert "a=sendrecv\r\n" in to_b.medias[1] and "0.0.0.0" not in to_b.text, "no hold"


def test_rfc9143_a_group_names_no_m_line_that_the_offer_did_not_group(relay):
    offer = (HEAD + f"a=group:BUNDLE 0\r\nm=audio 40000 UDP/TLS/RTP/SAVPF 0\r\n{AT}a=mid:0\r\n"
             f"{DTLS}a=rtcp-mux\r\nm=video 40002 UDP/TLS/RTP/SAVPF 96\r\n{AT}a=mid:1\r\n{DTLS}"
             f"{VIDEO}")
    _, to_a = agree(relay, "group", offer, PLAIN, **TO_CARRIER)
    assert "a=group:BUNDLE 0\r\n" in to_a.head
    assert to_a.port(0) != to_a.port(1) != 0


def test_rfc4568_a_secured_m_line_without_a_key_that_can_be_taken_is_refused(relay):
    offer = (HEAD + f"m=audio 40000 RTP/SAVP 0\r\n{AT}a=crypto:1 F8_128_HMAC_SHA1_80 "
             "inline:MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm\r\n")
    answer = HEAD + f"m=audio 40010 RTP/AVP 0\r\n{AT}"
    _, to_a = agree(relay, "no key", offer, answer, **{"transport-protocol": "RTP/AVP"})
    assert to_a.port() == 0


def test_rfc4145_who_offers_dtls_without_a_role_is_active_and_we_are_passive(relay):
    offer = (HEAD + f"m=audio 40000 UDP/TLS/RTP/SAVP 0\r\n{AT}" +
             DTLS.replace("a=setup:actpass\r\n", ""))
    answer = HEAD + f"m=audio 40010 RTP/AVP 0\r\n{AT}"
    _, to_a = agree(relay, "no role", offer, answer, **TO_CARRIER)
    assert to_a.values("setup") == ["passive"]


def test_rfc8839_a_mismatch_of_one_side_s_ice_is_not_told_beside_ours(relay):
    ice = "a=ice-ufrag:abcd\r\na=ice-pwd:" + "x" * 24 + "\r\n"
    offer = HEAD + f"a=ice-pacing:50\r\nm=audio 40000 RTP/AVP 0\r\n{AT}{ice}"
    answer = HEAD + f"m=audio 40010 RTP/AVP 0\r\n{AT}a=ice-mismatch\r\n"
    to_b, to_a = agree(relay, "mismatch", offer, answer)
    assert "ice-pacing" not in to_b.text
    assert "ice-mismatch" not in to_a.text and to_a.values("ice-ufrag")


def test_rfc3264_an_m_line_in_the_place_of_a_rejected_one_is_secured_as_it_came(relay):
    def sdp(peer, video):
        text = HEAD + f"m=audio {peer} RTP/SAVP 0\r\n{AT}{keys.line()}"
        return text + (f"m=video {peer + 2} RTP/SAVP 96\r\n{AT}{VIDEO}{keys.line()}" if video
                       else "m=video 0 RTP/SAVP 96\r\n")

    keys = webrtc.SdesPeer()
    agree(relay, "place", sdp(40000, True), sdp(40010, False))
    to_a = relay.told("offer", call_id="place", from_tag="b", to_tag="a", sdp=sdp(40010, True))
    assert to_a.port(1) != 0 and to_a.values("crypto", 1)
    to_b = relay.told("answer", call_id="place", from_tag="b", to_tag="a", sdp=sdp(40000, True))
    assert to_b.port(1) != 0 and len(to_b.values("crypto", 1)) == 1


def test_an_answer_that_is_refused_begins_no_recording(relay):
    offer = HEAD + f"m=audio 40000 RTP/AVP 0\r\n{AT}"
    relay.told("offer", call_id="tape", from_tag="a", sdp=offer)
    keys = {"call_id": "tape", "from_tag": "a", "to_tag": "b", "sdp": offer}
    refused = relay.ng.ask("answer", **keys, **{"media identity": [{"alg": "x", "dig": "y"}],
                                                "record call": "yes", "flags": ["detect-DTMF"]})
    assert refused["result"] == "error", refused
    assert not list(relay.directory.glob("*.pcap"))
    relay.told("answer", **keys, **{"record call": "yes"})
    assert len(list(relay.directory.glob("*.pcap"))) == 1
