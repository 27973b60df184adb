/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand on a callee's screen, and the other short texts of the API. */
#ifndef REGISTRY_TEXT_H
#define REGISTRY_TEXT_H

#include <stddef.h>

#define TEXT_NAME_MAX	35 /* characters of a display name */
#define TEXT_REASON_MAX 64 /* characters of a call reason */
#define TEXT_LABEL_MAX	64
#define TEXT_LANG_MAX	35  /* RFC 5646 §4.4.1 */
#define TEXT_BYTES_MAX	256 /* bytes of any of them in UTF-8 */

/* What the check of the same name allows, in words. */
#define TEXT_COUNTRY_HINT "two capital letters, as US"
#define TEXT_LANG_HINT	  "a language tag (RFC 5646), as en or pt-BR"
#define TEXT_WEBSITE_HINT "https:// and a host, as https://shop.example, with a path or none"

/*
 * Each takes UTF-8 that ends in NUL behind len, and returns NULL when it is fine, else a stable
 * code: "empty", "too_long", "invalid_utf8", "surrounding_space", "control_character",
 * "bidi_character", "invisible_character", "emoji", "url", "phone_number", "not_allowed".
 */
const char *text_name_check(const char *text, size_t len);
const char *text_reason_check(const char *text, size_t len);
const char *text_label_check(const char *text, size_t len);
const char *text_country_check(const char *text, size_t len); /* two capital letters */
const char *text_lang_check(const char *text, size_t len);    /* a language tag */
const char *text_website_check(const char *text, size_t len); /* https://host[/path] */

#endif
