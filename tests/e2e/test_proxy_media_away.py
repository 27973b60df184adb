# SPDX-License-Identifier: Apache-2.0
"""How the proxy reaches its media relays, and what a call costs when it does not."""
import pathlib
import signal
import socket
import subprocess
import time

import pytest

import media_kit
import media_proxy as mp
import proxy_kit as kit

pytest_plugins = "media_proxy_fixtures"

MULTIPART = "Content-Type: multipart/mixed;boundary=x"


def calls_of(folder):
    """What the relay lists at its Unix socket, which asks for no key."""
    with socket.socket(socket.AF_UNIX) as end:
        end.connect(f"{folder}/ng.sock")
        end.sendall(f"{kit.Ids.next()} ".encode() + media_kit.bencode({"command": "list"}))
        return media_kit.bdecode(end.recv(65536).partition(b" ")[2])["calls"]


def wait_for(folder, process, relay):
    """Until it answers at its Unix socket."""
    while True:
        assert process.poll() is None, relay.logged()
        try:
            return calls_of(folder)
        except OSError:
            time.sleep(0.02)


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A relay with a Unix socket and with a key, and what a proxy has to know of it."""
    folder = tmp_path_factory.mktemp("keyed")
    key = folder / "media.key"
    key.write_text("f00d" * 16)
    key.chmod(0o600)
    own = media_kit.Relay(folder, delete_delay="0s")
    own.conf.write_text(own.conf.read_text().replace(
        "[admin]", f"listen_ng = unix:{folder}/ng.sock\nkey_file = {key}\n[admin]"))
    own.process = subprocess.Popen([media_kit.BIN / "attestel-media", "--config", own.conf],
                                   stderr=own.log)
    wait_for(folder, own.process, own)
    yield folder, key, own
    own.process.terminate()
    assert own.process.wait(20) == 0, own.logged()


@pytest.mark.parametrize("how", ["unix", "key", "wrong key"])
def test_commands_go_over_a_unix_socket_or_are_signed(stage, keyed, ends, phones, tmp_path, how):
    folder, key, own = keyed
    other = tmp_path / "other.key"
    other.write_text("beef" * 16)
    other.chmod(0o600)
    address = f"unix:{folder}/ng.sock" if how == "unix" else f"udp:127.0.0.1:{own.port}"
    more = {"unix": mp.PATIENT, "key": f"key_file = {key}\n" + mp.PATIENT,
            "wrong key": f"key_file = {other}\n"}[how]
    with mp.Proxy(stage, tmp_path, "terminating", [address], ("rtp", "rtp"), more) as proxy:
        for _ in range(3):
            call = mp.carrier_call(proxy, ends)
            call.establish(phones[0].sdp(), phones[1].sdp())
            if how == "wrong key":
                assert proxy.line(call.call_id)["media"] == "failed:timeout"
                return
            assert calls_of(folder) == [call.call_id]
            call.hang_up()
            assert proxy.line(call.call_id)["media"] == "relayed"
        while calls_of(folder):
            time.sleep(0.02)


def test_a_unix_relay_that_ends_and_comes_back_is_found_again(stage, ends, phones, processes,
                                                               tmp_path):
    relay = media_kit.Relay(tmp_path, delete_delay="0s", listen_ng=f"unix:{tmp_path}/ng.sock")
    started = processes

    def begin():
        started.append(subprocess.Popen([media_kit.BIN / "attestel-media", "--config",
                                         relay.conf], stderr=relay.log))
        wait_for(tmp_path, started[-1], relay)
    begin()
    with mp.Proxy(stage, tmp_path, "terminating", [f"unix:{tmp_path}/ng.sock"],
                  ("rtp", "rtp")) as proxy:
        call = mp.carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "relayed"
        call.hang_up()
        started[-1].kill()
        started[-1].wait()
        (tmp_path / "ng.sock").unlink(missing_ok=True)
        call = mp.carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "failed:unreachable"
        begin()
        call = mp.carrier_call(proxy, ends)
        call.establish(phones[0].sdp(), phones[1].sdp())
        assert proxy.line(call.call_id)["media"] == "relayed"
        call.hang_up()
    started[-1].terminate()
    assert started[-1].wait(20) == 0, relay.logged()


# Without a relay

class Silent:
    """A port where nobody answers."""

    def __init__(self):
        self.end = kit.Udp("127.0.0.1")
        self.port = self.end.port


@pytest.fixture(scope="module")
def silent():
    made = Silent()
    yield made
    made.end.close()


def test_a_silent_relay_costs_a_call_its_relay_and_100_ms(start, silent, ends, phones):
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 100ms\n")
    began = time.monotonic()
    call = mp.carrier_call(proxy, ends)
    to_b, to_a = call.establish(phones[0].sdp(), phones[1].sdp())
    assert 0.1 <= time.monotonic() - began < 0.5
    assert (to_b.text, to_a.text) == (phones[0].sdp(), phones[1].sdp())
    assert proxy.line(call.call_id)["media"] == "failed:timeout"
    assert proxy.counted("media_calls_total", media="failed:timeout") == 1
    assert proxy.counted("media_commands_total", command="offer", result="timeout") == 1
    # A relay that is silent is left alone: nobody waits for it.
    began = time.monotonic()
    call = mp.carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    assert time.monotonic() - began < 0.1
    assert proxy.line(call.call_id)["media"] == "failed:away"


def test_a_command_is_sent_again_with_its_cookie_until_its_time_is_spent(start, silent, ends,
                                                                         phones):
    silent.end.drain()
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 400ms\n")
    call = mp.carrier_call(proxy, ends)
    invite = call.request("caller", "INVITE", phones[0].sdp())
    call.reply("callee", invite, 486)
    cookies = []
    while (message := silent.end.receive(0)) is not None:
        if b"7:command5:offer" in message.data:
            cookies.append(message.data.split(b" ")[0])
    assert len(cookies) >= 3 and len(set(cookies)) == 1


def test_a_pause_of_the_relay_costs_the_calls_of_the_pause_alone(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"), "timeout = 200ms\n")
    before = mp.carrier_call(proxy, ends)
    before.establish(phones[0].sdp(), phones[1].sdp())
    before.hang_up()
    relay.process.send_signal(signal.SIGSTOP)
    while "State:\tT" not in pathlib.Path(f"/proc/{relay.process.pid}/status").read_text():
        time.sleep(0.001)
    try:
        during = mp.carrier_call(proxy, ends)
        during.establish(phones[0].sdp(), phones[1].sdp())
    finally:
        relay.process.send_signal(signal.SIGCONT)
    assert proxy.line(during.call_id)["media"] == "failed:timeout"
    # It has the offer now, and is told that nobody wants it.
    assert mp.gone(relay, during.call_id)
    after = mp.carrier_call(proxy, ends)
    after.establish(phones[0].sdp(), phones[1].sdp())
    assert proxy.line(after.call_id)["media"] == "relayed"
    after.hang_up()


def test_a_relay_that_is_killed_ends_no_call(start, ends, phones, processes, tmp_path):
    relay = media_kit.Relay(tmp_path, delete_delay="0s").start()
    processes.append(relay.process)
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    call = mp.carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    relay.process.kill()
    relay.process.wait()
    again = call.request("caller", "INVITE", phones[0].sdp())
    assert again.body.decode() == phones[0].sdp()
    call.reply("callee", again, 200, phones[1].sdp())
    call.request("caller", "ACK", cseq=call.cseq)
    call.hang_up()
    began = time.monotonic()
    other = mp.carrier_call(proxy, ends)
    other.establish(phones[0].sdp(), phones[1].sdp())
    assert time.monotonic() - began < 0.3
    assert proxy.line(other.call_id)["media"] == "failed:unreachable"
    relay.process = None


def test_the_second_relay_takes_the_calls_of_the_first_and_keeps_them(start, relay, silent, ends,
                                                                      phones):
    proxy = start("terminating", [silent, relay], ("rtp", "rtp"))
    a, b = phones
    call = mp.carrier_call(proxy, ends)
    to_b, to_a = call.establish(a.sdp(), b.sdp())
    a.hear(to_a)
    b.hear(to_b)
    assert media_kit.relayed(a, b) and media_kit.relayed(b, a)
    assert proxy.line(call.call_id)["media"] == "relayed"
    assert relay.ng.ask("list")["calls"] == [call.call_id]
    call.hang_up()
    assert mp.gone(relay, call.call_id)


def test_a_full_relay_sends_new_calls_to_the_other(start, relay, ends, phones, processes, tmp_path):
    full = media_kit.Relay(tmp_path, delete_delay="0s", max_calls=1).start()
    processes.append(full.process)
    full.ng.ask("offer", call_id="other", from_tag="x", sdp=phones[0].sdp())
    proxy = start("terminating", [full, relay], ("rtp", "rtp"))
    call = mp.carrier_call(proxy, ends)
    call.establish(phones[0].sdp(), phones[1].sdp())
    assert proxy.counted("media_commands_total", command="offer", result="load_limit") == 1
    assert relay.ng.ask("list")["calls"] == [call.call_id]
    assert full.ng.ask("list")["calls"] == ["other"]
    call.hang_up()
    full.ng.ask("delete", call_id="other")
    assert full.stop() == 0


def test_a_call_is_cancelled_while_the_relay_is_waited_for(start, silent, ends, phones):
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 900ms\n")
    call = mp.carrier_call(proxy, ends)
    text = call.send("caller", "INVITE", phones[0].sdp())
    assert ends["foreign"].receive().status == 100
    began = time.monotonic()
    ends["foreign"].send(text.split("\r\nContent-Type")[0].replace("INVITE", "CANCEL")
                         + "\r\nContent-Length: 0\r\n\r\n", proxy.to)
    assert [ends["foreign"].receive_final().status for _ in range(2)] == [200, 487]
    assert time.monotonic() - began < 0.5
    assert ends["callee"].receive(1) is None, "it was forwarded all the same"


def test_the_proxy_ends_well_while_it_waits_for_a_relay(stage, silent, ends, phones, tmp_path):
    with mp.Proxy(stage, tmp_path, "terminating", [f"udp:127.0.0.1:{silent.port}"],
                  ("rtp", "rtp")) as proxy:
        call = mp.carrier_call(proxy, ends)
        call.send("caller", "INVITE", phones[0].sdp())
        assert ends["foreign"].receive().status == 100
        proxy.process.terminate()
        proxy.process.terminate()  # the second one does not drain


def test_emergency_calls_wait_for_no_relay(start, silent, ends, phones):
    proxy = start("terminating", [silent], ("rtp", "rtp"), "timeout = 1000ms\n")
    via = f"{ends['foreign'].host}:{ends['foreign'].port}"
    text = kit.request("INVITE", "urn:service:sos", via, [mp.SDP], phones[0].sdp())
    call_id = kit.Message(text.encode()).first("Call-ID")
    for end in ends.values():
        end.only = call_id
    began = time.monotonic()
    ends["foreign"].send(text, proxy.to)
    invite = ends["callee"].receive()
    assert time.monotonic() - began < 0.5
    assert invite.body.decode() == phones[0].sdp()
    ends["callee"].send(kit.response(invite, 486, "Busy"), proxy.to)
    assert proxy.line(call_id)["media"] == "direct:emergency"


def test_a_multipart_body_goes_on_as_it_came(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("rtp", "rtp"))
    body = f"--x\r\nContent-Type: application/sdp\r\n\r\n{phones[0].sdp()}\r\n--x--\r\n"
    text = kit.request("INVITE", f"sip:{mp.CALLED}@b.example",
                       f"{ends['foreign'].host}:{ends['foreign'].port}", [MULTIPART], body)
    call_id = kit.Message(text.encode()).first("Call-ID")
    for end in ends.values():
        end.only = call_id
    ends["foreign"].send(text, proxy.to)
    invite = ends["callee"].receive()
    assert invite.body.decode() == body
    ends["callee"].send(kit.response(invite, 486, "Busy"), proxy.to)
    assert proxy.line(call_id)["media"] == "direct:not_sdp"


def test_calls_between_trunks_that_are_off_are_left_alone(start, relay, ends, phones):
    proxy = start("terminating", [relay], ("off", "off"))
    call = mp.carrier_call(proxy, ends)
    to_b, to_a = call.establish(phones[0].sdp(), phones[1].sdp())
    assert (to_b.text, to_a.text) == (phones[0].sdp(), phones[1].sdp())
    assert not any("media=" in route for routes in call.routes.values() for route in routes)
    assert proxy.line(call.call_id)["media"] == "direct"
    call.hang_up()


@pytest.mark.parametrize("media, says", [
    ("", "[media] a trunk's media other than off needs a relay"),
    ("relay = udp:127.0.0.1:1, udp:127.0.0.1:2, udp:127.0.0.1:3", "at most 2 relays"),
    ("relay = tcp:127.0.0.1:2223", "unix:/PATH or udp:ADDRESS:PORT"),
    ("relay = udp:127.0.0.1:2223\nkey_file = {short}", "less than 16 bytes"),
    ("relay = udp:127.0.0.1:2223\ntimeout = 2s", "10ms"),
])
def test_what_could_not_work_is_refused_before_it_starts(stage, tmp_path, media, says):
    short = tmp_path / "short.key"
    short.write_text("tooshort")
    short.chmod(0o600)
    config, _, _ = mp.with_media(stage, "terminating", ["udp:127.0.0.1:1"], ("rtp", "off"))
    path = tmp_path / "proxy.conf"
    path.write_text(config.split("[media]")[0] + "[media]\n" + media.format(short=short) + "\n")
    done = subprocess.run([stage.program("attestel-proxy"), "--config", path, "--check-config"],
                          capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2 and says in done.stderr, done.stderr
