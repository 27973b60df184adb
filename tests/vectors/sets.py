# SPDX-License-Identifier: Apache-2.0
"""The vectors about single PASSporTs: shaken, base, what must be refused, certificates."""
from world import (CALLED, CALLER, DATE, FAILED, NONE, NOW, ORIGID, call, claims, compact, found,
                   full, header, passport, shaken, token, url, vector)

SPC = {"accept_spc": True}


def shaken_set():
    for attest in "ABC":
        yield vector(f"shaken-{attest.lower()}", f"attestation {attest}", shaken(attest=attest),
                     [found("shaken")], attest=attest, rules=["AS9", "VS14"])
    yield vector("shaken-provider", "a service provider code covers any number by policy",
                 shaken("provider"), [found("shaken")], attest="A", policy=SPC, rules=["CE4"])
    yield vector("shaken-provider-refused", "without that policy it covers none",
                 shaken("provider"), [found("shaken", "not_authorized")], verstat=FAILED,
                 reason="not_authorized", rules=["CE4"])
    yield vector("shaken-unknown-claim", "a claim that nobody knows changes nothing",
                 shaken(**{"x-note": {"b": [1, True, None], "a": "š"}}), [found("shaken")],
                 attest="A", rules=["PP10", "PP14"])
    yield vector("shaken-white-space", "a signer's own spelling of JSON: the received bytes count",
                 passport("caller", "shaken",
                          '{ "origid":"%s", "iat":%d, "orig":{"tn":"%s"},\n "dest":{"tn":["%s"]},'
                          ' "attest":"\\u0041" }' % (ORIGID, NOW, CALLER, CALLED)),
                 [found("shaken")], attest="A", rules=["PP10"])
    yield vector("shaken-two-dest", "the called number is the second of dest",
                 shaken(dest={"tn": ["12155550111", CALLED]}), [found("shaken")], attest="A",
                 rules=["VS2", "PP7"])
    yield vector("shaken-attest-d", "an attestation that is none", shaken(attest="D"),
                 [found("shaken", "bad_claims")], verstat=NONE, reason="bad_claims", rules=["AS9"])
    yield vector("shaken-attest-missing", "no attestation", shaken(attest=None),
                 [found("shaken", "bad_claims")], verstat=NONE, reason="bad_claims", rules=["AS9"])
    yield vector("shaken-compact", "compact form",
                 ".." + shaken().split(".", 2)[2], [found("shaken", "compact_form")], verstat=NONE,
                 reason="compact_form", rules=["PP11", "AS12"])
    yield vector("shaken-unknown-beside", "an unknown type beside it is ignored",
                 [passport("caller", "x-new", claims()), shaken()],
                 [found("shaken", identity=1)], attest="A",
                 rules=["PP12", "VS1"])
    yield vector("shaken-good-and-bad", "one good PASSporT is enough",
                 [shaken("stranger"), shaken()],
                 [found("shaken", "cert_untrusted"), found("shaken", identity=1)], attest="A",
                 rules=["VS3"])
    joined = shaken(attest="B") + " , " + shaken("stranger")
    yield vector("shaken-joined", "two values in one field", joined,
                 [found("shaken"), found("shaken", "cert_untrusted", 1)], attest="B",
                 rules=["VS7"])


def base_set():
    yield vector("base", "a PASSporT without type", passport("caller", "", claims()), [found("")],
                 rules=["PP4", "AS5"])
    uri = claims(orig={"uri": "sip:alice@example.org"})
    yield vector("base-uri-caller", "a caller without a number: no list covers a URI",
                 passport("caller", "", uri), [found("", "not_authorized")], verstat=FAILED,
                 reason="not_authorized", facts=call(**{"from": ["sip:alice@example.org"]}),
                 rules=["CN5"])
    yield vector("base-uri-callee", "the called party is a URI, spelled differently",
                 passport("caller", "", claims(dest={"uri": ["sip:bob@example.org"]})),
                 [found("")], facts=call(to="SIP:B%6fb@EXAMPLE.org:5060;transport=tcp"),
                 rules=["CN5", "VS2"])
    yield vector("base-number-spelled", "numbers of the signalling are made canonical",
                 passport("caller", "", claims()), [found("")],
                 facts=call(**{"from": ["sip:+1-(215)-555-0100@example.org;user=phone"],
                               "to": "tel:+1.215.555.0200"}), rules=["CN2"])
    yield vector("base-second-asserted", "the second asserted identity is the one signed for",
                 passport("caller", "", claims()), [found("")],
                 facts=call(**{"from": ["12155550155", CALLER]}), rules=["CN6"])
    yield from compact_set()


