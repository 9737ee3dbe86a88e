/* SPDX-License-Identifier: BSD-2-Clause */
#include "device.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clamp.h"
#include "netlink.h"

static void take_kind(struct io_device *device, const struct nlattr *info)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info)
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && !mnl_attr_validate(attr, MNL_TYPE_STRING))
			snprintf(device->kind, sizeof(device->kind), "%.*s", (int)mnl_attr_get_payload_len(attr), mnl_attr_get_str(attr));
}

static int take_link(const struct nlmsghdr *message, void *ctx)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct io_device *device = ctx;
	const struct nlattr *attr;

	device->index = link->ifi_index;
	device->type = link->ifi_type;
	device->flags = link->ifi_flags;
	mnl_attr_for_each(attr, message, sizeof(*link)) {
		if (mnl_attr_get_type(attr) == IFLA_MTU && !mnl_attr_validate(attr, MNL_TYPE_U32))
			device->mtu = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFLA_IFNAME && !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) &&
		    mnl_attr_get_payload_len(attr) <= sizeof(device->name))
			strcpy(device->name, mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			take_kind(device, attr);
	}
	return MNL_CB_OK;
}

int io_device_find(struct io_device *device, const char *name, struct tm_error *e)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;
	int err;

	*device = (struct io_device){ 0 };
	if (!*name || strlen(name) >= IF_NAMESIZE)
		return tm_error_code(e, -ENODEV, "no device '%s': a name has 1 to %d bytes", name, IF_NAMESIZE - 1);
	request->nlmsg_type = RTM_GETLINK;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	err = io_netlink_ask(request, take_link, device);
	if (err == -ENODEV)
		return tm_error_code(e, err, "no device '%s': 'ip link' lists those there are", name);
	if (err)
		return tm_error_code(e, err, "asking for device '%s': %s", name, strerror(-err));
	return 0;
}

struct listing {
	struct io_device *list;
	size_t count, room;
};

static int take_one_more(const struct nlmsghdr *message, void *ctx)
{
	struct listing *l = ctx;

	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct io_device *list = reallocarray(l->list, room, sizeof(*list));

		if (!list) {
			errno = ENOMEM;
			return MNL_CB_ERROR;
		}
		l->list = list;
		l->room = room;
	}
	l->list[l->count] = (struct io_device){ 0 };
	return take_link(message, &l->list[l->count++]);
}

int io_device_list(struct io_device **list, size_t *count, struct tm_error *e)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct listing l = { 0 };
	struct ifinfomsg *link;
	int err;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_DUMP;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	err = io_netlink_ask(request, take_one_more, &l);
	if (err) {
		free(l.list);
		l = (struct listing){ 0 };
		tm_error_code(e, err, "listing the devices: %s", strerror(-err));
	}
	*list = l.list;
	*count = l.count;
	return err;
}

int io_device_promisc(uint32_t ifindex, bool on)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	request->nlmsg_type = RTM_NEWLINK;
	request->nlmsg_flags = NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)ifindex;
	link->ifi_change = IFF_PROMISC;
	link->ifi_flags = on ? IFF_PROMISC : 0;
	return io_netlink_ask(request, NULL, NULL);
}

uint32_t io_device_link(const struct io_device *device)
{
	switch (device->type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		return PK_LINK_ETHERNET;
	case ARPHRD_NONE: /* tun, WireGuard */
	case ARPHRD_RAWIP:
	case ARPHRD_PPP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return PK_LINK_RAW;
	}
	return PK_LINK_UNKNOWN;
}

static int take_route(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	struct io_route *route = ctx;
	const struct nlattr *attr, *metric;

	route->local = rt->rtm_type == RTN_LOCAL;
	mnl_attr_for_each(attr, message, sizeof(*rt)) {
		if (mnl_attr_get_type(attr) == RTA_OIF && !mnl_attr_validate(attr, MNL_TYPE_U32))
			route->ifindex = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) != RTA_METRICS)
			continue;
		mnl_attr_for_each_nested(metric, attr)
			if (mnl_attr_get_type(metric) == RTAX_MTU && !mnl_attr_validate(metric, MNL_TYPE_U32))
				route->mtu = mnl_attr_get_u32(metric);
	}
	return MNL_CB_OK;
}

int io_route_find(struct io_route *route, bool ipv6, const void *address, struct tm_error *e)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 }, name[IF_NAMESIZE];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct io_device device;
	struct rtmsg *rt;
	int err;

	*route = (struct io_route){ 0 };
	request->nlmsg_type = RTM_GETROUTE;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = ipv6 ? AF_INET6 : AF_INET;
	rt->rtm_dst_len = ipv6 ? 128 : 32;
	mnl_attr_put(request, RTA_DST, ipv6 ? 16 : 4, address);
	err = io_netlink_ask(request, take_route, route);
	if (err)
		return tm_error_code(e, err, "looking up the route: %s", strerror(-err));
	route->from_route = route->mtu;
	if (!route->mtu && if_indextoname(route->ifindex, name) && !io_device_find(&device, name, e))
		route->mtu = device.mtu;
	return 0;
}
