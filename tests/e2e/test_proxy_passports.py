# SPDX-License-Identifier: Apache-2.0
"""Every kind of PASSporT on a real call: what the callee, the caller and the record are told."""
import base64
import hashlib
import itertools
import json
import os
import shlex
import time
import urllib.parse

import proxy_kit as kit
import pytest
from der import constraints
from sti import CALLED, CALLER, ORIGID, Host, World, claims_of, passport, revocation_list
from test_proxy_stir import Extra, logged, via_of

HOST = "127.0.0.15"
NEXT = "12155550177"  # where the call is forwarded to
PASSED, FAILED, NONE = "TN-Validation-Passed", "TN-Validation-Failed", "No-TN-Validation"
ICON, ICON_BYTES = "https://cdn.example.com/logo.png", b"\x89PNG the logo"
CARD = "https://cdn.example.com/card.json"
DIGEST = "AB" * 32
OFFER = ("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
         f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\nm=audio 4000 UDP/TLS/RTP/SAVP 0\r\n")


@pytest.fixture(scope="module")
def world():
    made = World()
    block = "range:12155550100:10"
    made.certify("caller", block)
    made.certify("forwarder", "range:12155550170:30")
    made.certify("code", "spc:1234")
    made.certify("limited", block, constraint=constraints(permitted=[("attest", ["B", "C"])]))
    made.certify("revoked", block)
    made.certify("inline", block)
    for who in ("first", "second", "third"):
        made.certify(who, block)
    delegates = made.certify("delegates", "range:12155550100:5", ca=0)
    made.certify("delegate", "one:" + CALLER, issuers=[delegates, made.ca])
    made.certify("beyond", "one:" + CALLER, "one:12155550108", issuers=[delegates, made.ca])
    return made


@pytest.fixture(scope="module")
def host(stage, world):
    """Serves the certificates of the world."""
    stage.cli("pki", "issue", stage.pki, "sti-host", "--type", "tls-server", "--host", HOST)
    made = serve(stage, world)
    yield made
    made.close()


def serve(stage, world):
    return Host(HOST, *(os.path.join(stage.pki, "sti-host" + end) for end in (".pem", ".key")),
                {f"{who}.pem": world.body(who) for who in world.paths})


def trusting(stage, world, host, *more):
    """Changes of a configuration: the world's root, its host, its CRL."""
    stage.write("world.pem", world.root.pem)
    stage.write("world.crl", revocation_list(world.ca, [world.paths["revoked"][0]],
                                             int(time.time())))
    root = stage.path("root.pem")
    return (("[certs]\nanchors = " + root, f"[certs]\nanchors = {root},{stage.path('world.pem')}\n"
             f"crls = {stage.path('world.crl')}"),
            ("\nports = ", f"\nports = {host.port},"),
            ("\ntest_addresses = ", f"\ntest_addresses = {HOST},"),
            ("[trunk \"foreign-carrier\"]", "[trunk \"foreign-carrier\"]\nnamespaces = ets,esnet"
             "\naccept_x5c = yes"), *more)


@pytest.fixture(scope="module")
def proxy(stage, world, host, tmp_path_factory):
    with Extra(stage, tmp_path_factory.mktemp("passports"), "terminating",
               *trusting(stage, world, host)) as made:
        yield made


ONCE = itertools.count()


class Signed:
    """PASSporTs of now, by the people of the world; a claim of no meaning makes each another one,
    since a signature that was seen before is a replay. In compact form it has no place."""

    def __init__(self, world, host):
        self.world, self.host, self.iat = world, host, int(time.time())

    def made(self, who, ppt, *, header=None, once=True, **changes):
        changes["x-once"] = next(ONCE) if once else None
        return passport(self.world.paths[who][0], self.host.url(who + ".pem"), ppt,
                        claims_of(self.iat, **changes), **(header or {}))

    def compact(self, ppt, **changes):
        """RFC 8225 section 7: the signature and the parameters."""
        return ".." + self.made("caller", ppt, once=False, **changes).split(".", 2)[2]

    def shaken(self, who="caller", attest="A", **changes):
        return self.made(who, "shaken", attest=attest, origid=ORIGID, **changes)

    def rcd(self, who="caller", **changes):
        return self.made(who, "rcd", **changes)

    def div(self, old=CALLED, new=NEXT, **changes):
        return self.made("forwarder", "div", div={"tn": old}, dest={"tn": [new]}, **changes)

    def date(self):
        return "Date: " + time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.iat))


