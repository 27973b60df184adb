/* SPDX-License-Identifier: Apache-2.0 */
/* The table of SRTP protection profiles. */
#include "media/srtp/suite.h"

#include <string.h>

/* clang-format off */
static const struct srtp_suite_info suites[SUITE_COUNT] = {
	[SUITE_NONE]			= {"", "", 0, 0},
	[SUITE_AEAD_AES_128_GCM]		= {"AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 16, 12},
	[SUITE_AEAD_AES_256_GCM]		= {"AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12},
	[SUITE_AES_CM_128_HMAC_SHA1_80]	= {"AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_SHA1_80", 16, 14},
	[SUITE_AES_CM_128_HMAC_SHA1_32]	= {"AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_SHA1_32", 16, 14},
};
/* clang-format on */

const struct srtp_suite_info *srtp_suite_info(enum srtp_suite suite)
{
	return &suites[suite < SUITE_COUNT ? suite : SUITE_NONE];
}

enum srtp_suite srtp_suite_named(const char *sdes, size_t len)
{
	for (enum srtp_suite i = SUITE_NONE + 1; i < SUITE_COUNT; i++)
		if (strlen(suites[i].sdes) == len && memcmp(suites[i].sdes, sdes, len) == 0)
			return i;
	return SUITE_NONE;
}
