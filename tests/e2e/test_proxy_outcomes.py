# SPDX-License-Identifier: Apache-2.0
"""That an announced call was answered reaches the registry however late it listens, once, and no
call waits for it; where it cannot be told, that is bounded and counted."""
import re
import time

import proxy_kit as kit
import pytest
from away_kit import (DENTAL, Relay, a_stage, brand_of, come_back, fetch_certificate, go_away,
                      signed, through, wait_for)
from registry_kit import engines
from test_proxy_stir import CALLED, Extra, call, via_of

TOLD = 'attestel_proxy_outcomes_total{result="%s"}'
TRIED = 'attestel_proxy_registry_total{question="outcome",answer="%s"}'
WAITING = "attestel_proxy_outcomes_waiting"
PROMPT = 0.5  # seconds for a call, where the registry takes longer


class SlowRelay(Relay):
    """A way to the registry on which only the answers to outcomes are late: the registry itself has
    acted by then."""

    delay = 1.0

    def pump(self, source, sink):
        asked = self.asked
        try:
            while data := source.recv(65536):
                if b"POST /v1/outcomes" in data:
                    asked.add(sink)
                if source in asked:
                    asked.discard(source)
                    time.sleep(self.delay)
                sink.sendall(data)
        except OSError:
            return

    def __init__(self, to):
        self.asked = set()  # ends at the registry that owe an answer to an outcome
        super().__init__(to)


@pytest.fixture(scope="module", params=engines())
def stage(programs, request):
    yield from a_stage(programs, request.param)


@pytest.fixture
def away(stage):
    yield lambda: go_away(stage)
    if "registry" not in stage.running:
        come_back(stage)


@pytest.fixture
def relay(stage):
    made = Relay(stage.at["api"])
    yield made
    made.cut()


@pytest.fixture
def slow(stage):
    made = SlowRelay(stage.at["api"])
    yield made
    made.cut()


def registry_options(*lines):
    """A budget that a busy machine keeps, and more lines."""
    return "[registry]", "\n".join(("[registry]", "budget = 1s", *lines))


def announce(stage, text):
    return stage.post("/v1/intents", {"from": DENTAL, "to": CALLED, "code": "appointment",
                                      "text": text})["id"]


def ring(stage, ends, proxy, text="Monday"):
    """An announced call that rings, labelled: its announcement's id, and the INVITE."""
    intent = announce(stage, text)
    call(ends, "foreign", proxy.to, signed(stage), caller=DENTAL)
    invite = ends["callee"].receive()
    assert brand_of(invite) == "Example Dental"
    return intent, invite


def answer(ends, invite):
    """The callee answers; the caller hears of it at once, whatever the registry does."""
    for end in ends.values():
        end.only = invite.first("Call-ID")
    began = time.monotonic()
    ends["callee"].send(kit.response(invite, 200, "OK"), via_of(invite))
    assert ends["foreign"].receive_final().status == 200
    assert time.monotonic() - began < PROMPT


def counted(proxy, name):
    return kit.metrics(proxy.admin).get(name, 0)


def state_of(stage, intent):
    return stage.get(f"/v1/intents/{intent}")["state"]


def times_told(stage, intent):
    """How often the business heard that the call was answered."""
    events, since = [], 0
    while (page := stage.get(f"/v1/events?since={since}&wait_s=0"))["items"]:
        events += page["items"]
        since = page["next"]
    assert events
    return len([event for event in events
                if (event["kind"], event["object"]) == ("intent.answered", intent)])


def test_a_registry_that_answers_after_a_second_is_told_once_and_no_call_waits(
        stage, ends, slow, tmp_path):
    with Extra(stage, tmp_path, "terminating", registry_options(),
               through(stage, slow)) as proxy:
        fetch_certificate(stage, ends, proxy)
        intents = []
        for day in ("Monday", "Tuesday", "Wednesday"):
            intent, invite = ring(stage, ends, proxy, day)
            answer(ends, invite)
            intents.append(intent)
        began = time.monotonic()
        ring(stage, ends, proxy, "Thursday")  # labelled, while outcomes are under way
        assert time.monotonic() - began < PROMPT and counted(proxy, WAITING) > 0
        wait_for(lambda: counted(proxy, TOLD % "told") == 3)
        assert counted(proxy, TRIED % "ok") == 3
        assert counted(proxy, TRIED % "registry_silent") == 0
        assert [state_of(stage, intent) for intent in intents] == ["answered"] * 3