@pytest.fixture
def signed(world, host):
    return Signed(world, host)


class Placed:
    """A call to its end: the INVITE of the callee, the answer of the caller, the record's line."""

    def __init__(self, ends, proxy, identities, headers=(), to=CALLED, name="", body="",
                 caller=CALLER):
        kind = ["Content-Type: application/sdp"] if body else []
        text = kit.request(
            "INVITE", f"sip:+{to}@b.example;user=phone", "%s:%d" % ends["foreign"].socket
            .getsockname(), [f"From: {name}<sip:+{caller}@a.example;user=phone>;tag=1",
                             f"To: <sip:+{CALLED}@b.example;user=phone>",
                             *("Identity: " + one for one in identities), *headers, *kind],
            body=body, leave_out=["From", "To"])
        for end in ends.values():
            end.only = kit.Message(text.encode()).first("Call-ID")
        self.began = time.monotonic()
        ends["foreign"].send(text, proxy.to)
        self.invite = ends["callee"].receive()
        self.took_s = time.monotonic() - self.began
        assert self.invite is not None, "it did not arrive\n" + proxy.text()[-2000:]
        ends["callee"].send(kit.response(self.invite, 486, "Busy"), via_of(self.invite))
        self.answer = ends["foreign"].receive_final()
        line = logged(proxy, self.invite)
        self.record = dict(field.partition("=")[::2] for field in shlex.split(line))

    @property
    def verstat(self):
        return self.invite.first("From").partition(";verstat=")[2].partition("@")[0]

    @property
    def passports(self):
        """{type: reason}"""
        return dict(one.split(":") for one in self.record["passports"].split(","))

    @property
    def reasons(self):
        """The causes of Reason: STIR, in order."""
        return sorted(int(text.partition("cause=")[2].split(";")[0].strip())
                      for text in self.answer.all("Reason") if text.startswith("STIR"))

    def shown(self):
        """(name, reason, [Call-Info values])"""
        infos = self.invite.all("Call-Info")
        card = [info for info in infos if "purpose=jcard" in info]
        uri = card[0].partition("<")[2].partition(">")[0] if card else ""
        name = None
        if uri.startswith("data:application/json,"):
            name = json.loads(urllib.parse.unquote(uri.partition(",")[2]))[1][1][3]
        reason = card[0].partition('call-reason="')[2].partition('"')[0] if card else ""
        return name, reason or None, infos


def expect(placed, verstat, passports, reasons=(), **record):
    assert placed.verstat == verstat, placed.record
    assert placed.passports == passports
    assert placed.reasons == sorted(reasons)
    assert placed.record["verstat"] == verstat
    for name, value in record.items():
        assert placed.record.get(name) == value, (name, placed.record)
    attest = placed.invite.all("P-Attestation-Indicator")
    assert attest == ([placed.record["attest"]] if "attest" in placed.record else [])


def digest(data):
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


# div, RFC 8946

def test_dv3_dv4_forwarded_call_is_labelled_by_the_chain_that_leads_here(ends, proxy, signed):
    """The last dest is the Request-URI; To is still the first called."""
    for order in (1, -1):
        placed = Placed(ends, proxy, [signed.shaken(), signed.div()][::order], to=NEXT)
        expect(placed, PASSED, {"shaken": "ok", "div": "ok"}, attest="A", reason="ok")


def test_chain_of_two_forwards_is_followed_in_any_order(ends, proxy, signed):
    middle = "12155550180"
    chain = [signed.div(middle, NEXT), signed.shaken(), signed.div(CALLED, middle)]
    placed = Placed(ends, proxy, chain, to=NEXT)
    assert placed.verstat == PASSED and placed.record["attest"] == "A"
    assert placed.record["passports"].count("div:ok") == 2 and placed.reasons == []


