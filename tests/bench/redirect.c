/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redirect xdp|tc DEV DEV2: puts a bare wire between two devices of this network namespace, on native XDP or on TCX. It stays: pinned
 * below /sys/fs/bpf.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redirect.skel.h"

#define TCX_INGRESS 46 /* BPF_TCX_INGRESS, of Linux 6.6 */

static void fail(const char *what, int err)
{
	fprintf(stderr, "redirect: %s: %s\n", what, strerror(-err));
	exit(1);
}

static void attach(int program, __u32 ifindex, bool xdp, int end)
{
	char path[64];
	int link, err;

	if (xdp) {
		err = bpf_xdp_attach((int)ifindex, program, XDP_FLAGS_DRV_MODE, NULL);
		if (err)
			fail("attaching", err);
		return;
	}
	link = bpf_link_create(program, (int)ifindex, TCX_INGRESS, NULL);
	if (link < 0)
		fail("attaching", link);
	snprintf(path, sizeof(path), "/sys/fs/bpf/redirect%d", end);
	if (bpf_obj_pin(link, path))
		fail("pinning", -errno);
}

int main(int argc, char **argv)
{
	struct redirect *r = redirect__open();
	__u32 index[2];
	bool xdp;

	if (argc != 4 || !r)
		return 2;
	xdp = !strcmp(argv[1], "xdp");
	for (int end = 0; end < 2; end++) {
		index[end] = if_nametoindex(argv[2 + end]);
		if (!index[end])
			fail(argv[2 + end], -errno);
		r->rodata->redirect_to[!end] = index[end];
	}
	if (redirect__load(r))
		fail("loading", -errno);
	for (__u32 end = 0; end < 2; end++)
		if (bpf_map_update_elem(bpf_map__fd(r->maps.redirect_map), &end, &index[!end], 0))
			fail("filling the map", -errno);
	attach(bpf_program__fd(xdp ? r->progs.redirect_xdp0 : r->progs.redirect_tc0), index[0], xdp, 0);
	attach(bpf_program__fd(xdp ? r->progs.redirect_xdp1 : r->progs.redirect_tc1), index[1], xdp, 1);
	redirect__destroy(r);
	return 0;
}
