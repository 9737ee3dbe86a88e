/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protect-cookie tc|xdp FILE: runs tests/protect/cookie.txt through the client side of protect, by BPF_PROG_TEST_RUN, and prints TAP.
 *
 * Every packet is sent twice, for the second one finds what the first has left in the maps. The answers to both must be the expected one byte
 * for byte, but for the cookie and the time; and what a client then sends with that cookie must be let pass, with another one not.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "hex.h"
#include "io/protect/program.h"
#include "lib/view.h"
#include "services.h"

#include "core/checksum.h"
#include "core/link.h"
#include "core/offer.h"

#define ROOM 4096
#define BLOCK 0
#define TAG 5

enum verdict { PASS, DROP, REPLY, OTHER };

struct vector {
	char name[128];
	char reason[32];
	char server[32];
	enum verdict verdict;
	enum tm_protect_arm arm;
	bool none_answers, spent;
	unsigned device, mss, wscale, learned;
	uint8_t in[ROOM], out[ROOM];
	long in_len, out_len;
	bool same;
};

static const char *const reasons[] = { "none",
#define X(constant, name, text) name,
				       PK_PROTECT_REASONS(X)
#undef X
};
static const char *const verdicts[] = { "pass", "drop", "reply", "other" };

static struct io_protect_maps maps;
static struct tm_protect_state *state;
static struct io_program programs[2]; /* the second one knows learned paths */
static struct io_program *program;
static struct tm_learned learned;
static bool xdp, alone; /* alone: as where conntrack cannot be asked */
static int number;
static bool failed;

static void ok(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, what);
	failed |= !good;
}

static void __attribute__((noreturn)) bail(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

static unsigned find(const char *word, const char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(word, list[i]))
			return i;
	bail("an unknown word", word);
}
#define FIND(word, list) find(word, list, sizeof(list) / sizeof(*(list)))

/* ---- the program */

/* A table of learned paths that are in force as long as this runs. */
static void open_learned(struct io_learn_maps *learn)
{
	const uint64_t seed[2] = { 1, 2 };
	struct tm_error e;
	size_t size;
	void *memory;

	if (io_learn_maps_create(learn, 100, &e))
		bail("learned paths", e.text);
	memory = io_learn_maps_table(learn->learned, PROT_READ | PROT_WRITE, &size, &e);
	if (!memory || tm_learned_open(&learned, memory, size, seed, false))
		bail("learned paths", "no table");
	tm_learned_lease(&learned, UINT64_MAX, 0);
}

static void open_all(enum io_mode mode)
{
	static const char text[] = "protect web { servers = {198.51.100.2, 2001:db8:2::2} ports = 80 device = lo }\n";
	struct io_learn_maps learn;
	struct tm_error e;

	/* Without routes nothing but what a vector tells limits an MSS. */
	if (unshare(CLONE_NEWNET))
		bail("unshare", strerror(errno));
	if (services_open(&maps, text, &e))
		bail("services", e.text);
	open_learned(&learn);
	for (int i = 0; i < 2; i++)
		if (io_protect_program_open(&programs[i], mode, &maps, 0, PK_LINK_ETHERNET, i ? &learn : NULL, TAG,
					    &e) ||
		    io_program_load(&programs[i], &e))
			bail("programs", e.text);
	state = io_protect_state(&maps, &e);
	if (!state)
		bail("state", e.text);
	state->sample_mask = 0;
}

static enum verdict verdict_of(uint32_t returned)
{
	switch ((int)returned) {
	case TC_ACT_UNSPEC:
		return xdp ? OTHER : PASS;
	case TC_ACT_SHOT: /* XDP_PASS, too */
		return xdp ? PASS : DROP;
	case TC_ACT_REDIRECT:
		return xdp ? OTHER : REPLY;
	case 1: /* XDP_DROP */
		return xdp ? DROP : OTHER;
	case 3: /* XDP_TX */
		return xdp ? REPLY : OTHER;
	}
	return OTHER;
}

static enum verdict run(uint8_t *frame, uint32_t *len)
{
	static uint8_t out[65536];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = *len, .data_out = out,
		    .data_size_out = sizeof(out));

	if (bpf_prog_test_run_opts(io_program_fd(program, TM_IN), &run))
		bail("test run", strerror(errno));
	memcpy(frame, out, run.data_size_out);
	*len = run.data_size_out;
	return verdict_of(run.retval);
}

