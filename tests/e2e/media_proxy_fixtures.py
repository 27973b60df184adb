# SPDX-License-Identifier: Apache-2.0
"""Fixtures of calls through a proxy and a media relay; a plugin of the modules that need them."""
import time

import pytest

import media_kit
import media_proxy as mp
import media_webrtc


@pytest.fixture(scope="module", params=["attestel-media", "rtpengine"])
def each_relay(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("relay")
    running = (media_kit.Relay(folder, delete_delay="0s") if request.param == "attestel-media"
               else mp.Rtpengine(folder)).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def own_relay(tmp_path_factory):
    running = media_kit.Relay(tmp_path_factory.mktemp("own"), delete_delay="0s").start()
    yield running
    assert running.stop() == 0, running.logged()


@pytest.fixture(scope="module")
def start(stage, tmp_path_factory):
    """start(name, relays, medias, more) gives a proxy; the same one for the same words."""
    running = {}

    def begin(name, relays, medias, more=mp.PATIENT):
        key = (name, *(r.port for r in relays), *medias, more)
        if key not in running:
            running[key] = mp.Proxy(stage, tmp_path_factory.mktemp("proxy"), name,
                                    [f"udp:127.0.0.1:{r.port}" for r in relays], medias, more)
        return running[key]
    yield begin
    for proxy in running.values():
        assert proxy.stop() == 0, proxy.text()[-3000:]


@pytest.fixture
def phones():
    made = [media_kit.RtpPeer(), media_kit.RtpPeer()]
    yield made
    mp.close_all(*made)


@pytest.fixture
def processes():
    """A list of processes that do not outlive a test that fails."""
    made = []
    yield made
    for process in made:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def web():
    made = media_webrtc.Browser()
    yield made
    made.close()


def checked(running):
    """The body of a fixture: whatever a test did, the relay has no call when it is over."""
    yield running
    end = time.monotonic() + 3
    while (left := running.ng.ask("list")["calls"]) and time.monotonic() < end:
        time.sleep(0.02)
    for call_id in left:
        running.ng.ask("delete", call_id=call_id)
    assert left == []


@pytest.fixture
def any_relay(each_relay):
    yield from checked(each_relay)


@pytest.fixture
def relay(own_relay):
    yield from checked(own_relay)
