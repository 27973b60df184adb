/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: announce a call and follow what becomes of it.
 *
 *	follow URL FROM TO < key
 *
 * One thread follows the stream; this one announces, waits for a line on standard input, takes the
 * announcement back and stops the other. A client is for one thread at a time, so there are two.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <callerid/client_call.h>
#include <callerid/client_follow.h>

static bool print_event(void *magic, const struct callerid_event *event)
{
	(void)magic;
	printf("%s %s\n", event->kind, event->data);
	fflush(stdout);
	return true;
}

static void print_state(void *magic, bool connected, const char *why)
{
	(void)magic;
	printf("%s%s\n", connected ? "following" : "lost: ", why);
	fflush(stdout);
}

static void *follow(void *magic)
{
	const struct callerid_follow params = {.event = print_event, .state = print_state};
	struct callerid_error err = {0};

	if (callerid_client_follow(magic, &params, &err) != CALLERID_OK)
		fprintf(stderr, "follow: %s\n", err.text);
	return NULL;
}

/* Announces, waits for a line, cancels. */
static enum callerid_status announce(struct callerid_client *client, char **argv,
				     struct callerid_error *err)
{
	const struct callerid_intent intent = {.from = argv[2],
					       .to = argv[3],
					       .code = "appointment",
					       .text = "Your appointment on Tuesday"};
	struct callerid_intent_state state;
	enum callerid_status status = callerid_client_announce(client, &intent, &state, err);
	char line[80];

	if (status != CALLERID_OK)
		return status;
	printf("%s is %s\n", state.id, state.state);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return callerid_client_cancel(client, state.id, err);
	status = callerid_client_intent(client, state.id, &state, err);
	if (status == CALLERID_OK)
		printf("%s is %s\n", state.id, state.state);
	return status;
}

int main(int argc, char **argv)
{
	char key[200] = "", line[80];
	struct callerid_client_params params = {
		.base_url = argv[1], .api_key = key, .timeout_ms = 5000, .retries = 3};
	struct callerid_client *caller = NULL, *follower = NULL;
	struct callerid_error err = {0};
	pthread_t thread;

	if (argc != 4 || !fgets(key, sizeof(key), stdin)) {
		fprintf(stderr, "usage: follow URL FROM TO < key\n");
		return 2;
	}
	key[strcspn(key, "\n")] = 0;
	enum callerid_status status = callerid_client_global_init();
	if (status == CALLERID_OK)
		status = callerid_client_new(&params, &caller, &err);
	if (status == CALLERID_OK)
		status = callerid_client_new(&params, &follower, &err);
	if (status == CALLERID_OK && pthread_create(&thread, NULL, follow, follower) == 0) {
		if (fgets(line, sizeof(line), stdin)) /* whoever runs it has seen "following" */
			status = announce(caller, argv, &err);
		callerid_client_stop(follower);
		pthread_join(thread, NULL);
	}
	if (status != CALLERID_OK)
		fprintf(stderr, "follow: %s %s\n", err.text,
			status == CALLERID_EREFUSED ? callerid_client_problem(caller)->detail : "");
	callerid_client_free(caller);
	callerid_client_free(follower);
	return status == CALLERID_OK ? 0 : 1;
}