/* How a frame of a family was counted, its sample aside; `many` where that was not once. */
static const char *counted(const struct tm_protect_counters *before)
{
	struct tm_protect_counters now;
	const char *found = "none";

	io_protect_counters(&maps, BLOCK, &now);
	for (int f = 0; f < PK_FAMILY_COUNT; f++) {
		for (int r = 0; r < PK_PROTECT_SAMPLED_OPENED; r++) {
			uint64_t n = now.packets[f][r] - before->packets[f][r];

			if (n)
				found = n > 1 || strcmp(found, "none") ? "many" : reasons[r];
		}
	}
	return found;
}

static const uint8_t *address_of(uint8_t family)
{
	return (const uint8_t *)(family == PK_IPV4 ? "\xc6\x33\x64\x02\0\0\0\0\0\0\0\0\0\0\0" :
						     "\x20\x01\x0d\xb8\0\2\0\0\0\0\0\0\0\0\0\2");
}

static void set_learned(const struct vector *v, uint8_t family)
{
	struct tm_learned_path path = { .ipv6 = family == PK_IPV6, .tag = TAG };
	struct tm_learned_value value = { .mtu = (uint16_t)v->learned, .until = TM_LEARNED_ALWAYS };

	memcpy(path.address, address_of(family), 16);
	if (v->learned && tm_learned_set(&learned, &path, &value))
		bail(v->name, "no room for a learned path");
}

static void set_server(const struct vector *v, uint8_t family)
{
	struct tm_protect_server_key key = { .port = 80, .family = family };
	struct tm_protect_server server = { 0 };
	unsigned mss, offers, known;
	char wscale[8];

	memcpy(key.addr, address_of(family), 16);
	bpf_map_delete_elem(maps.servers, &key);
	if (sscanf(v->server, "%u %7s %u %u", &mss, wscale, &offers, &known) != 4)
		return;
	server.mss = (uint16_t)mss;
	server.wscale = !strcmp(wscale, "none") ? TM_WSCALE_NONE : (uint8_t)atoi(wscale);
	server.offers = (uint8_t)offers;
	server.known = (uint8_t)known;
	if (bpf_map_update_elem(maps.servers, &key, &server, BPF_ANY))
		bail(v->name, strerror(errno));
}

static void set_state(const struct vector *v)
{
	struct tm_protect_block *b = &state->blocks[BLOCK];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	b->window = v->spent ? (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec : 0;
	b->unknown = v->spent ? TM_PROTECT_UNKNOWN : 0;
	b->passed = v->spent ? TM_PROTECT_PASSED : 0;
	b->mss[PK_IPV4] = b->mss[PK_IPV6] = (uint16_t)v->mss;
	b->wscale = (uint8_t)v->wscale;
	b->arm = v->arm;
	b->accelerator = v->none_answers ? TM_ACCELERATOR_NONE : xdp ? TM_ACCELERATOR_XDP : TM_ACCELERATOR_TC;
	state->devices[0].mtu = v->device;
	state->guarding = v->arm != TM_PROTECT_IDLE;
	set_server(v, PK_IPV4);
	set_server(v, PK_IPV6);
	tm_learned_clear(&learned);
	set_learned(v, PK_IPV4);
	set_learned(v, PK_IPV6);
}

/* ---- answers */

static uint16_t segment_sum(const uint8_t *frame, const struct pk_packet *pk)
{
	uint32_t src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8), n = pk->family == PK_IPV4 ? 8 : 32;
	uint32_t sum = PK_PROTO_TCP + pk->segment;

	for (uint32_t i = 0; i < n; i += 2)
		sum += pk_get16(frame + src + i);
	for (uint32_t i = 0; i < pk->segment; i++)
		sum += i & 1 ? frame[pk->l4 + i] : frame[pk->l4 + i] << 8;
	return pk_fold(sum);
}

static bool parse(const uint8_t *frame, uint32_t len, struct pk_packet *pk)
{
	struct pk_view v = { .frame = (uint8_t *)frame, .len = len, .room = len };

	*pk = (struct pk_packet){ 0 };
	return pk_parse_link(&v, pk, PK_LINK_ETHERNET) == PK_GO_ON && pk_parse_ip(&v, pk) == PK_GO_ON &&
	       pk_measure_segment(&v, pk) == PK_GO_ON && pk->segment >= PK_TCP_HEADER;
}

