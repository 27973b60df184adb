# SPDX-License-Identifier: Apache-2.0
"""Who commands the relay and how: listeners, cookies, the keyed mode, its start and its end."""
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import stat
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest
import media_kit as kit
from media_kit import bdecode, bencode, sdp
from port_kit import OURS

KEY = "an example of a key, 32 bytes...."
OK = {"result": "pong"}


class Daemon:
    """attestel-media, started as a person starts it: without a file."""

    def __init__(self, programs, directory, free_port, *options, listen=("udp", "tcp", "unix")):
        self.directory = directory
        self.udp, self.tcp = free_port("127.0.0.1"), free_port("127.0.0.1")
        self.admin = free_port("127.0.0.1")
        self.path = f"{directory}/media.sock"
        where = {"udp": f"udp:127.0.0.1:{self.udp}", "tcp": f"tcp:127.0.0.1:{self.tcp}",
                 "unix": f"unix:{self.path}"}
        words = [word for name in listen for word in ("--listen-ng", where[name])]
        self.log = open(f"{directory}/media.log", "w+", encoding="utf-8")
        ports = "{}-{}".format(*OURS.range(1000))
        self.process = subprocess.Popen(
            [f"{programs}/attestel-media", "--interface", "127.0.0.1", "--ports", ports,
             "--admin", f"127.0.0.1:{self.admin}", *words, *options], stderr=self.log)
        self.wait_for("media.ready")

    def logged(self):
        with open(f"{self.directory}/media.log", encoding="utf-8") as file:
            return file.read()

    def wait_for(self, event):
        until = time.monotonic() + 20
        while f"event={event} " not in self.logged() + " ":
            assert self.process.poll() is None and time.monotonic() < until, self.logged()
            time.sleep(0.02)

    def metrics(self):
        url = f"http://127.0.0.1:{self.admin}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()

    def metric(self, line):
        found = re.search(rf"^{re.escape(line)} (\S+)$", self.metrics(), re.M)
        return float(found[1]) if found else 0

    def end(self, signals=1):
        for _ in range(signals):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.log.close()


@pytest.fixture
def start(programs, tmp_path, free_port):
    running = []

    def go(*options, directory=tmp_path, **keys):
        running.append(Daemon(programs, directory, free_port, *options, **keys))
        return running[-1]
    yield go
    for daemon in running:
        daemon.kill()


@pytest.fixture
def open_folder():
    """A folder that other users may enter; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield path


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "media.key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return str(path)


def udp(daemon):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(10)
    one.connect(("127.0.0.1", daemon.udp))
    return one


def tcp(daemon):
    return socket.create_connection(("127.0.0.1", daemon.tcp), timeout=10)


def unix(daemon):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(10)
    one.connect(daemon.path)
    return one


def ask(one, cookie, message, as_json=False):
    """The reply's bytes, without its cookie."""
    body = json.dumps(message).encode() if as_json else bencode(message)
    one.send(cookie.encode() + b" " + body)
    got = one.recv(65536)
    assert got.startswith(cookie.encode() + b" "), got
    return got[len(cookie) + 1:]


def offer(call_id):
    return {"command": "offer", "call-id": call_id, "from-tag": "a", "sdp": sdp(5000)}


def tool(programs, *words):
    return subprocess.run([f"{programs}/attestel", "media", *words], text=True,
                          capture_output=True, check=False, timeout=30)


@pytest.mark.parametrize("client", [udp, tcp, unix], ids=["udp", "tcp", "unix"])
def test_each_listener_answers_bencode_and_json(start, client):
    one = client(start())
    assert bdecode(ask(one, "1", {"command": "ping"})) == OK
    assert json.loads(ask(one, "2", {"command": "ping"}, as_json=True)) == OK
    one.close()


def test_a_copy_of_an_offer_gets_the_same_bytes_and_takes_no_port(start):
    daemon = start()
    first, second = udp(daemon), tcp(daemon)
    reply = ask(first, "same", offer("c"))
    assert b"6:result2:ok" in reply
    used = bdecode(ask(first, "u1", {"command": "statistics"}))
    assert ask(first, "same", offer("c")) == reply
    assert ask(second, "same", offer("another")) == reply
    again = bdecode(ask(first, "u2", {"command": "statistics"}))
    assert again["statistics"]["interfaces"] == used["statistics"]["interfaces"]
    assert bdecode(ask(first, "l", {"command": "list"}))["calls"] == ["c"]
    assert daemon.metric('attestel_media_cookie_hits_total{state="done"}') == 2
    assert daemon.metric('attestel_media_commands_total{command="offer",result="ok"}') == 1


