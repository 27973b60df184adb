/* SPDX-License-Identifier: Apache-2.0 */
/* Which parties a subscriber hears, and which m-lines they get. */
#include "tests/unit/media/state/state_kit.h"
#include "media/session/subscribe.h"

#define HEAD  "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"
#define VIDEO "m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

/* Everything is done on the worker; what is to be said of it is kept, as text. */
struct bench {
	struct kit kit; /* first: the kit gives it back */
	char said[2048];
};

static void say(struct bench *bench, const char *text)
{
	size_t n = strlen(bench->said);

	snprintf(bench->said + n, sizeof(bench->said) - n, "%s ", text);
}

static struct party *party(struct call *call, const char *tag, const char *label, const char *sdp)
{
	struct ng_text name = kit_text(tag);
	struct party *made = party_new(call);
	const char *why;
	struct sdp *read = sdp ? sdp_parse(sdp, strlen(sdp), &why) : NULL;

	if (!made || !party_set_tag(made, &name) || (sdp && !read))
		abort();
	made->label = label ? strdup(label) : NULL;
	made->sdp = sdp ? strdup(sdp) : NULL;
	made->sdp_len = sdp ? strlen(sdp) : 0;
	for (size_t i = 0; read && i < read->n_medias; i++)
		if (!said_take(&party_stream(made, i)->said, read, i))
			abort();
	sdp_free(read);
	return made;
}

static struct call *call_of(struct desk *desk)
{
	struct ng_text id = kit_text("call");

	return call_new(desk, &id);
}

static void chosen(struct bench *bench, const struct call *call, const struct ng_request *request)
{
	struct subscription subscription;

	subscription_choose(&subscription, call, request);
	for (size_t i = 0; i < subscription.n_publishers; i++)
		say(bench, subscription.publishers[i]->tag);
	say(bench, "/");
}

static void choose(struct kit *kit, struct desk *desk)
{
	struct bench *bench = (struct bench *)kit;
	struct call *call = call_of(desk);

	party(call, "a", "caller", HEAD AUDIO);
	party(call, "b", NULL, HEAD AUDIO);
	party(call, "ringing", NULL, NULL);
	party(call, "c", "third", HEAD AUDIO);
	party(call, "ear", NULL, HEAD AUDIO)->subscriber = true;
	chosen(bench, call, &(struct ng_request){.all = true});
	chosen(bench, call, &(struct ng_request){.all = true, .from_tag = kit_text("b")});
	chosen(bench, call,
	       &(struct ng_request){.from_tags = {kit_text("c"), kit_text("x"), kit_text("a"),
						  kit_text("c"), kit_text("ear")},
				    .n_from_tags = 5});
	chosen(bench, call,
	       &(struct ng_request){
		       .from_tags = {kit_text("b")}, .n_from_tags = 1, .from_tag = kit_text("a")});
	chosen(bench, call, &(struct ng_request){.from_tag = kit_text("b")});
	chosen(bench, call,
	       &(struct ng_request){.from_tag = kit_text("a"), .from_label = kit_text("third")});
	chosen(bench, call, &(struct ng_request){.from_tag = kit_text("ringing")});
	chosen(bench, call, &(struct ng_request){.from_tag = kit_text("ear")});
	chosen(bench, call, &(struct ng_request){.via_branch = kit_text("a")});
	call_free(call, END_DELETE);
}

static struct bench *run(void **state, void (*what)(struct kit *kit, struct desk *desk))
{
	struct bench *bench = *state;

	memset(bench->said, 0, sizeof(bench->said));
	kit_run(&bench->kit, 0, what);
	return bench;
}

static void all_or_those_that_are_named_are_heard_each_once_and_no_listener(void **state)
{
	struct bench *bench = run(state, choose);

	assert_string_equal(bench->said, "a b c / a b c / c a / a / b / c / / / / ");
}

static void mapped(struct bench *bench, struct subscription *subscription, bool siprec)
{
	const char *why = subscription_map(subscription, siprec);

	if (why)
		say(bench, why);
	for (size_t i = 0; !why && i < subscription->n_medias; i++) {
		const struct stream *source = subscription->sources[i];
		char text[200];

		snprintf(text, sizeof(text), "%s%s=%s", source ? source->party->tag : "-",
			 source && source->index > 0 ? "2" : "",
			 subscription->subscriber->streams[i]->label);
		say(bench, text);
	}
	say(bench, "/");
}

static void map(struct kit *kit, struct desk *desk)
{
	struct bench *bench = (struct bench *)kit;
	struct call *call = call_of(desk);
	struct party *a = party(call, "a", "x", HEAD AUDIO VIDEO);
	struct party *b = party(call, "b", "x", HEAD AUDIO "m=image 9 udptl t38\r\n");
	struct party *c = party(call, "c", NULL, HEAD AUDIO), *ear = party(call, "ear", NULL, NULL);
	struct subscription all = {ear, {a, b}, 2, {NULL}, 0}, later = {ear, {b, c}, 2, {NULL}, 0};
	struct subscription none = {ear, {NULL}, 0, {NULL}, 0};

	mapped(bench, &all, true);
	mapped(bench, &later, false); /* a is not asked for, c comes in behind */
	a->streams[1]->agreed = (struct terms){.known = true, .rejected = true};
	all.n_publishers = 2;
	mapped(bench, &all, true);
	party_free(b);
	later = (struct subscription){ear, {c, a}, 2, {NULL}, 0};
	mapped(bench, &later, true);
	mapped(bench, &none, true);
	call_free(call, END_DELETE);
}

static void an_m_line_stays_its_mediums_and_its_label_too(void **state)
{
	struct bench *bench = run(state, map);

	assert_string_equal(bench->said, "a=x a2=x-2 b=3 / -=x -=x-2 b=3 c= / a=x -=x-2 b=3 -= / "
					 "a=x -=x-2 -=3 c=4 / "
					 "No media that could be subscribed to / ");
}

static void overflow(struct kit *kit, struct desk *desk)
{
	struct bench *bench = (struct bench *)kit;
	struct call *call = call_of(desk);
	char sdp[1024] = HEAD;
	struct subscription all = {.n_publishers = 2};

	for (size_t i = 0; i < SDP_MEDIAS_MAX / 2 + 1; i++)
		snprintf(sdp + strlen(sdp), sizeof(sdp) - strlen(sdp), AUDIO);
	all.publishers[0] = party(call, "a", NULL, sdp);
	all.publishers[1] = party(call, "b", NULL, sdp);
	all.subscriber = party(call, "ear", NULL, NULL);
	mapped(bench, &all, true);
	call_free(call, END_DELETE);
}

static void more_media_than_an_sdp_has_m_lines_are_refused(void **state)
{
	struct bench *bench = run(state, overflow);

	assert_string_equal(bench->said, "Too many m-lines / ");
}

/* libsrtp2 starts once in a program. */
static int set_up(void **state)
{
	struct bench *bench = malloc(sizeof(*bench));

	kit_open(&bench->kit, 1);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	kit_close(&bench->kit);
	free(bench);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_or_those_that_are_named_are_heard_each_once_and_no_listener),
		cmocka_unit_test(an_m_line_stays_its_mediums_and_its_label_too),
		cmocka_unit_test(more_media_than_an_sdp_has_m_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
