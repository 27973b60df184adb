# SPDX-License-Identifier: Apache-2.0
"""The vectors of tests/vectors: replayed, and looked at by openssl, which knows nothing of us."""
import base64
import glob
import json
import os
import subprocess

import pytest

import cli_tool
import generate
import world
from der import private_pem

HERE = os.path.dirname(os.path.abspath(__file__))
VECTORS = os.path.join(os.path.dirname(HERE), "vectors")
UNSIGNED = ("bad_signature", "bad_header", "compact_form", "bad_passport")
NO_PATH = {"stranger", "no-path", "expired", "future"}
# Written otherwise on purpose: their JSON is not canonical, or not JSON at all.
OWN_SPELLING = {"shaken-white-space", "name-twice", "tampered-payload"}


def load():
    """{set name: document}"""
    documents = {}
    for path in sorted(glob.glob(os.path.join(VECTORS, "*.json"))):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if "vectors" in document:
            documents[document["set"]] = document
    return documents


DOCUMENTS = load()
CASES = [pytest.param(name, vector, id="-".join([*vector["rules"], vector["name"]]))
         for name, document in DOCUMENTS.items() for vector in document["vectors"]]


@pytest.fixture(scope="session")
def answers(programs):
    """{set name: {vector name: what libcallerid says}}"""
    out = {}
    for name in DOCUMENTS:
        done = subprocess.run([os.path.join(programs, "conformance", "replay"),
                               os.path.join(VECTORS, name + ".json")], check=True, timeout=60,
                              capture_output=True, text=True)
        told = map(json.loads, done.stdout.splitlines())
        out[name] = {one["name"]: one for one in told}
    return out


def values(vector):
    return [value.strip() for field in vector["identity"] for value in field.split(" , ")]


def tokens(vector):
    """(token, what is expected of it), the one inside a div-o too; of a good compact one its full
    form, which must have the same signature."""
    expected = {one["identity"]: one for one in vector["expected"]["passports"]}
    for i, value in enumerate(values(vector)):
        token = value.split(";")[0]
        said = expected.get(i, {"reason": "ignored"})
        if "full" in said:
            assert token == ".." + said["full"].split(".")[2], vector["name"]
            token = said["full"]
        yield token, said
        if None in expected:
            yield part(token, 1)["opt"], expected[None]


def part(token, at):
    return json.loads(cli_tool.decode64(token.split(".")[at]))


def is_told(passport, expected, signature):
    if expected["identity"] is None:
        return passport["inner"]
    return not passport["inner"] and passport["signature"] in ("", signature)


def check_passport(expected, told, vector):
    signature = values(vector)[expected["identity"] or 0].split(";")[0].split(".")[-1]
    mine = [one for one in told if is_told(one, expected, signature)]
    assert len(mine) == 1, (expected, told)
    assert mine[0]["reason"] == expected["reason"]
    if mine[0]["ppt"]:
        assert mine[0]["ppt"] == expected["ppt"]
    if "usable" in expected:
        assert mine[0]["usable"] == expected["usable"]
    for name, state in expected.get("rcd", {}).items():
        assert mine[0]["rcd"][name] == state, name


@pytest.mark.parametrize("name, vector", CASES)
def test_vector(answers, name, vector):
    """The verdict and what is said of each PASSporT are as the vector states."""
    told, expected = answers[name][vector["name"]], vector["expected"]
    assert told["verstat"] == expected["verstat"]
    assert told["attest"] == (expected["attest"] or "")
    assert told["reason"] == expected["reason"]
    for fact in ("priority", "psap_callback"):
        if fact in expected:
            assert told[fact] == expected[fact]
    assert len(told["passports"]) == len(expected["passports"])
    for one in expected["passports"]:
        check_passport(one, told["passports"], vector)


def test_the_vectors_are_what_the_generator_writes():
    for name, text in generate.files().items():
        with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
            assert file.read() == text, name


