/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * learn tc|xdp|wire-tc|wire-xdp: what the programs that learn path MTUs hand on, clamp and change, by BPF_PROG_TEST_RUN. TAP.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "backend.h"
#include "io/hook/learn-ring.h"

#include "core/df.h"

#define TAG 7
#define MSS 1400
#define ETH 14
#define ROOM 2048

static int number;
static bool failed;
static enum io_mode mode;
static struct io_program program;
static struct io_learn_maps maps;
static struct tm_learned table;
static struct pk_learned_table reader;
static struct tm_learn_state *state;
static struct tm_image image;

static struct tm_bpf_ptb ptb;
static struct tm_bpf_segment segment;
static unsigned ptbs, segments;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
	failed |= !good;
}

static void take_ptb(void *ctx, const struct tm_bpf_ptb *p)
{
	ptb = *p;
	ptbs++;
}

static void take_segment(void *ctx, const struct tm_bpf_segment *s)
{
	segment = *s;
	segments++;
}

static struct io_learn_ring *ring;

static void fail(const char *what, const struct tm_error *e)
{
	printf("Bail out! %s: %s\n", what, e ? e->text : strerror(errno));
	exit(1);
}

static void open_all(void)
{
	const struct io_learn_take take = { take_ptb, take_segment, NULL };
	const struct tm_ruleset set = { .hooks = { { .mss = MSS }, { .mss = MSS } } };
	const uint32_t ends[TM_DIRECTIONS] = { 1, 1 };
	const uint64_t seed[2] = { 12345, 67890 };
	struct io_maps hook;
	struct tm_error e;
	size_t size;
	void *memory;

	if (tm_image_build(&image, &set) || io_maps_create(&hook, &image, &e) || io_learn_maps_create(&maps, 1000, &e))
		fail("maps", &e);
	hook.learning = (struct io_learning){ &maps, TAG, false };
	if (io_program_open(&program, mode, 1 << TM_IN | (mode == IO_XDP ? 0 : 1 << TM_OUT), PK_LINK_ETHERNET, &hook,
			    &e) ||
	    (io_mode_is_wire(mode) && io_program_wire(&program, ends, &e)) || io_program_load(&program, &e))
		fail("program", &e);
	memory = io_learn_maps_table(maps.learned, PROT_READ | PROT_WRITE, &size, &e);
	state = io_learn_maps_state(maps.state, &e);
	ring = io_learn_ring_open(maps.ring, &take, &e);
	if (!memory || !state || !ring || tm_learned_open(&table, memory, size, seed, false))
		fail("tables", &e);
	table.nodf = &state->nodf;
	reader = tm_learned_table(memory, size);
	tm_learned_lease(&table, UINT64_MAX, 0);
}

/* Runs a frame, in place; what is handed on is in the variables above. Returns its length. */
static uint32_t run_gso(enum tm_direction direction, uint8_t *frame, uint32_t len, uint32_t gso, int repeat)
{
	struct __sk_buff skb = { .gso_size = gso, .gso_segs = gso ? 2 : 0 };
	static uint8_t out[65536];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = len, .data_out = out,
		    .data_size_out = sizeof(out), .repeat = repeat);

	if (gso) {
		run.ctx_in = &skb;
		run.ctx_size_in = sizeof(skb);
	}
	ptbs = segments = 0;
	if (bpf_prog_test_run_opts(io_program_fd(&program, direction), &run))
		fail("run", NULL);
	memcpy(frame, out, run.data_size_out);
	io_learn_ring_read(ring);
	return run.data_size_out;
}

static uint32_t run(enum tm_direction direction, uint8_t *frame, uint32_t len)
{
	return run_gso(direction, frame, len, 0, 1);
}

static void put32(uint8_t *p, uint32_t v)
{
	pk_put16(p, v >> 16);
	pk_put16(p + 2, v);
}

/* An IP header; returns its length. */
static uint32_t ip(uint8_t *p, bool six, uint8_t protocol, uint32_t payload, uint8_t src, uint8_t dst, uint32_t id_df)
{
	memset(p, 0, 40);
	if (six) {
		p[0] = 0x60;
		pk_put16(p + 4, payload);
		p[6] = protocol;
		p[7] = 64;
		p[8] = p[24] = 0xfd;
		p[23] = src;
		p[39] = dst;
		return 40;
	}
	p[0] = 0x45;
	pk_put16(p + 2, 20 + payload);
	put32(p + 4, id_df);
	p[8] = 64;
	p[9] = protocol;
	p[12] = p[16] = 10;
	p[15] = src;
	p[19] = dst;
	pk_put16(p + 10, ~pk_sum_words(p, 20));
	return 20;
}

