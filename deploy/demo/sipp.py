# SPDX-License-Identifier: Apache-2.0
"""SIPp as caller and callee, and what its message traces say."""
import datetime
import os
import re
import socket
import subprocess
import time

SCENARIOS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")
HEAD = re.compile(r"^-{20,} (\d{4}-\d\d-\d\d[ \t][\d:.]+)\n\w+ message (sent|received) [^\n]*:\n\n",
                  re.M)
COMPACT = {"i": "call-id", "f": "from", "t": "to", "m": "contact", "v": "via", "y": "identity"}


class SippError(Exception):
    """SIPp did not do its part; the text says where to look."""


class Message:
    """One SIP message of a trace."""

    def __init__(self, when, sent, text):
        self.when = when
        self.sent = sent
        head, _, self.body = text.replace("\r\n", "\n").partition("\n\n")
        lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
        self.start = lines[0]
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                name = name.strip().lower()
                self.headers.append((COMPACT.get(name, name), value.strip()))

    def all(self, name):
        return [value for key, value in self.headers if key == name]

    def first(self, name):
        return next(iter(self.all(name)), None)

    @property
    def method(self):
        """The method of a request, None for an answer."""
        word = self.start.split(" ")[0]
        return None if word == "SIP/2.0" else word

    @property
    def status(self):
        """The status of an answer, None for a request."""
        words = self.start.split(" ")
        return int(words[1]) if words[0] == "SIP/2.0" and words[1].isdigit() else None


def read_trace(path):
    """The messages of a trace file, in order; [] while there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    heads = list(HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    messages = []
    for head, end in zip(heads, ends):
        stamp = head.group(1).replace("\t", " ")
        when = datetime.datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S.%f").timestamp()
        messages.append(Message(when, head.group(2) == "sent", text[head.end():end]))
    return messages


def arguments(scenario, local, trace, transport):
    """What every SIPp of ours is started with; trace None: messages are not written down."""
    command = ["sipp", "-sf", os.path.join(SCENARIOS, scenario), "-i", local[0],
               "-p", str(local[1]), "-t", transport, "-nostdin", "-skip_rlimit"]
    if trace:
        command += ["-trace_msg", "-message_file", trace, "-message_overwrite", "true"]
    return command


class Callee:
    """A telephone that answers every call, over UDP and TCP on one port. With audio_port its SDP
    names a socket that is not SIPp's."""

    def __init__(self, stage, address, traced=True, audio_port=None):
        self.address = address
        self.traces = []
        with open(os.path.join(SCENARIOS, "callee.xml"), encoding="utf-8") as file:
            scenario = file.read().replace("[media_port]", str(audio_port or "[media_port]"))
        scenario = stage.write("callee.xml", scenario)
        for transport, kind in (("u1", socket.SOCK_DGRAM), ("t1", socket.SOCK_STREAM)):
            name = f"callee-{transport}"
            trace = stage.path(f"{name}.trace.log")
            stage.spawn(name, arguments(scenario, address, trace if traced else None,
                                        transport))
            stage.wait_taken(name, address, kind)
            self.traces.append(trace)

    def invite(self, call_id, deadline_s=5.0):
        """The INVITE that came with call_id, or None when none comes in time."""
        end = time.monotonic() + deadline_s
        while True:
            for trace in self.traces:
                for message in read_trace(trace):
                    if message.method == "INVITE" and message.first("call-id") == call_id:
                        return message
            if time.monotonic() > end:
                return None
            time.sleep(0.02)


class Call:
    """What the caller's SIPp saw of one call."""

    def __init__(self, call_id, messages, done):
        self.call_id = call_id
        self.done = done  # SIPp came to the end of its scenario
        sent = [m for m in messages if m.sent and m.method == "INVITE"]
        answers = [m for m in messages if not m.sent and m.status
                   and "INVITE" in (m.first("cseq") or "")]
        self.sent_at = sent[0].when if sent else None
        self.retransmitted = len(sent) - 1
        self.status = next((m.status for m in answers if m.status >= 200), None)
        self.reasons = [value for m in answers for value in m.all("reason")]


def place_call(stage, local, remote, name, caller, called, headers=()):
    """Places one call and waits for its end, at most 15 s. Returns a Call."""
    trace = stage.path(f"caller-{name}.log")
    scenario = "caller-headers.xml" if headers else "caller.xml"
    call_id = f"{name}@{local[0]}"
    command = arguments(scenario, local, trace, "u1") + [
        "-m", "1", "-key", "from", caller, "-key", "to", called, "-cid_str", call_id,
        "-timeout", "12", "-timeout_error", f"{remote[0]}:{remote[1]}"]
    if headers:
        command[1:1] = ["-key", "headers", "\r\n".join(headers)]
    with open(stage.path(f"caller-{name}.out"), "wb") as out:
        try:
            done = subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                  cwd=stage.dir, timeout=15, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            done = False
    call = Call(call_id, read_trace(trace), done)
    if call.sent_at is None:
        raise SippError(f"SIPp sent nothing for {name}: see {stage.dir}/caller-{name}.out")
    return call


def place_load(stage, local, remote, n, per_second, keys):
    """Places n calls at a rate. Returns how many of them failed."""
    command = arguments("caller.xml", local, None, "u1") + [
        "-m", str(n), "-r", str(per_second), "-timeout", str(n // per_second + 30)]
    for key, value in keys.items():
        command += ["-key", key, value]
    with open(stage.path("load.out"), "wb") as out:
        subprocess.run(command + [f"{remote[0]}:{remote[1]}"], stdout=out, stderr=out,
                       stdin=subprocess.DEVNULL, cwd=stage.dir, check=False,
                       timeout=n // per_second + 60)
    with open(stage.path("load.out"), encoding="utf-8", errors="replace") as file:
        ended = re.findall(r"Successful call\s+\|\s+\d+\s+\|\s+(\d+)", file.read())
    return n - int(ended[-1]) if ended else n
