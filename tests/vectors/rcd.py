# SPDX-License-Identifier: Apache-2.0
"""The vectors about Rich Call Data (RFC 9795): names, logos, jCards, reasons, their digests."""
import base64
import hashlib

from world import (DATE, FAILED, NONE, call, canonical, claims, compact, found, full, passport,
                   shaken, vector)

ICON_URL = "https://media.example.org/logo.png"
CARD_URL = "https://media.example.org/card.json"
ICON = b"\x89PNG\r\n\x1a\nthese bytes stand for an image"
OTHER = b"these bytes stand for another image"
NAME = {"nam": "Example Bank"}
CARD = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example Bank"],
                  ["logo", {}, "uri", ICON_URL]]]
PLAIN = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Šiaulių bankas"]]]


def digest(data, kind="sha256"):
    """RFC 9795 section 6.1: of a value its deterministic JSON, of a content its bytes."""
    data = data if isinstance(data, bytes) else canonical(data).encode()
    return f"{kind}-" + base64.b64encode(hashlib.new(kind, data).digest()).decode()


def contents(bodies):
    return {url: base64.b64encode(body).decode() for url, body in bodies.items()}


def one(name, about, more, states, *, reason="ok", usable=True, bodies=None, rules=(), facts=None):
    """A shaken PASSporT, and an rcd PASSporT with more claims beside it."""
    rich = found("rcd", reason, 1, rcd=states, usable=usable)
    return vector(name, about, [shaken(), passport("caller", "rcd", claims(**more))],
                  [found("shaken"), rich], attest="A", contents=bodies and contents(bodies),
                  rules=rules, facts=facts)


def syntax_set():
    wrong = (("array", "rcd is an array", dict(rcd=[NAME]), "RC1"),
             ("no-name", "rcd without nam", dict(rcd={"apn": "12155550109"}), "RC1"),
             ("both-cards", "a jCard inline and at a URL",
              dict(rcd={**NAME, "jcd": PLAIN, "jcl": CARD_URL}), "RC3"),
             ("http-icon", "an icon at an http URL",
              dict(rcd={**NAME, "icn": "http://media.example.org/logo.png"}), "RC2"),
             ("nothing", "neither rcd nor crn", {}, "RC7"),
             ("rcdi-alone", "digests without rcd", dict(crn="x", rcdi={"/nam": digest("x")}),
              "RC4"),
             ("pointer", "a digest of what is not there",
              dict(rcd=NAME, rcdi={"/icn": digest(ICON)}), "RC4"),
             ("digest-length", "a digest of another length than its algorithm makes",
              dict(rcd=NAME, rcdi={"/nam": "sha384-" + "A" * 43}), "RC4"),
             ("icon-uncovered", "rcdi leaves the icon out",
              dict(rcd={**NAME, "icn": ICON_URL}, rcdi={"/nam": digest(NAME["nam"])}), "RC6"))
    for name, about, more, rule in wrong:
        yield one(f"rcd-{name}", about, more, {}, reason="bad_claims", usable=False, rules=[rule])


def digest_set():
    for kind in ("sha256", "sha384", "sha512"):
        yield one(f"rcd-name-{kind}", f"a name and its {kind} digest",
                  dict(rcd=NAME, rcdi={"/nam": digest(NAME["nam"], kind)}), {"name": "verified"},
                  rules=["RC4", "RC5"])
    yield one("rcd-name-md5", "a digest by an algorithm that nobody has to know",
              dict(rcd=NAME, rcdi={"/nam": "md5-" + "A" * 22}), {"name": "unverifiable"},
              rules=["RC4"])
    yield one("rcd-name-wrong", "a name and the digest of another",
              dict(rcd=NAME, rcdi={"/nam": digest("Another Bank")}), {"name": "mismatch"},
              rules=["RC9"])
    icon = dict(rcd={**NAME, "icn": ICON_URL}, rcdi={"/icn": digest(ICON)})
    yield one("rcd-icon", "an icon that is what its digest says", icon, {"icon": "verified"},
              bodies={ICON_URL: ICON}, rules=["RC5", "RC6"])
    yield one("rcd-icon-wrong", "an icon that is not", icon,
              {"icon": "mismatch", "name": "claimed"}, bodies={ICON_URL: OTHER}, rules=["RC9"])
    yield one("rcd-icon-absent", "an icon that was not fetched", icon, {"icon": "not_fetched"},
              rules=["RC9"])
    inline = dict(rcd={**NAME, "jcd": CARD},
                  rcdi={"/jcd": digest(CARD), "/jcd/1/2/3": digest(ICON)})
    yield one("rcd-jcd", "an inline jCard with its logo", inline,
              {"jcard": "verified", "media": "verified"}, bodies={ICON_URL: ICON},
              rules=["RC3", "RC6"])
    yield one("rcd-jcd-logo-wrong", "the logo is not what its digest says", inline,
              {"jcard": "verified", "media": "mismatch"}, bodies={ICON_URL: OTHER},
              rules=["RC9"])
    card = canonical(CARD).encode()
    linked = dict(rcd={**NAME, "jcl": CARD_URL},
                  rcdi={"/jcl": digest(card), "/jcl/1/2/3": digest(ICON)})
    yield one("rcd-jcl", "a jCard at a URL, and its logo", linked,
              {"jcard": "verified", "media": "verified"},
              bodies={CARD_URL: card, ICON_URL: ICON}, rules=["RC3", "RC5", "RC6"])
    yield one("rcd-jcl-wrong", "another jCard stands there", linked, {"jcard": "mismatch"},
              bodies={CARD_URL: canonical(PLAIN).encode(), ICON_URL: ICON}, rules=["RC9"])


