/* SPDX-License-Identifier: BSD-2-Clause */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "lib/linktype.h"
#include "ptb.h"
#include "core/clamp.h"

#define ENTRIES (1u << 20)
#define ETHERNET 1500 /* the first hop, unless something larger is quoted */
#define SEEN_MAX 1500 /* of a PTB, as in the packet path (bpf/learn-record.h) */

/* "Linux cooked" captures tell which way a packet went, and on which device. */
#define LINKTYPE_SLL 113
#define LINKTYPE_SLL2 276
#define PACKET_OUTGOING 4

struct tm_replay {
	struct tm_pmtu *engine;
	struct tm_learn *learn;
	struct tm_pmtu_options options;
	void (*event)(void *ctx, const struct tm_replay_event *event);
	void *ctx;
	bool begun;
	int64_t first_ns;
	uint64_t now_ms; /* of the learner: one more than since the first packet, 0 is no time there */
};

static void tell(const struct tm_replay *r, struct tm_replay_event *e, uint64_t now_ms)
{
	e->time_ms = now_ms - 1;
	if (e->entry.deadline_ms)
		e->entry.deadline_ms--;
	r->event(r->ctx, e);
}

static void learned(void *ctx, const struct tm_evidence *evidence, enum tm_pmtu_outcome outcome)
{
	struct tm_replay_event e = { .kind = TM_REPLAY_LEARNED, .evidence = evidence };
	struct tm_replay *r = ctx;

	if (tm_pmtu_find(r->engine, &evidence->path, &e.entry))
		tell(r, &e, evidence->believed_ms);
}

static void refused(void *ctx, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
		    uint32_t mtu, uint64_t now_ms)
{
	struct tm_replay_event e = { .kind = TM_REPLAY_REFUSED, .refusal = refusal, .entry.path = *path, .mtu = mtu };

	memcpy(e.reporter, reporter, sizeof(e.reporter));
	tell(ctx, &e, now_ms);
}

static void changed(void *ctx, const struct tm_pmtu_entry *entry, enum tm_pmtu_change change)
{
	struct tm_replay_event e = { .kind = TM_REPLAY_AGED, .entry = *entry };
	struct tm_replay *r = ctx;

	if (change == TM_PMTU_RAISED || change == TM_PMTU_AGED_OUT)
		tell(r, &e, r->now_ms);
}

struct tm_replay *tm_replay_new(const struct tm_pmtu_options *options,
				void (*event)(void *ctx, const struct tm_replay_event *event), void *ctx)
{
	static const uint8_t seed[16] = "replay"; /* always the same result; a capture floods nobody but its reader */
	struct tm_replay *r = calloc(1, sizeof(*r));
	const struct tm_learn_callbacks callbacks = { .learned = learned, .refused = refused, .ctx = r };

	if (!r)
		return NULL;
	r->options = *options;
	r->event = event;
	r->ctx = ctx;
	r->engine = tm_pmtu_new(ENTRIES, seed, options);
	r->learn = r->engine ? tm_learn_new(r->engine, NULL, seed, &callbacks) : NULL;
	if (!r->learn) {
		tm_replay_free(r);
		return NULL;
	}
	tm_pmtu_on_change(r->engine, changed, r);
	return r;
}

void tm_replay_free(struct tm_replay *r)
{
	if (!r)
		return;
	tm_learn_free(r->learn);
	tm_pmtu_free(r->engine);
	free(r);
}

/* Everything that becomes due until then, each at its time. */
static void pass(struct tm_replay *r, uint64_t until_ms)
{
	uint64_t due;

	while ((due = tm_learn_next_ms(r->learn)) && due <= until_ms) {
		if (due > r->now_ms)
			r->now_ms = due;
		tm_learn_tick(r->learn, r->now_ms, 0);
	}
	if (until_ms > r->now_ms)
		r->now_ms = until_ms;
}

/* Where the capture tells which way a packet went. */
static enum tm_way way_of(uint32_t linktype, const uint8_t *frame, uint32_t len)
{
	uint32_t type;

	if (linktype == LINKTYPE_SLL && len >= 2)
		type = pk_get16(frame);
	else if (linktype == LINKTYPE_SLL2 && len >= 11)
		type = frame[10];
	else
		return TM_WAY_UNKNOWN;
	return type == PACKET_OUTGOING ? TM_WAY_OUT : TM_WAY_IN;
}

