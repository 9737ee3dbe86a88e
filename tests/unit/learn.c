/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which PTBs are believed: from one that is, each rule is broken alone.
 */
#include "test.h"
#include "ptb-maker.h"
#include "lib/pmtu/learn.h"

#define TAG 7
#define START 1000000 /* ms */

static const uint8_t seed[16] = { 1, 2, 3 };

struct lab {
	struct tm_pmtu *engine;
	struct tm_learn *learn;
	uint64_t now;
	/* what was told last, and how often anything was */
	enum pk_refusal refusal;
	struct tm_evidence evidence;
	unsigned int refused, learned;
};

static void on_learned(void *ctx, const struct tm_evidence *e, enum tm_pmtu_outcome outcome)
{
	struct lab *lab = ctx;

	lab->evidence = *e;
	lab->learned++;
	assert_false(tm_pmtu_refused(outcome));
}

static void on_refused(void *ctx, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
		       uint32_t mtu, uint64_t now_ms)
{
	struct lab *lab = ctx;

	lab->refusal = refusal;
	lab->refused++;
}

static void open_lab(struct lab *lab, const struct tm_learn_options *options)
{
	const struct tm_learn_callbacks callbacks = { .learned = on_learned, .refused = on_refused, .ctx = lab };

	*lab = (struct lab){ .now = START };
	lab->engine = tm_pmtu_new(1000, seed, &tm_pmtu_default_options);
	assert_non_null(lab->engine);
	lab->learn = tm_learn_new(lab->engine, options, seed, &callbacks);
	assert_non_null(lab->learn);
}

static void close_lab(struct lab *lab)
{
	tm_learn_free(lab->learn);
	tm_pmtu_free(lab->engine);
}

/* A PTB that came in through the device, and what conntrack says. */
struct seen {
	struct ptb_spec ptb;
	bool window;
	uint32_t una, nxt;
};

static bool give_ptb(struct lab *lab, const struct seen *s)
{
	uint8_t bytes[256];
	struct tm_ptb_seen seen = {
		.bytes = bytes,
		.len = ptb_make(&s->ptb, bytes),
		.tag = TAG,
		.way = TM_WAY_IN,
		.window = s->window,
		.una = s->una,
		.nxt = s->nxt,
		.first_hop_mtu = 1500,
	};

	return tm_learn_ptb(lab->learn, &seen, lab->now);
}

/* A segment of the quoted flow that leaves through the device. */
struct sent {
	uint32_t seq;
	uint16_t length; /* IP */
	bool df_clear;
	uint8_t flags; /* 0: an acknowledgement */
	uint32_t payload; /* 0: as length says; offloaded: of all */
	bool elsewhere, back; /* at another device, or coming in */
};

static void give_segment(struct lab *lab, const struct ptb_spec *ptb, const struct sent *s)
{
	struct pk_segment segment = {
		.flow = { .sport = ptb->sport, .dport = ptb->dport, .family = ptb->ipv6 ? PK_IPV6 : PK_IPV4 },
		.seq = s->seq,
		.payload = s->payload ? s->payload : s->length - (ptb->ipv6 ? 60 : 40),
		.length = s->length,
		.flags = s->flags ? s->flags : 16,
		.df = !s->df_clear,
	};

	ptb_address(ptb, ptb->sender, segment.flow.src);
	ptb_address(ptb, ptb->receiver, segment.flow.dst);
	tm_learn_segment(lab->learn, &segment, s->elsewhere ? TAG + 1 : TAG, s->back ? TM_WAY_IN : TM_WAY_OUT,
			 lab->now);
}

static uint32_t pmtu_of(const struct lab *lab, const struct ptb_spec *ptb)
{
	struct tm_path path = { .ipv6 = ptb->ipv6, .tag = TAG };
	struct tm_pmtu_entry entry;

	ptb_address(ptb, ptb->receiver, path.addr);
	return tm_pmtu_find(lab->engine, &path, &entry) ? entry.pmtu : 0;
}

