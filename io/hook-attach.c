/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a hook, or giving one new rules.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "hook-parts.h"
#include "tc.h"
#include "xdp.h"

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
	char(*names)[IO_NAME] = io_hook_list(fs, &count);
	bool made = false;

	for (int i = 0; names && i < count && !made; i++) {
		struct io_hook_meta meta;
		__u32 key = 0;
		int fd = io_hook_get(fs, names[i], "meta");

		if (fd < 0)
			continue;
		made = !bpf_map_lookup_elem(fd, &key, &meta) && meta.version == IO_META_VERSION && meta.ifindex == ifindex &&
		       meta.made_clsact;
		close(fd);
	}
	free(names);
	return made;
}

static int attach_tc(const struct io_bpffs *fs, struct io_program *p, struct io_hook_meta *meta, struct tm_error *e)
{
	char path[IO_PATH];
	bool made = false;
	int err = io_program_load(p, e);

	meta->attachment = IO_TCX;
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		int program = io_program_fd(p, d);

		if (!(meta->directions >> d & 1))
			continue;
		meta->program[d] = program_id(program);
		io_bpffs_path(fs, meta->name, io_link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_tcx_attach(program, meta->ifindex, d, path, e);
		if (err == -EOPNOTSUPP)
			meta->attachment = IO_CLSACT;
		if (meta->attachment == IO_CLSACT) {
			err = io_clsact_attach(program, meta->ifindex, d, meta->program[d], false, &made, e);
			meta->made_clsact = made || made_by_us(fs, meta->ifindex);
		}
	}
	return err;
}

static int attach_programs(const struct io_bpffs *fs, struct io_program *p, struct io_hook_meta *meta, struct tm_error *e)
{
	if (meta->mode == IO_TC)
		return attach_tc(fs, p, meta, e);
	meta->attachment = IO_LIBXDP;
	return io_xdp_attach(p, meta->ifindex, fs->root, &meta->program[TM_IN], e);
}

/* With `old`, a hook whose programs are gone, goes on counting where that one stopped. */
static int attach_new(const struct io_bpffs *fs, struct io_hook_meta *meta, const struct tm_image *image, const struct io_hook *old,
		      struct tm_error *e)
{
	static const struct tm_bpf_counters zero[TM_DIRECTIONS];
	struct io_program program = { 0 };
	struct io_maps maps;
	char path[IO_PATH];
	struct tm_error ignored;
	int err = io_maps_create(&maps, image, e);

	if (!err && old && dup2(old->maps.counters, maps.counters) < 0)
		err = io_bpf_error(e, -errno, "keeping the counters");
	if (!err)
		err = io_program_open(&program, meta->mode, meta->directions, meta->link, &maps, e);
	meta->fib_mark = program.fib_mark;
	io_bpffs_path(fs, meta->name, NULL, path);
	if (!err && mkdir(path, 0700))
		err = io_bpf_error(e, -errno, "making the hook's directory");
	if (!err)
		err = io_hook_pin(fs, meta->name, "rules", maps.rules, e);
	if (!err)
		err = io_hook_pin(fs, meta->name, "counters", maps.counters, e);
	if (!err && old)
		err = io_hook_pin(fs, meta->name, "baseline", old->baseline, e);
	else if (!err)
		err = io_hook_write(fs, meta->name, "baseline", zero, sizeof(zero), e);
	if (!err) {
		err = attach_programs(fs, &program, meta, e);
		if (!err)
			err = io_hook_write(fs, meta->name, "meta", meta, sizeof(*meta), e);
		if (err)
			io_hook_detach_programs(fs, meta, &ignored);
	}
	if (err)
		io_hook_unpin(fs, meta->name);
	io_program_close(&program);
	io_maps_close(&maps);
	return err;
}

/* The rules have outgrown their map: another program with a larger one takes the place of the old; counters stay. */
static int replace_programs(const struct io_bpffs *fs, struct io_hook *hook, const struct tm_image *image, struct tm_error *e)
{
	struct io_program program = { 0 };
	struct io_hook_meta *meta = &hook->meta;
	struct io_maps maps;
	char path[IO_PATH];
	bool made = false;
	int err = io_maps_create(&maps, image, e);

	if (!err && dup2(hook->maps.counters, maps.counters) < 0)
		err = io_bpf_error(e, -errno, "keeping the counters");
	if (!err)
		err = io_program_open(&program, meta->mode, meta->directions, meta->link, &maps, e);
	if (!err && meta->mode == IO_TC)
		err = io_program_load(&program, e);
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		io_bpffs_path(fs, meta->name, io_link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_tcx_replace(io_program_fd(&program, d), path, e);
		else if (meta->attachment == IO_CLSACT)
			err = io_clsact_attach(io_program_fd(&program, d), meta->ifindex, d, meta->program[d], true, &made, e);
		else
			err = io_xdp_replace(&program, meta->ifindex, fs->root, &meta->program[d], e);
	}
	if (!err) {
		io_bpffs_path(fs, meta->name, "rules", path);
		unlink(path);
		err = io_hook_pin(fs, meta->name, "rules", maps.rules, e);
	}
	if (!err)
		err = io_hook_write(fs, meta->name, "meta", meta, sizeof(*meta), e);
	io_program_close(&program);
	io_maps_close(&maps);
	return err;
}

int io_hook_attach(const struct io_attach *a, bool *replaced, struct tm_error *e)
{
	struct io_hook_meta meta = { .version = IO_META_VERSION, .mode = a->mode, .directions = a->directions };
	struct io_device device;
	struct io_bpffs fs;
	struct io_hook hook;
	bool kept = false;
	int err = io_hook_name_check(a->name, e);

	*replaced = false;
	if (!err)
		err = io_device_find(&device, a->device, e);
	if (err)
		return err;
	strcpy(meta.name, a->name);
	strcpy(meta.device, device.name);
	meta.ifindex = device.index;
	meta.link = io_device_link(&device);
	if (meta.link == PK_LINK_UNKNOWN)
		return tm_error_code(e, -EOPNOTSUPP, "device %s carries frames of a kind (ARPHRD %u) that tcpmss cannot read",
				     device.name, device.type);
	err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	if (io_hook_exists(&fs, a->name)) {
		err = io_hook_open_in(&fs, &hook, a->name, e);
		if (!err && hook.alive) {
			*replaced = hook.meta.ifindex == meta.ifindex && hook.meta.mode == meta.mode &&
				    hook.meta.directions == meta.directions;
			if (!*replaced)
				err = tm_error_code(e, -EBUSY,
						    "hook '%s' is there already, on %s in mode %s: 'tcpmss detach %s' first, or choose another --name",
						    a->name, hook.meta.device, io_mode_name(hook.meta.mode), a->name);
			else if (a->image->count <= hook.maps.image_words)
				err = io_maps_switch(&hook.maps, a->image, e);
			else
				err = replace_programs(&fs, &hook, a->image, e);
			io_hook_close(&hook);
			goto out;
		}
		kept = !err;
		err = io_hook_remove(&fs, a->name, e);
	}
	if (!err)
		err = attach_new(&fs, &meta, a->image, kept ? &hook : NULL, e);
	if (kept)
		io_hook_close(&hook);
out:
	io_bpffs_close(&fs);
	return err;
}
