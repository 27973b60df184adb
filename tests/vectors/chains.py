# SPDX-License-Identifier: Apache-2.0
"""The vectors about several PASSporTs, or about more than the caller: div, mky, rph, rcd."""
from world import (CALLED, DATE, FAILED, NONE, NOW, call, claims, compact, div, found, full,
                   passport, shaken, token, header, vector)

HOPS = [CALLED] + [f"121555502{n:02}" for n in range(1, 6)]  # A, B ... F of forwards
DIGEST = "0123456789ABCDEF" * 4
OTHER_DIGEST = "FEDCBA9876543210" * 4
SDP_HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
MEDIA = "m=audio 49170 UDP/TLS/RTP/SAVP 0\r\n"


def moved(n, **more):
    """The facts of a call that was forwarded n times."""
    return call(request_uri=HOPS[n], **more)


def chain(n, **changes):
    return [shaken(**changes)] + [div(HOPS[i], HOPS[i + 1], **changes) for i in range(n)]


def whole(n):
    return [found("shaken")] + [found("div", identity=i + 1) for i in range(n)]


def forged_div(old, new):
    """By a signer whose certificate is another's."""
    made = div(old, new)
    forged = token("other", claims(div={"tn": old}, dest={"tn": [new]}), header("forwarder", "div"))
    return forged + made[made.index(";"):]


def broken_set():
    def one(name, about, identity, reasons, facts, policy=None, rules=()):
        passports = [found("shaken" if i == 0 else "div", reason, i)
                     for i, reason in enumerate(reasons)]
        return vector(name, about, identity, passports, attest="A", facts=facts, policy=policy,
                      rules=rules)

    bad = "diversion_broken"
    yield one("div-missing-link", "the second of three forwards is missing",
              [chain(3)[0], chain(3)[1], chain(3)[3]], ["ok", "dest_mismatch", bad],
              moved(3), rules=["DV3", "DV8", "VS10"])
    yield one("div-elsewhere", "the last forward does not lead to the called party",
              chain(1), ["ok", "dest_mismatch"], moved(2), rules=["DV4"])
    loop = [*chain(2), div(HOPS[2], HOPS[0])]
    yield one("div-loop", "the forwards lead back to the first called", loop,
              ["ok"] + ["diversion_loop"] * 3, call(request_uri=HOPS[0]), rules=["DV8"])
    fork = [*chain(1), div(HOPS[0], HOPS[2])]
    yield one("div-fork", "one call forwarded to two parties, the first of them called", fork,
              ["ok", "ok", "dest_mismatch"], moved(1), rules=["DV8"])
    yield one("div-fork-elsewhere", "one call forwarded to two parties, and a third is called",
              fork, ["ok", "dest_mismatch", "dest_mismatch"], moved(3), rules=["DV4", "DV8"])
    yield one("div-beyond", "a good chain, and a forward from the called party on", chain(2),
              ["ok", "ok", "dest_mismatch"], moved(1), rules=["DV3", "DV4"])
    beside = [*chain(1), forged_div(HOPS[0], HOPS[1])]
    yield one("div-forged-beside", "a good chain, and a forged forward beside it", beside,
              ["ok", "ok", "bad_signature"], moved(1), rules=["DV3", "DV6"])
    yield one("div-other-orig", "a forward for another caller",
              [shaken(), div(HOPS[0], HOPS[1], orig={"tn": "12155550101"})],
              ["ok", "orig_mismatch"], moved(1), rules=["DV5"])
    yield one("div-no-authority", "who forwards has no authority over the forwarding number",
              [shaken(), div(HOPS[0], HOPS[1], "caller")], ["ok", "not_authorized"], moved(1),
              rules=["DV5"])
    yield one("div-copies-nothing", "a div without a div claim",
              [shaken(), passport("forwarder", "div", claims(dest={"tn": [HOPS[1]]}))],
              ["ok", "bad_claims"], moved(1), rules=["DV1"])


def div_set():
    six = {"max_signatures": 6}
    yield vector("div-one", "forwarded once", chain(1), whole(1), attest="A", facts=moved(1),
                 rules=["DV1", "DV2", "DV3", "DV4"])
    yield vector("div-five", "forwarded five times", chain(5), whole(5), attest="A",
                 facts=moved(5), policy=six, rules=["DV3", "DV8", "VS10"])
    back = [found("div", identity=i) for i in range(5)] + [found("shaken", identity=5)]
    yield vector("div-five-reversed", "the same, in the reverse order", chain(5)[::-1], back,
                 attest="A", facts=moved(5), policy=six, rules=["DV8", "VS3"])
    yield vector("div-old", "forwarded two hours after the call began",
                 [shaken(iat=NOW - 7200), div(HOPS[0], HOPS[1])], whole(1), attest="A",
                 facts=moved(1), rules=["DV6"])
    yield vector("div-too-old", "forwarded three hours and a second after it began",
                 [shaken(iat=NOW - 10801), div(HOPS[0], HOPS[1])],
                 [found("shaken", "iat_stale"), found("div", "diversion_broken", 1)], verstat=NONE,
                 reason="iat_stale", facts=moved(1), rules=["DV6"])
    yield from broken_set()


def div_o_set():
    inner = shaken().split(";")[0]
    made = passport("forwarder", "div-o", claims(div={"tn": CALLED}, dest={"tn": [HOPS[1]]},
                                                 opt=inner))
    yield vector("div-o", "the original inside the forward", made,
                 [found("div-o"), found("shaken", identity=None)], attest="A", facts=moved(1),
                 rules=["DV7"])
    forged = token("other", claims(attest="A", origid="123e4567-e89b-42d3-a456-426614174000"),
                   header("caller", "shaken"))
    made = passport("forwarder", "div-o", claims(div={"tn": CALLED}, dest={"tn": [HOPS[1]]},
                                                 opt=forged))
    yield vector("div-o-forged", "the original inside is forged", made,
                 [found("div-o", "diversion_broken"),
                  found("shaken", "bad_signature", identity=None)], verstat=FAILED,
                 reason="bad_signature", facts=moved(1), rules=["DV7"])


