/* SPDX-License-Identifier: Apache-2.0 */
#include <callerid/version.h>

const char *callerid_version(void)
{
	return ATTESTEL_VERSION;
}