/* An Ethernet header, with tags and PPPoE if wanted. */
static uint32_t ethernet(uint8_t *p, bool six, bool wrapped)
{
	memset(p, 2, 12);
	if (!wrapped) {
		pk_put16(p + 12, six ? 0x86dd : 0x0800);
		return ETH;
	}
	put32(p + 12, 0x81000005);
	put32(p + 16, 0x88641100);
	put32(p + 20, 0x00010400); /* session 1; the length is not looked at here */
	pk_put16(p + 24, six ? 0x57 : 0x21);
	return 26;
}

/* A PTB for what 1 sent to 2 from port 1000 to port 80; returns its length, *at where its IP header is. */
static uint32_t message(uint8_t *frame, bool six, bool wrapped, uint8_t quoted, uint32_t mtu, uint32_t seq,
			uint32_t *at)
{
	uint32_t l3 = *at = ethernet(frame, six, wrapped), n = six ? 40 : 20, icmp = 8 + n + 20;
	uint8_t *p = frame + l3;

	p += ip(p, six, six ? 58 : 1, icmp, 9, 1, 0);
	memset(p, 0, icmp);
	p[0] = six ? 2 : 3;
	p[1] = six ? 0 : 4;
	put32(p + 4, mtu);
	ip(p + 8, six, quoted, 1500 - n, 1, 2, 0x00014000);
	put32(p + 8 + n, 1000 << 16 | 80);
	put32(p + 8 + n + 4, seq);
	p[8 + n + 12] = 0x50;
	return l3 + n + icmp;
}

/* A segment of that flow, or the answer of one. */
static uint32_t data(uint8_t *frame, bool six, uint8_t src, uint8_t dst, uint32_t seq, uint32_t payload, uint8_t flags)
{
	uint32_t l3 = ethernet(frame, six, false), n = ip(frame + l3, six, 6, 20 + payload, src, dst, 0x00004000);
	uint8_t *p = frame + l3 + n;

	memset(p, 0, 20 + payload);
	put32(p, 1000 << 16 | 80);
	put32(p + 4, seq);
	p[12] = 0x50;
	p[13] = flags;
	return l3 + n + 20 + payload;
}

static bool watched(bool six, uint32_t seq, uint32_t mtu)
{
	struct tm_watched_flow key = { .tag = TAG };
	struct tm_watched w;

	key.flow.family = six ? PK_IPV6 : PK_IPV4;
	key.flow.sport = 1000;
	key.flow.dport = 80;
	if (six) {
		key.flow.src[0] = key.flow.dst[0] = 0xfd;
		key.flow.src[15] = 1;
		key.flow.dst[15] = 2;
	} else {
		key.flow.src[0] = key.flow.dst[0] = 10;
		key.flow.src[3] = 1;
		key.flow.dst[3] = 2;
	}
	return !bpf_map_lookup_elem(maps.watched, &key, &w) && w.last == seq && w.first <= seq && w.mtu == mtu;
}

