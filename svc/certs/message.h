/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon and its certificate helper say to each other; plain values, one a message. */
#ifndef CERTS_MESSAGE_H
#define CERTS_MESSAGE_H

#include "svc/certs/certs.h"
#include "svc/runtime/helper.h"

#include <stdint.h>

#define CERTS_HELPER_NAME "--helper=certs"
#define CERTS_CA_MAX	  (1024 * 1024) /* bytes of a tls_ca_file */
#define CERTS_CA_PART	  32768		/* of it in one message */
#define CERTS_WHY_MAX	  160

enum certs_message_type {
	CERTS_MESSAGE_SETUP = 1, /* first; then CA parts until ca_len bytes have come */
	CERTS_MESSAGE_CA,
	CERTS_MESSAGE_FETCH,
	CERTS_MESSAGE_RESULT, /* the only one from the helper */
};

struct certs_message_setup {
	uint32_t type;
	uint32_t ca_len; /* 0: the system's anchors */
	uint32_t timeout_ms;
	uint32_t in_flight_max;
	struct certs_url_rules rules;
};

/* Sent as long as it is: up to the end of data. */
struct certs_message_ca {
	uint32_t type;
	uint32_t len;
	char data[CERTS_CA_PART];
};

struct certs_message_fetch {
	uint32_t type;
	uint32_t pad;
	uint64_t id;
	char url[CERTS_URL_MAX + 1];
};

/* Sent as long as it is: up to the end of body. */
struct certs_message_result {
	uint32_t type;
	uint32_t status; /* enum certs_status */
	uint64_t id;
	uint32_t len;
	char why[CERTS_WHY_MAX];
	char body[CERTS_BODY_MAX];
};

_Static_assert(sizeof(struct certs_message_ca) <= HELPER_MESSAGE_MAX, "a CA part fits a message");
_Static_assert(sizeof(struct certs_message_result) <= HELPER_MESSAGE_MAX, "a result fits");

#endif
