# SPDX-License-Identifier: Apache-2.0
"""What the proxy keeps, reloads and tells: tables of keys, anchors, brands, refusals."""
import os
import subprocess
import time

import proxy_kit as kit
import pytest
from test_proxy_stir import CALLED, CALLER, Extra, arrived, call, identity, logged, via_of


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


# Configuration: what is refused before it costs a call

GOOD = """
[proxy]
listen_udp = 127.0.2.2:5060
[certs]
anchors = {dir}/root.pem
[trunk "a"]
addresses = 127.0.2.11, 192.0.2.0/24
role = customer
[trunk "b"]
addresses = 127.0.2.12
[route "all"]
match = *
target = sip:127.0.2.13:5060
"""


def check(stage, folder, config):
    path = folder / "checked.conf"
    path.write_text(config.format(dir=stage.dir, pki=stage.pki))
    return subprocess.run([stage.program("attestel-proxy"), "--config", str(path),
                           "--check-config"], text=True, capture_output=True, timeout=20,
                          check=False)


@pytest.mark.parametrize("old, new, said", [
    ("root.pem", "absent.pem", "absent.pem: No such file"),
    ("{dir}/root.pem", "{pki}/carrier.key", "carrier.key: "),
    ("{dir}/root.pem", "/dev/null", "[certs] anchors: /dev/null: "),
    ("root.pem\n", "root.pem\ncrls = {dir}/root.pem\n", "[certs] crls: "),
    ("root.pem\n", "root.pem\ncrl_issuers = /dev/null\n", "[certs] crl_issuers: /dev/null: "),
    ("root.pem\n", "root.pem\nports = 443,x\n", "ports: "),
    ("root.pem\n", "root.pem\nports = 0x1bb\n", "ports: "),
    ("root.pem\n", "root.pem\ntest_addresses = localhost\n", "test_addresses: "),
    ("[trunk \"a\"]", "[registry]\nurl = 127.0.0.1:8080\n[trunk \"a\"]", "url: "),
    ("[trunk \"a\"]", "[signing]\ncertificate_file = {pki}/carrier.pem\n[trunk \"a\"]",
     "certificate_file needs key_file"),
    ("[trunk \"a\"]", "[signing]\nkey_file = {pki}/carrier.key\n[trunk \"a\"]",
     "certificate_file and x5u"),
    ("addresses = 127.0.2.12", "addresses = 127.0.2.11", "is trunk \"a\"'s already"),
    ("addresses = 127.0.2.12", "addresses = 192.0.2.77/24", "is trunk \"a\"'s already"),
    (GOOD[GOOD.index("[trunk"):GOOD.index("[route")], "", "no [trunk"),
    (GOOD[GOOD.index("[route"):], "", "no [route"),
])
def test_configuration_that_could_not_start_or_carry_a_call_is_refused(stage, tmp_path, old, new,
                                                                       said):
    assert old in GOOD
    done = check(stage, tmp_path, GOOD.replace(old, new))
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "checked.conf" in done.stderr


