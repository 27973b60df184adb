/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors and CRLs: an X509_STORE that holds what it was given and nothing of the system's. */
#include "chain.h"

#include "certfile.h"
#include "fail.h"

#include <openssl/x509_vfy.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct anchor {
	X509 *cert; /* counted; the store has its own count */
	const char *list;
};

struct list_name {
	struct list_name *next;
	char text[];
};

struct cid_trust {
	X509_STORE *store;
	struct anchor *anchors;
	size_t n_anchors;
	struct list_name *lists;
	bool has_crls;
};

enum callerid_status cid_trust_new(struct cid_trust **trust_out, struct callerid_error *err)
{
	struct cid_trust *trust = calloc(1, sizeof(*trust));

	/* Never X509_STORE_set_default_paths(): a web CA must not vouch for telephone numbers. */
	if (trust != NULL)
		trust->store = X509_STORE_new();
	if (trust == NULL || trust->store == NULL) {
		cid_trust_free(trust);
		return cid_fail(err, CALLERID_ENOMEM, "trust", "no memory");
	}
	*trust_out = trust;
	return CALLERID_OK;
}

void cid_trust_free(struct cid_trust *trust)
{
	if (trust == NULL)
		return;
	for (size_t i = 0; i < trust->n_anchors; i++)
		X509_free(trust->anchors[i].cert);
	free(trust->anchors);
	while (trust->lists != NULL) {
		struct list_name *next = trust->lists->next;

		free(trust->lists);
		trust->lists = next;
	}
	X509_STORE_free(trust->store);
	free(trust);
}

/* Copies the list's name; the copy lives as long as trust. NULL: no memory. */
static const char *keep_name(struct cid_trust *trust, const char *list)
{
	size_t n = strlen(list);
	struct list_name *name = malloc(sizeof(*name) + n + 1);

	if (name == NULL)
		return NULL;
	memcpy(name->text, list, n + 1);
	name->next = trust->lists;
	trust->lists = name;
	return name->text;
}

static bool grow_anchors(struct cid_trust *trust, size_t more)
{
	struct anchor *anchors =
		reallocarray(trust->anchors, trust->n_anchors + more, sizeof(*anchors));

	if (anchors == NULL)
		return false;
	trust->anchors = anchors;
	return true;
}

enum callerid_status cid_trust_add_anchors(struct cid_trust *trust, const char *list,
					   const char *pem, size_t len, struct callerid_error *err)
{
	STACK_OF(X509) *certs = NULL;
	const char *name;
	enum callerid_status status = cid_certfile_read(pem, len, INT_MAX, &certs, err);

	if (status != CALLERID_OK)
		return status;
	name = keep_name(trust, list);
	if (name == NULL || !grow_anchors(trust, (size_t)sk_X509_num(certs)))
		status = cid_fail(err, CALLERID_ENOMEM, "trust", "no memory");
	for (int i = 0; status == CALLERID_OK && i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);

		if (X509_STORE_add_cert(trust->store, cert) != 1)
			status = cid_fail(err, CALLERID_ENOMEM, "trust", "no memory");
		else if (X509_up_ref(cert) == 1)
			trust->anchors[trust->n_anchors++] = (struct anchor){cert, name};
	}
	cid_certs_free(certs);
	return status;
}

enum callerid_status cid_trust_add_crl(struct cid_trust *trust, const char *pem, size_t len,
				       struct callerid_error *err)
{
	STACK_OF(X509_CRL) *crls = NULL;
	enum callerid_status status = cid_crlfile_read(pem, len, &crls, err);

	if (status != CALLERID_OK)
		return status;
	for (int i = 0; status == CALLERID_OK && i < sk_X509_CRL_num(crls); i++) {
		if (X509_STORE_add_crl(trust->store, sk_X509_CRL_value(crls, i)) != 1)
			status = cid_fail(err, CALLERID_ENOMEM, "trust", "no memory");
		else
			trust->has_crls = true;
	}
	cid_crls_free(crls);
	return status;
}

X509_STORE *cid_trust_store(const struct cid_trust *trust)
{
	return trust->store;
}

bool cid_trust_has_crls(const struct cid_trust *trust)
{
	return trust->has_crls;
}

const char *cid_trust_list(const struct cid_trust *trust, const X509 *anchor)
{
	for (size_t i = 0; i < trust->n_anchors; i++) {
		if (X509_cmp(trust->anchors[i].cert, anchor) == 0)
			return trust->anchors[i].list;
	}
	return "";
}
