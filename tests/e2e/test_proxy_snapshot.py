# SPDX-License-Identifier: Apache-2.0
"""The proxy's copy of the directory: calls go on, attested and labelled, while the registry is
away; what changed meanwhile is there as soon as it is back."""
import re
import stat
import time

import proxy_kit as kit
import pytest
from away_kit import (DENTAL, STRICT, Relay, a_stage, brand_of, come_back,
                      fetch_certificate, go_away, signed, through, wait_for)
from registry_kit import engines
from test_proxy_stir import CALLED, Extra, arrived, call, logged, payload, via_of

COUNT = "attestel_proxy_snapshot_"


@pytest.fixture(scope="module", params=engines())
def stage(programs, request):
    yield from a_stage(programs, request.param)


@pytest.fixture
def away(stage):
    """away() kills the registry; it is back after the test."""
    yield lambda: go_away(stage)
    if "registry" not in stage.running:
        come_back(stage)


@pytest.fixture
def relay(stage):
    made = Relay(stage.at["api"])
    yield made
    made.cut()


def snapshot(*more):
    """Changes of a configuration: the proxy keeps a copy."""
    return [("snapshot = no", "\n".join(("snapshot = yes", *more)))]


def straight(stage):
    """The signing proxy's calls go to the callee, not to another proxy."""
    return ("sip:%s:%d" % stage.at["terminating"], "sip:%s:%d" % stage.at["callee"])


def figure(proxy, name):
    return kit.metrics(proxy.admin).get(COUNT + name, 0)


def follows(proxy, times=1):
    """Waits until the copy is current for that many times."""
    wait_for(lambda: proxy.text().count("event=snapshot.following") >= times)
    return proxy