static uint32_t tag_of(uint32_t linktype, const uint8_t *frame, uint32_t len, uint32_t interface)
{
	return linktype == LINKTYPE_SLL2 && len >= 8 ? pk_get32(frame + 4) : interface;
}

static uint32_t pmtu_toward(const struct tm_replay *r, const struct pk_packet *pk, const uint8_t *address, uint32_t tag)
{
	struct tm_path path = { .ipv6 = pk->family == PK_IPV6, .tag = tag };
	struct tm_pmtu_entry entry;

	memcpy(path.addr, address, path.ipv6 ? 16 : 4);
	return tm_pmtu_find(r->engine, &path, &entry) ? entry.pmtu : 0;
}

/* What the clamp would write into a SYN: for paths that were learned only. */
static void take_syn(struct tm_replay *r, const struct pk_view *v, struct pk_packet *pk, uint32_t tag)
{
	struct tm_replay_event e = { .kind = TM_REPLAY_CLAMPED,
				     .entry.path = { .ipv6 = pk->family == PK_IPV6, .tag = tag } };
	struct pk_options options = {};
	struct pk_verdict none = {};
	struct pk_tcp tcp = {};
	struct pk_flow flow;

	if (pk_parse_tcp(v, pk, &tcp) != PK_GO_ON || !pk_flow_of(v, pk, &flow))
		return;
	pk_parse_options(&tcp, &options);
	e.mss_was = pk_mss_told(&tcp, &options, &none);
	e.mss = tm_pmtu_syn(&r->options, e.entry.path.ipv6, e.mss_was, pmtu_toward(r, pk, flow.src, tag),
			    pmtu_toward(r, pk, flow.dst, tag));
	if (e.mss == e.mss_was)
		return;
	memcpy(e.src, flow.src, sizeof(e.src));
	memcpy(e.dst, flow.dst, sizeof(e.dst));
	tell(r, &e, r->now_ms);
}

static void take_ptb(struct tm_replay *r, const struct pk_view *v, const struct pk_packet *pk, uint32_t tag,
		     enum tm_way way)
{
	uint32_t n = v->len - pk->l3;
	struct tm_ptb_seen seen = {
		.bytes = v->frame + pk->l3,
		.len = n < SEEN_MAX ? n : SEEN_MAX,
		.tag = tag,
		.way = way,
		.first_hop_mtu = ETHERNET,
	};
	struct tm_ptb ptb;

	if (tm_ptb_parse(seen.bytes, seen.len, &ptb) == PK_NOT_REFUSED && ptb.quote.length > ETHERNET)
		seen.first_hop_mtu = ptb.quote.length;
	tm_learn_ptb(r->learn, &seen, r->now_ms);
}

static void begin(struct tm_replay *r, int64_t ns)
{
	r->begun = true;
	r->first_ns = ns;
	r->now_ms = 1;
}

void tm_replay_packet(struct tm_replay *r, uint32_t linktype, const uint8_t *frame, uint32_t len, int64_t ns,
		      uint32_t interface)
{
	const struct pk_view v = { .frame = (uint8_t *)frame, .len = len, .room = len };
	uint32_t tag = tag_of(linktype, frame, len, interface);
	enum tm_way way = way_of(linktype, frame, len);
	struct pk_packet pk = {};
	struct pk_segment s;
	enum pk_reason reason;

	if (!r->begun)
		begin(r, ns);
	if (ns > r->first_ns)
		pass(r, 1 + ((uint64_t)ns - (uint64_t)r->first_ns) / 1000000);
	reason = pk_parse_closely(&v, tm_link_of(linktype), &pk);
	if (reason == PK_GO_ON)
		take_syn(r, &v, &pk, tag);
	else if (reason == PK_NOT_SYN && pk_segment_of(&v, &pk, 0, &s))
		tm_learn_segment(r->learn, &s, tag, way, r->now_ms);
	else if (reason == PK_NOT_TCP && pk_is_ptb(&v, &pk))
		take_ptb(r, &v, &pk, tag, way);
}

void tm_replay_end(struct tm_replay *r)
{
	struct tm_learn_counts counts;

	tm_learn_count(r->learn, &counts);
	if (counts.watching)
		pass(r, r->now_ms + tm_learn_default_options.watch_ms);
}
