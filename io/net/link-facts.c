/* SPDX-License-Identifier: BSD-2-Clause */
#include "link-facts.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "device-features.h"
#include "netlink.h"

/* One link, as rtnetlink tells it. */
struct link {
	struct tm_device_facts d;
	uint32_t link; /* IFLA_LINK */
	int32_t netns; /* of that one, -1 for ours */
};

static void take_kind(const struct nlattr *info, struct link *l)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, info) if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
						 !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		snprintf(l->d.kind, sizeof(l->d.kind), "%s", mnl_attr_get_str(attr));
}

static int take(const struct nlmsghdr *message, void *ctx)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;
	struct link *l = ctx;

	l->d.ifindex = info->ifi_index;
	l->d.type = info->ifi_type;
	l->d.up = info->ifi_flags & IFF_UP;
	l->d.promisc = info->ifi_flags & IFF_PROMISC;
	l->d.carrier = info->ifi_flags & IFF_LOWER_UP;
	mnl_attr_for_each(attr, message, sizeof(*info))
	{
		bool number = !mnl_attr_validate(attr, MNL_TYPE_U32);

		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
				snprintf(l->d.name, sizeof(l->d.name), "%s", mnl_attr_get_str(attr));
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(attr) == sizeof(l->d.address))
				memcpy(l->d.address, mnl_attr_get_payload(attr), sizeof(l->d.address));
			break;
		case IFLA_MTU:
			l->d.mtu = number ? mnl_attr_get_u32(attr) : 0;
			break;
		case IFLA_MASTER:
			l->d.master = number ? mnl_attr_get_u32(attr) : 0;
			break;
		case IFLA_LINK:
			l->link = number ? mnl_attr_get_u32(attr) : 0;
			break;
		case IFLA_LINK_NETNSID:
			l->netns = number ? (int32_t)mnl_attr_get_u32(attr) : -1;
			break;
		case IFLA_LINKINFO:
			take_kind(attr, l);
			break;
		}
	}
	return MNL_CB_OK;
}

static int find(struct link *l, uint32_t ifindex, int32_t netns)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;

	*l = (struct link){ .netns = -1 };
	request->nlmsg_type = RTM_GETLINK;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifi_family = AF_UNSPEC;
	info->ifi_index = (int)ifindex;
	if (netns >= 0)
		mnl_attr_put_u32(request, IFLA_TARGET_NETNSID, (uint32_t)netns);
	return io_netlink_ask(request, take, l);
}

static void neighbour(struct tm_neighbour_facts *n, const struct link *of)
{
	struct link other;

	if (!of->link || find(&other, of->link, of->netns))
		return;
	*n = (struct tm_neighbour_facts){
		.known = true, .elsewhere = of->netns >= 0, .ifindex = of->link, .mtu = other.d.mtu, .up = other.d.up
	};
	snprintf(n->name, sizeof(n->name), "%s", other.d.name);
}

static void features(struct tm_device_facts *d)
{
	static const char *const names[] = { "rx-lro", "rx-gro-hw", "hw-tc-offload" };
	uint64_t xdp;
	unsigned on;

	d->features = io_features_get(d->name, names, sizeof(names) / sizeof(*names), &on);
	d->lro = on & 1;
	d->gro_hw = on & 2;
	d->hw_tc = on & 4;
	d->native_xdp = !io_xdp_features(d->ifindex, &xdp) && xdp & IO_XDP_BASIC;
}

int io_link_facts(struct tm_device_facts *d, uint32_t ifindex, struct tm_error *e)
{
	struct link l;
	int err = find(&l, ifindex, -1);

	if (err)
		return tm_error_code(e, err, "asking for a device: %s", strerror(-err));
	*d = l.d;
	neighbour(!strcmp(d->kind, "veth") ? &d->peer : &d->lower, &l);
	features(d);
	return 0;
}
