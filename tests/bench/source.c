/* SPDX-License-Identifier: BSD-2-Clause */
#include "source.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sum.h"
#include "frames.h"
#include "lib/view.h"
#include "samples.h"

#define BATCH 64 /* frames on their way to a device before they are handed over */

static uint8_t gateway[6];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

int source_enter(const char *netns, const char *device)
{
	char path[256];
	int fd, index;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(netns);
	close(fd);
	index = (int)if_nametoindex(device);
	if (!index)
		fail(device);
	return index;
}

static struct traffic *load(const char *mac)
{
	struct traffic *t = traffic__open_and_load();
	unsigned byte[6];

	if (sscanf(mac, "%x:%x:%x:%x:%x:%x", byte, byte + 1, byte + 2, byte + 3, byte + 4, byte + 5) != 6)
		fail(mac);
	for (int i = 0; i < 6; i++)
		gateway[i] = (uint8_t)byte[i];
	if (!t)
		fail("programs");
	return t;
}

struct traffic *source_open(const char *netns, const char *device, const char *sink_netns, const char *sink_device,
			    const char *mac)
{
	struct traffic *t = load(mac);

	if (!bpf_program__attach_xdp(t->progs.traffic_sink, source_enter(sink_netns, sink_device)))
		fail("sink");
	t->bss->traffic_device = (uint32_t)source_enter(netns, device);
	return t;
}

struct traffic *source_flood(const char *netns, const char *device, const char *mac)
{
	struct traffic *t = load(mac);

	t->bss->traffic_device = (uint32_t)source_enter(netns, device);
	t->bss->traffic_random = 1;
	return t;
}

void source_sink(const struct traffic *t)
{
	if (!bpf_program__attach_xdp(t->progs.traffic_back, (int)t->bss->traffic_device))
		fail("what takes the answers");
}

static uint32_t sum(const uint8_t *p, uint32_t n)
{
	uint32_t s = 0;

	for (uint32_t i = 0; i < n; i += 2)
		s += pk_get16(p + i);
	return s;
}

/* With zeros where traffic.bpf.c writes. */
void source_frames(struct traffic *t, int family, bool syn, uint16_t port)
{
	struct traffic_template *template = &t->bss->traffic_templates[family == 6];
	struct bench_frame f;
	uint8_t *ip = f.bytes + 14, *tcp;
	uint32_t addresses = family == 4 ? 8 : 32;

	bench_frame(&f, family, syn, syn ? BENCH_LINUX : BENCH_TS, syn ? 0 : 8);
	tcp = f.bytes + f.tcp_at;
	memcpy(f.bytes, gateway, sizeof(gateway));
	pk_put16(f.bytes + (family == 4 ? 28 : 36), 0);
	pk_put16(ip + 10, family == 4 ? 0 : pk_get16(ip + 10));
	pk_put16(tcp, 0);
	pk_put16(tcp + 2, port);
	if (t->bss->traffic_random)
		memset(tcp + 4, 0, 8); /* sequence and acknowledgement */
	pk_put16(tcp + PK_TCP_CHECKSUM, 0);
	memset(template, 0, sizeof(*template));
	memcpy(template->bytes, f.bytes, f.len);
	template->ip_sum = sum(ip, PK_IPV4_HEADER);
	template->tcp_sum = sum(tcp - addresses, addresses + f.len - f.tcp_at) + PK_PROTO_TCP + f.len - f.tcp_at;
}

void source_send(const struct traffic *t, int family, uint32_t packets)
{
	static const uint8_t frame[TRAFFIC_LEN6];
	struct xdp_md ctx = { .data_end = family == 4 ? TRAFFIC_LEN4 : TRAFFIC_LEN6,
			      .ingress_ifindex = t->bss->traffic_device };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = ctx.data_end, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = (int)packets, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = BATCH);

	if (bpf_prog_test_run_opts(bpf_program__fd(t->progs.traffic_source), &opts))
		fail("live frames");
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

double source_timed(const struct traffic *t, int family, uint32_t packets)
{
	double start = bench_clock() + softirq_clock();

	source_send(t, family, packets);
	return (bench_clock() + softirq_clock() - start) / packets;
}
