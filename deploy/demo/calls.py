# SPDX-License-Identifier: Apache-2.0
"""The demo's calls: who sends them, what is wrong with them, what has to come out."""
import base64
import json
import os
import re
import signal
import time
from dataclasses import dataclass, field
from urllib.parse import unquote

import sipp
import sound

DENTAL, BANK, STRANGER = "+12155550101", "+12155550150", "+12135550142"
SUBSCRIBER = "+12155550199"
CALL_REASON = "Your appointment on Tuesday"
FORGED_CARD = ('data:application/json,["vcard",[["version",{},"text","4.0"],'
               '["fn",{},"text","Example Dental"]]]')
PASSED, FAILED, NONE = "TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation"
ALL = sound.PACKETS


@dataclass
class Planned:
    """One call. headers(stage, seen) makes the header fields that another carrier adds."""
    name: str
    sender: str  # "customer": through both proxies; "foreign", "browser": to the terminating one
    caller: str
    story: str
    verstat: str
    reason: str
    attest: str = None
    brand: str = None
    call_reason: str = None
    checks_failed: list = field(default_factory=list)
    headers: object = None
    before: object = None
    after: object = None
    source: str = None  # who named the brand: "registry", or "snapshot" in its place
    ms_max: int = 1000
    sound: object = None  # a function of sound.py: the call has media
    media: tuple = None  # the caller's media identity, what the callee hears, what the caller hears
    why: tuple = None  # a party, and what attestel media why says first of its leg


def announce(stage):
    """The business says through the public API whom it is about to call, and why."""
    stage.ids["intent"] = stage.post("/v1/intents", {
        "from": DENTAL, "to": SUBSCRIBER, "reason": stage.ids["reason"]})["id"]


def freeze(stage):
    """The registry says no word any more, as a machine that hangs. It will read the call's question
    when it wakes up, and match what is announced then: nothing is."""
    stage.request("DELETE", f"/v1/intents/{stage.ids['intent']}", None, "application/json",
                  "manage")
    stage.wait_snapshots(len(stage.ids["numbers"]))
    os.kill(stage.running["registry"].pid, signal.SIGSTOP)


def thaw(stage):
    os.kill(stage.running["registry"].pid, signal.SIGCONT)


def signed(stage, _seen):
    return ["Identity: " + stage.sign(STRANGER, SUBSCRIBER)]


def forged(_stage, _seen):
    """What only the callee's own carrier may say, said by somebody else."""
    return [f"P-Asserted-Identity: <sip:{DENTAL};verstat={PASSED}@192.0.2.1;user=phone>",
            "P-Attestation-Indicator: A",
            f'Call-Info: <{FORGED_CARD}>;purpose=jcard;call-reason="{CALL_REASON}";verified="true"']


def tampered(stage, _seen):
    """One bit of the signature is another: the first character, all of whose six bits count."""
    token, _, rest = stage.sign(STRANGER, SUBSCRIBER).partition(";")
    head, _, signature = token.rpartition(".")
    swapped = ("B" if signature[0] == "A" else "A") + signature[1:]
    return [f"Identity: {head}.{swapped};{rest}"]


def heard(_stage, seen):
    """The Identity of the demo's first call, as anyone on its way could have copied it."""
    return ["Identity: " + seen["branded-with-intent"].first("identity")]


def stale(stage, _seen):
    return ["Identity: " + stage.sign(STRANGER, SUBSCRIBER, "--iat",
                                      str(int(time.time()) - 3600))]


def hanging(stage, _seen):
    host, port = stage.hanging.address
    return ["Identity: " + stage.sign(STRANGER, SUBSCRIBER,
                                      x5u=f"https://{host}:{port}/certificate.pem")]


PLAN = [
    Planned("branded-with-intent", "customer", DENTAL,
            "the business announced this call; its number is bound to its brand",
            PASSED, "ok", "A", "Example Dental", CALL_REASON, before=announce,
            source="registry"),
    Planned("verified-without-brand", "foreign", STRANGER,
            "another carrier vouches for its customer, who has registered no brand",
            PASSED, "ok", "A", headers=signed),
    Planned("number-not-the-customers", "customer", BANK,
            "a known customer shows the bank's number: the carrier vouches for the customer only",
            PASSED, "ok", "B"),
    Planned("unsigned", "foreign", DENTAL,
            "the dentist's number, while a call of his is announced; nobody vouches for this one",
            NONE, "no_identity", checks_failed=["present"], before=announce),
    Planned("forged-label", "foreign", DENTAL,
            "unsigned, but labelled by its sender: verified, attestation A, a name and a reason",
            NONE, "no_identity", checks_failed=["present"], headers=forged),
    Planned("tampered-signature", "foreign", STRANGER,
            "the signature was changed on the way",
            FAILED, "bad_signature", checks_failed=["signature"], headers=tampered),
    Planned("identity-pasted", "foreign", BANK,
            "the Identity of the first call, cut out and pasted on a call from the bank's number",
            NONE, "orig_mismatch", checks_failed=["orig"], headers=heard),
    Planned("identity-replayed", "foreign", DENTAL,
            "the first call sent again, Identity and all, within the minute",
            NONE, "replayed", checks_failed=["replay"], headers=heard),
    Planned("stale", "foreign", STRANGER,
            "a genuine Identity that is an hour old",
            NONE, "iat_stale", checks_failed=["iat"], headers=stale),
    Planned("certificate-host-hangs", "foreign", STRANGER,
            "the host of the certificate takes the connection and says nothing: no call waits",
            NONE, "cert_unavailable", checks_failed=["cert"], headers=hanging, ms_max=1500),
    Planned("registry-hangs", "customer", DENTAL,
            "the registry is silent: both proxies answer from their copies, which hold no reasons",
            PASSED, "ok", "A", "Example Dental", before=freeze, after=thaw, source="snapshot"),
    Planned("browser-bound", "browser", STRANGER,
            "a browser calls a telephone; its PASSporT signs the certificate of its DTLS (mky)",
            PASSED, "ok", "A", sound=sound.from_browser, media=("bound", ALL, ALL),
            why=("caller", f"audio flows both ways: {ALL} packets in, {ALL} out")),
    Planned("browser-taken-over", "browser", STRANGER,
            "such a call; then somebody on the way sends a re-INVITE with a certificate of his own",
            PASSED, "ok", "A", sound=sound.taken_over, media=("mismatch", 0, 0),
            why=("caller", "the certificate of its DTLS handshake is not one that its identity "
                 "signed: nothing passes")),
    Planned("carrier-one-way", "foreign", STRANGER,
            "another carrier's call in plain RTP, and no sound comes from the callee's telephone",
            PASSED, "ok", "A", sound=sound.one_way, media=("unbound", ALL, 0),
            why=("callee", r"no packet from it since signalling \d s ago; expected "
                 r"127\.0\.0\.13:\d+ to 127\.0\.0\.5:\d+")),
]


