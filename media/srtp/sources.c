/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of a context: which have a place, and what is kept of those that made place. */
#include "media/srtp/context.h"

#include <endian.h>
#include <stdlib.h>

#define NS 1000000000ULL
/* Of an outbound source that may leave: so many packets are made to bring it back, in the midst of
 * the others' packets (restore.c). At one in five seconds it is five hours. */
#define LEAVE_RTCP_MAX 4096
#define LEFT_FIRST     16
/* To come back takes milliseconds, and a forged packet is known only behind it: who floods with the
 * SSRCs of those that left gets one in so long. */
#define PAUSE (50 * NS / 1000)

/* Nearly always that of the packet before. */
static struct source *find(struct srtp_context *context, uint32_t ssrc)
{
	if (context->last < context->n_sources && context->sources[context->last].ssrc == ssrc)
		return &context->sources[context->last];
	for (size_t i = 0; i < context->n_sources; i++)
		if (context->sources[i].ssrc == ssrc) {
			context->last = i;
			return &context->sources[i];
		}
	return NULL;
}

void source_drop_stream(struct srtp_context *context, uint32_t ssrc)
{
	/* in network order, where srtp_get_stream_roc() takes it in that of the host */
	srtp_remove_stream(context->session, htobe32(ssrc));
}

bool source_is_full(const struct srtp_context *context)
{
	return context->n_sources + context->n_left >= SRTP_SSRC_MAX;
}

struct srtp_source source_saved(const struct srtp_context *context, const struct source *source)
{
	struct srtp_source saved = {.ssrc = source->ssrc,
				    .sequence = source->sequence,
				    .offset = source->offset,
				    .rtp = source->started,
				    .rtcp_index = source->rtcp_index};

	if (source->started &&
	    srtp_get_stream_roc(context->session, source->ssrc, &saved.roc) != srtp_err_status_ok)
		saved.roc = 0;
	return saved;
}

bool source_keep(struct srtp_context *context, const struct srtp_source *saved)
{
	if (context->n_left == context->room) {
		const size_t room = context->room > 0 ? 2 * context->room : LEFT_FIRST;
		struct srtp_source *left = reallocarray(context->left, room, sizeof(*left));

		if (!left)
			return false;
		context->left = left;
		context->room = room;
	}
	context->left[context->n_left++] = *saved;
	return true;
}

static bool may_leave(const struct srtp_context *context, const struct source *source)
{
	return context->now - source->heard >= SRTP_SILENT_SECONDS * NS &&
	       (context->inbound || source->rtcp_index <= LEAVE_RTCP_MAX);
}

static struct source *longest_silent(struct srtp_context *context)
{
	struct source *found = NULL;

	for (size_t i = 0; i < context->n_sources; i++) {
		struct source *source = &context->sources[i];

		if (may_leave(context, source) && (!found || source->heard < found->heard))
			found = source;
	}
	return found;
}

/* There is a place, or one is made: its counters are kept before its stream goes. */
static bool make_place(struct srtp_context *context)
{
	struct source *source;
	struct srtp_source saved;

	if (context->n_sources < SRTP_LIVE_MAX)
		return true;
	source = longest_silent(context);
	if (!source)
		return false;
	saved = source_saved(context, source);
	if (!source_keep(context, &saved))
		return false;
	source_drop_stream(context, source->ssrc);
	*source = context->sources[--context->n_sources];
	return true;
}

struct source *source_add(struct srtp_context *context, uint32_t ssrc)
{
	struct source *source;

	if (source_is_full(context) || !make_place(context))
		return NULL;
	source = &context->sources[context->n_sources++];
	*source = (struct source){.ssrc = ssrc};
	return source;
}

static struct source *come_back(struct srtp_context *context, size_t i)
{
	struct source *source = NULL;

	if (context->inbound && context->now < context->pause)
		return NULL;
	context->pause = context->now + PAUSE;
	if (make_place(context))
		source = source_resume(context, &context->left[i]);
	if (source)
		context->left[i] = context->left[--context->n_left];
	return source;
}

bool source_call(struct srtp_context *context, uint32_t ssrc, struct source **out)
{
	*out = find(context, ssrc);
	for (size_t i = 0; !*out && i < context->n_left; i++)
		if (context->left[i].ssrc == ssrc) {
			*out = come_back(context, i);
			return *out;
		}
	return true;
}
