# SPDX-License-Identifier: Apache-2.0
"""attestel pki: certificates that openssl agrees with, kept safely."""
import os
import re
import stat

import pytest
from cli_tool import CALLED, CALLER, NOW, URL, YEAR, Cli, openssl


@pytest.fixture
def cli(programs, tmp_path):
    return Cli(programs, tmp_path)


@pytest.fixture
def pki(cli):
    return cli.init()


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def verify(pki, name, *options, status=0, anchor="root", at=NOW):
    path = os.path.join(pki, f"{name}.pem")
    return openssl("verify", "-attime", at, "-CAfile", os.path.join(pki, f"{anchor}.pem"),
                   "-no-CApath", "-no-CAstore", "-untrusted", path, *options, path, status=status)


def text_of(pki, name):
    return openssl("x509", "-in", os.path.join(pki, f"{name}.pem"), "-noout", "-text")


def key_ids(pem):
    """(SKI, AKI) of the first certificate of a text."""
    text = openssl("x509", "-noout", "-ext", "subjectKeyIdentifier,authorityKeyIdentifier",
                   data=pem)
    ids = re.findall(r"^\s+((?:[0-9A-F]{2}:){19}[0-9A-F]{2})$", text, re.M)
    assert len(ids) == 2, text
    return tuple(ids)


def split(pem):
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem, re.S)


def tnauthlist(pki, name):
    """DER of the extension, in hex, as openssl finds it."""
    text = openssl("asn1parse", "-in", os.path.join(pki, f"{name}.pem"))
    return re.search(r":1\.3\.6\.1\.5\.5\.7\.1\.26\n.*?\[HEX DUMP\]:([0-9A-F]+)", text).group(1)


def test_init_makes_a_private_folder_with_private_keys(pki):
    assert mode(pki) == 0o700
    for name in ("root", "intermediate", "crl-issuer", "tls-root"):
        assert mode(os.path.join(pki, f"{name}.key")) == 0o600
        key = openssl("pkey", "-in", os.path.join(pki, f"{name}.key"), "-noout", "-text")
        assert "prime256v1" in key
    assert "OK" in verify(pki, "intermediate", "-x509_strict")


def test_init_overwrites_nothing(cli, pki):
    before = {name: cli.read("pki", name) for name in os.listdir(pki)}
    assert "overwritten" in cli.refused("pki", "init", pki, status=1)
    assert {name: cli.read("pki", name) for name in os.listdir(pki)} == before


def test_init_takes_an_empty_folder_and_closes_it_to_others(cli):
    os.mkdir(cli.path("open"), 0o755)
    cli.init("open")
    assert mode(cli.path("open")) == 0o700


def test_authorities_have_the_shape_of_a_shaken_authority(pki):
    for name in ("root", "intermediate"):
        text = text_of(pki, name)
        assert re.search(r"Basic Constraints: critical\s+CA:TRUE", text)
        assert re.search(r"Key Usage: critical\s+Certificate Sign, CRL Sign\n", text)
        assert "1.3.6.1.5.5.7.1.26" not in text
        assert text.count("critical") == 2
    assert "Certificate Policies" not in text_of(pki, "root")


def test_a_shaken_certificate_has_the_shape_of_atis_1000080(cli, pki):
    cli.issue(pki, "carrier", "shaken", "--spc", "709J", "--org", "Example Telecom")
    text = text_of(pki, "carrier")
    assert "Version: 3" in text
    serial = openssl("x509", "-in", os.path.join(pki, "carrier.pem"), "-noout", "-serial")
    assert ("Subject: C = US, O = Example Telecom, CN = SHAKEN 709J, serialNumber = " +
            serial.strip().split("=")[1]) in text
    assert text.count("Signature Algorithm: ecdsa-with-SHA256") == 2
    assert re.search(r"Basic Constraints: critical\s+CA:FALSE", text)
    assert re.search(r"Key Usage: critical\s+Digital Signature\n", text)
    assert text.count("critical") == 2
    assert re.search(r"Certificate Policies: \s+Policy: 2\.16\.840\.1\.114569\.1\.1\.\d\n", text)
    # SEQUENCE { [0] { IA5String "709J" } }
    assert tnauthlist(pki, "carrier") == "3008A006160437303" "94A"
    assert "OK" in verify(pki, "carrier", "-x509_strict")


