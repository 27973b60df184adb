# SPDX-License-Identifier: Apache-2.0
"""`make demo` as a stranger runs it: every call comes out as it has to, nothing stays behind."""
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

import calls
import sipp

FIELDS = ["name", "from", "to", "sip_status", "verstat", "attest", "brand", "reason",
          "call_reason", "action", "checks_failed", "source", "media"]


@pytest.fixture(scope="module")
def demo(root, programs, tmp_path_factory):
    """(what demo.py did, the calls it wrote, its folder)"""
    out = tmp_path_factory.mktemp("demo")
    done = subprocess.run([sys.executable, os.path.join(root, "deploy/demo/demo.py"),
                           "--bin", programs, "--out", str(out)],
                          capture_output=True, text=True, timeout=120, check=False)
    written = out / "calls.json"
    return done, json.loads(written.read_text()) if written.exists() else [], out


def test_the_demo_ends_well_and_says_so(demo):
    done, written, _ = demo
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(written)} of {len(written)} calls came out as they have to" in done.stdout


def test_no_line_is_wider_than_a_terminal_and_none_has_colours_in_a_pipe(demo):
    lines = [line for line in demo[0].stdout.splitlines() if str(demo[2]) not in line]
    assert lines and max(map(len, lines)) <= 107
    assert "\033" not in demo[0].stdout


@pytest.mark.parametrize("planned", calls.PLAN, ids=lambda planned: planned.name)
def test_call(demo, planned):
    result = next((row for row in demo[1] if row["name"] == planned.name), None)
    assert result is not None, demo[0].stdout + demo[0].stderr
    assert list(result) == FIELDS
    assert result["sip_status"] == 200
    assert result["action"] == "label"
    for field in ("verstat", "attest", "brand", "reason", "call_reason", "checks_failed",
                  "source"):
        assert result[field] == getattr(planned, field), field


SOUND = [planned for planned in calls.PLAN if planned.sound]


@pytest.mark.parametrize("planned", SOUND, ids=lambda planned: planned.name)
def test_what_the_ends_of_a_call_with_sound_heard_is_shown_with_the_relays_words(demo, planned):
    identity, callee, caller = planned.media
    media = next(row for row in demo[1] if row["name"] == planned.name)["media"]
    assert (media["identity"], media["heard_by_callee"], media["heard_by_caller"]) == \
        (identity, callee, caller)
    assert media["sent_by_caller"] == calls.ALL
    party, line = planned.why
    assert re.fullmatch(line, media["why"][party][0])
    row = demo[0].stdout.split(f"\n{planned.name} ")[1]
    assert (f"    media {identity}: the callee heard {callee} of {calls.ALL} packets, the caller "
            f"{caller} of {media['sent_by_callee']}\n"
            f"    why, {party}: {media['why'][party][0]}\n") in row


@pytest.mark.parametrize("planned", SOUND, ids=lambda planned: planned.name)
@pytest.mark.parametrize("changes", [
    {"identity": "other"}, {"heard_by_callee": 1}, {"heard_by_caller": 1}, {"why": {}},
    {"why": {"caller": ["other"], "callee": ["other"]}}], ids=str)
def test_sound_that_is_otherwise_is_seen(demo, planned, changes):
    result = next(row for row in demo[1] if row["name"] == planned.name)
    ended = sipp.Call("id", [], True)
    assert calls.differences(planned, result, 5, ended) == []
    wrong = {**result, "media": {**result["media"], **changes}}
    assert len(calls.differences(planned, wrong, 5, ended)) == 1
    assert calls.differences(planned, {**result, "media": None}, 5, ended) == ["media is None"]


def test_the_business_heard_of_the_calls_that_pretended_to_be_its_own(demo):
    assert "1 announced call was shown, 1 answered; 3 calls pretended" in demo[0].stdout
    assert 'counts as "spoofed"' in demo[0].stdout


