/* SPDX-License-Identifier: BSD-2-Clause */
#include "routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink.h"

/* The MTU a route was given; 0 where it is locked: those the kernel tells BPF programs itself, always as they are. */
static uint32_t mtu_of(const struct nlattr *metrics)
{
	const struct nlattr *metric;
	uint32_t mtu = 0, lock = 0;

	mnl_attr_for_each_nested(metric, metrics) {
		if (mnl_attr_validate(metric, MNL_TYPE_U32))
			continue;
		if (mnl_attr_get_type(metric) == RTAX_MTU)
			mtu = mnl_attr_get_u32(metric);
		if (mnl_attr_get_type(metric) == RTAX_LOCK)
			lock = mnl_attr_get_u32(metric);
	}
	return lock & 1 << RTAX_MTU ? 0 : mtu;
}

static int take(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	struct tm_prefix p = { .len = rt->rtm_dst_len, .ipv6 = rt->rtm_family == AF_INET6 };
	uint32_t table = rt->rtm_table, mtu = 0;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(*rt)) {
		if (mnl_attr_get_type(attr) == RTA_TABLE && !mnl_attr_validate(attr, MNL_TYPE_U32))
			table = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_METRICS)
			mtu = mtu_of(attr);
		else if (mnl_attr_get_type(attr) == RTA_DST && mnl_attr_get_payload_len(attr) <= sizeof(p.addr))
			memcpy(p.addr, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	}
	if (table != RT_TABLE_MAIN || rt->rtm_type != RTN_UNICAST || rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	p.mtu = mtu > TM_MTU_MAX ? TM_MTU_MAX : mtu;
	if (tm_ruleset_add(ctx, &p)) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

int io_routes_read(struct tm_ruleset *routes, struct tm_error *e)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[IO_NETLINK_REQUEST] = { 0 };
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct rtmsg *rt;
		int err;

		request->nlmsg_type = RTM_GETROUTE;
		request->nlmsg_flags = NLM_F_DUMP;
		rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
		rt->rtm_family = families[i];
		err = io_netlink_ask(request, take, routes);
		if (err)
			return tm_error_code(e, err, "reading the routes: %s", strerror(-err));
	}
	return 0;
}