static void test_messages(bool six)
{
	static const char *const names[] = { "IPv4", "IPv6" };
	const enum tm_direction back = mode == IO_XDP ? TM_IN : TM_OUT;
	uint32_t n = six ? 40 : 20, len, at;
	uint8_t frame[ROOM], before[ROOM];

	printf("# %s\n", names[six]);
	state->watching = 0;
	len = data(frame, six, 1, 2, 5000, 100, 0x10);
	run(back, frame, len);
	ok(!ptbs && !segments && !state->watching, "nothing is handed on while nothing is watched");

	for (int wrapped = 0; wrapped < 2; wrapped++) {
		uint32_t mtu = 1300 + wrapped, seq = 4000 + wrapped;

		len = message(frame, six, wrapped, 6, mtu, seq, &at);
		memcpy(before, frame, len);
		ok(run(TM_IN, frame, len) == len && !memcmp(frame, before, len), "a message goes on as it came");
		ok(ptbs == 1 && ptb.captured == len - at && ptb.length == len - at &&
			   !memcmp(ptb.bytes, before + at, len - at),
		   wrapped ? "and is handed on, without VLAN tag and PPPoE" : "and is handed on");
		ok(ptb.head.tag == TAG && ptb.head.direction == TM_IN && !ptb.window.known,
		   "with its device and its way");
		ok(state->watching == 1 && watched(six, seq, mtu), "its flow is watched");
	}

	len = data(frame, six, 1, 2, 4000, 500, 0x18);
	run(back, frame, len);
	ok(segments == 1 && segment.segment.seq == 4000 && segment.segment.payload == 500 &&
		   segment.segment.length == n + 20 + 500 && segment.segment.flags == 0x18 && segment.segment.df &&
		   segment.head.direction == back && segment.head.tag == TAG && segment.head.time >= ptb.head.time &&
		   segment.segment.flow.sport == 1000 && segment.segment.flow.dport == 80,
	   "a segment of it is handed on");
	if (mode == IO_TC || mode == IO_WIRE_TC) {
		len = data(frame, six, 1, 2, 4000, 1000, 0x18);
		run_gso(back, frame, len, 600, 1);
		ok(segments == 1 && segment.segment.payload == 1000 && segment.segment.length == n + 20 + 600,
		   "of a train the length of one segment");
	}
	len = data(frame, six, 3, 2, 4000, 500, 0x18);
	run(back, frame, len);
	ok(!segments, "another flow is not looked at");
	len = data(frame, six, 1, 2, 9000, 500, 0x18);
	run_gso(back, frame, len, 0, 100);
	ok(segments > 0 && segments < TM_LEARN_FIRST,
	   "of segments beyond what was quoted only the first ones are told");
	len = data(frame, six, 1, 2, 3600, 500, 0x18);
	run(back, frame, len);
	ok(segments == 1, "and all that reach into it");
	len = data(frame, six, 1, 2, 3500, 500, 0x18);
	run(back, frame, len);
	ok(!segments, "none that end before it");
	len = data(frame, six, 1, 2, 4001, 500, 0x18);
	run(back, frame, len);
	ok(segments == 1, "with two quotes the second one counts, too");
	state->until = 1;
	len = data(frame, six, 3, 2, 4000, 500, 0x18);
	run(back, frame, len);
	ok(!state->watching, "the watch ends with its time");

	len = message(frame, six, false, 17, 1300, 1, &at);
	run(TM_IN, frame, len);
	ok(ptbs == 1 && !state->watching, "a message that quotes UDP is handed on to be counted, and nothing watched");
	len = message(frame, six, false, 6, 1500, 1, &at);
	run(TM_IN, frame, len);
	ok(ptbs == 1 && !state->watching, "likewise one whose quote fits");
	len = message(frame, six, false, 6, 1300, 1, &at);
	frame[ETH + n + 1] ^= 1;
	run(TM_IN, frame, len);
	ok(!ptbs, "another ICMP message is not");
	len = message(frame, six, false, 6, 1300, 1, &at);
	run(TM_IN, frame, len - 20);
	ok(!state->watching, "nor is a flow watched whose quote is cut");
}

static void test_budget(void)
{
	struct tm_bpf_learning before, after;
	uint8_t frame[ROOM];
	uint32_t at, len = message(frame, false, false, 6, 1300, 1, &at);

	io_learn_maps_counters(maps.learning, &before);
	run_gso(TM_IN, frame, len, 0, 5000);
	io_learn_maps_counters(maps.learning, &after);
	ok(after.ptbs - before.ptbs == ptbs && ptbs <= 5 * TM_LEARN_UNKNOWN, "a flood of messages is left out");
	ok(after.ptbs_left_out - before.ptbs_left_out + ptbs == 5000, "and counted");
	len = data(frame, false, 1, 2, 1, 100, 0x10);
	run_gso(TM_IN, frame, len, 0, 50000);
	io_learn_maps_counters(maps.learning, &before);
	ok(segments > 0 && segments <= 5 * TM_LEARN_SEGMENTS && segments + before.segments_left_out == 50000,
	   "so is a flood of segments");
	state->watching = 0;
}

/* ---- learned limits: as user space has them */

static uint32_t seed_of_random = 1;

static uint32_t draw(uint32_t below)
{
	seed_of_random = seed_of_random * 1664525 + 1013904223;
	return (uint64_t)seed_of_random * below >> 32;
}

static uint32_t syn(uint8_t *frame, bool six, uint8_t src, uint8_t dst, uint16_t mss)
{
	uint32_t len = data(frame, six, src, dst, 1, 4, 0x02), n = six ? 40 : 20;
	uint8_t *tcp = frame + ETH + n;

	tcp[12] = 0x60;
	tcp[20] = 2;
	tcp[21] = 4;
	pk_put16(tcp + 22, mss);
	pk_put16(tcp + 16,
		 ~pk_fold(pk_sum_words(frame + ETH + (six ? 8 : 12), six ? 32 : 8) + 6 + 24 + pk_sum_words(tcp, 24)));
	return len;
}

