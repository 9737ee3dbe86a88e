/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/view.h"

#include "core/link.h"
#include "io/net/device.h"
#include "io/net/link.h"
#include "program.h"
#include "server-side.h"
#include "io/bpf/tc.h"
#include "io/bpf/xdp.h"

/* Of a filter on clsact: nobody else's, at our priority. */
#define HANDLE 0x746d7063

/* What tm_protect_device.attached says. */
enum {
	ON_TCX = 1, /* a pinned link */
	ON_CLSACT = 2, /* a filter */
	MADE_CLSACT = 4,
	ON_XDP_LINK = 8, /* a pinned link */
	ON_XDP_DISPATCHER = 16,
};
#define ON_TC (ON_TCX | ON_CLSACT | MADE_CLSACT)
#define ON_XDP (ON_XDP_LINK | ON_XDP_DISPATCHER)

/* One device, while the file system is locked. */
struct place {
	struct io_bpffs fs;
	struct tm_protect_state *state;
	struct tm_protect_device *device;
	unsigned slot;
	uint32_t ifindex;
};

static void link_path(const struct place *p, bool xdp, char path[IO_PATH])
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", xdp ? "xdp" : "tc", p->ifindex);
	io_protect_path(&p->fs, name, path);
}

static bool gone(uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	return !if_indextoname(ifindex, name);
}

static void close_place(struct place *p)
{
	if (p->state)
		munmap(p->state, sizeof(*p->state));
	io_bpffs_close(&p->fs);
}

/* The device's place, or with `make` a free one, where a device that is gone leaves one, too. p->device is NULL where there is none. */
static int open_place(struct place *p, const struct io_protect_maps *maps, uint32_t ifindex, bool make,
		      struct tm_error *e)
{
	int err;

	*p = (struct place){ .ifindex = ifindex };
	err = io_bpffs_open(&p->fs, true, e);
	if (err)
		return err;
	p->state = io_protect_state(maps, e);
	if (!p->state) {
		close_place(p);
		return -EIO;
	}
	for (unsigned i = 0; i < TM_PROTECT_DEVICES && !p->device; i++)
		if (p->state->devices[i].ifindex == ifindex)
			p->device = &p->state->devices[i];
	for (unsigned i = 0; i < TM_PROTECT_DEVICES && make && !p->device; i++) {
		uint32_t other = p->state->devices[i].ifindex;

		if (!other || gone(other)) {
			p->device = &p->state->devices[i];
			*p->device = (struct tm_protect_device){ .ifindex = ifindex };
		}
	}
	if (p->device)
		p->slot = p->device - p->state->devices;
	if (p->device || !make)
		return 0;
	close_place(p);
	return tm_error_code(e, -EOPNOTSUPP, "no more than %d devices can have clients behind them",
			     TM_PROTECT_DEVICES);
}

static bool on_tc(const struct place *p)
{
	char path[IO_PATH];

	if (!p->device)
		return false;
	link_path(p, false, path);
	if (p->device->attached & ON_TCX)
		return io_link_alive(path, p->ifindex);
	return p->device->attached & ON_CLSACT && io_clsact_alive(p->ifindex, TM_IN, IO_TC_FIRST, HANDLE);
}

static bool on_xdp(const struct place *p)
{
	char path[IO_PATH];

	if (!p->device)
		return false;
	link_path(p, true, path);
	if (p->device->attached & ON_XDP_LINK)
		return io_link_alive(path, p->ifindex);
	return p->device->attached & ON_XDP_DISPATCHER && io_xdp_alive(p->ifindex, p->fs.root, p->device->xdp);
}

static void off_tc(struct place *p)
{
	char path[IO_PATH];

	link_path(p, false, path);
	io_link_detach(path);
	if (p->device->attached & ON_CLSACT)
		io_clsact_detach(p->ifindex, TM_IN, IO_TC_FIRST, HANDLE, p->device->attached & MADE_CLSACT);
	p->device->attached &= ~ON_TC;
}