/* Takes the cookie and the time out of an answer whose checksum is right. */
static bool normalise(uint8_t *frame, uint32_t len, uint32_t *cookie)
{
	struct pk_packet pk;
	uint8_t *tcp;

	if (!parse(frame, len, &pk) || segment_sum(frame, &pk) != 0xffff)
		return false;
	tcp = frame + pk.l4;
	*cookie = pk_get32(tcp + 4);
	pk_put32(tcp + 4, 0);
	if (pk.segment >= 36)
		pk_put32(tcp + 28, pk_get32(tcp + 28) & 0x3f);
	pk_put16(tcp + PK_TCP_CHECKSUM, 0);
	pk_put16(tcp + PK_TCP_CHECKSUM, ~segment_sum(frame, &pk));
	return true;
}

/* The client's acknowledgement of an answer to `syn`; its length. */
static uint32_t acknowledge(const uint8_t *syn, uint32_t len, uint32_t cookie, uint8_t *frame)
{
	struct pk_packet pk;
	uint32_t ip;

	parse(syn, len, &pk);
	ip = pk.family == PK_IPV4 ? PK_IPV4_HEADER : PK_IPV6_HEADER;
	memset(frame, 0, 100);
	memcpy(frame, syn, 12);
	pk_put16(frame + 12, pk.family == PK_IPV4 ? PK_ETH_IPV4 : PK_ETH_IPV6);
	memcpy(frame + 14, syn + pk.l3, ip);
	if (pk.family == PK_IPV4) {
		frame[14] = 0x45;
		pk_put16(frame + 16, PK_IPV4_HEADER + PK_TCP_HEADER);
		frame[23] = PK_PROTO_TCP;
	} else {
		pk_put16(frame + 18, PK_TCP_HEADER);
		frame[20] = PK_PROTO_TCP;
	}
	memcpy(frame + 14 + ip, syn + pk.l4, 4);
	pk_put32(frame + 14 + ip + 4, pk_get32(syn + pk.l4 + 4) + 1);
	pk_put32(frame + 14 + ip + 8, cookie + 1);
	frame[14 + ip + PK_TCP_OFFSET] = 0x50;
	frame[14 + ip + PK_TCP_FLAGS] = PK_TCP_ACK;
	return 14 + ip + PK_TCP_HEADER;
}

/* Whether the client's acknowledgement passes, and one with another cookie does not. */
static bool cookie_holds(const struct vector *v, uint32_t cookie)
{
	struct tm_protect_counters before;
	uint8_t frame[ROOM];
	uint32_t len;

	for (int wrong = 0; wrong < 2; wrong++) {
		len = acknowledge(v->in, (uint32_t)v->in_len, cookie + (wrong ? 0x10000 : 0), frame);
		io_protect_counters(&maps, BLOCK, &before);
		if (run(frame, &len) != (wrong && !alone ? DROP : PASS) ||
		    strcmp(counted(&before), alone ? "known" :
					     wrong ? "cookie-bad" :
						     "cookie-good"))
			return false;
	}
	return true;
}

/* ---- vectors */

static bool of_no_connection(const struct vector *v)
{
	return !strcmp(v->reason, "stray") || !strcmp(v->reason, "cookie-bad");
}

/* On XDP nothing is done, or counted, while SYNs pass. */
static const char *expected_reason(const struct vector *v)
{
	if (alone && of_no_connection(v))
		return "known";
	return xdp && !strcmp(v->reason, "passed-idle") ? "none" : v->reason;
}

static bool once(const struct vector *v, int which)
{
	const uint8_t *expect = v->same ? v->in : v->out;
	long expect_len = v->same ? v->in_len : v->out_len;
	struct tm_protect_counters before;
	uint32_t len = (uint32_t)v->in_len, cookie = 0;
	enum verdict verdict;
	uint8_t frame[ROOM];
	const char *reason;
	bool good;

	memcpy(frame, v->in, len);
	io_protect_counters(&maps, BLOCK, &before);
	verdict = run(frame, &len);
	reason = counted(&before);
	good = verdict == (alone && of_no_connection(v) ? PASS : v->verdict) && !strcmp(reason, expected_reason(v)) &&
	       (v->same || (normalise(frame, len, &cookie))) && len == expect_len && !memcmp(frame, expect, len) &&
	       (v->same || cookie_holds(v, cookie));
	if (good)
		return true;
	printf("#  run %d\n#  expected %s %s ", which, verdicts[v->verdict], expected_reason(v));
	hex_write(stdout, expect, expect_len);
	printf("\n#  got      %s %s ", verdicts[verdict], reason);
	hex_write(stdout, frame, len);
	putchar('\n');
	return false;
}

