/* SPDX-License-Identifier: BSD-2-Clause */
#include "hook.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "tc.h"
#include "xdp.h"

#define META_VERSION 1

static const char *const link_object[TM_DIRECTIONS] = { "link-in", "link-out" };

static int pin(const struct io_bpffs *fs, const char *hook, const char *object, int fd, struct tm_error *e)
{
	char path[IO_PATH];

	io_bpffs_path(fs, hook, object, path);
	return bpf_obj_pin(fd, path) ? io_bpf_error(e, -errno, "pinning on the BPF file system") : 0;
}

static int get(const struct io_bpffs *fs, const char *hook, const char *object)
{
	char path[IO_PATH];

	io_bpffs_path(fs, hook, object, path);
	return bpf_obj_get(path);
}

static void unpin_all(const struct io_bpffs *fs, const char *hook)
{
	static const char *const objects[] = { "link-in", "link-out", "rules", "counters", "baseline", "meta" };
	char path[IO_PATH];

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		io_bpffs_path(fs, hook, objects[i], path);
		unlink(path);
	}
	io_bpffs_path(fs, hook, NULL, path);
	rmdir(path);
}

/* Pins a map that holds one value, or writes the value of the one that is there. */
static int write_value(const struct io_bpffs *fs, const char *hook, const char *object, const void *value, size_t size,
		       struct tm_error *e)
{
	int fd = get(fs, hook, object), err = 0;
	bool made = fd < 0;
	__u32 key = 0;

	if (made)
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_state", sizeof(key), size, 1, NULL);
	if (fd < 0)
		return io_bpf_error(e, fd, "creating a map");
	if (bpf_map_update_elem(fd, &key, value, 0))
		err = io_bpf_error(e, -errno, "writing a map");
	if (!err && made)
		err = pin(fs, hook, object, fd, e);
	close(fd);
	return err;
}

/* What is attached, whatever of it still is. */
static int detach_programs(const struct io_bpffs *fs, const struct io_hook_meta *meta, struct tm_error *e)
{
	char path[IO_PATH];
	int err = 0;

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		switch (meta->attachment) {
		case IO_TCX:
			io_bpffs_path(fs, meta->name, link_object[d], path);
			io_tcx_detach(path);
			break;
		case IO_CLSACT:
			io_clsact_detach(meta->ifindex, d, meta->program[d], meta->made_clsact);
			break;
		case IO_DISPATCHER:
			err = io_xdp_detach(meta->ifindex, meta->mode, fs->root, meta->program[d], e);
			break;
		}
	}
	return err;
}

static uint32_t program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
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
		io_bpffs_path(fs, meta->name, link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_tcx_attach(program, meta->ifindex, d, path, e);
		if (err == -EOPNOTSUPP)
			meta->attachment = IO_CLSACT;
		if (meta->attachment == IO_CLSACT) {
			err = io_clsact_attach(program, meta->ifindex, d, meta->program[d], false, &made, e);
			meta->made_clsact = made;
		}
	}
	return err;
}

static int attach_programs(const struct io_bpffs *fs, struct io_program *p, struct io_hook_meta *meta, struct tm_error *e)
{
	if (meta->mode == IO_TC)
		return attach_tc(fs, p, meta, e);
	meta->attachment = IO_DISPATCHER;
	return io_xdp_attach(p, meta->ifindex, fs->root, &meta->program[TM_IN], e);
}

static int attach_new(const struct io_bpffs *fs, struct io_hook_meta *meta, const struct tm_image *image, struct tm_error *e)
{
	static const struct tm_bpf_counters zero[TM_DIRECTIONS];
	struct io_program program = { 0 };
	struct io_maps maps;
	char path[IO_PATH];
	struct tm_error ignored;
	int err = io_maps_create(&maps, image, e);

	if (!err)
		err = io_program_open(&program, meta->mode, meta->link, &maps, e);
	meta->fib_mark = program.fib_mark;
	io_bpffs_path(fs, meta->name, NULL, path);
	if (!err && mkdir(path, 0700))
		err = io_bpf_error(e, -errno, "making the hook's directory");
	if (!err)
		err = pin(fs, meta->name, "rules", maps.rules, e);
	if (!err)
		err = pin(fs, meta->name, "counters", maps.counters, e);
	if (!err)
		err = write_value(fs, meta->name, "baseline", zero, sizeof(zero), e);
	if (!err) {
		err = attach_programs(fs, &program, meta, e);
		if (!err)
			err = write_value(fs, meta->name, "meta", meta, sizeof(*meta), e);
		if (err)
			detach_programs(fs, meta, &ignored);
	}
	if (err)
		unpin_all(fs, meta->name);
	io_program_close(&program);
	io_maps_close(&maps);
	return err;
}

