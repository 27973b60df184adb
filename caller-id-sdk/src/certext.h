/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate extensions that are STIR's own (RFC 8226, RFC 9118): found, and told apart. */
#ifndef CID_CERTEXT_H
#define CID_CERTEXT_H

#include <openssl/x509.h>

#include <stdbool.h>
#include <stddef.h>

#define CID_OID_TNAUTHLIST	     "1.3.6.1.5.5.7.1.26"  /* RFC 8226 §9 */
#define CID_OID_CLAIM_CONSTRAINTS    "1.3.6.1.5.5.7.1.27"  /* RFC 8226 §8 */
#define CID_OID_ENHANCED_CONSTRAINTS "1.3.6.1.5.5.7.1.33"  /* RFC 9118 §3 */
#define CID_OID_STIR_TN_LIST	     "1.3.6.1.5.5.7.48.14" /* RFC 8226 §10.1, an access method */

/* How often an extension stands in cert; *data_out is the value of the last one. */
int cid_ext_find(const X509 *cert, const char *oid, const ASN1_OCTET_STRING **data_out);

/* Every critical extension of cert is OpenSSL's to judge, or one of STIR's that we judge in the
 * certificate of a signer or of an issuer. */
bool cid_ext_knows_critical(const X509 *cert, bool is_signer);

/* RFC 8226 §10.1: where the TNAuthList stands when it is not in the certificate. "" when nothing,
 * no https URL, or none that fits is there. */
void cid_ext_tn_list_url(const X509 *cert, char *url_out, size_t size);

/* Whether it says that the list stands elsewhere, wherever that is. */
bool cid_ext_names_tn_list(const X509 *cert);

#endif
