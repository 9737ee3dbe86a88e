/* SPDX-License-Identifier: BSD-2-Clause */
#include "ptb.h"

/* Of n bytes at off, which were checked to be there. */
static __u32 sum_bytes(const struct pk_view *v, __u32 off, __u32 n)
{
	const __u8 *p = v->frame + off;
	__u32 sum = 0;

	for (__u32 at = 0; at + 1 < n; at += 2)
		sum = pk_fold(sum + pk_get16(p + at));
	return n & 1 ? sum + (p[n - 1] << 8) : sum;
}

/* RFC 792: over the message. RFC 4443, 2.3: the pseudo-header of IPv6 before it; a routing header's final destination counts. */
static bool checksum_right(const struct pk_view *v, const struct pk_packet *pk)
{
	__u32 sum = sum_bytes(v, pk->l4, pk->segment);

	if (pk->family == PK_IPV4)
		return pk_fold(sum) == 0xffff && pk_fold(sum_bytes(v, pk->l3, pk->l4 - pk->l3)) == 0xffff;
	sum += sum_bytes(v, pk->l3 + 8, 16) + PK_PROTO_ICMPV6 + (pk->segment >> 16) + (pk->segment & 0xffff);
	return pk_inside(v, pk->pseudo_dst, 16) && pk_fold(sum + sum_bytes(v, pk->pseudo_dst, 16)) == 0xffff;
}

/* Whether it goes to whom the quoted packet came from. */
static bool to_sender(const struct pk_view *v, const struct pk_packet *pk, const struct pk_flow *quoted)
{
	__u32 n = pk->family == PK_IPV4 ? 4 : 16;

	return pk_inside(v, pk->pseudo_dst, n) && memcmp(v->frame + pk->pseudo_dst, quoted->src, n) == 0;
}

enum pk_refusal tm_ptb_judge(const struct pk_view *v, struct pk_packet *packet, struct tm_ptb *ptb)
{
	__u32 n = packet->family == PK_IPV4 ? 4 : 16;
	enum pk_refusal refusal;

	memset(ptb, 0, sizeof(*ptb));
	if (pk_parse_ip(v, packet) != PK_NOT_TCP || !pk_is_ptb(v, packet))
		return PK_REFUSED_NOT_PTB;
	if (packet->more_fragments || pk_measure_segment(v, packet) != PK_GO_ON || packet->segment < PK_ICMP_HEADER)
		return PK_REFUSED_PTB_CUT;
	if (!checksum_right(v, packet))
		return PK_REFUSED_BAD_CHECKSUM;
	memcpy(ptb->reporter, v->frame + packet->l3 + (packet->family == PK_IPV4 ? 12 : 8), n);
	refusal = pk_parse_quote(v, packet, &ptb->quote);
	if (refusal != PK_NOT_REFUSED)
		memset(&ptb->quote, 0, sizeof(ptb->quote));
	else if (!to_sender(v, packet, &ptb->quote.flow))
		refusal = PK_REFUSED_NOT_TO_SENDER;
	else
		refusal = pk_judge_quote(&ptb->quote);
	return refusal;
}

enum pk_refusal tm_ptb_parse(const void *bytes, size_t len, struct tm_ptb *ptb)
{
	const struct pk_view v = { .frame = (__u8 *)bytes, .len = len > 0xffff ? 0xffff : len, .room = len };
	struct pk_packet packet = {};

	memset(ptb, 0, sizeof(*ptb));
	return pk_parse_raw(&v, &packet) == PK_GO_ON ? tm_ptb_judge(&v, &packet, ptb) : PK_REFUSED_NOT_PTB;
}
