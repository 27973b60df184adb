/* SPDX-License-Identifier: Apache-2.0 */
/* How far a share of few observations can be trusted. */
#ifndef REPUTATION_WILSON_H
#define REPUTATION_WILSON_H

/*
 * Wilson's interval at 95 % for the share hits / n; both may be fractions, since old observations
 * weigh less. n 0 says nothing: 0 to 1.
 */
struct wilson {
	double low, high;
};
struct wilson wilson_bounds(double hits, double n);

#endif
