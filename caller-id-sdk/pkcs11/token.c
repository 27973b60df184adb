/* SPDX-License-Identifier: Apache-2.0 */
/* A key in a token, through the PKCS#11 interface (OASIS PKCS #11 v2.40) and p11-kit. */
#include "token.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX 64
#define DIGEST	  32
#define RAW	  64

struct token {
	P11KitUri *uri;
	char pin[TOKEN_PIN_MAX + 1];
	bool has_pin;
	bool pin_refused;	    /* once is enough: tokens lock after a few wrong ones */
	CK_FUNCTION_LIST **modules; /* NULL-terminated; NULL: not loaded */
	CK_FUNCTION_LIST *one[2];   /* what modules is when the URI names a module */
	CK_FUNCTION_LIST *module;   /* that of the session */
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	bool connected;
};

enum callerid_status token_fail(struct callerid_error *err, enum callerid_status status,
				const char *format, ...)
{
	va_list args;

	*err = (struct callerid_error){.status = status, .where = "pkcs11"};
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return status;
}

static enum callerid_status refuse(struct callerid_error *err, const char *what, CK_RV rv)
{
	return token_fail(err, CALLERID_EIO, "%s: %s", what, p11_kit_strerror(rv));
}

static enum callerid_status read_uri(struct token *token, const char *text,
				     struct callerid_error *err)
{
	const char *path;
	int rc = p11_kit_uri_parse(text, P11_KIT_URI_FOR_OBJECT_ON_TOKEN_AND_MODULE, token->uri);

	if (rc != P11_KIT_URI_OK)
		return token_fail(err, CALLERID_ESYNTAX, "not a PKCS#11 URI (RFC 7512): %s",
				  p11_kit_uri_message(rc));
	if (p11_kit_uri_any_unrecognized(token->uri))
		return token_fail(err, CALLERID_ESYNTAX,
				  "the URI has an attribute that is not known");
	/* RFC 7512 §4: "use of the pin-value attribute may have severe security implications". */
	if (p11_kit_uri_get_pin_value(token->uri) != NULL ||
	    p11_kit_uri_get_pin_source(token->uri) != NULL)
		return token_fail(err, CALLERID_ESYNTAX,
				  "the URI has a PIN; the PIN belongs in a file of its own");
	path = p11_kit_uri_get_module_path(token->uri);
	if (path != NULL && path[0] != '/')
		return token_fail(err, CALLERID_ESYNTAX, "module-path does not begin with /");
	return CALLERID_OK;
}

enum callerid_status token_new(const char *uri, const char *pin, struct token **token_out,
			       struct callerid_error *err)
{
	struct token *token = calloc(1, sizeof(*token));
	enum callerid_status status;

	if (token == NULL || (token->uri = p11_kit_uri_new()) == NULL) {
		free(token);
		return token_fail(err, CALLERID_ENOMEM, "no memory");
	}
	status = read_uri(token, uri, err);
	if (status == CALLERID_OK && pin != NULL && strlen(pin) > TOKEN_PIN_MAX)
		status = token_fail(err, CALLERID_EINVAL, "the PIN has over %d bytes",
				    TOKEN_PIN_MAX);
	if (status != CALLERID_OK) {
		token_free(token);
		return status;
	}
	if (pin != NULL) {
		memcpy(token->pin, pin, strlen(pin));
		token->has_pin = true;
	}
	*token_out = token;
	return CALLERID_OK;
}

static void disconnect(struct token *token)
{
	if (token->connected)
		(void)token->module->C_CloseSession(token->session);
	token->connected = false;
}

static void unload(struct token *token)
{
	if (token->modules == token->one) {
		(void)p11_kit_module_finalize(token->one[0]);
		p11_kit_module_release(token->one[0]);
	} else if (token->modules != NULL) {
		p11_kit_modules_finalize_and_release(token->modules);
	}
	token->modules = NULL;
}

void token_free(struct token *token)
{
	if (token == NULL)
		return;
	disconnect(token);
	unload(token);
	p11_kit_uri_free(token->uri);
	explicit_bzero(token->pin, sizeof(token->pin));
	free(token);
}

static enum callerid_status load(struct token *token, struct callerid_error *err)
{
	const char *path = p11_kit_uri_get_module_path(token->uri), *why;
	CK_RV rv;

	if (token->modules != NULL)
		return CALLERID_OK;
	if (path == NULL) {
		token->modules = p11_kit_modules_load_and_initialize(0);
		return token->modules != NULL
			       ? CALLERID_OK
			       : token_fail(err, CALLERID_EIO, "no PKCS#11 module can be loaded");
	}
	token->one[0] = p11_kit_module_load(path, 0);
	if (token->one[0] == NULL) {
		why = p11_kit_message();
		return token_fail(err, CALLERID_EIO, "module %.120s: %.100s", path,
				  why != NULL ? why : "cannot be loaded");
	}
	rv = p11_kit_module_initialize(token->one[0]);
	if (rv != CKR_OK) {
		p11_kit_module_release(token->one[0]);
		return refuse(err, "the module does not start", rv);
	}
	token->modules = token->one;
	return CALLERID_OK;
}

static bool is_meant(const struct token *token, CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
	CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(token->uri);
	CK_TOKEN_INFO info;

	if (wanted != (CK_SLOT_ID)-1 && wanted != slot)
		return false;
	return module->C_GetTokenInfo(slot, &info) == CKR_OK &&
	       (info.flags & CKF_TOKEN_INITIALIZED) != 0 &&
	       p11_kit_uri_match_token_info(token->uri, &info) != 0;
}

