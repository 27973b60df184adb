/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of tables.h, from the inside outwards. */
#include "media/state/tables.h"

#include "media/session/call.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RECORD(name, type)                                                                         \
	const struct record name##_record = {name##_fields, COUNT(name##_fields), sizeof(type)}
#define AT(member) offsetof(struct OF, member)
#define ROW(kind, member)                                                                          \
	{                                                                                          \
#member, FIELD_##kind, AT(member), 0, 0, NULL                                      \
	}
#define UPTO(kind, member, max)                                                                    \
	{                                                                                          \
#member, FIELD_##kind, AT(member), (max), 0, NULL                                  \
	}
#define SIZED(kind, member)                                                                        \
	{                                                                                          \
#member, FIELD_##kind, AT(member), sizeof(((struct OF *)0)->member), 0, NULL       \
	}
#define PART(member, of)                                                                           \
	{                                                                                          \
#member, FIELD_STRUCT, AT(member), 0, 0, &of##_record                              \
	}
#define MANY(member, n, of)                                                                        \
	{                                                                                          \
#member, FIELD_ARRAY, AT(member), COUNT(((struct OF *)0)->member), AT(n),          \
			&of##_record                                                               \
	}
#define HEAP(member, n, max, of)                                                                   \
	{                                                                                          \
#member, FIELD_HEAP, AT(member), (max), AT(n), &of##_record                        \
	}
#define BLOB(member, n, max)                                                                       \
	{                                                                                          \
#member, FIELD_BLOB, AT(member), (max), AT(n), NULL                                \
	}

/* clang-format off */
#define OF address
static const struct field address_fields[] = {{"at", FIELD_ADDRESS, 0, 0, 0, NULL}};
static RECORD(address, struct address);
#undef OF

#define OF fingerprint
static const struct field fingerprint_fields[] = {
	SIZED(CHARS, hash), SIZED(BYTES, digest),
	UPTO(U8, len, sizeof(((struct fingerprint *)0)->digest)),
};
RECORD(fingerprint, struct fingerprint);
#undef OF

#define OF srtp_key
static const struct field key_fields[] = {
	SIZED(BYTES, bytes), UPTO(U64, len, sizeof(((struct srtp_key *)0)->bytes)),
};
static RECORD(key, struct srtp_key);
#undef OF

#define OF sdes
static const struct field sdes_fields[] = {
	ROW(U32, tag), UPTO(U32, suite, SUITE_COUNT - 1), PART(key, key),
};
static RECORD(sdes, struct sdes);
#undef OF

#define OF srtp_source
static const struct field source_fields[] = {
	ROW(U32, ssrc), ROW(U32, roc), ROW(U16, sequence), ROW(U16, offset), ROW(BOOL, rtp),
	ROW(U32, rtcp_index),
};
static RECORD(source, struct srtp_source);
#undef OF

#define OF latch_saved
static const struct field latch_fields[] = {
	ROW(ADDRESS, remote), ROW(ADDRESS, source), ROW(ADDRESS, signalled),
	ROW(ADDRESS, received_from),
	ROW(ADDRESS, companion), UPTO(U32, mode, LATCH_OFF), ROW(BOOL, asymmetric),
};
static RECORD(latch, struct latch_saved);
#undef OF

#define OF ice_params
static const struct field ice_params_fields[] = {
	ROW(BOOL, lite), ROW(BOOL, controlling), UPTO(U32, components, 2), ROW(U64, seed),
};
static RECORD(ice_params, struct ice_params);
#undef OF

#define OF ice_saved
static const struct field ice_fields[] = {
	SIZED(CHARS, ufrag), SIZED(CHARS, pwd), SIZED(CHARS, peer_ufrag), SIZED(CHARS, peer_pwd),
	ROW(ADDRESS, components[0].selected), ROW(ADDRESS, components[1].selected),
	MANY(components[0].valid, components[0].n_valid, address),
	MANY(components[1].valid, components[1].n_valid, address),
};
static RECORD(ice, struct ice_saved);
#undef OF

#define OF dtls_saved
static const struct field dtls_fields[] = {
	UPTO(U32, role, DTLS_ACTIVE), UPTO(U32, state, DTLS_CLOSED),
	UPTO(U32, keys.suite, SUITE_COUNT - 1),
	PART(keys.local, key), PART(keys.remote, key), SIZED(BYTES, shown),
	UPTO(U64, shown_len, DTLS_SHOWN_MAX),
};
static RECORD(dtls, struct dtls_saved);
#undef OF

#define OF dtls_certificate_saved
static const struct field certificate_fields[] = {
	SIZED(BYTES, x509), UPTO(U64, x509_len, sizeof(((struct OF *)0)->x509)),
	SIZED(BYTES, key), UPTO(U64, key_len, sizeof(((struct OF *)0)->key)),
};
RECORD(certificate, struct dtls_certificate_saved);
#undef OF

