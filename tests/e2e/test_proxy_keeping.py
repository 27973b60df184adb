# SPDX-License-Identifier: Apache-2.0
"""What the proxy keeps, reloads and tells: tables of keys, anchors, brands, refusals."""
import os
import subprocess
import time

import proxy_kit as kit
import pytest
from test_proxy_stir import (CALLED, CALLER, Extra, arrived, call, ends,  # noqa: F401
                             identity, logged, via_of)


def until(check, seconds=5):
    """Whether check() becomes true in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_signer_who_comes_back_gets_a_table_and_it_is_counted(stage, ends, tmp_path):
    with Extra(stage, tmp_path, "terminating") as proxy:
        def kept():
            return kit.metrics(proxy.admin)["attestel_proxy_key_tables"]
        assert kept() == 0
        for _ in range(3):
            arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
        assert until(lambda: kept() == 1)
        assert "event=verify.tables program=attestel-proxy kept=1" in proxy.text()
        invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
        assert ";verstat=TN-Validation-Passed@" in invite.first("From")


SDP = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVP 0\r\n"
       "a=fingerprint:sha-256 %s\r\n")


def with_body(ends, to, header, body):
    """The INVITE as the callee got it, sent with a body."""
    text = kit.request("INVITE", f"sip:{CALLED}@b.example;user=phone",
                       "%s:%d" % (ends["foreign"].host, ends["foreign"].port), [
                           f"From: <sip:{CALLER}@a.example;user=phone>;tag=1",
                           f"To: <sip:{CALLED}@b.example;user=phone>", header,
                           "Content-Type: application/sdp"],
                       body, leave_out=["From", "To"])
    for end in ends.values():
        end.only = kit.Message(text.encode()).first("Call-ID")
    ends["foreign"].send(text, to)
    invite = ends["callee"].receive()
    ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
    return invite


def test_media_keys_of_a_passport_are_held_against_the_sdp(stage, ends, tmp_path):
    """RFC 8225 5.2.2: mky."""
    ours, other = ":".join(["0A"] * 32), ":".join(["0B"] * 32)
    with Extra(stage, tmp_path, "terminating") as proxy:
        for offered, verstat in ((ours, "TN-Validation-Passed"), (other, "No-TN-Validation")):
            sdp = stage.write("offer.sdp", SDP % ours)
            header = identity(stage, "--sdp", sdp)
            invite = with_body(ends, proxy.to, header, SDP % offered)
            line = logged(proxy, invite)
            assert f";verstat={verstat}@" in invite.first("From"), line
            assert ("checks_failed=media" in line) == (offered == other)


def test_line_of_a_call_says_why_its_check_failed_and_no_number(stage, ends, tmp_path):
    with Extra(stage, tmp_path, "terminating") as proxy:
        invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage)],
                         caller="+12135550143")
        line = logged(proxy, invite)
        assert "checks_failed=orig " in line and " why=\"" in line
        assert "5550143" not in line and "5550142" not in line


def test_refused_stranger_leaves_its_address_in_the_log(stage, tmp_path):
    stranger = kit.Udp("127.0.0.77")
    with Extra(stage, tmp_path, "terminating") as proxy:
        stranger.send(kit.request("INVITE", f"sip:{CALLED}@b.example",
                                  f"{stranger.host}:{stranger.port}"), proxy.to)
        assert stranger.receive_final().status == 403
        assert until(lambda: f"why=unknown_source source=127.0.0.77 port={stranger.port} "
                             "method=INVITE" in proxy.text())
    stranger.close()


def test_responses_do_not_carry_our_assertions_back(stage, ends):
    call(ends, "foreign", stage.at["terminating"], [identity(stage)])
    invite = ends["callee"].receive()
    assert ";verstat=TN-Validation-Passed@" in invite.first("From")
    ends["callee"].send(kit.response(invite, 486, "Busy", [
        "P-Attestation-Indicator: A", "P-Origination-ID: x", "X-Own: stays"]), via_of(invite))
    answer = ends["foreign"].receive_final()
    assert answer.status == 486 and b"verstat" not in answer.data
    assert answer.first("From") == f"<sip:{CALLER}@a.example;user=phone>;tag=1"
    assert not answer.all("P-Attestation-Indicator") and not answer.all("P-Origination-ID")
    assert answer.all("X-Own") == ["stays"]
