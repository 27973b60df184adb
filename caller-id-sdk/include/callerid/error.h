/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: "we could not do our work". A verdict about a call is never an error (verdict.h). */
#ifndef CALLERID_ERROR_H
#define CALLERID_ERROR_H

#include <callerid/version.h>

/* What a function that can fail returns. 0 is success; negative values are stable. */
enum callerid_status {
	CALLERID_OK = 0,
	CALLERID_ENOMEM = -1,	/* no memory */
	CALLERID_EINVAL = -2,	/* the program called us wrongly: a bug of the caller */
	CALLERID_ESYNTAX = -3,	/* input that breaks its grammar */
	CALLERID_ELIMIT = -4,	/* input over a stated limit */
	CALLERID_EIO = -5,	/* a file could not be read */
	CALLERID_ECRYPTO = -6,	/* OpenSSL refused: wrong key type, broken key, no randomness */
	CALLERID_EPERM = -7,	/* our own certificate does not permit what was asked */
	CALLERID_EREFUSED = -8, /* the registry refused: callerid_client_problem() tells why */
};

#define CALLERID_ERROR_TEXT_MAX 200

/*
 * Detail for a person. The caller owns it, usually on its stack; every function that takes one
 * accepts NULL. Filled only when the function fails.
 */
struct callerid_error {
	enum callerid_status status;
	const char *where;		    /* static: the part that failed, "tnauthlist" */
	char text[CALLERID_ERROR_TEXT_MAX]; /* one line, no line end */
};

#endif