@pytest.mark.parametrize("wrong, told, causes", [
    (lambda s: s.div(CALLED, "12155550178"), "dest_mismatch", [438]),
    (lambda s: s.div("12155550178", NEXT), "diversion_broken", [438]),
    (lambda s: s.made("caller", "div", div={"tn": CALLED}, dest={"tn": [NEXT]}),
     "not_authorized", [437]),
    (lambda s: tampered(s.div()),
     "bad_signature", [438]),
])
def test_forward_that_is_not_proven_takes_the_label_away(ends, proxy, signed, wrong, told, causes):
    """The first PASSporT is good and names To; nobody proved the way to this callee."""
    placed = Placed(ends, proxy, [signed.shaken(), wrong(signed)], to=NEXT)
    assert placed.verstat == NONE and placed.passports["div"] == told
    assert placed.reasons == causes
    assert placed.record["rule"] == "retargeted" and "attest" not in placed.record
    assert not placed.invite.all("P-Attestation-Indicator")


def tampered(identity):
    head, _, rest = identity.partition(";")
    return head[:-10] + ("A" if head[-10] != "A" else "B") + head[-9:] + ";" + rest


# rcd, RFC 9795 and RFC 9796

FORGED = ['Call-Info: <https://evil.example/x>;purpose=icon;verified="true"',
          'Call-Info: <data:application/json,%5B%22vcard%22%5D>;purpose=jcard;verified="true";'
          'call-reason="Forged"']


def test_rc14_signed_name_logo_and_reason_are_shown_and_forged_ones_go(ends, proxy, signed):
    rcd = signed.rcd(rcd={"nam": "Example Bank", "icn": ICON}, crn="Your card",
                     rcdi={"/icn": digest(ICON_BYTES)})
    placed = Placed(ends, proxy, [signed.shaken(), rcd], FORGED)
    expect(placed, PASSED, {"shaken": "ok", "rcd": "ok"}, rcd="shown", brand="Example Bank",
           brand_by="rcd", call_reason="Your card", call_reason_by="rcd")
    name, reason, infos = placed.shown()
    assert (name, reason) == ("Example Bank", "Your card")
    assert infos[1:] == [f'<{ICON}>;purpose=icon;verified="true";'
                         f'integrity="{digest(ICON_BYTES)}"']
    assert b"evil.example" not in placed.invite.data and b"Forged" not in placed.invite.data


def test_rich_call_data_beside_an_attestation_is_shown_too(ends, proxy, signed):
    placed = Placed(ends, proxy, [signed.shaken(rcd={"nam": "Example Bank"})])
    expect(placed, PASSED, {"shaken": "ok"}, rcd="shown", brand="Example Bank")
    assert placed.shown()[0] == "Example Bank"


def test_jcard_without_a_name_is_shown_by_its_url_and_digest(ends, proxy, signed):
    rcd = signed.rcd(rcd={"nam": "", "jcl": CARD}, crn="Hello",
                     rcdi={"/jcl": digest(b"card")})
    placed = Placed(ends, proxy, [signed.shaken(), rcd])
    assert placed.shown()[2] == [f'<{CARD}>;purpose=jcard;call-reason="Hello";verified="true";'
                                 f'integrity="{digest(b"card")}"']


def test_reason_alone_is_shown_with_the_null_uri(ends, proxy, signed):
    placed = Placed(ends, proxy, [signed.shaken(), signed.rcd(crn="Hello")])
    assert placed.shown()[2] == ['<data:>;purpose=jcard;call-reason="Hello";verified="true"']
    assert "brand" not in placed.record and placed.record["call_reason_by"] == "rcd"


