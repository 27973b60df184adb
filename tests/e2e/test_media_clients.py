# SPDX-License-Identifier: Apache-2.0
"""Others' clients of the ng protocol: npm's rtpengine-client, and Sipwise's own in Perl."""
import itertools
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from media_browser import Lines, npm_modules
from media_peers import HOST, KIND, Phone, Relay, needs

pytestmark = needs(*(["rtpengine"] if KIND == "rtpengine" else []))
SCRIPT = pathlib.Path(__file__).parent / "npm/ng_client.js"


class Npm:
    """drachtio's rtpengine-client, which has one connection."""

    def __init__(self, transport, relay, programs, folder):
        modules = npm_modules(os.path.dirname(programs))
        self.lines = Lines(["node", SCRIPT, modules, transport, relay.port],
                           pathlib.Path(folder) / "client.log")

    def ask(self, command, **keys):
        return self.lines.ask({"do": command, "with": keys})

    def ping(self):
        return self.ask("ping")["result"]

    def negotiate(self, command, **keys):
        reply = self.ask(command, **keys)
        assert reply["result"] == "ok", reply
        return reply["sdp"]

    def tags(self, call_id):
        return set(self.ask("query", **{"call-id": call_id})["tags"])

    def calls(self):
        return self.ask("list")["calls"]

    def delete(self, **keys):
        assert self.ask("delete", **keys)["result"] == "ok"

    def why_not(self, call_id):
        return self.ask("query", **{"call-id": call_id})["error-reason"]

    def close(self):
        self.lines.stop()


class Sipwise:
    """rtpengine's own client in Perl: a process a command, which prints what it is told."""

    def __init__(self, coding, relay):
        self.options = [f"--proxy-address={HOST}", f"--proxy-port={relay.port}",
                        *(["--json"] if coding == "json" else [])]

    def run(self, command, **keys):
        words = [f"--{key}={value}" for key, value in keys.items()]
        return subprocess.run(["rtpengine-ng-client", *self.options, *words, command], text=True,
                              capture_output=True, timeout=15, check=False)

    def ask(self, command, **keys):
        done = self.run(command, **keys)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ping(self):
        return re.search(r"result => '(\w+)'", self.ask("ping")).group(1)

    def negotiate(self, command, **keys):
        return re.search(r"New SDP:\n\S+\n(.*?)\n----->8", self.ask(command, **keys), re.S).group(1)

    def tags(self, call_id):
        return set(re.findall(r"\btag => '(\w+)'", self.ask("query", **{"call-id": call_id})))

    def calls(self):
        found = re.search(r"calls => \[(.*?)\]", self.ask("list"), re.S)
        return re.findall(r"'(.*?)'", found.group(1))

    def delete(self, **keys):
        self.ask("delete", **keys)

    def why_not(self, call_id):
        return re.search('Error reason: "(.*?)"',
                         self.run("query", **{"call-id": call_id}).stderr).group(1)

    def close(self):
        pass


@pytest.fixture(scope="module")
def relay(programs, tmp_path_factory):
    running = Relay(programs, tmp_path_factory.mktemp("relay"))
    yield running
    assert running.stop() == 0


@pytest.fixture(params=["npm over UDP", "npm over TCP", "Perl in bencode", "Perl in JSON"])
def client(request, relay, programs, tmp_path):
    who, _, how = request.param.split()
    if who == "npm":
        made = Npm(how.lower(), relay, programs, tmp_path)
    elif shutil.which("rtpengine-ng-client") is None:
        pytest.skip("not installed: rtpengine-ng-client (Debian's rtpengine-utils)")
    else:
        made = Sipwise(how.lower(), relay)
    yield made
    made.close()


NUMBERS = itertools.count(1)


def test_anothers_client_pings_offers_answers_queries_lists_and_deletes(client, relay):
    a, b = Phone(440), Phone(1000)
    call = {"call-id": f"client-{next(NUMBERS)}", "from-tag": "a"}
    try:
        assert client.ping() == "pong"
        b.answers(client.negotiate("offer", sdp=a.sdp(), **call))
        a.answers(client.negotiate("answer", sdp=b.sdp(), **call, **{"to-tag": "b"}))
        a.assert_hears(b.hz)
        b.assert_hears(a.hz)
        assert client.tags(call["call-id"]) == {"a", "b"}
        assert client.calls() == [call["call-id"]]
        client.delete(**call)
        assert client.calls() == []
    finally:
        a.close()
        b.close()
    relay.assert_empty()


def test_anothers_client_is_told_why_nothing_is_done(client):
    assert client.why_not("nobody") == "Unknown call-id"
