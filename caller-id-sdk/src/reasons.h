/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verdict reasons: what each means to SIP, to a display and to a person. */
#ifndef CID_REASONS_H
#define CID_REASONS_H

/*
 * X(enum callerid_reason without its prefix, name, SIP code, its phrase, verstat, sentence), in the
 * order of the enum. Codes and phrases are RFC 8224 §6.2.2's (400 and 500 are RFC 3261's), verstat
 * is TN-Validation-Failed only where a signature or a certificate has been shown to be wrong.
 */
#define CID_REASONS(X)                                                                             \
	X(OK, "ok", 0, "OK", PASSED, "The caller is who the signalling says.")                     \
	X(NO_IDENTITY, "no_identity", 428, "Use Identity Header", NONE,                            \
	  "The call carries no Identity header.")                                                  \
	X(UNSUPPORTED_PPT, "unsupported_ppt", 428, "Use Identity Header", NONE,                    \
	  "The call carries only PASSporT types that are not known here.")                         \
	X(NO_PROOF, "no_proof", 428, "Use Identity Header", NONE,                                  \
	  "The call carries PASSporTs, and none of them is about who calls.")                      \
	X(NO_CALLER, "no_caller", 400, "Bad Request", NONE,                                        \
	  "Neither From nor P-Asserted-Identity names a caller.")                                  \
	X(BAD_HEADER, "bad_header", 438, "Invalid Identity Header", NONE,                          \
	  "The Identity header breaks its grammar.")                                               \
	X(BAD_INFO, "bad_info", 436, "Bad Identity Info", NONE,                                    \
	  "The info parameter is missing, no https URL, or not the token's x5u.")                  \
	X(BAD_PASSPORT, "bad_passport", 436, "Bad Identity Info", NONE,                            \
	  "The PASSporT is not base64url JSON with typ, alg and x5u.")                             \
	X(BAD_ALG, "bad_alg", 437, "Unsupported Credential", NONE,                                 \
	  "The PASSporT is not of typ passport and alg ES256.")                                    \
	X(COMPACT_FORM, "compact_form", 438, "Invalid Identity Header", NONE,                      \
	  "The PASSporT is in compact form where the full form is required.")                      \
	X(PPT_MISMATCH, "ppt_mismatch", 438, "Invalid Identity Header", NONE,                      \
	  "The Identity header and its token name different PASSporT types.")                      \
	X(BAD_CLAIMS, "bad_claims", 438, "Invalid Identity Header", NONE,                          \
	  "A claim of the PASSporT is missing or malformed.")                                      \
	X(ORIG_MISMATCH, "orig_mismatch", 438, "Invalid Identity Header", NONE,                    \
	  "The PASSporT was signed for another caller.")                                           \
	X(DEST_MISMATCH, "dest_mismatch", 438, "Invalid Identity Header", NONE,                    \
	  "The PASSporT was signed for a call to somebody else.")                                  \
	X(MEDIA_MISMATCH, "media_mismatch", 438, "Invalid Identity Header", NONE,                  \
	  "The PASSporT was signed for other media keys than the SDP offers.")                     \
	X(MEDIA_NOT_SECURE, "media_not_secure", 488, "Not Acceptable Here", NONE,                  \
	  "The PASSporT demands secured media, and the SDP offers none.")                          \
	X(PRIORITY_MISMATCH, "priority_mismatch", 438, "Invalid Identity Header", NONE,            \
	  "The PASSporT was signed for another priority than the request asks for.")               \
	X(DATE_STALE, "date_stale", 403, "Stale Date", NONE,                                       \
	  "The Date header is malformed, too old or too far ahead.")                               \
	X(IAT_STALE, "iat_stale", 403, "Stale Date", NONE, "The PASSporT is too old.")             \
	X(IAT_FUTURE, "iat_future", 403, "Stale Date", NONE, "The PASSporT is dated ahead.")       \
	X(CERT_UNAVAILABLE, "cert_unavailable", 436, "Bad Identity Info", NONE,                    \
	  "The signer's certificate could not be had.")                                            \
	X(CERT_UNREADABLE, "cert_unreadable", 437, "Unsupported Credential", FAILED,               \
	  "What the x5u URL holds is no certificate that can sign PASSporTs.")                     \
	X(CERT_UNTRUSTED, "cert_untrusted", 437, "Unsupported Credential", FAILED,                 \
	  "No valid path leads from the certificate to a trust anchor.")                           \
	X(CERT_EXPIRED, "cert_expired", 437, "Unsupported Credential", FAILED,                     \
	  "A certificate of the path is expired or not yet valid.")                                \
	X(CERT_REVOKED, "cert_revoked", 437, "Unsupported Credential", FAILED,                     \
	  "A certificate of the path is revoked.")                                                 \
	X(CERT_NOT_VALID_AT_IAT, "cert_not_valid_at_iat", 437, "Unsupported Credential", FAILED,   \
	  "The certificate was not valid when the PASSporT was made.")                             \
	X(CRL_MISSING, "crl_missing", 437, "Unsupported Credential", NONE,                         \
	  "No current revocation list covers the certificates, and one is required.")              \
	X(NOT_AUTHORIZED, "not_authorized", 437, "Unsupported Credential", FAILED,                 \
	  "The certificate gives its owner no authority over the calling number.")                 \
	X(NOT_PERMITTED, "not_permitted", 437, "Unsupported Credential", FAILED,                   \
	  "The certificate does not permit what the PASSporT claims.")                             \
	X(BAD_SIGNATURE, "bad_signature", 438, "Invalid Identity Header", FAILED,                  \
	  "The signature is not that of the certificate over this PASSporT.")                      \
	X(REPLAYED, "replayed", 438, "Invalid Identity Header", NONE,                              \
	  "The same PASSporT has been seen on another call.")                                      \
	X(DIVERSION_BROKEN, "diversion_broken", 438, "Invalid Identity Header", NONE,              \
	  "The call was forwarded, and a step of that is not proven.")                             \
	X(DIVERSION_LOOP, "diversion_loop", 438, "Invalid Identity Header", NONE,                  \
	  "The forwards of the call lead round in a circle.")                                      \
	X(CONTENT_MISMATCH, "content_mismatch", 438, "Invalid Identity Header", NONE,              \
	  "A content of the Rich Call Data is not what its digest says: it is not shown.")         \
	X(CONTENT_UNUSABLE, "content_unusable", 438, "Invalid Identity Header", NONE,              \
	  "The Rich Call Data is malformed or a third party's alone: none of it is shown.")        \
	X(NAME_DIFFERS, "name_differs", 438, "Invalid Identity Header", NONE,                      \
	  "The name that was signed is not the display name of the call.")                         \
	X(LIMIT, "limit", 438, "Invalid Identity Header", NONE,                                    \
	  "Verifying would cost more than one call may cost.")                                     \
	X(NO_MEMORY, "no_memory", 500, "Server Internal Error", NONE,                              \
	  "There was no memory to verify the call: nothing is said about it.")

#endif
