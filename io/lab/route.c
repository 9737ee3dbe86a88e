/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rtnetlink is asked for of addresses, routes and rules.
 */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "parts.h"
#include "lib/options.h"
#include "io/net/netlink.h"

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)
#define MARK 1
#define TABLE 100

static int add_address(int family, const char *device, const void *address, size_t size, struct tm_error *e)
{
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWADDR, CREATE);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifa_family = (unsigned char)family;
	info->ifa_prefixlen = family == AF_INET ? 24 : 64;
	info->ifa_flags = family == AF_INET ? 0 : IFA_F_NODAD;
	info->ifa_index = if_nametoindex(device);
	mnl_attr_put(message, IFA_LOCAL, size, address);
	mnl_attr_put(message, IFA_ADDRESS, size, address);
	return io_lab_ask(message, e, family == AF_INET ? "the IPv4 address of" : "the IPv6 address of", device);
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
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWROUTE, CREATE);

	route(message, family, length, RT_TABLE_MAIN);
	mnl_attr_put(message, RTA_DST, size, to);
	mnl_attr_put(message, RTA_GATEWAY, size, via);
	return io_lab_ask(message, e, "adding a route,", family == AF_INET ? "IPv4" : "IPv6");
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
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWROUTE, CREATE);
	struct rtmsg *info = route(message, family, 0, TABLE);
	struct fib_rule_hdr *rule;
	int err;

	info->rtm_type = RTN_LOCAL;
	info->rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(message, RTA_OIF, if_nametoindex("lo"));
	err = io_lab_ask(message, e, "adding the proxy's route,", family == AF_INET ? "IPv4" : "IPv6");
	if (err)
		return err;
	message = io_lab_request(buffer, RTM_NEWRULE, CREATE);
	rule = mnl_nlmsg_put_extra_header(message, sizeof(*rule));
	rule->family = (unsigned char)family;
	rule->table = TABLE;
	rule->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(message, FRA_FWMARK, MARK);
	return io_lab_ask(message, e, "adding the proxy's routing rule,", family == AF_INET ? "IPv4" : "IPv6");
}

int io_lab_proxy_routes(struct tm_error *e)
{
	int err = add_proxy_routes(AF_INET, e);

	return err ? err : add_proxy_routes(AF_INET6, e);
}
