/* SPDX-License-Identifier: Apache-2.0 */
/* The file of profiles: "use = NAME", then [NAME] with registry, key_file and ca. */
#include "profile.h"
#include "registry.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_    40
#define PROFILES_MAX 100
#define FILE_MAX     65536

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ADD_REGISTRY, ADD_KEY_FILE, ADD_CA };
const struct opt cli_profile_add_options[] = {
	[ADD_REGISTRY] = {"registry", OPT_TEXT, OPT_MUST, "URL", .help = "https://host[:port]"},
	[ADD_KEY_FILE] = {"key-file", OPT_FILE, OPT_ONCE, "FILE", .help = "API key, mode 0600"},
	[ADD_CA] = {"ca", OPT_FILE, OPT_ONCE, "FILE", .help = "anchors of https, PEM"},
	{0},
};

struct profiles {
	char *use; /* NULL: none */
	struct profile item[PROFILES_MAX];
	size_t n;
};

void profile_clear(struct profile *profile)
{
	free(profile->name);
	free(profile->url);
	free(profile->key_file);
	free(profile->ca);
	*profile = (struct profile){0};
}

static void clear_all(struct profiles *profiles)
{
	for (size_t i = 0; i < profiles->n; i++)
		profile_clear(&profiles->item[i]);
	free(profiles->use);
	*profiles = (struct profiles){.n = 0};
}

/* The file's path; dir_out may be NULL. false: the home is not known, or the path is too long. */
static bool find_file(char path_out[PATH_MAX], char dir_out[PATH_MAX])
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char dir[PATH_MAX];
	int n = -1;

	if (config != NULL && config[0] == '/')
		n = snprintf(dir, sizeof(dir), "%s/attestel", config);
	else if (home != NULL && home[0] == '/')
		n = snprintf(dir, sizeof(dir), "%s/.config/attestel", home);
	if (n < 0 || n > PATH_MAX - 20)
		return false;
	if (dir_out != NULL)
		memcpy(dir_out, dir, sizeof(dir));
	snprintf(path_out, PATH_MAX, "%.*s/profiles.ini", n, dir);
	return true;
}

static struct profile *find(struct profiles *profiles, const char *name)
{
	for (size_t i = 0; i < profiles->n; i++)
		if (strcmp(profiles->item[i].name, name) == 0)
			return &profiles->item[i];
	return NULL;
}

static bool is_name(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL)
			return false;
	return n > 0 && n <= NAME_MAX_;
}

