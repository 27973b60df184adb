/* SPDX-License-Identifier: Apache-2.0 */
/* --dev: a registry that is ready in one command, in a folder of its own, on loopback. */
#ifndef REGISTRY_DEV_H
#define REGISTRY_DEV_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dev_params {
	const char *dir;
	uint16_t port; /* of the api door; 0: the one that DIR has, else a free one */
};

/*
 * Makes in DIR what is not there yet: registry.conf, the database, its keys, admin.key (an
 * operator's, mode 0600), and the public door's certificate under an authority of its own, ca.pem.
 * What is there stays as it is, so that the next start goes on with it. conf_out: the path of
 * registry.conf. false: one line in err.
 */
bool dev_prepare(const struct dev_params *params, char conf_out[PATH_MAX], char *err, size_t size);

/* When the doors are open: writes DIR/url and says on standard output what to do next. magic is
 * the folder. */
void dev_ready(const void *magic);

#endif
