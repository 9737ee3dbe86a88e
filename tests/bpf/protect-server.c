/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protect-server: what the server-side programs of protect learn, note and repair, by BPF_PROG_TEST_RUN. TAP.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/protect/server-side.h"
#include "services.h"

#include "lib/view.h"
#include "core/checksum.h"
#include "core/link.h"
#include "core/offer.h"

#define ROOM 512
#define PORT 80
#define BLOCK 1
#define NONE TM_WSCALE_NONE

static int number;
static bool failed;
static struct io_protect_maps maps;
static struct tm_protect_state *state;
static int programs[TM_DIRECTIONS];
static uint8_t frame[ROOM], before[ROOM];

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
	failed |= !good;
}

static void fail(const char *what, const struct tm_error *e)
{
	printf("Bail out! %s: %s\n", what, e ? e->text : strerror(errno));
	exit(1);
}

static void open_all(void)
{
	static const char text[] = "protect other { servers = 10.0.0.0/24 ports = 25 device = lo }\n"
				   "protect web { servers = {10.0.0.2, fd00::2} ports = 80 device = lo }\n";
	struct tm_error e;

	if (services_open(&maps, text, &e) || io_server_side_load(&maps, PK_LINK_ETHERNET, programs, &e))
		fail("programs", &e);
	state = io_protect_state(&maps, &e);
	if (!state)
		fail("state", &e);
	state->sample_mask = 0;
}

/* Runs a frame, in place; from: the device that it came in by, 0 for what is made here. Whether it goes on with the same length. */
static bool run(enum tm_direction direction, uint32_t len, uint32_t from)
{
	struct __sk_buff skb = { .ingress_ifindex = from };
	static uint8_t out[65536];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = len, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &skb, .ctx_size_in = sizeof(skb));

	memcpy(before, frame, len);
	if (bpf_prog_test_run_opts(programs[direction], &run))
		fail("run", NULL);
	memcpy(frame, out, len);
	return (int)run.retval == -1 && run.data_size_out == len;
}

static void put32(uint8_t *p, uint32_t v)
{
	pk_put16(p, v >> 16);
	pk_put16(p + 2, v);
}

/* What lies before TCP. */
enum shape { PLAIN, TAGGED, LONG_HEADER, SHAPES };

static const char *const shape_name[SHAPES] = { "plain", "VLAN and PPPoE", "IP options, extension headers" };

struct segment {
	bool six, back; /* back: from the server */
	enum shape shape;
	uint8_t flags;
	uint16_t server_port; /* 0: PORT */
	uint32_t seq, ack;
	const uint8_t *options;
	uint32_t options_len; /* in words of four bytes */
	uint32_t payload;
};

static uint32_t put_link(const struct segment *s)
{
	memset(frame, 2, 12);
	if (s->shape != TAGGED) {
		pk_put16(frame + 12, s->six ? 0x86dd : 0x0800);
		return 14;
	}
	put32(frame + 12, 0x81000005);
	put32(frame + 16, 0x88641100);
	put32(frame + 20, 0x00010400);
	pk_put16(frame + 24, s->six ? 0x57 : 0x21);
	return 26;
}

/* Client 1, server 2. */
static uint32_t put_ip(uint8_t *p, const struct segment *s, uint32_t tcp)
{
	uint32_t extra = s->shape == LONG_HEADER ? 8 : 0;
	uint8_t src = s->back ? 2 : 1, dst = 3 - src;

	memset(p, 0, 48);
	if (s->six) {
		p[0] = 0x60;
		pk_put16(p + 4, tcp + extra);
		p[6] = extra ? 60 : 6;
		p[7] = 64;
		p[8] = p[24] = 0xfd;
		p[23] = src;
		p[39] = dst;
		if (extra) {
			p[40] = 6;
			p[42] = 1; /* PadN */
			p[43] = 4;
		}
		return 40 + extra;
	}
	p[0] = 0x45 + extra / 4;
	pk_put16(p + 2, 20 + extra + tcp);
	p[8] = 64;
	p[9] = 6;
	p[12] = p[16] = 10;
	p[15] = src;
	p[19] = dst;
	memset(p + 20, 1, extra);
	pk_put16(p + 10, ~pk_sum_words(p, 20 + extra));
	return 20 + extra;
}

