/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that is another one, but for C_Sign(), which first waits: as long as the file
 * says that SLOW_TOKEN_DELAY names, in milliseconds. SLOW_TOKEN_MODULE is the other module.
 */
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static CK_FUNCTION_LIST own;
static CK_C_Sign sign;

static CK_RV slow_sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG n, CK_BYTE_PTR out,
		       CK_ULONG_PTR n_out)
{
	FILE *file = fopen(getenv("SLOW_TOKEN_DELAY"), "re");
	struct timespec wait = {0, 0};
	char text[16] = "";
	long ms;

	if (file != NULL) {
		if (fgets(text, sizeof(text), file) == NULL)
			text[0] = 0;
		fclose(file);
	}
	ms = strtol(text, NULL, 10);
	wait.tv_sec = ms / 1000;
	wait.tv_nsec = ms % 1000 * 1000000;
	nanosleep(&wait, NULL);
	return sign(session, data, n, out, n_out);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	void *module = dlopen(getenv("SLOW_TOKEN_MODULE"), RTLD_NOW | RTLD_LOCAL);
	CK_C_GetFunctionList get = NULL;
	CK_FUNCTION_LIST_PTR real = NULL;

	if (module != NULL)
		*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get == NULL || get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	own = *real;
	sign = real->C_Sign;
	own.C_Sign = slow_sign;
	*list = &own;
	return CKR_OK;
}
