/* SPDX-License-Identifier: BSD-2-Clause */
#include "tc.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "program.h"
#include "io/net/link.h"
#include "io/net/netlink.h"

/* Of Linux 6.6. */
#define BEFORE (1u << 3) /* BPF_F_BEFORE: with nothing named, before all others */

/* Before most other filters, whose verdicts could take a packet away. */
static uint32_t priority(enum io_tc_order order)
{
	return order == IO_TC_FIRST ? 10 : 20;
}

int io_tcx_attach(int program, uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, const char *path,
		  struct tm_error *e)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = order == IO_TC_FIRST ? BEFORE : 0);
	int link;

	if (getenv("TCPMSS_NO_TCX"))
		return -EOPNOTSUPP;
	link = bpf_link_create(program, (int)ifindex, IO_TCX_ATTACH_TYPE(direction), &opts);
	if (link == -EINVAL)
		return -EOPNOTSUPP;
	if (link < 0)
		return io_bpf_error(e, link, "attaching to the device");
	return io_link_pin(link, path, e);
}

static struct bpf_tc_hook clsact(uint32_t ifindex, enum tm_direction direction)
{
	return (struct bpf_tc_hook){
		.sz = sizeof(struct bpf_tc_hook),
		.ifindex = (int)ifindex,
		.attach_point = direction == TM_IN ? BPF_TC_INGRESS : BPF_TC_EGRESS,
	};
}

int io_clsact_attach(int program, uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle, bool replace,
		     bool *made, struct tm_error *e)
{
	struct bpf_tc_hook hook = clsact(ifindex, direction);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program, .handle = handle, .priority = priority(order),
		    .flags = replace ? BPF_TC_F_REPLACE : 0);
	int err = bpf_tc_hook_create(&hook);

	if (!err)
		*made = true;
	if (err && err != -EEXIST)
		return io_bpf_error(e, err, "making the clsact qdisc");
	err = bpf_tc_attach(&hook, &opts);
	if (err) {
		if (*made)
			io_clsact_detach(ifindex, direction, order, handle, true);
		return io_bpf_error(e, err, "attaching to the device");
	}
	return 0;
}

static int count_filter(const struct nlmsghdr *message, void *ctx)
{
	++*(int *)ctx;
	return MNL_CB_OK;
}

int io_clsact_each(uint32_t ifindex, enum tm_direction direction, mnl_cb_t each, void *ctx)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tc;

	request->nlmsg_type = RTM_GETTFILTER;
	request->nlmsg_flags = NLM_F_DUMP;
	tc = mnl_nlmsg_put_extra_header(request, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction == TM_IN ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
	return io_netlink_ask(request, each, ctx);
}

/* Filters under one of the qdisc's two parents; -1 where it cannot be told. */
static int filters(uint32_t ifindex, enum tm_direction direction)
{
	int count = 0;

	return io_clsact_each(ifindex, direction, count_filter, &count) ? -1 : count;
}

void io_clsact_detach(uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle, bool unmake)
{
	struct bpf_tc_hook hook = clsact(ifindex, direction);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle, .priority = priority(order));

	bpf_tc_detach(&hook, &opts);
	if (unmake && filters(ifindex, TM_IN) == 0 && filters(ifindex, TM_OUT) == 0) {
		hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		bpf_tc_hook_destroy(&hook);
	}
}

bool io_clsact_alive(uint32_t ifindex, enum tm_direction direction, enum io_tc_order order, uint32_t handle)
{
	struct bpf_tc_hook hook = clsact(ifindex, direction);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = handle, .priority = priority(order));

	return !bpf_tc_query(&hook, &opts);
}
