/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a hook, or giving one new rules.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/net/device.h"
#include "parts.h"
#include "wire.h"

static int pin_events(const struct io_bpffs *fs, const char *name, const struct io_maps *maps, struct tm_error *e)
{
	int err = io_hook_pin(fs, name, "events", maps->events, e);

	return err ? err : io_hook_pin(fs, name, "telling", maps->telling, e);
}

static struct io_learning learning_of(const struct io_hook_meta *meta, const struct io_attach *a)
{
	return (struct io_learning){ .maps = a->learn, .tag = meta->ifindex, .only = meta->learn_only };
}

/* With `old`, a hook whose programs are gone, goes on counting where that one stopped. */
static int attach_new(const struct io_bpffs *fs, struct io_hook_meta *meta, const struct io_attach *a, const struct io_hook *old,
		      struct tm_error *e)
{
	static const struct tm_bpf_counters zero[TM_DIRECTIONS];
	struct io_maps maps;
	char path[IO_PATH];
	struct tm_error ignored;
	int err = io_maps_create(&maps, a->image, e);

	maps.learning = learning_of(meta, a);
	if (!err && old && dup2(old->maps.counters, maps.counters) < 0)
		err = io_bpf_error(e, -errno, "keeping the counters");
	io_bpffs_path(fs, meta->name, NULL, path);
	if (!err && mkdir(path, 0700))
		err = io_bpf_error(e, -errno, "making the hook's directory");
	if (!err)
		err = io_hook_pin(fs, meta->name, "rules", maps.rules, e);
	if (!err)
		err = io_hook_pin(fs, meta->name, "counters", maps.counters, e);
	if (!err)
		err = pin_events(fs, meta->name, &maps, e);
	if (!err && old)
		err = io_hook_pin(fs, meta->name, "baseline", old->baseline, e);
	else if (!err)
		err = io_hook_write(fs, meta->name, "baseline", zero, sizeof(zero), e);
	if (!err) {
		err = io_hook_attach_programs(fs, &maps, meta, e);
		if (!err)
			err = io_hook_write(fs, meta->name, "meta", meta, sizeof(*meta), e);
		if (err)
			io_hook_detach_programs(fs, meta, &ignored);
	}
	if (err)
		io_hook_unpin(fs, meta->name);
	io_maps_close(&maps);
	return err;
}

/* Counters and ring of a hook go on under new programs; a hook of an older version gets the ring it lacks. */
static int keep_maps(const struct io_bpffs *fs, const struct io_hook *hook, const struct io_maps *maps, struct tm_error *e)
{
	if (dup2(hook->maps.counters, maps->counters) < 0)
		return io_bpf_error(e, -errno, "keeping the counters");
	if (!io_hook_has_events(hook))
		return pin_events(fs, hook->meta.name, maps, e);
	if (dup2(hook->maps.events, maps->events) < 0 || dup2(hook->maps.telling, maps->telling) < 0)
		return io_bpf_error(e, -errno, "keeping the ring of events");
	return io_maps_keep_watch(maps, &hook->maps, e);
}

/* The rules have outgrown their map, or it is to learn otherwise: another program takes the place of the old; counters stay. */
static int replace_programs(const struct io_bpffs *fs, struct io_hook *hook, const struct io_attach *a, struct tm_error *e)
{
	struct io_hook_meta *meta = &hook->meta;
	struct io_maps maps;
	char path[IO_PATH];
	int err = io_maps_create(&maps, a->image, e);

	maps.learning = learning_of(meta, a);
	meta->learned = a->learn ? a->learn->id : 0;
	if (!err)
		err = keep_maps(fs, hook, &maps, e);
	if (!err)
		err = io_hook_replace_programs(fs, &maps, meta, e);
	if (!err) {
		io_bpffs_path(fs, meta->name, "rules", path);
		unlink(path);
		err = io_hook_pin(fs, meta->name, "rules", maps.rules, e);
	}
	if (!err)
		err = io_hook_write(fs, meta->name, "meta", meta, sizeof(*meta), e);
	io_maps_close(&maps);
	return err;
}

/* Describes the hook that is wanted, as far as that is known before it is there. */
static int describe(struct io_hook_meta *meta, struct io_device devices[TM_DIRECTIONS], const struct io_attach *a, struct tm_error *e)
{
	int err;

	*meta = (struct io_hook_meta){ .version = IO_META_VERSION, .mode = a->mode, .directions = a->directions };
	meta->learned = a->learn ? a->learn->id : 0;
	meta->learn_only = *a->name == IO_BESIDE;
	err = meta->learn_only ? 0 : io_hook_name_check(a->name, e);
	if (!err)
		err = io_device_find(&devices[TM_IN], a->device, e);
	if (!err && a->peer)
		err = io_device_find(&devices[TM_OUT], a->peer, e);
	if (err)
		return err;
	strcpy(meta->name, a->name);
	strcpy(meta->device, devices[TM_IN].name);
	meta->ifindex = devices[TM_IN].index;
	meta->link = io_device_link(&devices[TM_IN]);
	if (meta->link == PK_LINK_UNKNOWN)
		return tm_error_code(e, -EOPNOTSUPP, "device %s carries frames of a kind (ARPHRD %u) that tcpmss cannot read",
				     devices[TM_IN].name, devices[TM_IN].type);
	if (!a->peer)
		return 0;
	strcpy(meta->peer, devices[TM_OUT].name);
	meta->peer_ifindex = devices[TM_OUT].index;
	meta->directions = 1 << TM_IN | 1 << TM_OUT;
	meta->mode = a->via == TM_VIA_XDP || (a->via == TM_VIA_AUTO && io_wire_xdp_fits(devices)) ? IO_WIRE_XDP : IO_WIRE_TC;
	return 0;
}

