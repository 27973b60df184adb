# SPDX-License-Identifier: Apache-2.0
"""Kamailio's rtpengine module drives the relay; SIPp calls through both, with real RTP."""
import pathlib
import time

import pytest

from media_peers import CODECS, HOST, KIND, Phone, Relay, needs, needs_attestel, tone
from media_sip import Kamailio, Scenario, Sipp
from processes import free_port

pytestmark = needs("kamailio", "sipp", *(["rtpengine"] if KIND == "rtpengine" else []))


class World:
    """Relays, a Kamailio in front of them, and calls through it."""

    def __init__(self, programs, folder, relays=2, **settings):
        self.folder = pathlib.Path(folder)
        self.relays = []
        for i in range(relays):
            place = self.folder / f"relay{i}"
            place.mkdir()
            self.relays.append(Relay(programs, place, **settings))
        self.callee_port = free_port(HOST)
        self.kamailio = Kamailio("kamailio-relay.cfg", self.folder, self.relays, self.callee_port)
        self.made = []

    def caller(self, scenario, options=()):
        self.made.append(Sipp(self.folder, scenario, self.kamailio.port, options=options))
        return self.made[-1]

    def call(self, caller, callee, caller_options=(), callee_options=()):
        """SIPp on both sides."""
        callee = Sipp(self.folder, callee, port=self.callee_port, options=callee_options)
        self.made.append(callee)
        return self.caller(caller, caller_options), callee

    def phones(self):
        made = Phone(440), Phone(1000)
        self.made += made
        return made

    def carriers(self):
        """The relays that live and have calls."""
        return [relay for relay in self.relays if relay.process.poll() is None and relay.calls()]

    def assert_empty(self):
        for relay in self.relays:
            if relay.process.poll() is None:
                relay.assert_empty()

    def clear(self):
        for each in self.made:
            each.close()
        self.made = []

    def stop(self):
        self.clear()
        self.kamailio.stop()
        codes = [relay.stop() for relay in self.relays]
        assert set(codes) <= {0, -9}, codes


def worlds(programs, factory, **settings):
    made = World(programs, factory.mktemp("kamailio"), **settings)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def standing(programs, tmp_path_factory):
    yield from worlds(programs, tmp_path_factory)


@pytest.fixture
def world(standing):
    """Of two relays; at the end of every test nothing is left in them."""
    yield standing
    standing.clear()
    standing.assert_empty()


@pytest.fixture
def fresh(programs, tmp_path_factory):
    """For those who break it."""
    yield from worlds(programs, tmp_path_factory)


@pytest.fixture
def patient(programs, tmp_path_factory):
    """Relays that let calls end before they do."""
    yield from worlds(programs, tmp_path_factory, drain="30s")


@pytest.fixture
def small(programs, tmp_path_factory):
    """Relays that take one call each."""
    yield from worlds(programs, tmp_path_factory, max_calls=1)


def hear_each_other(a, b, caller, callee, number=1):
    """Each sends where the n-th SDP says that came to its side; the tones arrive."""
    a.answers(caller.sdp(number))
    b.answers(callee.sdp(number))
    a.assert_hears(b.hz)
    b.assert_hears(a.hz)


def test_a_call_is_heard_both_ways_and_its_end_leaves_nothing(world):
    a, b = world.phones()
    caller, callee = world.call(
        Scenario(a.port).invite().accepted().wait().bye(),
        Scenario(b.port).invited().accept().ended())
    hear_each_other(a, b, caller, callee)
    relay, = world.carriers()
    assert {port for _, port in a.sources | b.sources} <= set(relay.open_ports())
    caller.go()
    caller.ends()
    callee.ends()


def test_hold_and_resume_by_re_invite(world):
    a, b = world.phones()
    steps = Scenario(a.port).invite().accepted().wait()
    caller, callee = world.call(
        steps.invite("sendonly").accepted().wait().invite().accepted().wait().bye(),
        Scenario(b.port).invited().accept().invited().accept("recvonly").invited()
        .accept().ended())
    hear_each_other(a, b, caller, callee)
    caller.go()
    assert "a=sendonly" in callee.sdp(2) and "a=recvonly" in caller.sdp(2)
    b.talks = False  # as the hold wants it
    a.answers(caller.sdp(2))
    b.answers(callee.sdp(2))
    b.assert_hears(a.hz)
    caller.go()
    assert "a=sendrecv" in callee.sdp(3)
    b.talks = True
    hear_each_other(a, b, caller, callee, 3)
    caller.go()
    caller.ends()
    callee.ends()


def test_a_cancelled_call_leaves_nothing(world):
    caller, callee = world.call(
        Scenario().invite().wait().cancel(),
        Scenario().invited().cancelled())
    caller.waits_for("SIP/2.0 180")
    relay, = world.carriers()
    assert relay.open_ports()
    caller.go()
    caller.ends()
    callee.ends()


