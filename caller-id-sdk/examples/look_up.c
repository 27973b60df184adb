/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: who calls, and why?
 *
 *	look_up URL FROM [TO VERSTAT ATTEST] < key
 *
 * With FROM alone the look-up is private: the registry learns a bucket of a thousand numbers and
 * gets no key. Otherwise it is that of a carrier or an app, whose key is read from standard input.
 */
#include <stdio.h>
#include <string.h>

#include <callerid/client_lookup.h>

static enum callerid_status look_up(struct callerid_client *client, char **argv,
				    struct callerid_error *err)
{
	const struct callerid_lookup lookup = {
		.from = argv[2], .to = argv[3], .verstat = argv[4], .attest = argv[5]};
	struct callerid_found found = {0};
	enum callerid_status status = callerid_client_lookup(client, &lookup, &found, err);

	if (status != CALLERID_OK)
		return status;
	if (found.brand_name)
		printf("%s calls\n", found.brand_name);
	else if (found.claimed_name)
		printf("somebody who says to be %s calls; it was not verified\n",
		       found.claimed_name);
	else
		printf("nothing is known of %s\n", found.number);
	if (found.reason_text)
		printf("because: %s (%s)\n", found.reason_text, found.reason_code);
	for (size_t i = 0; i < found.n_reasons; i++)
		printf("  %s\n", found.reasons[i]);
	callerid_found_clear(&found);
	return status;
}

static enum callerid_status look_up_private(struct callerid_client *client, const char *number,
					    struct callerid_error *err)
{
	struct callerid_private found;
	enum callerid_status status = callerid_client_lookup_private(client, number, &found, err);

	if (status == CALLERID_OK && found.found)
		printf("registered for %s, reputation: %s\n", found.name[0] ? found.name : "nobody",
		       found.label);
	else if (status == CALLERID_OK)
		printf("nothing is known of %s\n", number);
	return status;
}

int main(int argc, char **argv)
{
	char key[200] = "";
	struct callerid_client_params params = {.base_url = argv[1], .timeout_ms = 5000};
	struct callerid_client *client = NULL;
	struct callerid_error err = {0};
	enum callerid_status status;

	if (argc != 3 && argc != 6) {
		fprintf(stderr, "usage: look_up URL FROM [TO VERSTAT ATTEST] < key\n");
		return 2;
	}
	if (argc == 6 && fgets(key, sizeof(key), stdin)) {
		key[strcspn(key, "\n")] = 0;
		params.api_key = key;
	}
	status = callerid_client_global_init();
	if (status == CALLERID_OK)
		status = callerid_client_new(&params, &client, &err);
	if (status == CALLERID_OK)
		status = argc == 6 ? look_up(client, argv, &err)
				   : look_up_private(client, argv[2], &err);
	if (status != CALLERID_OK)
		fprintf(stderr, "look_up: %s\n", err.text);
	if (status == CALLERID_EREFUSED)
		fprintf(stderr, "look_up: %s\n", callerid_client_problem(client)->detail);
	callerid_client_free(client);
	return status == CALLERID_OK ? 0 : 1;
}
