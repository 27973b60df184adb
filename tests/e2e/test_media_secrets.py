# SPDX-License-Identifier: Apache-2.0
"""The relay's memory holds neither SRTP keys nor ICE passwords of a call that has ended."""
import base64
import json
import os
import re
import signal
import socket

import pytest

import media_kit as kit
import media_webrtc as webrtc

SUITES = ["AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"]
GENERATION = 65536  # cookies after which the cache forgets those before them (media/ng/control.c)
BATCH = 256
PEER_ICE = ("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n"
            "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host\r\n")


class Relay(kit.Relay):
    """With a state file whose folder can be taken away, and commands over TCP too."""

    def __init__(self, directory, **options):
        super().__init__(directory, delete_delay="0s", workers=1, **options)
        self.tcp_port = kit.free_port(socket.SOCK_STREAM)
        self.folder, self.key = self.directory / "state", self.directory / "state.key"
        self.folder.mkdir()
        self.key.touch(mode=0o600)
        self.key.write_bytes(os.urandom(32))
        text = self.conf.read_text().replace(
            f"udp:127.0.0.1:{self.port}",
            f"udp:127.0.0.1:{self.port}, tcp:127.0.0.1:{self.tcp_port}")
        self.conf.write_text(f"{text}[state]\nfile = {self.folder}/calls\nkey_file = {self.key}\n")

    def memory(self):
        """All that the process can write to, a range at a time."""
        with open(f"/proc/{self.process.pid}/maps") as maps, \
                open(f"/proc/{self.process.pid}/mem", "rb", buffering=0) as mem:
            for line in maps:
                span, mode, rest = line.split(maxsplit=2)
                if not mode.startswith("rw") or "[v" in rest:
                    continue
                begin, end = (int(part, 16) for part in span.split("-"))
                mem.seek(begin)
                try:
                    yield rest.split()[-1], mem.read(end - begin)
                except OSError:
                    continue

    def finds(self, secrets):
        """{name: how often} of those secrets that are in its memory."""
        found = {}
        for _, data in self.memory():
            for name, secret in secrets.items():
                if count := data.count(secret):
                    found[name] = found.get(name, 0) + count
        return found

    def ask_json(self, command, **keys):
        """A command as JSON over a connection of its own, which ends with it."""
        message = json.dumps({k.replace("_", "-"): v for k, v in keys.items()}
                             | {"command": command})
        with socket.create_connection(("127.0.0.1", self.tcp_port)) as conn:
            conn.sendall(f"{command}-{keys['call_id']} {message}".encode())
            conn.shutdown(socket.SHUT_WR)
            return json.loads(conn.makefile().read().partition(" ")[2])

    def fill_cookies(self):
        """As many commands as end two generations: the replies of before are forgotten."""
        with socket.create_connection(("127.0.0.1", self.tcp_port)) as conn:
            reader = conn.makefile("rb")
            for at in range(0, 2 * GENERATION + BATCH, BATCH):
                conn.sendall(b"".join(b"%x d7:command4:pinge" % n for n in range(at, at + BATCH)))
                reader.read(sum(len(b"%x d6:result4:ponge" % n) for n in range(at, at + BATCH)))


def secrets_of(name, text):
    """What an SDP tells that nobody else may know, in each form that it has in memory."""
    out = {}
    for i, key in enumerate(re.findall(r"inline:([A-Za-z0-9+/=]+)", text)):
        raw = base64.b64decode(key)
        out |= {f"{name} key {i} base64": key.encode(), f"{name} key {i}": raw,
                f"{name} master key {i}": raw[:16], f"{name} key {i} hex": raw.hex().encode()}
    for i, pwd in enumerate(re.findall(r"a=ice-pwd:(\S+)", text)):
        out[f"{name} ice-pwd {i}"] = pwd.encode()
    return out


def password():
    return base64.b64encode(os.urandom(24)).decode()


def begin(relay, call_id, suite, over=None):
    """A call of two gateways, both with a=crypto and ICE; the secrets of it."""
    ask = over or relay.ng.ask
    a, b = webrtc.SdesPeer(suite), webrtc.SdesPeer(suite)
    offer = a.sdp(lines=PEER_ICE.format("usera", password()))
    reply = ask("offer", call_id=call_id, from_tag="a", sdp=offer,
                **{"transport-protocol": "RTP/SAVP", "ICE": "force"})
    assert reply["result"] == "ok", reply
    b.choose(kit.Told(reply["sdp"]))
    answer = b.sdp(lines=PEER_ICE.format("userb", password()))
    back = ask("answer", call_id=call_id, from_tag="a", to_tag="b", sdp=answer)
    assert back["result"] == "ok", back
    for peer in (a, b):
        peer.close()
    said = {"offer": offer, "offered": reply["sdp"], "answer": answer, "answered": back["sdp"]}
    return {f"{call_id} {name}": secret for command, text in said.items()
            for name, secret in secrets_of(command, text).items()}


@pytest.fixture
def relay(tmp_path):
    running = Relay(tmp_path).start()
    yield running
    assert running.stop() == 0, running.logged()


def end(relay, call_id):
    reply = relay.ng.ask("delete", call_id=call_id)
    assert reply["result"] == "ok" and "warning" not in reply, reply


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_no_secret_of_a_call_is_left_once_its_replies_are_forgotten(relay, suite, over):
    ask = relay.ng.ask if over == "udp" else relay.ask_json
    secrets = begin(relay, "one", suite, ask)
    assert len(secrets) >= 20
    live = relay.finds(secrets)
    for name in ("one answer key 0", "one offered key 0", "one offer ice-pwd 0"):
        assert name in live, "the search finds what is there"
    again = begin(relay, "two", suite, ask)
    ask("query", call_id="one")
    end(relay, "one")
    end(relay, "two")
    relay.fill_cookies()
    assert relay.finds(secrets | again) == {}


@pytest.mark.parametrize("suite", SUITES)
def test_no_secret_is_left_by_a_restart_and_by_a_state_that_could_not_be_written(relay, suite):
    secrets = begin(relay, "one", suite) | begin(relay, "two", suite)
    relay.process.send_signal(signal.SIGTERM)
    assert relay.process.wait(10) == 0, relay.logged()
    relay.ng.close()
    relay.start()
    assert relay.finds(secrets), "the calls were taken up"
    end(relay, "one")
    end(relay, "two")
    assert relay.finds(secrets) == {}, "restored, and ended"
    secrets = begin(relay, "three", suite)
    begin(relay, "four", suite)
    relay.folder.rename(relay.directory / "gone")
    relay.process.send_signal(signal.SIGTERM)
    kit.wait_until(lambda: "state.failed" in relay.logged())
    kit.wait_until(lambda: relay.ng.ask("list")["calls"])
    end(relay, "three")
    assert relay.finds(secrets) == {}, "written down, and ended"
    end(relay, "four")
    assert relay.process.wait(10) == 0
    relay.process = None
