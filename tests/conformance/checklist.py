# SPDX-License-Identifier: Apache-2.0
"""What an implementation of STIR has to do, line by line, in our words.

A test belongs to a line when the line's id stands in the name of the test. "why" says why a line is
not applicable or not there yet; of a line that passes, how far it reaches here.
"""
import collections

Line = collections.namedtuple("Line", "id source text status why")

NOT_APPLICABLE, NOT_YET = "not applicable", "not yet"


def line(name, source, text, status=None, why=""):
    return Line(name, source, text, status, why)


PASSPORT = [
    line("PP1", "RFC 8225 4.1", "typ is exactly passport"),
    line("PP2", "RFC 8225 4.2", "ES256 with a raw, padless signature and nothing else; ours are "
         "deterministic", why="deterministic with keys in files; a token (PKCS#11) signs as it "
         "does"),
    line("PP3", "RFC 8225 4.3, 8224 4.1", "x5u is there and is the info URI byte for byte"),
    line("PP4", "RFC 8225 8.1, 8224 4.1", "ppt of the token and of the header agree, quoted or "
         "not"),
    line("PP5", "RFC 8225 5.1.1", "iat is a JSON number"),
    line("PP6", "RFC 8225 5.2.1", "orig is an object of one identity"),
    line("PP7", "RFC 8225 5.2.1", "dest is an object of arrays, not empty"),
    line("PP8", "RFC 8225 5.2.1.1", "a tn is digits, # and *, without plus or separators"),
    line("PP9", "RFC 8225 9", "what we write is canonical: order, white space, literals, UTF-8"),
    line("PP10", "RFC 8225 9", "received bytes are verified as they came; a doubled name is "
         "refused"),
    line("PP11", "RFC 8225 7", "compact form is recognised; it can carry no optional "
         "claims, and base and rcd alone are taken in it"),
    line("PP12", "RFC 8225 8.1", "a PASSporT of an unknown type is ignored, not invalid"),
    line("PP13", "RFC 8225 5.2.2", "mky lists each fingerprint of the SDP, sorted"),
    line("PP14", "RFC 8225 5", "values of claims may be UTF-8"),
    line("PP15", "RFC 8224 4, 13.1", "the grammar of Identity: parameters in any order, LWS, "
         "base64url"),
]
SIGNING = [
    line("AS1", "RFC 8224 6.1", "nothing is signed for an identity that is not ours"),
    line("AS2", "RFC 8224 6.1", "only authenticated callers are signed for",
         why="by the address that a trunk's customer sends from; there is no digest "
         "authentication"),
    line("AS3", "RFC 8224 6.1", "a Date is added where none is; it and now fall into the "
         "certificate's validity; beside one that is off by over a minute nothing is signed"),
    line("AS4", "RFC 8224 4.1", "iat is our clock's, in full form; a Date that we add is the same "
         "time"),
    line("AS5", "RFC 8224 6.1", "info, alg and ppt are written as the header needs them"),
    line("AS6", "RFC 8224 4", "headers that are there stay, in their order"),
    line("AS7", "RFC 8224 6.1.1", "a 438 to compact form is answered once, by full form",
         NOT_APPLICABLE, "the proxy signs in full form only, so there is no compact form that a "
         "verifier could refuse; a program that signs compact forms with libcallerid sends its "
         "own requests"),
    line("AS8", "RFC 8224 7.4", "a new credential has a new URL, and the old one stays long "
         "enough", why="by libcallerid's sets of signers; the proxy has one signer at a time"),
    line("AS9", "RFC 8588 4, 5", "shaken has attest of A, B or C, and origid"),
    line("AS10", "RFC 8588 4", "the attestation is a decision by rule, with its reason"),
    line("AS11", "RFC 8588 10", "origid is a UUID that links no two calls"),
    line("AS12", "ATIS-1000074 5.3", "shaken is in full form; the caller is PAI, else From"),
    line("AS13", "ATIS-1000074", "x5u is https on 443 or 8443, without user, query or fragment"),
    line("AS14", "ATIS-1000074", "a signer that fails costs the signature, not the call; a silent "
         "registry the attestation or, by choice, the signature",
         why="no setting refuses such a call"),
    line("AS15", "RFC 9410 7", "complaints about our own PASSporT are logged and go no further"),
    line("AS16", "RFC 8443 4.1", "rph lists values of Resource-Priority that the signer may "
         "grant"),
    line("AS17", "RFC 9027 3, 4", "esnet values for emergencies; sph for the call back, beside "
         "them only"),
    line("AS18", "RFC 8946 4.1", "who adds a div has authority over the diverted identity",
         why="in libcallerid and the command line; the proxy diverts no calls, and keeps the "
         "headers of those who do (AS6)"),
    line("AS19", "RFC 9118, 8226 8", "the signer keeps to its own certificate's claim "
         "constraints"),
    line("AS20", "RFC 9060 5", "a delegate outside its parent's scope does not sign"),
]
CANONICAL = [
    line("CN1", "RFC 8224 8.1", "what is a telephone number, and what is a URI"),
    line("CN2", "RFC 8224 8.3", "separators go, digits, # and * stay, a letter makes it no number"),
    line("CN3", "RFC 8224 8.3", "dialled forms become E.164 by the trunk's plan; short codes "
         "stay"),
    line("CN4", "RFC 3966", "parameters never reach tn; phone-context completes local numbers"),
    line("CN5", "RFC 8224 8.5", "URIs: lower case, without password, port, parameters, headers"),
    line("CN6", "RFC 8224 6.2", "PAI before From, tel before sip; any of several may match",
         why="of trunks that may assert an identity; Privacy is not acted upon"),
    line("CN7", "RFC 8224 8", "one function makes numbers canonical for everybody"),
]
VERIFYING = [
    line("VS1", "RFC 8224 6.2", "the steps of a verification, in their order",
         why="freshness, which costs nothing, comes before the credential"),
    line("VS2", "RFC 8224 6.2", "caller and called come from the signalling, never from the "
         "token"),
    line("VS3", "RFC 8224 6.2.1", "one valid PASSporT suffices; the order of headers is "
         "nothing", why="of the first 16 values, and within the signatures that one call may "
         "cost: four, unless the policy says otherwise"),
    line("VS4", "RFC 8224 6.2, 12.1", "Date and iat are fresh, both ways"),
    line("VS5", "RFC 8224 12.1", "a PASSporT seen before is a replay"),
    line("VS6", "RFC 8224 6.2", "iat lies in the certificate's validity"),
    line("VS7", "RFC 8224 9", "several headers, joined or not, folded or not"),
    line("VS8", "RFC 8224 6.2.2", "403, 428, 436, 437, 438, each for its cause"),
    line("VS9", "RFC 9410 4-6", "when the call goes on, Reason with ppi tells each error"),
    line("VS10", "RFC 8946, ATIS-1000085", "diversions are verified as DV says"),
    line("VS11", "ATIS-1000074 5.3.1", "certificates: https, 443 or 8443, no redirects, cached a "
         "day", why="always a day: what a server says of caching is not read"),
    line("VS12", "3GPP TS 24.229", "verstat is written in PAI or From, and a stranger's is cut"),
    line("VS13", "ATIS-1000082", "each cause has its verdict and its code"),
    line("VS14", "RFC 8588 6", "attestation is told only when everything was verified",
         why="everything that the policy enforces, and always path and signature"),
    line("VS15", "RFC 8443 4.2, 9027 4", "rph is judged apart and gates priority only; sph has to "
         "be the Priority"),
    line("VS16", "RFC 8224 4.1", "mky is held against the SDP before anybody changes it"),
    line("VS17", "RFC 8197, 8688, ATIS-1000099", "607, 608 with a signed card, 603 with its "
         "Reason", why="written and read by libcallerid; the proxy answers with none of them"),
    line("VS18", "RFC 8862 4.4", "msec demands secured media; rsp is read and told",
         why="rsp is not verified: connected identity is a draft"),
]
CERTIFICATES = [
    line("CE1", "RFC 8226 4", "a signer's key is on P-256; its issuers may be P-384 or RSA"),
    line("CE2", "RFC 5280", "the whole path, to anchors that were named and no others"),
    line("CE3", "RFC 8226 9", "TNAuthList is strict DER of codes, ranges and numbers"),
    line("CE4", "RFC 8226 9, 9060 4", "orig is covered by a number, a range, or a code by "
         "mapping or policy"),
    line("CE5", "RFC 8226 8, 9118 3", "claim constraints of the signer's certificate hold; those "
         "of an issuer constrain nobody"),
    line("CE6", "RFC 9060 6, 7", "delegates: order, key identifiers, each scope inside its "
         "parent's"),
    line("CE7", "RFC 8226 10.1", "the TNAuthList at a certificate's URL counts where the policy "
         "takes it", why="the program fetches it, the signer's only: an issuer whose list stands "
         "at a URL gives nothing; by SIP SUBSCRIBE (RFC 8226 7) it cannot be had"),
    line("CE8", "ATIS-1000080 6.4.1", "the certificate profile, rule by rule",
         why="as far as public linters encode it"),
    line("CE9", "ATIS-1000080, 1000084", "complete and indirect CRLs; soft-fail or hard-fail",
         why="CRLs come from files or the program; nothing downloads them"),
    line("CE10", "ATIS-1000084", "lists of anchors are replaced while running, removal at once",
         why="lists come as PEM from files or the program: the administrator's signed list (a "
         "JWT) is not read, and nothing downloads it"),
    line("CE11", "ATIS-1000092", "delegate certificates below a provider's own authority"),
    line("CE12", "draft-ietf-stir-certificates-shortlived", "a complete x5c, when it is enabled, "
         "under the same rules"),
]
DIVERSION = [
    line("DV1", "RFC 8946 3", "a div has orig, dest, iat and div, and copies nothing else"),
    line("DV2", "RFC 8946 4.1", "the header's ppt is div; one div serves originals that agree"),
    line("DV3", "RFC 8946 4.2", "each div continues a PASSporT with its div in dest; a gap breaks "
         "the chain"),
    line("DV4", "RFC 8946 4.2.1", "the outermost dest is the Request-URI"),
    line("DV5", "RFC 8946 4.2.2, 4.2.3", "each signer may divert that identity; orig is one "
         "through the chain"),
    line("DV6", "RFC 8946 4.2.4, 4.2.5", "freshness outside and inside, and every signature"),
    line("DV7", "RFC 8946 5", "div-o holds what it diverts, verified to a bounded depth"),
    line("DV8", "RFC 8946", "loops, forks, two roots, gaps, swapped order, five forwards"),
]
RICH = [
    line("RC1", "RFC 9795 5.1.1", "rcd is an object with one nam"),
    line("RC2", "RFC 9795 5.1.2, 5.1.3", "apn is a number, icn a URI of one image"),
    line("RC3", "RFC 9795 5.1.4, 5.1.5", "a jCard inline or at a URL, not both, one level deep"),
    line("RC4", "RFC 9795 6", "rcdi: pointers to digests of three algorithms"),
    line("RC5", "RFC 9795 6.1", "digests are over JSON as serialized, or over bytes as fetched"),
    line("RC6", "RFC 9795 6.1.2-6.1.4", "icons, jCards and the URIs in them need digests"),
    line("RC7", "RFC 9795 8, 13", "ppt rcd has rcd or crn; rcd may ride in shaken"),
    line("RC8", "RFC 9795 8.1", "one bad claim, and none of them is used"),
    line("RC9", "RFC 9795 8.2", "a wrong content fails itself and nothing else"),
    line("RC10", "RFC 9795 9", "compact form carries nam and crn, no jCard and no digests"),
    line("RC11", "RFC 9795 10", "a third party's needs a first party's, of the same call",
         why="any third party below an anchor; in the proxy behind the registry's brand"),
    line("RC12", "RFC 9795 12", "nam is held against the display name"),
    line("RC13", "RFC 9795 6.3, 7.1", "certificates that constrain rcdi and crn are obeyed"),
    line("RC14", "RFC 9796", "Call-Info of strangers is stripped; ours says what was verified"),
    line("RC15", "RFC 9795, Unicode", "strangers' text is cleaned before it is shown"),
]
OUT_OF_BAND = ("neither libcallerid nor the proxy speaks to a call placement service yet; a call "
               "that crosses a network without SIP arrives without its PASSporT, unverified")
