# SPDX-License-Identifier: Apache-2.0
"""Kamailio with our configurations, and SIPp on both sides of it, step by step."""
import itertools
import os
import pathlib
import signal
import socket
import subprocess
import time

from media_peers import HOST
from processes import free_port, is_taken
from sipp import read_trace

CONFIGS = pathlib.Path(__file__).parents[2] / "deploy/kamailio"
START_S = STEP_S = 10


class Kamailio:
    """A real Kamailio between a caller and NEXT_HOP, with some relays."""

    def __init__(self, config, folder, relays, next_hop, **defines):
        self.folder, self.port = pathlib.Path(folder), free_port(HOST)
        sockets = " ".join(f"udp:{HOST}:{relay.port}" for relay in relays)
        defines = {"LISTEN": f"udp:{HOST}:{self.port}", "RELAYS": f'"{sockets}"',
                   "NEXT_HOP": f'"sip:{HOST}:{next_hop}"', **defines}
        words = [word for name, value in defines.items() for word in ("-A", f"{name}={value}")]
        self.log = open(self.folder / "kamailio.log", "wb")
        self.process = subprocess.Popen(
            ["kamailio", "-f", CONFIGS / config, "-DD", "-E", "-m", "32", "-M", "8",
             "-Y", self.folder, "-w", self.folder, *words], stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL, start_new_session=True)
        self.wait(lambda: is_taken((HOST, self.port), socket.SOCK_DGRAM))

    def text(self):
        return (self.folder / "kamailio.log").read_text(errors="replace")

    def wait(self, true):
        end = time.monotonic() + START_S
        while not true():
            assert time.monotonic() < end and self.process.poll() is None, self.text()[-3000:]
            time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


SDP = """v=0
o=sipp 1 {version} IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio {port} RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}
"""
REQUEST = """{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
Max-Forwards: 70
{routes}From: <sip:caller@[local_ip]>;tag=[pid]x[call_number]
{to}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:caller@[local_ip]:[local_port]>
"""
ANSWER = """SIP/2.0 {status} {phrase}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
{cseq}
Contact: <sip:callee@[local_ip]:[local_port]>
"""


class Scenario:
    """SIPp's XML, from steps. Where it says wait(), the test says when it goes on."""

    def __init__(self, port="[media_port]"):
        self.port, self.steps = port, []
        self.cseq = self.version = self.invites = self.invite_at = 0

    def send(self, head, direction=None, retrans=False):
        body = ""
        if direction:
            self.version += 1
            head += "Content-Type: application/sdp\n"
            body = SDP.format(version=self.version, port=self.port, direction=direction)
        text = f"\n{head}Content-Length: {'[len]' if body else 0}\n\n{body}\n"
        extra = ' retrans="500"' if retrans else ""
        self.steps.append(f"<send{extra}><![CDATA[{text}]]></send>")
        return self

    def recv(self, what, value, extra=""):
        self.steps.append(f'<recv {what}="{value}"{extra}/>')
        return self

    def wait(self):
        """Until the test sends an INFO of the call."""
        self.recv("request", "INFO")
        return self.send(ANSWER.format(status=200, phrase="OK", tag="", cseq="[last_CSeq:]"))

    def request(self, method, direction=None, retrans=False, of_invite=False):
        if method not in ("ACK", "CANCEL"):
            self.cseq += 1
        out_of_dialog = self.cseq == 1 and (method == "INVITE" or of_invite)
        branch = f"[branch-{len(self.steps) - self.invite_at}]" if of_invite else "[branch]"
        return self.send(REQUEST.format(
            method=method, cseq=self.cseq, branch=branch,
            uri="sip:[service]@[remote_ip]:[remote_port]" if out_of_dialog else "[next_url]",
            routes="" if out_of_dialog else "[routes]\n",
            to="To: <sip:[service]@[remote_ip]>" if out_of_dialog and method != "ACK"
            else "[last_To:]"), direction, retrans)

    # The caller's steps.
    def invite(self, direction="sendrecv"):
        self.invite_at = len(self.steps)
        self.request("INVITE", direction, retrans=True)
        return self.recv("response", 100, ' optional="true"').recv("response", 180,
                                                                   ' optional="true"')

    def accepted(self):
        return self.recv("response", 200, ' rrs="true"').request("ACK")

    def refused(self, status):
        return self.recv("response", status).request("ACK", of_invite=True)

    def cancel(self):
        self.request("CANCEL", of_invite=True, retrans=True)
        return self.recv("response", 200).refused(487)

    def bye(self):
        return self.request("BYE", retrans=True).recv("response", 200)

    # The callee's steps.
    def answer(self, status, phrase, direction=None, cseq="[last_CSeq:]", to_invite=True):
        tag = ";tag=[call_number]" if self.invites == 1 and to_invite else ""
        return self.send(ANSWER.format(status=status, phrase=phrase, tag=tag, cseq=cseq),
                         direction, retrans=to_invite and status >= 200)

    def invited(self):
        self.invites += 1
        return self.recv("request", "INVITE", ' rrs="true"').answer(180, "Ringing")

    def accept(self, direction="sendrecv"):
        return self.answer(200, "OK", direction).recv("request", "ACK")

    def refuse(self, status, phrase):
        return self.answer(status, phrase).recv("request", "ACK")

    def ended(self):
        return self.recv("request", "BYE").answer(200, "OK", to_invite=False)

    def cancelled(self):
        self.recv("request", "CANCEL").answer(200, "OK", to_invite=False)
        self.answer(487, "Request Terminated", cseq="CSeq: 1 INVITE")
        return self.recv("request", "ACK")

    def xml(self):
        steps = "\n".join(self.steps)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario>\n{steps}\n</scenario>\n'


