/* SPDX-License-Identifier: Apache-2.0 */
/* The version that the library was built as. */
#include <callerid/version.h>

const char *callerid_version(void)
{
	return ATTESTEL_VERSION;
}
