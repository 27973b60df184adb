/* SPDX-License-Identifier: Apache-2.0 */
/* A logo is looked at from outside only: it is never decoded here. */
#ifndef REGISTRY_LOGO_H
#define REGISTRY_LOGO_H

#include <stddef.h>
#include <stdint.h>

#define LOGO_BYTES_MAX 262144
#define LOGO_SIDE_MAX  4096 /* pixels */

/* NULL when p begins like a PNG of a size that we accept, else a stable code: "too_long",
 * "not_png", "too_many_pixels". */
const char *logo_check(const uint8_t *p, size_t n);

#endif
