/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

/* Not the usual one, so that somebody who comes later can add the same route. */
#define METRIC 21600

static unsigned char family_of(bool ipv6)
{
	return ipv6 ? AF_INET6 : AF_INET;
}

/* ---- reading */

static bool number(const struct nlattr *a, uint32_t *value)
{
	if (mnl_attr_validate(a, MNL_TYPE_U32))
		return false;
	*value = mnl_attr_get_u32(a);
	return true;
}

/* One attribute of a rule. What selects packets by anything but their mark makes it one that is not plain. */
static void take_attribute(struct tm_policy_rule *r, const struct nlattr *a)
{
	switch (mnl_attr_get_type(a)) {
	case FRA_PRIORITY:
		number(a, &r->priority);
		break;
	case FRA_TABLE:
		number(a, &r->table);
		break;
	case FRA_FWMARK:
		number(a, &r->mark);
		break;
	case FRA_FWMASK:
		number(a, &r->mask);
		break;
	case FRA_PROTOCOL:
		r->protocol = mnl_attr_get_u8(a);
		break;
	case FRA_SUPPRESS_PREFIXLEN: /* tell that the whole table counts by being all ones */
	case FRA_SUPPRESS_IFGROUP:
		r->plain &= mnl_attr_get_payload_len(a) == sizeof(uint32_t) && mnl_attr_get_u32(a) == UINT32_MAX;
		break;
	case FRA_PAD:
		break;
	default:
		r->plain = false;
	}
}

static int take_rule(const struct nlmsghdr *message, void *ctx)
{
	const struct fib_rule_hdr *h = mnl_nlmsg_get_payload(message);
	struct tm_policy_rule r = { .plain = true };
	const struct nlattr *a;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*h) || h->action != FR_ACT_TO_TBL)
		return MNL_CB_OK;
	r.ipv6 = h->family == AF_INET6;
	r.table = h->table;
	if (h->flags & FIB_RULE_INVERT || h->src_len || h->dst_len || h->tos)
		r.plain = false;
	mnl_attr_for_each(a, message, sizeof(*h)) take_attribute(&r, a);
	if (!tm_policy_add_rule(ctx, &r))
		return MNL_CB_OK;
	errno = ENOMEM;
	return MNL_CB_ERROR;
}

static int take_route(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	struct tm_policy_table *t;
	const struct nlattr *a;
	uint32_t table;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*rt) || rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	table = rt->rtm_table;
	mnl_attr_for_each(a, message, sizeof(*rt)) if (mnl_attr_get_type(a) == RTA_TABLE) number(a, &table);
	if (table == RT_TABLE_MAIN || table == RT_TABLE_LOCAL || table == RT_TABLE_DEFAULT)
		return MNL_CB_OK;
	t = tm_policy_table(ctx, rt->rtm_family == AF_INET6, table);
	if (!t) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	if (rt->rtm_type != RTN_LOCAL || rt->rtm_dst_len || rt->rtm_src_len || rt->rtm_tos) {
		t->others = true;
		return MNL_CB_OK;
	}
	t->delivers = true;
	*(rt->rtm_protocol == TM_TPROXY_PROTOCOL ? &t->ours : &t->theirs) = true;
	return MNL_CB_OK;
}

static int dump(unsigned char family, uint16_t type, mnl_cb_t take, struct tm_policy *p)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rt; /* as long as a fib_rule_hdr, and the family is in the same place */

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_DUMP;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = family;
	return io_netlink_ask(request, take, p);
}