@pytest.mark.parametrize("wrong, told, said, causes", [
    (lambda s: [s.shaken(), tampered(s.rcd(rcd={"nam": "Evil"}))], "bad_signature",
     "bad_signature", [438]),
    (lambda s: [s.shaken(), s.rcd("forwarder", rcd={"nam": "Evil"})], "not_authorized",
     "not_authorized", [437]),
    (lambda s: [s.shaken(), s.rcd(rcd={"nam": 1})], None, None, [438]),
    (lambda s: [s.shaken(attest="B"), s.rcd(rcd={"nam": "Evil"})], "ok", "attestation", []),
    (lambda s: [s.rcd(rcd={"nam": "Evil"})], "ok", "not_passed", []),
    (lambda s: [tampered(s.shaken()), s.rcd(rcd={"nam": "Evil"}, iss="E2E caller")], "ok",
     "not_first_party", [438]),
    (lambda s: [tampered(s.shaken()), s.rcd(rcd={"nam": "Evil"})], "ok", "not_passed", [438]),
])
def test_rc8_rc11_rich_call_data_that_is_not_proven_is_never_shown(ends, proxy, signed, wrong,
                                                                   told, said, causes):
    placed = Placed(ends, proxy, wrong(signed), FORGED)
    assert placed.passports.get("rcd") == told and placed.record.get("rcd") == said
    assert placed.reasons == causes
    assert placed.shown() == (None, None, []) and b"Evil" not in placed.invite.data
    assert "brand" not in placed.record


BRANDED = "12155550103"


@pytest.fixture(scope="module")
def brand(stage):
    """The registry knows a name for BRANDED."""
    return stage.add_brand(stage.ids["dental"], "Registered Ltd", "+" + BRANDED)


@pytest.mark.parametrize("rcd, name, by, reason", [
    ({"rcd": {"nam": "Signed Ltd"}, "crn": "Hello"}, "Signed Ltd", "rcd", "Hello"),
    ({"crn": "Hello"}, "Registered Ltd", "registry", "Hello"),
    # RFC 9795 §10: a third party's words go behind the registry's, and stand beside none of them.
    ({"crn": "Evil", "iss": "E2E caller"}, "Registered Ltd", "registry", None),
    ({"rcd": {"nam": "Evil"}, "crn": "Evil", "iss": "E2E caller"}, "Registered Ltd", "registry",
     None),
    (None, "Registered Ltd", "registry", None),
])
def test_what_the_call_proves_goes_before_what_the_registry_says(ends, proxy, signed, brand, rcd,
                                                                 name, by, reason):
    orig = {"tn": BRANDED}
    identities = [signed.shaken(orig=orig)] + ([signed.rcd(orig=orig, **rcd)] if rcd else [])
    placed = Placed(ends, proxy, identities, caller=BRANDED)
    assert placed.shown()[:2] == (name, reason), (brand, placed.record)
    assert (placed.record["brand"], placed.record["brand_by"]) == (name, by)
    assert placed.record.get("call_reason_by") == ("rcd" if reason else None)


def test_name_that_is_not_proven_leaves_the_registrys_name(ends, proxy, signed, brand):
    orig = {"tn": BRANDED}
    placed = Placed(ends, proxy, [signed.shaken(orig=orig),
                                  tampered(signed.rcd(orig=orig, rcd={"nam": "Evil"}))],
                    caller=BRANDED)
    assert placed.shown()[0] == "Registered Ltd" and placed.record["rcd"] == "bad_signature", brand


@pytest.mark.parametrize("who, attest, name", [
    ("caller", None, "Registered Ltd"),  # RFC 9060: its certificate has the number
    ("code", None, None),  # whoever has a service provider code may sign any number
    ("code", "A", "Registered Ltd"),
    ("caller", "B", None),  # it says itself that it does not know
])
def test_registrys_name_needs_attestation_a_or_a_certificate_with_the_number(ends, proxy, signed,
                                                                             brand, who, attest,
                                                                             name):
    orig = {"tn": BRANDED}
    one = signed.shaken(who, attest, orig=orig) if attest else signed.made(who, "", orig=orig)
    placed = Placed(ends, proxy, [one], caller=BRANDED)
    assert placed.verstat == PASSED and placed.shown()[0] == name, (brand, placed.record)
    if name is None:
        assert "brand" not in placed.record


# Compact form, RFC 8225 §7 and RFC 9795 §9