def test_serials_are_positive_and_random(cli, pki):
    serials = set()
    for i in range(4):
        cli.issue(pki, f"c{i}", "shaken", "--spc", "1234")
        text = openssl("x509", "-in", os.path.join(pki, f"c{i}.pem"), "-noout", "-serial")
        serials.add(int(text.split("=")[1], 16))
    assert len(serials) == 4
    assert all(64 < serial.bit_length() <= 159 for serial in serials)
    assert len({serial >> 64 for serial in serials}) == 4


def test_a_delegate_path_is_written_signer_first_without_the_root(cli, pki):
    """RFC 9060 §6: AKI of each certificate is the SKI of the next."""
    cli.issue(pki, "delegate-ca", "delegate-ca", "--spc", "1234")
    cli.issue(pki, "shop", "delegate", "--range", "12155550000:1000", "--tn", "+1 (215) 555-1212")
    path = split(cli.read("pki", "shop.pem"))
    assert len(path) == 3
    for lower, upper in zip(path, path[1:]):
        assert key_ids(lower)[1] == key_ids(upper)[0]
    assert key_ids(path[-1])[1] == key_ids(cli.read("pki", "root.pem"))[0]
    assert "OK" in verify(pki, "shop", "-x509_strict")
    # SEQUENCE { [1] { "12155550000", 1000 }, [2] "12155551212" }
    assert tnauthlist(pki, "shop") == (
        "3024" "A113" "3011" "160B" + b"12155550000".hex().upper() + "020203E8"
        "A20D" "160B" + b"12155551212".hex().upper())


def test_a_delegate_without_its_authority_says_how_to_make_one(cli, pki):
    text = cli.refused("pki", "issue", pki, "shop", "--type", "delegate", "--tn", "12155551212",
                       status=1)
    assert "--type delegate-ca" in text
    assert not os.path.exists(os.path.join(pki, "shop.key"))


@pytest.mark.parametrize("scope, fits", [
    (["--range", "12155550000:1000"], True), (["--range", "12155550010:2"], True),
    (["--tn", "12155550000"], True), (["--tn", "12155550999"], True),
    (["--tn", "12155551000"], False), (["--tn", "12155549999"], False),
    (["--range", "12155550000:1001"], False), (["--range", "12155549999:2"], False),
    (["--tn", "2155550000"], False), (["--tn", "121555500001"], False),
    (["--tn", "12155550001", "--tn", "442071234567"], False), (["--tn", "442079460000"], True),
    (["--range", "442079460000:2"], False),
])
def test_a_delegate_stays_within_its_authority_rfc9060_section_5(cli, pki, scope, fits):
    cli.issue(pki, "dca", "delegate-ca", "--range", "12155550000:1000", "--tn", "442079460000")
    done = cli.run("pki", "issue", pki, "shop", "--type", "delegate", "--issuer", "dca", *scope)
    assert done.returncode == (0 if fits else 2), done.stderr
    assert os.path.exists(os.path.join(pki, "shop.pem")) == fits
    if not fits:
        assert b"RFC 9060" in done.stderr


def test_web_trust_and_sti_trust_are_never_one(cli, pki):
    cli.issue(pki, "web", "tls-server", "--host", "127.0.0.1", "--host", "certs.example.com",
              "--host", "::1")
    cli.issue(pki, "carrier", "shaken", "--spc", "1234")
    assert "OK" in verify(pki, "web", "-purpose", "sslserver", "-verify_ip", "127.0.0.1",
                          "-x509_strict", anchor="tls-root")
    assert "OK" in verify(pki, "web", "-verify_ip", "::1", anchor="tls-root")
    assert "OK" in verify(pki, "web", "-verify_hostname", "certs.example.com", anchor="tls-root")
    verify(pki, "web", "-verify_ip", "127.0.0.2", anchor="tls-root", status=2)
    verify(pki, "web", status=2)
    verify(pki, "carrier", anchor="tls-root", status=2)
    assert "does not issue" in cli.refused("pki", "issue", pki, "x", "--type", "tls-server",
                                           "--host", "127.0.0.1", "--issuer", "intermediate")
    assert "does not issue" in cli.refused("pki", "issue", pki, "x", "--type", "shaken", "--spc",
                                           "1", "--issuer", "tls-root")