static void test_limits(void)
{
	struct tm_rules rules = { .image = tm_image_rules(&image), .learned = reader, .tag = TAG };
	unsigned differs = 0, clamped = 0, learned = 0;
	uint8_t frame[ROOM], copy[ROOM];
	struct timespec now;

	for (int i = 0; i < 3000; i++) {
		bool six = draw(2);
		struct tm_learned_path path = { .ipv6 = draw(2), .tag = TAG + !draw(4) };
		struct tm_learned_value v = { .mtu = draw(2) ? 72 + draw(1500) : 1280,
					      .until = draw(3) ? TM_LEARNED_ALWAYS : 1 };
		uint32_t len = syn(frame, six, draw(20), draw(20), 1000 + draw(500)), room = len, left;
		struct pk_result r;

		path.address[0] = path.ipv6 ? 0xfd : 10;
		path.address[path.ipv6 ? 15 : 3] = draw(20);
		if (draw(5))
			tm_learned_set(&table, &path, &v);
		else
			tm_learned_delete(&table, &path);
		tm_learned_set_symmetric(&table, i >= 1500);
		memcpy(copy, frame, len);
		left = run(TM_IN, frame, len);
		clock_gettime(CLOCK_MONOTONIC, &now);
		rules.now = now.tv_sec * 1000000000ull + now.tv_nsec;
		r = tm_clamp_frame(&rules, PK_LINK_ETHERNET, copy, &len, room);
		clamped += r.changed;
		learned += r.changed && pk_get16(copy + ETH + (six ? 40 : 20) + 22) < (six ? 1380 : MSS);
		differs += left != len || memcmp(frame, copy, len);
	}
	ok(!differs, "3000 SYNs are clamped as user space clamps them");
	printf("# %u clamped, %u by what was learned\n", clamped, learned);
	ok(learned > 300 && clamped > learned, "some by what was learned");
	tm_learned_clear(&table);
}

/* What a SYN of MSS 1460 from 1 to 2 has afterwards, by one path that was learned; the hook's own limit is MSS. */
static const struct {
	const char *what;
	bool six;
	uint8_t host;
	uint16_t mtu;
	bool elsewhere, symmetric, over;
	uint16_t mss;
} expected[] = {
	{ "IPv4: the MTU less 40", false, 1, 1300, false, false, false, 1260 },
	{ "IPv6: the MTU less 60", true, 1, 1300, false, false, false, 1240 },
	{ "IPv4: no less than 32", false, 1, 70, false, false, false, 32 },
	{ "IPv4: 32 of 72", false, 1, 72, false, false, false, 32 },
	{ "IPv6: no less than 1220", true, 1, 1000, false, false, false, 1220 },
	{ "the hook's limit where that is less", false, 1, 1490, false, false, false, MSS },
	{ "not by a path of another device", false, 1, 1300, true, false, false, MSS },
	{ "not by the path to its destination", false, 2, 1300, false, false, false, MSS },
	{ "but where both ways count", false, 2, 1300, false, true, false, 1260 },
	{ "of IPv6, too", true, 2, 1300, false, true, false, 1240 },
	{ "not by a path that is over", false, 1, 1300, false, false, true, MSS },
};

static void test_expected(void)
{
	struct tm_rules rules = { .image = tm_image_rules(&image), .learned = reader, .tag = TAG };

	for (unsigned i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		struct tm_learned_path path = { .ipv6 = expected[i].six, .tag = TAG + expected[i].elsewhere };
		struct tm_learned_value v = { .mtu = expected[i].mtu,
					      .until = expected[i].over ? 1 : TM_LEARNED_ALWAYS };
		uint32_t mss_at = ETH + (expected[i].six ? 40 : 20) + 22, len;
		uint8_t frame[ROOM], copy[ROOM];

		path.address[0] = path.ipv6 ? 0xfd : 10;
		path.address[path.ipv6 ? 15 : 3] = expected[i].host;
		tm_learned_clear(&table);
		tm_learned_set(&table, &path, &v);
		tm_learned_set_symmetric(&table, expected[i].symmetric);
		len = syn(frame, expected[i].six, 1, 2, 1460);
		memcpy(copy, frame, len);
		run(TM_IN, frame, len);
		rules.now = (uint64_t)3 << PK_LEARNED_TICK;
		tm_clamp_frame(&rules, PK_LINK_ETHERNET, copy, &len, len);
		ok(pk_get16(frame + mss_at) == expected[i].mss && pk_get16(copy + mss_at) == expected[i].mss,
		   expected[i].what);
	}
	tm_learned_lease(&table, 1, 0);
	tm_learned_set(&table, &(struct tm_learned_path){ .address = { 10, 0, 0, 1 }, .tag = TAG },
		       &(struct tm_learned_value){ .mtu = 1300, .until = TM_LEARNED_ALWAYS });
	{
		uint8_t frame[ROOM];

		run(TM_IN, frame, syn(frame, false, 1, 2, 1460));
		ok(pk_get16(frame + ETH + 42) == MSS, "nor by any when the lease is over");
	}
	tm_learned_lease(&table, UINT64_MAX, 0);
	tm_learned_clear(&table);
}

