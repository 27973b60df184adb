/* SPDX-License-Identifier: Apache-2.0 */
/* Magic, nonce, time, ciphertext, tag; the first three are authenticated with the contents. */
#include "media/state/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "svc/runtime/whole.h"
#include "svc/runtime/wipe.h"

#define MAGIC	   "attestel-media 1"
#define MAGIC_LEN  16
#define NONCE_LEN  12
#define TIME_LEN   8
#define HEAD_LEN   (MAGIC_LEN + NONCE_LEN + TIME_LEN)
#define TAG_LEN	   16
#define PATH_BYTES 4096

static bool fail(char *err, size_t size, const char *path, const char *why)
{
	snprintf(err, size, "%s: %s", path, why);
	return false;
}

static bool fail_errno(char *err, size_t size, const char *path)
{
	return fail(err, size, path, strerror(errno));
}

/* The only one of its reasons that shows nothing of what to do. */
static bool fail_to_make(char *err, size_t size, const char *path)
{
	char copy[PATH_BYTES];

	if (errno != ENOENT)
		return fail_errno(err, size, path);
	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(err, size,
		 "%s: its folder is not there; make it, for the relay's user: "
		 "install -d -m 700 -o USER %s",
		 path, dirname(copy));
	return false;
}

static bool make_key(const char *path, char *err, size_t size)
{
	struct seal_key key;
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_to_make(err, size, path);
	const bool ok = RAND_priv_bytes(key.bytes, sizeof(key.bytes)) == 1 &&
			whole_write(fd, key.bytes, sizeof(key.bytes));
	OPENSSL_cleanse(&key, sizeof(key));
	close(fd);
	return ok || fail(err, size, path, "cannot write a key");
}

bool seal_key_load(const char *path, bool make, struct seal_key *out, char *err, size_t size)
{
	struct stat st;

	if (make && access(path, F_OK) < 0 && errno == ENOENT && !make_key(path, err, size))
		return false;
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return fail(err, size, path,
			    "there is no key, and none is made here; make one, mode 0400: "
			    "openssl rand -out FILE 32");
	if (fd < 0)
		return fail_errno(err, size, path);
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		  ((st.st_mode & 077) == 0 && (st.st_uid == 0 || st.st_uid == geteuid()));
	if (!ok)
		fail(err, size, path, "others may read it, or it is another user's; chmod 0400");
	else if (!(ok = st.st_size == SEAL_KEY_LEN &&
			whole_read(fd, out->bytes, SEAL_KEY_LEN) == SEAL_KEY_LEN))
		fail(err, size, path, "a key has 32 bytes: head -c 32 /dev/urandom");
	close(fd);
	return ok;
}

static void put_time(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < TIME_LEN; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t get_time(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < TIME_LEN; i++)
		v = v << 8 | p[i];
	return v;
}

static bool encrypt(const struct seal_key *key, uint8_t *file, const uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *sealed = file + HEAD_LEN;
	int n = 0;
	bool ok = ctx &&
		  EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, file + MAGIC_LEN) ==
			  1 &&
		  EVP_EncryptUpdate(ctx, NULL, &n, file, HEAD_LEN) == 1 &&
		  EVP_EncryptUpdate(ctx, sealed, &n, data, (int)len) == 1 &&
		  EVP_EncryptFinal_ex(ctx, sealed + n, &n) == 1 &&
		  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, sealed + len) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool decrypt(const struct seal_key *key, uint8_t *file, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *sealed = file + HEAD_LEN;
	int n = 0;
	bool ok = ctx &&
		  EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, file + MAGIC_LEN) ==
			  1 &&
		  EVP_DecryptUpdate(ctx, NULL, &n, file, HEAD_LEN) == 1 &&
		  EVP_DecryptUpdate(ctx, out, &n, sealed, (int)len) == 1 &&
		  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, sealed + len) == 1 &&
		  EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool sync_folder(const char *path)
{
	char copy[PATH_BYTES];

	snprintf(copy, sizeof(copy), "%s", path);
	const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool replace(const char *path, const uint8_t *file, size_t len)
{
	char fresh[PATH_BYTES];

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return false;
	unlink(fresh);
	const int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && whole_write(fd, file, len) && fsync(fd) == 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	return ok && rename(fresh, path) == 0 && sync_folder(path);
}

bool seal_write(const char *path, const struct seal_key *key, const uint8_t *data, size_t len,
		char *err, size_t size)
{
	if (len > SEAL_BYTES_MAX)
		return fail(err, size, path, "too many calls for a state file");
	uint8_t *file = malloc(HEAD_LEN + len + TAG_LEN);
	if (!file)
		return fail(err, size, path, "no memory");
	memcpy(file, MAGIC, MAGIC_LEN);
	put_time(file + MAGIC_LEN + NONCE_LEN, (uint64_t)time(NULL));
	errno = EIO;
	const bool ok = RAND_bytes(file + MAGIC_LEN, NONCE_LEN) == 1 &&
			encrypt(key, file, data, len) &&
			replace(path, file, HEAD_LEN + len + TAG_LEN);
	free(file);
	return ok || fail_errno(err, size, path);
}

/* The whole file, gone from the disk. NULL: none, or err. */
static uint8_t *take_file(const char *path, size_t *len_out, char *err, size_t size)
{
	struct stat st;
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t *file = NULL;

	if (fd < 0) {
		if (errno != ENOENT)
			fail_errno(err, size, path);
		return NULL;
	}
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= HEAD_LEN + TAG_LEN &&
		  st.st_size <= HEAD_LEN + (off_t)SEAL_BYTES_MAX + TAG_LEN &&
		  (file = malloc((size_t)st.st_size)) &&
		  whole_read(fd, file, (size_t)st.st_size) == st.st_size;
	close(fd);
	if (unlink(path) < 0 || !sync_folder(path))
		ok = fail(err, size, path, "cannot be removed, and so must not be used");
	else if (!ok)
		fail(err, size, path, "no state file");
	if (ok) {
		*len_out = (size_t)st.st_size;
		return file;
	}
	free(file);
	return NULL;
}

uint8_t *seal_take(const char *path, const struct seal_key *key, size_t *len_out, char *err,
		   size_t size)
{
	size_t n = 0;
	uint8_t *file, *data = NULL;

	err[0] = 0;
	if (!(file = take_file(path, &n, err, size)))
		return NULL;
	const size_t len = n - HEAD_LEN - TAG_LEN;
	const uint64_t written = get_time(file + MAGIC_LEN + NONCE_LEN), now = (uint64_t)time(NULL);
	if (memcmp(file, MAGIC, MAGIC_LEN) != 0 || !(data = malloc(len + 1)) ||
	    !decrypt(key, file, len, data))
		fail(err, size, path, "was sealed with another key, or changed");
	else if (written > now || now - written > SEAL_FRESH_S)
		fail(err, size, path, "is too old: its calls have ended");
	free(file);
	if (!err[0]) {
		data[len] = 0;
		*len_out = len;
		return data;
	}
	wipe_free(data); /* too old, or not what was written: keys all the same */
	return NULL;
}
