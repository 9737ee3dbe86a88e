/* SPDX-License-Identifier: BSD-2-Clause */
#include "tc.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/bpf/error.h"
#include "io/hook/parts.h"
#include "io/hook/learn-maps.h"
#include "lib/clamp.h"
#include "io/net/link.h"
#include "io/bpf/tc.h"
#include "load.h"

#define DIR IO_LEARN_DIR "tproxy"
#define HANDLE 0x74707879 /* of our filters: hooks have numbers of programs, which are smaller */

/* What is pinned for a device, and what is behind the device's index in the name. */
enum pinned { LINK, FILTER, FILTER_AND_QDISC, NOTHING };
static const char *const suffixes[NOTHING] = { "", "-filter", "-made" };

static void path_of(const struct io_bpffs *fs, uint32_t ifindex, enum pinned what, char path[IO_PATH])
{
	char name[32];

	snprintf(name, sizeof(name), "%u%s", ifindex, suffixes[what]);
	io_bpffs_path(fs, DIR, name, path);
}

/* With the rights that this process has, not those of the user behind it. */
static bool is_there(const char *path)
{
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}

static enum pinned find(const struct io_bpffs *fs, uint32_t ifindex)
{
	char path[IO_PATH];

	for (enum pinned what = LINK; what < NOTHING; what++) {
		path_of(fs, ifindex, what, path);
		if (is_there(path))
			return what;
	}
	return NOTHING;
}

static bool alive(const struct io_bpffs *fs, uint32_t ifindex, enum pinned what)
{
	char path[IO_PATH];

	if (what == NOTHING)
		return false;
	path_of(fs, ifindex, what, path);
	return what == LINK ? io_link_alive(path, ifindex) : io_clsact_alive(ifindex, TM_IN, IO_TC_USUAL, HANDLE);
}

static void take_off(const struct io_bpffs *fs, uint32_t ifindex)
{
	enum pinned what = find(fs, ifindex);
	char path[IO_PATH];

	if (what == NOTHING)
		return;
	path_of(fs, ifindex, what, path);
	if (what == LINK)
		io_link_detach(path);
	else
		io_clsact_detach(ifindex, TM_IN, IO_TC_USUAL, HANDLE, what == FILTER_AND_QDISC);
	unlink(path);
}

/* Calls `each` for every device that something is pinned for. How many these are. */
static int each_pinned(const struct io_bpffs *fs, void (*each)(const struct io_bpffs *fs, uint32_t ifindex, void *ctx),
		       void *ctx)
{
	char path[IO_PATH];
	struct dirent **entries;
	int n, count = 0;

	io_bpffs_path(fs, DIR, NULL, path);
	n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		uint32_t ifindex = (uint32_t)strtoul(entries[i]->d_name, NULL, 10);

		if (ifindex && each)
			each(fs, ifindex, ctx);
		count += ifindex != 0;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return count;
}

/* ---- on devices */

/* The map of counters: the one that is there, or a new one. Its descriptor, or −errno with *e filled. */
static int open_marked(const struct io_bpffs *fs, struct tm_error *e)
{
	char path[IO_PATH];
	int fd;

	io_bpffs_path(fs, DIR, "marked", path);
	fd = bpf_obj_get(path);
	if (fd >= 0)
		return fd;
	fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_marked", sizeof(uint32_t), sizeof(struct tm_tproxy_marked),
			    1, NULL);
	if (fd < 0)
		return io_bpf_error(e, fd, "creating a map");
	if (!bpf_obj_pin(fd, path))
		return fd;
	io_bpf_error(e, -errno, "pinning on the BPF file system");
	close(fd);
	return -EIO;
}

/*
 * A filter holds its program by itself: the pin tells that it is ours. It comes first, so that a filter without one is never left behind
 * when this process is killed.
 */
static int pin_filter(const struct io_bpffs *fs, int program, uint32_t ifindex, enum pinned what, struct tm_error *e)
{
	char path[IO_PATH];

	path_of(fs, ifindex, what, path);
	unlink(path);
	return bpf_obj_pin(program, path) ? io_bpf_error(e, -errno, "pinning on the BPF file system") : 0;
}

static int attach_filter(const struct io_bpffs *fs, int program, uint32_t ifindex, struct tm_error *e)
{
	char path[IO_PATH], made_path[IO_PATH];
	bool made = false;
	int err = pin_filter(fs, program, ifindex, FILTER, e);

	if (err)
		return err;
	err = io_clsact_attach(program, ifindex, TM_IN, IO_TC_USUAL, HANDLE, false, &made, e);
	path_of(fs, ifindex, FILTER, path);
	path_of(fs, ifindex, FILTER_AND_QDISC, made_path);
	if (err)
		unlink(path);
	else if (made)
		rename(path, made_path);
	return err;
}

/* Another program in the place of the one that is there. */
static int replace(const struct io_bpffs *fs, enum pinned what, int program, uint32_t ifindex, struct tm_error *e)
{
	char path[IO_PATH];
	bool made;
	int err;

	path_of(fs, ifindex, LINK, path);
	if (what == LINK)
		return io_link_replace(program, path, e);
	err = io_clsact_attach(program, ifindex, TM_IN, IO_TC_USUAL, HANDLE, true, &made, e);
	return err ? err : pin_filter(fs, program, ifindex, what, e);
}

