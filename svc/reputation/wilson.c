/* SPDX-License-Identifier: Apache-2.0 */
/* Wilson's score interval (E. B. Wilson, 1927). */
#include "svc/reputation/wilson.h"

#include <math.h>

#define Z 1.96

static double between(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

struct wilson wilson_bounds(double hits, double n)
{
	if (!(n > 0))
		return (struct wilson){0, 1};
	double share = between(hits / n, 0, 1);
	double scale = 1 + Z * Z / n;
	double centre = (share + Z * Z / (2 * n)) / scale;
	double half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / scale;

	/* rounding must not push a bound over the share */
	return (struct wilson){between(centre - half, 0, share), between(centre + half, share, 1)};
}