def compact_set():
    name = passport("caller", "rcd", claims(rcd=NAME))
    reason = passport("caller", "rcd", claims(rcd=NAME, crn="Your appointment"))
    told = dict(date=DATE, display_name=NAME["nam"])
    info = '<data:>;purpose=jcard;call-reason="Your appointment"'
    yield vector("rcd-compact", "in compact form, and no Date says when",
                 [shaken(), compact(name)], [found("shaken"), found("rcd", "compact_form", 1)],
                 attest="A", rules=["RC10"])
    yield vector("rcd-compact-name", "in compact form: the display name is nam",
                 [shaken(), compact(name)],
                 [found("shaken"), found("rcd", identity=1, rcd={"name": "claimed"}, usable=True,
                                         **full(name))],
                 attest="A", facts=call(**told), rules=["RC10", "PP11"])
    yield vector("rcd-compact-reason", "in compact form: call-reason of Call-Info is crn",
                 [shaken(), compact(reason)],
                 [found("shaken"), found("rcd", identity=1, usable=True, **full(reason),
                                         rcd={"name": "claimed", "reason": "claimed"})],
                 attest="A", facts=call(call_info=info, **told), rules=["RC10", "PP11"])
    for case, about, facts in (
            ("name", "name", call(call_info=info, **{**told, "display_name": "Example Dental"})),
            ("reason", "reason", call(call_info=info.replace("Your", "An"), **told))):
        yield vector(f"rcd-compact-other-{case}",
                     f"in compact form, and the call has another {about}",
                     [shaken(), compact(reason)],
                     [found("shaken"), found("rcd", "bad_signature", 1, usable=False)], attest="A",
                     facts=facts, rules=["RC10"])


def rcd_set():
    yield one("rcd-name", "a name, without a digest", dict(rcd=NAME), {"name": "claimed"},
              rules=["RC1", "RC7"])
    yield one("rcd-crn", "a reason for the call alone", dict(crn="Your appointment"),
              {"reason": "claimed"}, rules=["RC7"])
    yield one("rcd-empty-name", "no name is an empty name",
              dict(rcd={"nam": "", "apn": "12155550109"}), {"number": "claimed"}, rules=["RC1"])
    yield vector("rcd-in-shaken", "Rich Call Data beside an attestation",
                 shaken(rcd=NAME, crn="Your appointment"),
                 [found("shaken", rcd={"name": "claimed", "reason": "claimed"}, usable=True)],
                 attest="A", rules=["RC7"])
    yield vector("rcd-in-shaken-bad", "there, what is malformed is not used",
                 shaken(rcd=[NAME]), [found("shaken", rcd={"name": "absent"}, usable=False)],
                 attest="A", rules=["RC8"])
    yield vector("rcd-alone", "Rich Call Data says nothing of the caller by itself",
                 passport("caller", "rcd", claims(rcd=NAME)), [found("rcd", usable=True)],
                 verstat=NONE, reason="no_proof",
                 rules=["RC9"])
    yield vector("rcd-third-alone", "a third party's, without a first party's",
                 passport("caller", "rcd", claims(rcd=NAME, iss="Vectors Caller")),
                 [found("rcd", usable=False)], verstat=NONE, reason="no_proof",
                 rules=["RC11"])
    yield one("rcd-third", "a third party's beside a first party's",
              dict(rcd=NAME, iss="Vectors Caller"), {"name": "claimed"}, rules=["RC11"])
    yield one("rcd-display-other", "the call shows another name", dict(rcd=NAME),
              {"name": "claimed"}, facts=call(display_name="Someone Else"), rules=["RC12"])
    yield from compact_set()
    must = dict(signer="must-rcdi")
    yield vector("rcd-rcdi-included", "the certificate wants digests, and there are some",
                 shaken(rcd=NAME, rcdi={"/nam": digest(NAME["nam"])}, **must),
                 [found("shaken", rcd={"name": "verified"}, usable=True)], attest="A",
                 rules=["RC13"])
    yield vector("rcd-rcdi-not-included", "the certificate wants digests, and there are none",
                 shaken(rcd=NAME, **must), [found("shaken", "not_permitted", usable=False)],
                 verstat=FAILED, reason="not_permitted", rules=["RC13"])
    yield from digest_set()
    yield from syntax_set()


SETS = {"rcd": ("Rich Call Data (RFC 9795)", rcd_set)}
