/* SPDX-License-Identifier: BSD-2-Clause */
#include "attached.h"

#include <bpf/bpf.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "parts.h"
#include "io/net/link.h"
#include "io/bpf/tc.h"

struct attached {
	struct tm_attached *list;
	size_t count;
	uint32_t ours; /* the program's id */
	uint32_t handle; /* of our filter */
};

static struct tm_attached *add(struct attached *a, const char *kind, uint32_t id)
{
	struct tm_attached *new;

	if (a->count == IO_ATTACHED)
		return NULL;
	new = &a->list[a->count++];
	*new = (struct tm_attached){ .id = id, .ours = id && id == a->ours };
	snprintf(new->kind, sizeof(new->kind), "%s", kind);
	return new;
}

static void add_program(struct attached *a, const char *kind, uint32_t id)
{
	struct tm_attached *new = add(a, kind, id);
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = new ? bpf_prog_get_fd_by_id(id) : -1;

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
		snprintf(new->name, sizeof(new->name), "%s", info.name);
	if (fd >= 0)
		close(fd);
}

static void add_xdp(struct attached *a, uint32_t ifindex)
{
	struct xdp_multiprog *all = xdp_multiprog__get_from_ifindex((int)ifindex);
	struct xdp_program *program = NULL;
	uint32_t id;

	if (libxdp_get_error(all)) { /* may be for lack of CAP_SYS_ADMIN */
		if (!bpf_xdp_query_id((int)ifindex, 0, &id) && id)
			add_program(a, "XDP", id);
		return;
	}
	if (xdp_multiprog__is_legacy(all)) {
		program = xdp_multiprog__main_prog(all);
		if (program)
			add_program(a, "XDP", xdp_program__id(program));
	} else {
		while ((program = xdp_multiprog__next_prog(program, all)))
			add_program(a, "XDP", xdp_program__id(program));
	}
	xdp_multiprog__close(all);
}

static void add_tcx(struct attached *a, uint32_t ifindex, enum tm_direction direction)
{
	uint32_t ids[IO_ATTACHED], count = IO_ATTACHED, flags;

	if (bpf_prog_query((int)ifindex, IO_TCX_ATTACH_TYPE(direction), 0, &flags, ids, &count))
		return;
	for (uint32_t i = 0; i < count; i++)
		add_program(a, "TCX", ids[i]);
}

/* A dump of filters comes by priority. What has no options is the head of its priority. */
static int add_filter(const struct nlmsghdr *message, void *ctx)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr, *option, *options = NULL;
	const char *kind = "?", *name = "";
	struct attached *a = ctx;
	struct tm_attached *new;
	char text[12];
	uint32_t id = 0;

	mnl_attr_for_each(attr, message, sizeof(*tc))
	{
		if (mnl_attr_get_type(attr) == TCA_KIND && !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			kind = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == TCA_OPTIONS)
			options = attr;
	}
	if (!options || !tc->tcm_handle)
		return MNL_CB_OK;
	if (!strcmp(kind, "bpf")) {
		mnl_attr_for_each_nested(option, options)
		{
			if (mnl_attr_get_type(option) == TCA_BPF_ID && !mnl_attr_validate(option, MNL_TYPE_U32))
				id = mnl_attr_get_u32(option);
			else if (mnl_attr_get_type(option) == TCA_BPF_NAME &&
				 !mnl_attr_validate(option, MNL_TYPE_NUL_STRING))
				name = mnl_attr_get_str(option);
		}
	}
	snprintf(text, sizeof(text), "tc %s", kind);
	new = add(a, text, id);
	if (new) {
		snprintf(new->name, sizeof(new->name), "%s", name);
		new->ours = id && a->handle && tc->tcm_handle == a->handle;
	}
	return MNL_CB_OK;
}

/* A program that took the place of another has another id than the hook's description says. */
static uint32_t of_link(const struct io_hook *hook, enum tm_direction direction)
{
	struct tm_error ignored;
	struct io_bpffs fs;
	char path[IO_PATH];
	uint32_t id;

	if (io_bpffs_open(&fs, false, &ignored))
		return 0;
	io_bpffs_path(&fs, hook->meta.name, io_link_object[direction], path);
	id = io_link_program(path);
	io_bpffs_close(&fs);
	return id;
}

size_t io_attached(const struct io_hook *hook, enum tm_direction direction, struct tm_attached *list)
{
	uint32_t ifindex = io_hook_ifindex(&hook->meta, direction);
	enum tm_direction point = io_hook_point(&hook->meta, direction);
	struct attached a = { .list = list };

	if (hook->meta.attachment == IO_TCX || hook->meta.attachment == IO_XDP_LINK)
		a.ours = of_link(hook, direction);
	else if (hook->meta.attachment == IO_CLSACT)
		a.handle = hook->meta.place[direction];
	else
		a.ours = hook->meta.place[direction];
	if (point == TM_IN)
		add_xdp(&a, ifindex);
	if (!io_mode_is_xdp(hook->meta.mode)) {
		add_tcx(&a, ifindex, point);
		io_clsact_each(ifindex, point, add_filter, &a);
	}
	return a.count;
}

uint32_t io_attached_xdp(uint32_t ifindex, enum io_mode mode)
{
	uint32_t id = 0;

	return bpf_xdp_query_id((int)ifindex, mode == IO_XDP_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE, &id) ?
		       0 :
		       id;
}