def test_pp11_rc10_compact_forms_are_made_whole_from_the_call_as_received(ends, proxy, signed):
    """nam is the display name; crn is in a Call-Info that goes no further."""
    base = signed.compact("")
    rcd = signed.compact("rcd", rcd={"nam": "Example Bank"}, crn="Your card")
    info = 'Call-Info: <data:>;purpose=jcard;call-reason="Your card"'
    placed = Placed(ends, proxy, [base, rcd], [signed.date(), info],
                    name='"Example Bank" ')
    expect(placed, PASSED, {"base": "ok", "rcd": "ok"}, rcd="shown", reason="ok",
           call_reason="Your card")
    assert placed.shown()[:2] == ("Example Bank", "Your card")
    assert placed.shown()[2][0].endswith(';verified="true"')


def test_compact_forms_of_the_tool_pass_the_proxy(stage, ends, proxy):
    iat = int(time.time())
    words = ["passport", "sign", "--compact", "--key", os.path.join(stage.pki, "foreign.key"),
             "--cert", os.path.join(stage.pki, "foreign.pem"), "--x5u", stage.ids["x5u-foreign"],
             "--from", CALLER, "--to", CALLED, "--iat", str(iat)]
    date = "Date: " + time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(iat))
    info = 'Call-Info: <https://x.example/>;purpose=info, <data:>;call-reason="Hello, you"'
    rich = ("--nam", "Bank", "--display-name", "Bank", "--crn", "Hello, you")
    placed = Placed(ends, proxy, [stage.cli(*words), stage.cli(*words, *rich)], [date, info],
                    name="Bank ")
    expect(placed, PASSED, {"base": "ok", "rcd": "ok"}, rcd="shown", call_reason="Hello, you")
    assert '<https://x.example/>;purpose=info' in placed.shown()[2]


@pytest.mark.parametrize("name, info", [
    ('"Evil" ', 'call-reason="Your card"'), ('"Example Bank" ', 'call-reason="Your money"'),
    ('"Example Bank" ', "purpose=jcard"),
])
def test_compact_form_of_another_call_shows_nothing(ends, proxy, signed, name, info):
    rcd = signed.compact("rcd", rcd={"nam": "Example Bank"}, crn="Your card")
    placed = Placed(ends, proxy, [signed.shaken(), rcd],
                    [signed.date(), "Call-Info: <data:>;" + info], name=name)
    expect(placed, PASSED, {"shaken": "ok", "rcd": "bad_signature"}, [438], rcd="bad_signature")
    assert placed.shown() == (None, None, [])


# mky, RFC 8225 §5.2.2 and RFC 8224 §4.1

def test_media_keys_that_were_signed_are_those_of_the_offer(ends, proxy, signed):
    mky = [{"alg": "sha-256", "dig": DIGEST}]
    placed = Placed(ends, proxy, [signed.made("caller", "", mky=mky)], body=OFFER)
    expect(placed, PASSED, {"base": "ok"}, reason="ok")
    assert placed.invite.body == OFFER.encode()


def test_vs16_offer_with_other_media_keys_is_told(ends, proxy, signed):
    mky = [{"alg": "sha-256", "dig": "CD" * 32}]
    placed = Placed(ends, proxy, [signed.made("caller", "", mky=mky)], body=OFFER)
    expect(placed, NONE, {"base": "media_mismatch"}, [438], checks_failed="media",
           reason="media_mismatch")


# rph and sph, RFC 8443 and RFC 9027

def test_priority_is_authorised_by_an_rph_passport(ends, proxy, signed):
    rph = signed.made("caller", "rph", rph={"auth": ["ets.0"]})
    placed = Placed(ends, proxy, [signed.shaken(), rph], ["Resource-Priority: ets.0"])
    expect(placed, PASSED, {"shaken": "ok", "rph": "ok"}, attest="A")
    other = signed.made("caller", "rph", rph={"auth": ["ets.1"]})
    placed = Placed(ends, proxy, [signed.shaken(), other], ["Resource-Priority: ets.0"])
    expect(placed, PASSED, {"shaken": "ok", "rph": "priority_mismatch"}, [438])