/* ---- DF */

static bool header_right(const uint8_t *p)
{
	return pk_sum_words(p, 20) == 0xffff;
}

static void test_df(void)
{
	const enum tm_direction out = mode == IO_XDP ? TM_IN : TM_OUT;
	const struct tm_learned_value v = { .mtu = 72, .nodf = true, .until = TM_LEARNED_ALWAYS };
	const struct tm_learned_path path = { .address = { 10, 0, 0, 2 }, .tag = TAG };
	uint8_t frame[ROOM], before[ROOM], *p = frame + ETH;
	struct tm_bpf_learning counters;
	uint32_t len;

	tm_learned_clear(&table);
	ok(!tm_learned_set(&table, &path, &v) && state->nodf == 1, "a nodf destination is announced");
	len = data(frame, false, 1, 2, 1, 100, 0x10);
	run(out, frame, len);
	ok(!(pk_get16(p + 6) & PK_IPV4_DF) && pk_get16(p + 4) && header_right(p),
	   "a larger packet loses DF and gets an ID");
	len = data(frame, false, 1, 2, 1, 100, 0x10);
	ip(p, false, 17, 120, 1, 2, 0x12344000);
	memcpy(before, frame, len);
	run(out, frame, len);
	ok(pk_get16(p + 4) == 0x1234 && !pk_get16(p + 6) && header_right(p) &&
		   !memcmp(frame + ETH + 12, before + ETH + 12, len - ETH - 12),
	   "so does one of UDP, whose ID stays, and nothing else is changed");
	len = data(frame, false, 1, 2, 1, 32, 0x10);
	memcpy(before, frame, len);
	run(out, frame, len);
	ok(!memcmp(frame, before, len), "one of 72 bytes keeps it");
	len = data(frame, false, 1, 3, 1, 100, 0x10);
	memcpy(before, frame, len);
	run(out, frame, len);
	ok(!memcmp(frame, before, len), "and one toward another destination");
	if (mode == IO_TC) {
		len = data(frame, false, 1, 2, 1, 100, 0x10);
		memcpy(before, frame, len);
		run(TM_IN, frame, len);
		ok(!memcmp(frame, before, len), "and what comes in");
	}
	if (mode == IO_TC || mode == IO_WIRE_TC) {
		len = data(frame, false, 1, 2, 1, 100, 0x10);
		memcpy(before, frame, len);
		run_gso(out, frame, len, 32, 1);
		ok(!memcmp(frame, before, len), "and a train of segments that fit");
		run_gso(out, frame, len, 60, 1);
		ok(!(pk_get16(p + 6) & PK_IPV4_DF) && header_right(p), "but not one of segments that do not");
	}
	io_learn_maps_counters(maps.learning, &counters);
	ok(counters.df_cleared == (mode == IO_TC || mode == IO_WIRE_TC ? 3 : 2), "they are counted");
	tm_learned_delete(&table, &path);
	ok(!state->nodf, "and no more");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum io_mode mode;
	} modes[] = { { "tc", IO_TC }, { "xdp", IO_XDP }, { "wire-tc", IO_WIRE_TC }, { "wire-xdp", IO_WIRE_XDP } };
	int found = -1;

	for (int i = 0; i < 4; i++)
		if (argc == 2 && !strcmp(argv[1], modes[i].name))
			found = i;
	if (found < 0) {
		fprintf(stderr, "usage: learn tc|xdp|wire-tc|wire-xdp\n");
		return 2;
	}
	mode = modes[found].mode;
	io_bpf_verbose(false);
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_all();
	test_messages(false);
	test_messages(true);
	test_budget();
	test_expected();
	test_limits();
	test_df();
	printf("1..%d\n", number);
	return failed;
}