/* The whole of it: a PTB, segments, the end of the watch. Returns the path's PMTU, 0: none; *refusal is the last one. */
static uint32_t run(const struct seen *seen, const struct sent *sent, size_t n, enum pk_refusal *refusal)
{
	struct lab lab;
	uint32_t pmtu;

	open_lab(&lab, NULL);
	give_ptb(&lab, seen);
	for (size_t i = 0; i < n; i++) {
		lab.now++;
		give_segment(&lab, &seen->ptb, &sent[i]);
	}
	lab.now += PK_WATCH_MS;
	tm_learn_tick(lab.learn, lab.now, 0);
	pmtu = pmtu_of(&lab, &seen->ptb);
	assert_int_equal(lab.learned, pmtu ? 1 : 0);
	*refusal = lab.refusal;
	close_lab(&lab);
	return pmtu;
}

static const struct ptb_spec spec4 = PTB_SPEC4;

static struct ptb_spec spec(bool ipv6)
{
	struct ptb_spec s = spec4;

	s.ipv6 = ipv6;
	return s;
}

static void believed(const struct seen *seen, const struct sent *sent, size_t n, uint32_t pmtu)
{
	enum pk_refusal refusal;

	assert_int_equal(run(seen, sent, n, &refusal), pmtu);
	assert_string_equal(tm_refusal_name(refusal), "");
}

static void not_believed(const struct seen *seen, const struct sent *sent, size_t n, const char *why)
{
	enum pk_refusal refusal;

	assert_int_equal(run(seen, sent, n, &refusal), 0);
	assert_string_equal(tm_refusal_name(refusal), why);
}

/* The sender's reaction to the specs above. */
static const struct sent reaction = { .seq = 1000000, .length = 1400 };

/* Each has one thing wrong, in the bytes of the PTB. */
static void test_bytes(void **state)
{
	static const struct {
		struct ptb_spec is, but; /* what of `but` is set replaces */
		const char *why;
		bool only4;
	} rules[] = {
		{ .but = { .type = 11 }, .why = "not-ptb" },
		{ .but = { .code = 3 }, .why = "not-ptb" },
		{ .but = { .cut = 1 }, .why = "cut" },
		{ .but = { .outer_fragment = true }, .why = "cut", .only4 = true },
		{ .but = { .bad_icmp_sum = true }, .why = "bad-checksum" },
		{ .but = { .bad_ip_sum = true }, .why = "bad-checksum", .only4 = true },
		{ .but = { .quote = 7 }, .why = "short-quote" },
		{ .but = { .quote = 7, .padding = 20 }, .why = "short-quote" },
		{ .but = { .version = 5 }, .why = "bad-quote" },
		{ .but = { .fragment = 1 }, .why = "quoted-fragment", .only4 = true },
		{ .but = { .protocol = 1 }, .why = "quote-not-tcp" },
		{ .but = { .protocol = 17 }, .why = "quote-not-tcp" },
		{ .but = { .to = 3 }, .why = "not-to-sender" },
		{ .but = { .df_clear = true }, .why = "quote-df-clear", .only4 = true },
		{ .but = { .mtu = 67 }, .why = "below-minimum" },
		{ .but = { .mtu = 1 }, .why = "below-minimum" },
		{ .but = { .length = 1400 }, .why = "quote-fits" },
	};

	for (int ipv6 = 0; ipv6 <= 1; ipv6++)
		for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
			const struct ptb_spec *but = &rules[i].but;
			struct seen seen = { .ptb = spec(ipv6) };
			struct ptb_spec *p = &seen.ptb;

			if (ipv6 && rules[i].only4)
				continue;
			believed(&seen, &reaction, 1, 1400);
			p->type = but->type;
			p->code = but->code;
			p->cut = but->cut;
			p->outer_fragment = but->outer_fragment;
			p->bad_icmp_sum = but->bad_icmp_sum;
			p->bad_ip_sum = but->bad_ip_sum;
			p->quote = but->quote ? but->quote : p->quote;
			p->padding = but->padding;
			p->version = but->version;
			p->fragment = but->fragment;
			p->protocol = but->protocol ? but->protocol : p->protocol;
			p->to = but->to;
			p->df_clear = but->df_clear;
			p->mtu = but->mtu ? but->mtu : p->mtu;
			p->length = but->length ? but->length : p->length;
			not_believed(&seen, &reaction, 1, rules[i].why);
		}
}

static void test_ipv6_minimum(void **state)
{
	const struct sent small = { .seq = 1000000, .length = 1280 };
	struct seen seen = { .ptb = spec(true) };

	seen.ptb.mtu = 1280;
	believed(&seen, &small, 1, 1280);
	seen.ptb.mtu = 1279;
	not_believed(&seen, &small, 1, "below-minimum");
	seen.ptb.mtu = 0;
	not_believed(&seen, &small, 1, "below-minimum");
	seen.ptb.mtu = 0x10000 + 1400; /* all 32 bits count */
	not_believed(&seen, &small, 1, "quote-fits");
}

