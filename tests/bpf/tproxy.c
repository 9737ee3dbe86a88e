/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tc program of `tproxy` marks, by BPF_PROG_TEST_RUN: messages that quote connections of sockets made here, and hostile ones.
 * The connections are made in repair mode, which sends nothing. TAP.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/tproxy/load.h"
#include "tests/unit/ptb-maker.h"

#define MARK 0x210
#define MASK 0xff0
#define OTHER_BITS 0xdead000f
#define RANDOM 50000

static int number;
static bool failed;
static struct tproxy_tc *program;
static uint8_t before[256]; /* in front of the IP header */
static uint32_t before_len;

static void ok(bool good, const char *what, bool six)
{
	printf("%sok %d - IPv%c: %s\n", good ? "" : "not ", ++number, six ? '6' : '4', what);
	failed |= !good;
}

static void fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct tproxy_tc *load(void)
{
	const struct tm_tproxy_family family = { .on = true, .mark = MARK, .mask = MASK };
	const struct tm_tproxy_plan plan = { { family, family } };
	struct tm_tproxy_config config = io_tproxy_config(&plan);
	int marked = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_marked", sizeof(uint32_t),
				    sizeof(struct tm_tproxy_marked), 1, NULL);
	struct tproxy_tc *s;
	struct tm_error e;

	if (marked < 0)
		fail("a map");
	s = io_tproxy_load(&config, PK_LINK_ETHERNET, marked, &e);
	if (!s)
		fail(e.text);
	close(marked);
	return s;
}

/* ---- sockets */

static socklen_t address(bool six, uint8_t last, uint16_t port, struct sockaddr_storage *to)
{
	struct ptb_spec spec = { .ipv6 = six };
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *long_one = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = six ? AF_INET6 : AF_INET;
	four->sin_port = htons(port); /* in the same place for both */
	if (last)
		ptb_address(&spec, last, six ? long_one->sin6_addr.s6_addr : (uint8_t *)&four->sin_addr);
	return six ? sizeof(*long_one) : sizeof(*four);
}

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		fail("setting up a socket");
}

static int bound(bool six, bool transparent, uint8_t last, uint16_t port)
{
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0), level = six ? SOL_IPV6 : SOL_IP;
	struct sockaddr_storage a;

	if (fd < 0)
		fail("a socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (transparent)
		set(fd, level, six ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1);
	if (bind(fd, (struct sockaddr *)&a, address(six, last, port, &a)))
		fail("binding a socket");
	return fd;
}

static int connected(bool six, bool transparent, uint8_t last, uint16_t port)
{
	int fd = bound(six, transparent, last, port);
	struct sockaddr_storage a;

	set(fd, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON);
	if (connect(fd, (struct sockaddr *)&a, address(six, 2, 443, &a)))
		fail("connecting a socket");
	return fd;
}

static int listening(bool six, uint8_t last, uint16_t port)
{
	int fd = bound(six, true, last, port);

	if (listen(fd, 1))
		fail("listening");
	return fd;
}

/* ---- runs */

/* The mark that a frame has behind the program. */
static uint32_t run(const uint8_t *ip, uint32_t len)
{
	static uint8_t in[2048], out[2048];
	struct __sk_buff skb = { .mark = OTHER_BITS }, got = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in, .data_size_in = before_len + len, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = &skb, .ctx_size_in = sizeof(skb), .ctx_out = &got,
		    .ctx_size_out = sizeof(got));

	memcpy(in, before, before_len);
	memcpy(in + before_len, ip, len);
	if (opts.data_size_in < 14)
		return OTHER_BITS;
	if (bpf_prog_test_run_opts(bpf_program__fd(program->progs.tcpmss_tproxy), &opts)) {
		if (errno == EINVAL) /* a frame that the kernel does not take */
			return OTHER_BITS;
		fail("running the program");
	}
	if ((int)opts.retval != -1 || opts.data_size_out != opts.data_size_in || memcmp(in, out, opts.data_size_in))
		return 0;
	return got.mark;
}

/* Only the masked bits are ours. */
#define MARKED ((OTHER_BITS & ~MASK) | MARK)

static void marks(const struct ptb_spec *spec, bool wanted, const char *what)
{
	uint8_t packet[256];
	uint32_t len = ptb_make(spec, packet);

	ok(run(packet, len) == (wanted ? MARKED : OTHER_BITS), what, spec->ipv6);
}

