# SPDX-License-Identifier: Apache-2.0
"""Calls that end as none should, limits, and drain: whatever happens, every port comes back."""
import collections
import os
import random
import signal
import time

import pytest

import media_kit as kit
import media_webrtc as webrtc

CALLS = int(os.environ.get("ATTESTEL_MEDIA_CALLS", "10000"))
BATCH = 500


class Storm:
    """Commands without waiting for each reply; results are counted."""

    def __init__(self, relay):
        self.ng, self.waiting = relay.ng, set()
        self.results = collections.Counter()

    def ask(self, command, **keys):
        message = {k.replace("_", "-"): v for k, v in keys.items()}
        self.waiting.add(self.ng.send({**message, "command": command}))
        while len(self.waiting) > 32:
            self.take()

    def take(self):
        data = self.ng.socket.recv(65536)
        cookie, _, body = data.partition(b" ")
        reply = kit.bdecode(body)
        self.waiting.discard(cookie.decode())
        self.results[reply["result"]] += 1
        if reply["result"] == "error":
            self.results[reply["error-reason"]] += 1

    def finish(self):
        while self.waiting:
            self.take()


BROWSER = webrtc.Browser().sdp()
PLAIN, HELD = kit.sdp(4000), kit.sdp(4000, lines="a=inactive\r\n")
VIDEO = kit.m_line(4010, media="video", codecs=("96", "a=rtpmap:96 VP8/90000\r\n"))


def never_answered(s, one):
    s.ask("offer", **one, sdp=PLAIN + VIDEO)


def never_deleted(s, one):
    s.ask("offer", **one, sdp=PLAIN)
    s.ask("answer", **one, to_tag="b", sdp=PLAIN)


def deleted_before_the_answer(s, one):
    s.ask("offer", **one, sdp=PLAIN)
    s.ask("delete", **one)
    s.ask("answer", **one, to_tag="b", sdp=PLAIN)


def deleted_twice(s, one):
    never_deleted(s, one)
    s.ask("delete", **one)
    s.ask("delete", **one, to_tag="b")


def both_re_offer(s, one):
    never_deleted(s, one)
    s.ask("offer", **{**one, "from-tag": "b"}, to_tag="a", sdp=HELD)
    s.ask("offer", **one, to_tag="b", sdp=PLAIN + VIDEO)
    s.ask("answer", **one, to_tag="b", sdp=PLAIN)


def a_fork_that_nobody_answers(s, one):
    for branch in ("1", "2", "3"):
        s.ask("offer", **one, via_branch=branch, sdp=PLAIN)
    s.ask("delete", **one, via_branch="2")


def a_browser_that_never_comes(s, one):
    s.ask("offer", **one, sdp=BROWSER, ICE="remove", **{"transport-protocol": "RTP/AVP"})
    s.ask("answer", **one, to_tag="b", sdp=PLAIN, ICE="force")


def an_offer_to_a_browser_that_is_gone(s, one):
    s.ask("offer", **one, sdp=PLAIN, flags=["WebRTC"])
    s.ask("delete", **one, delete_delay=1)


def a_broken_re_offer(s, one):
    never_deleted(s, one)
    s.ask("offer", **one, to_tag="b", sdp="v=0 nonsense")
    s.ask("offer", **one, to_tag="b", sdp=PLAIN, **{"media identity": ["sha256 zz"]})


def a_listener_that_stays(s, one):
    never_deleted(s, one)
    s.ask("subscribe request", **one, to_tag="ear")
    s.ask("delete", **one, to_tag="b")


def the_last_m_line_is_dropped(s, one):
    never_deleted(s, one)
    s.ask("offer", **one, to_tag="b", sdp=kit.sdp(0))
    s.ask("answer", **one, to_tag="b", sdp=kit.sdp(0))


def a_broken_first_offer(s, one):
    s.ask("offer", **one, sdp=PLAIN, **{"media identity": ["sha256 zz"]})


ENDINGS = [never_answered, never_deleted, deleted_before_the_answer, deleted_twice, both_re_offer,
           a_fork_that_nobody_answers, a_browser_that_never_comes,
           an_offer_to_a_browser_that_is_gone, a_broken_re_offer, a_listener_that_stays,
           the_last_m_line_is_dropped, a_broken_first_offer]


def relay_with(tmp_path, **options):
    return kit.Relay(tmp_path, **options).start()


def test_ten_thousand_calls_that_end_badly_leave_no_port_behind(tmp_path):
    relay = relay_with(tmp_path, ports=4000, webrtc=True, offer_timeout="1s", media_timeout="1s",
                       silent_timeout="1s", delete_delay="0s")
    storm, rng = Storm(relay), random.Random(7)
    for first in range(0, CALLS, BATCH):
        for i in range(first, first + BATCH):
            rng.choice(ENDINGS)(storm, {"call-id": f"c{i}", "from-tag": "a"})
        storm.finish()
        kit.wait_until(lambda: relay.ports_used() < 1000)
    kit.wait_until(lambda: relay.ng.ask("list")["calls"] == [])
    assert relay.ports_used() == 0
    assert storm.results["ok"] > CALLS and storm.results["Ran out of ports"] == 0
    begun = relay.metric("attestel_media_calls_begun_total")
    ended = {reason: relay.metric(f'attestel_media_calls_ended_total{{reason="{reason}"}}')
             for reason in ("delete", "media_timeout", "silent_timeout", "offer_timeout",
                            "failed_offer")}
    assert sum(ended.values()) == begun >= CALLS * 0.9
    assert min(ended.values()) > 0, ended
    assert relay.stop() == 0, relay.logged()[-2000:]


