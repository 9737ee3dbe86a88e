/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's LPM map beside our trie (core/trie.h), with 100 000 prefixes in each: the reason for having one of our own.
 * Both must find the same.
 */
#include "edit.h"
#include "prefixes.h"
#include "samples.h"

#include "io/bpf/program.h"

#include "lpm.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned repeat = 200000;
static struct lpm *lpm;
static uint64_t found[2][2][2]; /* sums by family, whether random, and kind, of the last round */

struct load {
	int fd, family;
	bool random;
	uint64_t *found;
};

static const struct pk_rules_head *head;
static uint8_t addresses[2][BENCH_SOURCES][16];

static double run(void *arg)
{
	static uint8_t frame[64];
	const struct load *l = arg;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame), .repeat = (int)repeat);
	double start;

	memcpy(lpm->bss->lpm_addresses, addresses[l->family == 6], sizeof(addresses[0]));
	lpm->bss->lpm_mask = l->random ? BENCH_SOURCES - 1 : 0;
	lpm->bss->lpm_bits = l->family == 4 ? 32 : 128;
	lpm->bss->lpm_root = l->family == 4 ? head->root4 : head->root6;
	lpm->bss->lpm_next = 0;
	lpm->bss->lpm_sum = 0;
	start = bench_clock();
	if (bpf_prog_test_run_opts(l->fd, &opts))
		return -1;
	*l->found = lpm->bss->lpm_sum;
	return (bench_clock() - start) / repeat;
}

/* Both families have to share one map, which is as long as one of them: it is filled anew for each. */
static int fill(const struct tm_ruleset *set, int family)
{
	int fd = bpf_map__fd(lpm->maps.lpm_map), err = 0;
	struct {
		__u32 bits;
		__u8 addr[16];
	} key;

	while (!err && !bpf_map_get_next_key(fd, NULL, &key))
		err = bpf_map_delete_elem(fd, &key);
	for (size_t i = 0; i < set->count && !err; i++) {
		const struct tm_prefix *p = &set->prefixes[i];
		__u32 mtu = p->mtu;

		if (p->ipv6 != (family == 6))
			continue;
		key.bits = p->len;
		memcpy(key.addr, p->addr, sizeof(key.addr));
		err = bpf_map_update_elem(fd, &key, &mtu, BPF_ANY);
	}
	return err;
}

static int measure(int family, unsigned rounds)
{
	int empty = bpf_program__fd(lpm->progs.lpm_floor), kernel = bpf_program__fd(lpm->progs.lpm_kernel),
	    ours = bpf_program__fd(lpm->progs.lpm_ours);
	uint64_t(*sums)[2] = found[family == 6];
	uint64_t unused;
	struct load loads[] = {
		{ empty, family, false, &unused },     { kernel, family, false, &sums[0][0] },
		{ ours, family, false, &sums[0][1] },  { empty, family, true, &unused },
		{ kernel, family, true, &sums[1][0] }, { ours, family, true, &sums[1][1] },
	};
	struct bench_case cases[] = {
		{ "floor", NULL, 0, "floor: one address", run, &loads[0] },
		{ "kernel", "floor", 0, "LPM map, one address", run, &loads[1] },
		{ "ours", "floor", 0, "our trie, one address", run, &loads[2] },
		{ "floor-random", NULL, 0, "floor: 16384 addresses", run, &loads[3] },
		{ "kernel-random", "floor-random", 0, "LPM map, 16384 addresses", run, &loads[4] },
		{ "ours-random", "floor-random", 0, "our trie, 16384 addresses", run, &loads[5] },
	};

	bench_title(family == 4 ? "One lookup among 100 000 prefixes, IPv4" :
				  "One lookup among 100 000 prefixes, IPv6");
	if (bench_rounds(cases, sizeof(cases) / sizeof(*cases), rounds))
		return -1;
	if (sums[0][0] != sums[0][1] || sums[1][0] != sums[1][1]) {
		fprintf(stderr, "bench: IPv%d: the two disagree\n", family);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
	struct tm_ruleset set = { 0 };
	struct tm_image image;
	struct tm_error e;
	struct io_maps maps;

	if (argc > 2)
		repeat = (unsigned)atoi(argv[2]);
	if (bench_prefixes(&set) || tm_image_build(&image, &set))
		return 1;
	head = tm_image_head(&image);
	io_bpf_verbose(false);
	if (io_maps_create(&maps, &image, &e)) {
		fprintf(stderr, "bench: %s\n", e.text);
		return 1;
	}
	lpm = lpm__open();
	if (!lpm)
		return 1;
	lpm->rodata->tm_config.image_words = maps.image_words;
	bpf_map__reuse_fd(lpm->maps.tm_rules, maps.rules);
	if (lpm__load(lpm))
		return 1;
	for (unsigned i = 0; i < BENCH_SOURCES; i++) {
		bench_prefix_address(&set, 4, addresses[0][i]);
		memset(addresses[0][i] + 4, 0, 12);
		bench_prefix_address(&set, 6, addresses[1][i]);
	}
	bench_pin();
	for (int family = 4; family <= 6; family += 2)
		if (fill(&set, family) || measure(family, rounds))
			return 1;
	return 0;
}