def test_a_refused_call_leaves_nothing(world):
    caller, callee = world.call(
        Scenario().invite().refused(486),
        Scenario().invited().refuse(486, "Busy Here"))
    callee.sdp(1)
    caller.ends()
    callee.ends()


def test_a_re_invite_that_is_refused_ends_no_call(world):
    a, b = world.phones()
    caller, callee = world.call(
        Scenario(a.port).invite().accepted().wait().invite().refused(488).wait().bye(),
        Scenario(b.port).invited().accept().invited()
        .refuse(488, "Not Acceptable Here").ended())
    hear_each_other(a, b, caller, callee)
    caller.go()
    caller.waits_for("SIP/2.0 488")
    hear_each_other(a, b, caller, callee)
    caller.go()
    caller.ends()
    callee.ends()


def test_sipps_own_media_comes_back_as_an_echo(world):
    """SIPp streams a file; its other end sends back what comes."""
    codec = CODECS["PCMU"]
    sound = world.folder / "tone.pcmu"
    sound.write_bytes(b"".join(codec.encode(tone(440, i)) for i in range(200)))
    caller = Scenario("[rtpstream_audio_port]").invite().accepted()
    caller.steps.append(f'<nop><action><exec rtp_stream="{sound},-1,0"/></action></nop>')
    caller, callee = world.call(
        caller.wait().bye(), Scenario().invited().accept().ended(),
        ["-mi", HOST], ["-mi", HOST, "-rtp_echo", "-mp", free_port(HOST)])
    caller.sdp(1)
    relay, = world.carriers()
    assert_flows(relay, packets=50)
    caller.go()
    caller.ends()
    callee.ends()


def assert_flows(relay, packets, within_s=5):
    """So many packets come from each side."""
    end = time.monotonic() + within_s
    call_id, = relay.calls()
    while True:
        tags = relay.ng.ask("query", call_id=call_id)["tags"]
        told = [tag["medias"][0]["streams"][0]["stats"]["packets"] for tag in tags.values()]
        if len(told) == 2 and min(told) >= packets:
            return
        assert time.monotonic() < end, f"packets of each side: {told}"
        time.sleep(0.05)


def place(world):
    """A call that stands."""
    a, b = world.phones()
    ends = world.call(Scenario(a.port).invite().accepted().wait().bye(),
                      Scenario(b.port).invited().accept().ended())
    hear_each_other(a, b, *ends)
    return ends


def end(ends):
    ends[0].go()
    for each in ends:
        each.ends()


def test_a_call_can_be_ended_though_its_relay_was_killed(fresh):
    ends = place(fresh)
    dead, = fresh.carriers()
    dead.kill()
    end(ends)
    fresh.assert_empty()


def test_new_calls_go_to_the_other_relay_when_one_was_killed(fresh):
    fresh.relays[0].kill()
    for _ in range(2):
        ends = place(fresh)
        assert fresh.carriers() == [fresh.relays[1]]
        end(ends)
        fresh.assert_empty()


@needs_attestel
def test_a_relay_that_drains_keeps_its_call_and_hands_new_ones_on(patient):
    a, b = patient.phones()
    callee = Sipp(patient.folder, Scenario(b.port).invited().accept().ended(),
                  port=patient.callee_port, calls=4)
    patient.made.append(callee)
    old = patient.caller(Scenario(a.port).invite().accepted().wait().bye())
    hear_each_other(a, b, old, callee)
    leaving, = patient.carriers()
    leaving.process.terminate()
    staying, = set(patient.relays) - {leaving}
    for _ in range(3):  # to either relay at first, as the hash of the Call-ID has it
        new = patient.caller(Scenario().invite().accepted().wait().bye())
        new.sdp(1)
        assert [len(relay.calls()) for relay in (leaving, staying)] == [1, 1]
        new.go()
        new.ends()
    a.assert_hears(b.hz)
    b.assert_hears(a.hz)
    end((old, callee))
    assert leaving.process.wait(10) == 0
    staying.assert_empty()


def test_a_relay_at_its_load_limit_hands_the_call_to_the_other(small):
    callee = Sipp(small.folder, Scenario().invited().accept().ended(),
                  port=small.callee_port, calls=2)
    small.made.append(callee)
    callers = [small.caller(Scenario().invite().accepted().wait().bye())
               for _ in range(2)]
    for caller in callers:
        caller.sdp(1)
    assert [len(relay.calls()) for relay in small.relays] == [1, 1]
    small.caller(Scenario().invite().refused(503)).ends()
    for caller in callers:
        caller.go()
        caller.ends()
    callee.ends()
    small.assert_empty()
