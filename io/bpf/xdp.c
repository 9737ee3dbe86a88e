/* SPDX-License-Identifier: BSD-2-Clause */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "io/capability.h"
#include "io/net/link.h"

static enum xdp_attach_mode attach_mode(enum io_mode mode)
{
	return mode == IO_XDP_GENERIC ? XDP_MODE_SKB : XDP_MODE_NATIVE;
}

static void use_bpffs(const char *bpffs)
{
	setenv("LIBXDP_BPFFS", bpffs, 1);
}

/* The one program of the object that is to be attached. */
static enum tm_direction direction_of(const struct io_program *p)
{
	return p->directions >> TM_IN & 1 ? TM_IN : TM_OUT;
}

static int explain(struct tm_error *e, int err, enum io_mode mode)
{
	const char *other = mode == IO_WIRE_XDP ? "--via tc" : "--mode tc";

	switch (err) {
	case -EBUSY:
	case -EEXIST:
		if (!io_xdp_may_dispatch())
			return tm_error_code(
				e, -EBUSY,
				"another XDP program is on the device, and ours runs beside it only with CAP_SYS_ADMIN: detach it, or use %s",
				other);
		return tm_error_code(
			e, -EBUSY,
			"another XDP program is on the device, without libxdp's dispatcher: detach it, attach it with xdp-loader, or use %s",
			other);
	case -EOPNOTSUPP:
		return tm_error_code(e, -EOPNOTSUPP, "the driver has no %s XDP: use %s",
				     mode == IO_XDP_GENERIC ? "generic" : "native",
				     mode == IO_XDP ? "--mode xdp-generic or tc" : other);
	case -EACCES: /* libxdp loads what it attaches */
		return io_bpf_load_error(e, err, "loading the XDP program");
	}
	return io_bpf_error(e, err, "attaching the XDP program");
}

static uint32_t attach_flag(enum io_mode mode)
{
	return mode == IO_XDP_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
}

int io_xdp_link_attach(int program, uint32_t ifindex, enum io_mode mode, const char *path, struct tm_error *e)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = attach_flag(mode));
	int link = bpf_link_create(program, (int)ifindex, BPF_XDP, &opts);

	return link < 0 ? explain(e, link, mode) : io_link_pin(link, path, e);
}

bool io_xdp_may_dispatch(void)
{
	return io_may(CAP_SYS_ADMIN);
}

/* Notes the id of what libxdp has just attached. Without a dispatcher it is the device's own program. */
static int look(struct xdp_program *program, uint32_t ifindex, enum io_mode mode, uint32_t *id, struct tm_error *e)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info), own;

	if (bpf_obj_get_info_by_fd(xdp_program__fd(program), &info, &len) ||
	    bpf_xdp_query_id((int)ifindex, (int)attach_flag(mode), &own))
		return io_bpf_error(e, -errno, "reading the program's id");
	if (own == info.id)
		return tm_error_code(e, -EOPNOTSUPP, "this kernel does not run libxdp's dispatcher");
	*id = info.id;
	return 0;
}

int io_xdp_attach(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, .obj = p->object, .prog_name = io_program_name(p, direction_of(p)));
	struct xdp_program *program;
	int err;

	use_bpffs(bpffs);
	program = xdp_program__create(&opts);
	err = libxdp_get_error(program);
	if (err)
		return explain(e, err, p->mode);
	xdp_program__set_xdp_frags_support(program, true); /* libxdp does not see it before the program is loaded */
	err = xdp_program__attach(program, (int)ifindex, attach_mode(p->mode), 0);
	if (err) {
		err = explain(e, err, p->mode);
	} else {
		err = look(program, ifindex, p->mode, id, e);
		if (err)
			xdp_program__detach(program, (int)ifindex, attach_mode(p->mode), 0);
	}
	xdp_program__close(program);
	return err;
}

/* The attached program with that id; *all is to be closed by the caller in any case. */
static struct xdp_program *find(uint32_t ifindex, uint32_t id, struct xdp_multiprog **all)
{
	struct xdp_program *program = NULL;

	*all = xdp_multiprog__get_from_ifindex((int)ifindex);
	if (libxdp_get_error(*all)) {
		*all = NULL;
		return NULL;
	}
	if (xdp_multiprog__is_legacy(*all))
		return NULL;
	while ((program = xdp_multiprog__next_prog(program, *all)))
		if (xdp_program__id(program) == id)
			return program;
	return NULL;
}

/* Whether there is some program on the device, and no right to see which. */
static bool any_without_right(uint32_t ifindex)
{
	uint32_t id = 0;

	return !io_xdp_may_dispatch() && !bpf_xdp_query_id((int)ifindex, 0, &id) && id;
}

int io_xdp_replace(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e)
{
	uint32_t old = *id;
	int err = io_xdp_attach(p, ifindex, bpffs, id, e);

	return err ? err : io_xdp_detach(ifindex, p->mode, bpffs, old, e);
}

int io_xdp_detach(uint32_t ifindex, enum io_mode mode, const char *bpffs, uint32_t id, struct tm_error *e)
{
	struct xdp_multiprog *all;
	struct xdp_program *program;
	int err = 0;

	use_bpffs(bpffs);
	program = find(ifindex, id, &all);
	if (program)
		err = xdp_program__detach(program, (int)ifindex, attach_mode(mode), 0);
	else if (any_without_right(ifindex))
		err = -EPERM;
	xdp_multiprog__close(all);
	if (err == -EPERM)
		return tm_error_code(e, err, "detaching from libxdp's dispatcher: not permitted: needs CAP_SYS_ADMIN");
	return err ? io_bpf_error(e, err, "detaching the XDP program") : 0;
}

bool io_xdp_alive(uint32_t ifindex, const char *bpffs, uint32_t id)
{
	struct xdp_multiprog *all;
	bool alive;

	use_bpffs(bpffs);
	alive = find(ifindex, id, &all) || any_without_right(ifindex);
	xdp_multiprog__close(all);
	return alive;
}