#define OF opaque_component
static const struct field opaque_component_fields[] = {
	MANY(candidates, n_candidates, address), MANY(proved, n_proved, address),
	ROW(ADDRESS, selected), ROW(BOOL, anew),
};
static RECORD(opaque_component, struct opaque_component);
#undef OF

#define OF opaque_saved
static const struct field opaque_fields[] = {
	ROW(BOOL, on), ROW(BOOL, ice), ROW(BOOL, lite), ROW(BOOL, raw), SIZED(CHARS, asked), SIZED(CHARS, asking),
	SIZED(CHARS, pwd), PART(components[0], opaque_component),
	PART(components[1], opaque_component),
};
static RECORD(opaque, struct opaque_saved);
#undef OF

#define OF transport_saved
static const struct field transport_fields[] = {
	ROW(ADDRESS, local[0]), ROW(ADDRESS, local[1]), ROW(BOOL, shared), ROW(BOOL, rtcp_mux),
	ROW(U8, tos),
	UPTO(U32, security, SECURITY_DTLS), PART(latches[0], latch), PART(latches[1], latch),
	UPTO(U32, suite_in, SUITE_COUNT - 1), UPTO(U32, suite_out, SUITE_COUNT - 1),
	PART(key_in, key), PART(key_out, key), MANY(in, n_in, source), MANY(out, n_out, source),
	ROW(BOOL, has_ice), ROW(BOOL, has_dtls), PART(ice_params, ice_params), PART(ice, ice),
	PART(dtls, dtls), PART(opaque, opaque),
	ROW(U64, stats.packets_in[0]), ROW(U64, stats.packets_in[1]),
	ROW(U64, stats.packets_out[0]), ROW(U64, stats.packets_out[1]),
	ROW(U64, stats.bytes_in[0]), ROW(U64, stats.bytes_in[1]),
	ROW(U64, stats.bytes_out[0]), ROW(U64, stats.bytes_out[1]),
	ROW(TIME, stats.last_in), ROW(TIME, stats.last_out), ROW(TIME, stats.since),
};
RECORD(transport, struct transport_saved);
#undef OF

#define OF leg_ssrc
static const struct field ssrc_fields[] = {ROW(U32, ssrc), ROW(U8, stream), ROW(BOOL, out)};
static RECORD(ssrc, struct leg_ssrc);
#undef OF

#define OF leg
static const struct field leg_fields[] = {
	MANY(offered, n_offered, sdes), ROW(U32, chosen), ROW(U32, untold), ROW(U64, sent_before),
	ROW(BOOL, full_ice), ROW(U32, components), SIZED(CHARS, offered_ufrag),
	SIZED(CHARS, offered_pwd),
	UPTO(TEXT, peer_tls_id, SDP_MAX), SIZED(CHARS, tls_id),
	MANY(fingerprints, n_fingerprints, fingerprint), MANY(ssrcs, n_ssrcs, ssrc),
	ROW(U64, next_ssrc), ROW(TIME, last_media),
};
RECORD(leg, struct leg);
#undef OF

#define OF said_format
static const struct field format_fields[] = {
	UPTO(U8, payload_type, 127), ROW(U8, channels), ROW(U32, clock), SIZED(CHARS, name),
};
static RECORD(format, struct said_format);
#undef OF

#define OF sdp_candidate
static const struct field candidate_fields[] = {
	ROW(U32, component), ROW(U32, priority), ROW(ADDRESS, address),
};
static RECORD(candidate, struct sdp_candidate);
#undef OF

#define OF said
static const struct field said_fields[] = {
	ROW(BOOL, known), ROW(BOOL, rejected), SIZED(CHARS, type), SIZED(CHARS, mid),
	UPTO(U32, proto, SDP_PROTO_COUNT - 1), SIZED(CHARS, proto_text),
	ROW(BOOL, datagrams), ROW(ADDRESS, rtp),
	ROW(ADDRESS, rtcp), ROW(BOOL, mux), ROW(BOOL, mux_only), ROW(BOOL, bundled),
	ROW(BOOL, ice_lite), ROW(BOOL, zero_address), UPTO(U32, direction, SDP_INACTIVE),
	UPTO(U32, setup, SDP_HOLDCONN), ROW(U32, mid_extension),
	HEAP(formats, n_formats, SAID_FORMATS_MAX, format), UPTO(TEXT, ufrag, SDP_MAX),
	UPTO(TEXT, pwd, SDP_MAX), HEAP(candidates, n_candidates, SDP_CANDIDATES_MAX, candidate),
	MANY(fingerprints, n_fingerprints, fingerprint), UPTO(TEXT, tls_id, SDP_MAX),
	MANY(cryptos, n_cryptos, sdes), ROW(U32, ptime),
};
static RECORD(said, struct said);
#undef OF

