/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/bindings and /v1/numbers: which brand a number shows. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/numbers.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/brands.h"
#include "svc/registry/store/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 2000

struct request {
	struct number_fields number;
	const char *brand;
	bool strict;
};

static const struct request blank = {.number = {.block = 1}};

static const struct spec_field fields[] = {
	{.name = "number",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, number.number),
	 .required = true},
	{.name = "block",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, number.block),
	 .min = 1,
	 .max = 1000},
	{.name = "brand",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, brand),
	 .required = true,
	 .max = ID_MAX},
	{.name = "strict", .type = SPEC_BOOL, .offset = offsetof(struct request, strict)},
};
static const struct spec spec = {fields, sizeof fields / sizeof fields[0], sizeof(struct request),
				 &blank};

struct batch {
	struct spec_list items;
};
static const struct spec_field batch_fields[] = {
	{.name = "items",
	 .type = SPEC_LIST,
	 .offset = offsetof(struct batch, items),
	 .required = true,
	 .max = BATCH_MAX,
	 .object = &spec},
};
static const struct spec batch_spec = SPEC(batch_fields);

static const char *const state_names[] = {"active", "suspended", NULL};

/* A change: what is absent stays. */
struct change {
	const char *brand;
	bool strict;
	int state;
};
static const struct spec_field change_fields[] = {
	{.name = "brand",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct change, brand),
	 .max = ID_MAX},
	{.name = "strict", .type = SPEC_BOOL, .offset = offsetof(struct change, strict)},
	{.name = "state",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct change, state),
	 .choices = state_names},
};
static const struct spec change_spec = SPEC(change_fields);

static json_t *render(const struct http_call *call, const void *magic)
{
	const struct binding_row *row = magic;
	json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:s, s:I, s:o}", "id", row->id, "claim",
				 row->claim, "brand", row->brand, "strict", row->strict, "state",
				 state_names[row->suspended], "version", (json_int_t)row->version,
				 "created_at", render_time(row->created_ms));

	(void)call;
	numbers_render(json, row->number);
	return json;
}

