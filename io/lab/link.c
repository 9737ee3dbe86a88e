/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What rtnetlink is asked for of links.
 */
#include <errno.h>
#include <net/if.h> /* before the next ones */
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "parts.h"
#include "io/net/netlink.h"

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

struct nlmsghdr *io_lab_request(char buffer[IO_LAB_REQUEST], uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(buffer, 0, IO_LAB_REQUEST);
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_ACK | flags;
	return message;
}

int io_lab_ask(struct nlmsghdr *message, struct tm_error *e, const char *what, const char *which)
{
	int err = io_netlink_ask(message, NULL, NULL);

	if (err == -EOPNOTSUPP)
		return tm_error_code(e, err, "%s %s: this kernel has none", what, which);
	if (err == -EPERM)
		return tm_error_code(e, err,
				     "%s %s: a lab needs CAP_NET_ADMIN: run as root (in a container: --privileged)",
				     what, which);
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
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = up(mnl_nlmsg_put_extra_header(message, sizeof(*info)));

	info->ifi_index = (int)if_nametoindex("lo");
	mnl_attr_put(message, IFLA_IFALIAS, strlen(record), record);
	return io_lab_ask(message, e, "setting up the device", "lo");
}

static void put_end(struct nlmsghdr *message, const char *device, unsigned mtu, int ifindex)
{
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = ifindex;
	mnl_attr_put_strz(message, IFLA_IFNAME, device);
	mnl_attr_put_u32(message, IFLA_MTU, mtu);
}

/*
 * Neither end can be up before the other is there. Their numbers are different ones: the kernel takes up to a second to tell
 * of the carrier of a pair that has the same number at both ends.
 */
int io_lab_veth(const struct tm_lab_link *link, int number, int other_netns, struct tm_error *e)
{
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWLINK, CREATE);
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
	return io_lab_ask(message, e, "making a veth pair,", link->end[0].device);
}

int io_lab_set_up(const char *device, struct tm_error *e)
{
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = up(mnl_nlmsg_put_extra_header(message, sizeof(*info)));

	info->ifi_index = (int)if_nametoindex(device);
	return io_lab_ask(message, e, "setting up the device", device);
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
		char buffer[IO_LAB_REQUEST];
		struct nlmsghdr *message = io_lab_request(buffer, RTM_GETLINK, 0);
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
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWLINK, CREATE);
	struct nlattr *info, *data;

	up(mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg)));
	mnl_attr_put_strz(message, IFLA_IFNAME, "br0");
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	mnl_attr_put_u8(message, IFLA_BR_MCAST_SNOOPING, 0);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	return io_lab_ask(message, e, "making the bridge", "br0");
}

int io_lab_join_bridge(const char *device, struct tm_error *e)
{
	char buffer[IO_LAB_REQUEST];
	struct nlmsghdr *message = io_lab_request(buffer, RTM_NEWLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_index = (int)if_nametoindex(device);
	mnl_attr_put_u32(message, IFLA_MASTER, if_nametoindex("br0"));
	return io_lab_ask(message, e, "putting a device into the bridge:", device);
}