static uint16_t tcp_sum(const struct segment *s, uint32_t l3, uint32_t l4, uint32_t len)
{
	uint32_t sum = 6 + len + pk_sum_words(frame + l3 + (s->six ? 8 : 12), s->six ? 32 : 8);

	for (uint32_t at = 0; at < len; at += 2)
		sum += pk_get16(frame + l4 + at);
	return pk_fold(sum);
}

/* Returns the frame's length; *l4, where not NULL: where TCP begins. */
static uint32_t make(const struct segment *s, uint32_t *l4)
{
	uint32_t l3 = put_link(s), header = 20 + 4 * s->options_len, len = header + s->payload, at;
	uint16_t port = s->server_port ? s->server_port : PORT;
	uint8_t *tcp;

	at = l3 + put_ip(frame + l3, s, len);
	tcp = frame + at;
	memset(tcp, 0, len);
	pk_put16(tcp, s->back ? port : 1000);
	pk_put16(tcp + 2, s->back ? 1000 : port);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, s->ack);
	tcp[12] = header << 2;
	tcp[13] = s->flags;
	if (s->options_len)
		memcpy(tcp + 20, s->options, 4 * s->options_len);
	pk_put16(tcp + 16, ~tcp_sum(s, l3, at, len));
	if (l4)
		*l4 = at;
	return at + len;
}

static struct pk_flow flow_of(const struct segment *s)
{
	struct pk_flow f = { .sport = 1000, .dport = PORT, .family = s->six ? PK_IPV6 : PK_IPV4 };

	f.src[0] = f.dst[0] = s->six ? 0xfd : 10;
	f.src[s->six ? 15 : 3] = 1;
	f.dst[s->six ? 15 : 3] = 2;
	return f;
}

/* Options: MSS, SACK permitted, timestamps, window scale; each can be left out. Returns words. */
static uint32_t options(uint8_t *p, uint16_t mss, bool sack, bool timestamps, uint8_t wscale)
{
	uint32_t at = 0;

	if (mss) {
		put32(p, 0x02040000 | mss);
		at = 4;
	}
	if (sack) {
		put32(p + at, 0x01010402);
		at += 4;
	}
	if (timestamps) {
		put32(p + at, 0x0101080a);
		put32(p + at + 4, 70000); /* value */
		put32(p + at + 8, 50000); /* echo */
		at += 12;
	}
	if (wscale != NONE) {
		put32(p + at, 0x01030300 | wscale);
		at += 4;
	}
	return at / 4;
}

struct offer {
	uint16_t mss;
	bool sack, timestamps;
	uint8_t wscale;
};

static const struct offer everything = { 1460, true, true, 7 };

static void forget(bool six)
{
	struct segment s = { .six = six };
	struct pk_flow flow = flow_of(&s);
	struct tm_protect_server_key key = { .port = PORT, .family = flow.family };

	memcpy(key.addr, flow.dst, 16);
	bpf_map_delete_elem(maps.servers, &key);
	bpf_map_delete_elem(maps.answers, &flow);
}

static bool server(bool six, struct tm_protect_server *found)
{
	struct segment s = { .six = six };
	struct pk_flow flow = flow_of(&s);
	struct tm_protect_server_key key = { .port = PORT, .family = flow.family };

	memcpy(key.addr, flow.dst, 16);
	return !io_protect_server(&maps, &key, found);
}

/* The server may be noted again at once. */
static void wait_no_longer(bool six)
{
	struct segment s = { .six = six };
	struct pk_flow flow = flow_of(&s);
	struct tm_protect_server_key key = { .port = PORT, .family = flow.family };
	struct tm_protect_server old;

	memcpy(key.addr, flow.dst, 16);
	if (bpf_map_lookup_elem(maps.servers, &key, &old))
		return;
	old.noted = 0;
	bpf_map_update_elem(maps.servers, &key, &old, BPF_ANY);
}

/* More than a minute has gone by since it lacked something. */
static void much_later(bool six)
{
	struct segment s = { .six = six };
	struct pk_flow flow = flow_of(&s);
	struct tm_protect_server_key key = { .port = PORT, .family = flow.family };
	struct tm_protect_server old;

	memcpy(key.addr, flow.dst, 16);
	if (bpf_map_lookup_elem(maps.servers, &key, &old))
		return;
	old.lacked -= 62;
	bpf_map_update_elem(maps.servers, &key, &old, BPF_ANY);
}