static int put_on(const struct io_bpffs *fs, int program, uint32_t ifindex, struct tm_error *e)
{
	enum pinned what = find(fs, ifindex);
	char path[IO_PATH];
	int err;

	if (alive(fs, ifindex, what))
		return replace(fs, what, program, ifindex, e);
	take_off(fs, ifindex);
	path_of(fs, ifindex, LINK, path);
	err = io_tcx_attach(program, ifindex, TM_IN, IO_TC_USUAL, path, e);
	return err == -EOPNOTSUPP ? attach_filter(fs, program, ifindex, e) : err;
}

struct wanted {
	const struct io_device *devices;
	size_t count;
};

static void take_off_others(const struct io_bpffs *fs, uint32_t ifindex, void *ctx)
{
	const struct wanted *w = ctx;

	for (size_t i = 0; i < w->count; i++)
		if (w->devices[i].index == ifindex)
			return;
	take_off(fs, ifindex);
}

/* All devices of one link type: their program is the same. How many, or −errno. */
static int put_on_all(const struct io_bpffs *fs, const struct tm_tproxy_config *config, const struct wanted *w,
		      uint32_t link, int marked, struct tm_error *e)
{
	struct tproxy_tc *s = NULL;
	int err = 0, count = 0;

	for (size_t i = 0; i < w->count && !err; i++) {
		if (io_device_link(&w->devices[i]) != link)
			continue;
		if (!s)
			s = io_tproxy_load(config, link, marked, e);
		if (!s)
			return -errno;
		err = put_on(fs, bpf_program__fd(s->progs.tcpmss_tproxy), w->devices[i].index, e);
		count += !err;
		if (err == -ENODEV) /* it has gone meanwhile */
			err = 0;
	}
	tproxy_tc__destroy(s);
	return err ? err : count;
}

int io_tproxy_tc_set(const struct tm_tproxy_plan *plan, const struct io_device *devices, size_t count,
		     struct tm_error *e)
{
	static const uint32_t links[] = { PK_LINK_ETHERNET, PK_LINK_RAW };
	struct wanted w = { devices, count };
	struct tm_tproxy_config config = io_tproxy_config(plan);
	struct io_bpffs fs;
	char path[IO_PATH];
	int err = io_bpffs_open(&fs, true, e), marked = -1, total = 0;

	if (err)
		return err;
	io_bpffs_path(&fs, DIR, NULL, path);
	if (mkdir(path, 0700) && errno != EEXIST)
		err = io_bpf_error(e, -errno, "making a directory on the BPF file system");
	if (!err)
		err = io_hook_write(&fs, DIR, "config", &config, sizeof(config), e);
	if (!err)
		marked = err = open_marked(&fs, e);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links) && err >= 0; i++) {
		err = put_on_all(&fs, &config, &w, links[i], marked, e);
		total += err;
	}
	if (marked >= 0)
		close(marked);
	if (err >= 0)
		each_pinned(&fs, take_off_others, &w);
	io_bpffs_close(&fs);
	return err < 0 ? err : total;
}

static void take_off_one(const struct io_bpffs *fs, uint32_t ifindex, void *ctx)
{
	take_off(fs, ifindex);
}

int io_tproxy_tc_remove(struct tm_error *e)
{
	struct io_bpffs fs;
	char path[IO_PATH];
	int count, err = io_bpffs_open(&fs, false, e);

	if (err)
		return err;
	io_bpffs_path(&fs, DIR, NULL, path);
	if (!is_there(path)) /* so that nothing is made in order to be removed */
		return 0;
	err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	count = each_pinned(&fs, take_off_one, NULL);
	io_bpffs_path(&fs, DIR, "marked", path);
	unlink(path);
	io_bpffs_path(&fs, DIR, "config", path);
	unlink(path);
	io_bpffs_path(&fs, DIR, NULL, path);
	rmdir(path);
	io_bpffs_close(&fs);
	return count;
}

bool io_tproxy_tc_on(uint32_t ifindex)
{
	struct io_bpffs fs;
	struct tm_error ignored;

	return !io_bpffs_open(&fs, false, &ignored) && *fs.dir && alive(&fs, ifindex, find(&fs, ifindex));
}

uint32_t io_tproxy_tc_mark(bool ipv6)
{
	struct tm_tproxy_config config = { 0 };
	struct tm_error ignored;
	struct io_bpffs fs;
	uint32_t zero = 0;
	int fd;

	if (io_bpffs_open(&fs, false, &ignored) || !*fs.dir)
		return 0;
	fd = io_hook_get(&fs, DIR, "config");
	if (fd < 0)
		return 0;
	bpf_map_lookup_elem(fd, &zero, &config);
	close(fd);
	return config.mark[ipv6 ? PK_IPV6 : PK_IPV4];
}

void io_tproxy_tc_marked(uint64_t packets[TM_FAMILIES])
{
	int cpus = libbpf_num_possible_cpus(), fd;
	struct tm_tproxy_marked *values;
	struct io_bpffs fs;
	struct tm_error ignored;
	uint32_t zero = 0;

	memset(packets, 0, TM_FAMILIES * sizeof(*packets));
	if (cpus < 1 || io_bpffs_open(&fs, false, &ignored) || !*fs.dir)
		return;
	fd = io_hook_get(&fs, DIR, "marked");
	values = calloc((size_t)cpus, sizeof(*values));
	if (fd >= 0 && values && !bpf_map_lookup_elem(fd, &zero, values))
		for (int cpu = 0; cpu < cpus; cpu++)
			for (int i = 0; i < TM_FAMILIES; i++)
				packets[i] += values[cpu].packets[PK_IPV4 + i];
	free(values);
	if (fd >= 0)
		close(fd);
}
