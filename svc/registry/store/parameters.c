/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of SQL that knows just enough to find the parameters. */
#include "svc/registry/store/parameters.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define NAME	LETTERS "0123456789"

/* Characters at sql that hold no parameter: up to the next quote, colon or comment, or through one
 * of them. 0: a parameter, or the end. */
static size_t plain_len(const char *sql)
{
	const char *end;

	if (*sql == '\'' || *sql == '"') {
		end = strchr(sql + 1, *sql); /* a doubled quote reads as two quoted texts */
		return end != NULL ? (size_t)(end - sql) + 1 : strlen(sql);
	}
	if (sql[0] == '-' && sql[1] == '-')
		return strcspn(sql, "\n");
	if (*sql == '-')
		return 1;
	if (sql[0] == ':' && sql[1] == ':')
		return 2;
	if (*sql == ':')
		return strspn(sql + 1, LETTERS) > 0 ? 0 : 1;
	return strcspn(sql, "'\":-");
}

static size_t find(const struct parameters *parameters, const char *name, size_t len)
{
	for (size_t i = 0; i < parameters->count; i++)
		if (strlen(parameters->names[i]) == len &&
		    memcmp(parameters->names[i], name, len) == 0)
			return i + 1;
	return 0;
}

static size_t find_or_add(struct parameters *parameters, const char *name, size_t len)
{
	size_t i = find(parameters, name, len);

	if (i > 0 || parameters->count == PARAMETERS_MAX || len > PARAMETER_NAME_MAX)
		return i;
	memcpy(parameters->names[parameters->count], name, len);
	parameters->names[parameters->count][len] = '\0';
	return ++parameters->count;
}

static bool write_numbered(FILE *out, const char *sql, struct parameters *parameters)
{
	while (*sql != '\0') {
		size_t len = plain_len(sql);
		size_t number = 1;
		if (len > 0) {
			fwrite(sql, 1, len, out);
		} else {
			len = 1 + strspn(sql + 1, NAME);
			number = find_or_add(parameters, sql + 1, len - 1);
			fprintf(out, "$%zu", number);
		}
		if (number == 0)
			return false;
		sql += len;
	}
	return true;
}

char *parameters_number(const char *sql, struct parameters *parameters_out)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	parameters_out->count = 0;
	bool numbered = write_numbered(out, sql, parameters_out);
	if (fclose(out) == 0 && numbered)
		return text;
	free(text);
	return NULL;
}

size_t parameters_find(const struct parameters *parameters, const char *name)
{
	return name[0] == ':' ? find(parameters, name + 1, strlen(name + 1)) : 0;
}
