# SPDX-License-Identifier: Apache-2.0
"""A real browser calls a plain telephone through the relay, and is called by it."""
import itertools
import re
import time

import pytest

from media_browser import Page
from media_peers import KIND, Phone, Relay, media, needs, needs_attestel
from port_kit import OURS

pytestmark = needs("chromium", *(["rtpengine"] if KIND == "rtpengine" else []))

# What proxies ask for towards a browser, and towards a carrier.
WEBRTC = {"transport_protocol": "UDP/TLS/RTP/SAVPF", "ICE": "force", "rtcp_mux": ["offer"],
          "SDES": ["off"], "flags": ["generate-mid"], "replace": ["origin"]}
CARRIER = {"transport_protocol": "RTP/AVP", "ICE": "remove", "rtcp_mux": ["demux"],
           "replace": ["origin"]}
PHONE_HZ, PAGE_HZ = 440, 1000


def with_own_ports_too(test):
    """Browsers share one port; this test is run where each has ports of its own as well."""
    test.own_ports = True
    return test


def pytest_generate_tests(metafunc):
    if KIND == "rtpengine":
        kinds = ["own"]
    else:
        kinds = ["shared", "own"] if hasattr(metafunc.function, "own_ports") else ["shared"]
    metafunc.parametrize("relay", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def relay(request, programs, tmp_path_factory):
    settings = {"webrtc_port": OURS.reserve(16)} if request.param == "shared" else {}
    running = Relay(programs, tmp_path_factory.mktemp("relay"), **settings)
    yield running
    assert running.stop() == 0, running.text()[-3000:]


class Call:
    """What a proxy between the two tells the relay."""
    count = itertools.count(1)

    def __init__(self, relay, page, phone):
        self.relay, self.page, self.phone = relay, page, phone
        self.id = f"browser-{next(Call.count)}"
        self.answered = False

    def ask(self, command, sdp, by, to=None, **keys):
        reply = self.relay.ng.ask(command, call_id=self.id, sdp=sdp, from_tag=by, to_tag=to,
                                  received_from=["IP4", "127.0.0.1"], **keys)
        assert reply["result"] == "ok", reply
        return reply["sdp"]

    def from_page(self, offer=None, answer=None, to_browser=None, **keys):
        """An (re-)INVITE of the page. Returns what the telephone and what the page are told."""
        offered = self.ask("offer", offer or self.page.offer(), "page",
                           "phone" if self.answered else None, **{**CARRIER, **keys})
        self.phone.answers(offered)
        self.answered = True
        answered = self.ask("answer", answer or self.phone.sdp(), "page", "phone",
                            **{**WEBRTC, **(to_browser or {})})
        self.page.accept(answered)
        return offered, answered

    def from_phone(self, offer=None, to_browser=None, **keys):
        """An (re-)INVITE of the telephone. Returns what the page and the telephone are told."""
        offered = self.ask("offer", offer or self.phone.sdp(), "phone",
                           "page" if self.answered else None, **{**WEBRTC, **(to_browser or {})})
        self.answered = True
        answered = self.ask("answer", self.page.answer(offered), "phone", "page",
                            **{**CARRIER, **keys})
        self.phone.answers(answered)
        return offered, answered

    def assert_heard(self):
        """Both ways, as tones out of the decoders."""
        self.page.assert_hears(self.phone.hz)
        self.phone.assert_hears(self.page.hz)

    def assert_sees(self):
        """Pictures reach the telephone, and what it sends back is decoded by the page."""
        self.page.assert_sees()
        assert self.phone.video_packets > 0

    def query(self):
        return self.relay.ng.ask("query", call_id=self.id)


@pytest.fixture
def calls(relay, browser):
    """calls(codec, video) makes the ends of a call; at its end nothing is left in the relay."""
    made = []

    def make(codec="PCMU", video=False):
        made.append(Call(relay, Page(browser, PAGE_HZ), Phone(PHONE_HZ, codec, video)))
        return made[-1]
    yield make
    for call in made:
        relay.ng.ask("delete", call_id=call.id, from_tag="page", delete_delay=0)
        call.page.shut()
        call.phone.close()
    relay.assert_empty()


def attribute(sdp, name):
    return re.findall(rf"^a={name}:(\S+)", sdp, re.M)


def fingerprint(sdp):
    return re.search(r"^a=fingerprint:(.*?)\s*$", sdp, re.M).group(1)


@with_own_ports_too
@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_browser_that_calls_a_telephone_is_heard_and_hears(calls, codec):
    call = calls(codec)
    call.from_page()
    call.assert_heard()


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_a_telephone_that_calls_a_browser_is_heard_and_hears(calls, codec):
    call = calls(codec)
    offered, _ = call.from_phone()
    assert "UDP/TLS/RTP/SAVPF" in offered and "a=rtcp-mux" in offered
    call.assert_heard()


def named_by_mdns(sdp):
    return re.sub(r"(a=candidate:(?:\S+ ){4})\S+", r"\g<1>3c5f9e4a-7d0b-4a56-9a44.local", sdp)


def without_candidates(sdp):
    return re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", sdp)


@pytest.mark.parametrize("hide", [named_by_mdns, without_candidates])
def test_addresses_that_a_browser_hides_are_learned_from_its_checks(calls, hide):
    call = calls()
    call.from_page(re.sub(r"(m=audio) \d+", r"\1 9", hide(call.page.offer())))
    call.assert_heard()


@pytest.mark.parametrize("ours,theirs", [("passive", "client"), ("active", "server")])
def test_dtls_runs_in_the_role_that_the_proxy_asks_for(calls, ours, theirs):
    call = calls()
    call.from_page(DTLS_reverse=ours, to_browser={"DTLS": ours})
    assert call.page.assert_state(all="connected")["role"] == theirs
    call.assert_heard()


@needs_attestel
def test_as_server_the_relay_takes_the_suite_that_costs_least(calls):
    call = calls()
    call.from_page(to_browser={"DTLS": "passive"})
    assert call.page.assert_state(all="connected")["suite"] == "SRTP_AEAD_AES_128_GCM"


@with_own_ports_too
def test_an_ice_restart_changes_credentials_and_the_call_goes_on(calls):
    call = calls()
    _, first = call.from_page()
    call.assert_heard()
    _, second = call.from_page(call.page.offer({"iceRestart": True}))
    assert attribute(first, "ice-ufrag") != attribute(second, "ice-ufrag")
    assert attribute(first, "ice-pwd") != attribute(second, "ice-pwd")
    assert fingerprint(first) == fingerprint(second)
    call.page.assert_state(all="connected", dtls="connected")
    call.page.assert_hears_anew(call.phone.hz)
    call.phone.assert_hears(call.page.hz)


def test_an_offer_again_keeps_credentials_and_certificate(calls):
    call = calls()
    _, first = call.from_page()
    call.assert_heard()
    _, second = call.from_page()
    for name in ("ice-ufrag", "ice-pwd", "fingerprint", "setup"):
        assert attribute(first, name) == attribute(second, name), name
    call.assert_heard()


@with_own_ports_too
def test_a_new_connection_with_another_certificate_takes_over(calls):
    """A page that is loaded anew re-INVITEs: other ICE credentials, another certificate."""
    call = calls()
    first = call.page.offer()
    call.from_page(first)
    call.assert_heard()
    call.page.make(call.page.hz)
    second = call.page.offer()
    assert fingerprint(first) != fingerprint(second)
    call.from_page(second)
    call.page.assert_state(all="connected")
    call.assert_heard()


def test_hold_by_direction_stops_the_held_side_only(calls):
    call = calls()
    call.from_phone()
    call.assert_heard()
    offered, answered = call.from_phone(call.phone.sdp("sendonly", version=2))
    assert "a=sendonly" in offered and "a=recvonly" in answered
    call.page.assert_hears_anew(call.phone.hz)
    call.phone.assert_hears_nothing()
    call.from_phone(call.phone.sdp("sendrecv", version=3))
    call.assert_heard()


def test_hold_by_the_page_stops_the_telephone_at_the_relay(calls):
    call = calls()
    call.from_page()
    call.assert_heard()
    call.page.direction("audio", "sendonly")
    offered, _ = call.from_page(answer=call.phone.sdp("recvonly", version=2))
    assert "a=sendonly" in offered
    call.phone.assert_hears(call.page.hz)
    call.page.direction("audio", "sendrecv")
    call.from_page(answer=call.phone.sdp("sendrecv", version=3))
    call.assert_heard()


def test_video_is_added_and_taken_out_while_audio_goes_on(calls):
    call = calls(video=True)
    call.from_page(answer=call.phone.sdp(video=False).split("m=video")[0])
    call.assert_heard()
    call.page.addVideo()
    offered, _ = call.from_page()
    assert media(offered)["video"] != 0
    call.assert_sees()
    call.assert_heard()
    call.page.removeVideo()
    offered, _ = call.from_page(answer=call.phone.sdp(video=False, version=3))
    assert media(offered)["video"] == 0
    call.assert_heard()


@with_own_ports_too
@needs_attestel
def test_bundled_audio_and_video_share_one_transport(calls):
    call = calls(video=True)
    call.page.addVideo()
    _, answered = call.from_page(call.page.offer())
    ports = media(answered)
    assert re.search(r"^a=group:BUNDLE \S+ \S+", answered, re.M)
    assert ports["audio"] == ports["video"]
    call.assert_sees()
    call.assert_heard()


@needs_attestel
def test_a_telephone_without_bundle_gets_two_ports_and_no_mid_extension(calls):
    call = calls(video=True)
    call.page.addVideo()
    offered, _ = call.from_page()
    ports = media(offered)
    assert ports["audio"] != ports["video"] and "BUNDLE" not in offered
    assert "urn:ietf:params:rtp-hdrext:sdes:mid" not in offered


@needs_attestel
def test_a_certificate_that_the_passport_signed_is_bound(calls):
    call = calls()
    offer = call.page.offer()
    call.from_page(offer, media_identity=[fingerprint(offer)])
    call.assert_heard()
    assert call.query()["tags"]["page"]["media identity"] == "bound"


@pytest.fixture
def pages(relay, browser):
    """Two pages that call each other; the call's name is theirs."""
    made = Page(browser, 440), Page(browser, 1000)
    yield made
    relay.ng.ask("delete", call_id=made[0].name, from_tag="a", delete_delay=0)
    for page in made:
        page.shut()
    relay.assert_empty()


@pytest.fixture
def meeting(relay, pages):
    """A call between them, with pictures."""
    a, b = pages
    for page in pages:
        page.addVideo()
    told = {"call_id": a.name, "from_tag": "a", **WEBRTC}
    offered = relay.ng.ask("offer", sdp=a.offer(), **told)["sdp"]
    a.accept(relay.ng.ask("answer", to_tag="b", sdp=b.answer(offered), **told)["sdp"])
    return pages


@with_own_ports_too
def test_two_browsers_hear_and_see_each_other(meeting):
    a, b = meeting
    a.assert_hears(b.hz)
    b.assert_hears(a.hz)
    a.assert_sees()
    b.assert_sees()


def test_rtcp_of_one_browser_reaches_the_other(meeting):
    """Each measures round trips by the other's reports of its pictures."""
    end = time.monotonic() + 8
    while not all((told := [page.state()["roundTrips"] for page in meeting])):
        assert time.monotonic() < end, f"round trips that each measured: {told}"
        time.sleep(0.05)


@needs_attestel
def test_without_a_signed_fingerprint_the_call_is_unbound(calls):
    call = calls()
    call.from_page()
    call.assert_heard()
    assert call.query()["tags"]["page"]["media identity"] == "unbound"


def another(signed):
    return signed[:-2] + ("00" if signed[-2:] != "00" else "01")


def assert_mismatch(call):
    """The handshake ends well, and nothing passes either way."""
    call.page.assert_state(dtls="connected")
    call.phone.assert_hears_nothing(1.5)
    assert call.phone.heard == []
    assert call.page.state()["audio"] == 0
    assert call.query()["tags"]["page"]["media identity"] == "mismatch"


@with_own_ports_too
@needs_attestel
def test_a_certificate_that_nobody_signed_is_a_mismatch_and_no_byte_passes(calls):
    call = calls()
    offer = call.page.offer()
    call.from_page(offer, media_identity=[another(fingerprint(offer))])
    assert_mismatch(call)


@needs_attestel
def test_of_who_answers_too_a_certificate_that_nobody_signed_is_a_mismatch(calls):
    call = calls()
    other = "sha-256 " + ":".join(["5A"] * 32)
    call.from_phone(media_identity=[other])
    assert_mismatch(call)
