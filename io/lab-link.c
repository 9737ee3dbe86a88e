/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rtnetlink is asked for: links, addresses, routes, rules.
 */
#include <errno.h>
#include <net/if.h> /* before the next ones */
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lab-parts.h"
#include "lib/options.h"
#include "netlink.h"

#define ROOM 768
#define MARK 1
#define TABLE 100

static struct nlmsghdr *request(char buffer[ROOM], uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(buffer, 0, ROOM);
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_ACK | flags;
	return message;
}

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

static int ask(struct nlmsghdr *message, struct tm_error *e, const char *what, const char *which)
{
	int err = io_netlink_ask(message, NULL, NULL);

	if (err == -EOPNOTSUPP)
		return tm_error_code(e, err, "%s %s: this kernel has none", what, which);
	return err ? tm_error_code(e, err, "%s %s: %s", what, which, strerror(-err)) : 0;
}

static struct ifinfomsg *up(struct ifinfomsg *info)
{
	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	return info;
}

int io_lab_set_record(const char *record, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = up(mnl_nlmsg_put_extra_header(message, sizeof(*info)));

	info->ifi_index = (int)if_nametoindex("lo");
	mnl_attr_put(message, IFLA_IFALIAS, strlen(record), record);
	return ask(message, e, "setting up the device", "lo");
}

static void put_end(struct nlmsghdr *message, const char *device, unsigned mtu, int ifindex)
{
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = ifindex;
	mnl_attr_put_strz(message, IFLA_IFNAME, device);
	mnl_attr_put_u32(message, IFLA_MTU, mtu);
}

/*
 * Neither end can be up before the other is there. Their numbers are different ones: the kernel takes up to a second to tell of the
 * carrier of a pair that has the same number at both ends.
 */
int io_lab_veth(const struct tm_lab_link *link, int number, int other_netns, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWLINK, CREATE);
	struct nlattr *info, *data, *peer;

	put_end(message, link->end[0].device, link->mtu, number);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
	put_end(message, link->end[1].device, link->mtu, number + 1);
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)other_netns);
	mnl_attr_nest_end(message, peer);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	return ask(message, e, "making a veth pair,", link->end[0].device);
}

int io_lab_set_up(const char *device, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = up(mnl_nlmsg_put_extra_header(message, sizeof(*info)));

	info->ifi_index = (int)if_nametoindex(device);
	return ask(message, e, "setting up the device", device);
}

static int take_state(const struct nlmsghdr *message, void *ctx)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE && !mnl_attr_validate(attr, MNL_TYPE_U8))
			*(uint8_t *)ctx = mnl_attr_get_u8(attr);
	}
	return MNL_CB_OK;
}

void io_lab_settle(const char *device)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	uint8_t state = IF_OPER_UNKNOWN;

	for (int i = 0; state != IF_OPER_UP && i < 500; i++) {
		char buffer[ROOM];
		struct nlmsghdr *message = request(buffer, RTM_GETLINK, 0);
		struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

		message->nlmsg_flags = 0;
		info->ifi_index = (int)if_nametoindex(device);
		if (i)
			nanosleep(&pause, NULL);
		if (io_netlink_ask(message, take_state, &state))
			return;
	}
}

/* Without snooping of multicast: what goes in comes out. */
int io_lab_bridge(struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWLINK, CREATE);
	struct nlattr *info, *data;

	up(mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg)));
	mnl_attr_put_strz(message, IFLA_IFNAME, "br0");
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u8(message, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	return ask(message, e, "making the bridge", "br0");
}

int io_lab_join_bridge(const char *device, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = (int)if_nametoindex(device);
	mnl_attr_put_u32(message, IFLA_MASTER, if_nametoindex("br0"));
	return ask(message, e, "putting a device into the bridge:", device);
}