def public_key(document, url, tmp_path):
    path = tmp_path / (base64.urlsafe_b64encode(url.encode()).decode() + ".pub")
    if not path.exists():
        path.write_text(cli_tool.openssl("x509", "-pubkey", "-noout",
                                         data=document["certificates"][url]))
    return path


def openssl_says_good(document, token, tmp_path):
    head, body, signature = token.split(".")
    (tmp_path / "signature").write_bytes(cli_tool.der_of_raw(cli_tool.decode64(signature)))
    done = subprocess.run(["openssl", "dgst", "-sha256", "-verify",
                           public_key(document, part(token, 0)["x5u"], tmp_path), "-signature",
                           tmp_path / "signature"], input=f"{head}.{body}".encode(), check=False,
                          capture_output=True, timeout=60)
    return done.returncode == 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pp2_openssl_takes_the_signatures_that_are_said_to_be_good_and_no_others(name, tmp_path):
    document, looked = DOCUMENTS[name], 0
    for vector in document["vectors"]:
        for token, expected in tokens(vector):
            if token.startswith("..") or expected["reason"] in UNSIGNED[1:] or \
                    vector["name"] in ("x5u-missing", "certificate-p384"):
                continue
            looked += 1
            good = openssl_says_good(document, token, tmp_path)
            assert good == (expected["reason"] != "bad_signature"), vector["name"]
    assert looked > 0


@pytest.mark.parametrize("name", DOCUMENTS)
def test_pp9_headers_and_claims_are_canonical_json(name):
    for vector in DOCUMENTS[name]["vectors"]:
        if vector["name"] in OWN_SPELLING:
            continue
        for token, _ in tokens(vector):
            for at in (0, 1) if not token.startswith(".") else ():
                text = cli_tool.decode64(token.split(".")[at]).decode()
                assert text == world.canonical(json.loads(text)), vector["name"]


@pytest.mark.parametrize("signer", world.SIGNERS)
def test_ce2_openssl_finds_a_path_where_one_is_said_to_be(signer, tmp_path):
    """Paths only: openssl knows neither TNAuthList nor claim constraints."""
    path = world.SIGNERS[signer]
    for name, text in (("root", world.ROOT.pem), ("leaf", path[0].pem),
                       ("rest", "".join(one.pem for one in path[1:]) or world.ROOT.pem)):
        (tmp_path / name).write_text(text)
    said = cli_tool.openssl("verify", "-x509_strict", "-attime", world.NOW, "-CAfile",
                            tmp_path / "root", "-untrusted", tmp_path / "rest", tmp_path / "leaf",
                            status=None)
    assert (": OK" in said) == (signer not in NO_PATH), said


def test_pp2_as5_as9_pp9_the_tool_signs_the_very_bytes_of_the_vectors(cli):
    """RFC 6979: one key and one text have one signature, whoever makes it."""
    path = world.SIGNERS["caller"]
    cli.write("key", private_pem(path[0].key), 0o600)
    cli.write("cert", "".join(one.pem for one in path))
    words = ["passport", "sign", "--key", cli.path("key"), "--cert", cli.path("cert"), "--x5u",
             world.url("caller"), "--from", world.CALLER, "--to", world.CALLED, "--iat", world.NOW]
    assert cli.ok(*words).strip() == world.passport("caller", "", world.claims())
    shaken = [*words, "--attest", "A", "--origid", world.ORIGID]
    assert cli.ok(*shaken).strip() == world.shaken()
    assert cli.ok(*words, "--compact").strip() == \
        world.compact(world.passport("caller", "", world.claims()))


def test_the_private_keys_are_those_of_the_certificates(tmp_path):
    with open(os.path.join(VECTORS, "keys.json"), encoding="utf-8") as file:
        keys = json.load(file)["keys"]
    certificates = {}
    for document in DOCUMENTS.values():
        certificates.update(document["certificates"])
    for url, key in keys.items():
        if url in certificates:
            public = cli_tool.openssl("ec", "-pubout", data=key).split("-----BEGIN")[1]
            assert public.split("-----END")[0] in cli_tool.openssl(
                "x509", "-pubkey", "-noout", data=certificates[url])
