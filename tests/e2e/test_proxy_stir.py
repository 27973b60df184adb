# SPDX-License-Identifier: Apache-2.0
"""Signing and verifying in the proxy: headers, policies, and what the silence of others costs."""
import base64
import json
import os
import time

import processes
import proxy_kit as kit
import pytest
import stage as stages

CALLER, CALLED = "+12135550142", "+12155550199"
CODES = "403,428,436,437,438"


def call(ends, sender, to, headers=(), caller=CALLER, called=CALLED):
    """Sends an INVITE; its text. From now on only this call is received."""
    text = kit.request("INVITE", f"sip:{called}@b.example;user=phone",
                       f"{ends[sender].host}:{ends[sender].port}", [
                           f"From: <sip:{caller}@a.example;user=phone>;tag=1",
                           f"To: <sip:{called}@b.example;user=phone>", *headers],
                       leave_out=["From", "To"])
    for end in ends.values():
        end.only = kit.Message(text.encode()).first("Call-ID")
    ends[sender].send(text, to)
    return text


def arrived(stage, ends, sender, to, headers=(), **more):
    """The INVITE as the callee got it; the call is then over."""
    call(ends, sender, to, headers, **more)
    invite = ends["callee"].receive()
    assert invite is not None, "it did not arrive"
    ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
    return invite


def via_of(message):
    """Where a response goes."""
    host, port = message.all("Via")[0].split()[1].split(";")[0].split(":")
    return host, int(port)


def logged(proxy, invite):
    """The call's line in the proxy's log."""
    end = time.monotonic() + 3
    while True:
        lines = [line for line in proxy.text().splitlines()
                 if f"call_id={invite.first('Call-ID')} " in line]
        if lines:
            return lines[0]
        assert time.monotonic() < end, "no line about the call"
        time.sleep(0.02)


def payload(identity):
    part = identity.split(";")[0].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def identity(stage, *options, **more):
    return "Identity: " + stage.sign(CALLER, CALLED, *options, **more)


class Extra(kit.Proxy):
    """One more proxy beside the stage's, its configuration changed."""

    def __init__(self, stage, folder, name, *changes):
        host, _ = stage.at[name]
        port, admin = processes.free_port(host), processes.free_port(host)
        config = stages.proxy_config(stage, name)
        for old, new in ((f"{host}:{stage.at[name][1]}", f"{host}:{port}"),
                         (f"{host}:{stage.at[name + '-admin'][1]}", f"{host}:{admin}"),
                         ("format = json", "format = logfmt"), *changes):
            assert old in config, old
            config = config.replace(old, new)
        super().__init__(stage.program("attestel-proxy"), folder, config)
        self.to = (host, port)
        self.admin = f"{host}:{admin}"
        self.wait_ready()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        assert self.stop() == 0, self.text()[-3000:]


REJECTING = ("[trunk \"foreign-carrier\"]", f"[trunk \"foreign-carrier\"]\nreject = {CODES}")


@pytest.fixture(scope="module")
def rejecting(stage, tmp_path_factory):
    with Extra(stage, tmp_path_factory.mktemp("rejecting"), "terminating", REJECTING) as proxy:
        yield proxy


# RFC 8224 §6.1, RFC 8588

def test_as3_as9_as11_call_of_a_customer_gets_date_and_a_shaken_passport(stage, ends):
    """AS3, AS9, AS10: Date added, attest by the registry, origid a UUID."""
    invite = arrived(stage, ends, "customer", stage.at["originating"])
    assert invite.first("Date").endswith(" GMT")
    claims = payload(invite.first("Identity"))
    assert claims["orig"] == {"tn": CALLER[1:]} and claims["dest"] == {"tn": [CALLED[1:]]}
    assert claims["attest"] == "B" and len(claims["origid"]) == 36
    assert abs(claims["iat"] - time.time()) < 5
    assert invite.first("P-Attestation-Indicator") == "B"


def test_as6_identity_that_was_there_stays_first_and_ours_follows(stage, ends):
    """AS6."""
    others = ["Identity: one;info=<https://c.example/1.pem>;ppt=div",
              "y:two;info=<https://c.example/2.pem>;ppt=div"]
    invite = arrived(stage, ends, "customer", stage.at["originating"], others)
    assert "\r\n".join(others).encode() in invite.data
    names = [name.lower() for name, _ in invite.headers if name.lower() in ("identity", "y")]
    assert names == ["identity", "y", "identity"]