static bool can(const struct vector *v)
{
	long least = 14 + (pk_get16(v->in + 12) == PK_ETH_IPV4 ? 20 : pk_get16(v->in + 12) == PK_ETH_IPV6 ? 40 : 0);

	return v->in_len >= least && v->in_len <= 3000;
}

/* The test run's device has a MAC address of zeros: what is for another is not answered on tc. */
static void address_to_us(struct vector *v)
{
	memset(v->in, 0, 6);
	if (!v->same)
		memset(v->out + 6, 0, 6);
}

static void try(struct vector *v)
{
	bool good = true;

	if (!can(v))
		bail(v->name, "the kernel does not run such frames");
	address_to_us(v);
	for (int i = v->learned ? 1 : 0; i < 2 && good; i++) {
		program = &programs[i];
		set_state(v);
		good = once(v, 1) && once(v, 2);
	}
	ok(good, v->name);
}

static void take(struct vector *v, const char *key, char *text)
{
	static const char *const arms[] = { "idle", "draining", "armed" };

	if (!strcmp(key, "vector"))
		snprintf(v->name, sizeof(v->name), "%s", text);
	else if (!strcmp(key, "reason"))
		snprintf(v->reason, sizeof(v->reason), "%s", reasons[FIND(text, reasons)]);
	else if (!strcmp(key, "server"))
		snprintf(v->server, sizeof(v->server), "%s", text);
	else if (!strcmp(key, "verdict"))
		v->verdict = FIND(text, verdicts);
	else if (!strcmp(key, "arm"))
		v->arm = FIND(text, arms);
	else if (!strcmp(key, "accelerator"))
		v->none_answers = true;
	else if (!strcmp(key, "spent"))
		v->spent = true;
	else if (!strcmp(key, "device"))
		v->device = (unsigned)atoi(text);
	else if (!strcmp(key, "learned"))
		v->learned = (unsigned)atoi(text);
	else if (!strcmp(key, "mss"))
		v->mss = (unsigned)atoi(text);
	else if (!strcmp(key, "wscale"))
		v->wscale = (unsigned)atoi(text);
	else if (!strcmp(key, "in"))
		v->in_len = hex_read(text, v->in, ROOM);
	else if (!strcmp(key, "out") && !strcmp(text, "same"))
		v->same = true;
	else if (!strcmp(key, "out"))
		v->out_len = hex_read(text, v->out, ROOM);
	else
		bail("an unknown line", key);
	if (v->in_len < 0 || v->out_len < 0)
		bail(v->name, "no hexadecimal bytes");
}

/* A line, with those that go on with it; false at the end of the file. */
static bool read_line(FILE *f, char *line, size_t room)
{
	size_t used = 0;
	int c;

	*line = '\0';
	while (fgets(line + used, (int)(room - used), f)) {
		used += strcspn(line + used, "\n");
		line[used] = '\0';
		c = fgetc(f);
		ungetc(c, f);
		if (c != '\t')
			return true;
	}
	return used;
}

static void run_file(const char *path)
{
	static const struct vector fresh = {
		.server = "1460 7 7 15", .device = 1500, .wscale = TM_WSCALE_NONE, .arm = TM_PROTECT_ARMED
	};
	static char line[4 * ROOM];
	struct vector v = fresh;
	FILE *f = fopen(path, "re");
	char *text;

	if (!f)
		bail(path, strerror(errno));
	while (read_line(f, line, sizeof(line))) {
		if (*line == '#')
			continue;
		if (*line) {
			text = strchr(line, ' ');
			if (!text)
				bail(path, line);
			*text = '\0';
			take(&v, line, text + 1);
			continue;
		}
		if (*v.name)
			try(&v);
		v = fresh;
	}
	if (*v.name)
		try(&v);
	fclose(f);
}

/* ---- half-open connections */

static bool other_host;

