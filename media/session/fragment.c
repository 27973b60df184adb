/* SPDX-License-Identifier: Apache-2.0 */
/* One m-line of an SDP fragment of trickle ICE (RFC 8840). */
#include <string.h>

#include "media/session/command.h"
#include "media/session/passthrough.h"

static struct stream *stream_meant(const struct party *party, const struct sdp_media *media,
				   size_t index)
{
	for (size_t i = 0; media->mid.n > 0 && i < party->n_streams; i++) {
		struct stream *stream = party->streams[i];

		if (strlen(stream->said.mid) == media->mid.n &&
		    memcmp(stream->said.mid, media->mid.p, media->mid.n) == 0)
			return stream;
	}
	return index < party->n_streams ? party->streams[index] : NULL;
}

void fragment_take(const struct party *party, const struct sdp_media *media, size_t index)
{
	struct stream *stream = stream_meant(party, media, index);
	struct ice *ice = stream && stream->leg ? transport_ice(stream->leg->transport) : NULL;

	/* RFC 8840 §4.4: of another generation, late or early. */
	if (!stream || !stream->leg || !(ice || stream->agreed.passthrough) ||
	    !stream->said.ufrag ||
	    (media->ice_ufrag.n > 0 &&
	     (strlen(stream->said.ufrag) != media->ice_ufrag.n ||
	      memcmp(stream->said.ufrag, media->ice_ufrag.p, media->ice_ufrag.n) != 0)))
		return;
	for (size_t i = 0; stream->agreed.passthrough && i < media->n_candidates; i++)
		passthrough_candidate(stream, &media->candidates[i]);
	for (size_t i = 0; ice && i < media->n_candidates; i++)
		ice_add_candidate(ice, media->candidates[i].component,
				  media->candidates[i].priority, &media->candidates[i].address);
	transport_ice_changed(stream->leg->transport);
}
