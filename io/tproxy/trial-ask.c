/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "io/net/netlink.h"
#include "trial-parts.h"

/* Nobody's. */
static const uint8_t client4[4] = { 192, 0, 2, 253 }, server4[4] = { 192, 0, 2, 254 };
static const uint8_t client6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 1 },
		     server6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 2 };

void io_trial_ends(struct trial *t)
{
	bool six = t->ptb.family == PK_IPV6;

	memcpy(t->ptb.client, six ? client6 : client4, io_trial_octets(six));
	memcpy(t->ptb.server, six ? server6 : server4, io_trial_octets(six));
}

/* ---- the route that the connection would take */

static int taken(const struct nlmsghdr *message, void *ctx)
{
	return MNL_CB_OK;
}

/* Without a device (0) it is removed. */
int io_trial_route(bool ipv6, uint32_t ifindex)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nlattr *metrics;
	struct rtmsg *rt;

	request->nlmsg_type = ifindex ? RTM_NEWROUTE : RTM_DELROUTE;
	request->nlmsg_flags = NLM_F_ACK | (ifindex ? NLM_F_CREATE | NLM_F_EXCL : 0);
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = io_trial_family(ipv6);
	rt->rtm_dst_len = io_trial_octets(ipv6) * 8;
	rt->rtm_table = RT_TABLE_LOCAL;
	rt->rtm_protocol = TM_TPROXY_PROTOCOL;
	rt->rtm_scope = ifindex ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
	rt->rtm_type = ifindex ? RTN_UNICAST : RTN_UNSPEC;
	mnl_attr_put(request, RTA_DST, io_trial_octets(ipv6), ipv6 ? server6 : server4);
	if (ifindex) {
		mnl_attr_put_u32(request, RTA_OIF, ifindex);
		metrics = mnl_attr_nest_start(request, RTA_METRICS);
		mnl_attr_put_u32(request, RTAX_MTU, TM_TRIAL_BEFORE);
		mnl_attr_nest_end(request, metrics);
	}
	return io_netlink_ask(request, taken, NULL);
}

/* ---- what the kernel would do with the mark */

static int take_way(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	struct tm_tproxy_facts *facts = ctx;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*rt))
		return MNL_CB_OK;
	facts->way = rt->rtm_type == RTN_LOCAL ? TM_WAY_LOCAL : TM_WAY_ELSEWHERE;
	facts->way_table = rt->rtm_table;
	mnl_attr_for_each(attr, message, sizeof(*rt)) if (mnl_attr_get_type(attr) == RTA_TABLE &&
							  !mnl_attr_validate(attr, MNL_TYPE_U32))
		facts->way_table = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static void ask_way(struct trial *t)
{
	bool six = t->facts->ipv6;
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rt;
	int err;

	t->facts->way = TM_WAY_UNKNOWN;
	if (!t->facts->mark)
		return;
	request->nlmsg_type = RTM_GETROUTE;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = io_trial_family(six);
	rt->rtm_dst_len = rt->rtm_src_len = io_trial_octets(six) * 8;
	rt->rtm_flags = RTM_F_LOOKUP_TABLE;
	mnl_attr_put(request, RTA_DST, io_trial_octets(six), t->ptb.client);
	mnl_attr_put(request, RTA_SRC, io_trial_octets(six), t->ptb.router);
	mnl_attr_put_u32(request, RTA_IIF, t->device->index);
	mnl_attr_put_u32(request, RTA_MARK, t->facts->mark);
	err = io_netlink_ask(request, take_way, t->facts);
	if (err == -EXDEV || err == -EINVAL)
		t->facts->way = TM_WAY_REFUSED;
	else if (err == -ENETUNREACH || err == -EHOSTUNREACH)
		t->facts->way = TM_WAY_ELSEWHERE;
}

static unsigned setting(const char *device, const char *name)
{
	char path[128];
	unsigned value = 0;
	FILE *f;

	if (device)
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", device, name);
	else
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%u", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

static void read_settings(struct tm_tproxy_facts *facts, const char *device)
{
	unsigned all = setting("all", "rp_filter"), own = setting(device, "rp_filter");

	facts->rp_filter = own > all ? own : all;
	facts->src_valid_mark = setting("all", "src_valid_mark") || setting(device, "src_valid_mark");
	facts->accept_local = setting("all", "accept_local") || setting(device, "accept_local");
	facts->no_pmtu_disc = setting(NULL, "ip_no_pmtu_disc");
}

void io_trial_ask(struct trial *t)
{
	ask_way(t);
	read_settings(t->facts, t->device->name);
}