def test_mistakes_get_the_words_that_clients_look_for(start):
    one = udp(start())
    rows = [({}, 'Dictionary contains no key "command"'),
            ({"command": "x"}, "Unrecognized command"),
            ({"command": "offer"}, "No SDP body in message"),
            ({"command": "query", "call-id": "x"}, "Unknown call-id"),
            ({"command": "offer", "sdp": "v=0"}, "No call-id in message"),
            ({"command": "offer", "sdp": sdp(5000), "call-id": "x"}, "No from-tag in message"),
            ({"command": "offer", "sdp": "hello", "call-id": "x", "from-tag": "y"},
             "Failed to parse SDP")]
    for i, (message, words) in enumerate(rows):
        reply = bdecode(ask(one, f"m{i}", message))
        assert reply == {"result": "error", "error-reason": words}, message


def test_what_is_no_message_does_no_harm(start):
    daemon = start()
    one = udp(daemon)
    for junk in (b"", b" ", b"x", b"x ", b"x y", b"x d", b"x " + b"l" * 60000, os.urandom(900),
                 b"x d7:command5:offer3:sdp99999999:", b"d7:command4:pinge"):
        one.send(junk)
    one.settimeout(0.2)
    with pytest.raises(TimeoutError):
        while True:
            assert b"error" in one.recv(65536)
    one.settimeout(10)
    assert bdecode(ask(one, "1", {"command": "ping"})) == OK
    assert "attestel_media_frames_refused_total" in daemon.metrics()


def test_the_socket_is_its_users_alone(start, open_folder):
    daemon = start(listen=("unix",), directory=open_folder)
    assert stat.S_IMODE(os.stat(daemon.path).st_mode) == 0o600
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    os.chmod(daemon.path, 0o666)
    code = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(10)\n"
            "s.connect(sys.argv[1])\n"
            "try: s.send(b'1 d7:command4:pinge'); got = s.recv(99)\n"
            "except OSError: got = b''\n"
            "sys.exit(9 if got else 7)")
    done = subprocess.run(["/usr/bin/python3", "-c", code, daemon.path], user=65534, group=65534,
                          extra_groups=[], capture_output=True, check=False, timeout=30, cwd="/")
    assert done.returncode == 7, done.stderr


def signed(cookie, body, at=None, key=KEY):
    at = int(time.time()) if at is None else at
    mac = hmac.new(key.encode(), f"{cookie} {at} ".encode() + body, hashlib.sha256).hexdigest()
    return f"{cookie} {at}:{mac} ".encode() + body


def test_with_a_key_only_what_is_signed_is_run(start, key_file):
    daemon = start("--key-file", key_file)
    one = udp(daemon)
    body = bencode(offer("c"))
    copied = signed("a", body).replace(b"a ", b"b ", 1)
    for bad in (b"a " + body, copied, signed("a", body, key="another key of 16 bytes"),
                signed("a", body, at=int(time.time()) - 60)):
        one.send(bad)
    one.send(signed("ping", bencode({"command": "ping"})))
    cookie, mac, reply = one.recv(65536).split(b" ", 2)
    assert (cookie, bdecode(reply)) == (b"ping", OK)
    right = hmac.new(KEY.encode(), b"ping " + reply, hashlib.sha256).hexdigest()
    assert mac.decode() == right
    assert bdecode(ask(unix(daemon), "l", {"command": "list"}))["calls"] == []
    reasons = {reason: daemon.metric(f'attestel_media_frames_refused_total{{reason="{reason}"}}')
               for reason in ("unsigned", "signature", "stale")}
    assert reasons == {"unsigned": 1, "signature": 2, "stale": 1}
    assert KEY not in daemon.logged()


def test_the_tool_asks_over_every_listener(programs, start, key_file):
    daemon = start("--key-file", key_file)
    one = unix(daemon)
    assert b"6:result2:ok" in ask(one, "o", offer("c"))
    for where in (f"unix:{daemon.path}", f"udp:127.0.0.1:{daemon.udp}",
                  f"tcp:127.0.0.1:{daemon.tcp}"):
        at = ("--socket", where, "--key-file", key_file)
        assert tool(programs, "ping", *at).stdout == "pong\n"
        assert tool(programs, "list", *at).stdout == "c\n"
        assert "audio RTP/AVP PCMU/8000" in tool(programs, "query", "c", *at).stdout
        answer = json.loads(tool(programs, "query", "c", "--json", *at).stdout)
        assert set(answer["tags"]) >= {"a"}
        told = tool(programs, "statistics", *at).stdout
        assert "\n  sessionsown                1\n" in told
        assert re.search(r"^interfaces\n  1  2 of \d+ pairs of ports in use$", told, re.M)
        done = tool(programs, "query", "nobody", *at)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "attestel: the relay: Unknown call-id\n"


