/* SPDX-License-Identifier: Apache-2.0 */
/* Anchors in named lists: an X509_STORE that holds what it was given and nothing of the system's.
 */
#include "trust.h"

#include "certfile.h"
#include "fail.h"

#include <callerid/context.h>

#include <openssl/x509_vfy.h>

#include <stdlib.h>
#include <string.h>

struct list {
	char name[CALLERID_LIST_NAME_MAX + 1];
	char version[CALLERID_LIST_NAME_MAX + 1];
	STACK_OF(X509) * certs;
};

struct cid_trust {
	X509_STORE *store; /* the certificates of all lists */
	struct list *lists;
	size_t n_lists;
	struct cid_crls *crls;
	STACK_OF(X509) * crl_issuers;
};

static enum callerid_status no_memory(struct callerid_error *err)
{
	return cid_fail(err, CALLERID_ENOMEM, "trust", "no memory");
}

enum callerid_status cid_trust_new(struct cid_trust **trust_out, struct callerid_error *err)
{
	struct cid_trust *trust = calloc(1, sizeof(*trust));

	/* Never X509_STORE_set_default_paths(): a web CA must not vouch for telephone numbers. */
	if (trust != NULL) {
		trust->store = X509_STORE_new();
		trust->crl_issuers = sk_X509_new_null();
	}
	if (trust == NULL || trust->store == NULL || trust->crl_issuers == NULL ||
	    cid_crls_new(&trust->crls, err) != CALLERID_OK) {
		cid_trust_free(trust);
		return no_memory(err);
	}
	*trust_out = trust;
	return CALLERID_OK;
}

static void lists_free(struct list *lists, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cid_certs_free(lists[i].certs);
	free(lists);
}

void cid_trust_free(struct cid_trust *trust)
{
	if (trust == NULL)
		return;
	lists_free(trust->lists, trust->n_lists);
	cid_certs_free(trust->crl_issuers);
	cid_crls_free(trust->crls);
	X509_STORE_free(trust->store);
	free(trust);
}

static bool holds(STACK_OF(X509) * certs, const X509 *cert)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		if (X509_cmp(sk_X509_value(certs, i), cert) == 0)
			return true;
	}
	return false;
}

/* Counts each certificate of from once more, in to; those that are there already are left. */
static bool add_all(STACK_OF(X509) * to, STACK_OF(X509) * from)
{
	for (int i = 0; i < sk_X509_num(from); i++) {
		X509 *cert = sk_X509_value(from, i);

		if (holds(to, cert))
			continue;
		if (X509_up_ref(cert) != 1)
			return false;
		if (sk_X509_push(to, cert) <= 0) {
			X509_free(cert);
			return false;
		}
	}
	return true;
}

/* A store of what all lists hold; NULL without memory. */
static X509_STORE *make_store(const struct list *lists, size_t n)
{
	X509_STORE *store = X509_STORE_new();

	for (size_t i = 0; store != NULL && i < n; i++) {
		for (int k = 0; k < sk_X509_num(lists[i].certs); k++) {
			if (X509_STORE_add_cert(store, sk_X509_value(lists[i].certs, k)) == 1)
				continue;
			X509_STORE_free(store);
			return NULL;
		}
	}
	return store;
}

static size_t find_list(const struct cid_trust *trust, const char *name)
{
	size_t i = 0;

	while (i < trust->n_lists && strcmp(trust->lists[i].name, name) != 0)
		i++;
	return i;
}

/* Copies of the lists, with room for one more; certs are counted once more. NULL: no memory. */
static struct list *copy_lists(const struct cid_trust *trust)
{
	struct list *copy = calloc(trust->n_lists + 1, sizeof(*copy));

	for (size_t i = 0; copy != NULL && i < trust->n_lists; i++) {
		copy[i] = trust->lists[i];
		copy[i].certs = X509_chain_up_ref(trust->lists[i].certs);
		if (copy[i].certs != NULL)
			continue;
		lists_free(copy, i);
		return NULL;
	}
	return copy;
}

/* Puts certs into lists[at], which may be a new one at the end. */
static bool change_list(struct list *list, const struct cid_anchors *anchors,
			STACK_OF(X509) * certs)
{
	STACK_OF(X509) *all = sk_X509_new_null();

	if (all == NULL || (anchors->append && !add_all(all, list->certs)) ||
	    !add_all(all, certs)) {
		cid_certs_free(all);
		return false;
	}
	cid_certs_free(list->certs);
	list->certs = all;
	memcpy(list->name, anchors->list, strlen(anchors->list) + 1);
	if (anchors->version != NULL)
		memcpy(list->version, anchors->version, strlen(anchors->version) + 1);
	return true;
}