def test_a_call_without_media_ends_and_one_with_media_does_not(tmp_path):
    relay = relay_with(tmp_path, media_timeout="1s", delete_delay="0s")
    a, b, quiet = kit.RtpPeer(), kit.RtpPeer(), kit.RtpPeer()
    kit.call(relay, a, b, "talks")
    kit.call(relay, quiet, b, "quiet")
    a.hear(kit.Told(relay.ng.ask("answer", call_id="talks", from_tag="a", to_tag="b",
                                 sdp=b.sdp())["sdp"]))
    end = time.monotonic() + 3
    while time.monotonic() < end:
        a.send()
        time.sleep(0.1)
    assert relay.ng.ask("list")["calls"] == ["talks"]
    assert 'call_id=quiet reason=media_timeout' in relay.logged()
    kit.wait_until(lambda: relay.ng.ask("list")["calls"] == [])
    assert relay.ports_used() == 0 and relay.stop() == 0


def test_a_call_on_hold_is_waited_for_longer(tmp_path):
    relay = relay_with(tmp_path, media_timeout="1s", silent_timeout="3s", delete_delay="0s")
    a, b = kit.RtpPeer(), kit.RtpPeer()
    kit.call(relay, a, b, "held", offer_sdp=a.sdp(lines="a=inactive\r\n"),
             answer_sdp=b.sdp(lines="a=inactive\r\n"))
    begun = time.monotonic()
    kit.wait_until(lambda: relay.ng.ask("list")["calls"] == [])
    assert 2.5 < time.monotonic() - begun < 6
    assert "reason=silent_timeout" in relay.logged()
    assert relay.stop() == 0


def test_a_lifetime_ends_a_call_that_talks(tmp_path):
    relay = relay_with(tmp_path, lifetime="1s", delete_delay="0s")
    a, b = kit.RtpPeer(), kit.RtpPeer()
    kit.call(relay, a, b, "long")
    kit.wait_until(lambda: a.send() and relay.ng.ask("list")["calls"] == [])
    assert "reason=lifetime" in relay.logged() and relay.stop() == 0


@pytest.mark.parametrize("supports, reply", [
    (["load limit"], {"result": "load limit", "message": "Parallel session limit reached"}),
    ([], {"result": "error", "error-reason": "Parallel session limit reached"})])
def test_one_call_more_than_allowed_is_sent_to_another_relay(tmp_path, supports, reply):
    relay = relay_with(tmp_path, max_calls=1, delete_delay="0s")
    one = {"call_id": "1", "from_tag": "a", "sdp": PLAIN}
    assert relay.ng.ask("offer", **one)["result"] == "ok"
    assert relay.ng.ask("offer", **{**one, "call_id": "2"}, supports=supports) == reply
    assert relay.ng.ask("offer", **one)["result"] == "ok", "the one that runs goes on"
    relay.ng.ask("delete", call_id="1")
    assert relay.ng.ask("offer", **{**one, "call_id": "2"})["result"] == "ok"
    assert relay.metric('attestel_media_calls_refused_total{limit="calls"}') == 1
    relay.ng.ask("delete", call_id="2")
    assert relay.stop() == 0


def test_without_a_port_the_offer_is_refused_and_holds_none(tmp_path):
    relay = relay_with(tmp_path, ports=6, interfaces="127.0.0.1", delete_delay="0s")
    one = {"from_tag": "a", "sdp": PLAIN}
    assert relay.ng.ask("offer", call_id="1", **one)["result"] == "ok"
    assert relay.ng.ask("offer", call_id="2", **one) == {
        "result": "error", "error-reason": "Ran out of ports"}
    assert relay.ports_used() == 2 and relay.ng.ask("list")["calls"] == ["1"]
    relay.ng.ask("delete", call_id="1")
    assert relay.ng.ask("offer", call_id="2", **one)["result"] == "ok"
    relay.ng.ask("delete", call_id="2")
    assert relay.ports_used() == 0 and relay.stop() == 0


def test_drain_refuses_new_calls_and_lets_those_that_run_end(tmp_path):
    relay = relay_with(tmp_path, delete_delay="0s", drain="20s")
    a, b = kit.RtpPeer(), kit.RtpPeer()
    kit.call(relay, a, b, "runs")
    relay.process.send_signal(signal.SIGTERM)

    def refuses():
        reply = relay.ng.ask("offer", call_id="new", from_tag="a", sdp=PLAIN,
                             supports=["load limit"])
        relay.ng.ask("delete", call_id="new")  # it came before the signal was heard
        return reply == {"result": "load limit", "message": "Parallel session limit reached"}
    kit.wait_until(refuses)
    assert kit.relayed(a, b) and kit.relayed(b, a)
    assert relay.ng.ask("offer", call_id="runs", from_tag="a", to_tag="b",
                        sdp=a.sdp())["result"] == "ok", "a re-INVITE is none"
    relay.ng.ask("delete", call_id="runs", from_tag="a")
    assert relay.process.wait(10) == 0