@pytest.mark.parametrize("name, options", [
    ("a/b", ["shaken", "--spc", "1"]), ("..", ["shaken", "--spc", "1"]),
    ("", ["shaken", "--spc", "1"]), ("root", ["shaken", "--spc", "1"]),
    ("crl", ["shaken", "--spc", "1"]), ("crl-issuer", ["shaken", "--spc", "1"]),
    ("x" * 65, ["shaken", "--spc", "1"]),
    ("a", ["shaken"]), ("a", ["shaken", "--spc", "12a4"]), ("a", ["shaken", "--spc", ""]),
    ("a", ["shaken", "--spc", "1234567890123456"]),
    ("a", ["shaken", "--spc", "1", "--tn", "12155551212"]),
    ("a", ["shaken", "--spc", "1", "--host", "127.0.0.1"]),
    ("a", ["delegate-ca"]), ("a", ["delegate"]), ("a", ["tls-server"]),
    ("a", ["delegate", "--spc", "1", "--tn", "12155551212"]), ("a", ["unknown"]),
    ("a", ["delegate-ca", "--tn", "nobody"]), ("a", ["delegate-ca", "--range", "12155551212"]),
    ("a", ["delegate-ca", "--range", "12155551212:1"]),
    ("a", ["delegate-ca", "--range", "12155551212:x"]),
    ("a", ["tls-server", "--host", "a,DNS:b"]), ("a", ["tls-server", "--host", "1.2.3"]),
    ("a", ["shaken", "--spc", "1", "--country", "usa"]),
    ("a", ["shaken", "--spc", "1", "--not-before", "5", "--not-after", "5"]),
    ("a", ["shaken", "--spc", "1", "--days", "9", "--not-after", "5"]),
    ("a", ["shaken", "--spc", "1", "--org", "x" * 41]),
    ("a", ["shaken", "--spc", "1", "--issuer", "../pki/intermediate"]),
])
def test_issue_refuses_a_wrong_request_and_writes_nothing(cli, pki, name, options):
    before = sorted(os.listdir(pki))
    cli.refused("pki", "issue", pki, name, "--type", *options)
    assert sorted(os.listdir(pki)) == before


def test_a_range_past_the_last_number_of_its_length_is_refused_rfc8226_section_9(cli, pki):
    before = sorted(os.listdir(pki))
    text = cli.refused("pki", "issue", pki, "a", "--type", "delegate-ca", "--range",
                       "12155551212:99999999999999")
    assert "TNAuthList" in text
    assert sorted(os.listdir(pki)) == before


def test_issue_overwrites_nothing(cli, pki):
    cli.issue(pki, "carrier", "shaken", "--spc", "1234")
    before = cli.read("pki", "carrier.key"), cli.read("pki", "carrier.pem")
    assert "overwritten" in cli.refused("pki", "issue", pki, "carrier", "--type", "shaken", "--spc",
                                        "1234", status=1)
    assert (cli.read("pki", "carrier.key"), cli.read("pki", "carrier.pem")) == before


def test_an_authority_key_that_others_may_read_is_not_used(cli, pki):
    os.chmod(os.path.join(pki, "intermediate.key"), 0o640)
    text = cli.refused("pki", "issue", pki, "a", "--type", "shaken", "--spc", "1", status=1)
    assert "0600" in text


def test_validity_is_as_asked_and_backdated_by_default(cli, pki):
    cli.issue(pki, "a", "shaken", "--spc", "1", start=NOW, end=NOW + 60)
    dates = openssl("x509", "-in", os.path.join(pki, "a.pem"), "-noout", "-dates")
    assert "notBefore=Mar 17 17:46:40 2030 GMT" in dates
    assert "notAfter=Mar 17 17:47:40 2030 GMT" in dates
    cli.ok("pki", "init", cli.path("now"))
    cli.ok("pki", "issue", cli.path("now"), "a", "--type", "shaken", "--spc", "1", "--days", "2")
    for name in ("root", "intermediate", "a"):  # valid at once, and four minutes ago
        path = os.path.join(cli.path("now"), f"{name}.pem")
        assert "OK" in openssl("verify", "-CAfile", cli.path("now", "root.pem"), "-untrusted",
                               path, path)