def is_whole(message):
    """SIPp writes its trace while we read it."""
    length = message.first("content-length")
    return length is not None and len(message.body.replace("\n", "\r\n")) >= int(length)


class Sipp:
    """One SIPp that runs a scenario once, and what it received."""
    count = itertools.count(1)

    def __init__(self, folder, scenario, remote=None, port=None, calls=1, user="callee",
                 options=()):
        self.folder, self.name = pathlib.Path(folder), f"sipp{next(Sipp.count)}"
        self.port = port or free_port(HOST)
        self.call_id = f"{self.name}@{HOST}"
        self.trace = self.folder / f"{self.name}.trace"
        path = self.folder / f"{self.name}.xml"
        path.write_text(scenario.xml())
        command = ["sipp", "-sf", path, "-i", HOST, "-p", self.port, "-m", calls, "-s", user,
                   "-nostdin", "-skip_rlimit", "-timeout", 40, "-timeout_error",
                   "-trace_msg", "-message_file", self.trace, "-message_overwrite", "true",
                   "-trace_err", "-error_file", self.folder / f"{self.name}.err", *options]
        if remote:
            command += ["-cid_str", self.call_id, f"{HOST}:{remote}"]
        self.out = open(self.folder / f"{self.name}.out", "wb")
        self.process = subprocess.Popen(list(map(str, command)), stdout=self.out, stderr=self.out,
                                        stdin=subprocess.DEVNULL, cwd=self.folder)
        if not remote:
            end = time.monotonic() + START_S
            while not is_taken((HOST, self.port), socket.SOCK_DGRAM):
                assert time.monotonic() < end, "SIPp does not listen"
                time.sleep(0.02)

    def received(self, start=None):
        """Messages that begin so, without those that came again."""
        found = {}
        for message in read_trace(self.trace):
            if message.sent or not is_whole(message):
                continue
            if start is None or message.start.startswith(start):
                found.setdefault((message.start, message.first("cseq"), message.body), message)
        return list(found.values())

    def sdp(self, number):
        """The body of the n-th message with an SDP that comes, from 1."""
        end = time.monotonic() + STEP_S
        while len(bodies := [m.body for m in self.received() if m.body.strip()]) < number:
            assert time.monotonic() < end, f"no SDP {number} comes: {self.told()}"
            time.sleep(0.02)
        return bodies[number - 1]

    def waits_for(self, start):
        end = time.monotonic() + STEP_S
        while not self.received(start):
            assert time.monotonic() < end, f"no {start} comes: {self.told()}"
            time.sleep(0.02)

    def go(self):
        """Past the next wait() of the scenario; the INFO repeats the dialog's To."""
        answers = [m for m in self.received("SIP/2.0") if "tag=" in m.first("to")]
        text = (f"INFO sip:caller@{HOST}:{self.port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {HOST}:9;branch=z9hG4bK{time.monotonic_ns()}\r\n"
                f"From: <sip:test@{HOST}>;tag=test\r\nTo: {answers[-1].first('to')}\r\n"
                f"Call-ID: {self.call_id}\r\nCSeq: 1 INFO\r\nContent-Length: 0\r\n\r\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.sendto(text.encode(), (HOST, self.port))

    def told(self):
        errors = self.folder / f"{self.name}.err"
        lines = [f"{'>' if m.sent else '<'} {m.start}" for m in read_trace(self.trace)]
        return "\n".join([*lines, errors.read_text() if errors.exists() else ""])

    def ends(self):
        """It comes to the end of its scenario."""
        try:
            code = self.process.wait(STEP_S)
        except subprocess.TimeoutExpired:
            code = None
        assert code == 0, f"{self.name} did not do its part ({code}):\n{self.told()}"

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.out.close()
