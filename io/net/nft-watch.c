/* SPDX-License-Identifier: BSD-2-Clause */
#include "nft-watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "netlink.h"

static struct nlmsghdr *question(char buffer[IO_NETLINK_REQUEST], unsigned type, unsigned flags, unsigned family)
{
	struct nlmsghdr *h;
	struct nfgenmsg *g;

	memset(buffer, 0, IO_NETLINK_REQUEST);
	h = mnl_nlmsg_put_header(buffer);
	h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | type;
	h->nlmsg_flags = flags;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = (uint8_t)family;
	g->version = NFNETLINK_V0;
	return h;
}

static const struct nlattr *attribute(const struct nlmsghdr *h, unsigned type, size_t len)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) == type &&
							     mnl_attr_get_payload_len(a) >= len) return a;
	return NULL;
}

static uint32_t number(const struct nlmsghdr *h, unsigned type)
{
	const struct nlattr *a = attribute(h, type, sizeof(uint32_t));

	return a ? ntohl(mnl_attr_get_u32(a)) : 0;
}

static int take_generation(const struct nlmsghdr *h, void *ctx)
{
	*(uint32_t *)ctx = number(h, NFTA_GEN_ID);
	return MNL_CB_OK;
}

static int take_table(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *handle = attribute(h, NFTA_TABLE_HANDLE, sizeof(uint64_t));
	struct io_nft_mark *mark = ctx;

	mark->handle = handle ? be64toh(mnl_attr_get_u64(handle)) : 0;
	mark->use = number(h, NFTA_TABLE_USE);
	mark->flags = number(h, NFTA_TABLE_FLAGS);
	return MNL_CB_OK;
}

static int take_rule(const struct nlmsghdr *h, void *ctx)
{
	((struct io_nft_mark *)ctx)->rules++;
	return MNL_CB_OK;
}

static int ask_generation(uint32_t *generation)
{
	char buffer[IO_NETLINK_REQUEST];

	return io_netlink_ask_bus(NETLINK_NETFILTER, question(buffer, NFT_MSG_GETGEN, 0, AF_UNSPEC), take_generation,
				  generation);
}

int io_nft_mark(struct io_nft_mark *mark, const char *table)
{
	char buffer[IO_NETLINK_REQUEST];
	struct nlmsghdr *h;
	int err;

	*mark = (struct io_nft_mark){ 0 };
	err = ask_generation(&mark->generation);
	if (err)
		return err;
	h = question(buffer, NFT_MSG_GETTABLE, 0, NFPROTO_INET);
	mnl_attr_put_strz(h, NFTA_TABLE_NAME, table);
	err = io_netlink_ask_bus(NETLINK_NETFILTER, h, take_table, mark);
	if (err)
		return err == -ENOENT ? 0 : err;
	h = question(buffer, NFT_MSG_GETRULE, NLM_F_DUMP, NFPROTO_INET);
	mnl_attr_put_strz(h, NFTA_RULE_TABLE, table);
	return io_netlink_ask_bus(NETLINK_NETFILTER, h, take_rule, mark);
}

bool io_nft_unchanged(struct io_nft_mark *mark, const char *table)
{
	struct io_nft_mark now;
	uint32_t generation;

	if (ask_generation(&generation) || generation == mark->generation)
		return true;
	if (io_nft_mark(&now, table))
		return true;
	if (!now.handle || now.handle != mark->handle || now.use != mark->use || now.flags != mark->flags ||
	    now.rules != mark->rules)
		return false;
	mark->generation = now.generation;
	return true;
}