static bool brand_is_ours(struct http_call *call, const char *brand, const char *base)
{
	struct brand_row row;
	char pointer[SPEC_POINTER_MAX + 1];
	enum store_status status = store_brands_get(call->db, call->caller.tenant, brand, &row);

	snprintf(pointer, sizeof pointer, "%s/brand", base);
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, pointer, "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

/* The claim that the binding hangs on; with may_make one is made where there is none. */
static bool find_claim(struct http_call *call, const struct block *block, const char *base,
		       bool may_make, struct claim_row *claim)
{
	char pointer[SPEC_POINTER_MAX + 1];
	enum store_status status = store_claims_covering(call->db, call->caller.tenant, block->text,
							 http_now_ms(call), claim);

	if (status == STORE_NONE && may_make && call->caller.vouched)
		return claims_make(call, block, claim);
	snprintf(pointer, sizeof pointer, "%s/number", base);
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NUMBER_NOT_VERIFIED, pointer, "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

static enum store_status tell(struct http_call *call, const struct binding_row *row,
			      const char *action)
{
	char masked[ACT_MASKED_MAX];

	act_mask(row->number, masked);
	enum store_status status = act_audit(call, row->tenant, action, row->id, masked);
	return status == STORE_OK ? act_directory(call, row->number) : status;
}

/* What all bindings of one request share. */
struct binder {
	struct http_call *call;
	bool may_make;	   /* a claim, where there is none */
	const char *brand; /* that was found to be ours last; NULL: none yet */
};

static bool brand_is_fine(struct binder *binder, const char *brand, const char *base)
{
	bool fine = (binder->brand != NULL && strcmp(binder->brand, brand) == 0) ||
		    brand_is_ours(binder->call, brand, base);

	if (fine)
		binder->brand = brand;
	return fine;
}

/* One binding, of which nobody is told yet. false: the call is answered, pointing to base. */
static bool bind(struct binder *binder, const struct request *request, const char *base,
		 struct binding_row *row)
{
	struct http_call *call = binder->call;
	char pointer[SPEC_POINTER_MAX + 1];
	struct claim_row claim;
	struct block block;

	memset(row, 0, sizeof *row);
	if (!numbers_block(call, &request->number, base, &block) ||
	    !brand_is_fine(binder, request->brand, base) ||
	    !find_claim(call, &block, base, binder->may_make, &claim) ||
	    !render_new_id(call, ID_BINDING, row->id))
		return false;
	memcpy(row->tenant, call->caller.tenant, sizeof row->tenant);
	memcpy(row->claim, claim.id, sizeof row->claim);
	memcpy(row->number, block.text, sizeof row->number);
	snprintf(row->brand, sizeof row->brand, "%s", request->brand);
	row->strict = request->strict;
	row->version = 1;
	row->created_ms = row->updated_ms = http_now_ms(call);
	enum store_status status = store_bindings_add(call->db, row);
	snprintf(pointer, sizeof pointer, "%s/number", base);
	if (status == STORE_CONFLICT)
		http_reply_field(call, PROBLEM_NUMBER_BOUND, pointer, "not_allowed");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

/* A claim that is ended now takes its bindings along; one of ours must not come after that. */
static bool lock(struct http_call *call)
{
	enum store_status status = store_claims_lock(call->db);

	if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

static void create(struct http_call *call, bool may_make)
{
	struct binder binder = {call, may_make, NULL};
	struct request request = blank;
	struct binding_row row;

	if (!http_read(call, &spec, &request) || !lock(call) || !bind(&binder, &request, "", &row))
		return;
	enum store_status status = tell(call, &row, "binding.created");
	if (status == STORE_OK)
		http_reply_version(call, 201, row.version, render(call, &row));
	else
		http_reply_store(call, status);
}

void api_bindings_create(struct http_call *call)
{
	create(call, false);
}

void api_numbers_create(struct http_call *call)
{
	create(call, true);
}

/* A batch while it is made. */
struct made {
	size_t n;
	struct audit_row *audit;
	struct block *numbers;
	json_t *list;
};

static void note(const struct http_call *call, const struct binding_row *row, struct made *made)
{
	json_t *item = json_pack("{s:s}", "id", row->id);
	char masked[ACT_MASKED_MAX];

	act_mask(row->number, masked);
	made->audit[made->n] = act_audit_row(call, row->tenant, "binding.created", row->id, masked);
	memcpy(made->numbers[made->n].text, row->number, sizeof row->number);
	made->n++;
	numbers_render(item, row->number);
	json_array_append_new(made->list, item);
}

static void bind_all(struct http_call *call, const struct spec_list *items, struct made *made)
{
	const struct request *requests = items->items;
	struct binder binder = {call, false, NULL};
	struct binding_row row;
	char base[32];

	for (size_t i = 0; i < items->n; i++) {
		snprintf(base, sizeof base, "/items/%zu", i);
		if (!bind(&binder, &requests[i], base, &row))
			return;
		note(call, &row, made);
	}
	/* last, since others wait for these locks */
	enum store_status status = store_audit_add_all(call->db, made->audit, made->n);
	if (status == STORE_OK)
		status = store_directory_changed_all(call->db, made->numbers, made->n,
						     http_now_ms(call));
	call->after |= AFTER_EVENTS;
	if (status == STORE_OK)
		http_reply_json(call, 201, json_pack("{s:O}", "items", made->list));
	else
		http_reply_store(call, status);
}

static void make_all(struct http_call *call, const struct spec_list *items)
{
	struct made made = {
		.audit = calloc(items->n, sizeof *made.audit),
		.numbers = calloc(items->n, sizeof *made.numbers),
		.list = json_array(),
	};

	if (made.audit != NULL && made.numbers != NULL && made.list != NULL)
		bind_all(call, items, &made);
	else
		http_reply_store(call, STORE_FAILED);
	free(made.audit);
	free(made.numbers);
	json_decref(made.list);
}

void api_bindings_batch(struct http_call *call)
{
	struct batch batch = {.items = {0, NULL}};

	if (http_read(call, &batch_spec, &batch) && lock(call))
		make_all(call, &batch.items);
	free(batch.items.items);
}

void api_bindings_get(struct http_call *call)
{
	struct binding_row row;
	enum store_status status =
		store_bindings_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, render(call, &row));
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	const char *brand = call->query(call, "brand");
	const struct binding_filter filter = {call->caller.tenant, brand != NULL ? brand : "",
					      page->after, page->limit};

	return store_bindings_list(call->db, &filter, rows_out, n_out);
}

void api_bindings_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct binding_row), load, render};

	api_list_reply(call, &list);
}

void api_bindings_update(struct http_call *call)
{
	struct binding_row row;
	enum store_status status =
		store_bindings_get(call->db, call->caller.tenant, call->param, &row);

	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	struct change change = {.strict = row.strict, .state = row.suspended};
	if (!http_matches(call, row.version) || !http_read(call, &change_spec, &change) ||
	    (change.brand != NULL && !brand_is_ours(call, change.brand, "")))
		return;
	row.strict = change.strict;
	row.suspended = change.state != 0;
	row.updated_ms = http_now_ms(call);
	if (change.brand != NULL)
		snprintf(row.brand, sizeof row.brand, "%s", change.brand);
	status = store_bindings_put(call->db, &row);
	if (status == STORE_OK)
		status = tell(call, &row, "binding.changed");
	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, render(call, &row));
	else
		http_reply_store(call, status == STORE_NONE ? STORE_BUSY : status);
}

void api_bindings_delete(struct http_call *call)
{
	struct binding_row row;
	enum store_status status =
		store_bindings_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		status = store_bindings_remove(call->db, row.tenant, row.id);
	if (status == STORE_OK)
		status = tell(call, &row, "binding.deleted");
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
