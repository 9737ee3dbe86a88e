/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Parse step 2: from the IP header to the transport header.
 *
 * IPv4 (RFC 791) with options, offset 0 only; IPv6 (RFC 8200) with a bounded chain of hop-by-hop, destination, routing and
 * fragment headers. IP's length fields are not looked at here: only SYNs need them (pk_measure_segment).
 */
#ifndef PK_IP_H
#define PK_IP_H

#include "packet.h"
#include "view.h"

#define PK_IPV4_HEADER 20
#define PK_IPV6_HEADER 40
#define PK_MAX_EXTENSIONS 16

enum {
	PK_PROTO_HOPBYHOP = 0,
	PK_PROTO_TCP = 6,
	PK_PROTO_ROUTING = 43,
	PK_PROTO_FRAGMENT = 44,
	PK_PROTO_DESTINATION = 60,
};

PK_INLINE enum pk_reason pk_parse_ipv4(const struct pk_view *v, struct pk_packet *pk)
{
	__u8 copy[PK_IPV4_HEADER];
	const __u8 *ip = pk_bytes(v, pk->l3, copy, PK_IPV4_HEADER);
	__u32 header;
	__u16 fragment;

	if (!ip)
		return PK_TRUNCATED;
	header = (ip[0] & 0x0f) * 4;
	if (ip[0] >> 4 != 4 || header < PK_IPV4_HEADER)
		return PK_BAD_IP_HEADER;
	if (unlikely(header > PK_IPV4_HEADER) && pk->l3 + header > pk_frame_len(v))
		return PK_TRUNCATED;
	fragment = pk_get16(ip + 6);
	if (unlikely(fragment & 0x1fff))
		return PK_FRAGMENT;
	pk->more_fragments = fragment & 0x2000;
	pk->protocol = ip[9];
	pk->pseudo_dst = pk->l3 + 16;
	pk->l4 = pk->l3 + header;
	return pk->protocol == PK_PROTO_TCP ? PK_GO_ON : PK_NOT_TCP;
}

/*
 * With segments left, the pseudo-header holds the final destination (RFC 8200, 8.1): the last address of the list
 * (types 0 and 2), or the first of a segment list, which is stored in reverse (type 4, RFC 8754).
 */
PK_INLINE void pk_final_destination(struct pk_packet *pk, __u32 off, __u32 len, const __u8 *h)
{
	__u8 type = h[2], segments_left = h[3];

	if (!segments_left || len < 8 + 16)
		return;
	if (type == 0 || type == 2)
		pk->pseudo_dst = off + len - 16;
	else if (type == 4)
		pk->pseudo_dst = off + 8;
}

struct pk_chain_walk {
	const struct pk_view *v;
	struct pk_packet *pk;
	enum pk_reason reason;
};

PK_INLINE bool pk_is_extension(__u8 next)
{
	return next == PK_PROTO_HOPBYHOP || next == PK_PROTO_ROUTING || next == PK_PROTO_FRAGMENT ||
	       next == PK_PROTO_DESTINATION;
}

static __attribute__((unused)) long pk_chain_step(__u32 i, void *ctx)
{
	struct pk_chain_walk *w = ctx;
	struct pk_packet *pk = w->pk;
	__u32 len;
	__u8 h[8];

	if (!pk_is_extension(pk->protocol))
		return 1;
	if (!pk_load(w->v, pk->l4, h, sizeof(h))) {
		w->reason = PK_TRUNCATED;
		return 1;
	}
	if (pk->protocol == PK_PROTO_FRAGMENT) {
		__u16 fragment = pk_get16(h + 2);

		len = 8;
		if (fragment & 0xfff8) {
			w->reason = PK_FRAGMENT;
			return 1;
		}
		pk->more_fragments |= fragment & 1;
	} else {
		len = (h[1] + 1) * 8;
		if (pk->protocol == PK_PROTO_ROUTING)
			pk_final_destination(pk, pk->l4, len, h);
	}
	pk->protocol = h[0];
	pk->l4 += len;
	return 0;
}

/* Upper layers that end a chain as surely as TCP does; anything else there might be an extension we do not know. */
PK_INLINE bool pk_is_upper_layer(__u8 next)
{
	switch (next) {
	case 2: /* IGMP */
	case 4: /* IPv4 */
	case 17: /* UDP */
	case 33: /* DCCP */
	case 41: /* IPv6 */
	case 47: /* GRE */
	case 58: /* ICMPv6 */
	case 59: /* no next header */
	case 89: /* OSPF */
	case 103: /* PIM */
	case 112: /* VRRP */
	case 115: /* L2TP */
	case 132: /* SCTP */
	case 136: /* UDP-Lite */
	case 137: /* MPLS */
	case 1: /* ICMP */
		return true;
	}
	return false;
}

PK_INLINE enum pk_reason pk_parse_ipv6(const struct pk_view *v, struct pk_packet *pk)
{
	__u8 copy[PK_IPV6_HEADER];
	const __u8 *ip = pk_bytes(v, pk->l3, copy, PK_IPV6_HEADER);

	if (!ip)
		return PK_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return PK_BAD_IP_HEADER;
	pk->protocol = ip[6];
	pk->pseudo_dst = pk->l3 + 24;
	pk->l4 = pk->l3 + PK_IPV6_HEADER;
	if (likely(pk->protocol == PK_PROTO_TCP))
		return PK_GO_ON;

	if (pk_is_extension(pk->protocol)) {
		struct pk_chain_walk w = { .v = v, .pk = pk, .reason = PK_GO_ON };

		PK_LOOP(PK_MAX_EXTENSIONS, pk_chain_step, &w);
		if (w.reason != PK_GO_ON)
			return w.reason;
		if (pk->l4 > pk_frame_len(v))
			return PK_TRUNCATED;
		if (pk->protocol == PK_PROTO_TCP)
			return PK_GO_ON;
	}
	return pk_is_upper_layer(pk->protocol) ? PK_NOT_TCP : PK_EXTENSION_HEADER;
}

PK_INLINE enum pk_reason pk_parse_ip(const struct pk_view *v, struct pk_packet *pk)
{
	return pk->family == PK_IPV4 ? pk_parse_ipv4(v, pk) : pk_parse_ipv6(v, pk);
}

/*
 * Sets pk->segment from IP's length field: a length of 0, as captures of offloaded segments have it, means to the end of
 * the frame.
 */
PK_INLINE enum pk_reason pk_measure_segment(const struct pk_view *v, struct pk_packet *pk)
{
	__u32 frame = pk_frame_len(v), end = frame;
	__u8 copy[2];
	const __u8 *field;
	__u32 length;

	field = pk_bytes(v, pk->l3 + (pk->family == PK_IPV4 ? 2 : 4), copy, 2);
	if (!field)
		return PK_TRUNCATED;
	length = pk_get16(field);
	if (length) {
		if (pk->family == PK_IPV4 && length < pk->l4 - pk->l3)
			return PK_BAD_IP_HEADER;
		end = pk->l3 + length + (pk->family == PK_IPV6 ? PK_IPV6_HEADER : 0);
		if (end > frame)
			return PK_TRUNCATED;
	}
	pk->segment = end > pk->l4 ? end - pk->l4 : 0;
	return PK_GO_ON;
}

#endif
