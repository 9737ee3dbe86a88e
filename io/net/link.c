/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/bpf/error.h"

int io_link_pin(int link, const char *path, struct tm_error *e)
{
	int err = bpf_obj_pin(link, path) ? io_bpf_error(e, -errno, "pinning the link") : 0;

	close(link);
	return err;
}

int io_link_replace(int program, const char *path, struct tm_error *e)
{
	int link = bpf_obj_get(path), err = 0;

	if (link < 0)
		return io_bpf_error(e, link, "opening the pinned link");
	if (bpf_link_update(link, program, NULL))
		err = io_bpf_error(e, -errno, "putting the new program in place");
	close(link);
	return err;
}

void io_link_detach(const char *path)
{
	int link = bpf_obj_get(path);

	if (link < 0)
		return;
	bpf_link_detach(link);
	close(link);
	unlink(path);
}

static bool look(const char *path, struct bpf_link_info *info)
{
	__u32 len = sizeof(*info);
	int link = bpf_obj_get(path), err;

	memset(info, 0, sizeof(*info));
	if (link < 0)
		return false;
	err = bpf_obj_get_info_by_fd(link, info, &len);
	close(link);
	return !err;
}

bool io_link_alive(const char *path, uint32_t ifindex)
{
	struct bpf_link_info info;

	/* TCX, which the headers this is built with do not know, has it in the same place. */
	return look(path, &info) && info.xdp.ifindex == ifindex;
}

uint32_t io_link_program(const char *path)
{
	struct bpf_link_info info;

	return look(path, &info) ? info.prog_id : 0;
}