/* Exactly one token: the PIN must go to no other. */
static enum callerid_status find_token(struct token *token, CK_SLOT_ID *slot_out,
				       struct callerid_error *err)
{
	size_t found = 0;

	for (CK_FUNCTION_LIST **m = token->modules; *m != NULL; m++) {
		CK_SLOT_ID slots[SLOTS_MAX];
		CK_ULONG n = 0;

		/* §5.5: asking for the number alone lets the module look for new tokens. */
		if ((*m)->C_GetSlotList(CK_TRUE, NULL, &n) != CKR_OK)
			continue;
		n = SLOTS_MAX;
		if ((*m)->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
			continue;
		for (CK_ULONG i = 0; i < n; i++) {
			if (!is_meant(token, *m, slots[i]))
				continue;
			token->module = *m;
			*slot_out = slots[i];
			found++;
		}
	}
	if (found == 1)
		return CALLERID_OK;
	return token_fail(err, CALLERID_EIO, "%s",
			  found == 0 ? "no token that the URI names is there"
				     : "the URI names more than one token");
}

static enum callerid_status log_in(struct token *token, struct callerid_error *err)
{
	CK_RV rv;

	if (!token->has_pin)
		return CALLERID_OK;
	if (token->pin_refused)
		return token_fail(err, CALLERID_EPERM,
				  "the token has refused the PIN; it is not sent again");
	rv = token->module->C_Login(token->session, CKU_USER, (unsigned char *)token->pin,
				    strlen(token->pin));
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return CALLERID_OK;
	token->pin_refused = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID ||
			     rv == CKR_PIN_LEN_RANGE || rv == CKR_PIN_EXPIRED ||
			     rv == CKR_PIN_LOCKED;
	if (token->pin_refused)
		return token_fail(err, CALLERID_EPERM, "the token refuses the PIN: %s",
				  p11_kit_strerror(rv));
	return refuse(err, "logging in", rv);
}

/* Label and id are the URI's; that it is a private EC key, we say. */
static enum callerid_status find_key(struct token *token, struct callerid_error *err)
{
	static const CK_ATTRIBUTE_TYPE named[] = {CKA_LABEL, CKA_ID};
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_KEY_TYPE type = CKK_EC;
	CK_ATTRIBUTE wanted[4] = {{CKA_CLASS, &class, sizeof(class)},
				  {CKA_KEY_TYPE, &type, sizeof(type)}};
	CK_OBJECT_HANDLE keys[2];
	CK_ULONG n_wanted = 2, n = 0;
	CK_RV rv;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		CK_ATTRIBUTE *attribute = p11_kit_uri_get_attribute(token->uri, named[i]);

		if (attribute != NULL)
			wanted[n_wanted++] = *attribute;
	}
	rv = token->module->C_FindObjectsInit(token->session, wanted, n_wanted);
	if (rv == CKR_OK) {
		rv = token->module->C_FindObjects(token->session, keys, 2, &n);
		(void)token->module->C_FindObjectsFinal(token->session);
	}
	if (rv != CKR_OK)
		return refuse(err, "looking for the key", rv);
	if (n != 1)
		return token_fail(err, CALLERID_EIO, "%s",
				  n == 0 ? "the token has no private EC key that the URI names"
					 : "the URI names more than one private EC key");
	token->key = keys[0];
	return CALLERID_OK;
}

static enum callerid_status connect_once(struct token *token, struct callerid_error *err)
{
	enum callerid_status status = load(token, err);
	CK_SLOT_ID slot = 0;
	CK_RV rv;

	if (status == CALLERID_OK)
		status = find_token(token, &slot, err);
	if (status != CALLERID_OK)
		return status;
	rv = token->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session);
	if (rv != CKR_OK)
		return refuse(err, "opening a session", rv);
	token->connected = true;
	status = log_in(token, err);
	if (status == CALLERID_OK)
		status = find_key(token, err);
	if (status != CALLERID_OK)
		disconnect(token);
	return status;
}

enum callerid_status token_connect(struct token *token, struct callerid_error *err)
{
	enum callerid_status status;

	if (token->connected)
		return CALLERID_OK;
	status = connect_once(token, err);
	/* Some modules see a token that comes back only when they start anew. */
	if (status == CALLERID_EIO)
		unload(token);
	return status;
}

/* One signature by the session as it is. */
static CK_RV sign_once(struct token *token, const uint8_t digest[DIGEST], uint8_t raw[RAW])
{
	CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
	uint8_t data[DIGEST], out[2 * RAW]; /* a key on a larger curve gives more */
	CK_ULONG n = sizeof(out);
	CK_RV rv;

	memcpy(data, digest, DIGEST);
	rv = token->module->C_SignInit(token->session, &mechanism, token->key);
	if (rv == CKR_OK)
		rv = token->module->C_Sign(token->session, data, DIGEST, out, &n);
	if (rv != CKR_OK)
		return rv;
	if (n != RAW)
		return CKR_KEY_SIZE_RANGE;
	memcpy(raw, out, RAW);
	return CKR_OK;
}

enum callerid_status token_sign(struct token *token, const uint8_t digest[DIGEST],
				uint8_t raw_out[RAW], struct callerid_error *err)
{
	bool fresh = !token->connected;
	enum callerid_status status = token_connect(token, err);
	CK_RV rv;

	if (status != CALLERID_OK)
		return status;
	rv = sign_once(token, digest, raw_out);
	if (rv == CKR_OK)
		return CALLERID_OK;
	/* A token that was taken out and put back has forgotten the session. */
	disconnect(token);
	if (fresh)
		return refuse(err, "signing", rv);
	return token_sign(token, digest, raw_out, err);
}