def test_an_outcome_whose_answer_did_not_come_is_told_again_and_changes_nothing(
        stage, ends, slow, tmp_path):
    """The registry acts on the first one; the proxy does not hear of it, and repeats it."""
    with Extra(stage, tmp_path, "terminating", registry_options("outcome_timeout = 200ms"),
               through(stage, slow)) as proxy:
        fetch_certificate(stage, ends, proxy)
        intent, invite = ring(stage, ends, proxy)
        answer(ends, invite)
        wait_for(lambda: counted(proxy, TRIED % "registry_silent") >= 2)
        assert state_of(stage, intent) == "answered" and counted(proxy, WAITING) == 1
        before = stage.get(f"/v1/intents/{intent}")
        slow.delay = 0
        wait_for(lambda: counted(proxy, TOLD % "told") == 1)
        assert counted(proxy, WAITING) == 0
        assert stage.get(f"/v1/intents/{intent}") == before
        assert times_told(stage, intent) == 1


def test_a_registry_that_restarts_meanwhile_is_told_when_it_is_back(
        stage, ends, away, tmp_path):
    with Extra(stage, tmp_path, "terminating", registry_options()) as proxy:
        fetch_certificate(stage, ends, proxy)
        intent, invite = ring(stage, ends, proxy)
        away()
        answer(ends, invite)
        wait_for(lambda: counted(proxy, TRIED % "registry_silent") >= 2)
        assert counted(proxy, TOLD % "told") == 0 and counted(proxy, WAITING) == 1
        come_back(stage)
        wait_for(lambda: counted(proxy, TOLD % "told") == 1, 20)
        assert counted(proxy, WAITING) == 0
        assert state_of(stage, intent) == "answered"


def test_of_a_registry_that_is_away_for_good_a_bounded_number_waits_and_the_rest_is_counted(
        stage, ends, away, tmp_path):
    with Extra(stage, tmp_path, "terminating",
               registry_options("outcome_queue = 2", "outcome_age = 3s")) as proxy:
        fetch_certificate(stage, ends, proxy)
        ringing = [ring(stage, ends, proxy, f"Day {day}")[1] for day in range(4)]
        away()
        for invite in ringing:
            answer(ends, invite)
        assert counted(proxy, WAITING) == 2
        assert counted(proxy, TOLD % "queue_full") == 2
        wait_for(lambda: counted(proxy, TOLD % "too_old") == 2)
        assert counted(proxy, WAITING) == 0 and counted(proxy, TOLD % "told") == 0
        wait_for(lambda: re.search("event=outcome.dropped .*outcomes=2", proxy.text()))


def test_what_waits_at_the_end_is_told_before_it(stage, ends, relay, tmp_path):
    """The pause was long by then: it is the end that asks again."""
    with Extra(stage, tmp_path, "terminating", registry_options(),
               through(stage, relay)) as proxy:
        fetch_certificate(stage, ends, proxy)
        intent, invite = ring(stage, ends, proxy)
        relay.cut()
        answer(ends, invite)
        wait_for(lambda: counted(proxy, TRIED % "registry_silent") == 6)  # the next in 3.2 s
        relay.mend()
    assert state_of(stage, intent) == "answered"
    assert "event=outcome.dropped" not in proxy.text()


def test_the_end_does_not_wait_for_a_registry_that_is_away(
        stage, ends, away, tmp_path):
    with Extra(stage, tmp_path, "terminating", registry_options()) as proxy:
        fetch_certificate(stage, ends, proxy)
        _, invite = ring(stage, ends, proxy)
        away()
        answer(ends, invite)
        began = time.monotonic()
        assert proxy.stop() == 0
        assert time.monotonic() - began < 1.5
    assert re.search("event=outcome.dropped .*outcomes=1", proxy.text())