/* A packet of one flow, whose SYN has the number 1. */
static void send_packet(uint8_t flags, uint32_t ack)
{
	/* clang-format off */
	static const uint8_t syn[] = {
		0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 8, 0, /* Ethernet */
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 9, 198, 51, 100, 2, /* IPv4 */
		0x12, 0x34, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, PK_TCP_SYN, 0, 0, 0, 0, 0, 0, /* TCP */
	};
	/* clang-format on */
	uint8_t frame[ROOM];
	uint32_t len;

	memcpy(frame, syn, sizeof(syn));
	len = sizeof(syn);
	frame[0] = other_host ? 2 : 0;
	frame[47] = flags;
	pk_put32(frame + 42, ack);
	if (run(frame, &len) != PASS)
		bail("a packet", "was not let pass");
}

static bool sampled(unsigned opened, unsigned completed, unsigned reset)
{
	struct tm_protect_counters now;

	io_protect_counters(&maps, BLOCK, &now);
	return now.packets[PK_IPV4][PK_PROTECT_SAMPLED_OPENED] == opened &&
	       now.packets[PK_IPV4][PK_PROTECT_SAMPLED_COMPLETED] == completed &&
	       now.packets[PK_IPV4][PK_PROTECT_SAMPLED_RESET] == reset;
}

/* As the server-side program notes a SYN-ACK. */
static void answer_flow(uint32_t expected)
{
	struct pk_flow flow = {
		.src = { 192, 0, 2, 9 }, .dst = { 198, 51, 100, 2 }, .sport = 0x1234, .dport = 80, .family = PK_IPV4
	};
	struct tm_half_open open;

	if (bpf_map_lookup_elem(maps.half_open, &flow, &open))
		bail("half-open flows", "there is none");
	open.answered = 1;
	open.expected = expected;
	bpf_map_update_elem(maps.half_open, &flow, &open, BPF_ANY);
}

/* Devices see what is for others, too, while somebody captures, or behind a switch that does not know whose it is. */
static void test_other_host(void)
{
	static const struct vector armed = { .server = "1460 7 7 15",
					     .wscale = TM_WSCALE_NONE,
					     .arm = TM_PROTECT_ARMED };
	struct tm_protect_counters before;

	program = &programs[0];
	set_state(&armed);
	other_host = true;
	io_protect_counters(&maps, BLOCK, &before);
	send_packet(PK_TCP_SYN, 0);
	other_host = false;
	ok(!strcmp(counted(&before), "none"), "a SYN that is for another gateway is not answered");
}

static void test_sample(void)
{
	static const struct vector idle = { .wscale = TM_WSCALE_NONE };
	struct tm_protect_counters was;
	unsigned o, c, r;

	program = &programs[0];
	set_state(&idle);
	io_protect_counters(&maps, BLOCK, &was);
	o = was.packets[PK_IPV4][PK_PROTECT_SAMPLED_OPENED];
	c = was.packets[PK_IPV4][PK_PROTECT_SAMPLED_COMPLETED];
	r = was.packets[PK_IPV4][PK_PROTECT_SAMPLED_RESET];
	send_packet(PK_TCP_SYN, 0);
	ok(sampled(o + 1, c, r), "a SYN opens a flow");
	send_packet(PK_TCP_SYN, 0);
	ok(sampled(o + 1, c, r), "one that is sent again does not");
	send_packet(PK_TCP_ACK, 1000);
	ok(sampled(o + 1, c, r), "nothing completes it before the server has answered");
	answer_flow(1000);
	send_packet(PK_TCP_ACK, 999);
	send_packet(PK_TCP_ACK, 1000 + 0x10000);
	send_packet(0, 1000);
	ok(sampled(o + 1, c, r), "nor does who does not know the server's number");
	send_packet(PK_TCP_ACK, 1000);
	ok(sampled(o + 1, c + 1, r), "the client completes it");
	send_packet(PK_TCP_ACK, 1000);
	ok(sampled(o + 1, c + 1, r), "once");
	send_packet(PK_TCP_SYN, 0);
	send_packet(PK_TCP_RST, 0);
	ok(sampled(o + 2, c + 1, r + 1), "a client that refuses ends it");
	state->sample_mask = ~0u;
	send_packet(PK_TCP_SYN, 0);
	ok(sampled(o + 2, c + 1, r + 1), "a flow that is not in the sample is not looked at");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	xdp = !strcmp(argv[1], "xdp");
	alone = getenv("TCPMSS_NO_CONNTRACK");
	open_all(xdp ? IO_XDP : IO_TC);
	run_file(argv[2]);
	if (!xdp) {
		test_other_host();
		test_sample();
	}
	printf("1..%d\n", number);
	return failed;
}