/* More of the quote, IPv4 options in it, padding behind: all fine. */
static void test_shapes(void **state)
{
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct seen seen = { .ptb = spec(ipv6) };

		seen.ptb.quote = 20;
		believed(&seen, &reaction, 1, 1400);
		seen.ptb.padding = 18;
		believed(&seen, &reaction, 1, 1400);
		seen.ptb.options = ipv6 ? 0 : 40;
		believed(&seen, &reaction, 1, 1400);
	}
}

static void test_reactions(void **state)
{
	const struct seen seen = { .ptb = spec4 };
	const struct {
		struct sent sent[3];
		const char *why; /* NULL: believed */
	} cases[] = {
		{ { { .seq = 1000000, .length = 1400 } }, NULL },
		{ { { .seq = 1000000, .length = 100 } }, NULL },
		{ { { .seq = 1000000, .length = 1401 } }, "unconfirmed" },
		{ { { .seq = 1000000, .length = 1401, .df_clear = true } }, NULL },
		{ { { .seq = 1000001, .length = 1400 } }, "unconfirmed" }, /* and never the quoted one */
		{ { { .seq = 999999, .length = 1400 } }, "future" },
		{ { { .seq = 900000, .length = 1400 }, { .seq = 1000000, .length = 1400 } }, "future" },
		/* what was on its way goes on, and then */
		{ { { .seq = 1001460, .length = 1500 }, { .seq = 1000000, .length = 1400 } }, NULL },
		{ { { .seq = 1001460, .length = 1500 }, { .seq = 999999, .length = 1400 } }, "unconfirmed" },
		/* once more as large, before it has read the PTB */
		{ { { .seq = 1000000, .length = 1500 }, { .seq = 1000000, .length = 1400 } }, NULL },
		/* a train, in packets of 1400 */
		{ { { .seq = 1000000, .length = 1400, .payload = 13600 } }, NULL },
		{ { { .seq = 1000000, .length = 1500, .payload = 14600 } }, "unconfirmed" },
		/* acknowledgements: how far the sender is */
		{ { { .seq = 1001460, .length = 40 },
		    { .seq = 998000, .length = 1400 },
		    { .seq = 1000000, .length = 1400 } },
		  NULL },
		{ { { .seq = 999999, .length = 40 }, { .seq = 1000000, .length = 1400 } }, NULL }, /* a keepalive */
		{ { { .seq = 1000000, .length = 40 } }, "unconfirmed" },
		{ { { .seq = 1000000, .length = 1400, .flags = 4 } }, "unconfirmed" }, /* RST */
		{ { { .seq = 1000000, .length = 1400, .flags = 17 } }, NULL }, /* FIN */
		{ { { .seq = 1000000, .length = 1400, .elsewhere = true } }, "unconfirmed" },
		{ { { .seq = 1000000, .length = 1400, .back = true } }, "unconfirmed" },
		/* far from it */
		{ { { .seq = 1000000 + (1u << 30), .length = 1400 } }, "outside-window" },
		{ { { .seq = 1000000 - (1u << 30) - 1, .length = 1400 } }, "outside-window" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = 0;

		while (n < 3 && cases[i].sent[n].length)
			n++;
		if (cases[i].why)
			not_believed(&seen, cases[i].sent, n, cases[i].why);
		else
			believed(&seen, cases[i].sent, n, 1400);
	}
}

static void test_other_flows(void **state)
{
	struct lab lab;
	struct seen seen = { .ptb = spec4 };
	struct ptb_spec other;

	open_lab(&lab, NULL);
	give_ptb(&lab, &seen);
	for (int i = 0; i < 4; i++) {
		other = spec4;
		*(i == 0 ? &other.sender : &other.receiver) += i < 2;
		other.sport += i == 2;
		other.dport += i == 3;
		give_segment(&lab, &other, &reaction);
	}
	assert_int_equal(lab.learned, 0);
	give_segment(&lab, &seen.ptb, &reaction);
	assert_int_equal(lab.learned, 1);
	close_lab(&lab);
}

/* Numbers that go over 2^32. */
static void test_wrap(void **state)
{
	for (uint32_t d = 0; d < 3000; d += 7) {
		struct seen seen = { .ptb = spec4 };
		uint32_t q = 0xffffffffu - 1500 + d;
		const struct sent again[] = { { .seq = q + 1460, .length = 1500 }, { .seq = q, .length = 1400 } };
		const struct sent before[] = { { .seq = q - 1360, .length = 1400 }, { .seq = q, .length = 1400 } };

		seen.ptb.seq = q;
		believed(&seen, again, 2, 1400);
		not_believed(&seen, before, 2, "future");
		seen.window = true;
		seen.una = q - 3000;
		seen.nxt = q + 1460;
		believed(&seen, before, 2, 1400);
		seen.nxt = q;
		not_believed(&seen, before, 2, "outside-window");
	}
}

static void test_window(void **state)
{
	struct seen seen = { .ptb = spec4, .window = true, .una = 1000000, .nxt = 1001440 };
	const struct sent over = { .seq = 999000, .length = 1400 }, small = { .seq = 999000, .length = 1335 };

	believed(&seen, &reaction, 1, 1400);
	seen.una++;
	not_believed(&seen, &reaction, 1, "outside-window");
	seen.una = 1000000;
	seen.nxt = 1001419; /* what was quoted carried 1420 bytes at least */
	not_believed(&seen, &reaction, 1, "outside-window");
	seen.nxt = seen.una;
	not_believed(&seen, &reaction, 1, "outside-window");
	/* In flight: a full packet may go over the number, and what begins before it is no proof against it. */
	seen.una = 990000;
	seen.nxt = 1010000;
	believed(&seen, &over, 1, 1400);
	not_believed(&seen, &small, 1, "unconfirmed");
	seen.window = false;
	not_believed(&seen, &over, 1, "future");
	/* What conntrack cannot mean is as if it had said nothing. */
	seen.window = true;
	seen.nxt = seen.una - 5;
	believed(&seen, &reaction, 1, 1400);
}

/* MTU 0: whatever the sender makes of it, as long as it is smaller. */
static void test_mtu_0(void **state)
{
	struct seen seen = { .ptb = spec4 };
	const struct sent cases[] = { { .seq = 1000000, .length = 1499 },
				      { .seq = 1000000, .length = 552, .df_clear = true } };

	seen.ptb.mtu = 0;
	believed(&seen, &cases[0], 1, 1492);
	believed(&seen, &cases[1], 1, 1492);
	not_believed(&seen, &(struct sent){ .seq = 1000000, .length = 1500 }, 1, "unconfirmed");
}

/* A flight of which every packet is answered with an MTU of 0 is one step, not one for each. */
static void test_mtu_0_flight(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct lab lab;

	open_lab(&lab, NULL);
	seen.ptb.mtu = 0;
	for (uint32_t i = 0; i < 12; i++) { /* five of them while it still waits, the others afterwards */
		seen.ptb.seq = 1000000 + i * 1460;
		if (i == 5)
			for (uint32_t k = 0; k < 12; k++)
				give_segment(&lab, &seen.ptb,
					     &(struct sent){ .seq = 1000000 + k * 1452, .length = 1492 });
		lab.now++;
		give_ptb(&lab, &seen);
	}
	for (uint32_t k = 5; k < 12; k++)
		give_segment(&lab, &seen.ptb, &(struct sent){ .seq = 1000000 + k * 1460, .length = 1400 });
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1492);

	/* One for a packet of the new size is the next step. */
	lab.now += 10;
	seen.ptb.length = 1492;
	seen.ptb.seq = 2000000;
	give_ptb(&lab, &seen);
	give_segment(&lab, &seen.ptb, &(struct sent){ .seq = 2000000, .length = 1280 });
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1280);
	close_lab(&lab);
}

