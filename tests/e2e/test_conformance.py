# SPDX-License-Identifier: Apache-2.0
"""Rules of the checklist that only the proxy can keep; the id of each stands in the name."""
import email.utils
import time

import pytest
import proxy_kit as kit
from test_proxy_stir import CALLED, CALLER, Extra, arrived, call, identity, logged, payload

NEXT = "sip:%s:%d"


@pytest.fixture
def alone(stage, tmp_path):
    """alone(change...): the originating proxy, its configuration changed, the callee behind it."""
    made = []

    def start(*changes):
        behind = (NEXT % stage.at["terminating"], NEXT % stage.at["callee"])
        made.append(Extra(stage, tmp_path, "originating", behind, *changes))
        return made[-1]

    yield start
    for proxy in made:
        assert proxy.stop() == 0


def date(offset):
    return "Date: " + email.utils.formatdate(time.time() + offset, usegmt=True)


def test_as2_a_call_from_an_address_of_no_customer_is_not_signed(stage, ends, alone):
    """RFC 8224 §6.1 step 2: the originator is authenticated first, here by its address."""
    proxy = alone()
    assert arrived(stage, ends, "customer", proxy.to).first("Identity")
    call(ends, "foreign", proxy.to)
    assert ends["foreign"].receive_final().status == 403
    assert ends["callee"].receive(0.2) is None


def test_as2_a_peers_call_gets_no_passport_of_ours(stage, ends, alone):
    """A carrier's call is verified, never signed, even where there is a key."""
    peer = ("role = customer\ncustomer = ", "role = peer\n# ")
    invite = arrived(stage, ends, "customer", alone(peer).to)
    assert not invite.all("Identity")


def test_as3_as4_the_date_that_is_added_is_the_time_of_iat(stage, ends, alone):
    invite = arrived(stage, ends, "customer", alone().to)
    stamp = email.utils.parsedate_to_datetime(invite.first("Date")).timestamp()
    assert payload(invite.first("Identity"))["iat"] == int(stamp)


def test_as4_beside_a_date_that_was_there_iat_is_our_clock_in_full_form(stage, ends, alone):
    """RFC 8224 §4.1: only the full form may have another time than Date."""
    line = date(-40)
    invite = arrived(stage, ends, "customer", alone().to, [line])
    token = invite.first("Identity").split(";")[0]
    assert all(token.split(".")) and token.count(".") == 2
    assert abs(payload(token)["iat"] - time.time()) < 5
    assert ["Date: " + text for text in invite.all("Date")] == [line]


@pytest.mark.parametrize("offset, signed", [(-50, True), (50, True), (-90, False), (90, False),
                                            (400 * 86400, False)])
def test_as3_beside_a_date_that_is_off_by_over_a_minute_nothing_is_signed(stage, ends, alone,
                                                                         offset, signed):
    """RFC 8224 §6.1 step 3; the call goes on, since an unsigned one is legal."""
    proxy = alone()
    invite = arrived(stage, ends, "customer", proxy.to, [date(offset)])
    assert bool(invite.all("Identity")) == signed
    assert ("Date" in logged(proxy, invite)) == (not signed)


def test_as3_beside_a_date_that_cannot_be_read_nothing_is_signed(stage, ends, alone):
    invite = arrived(stage, ends, "customer", alone().to, ["Date: yesterday"])
    assert not invite.all("Identity") and invite.all("Date") == ["yesterday"]


def test_as10_the_attestation_stands_in_the_log_with_its_reason(stage, ends, alone):
    """The number is not this business's: B, by the registry's rule, and C by ours."""
    proxy = alone()
    line = logged(proxy, arrived(stage, ends, "customer", proxy.to))
    assert "attest=B" in line and "attest_why=" in line
    silent = alone((stage.url("api"), "http://%s:%d" % stage.hanging.address))
    line = logged(silent, arrived(stage, ends, "customer", silent.to))
    assert "attest=C" in line and "attest_why=registry_timeout" in line


def test_as12_what_is_signed_is_in_full_form_and_the_caller_is_from(stage, ends, alone):
    """A customer's own P-Asserted-Identity is not believed (RFC 3325 §7)."""
    invite = arrived(stage, ends, "customer", alone().to,
                     ["P-Asserted-Identity: <tel:+18005550100>"])
    token = invite.first("Identity").split(";")[0]
    assert all(token.split(".")) and payload(token)["orig"] == {"tn": CALLER[1:]}


def test_as14_a_signer_that_may_not_sign_costs_the_signature_not_the_call(stage, ends, alone):
    """Its certificate has a code only, and nobody said that this is enough for any number."""
    proxy = alone(("any_number = yes\n", ""))
    invite = arrived(stage, ends, "customer", proxy.to)
    assert not invite.all("Identity")
    name = 'attestel_proxy_fail_open_total{why="certificate_does_not_permit"}'
    assert kit.metrics(proxy.admin)[name] == 1


def test_as14_a_silent_registry_costs_the_attestation_or_by_choice_the_signature(stage, ends,
                                                                                 alone):
    silent = (stage.url("api"), "http://%s:%d" % stage.hanging.address)
    unsigned = ("[signing]\n", "[signing]\nfallback = unsigned\n")
    assert payload(arrived(stage, ends, "customer", alone(silent).to).first("Identity"))[
        "attest"] == "C"
    assert not arrived(stage, ends, "customer", alone(silent, unsigned).to).all("Identity")


def test_pp15_the_short_name_of_the_header_is_read(stage, ends):
    line = identity(stage).replace("Identity: ", "y: ")
    invite = arrived(stage, ends, "foreign", stage.at["terminating"], [line])
    assert f"sip:{CALLER};verstat=TN-Validation-Passed@" in invite.first("From")


def test_vs7_several_headers_are_read_joined_or_not(stage, ends):
    good, bad = identity(stage), identity(stage, "--iat", str(int(time.time()) - 90))
    for lines in ([bad, good], [bad + ", " + identity(stage).replace("Identity: ", "")]):
        invite = arrived(stage, ends, "foreign", stage.at["terminating"], lines)
        assert "verstat=TN-Validation-Passed" in invite.first("From")


def test_vs12_a_strangers_verstat_is_cut_and_ours_says_what_was_found(stage, ends):
    own = f"P-Asserted-Identity: <tel:{CALLER};verstat=TN-Validation-Passed>"
    invite = arrived(stage, ends, "foreign", stage.at["terminating"], [own])
    assert "Passed" not in invite.data.decode()
    assert ";verstat=No-TN-Validation@" in invite.first("From") and CALLED in invite.first("To")


def test_rc14_a_strangers_rich_call_info_is_cut_and_other_values_stay(stage, ends):
    stranger = ('Call-Info: <https://x.example/card>;purpose=jcard;verified="true", '
                "<https://x.example/tone>;purpose=ringtone")
    invite = arrived(stage, ends, "foreign", stage.at["terminating"], [identity(stage), stranger])
    assert "jcard" not in invite.data.decode() and "ringtone" in invite.data.decode()