static bool syn(bool six, enum shape shape, const struct offer *o, uint8_t more_flags, uint32_t from)
{
	uint8_t bytes[40];
	struct segment s = {
		.six = six, .shape = shape, .flags = PK_TCP_SYN | more_flags, .seq = 4999, .options = bytes
	};

	s.options_len = options(bytes, o->mss, o->sack, o->timestamps, o->wscale);
	return run(TM_OUT, make(&s, NULL), from);
}

static bool syn_ack(bool six, enum shape shape, const struct offer *o, uint8_t more_flags, uint32_t ack)
{
	uint8_t bytes[40];
	struct segment s = { .six = six,
			     .back = true,
			     .shape = shape,
			     .flags = PK_TCP_SYN | PK_TCP_ACK | more_flags,
			     .seq = 8999,
			     .ack = ack,
			     .options = bytes };
	uint32_t len;
	bool good;

	s.options_len = options(bytes, o->mss, o->sack, o->timestamps, o->wscale);
	len = make(&s, NULL);
	good = run(TM_IN, len, 0);
	return good && !memcmp(frame, before, len);
}

/* One handshake's SYN and SYN-ACK. */
static bool shake(bool six, const struct offer *client, const struct offer *there)
{
	wait_no_longer(six);
	return syn(six, PLAIN, client, 0, 1) && syn_ack(six, PLAIN, there, 0, 5000);
}

static bool is(bool six, uint16_t mss, uint8_t wscale, uint8_t offers, uint8_t known)
{
	struct tm_protect_server s;

	if (!server(six, &s)) {
		printf("# nothing is known\n");
		return false;
	}
	if (s.mss == mss && s.wscale == wscale && s.offers == offers && s.known == known && s.seen)
		return true;
	printf("# mss %u wscale %u offers %u known %u\n", s.mss, s.wscale, s.offers, s.known);
	return false;
}

#define SACK TM_SERVER_SACK
#define TS TM_SERVER_TIMESTAMPS
#define ECN TM_SERVER_ECN
#define WS TM_SERVER_WSCALE

static void test_learning(bool six)
{
	const struct offer plain = { .mss = 1460, .wscale = NONE }, windows = { 1460, true, false, 8 },
			   linux_server = { 1400, true, true, 10 }, bare = { 1400, false, false, NONE },
			   no_mss = { 0, false, false, NONE }, small = { 1300, true, true, 7 },
			   echo = { 1300, true, true, 10 }, less = { 1280, true, true, 10 };
	struct tm_protect_server s;

	printf("# learning, %s\n", six ? "IPv6" : "IPv4");
	for (int shape = 0; shape < SHAPES; shape++) {
		forget(six);
		ok(syn(six, shape, &everything, 0, 1) && syn_ack(six, shape, &linux_server, 0, 5000) &&
			   is(six, 1400, 10, SACK | TS, SACK | TS | WS),
		   shape_name[shape]);
	}
	forget(six);
	syn_ack(six, PLAIN, &linux_server, 0, 5000);
	ok(!server(six, &s), "nothing from a SYN-ACK whose SYN was not seen");
	syn(six, PLAIN, &everything, 0, 1);
	syn_ack(six, PLAIN, &linux_server, 0, 5001);
	ok(!server(six, &s), "nor where it acknowledges another");
	ok(shake(six, &plain, &bare) && is(six, 1400, NONE, 0, 0), "what no SYN had is not known");
	ok(shake(six, &windows, &bare) && is(six, 1400, NONE, 0, 0),
	   "nor what a server's own cookies may have forgotten");
	ok(shake(six, &windows, &(struct offer){ 1400, true, false, 10 }) && is(six, 1400, 10, SACK, SACK | WS),
	   "what is there is learned");
	ok(shake(six, &everything, &linux_server) && is(six, 1400, 10, SACK | TS, SACK | TS | WS), "and all the rest");
	ok(shake(six, &plain, &bare) && is(six, 1400, 10, SACK | TS, SACK | TS | WS),
	   "what the SYN had not is not unlearned");
	ok(shake(six, &everything, &bare) && is(six, 1400, NONE, 0, SACK | TS | WS), "what it had is");
	ok(shake(six, &plain, &bare) && is(six, 1400, NONE, 0, SACK | TS | WS), "and stays so");
	much_later(six);
	ok(shake(six, &plain, &bare) && is(six, 1400, NONE, 0, 0), "for a minute, then it is not known any more");
	ok(shake(six, &everything, &bare) && is(six, 1400, NONE, 0, SACK | TS | WS), "until it is seen again");
	much_later(six);
	ok(shake(six, &everything, &bare) && is(six, 1400, NONE, 0, SACK | TS | WS), "which may be just then");
	ok(shake(six, &small, &echo) && is(six, 1400, 10, SACK | TS, SACK | TS | WS),
	   "an MSS that may be the client's own says nothing");
	ok(shake(six, &everything, &less) && is(six, 1280, 10, SACK | TS, SACK | TS | WS), "a smaller one else does");
	ok(shake(six, &everything, &linux_server) && is(six, 1400, 10, SACK | TS, SACK | TS | WS),
	   "a larger one always");
	ok(shake(six, &everything, &no_mss) && is(six, 0, NONE, 0, SACK | TS | WS), "none at all");
	wait_no_longer(six);
	syn(six, PLAIN, &everything, PK_TCP_ECE | PK_TCP_CWR, 1);
	syn_ack(six, PLAIN, &linux_server, PK_TCP_ECE, 5000);
	ok(is(six, 1400, 10, SACK | TS | ECN, SACK | TS | WS | ECN), "ECN");
	wait_no_longer(six);
	syn(six, PLAIN, &everything, PK_TCP_ECE | PK_TCP_CWR, 1);
	syn_ack(six, PLAIN, &linux_server, PK_TCP_ECE | PK_TCP_CWR, 5000);
	ok(is(six, 1400, 10, SACK | TS, SACK | TS | WS | ECN), "not by a SYN-ACK that only reflects both bits");
	ok(shake(six, &everything, &(struct offer){ 1400, true, true, 15 }) &&
		   is(six, 1400, 14, SACK | TS, SACK | TS | WS | ECN),
	   "a window scale above 14 is 14");
}

