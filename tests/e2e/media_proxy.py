# SPDX-License-Identifier: Apache-2.0
"""A proxy with a media relay behind it, and the two ends of a call through both."""
import re
import subprocess
import time

import media_kit
import processes
import proxy_kit as kit
import stage as stages
from port_kit import OURS

CALLER, CALLED = "+12135550142", "+12155550199"
SDP = "Content-Type: application/sdp"


class Rtpengine:
    """Debian's rtpengine, which speaks the same protocol. It cannot be asked what is bound."""

    def __init__(self, directory):
        self.port, self.process = media_kit.free_port(), None
        self.log = open(directory / "rtpengine.log", "w+b")
        self.ng = None

    def start(self):
        first, last = OURS.range(1000)
        self.process = subprocess.Popen(
            ["rtpengine", "--config-file=none", "-t", "-1", "-i", "127.0.0.1",
             "-n", f"127.0.0.1:{self.port}", "-f", "-E", "-L", "6", "-m", str(first),
             "-M", str(last), "--delete-delay=0"], stdout=self.log, stderr=self.log)
        self.ng = media_kit.Ng(self.port, timeout=0.2)
        for _ in range(100):
            try:
                assert self.ng.ask("ping") == {"result": "pong"}
                break
            except OSError:
                time.sleep(0.05)
        self.ng.socket.settimeout(10)
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.ng.close()
        return 0


def with_media(stage, name, relays, medias, more=""):
    """A stage's proxy with [media], what its trunks speak, and the callee as one of them; a path to
    start Proxy with, and its address."""
    host, _ = stage.at[name]
    port, admin = processes.free_port(host), processes.free_port(host)
    config = stages.proxy_config(stage, name)
    inward, outward = medias
    trunk = "customer" if name == "originating" else "foreign-carrier"
    for old, new in (
            (f"{host}:{stage.at[name][1]}", f"{host}:{port}"),
            (f"{host}:{stage.at[name + '-admin'][1]}", f"{host}:{admin}"),
            ("format = json", "format = logfmt"),
            ("%s:%d" % stage.at["terminating"], "%s:%d" % stage.at["callee"]),
            (f"[trunk \"{trunk}\"]", f"[trunk \"{trunk}\"]\nmedia = {inward}")):
        config = config.replace(old, new)
    config += (f"\n[trunk \"subscribers\"]\naddresses = {stages.CALLEE}\nrole = peer\n"
               f"media = {outward}\n\n[media]\nrelay = {', '.join(relays)}\n{more}")
    return config, (host, port), f"{host}:{admin}"


PATIENT = "timeout = 1s\n"  # a machine that runs all tests at once may be slow


class Proxy(kit.Proxy):
    """One more proxy of the stage, with a relay."""

    def __init__(self, stage, folder, name, relays, medias, more=PATIENT):
        config, self.to, self.admin = with_media(stage, name, relays, medias, more)
        super().__init__(stage.program("attestel-proxy"), folder, config)
        self.wait_ready()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        assert self.stop() == 0, self.text()[-3000:]

    def counted(self, name, **labels):
        words = ",".join(f'{k}="{v}"' for k, v in labels.items())
        return kit.metrics(self.admin).get(f"attestel_proxy_{name}{{{words}}}", 0)

    def line(self, call_id, event="call"):
        """The fields of the call's line of that event."""
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for line in self.text().splitlines():
                if f"event={event} " in line and f"call_id={call_id} " in line + " ":
                    return dict(re.findall(r'(\w+)=("[^"]*"|\S+)', line))
            time.sleep(0.02)
        raise AssertionError(f"no {event} of the call in\n{self.text()[-3000:]}")


