/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting a hook's programs on its devices, and others in their place.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "parts.h"
#include "io/net/link.h"
#include "io/bpf/tc.h"
#include "wire.h"
#include "io/bpf/xdp.h"

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Whether one of our hooks made the clsact qdisc of the device: then the last of them takes it away. */
static bool made_by_us(const struct io_bpffs *fs, uint32_t ifindex)
{
	int count;
	char(*names)[IO_NAME] = io_hook_list(fs, true, &count);
	struct io_hook_meta meta;
	bool made = false;

	for (int i = 0; names && i < count && !made; i++)
		if (io_hook_read_meta(fs, names[i], &meta))
			made = (meta.ifindex == ifindex && meta.made_clsact & 1) ||
			       (meta.peer_ifindex == ifindex && meta.made_clsact & 2);
	free(names);
	return made;
}

/* Opens the programs of some directions, with all that is to be told to them. */
static int open_programs(struct io_program *p, const struct io_hook_meta *meta, unsigned directions,
			 const struct io_maps *maps, struct tm_error *e)
{
	const uint32_t ends[TM_DIRECTIONS] = { meta->ifindex, meta->peer_ifindex };
	int err = io_program_open(p, meta->mode, directions, meta->link, maps, e);

	if (!err && io_mode_is_wire(meta->mode))
		err = io_program_wire(p, ends, e);
	return err;
}

static int attach_tc(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
		     struct tm_error *e)
{
	struct io_program p = { 0 };
	char path[IO_PATH];
	int err = open_programs(&p, meta, meta->directions, maps, e);

	if (!err)
		err = io_program_load(&p, e);
	meta->fib_mark = p.fib_mark;
	meta->attachment = IO_TCX;
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		int program = io_program_fd(&p, d), end = io_hook_end(meta, d);
		uint32_t ifindex = io_hook_ifindex(meta, d);
		bool made = false;

		if (!(meta->directions >> d & 1))
			continue;
		meta->place[d] = program_id(program);
		io_bpffs_path(fs, meta->name, io_link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_tcx_attach(program, ifindex, io_hook_point(meta, d), IO_TC_USUAL, path, e);
		if (err == -EOPNOTSUPP)
			meta->attachment = IO_CLSACT;
		if (meta->attachment == IO_CLSACT) {
			err = io_clsact_attach(program, ifindex, io_hook_point(meta, d), IO_TC_USUAL, meta->place[d], false,
					       &made, e);
			meta->made_clsact |= (uint32_t)(made || made_by_us(fs, ifindex)) << end;
		}
	}
	io_program_close(&p);
	return err;
}

/* One direction's program, which is an object of its own; by what meta->attachment says, `there` in place of the one that is there. */
static int put_xdp(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
		   enum tm_direction d, bool there, struct tm_error *e)
{
	uint32_t ifindex = io_hook_ifindex(meta, d), *place = &meta->place[d];
	struct io_program p = { 0 };
	char path[IO_PATH];
	int err = open_programs(&p, meta, 1u << d, maps, e);

	meta->fib_mark = p.fib_mark;
	io_bpffs_path(fs, meta->name, io_link_object[d], path);
	if (!err && meta->attachment == IO_LIBXDP) {
		err = there ? io_xdp_replace(&p, ifindex, fs->root, place, e) :
			      io_xdp_attach(&p, ifindex, fs->root, place, e);
	} else if (!err) {
		err = io_program_load(&p, e);
		if (!err)
			err = there ? io_link_replace(io_program_fd(&p, d), path, e) :
				      io_xdp_link_attach(io_program_fd(&p, d), ifindex, meta->mode, path, e);
		if (!err)
			*place = program_id(io_program_fd(&p, d));
	}
	io_program_close(&p);
	return err;
}

/* Where there can be no dispatcher, ours has the device for itself. */
static int attach_xdp(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
		      struct tm_error *e)
{
	bool first = true;
	int err = 0;

	meta->attachment = io_xdp_may_dispatch() ? IO_LIBXDP : IO_XDP_LINK;
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		err = put_xdp(fs, maps, meta, d, false, e);
		if (err == -EOPNOTSUPP && first && meta->attachment == IO_LIBXDP) {
			meta->attachment = IO_XDP_LINK;
			err = put_xdp(fs, maps, meta, d, false, e);
		}
		first = false;
	}
	return err;
}

int io_hook_attach_programs(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
			    struct tm_error *e)
{
	int err = io_mode_is_wire(meta->mode) ? io_wire_take(meta, e) : 0;

	if (!err)
		err = io_mode_is_xdp(meta->mode) ? attach_xdp(fs, maps, meta, e) : attach_tc(fs, maps, meta, e);
	if (!err && meta->mode == IO_WIRE_XDP)
		err = io_wire_sends(meta, e);
	return err;
}

static int replace_tc(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
		      struct tm_error *e)
{
	struct io_program p = { 0 };
	char path[IO_PATH];
	bool made;
	int err = open_programs(&p, meta, meta->directions, maps, e);

	if (!err)
		err = io_program_load(&p, e);
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		io_bpffs_path(fs, meta->name, io_link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_link_replace(io_program_fd(&p, d), path, e);
		else
			err = io_clsact_attach(io_program_fd(&p, d), io_hook_ifindex(meta, d), io_hook_point(meta, d),
					       IO_TC_USUAL, meta->place[d], true, &made, e);
	}
	io_program_close(&p);
	return err;
}

static int replace_xdp(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
		       struct tm_error *e)
{
	int err = 0;

	for (int d = 0; d < TM_DIRECTIONS && !err; d++)
		if (meta->directions >> d & 1)
			err = put_xdp(fs, maps, meta, d, true, e);
	return err;
}

int io_hook_replace_programs(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta,
			     struct tm_error *e)
{
	return io_mode_is_xdp(meta->mode) ? replace_xdp(fs, maps, meta, e) : replace_tc(fs, maps, meta, e);
}