/* Cuts white space at both ends, in place. */
static char *trim(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* Where "name = value" of a section goes; NULL: no such name. */
static char **member_of(struct profiles *profiles, const char *name)
{
	struct profile *last = profiles->n > 0 ? &profiles->item[profiles->n - 1] : NULL;
	const struct {
		const char *name;
		char **at;
	} members[] = {
		{"use", last == NULL ? &profiles->use : NULL},
		{"registry", last != NULL ? &last->url : NULL},
		{"key_file", last != NULL ? &last->key_file : NULL},
		{"ca", last != NULL ? &last->ca : NULL},
	};

	for (size_t i = 0; i < COUNT(members); i++)
		if (members[i].at != NULL && strcmp(members[i].name, name) == 0)
			return members[i].at;
	return NULL;
}

static bool take_line(struct profiles *profiles, char *line)
{
	char *end = line + strlen(line), *value, **member;

	if (*line == '\0' || *line == '#' || *line == ';')
		return true;
	if (*line == '[' && end[-1] == ']') {
		end[-1] = '\0';
		line = trim(line + 1);
		if (!is_name(line) || find(profiles, line) != NULL || profiles->n == PROFILES_MAX)
			return false;
		profiles->item[profiles->n].name = strdup(line);
		return profiles->item[profiles->n++].name != NULL;
	}
	value = strchr(line, '=');
	if (value == NULL)
		return false;
	*value++ = '\0';
	member = member_of(profiles, trim(line));
	if (member == NULL || *member != NULL)
		return false;
	*member = strdup(trim(value));
	return *member != NULL;
}

/* No file is an empty one. false after a message. */
static bool load(struct profiles *profiles_out)
{
	char path[PATH_MAX], *line, *rest;
	struct io_bytes text = {0};
	bool ok = true;
	int number = 0;

	*profiles_out = (struct profiles){.n = 0};
	if (!find_file(path, NULL) || (access(path, F_OK) != 0 && errno == ENOENT))
		return true;
	if (!io_read_file(path, FILE_MAX, &text))
		return false;
	for (rest = text.p; ok && (line = strsep(&rest, "\n")) != NULL;) {
		number++;
		ok = take_line(profiles_out, trim(line));
	}
	if (!ok) {
		cli_say(CLI_USAGE, "%s:%d: a profile is [NAME], registry =, key_file =, ca =", path,
			number);
		clear_all(profiles_out);
	}
	io_bytes_clear(&text);
	return ok;
}

bool profile_find(const char *name, struct profile *profile_out)
{
	struct profiles profiles;
	struct profile *found = NULL;

	*profile_out = (struct profile){0};
	if (!load(&profiles))
		return false;
	if (name == NULL)
		name = getenv("ATTESTEL_PROFILE");
	if (name == NULL)
		name = profiles.use;
	if (name != NULL) {
		found = find(&profiles, name);
		if (found == NULL)
			cli_say(CLI_USAGE, "there is no profile %.40s: attestel profile list",
				name);
	}
	if (found != NULL) {
		*profile_out = *found;
		*found = (struct profile){0};
	}
	bool ok = name == NULL || profile_out->name != NULL;
	clear_all(&profiles);
	return ok;
}

static void write_member(FILE *to, const char *name, const char *value)
{
	if (value != NULL)
		fprintf(to, "%s = %s\n", name, value);
}

static enum cli_exit save(const struct profiles *profiles)
{
	char path[PATH_MAX], dir[PATH_MAX], *text = NULL, *slash;
	size_t n = 0;
	FILE *memory = open_memstream(&text, &n);
	bool saved = false;

	if (memory == NULL || !find_file(path, dir))
		return cli_say(CLI_FAILED, "$HOME is needed: that is where profiles are kept");
	write_member(memory, "use", profiles->use);
	for (size_t i = 0; i < profiles->n; i++) {
		fprintf(memory, "\n[%s]\n", profiles->item[i].name);
		write_member(memory, "registry", profiles->item[i].url);
		write_member(memory, "key_file", profiles->item[i].key_file);
		write_member(memory, "ca", profiles->item[i].ca);
	}
	/* ~/.config may be missing too */
	slash = strrchr(dir, '/');
	*slash = '\0';
	mkdir(dir, 0700);
	*slash = '/';
	mkdir(dir, 0700);
	if (fclose(memory) == 0)
		saved = io_replace(path, 0600, text, n);
	free(text);
	return saved ? CLI_OK : CLI_FAILED;
}

/* An absolute path, so that the profile works from every folder. NULL after a message. */
static bool take_path(const struct args *args, size_t row, char **path_out)
{
	const char *given = opt_text(args, row);

	*path_out = NULL;
	if (given == NULL)
		return true;
	*path_out = realpath(given, NULL);
	if (*path_out == NULL)
		cli_say(CLI_USAGE, "%.200s: %s", given, strerrordesc_np(errno));
	return *path_out != NULL;
}

static bool is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (!isgraph((unsigned char)*text))
			return false;
	return true;
}

enum cli_exit cli_profile_add(const struct command *command, const struct args *args)
{
	struct profiles profiles;
	enum cli_exit status = CLI_USAGE;
	struct profile *made;

	(void)command;
	if (!is_name(args->word[0]) || !is_one_line(opt_text(args, ADD_REGISTRY)))
		return cli_say(CLI_USAGE,
			       "a name has 1 to %d letters, digits, - _ . and a URL no spaces",
			       NAME_MAX_);
	if (!load(&profiles))
		return CLI_USAGE;
	made = find(&profiles, args->word[0]);
	if (made != NULL || profiles.n == PROFILES_MAX) {
		status = cli_say(CLI_USAGE, "there is a profile %s already", args->word[0]);
	} else {
		made = &profiles.item[profiles.n++];
		made->name = strdup(args->word[0]);
		made->url = strdup(opt_text(args, ADD_REGISTRY));
		if (profiles.use == NULL)
			profiles.use = strdup(args->word[0]);
		if (take_path(args, ADD_KEY_FILE, &made->key_file) &&
		    take_path(args, ADD_CA, &made->ca))
			status = save(&profiles);
	}
	clear_all(&profiles);
	return status;
}

enum cli_exit cli_profile_list(const struct command *command, const struct args *args)
{
	struct profiles profiles;

	(void)command;
	(void)args;
	if (!load(&profiles))
		return CLI_USAGE;
	for (size_t i = 0; i < profiles.n; i++) {
		const struct profile *p = &profiles.item[i];
		bool used = profiles.use != NULL && strcmp(profiles.use, p->name) == 0;

		printf("%s %-16s %s  %s\n", used ? "*" : " ", p->name, p->url ? p->url : "-",
		       p->key_file ? p->key_file : "no key");
	}
	clear_all(&profiles);
	return CLI_OK;
}

enum cli_exit cli_profile_use(const struct command *command, const struct args *args)
{
	struct profiles profiles;
	enum cli_exit status;

	(void)command;
	if (!load(&profiles))
		return CLI_USAGE;
	if (find(&profiles, args->word[0]) == NULL) {
		status = cli_say(CLI_USAGE, "there is no profile %.40s", args->word[0]);
	} else {
		free(profiles.use);
		profiles.use = strdup(args->word[0]);
		status = save(&profiles);
	}
	clear_all(&profiles);
	return status;
}