def test_good_configuration_passes_without_a_warning(stage, tmp_path):
    done = check(stage, tmp_path, GOOD)
    assert (done.returncode, done.stderr) == (0, "")
    # A port, or a longer prefix, is another address: the closer one has the call.
    done = check(stage, tmp_path, GOOD.replace("= 127.0.2.12",
                                               "= 127.0.2.11:5070, 192.0.2.0/25"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("old, new, said", [
    ("anchors = {dir}/root.pem", "", "no anchors"),
    ("[trunk \"a\"]", "[signing]\nkey_file = {pki}/carrier.key\nx5u = https://c.example/1.pem\n"
     "certificate_file = {pki}/carrier.pem\n[trunk \"a\"]", "any_number = yes"),
])
def test_configuration_that_does_less_than_it_seems_is_warned_about(stage, tmp_path, old, new,
                                                                    said):
    done = check(stage, tmp_path, GOOD.replace(old, new))
    assert done.returncode == 0 and "warning: " in done.stderr and said in done.stderr


def test_warning_ends_when_the_configuration_says_what_is_wanted(stage, tmp_path):
    signing = ("[signing]\nkey_file = {pki}/carrier.key\nx5u = https://c.example/1.pem\n"
               "certificate_file = {pki}/carrier.pem\nany_number = yes\n[trunk \"a\"]")
    config = GOOD.replace("[trunk \"a\"]", signing).replace("anchors = {dir}/root.pem", "")
    done = check(stage, tmp_path, config.replace("[trunk \"b\"]", "[trunk \"b\"]\nrole = customer"))
    assert (done.returncode, done.stderr) == (0, "")


# Reload

def reload(proxy, event):
    seen = proxy.text().count(f"event={event} ")
    os.kill(proxy.process.pid, 1)
    assert until(lambda: proxy.text().count(f"event={event} ") > seen), proxy.text()[-2000:]


def verstat(stage, ends, proxy):
    invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
    return invite.first("From").split("verstat=")[1].split("@")[0]


def test_anchors_change_at_a_reload_and_a_bad_file_changes_nothing(stage, ends, tmp_path):
    own = tmp_path / "anchors.pem"
    own.write_text(stage.read("root.pem"))
    stage.cli("pki", "init", str(tmp_path / "elsewhere"))
    with Extra(stage, tmp_path, "terminating", (f"{stage.dir}/root.pem", str(own))) as proxy:
        assert verstat(stage, ends, proxy) == "TN-Validation-Passed"
        own.write_text((tmp_path / "elsewhere" / "root.pem").read_text())
        reload(proxy, "config.loaded")
        assert verstat(stage, ends, proxy) == "TN-Validation-Failed"
        own.write_text(stage.read("root.pem"))
        reload(proxy, "config.loaded")
        header = identity(stage)
        assert b"Validation-Passed" in arrived(stage, ends, "foreign", proxy.to, [header]).data
        own.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        reload(proxy, "config.refused")
        assert verstat(stage, ends, proxy) == "TN-Validation-Passed"
        own.write_text(stage.read("root.pem"))
        reload(proxy, "config.loaded")  # what was seen before it is still a replay
        assert b"Passed" not in arrived(stage, ends, "foreign", proxy.to, [header]).data


def test_revocation_list_that_is_required_and_not_there_fails_the_call(stage, ends, tmp_path):
    strict = ("[trunk \"foreign-carrier\"]", "[trunk \"foreign-carrier\"]\nrequire_crl = yes")
    with Extra(stage, tmp_path, "terminating", strict) as proxy:
        invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage)])
        assert b"Passed" not in invite.data
        assert "reason=crl_missing" in logged(proxy, invite)


def test_revocation_counts_from_a_reload_on(stage, ends, tmp_path):
    lists = tmp_path / "crl.pem"
    crls = ("ports = ", f"crls = {lists}\nports = ")
    stage.cli("pki", "issue", stage.pki, "soon", "--type", "shaken", "--spc", "77",
              "--not-before", str(int(time.time()) - 86400))
    url = stage.upload("/v1/certificates", "application/x-pem-file",
                       stage.read("pki", "soon.pem").encode(), "proxy")["url"]
    stage.cli("pki", "crl", stage.pki)
    lists.write_text(stage.read("pki", "crl.pem"))

    def line_of_call(proxy):
        header = identity(stage, signer="soon", x5u=url)
        return logged(proxy, arrived(stage, ends, "foreign", proxy.to, [header]))
    with Extra(stage, tmp_path, "terminating", crls) as proxy:
        assert "verstat=TN-Validation-Passed" in line_of_call(proxy)
        stage.cli("pki", "crl", stage.pki, "--revoke", "soon",
                  "--now", str(int(time.time()) + 5))
        lists.write_text(stage.read("pki", "crl.pem"))
        assert "verstat=TN-Validation-Passed" in line_of_call(proxy)
        reload(proxy, "config.loaded")
        assert "reason=cert_revoked" in line_of_call(proxy)


@pytest.mark.parametrize("namespaces, proven", [("esnet", "true"), ("ets", "false")])
def test_callback_of_a_psap_is_proven_by_a_signer_of_a_granted_namespace(stage, ends, tmp_path,
                                                                         namespaces, proven):
    """RFC 8443, RFC 9027: whatever is proven, the call goes on."""
    granted = ("[trunk \"foreign-carrier\"]",
               f"[trunk \"foreign-carrier\"]\nnamespaces = {namespaces}")
    rph = stage.cli("passport", "sign", "--key", f"{stage.pki}/foreign.key", "--cert",
                    f"{stage.pki}/foreign.pem", "--x5u", stage.ids["x5u-foreign"], "--from",
                    CALLER, "--to", CALLED, "--any-number", "--rph", "esnet.0", "--sph",
                    "psap-callback", "--namespace", "esnet")
    with Extra(stage, tmp_path, "terminating", granted) as proxy:
        arrived(stage, ends, "foreign", proxy.to, [identity(stage)])  # the certificate is known
        invite = arrived(stage, ends, "foreign", proxy.to, [
            identity(stage), "Identity: " + rph, "Resource-Priority: esnet.0",
            "Priority: psap-callback"])
        line = logged(proxy, invite)
        assert f"psap_callback={proven}" in line and "emergency=true" in line, line
        assert "reason=ok" in line
