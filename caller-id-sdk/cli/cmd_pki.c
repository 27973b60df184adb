/* SPDX-License-Identifier: Apache-2.0 */
/* attestel pki init, attestel pki issue: a development PKI in a folder. */
#include "pki.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DAY_S	   86400
#define EPOCH_MAX  253402300799 /* 9999-12-31 23:59:59 */
#define ORG_PREFIX "Attestel Development"

/* RFC 6761 §6.4: a name that is never found, so that nobody asks a stranger for our CRL. */
#define CRL_URL_DEFAULT "https://crl.invalid/crl.pem"

enum { INIT_NAME, INIT_COUNTRY, INIT_NOT_BEFORE, INIT_NOT_AFTER, INIT_CRL_URL };

const struct opt cli_pki_init_options[] = {
	[INIT_NAME] = {"name", OPT_TEXT, OPT_ONCE, "TEXT",
		       .help = "organization in the certificates; default: " ORG_PREFIX},
	[INIT_COUNTRY] = {"country", OPT_TEXT, OPT_ONCE, "CC", .help = "default: US"},
	[INIT_NOT_BEFORE] = {"not-before", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, EPOCH_MAX,
			     .help = "start of validity; default: five minutes ago"},
	[INIT_NOT_AFTER] = {"not-after", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, EPOCH_MAX,
			    .help = "end of validity; default: roots 20 years, others 15"},
	[INIT_CRL_URL] = {"crl-url", OPT_TEXT, OPT_ONCE, "URL",
			  .help = "where you publish DIR/crl.pem; default: " CRL_URL_DEFAULT
				  ", which is nowhere"},
	{0},
};

enum {
	ISSUE_TYPE,
	ISSUE_SPC,
	ISSUE_TN,
	ISSUE_RANGE,
	ISSUE_HOST,
	ISSUE_ISSUER,
	ISSUE_ORG,
	ISSUE_COUNTRY,
	ISSUE_DAYS,
	ISSUE_NOT_BEFORE,
	ISSUE_NOT_AFTER,
	ISSUE_CRL_URL,
	ISSUE_PUBLIC_KEY
};

const struct opt cli_pki_issue_options[] = {
	[ISSUE_TYPE] = {"type", OPT_TEXT, OPT_MUST, "TYPE",
			.help = "shaken, delegate-ca, delegate or tls-server"},
	[ISSUE_SPC] = {"spc", OPT_TEXT, OPT_ONCE, "CODE", .help = "service provider code"},
	[ISSUE_TN] = {"tn", OPT_TEXT, OPT_MANY, "TN", .help = "one telephone number"},
	[ISSUE_RANGE] = {"range", OPT_TEXT, OPT_MANY, "START:COUNT",
			 .help = "COUNT numbers from START"},
	[ISSUE_HOST] = {"host", OPT_TEXT, OPT_MANY, "NAME|IP",
			.help = "host of a web server (tls-server)"},
	[ISSUE_ISSUER] = {"issuer", OPT_TEXT, OPT_ONCE, "NAME",
			  .help = "authority in DIR; default: intermediate, for a delegate "
				  "delegate-ca"},
	[ISSUE_ORG] = {"org", OPT_TEXT, OPT_ONCE, "TEXT",
		       .help = "organization of the subject; default: NAME"},
	[ISSUE_COUNTRY] = {"country", OPT_TEXT, OPT_ONCE, "CC", .help = "default: US"},
	[ISSUE_DAYS] = {"days", OPT_NUMBER, OPT_ONCE, "N", 1, 3650,
			.help = "days of validity; default: 90, a delegate-ca 365"},
	[ISSUE_NOT_BEFORE] = {"not-before", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, EPOCH_MAX,
			      .help = "start of validity; default: five minutes ago"},
	[ISSUE_NOT_AFTER] = {"not-after", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, EPOCH_MAX,
			     .help = "end of validity, instead of --days"},
	[ISSUE_CRL_URL] = {"crl-url", OPT_TEXT, OPT_ONCE, "URL",
			   .help = "where verifiers find the CRL; default: where the issuer's is"},
	[ISSUE_PUBLIC_KEY] = {"public-key", OPT_FILE, OPT_ONCE, "FILE",
			      .help = "certify this P-256 key, PEM, instead of making one"},
	{0},
};

/* The rows of an option table that spell a subject and a validity. */
struct common_rows {
	size_t country, not_before, not_after;
};