def test_a_crl_revokes_keeps_and_counts(cli, pki):
    for name in ("a", "b", "c"):
        cli.issue(pki, name, "shaken", "--spc", "1234")
    cli.issue(pki, "delegate-ca", "delegate-ca", "--spc", "1234")
    cli.issue(pki, "shop", "delegate", "--tn", "12155551212")
    crl = os.path.join(pki, "crl.pem")
    checks = ("-crl_check_all", "-CRLfile", crl)
    cli.ok("pki", "crl", pki, "--now", NOW, "--revoke", "a")
    assert "revoked" in verify(pki, "a", *checks, status=2)
    assert "OK" in verify(pki, "b", *checks)
    cli.ok("pki", "crl", pki, "--now", NOW, "--revoke", "b", "--revoke", "shop")
    cli.ok("pki", "crl", pki, "--now", NOW, "--revoke", "b")
    for name in ("a", "b", "shop"):
        assert "revoked" in verify(pki, name, *checks, status=2)
    assert "OK" in verify(pki, "c", *checks)
    for block in re.findall(r"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----\n",
                            cli.read("pki", "crl.pem"), re.S):
        text = openssl("crl", "-noout", "-text", data=block)
        assert re.search(r"X509v3 CRL Number: \s+3\n", text)


def test_a_crl_of_a_stranger_is_refused_and_the_old_one_stays(cli, pki):
    other = cli.init("other")
    cli.issue(other, "stranger", "shaken", "--spc", "1")
    cli.issue(pki, "web", "tls-server", "--host", "127.0.0.1")
    cli.ok("pki", "crl", pki, "--now", NOW)
    before = cli.read("pki", "crl.pem")
    cli.write("pki/stranger.pem", cli.read("other", "stranger.pem"))
    assert "not issued" in cli.refused("pki", "crl", pki, "--revoke", "stranger", status=1)
    assert "not issued" in cli.refused("pki", "crl", pki, "--revoke", "web", status=1)
    cli.refused("pki", "crl", pki, "--revoke", "nobody", status=1)
    assert cli.read("pki", "crl.pem") == before


def test_a_broken_crl_file_does_not_make_the_tool_forget(cli, pki):
    cli.write("pki/crl.pem", "not a CRL")
    assert "no readable CRL" in cli.refused("pki", "crl", pki, status=1)
    assert cli.read("pki", "crl.pem") == "not a CRL"


LIST = "https://ca.example.com/tn/17"


def certify_listed(cli, pki, name):
    """A second certificate for the key of name: no TNAuthList, but the URL of one."""
    at = [cli.path(name + end) for end in (".csr", ".ext", "-leaf.pem")]
    key = os.path.join(pki, name + ".key")
    openssl("req", "-new", "-key", key, "-subj", "/C=US/O=Listed/CN=SHAKEN 1234", "-out", at[0])
    cli.write(name + ".ext", "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,"
              "digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
              f"authorityInfoAccess=1.3.6.1.5.5.7.48.14;URI:{LIST}\n")
    openssl("x509", "-req", "-in", at[0], "-CA", os.path.join(pki, "intermediate.pem"), "-CAkey",
            os.path.join(pki, "intermediate.key"), "-days", 3650, "-extfile", at[1], "-out", at[2])
    return cli.write("listed.pem", cli.read(name + "-leaf.pem") + cli.read("pki",
                                                                            "intermediate.pem"))


def test_ce7_a_tnauthlist_at_a_url_counts_where_it_is_taken(cli, pki):
    cli.issue(pki, "a", "shaken", "--spc", "1234")
    cli.issue(pki, "ca", "delegate-ca", "--tn", CALLER)
    cli.issue(pki, "other", "delegate-ca", "--tn", "12155550000")
    cert = certify_listed(cli, pki, "a")
    identity = cli.sign("a")
    for take, owner, reason in (((), "ca", "not_authorized"), (("--accept-tn-list",), "ca", "ok"),
                                (("--accept-tn-list",), "other", "not_authorized"),
                                (("--accept-tn-list",), None, "not_authorized")):
        trust = ["--cert", f"{URL}={cert}", "--anchor", os.path.join(pki, "root.pem")]
        if owner:
            der = bytes.fromhex(tnauthlist(pki, owner))
            trust += ["--cert", f"{LIST}={cli.write('list.der', der)}"]
        assert cli.verify(identity, *take, trust=trust)["reason"] == reason
        line = {"identity": identity, "from": CALLER, "to": CALLED, "now": NOW,
                "accept_tn_list": bool(take)}
        assert cli.batch([line], *trust)[0]["reason"] == reason


def crl_point(pki, name):
    """(URL, cRLIssuer) of the one distribution point, as openssl finds them."""
    text = openssl("x509", "-in", os.path.join(pki, f"{name}.pem"), "-noout", "-ext",
                   "crlDistributionPoints")
    return re.findall(r"URI:(\S+)", text), re.findall(r"DirName:(.*)", text)


