/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening hooks and looking at them.
 */
#include "hook.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/net/device.h"
#include "parts.h"
#include "io/net/link.h"
#include "io/bpf/tc.h"
#include "io/bpf/xdp.h"

/* Whether the program of a direction is still on its device. */
static bool program_alive(const struct io_bpffs *fs, const struct io_hook_meta *meta, int direction)
{
	uint32_t ifindex = io_hook_ifindex(meta, direction);
	char path[IO_PATH];

	switch (meta->attachment) {
	case IO_TCX:
	case IO_XDP_LINK:
		io_bpffs_path(fs, meta->name, io_link_object[direction], path);
		return io_link_alive(path, ifindex);
	case IO_CLSACT:
		return io_clsact_alive(ifindex, io_hook_point(meta, direction), IO_TC_USUAL, meta->place[direction]);
	case IO_LIBXDP:
		return io_xdp_alive(ifindex, fs->root, meta->place[direction]);
	}
	return false;
}

/* Devices can be renamed. */
static bool follow_name(char name[IF_NAMESIZE], uint32_t ifindex)
{
	char now[IF_NAMESIZE];

	if (!if_indextoname(ifindex, now))
		return false;
	strcpy(name, now);
	return true;
}

static void look(const struct io_bpffs *fs, struct io_hook *hook)
{
	struct io_hook_meta *meta = &hook->meta;
	bool wire = io_mode_is_wire(meta->mode), there = follow_name(meta->device, meta->ifindex);
	const char *lacks = there ? NULL : meta->device, *does = wire ? "carries" : "clamps";

	if (wire && !follow_name(meta->peer, meta->peer_ifindex) && !lacks)
		lacks = meta->peer;
	if (lacks) {
		snprintf(hook->trouble, sizeof(hook->trouble),
			 "device %s is gone: %s nothing; attach again when it is back, or detach %s", lacks, does, meta->name);
		return;
	}
	for (int d = 0; d < TM_DIRECTIONS; d++)
		if (meta->directions >> d & 1 && !program_alive(fs, meta, d))
			lacks = io_hook_end(meta, d) ? meta->peer : meta->device;
	hook->alive = !lacks;
	if (lacks)
		snprintf(hook->trouble, sizeof(hook->trouble),
			 "somebody took the program off %s: %s nothing; attach again, or detach %s", lacks, does, meta->name);
}

int io_hook_open_in(const struct io_bpffs *fs, struct io_hook *hook, const char *name, struct tm_error *e)
{
	__u32 key = 0;
	int fd = io_hook_get(fs, name, "meta"), err = 0;

	*hook = (struct io_hook){ .maps = IO_NO_MAPS, .baseline = -1 };
	if (fd == -ENOENT && !io_hook_exists(fs, name))
		return tm_error_code(e, fd, "no hook '%s': 'tcpmss show' lists those there are", name);
	if (fd == -ENOENT)
		return tm_error_code(e, -EBADMSG, "hook '%s' is incomplete: detach it and attach it again", name);
	if (fd < 0)
		return io_bpf_error(e, fd, name);
	if (bpf_map_lookup_elem(fd, &key, &hook->meta) || hook->meta.version != IO_META_VERSION)
		err = tm_error_code(e, -EBADMSG, "hook '%s' was made by another version of tcpmss: detach it and attach it again",
				    name);
	close(fd);
	if (err)
		return err;
	hook->maps.rules = io_hook_get(fs, name, "rules");
	hook->maps.counters = io_hook_get(fs, name, "counters");
	hook->maps.events = io_hook_get(fs, name, "events");
	hook->maps.telling = io_hook_get(fs, name, "telling");
	hook->baseline = io_hook_get(fs, name, "baseline");
	if (hook->maps.rules < 0 || hook->maps.counters < 0 || hook->baseline < 0) {
		io_hook_close(hook);
		return tm_error_code(e, -EBADMSG, "hook '%s' is incomplete: detach it and attach it again", name);
	}
	hook->maps.image_words = io_maps_room(hook->maps.rules);
	look(fs, hook);
	return 0;
}

void io_hook_close(struct io_hook *hook)
{
	io_maps_close(&hook->maps);
	if (hook->baseline >= 0)
		close(hook->baseline);
	hook->baseline = -1;
}

uint32_t io_hook_device_mtu(const struct io_hook *hook)
{
	const struct io_hook_meta *meta = &hook->meta;
	struct io_device device = { 0 }, peer = { 0 };
	struct tm_error ignored;

	if (!hook->alive || io_device_find(&device, meta->device, &ignored))
		return 0;
	if (*meta->peer && !io_device_find(&peer, meta->peer, &ignored) && peer.mtu < device.mtu)
		return peer.mtu;
	return device.mtu;
}

int io_hook_open(struct io_hook *hook, const char *name, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, false, e);
	if (!err) {
		err = io_hook_open_in(&fs, hook, name, e);
		io_bpffs_close(&fs);
	}
	return err;
}

int io_hook_each(int (*each)(struct io_hook *hook, void *ctx), void *ctx, struct tm_error *e)
{
	struct io_bpffs fs;
	struct io_hook hook;
	char(*names)[IO_NAME];
	int count, err = io_bpffs_open(&fs, false, e);

	if (err)
		return err;
	names = io_hook_list(&fs, false, &count);
	if (!names)
		err = tm_error_code(e, -ENOMEM, "out of memory");
	for (int i = 0; i < count && !err; i++) {
		err = io_hook_open_in(&fs, &hook, names[i], e);
		if (err == -EBADMSG) { /* one that can only be shown and detached */
			hook = (struct io_hook){ .maps = IO_NO_MAPS, .baseline = -1 };
			strcpy(hook.meta.name, names[i]);
			snprintf(hook.trouble, sizeof(hook.trouble), "%.*s", (int)sizeof(hook.trouble) - 1, e->text);
			err = 0;
		}
		if (!err) {
			err = each(&hook, ctx);
			io_hook_close(&hook);
		}
	}
	free(names);
	io_bpffs_close(&fs);
	return err;
}
