# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the programs, free ports, a whole network on loopback."""
import itertools
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "deploy", "demo"))
sys.path.insert(0, os.path.join(ROOT, "tests", "vectors"))  # der, p256: certificates in Python

import media_browser  # noqa: E402
import media_kit  # noqa: E402
import processes  # noqa: E402
import proxy_kit  # noqa: E402
import registry_kit  # noqa: E402
import registry_tenant  # noqa: E402
import stage as stages  # noqa: E402

# each test has ten thousand numbers of its own
RANGES = itertools.count(121_500)
CALL_IDS = (f"call-{n}" for n in itertools.count(1))


@pytest.fixture(scope="session")
def root():
    """The top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def programs():
    """The folder of the programs under test: ATTESTEL_BIN, else build/bin."""
    return os.path.abspath(os.environ.get("ATTESTEL_BIN", os.path.join(ROOT, "build", "bin")))


@pytest.fixture
def free_port():
    """free_port(host) gives a port that is free for UDP and TCP."""
    return processes.free_port


@pytest.fixture(scope="session")
def vectors():
    """The published test vectors that lie beside the repository; tests skip without them."""
    path = os.path.join(os.path.dirname(ROOT), "shared", "vectors")
    if not os.path.isdir(path):
        pytest.skip(f"no published vectors in {path}")
    return path


@pytest.fixture(scope="session")
def browser(programs, tmp_path_factory):
    """A headless Chromium, with the packages of tests/e2e/npm in the build directory."""
    modules = media_browser.npm_modules(os.path.dirname(programs))
    running = media_browser.Browser(modules, tmp_path_factory.mktemp("browser"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def stage(programs):
    """A registry and two proxies that run, with businesses, keys and certificates."""
    running = stages.Stage(programs)
    try:
        yield running.start()
    finally:
        running.stop()
        running.remove()
    assert running.fallen() == {}, "a daemon did not end well"


@pytest.fixture(scope="module")
def ends(stage):
    """The sockets of the customer, of a foreign carrier, of a subscriber."""
    made = {name: proxy_kit.Udp(*stage.at[name]) for name in ("customer", "foreign", "callee")}
    yield made
    for end in made.values():
        end.close()


@pytest.fixture
def call_id(relay):
    """A new call-id for the module's media relay; afterwards nothing of its call is left."""
    name = next(CALL_IDS)
    yield name
    relay.ng.ask("delete", call_id=name)
    assert relay.ng.ask("list")["calls"] == []
    assert relay.ports_used() == 0


@pytest.fixture
def made():
    """made(Class, ...) makes a peer, an RtpPeer without a class, that is closed at the end."""
    peers = []

    def make(kind=media_kit.RtpPeer, *args, **keys):
        peers.append(kind(*args, **keys))
        return peers[-1]
    yield make
    for peer in peers:
        peer.close()


@pytest.fixture(scope="module", params=registry_kit.engines())
def world(request, tmp_path_factory):
    """A registry with an operator, a vetter and a carrier; some modules have their own world."""
    yield from registry_tenant.serve(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def tenant(world):
    """One that nobody vouches for."""
    return registry_tenant.Tenant(world)


@pytest.fixture
def other(world):
    """Another such."""
    return registry_tenant.Tenant(world)


@pytest.fixture
def vouched(world):
    """A tenant that the operator vouches for."""
    return registry_tenant.Tenant(world, vouched=True)


@pytest.fixture
def numbers():
    """numbers(7) is the eighth number of a range that no other test uses."""
    prefix = next(RANGES)
    return lambda n: f"+1{prefix}{n:04d}"