def test_date_that_was_there_is_kept(stage, ends):
    invite = arrived(stage, ends, "customer", stage.at["originating"],
                     ["Date: Wed, 29 Mar 2028 10:00:00 GMT"])
    assert invite.all("Date") == ["Wed, 29 Mar 2028 10:00:00 GMT"]


def test_silent_registry_costs_a_customer_its_attestation_not_its_call(stage, ends, tmp_path):
    """Fallback C within the budget of 50 ms, counted; after some silences nobody is asked."""
    silent = "http://%s:%d" % stage.hanging.address
    with Extra(stage, tmp_path, "originating", (stage.url("api"), silent)) as proxy:
        for _ in range(8):
            began = time.monotonic()
            invite = arrived(stage, ends, "customer", proxy.to)
            assert time.monotonic() - began < 0.25
            assert payload(invite.first("Identity"))["attest"] == "C"
        counted = kit.metrics(proxy.admin)
        silences = [counted.get(f'attestel_proxy_fail_open_total{{why="{why}"}}', 0)
                    for why in ("registry_timeout", "registry_silent", "registry_paused")]
        assert sum(silences) == 8 and silences[2] >= 1


# RFC 8224 §6.2, 3GPP TS 24.229, RFC 9410

def test_vs12_vs14_verified_call_tells_verstat_attestation_and_origin_once(stage, ends):
    forged = ["P-Attestation-Indicator: A", "P-Origination-ID: forged",
              "P-Asserted-Identity: <tel:+12155550100;verstat=TN-Validation-Passed>",
              "Call-Info: <https://x.example/x>;purpose=icon;verified=\"true\""]
    invite = arrived(stage, ends, "foreign", stage.at["terminating"],
                     [identity(stage, "--origid", "6f3a1f0e-0000-4000-8000-000000000001"), *forged])
    assert f"sip:{CALLER};verstat=TN-Validation-Passed@" in invite.first("From")
    assert invite.all("P-Attestation-Indicator") == ["A"]
    assert invite.all("P-Origination-ID") == ["6f3a1f0e-0000-4000-8000-000000000001"]
    assert not invite.all("Call-Info") and not invite.all("P-Asserted-Identity")


def test_identity_header_passes_a_verifier_unaltered(stage, ends):
    line = identity(stage)
    odd = line.replace("Identity: ", "y :\t").replace(";info=", "\r\n ;info=")
    assert odd.encode() in arrived(stage, ends, "foreign", stage.at["terminating"], [odd]).data


def test_vs9_error_is_told_in_reason_once_when_the_call_goes_on(stage, ends):
    """RFC 9410 §4: in the next provisional or final response."""
    call(ends, "foreign", stage.at["terminating"], [identity(stage, "--iat",
                                                             str(int(time.time()) - 90))])
    invite = ends["callee"].receive()
    ends["callee"].send(kit.response(invite, 180, "Ringing"), via_of(invite))
    ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
    answers = [ends["foreign"].receive() for _ in range(3)]
    assert [answer.status for answer in answers] == [100, 180, 486]
    assert [len(answer.all("Reason")) for answer in answers] == [0, 1, 0]
    assert answers[1].first("Reason").startswith("STIR") and "403" in answers[1].first("Reason")


def test_as15_complaint_about_our_passport_stops_at_us_and_is_counted(stage, ends, tmp_path):
    """RFC 9410 §7: it is for the signer, not for the customer; other reasons pass."""
    with Extra(stage, tmp_path, "originating", (
            "sip:%s:%d" % stage.at["terminating"], "sip:%s:%d" % stage.at["callee"])) as proxy:
        call(ends, "customer", proxy.to)
        invite = ends["callee"].receive()
        signature = invite.first("Identity").split(";")[0].split(".")[2]
        ends["callee"].send(kit.response(invite, 183, "Progress", [
            f'Reason: STIR;cause=436;text="Bad Identity Info";ppi="..{signature}", Q.850;cause=16',
            'Reason: STIR;cause=438;ppi="..another"']), via_of(invite))
        answers = [ends["customer"].receive() for _ in range(2)]
        assert answers[1].all("Reason") == ["Q.850;cause=16", 'STIR;cause=438;ppi="..another"']
        assert "call.complaint" in proxy.text()
        assert kit.metrics(proxy.admin)['attestel_proxy_complaints_total{trunk="customer"}'] == 1
        ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
        assert ends["customer"].receive_final().status == 486


