# SPDX-License-Identifier: Apache-2.0
"""A browser that speaks SIP over WebSocket, and a carrier, through Kamailio and the relay."""
import re
import time

import pytest

import proxy_kit
from media_browser import Page
from media_peers import HOST, KIND, Phone, Relay, needs
from media_sip import Kamailio, Scenario, Sipp
from processes import free_port

pytestmark = needs("kamailio", "sipp", "chromium",
                   *(["rtpengine"] if KIND == "rtpengine" else []))
STEP_S = 8


class Softphone:
    """SIP of a page, over its WebSocket (RFC 7118)."""

    def __init__(self, page, port, user):
        self.page, self.user = page, user
        self.at = f"{proxy_kit.Ids.next()}.invalid"
        self.call_id = proxy_kit.Ids.next()
        self.cseq = 0
        self.to, self.routes, self.uri = f"<sip:callee@{HOST}>", [], f"sip:callee@{HOST}"
        page.sip(f"ws://{HOST}:{port}/")

    def send(self, method, body="", headers=()):
        """Returns the branch."""
        if method != "ACK":
            self.cseq += 1
        branch = f"z9hG4bK{proxy_kit.Ids.next()}"
        lines = [f"{method} {self.uri} SIP/2.0", f"Via: SIP/2.0/WS {self.at};branch={branch}",
                 "Max-Forwards: 70", *(f"Route: {route}" for route in self.routes),
                 f"From: <sip:{self.user}@{HOST}>;tag=page", f"To: {self.to}",
                 f"Call-ID: {self.call_id}", f"CSeq: {self.cseq} {method}",
                 f"Contact: <sip:{self.user}@{self.at};transport=ws>", *headers,
                 f"Content-Length: {len(body)}", "", body]
        self.page.send("\r\n".join(lines))

    def receive(self, start):
        """The next message that begins so; provisional answers before it are passed over."""
        end = time.monotonic() + STEP_S
        while time.monotonic() < end:
            message = proxy_kit.Message(self.page.received().encode())
            if message.start.startswith(start):
                return message
            assert not message.start or message.start.startswith("SIP/2.0 1"), message.data
            time.sleep(0.01)
        raise AssertionError(f"no {start} comes")

    def register(self):
        self.to = f"<sip:{self.user}@{HOST}>"
        self.send("REGISTER", headers=["Expires: 60"])
        self.receive("SIP/2.0 200")

    def invite(self):
        """Calls, and takes what the answer says."""
        self.send("INVITE", self.page.offer(), ["Content-Type: application/sdp"])
        answer = self.receive("SIP/2.0 200")
        self.to = answer.first("To")
        self.routes = list(reversed(answer.all("Record-Route")))
        self.uri = answer.first("Contact").split("<")[1].split(">")[0]
        self.send("ACK")
        self.page.accept(answer.body.decode())

    def ring(self):
        """Takes the INVITE that comes. Returns it."""
        invite = self.receive("INVITE")
        self.page.send(proxy_kit.response(invite, 180, "Ringing", tag=self.at))
        return invite

    def accept(self, invite):
        """Answers it. Returns what was offered."""
        headers = [f"Contact: <sip:{self.user}@{self.at};transport=ws>",
                   "Content-Type: application/sdp"]
        offered = invite.body.decode()
        self.page.send(proxy_kit.response(invite, 200, "OK", headers, self.at,
                                          self.page.answer(offered)))
        self.receive("ACK")
        return offered

    def is_cancelled(self, invite):
        self.page.send(proxy_kit.response(self.receive("CANCEL"), 200, "OK", tag=self.at))
        self.page.send(proxy_kit.response(invite, 487, "Request Terminated", tag=self.at))
        self.receive("ACK")

    def bye(self):
        self.send("BYE")
        self.receive("SIP/2.0 200")

    def is_ended(self):
        self.page.send(proxy_kit.response(self.receive("BYE"), 200, "OK"))


@pytest.fixture(scope="module")
def world(programs, tmp_path_factory):
    """A relay and Kamailio with the configuration for browsers."""
    folder = tmp_path_factory.mktemp("webrtc")
    relay, websocket, carrier = Relay(programs, folder), free_port(HOST), free_port(HOST)
    kamailio = Kamailio("kamailio-webrtc.cfg", folder, [relay], carrier,
                        WEBSOCKET=f"tcp:{HOST}:{websocket}")
    kamailio.relay, kamailio.websocket, kamailio.carrier = relay, websocket, carrier
    yield kamailio
    kamailio.stop()
    assert relay.stop() == 0


@pytest.fixture
def ends(world, browser):
    """A browser's page and a carrier's telephone; after the call nothing is left in the relay."""
    page, phone = Page(browser), Phone()
    yield page, phone
    page.shut()
    phone.close()
    world.relay.assert_empty()


def assert_heard(page, phone):
    page.assert_hears(phone.hz)
    phone.assert_hears(page.hz)


def test_a_browser_calls_a_carrier(world, ends):
    page, phone = ends
    callee = Sipp(world.folder, Scenario(phone.port).invited().accept().ended(),
                  port=world.carrier)
    softphone = Softphone(page, world.websocket, "browser")
    softphone.invite()
    offered = callee.sdp(1)
    assert "RTP/AVP" in offered and "fingerprint" not in offered and "candidate" not in offered
    phone.answers(offered)
    assert_heard(page, phone)
    softphone.bye()
    callee.ends()
    callee.close()


def test_a_carrier_calls_a_browser_that_registered(world, ends):
    page, phone = ends
    softphone = Softphone(page, world.websocket, "callee")
    softphone.register()
    caller = Sipp(world.folder, Scenario(phone.port).invite().accepted().wait().bye(), world.port)
    offered = softphone.accept(softphone.ring())
    assert "UDP/TLS/RTP/SAVPF" in offered and "a=fingerprint:sha-256 " in offered
    phone.answers(caller.sdp(1))
    assert_heard(page, phone)
    caller.go()
    softphone.is_ended()
    caller.ends()
    caller.close()


def test_browsers_of_one_user_ring_together_and_one_is_heard(world, ends, browser):
    """Each branch has an offer of its own, and what it answers is told from the other's."""
    page, phone = ends
    softphones = [Softphone(each, world.websocket, "both") for each in (Page(browser, 700), page)]
    for each in softphones:
        each.register()
    caller = Sipp(world.folder, Scenario(phone.port).invite().accepted().wait().bye(), world.port,
                  user="both")
    invites = [each.ring() for each in softphones]
    ufrags = {re.search("a=ice-ufrag:(.*)", invite.body.decode()).group(1) for invite in invites}
    assert len(ufrags) == 2
    softphones[1].accept(invites[1])
    softphones[0].is_cancelled(invites[0])
    phone.answers(caller.sdp(1))
    assert_heard(page, phone)
    caller.go()
    softphones[1].is_ended()
    caller.ends()
    caller.close()
    softphones[0].page.shut()
