/* SPDX-License-Identifier: BSD-2-Clause */
#include "device-features.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

/* ---- XDP */

/* Of <linux/netdev.h>, newer than the headers this is built with. */
#define NETDEV_DEV_GET 1
#define NETDEV_A_IFINDEX 1
#define NETDEV_A_XDP_FEATURES 3

static struct nlmsghdr *generic(char *buffer, uint16_t family, uint8_t command)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header;

	request->nlmsg_type = family;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->cmd = command;
	header->version = 1;
	return request;
}

static int take_family(const struct nlmsghdr *message, void *ctx)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message,
			  sizeof(struct genlmsghdr)) if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
							 !mnl_attr_validate(attr, MNL_TYPE_U16)) *
		(uint16_t *)ctx = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static int take_features(const struct nlmsghdr *message, void *ctx)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message,
			  sizeof(struct genlmsghdr)) if (mnl_attr_get_type(attr) == NETDEV_A_XDP_FEATURES &&
							 !mnl_attr_validate(attr, MNL_TYPE_U64)) *
		(uint64_t *)ctx = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

int io_xdp_features(uint32_t ifindex, uint64_t *features)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = generic(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	uint16_t family = 0;
	int err;

	*features = 0;
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, "netdev");
	err = io_netlink_ask_bus(NETLINK_GENERIC, request, take_family, &family);
	if (err || !family)
		return err ? err : -ENOENT;
	memset(buffer, 0, sizeof(buffer));
	request = generic(buffer, family, NETDEV_DEV_GET);
	mnl_attr_put_u32(request, NETDEV_A_IFINDEX, ifindex);
	return io_netlink_ask_bus(NETLINK_GENERIC, request, take_features, features);
}

/* ---- ethtool */

static const char *const vlan_names[] = { "rx-vlan-hw-parse", "rx-vlan-stag-hw-parse" };

#define NAMES 256 /* more than any kernel has features */
#define VLAN_OFFLOADS (sizeof(vlan_names) / sizeof(*vlan_names))

static bool ethtool(const char *device, void *command)
{
	struct ifreq request = { .ifr_data = command };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool done;

	strncpy(request.ifr_name, device, IF_NAMESIZE - 1);
	done = fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) >= 0; /* more than 0: the driver has kept some of them */
	if (fd >= 0)
		close(fd);
	return done;
}

/*
 * The numbers of the named features in this kernel, -1 where it has none of that name. How many features it has in all, 0 on
 * failure.
 */
static uint32_t find_features(const char *device, const char *const wanted[], size_t count, int numbers[])
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} size = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	struct ethtool_gstrings *names;

	if (!ethtool(device, &size) || !size.info.sset_mask || size.count > NAMES)
		return 0;
	names = calloc(1, sizeof(*names) + (size_t)size.count * ETH_GSTRING_LEN);
	if (!names)
		return 0;
	*names = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = size.count };
	if (!ethtool(device, names))
		size.count = 0;
	for (size_t f = 0; f < count; f++) {
		numbers[f] = -1;
		for (uint32_t i = 0; i < size.count && numbers[f] < 0; i++)
			if (!strncmp((const char *)names->data + (size_t)i * ETH_GSTRING_LEN, wanted[f],
				     ETH_GSTRING_LEN))
				numbers[f] = (int)i;
	}
	free(names);
	return size.count;
}

bool io_features_get(const char *device, const char *const names[], size_t count, unsigned *on)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block blocks[NAMES / 32];
	} get = { .head = { .cmd = ETHTOOL_GFEATURES, .size = NAMES / 32 } };
	int numbers[IO_FEATURES];

	*on = 0;
	if (count > IO_FEATURES || !find_features(device, names, count, numbers) || !ethtool(device, &get))
		return false;
	for (size_t f = 0; f < count; f++)
		if (numbers[f] >= 0 && get.blocks[numbers[f] / 32].active >> numbers[f] % 32 & 1)
			*on |= 1u << f;
	return true;
}

unsigned io_vlan_offload_get(const char *device)
{
	unsigned on;

	return io_features_get(device, vlan_names, VLAN_OFFLOADS, &on) ? on : 0;
}

bool io_features_set(const char *device, const char *const names[], size_t count, unsigned which, bool on)
{
	struct {
		struct ethtool_sfeatures head;
		struct ethtool_set_features_block blocks[NAMES / 32];
	} set = { .head = { .cmd = ETHTOOL_SFEATURES } };
	int numbers[IO_FEATURES];
	uint32_t all = count > IO_FEATURES ? 0 : find_features(device, names, count, numbers);

	set.head.size = (all + 31) / 32;
	for (size_t f = 0; all && f < count; f++) {
		if (numbers[f] < 0 || !(which >> f & 1))
			continue;
		set.blocks[numbers[f] / 32].valid |= 1u << numbers[f] % 32;
		set.blocks[numbers[f] / 32].requested |= (uint32_t)on << numbers[f] % 32;
	}
	return all && ethtool(device, &set);
}

void io_vlan_offload_set(const char *device, unsigned offloads, bool on)
{
	io_features_set(device, vlan_names, VLAN_OFFLOADS, offloads, on);
}