/* The link header, with so many tags. */
static void ethernet(bool six, int tags)
{
	uint8_t *p = before + 12;

	memset(before, 0, sizeof(before));
	for (int i = 0; i < tags; i++, p += 4) {
		pk_put16(p, i ? 0x8100 : 0x88a8);
		pk_put16(p + 2, 100 + i);
	}
	pk_put16(p, six ? 0x86dd : 0x0800);
	before_len = (uint32_t)(p + 2 - before);
}

#define WITH(...)                                  \
	({                                         \
		struct ptb_spec changed = spec;    \
		__typeof__(changed) *s = &changed; \
		__VA_ARGS__;                       \
		changed;                           \
	})

static void test_messages(bool six)
{
	struct ptb_spec spec = PTB_SPEC4, other;
	uint8_t packet[256];
	uint32_t len, wrong = 0;

	spec.ipv6 = six;
	spec.mtu = 1280;
	other = WITH(s->sport = 40001);
	marks(&spec, true, "quotes a connection of a transparent socket");
	marks(&other, false, "quotes one of a socket that is not transparent");
	other = WITH(s->sport = 40002);
	marks(&other, false, "quotes one that does not exist");
	other = WITH(s->sport = 40003);
	marks(&other, false, "quotes the port of a listening socket on all addresses");
	other = WITH(s->sport = 40004);
	marks(&other, false, "quotes the address and port of a listening socket");
	other = WITH(s->sender = 2, s->receiver = 1, s->sport = 443, s->dport = 40000);
	marks(&other, false, "quotes the other direction");
	other = WITH(s->to = 7);
	marks(&other, false, "is for somebody else than who sent what it quotes");
	other = WITH(s->type = six ? 1 : 3, s->code = 3);
	marks(&other, false, "says something else");
	other = WITH(s->type = six ? 3 : 11);
	marks(&other, false, "says that a packet lived too long");
	other = WITH(s->protocol = 17);
	marks(&other, false, "quotes UDP");
	other = WITH(s->version = six ? 4 : 6);
	marks(&other, false, "quotes another family");
	other = WITH(s->quote = 7);
	marks(&other, false, "quotes less than eight bytes");
	other = WITH(s->cut = 1);
	marks(&other, false, "is cut");
	if (!six) {
		other = WITH(s->options = 40);
		marks(&other, true, "quotes options");
		other = WITH(s->fragment = 100);
		marks(&other, false, "quotes a later fragment");
		other = WITH(s->outer_fragment = true);
		marks(&other, false, "is a fragment");
	}
	len = ptb_make(&spec, packet);
	for (uint32_t n = 0; n < len; n++)
		wrong += run(packet, n) != OTHER_BITS;
	ok(!wrong, "cut after any byte, it is not marked", six);
}

static void test_tags(bool six)
{
	struct ptb_spec spec = PTB_SPEC4;

	spec.ipv6 = six;
	spec.mtu = 1280;
	ethernet(six, 1);
	marks(&spec, true, "behind a tag");
	ethernet(six, 3);
	marks(&spec, true, "behind three tags");
	ethernet(six, 0);
}

/* Bytes at random places of a good message become others: whatever comes out, it is one of two marks, and nothing else changes. */
static void test_random(bool six)
{
	struct ptb_spec spec = PTB_SPEC4;
	uint8_t good[256], packet[256];
	uint32_t len, got, wrong = 0, still = 0;

	spec.ipv6 = six;
	spec.mtu = 1280;
	len = ptb_make(&spec, good);
	srand(1);
	for (int i = 0; i < RANDOM; i++) {
		memcpy(packet, good, len);
		for (int n = rand() % 4; n >= 0; n--)
			packet[rand() % len] = (uint8_t)rand();
		got = run(packet, 1 + rand() % len);
		still += got == MARKED;
		wrong += got != MARKED && got != OTHER_BITS;
	}
	ok(!wrong, "random bytes: it is marked or not, and never changed", six);
}

int main(void)
{
	program = load();
	for (int six = 0; six < 2; six++) {
		const int sockets[] = { connected(six, true, 1, 40000), connected(six, false, 1, 40001),
					listening(six, 0, 40003), listening(six, 1, 40004) };

		ethernet(six, 0);
		test_messages(six);
		test_tags(six);
		test_random(six);
		for (size_t i = 0; i < sizeof(sockets) / sizeof(*sockets); i++)
			close(sockets[i]);
	}
	tproxy_tc__destroy(program);
	printf("1..%d\n", number);
	return failed;
}
