/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Parse step 1: from the first byte of a frame to its IP header.
 *
 * Ethernet with up to PK_MAX_TAGS tags (802.1Q, 802.1ad, 0x9100) and PPPoE sessions (RFC 2516), and the link types of captures
 * (LINKTYPE_* of tcpdump.org).
 */
#ifndef PK_LINK_H
#define PK_LINK_H

#include "packet.h"
#include "view.h"

enum pk_link {
	PK_LINK_UNKNOWN, /* passes, counted as not-ip */
	PK_LINK_ETHERNET,
	PK_LINK_RAW, /* begins with the IP header */
	PK_LINK_NULL, /* BSD loopback: address family in the byte order of the writer */
	PK_LINK_LOOP, /* OpenBSD loopback: address family in network order */
	PK_LINK_SLL, /* Linux cooked v1 */
	PK_LINK_SLL2, /* Linux cooked v2 */
	PK_LINK_PPP, /* with or without the HDLC bytes ff 03 */
	PK_LINK_PPPOE, /* begins with the PPPoE header */
};

#define PK_MAX_TAGS 8

#define PK_ETH_IPV4  0x0800
#define PK_ETH_IPV6  0x86dd
#define PK_ETH_PPPOE 0x8864
#define PK_PPP_IPV4  0x0021
#define PK_PPP_IPV6  0x0057

#define PK_ETH_HEADER   14
#define PK_PPPOE_HEADER 6

