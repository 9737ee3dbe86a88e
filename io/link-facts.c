/* SPDX-License-Identifier: BSD-2-Clause */
#include "link-facts.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

static bool ethtool(int fd, const char *name, void *command)
{
	struct ifreq request = { .ifr_data = command };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return !ioctl(fd, SIOCETHTOOL, &request);
}

#define FEATURES 128 /* what there is room for; kernels have about 65 */

/* The names of the features, as `ethtool -k` prints most of them; their number, 0 where they cannot be told. */
static uint32_t feature_names(int fd, const char *name, struct ethtool_gstrings *strings)
{
	struct {
		struct ethtool_sset_info head;
		uint32_t count;
	} sets = { .head = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };

	if (!ethtool(fd, name, &sets) || !sets.count || sets.count > FEATURES)
		return 0;
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_FEATURES;
	strings->len = sets.count;
	return ethtool(fd, name, strings) ? strings->len : 0;
}

static void features(struct tm_device_facts *d)
{
	struct ethtool_gstrings *strings = calloc(1, sizeof(*strings) + FEATURES * ETH_GSTRING_LEN);
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block blocks[FEATURES / 32];
	} active = { .head = { .cmd = ETHTOOL_GFEATURES, .size = FEATURES / 32 } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t count = fd < 0 || !strings ? 0 : feature_names(fd, d->name, strings);

	d->features = count && ethtool(fd, d->name, &active);
	for (uint32_t i = 0; i < count && d->features; i++) {
		const char *feature = (const char *)strings->data + i * ETH_GSTRING_LEN;
		bool on = active.blocks[i / 32].active >> i % 32 & 1;

		if (!strncmp(feature, "rx-lro", ETH_GSTRING_LEN))
			d->lro = on;
		else if (!strncmp(feature, "rx-gro-hw", ETH_GSTRING_LEN))
			d->gro_hw = on;
		else if (!strncmp(feature, "hw-tc-offload", ETH_GSTRING_LEN))
			d->hw_tc = on;
		else if (!strncmp(feature, "tx-checksum-", 12))
			d->tx_checksum |= on;
	}
	if (fd >= 0)
		close(fd);
	free(strings);
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
