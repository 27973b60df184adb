# SPDX-License-Identifier: Apache-2.0
"""Each field of the requests of ATIS-1000082, absent, empty, of another type, out of range."""
import copy
import json

import pytest

from registry_kit import engines
from stir_kit import (CALLED, MINE, SIGNING, UUID, VERIFICATION, begin, fault, signing,
                      verification)


@pytest.fixture(scope="module", params=engines())
def world(request, tmp_path_factory):
    yield from begin(request.param, tmp_path_factory)


# RS5: (path of the field, what stands there instead, messageId, variable); "-" leaves it out.
ABSENT = "-"
SIGNING_CASES = [
    (("signingRequest",), ABSENT, "SVC4001", "signingRequest"),
    (("signingRequest",), None, "SVC4001", "signingRequest"),
    (("signingRequest",), [], "SVC4005", "signingRequest"),
    (("signingRequest",), "x", "SVC4005", "signingRequest"),
    (("extra",), 1, "SVC4005", "extra"),
    (("signingRequest", "extra"), 1, "SVC4005", "signingRequest.extra"),
    (("signingRequest", "attest"), ABSENT, "SVC4001", "signingRequest.attest"),
    (("signingRequest", "attest"), "", "SVC4005", "signingRequest.attest"),
    (("signingRequest", "attest"), "a", "SVC4005", "signingRequest.attest"),
    (("signingRequest", "attest"), "D", "SVC4005", "signingRequest.attest"),
    (("signingRequest", "attest"), "AB", "SVC4005", "signingRequest.attest"),
    (("signingRequest", "attest"), 1, "SVC4005", "signingRequest.attest"),
    (("signingRequest", "attest"), None, "SVC4001", "signingRequest.attest"),
    (("signingRequest", "orig"), ABSENT, "SVC4001", "signingRequest.orig"),
    (("signingRequest", "orig"), {}, "SVC4001", "signingRequest.orig.tn"),
    (("signingRequest", "orig"), MINE, "SVC4005", "signingRequest.orig"),
    (("signingRequest", "orig"), [], "SVC4005", "signingRequest.orig"),
    (("signingRequest", "orig", "extra"), "x", "SVC4005", "signingRequest.orig.extra"),
    (("signingRequest", "orig", "uri"), "sip:a@b.example", "SVC4005", "signingRequest.orig.uri"),
    (("signingRequest", "orig", "tn"), "", "SVC4005", "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), [MINE], "SVC4005", "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), 12155550100, "SVC4005", "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), "abc", "SVC4005", "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), "sip:+12155550100@a.example", "SVC4005",
     "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), "1" * 65, "SVC4005", "signingRequest.orig.tn"),
    (("signingRequest", "orig", "tn"), None, "SVC4001", "signingRequest.orig.tn"),
    (("signingRequest", "dest"), ABSENT, "SVC4001", "signingRequest.dest"),
    (("signingRequest", "dest"), {}, "SVC4001", "signingRequest.dest.tn"),
    (("signingRequest", "dest"), [CALLED], "SVC4005", "signingRequest.dest"),
    (("signingRequest", "dest", "extra"), 1, "SVC4005", "signingRequest.dest.extra"),
    (("signingRequest", "dest", "tn"), [], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), CALLED, "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [""], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [CALLED, ""], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [1], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [None], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [[CALLED]], "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [CALLED] * 11, "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "dest", "tn"), [CALLED] * 17, "SVC4005", "signingRequest.dest.tn"),
    (("signingRequest", "iat"), ABSENT, "SVC4001", "signingRequest.iat"),
    (("signingRequest", "iat"), 0, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), -1, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), "1", "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), "", "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), 1.5, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), True, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), 1000000000, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "iat"), 253402300800, "SVC4005", "signingRequest.iat"),
    (("signingRequest", "origid"), ABSENT, "SVC4001", "signingRequest.origid"),
    (("signingRequest", "origid"), "", "SVC4005", "signingRequest.origid"),
    (("signingRequest", "origid"), "x", "SVC4005", "signingRequest.origid"),
    (("signingRequest", "origid"), UUID + "0", "SVC4005", "signingRequest.origid"),
    (("signingRequest", "origid"), UUID.replace("-", "x"), "SVC4005", "signingRequest.origid"),
    (("signingRequest", "origid"), 1, "SVC4005", "signingRequest.origid"),
]
VERIFICATION_CASES = [
    (("verificationRequest",), ABSENT, "SVC4001", "verificationRequest"),
    (("extra",), 1, "SVC4005", "extra"),
    (("verificationRequest", "extra"), 1, "SVC4005", "verificationRequest.extra"),
    (("verificationRequest", "from"), ABSENT, "SVC4001", "verificationRequest.from"),
    (("verificationRequest", "from", "tn"), ABSENT, "SVC4001", "verificationRequest.from.tn"),
    (("verificationRequest", "from", "tn"), "", "SVC4005", "verificationRequest.from.tn"),
    (("verificationRequest", "from", "tn"), [MINE], "SVC4005", "verificationRequest.from.tn"),
    (("verificationRequest", "from", "extra"), 1, "SVC4005", "verificationRequest.from.extra"),
    (("verificationRequest", "to"), ABSENT, "SVC4001", "verificationRequest.to"),
    (("verificationRequest", "to", "tn"), [], "SVC4005", "verificationRequest.to.tn"),
    (("verificationRequest", "to", "tn"), CALLED, "SVC4005", "verificationRequest.to.tn"),
    (("verificationRequest", "to", "tn"), [""], "SVC4005", "verificationRequest.to.tn"),
    (("verificationRequest", "to", "extra"), 1, "SVC4005", "verificationRequest.to.extra"),
    (("verificationRequest", "time"), ABSENT, "SVC4001", "verificationRequest.time"),
    (("verificationRequest", "time"), 0, "SVC4005", "verificationRequest.time"),
    (("verificationRequest", "time"), "1", "SVC4005", "verificationRequest.time"),
    (("verificationRequest", "identity"), ABSENT, "SVC4001", "verificationRequest.identity"),
    (("verificationRequest", "identity"), "", "SVC4005", "verificationRequest.identity"),
    (("verificationRequest", "identity"), 1, "SVC4005", "verificationRequest.identity"),
    (("verificationRequest", "identity"), "x" * 20481, "SVC4005",
     "verificationRequest.identity"),
]


def changed(body, path, value):
    body = copy.deepcopy(body)
    at = body
    for name in path[:-1]:
        at = at[name]
    if value == ABSENT:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return body


def case_id(value):
    return ".".join(value) if isinstance(value, tuple) else \
        json.dumps(value)[:24] if not isinstance(value, str) else value[:24]


@pytest.mark.parametrize("path,value,message,variable", SIGNING_CASES, ids=case_id)
def test_rs5_each_field_of_a_signing_request_is_checked(world, path, value, message, variable):
    answer = world.signer.request("POST", SIGNING, changed(signing(), path, value), "carrier")
    assert fault(answer) == (400, message, [variable])


@pytest.mark.parametrize("path,value,message,variable", VERIFICATION_CASES, ids=case_id)
def test_rs5_each_field_of_a_verification_request_is_checked(world, path, value, message,
                                                             variable):
    answer = world.verifier.request("POST", VERIFICATION,
                                    changed(verification("x"), path, value), "carrier")
    assert fault(answer) == (400, message, [variable])
