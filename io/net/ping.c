/* SPDX-License-Identifier: BSD-2-Clause */
#include "ping.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

struct gateway {
	uint32_t ifindex;
	uint8_t *address;
	uint16_t bytes;
	bool found;
};

static int take_route(const struct nlmsghdr *message, void *ctx)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr, *address = NULL;
	struct gateway *g = ctx;
	uint32_t ifindex = 0;

	mnl_attr_for_each(attr, message, sizeof(*rt))
	{
		if (mnl_attr_get_type(attr) == RTA_OIF && !mnl_attr_validate(attr, MNL_TYPE_U32))
			ifindex = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_GATEWAY && mnl_attr_get_payload_len(attr) == g->bytes)
			address = attr;
	}
	if (!address || ifindex != g->ifindex || rt->rtm_dst_len || rt->rtm_type != RTN_UNICAST || g->found)
		return MNL_CB_OK;
	memcpy(g->address, mnl_attr_get_payload(address), g->bytes);
	g->found = true;
	return MNL_CB_OK;
}

bool io_gateway_find(uint32_t ifindex, bool ipv6, uint8_t address[16])
{
	struct gateway g = { .ifindex = ifindex, .address = address, .bytes = ipv6 ? 16 : 4 };
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rt;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_DUMP;
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = ipv6 ? AF_INET6 : AF_INET;
	return !io_netlink_ask(request, take_route, &g) && g.found;
}

struct echo {
	uint8_t type, code;
	uint16_t checksum; /* of IPv6 the kernel's */
	uint16_t id, sequence;
};

static uint16_t checksum(const uint8_t *p, uint32_t n)
{
	uint32_t sum = n & 1 ? p[n - 1] << 8 : 0;

	for (uint32_t i = 0; i + 1 < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons(~(sum + (sum >> 16)) & 0xffff);
}

static int open_socket(uint32_t ifindex, bool ipv6)
{
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	int probe = ipv6 ? IPV6_PMTUDISC_PROBE : IP_PMTUDISC_PROBE, one = 1, err;
	char name[IF_NAMESIZE] = "";

	if (fd < 0)
		return -errno;
	if_indextoname(ifindex, name);
	err = setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name));
	if (ipv6)
		err |= setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof(probe)) |
		       setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, &one, sizeof(one));
	else
		err |= setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &probe, sizeof(probe));
	if (!err)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Whether our answer comes. A raw socket for IPv4 is given the IP header, too, and each such socket all echoes. */
static bool answered(int fd, bool ipv6, const struct echo *sent)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t bytes[128];

	for (int i = 0; i < 1000 && poll(&p, 1, 350) == 1; i++) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		size_t header = ipv6 || n < 20 ? 0 : (bytes[0] & 15) * 4u;
		struct echo e;

		if (n < 0 || (size_t)n < header + sizeof(e))
			continue;
		memcpy(&e, bytes + header, sizeof(e));
		if (e.type == (ipv6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) && e.id == sent->id &&
		    e.sequence == sent->sequence)
			return true;
	}
	return false;
}

int io_ping(uint32_t ifindex, bool ipv6, const uint8_t address[16], uint32_t octets, struct tm_error *e)
{
	static uint8_t packet[65536];
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_scope_id = ifindex };
	const struct sockaddr *to = ipv6 ? (struct sockaddr *)&to6 : (struct sockaddr *)&to4;
	struct echo echo = { .type = ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
	uint32_t headers = ipv6 ? 40 : 20, len = octets - headers;
	int fd, err = 0;

	if (octets < headers + sizeof(echo) || octets > 65535)
		return tm_error_code(e, -EINVAL, "an echo request has no %u bytes", octets);
	fd = open_socket(ifindex, ipv6);
	if (fd < 0)
		return tm_error_code(e, fd, "opening a socket for echo requests: %s", strerror(-fd));
	memcpy(&to4.sin_addr, address, 4);
	memcpy(&to6.sin6_addr, address, 16);
	if (getrandom(&echo.id, sizeof(echo.id), 0) < 0)
		echo.id = 0x544d;
	for (int i = 0; i < 3 && !err; i++) {
		echo.sequence = htons(i + 1);
		echo.checksum = 0;
		memcpy(packet, &echo, sizeof(echo));
		echo.checksum = checksum(packet, len);
		memcpy(packet, &echo, sizeof(echo));
		if (sendto(fd, packet, len, 0, to, ipv6 ? sizeof(to6) : sizeof(to4)) < 0 && errno != ENOBUFS)
			err = tm_error_code(e, -errno, "sending an echo request of %u bytes: %s", octets,
					    strerror(errno));
		else
			err = answered(fd, ipv6, &echo);
	}
	close(fd);
	return err;
}
