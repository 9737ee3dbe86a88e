/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hook's counters, and the baseline that a clear moves.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* All CPUs' counters of each direction. */
static int read_sum(int counters, struct tm_bpf_counters sum[TM_DIRECTIONS], struct tm_error *e)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct tm_bpf_counters *all = cpus > 0 ? calloc((size_t)cpus, sizeof(*all)) : NULL;

	if (!all)
		return tm_error_code(e, -ENOMEM, "out of memory");
	memset(sum, 0, TM_DIRECTIONS * sizeof(*sum));
	for (__u32 d = 0; d < TM_DIRECTIONS && !err; d++) {
		if (bpf_map_lookup_elem(counters, &d, all))
			err = io_bpf_error(e, -errno, "reading the counters");
		for (int cpu = 0; cpu < cpus && !err; cpu++)
			tm_bpf_counters_add(&sum[d], &all[cpu]);
	}
	free(all);
	return err;
}

static int read_baseline(int fd, struct tm_bpf_counters baseline[TM_DIRECTIONS], struct tm_error *e)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(fd, &key, baseline) ? io_bpf_error(e, -errno, "reading the counters") : 0;
}

int io_hook_counters(const struct io_hook *hook, struct tm_hook_counters *counters, struct tm_error *e)
{
	struct tm_bpf_counters now[TM_DIRECTIONS], baseline[TM_DIRECTIONS];
	/* The baseline first: a clear in between then shows as a large count, never as a negative one. */
	int err = read_baseline(hook->baseline, baseline, e);

	if (!err)
		err = read_sum(hook->maps.counters, now, e);
	if (!err)
		tm_hook_counters_since(counters, now, baseline);
	return err;
}

int io_hook_stats(const char *name, enum io_stats what, struct tm_hook_counters *counters, struct tm_error *e)
{
	return io_hook_stats_of(name, 1 << TM_IN | 1 << TM_OUT, what, counters, e);
}

int io_hook_stats_of(const char *name, unsigned directions, enum io_stats what, struct tm_hook_counters *counters,
		     struct tm_error *e)
{
	struct tm_bpf_counters now[TM_DIRECTIONS], baseline[TM_DIRECTIONS];
	struct io_bpffs fs;
	struct io_hook hook;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, what != IO_STATS_GET, e);
	if (err)
		return err;
	err = io_hook_open_in(&fs, &hook, name, e);
	if (!err) {
		err = read_baseline(hook.baseline, baseline, e);
		if (!err)
			err = read_sum(hook.maps.counters, now, e);
		if (!err)
			tm_hook_counters_since(counters, now, baseline);
		for (int d = 0; d < TM_DIRECTIONS; d++)
			if (directions >> d & 1)
				baseline[d] = now[d];
		if (!err && what != IO_STATS_GET)
			err = io_hook_write(&fs, name, "baseline", baseline, sizeof(baseline), e);
		io_hook_close(&hook);
	}
	io_bpffs_close(&fs);
	return err;
}