#define OF terms
static const struct field terms_fields[] = {
	ROW(BOOL, known), ROW(BOOL, rejected), ROW(BOOL, untouched), ROW(BOOL, passthrough),
	ROW(BOOL, datagrams),
	UPTO(U32, proto, SDP_PROTO_COUNT - 1),
	UPTO(U32, security, SECURITY_DTLS), ROW(BOOL, osrtp), ROW(BOOL, ice),
	UPTO(U32, mux, MUX_YES),
	ROW(BOOL, bundle), ROW(BOOL, alone),
};
static RECORD(terms, struct terms);
#undef OF

#define OF promise
static const struct field promise_fields[] = {
	UPTO(U32, mux, PROMISE_REJECT), ROW(BOOL, osrtp), ROW(BOOL, dtls_off),
	ROW(BOOL, dtls_passive),
	ROW(BOOL, bundle_reject), ROW(BOOL, strict_source), ROW(BOOL, asymmetric),
	ROW(BOOL, learning_off),
};
static RECORD(promise, struct promise);
#undef OF

#define OF quality_sample
static const struct field sample_fields[] = {
	ROW(TIME, at), ROW(U32, rtt), ROW(U32, jitter), ROW(U8, mos), ROW(U8, loss),
};
static RECORD(sample, struct quality_sample);
#undef OF

#define OF quality_source
static const struct field quality_fields[] = {
	ROW(U32, ssrc), ROW(U64, packets), ROW(U64, bytes), ROW(TIME, last_at),
	ROW(U32, last_timestamp),
	ROW(U16, last_sequence), ROW(U32, cycles), ROW(U32, first_sequence), ROW(U32, jitter),
	ROW(U32, clock), ROW(U32, reported_lost), ROW(U64, samples), ROW(U64, sum_mos),
	ROW(U64, sum_rtt),
	ROW(U64, sum_jitter), ROW(U64, sum_loss), PART(last, sample), PART(lowest, sample),
	PART(highest, sample), MANY(progression, n_progression, sample), ROW(U32, interval),
};
static RECORD(quality, struct quality_source);
#undef OF

#define OF stream
static const struct field stream_fields[] = {
	PART(said, said), PART(promise, promise), PART(offered, terms), PART(agreed, terms),
	PART(rested, terms),
	UPTO(U32, direction, SDP_INACTIVE),
	ROW(U64, in.packets[0]), ROW(U64, in.packets[1]), ROW(U64, in.bytes[0]),
	ROW(U64, in.bytes[1]),
	ROW(U64, out.packets[0]), ROW(U64, out.packets[1]), ROW(U64, out.bytes[0]),
	ROW(U64, datagrams_in.packets[0]), ROW(U64, datagrams_in.bytes[0]),
	ROW(U64, datagrams_out.packets[0]), ROW(U64, datagrams_out.bytes[0]),
	ROW(U64, out.bytes[1]), ROW(TIME, last_out), MANY(quality.sources, quality.n, quality),
	ROW(U64, type.foreigners), ROW(U8, type.last_foreign), SIZED(CHARS, label),
};
RECORD(stream, struct stream);
#undef OF

#define OF party
static const struct field party_fields[] = {
	UPTO(TEXT, tag, CALL_TAG_MAX), UPTO(TEXT, branch, CALL_TAG_MAX),
	UPTO(TEXT, label, CALL_TAG_MAX),
	ROW(I64, created), ROW(TIME, deleted), BLOB(sdp, sdp_len, SDP_MAX),
	UPTO(TEXT, told.user, SDP_MAX), UPTO(TEXT, told.session, SDP_MAX),
	UPTO(TEXT, told.name, SDP_MAX),
	ROW(U64, told.version), ROW(U64, told.text), ROW(BOOL, told.written),
	ROW(ADDRESS, received_from), ROW(ADDRESS, host.said), ROW(ADDRESS, host.came),
	MANY(identity, n_identity, fingerprint), ROW(BOOL, block_media), ROW(BOOL, block_dtmf),
	ROW(BOOL, silence), ROW(BOOL, subscriber),
};
RECORD(party, struct party);
#undef OF

#define OF bond
static const struct field bond_fields[] = {
	ROW(BOOL, subscription), ROW(BOOL, answered), ROW(BOOL, heard), ROW(U64, offered),
	SIZED(BYTES, source),
};
RECORD(bond, struct bond);
#undef OF

#define OF call
static const struct field call_fields[] = {
	ROW(I64, created), ROW(I64, created_us), ROW(I64, last_signal), ROW(TIME, born),
	ROW(TIME, signalled),
	ROW(U64, offers), ROW(U64, packets), ROW(U32, legs), ROW(U32, legs_heard),
	ROW(BOOL, answered), ROW(BOOL, passthrough),
	ROW(BOOL, block_media), ROW(BOOL, block_dtmf), ROW(BOOL, silence), ROW(BOOL, listens),
	BLOB(metadata, metadata_len, SDP_MAX),
};
RECORD(call, struct call);
#undef OF
/* clang-format on */
