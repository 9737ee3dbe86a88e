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

static const struct table proxy = {
	{ { "client" }, { "proxy", TM_LAB_ROUTER }, { "router", TM_LAB_ROUTER }, { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "proxy", "lan0", 1 } }, 1 },
		{ { { "proxy", "wan0", 1 }, { "router", "lan0", 2 } }, 2 },
		{ { { "router", "thin0", 1 }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

/* The same from the other end: what is too big is what the client gets. */
static const struct table proxy_client_side = {
	{ { "client" }, { "router", TM_LAB_ROUTER }, { "proxy", TM_LAB_ROUTER }, { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "router", "thin0", 1 } }, 1, .narrow = true },
		{ { { "router", "lan0", 1 }, { "proxy", "lan0", 2 } }, 2 },
		{ { { "proxy", "wan0", 1 }, { "server", "eth0", 2 } }, 4 },
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

/* The attackers, as many as are chosen, are put between client and switch. */
static const struct table flood = {
	{ { "client" }, { "switch", TM_LAB_BRIDGE }, { "gateway", TM_LAB_ROUTER }, { "server" } },
	{
		{ { { "client", "eth0", 2 }, { "switch", "client" } }, 1 },
		{ { { "switch", "gateway" }, { "gateway", "lan0", 1 } }, 1 },
		{ { { "gateway", "wan0", 1 }, { "server", "eth0", 2 } }, 4, .narrow = true },
	},
};

static const char *const attackers[] = { "attacker1", "attacker2", "attacker3", "attacker4", "attacker5", "attacker6" };

static const struct table *table_of(enum tm_lab_network network, bool client_side)
{
	switch (network) {
	case TM_LAB_PATH:
		return &path;
	case TM_LAB_PROXY:
		return client_side ? &proxy_client_side : &proxy;
	case TM_LAB_WIRE:
		return &wire;
	case TM_LAB_FLOOD:
		return &flood;
	case TM_LAB_BRIDGED:
	case TM_LAB_NETWORKS:
		break;
	}
	return &bridge;
}

static void take_table(struct tm_lab *lab, const struct table *t)
{
	for (size_t i = 0; i < sizeof(t->hosts) / sizeof(*t->hosts) && t->hosts[i].name; i++)
		lab->hosts[lab->host_count++] = t->hosts[i];
	for (size_t i = 0; i < sizeof(t->links) / sizeof(*t->links) && t->links[i].end[0].host; i++)
		lab->links[lab->link_count++] = t->links[i];
	for (size_t i = 0; i < lab->link_count; i++)
		lab->links[i].mtu = lab->links[i].narrow ? lab->choice.mtu : ETHERNET;
}

static void add_attackers(struct tm_lab *lab)
{
	unsigned n = lab->choice.attackers;

	memmove(&lab->hosts[1 + n], &lab->hosts[1], (lab->host_count - 1) * sizeof(*lab->hosts));
	memmove(&lab->links[1 + n], &lab->links[1], (lab->link_count - 1) * sizeof(*lab->links));
	for (unsigned i = 0; i < n; i++) {
		lab->hosts[1 + i] = (struct tm_lab_host){ attackers[i] };
		lab->links[1 + i] = (struct tm_lab_link){ { { attackers[i], "eth0", (unsigned char)(3 + i) },
							    { "switch", attackers[i] } },
							  1,
							  .mtu = ETHERNET };
	}
	lab->host_count += n;
	lab->link_count += n;
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

static void plan_proxy(struct tm_lab *lab)
{
	const char *end = lab->choice.client_side ? "client" : "server";
	unsigned mss = lab->choice.raise_mss;

	lab->proxied = !lab->choice.bare;
	if (lab->choice.mtu < ETHERNET)
		tell(lab, "the link between router and %s carries %u bytes", end, lab->choice.mtu);
	if (mss && !lab->choice.bare) {
		tell(lab, "tcpmss raises the MSS in the %s of the %s to %u",
		     lab->choice.client_side ? "SYN" : "SYN-ACK", end, mss);
		start(lab, end, "attach eth0 --mss %u --allow-increase --direction out --name raise", mss);
	}
	if (!lab->proxied)
		return;
	tell(lab,
	     "the proxy's rules take TCP only, as everybody copies them: a packet-too-big for its own connections is sent on to the %s",
	     lab->choice.client_side ? "server" : "client");
	start(lab, "proxy", "lab relay --background --port %d", TM_LAB_PROXY_PORT);
}

void tm_lab_plan(struct tm_lab *lab, const char *name, enum tm_lab_network network, const struct tm_lab_choice *choice)
{
	*lab = (struct tm_lab){ .network = network, .choice = *choice };
	snprintf(lab->name, sizeof(lab->name), "%s", name);
	take_table(lab, table_of(network, choice->client_side));
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
		add_attackers(lab);
		break;
	case TM_LAB_BRIDGED:
	case TM_LAB_NETWORKS:
		break;
	}
	tm_lab_hints(lab);
}

const struct tm_lab_host *tm_lab_host(const struct tm_lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->host_count; i++)
		if (!strcmp(lab->hosts[i].name, name))
			return &lab->hosts[i];
	return NULL;
}