def test_ce9_certificates_name_the_crl_issuer_and_where_its_crl_stands(cli, pki):
    issuer = ["C = US, O = Attestel Development, CN = Attestel Development SHAKEN CRL Issuer"]
    cli.issue(pki, "a", "shaken", "--spc", "1", "--crl-url", "https://crl.example.com/crl.pem")
    assert crl_point(pki, "a") == (["https://crl.example.com/crl.pem"], issuer)
    cli.issue(pki, "delegate-ca", "delegate-ca", "--spc", "1")
    cli.issue(pki, "shop", "delegate", "--tn", "12155551212")
    for name in ("intermediate", "delegate-ca", "shop"):
        assert crl_point(pki, name) == (["https://crl.invalid/crl.pem"], issuer)
    cli.refused("pki", "issue", pki, "b", "--type", "shaken", "--spc", "1", "--crl-url",
                "http://crl.example.com/")
    text = text_of(pki, "crl-issuer")
    assert re.search(r"Key Usage: critical\s+CRL Sign\n", text)
    assert re.search(r"Basic Constraints: critical\s+CA:FALSE", text)


def test_the_url_of_init_is_that_of_all_certificates_unless_another_is_given(cli):
    pki = cli.init("own", "--crl-url", "https://crl.example.com/own.pem")
    cli.issue(pki, "a", "shaken", "--spc", "1")
    assert crl_point(pki, "intermediate")[0] == crl_point(pki, "a")[0] == [
        "https://crl.example.com/own.pem"]
    assert "--crl-url" in cli.refused("pki", "init", cli.path("bad"), "--crl-url", "ftp://x/")
    assert not os.path.exists(cli.path("bad"))


def test_ce9_the_indirect_crl_of_the_crl_issuer_has_what_every_authority_revoked(cli, pki):
    for name in ("a", "b"):
        cli.issue(pki, name, "shaken", "--spc", "1234")
    cli.issue(pki, "delegate-ca", "delegate-ca", "--spc", "1234")
    cli.issue(pki, "shop", "delegate", "--tn", "12155551212")
    cli.ok("pki", "crl", pki, "--now", NOW, "--revoke", "a", "--revoke", "a")
    cli.ok("pki", "crl", pki, "--now", NOW, "--revoke", "shop")
    texts = [openssl("crl", "-noout", "-text", data=block) for block in re.findall(
        r"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----\n", cli.read("pki", "crl.pem"), re.S)]
    indirect = [text for text in texts if "Indirect CRL" in text]
    assert (len(texts), len(indirect)) == (4, 1)
    assert re.search(r"CRL Number: \s+2\n", indirect[0])
    assert re.search(r"Issuing Distribution Point: critical\s+Indirect CRL", indirect[0])
    assert re.findall(r"Certificate Issuer: critical\s+DirName:(.*)\n", indirect[0]) in (
        ["/C=US/O=Attestel Development/CN=Attestel Development SHAKEN Intermediate",
         "/C=US/O=delegate-ca/CN=delegate-ca"],
        ["/C=US/O=delegate-ca/CN=delegate-ca",
         "/C=US/O=Attestel Development/CN=Attestel Development SHAKEN Intermediate"])


def test_ce9_the_indirect_crl_alone_suffices_a_verifier_that_knows_the_crl_issuer(cli, pki):
    for name in ("a", "b"):
        cli.issue(pki, name, "shaken", "--spc", "1234")
    cli.ok("pki", "crl", pki, "--now", NOW - 3600, "--revoke", "a")
    block = re.findall(r"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----\n",
                       cli.read("pki", "crl.pem"), re.S)[-1]
    words = ("--crl", cli.write("indirect.pem", block), "--require-crl", "--accept-spc")
    issuer = ("--crl-issuer", os.path.join(pki, "crl-issuer.pem"))
    for signer, options, reason in (("a", issuer, "cert_revoked"), ("b", issuer, "ok"),
                                    ("a", (), "crl_missing"), ("b", (), "crl_missing")):
        identity = cli.sign(signer)
        assert cli.verify(identity, *words, *options, signer=signer)["reason"] == reason



def test_years_beyond_utctime_are_written_right_rfc5280_section_4_1_2_5(cli, pki):
    cli.issue(pki, "late", "shaken", "--spc", "1", end=NOW + 30 * YEAR)
    text = openssl("asn1parse", "-in", os.path.join(pki, "late.pem"))
    assert "UTCTIME" in text and "GENERALIZEDTIME   :2060" in text