/* IPv6 may be absent, or turned off where the local routes point to. */
static bool present(bool ipv6)
{
	FILE *f = ipv6 ? fopen("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "re") : NULL;
	int off = f ? fgetc(f) : '1';

	if (f)
		fclose(f);
	return !ipv6 || off == '0';
}

int io_policy_read(struct tm_policy *p, struct tm_error *e)
{
	*p = (struct tm_policy){ 0 };
	for (int i = 0; i < TM_FAMILIES; i++) {
		unsigned char family = family_of(i == TM_IPV6);
		int err;

		p->present[i] = present(i == TM_IPV6);
		err = dump(family, RTM_GETRULE, take_rule, p);
		if (i == TM_IPV6 && (err == -EAFNOSUPPORT || err == -EOPNOTSUPP))
			continue;
		if (err)
			return tm_error_code(e, err, "reading the routing rules: %s", strerror(-err));
		err = dump(family, RTM_GETROUTE, take_route, p);
		if (err)
			return tm_error_code(e, err, "reading the routes: %s", strerror(-err));
	}
	return 0;
}

static int take_type(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);

	*(bool *)ctx = mnl_nlmsg_get_payload_len(message) < sizeof(*rt) || rt->rtm_type == RTN_LOCAL;
	return MNL_CB_OK;
}

bool io_policy_is_local(bool ipv6, uint32_t mark)
{
	static const uint8_t nobody4[4] = { 192, 0, 2, 1 },
			     nobody6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }; /* RFC 5737, 3849 */
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	bool local = true;
	struct rtmsg *rt;
	int err;

	request->nlmsg_type = RTM_GETROUTE;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = family_of(ipv6);
	rt->rtm_dst_len = ipv6 ? 128 : 32;
	mnl_attr_put(request, RTA_DST, ipv6 ? 16 : 4, ipv6 ? nobody6 : nobody4);
	mnl_attr_put_u32(request, RTA_MARK, mark);
	err = io_netlink_ask(request, take_type, &local);
	return err == -ENETUNREACH || err == -EHOSTUNREACH || err == -EACCES ? false : local;
}

/* ---- changing */

static int acknowledged(const struct nlmsghdr *message, void *ctx)
{
	return MNL_CB_OK;
}

static int ask_rule(uint16_t type, uint16_t flags, const struct tm_policy_rule *r)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct fib_rule_hdr *h;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_ACK | flags;
	h = mnl_nlmsg_put_extra_header(request, sizeof(*h));
	h->family = family_of(r->ipv6);
	h->action = FR_ACT_TO_TBL;
	if (r->priority)
		mnl_attr_put_u32(request, FRA_PRIORITY, r->priority);
	mnl_attr_put_u32(request, FRA_FWMARK, r->mark);
	mnl_attr_put_u32(request, FRA_FWMASK, r->mask);
	mnl_attr_put_u32(request, FRA_TABLE, r->table);
	mnl_attr_put_u8(request, FRA_PROTOCOL, TM_TPROXY_PROTOCOL);
	return io_netlink_ask(request, acknowledged, NULL);
}

static int ask_route(uint16_t type, uint16_t flags, bool ipv6, uint32_t table)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rt;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_ACK | flags;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = family_of(ipv6);
	rt->rtm_type = RTN_LOCAL;
	rt->rtm_scope = ipv6 ? RT_SCOPE_UNIVERSE : RT_SCOPE_HOST;
	rt->rtm_protocol = TM_TPROXY_PROTOCOL;
	mnl_attr_put_u32(request, RTA_TABLE, table);
	mnl_attr_put_u32(request, RTA_PRIORITY, METRIC);
	mnl_attr_put_u32(request, RTA_OIF, if_nametoindex("lo"));
	return io_netlink_ask(request, acknowledged, NULL);
}

int io_policy_add_rule(bool ipv6, uint32_t mark, uint32_t mask, uint32_t table)
{
	struct tm_policy_rule r = { .ipv6 = ipv6, .mark = mark, .mask = mask, .table = table };

	return ask_rule(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &r);
}

int io_policy_remove_rule(const struct tm_policy_rule *rule)
{
	int err = ask_rule(RTM_DELRULE, 0, rule);

	return err == -ENOENT ? 0 : err;
}

int io_policy_add_route(bool ipv6, uint32_t table)
{
	int err = ask_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, ipv6, table);

	return err == -EEXIST ? 0 : err;
}

int io_policy_remove_route(bool ipv6, uint32_t table)
{
	int err = ask_route(RTM_DELROUTE, 0, ipv6, table);

	return err == -ESRCH || err == -ENOENT ? 0 : err;
}