static bool noted(bool six, struct tm_protect_answer *found)
{
	struct segment s = { .six = six };
	struct pk_flow flow = flow_of(&s);

	return !bpf_map_lookup_elem(maps.answers, &flow, found);
}

static void test_noting(bool six)
{
	const struct offer linux_server = { 1400, true, true, 10 };
	struct segment s = { .six = six, .flags = PK_TCP_SYN, .server_port = 25 };
	struct pk_flow flow = flow_of(&s);
	struct tm_protect_answer a;
	uint8_t rst = PK_TCP_RST;

	printf("# noting, %s\n", six ? "IPv6" : "IPv4");
	forget(six);
	shake(six, &everything, &linux_server);
	ok(!noted(six, &a), "an idle handshake leaves nothing behind");
	syn(six, PLAIN, &everything, 0, 1);
	ok(!noted(six, &a), "the next SYN to the same server is not noted");
	state->guarding = 1;
	syn(six, PLAIN, &everything, 0, 1);
	ok(!noted(six, &a), "one that is forwarded not even while something is armed");
	syn(six, PLAIN, &everything, 0, 0);
	ok(noted(six, &a) && a.syn == 5000 && a.mss == 1460 && a.offered == (SACK | TS | WS) && a.block == BLOCK &&
		   !a.answered,
	   "but SYNPROXY's are then");
	syn_ack(six, PLAIN, &linux_server, 0, 5000);
	ok(noted(six, &a) && a.answered && a.expected == 9000 && a.tsval == 70000, "and their answers");
	forget(six);
	syn(six, PLAIN, &everything, rst, 0);
	ok(!noted(six, &a), "a RST is no SYN");
	syn(six, PLAIN, &everything, PK_TCP_ACK, 0);
	ok(!noted(six, &a), "nor is a SYN-ACK");
	flow.dport = 25;
	run(TM_OUT, make(&s, NULL), 0);
	ok(!bpf_map_lookup_elem(maps.answers, &flow, &a) == !six,
	   "the port decides: 25 is another block's, and none's for IPv6");
	ok(six || a.block == 0, "of that block");
	bpf_map_delete_elem(maps.answers, &flow);
	s.server_port = flow.dport = 81;
	run(TM_OUT, make(&s, NULL), 0);
	ok(bpf_map_lookup_elem(maps.answers, &flow, &a), "81 is nobody's");
	state->guarding = 0;
}

static uint64_t count(bool six, enum pk_protect_reason reason)
{
	struct tm_protect_counters sum;

	io_protect_counters(&maps, BLOCK, &sum);
	return sum.packets[six ? PK_IPV6 : PK_IPV4][reason];
}

