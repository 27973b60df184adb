# SPDX-License-Identifier: Apache-2.0
"""Relays that answer late, twice, to another's cookie, too much or by half: whatever they say, the
call goes on."""
import threading

import pytest

import media_kit
import media_proxy as mp
import proxy_kit as kit

pytest_plugins = "media_proxy_fixtures"

LIE = "v=0\r\no=liar 1 1 IN IP4 127.0.0.9\r\ns=-\r\n"


class Liar:
    """A relay's port; replies(cookie, command) are the datagrams that it answers a command with."""

    def __init__(self):
        self.end = kit.Udp("127.0.0.1")
        self.port = self.end.port
        self.replies, self.heard = lambda cookie, command: [], []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                data, peer = self.end.socket.recvfrom(65536)
            except OSError:
                return
            cookie, _, dictionary = data.partition(b" ")
            command = media_kit.bdecode(dictionary)
            self.heard.append((cookie, command))
            for message in self.replies(cookie, command):
                try:
                    self.end.socket.sendto(message, peer)
                except OSError:
                    return  # the test is over


def reply(cookie, **words):
    return cookie + b" " + media_kit.bencode({"result": "ok", **words})


@pytest.fixture(scope="module")
def liar():
    made = Liar()
    yield made
    made.end.close()


def offers(call):
    """Answers what is said of the offer, and nothing of all else."""
    return lambda cookie, command: call(cookie) if command["command"] == "offer" else []


@pytest.mark.parametrize("replies, media", [
    (lambda cookie: [reply(cookie, sdp="a" * 60000)], "failed:bad_reply"),
    (lambda cookie: [reply(cookie, sdp=LIE)[:-3]], "failed:bad_reply"),
    (lambda cookie: [reply(cookie, sdp="")], "failed:no_sdp"),
    (lambda cookie: [reply(cookie[:-1] + b"x", sdp=LIE), reply(b"", sdp=LIE)], "failed:timeout"),
    (lambda cookie: [reply(cookie, sdp=LIE)] * 3, "relayed"),
], ids=["huge", "half", "empty", "another cookie", "twice"])
def test_whatever_a_relay_says_the_call_goes_on(start, liar, ends, phones, replies, media):
    liar.replies = offers(replies)
    proxy = start("terminating", [liar], ("rtp", "rtp"), "timeout = 300ms\n")
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    assert invite.body.decode() == (LIE if media == "relayed" else phones[0].sdp())
    assert call.reply("callee", invite, 486).status == 486
    assert proxy.line(call.call_id)["media"] == media
    liar.replies = lambda cookie, command: [reply(cookie)]


def test_more_responses_than_can_wait_for_the_relay_never_pass_it(start, liar, ends, phones):
    """The final response is the one that counts: it waits in the place of a provisional one."""
    liar.replies = offers(lambda cookie: [reply(cookie, sdp=LIE)])
    proxy = start("terminating", [liar], ("rtp", "rtp"), "timeout = 900ms\n")
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    for n in range(30):
        body = phones[1].sdp().replace("s=", f"s={n}")
        ends["callee"].send(kit.response(invite, 183, "X", [mp.SDP], "tag-callee", body), proxy.to)
    ends["callee"].send(kit.response(invite, 486, "Busy", [], "tag-callee"), proxy.to)
    while not ends["callee"].receive().start.startswith("ACK"):
        pass  # the proxy has them all
    liar.replies = lambda cookie, command: [reply(cookie, sdp=LIE)]  # when it is asked again
    got = []
    while not got or got[-1].status != 486:
        got.append(ends["foreign"].receive())
        assert got[-1] is not None
    early = [response for response in got if response.status == 183]
    assert len(early) == 15
    assert {response.body.decode() for response in early} == {LIE}


def test_a_reply_after_failover_changes_nothing_and_a_reinvite_stays_where_the_call_is(
        start, liar, relay, ends, phones):
    """The first relay answers when its time is spent, and the second has the call."""
    late = []
    liar.heard.clear()
    liar.replies = lambda cookie, command: late.append(cookie) or []
    proxy = start("terminating", [liar, relay], ("rtp", "rtp"), "timeout = 300ms\n")
    a, b = phones
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", a.sdp())
    assert invite.body.decode() not in (a.sdp(), LIE)
    liar.replies = lambda cookie, command: [reply(cookie, sdp=LIE) for cookie in {*late, cookie}]
    ok = call.reply("callee", invite, 200, b.sdp())
    assert ok.body.decode() not in (b.sdp(), LIE)
    call.request("caller", "ACK", cseq=call.cseq)
    told = {command["command"] for _, command in liar.heard}
    assert told == {"offer", "delete"}, "it may hold ports for the call"
    again = call.request("callee", "INVITE", b.sdp())
    assert again.body.decode() not in (b.sdp(), LIE)
    assert call.reply("caller", again, 200, a.sdp()).body.decode() not in (a.sdp(), LIE)
    call.request("callee", "ACK", cseq=call.cseq)
    assert relay.ng.ask("list")["calls"] == [call.call_id]
    assert "answer" not in {command["command"] for _, command in liar.heard}
    call.hang_up()
    assert mp.gone(relay, call.call_id)
