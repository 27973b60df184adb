/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "<cookie> <dict>", signed where there is a key: "<cookie> <time>:<mac> <dict>" and back
 * "<cookie> <mac> <dict>". Over UDP it is sent again with the same cookie, and so runs once.
 */
#include "relay.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define IS_IT_THERE "is attestel-media running, and does it listen there (--socket)?"
#define TRIES	    5
#define TRY_MS	    1000
#define WAIT_MS	    10000
#define COOKIE_LEN  16
#define MAC_LEN	    64
#define REPLY_MAX   16777216
#define READ_STEP   65536

struct asking {
	const struct relay *relay;
	int fd;
	bool datagram, keyed;
	char cookie[COOKIE_LEN + 1];
	struct io_bytes key;
	struct io_bytes reply;
};

/* The address and its length; 0: text is none. */
static socklen_t read_inet(const char *text, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const char *colon = strrchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;
	bool brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
	char host[INET6_ADDRSTRLEN];
	int64_t port;

	if (colon == NULL || !opt_integer(colon + 1, 1, 65535, &port) || len >= sizeof(host))
		return 0;
	snprintf(host, sizeof(host), "%.*s", (int)(len - 2 * (size_t)brackets), text + brackets);
	if (!brackets && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (!brackets || inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return 0;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

static socklen_t read_address(struct asking *asking, struct sockaddr_storage *out)
{
	struct sockaddr_un *local = (struct sockaddr_un *)out;
	const char *where = asking->relay->where;

	asking->datagram = strncmp(where, "udp:", 4) == 0;
	if (asking->datagram || strncmp(where, "tcp:", 4) == 0)
		return read_inet(where + 4, out);
	if (strncmp(where, "unix:", 5) != 0 || where[5] != '/' ||
	    strlen(where + 5) >= sizeof(local->sun_path))
		return 0;
	local->sun_family = AF_UNIX;
	snprintf(local->sun_path, sizeof(local->sun_path), "%s", where + 5);
	return sizeof(*local);
}

static enum cli_exit say_unreachable(const struct asking *asking, const char *why)
{
	return cli_say(CLI_FAILED, "the relay at %.200s: %s", asking->relay->where, why);
}

/* By errno, after a question that got no answer. Over UDP nobody is missed before one is asked. */
static const char *why_silent(const struct asking *asking)
{
	if (errno == ETIMEDOUT && asking->datagram)
		return "no answer; does it want a key (--key-file)?";
	if (errno == ECONNREFUSED)
		return "Connection refused; " IS_IT_THERE;
	if (errno == ECONNRESET)
		return "it closed the connection without an answer; does it want a key "
		       "(--key-file)?";
	return strerror(errno);
}

static enum cli_exit connect_to(struct asking *asking)
{
	struct sockaddr_storage address = {0};
	socklen_t len = read_address(asking, &address);
	const char *more = "";

	if (len == 0)
		return cli_say(CLI_USAGE,
			       "--socket %.200s: allowed is unix:PATH, udp:ADDRESS:PORT, "
			       "or tcp:ADDRESS:PORT with a literal address",
			       asking->relay->where);
	asking->fd = socket(address.ss_family,
			    (asking->datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
	if (asking->fd >= 0 && connect(asking->fd, (struct sockaddr *)&address, len) == 0)
		return CLI_OK;
	if (errno == ENOENT || errno == ECONNREFUSED)
		more = "; " IS_IT_THERE;
	else if (errno == EACCES)
		more = "; only its own user and root may connect";
	return cli_say(CLI_FAILED, "the relay at %.200s: %s%s", asking->relay->where,
		       strerror(errno), more);
}

/* The key is the file's text without its line end, as the relay reads it. */
static enum cli_exit read_key(struct asking *asking)
{
	if (asking->relay->key_file == NULL)
		return CLI_OK;
	if (!io_read_secret(asking->relay->key_file, IO_KEY_MAX, &asking->key))
		return CLI_USAGE;
	while (asking->key.n > 0 && (asking->key.p[asking->key.n - 1] == '\n' ||
				     asking->key.p[asking->key.n - 1] == '\r'))
		asking->key.n--;
	asking->keyed = strncmp(asking->relay->where, "unix:", 5) != 0;
	return CLI_OK;
}

static bool sign(const struct asking *asking, const char *text, size_t len,
		 char mac_out[MAC_LEN + 1])
{
	unsigned char mac[MAC_LEN / 2];
	unsigned size = sizeof(mac);

	if (HMAC(EVP_sha256(), asking->key.p, (int)asking->key.n, (const unsigned char *)text, len,
		 mac, &size) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(mac); i++)
		snprintf(mac_out + 2 * i, 3, "%02x", mac[i]);
	return true;
}

/* The message, malloc'ed; NULL: no memory. */
static char *write_message(struct asking *asking, json_t *question)
{
	unsigned char random[COOKIE_LEN / 2];
	char *body = json_dumps(question, JSON_COMPACT), *text = NULL, *signed_ = NULL;
	char mac[MAC_LEN + 1];
	long long now = (long long)time(NULL);
	int len = -1;

	if (body == NULL || RAND_bytes(random, sizeof(random)) != 1) {
		free(body);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(asking->cookie + 2 * i, 3, "%02x", random[i]);
	if (!asking->keyed) {
		len = asprintf(&text, "%s %s", asking->cookie, body);
	} else if (asprintf(&signed_, "%s %lld %s", asking->cookie, now, body) > 0) {
		if (sign(asking, signed_, strlen(signed_), mac))
			len = asprintf(&text, "%s %lld:%s %s", asking->cookie, now, mac, body);
		free(signed_);
	}
	free(body);
	return len > 0 ? text : NULL;
}

/* More of the reply: bytes; 0: the end; -1 and errno. */
static ssize_t read_more(struct asking *asking, int wait_ms)
{
	struct pollfd poll_fd = {.fd = asking->fd, .events = POLLIN};
	struct io_bytes *reply = &asking->reply;
	char *grown;
	ssize_t n;
	int ready = poll(&poll_fd, 1, wait_ms);

	if (ready <= 0) {
		errno = ready == 0 ? ETIMEDOUT : errno;
		return -1;
	}
	grown = reply->n < REPLY_MAX ? realloc(reply->p, reply->n + READ_STEP + 1) : NULL;
	if (grown == NULL) {
		errno = ENOMEM;
		return -1;
	}
	reply->p = grown;
	n = recv(asking->fd, reply->p + reply->n, READ_STEP, 0);
	if (n > 0)
		reply->n += (size_t)n;
	reply->p[reply->n] = '\0';
	return n;
}

static bool is_ours(const struct asking *asking)
{
	return asking->reply.n > COOKIE_LEN && asking->reply.p[COOKIE_LEN] == ' ' &&
	       memcmp(asking->reply.p, asking->cookie, COOKIE_LEN) == 0;
}

static bool ask_datagram(struct asking *asking, const char *text)
{
	for (int i = 0; i < TRIES; i++) {
		if (send(asking->fd, text, strlen(text), 0) < 0)
			return false;
		asking->reply.n = 0;
		while (read_more(asking, TRY_MS) > 0) {
			if (is_ours(asking))
				return true;
			asking->reply.n = 0; /* a reply to somebody before us */
		}
		if (errno != ETIMEDOUT)
			return false;
	}
	return false;
}

/* A connection is for one question: where it ends, the reply does. */
static bool ask_stream(struct asking *asking, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = 1;

	while (len > 0 && (n = send(asking->fd, text, len, MSG_NOSIGNAL)) > 0) {
		text += n;
		len -= (size_t)n;
	}
	if (len > 0 || shutdown(asking->fd, SHUT_WR) != 0)
		return false;
	while ((n = read_more(asking, WAIT_MS)) > 0)
		;
	errno = n == 0 ? ECONNRESET : errno;
	return n == 0 && is_ours(asking);
}

/* What stands behind the cookie and, in a keyed reply, behind a signature that is right. */
static const char *body_of(const struct asking *asking)
{
	const char *text = asking->reply.p + COOKIE_LEN + 1;
	size_t len = asking->reply.n - COOKIE_LEN - 1;
	char *signed_ = NULL, mac[MAC_LEN + 1];
	bool ok;

	if (!asking->keyed)
		return text;
	if (len <= MAC_LEN || text[MAC_LEN] != ' ' ||
	    asprintf(&signed_, "%s %s", asking->cookie, text + MAC_LEN + 1) < 0)
		return NULL;
	ok = sign(asking, signed_, strlen(signed_), mac) && CRYPTO_memcmp(mac, text, MAC_LEN) == 0;
	free(signed_);
	return ok ? text + MAC_LEN + 1 : NULL;
}

static enum cli_exit exchange(struct asking *asking, json_t *question, json_t **answer_out)
{
	char *text = write_message(asking, question);
	const char *body;
	bool ok;

	if (text == NULL)
		return cli_say(CLI_FAILED, "no memory");
	ok = asking->datagram ? ask_datagram(asking, text) : ask_stream(asking, text);
	free(text);
	if (!ok)
		return say_unreachable(asking, why_silent(asking));
	body = body_of(asking);
	if (body == NULL)
		return say_unreachable(asking, "the answer is not signed with the key");
	*answer_out = json_loads(body, 0, NULL);
	if (!json_is_object(*answer_out))
		return say_unreachable(asking, "the answer is no JSON object");
	return CLI_OK;
}

enum cli_exit relay_ask(const struct relay *relay, json_t *question, json_t **answer_out)
{
	struct asking asking = {.relay = relay, .fd = -1};
	enum cli_exit status = read_key(&asking);

	if (status == CLI_OK)
		status = connect_to(&asking);
	if (status == CLI_OK)
		status = exchange(&asking, question, answer_out);
	if (asking.fd >= 0)
		close(asking.fd);
	io_bytes_clear(&asking.key);
	io_bytes_clear(&asking.reply);
	return status;
}