/* An ACK with an echo; `odd` shifts the option by a byte. */
static uint32_t ack(bool six, enum shape shape, bool odd, uint32_t echo, uint32_t payload, uint32_t *at)
{
	uint8_t bytes[16] = { 1, 1, 8, 10, 0, 0, 0, 9 };
	struct segment s = { .six = six,
			     .shape = shape,
			     .flags = PK_TCP_ACK,
			     .seq = 5000,
			     .ack = 9000,
			     .options = bytes,
			     .options_len = odd ? 4 : 3,
			     .payload = payload };
	uint32_t l4, len;

	if (odd)
		memcpy(bytes, (uint8_t[]){ 1, 1, 1, 8, 10, 0, 0, 0, 9 }, 9);
	put32(bytes + (odd ? 9 : 8), echo);
	len = make(&s, &l4);
	*at = l4 + 20 + (odd ? 9 : 8);
	return len;
}

/* Whether it left as it ought to: the echo right, the checksum, too, and nothing else touched. */
static bool repaired(bool six, enum shape shape, uint32_t len, uint32_t at, bool odd)
{
	struct segment s = { .six = six };
	uint32_t l4 = at - 20 - (odd ? 9 : 8), l3 = shape == TAGGED ? 26 : 14;
	bool good = pk_get32(frame + at) == 70000 && tcp_sum(&s, l3, l4, len - l4) == 0xffff;

	memcpy(before + at, frame + at, 4);
	memcpy(before + l4 + 16, frame + l4 + 16, 2);
	return good && !memcmp(frame, before, len);
}

static void open_connection(bool six)
{
	const struct offer linux_server = { 1400, true, true, 10 };

	syn(six, PLAIN, &everything, 0, 0);
	syn_ack(six, PLAIN, &linux_server, 0, 5000);
}

static void test_repair(bool six)
{
	uint64_t counted = count(six, PK_PROTECT_ECHO_REPAIRED);
	struct tm_protect_answer a;
	uint32_t len, at;

	printf("# repairing, %s\n", six ? "IPv6" : "IPv4");
	state->guarding = 1;
	for (int shape = 0; shape < SHAPES; shape++)
		for (int odd = 0; odd < 2; odd++) {
			forget(six);
			open_connection(six);
			len = ack(six, shape, odd, 0x12345678, 0, &at);
			ok(run(TM_OUT, len, 0) && repaired(six, shape, len, at, odd), shape_name[shape]);
		}
	ok(count(six, PK_PROTECT_ECHO_REPAIRED) == counted + 2 * SHAPES, "counted");
	ok(!noted(six, &a), "and forgotten");
	len = ack(six, PLAIN, false, 1234, 0, &at);
	run(TM_OUT, len, 0);
	ok(!memcmp(frame, before, len), "the next ACK is left alone");
	open_connection(six);
	len = ack(six, PLAIN, false, 70000, 0, &at);
	run(TM_OUT, len, 0);
	ok(!memcmp(frame, before, len) && !noted(six, &a), "a right echo is left alone, and was the first");
	open_connection(six);
	len = ack(six, PLAIN, false, 1234, 0, &at);
	run(TM_OUT, len, 1);
	ok(!memcmp(frame, before, len) && noted(six, &a), "so is what a client sends");
	len = ack(six, PLAIN, false, 1234, 20, &at);
	run(TM_OUT, len, 0);
	ok(!memcmp(frame, before, len), "so are data");
	len = ack(six, PLAIN, false, 1234, 0, &at);
	frame[at - 8 - 20 + 8 + 3] ^= 1;
	run(TM_OUT, len, 0);
	ok(!memcmp(frame, before, len), "so is what acknowledges something else");
	state->guarding = 0;
	len = ack(six, PLAIN, false, 1234, 0, &at);
	run(TM_OUT, len, 0);
	ok(!memcmp(frame, before, len), "so is everything while nothing is armed");
	state->guarding = 1;
	len = ack(six, PLAIN, false, 1234, 0, &at);
	frame[at - 28 + 16] ^= 0x55; /* the checksum */
	run(TM_OUT, len, 0);
	ok(pk_get32(frame + at) == 70000 && !repaired(six, PLAIN, len, at, false), "a wrong checksum stays wrong");
	state->guarding = 0;
	ok(count(six, PK_PROTECT_ECHO_REPAIRED) == counted + 2 * SHAPES + 1, "all of it counted as it was");
}

