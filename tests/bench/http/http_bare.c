/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libmicrohttpd costs by itself: takes any request with its body and answers as many bytes as
 * it was told. Prints its port; ends when its input does.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#define BODY_MAX 65536

struct bare {
	size_t len;
	char body[BODY_MAX];
};

static enum MHD_Result answer(void *magic, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *data_size, void **slot)
{
	struct bare *bare = magic;

	(void)url;
	(void)method;
	(void)version;
	(void)data;
	if (*slot == NULL) {
		*slot = bare;
		return MHD_YES;
	}
	if (*data_size > 0) {
		*data_size = 0;
		return MHD_YES;
	}
	struct MHD_Response *response =
		MHD_create_response_from_buffer(bare->len, bare->body, MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/json");
	enum MHD_Result queued = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return queued;
}

int main(int argc, char **argv)
{
	static struct bare bare;
	struct sockaddr_in address = {.sin_family = AF_INET};
	char byte;

	if (argc != 3) {
		fprintf(stderr, "usage: http_bare threads bytes\n");
		return 2;
	}
	bare.len = strtoul(argv[2], NULL, 10);
	if (bare.len > sizeof bare.body)
		return 2;
	memset(bare.body, 'x', bare.len);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, &bare, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned)strtoul(argv[1], NULL, 10), MHD_OPTION_END);
	if (daemon == NULL) {
		perror("http_bare");
		return 1;
	}
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	MHD_stop_daemon(daemon);
	return 0;
}