def test_without_calls_list_says_so_beside_its_output(programs, start):
    daemon = start(listen=("unix",))
    at = ("--socket", f"unix:{daemon.path}")
    done = tool(programs, "list", *at)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "attestel: the relay has no calls\n"
    done = tool(programs, "list", "--json", *at)
    assert json.loads(done.stdout)["calls"] == [] and done.stderr == ""


def test_a_list_that_may_be_cut_says_so(programs, start):
    daemon = start(listen=("unix",))
    at = ("--socket", f"unix:{daemon.path}")
    for i in range(32):
        assert b"6:result2:ok" in ask(unix(daemon), f"o{i}", offer(f"c{i}"))
    done = tool(programs, "list", *at)
    assert len(done.stdout.splitlines()) == 32
    assert done.stderr == "attestel: 32 calls, and there may be more: --limit N\n"
    assert tool(programs, "list", "--limit", "33", *at).stderr == ""


def test_the_tool_says_what_is_wrong_and_what_to_do(programs, start, key_file, tmp_path):
    daemon = start("--key-file", key_file)
    done = tool(programs, "ping", "--socket", f"unix:{tmp_path}/no.sock")
    assert done.returncode == 1 and "is attestel-media running" in done.stderr
    daemon.process.kill()
    daemon.process.wait(10)
    for kind, port in (("tcp", daemon.tcp), ("udp", daemon.udp)):
        done = tool(programs, "ping", "--socket", f"{kind}:127.0.0.1:{port}")
        assert done.returncode == 1 and "refused; is attestel-media running" in done.stderr
    daemon = start("--key-file", key_file)
    done = tool(programs, "ping", "--socket", f"tcp:127.0.0.1:{daemon.tcp}")
    assert done.returncode == 1 and "--key-file" in done.stderr
    other = tmp_path / "other.key"
    other.write_text("another key of some bytes\n")
    other.chmod(0o600)
    done = tool(programs, "ping", "--socket", f"tcp:127.0.0.1:{daemon.tcp}", "--key-file",
                str(other))
    assert done.returncode == 1
    done = tool(programs, "ping", "--socket", "127.0.0.1:2223")
    assert done.returncode == 2 and "udp:ADDRESS:PORT" in done.stderr


def test_why_tells_each_leg_in_words(programs, start):
    daemon = start(listen=("unix",))
    assert b"6:result2:ok" in ask(unix(daemon), "o", offer("c"))
    done = tool(programs, "why", "c", "--socket", f"unix:{daemon.path}")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^a, audio[^\n]*\n  \S", done.stdout, re.M), done.stdout
    answer = json.loads(tool(programs, "why", "c", "--json", "--socket",
                             f"unix:{daemon.path}").stdout)
    for line in (line for leg in answer["legs"] for line in leg["lines"]):
        assert f"  {line}\n" in done.stdout


def test_the_tool_prints_the_legs_and_nothing_that_steers_a_terminal(programs, tmp_path):
    """The other end is ours here: no relay would send such a tag, whoever gave it one."""
    path = f"{tmp_path}/s.sock"
    legs = [{"tag": "a\x1b[31m", "media": "audio", "lines": ["no packet from 192.0.2.1:4000",
                                                            "3 packets\u202e were late"]},
            {"tag": "b", "media": "", "lines": []}]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        with subprocess.Popen([f"{programs}/attestel", "media", "why", "c", "--socket",
                               f"unix:{path}"], stdout=subprocess.PIPE, text=True) as asking:
            one = listening.accept()[0]
            cookie, _, body = one.recv(65536).partition(b" ")
            assert json.loads(body) == {"command": "why", "call-id": "c"}
            one.sendall(cookie + b" " + json.dumps({"result": "ok", "legs": legs}).encode())
            one.close()
            told = asking.communicate(timeout=20)[0]
    assert told == ("a\\u001B[31m, audio\n  no packet from 192.0.2.1:4000\n"
                    "  3 packets\\u202E were late\n\nb\n")


def test_sigterm_refuses_new_calls_and_waits_for_the_others(start):
    daemon = start("--drain", "20s")
    one = udp(daemon)
    assert b"6:result2:ok" in ask(one, "1", offer("c"))
    daemon.process.send_signal(signal.SIGTERM)
    daemon.wait_for("media.drain")
    reply = bdecode(ask(one, "2", {**offer("d"), "supports": ["load limit"]}))
    assert reply["result"] == "load limit"
    assert bdecode(ask(one, "3", {"command": "query", "call-id": "c"}))["result"] == "ok"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{daemon.admin}/readyz", timeout=5)
    assert b"6:result2:ok" in ask(one, "4", {"command": "delete", "call-id": "c",
                                             "delete-delay": 0})
    assert daemon.process.wait(5) == 0
    assert not os.path.exists(daemon.path)


