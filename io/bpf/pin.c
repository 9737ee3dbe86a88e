/* SPDX-License-Identifier: BSD-2-Clause */
#include "pin.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "error.h"

uint32_t io_map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

static bool is_pinned(const char *path, int fd)
{
	int there = bpf_obj_get(path);
	bool same = there >= 0 && io_map_id(there) == io_map_id(fd);

	if (there >= 0)
		close(there);
	return same;
}

int io_map_pin(int fd, const char *path, struct tm_error *e)
{
	if (is_pinned(path, fd))
		return 0;
	unlink(path);
	return bpf_obj_pin(fd, path) ? io_bpf_error(e, -errno, "pinning on the BPF file system") : 0;
}