PK_INLINE bool pk_is_tag(__u16 type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

PK_INLINE enum pk_reason pk_family_is(struct pk_packet *pk, enum pk_family family, __u32 l3)
{
	pk->family = family;
	pk->l3 = l3;
	return PK_GO_ON;
}

/* The PPP protocol field at off; one byte where the sender compressed it (RFC 1661, 6.5: the first byte is even else). */
PK_INLINE enum pk_reason pk_parse_ppp(const struct pk_view *v, struct pk_packet *pk, __u32 off)
{
	__u8 p[2];
	__u32 protocol, len;

	if (!pk_load(v, off, p, 1))
		return PK_TRUNCATED;
	protocol = p[0];
	len = 1;
	if (!(p[0] & 1)) {
		if (!pk_load(v, off, p, 2))
			return PK_TRUNCATED;
		protocol = p[0] << 8 | p[1];
		len = 2;
	}
	if (protocol == PK_PPP_IPV4)
		return pk_family_is(pk, PK_IPV4, off + len);
	if (protocol == PK_PPP_IPV6)
		return pk_family_is(pk, PK_IPV6, off + len);
	return PK_NOT_IP;
}

/* A PPPoE header at off: version 1, type 1, code 0 is a session frame. IP's own length rules. */
PK_INLINE enum pk_reason pk_parse_pppoe(const struct pk_view *v, struct pk_packet *pk, __u32 off)
{
	__u8 h[PK_PPPOE_HEADER];

	if (!pk_load(v, off, h, sizeof(h)))
		return PK_TRUNCATED;
	if (h[0] != 0x11 || h[1] != 0)
		return PK_NOT_IP;
	pk->overhead = PK_PPPOE_HEADER + 2;
	pk->pppoe_length = off + 4;
	return pk_parse_ppp(v, pk, off + PK_PPPOE_HEADER);
}

struct pk_tag_walk {
	const struct pk_view *v;
	__u32 off; /* behind the last type field read */
	__u16 type;
	bool cut;
};

static __attribute__((unused)) long pk_tag_step(__u32 i, void *ctx)
{
	struct pk_tag_walk *w = ctx;
	__u8 tag[4];

	if (!pk_is_tag(w->type))
		return 1;
	if (!pk_load(w->v, w->off, tag, sizeof(tag))) {
		w->cut = true;
		return 1;
	}
	w->type = tag[2] << 8 | tag[3];
	w->off += sizeof(tag);
	return 0;
}

/* An EtherType and, at off, what it announces. */
PK_INLINE enum pk_reason pk_parse_ethertype(const struct pk_view *v, struct pk_packet *pk, __u16 type, __u32 off)
{
	if (likely(type == PK_ETH_IPV4))
		return pk_family_is(pk, PK_IPV4, off);
	if (likely(type == PK_ETH_IPV6))
		return pk_family_is(pk, PK_IPV6, off);
	if (pk_is_tag(type)) {
		struct pk_tag_walk w = { .v = v, .off = off, .type = type };

		PK_LOOP(PK_MAX_TAGS, pk_tag_step, &w);
		if (w.cut)
			return PK_TRUNCATED;
		type = w.type;
		off = w.off;
		if (type == PK_ETH_IPV4)
			return pk_family_is(pk, PK_IPV4, off);
		if (type == PK_ETH_IPV6)
			return pk_family_is(pk, PK_IPV6, off);
	}
	if (type == PK_ETH_PPPOE)
		return pk_parse_pppoe(v, pk, off);
	return PK_NOT_IP;
}

/* The type field at `at` of a link header that is `header` bytes long. */
PK_INLINE enum pk_reason pk_parse_typed(const struct pk_view *v, struct pk_packet *pk, __u32 at, __u32 header)
{
	__u8 copy[2];
	const __u8 *type = pk_bytes(v, at, copy, 2);

	if (!type || pk_frame_len(v) < header)
		return PK_TRUNCATED;
	return pk_parse_ethertype(v, pk, pk_get16(type), header);
}

PK_INLINE enum pk_reason pk_parse_raw(const struct pk_view *v, struct pk_packet *pk)
{
	__u8 copy[1];
	const __u8 *ip = pk_bytes(v, 0, copy, 1);

	if (!ip)
		return PK_TRUNCATED;
	if (ip[0] >> 4 == 4)
		return pk_family_is(pk, PK_IPV4, 0);
	if (ip[0] >> 4 == 6)
		return pk_family_is(pk, PK_IPV6, 0);
	return PK_NOT_IP;
}

/* The address family of a loopback capture is AF_INET (2 everywhere) or one of the BSDs' values of AF_INET6. */
PK_INLINE enum pk_reason pk_parse_loopback(const struct pk_view *v, struct pk_packet *pk, bool network_order)
{
	__u8 h[4];
	__u32 af;

	if (!pk_load(v, 0, h, sizeof(h)))
		return PK_TRUNCATED;
	af = pk_get32(h);
	if (!network_order && af > 0xffff)
		af = (__u32)h[3] << 24 | (__u32)h[2] << 16 | (__u32)h[1] << 8 | h[0];
	switch (af) {
	case 2:
		return pk_family_is(pk, PK_IPV4, sizeof(h));
	case 10: /* Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD, DragonFly */
	case 30: /* macOS */
		return pk_family_is(pk, PK_IPV6, sizeof(h));
	}
	return PK_NOT_IP;
}

PK_INLINE enum pk_reason pk_parse_ppp_link(const struct pk_view *v, struct pk_packet *pk)
{
	__u8 h[2];

	if (pk_load(v, 0, h, 2) && h[0] == 0xff && h[1] == 0x03)
		return pk_parse_ppp(v, pk, 2);
	return pk_parse_ppp(v, pk, 0);
}

PK_INLINE enum pk_reason pk_parse_link(const struct pk_view *v, struct pk_packet *pk, enum pk_link link)
{
	switch (link) {
	case PK_LINK_UNKNOWN:
		return PK_NOT_IP;
	case PK_LINK_ETHERNET:
		return pk_parse_typed(v, pk, 12, PK_ETH_HEADER);
	case PK_LINK_RAW:
		return pk_parse_raw(v, pk);
	case PK_LINK_NULL:
		return pk_parse_loopback(v, pk, false);
	case PK_LINK_LOOP:
		return pk_parse_loopback(v, pk, true);
	case PK_LINK_SLL:
		return pk_parse_typed(v, pk, 14, 16);
	case PK_LINK_SLL2:
		return pk_parse_typed(v, pk, 0, 20);
	case PK_LINK_PPP:
		return pk_parse_ppp_link(v, pk);
	case PK_LINK_PPPOE:
		return pk_parse_pppoe(v, pk, 0);
	}
	return PK_NOT_IP;
}

#endif
