# SPDX-License-Identifier: Apache-2.0
"""The examples of libcallerid-client, against a real registry on both engines."""
import subprocess
import time

import pytest

from cli_registry_kit import HIDDEN, SHOWN, hide_a_number, registries
from registry_kit import BIN, CALLEE, CALLER, engines


@pytest.fixture(scope="module", params=engines())
def registry(request, tmp_path_factory):
    yield from registries(request.param, tmp_path_factory.mktemp(request.param))


def url(registry):
    return f"http://127.0.0.1:{registry.port}"


def look_up(registry, *words, key="", status=0):
    done = subprocess.run([BIN / "examples/look_up", url(registry), *words], input=key + "\n",
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == status, done
    return done.stdout + done.stderr


def test_a_verified_call_shows_who_and_why(registry):
    registry.post("/v1/intents", {"from": CALLER, "to": CALLEE, "code": "delivery",
                                  "text": "Your flowers"}, "owner", check=False)
    text = look_up(registry, CALLER, CALLEE, "TN-Validation-Passed", "A",
                   key=registry.keys["carrier"])
    assert "Example Dental calls" in text and "because: Your flowers (delivery)" in text
    assert "  intent matched" in text


def test_an_unverified_call_shows_a_claim_only(registry):
    text = look_up(registry, CALLER, CALLEE, "TN-Validation-Passed", "C",
                   key=registry.keys["carrier"])
    assert "it was not verified" in text


def test_a_private_lookup_needs_no_key(registry):
    deadline = time.monotonic() + 10  # the buckets follow the directory within seconds
    while "registered for Example Dental, reputation: none" not in look_up(registry, CALLER):
        assert time.monotonic() < deadline
    assert "nothing is known" in look_up(registry, "+12155550123")


def test_a_number_that_is_not_shown_does_not_show_the_block_around_it(registry):
    hide_a_number(registry)
    assert "registered for Example Dental" in look_up(registry, SHOWN)
    assert f"nothing is known of {HIDDEN}" in look_up(registry, HIDDEN)


def test_a_short_code_that_calls_is_looked_up_and_has_no_private_answer(registry):
    assert "nothing is known of 911" in look_up(
        registry, "911", CALLEE, "No-TN-Validation", "C", key=registry.keys["carrier"])
    assert "as in +12155551212" in look_up(registry, "123456", status=1)


def test_what_the_registry_refuses_is_said(registry):
    text = look_up(registry, CALLER, CALLEE, "nonsense", "A", key=registry.keys["carrier"],
                   status=1)
    assert "422 invalid_fields" in text
    assert "401 unauthenticated" in look_up(registry, CALLER, CALLEE, "No-TN-Validation", "A",
                                            key="ak_wrong", status=1)
    assert "as in +12155551212" in look_up(registry, "12", status=1)


def test_the_stream_is_followed_in_its_own_thread_until_it_is_stopped(registry):
    process = subprocess.Popen(
        ["timeout", "30", BIN / "examples/follow", url(registry), CALLER, "+12155556666"],
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def say(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
    try:
        say(registry.keys["owner"])
        assert process.stdout.readline() == "following\n"
        say("announce")
        lines = {process.stdout.readline(), process.stdout.readline()}
        event = next(line for line in lines if line.startswith("intent.announced"))
        intent = next(line for line in lines if line.startswith("int_")).split()[0]
        assert intent in event
        say("stop")
        assert process.wait(10) == 0
        assert f"{intent} is announced" in process.stdout.read()
    finally:
        process.terminate()
        process.communicate()