def test_the_demo_says_what_is_missing_and_fails(root, tmp_path):
    done = subprocess.run([sys.executable, os.path.join(root, "deploy/demo/demo.py"),
                           "--bin", str(tmp_path), "--out", str(tmp_path)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "run make all" in done.stderr


@pytest.mark.parametrize("field, value", [
    ("sip_status", 503), ("verstat", calls.NONE), ("attest", "B"), ("brand", None),
    ("reason", "replayed"), ("call_reason", None), ("action", "reject"),
    ("checks_failed", ["iat"]), ("source", "snapshot")])
def test_a_call_that_comes_out_otherwise_is_seen(demo, field, value):
    planned = calls.PLAN[0]
    result = next(row for row in demo[1] if row["name"] == planned.name)
    ended = sipp.Call("id", [], True)
    assert calls.differences(planned, result, 5, ended) == []
    wrong = calls.differences(planned, {**result, field: value}, 5, ended)
    assert len(wrong) == 1 and wrong[0].startswith(f"{field} is {value!r}, expected ")


def test_a_call_that_takes_too_long_or_never_arrives_is_seen(demo):
    planned = next(each for each in calls.PLAN if each.name == "certificate-host-hangs")
    result = next(row for row in demo[1] if row["name"] == planned.name)
    ended = sipp.Call("id", [], True)
    assert "2000 ms" in calls.differences(planned, result, 2000, ended)[0]
    assert "no INVITE" in calls.differences(planned, result, None, ended)[0]
    broken = sipp.Call("id", [], False)
    assert "did not end well" in calls.differences(planned, result, 5, broken)[0]


def processes_in(folder):
    """The processes that work in folder, with their arguments."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd").startswith(folder):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found[int(pid)] = file.read()
        except OSError:
            continue
    return found


def wait_until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL],
                         ids=lambda number: number.name)
def test_the_demo_leaves_no_process_behind_however_it_ends(root, programs, tmp_path, how):
    demo = subprocess.Popen([sys.executable, os.path.join(root, "deploy/demo/demo.py"),
                             "--bin", programs, "--out", str(tmp_path)],
                            env={**os.environ, "TMPDIR": str(tmp_path)},
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = wait_until(lambda: len(processes_in(str(tmp_path))) >= 5)
    demo.send_signal(how)
    assert demo.wait(timeout=20) != 0
    assert started
    assert wait_until(lambda: processes_in(str(tmp_path)) == {}), processes_in(str(tmp_path))


def test_what_a_kept_demo_says_can_be_pasted_and_stopping_leaves_nothing(root, programs, tmp_path):
    words = [sys.executable, os.path.join(root, "deploy/demo/demo.py"), "--bin", programs,
             "--out", str(tmp_path)]
    # A pipe would stay open in the daemons that are left.
    with open(tmp_path / "shown", "w+", encoding="utf-8") as file:
        kept = subprocess.run([*words, "--keep"], stdout=file, stderr=file, timeout=120,
                              check=False)
        file.seek(0)
        text = file.read()
    try:
        assert kept.returncode == 0, text
        ask = text[text.index("Ask: ") + 5:text.index("Add: ")]
        add = text[text.index("Add: ") + 5:text.index("then number add")]
        done = subprocess.run(["bash", "-eu", "-c", ask + add], capture_output=True, text=True,
                              timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        assert "Example Dental" in done.stdout and "Your name" in done.stdout
        media = text[text.index("Media: ") + 7:text.index("The relay keeps")]
        done = subprocess.run(["bash", "-eu", "-c", media], capture_output=True, text=True,
                              timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        assert "carrier-one-way@" in done.stdout and "is not one that its identity" in done.stdout
        assert "caller, media identity bound" in done.stdout
        folder = json.loads((tmp_path / "stage.json").read_text())["dir"]
    finally:
        stopped = subprocess.run([*words, "--stop"], capture_output=True, text=True, timeout=60,
                                 check=False)
    assert stopped.returncode == 0
    assert not os.path.exists(folder)
    assert wait_until(lambda: processes_in(folder) == {}), processes_in(folder)