def test_calls_are_attested_and_labelled_while_registry_and_database_are_dead(stage, ends, away,
                                                                              tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Extra(stage, tmp_path / "a", "originating", straight(stage), *snapshot()) as signing, \
            Extra(stage, tmp_path / "b", "terminating", *snapshot()) as verifying:
        follows(signing)
        follows(verifying)
        invite = arrived(stage, ends, "customer", signing.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "A"
        assert "registry=registry" in logged(signing, invite)
        fetch_certificate(stage, ends, verifying)
        away()
        for caller, attest in ((DENTAL, "A"), ("+12155550127", "A"), ("+12155550130", "B")):
            for _ in range(3):
                invite = arrived(stage, ends, "customer", signing.to, caller=caller)
                assert payload(invite.first("Identity"))["attest"] == attest, caller
        line = logged(signing, invite)
        assert re.search(r'attest_why="customer known, number not theirs, from the snapshot of '
                         r'20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"', line), line
        assert "registry=snapshot" in line and "registry_trouble=registry_" in line
        assert "fail_open" not in line
        for caller, brand in ((DENTAL, "Example Dental"), ("+12155550129", "Example Dental"),
                              ("+12155550130", None), (STRICT, None)):
            invite = arrived(stage, ends, "foreign", verifying.to, signed(stage, caller),
                             caller=caller)
            assert invite.all("P-Attestation-Indicator") == ["A"]
            assert brand_of(invite) == brand, caller
            assert "registry=snapshot" in logged(verifying, invite)
        counted = kit.metrics(signing.admin)
        assert counted[COUNT + 'answers_total{kind="attestation",answer="A"}'] == 6
        assert counted[COUNT + 'answers_total{kind="attestation",answer="B"}'] == 3
        counted = kit.metrics(verifying.admin)
        assert counted[COUNT + 'answers_total{kind="lookup",answer="brand"}'] == 2
        assert counted[COUNT + 'answers_total{kind="lookup",answer="nothing"}'] == 1
        assert counted[COUNT + 'answers_total{kind="lookup",answer="strict"}'] == 1
        assert not [name for name in counted if "fail_open_total{" in name]
        wait_for(lambda: figure(verifying, "lag_seconds") > 0.5)
        assert figure(verifying, "entries") == 3 and figure(verifying, "serial") > 0
        assert figure(verifying, "age_seconds") < 30
        come_back(stage)
        follows(verifying, 2)
        wait_for(lambda: figure(verifying, "lag_seconds") == 0)
        assert figure(verifying, "connects_total") == 2


def test_a_registry_without_its_database_is_as_good_as_none(stage, ends, tmp_path):
    """It answers 503, or too late."""
    if stage.cluster is None:
        pytest.skip("SQLite is part of the registry")
    with Extra(stage, tmp_path, "originating", straight(stage), *snapshot()) as proxy:
        follows(proxy)
        stage.cluster.kill()
        try:
            for _ in range(8):
                invite = arrived(stage, ends, "customer", proxy.to, caller=DENTAL)
                assert payload(invite.first("Identity"))["attest"] == "A"
                assert "registry=snapshot" in logged(proxy, invite)
        finally:
            stage.cluster.restart()
        wait_for(lambda: "registry=registry" in logged(proxy, arrived(
            stage, ends, "customer", proxy.to, caller=DENTAL)), 15)


def test_a_change_is_followed_within_a_second(stage, ends, tmp_path):
    with Extra(stage, tmp_path, "terminating", *snapshot()) as proxy:
        follows(proxy)
        wait_for(lambda: figure(proxy, "entries") == 3)
        made = stage.post("/v1/numbers", {"number": "+12155550141",
                                          "brand": stage.ids["brand"]})["id"]
        wait_for(lambda: figure(proxy, "entries") == 4, 2.5)  # the gauges are set once a second
        stage.request("DELETE", f"/v1/bindings/{made}", None, "application/json", "manage")
        wait_for(lambda: figure(proxy, "entries") == 3, 2.5)


def test_what_was_deleted_meanwhile_is_gone_within_a_second_of_the_reconnect(stage, ends, relay,
                                                                             tmp_path):
    number = "+12155550142"
    made = stage.post("/v1/numbers", {"number": number, "brand": stage.ids["brand"]})["id"]
    changes = [*snapshot(), through(stage, relay)]
    with Extra(stage, tmp_path, "originating", straight(stage), *changes) as proxy:
        follows(proxy)
        relay.cut()
        invite = arrived(stage, ends, "customer", proxy.to, caller=number)
        assert payload(invite.first("Identity"))["attest"] == "A"
        assert "registry=snapshot" in logged(proxy, invite)
        stage.request("DELETE", f"/v1/bindings/{made}", None, "application/json", "manage")
        invite = arrived(stage, ends, "customer", proxy.to, caller=number)
        assert payload(invite.first("Identity"))["attest"] == "A"
        relay.mend()
        follows(proxy, 2)
        reconnected = time.monotonic()
        relay.cut()  # what is known now must be in the copy
        invite = arrived(stage, ends, "customer", proxy.to, caller=number)
        assert payload(invite.first("Identity"))["attest"] == "B"
        assert "registry=snapshot" in logged(proxy, invite)
        assert time.monotonic() - reconnected < 1


def test_a_brand_that_is_suspended_is_not_shown_any_more(stage, ends, relay, tmp_path):
    number = "+12155550143"
    brand = stage.add_brand(stage.ids["dental"], "Revoked Ltd", number)
    changes = [*snapshot(), through(stage, relay)]
    with Extra(stage, tmp_path, "terminating", *changes) as proxy:
        follows(proxy)
        fetch_certificate(stage, ends, proxy)
        before = figure(proxy, "serial")
        stage.post(f"/v1/brands/{brand}/decide", {"decision": "suspend"}, "operator")
        wait_for(lambda: figure(proxy, "serial") > before, 3)
        relay.cut()
        invite = arrived(stage, ends, "foreign", proxy.to, signed(stage, number), caller=number)
        assert brand_of(invite) is None and "registry=snapshot" in logged(proxy, invite)


def test_a_restart_without_the_registry_goes_on_from_the_state_file(stage, ends, away, tmp_path):
    kept = tmp_path / "snapshot.state"
    changes = snapshot(f"snapshot_file = {kept}")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Extra(stage, tmp_path / "a", "originating", straight(stage), *changes) as proxy:
        follows(proxy)
        wait_for(kept.exists)
        proxy.process.kill()
        proxy.process.wait(5)
        proxy.stop = lambda: 0
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    away()
    with Extra(stage, tmp_path / "b", "originating", straight(stage), *changes) as proxy:
        invite = arrived(stage, ends, "customer", proxy.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "A"
        assert "registry=snapshot" in logged(proxy, invite)
        come_back(stage)
        follows(proxy)
        assert 'loads_total{kind="full"' not in str(kit.metrics(proxy.admin))


@pytest.mark.parametrize("damage, why", [
    (lambda text: text.replace("Example Dental", "Example Bank"), "digest"),
    (lambda text: text[:len(text) // 2], "cut off"),
    (lambda text: text.replace("http://", "https://", 1), "another registry"),
    (lambda text: "", "no snapshot")])
def test_a_state_file_that_was_changed_is_not_used(stage, ends, away, tmp_path, damage, why):
    kept = tmp_path / "snapshot.state"
    changes = snapshot(f"snapshot_file = {kept}")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Extra(stage, tmp_path / "a", "originating", straight(stage), *changes) as proxy:
        follows(proxy)
    kept.write_text(damage(kept.read_text()))
    away()
    with Extra(stage, tmp_path / "b", "originating", straight(stage), *changes) as proxy:
        assert "event=snapshot.file_refused" in proxy.text() and why in proxy.text()
        invite = arrived(stage, ends, "customer", proxy.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "C"


def test_beyond_its_age_the_copy_gives_no_attestation_a_and_no_brand(stage, ends, away, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    changes = snapshot("snapshot_max_age = 1s")
    with Extra(stage, tmp_path / "a", "originating", straight(stage), *changes) as signing, \
            Extra(stage, tmp_path / "b", "terminating", *changes) as verifying:
        follows(signing)
        follows(verifying)
        fetch_certificate(stage, ends, verifying)
        away()
        wait_for(lambda: min(figure(proxy, "age_seconds") for proxy in (signing, verifying)) > 2)
        invite = arrived(stage, ends, "customer", signing.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "B"
        assert "too old, from the snapshot of 20" in logged(signing, invite)
        invite = arrived(stage, ends, "foreign", verifying.to, signed(stage), caller=DENTAL)
        assert brand_of(invite) is None and "verstat=TN-Validation-Passed" in invite.first("From")
        assert "fail_open=snapshot_stale" in logged(verifying, invite)


def test_a_customer_of_whom_the_copy_knows_no_number_has_attestation_c(stage, ends, away,
                                                                       tmp_path):
    nobody = (f"customer = {stage.ids['dental']}", "customer = biz_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    with Extra(stage, tmp_path, "originating", straight(stage), nobody, *snapshot()) as proxy:
        follows(proxy)
        away()
        invite = arrived(stage, ends, "customer", proxy.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "C"
        assert "customer not known, from the snapshot" in logged(proxy, invite)


def test_a_key_that_is_revoked_gets_nothing_from_the_copy(stage, ends, tmp_path):
    """A refusal is an answer, and not the silence that the copy stands in for."""
    tenant = stage.get("/v1/self", "proxy")["tenant"]
    made = stage.post("/v1/keys", {"tenant": tenant, "role": "carrier"}, "operator")
    key = stage.write("other.key", made["key"] + "\n", 0o600)
    changes = [*snapshot(), (stage.path("proxy.key"), key)]
    with Extra(stage, tmp_path, "originating", straight(stage), *changes) as proxy:
        follows(proxy)
        stage.request("DELETE", f"/v1/keys/{made['id']}", None, "application/json", "operator")
        wait_for(lambda: payload(arrived(stage, ends, "customer", proxy.to, caller=DENTAL).first(
            "Identity"))["attest"] == "C", 8)
        assert 'registry_total{question="attestation",answer="registry_refused"}' in str(
            kit.metrics(proxy.admin))


def test_with_more_numbers_than_allowed_the_copy_is_not_used_and_the_log_says_so(stage, ends, away,
                                                                                 tmp_path):
    numbers = [{"number": f"+1267{n:07}", "brand": stage.ids["brand"]} for n in range(1000000,
                                                                                    1001000)]
    stage.post("/v1/claims", {"number": "+12671000000", "block": 1000})
    stage.post("/v1/bindings/batch", {"items": numbers})
    with Extra(stage, tmp_path, "originating", straight(stage),
               *snapshot("snapshot_entries = 1000")) as proxy:
        wait_for(lambda: "event=snapshot.away" in proxy.text())
        assert "snapshot_entries or snapshot_memory is too small" in proxy.text()
        away()
        invite = arrived(stage, ends, "customer", proxy.to, caller=DENTAL)
        assert payload(invite.first("Identity"))["attest"] == "C"
        assert figure(proxy, "entries") == 0


def test_an_unproven_call_meets_an_announcement_as_a_mismatch(stage, ends, tmp_path):
    """Nothing waits for it: the call has no label either way; the business hears."""
    intent = stage.post("/v1/intents", {"from": DENTAL, "to": CALLED, "code": "appointment",
                                        "text": "Tuesday"})["id"]
    with Extra(stage, tmp_path, "terminating") as proxy:
        call(ends, "foreign", proxy.to, caller=DENTAL)
        invite = ends["callee"].receive()
        assert brand_of(invite) is None
        wait_for(lambda: stage.get(f"/v1/intents/{intent}")["mismatches"] == 1)
        time.sleep(0.05)  # its answer is on its way
        ends["callee"].send(kit.response(invite, 486, "Busy"), via_of(invite))
        line = logged(proxy, invite)
        assert "registry=registry" in line and 'claimed="Example Dental"' in line
        invite = arrived(stage, ends, "foreign", proxy.to, signed(stage), caller=DENTAL)
        assert brand_of(invite) == "Example Dental"
        assert 'call_reason=Tuesday' in logged(proxy, invite)
    with Extra(stage, tmp_path, "terminating", ("[registry]",
                                                "[registry]\ntell_unverified = no")) as proxy:
        intent = stage.post("/v1/intents", {"from": DENTAL, "to": CALLED, "code": "appointment",
                                            "text": "Friday"})["id"]
        invite = arrived(stage, ends, "foreign", proxy.to, caller=DENTAL)
        assert "registry=" not in logged(proxy, invite)
        assert stage.get(f"/v1/intents/{intent}")["mismatches"] == 0


@pytest.mark.parametrize("status, state", [(200, "answered"), (486, "matched")])
def test_the_business_hears_whether_its_announced_call_was_answered(stage, ends, tmp_path, status,
                                                                    state):
    intent = stage.post("/v1/intents", {"from": DENTAL, "to": CALLED, "code": "appointment",
                                        "text": "Monday"})["id"]
    patient = ("[registry]", "[registry]\nbudget = 1s")  # no label is no announced call
    with Extra(stage, tmp_path, "terminating", patient) as proxy:
        call(ends, "foreign", proxy.to, signed(stage), caller=DENTAL)
        invite = ends["callee"].receive()
        assert brand_of(invite) == "Example Dental"
        ends["callee"].send(kit.response(invite, status, "Final"), via_of(invite))
        assert ends["foreign"].receive_final().status == status
        logged(proxy, invite)
        if state == "answered":
            wait_for(lambda: 'registry_total{question="outcome",answer="ok"}' in str(
                kit.metrics(proxy.admin)))
        else:
            assert 'question="outcome"' not in str(kit.metrics(proxy.admin))
        assert stage.get(f"/v1/intents/{intent}")["state"] == state
