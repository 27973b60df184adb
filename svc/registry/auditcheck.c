/* SPDX-License-Identifier: Apache-2.0 */
/* All tenants' chains, one after the other. */
#include "svc/registry/auditcheck.h"

#include "svc/registry/store/audit.h"
#include "svc/registry/store/store.h"
#include "svc/registry/store/tenants.h"

#include <inttypes.h>
#include <string.h>

#define PAGE 64

/* One page of tenants, each with the row that its chain breaks at; 0: it is whole. */
struct page {
	int64_t after;
	size_t n;
	struct tenant_row tenants[PAGE];
	int64_t broken[PAGE];
};

static enum store_status check_page(struct db *db, void *magic)
{
	struct page *page = magic;
	enum store_status status =
		store_tenants_list(db, "", page->after, PAGE, page->tenants, &page->n);

	for (size_t i = 0; i < page->n && status == STORE_OK; i++) {
		status = store_audit_verify(db, page->tenants[i].id, &page->broken[i]);
		if (status == STORE_OK)
			page->broken[i] = 0;
		else if (status == STORE_CONFLICT)
			status = STORE_OK;
	}
	return status;
}

static size_t print_page(const struct page *page, FILE *file)
{
	size_t broken = 0;

	for (size_t i = 0; i < page->n; i++) {
		if (page->broken[i] == 0) {
			fprintf(file, "%s ok\n", page->tenants[i].id);
			continue;
		}
		fprintf(file, "%s broken from row %" PRId64 "\n", page->tenants[i].id,
			page->broken[i]);
		broken++;
	}
	return broken;
}

static bool check(struct db *db, FILE *file, char *err, size_t size)
{
	const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	struct page page = {.after = 0};
	size_t broken = 0;

	do {
		enum store_status status = db_transact(db, &scope, check_page, &page);
		if (status != STORE_OK) {
			snprintf(err, size, "the database failed: %s", db_error(db));
			return false;
		}
		broken += print_page(&page, file);
		if (page.n > 0)
			page.after = page.tenants[page.n - 1].serial;
	} while (page.n == PAGE);
	if (broken > 0)
		snprintf(err, size, "the audit rows of %zu tenants are not as they were written",
			 broken);
	return broken == 0;
}

bool auditcheck_run(const char *database, FILE *file, char *err, size_t size)
{
	const struct store_params params = {database, 1};
	struct store *store = store_open(&params, err, size);
	struct db *db = store != NULL ? store_take(store, STORE_WAIT_MS) : NULL;
	bool whole = false;

	if (db != NULL) {
		whole = check(db, file, err, size);
		store_give(store, db);
	} else if (store != NULL) {
		snprintf(err, size, "no connection");
	}
	store_close(store);
	return whole;
}