static bool set_common(struct pki_request *request, const struct args *args,
		       const struct common_rows *rows, int64_t days)
{
	int64_t now = time(NULL);
	const char *country = opt_text(args, rows->country);

	request->country = country != NULL ? country : "US";
	request->not_before = opt_number(args, rows->not_before, now - PKI_BACKDATE_S);
	/* A start that was asked for is the start of the days, too. */
	now = opt_number(args, rows->not_before, now);
	request->not_after = opt_number(args, rows->not_after, now + days * DAY_S);
	if (strlen(request->country) != 2 ||
	    strspn(request->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2) {
		cli_say(CLI_USAGE, "--country: allowed are two capital letters");
		return false;
	}
	if (request->not_after <= request->not_before) {
		cli_say(CLI_USAGE, "the end of validity is not after its start");
		return false;
	}
	return true;
}

static bool is_organization(const char *option, const char *text)
{
	/* RFC 5280 appendix A: ub-organization-name; the common name adds a word to it. */
	if (*text != '\0' && strlen(text) <= 40)
		return true;
	cli_say(CLI_USAGE, "--%s: allowed are 1 to 40 bytes", option);
	return false;
}

static bool is_empty(const char *dir)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	bool empty = stream != NULL;

	while (empty && (entry = readdir(stream)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (stream != NULL)
		closedir(stream);
	return empty;
}

/* A new folder, or one that is empty and ours; open to nobody else. */
static bool make_dir(const char *dir)
{
	if (mkdir(dir, S_IRWXU) == 0)
		return true;
	if (errno != EEXIST) {
		cli_say(CLI_FAILED, "%s: %s", dir, strerror(errno));
		return false;
	}
	if (!is_empty(dir)) {
		cli_say(CLI_FAILED, "%s is not an empty folder; nothing is overwritten", dir);
		return false;
	}
	if (chmod(dir, S_IRWXU) != 0) {
		cli_say(CLI_FAILED, "%s: %s", dir, strerror(errno));
		return false;
	}
	return true;
}

static bool set_crl_url(struct pki_request *request, const char *url)
{
	/* What RFC 3986 has in a plain one; no query, no user, no fragment. */
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~:/%";

	request->crl_url = url;
	if (url == NULL || (strncmp(url, "https://", 8) == 0 && strlen(url) <= PKI_URL_MAX &&
			    strspn(url, allowed) == strlen(url)))
		return true;
	cli_say(CLI_USAGE, "--crl-url %.80s: not a plain https URL", url);
	return false;
}

/* A certificate that the CRL issuer's CRL tells of says where that stands: as asked, as the
 * issuer's own certificate says, or nowhere. url and crl_issuer_out keep what request then points
 * to. */
static bool point_to_crl(const char *dir, struct pki_request *request,
			 const struct pki_issuer *issuer, char url[PKI_URL_MAX + 1],
			 X509 **crl_issuer_out)
{
	if (!pki_profiles[request->type].sti)
		return true;
	if (request->crl_url == NULL)
		request->crl_url = pki_crl_url_of(issuer->cert, url) ? url : CRL_URL_DEFAULT;
	*crl_issuer_out = pki_load_certificate(dir, pki_profiles[PKI_CRL_ISSUER].name);
	request->crl_issuer = *crl_issuer_out;
	return request->crl_issuer != NULL;
}

/* Makes one certificate and, unless it is given, its key, signed by issuer (NULL: by itself), and
 * stores both. */
static bool make_one(const char *dir, const char *name, const struct pki_request *request,
		     const struct pki_issuer *issuer)
{
	const char *given = request->public_key;
	CLI_CLEANUP(pki_pkey_free)
	EVP_PKEY *key = given != NULL ? pki_load_public_key(given) : pki_key_new();
	CLI_CLEANUP(pki_x509_free) X509 *cert = NULL;
	CLI_CLEANUP(pki_x509_free) X509 *crl_issuer = NULL;
	struct pki_request full = *request;
	char url[PKI_URL_MAX + 1];

	if (key == NULL || !point_to_crl(dir, &full, issuer, url, &crl_issuer))
		return false;
	cert = pki_certificate_new(&full, issuer, key);
	return cert != NULL && pki_store(dir, name, given == NULL ? key : NULL, cert,
					 issuer != NULL ? issuer->chain : NULL);
}

static bool make_authority(const char *dir, enum pki_type type, const struct args *args,
			   const char *organization)
{
	static const struct common_rows rows = {INIT_COUNTRY, INIT_NOT_BEFORE, INIT_NOT_AFTER};
	static const char *const title[] = {
		[PKI_ROOT] = "SHAKEN Root",
		[PKI_CRL_ISSUER] = "SHAKEN CRL Issuer",
		[PKI_INTERMEDIATE] = "SHAKEN Intermediate",
		[PKI_TLS_ROOT] = "TLS Root",
	};
	const struct pki_profile *profile = &pki_profiles[type];
	struct pki_request request = {.type = type, .organization = organization};
	struct pki_issuer issuer = {0};
	char common_name[PKI_NAME_MAX + 1];
	bool ok;

	snprintf(common_name, sizeof(common_name), "%s %s", organization, title[type]);
	request.common_name = common_name;
	if (!set_common(&request, args, &rows, profile->default_days))
		return false;
	if (profile->sti)
		request.crl_url = opt_text(args, INIT_CRL_URL);
	if (profile->issuer != NULL && !pki_load_issuer(dir, profile->issuer, &issuer))
		return false;
	ok = make_one(dir, profile->name, &request, profile->issuer != NULL ? &issuer : NULL);
	pki_issuer_clear(&issuer);
	return ok;
}

enum cli_exit cli_pki_init(const struct command *command, const struct args *args)
{
	static const enum pki_type order[] = {PKI_ROOT, PKI_CRL_ISSUER, PKI_INTERMEDIATE,
					      PKI_TLS_ROOT};
	static const struct common_rows rows = {INIT_COUNTRY, INIT_NOT_BEFORE, INIT_NOT_AFTER};
	const char *name = opt_text(args, INIT_NAME);
	const char *dir = args->word[0];
	struct pki_request probe = {0};

	(void)command;
	name = name != NULL ? name : ORG_PREFIX;
	/* Whatever is wrong with the options is said before the folder is made. */
	if (!is_organization("name", name) || !set_common(&probe, args, &rows, 1) ||
	    !set_crl_url(&probe, opt_text(args, INIT_CRL_URL)))
		return CLI_USAGE;
	if (!make_dir(dir))
		return CLI_FAILED;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (!make_authority(dir, order[i], args, name))
			return CLI_FAILED;
	printf("STI anchor    %s/root.pem\nintermediate  %s/intermediate.pem\nCRL issuer    "
	       "%s/crl-issuer.pem\nTLS anchor    %s/tls-root.pem\n",
	       dir, dir, dir, dir);
	return CLI_OK;
}

static bool find_type(const char *name, enum pki_type *type_out)
{
	for (int i = PKI_SHAKEN; i < PKI_TYPE_COUNT; i++)
		if (strcmp(pki_profiles[i].name, name) == 0) {
			*type_out = (enum pki_type)i;
			return true;
		}
	cli_say(CLI_USAGE, "--type %.40s: allowed are shaken, delegate-ca, delegate and tls-server",
		name);
	return false;
}

static bool check_need(enum pki_need need, size_t n, const char *type, const char *option)
{
	if (need == PKI_MUST && n == 0) {
		cli_say(CLI_USAGE, "a %s certificate needs %s", type, option);
		return false;
	}
	if (need == PKI_NONE && n > 0) {
		cli_say(CLI_USAGE, "a %s certificate has no %s", type, option);
		return false;
	}
	return true;
}

static bool check_needs(const struct pki_profile *profile, const struct args *args)
{
	size_t n_spc = args->given[ISSUE_SPC].n;
	size_t n_numbers = args->given[ISSUE_TN].n + args->given[ISSUE_RANGE].n;

	if (profile == &pki_profiles[PKI_DELEGATE_CA] && n_spc + n_numbers == 0) {
		cli_say(CLI_USAGE, "a delegate-ca certificate needs --spc, --tn or --range");
		return false;
	}
	return check_need(profile->spc, n_spc, profile->name, "--spc") &&
	       check_need(profile->numbers, n_numbers, profile->name, "--tn or --range") &&
	       check_need(profile->hosts, args->given[ISSUE_HOST].n, profile->name, "--host");
}

static bool is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.";
	unsigned char address[sizeof(struct in6_addr)];
	size_t n = strlen(host);

	if (pki_is_address(host))
		return inet_pton(strchr(host, ':') != NULL ? AF_INET6 : AF_INET, host, address) ==
		       1;
	return n <= 253 && strspn(host, allowed) == n;
}

static bool set_hosts(struct pki_request *request, const struct opt_given *given)
{
	if (given->n > PKI_HOSTS_MAX) {
		cli_say(CLI_USAGE, "--host can be given %d times at most", PKI_HOSTS_MAX);
		return false;
	}
	for (size_t i = 0; i < given->n; i++) {
		if (!is_host(given->text[i])) {
			cli_say(CLI_USAGE, "--host %.80s is not a name or an address",
				given->text[i]);
			return false;
		}
		request->host[request->n_hosts++] = given->text[i];
	}
	return true;
}

/* Everything of the request but its names. */
static bool set_request(struct pki_request *request, const struct args *args)
{
	static const struct common_rows rows = {ISSUE_COUNTRY, ISSUE_NOT_BEFORE, ISSUE_NOT_AFTER};
	const struct pki_profile *profile = &pki_profiles[request->type];
	const struct pki_scope_words words = {&args->given[ISSUE_SPC], &args->given[ISSUE_TN],
					      &args->given[ISSUE_RANGE]};

	if (args->given[ISSUE_DAYS].n > 0 && args->given[ISSUE_NOT_AFTER].n > 0) {
		cli_say(CLI_USAGE, "--days and --not-after exclude each other");
		return false;
	}
	return check_needs(profile, args) && set_crl_url(request, opt_text(args, ISSUE_CRL_URL)) &&
	       set_common(request, args, &rows,
			  opt_number(args, ISSUE_DAYS, profile->default_days)) &&
	       set_hosts(request, &args->given[ISSUE_HOST]) && pki_scope_parse(&words, request);
}

static bool is_reserved(const char *name)
{
	return strcmp(name, "root") == 0 || strcmp(name, "intermediate") == 0 ||
	       strcmp(name, "tls-root") == 0 || strcmp(name, "crl-issuer") == 0 ||
	       strcmp(name, "crl") == 0;
}

static enum cli_exit issue(const char *dir, const char *name, const char *issuer_name,
			   const struct pki_request *request)
{
	struct pki_issuer issuer = {0};
	bool web = strcmp(issuer_name, "tls-root") == 0;
	enum cli_exit status = CLI_FAILED;

	/* The trust of the web and that of telephone numbers are never one. */
	if (web != (request->type == PKI_TLS_SERVER))
		return cli_say(CLI_USAGE, "--issuer %.64s does not issue this type", issuer_name);
	if (!pki_load_issuer(dir, issuer_name, &issuer)) {
		if (request->type == PKI_DELEGATE)
			cli_say(CLI_FAILED, "a delegate needs its authority: attestel pki issue "
					    "DIR delegate-ca --type delegate-ca --spc CODE");
		return CLI_FAILED;
	}
	if (!pki_scope_fits(request, issuer.cert))
		status = CLI_USAGE;
	else if (make_one(dir, name, request, &issuer))
		status = CLI_OK;
	pki_issuer_clear(&issuer);
	if (status == CLI_OK && request->public_key == NULL)
		printf("key          %s/%s.key\n", dir, name);
	if (status == CLI_OK)
		printf("certificate  %s/%s.pem\n", dir, name);
	return status;
}

enum cli_exit cli_pki_issue(const struct command *command, const struct args *args)
{
	const char *dir = args->word[0];
	const char *name = args->word[1];
	const char *issuer = opt_text(args, ISSUE_ISSUER);
	const char *org = opt_text(args, ISSUE_ORG);
	struct pki_request request = {0};
	char common_name[PKI_NAME_MAX + 1];

	(void)command;
	if (!pki_name_is_safe(name) || is_reserved(name))
		return cli_say(CLI_USAGE,
			       "NAME %.70s: allowed are 1 to %d of letters, digits, - _ . and not "
			       "root, intermediate, tls-root, crl-issuer, crl",
			       name, PKI_NAME_MAX);
	if (issuer != NULL && !pki_name_is_safe(issuer))
		return cli_say(CLI_USAGE, "--issuer is the name of an authority in DIR");
	if (!find_type(opt_text(args, ISSUE_TYPE), &request.type) || !set_request(&request, args) ||
	    (org != NULL && !is_organization("org", org)))
		return CLI_USAGE;
	/* ATIS-1000080 §6.4.1: the common name of a SHAKEN certificate is "SHAKEN <SPC>". */
	if (request.type == PKI_SHAKEN)
		snprintf(common_name, sizeof(common_name), "SHAKEN %s", request.scope[0].text);
	else
		snprintf(common_name, sizeof(common_name), "%s", name);
	request.common_name = common_name;
	request.organization = org != NULL ? org : name;
	if (issuer == NULL)
		issuer = pki_profiles[request.type].issuer;
	request.public_key = opt_text(args, ISSUE_PUBLIC_KEY);
	return issue(dir, name, issuer, &request);
}
