# SPDX-License-Identifier: Apache-2.0
"""The people of the vectors: their certificates, and PASSporTs in their names."""
import json

from der import Certificate, END, P384, START, constraints
from p256 import encode64

NOW = 1_800_000_000  # 2027-01-15 08:00:00 UTC
CALLER, CALLED = "12155550100", "12155550200"
ORIGID = "123e4567-e89b-42d3-a456-426614174000"
BASE_URL = "https://certs.example.org/"

ROOT = Certificate("Vectors Root", ca=3)
STRANGER = Certificate("Vectors Stranger Root", ca=3)
CA = Certificate("Vectors Issuing CA", ROOT, ca=2)
NUMBERS = ("range:12155550100:10",)
DELEGATE_CA = Certificate("Vectors Delegate CA", CA, ca=0, tnauth=("range:12155550100:5",))
UPPER_CA = Certificate("Vectors Upper Delegate CA", CA, ca=1, tnauth=("range:12155550100:5",))
LOWER_CA = Certificate("Vectors Lower Delegate CA", UPPER_CA, ca=0,
                       tnauth=("range:12155550100:2",))
WIDE_CA = Certificate("Vectors Wide Delegate CA", UPPER_CA, ca=0, tnauth=NUMBERS)
CODE_CA = Certificate("Vectors Provider Delegate CA", CA, ca=0, tnauth=("spc:1234",))


def limited(name, enhanced=False, **words):
    return Certificate(name, CA, tnauth=NUMBERS, constraint=constraints(**words),
                       enhanced=enhanced)


LIMITED_CA = Certificate("Vectors Limited CA", ROOT, ca=0,
                         constraint=constraints(must_include=["rcd"]))

SIGNERS = {  # what stands at BASE_URL + name + ".pem": the signer and the path, without the root
    "caller": [Certificate("Vectors Caller", CA, tnauth=NUMBERS), CA],
    "forwarder": [Certificate("Vectors Forwarder", CA, tnauth=("range:12155550200:10",)), CA],
    "provider": [Certificate("SHAKEN 1234", CA, tnauth=("spc:1234",)), CA],
    "other": [Certificate("Vectors Other Numbers", CA, tnauth=("one:12155550199",)), CA],
    "expired": [Certificate("Vectors Expired", CA, tnauth=NUMBERS,
                            validity=(START, "20270114235959Z")), CA],
    "future": [Certificate("Vectors Future", CA, tnauth=NUMBERS,
                           validity=("20270116000000Z", END)), CA],
    "p384": [Certificate("Vectors Wrong Curve", CA, tnauth=NUMBERS, curve=P384), CA],
    "no-list": [Certificate("Vectors Without TNAuthList", CA), CA],
    "stranger": [Certificate("Vectors Of A Stranger", STRANGER, tnauth=NUMBERS)],
    "no-path": [Certificate("Vectors Without Path", CA, tnauth=NUMBERS)],
    "delegate": [Certificate("Vectors Delegate", DELEGATE_CA, tnauth=("one:" + CALLER,)),
                 DELEGATE_CA, CA],
    "delegate-beyond": [Certificate("Vectors Delegate Beyond", DELEGATE_CA,
                                    tnauth=("one:" + CALLER, "one:12155550107")),
                        DELEGATE_CA, CA],
    "delegate-disorder": [Certificate("Vectors Delegate Disorder", DELEGATE_CA,
                                      tnauth=("one:" + CALLER,)), CA, DELEGATE_CA],
    "delegate-third": [Certificate("Vectors Third Delegate", LOWER_CA, tnauth=("one:" + CALLER,)),
                       LOWER_CA, UPPER_CA, CA],
    "delegate-third-wide": [Certificate("Vectors Third Delegate Of Wide", WIDE_CA,
                                        tnauth=("one:" + CALLER,)), WIDE_CA, UPPER_CA, CA],
    "delegate-code": [Certificate("Vectors Delegate Of Provider", CODE_CA,
                                  tnauth=("one:" + CALLER,)), CODE_CA, CA],
    "issuer-limited": [Certificate("Vectors Below Limited CA", LIMITED_CA, tnauth=NUMBERS),
                       LIMITED_CA],
    "permits-b-c": [limited("Vectors Permits B And C", permitted=[("attest", ["B", "C"])]), CA],
    "must-rcd": [limited("Vectors Must Include rcd", must_include=["rcd"]), CA],
    "must-rcdi": [limited("Vectors Must Include rcdi", must_include=["rcdi"]), CA],
    "excludes-mky": [limited("Vectors Excludes mky", True, must_exclude=["mky"]), CA],
    "excludes-iat": [limited("Vectors Excludes iat", True, must_exclude=["iat"]), CA],
}


USED = set()  # signers whose URL was asked for


def url(signer):
    USED.add(signer)
    return f"{BASE_URL}{signer}.pem"


def canonical(value):
    """RFC 8225 section 9."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def token(signer, claims, header):
    """header and claims as dicts, or as texts that stand as they are."""
    parts = [part if isinstance(part, str) else canonical(part) for part in (header, claims)]
    signed = ".".join(encode64(part.encode()) for part in parts)
    return f"{signed}.{encode64(SIGNERS[signer][0].key.raw(signed.encode()))}"


def header(signer, ppt, **changes):
    fields = {"alg": "ES256", "ppt": ppt or None, "typ": "passport", "x5u": url(signer), **changes}
    return {name: value for name, value in fields.items() if value is not None}


def passport(signer, ppt, claims, **changes):
    """The value of an Identity header."""
    made = token(signer, claims, header(signer, ppt, **changes))
    return f"{made};info=<{url(signer)}>;alg=ES256" + (f";ppt={ppt}" if ppt else "")


def claims(**changes):
    """CALLER calls CALLED at NOW; None takes a claim out."""
    all_claims = {"dest": {"tn": [CALLED]}, "iat": NOW, "orig": {"tn": CALLER}, **changes}
    return {name: value for name, value in all_claims.items() if value is not None}


def shaken(signer="caller", attest="A", **changes):
    return passport(signer, "shaken", claims(attest=attest, origid=ORIGID, **changes))


def div(old, new, signer="forwarder", **changes):
    return passport(signer, "div", claims(div={"tn": old}, dest={"tn": [new]}, **changes))


DATE = "Fri, 15 Jan 2027 08:00:00 GMT"  # NOW: a compact PASSporT leaves iat to it


def compact(identity):
    """The same in compact form (RFC 8225 section 7): the signature and the parameters."""
    return ".." + identity.split(".", 2)[2]


def full(identity):
    """What is expected of the compact form: this is the token that was signed."""
    return {"full": identity.split(";")[0]}


def call(**changes):
    """The facts of the signalling."""
    facts = {"from": [CALLER], "to": CALLED, "now": NOW, **changes}
    return {name: value for name, value in facts.items() if value is not None}


def found(ppt, reason="ok", identity=0, **more):
    """What is expected of one PASSporT. identity None: it came inside the opt of a div-o."""
    return {"identity": identity, "ppt": ppt, "reason": reason, **more}


PASSED, FAILED, NONE = "TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation"


def vector(name, about, identity, passports, *, verstat=PASSED, attest=None, reason="ok",
           facts=None, policy=None, contents=None, rules=(), **more):
    made = {"name": name, "about": about, "rules": list(rules), "call": facts or call(),
            "identity": [identity] if isinstance(identity, str) else identity,
            "expected": {"verstat": verstat, "attest": attest, "reason": reason,
                         "passports": passports, **more}}
    if policy:
        made["policy"] = policy
    if contents:
        made["contents"] = contents
    return made