/* Nor is it one step for each flow that had sent something before the first step. */
static void test_mtu_0_flows(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct lab lab;

	open_lab(&lab, NULL);
	seen.ptb.mtu = 0;
	for (int flow = 0; flow < 5; flow++) {
		seen.ptb.sport = 40000 + flow;
		assert_true(give_ptb(&lab, &seen));
	}
	for (int flow = 0; flow < 5; flow++) {
		seen.ptb.sport = 40000 + flow;
		give_segment(&lab, &seen.ptb, &reaction);
	}
	assert_int_equal(lab.learned, 1);
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1492);
	close_lab(&lab);

	/* A packet that is larger than what is known, either way to read its length, tells nothing new at any time. */
	open_lab(&lab, NULL);
	give_ptb(&lab, &(struct seen){ .ptb = spec4 });
	give_segment(&lab, &spec4, &reaction);
	lab.now += 60000;
	assert_false(give_ptb(&lab, &seen));
	seen.ptb.length = 1421;
	assert_false(give_ptb(&lab, &seen));
	seen.ptb.length = 1420;
	assert_true(give_ptb(&lab, &seen));
	assert_int_equal(lab.refused, 0);
	close_lab(&lab);
}

/* Below what MSS 32 needs: 72, and the reaction may be that of Linux, 552 without DF. */
static void test_nodf(void **state)
{
	struct seen seen = { .ptb = spec4 };

	seen.ptb.mtu = 68;
	believed(&seen, &(struct sent){ .seq = 1000000, .length = 72 }, 1, 72);
	believed(&seen, &(struct sent){ .seq = 1000000, .length = 552, .df_clear = true }, 1, 72);
	not_believed(&seen, &(struct sent){ .seq = 1000000, .length = 73 }, 1, "unconfirmed");
}