# Attacks on the label

def test_vs2_call_that_was_received_cannot_be_sent_on_as_new_to_another_number(stage, ends):
    """To and its PASSporT are the attacker's own received call; the Request-URI is the victim."""
    text = kit.request("INVITE", "sip:+12155550177@b.example;user=phone",
                       "%s:%d" % stage.at["foreign"], [
                           f"From: <sip:{CALLER}@a.example;user=phone>;tag=1",
                           f"To: <sip:{CALLED}@b.example;user=phone>", identity(stage)],
                       leave_out=["From", "To"])
    for end in ends.values():
        end.only = kit.Message(text.encode()).first("Call-ID")
    ends["foreign"].send(text, stage.at["terminating"])
    invite = ends["callee"].receive()
    ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
    assert ";verstat=No-TN-Validation@" in invite.first("From")
    assert not invite.all("P-Attestation-Indicator") and not invite.all("Call-Info")


ASSERTING = ("[trunk \"foreign-carrier\"]", "[trunk \"foreign-carrier\"]\npai = yes")


@pytest.mark.parametrize("other", [
    "<tel:+18005550100>", "x\"<tel:+18005550100>", "<sip:+18005550100@a.example;user=phone>"])
def test_label_of_one_caller_is_not_lent_to_a_second_one(stage, ends, tmp_path, other):
    """An attacker asserts a number of its own, with a good PASSporT, and the victim's."""
    with Extra(stage, tmp_path, "terminating", ASSERTING) as proxy:
        own = f"P-Asserted-Identity: <sip:{CALLER}@a.example;user=phone>"
        for fields in ([f"{own}, {other}"], [f"P-Asserted-Identity: {other}", own]):
            invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage), *fields])
            assert b"Passed" not in invite.data and not invite.all("P-Attestation-Indicator")
        both = f"P-Asserted-Identity: <tel:{CALLER}>"
        invite = arrived(stage, ends, "foreign", proxy.to, [identity(stage), own, both])
        assert b"Passed" in invite.data and invite.all("P-Attestation-Indicator") == ["A"]


def foreign_ca(stage):
    """A signer that ends at no anchor of ours, published like any other."""
    if "x5u-stranger" not in stage.ids:
        other = stage.path("other-pki")
        stage.cli("pki", "init", other)
        stage.cli("pki", "issue", other, "stranger", "--type", "shaken", "--spc", "999")
        for kind in ("key", "pem"):
            os.link(os.path.join(other, f"stranger.{kind}"),
                    os.path.join(stage.pki, f"stranger.{kind}"))
        stage.ids["x5u-stranger"] = stage.upload(
            "/v1/certificates", "application/x-pem-file",
            stage.read("pki", "stranger.pem").encode(), "proxy")["url"]
    return identity(stage, signer="stranger")


def hanging(stage):
    host, port = stage.hanging.address
    return identity(stage, x5u=f"https://{host}:{port}/c.pem")


def tampered(stage):
    head, dot, signature = identity(stage).partition(";")[0].rpartition(".")
    return head + dot + ("B" if signature[0] == "A" else "A") + signature[1:] + \
        identity(stage)[identity(stage).index(";"):]


BAD = {
    403: lambda stage: [identity(stage, "--iat", str(int(time.time()) - 90))],
    428: lambda stage: [],
    436: lambda stage: [hanging(stage)],
    437: lambda stage: [foreign_ca(stage)],
    438: lambda stage: [tampered(stage)],
}


@pytest.mark.parametrize("code", BAD)
def test_vs8_rejecting_trunk_answers_with_the_code_of_8224(stage, ends, rejecting, code):
    call(ends, "foreign", rejecting.to, BAD[code](stage))
    assert ends["foreign"].receive_final().status == code
    assert ends["callee"].receive(0.1) is None


def test_rejecting_trunk_lets_a_good_call_pass(stage, ends, rejecting):
    invite = arrived(stage, ends, "foreign", rejecting.to, [identity(stage)])
    assert "verstat=TN-Validation-Passed" in invite.first("From")


