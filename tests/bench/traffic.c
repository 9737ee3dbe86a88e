/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traffic SOURCE-NETNS SOURCE-DEV SINK-NETNS SINK-DEV GATEWAY-MAC PACKETS MSS NAME: sends packets of four kinds through whatever
 * lies between the two devices and prints what one of each cost ("sample NAME-syn4 NS"), all on one CPU: source, gateway and
 * sink. Fails where packets are lost, or where SYNs do not arrive with that MSS.
 *
 * The time is that of this thread and of ksoftirqd, which takes over part of the work where there is much of it.
 */
#include "frames.h"
#include "samples.h"
#include "traffic.h"

#include "core/options.h"
#include "core/sum.h"
#include "lib/view.h"

#include "traffic.skel.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Enters a network namespace of `ip netns`; the index of a device there. */
static int enter(const char *netns, const char *device)
{
	char path[256];
	int fd, index;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(netns);
	close(fd);
	index = if_nametoindex(device);
	if (!index)
		fail(device);
	return index;
}

/* Nanoseconds that ksoftirqd of this CPU has run. */
static double softirq_clock(void)
{
	static char path[64];
	char name[32], want[32];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(want, sizeof(want), "ksoftirqd/%d\n", sched_getcpu());
	for (int pid = 2; !*path && pid < 1000; pid++) {
		snprintf(name, sizeof(name), "/proc/%d/comm", pid);
		f = fopen(name, "r");
		if (f && fgets(name, sizeof(name), f) && !strcmp(name, want))
			snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
		if (f)
			fclose(f);
	}
	f = *path ? fopen(path, "r") : NULL;
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (double)ns;
}

static uint32_t sum(const uint8_t *p, uint32_t n)
{
	uint32_t s = 0;

	for (uint32_t i = 0; i < n; i += 2)
		s += pk_get16(p + i);
	return s;
}

/* The frame of one kind, with zeros where traffic.bpf.c writes. */
static void make_template(struct traffic_template *t, int family, bool syn, const uint8_t *mac)
{
	struct bench_frame f;
	uint8_t *ip = f.bytes + 14, *tcp;
	uint32_t addresses = family == 4 ? 8 : 32;

	bench_frame(&f, family, syn, syn ? BENCH_LINUX : BENCH_TS, syn ? 0 : 8);
	tcp = f.bytes + f.tcp_at;
	memcpy(f.bytes, mac, 6);
	pk_put16(f.bytes + (family == 4 ? 28 : 36), 0);
	pk_put16(ip + 10, family == 4 ? 0 : pk_get16(ip + 10));
	pk_put16(tcp, 0);
	pk_put16(tcp + PK_TCP_CHECKSUM, 0);
	memset(t, 0, sizeof(*t));
	memcpy(t->bytes, f.bytes, f.len);
	t->ipv4 = family == 4;
	t->ip_sum = sum(ip, PK_IPV4_HEADER);
	t->tcp_sum = sum(tcp - addresses, addresses + f.len - f.tcp_at) + PK_PROTO_TCP + f.len - f.tcp_at;
}

static double send_packets(struct traffic *t, uint32_t device, uint32_t packets)
{
	static uint8_t frame[TRAFFIC_LEN6];
	struct xdp_md ctx = { .data_end = t->bss->traffic_template.ipv4 ? TRAFFIC_LEN4 : TRAFFIC_LEN6,
			      .ingress_ifindex = device };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = ctx.data_end, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)packets, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = 64);
	double start = bench_clock() + softirq_clock();

	if (bpf_prog_test_run_opts(bpf_program__fd(t->progs.traffic_source), &opts))
		fail("live frames");
	return (bench_clock() + softirq_clock() - start) / packets;
}

int main(int argc, char **argv)
{
	struct traffic *t;
	uint32_t packets, mss;
	unsigned mac[6];
	int sink, source, failed = 0;

	if (argc != 9 || sscanf(argv[5], "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		return 2;
	packets = (uint32_t)atoi(argv[6]);
	mss = (uint32_t)atoi(argv[7]);
	bench_pin();
	t = traffic__open_and_load();
	if (!t)
		fail("programs");
	sink = enter(argv[3], argv[4]);
	if (!bpf_program__attach_xdp(t->progs.traffic_sink, sink))
		fail("sink");
	source = enter(argv[1], argv[2]);
	t->bss->traffic_device = source;
	for (int kind = 0; kind < 4; kind++) {
		int family = kind & 1 ? 6 : 4;
		bool syn = kind & 2;
		uint8_t to[6];
		double ns;

		for (int i = 0; i < 6; i++)
			to[i] = mac[i];
		make_template(&t->bss->traffic_template, family, syn, to);
		send_packets(t, source, packets / 10); /* neighbours, routes and caches */
		t->bss->traffic_sunk = (struct traffic_sunk){ 0 };
		ns = send_packets(t, source, packets);
		printf("sample\t%s-%s%d\t%.2f\n", argv[8], syn ? "syn" : "data", family, ns);
		if (t->bss->traffic_sunk.packets < packets - packets / 1000 ||
		    (syn && t->bss->traffic_sunk.mss != mss)) {
			fprintf(stderr, "bench: %s, IPv%d: %u packets sent, %llu arrived, MSS %u\n", argv[8], family,
				packets, (unsigned long long)t->bss->traffic_sunk.packets, t->bss->traffic_sunk.mss);
			failed = 1;
		}
	}
	traffic__destroy(t);
	return failed;
}
