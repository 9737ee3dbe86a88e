/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who could have told: an address that lies behind a device, so that the source of the trial's message is one that comes in there
 * (rp_filter). A neighbour by the device's own addresses; where these have no network, somebody behind a route through the device.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "io/net/netlink.h"
#include "trial-parts.h"

/* Of documentation, for a device through which the default route or nothing goes. */
static const uint8_t router4[4] = { 192, 0, 2, 252 },
		     router6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 3 };

struct neighbour {
	const struct io_device *device;
	bool ipv6;
	bool has_address, found; /* the device; a neighbour */
	bool global;
	uint8_t address[16];
};

/* An address in the network of another, `bits` long: not that one, nor the network's own nor its broadcast. */
static void beside(const struct neighbour *n, const uint8_t *own, unsigned bits, uint8_t *address)
{
	uint32_t size = io_trial_octets(n->ipv6);
	uint8_t *last = &address[size - 1];

	memcpy(address, own, size);
	*last ^= bits < size * 8 - 1 && (*last % 4 == 1 || *last % 4 == 2) ? 3 : 1;
}

static int take_address(const struct nlmsghdr *message, void *ctx)
{
	const struct ifaddrmsg *a = mnl_nlmsg_get_payload(message);
	const uint8_t *own = NULL, *peer = NULL;
	const struct nlattr *attr;
	struct neighbour *n = ctx;
	uint32_t size = io_trial_octets(n->ipv6);

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*a) || a->ifa_index != n->device->index || n->global)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*a))
	{
		if (mnl_attr_get_payload_len(attr) < size)
			continue;
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			own = mnl_attr_get_payload(attr);
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			peer = mnl_attr_get_payload(attr);
	}
	n->has_address |= own || peer;
	if (own && peer && memcmp(peer, own, size))
		memcpy(n->address, peer, size);
	else if ((own || peer) && a->ifa_prefixlen < size * 8)
		beside(n, own ? own : peer, a->ifa_prefixlen, n->address);
	else
		return MNL_CB_OK;
	n->found = true;
	n->global = a->ifa_scope == RT_SCOPE_UNIVERSE;
	return MNL_CB_OK;
}

/* The first route through the device to somebody: who it is. */
static int take_route(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	const uint8_t *destination = NULL;
	const struct nlattr *attr;
	struct neighbour *n = ctx;
	uint32_t size = io_trial_octets(n->ipv6), out = 0;

	if (n->found || mnl_nlmsg_get_payload_len(message) < sizeof(*rt) || rt->rtm_type != RTN_UNICAST ||
	    rt->rtm_flags & RTM_F_CLONED)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*rt))
	{
		if (mnl_attr_get_type(attr) == RTA_OIF && !mnl_attr_validate(attr, MNL_TYPE_U32))
			out = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_DST && mnl_attr_get_payload_len(attr) >= size)
			destination = mnl_attr_get_payload(attr);
	}
	if (out != n->device->index || !destination)
		return MNL_CB_OK;
	if (rt->rtm_dst_len < size * 8)
		beside(n, destination, rt->rtm_dst_len, n->address);
	else
		memcpy(n->address, destination, size);
	n->found = true;
	return MNL_CB_OK;
}

static int dump(struct neighbour *n, uint16_t type, size_t header, mnl_cb_t take)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_DUMP;
	*(unsigned char *)mnl_nlmsg_put_extra_header(request, header) =
		io_trial_family(n->ipv6); /* the first byte of both */
	return io_netlink_ask(request, take, n);
}

int io_trial_router(struct trial *t)
{
	struct neighbour n = { .device = t->device, .ipv6 = t->facts->ipv6 };
	int err = dump(&n, RTM_GETADDR, sizeof(struct ifaddrmsg), take_address);

	if (!err && n.has_address && !n.found)
		err = dump(&n, RTM_GETROUTE, sizeof(struct rtmsg), take_route);
	if (err)
		return tm_error_code(t->e, err, "reading addresses and routes: %s", strerror(-err));
	if (n.has_address && !n.found)
		memcpy(n.address, n.ipv6 ? router6 : router4, io_trial_octets(n.ipv6));
	memcpy(t->ptb.router, n.address, sizeof(n.address));
	return n.has_address ? 0 : -EAFNOSUPPORT;
}