class Dialog:
    """A call from one UDP end to another through a proxy. Each end is (socket, tag, routes)."""

    def __init__(self, proxy, caller, callee):
        self.proxy, self.ends = proxy, {"caller": caller, "callee": callee}
        self.call_id, self.cseq = kit.Ids.next(), 0
        self.tags = {"caller": "tag-caller", "callee": None}
        self.routes = {"caller": [], "callee": []}
        caller.drain()
        callee.drain()
        caller.only = callee.only = self.call_id

    def text(self, side, method, body, headers, cseq=None):
        other = "callee" if side == "caller" else "caller"
        end, peer = self.ends[side], self.ends[other]
        users = {"caller": CALLER, "callee": CALLED}
        hosts = {"caller": "a.example", "callee": "b.example"}
        to_tag = f";tag={self.tags[other]}" if self.tags[other] else ""
        uri = (f"sip:{CALLED}@b.example;user=phone" if not to_tag
               else f"sip:{peer.host}:{peer.port}")
        branch = self.branch = "z9hG4bK" + kit.Ids.next()
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {end.host}:{end.port};branch={branch};rport",
                 *(f"Route: {route}" for route in self.routes[side]), "Max-Forwards: 70",
                 f"From: <sip:{users[side]}@{hosts[side]};user=phone>;tag={self.tags[side]}",
                 f"To: <sip:{users[other]}@{hosts[other]};user=phone>{to_tag}",
                 f"Call-ID: {self.call_id}", f"CSeq: {cseq} {method}",
                 f"Contact: <sip:{end.host}:{end.port}>", *headers]
        if body:
            lines.append(SDP)
        return "\r\n".join(lines) + f"\r\nContent-Length: {len(body)}\r\n\r\n{body}"

    def send(self, side, method, body="", headers=(), cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        text = self.text(side, method, body, headers, cseq)
        self.ends[side].send(text, self.proxy.to)
        return text

    def request(self, side, method, body="", headers=(), cseq=None):
        """As the other end got it."""
        self.send(side, method, body, headers, cseq)
        other = "callee" if side == "caller" else "caller"
        while True:
            got = self.ends[other].receive()
            assert got is not None, f"no {method} arrived:\n{self.proxy.text()[-2000:]}"
            if got.start.startswith(method):
                break
        if method == "INVITE" and not self.tags["callee"]:
            self.routes["callee"] = got.all("Record-Route")
        whole(got)
        return got

    def reply(self, side, request, status, body="", headers=()):
        """As the other end got it."""
        self.tags["callee"] = self.tags["callee"] or "tag-callee"
        more = [*headers, *([SDP] if body else []),
                f"Contact: <sip:{self.ends[side].host}:{self.ends[side].port}>"]
        self.ends[side].send(kit.response(request, status, "X", more, self.tags["callee"], body),
                             self.proxy.to)
        other = "callee" if side == "caller" else "caller"
        while True:
            got = self.ends[other].receive()
            assert got is not None, f"no {status} arrived:\n{self.proxy.text()[-2000:]}"
            if got.start.startswith(f"SIP/2.0 {status} "):
                break
        if side == "callee" and not self.routes["caller"] and status >= 180:
            self.routes["caller"] = got.all("Record-Route")[::-1]
        whole(got)
        return got

    def establish(self, offer, answer, headers=()):
        """INVITE, 200, ACK; the SDPs that the ends are told."""
        invite = self.request("caller", "INVITE", offer, headers)
        ok = self.reply("callee", invite, 200, answer)
        self.request("caller", "ACK", cseq=self.cseq)
        return media_kit.Told(invite.body.decode()), media_kit.Told(ok.body.decode())

    def hang_up(self, side="caller"):
        other = "callee" if side == "caller" else "caller"
        bye = self.request(side, "BYE")
        self.reply(other, bye, 200)


def whole(message):
    """RFC 3261 §18.3: Content-Length is the body's, once."""
    assert [int(n) for n in message.all("Content-Length")] == [len(message.body)], message.data


def gone(relay, call_id, seconds=3):
    """The relay has the call no more."""
    end = time.monotonic() + seconds
    while call_id in relay.ng.ask("list")["calls"]:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def fingerprints(sdp):
    """What mky says of an SDP (RFC 8225 §5.2.2)."""
    found = {(alg.lower(), dig.replace(":", "").upper()) for alg, dig in
             re.findall(r"(?m)^a=fingerprint:(\S+) (\S+?)\r?$", sdp)}
    return [{"alg": alg, "dig": dig} for alg, dig in sorted(found, key="".join)]


def close_all(*things):
    for thing in things:
        thing.close()


def carrier_call(proxy, ends):
    return Dialog(proxy, ends["foreign"], ends["callee"])


def customer_call(proxy, ends):
    return Dialog(proxy, ends["customer"], ends["callee"])
