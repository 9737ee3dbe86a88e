/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <stdio.h>

/*
 * What leaves passes POSTROUTING, forwarded or local. With a device, what comes in by it is seen in PREROUTING;
 * without one, INPUT is enough, because forwarded packets leave by some device.
 */
static void iptables_rule(const char *program, const char *chain, const char *match, const char *device, uint16_t queue)
{
	printf("%s -t mangle -A %s ", program, chain);
	if (device)
		printf("%s '%s' ", match, device);
	printf("-p tcp --tcp-flags SYN,RST SYN -j NFQUEUE --queue-num %u --queue-bypass\n", queue);
}

static void iptables(const char *program, uint16_t queue, const char *device, bool both)
{
	iptables_rule(program, "POSTROUTING", "-o", device, queue);
	if (both)
		iptables_rule(program, device ? "PREROUTING" : "INPUT", "-i", device, queue);
}

static void nft_chain(uint16_t queue, const char *hook, const char *match, const char *device)
{
	printf("nft add chain inet tcpmssd_%u %s '{ type filter hook %s priority mangle; }'\n", queue, hook, hook);
	printf("nft add rule inet tcpmssd_%u %s '", queue, hook);
	if (device)
		printf("%s \"%s\" ", match, device);
	printf("tcp flags & (syn | rst) == syn queue num %u bypass'\n", queue);
}

static void nft(uint16_t queue, const char *device, bool both)
{
	printf("nft add table inet tcpmssd_%u\n", queue);
	nft_chain(queue, "postrouting", "oifname", device);
	if (both)
		nft_chain(queue, device ? "prerouting" : "input", "iifname", device);
}

void rules_print(unsigned kinds, uint16_t queue, const char *device, bool both)
{
	if (kinds & RULES_IPTABLES) {
		printf("# iptables: SYNs to queue %u; they pass unchanged while no tcpmssd reads it\n", queue);
		iptables("iptables", queue, device, both);
		iptables("ip6tables", queue, device, both);
	}
	if (kinds & RULES_NFT) {
		printf("# nftables%s: removed by 'nft delete table inet tcpmssd_%u'\n",
		       kinds & RULES_IPTABLES ? ", instead of the above" : "", queue);
		nft(queue, device, both);
	}
}
