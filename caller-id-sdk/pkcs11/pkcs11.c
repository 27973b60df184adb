/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#11 has no deadlines: C_Sign() of a token behind a network may hang for minutes. So all that
 * touches the token happens in one thread, and who wants a signature waits for it no longer than
 * the call can.
 */
#include <callerid/pkcs11.h>

#include "token.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OPEN_MS	   10000
#define DEFAULT_MS 500
#define REST_MS	   1000 /* between two attempts to find a token that is gone */

/* A signature's way: asked by a caller, done by the thread, taken by the caller. */
enum stage { IDLE, ASKED, DONE };

struct callerid_pkcs11 {
	struct token *token; /* the thread's alone */
	int64_t timeout_ms;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below; not held while the token works */
	pthread_cond_t changed;
	enum stage stage;
	bool late;	/* who asked has gone; the answer is for nobody */
	bool stop;	/* the thread ends */
	bool abandoned; /* and frees this */
	bool only_open; /* what is asked is no signature yet */
	uint8_t digest[32], raw[64];
	enum callerid_status status;
	struct callerid_error err;
	int64_t rest_until; /* ms: until then a failure is answered by the last one */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until something has changed; false after the deadline. */
static bool wait_until(struct callerid_pkcs11 *key, int64_t deadline)
{
	struct timespec t = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};

	return pthread_cond_timedwait(&key->changed, &key->lock, &t) == 0;
}

static void destroy(struct callerid_pkcs11 *key)
{
	token_free(key->token);
	pthread_cond_destroy(&key->changed);
	pthread_mutex_destroy(&key->lock);
	free(key);
}

/* What was asked, in the thread, without the lock: the fields are its own while stage is ASKED. */
static void work(struct callerid_pkcs11 *key)
{
	uint8_t digest[32], raw[64] = {0};
	struct callerid_error err = {0};
	bool only_open = key->only_open;
	enum callerid_status status;

	memcpy(digest, key->digest, sizeof(digest));
	pthread_mutex_unlock(&key->lock);
	status = only_open ? token_connect(key->token, &err)
			   : token_sign(key->token, digest, raw, &err);
	pthread_mutex_lock(&key->lock);
	memcpy(key->raw, raw, sizeof(raw));
	key->status = status;
	key->err = err;
	key->rest_until = status == CALLERID_OK ? 0 : now_ms() + REST_MS;
	key->stage = key->late ? IDLE : DONE;
	key->late = false;
	pthread_cond_broadcast(&key->changed);
}

static void *run(void *magic)
{
	struct callerid_pkcs11 *key = magic;
	bool abandoned;

	pthread_mutex_lock(&key->lock);
	while (!key->stop) {
		if (key->stage == ASKED)
			work(key);
		else
			pthread_cond_wait(&key->changed, &key->lock);
	}
	abandoned = key->abandoned;
	pthread_mutex_unlock(&key->lock);
	if (abandoned)
		destroy(key);
	return NULL;
}

static enum callerid_status no_answer(struct callerid_error *err, int64_t ms)
{
	return token_fail(err, CALLERID_EIO, "the token did not answer within %d ms", (int)ms);
}

/* With the lock: asks the thread and waits; digest NULL asks it to connect. */
static enum callerid_status ask(struct callerid_pkcs11 *key, const uint8_t *digest, int64_t ms,
				struct callerid_error *err)
{
	int64_t deadline = now_ms() + ms;

	while (key->stage != IDLE)
		if (key->late || !wait_until(key, deadline))
			return no_answer(err, ms);
	if (now_ms() < key->rest_until) {
		*err = key->err;
		return key->status;
	}
	key->stage = ASKED;
	key->only_open = digest == NULL;
	if (digest != NULL)
		memcpy(key->digest, digest, sizeof(key->digest));
	pthread_cond_broadcast(&key->changed);
	while (key->stage != DONE)
		if (!wait_until(key, deadline) && key->stage != DONE) {
			key->late = true;
			return no_answer(err, ms);
		}
	key->stage = IDLE;
	pthread_cond_broadcast(&key->changed);
	if (key->status != CALLERID_OK)
		*err = key->err;
	return key->status;
}

enum callerid_status callerid_pkcs11_sign(void *magic, const uint8_t digest[32],
					  uint8_t raw_out[64], struct callerid_error *err)
{
	struct callerid_pkcs11 *key = magic;
	struct callerid_error ours;
	enum callerid_status status;

	pthread_mutex_lock(&key->lock);
	status = ask(key, digest, key->timeout_ms, err != NULL ? err : &ours);
	if (status == CALLERID_OK)
		memcpy(raw_out, key->raw, sizeof(key->raw));
	pthread_mutex_unlock(&key->lock);
	return status;
}

static bool start(struct callerid_pkcs11 *key)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	bool ok;

	pthread_mutex_init(&key->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&key->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	/* The program's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&key->thread, NULL, run, key) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

enum callerid_status callerid_pkcs11_open(const struct callerid_pkcs11_params *params,
					  struct callerid_pkcs11 **key_out,
					  struct callerid_error *err)
{
	struct callerid_error ours;
	struct callerid_pkcs11 *key;
	enum callerid_status status;

	if (err == NULL)
		err = &ours;
	key = calloc(1, sizeof(*key));
	if (key == NULL)
		return token_fail(err, CALLERID_ENOMEM, "no memory");
	key->timeout_ms = params->timeout_ms > 0 ? params->timeout_ms : DEFAULT_MS;
	status = token_new(params->uri, params->pin, &key->token, err);
	if (status != CALLERID_OK) {
		free(key);
		return status;
	}
	if (!start(key)) {
		destroy(key);
		return token_fail(err, CALLERID_ENOMEM, "no thread");
	}
	pthread_mutex_lock(&key->lock);
	status = ask(key, NULL, params->open_ms > 0 ? params->open_ms : OPEN_MS, err);
	pthread_mutex_unlock(&key->lock);
	if (status == CALLERID_OK)
		*key_out = key;
	else
		callerid_pkcs11_close(key);
	return status;
}

void callerid_pkcs11_close(struct callerid_pkcs11 *key)
{
	bool abandoned;

	if (key == NULL)
		return;
	pthread_mutex_lock(&key->lock);
	key->stop = true;
	key->abandoned = key->late;
	abandoned = key->abandoned;
	if (abandoned)
		pthread_detach(key->thread);
	pthread_cond_broadcast(&key->changed);
	pthread_mutex_unlock(&key->lock);
	if (abandoned)
		return;
	pthread_join(key->thread, NULL);
	destroy(key);
}