/* The rules have outgrown their map: another program with a larger one takes the place of the old; counters stay. */
static int replace_programs(const struct io_bpffs *fs, struct io_hook *hook, const struct tm_image *image, struct tm_error *e)
{
	struct io_program program = { 0 };
	struct io_hook_meta *meta = &hook->meta, old = hook->meta;
	struct io_maps maps;
	char path[IO_PATH];
	bool made = false;
	int err = io_maps_create(&maps, image, e);

	if (!err && dup2(hook->maps.counters, maps.counters) < 0)
		err = io_bpf_error(e, -errno, "keeping the counters");
	if (!err)
		err = io_program_open(&program, meta->mode, meta->link, &maps, e);
	if (!err && meta->mode == IO_TC)
		err = io_program_load(&program, e);
	for (int d = 0; d < TM_DIRECTIONS && !err; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		io_bpffs_path(fs, meta->name, link_object[d], path);
		if (meta->attachment == IO_TCX)
			err = io_tcx_replace(io_program_fd(&program, d), path, e);
		else if (meta->attachment == IO_CLSACT)
			err = io_clsact_attach(io_program_fd(&program, d), meta->ifindex, d, meta->program[d], true, &made, e);
		else
			err = io_xdp_attach(&program, meta->ifindex, fs->root, &meta->program[d], e);
	}
	if (!err && meta->attachment == IO_DISPATCHER)
		err = io_xdp_detach(old.ifindex, old.mode, fs->root, old.program[TM_IN], e);
	if (!err) {
		io_bpffs_path(fs, meta->name, "rules", path);
		unlink(path);
		err = pin(fs, meta->name, "rules", maps.rules, e);
	}
	if (!err)
		err = write_value(fs, meta->name, "meta", meta, sizeof(*meta), e);
	io_program_close(&program);
	io_maps_close(&maps);
	return err;
}

static void look(const struct io_bpffs *fs, struct io_hook *hook)
{
	struct io_hook_meta *meta = &hook->meta;
	char path[IO_PATH], name[IF_NAMESIZE];
	bool device = if_indextoname(meta->ifindex, name);

	hook->alive = device;
	for (int d = 0; d < TM_DIRECTIONS && hook->alive; d++) {
		if (!(meta->directions >> d & 1))
			continue;
		io_bpffs_path(fs, meta->name, link_object[d], path);
		if (meta->attachment == IO_TCX)
			hook->alive = io_tcx_alive(path, meta->ifindex);
		else if (meta->attachment == IO_CLSACT)
			hook->alive = io_clsact_alive(meta->ifindex, d, meta->program[d]);
		else
			hook->alive = io_xdp_alive(meta->ifindex, fs->root, meta->program[d]);
	}
	if (hook->alive)
		strcpy(meta->device, name); /* devices can be renamed */
	else if (!device)
		snprintf(hook->trouble, sizeof(hook->trouble),
			 "device %s is gone: clamps nothing; attach again when it is back, or detach %s", meta->device, meta->name);
	else
		snprintf(hook->trouble, sizeof(hook->trouble),
			 "somebody took the program off %s: clamps nothing; attach again, or detach %s", meta->device, meta->name);
}

static bool exists(const struct io_bpffs *fs, const char *name)
{
	char path[IO_PATH];

	io_bpffs_path(fs, name, NULL, path);
	return access(path, F_OK) == 0;
}

static int open_in(const struct io_bpffs *fs, struct io_hook *hook, const char *name, struct tm_error *e)
{
	__u32 key = 0;
	int fd = get(fs, name, "meta"), err = 0;

	*hook = (struct io_hook){ .maps = { -1, -1, 0 }, .baseline = -1 };
	if (fd == -ENOENT && !exists(fs, name))
		return tm_error_code(e, fd, "no hook '%s': 'tcpmss show' lists those there are", name);
	if (fd == -ENOENT)
		return tm_error_code(e, -EBADMSG, "hook '%s' is incomplete: detach it and attach it again", name);
	if (fd < 0)
		return io_bpf_error(e, fd, name);
	if (bpf_map_lookup_elem(fd, &key, &hook->meta) || hook->meta.version != META_VERSION)
		err = tm_error_code(e, -EBADMSG, "hook '%s' was made by another version of tcpmss: detach it and attach it again",
				    name);
	close(fd);
	if (err)
		return err;
	hook->maps.rules = get(fs, name, "rules");
	hook->maps.counters = get(fs, name, "counters");
	hook->baseline = get(fs, name, "baseline");
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

int io_hook_open(struct io_hook *hook, const char *name, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, false, e);
	if (!err) {
		err = open_in(&fs, hook, name, e);
		io_bpffs_close(&fs);
	}
	return err;
}

