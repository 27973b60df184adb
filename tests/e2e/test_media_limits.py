# SPDX-License-Identifier: Apache-2.0
"""Limits of ports and processors: a client that knows "load limit" hears it, another an error."""
import itertools

import pytest

import media_kit as kit

SDP = kit.sdp(5000)


@pytest.fixture
def relay_with(tmp_path):
    """relay_with(**options) starts a relay that is ended with the test."""
    running = []

    def start(**options):
        running.append(kit.Relay(tmp_path, delete_delay="0s", **options).start())
        return running[-1]
    yield start
    for relay in running:
        for call_id in relay.ng.ask("list", limit=100)["calls"]:
            relay.ng.ask("delete", call_id=call_id)
        assert relay.ports_used() == 0
        assert relay.stop() == 0


def offer(relay, call_id, **keys):
    return relay.ng.ask("offer", call_id=call_id, from_tag="a", sdp=SDP, **keys)


def test_beyond_the_share_of_ports_new_calls_are_refused(relay_with):
    relay = relay_with(ports=20, interfaces="127.0.0.1", max_ports=40)
    for call_id in "12":
        assert offer(relay, call_id)["result"] == "ok"
    assert offer(relay, "3", supports=["load limit"]) == {
        "result": "load limit", "message": "Load limit exceeded"}
    assert offer(relay, "3") == {"result": "error", "error-reason": "Ran out of ports"}
    assert offer(relay, "1", supports=["load limit"])["result"] == "ok", "what runs goes on"
    assert relay.metric('attestel_media_calls_refused_total{limit="ports"}') == 2
    assert relay.ng.ask("delete", call_id="1")["result"] == "ok"
    assert offer(relay, "3")["result"] == "ok"


def test_while_the_processors_are_busy_new_calls_are_refused(relay_with):
    relay = relay_with(max_cpu=1)
    assert offer(relay, "first")["result"] == "ok", "nothing is measured yet"
    ids = (f"more-{n}" for n in itertools.count())
    for supports, refusal in (
            (["load limit"], {"result": "load limit", "message": "CPU usage limit exceeded"}),
            ([], {"result": "error", "error-reason": "Parallel session limit reached"})):
        kit.wait_until(lambda: sum(range(4000000)) and offer(
            relay, next(ids), supports=supports) == refusal, timeout=20)
    assert offer(relay, "first")["result"] == "ok", "what runs goes on"
    assert relay.metric('attestel_media_calls_refused_total{limit="cpu"}') >= 2