def events_of(log):
    return re.findall(r" event=(\S+)", log)


def test_the_last_line_of_the_log_stands_behind_those_of_the_calls(start):
    daemon = start("--drain", "1s")
    assert b"6:result2:ok" in ask(unix(daemon), "1", offer("c"))
    assert daemon.end() == 0
    assert events_of(daemon.logged())[-3:] == ["media.drain", "call.end", "media.end"]
    assert re.search(r"event=media.end .*calls=1$", daemon.logged(), re.M)


def test_without_calls_nothing_is_said_to_drain(start, tmp_path):
    key = tmp_path / "state.key"
    key.write_bytes(os.urandom(32))
    key.chmod(0o400)
    state = ("--state", f"{tmp_path}/calls", "--state-key", str(key))
    for options in ((), state):
        daemon = start(*options)
        assert daemon.end() == 0
        assert events_of(daemon.logged())[-2:] == ["media.ready", "media.end"]
        assert not os.path.exists(f"{tmp_path}/calls")


def test_a_drain_ends_by_its_time_and_a_second_signal_at_once(start):
    daemon = start("--drain", "1s")
    assert b"6:result2:ok" in ask(unix(daemon), "1", offer("c"))
    assert daemon.end() == 0
    daemon = start("--drain", "1h")
    assert b"6:result2:ok" in ask(unix(daemon), "1", offer("c"))
    daemon.process.send_signal(signal.SIGTERM)
    daemon.wait_for("media.drain")
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(10) == 0


def test_sighup_takes_what_can_change_and_names_what_cannot(programs, tmp_path, free_port):
    conf = tmp_path / "media.conf"
    first, last = OURS.range(1000)
    text = (f"[media]\ninterface = 127.0.0.1\nlisten_ng = unix:{tmp_path}/s.sock\n"
            f"ports = {first}-{last}\n")
    conf.write_text(text + "[log]\nlevel = info\n")
    log = open(tmp_path / "media.log", "w", encoding="utf-8")
    process = subprocess.Popen([f"{programs}/attestel-media", "--config", conf], stderr=log)

    def wait_for(words):
        until = time.monotonic() + 20
        while words not in (tmp_path / "media.log").read_text():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.02)
    try:
        wait_for("event=media.ready")
        conf.write_text(text.replace(f"-{last}", f"-{last - 100}") + "[log]\nlevel = debug\n")
        process.send_signal(signal.SIGHUP)
        wait_for("event=config.loaded")
        logged = (tmp_path / "media.log").read_text()
        assert re.search(r"config.needs_restart .*option=ports", logged)
        assert re.search(r"config.changed .*option=level", logged)
        conf.write_text("[media]\nports = 1\n")
        process.send_signal(signal.SIGHUP)
        wait_for("event=config.refused")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
        log.close()


@pytest.mark.parametrize("words, part", [
    ((), "--interface ADDRESS"), (("--interface", "localhost"), "literal addresses"),
    (("--interface", "127.0.0.1", "--ports", "9-1"), "20000-39999"),
    (("--interface", "127.0.0.1", "--ports", "20001-20002"), "has a pair"),
    (("--interface", "127.0.0.1", "--ports", "65535-65535"), "FIRST-LAST"),
    (("--interface", "127.0.0.1", "--listen-ng", "2223"), "udp:ADDRESS:PORT"),
    (("--interface", "127.0.0.1", "--interface", "127.0.0.2"), "name of its own"),
    (("--interface", "127.0.0.1", "--webrtc-port", "20000"), "webrtc_port"),
    (("--interface", "127.0.0.1", "--key-file", "/nowhere"), "/nowhere"),
    (("--config", "x", "--interface", "127.0.0.1"), "put the other options into it"),
    (("--interface", "127.0.0.1\n[log]"), "line end"), (("more",), "usage:"),
    (("--no-such-option",), "usage:")])
def test_a_wrong_command_line_says_what_is_allowed(programs, words, part):
    done = subprocess.run([f"{programs}/attestel-media", *words], text=True, capture_output=True,
                          check=False, timeout=20)
    assert done.returncode == 2
    assert part in done.stderr


