/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy-trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conntrack-entry.h"
#include "link-facts.h"
#include "netlink.h"
#include "syn-trial.h"
#include "lib/trial-ptb.h"

#define BEFORE 1500 /* MTU of the route, in bytes */
#define TOLD 1280 /* by the message */
#define PATIENCE_MS 300
#define DISCARD 9

/* Of documentation (RFC 5737, RFC 3849). Both ends are nobody's. */
static const uint8_t client4[4] = { 192, 0, 2, 253 }, server4[4] = { 192, 0, 2, 254 }, router4[4] = { 192, 0, 2, 252 };
static const uint8_t client6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 1 },
		     server6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 2 },
		     router6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x74, 0x63, 0x70, 0x6d, [15] = 3 };

struct trial {
	struct tm_tproxy_facts *facts;
	const struct io_device *device;
	struct tm_trial_ptb ptb;
	int socket;
	struct tm_error *e;
};

static unsigned char family_of(bool ipv6)
{
	return ipv6 ? AF_INET6 : AF_INET;
}

static uint32_t octets(bool ipv6)
{
	return ipv6 ? 16 : 4;
}

/* ---- the route that the connection would take */

static int taken(const struct nlmsghdr *message, void *ctx)
{
	return MNL_CB_OK;
}

/* Without a device (0) it is removed. */
static int route(bool ipv6, uint32_t ifindex)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nlattr *metrics;
	struct rtmsg *rt;

	request->nlmsg_type = ifindex ? RTM_NEWROUTE : RTM_DELROUTE;
	request->nlmsg_flags = NLM_F_ACK | (ifindex ? NLM_F_CREATE | NLM_F_EXCL : 0);
	rt = mnl_nlmsg_put_extra_header(request, sizeof(*rt));
	rt->rtm_family = family_of(ipv6);
	rt->rtm_dst_len = octets(ipv6) * 8;
	rt->rtm_table = RT_TABLE_LOCAL;
	rt->rtm_protocol = TM_TPROXY_PROTOCOL;
	rt->rtm_scope = ifindex ? RT_SCOPE_LINK : RT_SCOPE_NOWHERE;
	rt->rtm_type = ifindex ? RTN_UNICAST : RTN_UNSPEC;
	mnl_attr_put(request, RTA_DST, octets(ipv6), ipv6 ? server6 : server4);
	if (ifindex) {
		mnl_attr_put_u32(request, RTA_OIF, ifindex);
		metrics = mnl_attr_nest_start(request, RTA_METRICS);
		mnl_attr_put_u32(request, RTAX_MTU, BEFORE);
		mnl_attr_nest_end(request, metrics);
	}
	return io_netlink_ask(request, taken, NULL);
}

void io_tproxy_trial_clean(void)
{
	route(false, 0);
	route(true, 0);
}

/* ---- who tells: an address that lies behind the device */

struct neighbour {
	const struct io_device *device;
	bool ipv6, found, global;
	uint8_t address[16];
};

static void beside(struct neighbour *n, const uint8_t *own, const uint8_t *peer, unsigned bits)
{
	uint32_t size = octets(n->ipv6);

	n->found = true;
	if (peer && memcmp(peer, own, size)) {
		memcpy(n->address, peer, size);
	} else if (bits >= size * 8) {
		memcpy(n->address, n->ipv6 ? router6 : router4, size);
	} else {
		memcpy(n->address, own, size);
		/* neither the network's own address nor its broadcast */
		n->address[size - 1] ^= bits < size * 8 - 1 && (own[size - 1] % 4 == 1 || own[size - 1] % 4 == 2) ? 3 : 1;
	}
}

static int take_address(const struct nlmsghdr *message, void *ctx)
{
	const struct ifaddrmsg *a = mnl_nlmsg_get_payload(message);
	struct neighbour *n = ctx;
	const uint8_t *own = NULL, *peer = NULL;
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*a) || a->ifa_index != n->device->index || n->global)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*a)) {
		if (mnl_attr_get_payload_len(attr) < octets(n->ipv6))
			continue;
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			own = mnl_attr_get_payload(attr);
		else if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			peer = mnl_attr_get_payload(attr);
	}
	if (own || peer)
		beside(n, own ? own : peer, own ? peer : NULL, a->ifa_prefixlen);
	n->global = n->found && a->ifa_scope == RT_SCOPE_UNIVERSE;
	return MNL_CB_OK;
}

static int find_router(struct trial *t)
{
	struct neighbour n = { .device = t->device, .ipv6 = t->facts->ipv6 };
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *a;
	int err;

	request->nlmsg_type = RTM_GETADDR;
	request->nlmsg_flags = NLM_F_DUMP;
	a = mnl_nlmsg_put_extra_header(request, sizeof(*a));
	a->ifa_family = family_of(n.ipv6);
	err = io_netlink_ask(request, take_address, &n);
	if (err)
		return tm_error_code(t->e, err, "reading the addresses: %s", strerror(-err));
	memcpy(t->ptb.router, n.address, sizeof(n.address));
	return n.found ? 0 : -EAFNOSUPPORT;
}

/* ---- the socket */

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static socklen_t address(bool ipv6, const uint8_t *bytes, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = family_of(ipv6);
	if (ipv6) {
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, bytes, 16);
		return sizeof(*six);
	}
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, bytes, 4);
	return sizeof(*four);
}

static uint32_t path_mtu(const struct trial *t)
{
	bool six = t->facts->ipv6;
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	if (getsockopt(t->socket, six ? SOL_IPV6 : SOL_IP, six ? IPV6_MTU : IP_MTU, &mtu, &len))
		return 0;
	return (uint32_t)mtu;
}

