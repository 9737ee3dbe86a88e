/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads a TCP packet, or the beginning of a quoted one, as a flow and a segment of it.
 */
#ifndef PK_SEGMENT_H
#define PK_SEGMENT_H

#include "flow.h"
#include "tcp.h"

/* Reads addresses and, at pk->l4, ports. False where the frame ends before. */
PK_INLINE bool pk_flow_of(const struct pk_view *v, const struct pk_packet *pk, struct pk_flow *flow)
{
	__u8 ports[4];

	__builtin_memset(flow, 0, sizeof(*flow));
	flow->family = pk->family;
	if (pk->family == PK_IPV4) {
		if (!pk_take(v, pk->l3 + 12, flow->src, 4) || !pk_take(v, pk->pseudo_dst, flow->dst, 4))
			return false;
	} else {
		if (!pk_take(v, pk->l3 + 8, flow->src, 16) || !pk_take(v, pk->pseudo_dst, flow->dst, 16))
			return false;
	}
	if (!pk_take(v, pk->l4, ports, sizeof(ports)))
		return false;
	flow->sport = pk_get16(ports);
	flow->dport = pk_get16(ports + 2);
	return true;
}

/*
 * A TCP packet that pk_parse_ip() has let pass, as a segment. gso is the payload of one packet of a train, 0: it is none. False for
 * what is cut or impossible, and for fragments.
 */
PK_INLINE bool pk_segment_of(const struct pk_view *v, struct pk_packet *pk, __u32 gso, struct pk_segment *s)
{
	__u32 header, headers;
	__u8 tcp[PK_TCP_FLAGS + 1], ip[2];

	if (pk->more_fragments || pk_measure_segment(v, pk) != PK_GO_ON || !pk_flow_of(v, pk, &s->flow) ||
	    !pk_take(v, pk->l4, tcp, sizeof(tcp)))
		return false;
	header = (tcp[PK_TCP_OFFSET] >> 4) * 4;
	if (header < PK_TCP_HEADER || header > pk->segment)
		return false;
	s->seq = pk_get32(tcp + 4);
	s->flags = tcp[PK_TCP_FLAGS];
	s->payload = pk->segment - header;
	headers = pk->l4 - pk->l3 + header;
	headers += gso && gso < s->payload ? gso : s->payload;
	s->length = headers < 0xffff ? headers : 0xffff;
	s->df = true;
	if (pk->family == PK_IPV4) {
		if (!pk_take(v, pk->l3 + 6, ip, 2))
			return false;
		s->df = ip[0] & 0x40;
	}
	return true;
}

#endif