def place(stage, callee, planned, seen):
    """Places one call and returns what came of it, with the fields of calls.json and a few more."""
    if planned.before:
        planned.before(stage)
    headers = planned.headers(stage, seen) if planned.headers else ()
    entry = "originating" if planned.sender == "customer" else "terminating"
    local, users, media = stage.at[planned.sender], (planned.caller, SUBSCRIBER), None
    if planned.sound:
        call, media = sound.place_call(stage, callee, planned.name, local, users, planned.sound)
    else:
        call = sipp.place_call(stage, local, stage.at[entry], planned.name, *users, headers)
    invite = callee.invite(call.call_id, deadline_s=1.0)
    seen[planned.name] = invite
    event = wait_event(stage, call.call_id) or {}
    if planned.after:
        planned.after(stage)
    shown = at_callee(invite) if invite else {}
    return {
        "name": planned.name, "from": planned.caller, "to": SUBSCRIBER,
        "sip_status": event.get("sip_status"), "verstat": shown.get("verstat"),
        "attest": shown.get("attest"), "brand": shown.get("brand"),
        "reason": event.get("reason"), "call_reason": shown.get("call_reason"),
        "action": event.get("action"), "checks_failed": words(event.get("checks_failed")),
        "source": event.get("registry") if shown.get("brand") else None,
        "media": media,
    }, round((invite.when - call.sent_at) * 1000) if invite else None, call


def wait_event(stage, call_id, deadline_s=3.0):
    """The proxy's line about the call; it is written when the call's INVITE is done."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        event = stage.call_event(call_id)
        if event:
            return event
        time.sleep(0.02)
    return None


def words(value):
    """A list that a log line holds as words."""
    return value if isinstance(value, list) else re.findall(r"[\w-]+", value or "")


def at_callee(invite):
    """What the callee's device can show, read from the INVITE it received."""
    asserted = invite.all("p-asserted-identity")
    identities = asserted or invite.all("from")
    verstats = re.findall(r"[;]\s*verstat=([\w-]+)", " ".join(identities), re.I)
    shown = {"verstat": verstats[0] if verstats else None,
             "attest": invite.first("p-attestation-indicator")}
    for value in invite.all("call-info"):
        for uri, parameters in re.findall(r"<([^>]*)>([^<]*)", value):
            quoted = re.search(r'call-reason="((?:\\.|[^"\\])*)"', parameters)
            if quoted:
                shown["call_reason"] = re.sub(r"\\(.)", r"\1", quoted.group(1))
            if re.search(r"purpose=jcard", parameters) and uri.startswith("data:"):
                shown["brand"] = jcard_name(uri)
    return shown


def jcard_name(uri):
    """The fn of a jCard (RFC 7095) in a data: URI."""
    head, _, data = uri.partition(",")
    text = base64.b64decode(data).decode() if head.endswith(";base64") else unquote(data)
    return next((row[3] for row in json.loads(text)[1] if row[0] == "fn"), None)


def differences(planned, result, ms, call):
    """What is not as it has to be, in words; [] when all is."""
    expected = {
        "sip_status": 200, "verstat": planned.verstat, "attest": planned.attest,
        "brand": planned.brand, "reason": planned.reason, "call_reason": planned.call_reason,
        "action": "label", "checks_failed": planned.checks_failed, "source": planned.source,
    }
    found = [f"{key} is {result[key]!r}, expected {value!r}" for key, value in expected.items()
             if result[key] != value]
    found += media_differences(planned, result["media"])
    if not call.done:
        found.append(f"the caller's call did not end well (status {call.status})")
    if ms is None:
        found.append("the callee received no INVITE")
    elif ms > planned.ms_max:
        found.append(f"it took {ms} ms, at most {planned.ms_max} expected")
    return found


def media_differences(planned, media):
    """The same of the call's sound."""
    if planned.media is None or media is None:
        return [] if media is None is planned.media else [f"media is {media}"]
    was = media["identity"], media["heard_by_callee"], media["heard_by_caller"]
    found = [] if was == planned.media else [f"media is {was}, expected {planned.media}"]
    party, line = planned.why
    lines = media["why"].get(party) or ["nothing"]
    if not re.fullmatch(line, lines[0]):
        found.append(f"media why says of the {party}: {lines[0]}; expected: {line}")
    return found