static int off_xdp(struct place *p, struct tm_error *e)
{
	char path[IO_PATH];
	int err = 0;

	link_path(p, true, path);
	io_link_detach(path);
	if (p->device->attached & ON_XDP_DISPATCHER && !gone(p->ifindex))
		err = io_xdp_detach(p->ifindex, IO_XDP, p->fs.root, p->device->xdp, e);
	p->device->attached &= ~ON_XDP;
	p->device->xdp = 0;
	return err;
}

static int put_tc(struct place *p, struct io_program *program, struct tm_error *e)
{
	bool made = false, there = on_tc(p);
	char path[IO_PATH];
	int err = io_program_load(program, e), fd;

	if (err)
		return err;
	fd = io_program_fd(program, TM_IN);
	link_path(p, false, path);
	if (there && p->device->attached & ON_TCX)
		return io_link_replace(fd, path, e);
	if (there)
		return io_clsact_attach(fd, p->ifindex, TM_IN, IO_TC_FIRST, HANDLE, true, &made, e);
	off_tc(p);
	err = io_tcx_attach(fd, p->ifindex, TM_IN, IO_TC_FIRST, path, e);
	if (!err)
		p->device->attached |= ON_TCX;
	if (err != -EOPNOTSUPP)
		return err;
	err = io_clsact_attach(fd, p->ifindex, TM_IN, IO_TC_FIRST, HANDLE, false, &made, e);
	if (!err)
		p->device->attached |= ON_CLSACT | (made ? MADE_CLSACT : 0);
	return err;
}

/* Alone on the device, by a link. */
static int put_xdp_link(struct place *p, struct io_program *program, bool there, struct tm_error *e)
{
	char path[IO_PATH];
	int err = io_program_load(program, e);

	link_path(p, true, path);
	if (err)
		return err;
	if (there)
		return io_link_replace(io_program_fd(program, TM_IN), path, e);
	err = io_xdp_link_attach(io_program_fd(program, TM_IN), p->ifindex, program->mode, path, e);
	if (!err)
		p->device->attached |= ON_XDP_LINK;
	return err;
}

static int put_xdp(struct place *p, struct io_program *program, struct tm_error *e)
{
	bool there = on_xdp(p);
	int err;

	if (!there) {
		err = off_xdp(p, e);
		if (err)
			return err;
	}
	if (there && p->device->attached & ON_XDP_LINK)
		return put_xdp_link(p, program, true, e);
	if (there)
		return io_xdp_replace(program, p->ifindex, p->fs.root, &p->device->xdp, e);
	if (!io_xdp_may_dispatch())
		return put_xdp_link(p, program, false, e);
	err = io_xdp_attach(program, p->ifindex, p->fs.root, &p->device->xdp, e);
	if (!err)
		p->device->attached |= ON_XDP_DISPATCHER;
	return err;
}

static int put(struct place *p, const struct io_protect_maps *maps, const struct io_device *device, enum io_mode mode,
	       const struct io_learn_maps *learn, struct tm_error *e)
{
	struct io_program program;
	int err =
		io_protect_program_open(&program, mode, maps, p->slot, io_device_link(device), learn, device->index, e);

	if (!err)
		err = mode == IO_TC ? put_tc(p, &program, e) : put_xdp(p, &program, e);
	io_program_close(&program);
	if (err != -EOPNOTSUPP || mode == IO_TC || !io_xdp_may_dispatch() || p->device->attached & ON_XDP_DISPATCHER)
		return err;
	/* A kernel that does not run the dispatcher: ours has the device for itself. */
	err = io_protect_program_open(&program, mode, maps, p->slot, io_device_link(device), learn, device->index, e);
	if (!err)
		err = put_xdp_link(p, &program, false, e);
	io_program_close(&program);
	return err;
}

