/* SPDX-License-Identifier: BSD-2-Clause */
#include "routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink.h"

struct reading {
	int (*each)(const struct io_table_route *route, void *ctx);
	void *ctx;
};

static void take_metrics(struct io_table_route *route, const struct nlattr *metrics)
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
	route->prefix.mtu = mtu > TM_MTU_MAX ? TM_MTU_MAX : mtu;
	route->locked = lock & 1 << RTAX_MTU;
}

static void take_hop(struct io_table_route *route, uint32_t ifindex)
{
	if (route->hop_count < IO_ROUTE_HOPS)
		route->hops[route->hop_count++] = ifindex;
}

/* A list of struct rtnexthop, each of which tells its length. */
static void take_hops(struct io_table_route *route, const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	size_t left = mnl_attr_get_payload_len(attr), step;

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
		take_hop(route, (uint32_t)hop->rtnh_ifindex);
		step = MNL_ALIGN(hop->rtnh_len);
		if (step > left)
			return;
		left -= step;
		hop = (const struct rtnexthop *)((const char *)hop + step);
	}
}

static void take_attribute(struct io_table_route *route, const struct nlattr *attr)
{
	size_t n = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case RTA_TABLE:
		if (!mnl_attr_validate(attr, MNL_TYPE_U32))
			route->table = mnl_attr_get_u32(attr);
		break;
	case RTA_OIF:
		if (!mnl_attr_validate(attr, MNL_TYPE_U32))
			take_hop(route, mnl_attr_get_u32(attr));
		break;
	case RTA_MULTIPATH:
		take_hops(route, attr);
		break;
	case RTA_METRICS:
		take_metrics(route, attr);
		break;
	case RTA_DST:
		if (n <= sizeof(route->prefix.addr))
			memcpy(route->prefix.addr, mnl_attr_get_payload(attr), n);
		break;
	}
}

static int take(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	const struct reading *reading = ctx;
	struct io_table_route route = { .prefix.len = rt->rtm_dst_len, .prefix.ipv6 = rt->rtm_family == AF_INET6 };
	const struct nlattr *attr;
	int err;

	if (rt->rtm_type != RTN_UNICAST || rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	route.table = rt->rtm_table;
	mnl_attr_for_each(attr, message, sizeof(*rt))
		take_attribute(&route, attr);
	err = reading->each(&route, reading->ctx);
	errno = -err;
	return err ? MNL_CB_ERROR : MNL_CB_OK;
}

int io_routes_each(int (*each)(const struct io_table_route *route, void *ctx), void *ctx, struct tm_error *e)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	struct reading reading = { each, ctx };

	for (size_t i = 0; i < sizeof(families); i++) {
		char buffer[IO_NETLINK_REQUEST] = { 0 };
		struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
		struct rtmsg *rt;
		int err;

		request->nlmsg_type = RTM_GETROUTE;
		request->nlmsg_flags = NLM_F_DUMP;
		rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
		rt->rtm_family = families[i];
		err = io_netlink_ask(request, take, &reading);
		if (err)
			return tm_error_code(e, err, "reading the routes: %s", strerror(-err));
	}
	return 0;
}

/* Of locked MTUs the kernel tells BPF programs itself, always as they are. */
static int append(const struct io_table_route *route, void *ctx)
{
	struct tm_prefix p = route->prefix;

	if (route->table != RT_TABLE_MAIN)
		return 0;
	if (route->locked)
		p.mtu = 0;
	return tm_ruleset_add(ctx, &p);
}

int io_routes_read(struct tm_ruleset *routes, struct tm_error *e)
{
	return io_routes_each(append, routes, e);
}
