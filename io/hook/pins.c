/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hook's directory on the BPF file system.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parts.h"

const char *const io_link_object[TM_DIRECTIONS] = { "link-in", "link-out" };

int io_hook_pin(const struct io_bpffs *fs, const char *hook, const char *object, int fd, struct tm_error *e)
{
	char path[IO_PATH];

	io_bpffs_path(fs, hook, object, path);
	return bpf_obj_pin(fd, path) ? io_bpf_error(e, -errno, "pinning on the BPF file system") : 0;
}

int io_hook_get(const struct io_bpffs *fs, const char *hook, const char *object)
{
	char path[IO_PATH];

	io_bpffs_path(fs, hook, object, path);
	return bpf_obj_get(path);
}

void io_hook_unpin(const struct io_bpffs *fs, const char *hook)
{
	static const char *const objects[] = { "link-in", "link-out", "rules", "counters", "events", "telling", "baseline", "meta" };
	char path[IO_PATH];

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		io_bpffs_path(fs, hook, objects[i], path);
		unlink(path);
	}
	io_bpffs_path(fs, hook, NULL, path);
	rmdir(path);
}

int io_hook_write(const struct io_bpffs *fs, const char *hook, const char *object, const void *value, size_t size,
		       struct tm_error *e)
{
	int fd = io_hook_get(fs, hook, object), err = 0;
	bool made = fd < 0;
	__u32 key = 0;

	if (made)
		fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_state", sizeof(key), size, 1, NULL);
	if (fd < 0)
		return io_bpf_error(e, fd, "creating a map");
	if (bpf_map_update_elem(fd, &key, value, 0))
		err = io_bpf_error(e, -errno, "writing a map");
	if (!err && made)
		err = io_hook_pin(fs, hook, object, fd, e);
	close(fd);
	return err;
}

bool io_hook_read_meta(const struct io_bpffs *fs, const char *hook, struct io_hook_meta *meta)
{
	int fd = io_hook_get(fs, hook, "meta");
	__u32 key = 0;
	bool read;

	if (fd < 0)
		return false;
	read = !bpf_map_lookup_elem(fd, &key, meta) && meta->version == IO_META_VERSION;
	close(fd);
	return read;
}

bool io_hook_exists(const struct io_bpffs *fs, const char *name)
{
	char path[IO_PATH];

	io_bpffs_path(fs, name, NULL, path);
	return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
}

char (*io_hook_list(const struct io_bpffs *fs, bool all, int *count))[IO_NAME]
{
	struct dirent **entries;
	char(*names)[IO_NAME];
	int n = scandir(fs->dir, &entries, NULL, alphasort);

	*count = 0;
	if (n < 0)
		n = 0;
	names = calloc((size_t)n + 1, sizeof(*names));
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (names && *name != '.' && strncmp(name, IO_LEARN_DIR, 2) && (all || *name != IO_BESIDE) && strlen(name) < IO_NAME)
			strcpy(names[(*count)++], name);
		free(entries[i]);
	}
	if (n)
		free(entries);
	return names;
}

void io_hook_beside_name(const char *hook, char name[IO_NAME])
{
	size_t len = strlen(hook);

	/* One character too many: the first one goes. */
	snprintf(name, IO_NAME, "%c%s", IO_BESIDE, len + 2 > IO_NAME ? hook + (len + 2 - IO_NAME) : hook);
}

void io_hook_learn_tidy(const struct io_bpffs *fs)
{
	int count;
	char(*names)[IO_NAME] = io_hook_list(fs, true, &count);
	struct io_hook_meta meta;
	bool learns = !names;

	for (int i = 0; i < count && !learns; i++)
		learns = io_hook_read_meta(fs, names[i], &meta) && meta.learned;
	free(names);
	if (!learns)
		io_learn_maps_unpin(fs);
}

int io_learn_maps_release(struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, true, e);

	if (err)
		return err;
	io_hook_learn_tidy(&fs);
	io_bpffs_close(&fs);
	return 0;
}
