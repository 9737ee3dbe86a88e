/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What to try in a network of the lab, and the rules of nft that belong to the networks.
 */
#include <stdio.h>
#include <string.h>

#include "lab.h"

const char tm_lab_mute_rules[] =
	"table inet tm_blackhole {\n"
	"	counter lost4 { }\n"
	"	counter lost6 { }\n"
	"	chain output {\n"
	"		type filter hook output priority 0;\n"
	"		icmp type destination-unreachable icmp code frag-needed counter name lost4 drop\n"
	"		icmpv6 type packet-too-big counter name lost6 drop\n"
	"	}\n"
	"}\n";

#define WORD(number) #number
#define TEXT(number) WORD(number)
#define PORT TEXT(TM_LAB_PROXY_PORT)

/* Mark 1 leads to table 100, where everything is local. */
const char tm_lab_proxy_rules[] =
	"table inet tm_proxy {\n"
	"	chain prerouting {\n"
	"		type filter hook prerouting priority mangle;\n"
	"		meta l4proto tcp socket transparent 1 meta mark set 1 accept\n"
	"		iifname \"lan0\" fib daddr type != local meta l4proto tcp tproxy to :" PORT
	" meta mark set 1 accept\n"
	"	}\n"
	"}\n";

static void hint(struct tm_lab *lab, const char *host, const char *command, const char *shows)
{
	struct tm_lab_hint *h = &lab->hints[lab->hint_count++];

	h->host = host;
	snprintf(h->command, sizeof(h->command), "%s", command);
	snprintf(h->shows, sizeof(h->shows), "%s", shows);
}

static void hint_path(struct tm_lab *lab)
{
	bool hangs = lab->choice.blackhole && lab->choice.mtu < 1500;
	char command[64];

	hint(lab, "client", "iperf3 -c 198.18.4.2 -n 3M",
	     hangs ? "hangs: nothing larger arrives, and nobody says so (also -c 2001:db8:4::2)" :
		     "works (also -c 2001:db8:4::2)");
	snprintf(command, sizeof(command), "tcpmss attach wan0 --mtu %u", lab->choice.mtu);
	hint(lab, "gateway", command, "the clamp");
	hint(lab, "client", "iperf3 -c 198.18.4.2 -n 3M", hangs ? "works" : "works, with no segment too large");
	hint(lab, "gateway", "tcpmss show", "what it did");
}

static void hint_proxy(struct tm_lab *lab)
{
	bool hangs = lab->proxied && lab->choice.raise_mss && lab->choice.raise_mss + 40 > lab->choice.mtu;
	const char *reverse = lab->choice.server_wide ? " -R" : "";
	char command[64];

	snprintf(command, sizeof(command), "iperf3 -c 2001:db8:4::2 -n 3M%s", reverse);
	hint(lab, "client", command,
	     hangs ? "hangs: the proxy never hears that its segments are too large (also -c 198.18.4.2)" :
		     "works (also -c 198.18.4.2)");
	hint(lab, "proxy", "ss -tin", "its sockets on both sides, with their MSS");
	if (lab->proxied)
		hint(lab, "proxy", "nft list ruleset", "the rules for TCP; none is for ICMP");
	if (hangs)
		hint(lab, "proxy", "tcpmss tproxy up",
		     "brings it the messages: the transfer goes on (and: tproxy check)");
}

static void hint_flood(struct tm_lab *lab)
{
	hint(lab, "client", "iperf3 -c 198.18.4.2 -n 3M", "works, as long as nobody floods");
	hint(lab, "server", "ss -tn state syn-recv", "what a flood of the attackers fills");
	hint(lab, "gateway", "tcpmss protect --help", "SYN cookies at the gateway");
}

static void hint_wire(struct tm_lab *lab)
{
	if (lab->choice.bare)
		hint(lab, "gateway", "tcpmss attach lan0 --wire wan0 --name wire",
		     "joins the two; before, nothing arrives");
	hint(lab, "client", "iperf3 -c 198.18.4.2 -n 3M", "goes through the wire (also -c 2001:db8:4::2)");
	hint(lab, "gateway", "tcpmss show", "what passed");
}

void tm_lab_hints(struct tm_lab *lab)
{
	hint(lab, "server", "iperf3 -s -D", "something to talk to; it ends with the lab");
	switch (lab->network) {
	case TM_LAB_PATH:
		hint_path(lab);
		break;
	case TM_LAB_PROXY:
		hint_proxy(lab);
		break;
	case TM_LAB_WIRE:
		hint_wire(lab);
		break;
	case TM_LAB_FLOOD:
		hint_flood(lab);
		break;
	case TM_LAB_GATEWAY:
	case TM_LAB_BRIDGED:
	case TM_LAB_NETWORKS:
		hint(lab, "client", "iperf3 -c 198.18.4.2 -n 3M", "goes through the gateway (also -c 2001:db8:4::2)");
	}
}