/* Two narrow links behind one another, and both messages in flight at once. */
static void test_two_links(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct lab lab;

	open_lab(&lab, NULL);
	give_ptb(&lab, &seen);
	lab.now++;
	give_segment(&lab, &seen.ptb, &reaction);
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1400);
	seen.ptb.mtu = 1300;
	seen.ptb.length = 1400;
	seen.ptb.reporter++;
	give_ptb(&lab, &seen);
	lab.now++;
	give_segment(&lab, &seen.ptb, &reaction);
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1400);
	give_segment(&lab, &seen.ptb, &(struct sent){ .seq = 1000000, .length = 1300 });
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1300);
	assert_int_equal(lab.evidence.why, TM_WHY_AGAIN);
	close_lab(&lab);

	open_lab(&lab, NULL);
	seen.ptb = spec4;
	give_ptb(&lab, &seen);
	seen.ptb.mtu = 1300;
	give_ptb(&lab, &seen);
	give_segment(&lab, &seen.ptb, &(struct sent){ .seq = 1000000, .length = 1300 });
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1300);
	assert_int_equal(lab.learned, 1);
	assert_int_equal(lab.refused, 0);
	close_lab(&lab);
}

/* Of the packet path's segments the first eight are all of them: behind those nobody knows which was the first with payload. */
static void test_first(void **state)
{
	const struct seen seen = { .ptb = spec4 };
	struct sent sent[9];

	for (int i = 0; i < 9; i++)
		sent[i] = (struct sent){ .seq = 999999, .length = 40 };
	sent[7] = sent[8] = reaction;
	believed(&seen, sent, 8, 1400);
	sent[7] = sent[0];
	not_believed(&seen, sent, 9, "unconfirmed");
}

/* A SYN with data: its number is one before that of the data. */
static void test_syn_data(void **state)
{
	struct seen seen = { .ptb = spec4 };
	const struct sent data = { .seq = 1000001, .length = 1400 };

	seen.ptb.syn = true;
	seen.ptb.quote = 20;
	believed(&seen, &data, 1, 1400);
	seen.ptb.syn = false;
	not_believed(&seen, &data, 1, "unconfirmed");
}

/* Six PTBs in a row, as Linux' routers send them, and copies of them. */
static void test_burst(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct tm_learn_counts counts;
	struct lab lab;

	open_lab(&lab, NULL);
	for (int copy = 0; copy < 2; copy++)
		for (uint32_t i = 0; i < 6; i++) {
			seen.ptb.seq = 1000000 + i * 1460;
			assert_true(give_ptb(&lab, &seen));
		}
	tm_learn_count(lab.learn, &counts);
	assert_int_equal(counts.watching, 6);
	give_segment(&lab, &seen.ptb, &reaction);
	tm_learn_count(lab.learn, &counts);
	assert_int_equal(counts.watching, 0);
	assert_int_equal(counts.lowered, 1);
	assert_int_equal(counts.ignored, 11);
	assert_int_equal(lab.refused, 0);
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1400);
	close_lab(&lab);
}