/* The lists with the change, and a store of them, then both at once in the place of the old. */
static enum callerid_status apply(struct cid_trust *trust, const struct cid_anchors *anchors,
				  STACK_OF(X509) * certs, struct callerid_error *err)
{
	struct list *lists = copy_lists(trust);
	size_t at = find_list(trust, anchors->list);
	size_t n = at == trust->n_lists ? at + 1 : trust->n_lists;
	X509_STORE *store = NULL;

	if (lists != NULL && change_list(&lists[at], anchors, certs)) {
		if (sk_X509_num(lists[at].certs) == 0) {
			cid_certs_free(lists[at].certs);
			memmove(&lists[at], &lists[at + 1], (n - at - 1) * sizeof(lists[0]));
			n--;
		}
		store = make_store(lists, n);
	}
	if (store == NULL) {
		if (lists != NULL)
			lists_free(lists, n);
		return no_memory(err);
	}
	X509_STORE_free(trust->store);
	lists_free(trust->lists, trust->n_lists);
	trust->store = store;
	trust->lists = lists;
	trust->n_lists = n;
	return CALLERID_OK;
}

static bool is_name(const char *text)
{
	return strnlen(text, CALLERID_LIST_NAME_MAX + 1) <= CALLERID_LIST_NAME_MAX;
}

enum callerid_status cid_trust_put(struct cid_trust *trust, const struct cid_anchors *anchors,
				   struct callerid_error *err)
{
	STACK_OF(X509) *certs = NULL;
	enum callerid_status status = CALLERID_OK;

	if (anchors->list == NULL || !is_name(anchors->list) ||
	    (anchors->version != NULL && !is_name(anchors->version)))
		return cid_fail(err, CALLERID_EINVAL, "trust",
				"the list has no name, or it or its version is over %d bytes",
				CALLERID_LIST_NAME_MAX);
	if (find_list(trust, anchors->list) == CALLERID_LISTS_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "trust", "over %d lists", CALLERID_LISTS_MAX);
	if (anchors->len > 0 || anchors->append)
		status = cid_certfile_read(anchors->pem, anchors->len, CALLERID_ANCHORS_MAX, &certs,
					   err);
	if (status == CALLERID_OK)
		status = apply(trust, anchors, certs, err);
	cid_certs_free(certs);
	return status;
}

enum callerid_status cid_trust_add_crl_issuers(struct cid_trust *trust, const char *pem, size_t len,
					       struct callerid_error *err)
{
	STACK_OF(X509) *certs = NULL, *all = sk_X509_new_null();
	enum callerid_status status = cid_certfile_read(pem, len, CALLERID_CRLS_MAX, &certs, err);

	if (status == CALLERID_OK &&
	    (all == NULL || !add_all(all, trust->crl_issuers) || !add_all(all, certs)))
		status = no_memory(err);
	if (status == CALLERID_OK && sk_X509_num(all) > CALLERID_CRLS_MAX)
		status = cid_fail(err, CALLERID_ELIMIT, "trust", "over %d CRL issuers",
				  CALLERID_CRLS_MAX);
	cid_certs_free(certs);
	if (status != CALLERID_OK) {
		cid_certs_free(all);
		return status;
	}
	cid_certs_free(trust->crl_issuers);
	trust->crl_issuers = all;
	return CALLERID_OK;
}

X509_STORE *cid_trust_store(const struct cid_trust *trust)
{
	return trust->store;
}

struct cid_crls *cid_trust_crls(const struct cid_trust *trust)
{
	return trust->crls;
}

STACK_OF(X509) * cid_trust_crl_issuers(const struct cid_trust *trust)
{
	return trust->crl_issuers;
}

bool cid_trust_find(const struct cid_trust *trust, const X509 *anchor, const char **list_out,
		    const char **version_out)
{
	for (size_t i = 0; i < trust->n_lists; i++) {
		if (!holds(trust->lists[i].certs, anchor))
			continue;
		*list_out = trust->lists[i].name;
		*version_out = trust->lists[i].version;
		return true;
	}
	return false;
}
