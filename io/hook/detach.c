/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking hooks away.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parts.h"
#include "io/net/link.h"
#include "io/bpf/tc.h"
#include "wire.h"
#include "io/bpf/xdp.h"

int io_hook_detach_programs(const struct io_bpffs *fs, const struct io_hook_meta *meta, struct tm_error *e)
{
	char path[IO_PATH];
	int err = 0, failed;

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		uint32_t ifindex = io_hook_ifindex(meta, d);

		if (!(meta->directions >> d & 1))
			continue;
		switch (meta->attachment) {
		case IO_TCX:
		case IO_XDP_LINK:
			io_bpffs_path(fs, meta->name, io_link_object[d], path);
			io_link_detach(path);
			break;
		case IO_CLSACT:
			io_clsact_detach(ifindex, io_hook_point(meta, d), IO_TC_USUAL, meta->place[d],
					 meta->made_clsact >> io_hook_end(meta, d) & 1);
			break;
		case IO_LIBXDP:
			failed = io_xdp_detach(ifindex, meta->mode, fs->root, meta->place[d], e);
			err = failed ? failed : err;
			break;
		}
	}
	io_wire_let_go(meta);
	return err;
}

static int remove_one(const struct io_bpffs *fs, const char *name, struct tm_error *e)
{
	struct io_hook_meta meta;
	int err = 0;

	if (io_hook_read_meta(fs, name, &meta))
		err = io_hook_detach_programs(fs, &meta, e);
	if (!err)
		io_hook_unpin(fs, name);
	return err;
}

int io_hook_remove(const struct io_bpffs *fs, const char *name, struct tm_error *e)
{
	char beside[IO_NAME];
	int err = remove_one(fs, name, e), also = 0;

	io_hook_beside_name(name, beside);
	if (*name != IO_BESIDE && io_hook_exists(fs, beside))
		also = remove_one(fs, beside, e);
	io_hook_learn_tidy(fs);
	return err ? err : also;
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
	names = io_hook_list(&fs, !name, &count);
	if (!names)
		err = tm_error_code(e, -ENOMEM, "out of memory");
	for (int pass = 0; pass < 2 && !detached && !err; pass++) { /* a hook's name goes before a device's */
		for (int i = 0; i < count && !err; i++) {
			bool meant = !name || (pass == 0 && !strcmp(names[i], name));
			struct io_hook hook;

			if (!meant && pass == 1 && !io_hook_open_in(&fs, &hook, names[i], e)) {
				meant = !strcmp(hook.meta.device, name) || !strcmp(hook.meta.peer, name);
				io_hook_close(&hook);
			}
			if (meant && io_hook_exists(&fs, names[i])) {
				err = io_hook_remove(&fs, names[i], e);
				detached += !err && *names[i] != IO_BESIDE;
			}
		}
	}
	if (name && !detached && !err) { /* what a daemon left that was killed */
		char beside[IO_NAME];

		io_hook_beside_name(name, beside);
		if (io_hook_exists(&fs, beside)) {
			err = io_hook_remove(&fs, beside, e);
			detached = !err;
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