@pytest.mark.parametrize("ports, told", [
    ("20000-20001", "ports: 20000 to 20001, pairs: 1,"),
    ("20001-20010", "ports: 20002 to 20009, pairs: 4,")])
def test_ports_are_told_as_calls_get_them(programs, ports, told):
    done = subprocess.run([f"{programs}/attestel-media", "--interface", "127.0.0.1", "--ports",
                           ports, "--check-config"], text=True, capture_output=True, check=True,
                          timeout=20)
    assert told in done.stdout
    assert ("20002-20009" in done.stderr) == (ports == "20001-20010")
    assert "from nobody: the Unix socket alone" in done.stdout


@pytest.mark.parametrize("name", ["media", "proxy", "registry"])
def test_program_manual_and_unit_name_one_configuration(root, programs, tmp_path, name):
    said = subprocess.run([f"{programs}/attestel-{name}", "--help"], text=True, check=True,
                          capture_output=True, timeout=20).stdout
    path = re.search(rf"/\S+/attestel/{name}\.conf", said)[0]
    subprocess.run([f"{root}/docs/man/make-man.sh", programs, tmp_path], check=True, timeout=60)
    page = (tmp_path / f"attestel-{name}.8").read_text()
    assert f".SH FILES\n{path}\n" in page
    below = subprocess.run(["make", "-s", "--eval", "told: ; @echo $(SYSCONFDIR)", "told"],
                           cwd=root, text=True, check=True, capture_output=True,
                           timeout=60).stdout.strip()
    with open(f"{root}/deploy/systemd/attestel-{name}.service", encoding="utf-8") as file:
        assert f"--config {path}\n" in file.read().replace("@SYSCONFDIR@", below)


def test_the_quick_start_runs_as_it_stands(root, programs, tmp_path, free_port):
    with open(f"{root}/docs/media.md", encoding="utf-8") as file:
        lines = re.search(r"## Quick start\n```\n(.*?)```", file.read(), re.S)[1]
    for port in ("2223", "9092"):
        lines = lines.replace(f":{port}", f":{free_port('127.0.0.1')}")
    done = subprocess.run(["sh", "-ec", lines + "kill $!; wait $!"], cwd=tmp_path, text=True,
                          env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
                          capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pong\n# HELP attestel_media_")
    assert done.stderr == "attestel: the relay has no calls\n"


def test_help_and_manual_say_that_a_file_excludes_the_options(programs, root, tmp_path):
    said = subprocess.run([f"{programs}/attestel-media", "--help"], text=True, check=True,
                          capture_output=True, timeout=20).stdout
    subprocess.run([f"{root}/docs/man/make-man.sh", programs, tmp_path], check=True, timeout=60)
    page = (tmp_path / "attestel-media.8").read_text().replace("\\-", "-")
    for text in (said, page):
        rule = text.index("with --config they are refused")
        assert text.index("--config") < rule < text.index("--interface ", rule)


def test_a_key_that_is_too_short_or_open_to_others_is_refused(programs, tmp_path):
    key = tmp_path / "key"
    key.write_text("short\n")
    key.chmod(0o600)
    words = [f"{programs}/attestel-media", "--interface", "127.0.0.1", "--key-file", str(key),
             "--check-config"]
    done = subprocess.run(words, text=True, capture_output=True, check=False, timeout=20)
    assert done.returncode == 2 and "openssl rand" in done.stderr
    key.write_text(KEY)
    key.chmod(0o644)
    done = subprocess.run(words, text=True, capture_output=True, check=False, timeout=20)
    assert done.returncode == 2 and "0600" in done.stderr


def test_what_is_printed_loads_again(programs, tmp_path):
    words = [f"{programs}/attestel-media", "--interface", "127.0.0.1", "--listen-ng",
             "udp:0.0.0.0:2223", "--print-config"]
    done = subprocess.run(words, text=True, capture_output=True, check=True, timeout=20)
    assert "other machines can command the relay" in done.stderr
    conf = tmp_path / "media.conf"
    conf.write_text(done.stdout)
    again = subprocess.run([words[0], "--config", str(conf), "--print-config"], text=True,
                           capture_output=True, check=True, timeout=20)
    assert again.stdout == done.stdout


def test_an_interface_that_is_not_this_machines_is_told_at_the_start(tmp_path):
    port = kit.free_port()
    done = subprocess.run([kit.BIN / "attestel-media", "--interface", "203.0.113.7",
                           "--listen-ng", f"udp:127.0.0.1:{port}"],
                          capture_output=True, text=True, timeout=20, check=False, cwd=tmp_path)
    assert done.returncode != 0
    assert "203.0.113.7" in done.stderr and "ip address show" in done.stderr
