/* SPDX-License-Identifier: BSD-2-Clause */
#include "conntrack.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/bpf/error.h"
#include "io/protect/maps.h"
#include "sysctl.h"

#define FOLDER "net/netfilter/nf_conntrack_"
#define LOOSE FOLDER "tcp_loose"
#define KEPT "loose" /* the pinned map: one number, what it was */

static int read_setting(const char *name, long *value, struct tm_error *e)
{
	int err = io_sysctl_read(name, value);

	if (err == -ENOENT)
		return tm_error_code(
			e, err, "this kernel tracks no connections here (no /proc/sys/%s): load nf_conntrack", name);
	return err ? tm_error_code(e, err, "/proc/sys/%s: %s", name, strerror(-err)) : 0;
}

int io_conntrack_read(struct io_conntrack *c, struct tm_error *e)
{
	long loose, liberal;
	int err = read_setting(FOLDER "count", &c->count, e);

	if (!err)
		err = read_setting(FOLDER "max", &c->max, e);
	if (!err)
		err = read_setting(LOOSE, &loose, e);
	if (!err)
		err = read_setting(FOLDER "tcp_be_liberal", &liberal, e);
	if (err)
		return err;
	c->loose = loose;
	c->liberal = liberal;
	return 0;
}

/* A line of hexadecimal numbers for each CPU: entries, SYNs, bad and good cookies, and more. */
int io_synproxy_read(struct io_synproxy *s)
{
	FILE *f = fopen("/proc/net/stat/synproxy", "re");
	unsigned syns, bad, good;
	char line[256];

	*s = (struct io_synproxy){ 0 };
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*x %x %x %x", &syns, &bad, &good) != 3)
			continue;
		s->syns += syns;
		s->bad += bad;
		s->good += good;
	}
	fclose(f);
	return 0;
}

/* The descriptor of the map that keeps the value, or −errno. */
static int kept(const struct io_bpffs *fs, char path[IO_PATH])
{
	int fd;

	io_protect_path(fs, KEPT, path);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

/* First kept, then changed: whoever is killed in between leaves a value that is right. */
static int keep(const struct io_bpffs *fs, uint32_t old, struct tm_error *e)
{
	char path[IO_PATH], folder[IO_PATH];
	int fd = kept(fs, path), err = 0;
	uint32_t zero = 0;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd != -ENOENT)
		return io_bpf_error(e, fd, "opening what protect keeps");
	io_protect_path(fs, NULL, folder);
	if (mkdir(folder, 0700) && errno != EEXIST)
		return io_bpf_error(e, -errno, "making a directory on the BPF file system");
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_loose", sizeof(zero), sizeof(old), 1, NULL);
	if (fd < 0)
		return io_bpf_error(e, fd, "creating a map of protect");
	if (bpf_map_update_elem(fd, &zero, &old, BPF_ANY) || bpf_obj_pin(fd, path))
		err = io_bpf_error(e, -errno, "keeping what protect changes");
	close(fd);
	return err;
}

int io_conntrack_hold(struct tm_error *e)
{
	struct io_bpffs fs;
	long old;
	int err = read_setting(LOOSE, &old, e);

	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	err = keep(&fs, (uint32_t)old, e);
	if (!err)
		err = io_sysctl_write(LOOSE, 0, e);
	io_bpffs_close(&fs);
	return err;
}

static int restore(const struct io_bpffs *fs, struct tm_error *e)
{
	char path[IO_PATH];
	uint32_t zero = 0, old;
	int fd = kept(fs, path), err;
	long now;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return io_bpf_error(e, fd, "opening what protect keeps");
	err = bpf_map_lookup_elem(fd, &zero, &old) ? -errno : 0;
	close(fd);
	if (err)
		return io_bpf_error(e, err, "reading what protect keeps");
	if (old && !io_sysctl_read(LOOSE, &now) && !now)
		err = io_sysctl_write(LOOSE, (long)old, e);
	if (!err && unlink(path))
		err = io_bpf_error(e, -errno, "removing what protect keeps");
	io_protect_path(fs, NULL, path);
	rmdir(path); /* succeeds where nothing of protect is left */
	return err;
}

int io_conntrack_release(struct tm_error *e)
{
	struct io_bpffs fs;
	int err;

	if (!io_conntrack_held())
		return 0;
	err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	err = restore(&fs, e);
	io_bpffs_close(&fs);
	return err;
}

bool io_conntrack_held(void)
{
	char path[IO_PATH];
	struct io_bpffs fs;
	struct tm_error e;
	bool held;

	if (io_bpffs_open(&fs, false, &e))
		return false;
	io_protect_path(&fs, KEPT, path);
	held = *fs.dir && io_bpffs_there(path);
	io_bpffs_close(&fs);
	return held;
}