/* A place without programs is free again. */
static void tidy(struct place *p)
{
	if (p->device && !(p->device->attached & (ON_TCX | ON_CLSACT | ON_XDP_LINK | ON_XDP_DISPATCHER)))
		*p->device = (struct tm_protect_device){ 0 };
}

int io_protect_attach(const struct io_protect_maps *maps, const char *name, enum io_protect_kind kind,
		      const struct io_learn_maps *learn, unsigned *slot, struct tm_error *e)
{
	struct io_device device;
	struct place p;
	int err = io_device_find(&device, name, e);

	if (err)
		return err;
	if (io_device_link(&device) == PK_LINK_UNKNOWN)
		return tm_error_code(e, -EOPNOTSUPP,
				     "device %s carries frames of a kind (ARPHRD %u) that tcpmss cannot read",
				     device.name, device.type);
	err = open_place(&p, maps, device.index, true, e);
	if (err)
		return err;
	p.device->mtu = device.mtu;
	err = put(&p, maps, &device, kind == IO_PROTECT_XDP ? IO_XDP : IO_TC, learn, e);
	if (!err && slot)
		*slot = p.slot;
	tidy(&p);
	close_place(&p);
	return err;
}

int io_protect_detach(const struct io_protect_maps *maps, uint32_t ifindex, enum io_protect_kind kind,
		      struct tm_error *e)
{
	struct place p;
	int err = open_place(&p, maps, ifindex, false, e);

	if (err)
		return err;
	if (p.device && kind == IO_PROTECT_TC)
		off_tc(&p);
	else if (p.device)
		err = off_xdp(&p, e);
	tidy(&p);
	close_place(&p);
	return err;
}

bool io_protect_attached(const struct io_protect_maps *maps, uint32_t ifindex, enum io_protect_kind kind)
{
	struct tm_error ignored;
	struct place p;
	bool there;

	if (open_place(&p, maps, ifindex, false, &ignored))
		return false;
	there = kind == IO_PROTECT_TC ? on_tc(&p) : on_xdp(&p);
	close_place(&p);
	return there;
}

/* Detaches links that are left in the directory, and removes all pins. */
static void sweep(const struct io_bpffs *fs)
{
	char path[IO_PATH], dir[IO_PATH];
	struct dirent *entry;
	DIR *all;

	io_protect_path(fs, NULL, dir);
	all = opendir(dir);
	while (all && (entry = readdir(all))) {
		if (*entry->d_name == '.')
			continue;
		io_protect_path(fs, entry->d_name, path);
		io_link_detach(path);
		unlink(path);
	}
	if (all)
		closedir(all);
	rmdir(dir);
}

/* Detaches what the state tells of. */
static int detach_all(const struct io_protect_maps *maps, struct tm_error *e)
{
	struct place p;
	int err = open_place(&p, maps, 0, false, e), failed;

	if (err)
		return err;
	for (p.slot = 0; p.slot < TM_PROTECT_DEVICES; p.slot++) {
		p.device = &p.state->devices[p.slot];
		p.ifindex = p.device->ifindex;
		if (!p.ifindex)
			continue;
		off_tc(&p);
		failed = off_xdp(&p, e);
		err = failed ? failed : err;
		tidy(&p);
	}
	close_place(&p);
	return err;
}

int io_protect_remove_all(struct tm_error *e)
{
	struct io_protect_maps maps;
	struct tm_error ignored;
	struct io_bpffs fs;
	char path[IO_PATH];
	int err = io_bpffs_open(&fs, false, e);

	if (err)
		return err;
	io_protect_path(&fs, NULL, path);
	if (!*fs.dir || !io_bpffs_there(path))
		return 0;
	if (!io_protect_maps_open(&maps, &ignored)) {
		err = detach_all(&maps, e);
		io_protect_maps_close(&maps);
	}
	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	io_server_side_remove(&fs);
	sweep(&fs);
	io_bpffs_close(&fs);
	return 0;
}