/* Takes away a hook whatever state it is in. */
static int remove_hook(const struct io_bpffs *fs, const char *name, struct tm_error *e)
{
	struct io_hook_meta meta;
	__u32 key = 0;
	int fd = get(fs, name, "meta"), err = 0;

	if (fd >= 0) {
		if (!bpf_map_lookup_elem(fd, &key, &meta) && meta.version == META_VERSION)
			err = detach_programs(fs, &meta, e);
		close(fd);
	}
	if (!err)
		unpin_all(fs, name);
	return err;
}

int io_hook_attach(const struct io_attach *a, bool *replaced, struct tm_error *e)
{
	struct io_hook_meta meta = { .version = META_VERSION, .mode = a->mode, .directions = a->directions };
	struct io_device device;
	struct io_bpffs fs;
	struct io_hook hook;
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
	if (exists(&fs, a->name)) {
		err = open_in(&fs, &hook, a->name, e);
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
		if (!err)
			io_hook_close(&hook);
		err = remove_hook(&fs, a->name, e);
	}
	if (!err)
		err = attach_new(&fs, &meta, a->image, e);
out:
	io_bpffs_close(&fs);
	return err;
}

/* Names of the hooks, sorted: an array of strings that ends with NULL, in one allocation for free(). */
static char (*list(const struct io_bpffs *fs, int *count))[IO_NAME]
{
	struct dirent **entries;
	char(*names)[IO_NAME];
	int n = scandir(fs->dir, &entries, NULL, alphasort);

	*count = 0;
	if (n < 0)
		n = 0;
	names = calloc((size_t)n + 1, sizeof(*names));
	for (int i = 0; i < n; i++) {
		if (names && entries[i]->d_name[0] != '.' && strlen(entries[i]->d_name) < IO_NAME)
			strcpy(names[(*count)++], entries[i]->d_name);
		free(entries[i]);
	}
	if (n)
		free(entries);
	return names;
}

int io_hook_each(int (*each)(struct io_hook *hook, void *ctx), void *ctx, struct tm_error *e)
{
	struct io_bpffs fs;
	struct io_hook hook;
	char(*names)[IO_NAME];
	int count, err = io_bpffs_open(&fs, false, e);

	if (err)
		return err;
	names = list(&fs, &count);
	if (!names)
		err = tm_error_code(e, -ENOMEM, "out of memory");
	for (int i = 0; i < count && !err; i++) {
		err = open_in(&fs, &hook, names[i], e);
		if (err == -EBADMSG) { /* one that can only be shown and detached */
			hook = (struct io_hook){ .maps = { -1, -1, 0 }, .baseline = -1 };
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

int io_hook_detach(const char *name, struct tm_error *e)
{
	char(*names)[IO_NAME];
	int count, detached = 0, err = 0;
	struct io_bpffs fs;

	if (name)
		err = io_hook_name_check(name, e);
	if (!err)
		err = io_bpffs_open(&fs, true, e);
	if (err)
		return err;
	names = list(&fs, &count);
	if (!names)
		err = tm_error_code(e, -ENOMEM, "out of memory");
	for (int pass = 0; pass < 2 && !detached && !err; pass++) { /* a hook's name goes before a device's */
		for (int i = 0; i < count && !err; i++) {
			bool meant = !name || (pass == 0 && !strcmp(names[i], name));
			struct io_hook hook;

			if (!meant && pass == 1 && !open_in(&fs, &hook, names[i], e)) {
				meant = !strcmp(hook.meta.device, name);
				io_hook_close(&hook);
			}
			if (meant) {
				err = remove_hook(&fs, names[i], e);
				detached += !err;
			}
		}
	}
	free(names);
	io_bpffs_close(&fs);
	if (err)
		return err;
	if (!detached && name)
		return tm_error_code(e, -ENOENT, "no hook '%s', and none on a device of that name: 'tcpmss show' lists those there are",
				     name);
	return detached;
}

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
	struct tm_bpf_counters now[TM_DIRECTIONS], baseline[TM_DIRECTIONS];
	struct io_bpffs fs;
	struct io_hook hook;
	int err = io_hook_name_check(name, e);

	if (!err)
		err = io_bpffs_open(&fs, what != IO_STATS_GET, e);
	if (err)
		return err;
	err = open_in(&fs, &hook, name, e);
	if (!err) {
		err = read_baseline(hook.baseline, baseline, e);
		if (!err)
			err = read_sum(hook.maps.counters, now, e);
		if (!err && what != IO_STATS_GET)
			err = write_value(&fs, name, "baseline", now, sizeof(now), e);
		if (!err)
			tm_hook_counters_since(counters, now, baseline);
		io_hook_close(&hook);
	}
	io_bpffs_close(&fs);
	return err;
}
