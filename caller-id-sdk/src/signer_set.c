/* SPDX-License-Identifier: Apache-2.0 */
/* Changing keys and certificates without a gap (RFC 8224 §7.4): several signers, the right one now.
 */
#include <callerid/signer_set.h>

#include "fail.h"

#include <stdlib.h>
#include <string.h>

struct row {
	struct callerid_signer *signer;
	int64_t from, until; /* validity */
};

/* In the order of from; of the same from, the one given last is the later. */
struct callerid_signer_set {
	size_t n;
	struct row row[CALLERID_SIGNERS_MAX];
};

enum callerid_status callerid_signer_set_new(struct callerid_signer_set **set_out,
					     struct callerid_error *err)
{
	struct callerid_signer_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "signer_set", "no memory");
	*set_out = set;
	return CALLERID_OK;
}

void callerid_signer_set_free(struct callerid_signer_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		callerid_signer_free(set->row[i].signer);
	free(set);
}

enum callerid_status callerid_signer_set_give(struct callerid_signer_set *set,
					      struct callerid_signer *signer,
					      struct callerid_error *err)
{
	struct row row = {.signer = signer};
	size_t at = set->n;

	if (set->n == CALLERID_SIGNERS_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "signer_set", "over %d signers",
				CALLERID_SIGNERS_MAX);
	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(callerid_signer_x5u(set->row[i].signer), callerid_signer_x5u(signer)) ==
		    0)
			return cid_fail(err, CALLERID_EINVAL, "signer_set",
					"another certificate stands at this x5u already");
	}
	callerid_signer_validity(signer, &row.from, &row.until);
	while (at > 0 && set->row[at - 1].from > row.from)
		at--;
	memmove(&set->row[at + 1], &set->row[at], (set->n - at) * sizeof(row));
	set->row[at] = row;
	set->n++;
	return CALLERID_OK;
}

static bool is_valid(const struct row *row, int64_t iat)
{
	return iat >= row->from && iat <= row->until;
}

/* Index of the signer for iat; set->n: none. */
static size_t index_at(const struct callerid_signer_set *set, int64_t iat)
{
	size_t fresh = set->n;

	for (size_t i = set->n; i-- > 0;) {
		const struct row *row = &set->row[i];

		if (!is_valid(row, iat))
			continue;
		if (iat - row->from >= CALLERID_SIGNER_LEAD_S)
			return i;
		fresh = i; /* the oldest of those that are too new */
	}
	return fresh;
}

const struct callerid_signer *callerid_signer_set_at(const struct callerid_signer_set *set,
						     int64_t iat)
{
	size_t i = index_at(set, iat);

	return i < set->n ? set->row[i].signer : NULL;
}

/* The last moment at which row i signs: when its successor has settled, or its own end. */
static int64_t last_use(const struct callerid_signer_set *set, size_t i)
{
	int64_t last = set->row[i].until;

	for (size_t k = i + 1; k < set->n; k++) {
		int64_t settled = set->row[k].from + CALLERID_SIGNER_LEAD_S;

		/* A successor that ends first gives the place back. */
		if (settled < last && set->row[k].until >= set->row[i].until)
			last = settled - 1;
	}
	return last;
}

bool callerid_signer_set_url(const struct callerid_signer_set *set, size_t i, const char **x5u_out,
			     int64_t *until_out)
{
	if (i >= set->n)
		return false;
	*x5u_out = callerid_signer_x5u(set->row[i].signer);
	if (__builtin_add_overflow(last_use(set, i), CALLERID_SIGNER_KEEP_S, until_out))
		*until_out = INT64_MAX;
	return true;
}

size_t callerid_signer_set_expire(struct callerid_signer_set *set, int64_t now)
{
	bool is_over[CALLERID_SIGNERS_MAX] = {false};
	size_t kept = 0, n = set->n;
	const char *x5u;
	int64_t until;

	/* All are looked at before any goes: who succeeds whom must not change meanwhile. */
	for (size_t i = 0; callerid_signer_set_url(set, i, &x5u, &until); i++)
		is_over[i] = until < now;
	for (size_t i = 0; i < n; i++) {
		if (is_over[i])
			callerid_signer_free(set->row[i].signer);
		else
			set->row[kept++] = set->row[i];
	}
	set->n = kept;
	return n - kept;
}