static void test_evidence(void **state)
{
	struct seen seen = { .ptb = spec4, .window = true, .una = 1000000, .nxt = 1001460 };
	const struct tm_evidence *e;
	struct tm_path path = { .tag = TAG };
	struct lab lab;

	open_lab(&lab, NULL);
	ptb_address(&seen.ptb, seen.ptb.receiver, path.addr);
	assert_null(tm_learn_evidence(lab.learn, &path));
	give_ptb(&lab, &seen);
	lab.now += 3;
	give_segment(&lab, &seen.ptb, &(struct sent){ .seq = 1000000, .length = 1398 });
	e = tm_learn_evidence(lab.learn, &path);
	assert_non_null(e);
	assert_int_equal(e->ptb_ms, START);
	assert_int_equal(e->believed_ms, START + 3);
	assert_int_equal(e->resent_len, 1398);
	assert_int_equal(e->quoted_len, 1500);
	assert_int_equal(e->mtu, 1400);
	assert_int_equal(e->reporter[3], seen.ptb.reporter);
	assert_true(e->window);
	assert_string_equal(tm_why_name(e->why), "window");
	path.tag++;
	assert_null(tm_learn_evidence(lab.learn, &path));
	close_lab(&lab);
}

/* What the engine says no to is not watched. */
static void test_engine_says_no(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct tm_path path = { .tag = TAG };
	struct lab lab;

	open_lab(&lab, NULL);
	tm_pmtu_disable(lab.engine, lab.now);
	assert_false(give_ptb(&lab, &seen));
	assert_string_equal(tm_refusal_name(lab.refusal), "disabled");
	tm_pmtu_enable(lab.engine, lab.now);
	ptb_address(&seen.ptb, seen.ptb.receiver, path.addr);
	tm_pmtu_set_static(lab.engine, &path, 1450, lab.now);
	assert_false(give_ptb(&lab, &seen));
	assert_string_equal(tm_refusal_name(lab.refusal), "static");
	tm_pmtu_flush(lab.engine, true);
	assert_true(give_ptb(&lab, &seen));
	give_segment(&lab, &seen.ptb, &reaction);
	seen.ptb.mtu = 1450; /* larger than what is known */
	assert_false(give_ptb(&lab, &seen));
	assert_int_equal(lab.refused, 2);
	assert_int_equal(pmtu_of(&lab, &seen.ptb), 1400);
	close_lab(&lab);
}

static void test_full(void **state)
{
	struct tm_learn_options options = tm_learn_default_options;
	struct seen seen = { .ptb = spec4 };
	struct tm_learn_counts counts;
	struct lab lab;

	options.watches = 20;
	open_lab(&lab, &options);
	for (uint32_t i = 0; i < 9; i++) { /* of one flow */
		seen.ptb.seq += 2000;
		assert_int_equal(give_ptb(&lab, &seen), i < 8);
	}
	assert_string_equal(tm_refusal_name(lab.refusal), "watch-full");
	for (uint32_t i = 0; i < 20; i++) { /* in all */
		seen.ptb.sport++;
		assert_int_equal(give_ptb(&lab, &seen), i < 12);
	}
	assert_string_equal(tm_refusal_name(lab.refusal), "watch-full");
	assert_int_equal(tm_learn_next_ms(lab.learn), START + PK_WATCH_MS);
	lab.now += PK_WATCH_MS;
	assert_true(give_ptb(&lab, &seen));
	tm_learn_count(lab.learn, &counts);
	assert_int_equal(counts.watching, 1);
	assert_int_equal(counts.refused[PK_REFUSED_UNCONFIRMED], 20);
	close_lab(&lab);
}

/* One reporter, all of them, and those of whom conntrack knows. */
static void test_rate(void **state)
{
	struct seen seen = { .ptb = spec4 };
	struct tm_learn_options options = tm_learn_default_options;
	struct lab lab;
	unsigned int i;

	options.rate = 20;
	options.burst = 40;
	options.reporter_rate = 5;
	options.reporter_burst = 10;
	open_lab(&lab, &options);
	for (i = 0; i < 100 && give_ptb(&lab, &seen); i++)
		seen.ptb.sport++;
	assert_int_equal(i, 10);
	assert_string_equal(tm_refusal_name(lab.refusal), "rate");
	lab.now += 200; /* one more each */
	assert_true(give_ptb(&lab, &seen));
	seen.ptb.sport++;
	assert_false(give_ptb(&lab, &seen));
	for (i = 0; i < 100; i++) {
		seen.ptb.reporter = 10 + i;
		seen.ptb.sport++;
		if (!give_ptb(&lab, &seen))
			break;
	}
	assert_in_range(i, 30, 40);
	seen.window = true;
	seen.una = 1000000;
	seen.nxt = 1001460;
	seen.ptb.reporter = 200;
	assert_true(give_ptb(&lab, &seen));
	close_lab(&lab);
}

