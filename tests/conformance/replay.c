/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays vectors (tests/vectors/README.md) through the public interface of libcallerid:
 * replay FILE.json, one JSON object a vector on stdout. What was expected is not looked at here.
 */
#include <callerid/callerid.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define VALUES_MAX 16

/* One vector as the library takes it; texts are borrowed from the JSON. */
struct question {
	struct callerid_call call;
	struct callerid_policy policy;
	struct callerid_span identity[VALUES_MAX];
	struct callerid_span priority[VALUES_MAX];
	struct callerid_namespace namespaces[VALUES_MAX];
	struct callerid_content contents[VALUES_MAX];
	struct callerid_callinfo call_info;
	uint8_t *bodies[VALUES_MAX];
};

static void die(const char *what)
{
	fprintf(stderr, "replay: %s\n", what);
	exit(2);
}

static struct callerid_span span(const json_t *text)
{
	return (struct callerid_span){json_string_value(text), json_string_length(text)};
}

static size_t spans(const json_t *array, struct callerid_span out[VALUES_MAX])
{
	size_t n = json_array_size(array);

	if (n > VALUES_MAX)
		die("too many values");
	for (size_t i = 0; i < n; i++)
		out[i] = span(json_array_get(array, i));
	return n;
}

static struct callerid_party party(const json_t *text)
{
	struct callerid_party made = {0};

	if (text != NULL && callerid_party_parse(json_string_value(text), json_string_length(text),
						 NULL, &made, NULL) != CALLERID_OK)
		die("a party of a vector is none");
	return made;
}

/* The call-reason of a Call-Info value, for a compact rcd PASSporT (RFC 9795 §9). */
static void take_call_info(struct question *q, const json_t *text)
{
	if (text == NULL)
		return;
	if (callerid_callinfo_parse(json_string_value(text), json_string_length(text),
				    &q->call_info, NULL) != CALLERID_OK)
		die("the Call-Info of a vector is none");
	q->call.call_reason =
		(struct callerid_span){q->call_info.reason, strlen(q->call_info.reason)};
}

static void take_call(struct question *q, const json_t *call)
{
	const json_t *from = json_object_get(call, "from"), *sdp = json_object_get(call, "sdp");

	for (; q->call.n_orig < 2 && q->call.n_orig < json_array_size(from); q->call.n_orig++)
		q->call.orig[q->call.n_orig] = party(json_array_get(from, q->call.n_orig));
	q->call.dest = party(json_object_get(call, "to"));
	q->call.request_uri = party(json_object_get(call, "request_uri"));
	q->call.now = json_integer_value(json_object_get(call, "now"));
	q->call.date = span(json_object_get(call, "date"));
	q->call.display_name = span(json_object_get(call, "display_name"));
	take_call_info(q, json_object_get(call, "call_info"));
	if (sdp != NULL)
		q->call.sdp = span(sdp);
	q->call.n_resource_priority =
		spans(json_object_get(call, "resource_priority"), q->priority);
	q->call.resource_priority = q->priority;
	q->call.priority = span(json_object_get(call, "priority"));
}

static void take_policy(struct question *q, const json_t *policy)
{
	const json_t *granted = json_object_get(policy, "namespaces");

	q->policy.accept_spc = json_is_true(json_object_get(policy, "accept_spc"));
	q->policy.max_signatures =
		(unsigned)json_integer_value(json_object_get(policy, "max_signatures"));
	for (; q->policy.n_namespaces < json_array_size(granted); q->policy.n_namespaces++) {
		const json_t *one = json_array_get(granted, q->policy.n_namespaces);

		if (q->policy.n_namespaces == VALUES_MAX)
			die("too many namespaces");
		q->namespaces[q->policy.n_namespaces] = (struct callerid_namespace){
			json_string_value(json_object_get(one, "list")),
			json_string_value(json_object_get(one, "name"))};
	}
	q->policy.namespaces = q->namespaces;
	q->call.policy = &q->policy;
}

static int digit64(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Standard base64, padded. */
static uint8_t *decode64(const char *text, size_t *n_out)
{
	uint8_t *out = calloc(1, strlen(text) + 1);
	uint32_t bits = 0;
	unsigned held = 0;

	if (out == NULL)
		die("no memory");
	*n_out = 0;
	for (; *text != '\0' && *text != '='; text++) {
		if (digit64(*text) < 0)
			die("a content of a vector is not base64");
		bits = bits << 6 | (uint32_t)digit64(*text);
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[(*n_out)++] = (uint8_t)(bits >> held);
		}
	}
	return out;
}

