/* SPDX-License-Identifier: Apache-2.0 */
/* Who asked, and did it know the password that was signalled? */
#include "media/ice/overhear.h"

#include "media/ice/agent.h"

#include <string.h>
#include <stun/usages/ice.h>

#define STUN_HEADER 20
#define COOKIE	    "\x21\x12\xa4\x42" /* RFC 8489 §5; libnice asks for it of a request alone */

static bool find_password(StunAgent *agent, StunMessage *message, uint8_t *username,
			  uint16_t username_len, uint8_t **password, size_t *password_len,
			  void *magic)
{
	const struct ice_ends *ends = magic;
	const size_t asked = strlen(ends->asked), asking = strlen(ends->asking);

	(void)agent;
	(void)message;
	if (username_len != asked + 1 + asking || memcmp(username, ends->asked, asked) != 0 ||
	    username[asked] != ':' || memcmp(username + asked + 1, ends->asking, asking) != 0)
		return false;
	*password = (uint8_t *)ends->pwd;
	*password_len = strlen(ends->pwd);
	return true;
}

/* The class of a message stands in two bits of its type (RFC 8489 §5). */
static void take_class(const uint8_t *data, struct ice_overheard *out)
{
	switch ((data[0] & 1) << 1 | (data[1] >> 4 & 1)) {
	case 0:
		out->kind = ICE_HEARD_REQUEST;
		break;
	case 1:
		out->kind = ICE_HEARD_INDICATION;
		break;
	default:
		out->kind = ICE_HEARD_RESPONSE;
	}
}

bool ice_overhear(const struct ice_ends *ends, const uint8_t *data, size_t len,
		  struct ice_overheard *out)
{
	StunValidationStatus status;
	StunMessage message;
	StunAgent agent;

	*out = (struct ice_overheard){.kind = ICE_HEARD_REQUEST};
	if (len < STUN_HEADER || memcmp(data + 4, COOKIE, 4) != 0 ||
	    stun_message_validate_buffer_length(data, len, true) != (int)len)
		return false;
	take_class(data, out);
	memcpy(out->transaction, data + STUN_HEADER - ICE_TRANSACTION_LEN, ICE_TRANSACTION_LEN);
	if (out->kind != ICE_HEARD_REQUEST)
		return true;
	ice_stun_agent(&agent);
	status = stun_agent_validate(&agent, &message, data, len, find_password, (void *)ends);
	/* Attributes that are new to us are the ends' to know; they are looked for last. */
	out->authentic = (status == STUN_VALIDATION_SUCCESS ||
			  status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE) &&
			 message.key == (const uint8_t *)ends->pwd;
	out->nominates = out->authentic && stun_usage_ice_conncheck_use_candidate(&message);
	return true;
}