static int add_address(int family, const char *device, const void *address, size_t size, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWADDR, CREATE);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifa_family = (unsigned char)family;
	info->ifa_prefixlen = family == AF_INET ? 24 : 64;
	info->ifa_flags = family == AF_INET ? 0 : IFA_F_NODAD;
	info->ifa_index = if_nametoindex(device);
	mnl_attr_put(message, IFA_LOCAL, size, address);
	mnl_attr_put(message, IFA_ADDRESS, size, address);
	return ask(message, e, family == AF_INET ? "the IPv4 address of" : "the IPv6 address of", device);
}

int io_lab_address(const char *device, unsigned char net, unsigned char last, struct tm_error *e)
{
	struct in_addr v4 = tm_lab_address4(net, last);
	struct in6_addr v6 = tm_lab_address6(net, last);
	int err = add_address(AF_INET, device, &v4, sizeof(v4), e);

	return err ? err : add_address(AF_INET6, device, &v6, sizeof(v6), e);
}

static struct rtmsg *route(struct nlmsghdr *message, int family, unsigned char length, unsigned char table)
{
	struct rtmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->rtm_family = (unsigned char)family;
	info->rtm_dst_len = length;
	info->rtm_table = table;
	info->rtm_protocol = RTPROT_BOOT;
	info->rtm_scope = RT_SCOPE_UNIVERSE;
	info->rtm_type = RTN_UNICAST;
	return info;
}

static int add_route(int family, unsigned char length, const void *to, const void *via, struct tm_error *e)
{
	size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWROUTE, CREATE);

	route(message, family, length, RT_TABLE_MAIN);
	mnl_attr_put(message, RTA_DST, size, to);
	mnl_attr_put(message, RTA_GATEWAY, size, via);
	return ask(message, e, "adding a route,", family == AF_INET ? "IPv4" : "IPv6");
}

int io_lab_route(const struct tm_lab_route *r, struct tm_error *e)
{
	struct in_addr to4 = tm_lab_address4(r->net, 0), via4 = tm_lab_address4(r->via_net, r->via_last);
	struct in6_addr to6 = tm_lab_address6(r->net, 0), via6 = tm_lab_address6(r->via_net, r->via_last);
	int err = add_route(AF_INET, 24, &to4, &via4, e);

	return err ? err : add_route(AF_INET6, 64, &to6, &via6, e);
}

int io_lab_way(const struct tm_lab_way *way, struct tm_error *e)
{
	struct in_addr via4 = tm_lab_address4(way->via_net, way->via_last);
	struct in6_addr via6 = tm_lab_address6(way->via_net, way->via_last);
	struct tm_prefix p;

	if (tm_prefix_range(&p, way->to, strlen(way->to)))
		return tm_error(e, "%s is no prefix", way->to);
	return p.ipv6 ? add_route(AF_INET6, (unsigned char)p.len, p.addr, &via6, e) :
			add_route(AF_INET, (unsigned char)p.len, p.addr, &via4, e);
}

static int add_proxy_routes(int family, struct tm_error *e)
{
	char buffer[ROOM];
	struct nlmsghdr *message = request(buffer, RTM_NEWROUTE, CREATE);
	struct rtmsg *info = route(message, family, 0, TABLE);
	struct fib_rule_hdr *rule;
	int err;

	info->rtm_type = RTN_LOCAL;
	info->rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(message, RTA_OIF, if_nametoindex("lo"));
	err = ask(message, e, "adding the proxy's route,", family == AF_INET ? "IPv4" : "IPv6");
	if (err)
		return err;
	message = request(buffer, RTM_NEWRULE, CREATE);
	rule = mnl_nlmsg_put_extra_header(message, sizeof(*rule));
	rule->family = (unsigned char)family;
	rule->table = TABLE;
	rule->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(message, FRA_FWMARK, MARK);
	return ask(message, e, "adding the proxy's routing rule,", family == AF_INET ? "IPv4" : "IPv6");
}

int io_lab_proxy_routes(struct tm_error *e)
{
	int err = add_proxy_routes(AF_INET, e);

	return err ? err : add_proxy_routes(AF_INET6, e);
}