@pytest.mark.parametrize("code", BAD)
def test_vs13_labelling_trunk_lets_every_call_pass(stage, ends, code):
    began = time.monotonic()
    invite = arrived(stage, ends, "foreign", stage.at["terminating"], BAD[code](stage))
    verstat = "TN-Validation-Failed" if code in (437, 438) else "No-TN-Validation"
    assert f";verstat={verstat}@" in invite.first("From")
    assert time.monotonic() - began < 2  # signing by the tool included


@pytest.mark.parametrize("code", [428, 436, 438])
@pytest.mark.parametrize("number", ["911", "112"])
def test_emergency_call_is_never_rejected_nor_delayed(stage, ends, rejecting, code, number):
    """Carrier duty 1: whatever its Identity, on a trunk that rejects."""
    headers = BAD[code](stage)
    began = time.monotonic()
    invite = arrived(stage, ends, "foreign", rejecting.to, headers, called=number)
    assert time.monotonic() - began < 0.2 and "verstat" not in invite.data.decode()
    line = logged(rejecting, invite)
    assert "emergency=true" in line and "reason=ok" not in line  # verified for the record


def test_psap_callback_is_never_rejected(stage, ends, rejecting):
    arrived(stage, ends, "foreign", rejecting.to, [tampered(stage), "Priority: psap-callback"])


def test_shadow_mode_lists_what_a_rule_would_have_cost(stage, ends, tmp_path):
    shadow = ("[trunk \"foreign-carrier\"]",
              "[trunk \"foreign-carrier\"]\nchecks = iat=warn\nreject = 403")
    with Extra(stage, tmp_path, "terminating", shadow) as proxy:
        invite = arrived(stage, ends, "foreign", proxy.to, BAD[403](stage))
        assert "checks_failed=iat " in logged(proxy, invite)


def test_hanging_certificate_host_delays_a_call_by_its_budget_only(stage, ends, tmp_path):
    budget = ("[proxy]", "[proxy]\ncert_budget = 200ms")
    with Extra(stage, tmp_path, "terminating", budget) as proxy:
        header = hanging(stage)
        began = time.monotonic()
        invite = arrived(stage, ends, "foreign", proxy.to, [header])
        assert 0.19 < time.monotonic() - began < 0.4
        assert ";verstat=No-TN-Validation@" in invite.first("From")
        counted = kit.metrics(proxy.admin)
        assert counted['attestel_proxy_fail_open_total{why="certificate_unavailable"}'] == 1


def test_cancel_while_a_certificate_is_awaited_ends_the_call(stage, ends, rejecting):
    text = call(ends, "foreign", rejecting.to, [hanging(stage)])
    time.sleep(0.05)
    lines = [line for line in text.split("\r\n")
             if line.split(":")[0] not in ("Contact", "Identity", "")]
    ends["foreign"].send("\r\n".join(lines).replace("INVITE", "CANCEL") + "\r\n\r\n", rejecting.to)
    finals = [ends["foreign"].receive_final() for _ in range(2)]
    assert sorted(final.status for final in finals) == [200, 487]
    assert ends["callee"].receive(0.7) is None


def test_silent_registry_costs_a_verified_call_its_brand_only(stage, ends, tmp_path):
    silent = "http://%s:%d" % stage.hanging.address
    with Extra(stage, tmp_path, "terminating", (stage.url("api"), silent)) as proxy:
        header = identity(stage)
        began = time.monotonic()
        invite = arrived(stage, ends, "foreign", proxy.to, [header])
        assert time.monotonic() - began < 0.4
        assert "verstat=TN-Validation-Passed" in invite.first("From")
        assert 'attestel_proxy_fail_open_total{why="registry_' in str(kit.metrics(proxy.admin))


def test_duplicate_date_is_refused(stage, ends):
    """The stack would keep the first and not say so."""
    call(ends, "foreign", stage.at["terminating"],
         [identity(stage), "Date: Wed, 29 Mar 2028 10:00:00 GMT",
          "Date: Thu, 30 Mar 2028 10:00:00 GMT"])
    assert ends["foreign"].receive_final().status == 400
    assert ends["callee"].receive(0.1) is None
