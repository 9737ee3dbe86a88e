/* SPDX-License-Identifier: BSD-2-Clause */
#include "conntrack-entry.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "netlink.h"

#define REQUEST 512 /* bytes */

static void put_tuple(struct nlmsghdr *request, uint16_t type, const struct io_conntrack_flow *f, bool reply)
{
	struct nlattr *tuple = mnl_attr_nest_start(request, type), *part = mnl_attr_nest_start(request, CTA_TUPLE_IP);
	size_t size = f->ipv6 ? 16 : 4;

	mnl_attr_put(request, f->ipv6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, size, reply ? f->destination : f->source);
	mnl_attr_put(request, f->ipv6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, size, reply ? f->source : f->destination);
	mnl_attr_nest_end(request, part);
	part = mnl_attr_nest_start(request, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(request, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(request, CTA_PROTO_SRC_PORT, htons(reply ? f->destination_port : f->source_port));
	mnl_attr_put_u16(request, CTA_PROTO_DST_PORT, htons(reply ? f->source_port : f->destination_port));
	mnl_attr_nest_end(request, part);
	mnl_attr_nest_end(request, tuple);
}

static struct nlmsghdr *begin(char *buffer, uint8_t message, uint16_t flags, const struct io_conntrack_flow *f)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *nf;

	request->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | message;
	request->nlmsg_flags = NLM_F_ACK | flags;
	nf = mnl_nlmsg_put_extra_header(request, sizeof(*nf));
	nf->nfgen_family = f->ipv6 ? AF_INET6 : AF_INET;
	nf->version = NFNETLINK_V0;
	put_tuple(request, CTA_TUPLE_ORIG, f, false);
	return request;
}

static int taken(const struct nlmsghdr *message, void *ctx)
{
	return MNL_CB_OK;
}

int io_conntrack_add(const struct io_conntrack_flow *flow, unsigned seconds)
{
	char buffer[REQUEST] = { 0 };
	struct nlmsghdr *request = begin(buffer, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL, flow);
	struct nlattr *info, *tcp;

	put_tuple(request, CTA_TUPLE_REPLY, flow, true);
	mnl_attr_put_u32(request, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
	mnl_attr_put_u32(request, CTA_TIMEOUT, htonl(seconds));
	info = mnl_attr_nest_start(request, CTA_PROTOINFO);
	tcp = mnl_attr_nest_start(request, CTA_PROTOINFO_TCP);
	mnl_attr_put_u8(request, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
	mnl_attr_nest_end(request, tcp);
	mnl_attr_nest_end(request, info);
	return io_netlink_ask_bus(NETLINK_NETFILTER, request, taken, NULL);
}

int io_conntrack_delete(const struct io_conntrack_flow *flow)
{
	char buffer[REQUEST] = { 0 };
	struct nlmsghdr *request = begin(buffer, IPCTNL_MSG_CT_DELETE, 0, flow);

	return io_netlink_ask_bus(NETLINK_NETFILTER, request, taken, NULL);
}