static void take_contents(struct question *q, json_t *contents)
{
	const char *url;
	json_t *body;

	json_object_foreach(contents, url, body)
	{
		struct callerid_content *one = &q->contents[q->call.n_contents];

		if (q->call.n_contents == VALUES_MAX)
			die("too many contents");
		q->bodies[q->call.n_contents++] = decode64(json_string_value(body), &one->len);
		one->url = url;
		one->body = q->bodies[q->call.n_contents - 1];
	}
	q->call.contents = q->contents;
}

static struct callerid_context *open_context(const json_t *anchors)
{
	struct callerid_span pem = span(json_object_get(anchors, "pem"));
	struct callerid_context *ctx = NULL;

	if (callerid_context_new(NULL, &ctx, NULL) != CALLERID_OK ||
	    callerid_context_add_anchors(ctx, json_string_value(json_object_get(anchors, "list")),
					 pem.p, pem.n, NULL) != CALLERID_OK)
		die("the anchors cannot be read");
	return ctx;
}

static bool is_unavailable(const json_t *call, const char *url)
{
	const json_t *list = json_object_get(call, "unavailable");

	for (size_t i = 0; i < json_array_size(list); i++) {
		if (strcmp(json_string_value(json_array_get(list, i)), url) == 0)
			return true;
	}
	return false;
}

/* What the library says of each PASSporT that is not part of its own JSON in this form. */
static json_t *tell_passport(const struct callerid_passport_verdict *told)
{
	json_t *rcd = json_object();

	for (int part = 0; part < CALLERID_RCD_PARTS; part++)
		json_object_set_new(rcd, callerid_rcd_part_name(part),
				    json_string(callerid_rcd_state_name(told->rcd.part[part])));
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:o}", "signature", told->signature, "reason",
			 callerid_reason_info(told->reason)->name, "ppt", told->claims.ppt, "inner",
			 told->inner, "usable", told->rcd.usable, "rcd", rcd);
}

static json_t *tell(const struct callerid_verdict *verdict)
{
	const char attest[2] = {(char)verdict->attest, '\0'};
	json_t *passports = json_array(), *priority = json_array();

	for (size_t i = 0; i < verdict->n_passports; i++)
		json_array_append_new(passports, tell_passport(&verdict->passport[i]));
	for (size_t i = 0; i < verdict->n_priority; i++)
		json_array_append_new(priority, json_string(verdict->priority[i]));
	return json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:b}", "verstat",
			 callerid_verstat_name(verdict->verstat), "attest", attest, "reason",
			 callerid_reason_info(verdict->reason)->name, "code", verdict->code,
			 "passports", passports, "priority", priority, "psap_callback",
			 verdict->psap_callback);
}

static json_t *replay(const json_t *document, const json_t *vector)
{
	struct callerid_context *ctx = open_context(json_object_get(document, "anchors"));
	const json_t *call = json_object_get(vector, "call");
	struct callerid_verification *v = NULL;
	struct question q = {0};
	const char *url;
	json_t *told;

	take_call(&q, call);
	take_policy(&q, json_object_get(vector, "policy"));
	take_contents(&q, json_object_get(vector, "contents"));
	q.call.n_identity = spans(json_object_get(vector, "identity"), q.identity);
	q.call.identity = q.identity;
	if (callerid_verification_new(ctx, &q.call, &v, NULL) != CALLERID_OK)
		die("a verification cannot begin");
	while ((url = callerid_verification_wants(v)) != NULL) {
		struct callerid_span pem =
			span(json_object_get(json_object_get(document, "certificates"), url));

		if (pem.p == NULL || is_unavailable(call, url))
			callerid_verification_unavailable(v, url, "nothing stands there");
		else
			callerid_verification_supply(v, url, pem.p, pem.n);
	}
	told = tell(callerid_verification_verdict(v));
	json_object_set(told, "name", json_object_get(vector, "name"));
	callerid_verification_free(v);
	callerid_context_free(ctx);
	for (size_t i = 0; i < q.call.n_contents; i++)
		free(q.bodies[i]);
	return told;
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *document = argc == 2 ? json_load_file(argv[1], 0, &error) : NULL;
	const json_t *vectors = json_object_get(document, "vectors");

	if (document == NULL)
		die(argc == 2 ? error.text : "usage: replay FILE.json");
	for (size_t i = 0; i < json_array_size(vectors); i++) {
		json_t *told = replay(document, json_array_get(vectors, i));
		char *line = json_dumps(told, JSON_COMPACT | JSON_SORT_KEYS);

		puts(line != NULL ? line : "{}");
		free(line);
		json_decref(told);
	}
	json_decref(document);
	return 0;
}
