/* SPDX-License-Identifier: Apache-2.0 */
/* Commands under way to two relays, of which one is silent. */
#include "sip-proxy/relay.h"

#include "sip-proxy/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ENDS 5000 /* of calls, more than may be under way */

static int port_of_nobody(char address_out[64])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
		    getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	snprintf(address_out, 64, "udp:127.0.0.1:%d", ntohs(at.sin_port));
	return fd;
}

struct heard {
	const char *trouble;
	su_root_t *root;
};

static void heard(void *magic, const struct relay_answer *answer)
{
	struct heard *heard = magic;

	heard->trouble = answer->reply.trouble;
	su_root_break(heard->root);
}

static void ends_of_calls_leave_room_for_those_that_begin(void **state)
{
	char address[2][64];
	const char *items[] = {address[0], address[1]};
	int fds[] = {port_of_nobody(address[0]), port_of_nobody(address[1])};
	struct media_options media = {.relay = {.items = items, .n = 2}, .timeout_ms = 50};
	struct settings settings = {.media = &media};
	struct log_settings quiet = {.level = LOG_ERROR, .fd = fds[0]};
	struct proxy proxy = {.settings = &settings, .started_with = &settings};
	struct ng_command end = {.verb = NG_DELETE, .call_id = {"c", 1}};
	struct ng_command offer = {.verb = NG_OFFER, .call_id = {"d", 1}, .sdp = {"v=0", 3}};
	struct heard got = {.trouble = "nothing"};
	char err[100] = "";

	(void)state;
	proxy.log = log_new("test", &quiet);
	proxy.metrics = metrics_new(record_metrics, METRIC_COUNT_OF);
	assert_int_equal(su_init(), 0);
	proxy.root = got.root = su_root_create(&proxy);
	su_root_threading(proxy.root, 0);
	assert_true(relay_start(&proxy, err, sizeof(err)));
	for (int i = 0; i < ENDS; i++)
		(void)relay_ask(&proxy, 0, &end, NULL, NULL);
	(void)relay_ask(&proxy, 1, &offer, heard, &got);
	su_root_run(proxy.root);
	assert_string_equal(got.trouble, "timeout"); /* and not "too_many": it was sent */
	relay_stop(&proxy);
	su_root_destroy(proxy.root);
	su_deinit();
	metrics_free(proxy.metrics);
	log_free(proxy.log);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_of_calls_leave_room_for_those_that_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
