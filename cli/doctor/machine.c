/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: what the process may do and what the kernel can.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "io/bpf/tc.h"

static uint64_t effective(void)
{
	uint64_t set = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "CapEff:", 7))
			set = strtoull(line + 7, NULL, 16);
	if (f)
		fclose(f);
	return set;
}

static void privileges(struct doctor *d)
{
	static const struct {
		int number;
		const char *name, *what;
	} needed[] = {
		{ CAP_BPF, "CAP_BPF", "attach, detach, show and stats" },
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN", "attach, detach and tcpmssd" },
		{ CAP_PERFMON, "CAP_PERFMON", "attach" },
		{ CAP_NET_RAW, "CAP_NET_RAW", "the SYNs of doctor" },
	};
	uint64_t have = effective();
	bool all = true;

	d->may_look = have >> CAP_SYS_ADMIN & 1;
	if (d->may_look) /* stands for these two */
		have |= 1ULL << CAP_BPF | 1ULL << CAP_PERFMON;
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (have >> needed[i].number & 1)
			continue;
		tm_find(&d->f, TM_WARNING, "privilege", NULL, "no %s, which %s need", needed[i].name, needed[i].what);
		tm_advise(&d->f, "run as root");
		d->denied = true;
		all = false;
	}
	if (!d->may_look) {
		tm_find(&d->f, TM_WARNING, "privilege", NULL,
			"no CAP_SYS_ADMIN: what other BPF programs are called, and what an XDP program does, cannot be seen");
		tm_advise(&d->f, "run as root to see that, too");
	} else if (all) {
		tm_find(&d->f, TM_OK, "privilege", NULL, "all capabilities that tcpmss needs are there");
	}
}

static void kernel(struct doctor *d)
{
	uint32_t count = 0, flags;
	bool btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	char jit = '?';
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "re");

	if (f) {
		jit = fgetc(f);
		fclose(f);
	}
	if (!btf) {
		tm_find(&d->f, TM_WARNING, "kernel", NULL,
			"no type information (BTF): XDP beside other XDP programs needs it");
		tm_advise(&d->f, "use --mode tc, or a kernel with CONFIG_DEBUG_INFO_BTF");
	}
	if (jit == '0') {
		tm_find(&d->f, TM_WARNING, "kernel", NULL,
			"BPF programs are interpreted: every packet costs many times more");
		tm_advise(&d->f, "sysctl net.core.bpf_jit_enable=1");
	}
	if (btf && jit != '0')
		tm_find(&d->f, TM_OK, "kernel", NULL, "BPF is compiled, types are known (BTF)%s",
			!bpf_prog_query(1, IO_TCX_ATTACH_TYPE(TM_IN), 0, &flags, NULL, &count) ?
				", programs attach by link (TCX)" :
				"");
}

static void queues(struct doctor *d)
{
	struct tm_listener listeners[64];
	size_t count = io_queue_listeners(listeners, sizeof(listeners) / sizeof(*listeners));

	tm_judge_queues(&d->f, &d->firewall, listeners, count);
	if (d->firewall.more)
		tm_find(&d->f, TM_WARNING, "queue", NULL,
			"more than %d rules clamp or feed queues: not all were looked at", TM_FIREWALL_RULES);
	if (!d->firewall_read) {
		tm_find(&d->f, TM_WARNING, "firewall", NULL,
			"the rules of iptables and nftables could not all be read");
		tm_advise(
			&d->f,
			"look for TCPMSS, NFQUEUE, maxseg and queue in 'iptables-save', 'ip6tables-save' and 'nft list ruleset'");
	}
}

void doctor_machine(struct doctor *d)
{
	privileges(d);
	kernel(d);
	d->firewall_read = io_firewall_read(&d->firewall);
	queues(d);
}
