/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roots of the world's trust lists as anchors, and certificates of strangers under them. Without
 * the published vectors (ATTESTEL_VECTORS, else ../shared/vectors) these tests are skipped.
 */
#include "tests/kit/scene.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "trust.h"

#define TEST(name) static void name(void **state)

static const char *folder(void)
{
	const char *path = getenv("ATTESTEL_VECTORS");

	return path != NULL && path[0] != '\0' ? path : "../shared/vectors";
}

/* The file as a C string, the caller's; NULL when it is not there. */
static char *read_file(const char *under, const char *name)
{
	char path[512];
	char *text = calloc(1, 65536);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", folder(), under, name);
	file = fopen(path, "r");
	if (file == NULL) {
		free(text);
		return NULL;
	}
	assert_in_range(fread(text, 1, 65535, file), 1, 65535);
	fclose(file);
	return text;
}

TEST(ce1_real_roots_on_p256_and_p384_become_anchors)
{
	static const char *const roots[] = {"ctia-shaken-root-p384.pem", "vermouth-STI-PA_ROOT.pem",
					    "vermouth-STI-PA_STAGING_ROOT.pem"};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		char *pem = read_file("roots", roots[i]);

		if (pem == NULL) {
			print_message("skipped: %s/roots is not there\n", folder());
			skip();
		}
		assert_int_equal(
			callerid_context_add_anchors(s->ctx, "real", pem, strlen(pem), NULL),
			CALLERID_OK);
		free(pem);
	}
}

TEST(ce2_certificates_of_strangers_are_read_and_trusted_by_nobody)
{
	struct scene *s = *state;
	struct cid_trust *trust = NULL;
	char where[512];
	DIR *dir;
	struct dirent *entry;
	unsigned n = 0, with_key = 0;

	snprintf(where, sizeof(where), "%s/zlint-shaken", folder());
	dir = opendir(where);
	if (dir == NULL) {
		print_message("skipped: %s is not there\n", where);
		skip();
	}
	assert_int_equal(cid_trust_new(&trust, NULL), CALLERID_OK);
	assert_int_equal(cid_trust_put(trust,
				       &(struct cid_anchors){.list = "test",
							     .pem = s->world.anchors,
							     .len = strlen(s->world.anchors)},
				       NULL),
			 CALLERID_OK);
	while ((entry = readdir(dir)) != NULL) {
		struct cid_cert *cert;
		char *pem;

		if (strstr(entry->d_name, ".pem") == NULL)
			continue;
		pem = read_file("zlint-shaken", entry->d_name);
		cert = cid_chain_check(trust, pem, strlen(pem), KIT_NOW);
		assert_non_null(cert);
		assert_false(cert->good);
		with_key += cert->key != NULL;
		n++;
		cid_cert_release(cert);
		free(pem);
	}
	closedir(dir);
	cid_trust_free(trust);
	assert_in_range(n, 75, 1000);
	assert_in_range(with_key, 60, n); /* their defects are elsewhere */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce1_real_roots_on_p256_and_p384_become_anchors),
		SCENE_TEST(ce2_certificates_of_strangers_are_read_and_trusted_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