/*
 * A flow that somebody who sees nothing of it wants to be slow: he knows its addresses and ports, and guesses the rest. A second has
 * 100 segments, some lost and sent again, full and small ones.
 */
struct flow {
	uint32_t nxt;
	uint32_t lost_seq;
	uint16_t lost_length;
	unsigned int lost_for;
};

static void flow_goes_on(struct lab *lab, struct flow *f, uint16_t largest)
{
	uint16_t length = test_below(2) ? largest : 41 + test_below(largest - 41);

	if (f->lost_for && !--f->lost_for) {
		give_segment(lab, &spec4, &(struct sent){ .seq = f->lost_seq, .length = f->lost_length });
		return;
	}
	if (!f->lost_for && !test_below(100)) {
		f->lost_seq = f->nxt;
		f->lost_length = length;
		f->lost_for = 3;
	}
	give_segment(lab, &spec4, &(struct sent){ .seq = f->nxt, .length = length });
	f->nxt += length - 40;
}

static void forge(uint16_t largest, bool conntrack)
{
	static const uint16_t mtus[] = { 0, 68, 72, 296, 576, 1006, 1280, 1400, 1492, 1499 };
	struct flow flow = { .nxt = test_random() };
	struct seen seen = { .ptb = spec4 };
	struct tm_learn_counts before, after;
	struct lab lab;

	open_lab(&lab, NULL);
	tm_learn_count(lab.learn, &before);
	for (uint32_t i = 0; i < 500000; i++) {
		if (i % 100 == 0) { /* ten thousand forged ones a second */
			lab.now += 10;
			flow_goes_on(&lab, &flow, largest);
		}
		seen.ptb.seq = test_random();
		seen.ptb.mtu = mtus[test_below(sizeof(mtus) / sizeof(*mtus))];
		seen.ptb.reporter = test_random() | 1;
		seen.ptb.protocol = test_below(8) ? 6 : 1;
		seen.ptb.sport = test_below(2) ? spec4.sport : test_random();
		seen.window = conntrack && seen.ptb.sport == spec4.sport;
		seen.una = flow.nxt - 20000;
		seen.nxt = flow.nxt;
		give_ptb(&lab, &seen);
	}
	tm_learn_count(lab.learn, &after);
	assert_int_equal(lab.learned, 0);
	assert_int_equal(after.lowered + after.confirmed, 0);
	assert_int_equal(pmtu_of(&lab, &spec4), 0);
	assert_int_equal(after.bytes, before.bytes);
	assert_true(after.watching <= 2048);
	assert_int_equal(after.ptbs, 500000);
	assert_true(after.refused[PK_REFUSED_RATE] > 0);
	assert_true(after.refused[PK_REFUSED_QUOTE_NOT_TCP] > 0);
	close_lab(&lab);
}

static void test_forged(void **state)
{
	forge(1500, false);
	forge(1500, true);
	forge(300, false);
	forge(300, true);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_bytes),	    cmocka_unit_test(test_ipv6_minimum),   cmocka_unit_test(test_shapes),
	cmocka_unit_test(test_reactions),   cmocka_unit_test(test_other_flows),	   cmocka_unit_test(test_wrap),
	cmocka_unit_test(test_window),	    cmocka_unit_test(test_mtu_0),	   cmocka_unit_test(test_mtu_0_flight),
	cmocka_unit_test(test_mtu_0_flows), cmocka_unit_test(test_nodf),	   cmocka_unit_test(test_two_links),
	cmocka_unit_test(test_first),	    cmocka_unit_test(test_syn_data),	   cmocka_unit_test(test_burst),
	cmocka_unit_test(test_evidence),    cmocka_unit_test(test_engine_says_no), cmocka_unit_test(test_full),
	cmocka_unit_test(test_rate),	    cmocka_unit_test(test_forged),
};

TEST_MAIN(tests, NULL, NULL)
