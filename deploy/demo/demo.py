# SPDX-License-Identifier: Apache-2.0
"""Real calls through real daemons on this machine, and what the callee saw of each.

Writes DIR/calls.json. Exit 0 when every call came out as it has to. With --keep the daemons stay;
--stop ends them.
"""
import argparse
import collections
import json
import os
import shutil
import signal
import struct
import sys
import zlib

import calls
import sipp
import sound
from processes import StartError
from stage import ApiError, CliError, Stage

COLOURS = {calls.PASSED: "32", calls.FAILED: "31", calls.NONE: "33",
           "bound": "32", "mismatch": "31", "unbound": "33"}
LAYOUT = "{:<24} {:<12} {:<20} {:<3} {:<31} {:<6} {:>5}"


def logo():
    """A PNG of 16 by 16 pixels in one colour."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = b"".join(b"\0" + b"\x1f\x7a\x8c" * 16 for _ in range(16))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def register(stage):
    """What a business does once, through the public API: logo, brand, number, reason."""
    uploaded = stage.upload("/v1/logos", "image/png", logo())["logo"]
    for name, label, number in (("dental", "Example Dental", calls.DENTAL),
                                ("bank", "Example Bank", calls.BANK)):
        stage.ids[f"{name}-brand"] = stage.add_brand(stage.ids[name], label, number, uploaded)
    stage.ids["numbers"] = [calls.DENTAL, calls.BANK]
    stage.ids["reason"] = stage.post("/v1/reasons", {
        "brand": stage.ids["dental-brand"], "code": "appointment",
        "text": calls.CALL_REASON})["id"]


def heard(stage, since):
    """What the business heard of its announced calls: how often each kind of event came."""
    events = stage.get(f"/v1/events?since={since}")["items"]
    return collections.Counter(event["kind"] for event in events)


def report(stage):
    """The callee's telephone reports the unsigned call; what the report says of the number."""
    app = stage.post("/v1/keys", {"tenant": stage.ids["tenant"], "role": "app"}, "operator")["key"]
    stage.write("app.key", app + "\n", 0o600)
    device = stage.post("/v1/devices", {"number": calls.SUBSCRIBER}, "app")["key"]
    stage.write("device.key", device + "\n", 0o600)
    receipt = stage.post("/v1/lookups", {
        "from": calls.DENTAL, "to": calls.SUBSCRIBER, "consume": False,
        "verification": {"verstat": calls.NONE}}, "device")["receipt"]
    return stage.post("/v1/reports", {"receipt": receipt, "label": "impersonation"},
                      "device")["provenance"]


def tell_registry(stage, since):
    """What came of the calls in the registry; 1 when it is not what it has to be, else 0."""
    kinds, provenance = heard(stage, since), report(stage)
    shown, mismatched = kinds["intent.matched"], kinds["intent.mismatched"]
    answered = kinds["intent.answered"]
    print(f"\nThe business heard: {shown} announced call was shown, {answered} answered; "
          f"{mismatched} calls pretended to be one of its own\nand proved nothing. Reported by "
          f"the callee, such a call counts as \"{provenance}\": its number is a victim.")
    if (shown, answered, mismatched, provenance) == (1, 1, 3, "spoofed"):
        return 0
    print(f"UNEXPECTED: {dict(kinds)}, {provenance}")
    return 1


class Table:
    """The report: a row and a line of explanation for each call."""

    def __init__(self):
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def head(self):
        line = LAYOUT.format("call", "from", "verstat", "att", "what the callee is shown",
                             "action", "ms")
        print(self.paint("1", line))
        print("-" * len(line))

    def row(self, planned, result, ms, wrong):
        shown = result["brand"] or "the number only"
        if result["call_reason"]:
            shown += ":"
        line = LAYOUT.format(planned.name, result["from"], result["verstat"] or "-",
                             result["attest"] or "-", shown, result["action"] or "-",
                             "-" if ms is None else ms)
        print(self.paint(COLOURS.get(result["verstat"], "31"), line))
        if result["call_reason"]:
            print(" " * 63 + f'"{result["call_reason"]}"')
        why = result["reason"] or "nothing was logged"
        if result["source"] == "snapshot":
            why += ", named by the snapshot"
        if result["checks_failed"]:
            why += f", check {' '.join(result['checks_failed'])} failed"
        print(f"    {planned.story}\n    -> {why}")
        if result["media"]:
            self.media(result["media"], planned.why[0])
        for what in wrong:
            print(self.paint("31;1", f"    UNEXPECTED: {what}"))

    def media(self, media, party):
        """What was heard, and what the relay says of that party."""
        identity = media["identity"]
        print(self.paint(COLOURS.get(identity, "31"), f"    media {identity}: the callee heard "
                         f"{media['heard_by_callee']} of {media['sent_by_caller']} packets, the "
                         f"caller {media['heard_by_caller']} of {media['sent_by_callee']}"))
        print(f"    why, {party}: {(media['why'].get(party) or ['nothing'])[0]}")


