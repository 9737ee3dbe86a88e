/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial-ptb.h"

#include <string.h>

#include "core/icmp.h"
#include "core/sum.h"

#define QUOTED 1500 /* bytes of the packet that did not fit */

static uint32_t sum(const uint8_t *p, uint32_t n)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i + 1 < n; i += 2)
		total += pk_get16(p + i);
	return total;
}

/* An IP header, its checksum too. Returns its length. */
static uint32_t put_ip(uint8_t *ip, enum pk_family family, uint8_t protocol, const uint8_t *from, const uint8_t *to,
		       uint32_t payload, uint8_t hops)
{
	if (family == PK_IPV6) {
		ip[0] = 0x60;
		pk_put16(ip + 4, payload);
		ip[6] = protocol;
		ip[7] = hops;
		memcpy(ip + 8, from, 16);
		memcpy(ip + 24, to, 16);
		return PK_IPV6_HEADER;
	}
	ip[0] = 0x45;
	pk_put16(ip + 2, PK_IPV4_HEADER + payload);
	ip[6] = 0x40; /* do not fragment */
	ip[8] = hops;
	ip[9] = protocol;
	memcpy(ip + 12, from, 4);
	memcpy(ip + 16, to, 4);
	pk_put16(ip + 10, ~pk_fold(sum(ip, PK_IPV4_HEADER)));
	return PK_IPV4_HEADER;
}

void tm_trial_ptb_build(const struct tm_trial_ptb *t, struct tm_frame *frame)
{
	bool six = t->family == PK_IPV6;
	uint32_t header = six ? PK_IPV6_HEADER : PK_IPV4_HEADER, octets = PK_ICMP_HEADER + header + PK_TCP_HEADER,
		 total;
	uint8_t *ip, *icmp, *tcp;

	*frame = (struct tm_frame){ 0 };
	ip = frame->bytes;
	if (t->link == PK_LINK_ETHERNET) {
		memcpy(ip, t->to, 6);
		ip[6] = 0x02; /* locally administered; nobody's */
		pk_put16(ip + 12, six ? PK_ETH_IPV6 : PK_ETH_IPV4);
		ip += PK_ETH_HEADER;
	}
	icmp = ip + put_ip(ip, t->family, six ? PK_PROTO_ICMPV6 : PK_PROTO_ICMP, t->router, t->client, octets, 1);
	icmp[0] = six ? 2 : 3;
	icmp[1] = six ? 0 : 4;
	pk_put16(icmp + 6, t->mtu);
	tcp = icmp + PK_ICMP_HEADER;
	tcp += put_ip(tcp, t->family, PK_PROTO_TCP, t->client, t->server, QUOTED - header, 63);
	pk_put16(tcp, t->client_port);
	pk_put16(tcp + 2, t->server_port);
	pk_put16(tcp + 4, t->sequence >> 16);
	pk_put16(tcp + 6, t->sequence);
	tcp[PK_TCP_OFFSET] = PK_TCP_HEADER / 4 << 4;
	tcp[PK_TCP_FLAGS] = 0x10; /* ACK */
	total = sum(icmp, octets);
	if (six)
		total += sum(ip + 8, 32) + PK_PROTO_ICMPV6 + octets;
	pk_put16(icmp + 2, ~pk_fold(total));
	frame->len = (uint32_t)(icmp - frame->bytes) + octets;
}