static int fail(const struct trial *t, const char *what)
{
	int err = -errno;

	if (err == -EPERM || err == -EACCES)
		return tm_error_code(t->e, -EPERM, "%s: not permitted: run as root", what);
	return tm_error_code(t->e, err, "%s: %s", what, strerror(-err));
}

/* A connection from client to server, as if it were there: in repair mode connect() sends nothing, and neither does close(). */
static int open_socket(struct trial *t)
{
	bool six = t->facts->ipv6;
	int level = six ? SOL_IPV6 : SOL_IP;
	struct sockaddr_storage from, to;
	socklen_t len = address(six, t->ptb.client, 0, &from);

	t->socket = socket(family_of(six), SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->socket < 0)
		return fail(t, "opening a socket");
	if (option(t->socket, level, six ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1))
		return fail(t, "making a socket transparent");
	/* A message that would not lower the MSS is passed over; nobody told one here, and the least would be taken. */
	if (option(t->socket, IPPROTO_TCP, TCP_MAXSEG, BEFORE - 40) || option(t->socket, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON) ||
	    option(t->socket, IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE) ||
	    option(t->socket, IPPROTO_TCP, TCP_QUEUE_SEQ, (int)t->ptb.sequence) ||
	    option(t->socket, level, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_DO))
		return fail(t, "making a connection that sends nothing");
	if (bind(t->socket, (struct sockaddr *)&from, len))
		return fail(t, "binding a transparent socket");
	len = address(six, t->ptb.server, DISCARD, &to);
	if (connect(t->socket, (struct sockaddr *)&to, len))
		return fail(t, "connecting a transparent socket");
	len = sizeof(from);
	if (getsockname(t->socket, (struct sockaddr *)&from, &len))
		return fail(t, "asking for a socket's port");
	t->ptb.client_port = ntohs(((struct sockaddr_in *)&from)->sin_port); /* in the same place for IPv6 */
	t->ptb.server_port = DISCARD;
	return 0;
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
	mnl_attr_for_each(attr, message, sizeof(*rt))
		if (mnl_attr_get_type(attr) == RTA_TABLE && !mnl_attr_validate(attr, MNL_TYPE_U32))
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
	rt->rtm_family = family_of(six);
	rt->rtm_dst_len = rt->rtm_src_len = octets(six) * 8;
	rt->rtm_flags = RTM_F_LOOKUP_TABLE;
	mnl_attr_put(request, RTA_DST, octets(six), t->ptb.client);
	mnl_attr_put(request, RTA_SRC, octets(six), t->ptb.router);
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

/* ---- the whole */

static void wait_for_it(struct trial *t)
{
	static const struct timespec moment = { .tv_nsec = 5000000 };

	for (int ms = 0; ms <= PATIENCE_MS; ms += 5) {
		t->facts->after = path_mtu(t);
		t->facts->reached = t->facts->after && t->facts->after < t->facts->before;
		if (t->facts->reached)
			return;
		nanosleep(&moment, NULL);
	}
}

static int put(struct trial *t)
{
	struct tm_trial as = { .link = t->ptb.link, .family = t->ptb.family };
	struct tm_frame frame;

	tm_trial_ptb_build(&t->ptb, &frame);
	return io_trial_put(t->device->index, &as, &frame, t->e);
}

static int try_it(struct trial *t)
{
	struct io_conntrack_flow flow = { .ipv6 = t->facts->ipv6, .source = t->ptb.client, .destination = t->ptb.server };
	int err = open_socket(t);

	if (err)
		return err;
	flow.source_port = t->ptb.client_port;
	flow.destination_port = t->ptb.server_port;
	io_conntrack_add(&flow, 2); /* where there is none, nobody misses it */
	t->facts->before = path_mtu(t);
	err = put(t);
	if (!err)
		wait_for_it(t);
	io_conntrack_delete(&flow);
	return err;
}

static int prepare(struct trial *t)
{
	struct tm_device_facts d;
	int err = io_link_facts(&d, t->device->index, t->e);
	bool six = t->facts->ipv6;

	if (!err)
		err = find_router(t);
	if (err)
		return err;
	t->ptb.link = io_device_link(t->device);
	if (t->ptb.link == PK_LINK_UNKNOWN || !d.up)
		return -EAFNOSUPPORT;
	t->ptb.family = six ? PK_IPV6 : PK_IPV4;
	memcpy(t->ptb.to, d.address, sizeof(t->ptb.to));
	memcpy(t->ptb.client, six ? client6 : client4, octets(six));
	memcpy(t->ptb.server, six ? server6 : server4, octets(six));
	t->ptb.mtu = TOLD;
	if (getrandom(&t->ptb.sequence, sizeof(t->ptb.sequence), 0) < 0)
		t->ptb.sequence = 0x544d5353;
	return 0;
}

int io_tproxy_trial(const struct io_device *device, struct tm_tproxy_facts *facts, struct tm_error *e)
{
	struct trial t = { .facts = facts, .device = device, .socket = -1, .e = e };
	sigset_t all, before;
	int err = prepare(&t);

	if (err)
		return err;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	route(facts->ipv6, 0);
	err = route(facts->ipv6, device->index);
	if (err)
		tm_error_code(e, err, "a route for the trial%s%s", err == -EPERM ? "" : ": ",
			      err == -EPERM ? " is not permitted: run as root" : strerror(-err));
	else
		err = try_it(&t);
	if (!err && !facts->reached) {
		ask_way(&t);
		read_settings(facts, device->name);
	}
	if (t.socket >= 0)
		close(t.socket);
	route(facts->ipv6, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
