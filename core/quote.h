/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a PTB quotes: the beginning of the packet that did not fit. At least its IP header and 8 bytes (RFC 792), so that ports and
 * the sequence number are there. The quoted packet's own length is larger than what is quoted of it.
 *
 * Checksums are for user space (lib/pmtu/ptb.h), which looks at everything again.
 */
#ifndef PK_QUOTE_H
#define PK_QUOTE_H

#include "icmp.h"
#include "refusal.h"
#include "segment.h"

#define PK_QUOTE_BYTES 8 /* of the quoted packet's TCP header, at least */

#define PK_PMTU_MIN4 68 /* RFC 791 */
#define PK_PMTU_MIN6 1280 /* RFC 8200, 5 */

struct pk_quote {
	struct pk_flow flow; /* from the sender of what did not fit toward its destination */
	__u32 seq; /* of the first byte of its payload */
	__u32 mtu; /* what the PTB tells, 0: nothing */
	__u32 length; /* of the quoted packet, IP header included, as that header says */
	__u8 header; /* of IP, in bytes: IPv4 20 to 60, IPv6 40 */
	bool df; /* IPv4: DF set; IPv6: true */
	__u16 payload; /* at least so many bytes of it did it carry, whatever its TCP options */
};

PK_INLINE enum pk_refusal pk_quote_fault(enum pk_reason reason)
{
	if (reason == PK_GO_ON)
		return PK_NOT_REFUSED;
	if (reason == PK_TRUNCATED)
		return PK_REFUSED_SHORT_QUOTE;
	if (reason == PK_FRAGMENT)
		return PK_REFUSED_QUOTED_FRAGMENT;
	return reason == PK_NOT_TCP ? PK_REFUSED_QUOTE_NOT_TCP : PK_REFUSED_BAD_QUOTE;
}

/* Lengths and DF of the quoted packet at inner->l3, which was parsed. */
PK_INLINE bool pk_quote_header(const struct pk_view *v, const struct pk_packet *inner, struct pk_quote *q)
{
	__u32 headers = inner->l4 - inner->l3 + PK_TCP_HEADER_MAX;
	__u8 ip[8];

	if (!pk_take(v, inner->l3, ip, sizeof(ip)))
		return false;
	if (inner->family == PK_IPV4) {
		q->header = (ip[0] & 0x0f) * 4;
		q->length = pk_get16(ip + 2);
		q->df = ip[6] & 0x40;
	} else {
		q->header = PK_IPV6_HEADER;
		q->length = pk_get16(ip + 4) + PK_IPV6_HEADER;
		q->df = true;
	}
	q->payload = q->length > headers ? q->length - headers : 0;
	return true;
}

/*
 * A quoted SYN's payload begins one later. Its flags are there where more than 8 bytes are quoted; a SYN with data of which less is
 * quoted is not recognised, and not believed.
 */
PK_INLINE bool pk_quoted_seq(const struct pk_view *v, const struct pk_packet *inner, __u32 end, struct pk_quote *q)
{
	__u8 tcp[8];

	if (!pk_take(v, inner->l4, tcp, sizeof(tcp)))
		return false;
	q->seq = pk_get32(tcp + 4);
	if (inner->l4 + PK_TCP_FLAGS + 1 <= end && pk_take(v, inner->l4 + PK_TCP_FLAGS, tcp, 1) && tcp[0] & PK_TCP_SYN)
		q->seq++;
	return true;
}

/*
 * Parses MTU and quote of a PTB, pk_is_ptb(); sets pk->segment to the length of the ICMP message. All of the quote lies inside that
 * message: what is behind it (a frame's padding) is not taken for a part. *q is whole for PK_NOT_REFUSED only.
 */
PK_INLINE enum pk_refusal pk_parse_quote(const struct pk_view *v, struct pk_packet *pk, struct pk_quote *q)
{
	struct pk_packet inner = { .family = pk->family, .l3 = pk->l4 + PK_ICMP_HEADER };
	enum pk_refusal fault;
	__u32 end;

	if (pk->more_fragments || pk_measure_segment(v, pk) != PK_GO_ON)
		return PK_REFUSED_PTB_CUT;
	end = pk->l4 + pk->segment;
	if (inner.l3 + PK_IPV4_HEADER > end || !pk_ptb_mtu(v, pk, &q->mtu))
		return PK_REFUSED_SHORT_QUOTE;
	fault = pk_quote_fault(pk_parse_ip(v, &inner));
	if (fault != PK_NOT_REFUSED)
		return fault;
	if (inner.l4 + PK_QUOTE_BYTES > end)
		return PK_REFUSED_SHORT_QUOTE;
	if (!pk_flow_of(v, &inner, &q->flow) || !pk_quote_header(v, &inner, q) || !pk_quoted_seq(v, &inner, end, q))
		return PK_REFUSED_SHORT_QUOTE;
	return PK_NOT_REFUSED;
}

/* The rules that need nothing but the quote: whether a router may have said such a thing of such a packet. */
PK_INLINE enum pk_refusal pk_judge_quote(const struct pk_quote *q)
{
	if (!q->df)
		return PK_REFUSED_QUOTE_DF_CLEAR;
	if (q->flow.family == PK_IPV4 ? q->mtu && q->mtu < PK_PMTU_MIN4 : q->mtu < PK_PMTU_MIN6)
		return PK_REFUSED_BELOW_MINIMUM;
	if (q->length <= q->mtu)
		return PK_REFUSED_QUOTE_FITS;
	return PK_NOT_REFUSED;
}

#endif