def sdp(*digests):
    lines = [f"a=fingerprint:sha-256 {':'.join(d[i:i + 2] for i in range(0, 64, 2))}\r\n"
             for d in digests]
    return SDP_HEAD + MEDIA + "".join(lines)


def mky(*digests):
    return [{"alg": "sha-256", "dig": digest} for digest in digests]


def mky_set():
    two = passport("caller", "", claims(mky=mky(DIGEST, OTHER_DIGEST)))
    one = passport("caller", "", claims(mky=mky(DIGEST)))
    yield vector("mky", "the media key that was signed", one, [found("")],
                 facts=call(sdp=sdp(DIGEST)), rules=["PP13", "VS16"])
    yield vector("mky-two", "two keys, offered in another order", two, [found("")],
                 facts=call(sdp=sdp(OTHER_DIGEST, DIGEST)), rules=["PP13"])
    yield vector("mky-compact", "compact form: the body says which keys were signed", compact(one),
                 [found("", **full(one))], facts=call(sdp=sdp(DIGEST), date=DATE),
                 rules=["PP11", "PP13"])
    yield vector("mky-compact-other", "compact form, and another key is offered", compact(one),
                 [found("", "bad_signature")], verstat=FAILED, reason="bad_signature",
                 facts=call(sdp=sdp(OTHER_DIGEST), date=DATE), rules=["PP11", "VS16"])
    wrong = (("mky-other", "another key is offered", one, sdp(OTHER_DIGEST)),
             ("mky-more", "one more key is offered", one, sdp(DIGEST, OTHER_DIGEST)),
             ("mky-less", "a signed key is not offered", two, sdp(DIGEST)),
             ("mky-no-key", "no key is offered", one, SDP_HEAD + MEDIA))
    for name, about, identity, text in wrong:
        yield vector(name, about, identity, [found("", "media_mismatch")], verstat=NONE,
                     reason="media_mismatch", facts=call(sdp=text), rules=["VS16"])
    yield vector("mky-string", "mky is no array", passport("caller", "", claims(mky=DIGEST)),
                 [found("", "bad_claims")], verstat=NONE, reason="bad_claims",
                 facts=call(sdp=sdp(DIGEST)), rules=["PP13"])


GRANTED = {"namespaces": [{"list": "vectors", "name": "ets"}, {"list": "vectors",
                                                             "name": "esnet"}]}


def rph(signer="caller", **changes):
    return passport(signer, "rph", claims(**changes))


def rph_set():
    ets = rph(rph={"auth": ["ets.0", "wps.0"]})
    yield vector("rph", "the priority that was signed", [shaken(), ets],
                 [found("shaken"), found("rph", identity=1)], attest="A",
                 facts=call(resource_priority=["ets.0"]), policy=GRANTED, priority=["ets.0"],
                 rules=["AS16", "VS15"])
    yield vector("rph-not-granted", "a namespace that nobody may grant here", [shaken(), ets],
                 [found("shaken"), found("rph", "not_authorized", 1)], attest="A",
                 facts=call(resource_priority=["ets.0"]), priority=[], rules=["VS15"])
    yield vector("rph-other", "another priority is asked for", [shaken(), ets],
                 [found("shaken"), found("rph", "priority_mismatch", 1)], attest="A",
                 facts=call(resource_priority=["ets.1"]), policy=GRANTED, priority=[],
                 rules=["VS15"])
    yield vector("rph-string", "auth is a string", [shaken(), rph(rph={"auth": "ets.0"})],
                 [found("shaken"), found("rph", "bad_claims", 1)], attest="A",
                 facts=call(resource_priority=["ets.0"]), policy=GRANTED, priority=[],
                 rules=["AS16"])
    yield vector("rph-alone", "priority says nothing of the caller", ets, [found("rph")],
                 verstat=NONE, reason="no_proof",
                 facts=call(resource_priority=["ets.0"]),
                 policy=GRANTED, priority=["ets.0"], rules=["VS15"])
    back = rph(rph={"auth": ["esnet.0"]}, sph="psap-callback")
    facts = call(resource_priority=["esnet.0"], priority="psap-callback")
    yield vector("sph", "a call back from an emergency centre", [shaken(), back],
                 [found("shaken"), found("rph", identity=1)], attest="A", facts=facts,
                 policy=GRANTED, priority=["esnet.0"], psap_callback=True, rules=["AS17"])
    yield vector("sph-other", "Priority says something else", [shaken(), back],
                 [found("shaken"), found("rph", "priority_mismatch", 1)], attest="A",
                 facts=call(resource_priority=["esnet.0"], priority="normal"), policy=GRANTED,
                 priority=[], psap_callback=False, rules=["VS15"])
    yield vector("sph-without-esnet", "a call back in another namespace",
                 [shaken(), rph(rph={"auth": ["ets.0"]}, sph="psap-callback")],
                 [found("shaken"), found("rph", "bad_claims", 1)], attest="A", facts=facts,
                 policy=GRANTED, priority=[], psap_callback=False, rules=["AS17", "VS15"])


SETS = {
    "div": ("diversions and chains of them (RFC 8946)", div_set),
    "div-o": ("diversions that hold what they divert (RFC 8946 section 5)", div_o_set),
    "mky": ("media keys (RFC 8225 section 5.2.2)", mky_set),
    "rph": ("priority and emergency call back (RFC 8443, RFC 9027)", rph_set),
}