static void test_half_open(bool six)
{
	const struct offer linux_server = { 1400, true, true, 10 };
	struct segment s = { .six = six, .back = true, .flags = PK_TCP_RST | PK_TCP_ACK };
	struct tm_half_open half = { .since = 1, .block = BLOCK }, found;
	uint64_t counted = count(six, PK_PROTECT_SAMPLED_RESET);
	struct pk_flow flow = flow_of(&s);

	printf("# half-open connections, %s\n", six ? "IPv6" : "IPv4");
	for (int shape = 0; shape < SHAPES; shape++) {
		s.shape = shape;
		bpf_map_update_elem(maps.half_open, &flow, &half, BPF_ANY);
		syn_ack(six, shape, &linux_server, 0, 1);
		ok(!bpf_map_lookup_elem(maps.half_open, &flow, &found) && found.answered && found.expected == 9000 &&
			   found.since == 1 && found.block == BLOCK,
		   "the SYN-ACK is noted");
		run(TM_IN, make(&s, NULL), 0);
		ok(bpf_map_lookup_elem(maps.half_open, &flow, &found) &&
			   count(six, PK_PROTECT_SAMPLED_RESET) == counted + 1 + shape,
		   "a RST ends it");
	}
	run(TM_IN, make(&s, NULL), 0);
	ok(count(six, PK_PROTECT_SAMPLED_RESET) == counted + SHAPES, "once");
	counted = count(six, PK_PROTECT_SAMPLED_COMPLETED);
	state->guarding = 1;
	bpf_map_update_elem(maps.half_open, &flow, &half, BPF_ANY);
	syn(six, PLAIN, &everything, 0, 1);
	ok(!bpf_map_lookup_elem(maps.half_open, &flow, &found) && count(six, PK_PROTECT_SAMPLED_COMPLETED) == counted,
	   "a client's SYN ends none");
	syn(six, PLAIN, &everything, 0, 0);
	ok(bpf_map_lookup_elem(maps.half_open, &flow, &found) &&
		   count(six, PK_PROTECT_SAMPLED_COMPLETED) == counted + 1,
	   "SYNPROXY's SYN completes it");
	state->guarding = 0;
}

/* Frames in which some bytes are random, and cut ones: nothing is changed but by a repair. */
static void test_noise(void)
{
	unsigned changed = 0, repairs = 0, dropped = 0;
	uint64_t counted;

	srandom(7);
	state->guarding = 1;
	counted = count(false, PK_PROTECT_ECHO_REPAIRED) + count(true, PK_PROTECT_ECHO_REPAIRED);
	for (int i = 0; i < 60000; i++) {
		bool six = random() & 1;
		uint8_t bytes[40];
		struct segment s = { .six = six,
				     .back = random() & 1,
				     .shape = random() % SHAPES,
				     .flags = random(),
				     .seq = 5000,
				     .ack = 9000,
				     .options = bytes,
				     .options_len = random() % 11,
				     .payload = random() & 4 };
		uint32_t len;

		if (!(i % 10))
			open_connection(six);
		for (int b = 0; b < 40; b++)
			bytes[b] = random() & 1 ? random() & 15 : random();
		if (random() & 1)
			put32(bytes, 0x0101080a);
		if (random() & 1)
			s.flags = s.back ? PK_TCP_SYN | PK_TCP_ACK : random() & 1 ? PK_TCP_SYN : PK_TCP_ACK;
		len = make(&s, NULL);
		for (int n = random() & 3; n > 0; n--)
			frame[14 + random() % (len - 14)] = random();
		if (!(random() & 7))
			len = 14 + 20 * (1 + six) + random() % (len - 14 - 20 * (1 + six));
		dropped += !run(s.back ? TM_IN : TM_OUT, len, 0);
		changed += memcmp(frame, before, len) != 0;
	}
	repairs = count(false, PK_PROTECT_ECHO_REPAIRED) + count(true, PK_PROTECT_ECHO_REPAIRED) - counted;
	printf("# %u repairs\n", repairs);
	ok(!dropped, "nothing is dropped, lengthened or shortened");
	ok(changed == repairs && repairs > 10, "nothing is changed but by a repair");
	state->guarding = 0;
}

int main(void)
{
	open_all();
	for (int six = 0; six < 2; six++) {
		test_learning(six);
		test_noting(six);
		test_repair(six);
		test_half_open(six);
	}
	test_noise();
	printf("1..%d\n", number);
	return failed;
}