def test_call_back_of_an_emergency_centre_goes_first_and_is_recorded_as_proven(ends, proxy,
                                                                             signed):
    sph = signed.made("caller", "rph", rph={"auth": ["esnet.0"]}, sph="psap-callback")
    headers = ["Resource-Priority: esnet.0", "Priority: psap-callback"]
    Placed(ends, proxy, [signed.shaken()])  # the certificate is at hand: nothing is waited for
    placed = Placed(ends, proxy, [signed.shaken(), sph], headers)
    assert placed.record["emergency"] == "true" and placed.record["psap_callback"] == "true"
    assert placed.passports == {"shaken": "ok", "rph": "ok"}


# Certificates

def test_claim_that_the_certificate_does_not_permit_fails_the_call(ends, proxy, signed):
    """RFC 8226 §8: attest may be B or C."""
    placed = Placed(ends, proxy, [signed.shaken("limited")])
    expect(placed, FAILED, {"shaken": "not_permitted"}, [437], reason="not_permitted",
           checks_failed="constraints")
    placed = Placed(ends, proxy, [signed.shaken("limited", attest="B")])
    expect(placed, PASSED, {"shaken": "ok"}, attest="B")


def test_delegate_certificate_is_good_inside_its_parents_scope_only(ends, proxy, signed):
    """RFC 9060 §5."""
    placed = Placed(ends, proxy, [signed.shaken("delegate")])
    expect(placed, PASSED, {"shaken": "ok"}, attest="A")
    placed = Placed(ends, proxy, [signed.shaken("beyond")])
    expect(placed, FAILED, {"shaken": "not_authorized"}, [437], reason="not_authorized")


def test_certificates_of_the_token_itself_are_taken_without_a_fetch(ends, proxy, signed, world,
                                                                    host):
    x5c = [base64.b64encode(one.der).decode() for one in world.paths["inline"]]
    made = signed.made("inline", "shaken", attest="A", origid=ORIGID, header={"x5c": x5c})
    placed = Placed(ends, proxy, [made])
    expect(placed, PASSED, {"shaken": "ok"}, attest="A")
    assert "/inline.pem" not in host.asked and placed.record["cert_wait_us"] == "0"


def test_revoked_certificate_fails_the_call(ends, proxy, signed):
    placed = Placed(ends, proxy, [signed.shaken("revoked")])
    expect(placed, FAILED, {"shaken": "cert_revoked"}, [437], reason="cert_revoked",
           checks_failed="chain")


def test_four_certificates_are_waited_for_together(stage, world, host, ends, signed, tmp_path):
    """Each host answers after 200 ms: one after the other would cost the call its 500 ms."""
    slow = dict(zip(("first", "second", "third", "forwarder"), (serve(stage, world)
                                                                for _ in range(4))))
    ports = ("\nports = ", "\nports = " + "".join(f"{one.port}," for one in slow.values()))
    for one in slow.values():
        one.delay_s = 0.2
    signed.host = type("Hosts", (), {"url": lambda _, name: slow[name[:-4]].url(name)})()
    with Extra(stage, tmp_path, "terminating", *trusting(stage, world, host, ports)) as proxy:
        four = [signed.shaken("first"), signed.rcd("second", crn="Hello"), signed.div(),
                signed.made("third", "rph", rph={"auth": ["ets.0"]})]
        placed = Placed(ends, proxy, four, ["Resource-Priority: ets.0"], to=NEXT)
        counted = kit.metrics(proxy.admin)
    for one in slow.values():
        one.close()
    expect(placed, PASSED, dict.fromkeys(("shaken", "rcd", "div", "rph"), "ok"), attest="A")
    assert "fail_open" not in placed.record and placed.shown()[1] == "Hello"
    # The verdict above is whole: the wait ended before the 500 ms did, and 4 x 200 would not.
    assert 200_000 <= int(placed.record["cert_wait_us"]) < 500_000
    assert 0.2 <= placed.took_s < 0.6, placed.took_s  # sanitizers and a busy machine included
    assert counted['attestel_proxy_certificates_total{status="ok"}'] == 4
    assert all(len(one.asked) == 1 for one in slow.values())
