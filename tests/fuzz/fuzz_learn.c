/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over learning: the input is a sequence of PTBs, segments and ticks of time, eight bytes each, of few flows and
 * near numbers, so that they meet.
 *
 * Beside the sanitizers it checks that no PTB gets lost from the counters, that memory stays as it is, and that nothing is believed
 * that the rules forbid.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/pmtu/learn.h"
#include "tests/unit/ptb-maker.h"

static const struct tm_learn_options options = {
	.watches = 20,
	.evidence = 4,
	.watch_ms = 4000,
	.rate = 20,
	.burst = 40,
	.reporter_rate = 5,
	.reporter_burst = 20,
};

static const uint16_t sizes[] = { 1500, 1499, 1400, 1300, 1280, 576, 552, 296, 100, 73, 72, 71, 68, 67, 65535, 0 };

struct run {
	struct tm_pmtu *engine;
	struct tm_learn *learn;
	uint64_t now;
	struct tm_learn_counts last;
};

static void learned(void *ctx, const struct tm_evidence *e, enum tm_pmtu_outcome outcome)
{
	const struct run *r = ctx;
	struct tm_pmtu_entry entry;
	uint32_t floor = tm_pmtu_floor(e->path.ipv6);

	check(tm_pmtu_find(r->engine, &e->path, &entry) && entry.pmtu >= floor, "learned, and nothing is there");
	check(e->quoted_len > e->mtu, "learned of a packet that fits");
	check(e->df_clear || !e->mtu || e->resent_len <= (e->mtu > floor ? e->mtu : floor), "a reaction that does not fit");
	check(e->mtu || e->df_clear || e->resent_len < e->quoted_len, "a reaction that is as large");
	check(e->believed_ms >= e->ptb_ms && e->believed_ms - e->ptb_ms <= options.watch_ms, "believed too late");
	check(tm_learn_evidence(r->learn, &e->path) == e, "evidence that is not kept");
}

static struct ptb_spec spec_of(const uint8_t *d)
{
	return (struct ptb_spec){
		.ipv6 = d[1] & 1,
		.reporter = 9 + (d[1] >> 1 & 3),
		.sender = 1,
		.receiver = 2 + (d[1] >> 3 & 1),
		.sport = 40000 + (d[1] >> 4 & 1),
		.dport = 443,
		.seq = 0xfffff000 + (d[2] << 8 | d[3]),
		.mtu = sizes[d[4] & 15],
		.length = sizes[d[4] >> 4],
		.protocol = 6,
		.quote = d[5] & 1 ? 20 : 8,
		.syn = d[5] & 2,
		.df_clear = (d[5] & 0xc) == 0xc,
		.bad_icmp_sum = (d[5] & 0x30) == 0x30,
	};
}

static void take_ptb(struct run *r, const uint8_t *d)
{
	struct ptb_spec spec = spec_of(d);
	uint8_t bytes[256];
	struct tm_ptb_seen seen = {
		.bytes = bytes,
		.len = ptb_make(&spec, bytes),
		.tag = d[6] & 1,
		.way = (d[6] >> 1 & 3) % 3,
		.window = d[6] & 8,
		.una = spec.seq - (d[7] & 15) * 300 + 600,
		.nxt = spec.seq + (d[7] >> 4) * 300,
		.first_hop_mtu = d[6] & 16 ? 1500 : 0,
	};

	tm_learn_ptb(r->learn, &seen, r->now);
}

static void take_segment(struct run *r, const uint8_t *d)
{
	struct ptb_spec spec = spec_of(d);
	struct pk_segment s = {
		.flow = { .sport = spec.sport, .dport = 443, .family = spec.ipv6 ? PK_IPV6 : PK_IPV4 },
		.seq = spec.seq,
		.payload = d[5] & 64 ? 0 : spec.length,
		.length = spec.mtu,
		.flags = d[5],
		.df = d[5] & 128,
	};

	ptb_address(&spec, spec.sender, s.flow.src);
	ptb_address(&spec, spec.receiver, s.flow.dst);
	tm_learn_segment(r->learn, &s, d[6] & 1, (d[6] >> 1 & 3) % 3, r->now);
}

static void check_counts(struct run *r)
{
	struct tm_learn_counts c;
	uint64_t ended;

	tm_learn_count(r->learn, &c);
	ended = c.ignored + c.lowered + c.confirmed;
	for (int i = 0; i < PK_REFUSAL_COUNT; i++)
		ended += c.refused[i];
	check(c.ptbs == ended + c.watching, "a PTB that is lost, or counted twice");
	check(c.watching <= options.watches, "more watches than there are");
	check(!r->last.bytes || c.bytes == r->last.bytes, "memory that grows");
	r->last = c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[16] = { 7 };
	struct run r = { .now = 1 };
	const struct tm_learn_callbacks callbacks = { .learned = learned, .ctx = &r };

	r.engine = tm_pmtu_new(100, seed, &tm_pmtu_default_options);
	r.learn = tm_learn_new(r.engine, &options, seed, &callbacks);
	for (; size >= 8; data += 8, size -= 8) {
		r.now += data[0] >> 2;
		switch (data[0] & 3) {
		case 0:
			take_ptb(&r, data);
			break;
		case 1:
		case 2:
			take_segment(&r, data);
			break;
		case 3:
			r.now += data[1] * data[2] * 16;
			tm_learn_tick(r.learn, r.now, 0);
			break;
		}
		check_counts(&r);
	}
	tm_learn_tick(r.learn, r.now + options.watch_ms, 0);
	check_counts(&r);
	check(!r.last.watching, "a watch that does not end");
	tm_learn_free(r.learn);
	tm_pmtu_free(r.engine);
	return 0;
}