def compact_set():
    plain = passport("caller", "", claims())
    yield vector("base-compact", "compact form: Date, From and To say what was signed",
                 compact(plain), [found("", **full(plain))], facts=call(date=DATE),
                 rules=["PP11"])
    yield vector("base-compact-second-asserted",
                 "compact form, signed for the second asserted identity", compact(plain),
                 [found("", **full(plain))], rules=["PP11", "CN6"],
                 facts=call(date=DATE, **{"from": ["12155550105", CALLER]}))
    yield vector("base-compact-other-called", "compact form on a call to somebody else",
                 compact(plain), [found("", "bad_signature")], verstat=FAILED,
                 reason="bad_signature", facts=call(date=DATE, to="12155550201"), rules=["PP11"])
    yield vector("base-compact-other-date", "compact form, and a Date one second later",
                 compact(plain), [found("", "bad_signature")], verstat=FAILED,
                 reason="bad_signature", facts=call(date=DATE.replace("00 GMT", "01 GMT")),
                 rules=["PP11"])
    yield vector("base-compact-no-date", "compact form, and nothing says when",
                 compact(plain), [found("", "compact_form")], verstat=NONE, reason="compact_form",
                 rules=["PP11"])


def tampered(identity, at):
    """identity with one character of a part of the token changed to another of base64url."""
    parts = identity.split(".")
    text = parts[at]
    parts[at] = text[:9] + ("A" if text[9] != "A" else "B") + text[10:]
    return ".".join(parts)


def swapped_payload():
    """The signature of one PASSporT below the claims of another."""
    good, other = shaken().split("."), shaken(attest="B").split(".")
    return ".".join([good[0], other[1], *good[2:]])


def refused(name, about, identity, reason, verstat=NONE, ppt="shaken", facts=None, rules=()):
    return vector(name, about, identity, [found(ppt, reason)], verstat=verstat, reason=reason,
                  facts=facts, rules=rules)


def claims_refused():
    base = dict(attest="A", origid=ORIGID)
    wrong = (
        ("iat-string", "iat is a string", "PP5", dict(iat=str(NOW))),
        ("iat-missing", "no iat", "PP5", dict(iat=None)),
        ("orig-array", "orig tn is an array", "PP6", dict(orig={"tn": [CALLER]})),
        ("orig-two", "orig is two identities", "PP6",
         dict(orig={"tn": CALLER, "uri": "sip:a@example.org"})),
        ("orig-missing", "no orig", "PP6", dict(orig=None)),
        ("orig-plus", "a number with its plus sign", "PP8", dict(orig={"tn": "+" + CALLER})),
        ("dest-string", "dest tn is a string", "PP7", dict(dest={"tn": CALLED})),
        ("dest-empty", "dest is empty", "PP7", dict(dest={})),
        ("dest-missing", "no dest", "PP7", dict(dest=None)))
    for name, about, rule, changes in wrong:
        yield refused(name, about, passport("caller", "shaken", claims(**base, **changes)),
                      "bad_claims", rules=[rule])
    twice = '{"attest":"A","dest":{"tn":["%s"]},"iat":%d,"iat":%d,"orig":{"tn":"%s"}}'
    yield refused("name-twice", "a JSON name stands twice",
                  passport("caller", "shaken", twice % (CALLED, NOW, NOW, CALLER)),
                  "bad_passport", rules=["PP9", "PP10"])


def header_refused():
    body = claims(attest="A", origid=ORIGID)
    for alg in ("none", "HS256", "RS256", "ES384", "ES256K"):
        yield refused(f"alg-{alg.lower()}", f"alg {alg}", passport("caller", "shaken", body,
                                                                  alg=alg),
                      "bad_alg", rules=["PP2"])
    yield refused("typ-jwt", "typ is JWT", passport("caller", "shaken", body, typ="JWT"),
                  "bad_alg", rules=["PP1"])
    yield refused("crit", "an extension that must be understood",
                  passport("caller", "shaken", body, crit=["exp"]), "bad_passport", rules=["PP2"])
    yield refused("x5u-missing", "no x5u", passport("caller", "shaken", body, x5u=None),
                  "bad_passport", rules=["PP3"])
    made = token("caller", body, header("caller", "shaken"))
    yield refused("info-other", "info is not x5u",
                  f"{made};info=<{url('provider')}>;alg=ES256;ppt=shaken", "bad_info",
                  rules=["PP3"])
    yield refused("ppt-other", "the header says shaken, the token nothing",
                  token("caller", body, header("caller", "")) +
                  f";info=<{url('caller')}>;ppt=shaken",
                  "ppt_mismatch", rules=["PP4"])


def tampered_set():
    good = shaken()
    yield refused("tampered-payload", "one character of the claims", tampered(good, 1),
                  "bad_passport", rules=["PP10"])
    yield refused("tampered-signature", "one character of the signature", tampered(good, 2),
                  "bad_signature", FAILED, rules=["PP2"])
    yield refused("tampered-claims", "claims below another PASSporT's signature",
                  swapped_payload(), "bad_signature", FAILED, rules=["PP10"])
    head, rest = good.split(";", 1)
    zero = head.rsplit(".", 1)[0] + "." + "A" * 86
    yield refused("signature-zero", "R and S are 0", f"{zero};{rest}", "bad_signature", FAILED,
                  rules=["PP2"])
    yield refused("signature-padded", "base64 with padding", f"{head}==;{rest}", "bad_header",
                  rules=["PP15"])