def run(stage, out):
    """Places every call; returns how many did not come out as they have to."""
    callee = sound.Telephone(stage)
    table, results, seen, bad = Table(), [], {}, 0
    print(f"{stage.url('originating', 'sip')} signs for its customer, "
          f"{stage.url('terminating', 'sip')} verifies; all calls go to {calls.SUBSCRIBER}.\n")
    table.head()
    since = stage.get("/v1/events")["next"]
    for planned in calls.PLAN:
        result, ms, call = calls.place(stage, callee, planned, seen)
        wrong = calls.differences(planned, result, ms, call)
        table.row(planned, result, ms, wrong)
        results.append(result)
        bad += bool(wrong)
    print("\nBefore the BYE \"attestel media query\" told the identity of the media, and "
          "\"attestel media why\" the why;\nwhat was heard, the two ends counted.")
    good = len(results) - bad
    bad += tell_registry(stage, since)
    with open(os.path.join(out, "calls.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)
        file.write("\n")
    print(f"\n{good} of {len(results)} calls came out as they have to.\n"
          f"calls            {out}/calls.json\nlogs and traces  {out}/logs")
    return bad


def keep(stage, out):
    """Writes down what runs, and says how to reach and how to stop it."""
    state = {"dir": stage.dir, "processes": {n: p.pid for n, p in stage.running.items()}}
    with open(os.path.join(out, "stage.json"), "w", encoding="utf-8") as file:
        json.dump(state, file, indent=2)
    print("\nStill running:")
    for name, (host, port) in sorted(stage.at.items()):
        print(f"  {name:<18} {host}:{port}")
    scenario = os.path.join(sipp.SCENARIOS, "caller.xml")
    attestel = os.path.join(stage.bin, "attestel")
    print(f"  {'files':<18} {stage.dir}\n"
          f"Look:  curl {stage.url('terminating-admin')}/metrics\n"
          f"       tail -f {stage.path('terminating.log')}\n"
          f"       {stage.path('callee-u1.trace.log')} is what reached the callee\n"
          f"Ask:   export ATTESTEL_REGISTRY={stage.url('api')}\n"
          f"       {attestel} lookup {calls.DENTAL} --attest A \\\n"
          f"           --verstat {calls.PASSED} --key-file {stage.path('proxy.key')}\n"
          f"Add:   {attestel} brand add --key-file {stage.path('manage.key')} \\\n"
          f"           --business {stage.ids['dental']} --name \"Your name\"\n"
          f"       then number add, reason add, intent send: each has --help. This business is\n"
          f"       the originating proxy's customer; another one needs a trunk of its own there.\n"
          f"Media: relay=\"{' '.join(stage.relay())}\"\n"
          f"       {attestel} media list $relay\n"
          f"       {attestel} media why browser-taken-over@{stage.at['browser'][0]} $relay\n"
          f"       {attestel} media query browser-bound@{stage.at['browser'][0]} $relay\n"
          f"       The relay keeps the calls for an hour; it has \"media statistics\" too.\n"
          f"Call:  sipp -sf {scenario} -m 1 -i {stage.at['customer'][0]} \\\n"
          f"           -key from {calls.DENTAL} -key to {calls.SUBSCRIBER} "
          f"{'%s:%d' % stage.at['originating']}\n"
          f"Stop:  make demo-stop")


def stop(out):
    """Ends what an earlier --keep left running: only processes that still work in its folder."""
    path = os.path.join(out, "stage.json")
    if not os.path.exists(path):
        print("nothing is running")
        return 0
    with open(path, encoding="utf-8") as file:
        state = json.load(file)
    for name, pid in state["processes"].items():
        try:
            if os.readlink(f"/proc/{pid}/cwd") == state["dir"]:
                os.killpg(pid, signal.SIGTERM)
                print(f"stopped {name} ({pid})")
        except OSError:
            print(f"{name} ({pid}) had ended")
    shutil.rmtree(state["dir"], ignore_errors=True)
    os.unlink(path)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="build/demo", help="folder for calls.json and logs")
    parser.add_argument("--bin", default=os.environ.get("ATTESTEL_BIN", "build/bin"))
    parser.add_argument("--keep", action="store_true", help="leave everything running")
    parser.add_argument("--stop", action="store_true", help="end what --keep left running")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    if options.stop or options.keep:
        stop(options.out)
    if options.stop:
        return 0
    stage = Stage(options.bin, keep=options.keep, snapshot=True, media=True)
    try:
        stage.start()
        register(stage)
        bad = run(stage, options.out)
        if options.keep:
            keep(stage, options.out)
    except (StartError, ApiError, CliError, sipp.SippError) as error:
        print(f"demo: {error}", file=sys.stderr)
        bad = 1
        stage.keep = False
    finally:
        stage.stop()
        shutil.rmtree(os.path.join(options.out, "logs"), ignore_errors=True)
        stage.copy_logs(os.path.join(options.out, "logs"))
        stage.remove()
    for name, status in stage.fallen().items():
        print(f"demo: {name} ended with status {status}: see {options.out}/logs", file=sys.stderr)
    return 1 if bad or stage.fallen() else 0


if __name__ == "__main__":
    sys.exit(main())