/* Whether the hook that is there is the one that is wanted. A wire that may be carried by either stays as it is. */
static bool same(const struct io_hook_meta *there, const struct io_hook_meta *wanted, enum tm_via via)
{
	bool wires = io_mode_is_wire(there->mode) && io_mode_is_wire(wanted->mode);

	return there->ifindex == wanted->ifindex && there->peer_ifindex == wanted->peer_ifindex &&
	       there->directions == wanted->directions && (there->mode == wanted->mode || (wires && via == TM_VIA_AUTO));
}

/* New rules for a hook that is there. */
static int renew(const struct io_bpffs *fs, struct io_hook *hook, const struct io_hook_meta *wanted, const struct io_attach *a,
		 bool *replaced, struct tm_error *e)
{
	const struct io_hook_meta *there = &hook->meta;

	*replaced = same(there, wanted, a->via);
	if (!*replaced)
		return tm_error_code(e, -EBUSY,
				     "hook '%s' is there already, on %s%s%s in mode %s: 'tcpmss detach %s' first, or choose another --name",
				     there->name, there->device, *there->peer ? " and " : "", there->peer, io_mode_name(there->mode),
				     there->name);
	if (a->image->count <= hook->maps.image_words && io_hook_has_events(hook) && there->learned == wanted->learned)
		return io_maps_switch(&hook->maps, a->image, e);
	return replace_programs(fs, hook, a, e);
}

/* Makes or renews a described hook. */
static int put(const struct io_bpffs *fs, struct io_hook_meta *meta, const struct io_attach *a, bool *replaced, struct tm_error *e)
{
	struct io_hook hook;
	bool kept = false;
	int err = 0;

	if (io_hook_exists(fs, a->name)) {
		err = io_hook_open_in(fs, &hook, a->name, e);
		if (!err && hook.alive) {
			err = renew(fs, &hook, meta, a, replaced, e);
			io_hook_close(&hook);
			return err;
		}
		kept = !err;
		err = io_hook_remove(fs, a->name, e);
	}
	if (!err) {
		struct io_hook_meta other = *meta;

		err = attach_new(fs, meta, a, kept ? &hook : NULL, e);
		other.mode = IO_WIRE_TC;
		if (err && meta->mode == IO_WIRE_XDP && a->via == TM_VIA_AUTO)
			err = attach_new(fs, &other, a, kept ? &hook : NULL, e);
	}
	if (kept)
		io_hook_close(&hook);
	return err;
}

/* What learns beside the hook `a->name` in these directions; 0: nothing. */
static int put_beside(const struct io_bpffs *fs, const struct io_attach *a, unsigned directions, struct tm_error *e)
{
	struct io_attach beside = { .device = a->device, .mode = IO_TC, .directions = directions, .learn = a->learn };
	const struct tm_ruleset none = { 0 };
	struct io_device devices[TM_DIRECTIONS];
	struct tm_image image;
	struct io_hook_meta meta;
	char name[IO_NAME];
	bool replaced;
	int err;

	io_hook_beside_name(a->name, name);
	if (!directions)
		return io_hook_exists(fs, name) ? io_hook_remove(fs, name, e) : 0;
	beside.name = name;
	err = tm_image_build(&image, &none);
	if (err)
		return tm_error_code(e, err, "out of memory");
	beside.image = &image;
	err = describe(&meta, devices, &beside, e);
	if (!err)
		err = put(fs, &meta, &beside, &replaced, e);
	if (err == -EBUSY) { /* on another device than before */
		err = io_hook_remove(fs, name, e);
		if (!err)
			err = put(fs, &meta, &beside, &replaced, e);
	}
	tm_image_free(&image);
	return err;
}

int io_hook_attach(const struct io_attach *a, bool *replaced, struct tm_error *e)
{
	struct io_device devices[TM_DIRECTIONS];
	struct io_hook_meta meta;
	struct io_bpffs fs;
	bool inward = !a->peer && io_mode_is_xdp(a->mode);
	struct tm_error ignored;
	int err = describe(&meta, devices, a, e);

	*replaced = false;
	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	if (a->peer)
		err = io_wire_check(&fs, a->name, devices, e);
	if (!err)
		err = put(&fs, &meta, a, replaced, e);
	if (!err) {
		err = put_beside(&fs, a, a->learn && inward ? 1 << TM_OUT : 0, e);
		if (err && !*replaced)
			io_hook_remove(&fs, a->name, &ignored);
	}
	if (!err && a->learn) /* last: the maps may have been taken away with a hook that was the only one */
		err = io_learn_maps_pin(&fs, a->learn, e);
	io_hook_learn_tidy(&fs);
	io_bpffs_close(&fs);
	return err;
}

int io_hook_learn_beside(const char *name, const char *device, const struct io_learn_maps *learn, struct tm_error *e)
{
	const struct io_attach a = { .name = name, .device = device, .learn = learn };
	struct io_bpffs fs;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	err = put_beside(&fs, &a, 1 << TM_IN | 1 << TM_OUT, e);
	if (!err)
		err = io_learn_maps_pin(&fs, learn, e);
	io_hook_learn_tidy(&fs);
	io_bpffs_close(&fs);
	return err;
}

int io_hook_learn_no_more(const char *name, struct tm_error *e)
{
	const struct io_attach a = { .name = name };
	struct io_bpffs fs;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	err = put_beside(&fs, &a, 0, e);
	io_hook_learn_tidy(&fs);
	io_bpffs_close(&fs);
	return err;
}
