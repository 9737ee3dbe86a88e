/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The networks of the lab: their tables, and what the choices change.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"

#define ETHERNET 1500

struct table {
	struct tm_lab_host hosts[6];
	struct tm_lab_link links[5];
};

static const struct table gateway = {
	{ { "client" }, { "gateway", TM_LAB_ROUTER }, { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "gateway", "lan0", 1 } }, 1 },
		{ { { "gateway", "wan0", 1 }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

static const struct table path = {
	{ { "client" },
	  { "gateway", TM_LAB_ROUTER },
	  { "router", TM_LAB_ROUTER },
	  { "remote", TM_LAB_ROUTER },
	  { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "gateway", "lan0", 1 } }, 1 },
		{ { { "gateway", "wan0", 1 }, { "router", "lan0", 2 } }, 2 },
		{ { { "router", "thin0", 1 }, { "remote", "thin0", 2 } }, 3, .narrow = true },
		{ { { "remote", "lan0", 1 }, { "server", "eth0", 2 } }, 4 },
	},
};

/* Either side, or both, can be the narrow one: what is too big are uploads or downloads. */
static const struct table proxy = {
	{ { "client" },
	  { "edge", TM_LAB_ROUTER },
	  { "proxy", TM_LAB_ROUTER },
	  { "router", TM_LAB_ROUTER },
	  { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "edge", "thin0", 1 } }, 1, .narrow = true },
		{ { { "edge", "lan0", 2 }, { "proxy", "lan0", 1 } }, 2 },
		{ { { "proxy", "wan0", 1 }, { "router", "lan0", 2 } }, 3 },
		{ { { "router", "thin0", 1 }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

static const struct table wire = {
	{ { "client" }, { "gateway", TM_LAB_BOX }, { "server" } },
	{
		{ { { "client", "eth0", 1 }, { "gateway", "lan0" } }, 4, .narrow = true },
		{ { { "gateway", "wan0" }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

static const struct table bridge = {
	{ { "client" }, { "gateway", TM_LAB_BRIDGE }, { "server" } },
	{
		{ { { "client", "eth0", 1 }, { "gateway", "lan0" } }, 4, .narrow = true },
		{ { { "gateway", "wan0" }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

/* "attackers" is one host with many addresses. */
static const struct table flood = {
	{ { "client" }, { "attackers" }, { "switch", TM_LAB_BRIDGE }, { "gateway", TM_LAB_ROUTER }, { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "switch", "client" } }, 1 },
		{ { { "attackers", "eth0", 3 }, { "switch", "attackers" } }, 1 },
		{ { { "switch", "gateway" }, { "gateway", "lan0", 1 } }, 1 },
		{ { { "gateway", "wan0", 1 }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

/* Answers to a flood go back to where it comes from, as they do elsewhere: 198.18.16.0 - 198.18.79.255, 2001:db8:1::1000 - 4fff. */
static const struct tm_lab_way flood_ways[] = {
	{ "server", "0.0.0.0/0", 4, 1 },
	{ "server", "::/0", 4, 1 },
	{ "gateway", "198.18.16.0/20", 1, 3 },
	{ "gateway", "198.18.32.0/19", 1, 3 },
	{ "gateway", "198.18.64.0/20", 1, 3 },
	{ "gateway", "2001:db8:1::1000/116", 1, 3 },
	{ "gateway", "2001:db8:1::2000/115", 1, 3 },
	{ "gateway", "2001:db8:1::4000/116", 1, 3 },
};

static const struct table *const tables[TM_LAB_NETWORKS] = {
	[TM_LAB_GATEWAY] = &gateway, [TM_LAB_PATH] = &path,   [TM_LAB_PROXY] = &proxy,
	[TM_LAB_WIRE] = &wire,	     [TM_LAB_FLOOD] = &flood, [TM_LAB_BRIDGED] = &bridge,
};

static void take_table(struct tm_lab *lab, const struct table *t)
{
	for (size_t i = 0; i < sizeof(t->hosts) / sizeof(*t->hosts) && t->hosts[i].name; i++)
		lab->hosts[lab->host_count++] = t->hosts[i];
	for (size_t i = 0; i < sizeof(t->links) / sizeof(*t->links) && t->links[i].end[0].host; i++)
		lab->links[lab->link_count++] = t->links[i];
}

static void __attribute__((format(printf, 3, 4))) start(struct tm_lab *lab, const char *host, const char *format, ...)
{
	struct tm_lab_start *s = &lab->starts[lab->start_count++];
	va_list ap;

	s->host = host;
	va_start(ap, format);
	vsnprintf(s->words, sizeof(s->words), format, ap);
	va_end(ap);
}

static void __attribute__((format(printf, 2, 3))) tell(struct tm_lab *lab, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(lab->broken[lab->broken_count++], sizeof(*lab->broken), format, ap);
	va_end(ap);
}

static void plan_path(struct tm_lab *lab)
{
	if (lab->choice.mtu < ETHERNET)
		tell(lab, "the link between router and remote carries %u bytes, and no end of a connection knows",
		     lab->choice.mtu);
	if (!lab->choice.blackhole)
		return;
	tell(lab, "router and remote drop every packet-too-big message that they should send: a black hole");
	for (size_t i = 0; i < lab->host_count; i++)
		lab->hosts[i].mute = !strcmp(lab->hosts[i].name, "router") || !strcmp(lab->hosts[i].name, "remote");
}

/* One side of the proxy whose link is narrow, and what makes the other side send what is too big for it. */
static void narrow_side(struct tm_lab *lab, const char *router, const char *end, const char *says)
{
	unsigned mss = lab->choice.raise_mss;

	if (lab->choice.mtu < ETHERNET)
		tell(lab, "the link between %s and %s carries %u bytes", router, end, lab->choice.mtu);
	if (!mss || lab->choice.bare)
		return;
	tell(lab, "tcpmss raises the MSS in the %s of the %s to %u", says, end, mss);
	start(lab, end, "attach eth0 --mss %u --allow-increase --direction out --name raise", mss);
}

static void plan_proxy(struct tm_lab *lab)
{
	if (lab->choice.client_narrow)
		narrow_side(lab, "edge", "client", "SYN");
	else
		lab->links[0].narrow = false;
	if (!lab->choice.server_wide)
		narrow_side(lab, "router", "server", "SYN-ACK");
	else
		lab->links[3].narrow = false;
	lab->proxied = !lab->choice.bare;
	if (!lab->proxied)
		return;
	tell(lab,
	     "the proxy's rules take TCP only, as everybody copies them: a packet-too-big for its own connections is sent on");
	start(lab, "proxy", "lab relay --background --port %d", TM_LAB_PROXY_PORT);
}

void tm_lab_plan(struct tm_lab *lab, const char *name, enum tm_lab_network network, const struct tm_lab_choice *choice)
{
	*lab = (struct tm_lab){ .network = network, .choice = *choice };
	snprintf(lab->name, sizeof(lab->name), "%s", name);
	take_table(lab, tables[network]);
	switch (network) {
	case TM_LAB_PATH:
		plan_path(lab);
		break;
	case TM_LAB_PROXY:
		plan_proxy(lab);
		break;
	case TM_LAB_WIRE:
		if (!choice->bare)
			start(lab, "gateway", "attach lan0 --wire wan0 --name wire");
		break;
	case TM_LAB_FLOOD:
		lab->ways = flood_ways;
		lab->way_count = sizeof(flood_ways) / sizeof(*flood_ways);
		break;
	case TM_LAB_GATEWAY:
	case TM_LAB_BRIDGED:
	case TM_LAB_NETWORKS:
		break;
	}
	for (size_t i = 0; i < lab->link_count; i++)
		lab->links[i].mtu = lab->links[i].narrow ? choice->mtu : ETHERNET;
	tm_lab_hints(lab);
}

const struct tm_lab_host *tm_lab_host(const struct tm_lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->host_count; i++)
		if (!strcmp(lab->hosts[i].name, name))
			return &lab->hosts[i];
	return NULL;
}