def stale_set():
    for age in (-61, -60, 60, 61):
        about = f"iat {abs(age)} s {'old' if age < 0 else 'ahead'}"
        reason = {-61: "iat_stale", 61: "iat_future"}.get(age, "ok")
        made = shaken(iat=NOW + age)
        name = f"iat-{'minus' if age < 0 else 'plus'}-{abs(age)}"
        if reason == "ok":
            yield vector(name, about, made, [found("shaken")], attest="A", rules=["VS4"])
        else:
            yield refused(name, about, made, reason, rules=["VS4"])
    yield refused("date-stale", "a Date of an hour ago", shaken(), "date_stale",
                  facts=call(date="Fri, 15 Jan 2027 07:00:00 GMT"), rules=["VS4"])
    yield refused("other-caller", "signed for another caller", shaken(), "orig_mismatch",
                  facts=call(**{"from": ["12155550101"]}), rules=["VS2"])
    yield refused("other-callee", "signed for a call to somebody else", shaken(), "dest_mismatch",
                  facts=call(to="12155550201"), rules=["VS2"])


def certificate_set():
    wrong = (
        ("expired", "the certificate is expired", "cert_expired", "VS6"),
        ("future", "the certificate is not valid yet", "cert_expired", "VS6"),
        ("p384", "a key on P-384", "cert_unreadable", "CE1"),
        ("no-list", "no TNAuthList", "not_authorized", "CE3"),
        ("other", "another number's certificate", "not_authorized", "CE4"),
        ("stranger", "a path to somebody else's root", "cert_untrusted", "CE2"),
        ("no-path", "the certificate without its issuer", "cert_untrusted", "CE2"))
    for signer, about, reason, rule in wrong:
        yield refused(f"certificate-{signer}", about, shaken(signer), reason, FAILED, rules=[rule])
    yield refused("certificate-absent", "nothing stands at the URL",
                  shaken(), "cert_unavailable",
                  facts=call(unavailable=[url("caller")]), rules=["VS8"])


def delegate_set():
    yield vector("delegate", "a delegate inside its parent", shaken("delegate"),
                 [found("shaken")], attest="A", rules=["CE6", "CE11"])
    yield refused("delegate-beyond", "a delegate that claims more than its parent has",
                  shaken("delegate-beyond"), "not_authorized", FAILED, rules=["CE6", "AS20"])
    yield refused("delegate-disorder", "certificates that do not stand in the order of their path",
                  shaken("delegate-disorder"), "not_authorized", FAILED, rules=["CE6"])
    yield vector("delegate-third", "three levels, each inside the one above",
                 shaken("delegate-third"), [found("shaken")], attest="A", rules=["CE6", "CE11"])
    yield refused("delegate-third-wide", "the second of three lists more than the first has",
                  shaken("delegate-third-wide"), "not_authorized", FAILED, rules=["CE6"])
    yield vector("delegate-code", "a number below a service provider code, by policy",
                 shaken("delegate-code"), [found("shaken")], attest="A", policy=SPC,
                 rules=["CE6", "CE4"])
    yield refused("delegate-code-refused", "without that policy nobody knows whose number it is",
                  shaken("delegate-code"), "not_authorized", FAILED, rules=["CE6", "CE4"])


def constraint_set():
    yield vector("permitted", "a permitted value", shaken("permits-b-c", "B"), [found("shaken")],
                 attest="B", rules=["CE5"])
    yield refused("not-permitted", "a value that is not permitted", shaken("permits-b-c", "A"),
                  "not_permitted", FAILED, rules=["CE5"])
    yield refused("not-included", "a claim that must be there is not", shaken("must-rcd"),
                  "not_permitted", FAILED, rules=["CE5"])
    yield vector("included", "it is there", shaken("must-rcd", rcd={"nam": "Example Bank"}),
                 [found("shaken")], attest="A", rules=["CE5"])
    mky = [{"alg": "sha-256", "dig": "00" * 32}]
    yield refused("excluded", "a claim that must not be there is", shaken("excludes-mky", mky=mky),
                  "not_permitted", FAILED, rules=["CE5"])
    yield vector("not-excluded", "without it", shaken("excludes-mky"), [found("shaken")],
                 attest="A", rules=["CE5"])
    yield vector("excludes-iat", "mustExclude of iat: as if the extension were absent",
                 shaken("excludes-iat"), [found("shaken")], attest="A", rules=["CE5"])
    yield vector("issuer-limited", "constraints of an issuer are nothing to those below it",
                 shaken("issuer-limited"), [found("shaken")], attest="A", rules=["CE5"])


SETS = {
    "shaken": ("SHAKEN PASSporTs (RFC 8588), alone and beside others", shaken_set),
    "base": ("PASSporTs without a type (RFC 8225)", base_set),
    "claims": ("claims that break RFC 8225 or RFC 8588", claims_refused),
    "header": ("JOSE headers that break RFC 8225, RFC 7515 or RFC 8224", header_refused),
    "tampered": ("what was changed after it was signed", tampered_set),
    "facts": ("good PASSporTs at another time or on another call", stale_set),
    "certificates": ("signers that must not be trusted", certificate_set),
    "delegates": ("delegate certificates (RFC 9060)", delegate_set),
    "constraints": ("claim constraints (RFC 8226, RFC 9118)", constraint_set),
}