ENROLMENT = ("certificates are got from an authority by other means and installed as files; "
             "an ACME client is not part of libcallerid, and comes with the registry's enrolment")
LATER = [
    line("OB1", "RFC 8816 8.1", "store the PASSporT before the call is sent", NOT_YET,
         OUT_OF_BAND),
    line("OB2", "RFC 8816 8.2", "fetch, choose and verify what was stored", NOT_YET,
         OUT_OF_BAND),
    line("OB3", "ATIS-1000096", "the interface between providers and the store", NOT_YET,
         OUT_OF_BAND),
    line("OB4", "ATIS-1000096", "in-band first; what was stored counts alike", NOT_YET,
         OUT_OF_BAND),
    line("RS1", "ATIS-1000082", "signing over REST"),
    line("RS2", "ATIS-1000082", "verification over REST"),
    line("RS3", "ATIS-1000082", "its HTTP headers"),
    line("RS4", "ATIS-1000082", "its error answers"),
    line("RS5", "ATIS-1000082", "its strictness, field by field"),
    line("AC1", "RFC 9448 3", "an order for a TNAuthList identifier", NOT_YET, ENROLMENT),
    line("AC2", "RFC 9448 4", "the tkauth-01 challenge", NOT_YET, ENROLMENT),
    line("AC3", "RFC 9448 5, 6", "the authority token and its nine checks", NOT_YET,
         ENROLMENT),
    line("AC4", "RFC 9447 7", "tokens over TLS only, never logged", NOT_YET, ENROLMENT),
]
SECTIONS = [
    ("The PASSporT", PASSPORT), ("Signing", SIGNING), ("Numbers and URIs", CANONICAL),
    ("Verifying", VERIFYING), ("Certificates", CERTIFICATES), ("Diversion", DIVERSION),
    ("Rich Call Data", RICH), ("Out-of-band, REST, enrolment", LATER),
]
LINES = [one for _, lines in SECTIONS for one in lines]
