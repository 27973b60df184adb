# SPDX-License-Identifier: Apache-2.0
"""Calls with sound through the media relay: who calls, what each end hears, what the relay says."""
import contextlib
import email.utils
import secrets
import socket
import time

import rtp
import sipp
import stage as stages
import webrtc

PACKETS, EVERY_S = 50, 0.02
LATE_S = 0.3  # what has not come by then counts as lost
ANSWER_S = 5.0
TONE = bytes.fromhex("1e0b0b1e9e8b8b9e") * 20  # 1 kHz in PCMU (ITU-T G.711, table 6)


class Dialog:
    """A call over UDP whose SDP is not SIPp's. messages are as those of a trace."""

    def __init__(self, local, remote, call_id, users):
        self.local, self.remote, self.call_id, self.users = local, remote, call_id, users
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(local)
        self.socket.settimeout(ANSWER_S)
        self.messages, self.cseq = [], 0
        self.uri = f"sip:{users[1]}@{remote[0]}:{remote[1]};user=phone"
        self.to = f"<sip:{users[1]}@{remote[0]};user=phone>"
        self.routes = []

    def send(self, method, headers=(), body=""):
        self.cseq += method != "ACK"
        at = "%s:%d" % self.local
        text = "\r\n".join([
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {at};branch=z9hG4bK{secrets.token_hex(8)}", "Max-Forwards: 70",
            *(f"Route: {route}" for route in self.routes),
            f"From: <sip:{self.users[0]}@{self.local[0]};user=phone>;tag=caller", f"To: {self.to}",
            f"Call-ID: {self.call_id}", f"CSeq: {self.cseq} {method}",
            f"Contact: <sip:{self.users[0]}@{at}>", *headers,
            f"Content-Length: {len(body)}\r\n\r\n{body}"])
        self.messages.append(sipp.Message(time.time(), True, text))
        self.socket.sendto(text.encode(), self.remote)

    def final(self, method):
        """The final answer to the last request of that method; None when none comes."""
        while True:
            try:
                text = self.socket.recv(65536).decode("utf-8", "replace")
            except TimeoutError:
                return None
            message = sipp.Message(time.time(), False, text)
            self.messages.append(message)
            if (message.status or 0) >= 200 and \
                    message.first("cseq") == f"{self.cseq} {method}":
                return message

    def invite(self, sdp, headers=()):
        """The callee's answer to an INVITE or re-INVITE, None when it is none of 200."""
        self.send("INVITE", [*headers, f"Date: {email.utils.formatdate(usegmt=True)}",
                             "Content-Type: application/sdp"], sdp)
        answer = self.final("INVITE")
        if answer is None or answer.status != 200:
            return None
        self.to = answer.first("to")
        self.routes = self.routes or answer.all("record-route")[::-1]
        self.uri = answer.first("contact").strip("<>")
        self.send("ACK")
        return answer

    def hang_up(self):
        self.send("BYE")
        answer = self.final("BYE")
        return answer is not None and answer.status == 200

    def close(self):
        self.socket.close()


class Telephone(sipp.Callee):
    """The callee of the demo: SIPp answers, and what is heard and said is ours."""

    def __init__(self, stage):
        self.audio = rtp.RtpPeer(stages.CALLEE)
        super().__init__(stage, stage.at["callee"], audio_port=self.audio.port)


def talk(caller, callee, answers=True):
    """A second of sound: how many packets each end sent, and how many of them came."""
    ends = {"caller": caller, "callee": callee}
    sent = {"caller": PACKETS, "callee": PACKETS if answers else 0}
    for _ in range(PACKETS):
        for name, end in ends.items():
            if sent[name]:
                end.send(TONE)
        time.sleep(EVERY_S)
    time.sleep(LATE_S)
    came = {name: sum(packet[-len(TONE):] == TONE for packet in end.drain(EVERY_S))
            for name, end in ends.items()}
    return {"sent_by_caller": sent["caller"], "heard_by_callee": came["callee"],
            "sent_by_callee": sent["callee"], "heard_by_caller": came["caller"]}


def connect(stage, telephone, dialog, caller, *signed_with):
    """True when caller's call was answered and its sound has a way."""
    identity = stage.sign(*dialog.users, *signed_with)
    answer = dialog.invite(caller.sdp(), [f"Identity: {identity}"])
    invite = telephone.invite(dialog.call_id)
    if answer is None or invite is None:
        return False
    caller.hear(rtp.Told(answer.body))
    telephone.audio.hear(rtp.Told(invite.body))
    return not isinstance(caller, webrtc.Browser) or caller.connect()


def signed_browser(stage, telephone, dialog, caller):
    """Its carrier signs the fingerprint of its certificate (mky) with the number."""
    sdp = stage.write("browser.sdp", caller.sdp())
    return connect(stage, telephone, dialog, caller, "--sdp", sdp)


def from_browser(stage, telephone, dialog):
    with contextlib.closing(webrtc.Browser(host=stages.BROWSER)) as caller:
        if signed_browser(stage, telephone, dialog, caller):
            return talk(caller, telephone.audio)
    return None


def taken_over(stage, telephone, dialog):
    """Whoever is on the way of the signalling can do this: the SDP of the re-INVITE names the
    thief's own certificate and ICE password, and both are as they have to be."""
    with contextlib.closing(webrtc.Browser(host=stages.BROWSER)) as caller, \
            contextlib.closing(webrtc.Browser(host=stages.BROWSER)) as thief:
        if not signed_browser(stage, telephone, dialog, caller):
            return None
        answer = dialog.invite(thief.sdp())
        if answer is None:
            return None
        thief.hear(rtp.Told(answer.body))
        return talk(thief, telephone.audio) if thief.connect() else None


def one_way(stage, telephone, dialog):
    with contextlib.closing(rtp.RtpPeer(stages.FOREIGN)) as caller:
        if connect(stage, telephone, dialog, caller):
            return talk(caller, telephone.audio, answers=False)
    return None


def place_call(stage, telephone, name, local, users, sound):
    """Places one call; the Call, and what was heard of it with what the relay says of it, or None
    where nobody could have heard anything."""
    with contextlib.closing(Dialog(local, stage.at["terminating"], f"{name}@{local[0]}",
                                   users)) as dialog:
        media = sound(stage, telephone, dialog)
        if media:
            party = stage.ask_relay("query", dialog.call_id)["tags"]["caller"]
            legs = stage.ask_relay("why", dialog.call_id)["legs"]
            media = {"identity": party["media identity"], **media,
                     "why": {leg["tag"].rstrip("0123456789"): leg["lines"] for leg in legs}}
        done = dialog.hang_up()
    return sipp.Call(dialog.call_id, dialog.messages, done), media
